//! Finding all that is wrong with a document at once: what is left of it, without what is known to
//! be wrong, is brought in too, and never kept.

use serde_json::{Map, Value};

use super::entry::Kept;
use crate::register::bring::{Item, Target};
use crate::register::{Error, Fault, Issue, Issues};

/// A document that is looked at.
pub(super) struct Look {
    /// Its place in the file.
    pub(super) nth: usize,
    /// What is wrong with it.
    pub(super) wrong: Vec<Error>,
    /// What is taken out of it, as JSON pointers.
    taken_out: Vec<String>,
    /// How often it could not be read.
    misread: usize,
}

impl Look {
    /// A first look at a document.
    pub(super) fn at(nth: usize) -> Self {
        Self {
            nth,
            wrong: Vec::new(),
            taken_out: Vec::new(),
            misread: 0,
        }
    }

    /// What is to be brought in of it.
    pub(super) fn item<'t>(&self, kept: Kept, target: Target<'t>) -> Item<'t> {
        let mut body = kept.body;
        if matches!(target, Target::New(..)) {
            for (name, value) in kept.only_if_new {
                body.entry(name).or_insert(value);
            }
        }
        if self.taken_out.is_empty() {
            // Where that is, is all that counts: it was told in other words.
            let known = kept.wrong.into_iter();
            let known = known.map(|error| Issue::body(error.location, Fault::Missing));
            let issues = Issues(known.collect());
            return Item {
                issues,
                ..Item::new(target, body)
            };
        }
        let mut whole = Value::Object(body);
        for pointer in &self.taken_out {
            take_out(&mut whole, pointer);
        }
        let members = self.taken_out.iter().map(|pointer| member(pointer));
        let Value::Object(body) = whole else {
            return Item::new(target, Map::new());
        };
        Item {
            taken_out: members.map(str::to_owned).collect(),
            ..Item::new(target, body)
        }
    }

    /// Notes what is wrong. Says whether more may be found in what is left.
    pub(super) fn note(&mut self, wrong: Vec<Error>) -> bool {
        let mut is_more_left = false;
        for error in wrong {
            match &error {
                Error::Invalid(issues) => {
                    let locations = issues.0.iter().map(|issue| issue.location.clone());
                    self.taken_out.extend(locations);
                    self.misread += 1;
                    is_more_left = self.misread < 3;
                    if self.misread > 1 {
                        // That may come of what was taken out: so the whole members go.
                        for pointer in &mut self.taken_out {
                            *pointer = format!("/{}", member(pointer));
                        }
                        continue;
                    }
                }
                Error::Forbidden(_) => {
                    let steward = "/steward".to_owned();
                    is_more_left = !self.taken_out.contains(&steward);
                    self.taken_out.push(steward);
                }
                _ => is_more_left = false,
            }
            self.wrong.push(error);
        }
        is_more_left
    }
}

/// The member of a document in which something stands.
fn member(pointer: &str) -> &str {
    pointer.split('/').nth(1).unwrap_or_default()
}

/// Takes a member out, wherever it is. Items stay, so that the others keep their places.
fn take_out(whole: &mut Value, pointer: &str) {
    let above_and_last = pointer.rsplit_once('/');
    if let Some((above, last)) = above_and_last
        && let Some(Value::Object(members)) = whole.pointer_mut(above)
    {
        members.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item_of(look: &Look, body: &Value) -> (Value, Vec<String>) {
        let body = body.as_object().cloned().unwrap_or_default();
        let kept = Kept {
            body,
            ..Kept::default()
        };
        let item = look.item(kept, Target::Unknown);
        (Value::Object(item.body), item.taken_out)
    }

    fn invalid(pointers: &[&str]) -> Error {
        let issues = pointers.iter();
        let issues = issues.map(|pointer| Issue::body(*pointer, Fault::Missing));
        Error::Invalid(Issues(issues.collect()))
    }

    #[test]
    fn what_is_wrong_is_taken_out_and_then_the_members_around_it() {
        let body = json!({
            "name": 3, "a/b": 1, "steward": "een",
            "parents": [{"organisation": "een", "start": 4}, {"organisation": "twee"}]
        });
        let mut look = Look::at(7);
        assert_eq!(item_of(&look, &body), (body.clone(), Vec::new()));
        assert!(look.note(vec![invalid(&[
            "/name",
            "/a~1b",
            "/parents/0/start",
            "/parents/1"
        ])]));
        let (left, taken_out) = item_of(&look, &body);
        let parents = json!([{"organisation": "een"}, {"organisation": "twee"}]);
        assert_eq!(left, json!({"steward": "een", "parents": parents}));
        assert_eq!(taken_out, ["name", "a~1b", "parents", "parents"]);
        assert!(look.note(vec![invalid(&["/parents/1/start"])]));
        assert_eq!(item_of(&look, &body).0, json!({"steward": "een"}));
        // What was found in what was left is not told.
        assert_eq!(look.wrong.len(), 1);
        assert!(!look.note(vec![invalid(&["/other"])]));
    }

    #[test]
    fn what_may_not_be_given_to_another_is_looked_at_without_that_once() {
        let forbidden = || {
            let text = crate::register::Text { nl: "", en: "" };
            vec![Error::Forbidden(text)]
        };
        let mut look = Look::at(0);
        assert!(look.note(forbidden()));
        let (left, _) = item_of(&look, &json!({"name": "A", "steward": "een"}));
        assert_eq!(left, json!({"name": "A"}));
        assert!(!look.note(forbidden()));
        assert!(!Look::at(0).note(vec![Error::NotFound]));
    }
}
