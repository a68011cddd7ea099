//! Nothing tells of what a caller may not read, and nothing that it cannot see is lost.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    builders::{create, organisation, organisation_path, patch, read, region, region_path, with},
    rights::Stage,
    support::{Client, Server, text},
};

both! {
    fn a_restricted_document_answers_exactly_like_a_missing_one(server: &Server) {
        let stage = Stage::new(server);
        let members = json!({
            "visibility": "restricted",
            "identifiers": [{ "scheme": "own", "value": "hidden" }],
        });
        let hidden = create(
            server,
            server.admin_key(),
            "/organisations",
            &with(organisation("Hidden"), &members),
        );
        let id = text(&hidden, "id");
        patch(
            server,
            server.admin_key(),
            &organisation_path(&hidden),
            &json!({ "slug": "hidden-now" }),
        );
        let gone = create(
            server,
            server.admin_key(),
            "/organisations",
            &with(organisation("Gone"), &json!({ "visibility": "restricted" })),
        );
        server
            .delete(&organisation_path(&gone))
            .key(server.admin_key())
            .send()
            .expect(204);
        let public = organisation_path(&create(
            server,
            stage.stranger(),
            "/organisations",
            &organisation("Public"),
        ));
        let missing = "01890000-0000-7000-8000-000000000000";
        let pairs = [
            (id.as_str(), missing),
            ("hidden-now", "missing"),
            ("hidden", "missing"),
            ("own:hidden", "own:missing"),
            ("gone", "missing"),
        ];
        for caller in [None, Some(stage.stranger())] {
            let mut tried = 0;
            for (there, absent) in pairs {
                let ask = |name: &str| answers(server, caller, &public, name);
                for ((request, hidden), missing) in ask(there).into_iter().zip(ask(absent)) {
                    assert_eq!(hidden, missing.1, "{request} tells of {there}");
                    tried += 1;
                }
            }
            assert!(tried >= 50, "only {tried} requests were compared");
        }
    }

    fn a_hidden_referrer_keeps_a_document_but_is_not_named(server: &Server) {
        let stage = Stage::new(server);
        let own = create(server, stage.own(), "/organisations", &organisation("Own"));
        let hidden = json!({
            "visibility": "restricted", "parents": [{ "organisation": "own", "kind": "part_of" }],
        });
        create(
            server,
            server.admin_key(),
            "/organisations",
            &with(organisation("Hidden"), &hidden),
        );
        let delete = |key: &str| {
            server
                .delete(&organisation_path(&own))
                .key(key)
                .send()
                .problem(409, "in-use")
        };
        assert_eq!(delete(stage.own())["referrers"], json!([]));
        assert_eq!(delete(server.admin_key())["referrers"][0]["slug"], "hidden");
    }

    fn restricted_contacts_are_for_readers_and_the_steward(server: &Server) {
        let stage = Stage::new(server);
        let contacts = json!({ "steward": "keeper", "contacts": [
            { "kind": "email", "value": "personal@keeper.example" },
            { "kind": "email", "value": "shared@keeper.example", "isFunctional": true },
        ] });
        for (path, body) in [
            ("/organisations", organisation("With")),
            ("/regions", region("With")),
        ] {
            let made = create(server, server.admin_key(), path, &with(body, &contacts));
            let path = format!("{path}/{}", text(&made, "id"));
            let counts: Vec<usize> = stage
                .callers
                .iter()
                .map(|caller| {
                    let request = server.get(&path);
                    let reply = caller
                        .iter()
                        .fold(request, |request, key| request.key(key))
                        .send();
                    reply.json()["contacts"].as_array().map_or(0, Vec::len)
                })
                .collect();
            assert_eq!(counts, [1, 0, 2, 2, 1, 2], "{path}");
            let version = server.get(&format!("{path}/versions/1")).send().expect(200);
            assert!(
                !version.text().contains("personal"),
                "a former version hides it too"
            );
            let feed = server.get("/changes?include=document").send().expect(200);
            assert!(!feed.text().contains("personal"), "the feed hides it too");
        }
    }

    fn what_an_editor_cannot_see_survives_when_it_replaces_the_list(server: &Server) {
        let stage = Stage::new(server);
        let (admin, editor) = (server.admin_key(), stage.own());
        let hidden = with(
            organisation("Hidden"),
            &json!({ "visibility": "restricted" }),
        );
        create(server, admin, "/organisations", &hidden);
        let partner = |name: &str| json!({ "organisation": name, "role": "other" });
        let body =
            json!({ "steward": "keeper", "partners": [partner("hidden"), partner("keeper")] });
        let area = region_path(&create(
            server,
            admin,
            "/regions",
            &with(region("Region"), &body),
        ));
        assert_eq!(slugs(&read(server, editor, &area)["partners"]), ["keeper"]);
        let after = patch(
            server,
            editor,
            &area,
            &json!({ "partners": [partner("other")] }),
        );
        assert_eq!(slugs(&after["partners"]), ["other"]);
        assert_eq!(
            slugs(&read(server, admin, &area)["partners"]),
            ["hidden", "other"]
        );
        server
            .put(&area)
            .key(editor)
            .json(&region("Region"))
            .send()
            .expect(200);
        assert_eq!(slugs(&read(server, admin, &area)["partners"]), ["hidden"]);

        let parents =
            ["hidden", "keeper"].map(|name| json!({ "organisation": name, "kind": "part_of" }));
        let contacts = json!([{ "kind": "other", "value": "seen" }]);
        let body = json!({ "steward": "keeper", "parents": parents, "contacts": contacts });
        let path = create(
            server,
            admin,
            "/organisations",
            &with(organisation("Org"), &body),
        );
        let path = organisation_path(&path);
        patch(
            server,
            editor,
            &path,
            &json!({ "parents": [], "contacts": [] }),
        );
        let whole = read(server, admin, &path);
        assert_eq!(slugs(&whole["parents"]), ["hidden"]);
        assert_eq!(
            whole["contacts"],
            json!([]),
            "what it does see, it can take away"
        );
    }

    fn a_hidden_municipality_of_a_service_area_survives_an_editor_s_replace(server: &Server) {
        let stage = Stage::new(server);
        let (admin, editor) = (server.admin_key(), stage.own());
        let hidden = with(
            organisation("Hidden"),
            &json!({ "visibility": "restricted" }),
        );
        create(server, admin, "/organisations", &hidden);
        let area = json!({ "municipalities": ["hidden", "keeper"], "postcodes": [] });
        let body = with(
            organisation("Org"),
            &json!({ "steward": "keeper", "serviceArea": area }),
        );
        let path = organisation_path(&create(server, admin, "/organisations", &body));
        let area = json!({ "serviceArea": { "municipalities": ["other"] } });
        let seen = patch(server, editor, &path, &area);
        assert_eq!(slugs(&seen["serviceArea"]["municipalities"]), ["other"]);
        let whole = read(server, admin, &path);
        assert_eq!(
            slugs(&whole["serviceArea"]["municipalities"]),
            ["hidden", "other"]
        );
    }

    fn an_editor_that_sends_back_what_it_read_changes_nothing(server: &Server) {
        let stage = Stage::new(server);
        let (admin, editor) = (server.admin_key(), stage.own());
        let hidden = with(
            organisation("Hidden"),
            &json!({ "visibility": "restricted" }),
        );
        create(server, admin, "/organisations", &hidden);
        let partners =
            ["hidden", "keeper"].map(|name| json!({ "organisation": name, "role": "other" }));
        let body = with(
            region("Region"),
            &json!({ "steward": "keeper", "partners": partners }),
        );
        let area = region_path(&create(server, admin, "/regions", &body));
        let seen = read(server, editor, &area);
        let put = server
            .put(&area)
            .key(editor)
            .json(&seen)
            .send()
            .expect(200)
            .json();
        assert_eq!(
            put["version"], 1,
            "a hidden row before the one it sees has not moved"
        );
        assert_eq!(
            slugs(&read(server, admin, &area)["partners"]),
            ["hidden", "keeper"]
        );
    }

    fn an_editor_of_a_hidden_organisation_can_send_back_what_it_read(server: &Server) {
        let hidden = with(
            organisation("Hidden"),
            &json!({ "visibility": "restricted" }),
        );
        create(server, server.admin_key(), "/organisations", &hidden);
        let editor = server.key("editor", Some("hidden"));
        let made = create(server, &editor, "/organisations", &organisation("Own"));
        let path = organisation_path(&made);
        let put = server
            .put(&path)
            .key(&editor)
            .json(&made)
            .send()
            .expect(200)
            .json();
        assert_eq!(put["version"], 1);
        let whole = read(server, server.admin_key(), &path);
        assert_eq!(whole["steward"]["slug"], "hidden");
    }
}

