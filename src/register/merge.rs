//! Merging a document into another of the same collection: a placeholder into the real
//! organisation, or one of two records of the same.

use super::caller::Caller;
use serde_json::Value;

use super::document::Document;
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::find::{self, Found};
use super::given::{as_given, redirect};
use super::heads::{self, HeadRow};
use super::identifier::Identifier;
use super::language::Text;
use super::locator::Locator;
use super::save::{end, load_one};
use super::write::{Precondition, check_writable, update};
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
    let source = find::find_live(write.connection(), caller, type_, locator)?;
    let current = check_writable::<T>(write, caller, &source, precondition)?;
    let found = match Locator::parse(into) {
        Some(locator) => find::find(write.connection(), caller, type_, &locator)?,
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
    // Also refuses one that is frozen.
    check_writable::<T>(write, caller, &target, &Precondition::default())?;
    for referrer in heads::referrers(write.connection(), &source.id)? {
        let collection = collections::by_type(&referrer.type_)?;
        // Rewriting one of them may have given another a new version: read the present one.
        for present in heads::load(write.connection(), std::slice::from_ref(&referrer.id))? {
            (collection.rewrite)(write, &present, &source.id, &target.id, &[])?;
        }
    }
    crate::keys::change_steward(write.connection(), &source.id, &target.id)?;
    let identifiers = current.record.head.identifiers;
    end(write, &source, &identifiers, Some(&target.id))?;
    // The target may have been rewritten just now: read its present version.
    let present = Locator::Id(target.id.clone());
    let target = find::find_live(write.connection(), &Caller::command_line(), type_, &present)?;
    if !identifiers.is_empty() {
        let collection = collections::by_type(type_)?;
        (collection.rewrite)(write, &target, &source.id, &target.id, &identifiers)?;
    }
    // As the register sees it: the caller may just have lost sight of it, when the organisation
    // for which its key wrote was the one that was merged.
    find::find_live(write.connection(), &Caller::command_line(), type_, &present)
}

/// Makes a document refer to `to` where it referred to `from`, and adds `identifiers` to its own.
/// Rows that become the same are kept once.
///
/// # Errors
/// [`Error::Conflict`] when the document cannot be so, for example because of a cycle.
pub fn rewrite<T: Document>(
    write: &mut Write<'_>,
    head: &HeadRow,
    from: &str,
    to: &str,
    identifiers: &[Identifier],
) -> Result<()> {
    let current = load_one::<T>(write.connection(), head)?;
    let mut shown = Value::Object(current.json.clone());
    redirect(&mut shown, from, to);
    let Value::Object(shown) = shown else {
        return Ok(());
    };
    let mut body = as_given(shown);
    body.remove("visibility");
    if let Some(Value::Array(own)) = body.get_mut("identifiers") {
        for identifier in identifiers {
            own.push(serde_json::to_value(identifier)?);
        }
    }
    match update::<T>(
        write,
        &Caller::command_line(),
        head,
        &current,
        body,
        Issues::default(),
    ) {
        Ok(_) => Ok(()),
        Err(Error::Invalid(_)) => Err(Error::Conflict(Text {
            nl: "Door de samenvoeging zou een document naar zichzelf verwijzen of een kring ontstaan; haal die verwijzing eerst weg.",
            en: "The merge would make a document refer to itself or make a cycle; remove that reference first.",
        })),
        Err(error) => Err(error),
    }
}
