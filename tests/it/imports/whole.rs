//! Documents that refer to each other, all or nothing or each on its own, once or again.

use serde_json::{Value, json};

use super::{import, position, project, request, told};
use crate::support::{Server, items};

/// Four documents of two collections that refer to each other in all directions.
fn circle() -> [Value; 4] {
    [
        project(
            "een",
            json!({
                "@name": "p1", "participants": [{"organisation": "@gemeente", "role": "lead"}],
                "related": [{"project": "twee", "kind": "related"}],
            }),
        ),
        project(
            "twee",
            json!({"related": [{"project": "@p1", "kind": "related"}]}),
        ),
        json!({"type": "organisations", "@name": "gemeente", "name": "Proefstad", "kind": "municipality",
            "identifiers": [{"scheme": "cbs", "value": "GM9998"}], "steward": "@gemeente",
            "parents": [{"organisation": "@vereniging", "kind": "part_of"}]}),
        json!({"type": "organisation", "@name": "@vereniging", "name": "Vereniging Proef", "kind": "association"}),
    ]
}

both! {
    fn documents_may_refer_to_each_other_in_any_order_and_in_circles(server: &Server) {
        let done = import(server, "note=Stand%20van%20januari", &circle()).assert_applied();
        assert_eq!(done.statuses(), ["created"; 4]);
        assert_eq!(done.summary["created"], 4);
        let one = server.get("/projects/een").send().expect(200).json();
        assert_eq!(one["participants"][0]["organisation"]["name"], "Proefstad");
        assert_eq!(one["related"][0]["project"]["slug"], "twee");
        let two = server.get("/projects/twee").send().expect(200).json();
        assert_eq!(two["related"][0]["project"]["name"], "een");
        let town = server.get("/organisations/cbs:GM9998").send().expect(200).json();
        assert_eq!(town["steward"]["id"], town["id"]);
        assert_eq!(town["parents"][0]["organisation"]["name"], "Vereniging Proef");
        for document in &done.documents {
            assert_eq!(document["version"], 1, "{document}");
        }
        // One changeset, with its words and its lines.
        let changeset = done.summary["changeset"].as_str().unwrap();
        let path = format!("/changesets/{changeset}");
        let told = server.get(&path).key(server.admin_key()).send().expect(200).json();
        assert_eq!(told["note"], "Stand van januari");
        assert_eq!((&told["documents"], &told["actor"].is_string()), (&json!(4), &true));
        let anonymous = server.get(&path).send().expect(200).json();
        assert!(anonymous.get("note").is_none() && anonymous.get("actor").is_none());
        let lines = server.get(&format!("/changes?changeset={changeset}&include=document")).send();
        let lines = lines.expect(200).json();
        assert_eq!(items(&lines).len(), 4);
        // Each line has the document as it is, with the names of what came after it.
        for line in items(&lines) {
            let path = format!("/{}s/{}", line["type"].as_str().unwrap(), line["id"].as_str().unwrap());
            assert_eq!(line["document"], server.get(&path).send().expect(200).json());
        }
        server.get("/changesets/nothing").send().problem(404, "not-found");
    }

    fn names_that_the_register_makes_are_taken_at_once(server: &Server) {
        let named = |name: &str, rest: Value| {
            let mut organisation = json!({"type": "organisations", "name": name, "kind": "other"});
            organisation.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            organisation
        };
        let part_of = |slug: &str| json!({"parents": [{"organisation": slug, "kind": "part_of"}]});
        let documents = [
            named("Zorg Oost", json!({})),
            named("Zorg West", part_of("zorg-oost")),
            named("Dubbel", json!({"summary": "De ene."})),
            named("Dubbel", json!({"summary": "De andere."})),
            named("Derde", part_of("dubbel-2")),
        ];
        let done = import(server, "", &documents).assert_applied();
        let slugs: Vec<&Value> = done.documents.iter().map(|one| &one["slug"]).collect();
        assert_eq!(slugs, ["zorg-oost", "zorg-west", "dubbel", "dubbel-2", "derde"]);
        let third = server.get("/organisations/derde").send().expect(200).json();
        assert_eq!(third["parents"][0]["organisation"]["name"], "Dubbel");
        // A slug that the file gives to one document is made for no other, wherever that stands.
        let documents = [named("Nieuw", json!({})), named("Ander", json!({"slug": "nieuw"}))];
        let done = import(server, "", &documents).assert_applied();
        assert_eq!(done.documents[0]["slug"], "nieuw-2");
        let documents = [named("Ander", json!({"slug": "zorg-noord"})), named("Zorg Noord", json!({}))];
        let done = import(server, "", &documents).assert_applied();
        assert_eq!(done.documents[1]["slug"], "zorg-noord-2");
    }

    fn a_slug_of_the_file_is_made_for_no_other_even_long_before(server: &Server) {
        // More documents than are written together stand between the two.
        let of = |name: &str, rest: Value| {
            let mut region = json!({"type": "regions", "name": name, "kind": "other"});
            region.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            region
        };
        let mut documents = vec![of("Lang Geleden", json!({}))];
        documents.extend((0..2_000).map(|nth| of(&format!("Streek {nth}"), json!({"slug": format!("streek-{nth}")}))));
        documents.push(of("Een Ander", json!({"slug": "lang-geleden"})));
        documents.push(of("Lang Geleden", json!({"summary": "Nog een."})));
        // Themes are written first; each is told in its place.
        documents.push(json!({"type": "themes", "label": "Later", "slug": "later"}));
        let done = import(server, "mode=partial", &documents).assert_applied();
        let slugs = [0, 2_001, 2_002, 2_003].map(|nth| &done.documents[nth]["slug"]);
        assert_eq!(slugs, ["lang-geleden-2", "lang-geleden", "lang-geleden-3", "later"]);
        let again = import(server, "mode=partial", &documents).assert_applied();
        assert_eq!(again.summary["unchanged"], 2_004);
    }

    fn a_second_run_changes_nothing(server: &Server) {
        import(server, "", &circle()).assert_applied();
        let before = position(server);
        for query in ["", "mode=partial", "onMissing=clear"] {
            let again = import(server, query, &circle()).assert_applied();
            assert_eq!(again.statuses(), ["unchanged"; 4], "{query}");
            assert!(again.summary.get("changeset").is_none());
        }
        assert_eq!(position(server), before);
    }

    fn all_or_nothing_is_nothing_when_one_is_wrong(server: &Server) {
        let before = position(server);
        let documents = [
            project("goed", json!({})),
            project("fout", json!({"kind": "geen-soort", "related": [{"project": "nergens", "kind": "related"}]})),
            project("volgt", json!({"related": [{"project": "fout", "kind": "related"}]})),
        ];
        let done = import(server, "", &documents);
        assert_eq!(done.summary["applied"], false);
        // What refers to the wrong one is not wrong itself.
        assert_eq!(done.statuses(), ["created", "failed", "created"]);
        let of = |place: &str, code: &str| (2, place.to_owned(), code.to_owned());
        let expected = [of("/kind", "unknown_value"), of("/related/0/project", "unknown_reference")];
        assert_eq!(done.errors(), expected);
        assert_eq!(done.documents[1]["errors"][0]["place"]["row"], 2);
        assert_eq!(position(server), before);
        server.get("/projects/goed").send().problem(404, "not-found");
    }

    fn each_on_its_own_leaves_out_what_is_wrong_and_what_refers_to_it(server: &Server) {
        let refers = |to: &str| json!({"related": [{"project": to, "kind": "related"}]});
        let documents = [
            project("d", refers("c")),
            project("c", refers("fout")),
            project("goed", json!({"related": [{"project": "ook-goed", "kind": "related"}]})),
            project("fout", json!({"minimumAge": -3})),
            project("ook-goed", json!({})),
        ];
        let done = import(server, "mode=partial", &documents);
        assert_eq!(done.statuses(), ["failed", "failed", "created", "failed", "created"]);
        assert_eq!((&done.summary["applied"], &done.summary["failed"]), (&json!(true), &json!(3)));
        server.get("/projects/goed").send().expect(200);
        for slug in ["d", "c", "fout"] {
            server.get(&format!("/projects/{slug}")).send().problem(404, "not-found");
        }
        // Once it is mended, the rest follows.
        let mut mended = documents;
        mended[3]["minimumAge"] = json!(3);
        let done = import(server, "mode=partial", &mended).assert_applied();
        assert_eq!(done.statuses(), ["created", "created", "unchanged", "created", "unchanged"]);
    }

    fn rules_between_documents_hold_for_what_comes_together(server: &Server) {
        let part_of = |to: &str| json!({"related": [{"project": to, "kind": "part_of"}]});
        let documents = [
            project("a", part_of("b")), project("b", part_of("c")), project("c", part_of("a")), project("los", json!({})),
        ];
        let done = import(server, "", &documents);
        assert_eq!(done.summary["applied"], false);
        assert!(done.errors().iter().all(|(_, _, code)| code == "cycle"), "{:?}", done.errors());
        assert!(!done.errors().is_empty());
        let done = import(server, "mode=partial", &documents);
        assert_eq!(done.statuses()[3], "created");
        server.get("/projects/a").send().problem(404, "not-found");
    }

    fn an_absent_member_stays_or_becomes_empty_as_it_is_asked(server: &Server) {
        import(server, "", &[project("x", json!({"summary": "Kort.", "results": "Veel.", "minimumAge": 4}))]).assert_applied();
        let patch = project("x", json!({"summary": null, "planning": "Morgen."}));
        let done = import(server, "", std::slice::from_ref(&patch)).assert_applied();
        assert_eq!(done.statuses(), ["changed"]);
        let kept = server.get("/projects/x").send().expect(200).json();
        assert_eq!((&kept["summary"], &kept["results"], &kept["minimumAge"]), (&Value::Null, &json!("Veel."), &json!(4)));
        import(server, "onMissing=clear", std::slice::from_ref(&patch)).assert_applied();
        let cleared = server.get("/projects/x").send().expect(200).json();
        assert_eq!((&cleared["results"], &cleared["planning"]), (&Value::Null, &json!("Morgen.")));
        assert_eq!(cleared["version"], 3);
        // What says that a member has no value leaves it out, whether the document is new or not.
        let mut empty = patch;
        (empty["slug"], empty["contacts"]) = (json!("y"), Value::Null);
        for status in ["created", "unchanged"] {
            let done = import(server, "onMissing=clear", std::slice::from_ref(&empty)).assert_applied();
            assert_eq!(done.statuses(), [status]);
        }
    }

    fn renaming_gives_each_document_that_shows_the_name_one_new_version(server: &Server) {
        import(server, "", &circle()).assert_applied();
        let rename = json!({"type": "organisations", "identifiers": [{"scheme": "cbs", "value": "GM9998"}], "name": "Nieuwstad"});
        let other = project("twee", json!({"summary": "Ook anders.", "participants": [{"organisation": "cbs:GM9998", "role": "partner"}]}));
        let done = import(server, "", &[other, rename]).assert_applied();
        assert_eq!(done.statuses(), ["changed", "changed"]);
        for (path, version) in [("/projects/een", 2), ("/projects/twee", 2), ("/organisations/cbs:GM9998", 2)] {
            let document = server.get(path).send().expect(200).json();
            assert_eq!(document["version"], version, "{path}");
            assert!(document.to_string().contains("Nieuwstad"), "{document}");
            assert!(!document.to_string().contains("Proefstad\""), "{document}");
            let history = server.get(&format!("{path}/versions/{version}")).send().expect(200).json();
            assert_eq!(history, document);
        }
    }

    with(["--demo"], [])
    fn an_editor_imports_what_is_its_own_and_no_more(server: &Server) {
        let editor = server.key("editor", Some("gemeente-elburg"));
        let documents = [
            project("eigen", json!({})),
            json!({"type": "organisations", "slug": "gemeente-nunspeet", "summary": "Van een ander."}),
        ];
        let send = |query| told(&request(server, query, &documents).key(&editor).send());
        let done = send("mode=partial");
        assert_eq!(done.statuses(), ["created", "failed"]);
        assert_eq!(done.errors(), [(2, String::new(), "forbidden".to_owned())]);
        let own = server.get("/projects/eigen").send().expect(200).json();
        assert_eq!(own["steward"]["slug"], "gemeente-elburg");
        let reader = server.key("reader", None);
        request(server, "", &documents).key(&reader).send().problem(403, "forbidden");
        request(server, "", &documents).send().problem(401, "key-required");
    }
}
