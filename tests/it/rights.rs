//! Who may do what: the table of api.md, and that nothing tells of what a caller may not read.

use serde_json::json;

use crate::{
    builders::{create, organisation, organisation_path, patch, read, region, with},
    support::{Server, text},
};

/// The statuses of an operation: without a key, with a wrong one, as reader, as editor of the
/// steward, as editor of another organisation, as administrator.
type Row = (&'static str, [u16; 6]);

const TABLE: [Row; 14] = [
    ("GET public", [200, 401, 200, 200, 200, 200]),
    ("GET restricted", [404, 401, 200, 200, 404, 200]),
    ("GET restricted/history", [404, 401, 200, 200, 404, 200]),
    ("GET restricted/versions/1", [404, 401, 200, 200, 404, 200]),
    ("POST new", [401, 401, 403, 201, 201, 201]),
    ("PUT new", [401, 401, 403, 201, 201, 201]),
    ("PUT public", [401, 401, 403, 200, 403, 200]),
    ("PUT restricted", [401, 401, 403, 200, 404, 200]),
    ("PATCH public", [401, 401, 403, 200, 403, 200]),
    ("PATCH restricted", [401, 401, 403, 200, 404, 200]),
    ("MERGE public", [401, 401, 403, 200, 403, 200]),
    ("MERGE restricted", [401, 401, 403, 200, 404, 200]),
    ("DELETE public", [401, 401, 403, 204, 403, 204]),
    ("DELETE restricted", [401, 401, 403, 204, 404, 204]),
];

const KEYS_TABLE: [Row; 3] = [
    ("GET keys", [401, 401, 403, 403, 403, 200]),
    ("POST keys", [401, 401, 403, 403, 403, 201]),
    ("DELETE key", [401, 401, 403, 403, 403, 204]),
];

both! {
    fn each_role_may_do_what_the_table_says_and_no_more(server: &Server) {
        let stage = Stage::new(server);
        for (operation, expected) in TABLE {
            let statuses: Vec<u16> = (0..)
                .zip(&stage.callers)
                .map(|(number, caller)| {
                    let access = if operation.contains("restricted") {
                        "restricted"
                    } else {
                        "public"
                    };
                    let of = |name: &str| {
                        let own = json!({ "steward": "keeper", "visibility": access });
                        let body = with(organisation(name), &own);
                        organisation_path(&create(
                            server,
                            server.admin_key(),
                            "/organisations",
                            &body,
                        ))
                    };
                    let (path, body) = (of("Document"), organisation("Document"));
                    let (verb, rest) = operation.split_once(' ').unwrap();
                    let request = match verb {
                        "GET" => server.get(&format!(
                            "{path}{}",
                            rest.trim_start_matches(char::is_alphabetic)
                        )),
                        "POST" => server.post("/organisations").json(&body),
                        "PUT" if rest == "new" => server
                            .put(&format!("/organisations/new-{number}"))
                            .json(&body),
                        "PUT" => server.put(&path).json(&body),
                        "PATCH" => server.patch(&path).json(&json!({ "summary": "S" })),
                        "MERGE" => server
                            .post(&format!("{path}/merge"))
                            .json(&json!({ "into": id_in(&of("Into")) })),
                        _ => server.delete(&path),
                    };
                    let request = caller.iter().fold(request, |request, key| request.key(key));
                    request.send().status
                })
                .collect();
            assert_eq!(statuses, expected, "{operation}");
        }
    }

    fn only_administrators_see_and_make_keys(server: &Server) {
        let stage = Stage::new(server);
        for (operation, expected) in KEYS_TABLE {
            let statuses: Vec<u16> = stage
                .callers
                .iter()
                .map(|caller| {
                    let made = create(
                        server,
                        server.admin_key(),
                        "/keys",
                        &json!({ "name": "k", "role": "reader" }),
                    );
                    let request = match operation {
                        "GET keys" => server.get("/keys"),
                        "POST keys" => server
                            .post("/keys")
                            .json(&json!({ "name": "x", "role": "admin" })),
                        _ => server.delete(&format!("/keys/{}", text(&made, "id"))),
                    };
                    let request = caller.iter().fold(request, |request, key| request.key(key));
                    request.send().status
                })
                .collect();
            assert_eq!(statuses, expected, "{operation}");
        }
    }

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

/// Two organisations with an editor each, and the callers in the order of [`Row`].
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

/// The id at the end of a path.
fn id_in(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
