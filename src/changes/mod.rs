//! The change log as it is read: the feed, and the history of one document.
//!
//! A line is written by `Store::write` in the transaction of the change itself; here it is only
//! followed. Each caller sees the log of the register as that caller could read it: a document
//! that becomes restricted is seen to be deleted, one that becomes public to be created, and
//! nothing of it is seen in between.

mod changesets;
mod former;
pub mod routes;

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use self::changesets::{Changeset, changeset, keep_note};
use self::former::snapshots;
pub use self::former::version;
use crate::register::heads::{access, access_now};
use crate::register::vocabulary::vocabulary;
use crate::register::{Access, Caller, Enumeration, Error, HeadRow, Result};
use crate::store::schema::changes;
use crate::store::{AnyConnection, Timestamp};

vocabulary! {
    /// What happened to a document.
    pub enum Operation in "change-operations" {
        Created = "created", "Aangemaakt", "Created";
        Updated = "updated", "Gewijzigd", "Updated";
        Deleted = "deleted", "Verwijderd", "Deleted";
        Merged = "merged", "Samengevoegd", "Merged";
        Erased = "erased", "Gewist", "Erased";
    }
}

/// A line of the change log.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The position in the log: a number without gaps, in the order of commits.
    #[schema(minimum = 1)]
    pub seq: i64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What happened.
    pub op: Operation,
    /// The type of the document.
    #[serde(rename = "type")]
    #[schema(examples("organisation"))]
    pub type_: String,
    /// The id of the document.
    #[schema(format = "uuid")]
    pub id: String,
    /// The slug after the change; absent for a document that can no longer be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("gemeente-elburg"))]
    pub slug: Option<String>,
    /// The version after the change; absent for a document that can no longer be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
    /// The name of the key that made the change; only for holders of a key that reads everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("import sociaal domein"))]
    pub actor: Option<String>,
    /// What changed together has the same changeset.
    #[schema(format = "uuid")]
    pub changeset: String,
    /// The id of the document into which it was merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub into: Option<String>,
    /// The document after the change, when it was asked for and still exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Map<String, Value>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = changes)]
struct ChangeRow {
    seq: i64,
    at: Timestamp,
    op: String,
    type_: String,
    document_id: String,
    slug: String,
    version: i64,
    actor: String,
    changeset: String,
    into_id: Option<String>,
    visibility: String,
    steward_id: Option<String>,
    previous_visibility: Option<String>,
    previous_steward_id: Option<String>,
}

impl ChangeRow {
    /// What the caller sees of this line; `now` says who can read the document at present, `into`
    /// the one into which it was merged.
    fn shown(
        self,
        caller: &Caller,
        now: Option<&Access>,
        into: Option<&Access>,
    ) -> Result<Option<Change>> {
        let readable_then = caller.may_know(
            &self.document_id,
            &access(&self.visibility, self.steward_id),
        );
        let readable_now = now.is_some_and(|now| caller.may_know(&self.document_id, now));
        let readable_before = self.previous_visibility.is_some_and(|word| {
            let before = access(&word, self.previous_steward_id);
            caller.may_know(&self.document_id, &before)
        });
        let op = Operation::parse(&self.op)
            .map_err(|_| Error::Internal(format!("stored operation '{}'", self.op)))?;
        let whole = readable_then && readable_now;
        let knows_into = into
            .is_some_and(|into| caller.may_know(self.into_id.as_deref().unwrap_or_default(), into));
        if !whole && (readable_then || !readable_before) {
            return Ok(None);
        }
        let op = match op {
            _ if !whole => Operation::Deleted,
            Operation::Updated if !readable_before => Operation::Created,
            // Where it went is not for a caller who cannot go there.
            Operation::Merged if !knows_into => Operation::Deleted,
            op => op,
        };
        Ok(Some(Change {
            seq: self.seq,
            at: self.at,
            op,
            type_: self.type_,
            id: self.document_id,
            slug: whole.then_some(self.slug),
            version: whole.then_some(self.version),
            actor: caller.reads_all().then_some(self.actor),
            changeset: self.changeset,
            into: self.into_id.filter(|_| whole && knows_into),
            document: None,
        }))
    }
}

/// The position of the last accepted write; 0 in an empty register.
///
/// # Errors
/// When the database cannot be asked.
pub fn position(db: &mut AnyConnection) -> Result<i64> {
    let last: Option<i64> = changes::table
        .select(changes::seq)
        .order(changes::seq.desc())
        .first(db)
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// A part of the feed.
pub struct Feed {
    /// The lines that the caller sees.
    pub items: Vec<Change>,
    /// The position up to which the log was read.
    pub cursor: i64,
    /// Whether there is more behind it.
    pub more: bool,
}

/// How many lines one request looks at, at most. A caller who sees few of them gets an empty part
/// with a cursor further on rather than wait for a walk through the whole log.
const SCAN: usize = 5_000;

/// Which lines of the log are wanted.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Only those of documents of these types.
    pub types: Option<Vec<String>>,
    /// Only those of this changeset.
    pub changeset: Option<String>,
}