/// Status, headers and body.
type Answer = (u16, BTreeMap<String, String>, Value);

/// What a name in the path, a filter and a body is answered with, but for what differs between
/// any two answers: the id of the request.
fn answers(client: &Client, key: Option<&str>, public: &str, name: &str) -> Vec<(String, Answer)> {
    let at = format!("/organisations/{name}");
    let into = json!({ "into": name });
    let parent = json!({ "parents": [{ "organisation": name, "kind": "part_of" }] });
    let mut requests = vec![
        ("GET", client.get(&at)),
        (
            "GET with fields",
            client.get(&format!("{at}?fields=name&include=regions")),
        ),
        ("HEAD", client.head(&at)),
        ("history", client.get(&format!("{at}/history"))),
        ("version", client.get(&format!("{at}/versions/1"))),
        ("regions", client.get(&format!("{at}/regions"))),
        (
            "filter",
            client.get(&format!("/organisations?organisation={name}&count=true")),
        ),
        (
            "steward",
            client.get(&format!("/regions?steward={name}&count=true")),
        ),
        ("PATCH", client.patch(&at).json(&json!({ "summary": "S" }))),
        ("DELETE", client.delete(&at)),
        (
            "DELETE a version",
            client.delete(&at).header("if-match", "\"1\""),
        ),
        (
            "merge",
            client
                .post(&format!("{at}/merge"))
                .json(&json!({ "into": "keeper" })),
        ),
        (
            "merge into",
            client.post(&format!("{public}/merge")).json(&into),
        ),
        ("refer to", client.patch(public).json(&parent)),
        (
            "steward of",
            client.patch(public).json(&json!({ "steward": name })),
        ),
    ];
    if name.len() == 36 {
        // A PUT by slug or code makes what is missing; only those by id can be compared.
        requests.push(("PUT", client.put(&at).json(&organisation("X"))));
    }
    let mut answers = Vec::new();
    for (request, asked) in requests {
        let reply = key.iter().fold(asked, |asked, key| asked.key(key)).send();
        let mut headers = BTreeMap::new();
        for (name, value) in &reply.headers {
            if !matches!(name.as_str(), "x-request-id" | "date") {
                headers.insert(
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                );
            }
        }
        let mut body = if reply.body.is_empty() {
            Value::Null
        } else {
            reply.json()
        };
        body.as_object_mut().map(|body| body.remove("instance"));
        answers.push((request.to_owned(), (reply.status, headers, body)));
    }
    answers
}

/// The slugs that a list of references, or of rows with one, shows; sorted.
fn slugs(list: &Value) -> Vec<&str> {
    let rows = list.as_array().expect("a list").iter();
    let mut slugs: Vec<&str> = rows
        .filter_map(|row| {
            row["slug"]
                .as_str()
                .or_else(|| row["organisation"]["slug"].as_str())
        })
        .collect();
    slugs.sort_unstable();
    slugs
}
