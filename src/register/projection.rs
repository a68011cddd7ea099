//! What a caller may see of a document. (What it does not see stays when it replaces the rest:
//! `super::kept`.)
//!
//! It works on JSON rather than on the types, so that it holds for every collection, for present
//! documents and for the snapshots of former versions alike.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::caller::{Access, Caller};
use super::day::Day;
use super::error::Result;
use super::heads;
use crate::store::AnyConnection;

/// Takes out of documents what the caller may not see: rows and members that name a hidden
/// document, restricted contacts, and contacts that have lapsed.
///
/// What is hidden is decided by what may be read now, so that a former version does not show a
/// name that became restricted later.
///
/// # Errors
/// When the database cannot be asked.
pub fn project(
    db: &mut AnyConnection,
    caller: &Caller,
    documents: &mut [(Access, Map<String, Value>)],
) -> Result<()> {
    clean(db, caller, documents, false)
}

/// The same, but with all contacts: for the dossier of a person, which holds what is stored.
///
/// # Errors
/// When the database cannot be asked.
pub fn project_with_all_contacts(
    db: &mut AnyConnection,
    caller: &Caller,
    documents: &mut [(Access, Map<String, Value>)],
) -> Result<()> {
    clean(db, caller, documents, true)
}

/// Whether a caller sees all of a document.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn shows_all(
    db: &mut AnyConnection,
    caller: &Caller,
    access: &Access,
    document: &Map<String, Value>,
) -> Result<bool> {
    let view = View {
        hidden: &hidden(db, caller, std::iter::once(document))?,
        restricted_contacts: caller.sees_restricted_parts(access),
        today: &Day::today().to_string(),
    };
    Ok(!document.iter().any(|(name, value)| view.lacks(name, value)))
}

fn clean(
    db: &mut AnyConnection,
    caller: &Caller,
    documents: &mut [(Access, Map<String, Value>)],
    all_contacts: bool,
) -> Result<()> {
    let hidden = hidden(db, caller, documents.iter().map(|(_, document)| document))?;
    // No day comes before the empty text, so nothing has lapsed by then.
    let today = if all_contacts {
        String::new()
    } else {
        Day::today().to_string()
    };
    for (access, document) in documents {
        let view = View {
            hidden: &hidden,
            restricted_contacts: all_contacts || caller.sees_restricted_parts(access),
            today: &today,
        };
        for (name, value) in document.iter_mut() {
            view.clean(name, value);
        }
    }
    Ok(())
}

/// The ids in documents of those that the caller may not know of.
fn hidden<'d>(
    db: &mut AnyConnection,
    caller: &Caller,
    documents: impl Iterator<Item = &'d Map<String, Value>>,
) -> Result<HashSet<String>> {
    let mut ids = HashSet::new();
    if caller.reads_all() {
        return Ok(ids);
    }
    for value in documents.flat_map(Map::values) {
        collect_refs(value, &mut |id| {
            ids.insert(id.to_owned());
        });
    }
    let ids: Vec<String> = ids.into_iter().collect();
    let access = heads::access_now(db, &ids)?;
    // A document that is neither there nor buried was never known to this caller.
    Ok(ids
        .into_iter()
        .filter(|id| {
            access
                .get(id)
                .is_none_or(|access| !caller.may_know(id, access))
        })
        .collect())
}

/// References that a row can do without: an organisation signed, whoever signed for it.
pub(super) const BESIDE: [&str; 1] = ["representedBy"];

struct View<'a> {
    hidden: &'a HashSet<String>,
    restricted_contacts: bool,
    today: &'a str,
}

