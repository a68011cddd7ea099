//! What a writer may demand of the version it meets, and the members that only the register sets.

use serde_json::json;

use crate::{
    builders::{create, faults, organisation, organisation_path, patch, read, region, with},
    support::Server,
};

both! {
    fn if_match_lets_a_write_through_only_at_its_version(server: &Server) {
        let key = server.admin_key();
        let made = create(server, key, "/organisations", &organisation("Matched"));
        let path = organisation_path(&made);
        let etag = || {
            server
                .get(&path)
                .key(key)
                .send()
                .expect(200)
                .header("etag")
                .unwrap()
                .to_owned()
        };
        let first = etag();
        patch(server, key, &path, &json!({ "summary": "2" }));
        for stale in [
            first.as_str(),
            "\"something-else\"",
            "\"\"",
            &format!("W/{}", etag()),
        ] {
            let requests = [
                server.patch(&path).json(&json!({ "summary": "lost" })),
                server.put(&path).json(&organisation("Lost")),
                server.delete(&path),
            ];
            for request in requests {
                let problem = request.key(key).header("if-match", stale).send();
                let problem = problem.problem(412, "precondition-failed");
                assert_eq!(problem["currentVersion"], 2, "{stale}");
            }
        }
        for malformed in ["2", "unquoted", "\"a\", b"] {
            let request = server.patch(&path).key(key).header("if-match", malformed);
            let problem = request
                .json(&json!({}))
                .send()
                .problem(400, "invalid-input");
            assert_eq!(faults(&problem), ["header If-Match invalid_format"]);
        }
        for (number, good) in [etag(), format!("\"x\", {}", etag()), "*".into()]
            .iter()
            .enumerate()
        {
            // The first two name version 2, so the write between them must change nothing.
            let body = json!({ "summary": if number < 2 { "2" } else { "3" } });
            server
                .patch(&path)
                .key(key)
                .header("if-match", good)
                .json(&body)
                .send()
                .expect(200);
        }
        for absent in ["/organisations/none", "/organisations/own:none"] {
            let put = server
                .put(absent)
                .key(key)
                .header("if-match", "*")
                .json(&organisation("N"));
            put.send().problem(412, "precondition-failed");
        }
        server
            .delete(&path)
            .key(key)
            .header("if-match", &etag())
            .send()
            .expect(204);
    }

    fn if_none_match_star_only_creates(server: &Server) {
        let key = server.admin_key();
        let put = |name: &str| {
            let put = server
                .put("/regions/new")
                .key(key)
                .header("if-none-match", "*");
            put.json(&region(name)).send()
        };
        put("New").expect(201);
        let problem = put("Newer").problem(412, "precondition-failed");
        assert_eq!(problem["currentVersion"], 1);
        assert_eq!(read(server, key, "/regions/new")["name"], "New");
    }

    fn read_only_members_may_be_sent_back_but_not_be_set(server: &Server) {
        let key = server.admin_key();
        let all = json!({ "id": "x", "version": 1, "createdAt": "2020-01-01T00:00:00Z", "updatedAt": null });
        let post = server
            .post("/organisations")
            .key(key)
            .json(&with(organisation("X"), &all))
            .send();
        assert_eq!(
            faults(&post.problem(400, "invalid-input")),
            ["createdAt", "id", "updatedAt", "version"]
                .map(|name| format!("body /{name} read_only"))
        );
        let made = create(server, key, "/organisations", &organisation("X"));
        let path = organisation_path(&made);
        let other = json!({ "id": "01890000-0000-7000-8000-000000000000", "summary": "S" });
        for request in [
            server.patch(&path).json(&other),
            server.put(&path).json(&with(organisation("X"), &other)),
        ] {
            let problem = request.key(key).send().problem(400, "invalid-input");
            assert_eq!(faults(&problem), ["body /id read_only"]);
        }
        let sent = json!({ "version": 9, "updatedAt": "2020-01-01T00:00:00Z", "summary": "S" });
        let after = patch(server, key, &path, &sent);
        assert_eq!(
            (&after["version"], &after["createdAt"]),
            (&json!(2), &made["createdAt"])
        );
        assert_ne!(after["updatedAt"], sent["updatedAt"]);
    }
}
