//! Erasing a person: the document becomes a stub that says nothing, wherever it was shown or kept.
//!
//! The stub keeps the id, so that what refers to the person stays whole, and the steward and the
//! visibility, so that nothing becomes known. What others wrote about the person in texts of their
//! own is theirs to change.

use diesel::prelude::*;

use super::caller::Caller;
use super::document::{Document, Head, Record};
use super::error::{Error, Result};
use super::find::{self, Found, Tombstone};
use super::heads::{self, HeadRow, access};
use super::locator::Locator;
use super::save::{bump_referrers, log_version, row_of, save_parts};
use super::traces::Traces;
use super::vocabulary::Enumeration;
use super::write::{NOT_STEWARD, Precondition, load_to_write};
use crate::collections;
use crate::store::schema::changes;
use crate::store::{NewChange, Write};

/// What an erasure came to.
#[derive(Debug)]
pub enum Erased {
    /// The stub, and what may be left to clear; nothing when it was erased before.
    Stub(Box<HeadRow>, Option<Traces>),
    /// The person had been deleted; what was left is gone now.
    Remains(Traces),
}

/// Erases a person, also one that was deleted before.
///
/// # Errors
/// As for [`super::write::replace`]; [`Error::Gone`] never.
pub fn erase<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    locator: &Locator,
    precondition: &Precondition,
) -> Result<Erased> {
    match find::find(write.connection(), caller, T::NAMING.type_, locator)? {
        Some(Found::Live(head)) => erase_live::<T>(write, caller, &head, precondition),
        Some(Found::Moved(head)) => Err(Error::Moved { slug: head.slug }),
        Some(Found::Ended(ended)) => erase_ended::<T>(write, caller, &ended, precondition),
        None => Err(Error::NotFound),
    }
}

fn erase_live<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    head: &HeadRow,
    precondition: &Precondition,
) -> Result<Erased> {
    let current = load_to_write::<T>(write, caller, head, precondition)?;
    if current.record.content.frozen().is_some() {
        return Ok(Erased::Stub(Box::new(head.clone()), None));
    }
    let traces = Traces::of::<T>(write.connection(), &head.id)?;
    let content = T::STUB.map(|stub| stub());
    let mut content = content.unwrap_or_else(|| current.record.content.clone());
    content.complete();
    let mut record = Record {
        head: Head {
            slug: traces.slug(&head.id),
            identifiers: Vec::new(),
            sources: Vec::new(),
            verified_on: None,
            version: head.version + 1,
            updated_at: write.now(),
            ..current.record.head.clone()
        },
        content,
    };
    let row = row_of(&mut record)?;
    heads::update(write, head, &row)?;
    save_parts(write, &mut record, Some(&current))?;
    traces.clear_all(write.connection())?;
    log_version(write, &row, "erased", Some(&head.access()))?;
    bump_referrers(write, &row.id)?;
    Ok(Erased::Stub(Box::new(row), Some(traces)))
}

fn erase_ended<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    ended: &Tombstone,
    precondition: &Precondition,
) -> Result<Erased> {
    let access = access(&ended.visibility, ended.steward_id.clone());
    if !caller.may_write(&access) {
        return Err(Error::Forbidden(NOT_STEWARD));
    }
    precondition.check(None)?;
    let traces = Traces::of::<T>(write.connection(), &ended.id)?;
    if ended.slug == traces.slug(&ended.id) {
        return Ok(Erased::Remains(traces));
    }
    traces.clear_all(write.connection())?;
    let version: Option<i64> = changes::table
        .filter(changes::document_id.eq(&ended.id))
        .select(diesel::dsl::max(changes::version))
        .first(write.connection())?;
    write.log(NewChange {
        op: "erased",
        type_: collections::by_type(&ended.type_)?.naming.type_,
        document_id: ended.id.clone(),
        slug: traces.slug(&ended.id),
        version: version.unwrap_or(1),
        into_id: None,
        visibility: access.visibility.as_str(),
        steward_id: access.steward.clone(),
        previous_visibility: Some(ended.visibility.clone()),
        previous_steward_id: access.steward,
        snapshot: None,
    })?;
    Ok(Erased::Remains(traces))
}
