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

fn clean(
    db: &mut AnyConnection,
    caller: &Caller,
    documents: &mut [(Access, Map<String, Value>)],
    all_contacts: bool,
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

/// References that a row can do without: an organisation signed, whoever signed for it.
const BESIDE: [&str; 1] = ["representedBy"];

/// Whom such a row is about.
const PARTY: [&str; 3] = ["organisation", "person", "partyClass"];

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
fn is_ref(members: &Map<String, Value>) -> bool {
    let rest = members.len() - usize::from(members.contains_key("type"));
    rest == 3
        && ["id", "slug", "name"]
            .iter()
            .all(|name| members.contains_key(*name))
}

/// Shows each reference in a value to `visit`.
pub(super) fn each_ref(value: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
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
            let id = members["id"].take();
            *value = match members.remove("type") {
                Some(type_) => serde_json::json!({"type": type_, "id": id}),
                None => id,
            };
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

/// Puts what the caller cannot see back into a body that replaces it, in lists where it was:
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
            // So does the hidden document that a member names, unless another takes its place.
            (Value::Object(members), Some(Value::Null)) if is_ref(members) => {
                let given = body.entry(name).or_insert(Value::Null);
                if given.is_null() {
                    *given = as_item_given(value);
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

/// Puts each hidden item of a list behind the item that it stood behind, and what is hidden in an
/// item that came back as it was seen back into that.
fn restore(all: &[Value], visible: &[Value], list: &mut Vec<Value>) {
    let mut forms: Vec<Value> = list.iter().map(as_item_given).collect();
    let mut visible = visible.iter().peekable();
    let mut at = 0;
    for item in all {
        let seen = visible.next_if(|seen| is_part_of(seen, item));
        let form = as_item_given(item);
        let sought = seen.map_or_else(|| form.clone(), as_item_given);
        if let Some(found) = forms.iter().skip(at).position(|other| *other == sought) {
            at += found + 1;
            if sought != form {
                list[at - 1] = form.clone();
                forms[at - 1] = form;
            }
        } else if seen.is_none() {
            list.insert(at, form.clone());
            forms.insert(at, form);
            at += 1;
        } else if let Some(seen) = seen {
            at += restore_beside(&form, seen, &mut list[at..], &forms[at..]);
        }
    }
}

/// Puts a hidden reference back into a row that was changed, if the row is still about the same
/// party: `seen` is the row as it was shown. Gives how many rows were passed.
fn restore_beside(whole: &Value, seen: &Value, list: &mut [Value], forms: &[Value]) -> usize {
    let same = |form: &Value, name: &str| {
        let (given, shown) = (&form[name], &seen[name]);
        given == shown || !given.is_null() && (*given == shown["id"] || *given == shown["slug"])
    };
    for name in BESIDE {
        let changed = |form: &Value| {
            PARTY.iter().all(|party| same(form, party)) && form.get(name).is_none_or(Value::is_null)
        };
        if seen[name].is_null()
            && !whole[name].is_null()
            && let Some(found) = forms.iter().position(changed)
            && let Some(row) = list[found].as_object_mut()
        {
            row.insert(name.to_owned(), whole[name].clone());
            return found + 1;
        }
    }
    0
}

/// Whether a row is what a projection can leave of another: the same, but for a reference beside it
/// that became `null` and contacts that went. A row that names something hidden otherwise is not
/// shown at all, so one that lacks it is another row.
fn is_part_of(seen: &Value, whole: &Value) -> bool {
    match (seen, whole) {
        (Value::Object(seen), Value::Object(whole)) => {
            let beside = |name: &str, value: &Value, all: &Value| {
                let is_one = all.as_object().is_some_and(is_ref);
                value.is_null() && is_one && BESIDE.contains(&name)
            };
            let same = |(name, value): (&String, &Value)| {
                let whole = whole.get(name);
                whole.is_some_and(|all| beside(name, value, all) || is_part_of(value, all))
            };
            seen.len() == whole.len() && seen.iter().all(same)
        }
        (Value::Array(seen), Value::Array(whole)) => {
            let mut seen = seen.iter().peekable();
            for item in whole {
                let there = seen.next_if(|part| is_part_of(part, item)).is_some();
                if !there && item.as_object().is_some_and(is_ref) {
                    return false;
                }
            }
            seen.next().is_none()
        }
        _ => seen == whole,
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
        view.clean("funding", &mut value);
        assert_eq!(
            value,
            json!([{"funders": [two], "note": "Another."}, {"funders": [], "note": "None."}])
        );
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
    fn a_member_that_names_what_is_hidden_stays_until_another_takes_its_place() {
        let hidden = json!({"broader": {"id": "1", "slug": "a", "name": "A"}});
        let seen = json!({"broader": null});
        for (given, kept) in [
            (json!({}), "1"),
            (json!({"broader": null}), "1"),
            (json!({"broader": "2"}), "2"),
        ] {
            let mut body = given;
            if let (Some(whole), Some(seen), Some(body)) =
                (hidden.as_object(), seen.as_object(), body.as_object_mut())
            {
                keep_hidden(whole, seen, body);
            }
            assert_eq!(body, json!({"broader": kept}));
        }
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
