//! Writing a document's rows, and the line of the change log that goes with them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::caller::Access;
use super::document::{Document, Record};
use super::error::{Error, Result};
use super::heads::{self, HeadRow};
use super::identifier::Identifier;
use super::locator::sort_key;
use super::names;
use super::partial_date::PartialDate;
use super::read::load_records;
use super::refs::Shown;
use super::unnamed::{Unnamed, named};
use super::vocabulary::Enumeration;
use crate::collections;
use crate::store::{AnyConnection, NewChange, Write};

pub(super) fn row_of<T: Document>(record: &mut Record<T>) -> Result<HeadRow> {
    let access = record.access();
    let head = &record.head;
    Ok(HeadRow {
        id: head.id.clone(),
        type_: T::NAMING.type_.to_owned(),
        slug: head.slug.clone(),
        name: record.content.name().into_owned(),
        name_key: sort_key(&record.content.sort_name()),
        kind: record.content.kind().to_owned(),
        visibility: access.visibility.as_str().to_owned(),
        steward_id: access.steward,
        verified_on: head.verified_on.map(|day| day.to_string()),
        sources: serde_json::to_string(&head.sources)?,
        version: head.version,
        created_at: head.created_at,
        updated_at: head.updated_at,
        start_key: start_key(record.content.start()),
    })
}

/// The key by which documents sort by their start: its earliest day, then its latest. What has no
/// bound sorts last.
fn start_key(start: Option<&PartialDate>) -> String {
    let day =
        |day: Option<NaiveDate>| day.map_or_else(|| "9999-12-31".to_owned(), |day| day.to_string());
    let (earliest, latest) = (
        start.and_then(PartialDate::earliest),
        start.and_then(PartialDate::latest),
    );
    format!("{} {}", day(earliest), day(latest))
}

/// A document as it is stored, in the forms in which a write asks for it.
pub(super) struct Current<T> {
    pub(super) record: Record<T>,
    pub(super) json: Map<String, Value>,
    /// The ids of the documents that it refers to, in order.
    pub(super) targets: Vec<String>,
}

impl<T: Document> Current<T> {
    pub(super) fn new(mut record: Record<T>) -> Result<Self> {
        Ok(Self {
            json: record.to_json()?,
            targets: targets_of(&mut record),
            record,
        })
    }

    /// Shows a document that it refers to as that is called now.
    pub(super) fn rename(&mut self, shown: &Shown) -> Result<()> {
        if self.targets.binary_search(&shown.id).is_ok() {
            self.record.links(&mut |link| {
                if link.target.id == shown.id {
                    link.target = shown.clone();
                }
            });
            self.json = self.record.to_json()?;
        }
        Ok(())
    }
}

fn targets_of<T: Document>(record: &mut Record<T>) -> Vec<String> {
    let mut targets = Vec::new();
    record.links(&mut |link| targets.push(link.target.id.clone()));
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// Writes all of a document but its head, as far as it is not as it was; nothing was there before
/// when it is new.
pub(super) fn save_parts<T: Document>(
    write: &mut Write<'_>,
    record: &mut Record<T>,
    before: Option<&Current<T>>,
) -> Result<()> {
    let targets = targets_of(record);
    let (id, identifiers) = (&record.head.id, &record.head.identifiers);
    let (codes, referred) = before.map_or((&[][..], &[][..]), |before| {
        (&before.record.head.identifiers[..], &before.targets[..])
    });
    names::save_identifiers(write, T::NAMING.type_, id, identifiers, codes)?;
    heads::save_references(write, id, &targets, referred)?;
    let before = before.map(|before| &before.record.content);
    record.content.save(write, id, before)
}

/// What the change log tells of the head of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Headline {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) version: i64,
    visibility: String,
    steward_id: Option<String>,
}

impl From<HeadRow> for Headline {
    fn from(row: HeadRow) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            version: row.version,
            visibility: row.visibility,
            steward_id: row.steward_id,
        }
    }
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
    let rows = std::slice::from_ref(row);
    for snapshot in (collection.texts)(write.connection(), rows)? {
        let type_ = collection.naming.type_;
        write.log(line_of(type_, row.clone().into(), op, previous, snapshot))?;
    }
    Ok(())
}

/// The line of the log for a version of a document.
fn line_of(
    type_: &'static str,
    head: Headline,
    op: &'static str,
    previous: Option<&Access>,
    snapshot: String,
) -> NewChange {
    let access = heads::access(&head.visibility, head.steward_id);
    NewChange {
        op,
        type_,
        document_id: head.id,
        slug: head.slug,
        version: head.version,
        into_id: None,
        visibility: access.visibility.as_str(),
        steward_id: access.steward,
        previous_visibility: previous.map(|access| access.visibility.as_str().to_owned()),
        previous_steward_id: previous.and_then(|access| access.steward.clone()),
        snapshot: Some(snapshot),
    }
}

