//! Keys: made, listed and revoked, on the command line and over HTTP.

use serde_json::{Value, json};

use crate::{
    builders::{create, faults, organisation, organisation_path, patch, read, with},
    support::{Server, items, text},
};

both! {
    fn a_key_of_the_command_line_is_shown_once_and_can_be_revoked(server: &Server) {
        create(
            server,
            server.admin_key(),
            "/organisations",
            &organisation("Keeper"),
        );
        let args = [
            "keys",
            "create",
            "--name",
            "import",
            "--role",
            "editor",
            "--steward",
            "keeper",
            "--expires",
            "2999-12-31",
        ];
        let output = server.schakel(&args);
        assert!(output.status.success(), "{output:?}");
        let printed = String::from_utf8(output.stdout).unwrap();
        let key = printed.trim_end();
        let [id, secret] = parts(key);
        assert_eq!(printed, format!("{key}\n"), "the key alone");
        assert_eq!(
            (id.len(), secret.len()),
            (16, 64),
            "256 bits, in hexadecimal"
        );
        server
            .post("/organisations")
            .key(key)
            .json(&organisation("X"))
            .send()
            .expect(201);

        let listed = server.schakel(&["keys", "list"]);
        let listed = String::from_utf8(listed.stdout).unwrap();
        assert!(!listed.contains(secret), "a secret is never shown again");
        let line = listed
            .lines()
            .find(|line| line.contains(id))
            .expect("the key is listed");
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&line["name"], &line["role"]),
            (&json!("import"), &json!("editor"))
        );
        assert_eq!(line["steward"]["slug"], "keeper");
        assert!(line["lastUsedAt"].is_string(), "{line}");
        assert_eq!(
            line["expiresAt"], "3000-01-01T00:00:00.000000Z",
            "through the last day"
        );

        assert!(server.schakel(&["keys", "revoke", id]).status.success());
        server
            .get("/organisations")
            .key(key)
            .send()
            .problem(401, "key-required");
        for unknown in [id, "0000000000000000", "nonsense"] {
            let output = server.schakel(&["keys", "revoke", unknown]);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert!(!output.stderr.is_empty());
        }
        assert!(!server.log().contains(secret), "keys never stand in a log");
    }

    fn keys_are_made_listed_and_revoked_over_http(server: &Server) {
        let admin = server.admin_key();
        create(server, admin, "/organisations", &organisation("Keeper"));
        let body = json!({
            "name": "website", "role": "editor", "steward": "keeper", "expiresOn": "2999-12-31",
        });
        let reply = server
            .post("/keys")
            .key(admin)
            .json(&body)
            .send()
            .expect(201);
        assert_eq!(reply.header("cache-control"), Some("private, no-store"));
        let made = reply.json();
        let (key, id) = (text(&made, "key"), text(&made, "id"));
        assert!(key.starts_with(&format!("schakel_{id}_")));
        assert!(
            reply
                .header("location")
                .is_some_and(|url| url.ends_with(&format!("/api/v1/keys/{id}")))
        );
        server
            .post("/organisations")
            .key(&key)
            .json(&organisation("X"))
            .send()
            .expect(201);

        let reply = server.get("/keys").key(admin).send().expect(200);
        assert!(!reply.text().contains(parts(&key)[1]) && !reply.text().contains("sha256"));
        assert_eq!(reply.header("cache-control"), Some("private, no-store"));
        let list = reply.json();
        assert_eq!(items(&list).len(), 2);
        let first = &items(&list)[0];
        assert_eq!(
            (&first["id"], &first["revokedAt"]),
            (&made["id"], &Value::Null),
            "the newest first"
        );
        assert!(first["key"].is_null());

        let path = format!("/keys/{id}");
        assert!(
            server
                .delete(&path)
                .key(admin)
                .send()
                .expect(204)
                .body
                .is_empty()
        );
        server
            .get("/organisations")
            .key(&key)
            .send()
            .problem(401, "key-required");
        server
            .delete(&path)
            .key(admin)
            .send()
            .problem(404, "not-found");
        server
            .delete("/keys/none")
            .key(admin)
            .send()
            .problem(404, "not-found");
        assert!(
            items(&read(server, admin, "/keys"))[0]["revokedAt"].is_string(),
            "it stays listed"
        );
    }

    fn all_that_is_wrong_with_a_wanted_key_is_said(server: &Server) {
        let admin = server.admin_key();
        create(server, admin, "/organisations", &organisation("Keeper"));
        let cases = [
            (json!({}), vec!["/name missing", "/role missing"]),
            (
                json!({ "name": " ", "role": "owner", "steward": "none", "expiresOn": "soon", "x": 1 }),
                vec![
                    "/expiresOn invalid_format",
                    "/name empty",
                    "/role unknown_value",
                    "/steward unknown_reference",
                    "/x unknown_member",
                ],
            ),
            (
                json!({ "name": "k", "role": "editor" }),
                vec!["/steward contradiction"],
            ),
            (
                json!({ "name": "k", "role": "reader", "steward": "keeper" }),
                vec!["/steward contradiction"],
            ),
        ];
        for (body, expected) in cases {
            let problem = server.post("/keys").key(admin).json(&body).send();
            let expected: Vec<_> = expected
                .iter()
                .map(|fault| format!("body {fault}"))
                .collect();
            assert_eq!(
                faults(&problem.problem(400, "invalid-input")),
                expected,
                "{body}"
            );
        }
        assert_eq!(
            items(&read(server, admin, "/keys")).len(),
            1,
            "only the administrator's own"
        );
        for args in [
            &["--role", "owner"][..],
            &["--role", "editor"],
            &["--role", "reader", "--steward", "keeper"],
            &["--role", "admin", "--expires", "soon"],
            &["--role", "editor", "--steward", "none"],
        ] {
            let args: Vec<_> = ["keys", "create", "--name", "k"]
                .iter()
                .chain(args)
                .copied()
                .collect();
            let output = server.schakel(&args);
            assert!(
                matches!(output.status.code(), Some(1 | 2)),
                "{args:?}: {output:?}"
            );
            assert!(
                output.stdout.is_empty() && !output.stderr.is_empty(),
                "{args:?}: {output:?}"
            );
        }
    }

    fn an_organisation_with_a_working_key_stays(server: &Server) {
        let admin = server.admin_key();
        let keeper = create(server, admin, "/organisations", &organisation("Keeper"));
        let path = organisation_path(&keeper);
        let editor = server.key("editor", Some("keeper"));
        patch(server, admin, &path, &json!({ "steward": "keeper" }));
        server
            .delete(&path)
            .key(&editor)
            .send()
            .problem(409, "conflict");
        server
            .delete(&path)
            .key(admin)
            .send()
            .problem(409, "conflict");
        server
            .delete(&format!("/keys/{}", parts(&editor)[0]))
            .key(admin)
            .send()
            .expect(204);
        server.delete(&path).key(admin).send().expect(204);
        let body = with(organisation("Keeper"), &json!({ "slug": "keeper" }));
        create(server, admin, "/organisations", &body);
        server
            .get("/organisations")
            .key(&editor)
            .send()
            .problem(401, "key-required");
        assert_eq!(
            items(&read(server, admin, "/keys")).len(),
            2,
            "a revoked key stays listed"
        );
    }
}

/// The public part of a key and its secret.
fn parts(key: &str) -> [&str; 2] {
    let (id, secret) = key
        .strip_prefix("schakel_")
        .unwrap()
        .split_once('_')
        .unwrap();
    [id, secret]
}
