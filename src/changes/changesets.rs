//! Changesets: what was changed as one, with a note.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ChangeRow, access_of};
use crate::register::{Caller, Error, Result};
use crate::store::schema::{changes, changesets};
use crate::store::{AnyConnection, Timestamp, Write};

/// What was changed as one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Changeset {
    /// Its id.
    #[schema(format = "uuid", examples("01a20428-a9ad-7519-aa00-6b6cbcc8159b"))]
    pub id: String,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The name of the key that did it; only for holders of a key that reads everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("import sociaal domein"))]
    pub actor: Option<String>,
    /// What it was for, in the words of whoever did it; only for holders of a key that reads
    /// everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Stand van januari uit het regiobestand."))]
    pub note: Option<String>,
    /// How many documents it changed, of those that the caller sees.
    #[schema(minimum = 1, examples(12))]
    pub documents: usize,
}

/// Keeps what the changeset of a transaction is for.
///
/// # Errors
/// When the database cannot be asked.
pub fn keep_note(write: &mut Write<'_>, note: &str) -> Result<()> {
    let id = write.changeset().to_owned();
    diesel::insert_into(changesets::table)
        .values((changesets::id.eq(id), changesets::note.eq(note)))
        .execute(write.connection())?;
    Ok(())
}

/// A changeset, as far as the caller may know of it.
///
/// # Errors
/// [`Error::NotFound`] when there is none of which it sees anything.
pub fn changeset(db: &mut AnyConnection, caller: &Caller, id: &str) -> Result<Changeset> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut first: Option<(Timestamp, String)> = None;
    let mut after = 0;
    loop {
        let rows: Vec<ChangeRow> = changes::table
            .filter(changes::changeset.eq(id).and(changes::seq.gt(after)))
            .order(changes::seq.asc())
            .limit(1_000)
            .select(ChangeRow::as_select())
            .load(db)?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        let now = access_of(db, &rows)?;
        for row in rows {
            let (access, document) = (now.get(&row.document_id), row.document_id.clone());
            let into = row.into_id.as_ref().and_then(|id| now.get(id));
            let line = (row.at, row.actor.clone());
            if row.shown(caller, access, into)?.is_some() {
                first.get_or_insert(line);
                seen.insert(document);
            }
        }
    }
    let (at, actor) = first.ok_or(Error::NotFound)?;
    let note: Option<String> = changesets::table
        .find(id)
        .select(changesets::note)
        .first(db)
        .optional()?;
    Ok(Changeset {
        id: id.to_owned(),
        at,
        actor: caller.reads_all().then_some(actor),
        note: note.filter(|_| caller.reads_all()),
        documents: seen.len(),
    })
}
