//! A document in the form in which a caller would have given it, made of the form in which it is
//! shown. (The other way, from what is given to a document, is `super::draft`.)

use serde_json::{Map, Value, json};

use super::document::READ_ONLY;
use super::partial_date::PartialDate;
use super::projection::is_ref;

/// The form in which a caller would have given a document: references by id, dates by their
/// expression and the source's own words, without the members that only the register sets.
///
/// A merge patch is applied to this form, so that what is derived does not stay behind when what
/// it was derived from changes.
pub(super) fn as_given(mut document: Map<String, Value>) -> Map<String, Value> {
    for name in READ_ONLY {
        document.remove(name);
    }
    document.values_mut().for_each(give);
    document
}

/// The same, for a patch to be laid over it: what the patch replaces as a whole stays empty.
pub(super) fn as_given_under(
    document: &Map<String, Value>,
    patch: &Map<String, Value>,
) -> Map<String, Value> {
    let members = document
        .iter()
        .filter(|(name, _)| !READ_ONLY.contains(&name.as_str()));
    let given = members.map(|(name, value)| {
        let mut value = match patch.get(name) {
            None | Some(Value::Object(_)) => value.clone(),
            Some(_) => Value::Null,
        };
        give(&mut value);
        (name.clone(), value)
    });
    given.collect()
}

fn give(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(give),
        Value::Object(members) if is_ref(members) => {
            let id = members["id"].take();
            *value = match members.remove("type") {
                Some(type_) => json!({"type": type_, "id": id}),
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

/// A member, or an item of a list, in the form in which a caller would have given it.
pub(super) fn as_item_given(item: &Value) -> Value {
    let mut item = item.clone();
    give(&mut item);
    item
}

/// Makes shown references to `from` references to `to`. An item of a list that thereby becomes
/// the same as another goes. Says whether there was any.
pub(super) fn redirect(value: &mut Value, from: &str, to: &str) -> bool {
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
    use super::*;

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
    #[test]
    fn a_patch_makes_the_same_of_a_document_without_what_it_replaces() {
        let document = json!({
            "id": "x", "slug": "a", "name": "A", "steward": {"id": "7", "slug": "s", "name": "S"},
            "founded": {"edtf": "2014-23", "text": "najaar 2014", "earliest": "2014-09-01"},
            "area": {"codes": ["1", "2"], "name": "B"}, "contacts": [{"value": "c"}]
        });
        let patches = [
            json!({}),
            json!({"name": "C", "steward": null, "contacts": []}),
            json!({"steward": {"id": "8"}, "founded": {"edtf": "2015"}, "area": {"name": null}}),
            json!({"founded": "2015", "area": {"codes": ["3"]}, "new": 1, "id": "y"}),
        ];
        let Value::Object(document) = document else {
            unreachable!()
        };
        for patch in patches {
            let Some(members) = patch.as_object() else {
                unreachable!()
            };
            let mut whole = Value::Object(as_given(document.clone()));
            let mut under = Value::Object(as_given_under(&document, members));
            json_patch::merge(&mut whole, &patch);
            json_patch::merge(&mut under, &patch);
            assert_eq!(whole, under, "{patch}");
        }
    }
}
