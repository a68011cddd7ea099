//! Rows of a project that name what a caller cannot see are not there for it: not shown, not found,
//! not counted, and not lost when that caller writes.

use serde_json::{Value, json};

use super::{least, make};
use crate::{
    builders::{patch, read, with},
    given::{each, plain, put},
    rights::Stage,
    support::{Server, assert_feed_equals_reads, items},
};

/// What is hidden of each collection from all but readers and administrators, and a project of the
/// keeper that names each of them beside something that anyone sees.
fn fill(server: &Server) -> Stage {
    let stage = Stage::new(server);
    let quiet = |path: &str, body: Value| {
        put(
            server,
            path,
            &with(body, &json!({ "visibility": "restricted" })),
        );
    };
    plain(server, "open");
    quiet(
        "/organisations/geheim",
        json!({ "name": "Geheim", "kind": "ministry" }),
    );
    quiet("/people/stil", json!({ "name": { "family": "Stil" } }));
    put(
        server,
        "/people/smit",
        &json!({ "name": { "family": "Smit" }, "publicationBasis": "function" }),
    );
    quiet(
        "/regions/dicht",
        json!({ "name": "Dicht", "kind": "other", "municipalities": [{ "organisation": "open" }] }),
    );
    let members = json!([{ "organisation": "geheim" }]);
    put(
        server,
        "/regions/noord",
        &json!({ "name": "Noord", "kind": "other", "municipalities": members }),
    );
    put(server, "/themes/breed", &json!({ "label": "Breed" }));
    quiet(
        "/themes/donker",
        json!({ "label": "Donker", "broader": "breed" }),
    );
    quiet("/projects/verborgen", least("Verborgen"));
    make(
        server,
        "Zichtbaar",
        &json!({
            "steward": "keeper", "municipalities": ["geheim"], "regions": ["dicht"], "themes": ["donker"],
            "related": [{ "project": "verborgen", "kind": "part_of" }],
            "participants": [
                { "organisation": "geheim", "role": "lead" },
                { "organisation": "open", "role": "partner", "representedBy": "stil" },
                { "person": "stil", "role": "evaluator" },
                { "partyClass": "scholen", "role": "endorser", "representedBy": "stil" },
            ],
            "funding": [
                { "funders": ["geheim"], "recipient": "smit-bv", "instrument": "other" },
                { "funders": ["open", "geheim"], "instrument": "subsidy", "amount": { "amount": "10" } },
                { "funders": ["open"], "recipient": "geheim", "instrument": "subsidy" },
                { "funders": ["open"], "recipient": { "type": "region", "id": "dicht" }, "instrument": "subsidy" },
            ],
        }),
    );
    stage
}

/// The names of the representatives, in the order of the rows.
fn representatives(project: &Value) -> Vec<Option<String>> {
    let rows = project["participants"].as_array().expect("rows").iter();
    rows.map(|row| row["representedBy"]["slug"].as_str().map(str::to_owned))
        .collect()
}

