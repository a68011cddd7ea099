//! One of the registers that are compared, and the small steps of which the script of its life is
//! made.

use serde_json::{Value, json};

use crate::{
    builders::with,
    support::{Client, Server, text},
};

/// What is restricted in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secret {
    /// Something.
    One,
    /// Something else: other words of another length, more rows, more contacts, more documents.
    Other,
    /// Nothing at all.
    Nothing,
}

/// The word that stands in all that is restricted in [`Secret::One`].
pub(super) const MARK: &str = "geheim";

/// Members by which rows are known that have an end.
const HAVE_AN_END: [&str; 3] = ["organisation", "role", "title"];

/// A register, and the names of what is in it.
pub(super) struct Register<'a> {
    pub(super) server: &'a Server,
    pub(super) secret: Secret,
    /// The ids of the documents that all registers have, by a label. The label is also the first
    /// slug.
    pub(super) shared: Vec<(&'static str, String)>,
    /// The ids, slugs and codes, present and former, of the documents that only this one has, each
    /// with its collection.
    pub(super) hidden: Vec<(&'static str, String)>,
    lapsed: usize,
}

impl<'a> Register<'a> {
    pub(super) fn new(server: &'a Server, secret: Secret) -> Self {
        Self {
            server,
            secret,
            shared: Vec::new(),
            hidden: Vec::new(),
            lapsed: 0,
        }
    }

    pub(super) fn has_secrets(&self) -> bool {
        self.secret != Secret::Nothing
    }

    /// A text of its own for each register, with one of the marks in it.
    pub(super) fn words(&self, what: &str) -> String {
        match self.secret {
            Secret::One => format!("{MARK}-{what}"),
            Secret::Other => format!("verborgen-{what}-met-veel-meer-woorden"),
            Secret::Nothing => "niets".to_owned(),
        }
    }

    /// An address with those words in it.
    pub(super) fn mail(&self, what: &str) -> String {
        format!("{}@x.example", self.words(what))
    }

    /// A list with hidden items in front, and in [`Secret::Other`] behind as well.
    pub(super) fn rows(&self, shown: Value, hidden: &[Value]) -> Value {
        let mut rows = Vec::new();
        if self.has_secrets() {
            rows.extend_from_slice(hidden);
        }
        if let Value::Array(shown) = shown {
            rows.extend(shown);
        }
        if self.secret == Secret::Other {
            rows.extend(hidden.iter().map(|row| match row.as_object() {
                Some(members) if members.contains_key("value") => {
                    with(row.clone(), &json!({ "value": self.mail("nog-een") }))
                }
                Some(members) if HAVE_AN_END.iter().any(|name| members.contains_key(*name)) => {
                    with(row.clone(), &json!({ "end": "2001" }))
                }
                _ => row.clone(),
            }));
        }
        Value::Array(rows)
    }

    /// Contacts that only those who look after the document may see, and one that has lapsed.
    pub(super) fn contacts(&self, shown: Value) -> Value {
        let personal =
            json!({ "kind": "email", "value": self.mail("mens"), "label": self.words("label") });
        let lapsed = json!({
            "kind": "other", "value": self.words("vroeger"), "isFunctional": true, "validUntil": "2020-01-01",
        });
        self.rows(shown, &[personal, lapsed])
    }

    /// Makes a document that all registers have.
    #[track_caller]
    pub(super) fn share(&mut self, collection: &str, label: &'static str, body: &Value) -> String {
        let id = self.put(&format!("/{collection}/{label}"), body);
        self.shared.push((label, id.clone()));
        id
    }

    /// Makes a document that may only be here, with a name of its own. Gives its id.
    #[track_caller]
    pub(super) fn hide(&mut self, collection: &'static str, what: &str, body: &Value) -> String {
        let slug = self.words(what);
        let restricted = with(
            named(collection, &slug),
            &json!({ "visibility": "restricted" }),
        );
        let id = self.put(&format!("/{collection}/{slug}"), &with(restricted, body));
        self.note(collection, &[&id, &slug]);
        id
    }

    /// Keeps names of what is hidden, to ask for it by them.
    pub(super) fn note(&mut self, collection: &'static str, names: &[&str]) {
        let names = names.iter().map(|name| (collection, (*name).to_owned()));
        self.hidden.extend(names);
    }

    /// Gives what is hidden another name and slug.
    #[track_caller]
    pub(super) fn rename(&mut self, collection: &'static str, id: &str, slug: &str) {
        let name = with(named(collection, slug), &json!({ "slug": slug }));
        self.patch(&format!("/{collection}/{id}"), &name);
        self.note(collection, &[slug]);
    }

    /// Makes or replaces a document and gives its id.
    #[track_caller]
    pub(super) fn put(&self, path: &str, body: &Value) -> String {
        let request = self.client().put(path).key(self.server.admin_key());
        let reply = request.json(body).send();
        assert!(matches!(reply.status, 200 | 201), "not written: {reply}");
        text(&reply.json(), "id")
    }

    /// Changes a document, which must give it a new version.
    #[track_caller]
    pub(super) fn patch(&self, path: &str, body: &Value) {
        let key = self.server.admin_key();
        let before = self.client().get(path).key(key).send().expect(200).json();
        let request = self.client().patch(path).key(key).json(body);
        let after = request.send().expect(200).json();
        assert_ne!(
            before["version"], after["version"],
            "nothing changed: {body}"
        );
    }

    #[track_caller]
    pub(super) fn restrict(&self, path: &str) {
        self.patch(path, &json!({ "visibility": "restricted" }));
    }

    #[track_caller]
    pub(super) fn delete(&self, path: &str) {
        let key = self.server.admin_key();
        self.client().delete(path).key(key).send().expect(204);
    }

    #[track_caller]
    pub(super) fn merge(&self, path: &str, into: &str) {
        let request = self.client().post(&format!("{path}/merge"));
        let request = request.key(self.server.admin_key());
        request.json(&json!({ "into": into })).send().expect(200);
    }

    /// Gives a document a new version that looks like the one before to everyone: a contact that
    /// has lapsed is added.
    #[track_caller]
    pub(super) fn touch(&mut self, path: &str) {
        self.lapsed += 1;
        let contact = json!({ "kind": "other", "value": format!("Lapsed {}", self.lapsed), "validUntil": "2020-01-01" });
        self.patch(path, &json!({ "contacts": [contact] }));
    }

    fn client(&self) -> &Client {
        self.server
    }
}

/// The member of a body that holds the name.
pub(super) fn named(collection: &str, name: &str) -> Value {
    match collection {
        "people" => json!({ "name": { "family": name } }),
        "themes" => json!({ "label": name }),
        _ => json!({ "name": name }),
    }
}
