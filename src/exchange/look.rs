//! Finding all that is wrong with a document at once: what is left of it, without what is known to
//! be wrong, is brought in too, and never kept.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::entry::Kept;
use crate::register::brought::{Item, Target};
use crate::register::scheme::canonical;
use crate::register::{Error, Fault, Issue, Issues};

/// With more mistakes than this, whole members are taken out at once.
const MANY: usize = 500;

/// No more codes that others have are looked for.
const MANY_TAKEN: usize = 20;

/// A document that is looked at.
#[derive(Default)]
pub(super) struct Look {
    /// Its place in the file.
    pub(super) nth: usize,
    /// What is wrong with it.
    pub(super) wrong: Vec<Error>,
    /// Whether it is looked at as the document that has its name, from which it differs.
    pub(super) as_found: bool,
    /// Whether what names it is wrong, so that it may be one that is there.
    is_misnamed: bool,
    /// What is taken out of it, as JSON pointers into what it says.
    taken_out: Vec<String>,
    /// The codes that are taken out of it, because another has them.
    taken: Vec<(String, String)>,
    /// How often it could not be read.
    misread: usize,
}

impl Look {
    /// A first look.
    pub(super) fn at(nth: usize, is_misnamed: bool) -> Self {
        Self {
            nth,
            is_misnamed,
            ..Self::default()
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
        if let Some(Value::Array(codes)) = body.get_mut("identifiers") {
            codes.retain(|code| {
                let part = |name: &str| code[name].as_str().unwrap_or_default();
                !canonical(part("scheme"), part("value"))
                    .is_ok_and(|code| self.taken.contains(&code))
            });
        }
        if self.misread == 0 {
            // Where that is, is all that counts: it was told in other words.
            let known = kept.wrong.into_iter();
            let known = known.map(|error| Issue::body(error.location, Fault::Duplicate));
            let issues = Issues(known.collect());
            return Item {
                issues,
                ..Item::new(target, take_out(body, &self.taken_out))
            };
        }
        let members = self.taken_out.iter().map(|pointer| member(pointer));
        let members: Vec<String> = members.map(str::to_owned).collect();
        let body = if matches!(target, Target::Same(_)) {
            // A list without one of its items is another.
            let whole = members.iter().map(|name| format!("/{name}"));
            take_out(body, &whole.collect::<Vec<_>>())
        } else {
            take_out(body, &self.taken_out)
        };
        Item {
            taken_out: members,
            ..Item::new(target, body)
        }
    }

    /// Notes what is wrong, and whether it was brought in all the same. Says whether more may be found
    /// in what is left.
    pub(super) fn note(&mut self, wrong: Vec<Error>, is_brought: bool) -> bool {
        let mut is_more_left = false;
        for error in wrong {
            match error {
                Error::Invalid(issues) => {
                    is_more_left = self.note_issues(issues, is_brought);
                    continue;
                }
                Error::Forbidden(_) => {
                    is_more_left = self.without("/steward");
                    let mut known = self.wrong.iter();
                    if known.any(|error| matches!(error, Error::Forbidden(_))) {
                        continue;
                    }
                }
                Error::Taken { ref what } => {
                    is_more_left = match what.split_once(':') {
                        Some((scheme, value)) => {
                            self.taken.push((scheme.to_owned(), value.to_owned()));
                            self.taken.len() < MANY_TAKEN
                        }
                        None => self.without("/slug"),
                    };
                }
                // Several may be that document, of which one was looked at.
                Error::Conflict(_) | Error::NotFound if self.as_found => continue,
                Error::Conflict(_) => {
                    self.as_found = true;
                    is_more_left = true;
                }
                _ => is_more_left = false,
            }
            self.wrong.push(error);
        }
        is_more_left && !is_brought
    }

    /// Takes more out, unless that is out already.
    fn without(&mut self, pointer: &str) -> bool {
        let is_new = self.taken_out.iter().all(|out| out != pointer);
        self.taken_out.push(pointer.to_owned());
        is_new
    }

    /// What stands in what is left of it may come of what was taken out, so it is not told; but what
    /// is around it goes too: first the object that it stands in, then the item, then the whole member.
    fn note_issues(&mut self, mut issues: Issues, is_brought: bool) -> bool {
        let is_first = self.misread == 0;
        if issues.0.len() > MANY {
            self.misread = self.misread.max(3);
        }
        let places = issues.0.iter().map(|issue| {
            let place = placed(&self.taken_out, &issue.location);
            match self.misread {
                0 => place,
                1 => object_around(&place).to_owned(),
                2 => item_around(&place).to_owned(),
                _ => format!("/{}", member(&place)),
            }
        });
        let places: Vec<String> = places.collect();
        let has_name = !self.taken_out.iter().any(|out| is_of_name(out));
        self.taken_out.extend(places);
        self.taken_out.sort_unstable();
        self.taken_out.dedup();
        self.misread += 1;
        if is_first {
            // What is wrong with it as a whole was told when it was read.
            issues.0.retain(|issue| !issue.location.is_empty());
            if self.is_misnamed && !issues.0.iter().all(Issue::is_of_absence) {
                issues.0.retain(|issue| !issue.is_of_absence());
            }
            self.wrong.push(Error::Invalid(issues));
        } else if is_brought && has_name {
            // Members that follow from the name.
            self.wrong.push(Error::Invalid(issues));
        }
        self.misread <= 4
    }

    /// The items that were taken out of its lists.
    pub(super) fn into_items_taken_out(mut self) -> Vec<String> {
        self.taken_out
            .retain(|out| item_around(out) == out && !is_member(out));
        self.taken_out
    }
}

/// The member of a document in which something stands.
fn member(pointer: &str) -> &str {
    pointer.split('/').nth(1).unwrap_or_default()
}

fn is_member(pointer: &str) -> bool {
    !pointer.get(1..).unwrap_or_default().contains('/')
}

fn is_of_name(pointer: &str) -> bool {
    ["name", "label"].contains(&member(pointer))
}

/// The object around something, where that is not the document itself; an item is its own.
fn object_around(pointer: &str) -> &str {
    match pointer.rsplit_once('/') {
        Some((above, last)) if !above.is_empty() && last.parse::<usize>().is_err() => above,
        _ => pointer,
    }
}

/// The innermost item of a list around something, or the member where it stands in none.
fn item_around(pointer: &str) -> &str {
    let mut end = pointer.len();
    while let Some(start) = pointer.get(..end).and_then(|before| before.rfind('/')) {
        if start == 0 {
            return pointer.get(..end).unwrap_or_default();
        }
        let last = pointer.get(start + 1..end);
        if last.is_some_and(|last| last.parse::<usize>().is_ok()) {
            return pointer.get(..end).unwrap_or_default();
        }
        end = start;
    }
    pointer
}

/// Where something stands in a document, if it stands there in what is left of that: lists from which
/// items were taken out are shorter.
pub(super) fn placed(taken_out: &[String], pointer: &str) -> String {
    let mut place = String::new();
    for part in pointer.split('/').skip(1) {
        let mut nth = part.parse::<usize>().ok();
        if let Some(nth) = &mut nth {
            let gaps = taken_out.iter().filter_map(|out| {
                let (list, gap) = out.rsplit_once('/')?;
                gap.parse::<usize>().ok().filter(|_| list == place)
            });
            let gaps: BTreeSet<usize> = gaps.collect();
            for gap in gaps {
                *nth += usize::from(gap <= *nth);
            }
        }
        place.push('/');
        match nth {
            Some(nth) => place.push_str(&nth.to_string()),
            None => place.push_str(part),
        }
    }
    place
}

/// A body without some of it.
fn take_out(body: Map<String, Value>, pointers: &[String]) -> Map<String, Value> {
    if pointers.is_empty() {
        return body;
    }
    let mut whole = Value::Object(body);
    let mut shorter = BTreeSet::new();
    for pointer in pointers {
        let Some((above, last)) = pointer.rsplit_once('/') else {
            continue;
        };
        match whole.pointer_mut(above) {
            Some(Value::Object(members)) => {
                members.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
            }
            Some(Value::Array(items)) => {
                // The others keep their places until all are looked up.
                if let Some(item) = last.parse().ok().and_then(|nth: usize| items.get_mut(nth)) {
                    *item = Value::Null;
                    shorter.insert(above);
                }
            }
            _ => {}
        }
    }
    for list in shorter.into_iter().rev() {
        if let Some(Value::Array(items)) = whole.pointer_mut(list) {
            items.retain(|item| !item.is_null());
        }
    }
    match whole {
        Value::Object(body) => body,
        _ => Map::new(),
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
    fn what_is_wrong_is_taken_out_and_then_what_is_around_it() {
        let body = json!({
            "name": 3, "a/b": 1, "steward": "een", "funding": [{"funders": ["x", 3, "y"]}],
            "parents": [3, {"organisation": "een", "start": 4}, {"organisation": "twee"}, {"organisation": "drie"}]
        });
        let mut look = Look::at(7, false);
        assert_eq!(item_of(&look, &body), (body.clone(), Vec::new()));
        let first = [
            "/name",
            "/a~1b",
            "/parents/0",
            "/parents/1/start",
            "/parents/2/organisation",
            "/funding/0/funders/1",
        ];
        assert!(look.note(vec![invalid(&first)], false));
        let (left, taken_out) = item_of(&look, &body);
        let parents = json!([{"organisation": "een"}, {}, {"organisation": "drie"}]);
        let funding = json!([{"funders": ["x", "y"]}]);
        assert_eq!(
            left,
            json!({"steward": "een", "funding": funding, "parents": parents})
        );
        assert_eq!(
            taken_out,
            ["a~1b", "funding", "name", "parents", "parents", "parents"]
        );
        // This is what came of it; the item goes.
        assert!(look.note(vec![invalid(&["/parents/1/organisation"])], false));
        let left = item_of(&look, &body).0;
        assert_eq!(
            left["parents"],
            json!([{"organisation": "een"}, {"organisation": "drie"}])
        );
        let gaps = ["/parents/0", "/funding/0/funders/1", "/parents/2"];
        let gaps = gaps.map(str::to_owned);
        assert_eq!(
            placed(&gaps, "/parents/1/organisation"),
            "/parents/3/organisation"
        );
        assert_eq!(
            placed(&gaps, "/funding/0/funders/1"),
            "/funding/0/funders/2"
        );
        assert_eq!(placed(&gaps, "/summary"), "/summary");
        assert!(look.note(vec![invalid(&["/parents/0/kind"])], false));
        let left = item_of(&look, &body).0;
        assert_eq!(left["parents"], json!([{"organisation": "drie"}]));
        assert!(look.note(vec![invalid(&["/parents/0/kind"])], false));
        assert_eq!(
            item_of(&look, &body).0,
            json!({"steward": "een", "funding": funding})
        );
        // What was found in what was left is not told.
        assert_eq!(look.wrong.len(), 1);
        assert!(!look.note(vec![invalid(&["/other"])], false));
    }

    #[test]
    fn an_object_goes_before_the_item_that_it_stands_in() {
        let around = [
            ("/parents/0/start/edtf", "/parents/0/start"),
            ("/parents/0/kind", "/parents/0"),
            ("/parents/0", "/parents/0"),
            ("/funding/0/funders/1", "/funding/0/funders/1"),
            ("/name/family", "/name"),
            ("/kind", "/kind"),
        ];
        for (place, expected) in around {
            assert_eq!(object_around(place), expected);
        }
    }

    #[test]
    fn what_more_is_wrong_is_found_behind_a_whole_reason() {
        let mut look = Look::at(0, false);
        let taken = |what: &str| Error::Taken { what: what.into() };
        let text = crate::register::Text { nl: "", en: "" };
        let body = json!({"name": "A", "slug": "a", "steward": "een"});
        assert!(look.note(vec![Error::Forbidden(text)], false));
        assert_eq!(item_of(&look, &body).0, json!({"name": "A", "slug": "a"}));
        assert!(look.note(vec![taken("a")], false));
        assert_eq!(item_of(&look, &body).0, json!({"name": "A"}));
        assert!(!look.note(vec![Error::Forbidden(text)], false));
        assert!(look.note(vec![Error::Conflict(text)], false));
        assert!(look.as_found);
        assert!(look.note(vec![Error::Conflict(text), taken("x:1")], false));
        assert_eq!(look.wrong.len(), 4);
        let codes =
            json!({"identifiers": [{"scheme": "x", "value": "1"}, {"scheme": "x", "value": "2"}]});
        let left = item_of(&look, &codes).0;
        assert_eq!(
            left,
            json!({"identifiers": [{"scheme": "x", "value": "2"}]})
        );
        assert!(!Look::at(0, false).note(vec![Error::NotFound], false));
        // What was brought in need not be looked at again.
        assert!(!Look::at(0, false).note(vec![invalid(&["/displayName"])], true));
    }

    #[test]
    fn what_a_document_lacks_is_not_told_where_it_may_be_there() {
        let mut look = Look::at(0, true);
        look.note(vec![invalid(&["/kind", "/contacts/0/kind"])], false);
        let told = look.wrong.iter().map(|error| match error {
            Error::Invalid(issues) => issues.0.len(),
            _ => 0,
        });
        assert_eq!(told.collect::<Vec<_>>(), [1]);
        assert_eq!(item_of(&look, &json!({})).1, ["contacts", "kind"]);
        let mut look = Look::at(0, true);
        look.note(vec![invalid(&["/kind"])], false);
        assert_eq!(look.wrong.len(), 1);
    }

    #[test]
    fn very_many_mistakes_take_the_whole_member_along() {
        let mut look = Look::at(0, false);
        let places: Vec<String> = (0..=MANY)
            .map(|nth| format!("/contacts/{nth}/kind"))
            .collect();
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        assert!(look.note(vec![invalid(&places)], false));
        let (left, taken_out) = item_of(&look, &json!({"name": "A", "contacts": [{}, {}]}));
        assert_eq!(
            (left, taken_out),
            (json!({"name": "A"}), vec!["contacts".to_owned()])
        );
        assert_eq!(look.wrong.len(), 1);
    }
}
