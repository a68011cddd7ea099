//! Who may do what: each operation of the API document, for each role and each steward that a
//! document can have, as one table. Who adds an operation says here who may use it.

mod table;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::{Value, json};

use self::table::{COLUMNS, TABLE};
use crate::{
    builders::{create, read, with},
    support::{Operation, Server, items, operations, text},
};

both! {
    with(["--demo"], [])
    fn the_table_has_every_operation_and_no_other(server: &Server) {
        let stage = Stage::new(server);
        let mut wanted = BTreeSet::new();
        for operation in &stage.operations {
            for what in stage.done_to(operation) {
                wanted.insert((operation.name(), what));
            }
        }
        let rows: Vec<_> = TABLE.iter().map(|(name, what, _)| ((*name).to_owned(), *what)).collect();
        let there: BTreeSet<_> = rows.iter().filter(|(_, what)| *what != "key").cloned().collect();
        let lacking: Vec<_> = wanted.difference(&there).collect();
        let gone: Vec<_> = there.difference(&wanted).collect();
        assert!(lacking.is_empty(), "not in the table: {lacking:?}");
        assert!(gone.is_empty(), "no operations: {gone:?}");
        assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len(), "a row is there twice");
    }

    with(["--demo"], [])
    fn each_role_may_do_what_the_table_says_and_no_more(server: &Server) {
        let stage = Stage::new(server);
        let mut wrong = Vec::new();
        for (name, what, expected) in TABLE {
            let operation = stage.operation(name);
            for ((role, stewards), expected) in COLUMNS.iter().zip(expected) {
                for steward in *stewards {
                    let (status, changed) = stage.attempt(operation, what, role, steward);
                    let about = format!("{name} as {role}, {what}, steward {steward}");
                    if status != *expected {
                        wrong.push(format!("{about}: {status}, not {expected}"));
                    }
                    let writes = operation.method != "GET" && status < 300;
                    if changed != writes {
                        wrong.push(format!("{about}: {status}, and something changed: {changed}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// Two organisations, one of which has an editor, and a key for each role.
struct Stage<'a> {
    server: &'a Server,
    operations: Vec<Operation>,
    keys: Vec<(&'static str, String)>,
    /// The documents that are only read, by collection, visibility and steward.
    read: RefCell<BTreeMap<String, String>>,
}

impl<'a> Stage<'a> {
    fn new(server: &'a Server) -> Self {
        let admin = server.admin_key();
        for name in ["own", "other"] {
            let body = json!({ "name": name, "kind": "other" });
            create(server, admin, "/organisations", &body);
        }
        let keys = vec![
            (
                "bad key",
                format!("schakel_{}_{}", "0".repeat(16), "0".repeat(64)),
            ),
            ("reader", server.key("reader", None)),
            ("editor", server.key("editor", Some("own"))),
            ("admin", admin.to_owned()),
        ];
        Self {
            server,
            operations: operations(server),
            keys,
            read: RefCell::default(),
        }
    }

    #[track_caller]
    fn operation(&self, name: &str) -> &Operation {
        let mut all = self.operations.iter();
        let found = all.find(|operation| operation.name() == name);
        found.unwrap_or_else(|| panic!("{name} is no operation"))
    }

    /// What the table must have an operation done to.
    fn done_to(&self, operation: &Operation) -> Vec<&'static str> {
        let create = format!("POST {}", collection(operation));
        let mut all = self.operations.iter();
        let create = all.find(|operation| operation.name() == create);
        let members = create
            .and_then(Operation::body_schema)
            .map(|schema| &schema["properties"]);
        let has_access =
            members.is_some_and(|of| !of["steward"].is_null() && !of["visibility"].is_null());
        let one = operation.template.contains("{id}");
        match operation.method.as_str() {
            _ if !has_access => vec!["-"],
            "PUT" if one => vec!["new", "public", "restricted"],
            _ if one => vec!["public", "restricted"],
            "POST" => vec!["new"],
            _ => vec!["-"],
        }
    }

    /// Does it, and gives the status and whether the collection changed.
    fn attempt(&self, operation: &Operation, what: &str, role: &str, steward: &str) -> (u16, bool) {
        let steward = match steward {
            "none" => Value::Null,
            slug => json!(slug),
        };
        let collection = collection(operation);
        let document = |name: &str| {
            let create = self.operation(&format!("POST {collection}")).least_body();
            let more = json!({ "steward": steward, "visibility": what });
            let named = named(&collection, name);
            self.create(
                &collection,
                &with(with(create.expect("a body"), &named), &more),
            )
        };
        let subject = match what {
            "public" | "restricted" if operation.method == "GET" => {
                let mut read = self.read.borrow_mut();
                let place = read.entry(format!("{collection} {what} {steward}"));
                Some(place.or_insert_with(|| document("Read")).clone())
            }
            "public" | "restricted" => Some(document("Before")),
            "new" => Some("something-new".to_owned()),
            "key" => Some(self.create("/keys", &json!({ "name": "k", "role": "reader" }))),
            _ => None,
        };
        let body = operation.least_body().map(|body| match what {
            "new" => with(body, &json!({ "steward": steward })),
            _ if operation.template.ends_with("/merge") => json!({ "into": document("Into") }),
            // What a patch must name to change something is called otherwise in some collections.
            _ if operation.method == "PATCH" => named(&collection, "After"),
            _ => body,
        });
        let path = operation.path_with(|name| subject.clone().filter(|_| name == "id"));
        let mut request = self.server.request(operation.method.clone(), &path);
        if let Some((_, key)) = self.keys.iter().find(|(name, _)| *name == role) {
            request = request.key(key);
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        let before = (operation.method != "GET").then(|| self.state(&collection));
        let status = request.send().status;
        let changed = before.is_some_and(|before| self.state(&collection) != before);
        if status == 201 && what == "new" && operation.method == "PUT" {
            // The next one finds the address free again, but for what it was.
            let key = self.server.admin_key();
            self.server.delete(&path).key(key).send().expect(204);
        }
        (status, changed)
    }

    /// Makes something as an administrator, and gives its id.
    fn create(&self, path: &str, body: &Value) -> String {
        text(
            &create(self.server, self.server.admin_key(), path, body),
            "id",
        )
    }

    /// What tells whether something of a collection changed.
    fn state(&self, collection: &str) -> Value {
        let admin = self.server.admin_key();
        if collection == "/keys" {
            let keys = read(self.server, admin, "/keys");
            return items(&keys)
                .iter()
                .map(|key| json!([key["id"], key["revokedAt"]]))
                .collect();
        }
        let of_documents = self.operations.iter().any(|operation| {
            operation.name() == format!("POST {collection}") && !operation.takes_a_file()
        });
        if of_documents {
            read(
                self.server,
                admin,
                &format!("{collection}?count=true&limit=1&sort=-updatedAt"),
            )
        } else {
            Value::Null
        }
    }
}

/// The first part of the path of an operation.
fn collection(operation: &Operation) -> String {
    let first = operation.template.split('/').nth(1).unwrap_or_default();
    format!("/{first}")
}

/// The members that give a document of a collection a name, and let it be public.
fn named(collection: &str, name: &str) -> Value {
    match collection {
        "/people" => json!({ "name": { "family": name }, "publicationBasis": "function" }),
        "/themes" => json!({ "label": name }),
        _ => json!({ "name": name }),
    }
}
