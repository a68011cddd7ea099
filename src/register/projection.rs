//! What a caller may see of a document, and a document in the form in which it is given.
//!
//! Both work on JSON rather than on the types, so that they hold for every collection, for
//! present documents and for the snapshots of former versions alike.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::caller::{Access, Caller};
use super::day::Day;
use super::error::Result;
use super::heads;
use super::partial_date::PartialDate;
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
    let hidden = if caller.reads_all() {
        HashSet::new()
    } else {
        let mut ids = HashSet::new();
        for (_, document) in documents.iter() {
            document
                .values()
                .for_each(|value| collect_refs(value, &mut ids));
        }
        let ids: Vec<String> = ids.into_iter().collect();
        let access = heads::access_now(db, &ids)?;
        // A document that is neither there nor buried was never known to this caller.
        ids.into_iter()
            .filter(|id| {
                access
                    .get(id)
                    .is_none_or(|access| !caller.may_know(id, access))
            })
            .collect()
    };
    let today = Day::today().to_string();
    for (access, document) in documents {
        let view = View {
            hidden: &hidden,
            restricted_contacts: caller.sees_restricted_parts(access),
            today: &today,
        };
        for (name, value) in document.iter_mut() {
            view.clean(name, value);
        }
    }
    Ok(())
}

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

    fn shows_contact(&self, contact: &Value) -> bool {
        let lapsed = contact["validUntil"]
            .as_str()
            .is_some_and(|day| day < self.today);
        !lapsed && (self.restricted_contacts || contact["visibility"] == "public")
    }

    /// An item of a list goes as a whole when it is, or directly holds, a hidden reference: the
    /// row itself would tell that there is something.
    fn names_hidden(&self, item: &Value) -> bool {
        item.as_object().is_some_and(|members| {
            self.is_hidden(members)
                || members
                    .values()
                    .any(|v| v.as_object().is_some_and(|m| self.is_hidden(m)))
        })
    }

    fn is_hidden(&self, members: &Map<String, Value>) -> bool {
        is_ref(members)
            && members["id"]
                .as_str()
                .is_some_and(|id| self.hidden.contains(id))
    }
}

/// Whether an object is a shown reference: `{id, slug, name}`, perhaps with a `type`.
fn is_ref(members: &Map<String, Value>) -> bool {
    let rest = members.len() - usize::from(members.contains_key("type"));
    rest == 3
        && ["id", "slug", "name"]
            .iter()
            .all(|name| members.contains_key(*name))
}

fn collect_refs(value: &Value, ids: &mut HashSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_refs(item, ids)),
        Value::Object(members) if is_ref(members) => {
            ids.extend(members["id"].as_str().map(str::to_owned));
        }
        Value::Object(members) => members.values().for_each(|value| collect_refs(value, ids)),
        _ => {}
    }
}

/// The form in which a caller would have given a document: references by id, dates by their
/// expression and the source's own words, without the members that only the register sets.
///
/// A merge patch is applied to this form, so that what is derived does not stay behind when what
/// it was derived from changes.
pub fn as_given(mut document: Map<String, Value>) -> Map<String, Value> {
    for name in super::document::READ_ONLY {
        document.remove(name);
    }
    document.values_mut().for_each(give);
    document
}

fn give(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(give),
        Value::Object(members) if is_ref(members) => {
            *value = members["id"].take();
        }
        Value::Object(members) => {
            if let Some(date) = members
                .get("edtf")
                .and_then(Value::as_str)
                .and_then(|e| PartialDate::parse(e).ok())
            {
                members.retain(|name, _| !matches!(name.as_str(), "earliest" | "latest"));
                if members.get("text").and_then(Value::as_str) == Some(&date.text()) {
                    members.remove("text");
                }
            } else {
                members.values_mut().for_each(give);
            }
        }
        _ => {}
    }
}