/// The next lines of the log behind a position.
///
/// # Errors
/// When the database cannot be asked.
pub fn feed(
    db: &mut AnyConnection,
    caller: &Caller,
    lines: &Lines,
    after: i64,
    limit: usize,
    with_documents: bool,
) -> Result<Feed> {
    let mut feed = Feed {
        items: Vec::new(),
        cursor: after,
        more: true,
    };
    let mut scanned = 0;
    while feed.more && feed.items.len() < limit && scanned < SCAN {
        let mut query = changes::table
            .filter(changes::seq.gt(feed.cursor))
            .into_boxed();
        if let Some(types) = &lines.types {
            query = query.filter(changes::type_.eq_any(types.clone()));
        }
        if let Some(changeset) = &lines.changeset {
            query = query.filter(changes::changeset.eq(changeset.clone()));
        }
        let chunk = limit.max(100);
        let wanted = i64::try_from(chunk).unwrap_or(i64::MAX).saturating_add(1);
        let mut rows: Vec<ChangeRow> = query
            .order(changes::seq.asc())
            .limit(wanted)
            .select(ChangeRow::as_select())
            .load(db)?;
        feed.more = rows.len() > chunk;
        rows.truncate(chunk);
        scanned += rows.len();
        let now = access_of(db, &rows)?;
        let mut rows = rows.into_iter().peekable();
        while let Some(row) = rows.next() {
            feed.cursor = row.seq;
            let access = now.get(&row.document_id);
            let into = row.into_id.as_ref().and_then(|id| now.get(id));
            feed.items.extend(row.shown(caller, access, into)?);
            if feed.items.len() == limit {
                feed.more |= rows.peek().is_some();
                break;
            }
        }
    }
    if !feed.more && (lines.types.is_some() || lines.changeset.is_some()) {
        // What other types did behind the last line need not be looked at again.
        feed.cursor = feed.cursor.max(position(db)?);
    }
    if with_documents {
        add_documents(db, caller, &mut feed.items)?;
    }
    Ok(feed)
}

/// Shows every line of the log that the caller sees to `visit`, the oldest first, without the
/// documents.
///
/// # Errors
/// When the database cannot be asked.
pub fn each(
    db: &mut AnyConnection,
    caller: &Caller,
    types: Option<&[String]>,
    visit: &mut dyn FnMut(&Change),
) -> Result<()> {
    let mut after = 0;
    let lines = Lines {
        types: types.map(<[String]>::to_vec),
        changeset: None,
    };
    loop {
        let part = feed(db, caller, &lines, after, SCAN, false)?;
        part.items.iter().for_each(&mut *visit);
        if !part.more {
            return Ok(());
        }
        after = part.cursor;
    }
}

fn access_of(db: &mut AnyConnection, rows: &[ChangeRow]) -> Result<HashMap<String, Access>> {
    let named = |row: &ChangeRow| [Some(row.document_id.clone()), row.into_id.clone()];
    let mut ids: Vec<String> = rows.iter().flat_map(named).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    access_now(db, &ids)
}

fn add_documents(db: &mut AnyConnection, caller: &Caller, items: &mut [Change]) -> Result<()> {
    let seqs: Vec<i64> = items
        .iter()
        .filter(|item| {
            matches!(
                item.op,
                Operation::Created | Operation::Updated | Operation::Erased
            )
        })
        .map(|item| item.seq)
        .collect();
    let mut documents = snapshots(db, caller, &seqs)?;
    for item in items {
        item.document = documents.remove(&item.seq);
    }
    Ok(())
}

/// The lines of one document, the newest first, behind a position; and whether there are more.
///
/// # Errors
/// When the database cannot be asked.
pub fn history(
    db: &mut AnyConnection,
    caller: &Caller,
    head: &HeadRow,
    before: Option<i64>,
    limit: usize,
) -> Result<(Vec<Change>, bool)> {
    let now = head.access();
    let mut before = before.unwrap_or(i64::MAX);
    let mut items: Vec<Change> = Vec::new();
    loop {
        let chunk = limit.max(100);
        let rows: Vec<ChangeRow> = changes::table
            .filter(
                changes::document_id
                    .eq(&head.id)
                    .and(changes::seq.lt(before)),
            )
            .order(changes::seq.desc())
            .limit(i64::try_from(chunk).unwrap_or(i64::MAX))
            .select(ChangeRow::as_select())
            .load(db)?;
        let last_chunk = rows.len() < chunk;
        for row in rows {
            before = row.seq;
            items.extend(row.shown(caller, Some(&now), None)?);
            if items.len() > limit {
                items.truncate(limit);
                return Ok((items, true));
            }
        }
        if last_chunk {
            return Ok((items, false));
        }
    }
}
