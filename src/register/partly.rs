//! Reading a body of which something is wrong, or that does not say which document it is about: for
//! what else is wrong with it.

use serde_json::{Map, Value};

use super::caller::{Access, Visibility};
use super::document::{Document, HEAD_MEMBERS, READ_ONLY, read_draft};
use super::draft::{Manner, draft_record, find_nulls};
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::given::as_item_given;
use super::locator::sort_key;
use super::refs::{Organisations, Target as _};
use super::write::NOT_STEWARD;
use crate::store::Write;

/// Gives members that were taken out of a body some value.
pub(super) fn fill(
    body: &mut Map<String, Value>,
    taken_out: &[String],
    values: &Map<String, Value>,
) {
    for name in taken_out {
        if let (Some(value), false) = (values.get(name), body.contains_key(name)) {
            body.insert(name.clone(), as_item_given(value));
        }
    }
}

/// Gives the items of the list that leads upwards what they lack.
pub(super) fn fill_items<T: Document>(body: &mut Map<String, Value>) {
    let Some((list, member, word)) = T::needed_upwards() else {
        return;
    };
    let items = body.get_mut(list).and_then(Value::as_array_mut);
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        item.entry(member).or_insert_with(|| word.into());
    }
}

/// Gives the members that were taken out of the body of a document that is there a value that is
/// right: what no document can be without, and what its head says, are what they were; all else is
/// empty, because what the document had is not what it will have. Where it is only compared, `same`,
/// all are what they were.
pub(super) fn refill<T: Document>(
    body: &mut Map<String, Value>,
    taken_out: &[String],
    current: &Map<String, Value>,
    (keep, same): (bool, bool),
) {
    let needed = T::needed();
    let stays =
        |name: &String| same || needed.contains_key(name) || HEAD_MEMBERS.contains(&name.as_str());
    let (kept, emptied): (Vec<String>, Vec<String>) = taken_out.iter().cloned().partition(stays);
    if !keep {
        return fill(body, &kept, current);
    }
    for name in emptied {
        if current.contains_key(&name) && !body.contains_key(&name) {
            body.insert(name, Value::Null);
        }
    }
}

/// What is wrong with what a body says, whatever the document is that it is about: nothing of that
/// may be told.
pub(super) fn wrong_alone<T: Document>(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    body: Map<String, Value>,
) -> Result<Vec<Error>> {
    let given_away = gives_away(write, manner, &body)?;
    let faults = Error::Invalid(faults_alone::<T>(write, manner, body)?);
    let forbidden = given_away.then_some(Error::Forbidden(NOT_STEWARD));
    Ok([faults].into_iter().chain(forbidden).collect())
}

fn faults_alone<T: Document>(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    body: Map<String, Value>,
) -> Result<Issues> {
    let mut nulls = Issues::default();
    find_nulls(&body, &mut nulls);
    let mut alone = Value::Object(Map::new());
    json_patch::merge(&mut alone, &Value::Object(body));
    let Value::Object(mut alone) = alone else {
        return Ok(nulls);
    };
    alone.retain(|name, _| {
        !READ_ONLY.contains(&name.as_str()) && !T::DERIVED.contains(&name.as_str())
    });
    let said = alone.clone();
    let mut issues = match draft_record::<T>(write, manner, alone, None, None, "", nulls) {
        Ok(_) => return Ok(Issues::default()),
        Err(Error::Invalid(issues)) => issues,
        Err(error) => return Err(error),
    };
    // What it does not say may be there.
    issues
        .0
        .retain(|issue| !issue.is_of_absence() && T::is_wrong_alone(&said, &issue.location));
    Ok(issues)
}

/// What a body says to be nothing that no document can be without.
pub(super) fn emptied<T: Document>(body: &Map<String, Value>) -> Vec<Issue> {
    if !body.values().any(Value::is_null) {
        return Vec::new();
    }
    let needed = T::needed();
    let emptied = needed.keys();
    let emptied = emptied.filter(|name| body.get(*name).is_some_and(Value::is_null));
    let emptied = emptied.map(|name| Issue::body(format!("/{name}"), Fault::Missing));
    emptied.collect()
}

/// Whether a body names a steward for whom the caller may not write.
fn gives_away(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    body: &Map<String, Value>,
) -> Result<bool> {
    let given = match body.get("steward") {
        Some(Value::Object(shown)) => shown.get("id"),
        given => given,
    };
    let Some(given) = given.and_then(Value::as_str) else {
        return Ok(false);
    };
    let (db, caller) = (write.connection(), manner.caller);
    let steward = manner
        .names
        .named(db, caller, Organisations::TYPE, given.trim())?;
    Ok(steward.is_some_and(|steward| {
        !caller.may_write(&Access {
            visibility: Visibility::Public,
            steward: Some(steward.id),
        })
    }))
}

/// The name by which a document sorts, as far as its body tells; nothing when the name is too wrong
/// for that.
pub(super) fn name_key<T: Document>(body: &Map<String, Value>) -> Option<String> {
    let mut body = body.clone();
    body.retain(|name, value| {
        let name = name.as_str();
        !value.is_null() && !READ_ONLY.contains(&name) && !T::DERIVED.contains(&name)
    });
    let draft = read_draft::<T>(body.clone()).0.or_else(|issues| {
        let taken_out = issues.members();
        if taken_out
            .iter()
            .any(|name| ["name", "label"].contains(&&**name))
        {
            return Err(issues);
        }
        body.retain(|name, _| !taken_out.contains(name));
        fill(&mut body, &taken_out, &T::needed());
        read_draft::<T>(body).0
    });
    Some(sort_key(&draft.ok()?.content.sort_name()))
}
