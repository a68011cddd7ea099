//! What of a document can be found by its words: its names, its texts, and the names of what it
//! refers to.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::register::projection::is_ref;

/// How much it says about a document that a word stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) enum Weight {
    /// In one of its names.
    Name,
    /// In one of its texts.
    Text,
    /// In a name of something that it refers to.
    Near,
}

/// A text of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Passage {
    /// The member of the document in which it stands.
    pub(super) member: String,
    /// What it counts for.
    pub(super) weight: Weight,
    /// The text.
    pub(super) text: String,
}

/// Members that name the document itself.
const NAMES: [&str; 5] = [
    "name",
    "displayName",
    "label",
    "alternativeNames",
    "alternativeLabels",
];

/// Members that hold text, at any depth. What is not here is a word of a vocabulary, a date, an
/// address or a number, and can be filtered on.
pub(super) const TEXTS: [&str; 21] = [
    "ambition",
    "approach",
    "area",
    "biography",
    "condition",
    "definition",
    "denomination",
    "description",
    "localAccessNote",
    "motivation",
    "note",
    "partyClass",
    "planning",
    "results",
    "roleDescription",
    "summary",
    "targetGroup",
    "text",
    "title",
    "topic",
    "value",
];

/// Members that are left out whole: who looks after the document, where its facts come from, and
/// how to reach people, which nobody should be found by.
pub(super) const LEFT_OUT: [&str; 4] = ["contacts", "steward", "sources", "address"];

/// Other names of documents, by their ids.
pub(super) type Synonyms = HashMap<String, Vec<String>>;

/// The passages of a document, as somebody sees it.
pub(super) fn passages(document: &Map<String, Value>, synonyms: &Synonyms) -> Vec<Passage> {
    let mut found = Found {
        synonyms,
        seen: BTreeSet::new(),
        passages: Vec::new(),
    };
    for (member, value) in document {
        if NAMES.contains(&member.as_str()) {
            for text in texts(value) {
                found.add(member, Weight::Name, text);
            }
        } else if !LEFT_OUT.contains(&member.as_str()) {
            found.walk(member, member, value);
        }
    }
    found.passages
}

/// The other names of a document, as whole as it is stored.
pub(super) fn other_names(document: &Map<String, Value>) -> Vec<String> {
    ["alternativeNames", "alternativeLabels"]
        .iter()
        .filter_map(|member| document.get(*member))
        .flat_map(texts)
        .map(str::to_owned)
        .collect()
}

/// A text, or each of a list of them.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

struct Found<'s> {
    synonyms: &'s Synonyms,
    /// A name that stands in ten rows counts once.
    seen: BTreeSet<(String, String)>,
    passages: Vec<Passage>,
}

impl Found<'_> {
    fn add(&mut self, member: &str, weight: Weight, text: &str) {
        let near = weight == Weight::Near;
        if !near || self.seen.insert((member.to_owned(), text.to_owned())) {
            self.passages.push(Passage {
                member: member.to_owned(),
                weight,
                text: text.to_owned(),
            });
        }
    }

    /// `member` is that of the document, `name` the one that holds the value.
    fn walk(&mut self, member: &str, name: &str, value: &Value) {
        match value {
            // Codes are words, addresses of things are not.
            Value::String(text) if TEXTS.contains(&name) && !text.contains("://") => {
                self.add(member, Weight::Text, text);
            }
            Value::Array(items) => {
                for item in items {
                    self.walk(member, name, item);
                }
            }
            Value::Object(members) if is_ref(members) => {
                let id = members["id"].as_str().unwrap_or_default();
                let names = self.synonyms.get(id).into_iter().flatten();
                let shown = members["name"].as_str().into_iter();
                for text in shown.chain(names.map(String::as_str)) {
                    self.add(member, Weight::Near, text);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    if !LEFT_OUT.contains(&name.as_str()) {
                        self.walk(member, name, value);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The ids of all documents to which a document refers.
pub(super) fn references(document: &Map<String, Value>) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for value in document.values() {
        crate::register::projection::collect_refs(value, &mut |id| {
            ids.insert(id.to_owned());
        });
    }
    ids
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_texts_and_names_of_others_are_told_apart() {
        let document = json!({
            "id": "1", "slug": "plan", "kind": "pilot", "name": "Plan", "alternativeNames": ["Proef"],
            "objective": {"text": "Hulp op school.", "isQuote": true},
            "participants": [
                {"organisation": {"id": "2", "slug": "a", "name": "Elburg"}, "role": "funder"},
                {"organisation": {"id": "2", "slug": "a", "name": "Elburg"}, "role": "owner"}
            ],
            "contacts": [{"label": "Loket", "value": "loket@example.nl"}],
            "sources": [{"title": "Krant"}]
        });
        let synonyms = Synonyms::from([("2".to_owned(), vec!["Elburgh".to_owned()])]);
        let found: Vec<(String, Weight, String)> =
            passages(document.as_object().unwrap_or(&Map::new()), &synonyms)
                .into_iter()
                .map(|one| (one.member, one.weight, one.text))
                .collect();
        let one = |member: &str, weight, text: &str| (member.to_owned(), weight, text.to_owned());
        assert_eq!(
            found,
            [
                one("name", Weight::Name, "Plan"),
                one("alternativeNames", Weight::Name, "Proef"),
                one("objective", Weight::Text, "Hulp op school."),
                one("participants", Weight::Near, "Elburg"),
                one("participants", Weight::Near, "Elburgh"),
            ]
        );
    }

    /// A new text would otherwise be left out of the search without anyone noticing.
    #[test]
    fn every_member_that_holds_a_text_is_found_or_left_out_on_purpose() {
        let contract = crate::api::openapi::document(&crate::api::endpoints(), "http://localhost");
        let contract = serde_json::to_value(&contract).unwrap_or_default();
        let schemas = contract["components"]["schemas"].as_object();
        let of_persons = ["given", "prefix", "family", "honorific"];
        let beside = [
            "street",
            "houseNumber",
            "city",
            "publisher",
            "quote",
            "durationText",
            "focusPoint",
            "inferred",
        ];
        let mut looked_at = 0;
        for collection in &crate::collections::ALL {
            let mut wanted = vec![collection.naming.singular_id.to_owned()];
            let mut seen = BTreeSet::new();
            while let Some(name) = wanted.pop() {
                let schema = schemas.and_then(|schemas| schemas.get(&name));
                let Some(schema) = schema.filter(|_| seen.insert(name.clone())) else {
                    continue;
                };
                for (member, about) in schema["properties"].as_object().into_iter().flatten() {
                    let about = about.to_string();
                    let is_text = ["Line", "Markdown"]
                        .iter()
                        .any(|one| about.contains(&format!("schemas/{one}\"")));
                    if is_text {
                        looked_at += 1;
                        let lists: [&[&str]; 5] = [&NAMES, &TEXTS, &LEFT_OUT, &of_persons, &beside];
                        assert!(
                            lists.iter().any(|list| list.contains(&member.as_str())),
                            "{name}.{member}"
                        );
                    }
                    let parts = about.split("#/components/schemas/").skip(1);
                    wanted
                        .extend(parts.filter_map(|part| Some(part.split('"').next()?.to_owned())));
                }
            }
        }
        assert!(looked_at > 20, "{looked_at}");
    }
}
