//! Who may merge what, and which merges are refused.

use serde_json::json;

use crate::{
    builders::{create, faults, log, make, merge, organisation_path, patch, read, region, shown},
    support::{Server, assert_feed_equals_reads, text},
};

both! {
    fn a_key_of_the_merged_organisation_writes_for_the_other(server: &Server) {
        let key = server.admin_key();
        let source = make(server, "Source", &json!({}));
        let target = make(server, "Target", &json!({}));
        let own = make(
            server,
            "Own",
            &json!({ "steward": "source", "visibility": "restricted" }),
        );
        let editor = server.key("editor", Some("source"));
        merge(server, &source, "target", 200);
        assert_eq!(
            read(server, key, &organisation_path(&own))["steward"],
            shown(&target)
        );
        let patched = patch(
            server,
            &editor,
            &organisation_path(&own),
            &json!({ "summary": "still mine" }),
        );
        assert_eq!(patched["version"], 3);
        let keys = read(server, key, "/keys");
        let stewards = keys["items"].as_array().unwrap().iter();
        assert_eq!(
            stewards
                .filter(|key| key["steward"]["slug"] == "target")
                .count(),
            1
        );
    }

    fn an_editor_merges_only_what_it_looks_after(server: &Server) {
        let key = server.admin_key();
        let source = make(server, "Source", &json!({}));
        let target = make(server, "Target", &json!({}));
        let editor = server.key("editor", Some("source"));
        let path = format!("{}/merge", organisation_path(&source));
        let request = || {
            server
                .post(&path)
                .key(&editor)
                .json(&json!({ "into": "target" }))
                .send()
        };
        for document in [&source, &target] {
            request().problem(403, "forbidden");
            patch(
                server,
                key,
                &organisation_path(document),
                &json!({ "steward": "source" }),
            );
        }
        let merged = request().expect(200).json();
        assert_eq!(
            (&merged["id"], &merged["steward"]),
            (&target["id"], &shown(&target))
        );
    }

    fn an_editor_can_merge_its_own_organisation_into_a_restricted_one(server: &Server) {
        let source = make(server, "Source", &json!({}));
        let own = json!({ "steward": "source", "visibility": "restricted" });
        let target = make(server, "Target", &own);
        patch(
            server,
            server.admin_key(),
            &organisation_path(&source),
            &own,
        );
        let editor = server.key("editor", Some("source"));
        let path = format!("{}/merge", organisation_path(&source));
        let merged = server
            .post(&path)
            .key(&editor)
            .json(&json!({ "into": "target" }))
            .send();
        assert_eq!(merged.expect(200).json()["id"], target["id"]);
        server
            .get(&organisation_path(&target))
            .key(&editor)
            .send()
            .expect(200);
    }

    fn a_merge_that_would_make_a_cycle_changes_nothing(server: &Server) {
        let key = server.admin_key();
        let under =
            |parent: &str| json!({ "parents": [{ "organisation": parent, "kind": "part_of" }] });
        let top = make(server, "Top", &json!({}));
        make(server, "Middle", &under("top"));
        make(server, "Low", &under("middle"));
        let before = log(server, key);
        for into in ["middle", "low"] {
            let problem = merge(server, &top, into, 409);
            assert!(text(&problem, "type").ends_with("#conflict"), "{problem}");
        }
        assert_eq!(log(server, key), before);
        assert_eq!(
            read(server, key, "/organisations/middle")["parents"][0]["organisation"],
            shown(&top)
        );
        // Downwards there is none: what was above the merged one is no business of the other.
        let low = read(server, key, "/organisations/low");
        assert!(merge(server, &low, "top", 200)["parents"] == json!([]));
        assert_feed_equals_reads(server, key);
    }

    fn a_merge_into_nothing_or_into_itself_is_refused(server: &Server) {
        let key = server.admin_key();
        let source = make(server, "Source", &json!({}));
        create(server, key, "/regions", &region("Region"));
        let deleted = make(server, "Deleted", &json!({}));
        server
            .delete(&organisation_path(&deleted))
            .key(key)
            .send()
            .expect(204);
        let bodies = [
            (json!({ "into": "source" }), "body /into contradiction"),
            (json!({ "into": source["id"] }), "body /into contradiction"),
            (json!({ "into": "none" }), "body /into unknown_reference"),
            (json!({ "into": "region" }), "body /into unknown_reference"),
            (
                json!({ "into": deleted["id"] }),
                "body /into unknown_reference",
            ),
            (json!({ "into": 7 }), "body /into wrong_type"),
            (json!({}), "body /into missing"),
            (
                json!({ "into": "source", "why": "double" }),
                "body /why unknown_member",
            ),
        ];
        let path = format!("{}/merge", organisation_path(&source));
        for (body, fault) in bodies {
            let problem = server.post(&path).key(key).json(&body).send();
            assert_eq!(
                faults(&problem.problem(400, "invalid-input")),
                [fault],
                "{body}"
            );
        }
        let into = json!({ "into": "source" });
        server
            .post("/organisations/none/merge")
            .key(key)
            .json(&into)
            .send()
            .problem(404, "not-found");
        let gone = format!("{}/merge", organisation_path(&deleted));
        server
            .post(&gone)
            .key(key)
            .json(&into)
            .send()
            .problem(410, "gone");
        let target = make(server, "Target", &json!({}));
        let stale = server.post(&path).key(key).header("if-match", "\"9\"");
        let problem = stale.json(&json!({ "into": target["id"] })).send();
        assert_eq!(
            problem.problem(412, "precondition-failed")["currentVersion"],
            1
        );
        assert_eq!(read(server, key, &organisation_path(&source)), source);
    }
}
