//! What is left of a person outside the document itself: former versions, references in those of
//! other documents, names in the log and on tombstones. (Answers that wait to be replayed are the
//! API's, which asks [`Traces::clear`] about them.)

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::ahead::Free;
use super::caller::Visibility;
use super::document::{Document, Head, Record};
use super::error::{Error, Result};
use super::locator::slug_of;
use super::names;
use super::projection::each_ref;
use crate::store::schema::{changes, tombstone_aliases, tombstones};
use crate::store::{AnyConnection, Timestamp};

/// How many snapshots are held in memory at once. Each may have two megabytes.
const TOGETHER: usize = 16;

/// What stays of a document in a former version: whose it was and when, not what it said.
const KEPT: [&str; 6] = [
    "id",
    "visibility",
    "steward",
    "version",
    "createdAt",
    "updatedAt",
];

/// A person who is erased or deleted, and the records that were merged into that one.
#[derive(Clone, Debug)]
pub struct Traces {
    /// The slug of what is left, by the id of the document.
    slugs: BTreeMap<String, String>,
    /// The name of what is left.
    name: String,
    /// The document that is left, but for [`KEPT`].
    stub: Map<String, Value>,
}

impl Traces {
    /// The traces of one document.
    ///
    /// # Errors
    /// When the database cannot be asked, or the collection is not one of people.
    pub fn of<T: Document>(db: &mut AnyConnection, id: &str) -> Result<Self> {
        let mut content = T::STUB
            .map(|stub| stub())
            .ok_or_else(|| Error::Internal(format!("{} cannot be erased", T::NAMING.plural)))?;
        content.complete();
        let name = content.name().into_owned();
        let mut slugs = BTreeMap::new();
        for id in with_merged(db, id)? {
            let slug = stub_slug(db, T::NAMING.type_, &name, &id)?;
            slugs.insert(id, slug);
        }
        let head = Head {
            id: String::new(),
            slug: String::new(),
            identifiers: Vec::new(),
            sources: Vec::new(),
            visibility: Visibility::Restricted,
            steward: None,
            verified_on: None,
            version: 0,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
        };
        let stub = Record { head, content }.to_json()?;
        Ok(Self { slugs, name, stub })
    }

    /// The ids that are looked for.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.slugs.keys().map(String::as_str)
    }

    /// The slug of what is left of one of them.
    pub(super) fn slug(&self, id: &str) -> String {
        self.slugs.get(id).cloned().unwrap_or_default()
    }

    /// Clears a document in which traces may be: one of the person, or one that refers to it. Says
    /// whether it was the person's own.
    pub fn clear(&self, document: &mut Map<String, Value>) -> bool {
        let id = document
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if let Some(slug) = self.slugs.get(id) {
            let mut left = self.stub.clone();
            for name in KEPT {
                if let Some(value) = document.remove(name) {
                    left.insert(name.into(), value);
                }
            }
            left.insert("slug".into(), slug.clone().into());
            *document = left;
            return true;
        }
        for value in document.values_mut() {
            each_ref(value, &mut |reference| {
                let id = reference
                    .get("id")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                if let Some(slug) = self.slugs.get(id) {
                    reference.insert("slug".into(), slug.clone().into());
                    reference.insert("name".into(), self.name.clone().into());
                }
            });
        }
        false
    }

    /// Clears the person's own versions.
    pub(super) fn blank_versions(&self, db: &mut AnyConnection) -> Result<()> {
        let lines: Vec<i64> = changes::table
            .filter(changes::document_id.eq_any(self.slugs.keys()))
            .filter(changes::snapshot.is_not_null())
            .select(changes::seq)
            .load(db)?;
        self.clear_lines(db, &lines)
    }

    /// Clears all that the register keeps beside the document itself.
    pub(super) fn clear_all(&self, db: &mut AnyConnection) -> Result<()> {
        self.blank_versions(db)?;
        for (id, slug) in &self.slugs {
            // No index leads to who ever referred to it: an erasure may read the log once.
            let lines: Vec<i64> = changes::table
                .filter(changes::snapshot.like(format!("%{id}%")))
                .filter(changes::document_id.ne(id))
                .select(changes::seq)
                .load(db)?;
            self.clear_lines(db, &lines)?;
            diesel::update(changes::table.filter(changes::document_id.eq(id)))
                .set(changes::slug.eq(slug))
                .execute(db)?;
            diesel::update(tombstones::table.find(id))
                .set(tombstones::slug.eq(slug))
                .execute(db)?;
            diesel::delete(tombstone_aliases::table.filter(tombstone_aliases::tombstone_id.eq(id)))
                .execute(db)?;
            names::forget_slugs(db, id)?;
        }
        Ok(())
    }

    fn clear_lines(&self, db: &mut AnyConnection, lines: &[i64]) -> Result<()> {
        for lines in lines.chunks(TOGETHER) {
            let rows: Vec<(i64, Option<String>)> = changes::table
                .filter(changes::seq.eq_any(lines))
                .select((changes::seq, changes::snapshot))
                .load(db)?;
            for (seq, snapshot) in rows {
                let mut document = serde_json::from_str(&snapshot.unwrap_or_default())?;
                self.clear(&mut document);
                diesel::update(changes::table.find(seq))
                    .set(changes::snapshot.eq(Value::Object(document).to_string()))
                    .execute(db)?;
            }
        }
        Ok(())
    }
}

/// A document and all that were merged into it, one after the other.
fn with_merged(db: &mut AnyConnection, id: &str) -> Result<Vec<String>> {
    let mut all = vec![id.to_owned()];
    let mut level = all.clone();
    while !level.is_empty() {
        level = tombstones::table
            .filter(tombstones::into_id.eq_any(&level))
            .select(tombstones::id)
            .load(db)?;
        all.extend(level.iter().cloned());
    }
    Ok(all)
}

/// The slug of what is left: it tells nothing but the end of the id.
fn stub_slug(db: &mut AnyConnection, type_: &str, name: &str, id: &str) -> Result<String> {
    let digits = id.replace('-', "");
    let short = digits.get(20..).unwrap_or(&digits);
    let slug = format!("{}-{short}", slug_of(name, 1));
    if names::slug_is_taken(db, &mut Free::default(), type_, &slug, id)? {
        return Ok(format!("{}-{digits}", slug_of(name, 1)));
    }
    Ok(slug)
}
