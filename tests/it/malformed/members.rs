//! Members of bodies that are of the wrong type, unknown, or there twice.
//!
//! The schema of each body says what is wrong: a body with all its members is made of it, and its
//! places are given values that the schema refuses. Of each of them the problem must tell.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Attack;
use crate::support::{Operation, Server, object};

/// Values that are wrong for most members.
fn values() -> [Value; 10] {
    [
        Value::Null,
        json!(true),
        json!(9_223_372_036_854_775_808_u64),
        json!(-1.5),
        json!(""),
        json!([]),
        json!({}),
        json!([null]),
        json!([[]]),
        json!({ "unknown": 1 }),
    ]
}

both! {
    with(["--demo"], [])
    fn a_member_of_the_wrong_type_is_refused_wherever_it_stands(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let Some(whole) = operation.whole_body() else {
                return;
            };
            let schema = operation.body_schema().unwrap_or(&Value::Null);
            let validator = operation.validator(schema);
            let mut tried = 0;
            for level in 1..6 {
                let places = places(whole).into_iter().filter(|place| place.matches('/').count() == level);
                let places: Vec<String> = places.collect();
                for value in values() {
                    let mut body = whole.clone();
                    for place in &places {
                        *body.pointer_mut(place).expect("the same body") = value.clone();
                    }
                    let errors = validator.iter_errors(&body);
                    let refused: BTreeSet<String> = errors.map(|error| error.instance_path().to_string()).collect();
                    // In a patch `null` clears a member, however deep, but for those of items of lists.
                    let patch = operation.method == "PATCH" && level > 1 && value.is_null();
                    let refused = refused.iter().map(String::as_str);
                    // And an object without members changes nothing in one that is there: a name, a date.
                    let merges = |place: &str| {
                        let list = whole.pointer(place).is_some_and(Value::is_array);
                        operation.method == "PATCH" && value == json!({}) && !list
                    };
                    let wrong: Vec<&str> = refused
                        .filter(|place| place.contains("/0") || !(patch || merges(place)))
                        .collect();
                    tried += wrong.len();
                    if !wrong.is_empty() {
                        attack.send_faults(operation, &body.to_string(), &wrong, "");
                    }
                }
            }
            assert!(tried > 5, "{}: only {tried} wrong values", operation.name());
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn a_member_that_is_kept_by_the_register_is_not_taken(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let (Some(schema), Some(least)) = (operation.body_schema(), operation.least_body()) else {
                return;
            };
            for (name, _) in object(&schema["properties"]).filter(|(_, of)| of["readOnly"] == true) {
                for value in values() {
                    let mut body = least.clone();
                    body[name] = value;
                    // Where a document that was read may be sent back, only its id is compared.
                    if operation.method == "POST" || name == "id" {
                        attack.send_faults(operation, &body.to_string(), &[&format!("/{name}")], "read_only");
                    }
                }
            }
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn a_member_that_is_unknown_or_there_twice_is_refused_wherever_it_stands(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let Some(whole) = operation.whole_body() else {
                return;
            };
            for place in places(whole).into_iter().chain([String::new()]) {
                let Some(object) = whole.pointer(&place).and_then(Value::as_object) else {
                    continue;
                };
                let (first, value) = object.iter().next().expect("an object has members");
                for (name, text, code) in [
                    ("unknown", "\"unknown\":1".to_owned(), "unknown_member"),
                    ("\u{0}", r#""\u0000":1"#.to_owned(), "unknown_member"),
                    (first, format!("\"{first}\":{value}"), "duplicate"),
                    (first, format!("\"{first}\":null"), "duplicate"),
                ] {
                    let mut body = whole.clone();
                    body.pointer_mut(&place).expect("the same body")["HERE"] = json!(1);
                    let body = body.to_string().replace("\"HERE\":1", &text);
                    attack.send_faults(operation, &body, &[&format!("{place}/{name}")], code);
                }
            }
        });
        attack.assert_repelled();
    }
}

impl Attack<'_> {
    /// Sends a body, and expects a fault at or within each place; with a code, unless that is empty.
    fn send_faults(&mut self, operation: &Operation, body: &str, places: &[&str], code: &str) {
        let request = self.request(operation, &operation.path());
        let media = operation.media_types()[0];
        let reply = request
            .header("content-type", media)
            .bytes(body.as_bytes())
            .send();
        let Ok((_, problem)) = reply.as_problem() else {
            self.wrong.insert(format!(
                "{}: {places:?} {code} of {body} -> {}",
                operation.name(),
                reply.status
            ));
            return;
        };
        for place in places {
            let mut faults = problem["errors"].as_array().into_iter().flatten();
            let told = faults.any(|fault| {
                let location = fault["location"].as_str().unwrap_or_default();
                let rest = location.strip_prefix(place);
                let within = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                fault["in"] == "body" && within && (code.is_empty() || fault["code"] == code)
            });
            if reply.status != 400 || !told {
                let value: Value = serde_json::from_str(body).unwrap_or_default();
                let value = value.pointer(place).unwrap_or(&Value::Null);
                self.wrong.insert(format!(
                    "{}: {place} = {value}: no fault {code} -> {}",
                    operation.name(),
                    reply.status
                ));
            }
        }
    }
}

/// The pointers to all members and items within a value.
fn places(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(nth, item)| (nth.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    let deeper = |(name, value): (String, &Value)| {
        let below = places(value)
            .into_iter()
            .map(|place| format!("/{name}{place}"))
            .collect::<Vec<_>>();
        [vec![format!("/{name}")], below].concat()
    };
    inner.into_iter().flat_map(deeper).collect()
}
