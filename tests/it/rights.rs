//! What the table of `permissions.rs` leaves open: how a refusal is told, and to whom a document
//! belongs.

use serde_json::json;

use crate::{
    builders::{create, organisation, organisation_path, patch, read, region, with},
    support::Server,
};

both! {
    fn a_refusal_says_what_is_lacking(server: &Server) {
        let stage = Stage::new(server);
        let post = |caller: &Option<String>| {
            let request = server.post("/organisations").json(&organisation("X"));
            caller
                .iter()
                .fold(request, |request, key| request.key(key))
                .send()
        };
        let [none, wrong, reader, ..] = &stage.callers;
        for caller in [none, wrong] {
            let reply = post(caller);
            reply.problem(401, "key-required");
            assert!(
                reply
                    .header("www-authenticate")
                    .is_some_and(|way| way.starts_with("Bearer"))
            );
        }
        post(reader).problem(403, "forbidden");
        for header in [
            "Basic abc",
            "Bearer",
            "Bearer ",
            "schakel_1_2",
            "Bearer schakel__",
            "Bearer x y",
        ] {
            let reply = server
                .get("/organisations")
                .header("authorization", header)
                .send();
            reply.problem(401, "key-required");
        }
    }

    fn who_may_not_write_is_told_so_whatever_the_body_is(server: &Server) {
        let stage = Stage::new(server);
        let [_, wrong, reader, editor, ..] = &stage.callers;
        let bodies = [
            ("application/json", "{"),
            ("text/plain", "x"),
            ("application/json", "{\"name\": 1}"),
        ];
        for (media, body) in bodies {
            for (path, caller, status) in [
                ("/organisations", wrong, 401),
                ("/organisations", reader, 403),
                ("/keys", reader, 403),
                ("/keys", editor, 403),
            ] {
                let post = server
                    .post(path)
                    .header("content-type", media)
                    .bytes(body.as_bytes());
                let reply = caller.iter().fold(post, |post, key| post.key(key)).send();
                assert_eq!(reply.status, status, "{media} {body}: {reply}");
            }
        }
    }

    fn a_new_document_of_an_editor_belongs_to_its_organisation(server: &Server) {
        let stage = Stage::new(server);
        let editor = stage.own();
        for (path, body) in [
            ("/organisations", organisation("X")),
            ("/regions", region("X")),
        ] {
            for members in [
                json!({}),
                json!({ "steward": null }),
                json!({ "steward": "keeper" }),
            ] {
                let made = create(server, editor, path, &with(body.clone(), &members));
                assert_eq!(made["steward"]["slug"], "keeper", "{members}");
            }
            let other = with(body.clone(), &json!({ "steward": "other" }));
            server
                .post(path)
                .key(editor)
                .json(&other)
                .send()
                .problem(403, "forbidden");
            let admin = create(server, server.admin_key(), path, &body);
            assert!(admin["steward"].is_null());
        }
    }

    fn an_editor_cannot_give_a_document_away_nor_take_one(server: &Server) {
        let stage = Stage::new(server);
        let editor = stage.own();
        let own = create(server, editor, "/organisations", &organisation("Own"));
        let path = organisation_path(&own);
        for steward in [json!(null), json!("other")] {
            let steward = json!({ "steward": steward });
            server
                .patch(&path)
                .key(editor)
                .json(&steward)
                .send()
                .problem(403, "forbidden");
            let put = server
                .put(&path)
                .key(editor)
                .json(&with(organisation("Own"), &steward));
            put.send().problem(403, "forbidden");
        }
        let free = create(
            server,
            server.admin_key(),
            "/organisations",
            &organisation("Free"),
        );
        let take = server
            .patch(&organisation_path(&free))
            .key(editor)
            .json(&json!({ "steward": "keeper" }));
        take.send().problem(403, "forbidden");
        assert_eq!(read(server, editor, &path), own);
        let given = patch(
            server,
            server.admin_key(),
            &path,
            &json!({ "steward": "other" }),
        );
        assert_eq!(given["steward"]["slug"], "other");
    }
}

/// Two organisations with an editor each, and those who may ask: nobody, someone with a wrong key, a
/// reader, the editor of the steward, the editor of another organisation, an administrator.
pub(crate) struct Stage {
    /// The keys of the callers.
    pub(crate) callers: [Option<String>; 6],
}

impl Stage {
    pub(crate) fn new(server: &Server) -> Self {
        let admin = server.admin_key();
        for name in ["Keeper", "Other"] {
            create(server, admin, "/organisations", &organisation(name));
        }
        let wrong = format!("schakel_{}_{}", "0".repeat(16), "0".repeat(64));
        let keys = [
            wrong,
            server.key("reader", None),
            server.key("editor", Some("keeper")),
            server.key("editor", Some("other")),
            admin.to_owned(),
        ];
        let [wrong, reader, own, stranger, admin] = keys.map(Some);
        Self {
            callers: [None, wrong, reader, own, stranger, admin],
        }
    }

    /// The key of the editor of the steward.
    pub(crate) fn own(&self) -> &str {
        self.callers[3].as_deref().unwrap_or_default()
    }

    /// The key of the editor of another organisation.
    pub(crate) fn stranger(&self) -> &str {
        self.callers[4].as_deref().unwrap_or_default()
    }
}