/// How many documents are read at once when many get a new version: enough to share the queries,
/// few enough to bound the memory.
const TOGETHER: usize = 200;

/// Gives a new version to each document that shows the name, slug or existence of one.
pub(super) fn bump_referrers(write: &mut Write<'_>, id: &str) -> Result<()> {
    let rows = heads::referrers(write.connection(), id)?;
    bump(write, &rows)
}

/// Gives documents a new version, each with its line in the log.
pub(super) fn bump(write: &mut Write<'_>, rows: &[HeadRow]) -> Result<()> {
    for rows in rows.chunk_by(|a, b| a.type_ == b.type_) {
        for rows in rows.chunks(TOGETHER) {
            let now = write.now();
            let touched: Vec<_> = rows.iter().map(|row| (row.id.clone(), now)).collect();
            heads::touch(write.connection(), &touched)?;
            let mut present = rows.to_vec();
            for row in &mut present {
                row.version += 1;
                row.updated_at = write.now();
            }
            let before: Vec<_> = rows.iter().map(|row| Some(row.access())).collect();
            log_versions(write, &present, &before)?;
        }
    }
    Ok(())
}

/// Logs the versions that documents have now; those that had no access before are new.
pub(super) fn log_versions(
    write: &mut Write<'_>,
    rows: &[HeadRow],
    before: &[Option<Access>],
) -> Result<()> {
    let snapshots = read_back(write, rows)?;
    let mut versions = Vec::with_capacity(rows.len());
    for (row, before) in rows.iter().zip(before) {
        let type_ = collections::by_type(&row.type_)?.naming.type_;
        versions.push((type_, row.clone().into(), before.clone()));
    }
    log_texts(write, versions, snapshots)
}

fn read_back(write: &mut Write<'_>, rows: &[HeadRow]) -> Result<Vec<String>> {
    let mut texts = Vec::with_capacity(rows.len());
    for rows in rows.chunk_by(|a, b| a.type_ == b.type_) {
        let collection = collections::by_type(&rows[0].type_)?;
        texts.extend((collection.texts)(write.connection(), rows)?);
    }
    Ok(texts)
}

/// A version of a document of a type, with who could read the one before; nobody could when it is new.
pub(crate) type Version = (&'static str, Headline, Option<Access>);

/// The same, without reading them back: from the texts that they had when they were written. Names are
/// filled in as they are now.
pub(crate) fn log_written(
    write: &mut Write<'_>,
    versions: Vec<Version>,
    texts: &[Unnamed],
) -> Result<()> {
    let snapshots = named(write.connection(), texts)?;
    if cfg!(debug_assertions) {
        let ids: Vec<String> = versions
            .iter()
            .map(|(_, head, _)| head.id.clone())
            .collect();
        let mut rows = heads::by_id(write.connection(), &ids)?;
        let rows: Vec<HeadRow> = ids.iter().filter_map(|id| rows.remove(id)).collect();
        assert_eq!(snapshots, read_back(write, &rows)?, "what a read gives");
        for ((_, head, _), row) in versions.iter().zip(rows) {
            assert_eq!(*head, row.into(), "what a read gives");
        }
    }
    log_texts(write, versions, snapshots)
}

fn log_texts(write: &mut Write<'_>, versions: Vec<Version>, snapshots: Vec<String>) -> Result<()> {
    let lines = versions.into_iter().zip(snapshots);
    let lines = lines.map(|((type_, head, before), snapshot)| {
        let op = if before.is_some() {
            "updated"
        } else {
            "created"
        };
        line_of(type_, head, op, before.as_ref(), snapshot)
    });
    Ok(write.log_all(lines.collect())?)
}

/// Whole documents as the text of their JSON, in the order of their heads, for the change log.
///
/// # Errors
/// When the database cannot be asked.
pub fn texts<T: Document>(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<Vec<String>> {
    load_records::<T>(db, heads)?
        .iter()
        .map(Record::to_text)
        .collect()
}

/// Whole documents as JSON, in the order of their heads.
///
/// # Errors
/// When the database cannot be asked.
pub fn snapshots<T: Document>(
    db: &mut AnyConnection,
    heads: &[HeadRow],
) -> Result<Vec<Map<String, Value>>> {
    load_records::<T>(db, heads)?
        .iter()
        .map(Record::to_json)
        .collect()
}

pub(super) fn load_one<T: Document>(db: &mut AnyConnection, head: &HeadRow) -> Result<Current<T>> {
    load_records(db, std::slice::from_ref(head))?
        .pop()
        .ok_or_else(|| Error::Internal(format!("document {} has no content", head.id)))
        .and_then(Current::new)
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