/// Puts what the caller cannot see back into the lists of a body that replaces them, where it was:
/// `whole` is the stored document, `seen` what the caller sees of it.
///
/// Contacts that have lapsed are hidden from everyone. They stay as long as the list stays as it
/// is seen, so that sending back what was read changes nothing, and go when it changes.
pub fn keep_hidden(
    whole: &Map<String, Value>,
    seen: &Map<String, Value>,
    body: &mut Map<String, Value>,
) {
    for (name, value) in whole {
        match (value, seen.get(name)) {
            (Value::Array(all), Some(Value::Array(visible))) if all != visible => {
                let list = body.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                let Value::Array(list) = list else { continue };
                if name != "contacts" {
                    restore(all, visible, list);
                } else if list
                    .iter()
                    .map(as_item_given)
                    .eq(visible.iter().map(as_item_given))
                {
                    *list = all.iter().map(as_item_given).collect();
                }
            }
            (Value::Object(whole), Some(Value::Object(seen))) if whole != seen => {
                let inner = body
                    .entry(name)
                    .or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(inner) = inner {
                    keep_hidden(whole, seen, inner);
                }
            }
            _ => {}
        }
    }
}

/// Puts each hidden item of a list behind the item that it stood behind.
fn restore(all: &[Value], visible: &[Value], list: &mut Vec<Value>) {
    let mut forms: Vec<Value> = list.iter().map(as_item_given).collect();
    let mut at = 0;
    for item in all {
        let form = as_item_given(item);
        if let Some(found) = forms.iter().skip(at).position(|other| *other == form) {
            at += found + 1;
        } else if !visible.contains(item) {
            list.insert(at, form.clone());
            forms.insert(at, form);
            at += 1;
        }
    }
}

/// An item of a list in the form in which a caller would have given it.
fn as_item_given(item: &Value) -> Value {
    let mut item = item.clone();
    give(&mut item);
    item
}

/// Makes shown references to `from` references to `to`. An item of a list that thereby becomes
/// the same as another goes. Says whether there was any.
pub fn redirect(value: &mut Value, from: &str, to: &str) -> bool {
    match value {
        Value::Object(members) if is_ref(members) => {
            let named = members["id"] == from;
            if named {
                members.insert("id".into(), to.into());
            }
            named
        }
        Value::Object(members) => members
            .values_mut()
            .fold(false, |any, value| redirect(value, from, to) | any),
        Value::Array(items) => {
            let changed: Vec<bool> = items
                .iter_mut()
                .map(|item| redirect(item, from, to))
                .collect();
            let forms: Vec<Value> = items.iter().map(as_item_given).collect();
            let double = |nth: usize| {
                changed[nth]
                    && (0..forms.len()).any(|other| {
                        forms[other] == forms[nth]
                            && other != nth
                            && (!changed[other] || other < nth)
                    })
            };
            let mut nth = 0;
            items.retain(|_| {
                nth += 1;
                !double(nth - 1)
            });
            changed.contains(&true)
        }
        _ => false,
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
        view.clean("partners", &mut value);
        assert_eq!(value.as_array().map(Vec::len), Some(1));
        assert_eq!(value[0]["organisation"]["id"], "2");
    }

    #[test]
    fn what_is_hidden_survives_that_its_list_is_replaced() {
        let hidden = json!({"id": "1", "slug": "a", "name": "A"});
        let shown = json!({"id": "2", "slug": "b", "name": "B"});
        let whole = json!({"area": {"municipalities": [hidden, shown]}, "rows": [1]});
        let seen = json!({"area": {"municipalities": [shown]}, "rows": [1]});
        let mut body = json!({"area": {"municipalities": [shown]}, "rows": []});
        if let (Some(whole), Some(seen), Some(body)) =
            (whole.as_object(), seen.as_object(), body.as_object_mut())
        {
            keep_hidden(whole, seen, body);
        }
        assert_eq!(
            body,
            json!({"area": {"municipalities": ["1", shown]}, "rows": []})
        );
    }

    #[test]
    fn a_document_as_given_has_no_derived_members() {
        let document = json!({
            "id": "x", "version": 3,
            "steward": {"id": "7", "slug": "s", "name": "S"},
            "founded": {"edtf": "2014-23", "text": "najaar 2014", "earliest": "2014-09-01"}
        });
        let Value::Object(document) = document else {
            unreachable!()
        };
        let given = Value::Object(as_given(document));
        assert_eq!(
            given,
            json!({"steward": "7", "founded": {"edtf": "2014-23"}})
        );
    }
}
