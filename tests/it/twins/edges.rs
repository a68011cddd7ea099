//! What a public document, or an answer to an editor, tells of what is hidden by its form alone.

use serde_json::{Value, json};

use crate::{
    builders::{COLLECTIONS, create, faults, least, organisation, patch, region, with},
    support::{Client, Server, text},
};

both! {
    fn the_number_in_a_slug_tells_nothing_of_hidden_documents_with_that_name(server: &Server) {
        let key = server.admin_key();
        create(server, key, "/organisations", &organisation("Same"));
        for slug in ["one", "two", "three"] {
            let hidden = json!({ "visibility": "restricted", "slug": slug });
            create(server, key, "/organisations", &with(organisation("Same"), &hidden));
        }
        let second = create(server, key, "/organisations", &organisation("Same"));
        assert_eq!(second["slug"], "same-2", "as it would be without them");
    }

    fn a_slug_that_was_never_public_leads_nowhere(server: &Server) {
        let (client, key): (&Client, _) = (server, server.admin_key());
        let hidden = json!({ "visibility": "restricted" });
        for end in ["while it is there", "when it is deleted"] {
            let made = create(client, key, "/organisations", &with(organisation("Secret plan"), &hidden));
            let open = json!({ "name": "Open", "slug": "open", "visibility": "public" });
            patch(client, key, &format!("/organisations/{}", text(&made, "id")), &open);
            if end == "when it is deleted" {
                client.delete("/organisations/open").key(key).send().expect(204);
            }
            for path in ["", "/history", "/versions/1", "/regions"] {
                let reply = client.get(&format!("/organisations/secret-plan{path}")).send();
                assert_eq!(reply.status, 404, "{end}: {reply}");
            }
            let filter = client.get("/regions?organisation=secret-plan").send();
            assert_eq!(filter.status, 400, "{end}: {filter}");
            if end == "while it is there" {
                client.delete("/organisations/open").key(key).send().expect(204);
            }
        }
    }

    fn a_fault_is_told_where_the_editor_made_it_whatever_is_hidden_beside_it(server: &Server) {
        let (client, key): (&Client, _) = (server, server.admin_key());
        create(client, key, "/organisations", &organisation("Keeper"));
        let editor = server.key("editor", Some("keeper"));
        let hidden = json!({ "visibility": "restricted" });
        create(client, key, "/organisations", &with(organisation("Hidden"), &hidden));
        let row = |name: &str, members: Value| with(json!({ "organisation": name }), &members);
        let rows = |name: &str, members: Value| json!([row(name, members)]);
        let members = |name: &str| json!({
            "municipalities": rows(name, json!({})),
            "partners": rows(name, json!({ "role": "other" })),
            "networks": rows(name, json!({ "status": "active" })),
        });
        let own = with(members("hidden"), &json!({ "steward": "keeper" }));
        let area = text(&create(client, key, "/regions", &with(region("Area"), &own)), "id");
        let of = |name: &str| json!({
            "parents": rows(name, json!({ "kind": "part_of" })),
            "serviceArea": { "municipalities": [name] },
        });
        let own = with(of("hidden"), &json!({ "steward": "keeper" }));
        let made = text(&create(client, key, "/organisations", &with(organisation("Made"), &own)), "id");
        for (path, members, expected) in [
            (format!("/regions/{area}"), members("missing"), vec![
                "body /municipalities/0/organisation unknown_reference",
                "body /networks/0/organisation unknown_reference",
                "body /partners/0/organisation unknown_reference",
            ]),
            (format!("/organisations/{made}"), of("missing"), vec![
                "body /parents/0/organisation unknown_reference",
                "body /serviceArea/municipalities/0 unknown_reference",
            ]),
        ] {
            let replaced = client.put(&path).key(&editor).json(&with(organisation("X"), &members)).send();
            assert_eq!(faults(&replaced.problem(400, "invalid-input")), expected, "{replaced}");
            let patched = client.patch(&path).key(&editor).json(&members).send();
            assert_eq!(faults(&patched.problem(400, "invalid-input")), expected, "{patched}");
        }
    }

    fn a_fault_in_a_project_or_person_is_told_where_the_editor_made_it(server: &Server) {
        let (client, key): (&Client, _) = (server, server.admin_key());
        for name in ["Keeper", "Open"] {
            create(client, key, "/organisations", &organisation(name));
        }
        let editor = server.key("editor", Some("keeper"));
        for collection in COLLECTIONS {
            let hidden = with(least(collection, "Hidden"), &json!({ "visibility": "restricted" }));
            create(client, key, &format!("/{collection}"), &hidden);
        }
        let project = |name: &str| json!({
            "regions": [name], "municipalities": [name], "themes": [name],
            "related": [{ "project": name, "kind": "related" }],
            "participants": [{ "person": name, "role": "other" }, { "organisation": name, "role": "lead" }],
            "funding": [{ "funders": [name], "instrument": "other" }, { "funders": ["open"], "recipient": name, "instrument": "other" }],
        });
        let person = |name: &str| json!({ "roles": [
            { "organisation": name, "title": "x", "kind": "other" },
            { "region": name, "title": "x", "kind": "other" },
            { "project": name, "organisation": "open", "title": "x", "kind": "other" },
        ] });
        for (collection, hidden, missing, expected) in [
            ("projects", project("hidden"), project("missing"), vec![
                "/funding/0/funders/0", "/funding/1/recipient", "/municipalities/0", "/participants/0/person",
                "/participants/1/organisation", "/regions/0", "/related/0/project", "/themes/0",
            ]),
            ("people", person("hidden"), person("missing"), vec![
                "/roles/0/organisation", "/roles/1/region", "/roles/2/project",
            ]),
            ("themes", json!({ "broader": "hidden" }), json!({ "broader": "missing" }), vec!["/broader"]),
        ] {
            let own = with(hidden, &json!({ "steward": "keeper" }));
            let made = create(client, key, &format!("/{collection}"), &with(least(collection, "Own"), &own));
            let path = format!("/{collection}/{}", text(&made, "id"));
            let seen = client.get(&path).key(&editor).send().expect(200);
            assert!(!seen.text().contains("hidden") && !seen.text().contains("Hidden"), "{seen}");
            let expected: Vec<String> = expected
                .into_iter()
                .map(|place| format!("body {place} unknown_reference"))
                .collect();
            let replaced = client.put(&path).key(&editor).json(&with(least(collection, "X"), &missing)).send();
            assert_eq!(faults(&replaced.problem(400, "invalid-input")), expected, "{replaced}");
            let patched = client.patch(&path).key(&editor).json(&missing).send();
            assert_eq!(faults(&patched.problem(400, "invalid-input")), expected, "{patched}");
            // What the editor read can be sent again, and nothing that is hidden is lost by it.
            client.put(&path).key(&editor).json(&seen.json()).send().expect(200);
            let now = client.get(&path).key(key).send().expect(200).json();
            assert_eq!(now, made, "{collection}");
        }
    }

    fn the_timeline_ends_with_as_many_documents_as_the_lists_have(server: &Server) {
        let (client, key): (&Client, _) = (server, server.admin_key());
        for name in ["Kept", "Hidden later", "Deleted", "Hidden for a while"] {
            create(client, key, "/projects", &least("projects", name));
        }
        for (slug, visibility) in [
            ("hidden-later", "restricted"), ("hidden-for-a-while", "restricted"), ("hidden-for-a-while", "public"),
        ] {
            patch(client, key, &format!("/projects/{slug}"), &json!({ "visibility": visibility }));
        }
        client.delete("/projects/deleted").key(key).send().expect(204);
        for (caller, expected) in [(None, 2), (Some(key), 3)] {
            let get = |path: &str| {
                let request = client.get(path);
                caller.iter().fold(request, |request, key| request.key(key)).send().expect(200).json()
            };
            assert_eq!(get("/projects?count=true")["total"], expected);
            let timeline = get("/stats/timeline?type=projects&interval=year");
            let last = timeline["items"].as_array().and_then(|items| items.last());
            assert_eq!(last.map(|last| &last["total"]), Some(&json!(expected)), "{timeline}");
        }
    }
}
