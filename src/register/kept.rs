//! What a caller cannot see of a document stays when the caller replaces what it does see.

use serde_json::{Map, Value};

use super::given::as_item_given;
use super::projection::{BESIDE, is_ref};

/// Whom such a row is about.
const PARTY: [&str; 3] = ["organisation", "person", "partyClass"];

/// Puts what the caller cannot see back into a body that replaces it, in lists where it was:
/// `whole` is the stored document, `seen` what the caller sees of it.
///
/// Contacts that have lapsed are hidden from everyone. They stay as long as the list stays as it
/// is seen, so that sending back what was read changes nothing, and go when it changes.
pub(super) fn keep_hidden(
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

/// Where something in a list of a document is for who sees only a part of that; the list, where it is
/// hidden.
pub(super) fn place_as_seen(
    whole: &Map<String, Value>,
    seen: &Map<String, Value>,
    pointer: &str,
) -> String {
    let mut parts = pointer.splitn(4, '/').skip(1);
    let (Some(member), Some(nth)) = (parts.next(), parts.next()) else {
        return pointer.to_owned();
    };
    let rest = parts.next();
    let lists = (whole.get(member), seen.get(member), nth.parse::<usize>());
    let (Some(Value::Array(all)), Some(Value::Array(visible)), Ok(nth)) = lists else {
        return pointer.to_owned();
    };
    let (mut visible, mut place) = (visible.iter().peekable(), 0);
    for (at, item) in all.iter().enumerate() {
        let is_seen = visible.next_if(|seen| is_part_of(seen, item)).is_some();
        if at == nth && is_seen {
            let rest = rest.map(|rest| format!("/{rest}")).unwrap_or_default();
            return format!("/{member}/{place}{rest}");
        }
        place += usize::from(is_seen);
    }
    format!("/{member}")
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
}
