//! Deleting, and what is left of a deleted document.

use serde_json::{Value, json};

use crate::{
    builders::{create, organisation, organisation_path, patch, read, with},
    support::{Server, assert_feed_equals_reads, items, text},
};

both! {
    fn a_deleted_document_is_gone_under_all_its_names(server: &Server) {
        let key = server.admin_key();
        let code = json!({ "identifiers": [{ "scheme": "own", "value": "1" }] });
        let made = create(
            server,
            key,
            "/organisations",
            &with(organisation("Gone"), &code),
        );
        let by_id = organisation_path(&made);
        patch(server, key, &by_id, &json!({ "slug": "went" }));
        let reply = server.delete(&by_id).key(key).send().expect(204);
        assert!(reply.body.is_empty());
        for name in [
            by_id.as_str(),
            "/organisations/went",
            "/organisations/gone",
            "/organisations/own:1",
        ] {
            let problem = server.get(name).send().problem(410, "gone");
            assert!(text(&problem, "deletedAt").ends_with('Z'), "{problem}");
            let body = json!({ "summary": "back" });
            server
                .patch(name)
                .key(key)
                .json(&body)
                .send()
                .problem(410, "gone");
            server.delete(name).key(key).send().problem(410, "gone");
            server
                .get(&format!("{name}/history"))
                .send()
                .problem(410, "gone");
        }
        server
            .put(&by_id)
            .key(key)
            .json(&organisation("Back"))
            .send()
            .problem(410, "gone");
        server
            .delete("/organisations/never")
            .key(key)
            .send()
            .problem(404, "not-found");
        assert!(items(&read(server, key, "/organisations")).is_empty());
        assert_eq!(assert_feed_equals_reads(server, key).versions.len(), 1);
    }

    fn what_is_referred_to_cannot_be_deleted_whatever_refers_to_it(server: &Server) {
        let key = server.admin_key();
        let target = create(server, key, "/organisations", &organisation("Target"));
        let path = organisation_path(&target);
        let row = |more: Value| with(json!({ "organisation": "target" }), &more);
        let referrers = [
            (
                "/organisations",
                json!({ "parents": [row(json!({ "kind": "part_of" }))] }),
            ),
            (
                "/organisations",
                json!({ "serviceArea": { "municipalities": ["target"] } }),
            ),
            ("/organisations", json!({ "steward": "target" })),
            ("/regions", json!({ "municipalities": [row(json!({}))] })),
            (
                "/regions",
                json!({ "partners": [row(json!({ "role": "other" }))] }),
            ),
            (
                "/regions",
                json!({ "networks": [row(json!({ "status": "active" }))] }),
            ),
        ];
        for (number, (collection, members)) in referrers.iter().enumerate() {
            let body = with(organisation(&format!("Referrer {number}")), members);
            let referrer = create(server, key, collection, &body);
            let problem = server.delete(&path).key(key).send().problem(409, "in-use");
            assert_eq!(
                problem["referrers"],
                json!([{
                    "type": collection.trim_matches(['/', 's']),
                    "id": referrer["id"], "slug": referrer["slug"], "name": referrer["name"],
                }])
            );
            let referrer = format!("{collection}/{}", text(&referrer, "id"));
            server.delete(&referrer).key(key).send().expect(204);
        }
        for number in 0..21 {
            let body = with(organisation(&format!("Child {number}")), &referrers[0].1);
            create(server, key, "/organisations", &body);
        }
        let problem = server.delete(&path).key(key).send().problem(409, "in-use");
        assert_eq!(problem["referrers"].as_array().map(Vec::len), Some(20));
    }

    fn what_refers_only_to_itself_can_be_deleted(server: &Server) {
        let key = server.admin_key();
        let made = create(server, key, "/organisations", &organisation("Self"));
        let path = organisation_path(&made);
        let own = json!({ "steward": "self", "serviceArea": { "municipalities": ["self"] } });
        patch(server, key, &path, &own);
        let renamed = patch(server, key, &path, &json!({ "name": "Myself" }));
        assert_eq!(
            (&renamed["steward"]["name"], &renamed["version"]),
            (&json!("Myself"), &json!(3))
        );
        server.delete(&path).key(key).send().expect(204);
        assert_feed_equals_reads(server, key);
    }
}
