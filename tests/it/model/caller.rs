//! Who asks, and what is left of a register for them: everything that they may not know of is taken
//! out, documents and whatever names them. What remains is a register without secrets.

use serde_json::Value;

use super::register::Document;

/// Who asks.
pub(super) struct Caller {
    pub(super) name: &'static str,
    pub(super) key: Option<String>,
    pub(super) reads_all: bool,
    pub(super) steward: &'static str,
}

impl Caller {
    /// The slugs of what it may not know of.
    fn hidden<'a>(&self, documents: &'a [Document]) -> Vec<&'a str> {
        let hidden = |one: &&Document| {
            !self.reads_all
                && one.body["visibility"] == "restricted"
                && (self.steward.is_empty() || one.body["steward"] != self.steward)
                && one.slug != self.steward
        };
        let hidden = documents.iter().filter(hidden);
        hidden.map(|one| one.slug.as_str()).collect()
    }

    /// The register as it is for this caller.
    pub(super) fn sees(&self, documents: &[Document]) -> Vec<Document> {
        let hidden = self.hidden(documents);
        let mut seen = documents.to_vec();
        seen.retain(|one| !hidden.contains(&one.slug.as_str()));
        for one in &mut seen {
            clean(&mut one.body, &hidden);
        }
        seen
    }
}

/// Takes out what names something hidden: rows as a whole, members alone.
fn clean(value: &mut Value, hidden: &[&str]) {
    let is_hidden = |value: &Value| {
        let named = value.as_str().or_else(|| value["id"].as_str());
        named.is_some_and(|slug| hidden.contains(&slug))
    };
    match value {
        Value::Array(items) => {
            items.retain(|item| {
                let members = item.as_object().into_iter().flatten();
                let mut needed = members.filter(|(name, _)| *name != "representedBy");
                let of_list = |value: &Value| {
                    value
                        .as_array()
                        .is_some_and(|all| all.iter().any(is_hidden))
                };
                !is_hidden(item) && !needed.any(|(_, value)| is_hidden(value) || of_list(value))
            });
            for item in items {
                clean(item, hidden);
            }
        }
        value if is_hidden(value) => *value = Value::Null,
        Value::Object(members) => members.values_mut().for_each(|value| clean(value, hidden)),
        _ => {}
    }
}