both! {
    fn rows_that_name_what_is_hidden_are_neither_shown_nor_found_nor_counted(server: &Server) {
        plain(server, "smit-bv");
        let stage = fill(server);
        let admin = server.admin_key();
        for caller in [None, Some(stage.stranger()), Some(stage.own())] {
            let ask = |path: &str| {
                let request = server.get(path);
                match caller {
                    Some(key) => request.key(key),
                    None => request,
                }.send()
            };
            let project = ask("/projects/zichtbaar").expect(200).json();
            for list in ["municipalities", "regions", "themes", "related", "funding"] {
                assert_eq!(project[list], json!([]), "{list}");
            }
            let rows = project["participants"].as_array().expect("rows");
            assert_eq!(rows.len(), 2, "{project}");
            assert_eq!((&rows[0]["organisation"]["slug"], &rows[0]["representedBy"]), (&json!("open"), &Value::Null));
            assert_eq!((&rows[1]["partyClass"], &rows[1]["representedBy"]), (&json!("scholen"), &Value::Null));
            for filter in [
                "region=noord", "municipality=open", "theme=breed", "organisation=open&role=funder", "role=funder",
                "organisation=smit-bv", "role=lead", "role=evaluator", "organisationKind=ministry",
            ] {
                let page = ask(&format!("/projects?count=true&{filter}")).expect(200).json();
                assert_eq!((&page["items"], &page["total"]), (&json!([]), &json!(0)), "{filter}");
                let stats = ask(&format!("/stats?type=projects&{filter}")).expect(200).json();
                assert_eq!(stats["total"], 0, "{filter}");
                let all = read(server, admin, &format!("/projects?{filter}"));
                assert_eq!(each(&all, "slug"), ["zichtbaar"], "{filter}");
            }
            for filter in ["region=dicht", "municipality=geheim", "organisation=geheim", "theme=donker"] {
                ask(&format!("/projects?{filter}")).problem(400, "invalid-input");
            }
            let groups = ask("/stats?type=projects&groupBy=region,municipality,theme").expect(200).json();
            assert_eq!(groups["items"], json!([{ "region": null, "municipality": null, "theme": null, "count": 1 }]));
            let kinds = ask("/stats?type=projects&groupBy=organisationKind").expect(200).json();
            assert_eq!(kinds["items"], json!([{ "organisationKind": "other", "count": 1 }]));
            assert_eq!(ask("/regions/noord/projects").expect(200).json()["items"], json!([]));
            ask("/regions/dicht/projects").problem(404, "not-found");
            ask("/projects/verborgen/team").problem(404, "not-found");
            for path in ["/projects?format=csv", "/projects/zichtbaar/versions/1", "/changes?include=document&type=project"] {
                let body = ask(path).expect(200).text().to_lowercase();
                for name in ["geheim", "stil", "dicht", "donker", "verborgen"] {
                    assert!(!body.contains(name), "{path} tells of {name}");
                }
            }
        }
        assert_eq!(items(&read(server, admin, "/regions/noord/projects")).len(), 1);
    }

    fn a_representative_that_an_editor_cannot_see_stays_with_its_row(server: &Server) {
        plain(server, "smit-bv");
        let stage = fill(server);
        let (admin, editor) = (server.admin_key(), stage.own());
        let path = "/projects/zichtbaar";
        let quiet = || Some("stil".to_owned());
        let whole = || read(server, admin, path);
        let before = whole();
        let seen = read(server, editor, path);
        let back = server.put(path).key(editor).json(&seen).send().expect(200).json();
        assert_eq!(back, seen, "nothing changed for the editor");
        assert_eq!(whole(), before, "and nothing at all");
        let rows = seen["participants"].clone();
        patch(server, editor, path, &json!({ "participants": rows }));
        assert_eq!(whole(), before);

        // By the words that a script sends, and with another member changed.
        let given = json!([
            { "organisation": "open", "role": "signatory", "signed": "2019-12-12" },
            { "partyClass": "scholen", "role": "endorser", "roleDescription": "samen" },
        ]);
        for (method, body) in [
            ("PATCH", json!({ "participants": given })),
            ("PUT", with(seen.clone(), &json!({ "participants": given, "summary": "Nieuw." }))),
        ] {
            let request = if method == "PUT" { server.put(path) } else { server.patch(path) };
            let told = request.key(editor).json(&body).send().expect(200).json();
            assert_eq!(told["participants"][0]["role"], "signatory", "{method}");
            assert_eq!(representatives(&told), [None, None], "{method}");
            let now = whole();
            assert_eq!(representatives(&now), [None, quiet(), None, quiet()], "{method}: {now}");
            assert_eq!(now["participants"][1]["role"], "signatory");
            assert_eq!(now["participants"][3]["roleDescription"], "samen");
            assert_eq!(now["funding"], before["funding"], "{method}");
        }

        // Another representative is a change like any other, and a row of someone else has none.
        let rows = json!([
            { "organisation": "open", "role": "signatory", "representedBy": "smit" },
            { "organisation": "smit-bv", "role": "endorser" },
            { "person": "smit", "role": "endorser" },
        ]);
        patch(server, editor, path, &json!({ "participants": rows }));
        let now = whole();
        let mut all = representatives(&now);
        all.sort();
        assert_eq!(all, [None, None, None, None, Some("smit".into())], "{now}");
        assert_eq!(now["participants"].as_array().map(Vec::len), Some(5), "the two hidden rows are there");
        patch(server, editor, path, &json!({ "participants": [] }));
        assert_eq!(whole()["participants"].as_array().map(Vec::len), Some(2));
        assert_feed_equals_reads(server, admin);
    }

    fn equal_rows_keep_their_own_hidden_representatives(server: &Server) {
        plain(server, "smit-bv");
        let stage = fill(server);
        let (admin, editor) = (server.admin_key(), stage.own());
        put(server, "/people/zacht", &json!({ "name": { "family": "Zacht" } }));
        let row = |who: Option<&str>| json!({ "organisation": "open", "role": "partner", "representedBy": who });
        let path = "/projects/dubbel";
        let rows = json!([row(Some("stil")), row(None), row(Some("zacht")), row(Some("smit"))]);
        put(server, path, &with(least("Dubbel"), &json!({ "steward": "keeper", "participants": rows })));
        let before = read(server, admin, path);
        let seen = read(server, editor, path);
        assert_eq!(representatives(&seen), [None, None, None, Some("smit".into())]);
        server.put(path).key(editor).json(&seen).send().expect(200);
        assert_eq!(read(server, admin, path), before);
        let fewer = json!({ "participants": [seen["participants"][0], seen["participants"][3]] });
        patch(server, editor, path, &fewer);
        assert_eq!(representatives(&read(server, admin, path)), [Some("stil".to_owned()), Some("smit".into())]);
    }

    fn grants_that_name_what_is_hidden_survive_an_edit_of_the_others(server: &Server) {
        plain(server, "smit-bv");
        let stage = fill(server);
        let (admin, editor) = (server.admin_key(), stage.own());
        let path = "/projects/zichtbaar";
        let before = read(server, admin, path);
        let grant = json!({ "funders": ["smit-bv"], "instrument": "own_budget" });
        let told = patch(server, editor, path, &json!({ "funding": [grant] }));
        assert_eq!(told["funding"].as_array().map(Vec::len), Some(1));
        let now = read(server, admin, path);
        let all = now["funding"].as_array().expect("rows");
        for hidden in before["funding"].as_array().expect("rows") {
            assert!(all.contains(hidden), "{hidden} went: {now}");
        }
        assert_eq!(all.len(), 5);
        patch(server, editor, path, &json!({ "funding": [] }));
        assert_eq!(read(server, admin, path)["funding"], before["funding"]);
        // Once the organisation is public, all of it is seen.
        patch(server, admin, "/organisations/geheim", &json!({ "visibility": "public" }));
        let shown = server.get(path).send().expect(200).json();
        assert_eq!(shown["funding"].as_array().map(Vec::len), Some(3), "all but that of the hidden region");
        assert_eq!(each(&json!({ "items": shown["funding"][1]["funders"] }), "slug"), ["open", "geheim"]);
    }

    fn a_row_is_never_taken_for_what_is_left_of_a_hidden_one(server: &Server) {
        plain(server, "smit-bv");
        let stage = fill(server);
        let (admin, editor) = (server.admin_key(), stage.own());
        let grant = |funders: &[&str], recipient: Option<&str>| {
            json!({ "funders": funders, "recipient": recipient, "instrument": "subsidy" })
        };
        let role = |organisation: Option<&str>| {
            json!({ "organisation": organisation, "area": "Hier", "title": "Lid", "kind": "member" })
        };
        let project = json!({
            "name": "Veel", "kind": "project", "steward": "keeper",
            "funding": [grant(&["open"], Some("geheim")), grant(&["open"], None), grant(&["open", "geheim"], None)],
        });
        let person = json!({
            "name": { "family": "Veel" }, "steward": "keeper", "roles": [role(Some("geheim")), role(None)],
        });
        for (path, list, body, kept) in [
            ("/projects/veel", "funding", project, vec![0, 2]),
            ("/people/veel", "roles", person, vec![0]),
        ] {
            let before = put(server, path, &body);
            let seen = read(server, editor, path);
            assert_eq!(seen[list], json!([before[list][1]]), "{path}");
            server.put(path).key(editor).json(&seen).send().expect(200);
            assert_eq!(read(server, admin, path), before, "{path}");
            patch(server, editor, path, &json!({ list: [] }));
            let left: Value = kept.iter().map(|nth: &usize| before[list][*nth].clone()).collect();
            assert_eq!(read(server, admin, path)[list], left, "{path}: the hidden rows stay, the other goes");
        }
    }
}
