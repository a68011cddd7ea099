//! Writing a document's rows, and the line of the change log that goes with them.

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::caller::Access;
use super::document::{Document, Record};
use super::error::{Error, Result};
use super::heads::{self, HeadRow};
use super::identifier::Identifier;
use super::locator::sort_key;
use super::names;
use super::read::load_records;
use super::vocabulary::Enumeration;
use crate::collections;
use crate::store::schema::documents;
use crate::store::{AnyConnection, NewChange, Write};

pub(super) fn row_of<T: Document>(record: &mut Record<T>) -> Result<HeadRow> {
    let access = record.access();
    let head = &record.head;
    Ok(HeadRow {
        id: head.id.clone(),
        type_: T::NAMING.type_.to_owned(),
        slug: head.slug.clone(),
        name: record.content.name().to_owned(),
        name_key: sort_key(record.content.name()),
        kind: record.content.kind().to_owned(),
        visibility: access.visibility.as_str().to_owned(),
        steward_id: access.steward,
        verified_on: head.verified_on.map(|day| day.to_string()),
        sources: serde_json::to_string(&head.sources)?,
        version: head.version,
        created_at: head.created_at,
        updated_at: head.updated_at,
    })
}

pub(super) fn save_parts<T: Document>(write: &mut Write<'_>, record: &mut Record<T>) -> Result<()> {
    let id = record.head.id.clone();
    let mut targets = Vec::new();
    record.links(&mut |link| targets.push(link.target.id.clone()));
    targets.sort_unstable();
    targets.dedup();
    let db = write.connection();
    names::save_identifiers(db, T::NAMING.type_, &id, &record.head.identifiers)?;
    heads::save_references(db, &id, &targets)?;
    record.content.save(write, &id)
}

/// Logs the version that a document has now. The snapshot is read back from the database, so that
/// it is by construction what a read gives.
pub(super) fn log_version(
    write: &mut Write<'_>,
    row: &HeadRow,
    op: &'static str,
    previous: Option<&Access>,
) -> Result<()> {
    let collection = collections::by_type(&row.type_)?;
    let snapshot = Value::Object((collection.snapshot)(write.connection(), row)?).to_string();
    let access = row.access();
    write.log(NewChange {
        op,
        type_: collection.naming.type_,
        document_id: row.id.clone(),
        slug: row.slug.clone(),
        version: row.version,
        into_id: None,
        visibility: access.visibility.as_str(),
        steward_id: access.steward,
        previous_visibility: previous.map(|access| access.visibility.as_str().to_owned()),
        previous_steward_id: previous.and_then(|access| access.steward.clone()),
        snapshot: Some(snapshot),
    })?;
    Ok(())
}

/// Gives a new version to each document that shows the name, slug or existence of one.
pub(super) fn bump_referrers(write: &mut Write<'_>, id: &str) -> Result<()> {
    for mut row in heads::referrers(write.connection(), id)? {
        row.version += 1;
        row.updated_at = write.now();
        diesel::update(documents::table.find(&row.id))
            .set((
                documents::version.eq(row.version),
                documents::updated_at.eq(row.updated_at),
            ))
            .execute(write.connection())?;
        let access = row.access();
        log_version(write, &row, "updated", Some(&access))?;
    }
    Ok(())
}

/// The whole document as JSON, for the change log.
///
/// # Errors
/// When the database cannot be asked.
pub fn snapshot<T: Document>(db: &mut AnyConnection, head: &HeadRow) -> Result<Map<String, Value>> {
    load_one::<T>(db, head)?.to_json()
}
pub(super) fn load_one<T: Document>(db: &mut AnyConnection, head: &HeadRow) -> Result<Record<T>> {
    load_records(db, std::slice::from_ref(head))?
        .pop()
        .ok_or_else(|| Error::Internal(format!("document {} has no content", head.id)))
}
/// Buries a document and logs that it was deleted or merged.
pub(super) fn end(
    write: &mut Write<'_>,
    head: &HeadRow,
    identifiers: &[Identifier],
    into: Option<&str>,
) -> Result<()> {
    let at = write.now();
    names::bury(write.connection(), head, identifiers, into, at)?;
    let naming = collections::by_type(&head.type_)?.naming;
    let access = head.access();
    write.log(NewChange {
        op: if into.is_some() { "merged" } else { "deleted" },
        type_: naming.type_,
        document_id: head.id.clone(),
        slug: head.slug.clone(),
        version: head.version,
        into_id: into.map(str::to_owned),
        visibility: access.visibility.as_str(),
        steward_id: access.steward.clone(),
        previous_visibility: Some(head.visibility.clone()),
        previous_steward_id: access.steward,
        snapshot: None,
    })?;
    Ok(())
}