impl View<'_> {
    fn clean(&self, name: &str, value: &mut Value) {
        match value {
            Value::Array(items) => {
                if name == "contacts" {
                    items.retain(|contact| self.shows_contact(contact));
                }
                items.retain(|item| !self.names_hidden(item));
                for item in items {
                    self.clean("", item);
                }
            }
            Value::Object(members) if self.is_hidden(members) => *value = Value::Null,
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    self.clean(name, value);
                }
            }
            _ => {}
        }
    }

    /// Whether `clean` would take anything out.
    fn lacks(&self, name: &str, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| {
                (name == "contacts" && !self.shows_contact(item))
                    || self.names_hidden(item)
                    || self.lacks("", item)
            }),
            Value::Object(members) => {
                self.is_hidden(members)
                    || members.iter().any(|(name, value)| self.lacks(name, value))
            }
            _ => false,
        }
    }

    fn shows_contact(&self, contact: &Value) -> bool {
        let lapsed = contact["validUntil"]
            .as_str()
            .is_some_and(|day| day < self.today);
        !lapsed && (self.restricted_contacts || contact["visibility"] == "public")
    }

    /// An item of a list goes as a whole when it is, or directly holds, a hidden reference: the
    /// row itself would tell that there is something. So does a grant that a hidden organisation
    /// gives with others: what is left would be told as theirs alone. Except where the row says as
    /// much without.
    fn names_hidden(&self, item: &Value) -> bool {
        let is_one = |value: &Value| value.as_object().is_some_and(|m| self.is_hidden(m));
        let hidden = |(name, value): (&String, &Value)| match value {
            Value::Array(references) => references.iter().any(is_one),
            value => !BESIDE.contains(&name.as_str()) && is_one(value),
        };
        item.as_object()
            .is_some_and(|members| self.is_hidden(members) || members.iter().any(hidden))
    }

    fn is_hidden(&self, members: &Map<String, Value>) -> bool {
        is_ref(members)
            && members["id"]
                .as_str()
                .is_some_and(|id| self.hidden.contains(id))
    }
}

/// Whether an object is a shown reference: `{id, slug, name}`, perhaps with a `type`.
pub(crate) fn is_ref(members: &Map<String, Value>) -> bool {
    let rest = members.len() - usize::from(members.contains_key("type"));
    rest == 3
        && ["id", "slug", "name"]
            .iter()
            .all(|name| members.contains_key(*name))
}

/// Shows each reference in a value to `visit`.
pub(crate) fn each_ref(value: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_ref(item, visit)),
        Value::Object(members) if is_ref(members) => visit(members),
        Value::Object(members) => {
            members
                .values_mut()
                .for_each(|value| each_ref(value, visit));
        }
        _ => {}
    }
}

/// Shows the id of each reference in a value to `visit`.
pub(crate) fn collect_refs(value: &Value, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_refs(item, visit)),
        Value::Object(members) if is_ref(members) => {
            if let Some(id) = members["id"].as_str() {
                visit(id);
            }
        }
        Value::Object(members) => {
            members
                .values()
                .for_each(|value| collect_refs(value, visit));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_that_name_a_hidden_document_go_as_a_whole() {
        let hidden = HashSet::from(["1".to_owned()]);
        let view = View {
            hidden: &hidden,
            restricted_contacts: false,
            today: "2026-01-01",
        };
        let mut value = json!([
            {"organisation": {"id": "1", "slug": "a", "name": "A"}, "role": "other"},
            {"organisation": {"id": "2", "slug": "b", "name": "B"}, "role": "other"}
        ]);
        assert!(view.lacks("partners", &value));
        view.clean("partners", &mut value);
        assert!(!view.lacks("partners", &value));
        assert_eq!(value.as_array().map(Vec::len), Some(1));
        assert_eq!(value[0]["organisation"]["id"], "2");
    }

    #[test]
    fn a_row_that_refers_to_several_goes_when_one_of_them_is_hidden() {
        let hidden = HashSet::from(["1".to_owned()]);
        let view = View {
            hidden: &hidden,
            restricted_contacts: false,
            today: "2026-01-01",
        };
        let (one, two) = (
            json!({"id": "1", "slug": "a", "name": "A"}),
            json!({"id": "2", "slug": "b", "name": "B"}),
        );
        let mut value = json!([
            {"funders": [one, one], "note": "Both."},
            {"funders": [one, two], "note": "One."},
            {"funders": [two], "note": "Another."},
            {"funders": [], "note": "None."}
        ]);
        assert!(view.lacks("funding", &value));
        view.clean("funding", &mut value);
        assert!(!view.lacks("funding", &value));
        assert_eq!(
            value,
            json!([{"funders": [two], "note": "Another."}, {"funders": [], "note": "None."}])
        );
    }
}
