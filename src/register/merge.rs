//! Merging a document into another of the same collection: a placeholder into the real
//! organisation, or one of two records of the same.

use super::caller::Caller;
use super::document::Document;
use super::error::{Error, Result};
use super::fault::{Fault, Issue};
use super::heads::{self, Found, HeadRow};
use super::language::Text;
use super::locator::Locator;
use super::write::{Precondition, check_writable, end};
use crate::collections;
use crate::store::Write;

/// Makes everything that referred to a document refer to `into`, moves its identifiers there, and
/// leaves a tombstone that redirects. All of it is one changeset.
///
/// The other content of the merged document stays readable in its former versions.
///
/// # Errors
/// [`Error::Forbidden`] when the caller may not write both; a fault at `/into` when that names
/// nothing or the document itself; [`Error::Conflict`] when a cycle would come of it.
pub fn merge<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    locator: &Locator,
    into: &str,
    precondition: &Precondition,
) -> Result<HeadRow> {
    let type_ = T::NAMING.type_;
    let source = heads::find_live(write.connection(), caller, type_, locator)?;
    let record = check_writable::<T>(write, caller, &source, precondition)?;
    let found = match Locator::parse(into) {
        Some(locator) => heads::find(write.connection(), caller, type_, &locator)?,
        None => None,
    };
    let Some(Found::Live(target) | Found::Moved(target)) = found else {
        return Err(Issue::body("/into", Fault::UnknownReference { to: type_ }).into());
    };
    if target.id == source.id {
        let why = Text {
            nl: "Een document kan niet in zichzelf opgaan.",
            en: "A document cannot be merged into itself.",
        };
        return Err(Issue::body("/into", Fault::Contradiction { why }).into());
    }
    check_writable::<T>(write, caller, &target, &Precondition::default())?;
    for referrer in heads::referrers(write.connection(), &source.id)? {
        let collection = collections::by_type(&referrer.type_)?;
        (collection.rewrite)(write, &referrer, &source.id, &target.id, &[])?;
    }
    crate::keys::change_steward(write.connection(), &source.id, &target.id)?;
    let identifiers = record.head.identifiers;
    end(write, &source, &identifiers, Some(&target.id))?;
    // The target may have been rewritten just now: read its present version.
    let present = Locator::Id(target.id.clone());
    let target = heads::find_live(write.connection(), &Caller::command_line(), type_, &present)?;
    if !identifiers.is_empty() {
        let collection = collections::by_type(type_)?;
        (collection.rewrite)(write, &target, &source.id, &target.id, &identifiers)?;
    }
    match heads::find(write.connection(), caller, type_, &present)? {
        Some(Found::Live(target)) => Ok(target),
        _ => Err(Error::NotFound),
    }
}
