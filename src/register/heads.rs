//! The heads of all documents: one table, whatever the collection. What references show, and who
//! refers to whom. (Documents are found in [`super::find`]; their names lie in `super::names`.)

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::caller::{Access, Caller, Visibility};
use super::error::{Error, Referrer, Result};
use super::refs::{Link, Shown};
use super::vocabulary::Enumeration;
use crate::store::schema::{document_references, documents, tombstones};
use crate::store::{AnyConnection, Backend, Timestamp, Write, direct, insert_rows};

/// A query over heads that filters can still narrow.
pub type HeadQuery = documents::BoxedQuery<'static, Backend>;

/// A row of `documents`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = documents, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct HeadRow {
    /// UUID version 7.
    pub id: String,
    /// The type of the document, such as `region`.
    pub type_: String,
    /// Unique among the documents of its type.
    pub slug: String,
    /// The name under which it is shown.
    pub name: String,
    /// The name as it sorts.
    pub name_key: String,
    /// The word of its kind; empty in collections without kinds.
    pub kind: String,
    /// `public` or `restricted`.
    pub visibility: String,
    /// The organisation that looks after it.
    pub steward_id: Option<String>,
    /// The day on which a person last confirmed it, `YYYY-MM-DD`.
    pub verified_on: Option<String>,
    /// Where its facts come from, as JSON.
    pub sources: String,
    /// From 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it begins, as it sorts.
    pub start_key: String,
}

impl HeadRow {
    /// Who may read and write the document.
    pub fn access(&self) -> Access {
        access(&self.visibility, self.steward_id.clone())
    }

    /// What a reference shows of the document.
    pub fn shown(&self) -> Shown {
        Shown {
            id: self.id.clone(),
            type_: self.type_.clone(),
            slug: self.slug.clone(),
            name: self.name.clone(),
            access: Some(self.access()),
        }
    }
}

/// Access from its columns. A word that is not known hides the document.
pub fn access(visibility: &str, steward: Option<String>) -> Access {
    Access {
        visibility: Visibility::parse(visibility).unwrap_or(Visibility::Restricted),
        steward,
    }
}
/// The heads of documents by id, in no order.
///
/// # Errors
/// When the database cannot be asked.
pub fn load(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<HeadRow>> {
    Ok(documents::table
        .filter(documents::id.eq_any(ids))
        .select(HeadRow::as_select())
        .load(db)?)
}

/// The same, by their ids.
///
/// # Errors
/// When the database cannot be asked.
pub fn by_id(db: &mut AnyConnection, ids: &[String]) -> Result<HashMap<String, HeadRow>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let heads = load(db, ids)?.into_iter();
    Ok(heads.map(|head| (head.id.clone(), head)).collect())
}

/// The head of a document by id.
///
/// # Errors
/// When the database cannot be asked.
pub fn load_one(db: &mut AnyConnection, id: &str) -> Result<Option<HeadRow>> {
    Ok(only(
        documents::table
            .find(id)
            .select(HeadRow::as_select())
            .load(db)?,
    ))
}

/// The row of a query that gives one at most. `first` would ask for no more than one, and `SQLite`
/// prepares a statement with a bound limit anew each time.
pub(super) fn only<T>(mut rows: Vec<T>) -> Option<T> {
    rows.pop()
}

/// What references show of documents, by id.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn shown_by_id(
    db: &mut AnyConnection,
    mut ids: Vec<String>,
) -> Result<HashMap<String, Shown>> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String, String, String, String, Option<String>)> = documents::table
        .filter(documents::id.eq_any(ids))
        .select((
            documents::id,
            documents::type_,
            documents::slug,
            documents::name,
            documents::visibility,
            documents::steward_id,
        ))
        .load(db)?;
    let rows = rows.into_iter();
    let shown = rows.map(|(id, type_, slug, name, visibility, steward)| {
        let shown = Shown {
            id: id.clone(),
            type_,
            slug,
            name,
            access: Some(access(&visibility, steward)),
        };
        (id, shown)
    });
    Ok(shown.collect())
}

/// Fills in what references show of their documents.
///
/// # Errors
/// When the database cannot be asked.
pub fn name_links(db: &mut AnyConnection, links: Vec<&mut Link>) -> Result<()> {
    let ids = links.iter().map(|link| link.target.id.clone()).collect();
    let shown = shown_by_id(db, ids)?;
    for link in links {
        if let Some(target) = shown.get(&link.target.id) {
            link.target = target.clone();
        }
    }
    Ok(())
}

/// Writes the head of a new document.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn insert(write: &mut Write<'_>, row: HeadRow) -> Result<()> {
    write.insert("documents", vec![row], |db, mut rows: Vec<HeadRow>| {
        // A row behind all others costs an index least.
        rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        insert_rows!(db, documents::table, &rows)
    })?;
    Ok(())
}

/// Writes the head of a document in place of the one that it had, in this transaction's time.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn update(write: &mut Write<'_>, before: &HeadRow, row: &HeadRow) -> Result<()> {
    let next = HeadRow {
        version: before.version + 1,
        updated_at: write.now(),
        ..before.clone()
    };
    if next == *row {
        // Most changes are of the content: the indexes of the other columns stay as they are.
        let touched = vec![(row.id.clone(), write.now())];
        write.update("documents", touched, |db, touched| touch(db, &touched))?;
    } else {
        diesel::update(documents::table.find(&row.id))
            .set(row)
            .execute(write.connection())?;
    }
    Ok(())
}

/// Gives each of these documents its next version, at the same instant.
pub(super) fn touch(db: &mut AnyConnection, touched: &[(String, Timestamp)]) -> QueryResult<()> {
    let Some((_, at)) = touched.first() else {
        return Ok(());
    };
    let ids = touched.iter().map(|(id, _)| id);
    let update = diesel::update(documents::table.filter(documents::id.eq_any(ids))).set((
        documents::version.eq(documents::version + 1),
        documents::updated_at.eq(*at),
    ));
    direct!(db, c => update.execute(c))?;
    Ok(())
}

/// Notes to which documents a document refers, in place of those to which it did.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn save_references(
    write: &mut Write<'_>,
    id: &str,
    targets: &[String],
    before: &[String],
) -> Result<()> {
    if targets == before {
        return Ok(());
    }
    if !before.is_empty() {
        write.clear("document_references", id, forget_all_references)?;
    }
    let rows = targets.iter().map(|target| ReferenceRow {
        source_id: id.to_owned(),
        target_id: target.clone(),
    });
    write.insert(
        "document_references",
        rows.collect(),
        |db, mut rows: Vec<ReferenceRow>| {
            rows.sort_unstable_by(|a, b| a.source_id.cmp(&b.source_id));
            insert_rows!(db, document_references::table, &rows)
        },
    )?;
    Ok(())
}

/// That one document refers to another.
#[derive(Insertable)]
#[diesel(table_name = document_references, treat_none_as_default_value = false)]
struct ReferenceRow {
    source_id: String,
    target_id: String,
}

/// Notes that a document refers to no other any more.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn forget_references(db: &mut AnyConnection, ids: &[String]) -> Result<()> {
    for ids in ids.chunks(TOGETHER) {
        forget_all_references(db, ids.to_vec())?;
    }
    Ok(())
}

fn forget_all_references(db: &mut AnyConnection, ids: Vec<String>) -> QueryResult<()> {
    let rows = document_references::table.filter(document_references::source_id.eq_any(ids));
    direct!(db, c => diesel::delete(rows).execute(c))?;
    Ok(())
}

/// The heads of documents outside some that refer to one of those, by type and name: none, or those
/// of the first part in which there are any.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn outside_referrers(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<HeadRow>> {
    let inside: HashSet<&String> = ids.iter().collect();
    for ids in ids.chunks(TOGETHER) {
        let mut others = ids_of_referrers(db, ids)?;
        others.retain(|id| !inside.contains(id));
        if !others.is_empty() {
            others.truncate(TOGETHER);
            let mut heads = load(db, &others)?;
            heads.sort_by(|a, b| {
                (&a.type_, &a.name_key, &a.id).cmp(&(&b.type_, &b.name_key, &b.id))
            });
            return Ok(heads);
        }
    }
    Ok(Vec::new())
}

/// The heads of the documents that refer to one, other than itself, by type and name.
///
/// # Errors
/// When the database cannot be asked.
pub fn referrers(db: &mut AnyConnection, id: &str) -> Result<Vec<HeadRow>> {
    Ok(documents::table
        .inner_join(document_references::table.on(document_references::source_id.eq(documents::id)))
        .filter(
            document_references::target_id
                .eq(id)
                .and(documents::id.ne(id)),
        )
        .order((documents::type_, documents::name_key, documents::id))
        .select(HeadRow::as_select())
        .load(db)?)
}

/// The ids of the documents that refer to any of these.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn ids_of_referrers(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<String>> {
    Ok(document_references::table
        .filter(document_references::target_id.eq_any(ids))
        .select(document_references::source_id)
        .distinct()
        .load(db)?)
}

/// What a problem shows of the documents that refer to one.
pub fn shown_referrers(heads: &[HeadRow], caller: &Caller) -> Vec<Referrer> {
    heads
        .iter()
        .filter(|head| caller.may_know(&head.id, &head.access()))
        .take(20)
        .map(referrer)
        .collect()
}

/// What a problem shows of a document.
pub fn referrer(head: &HeadRow) -> Referrer {
    Referrer {
        type_: head.type_.clone(),
        id: head.id.clone(),
        slug: head.slug.clone(),
        name: head.name.clone(),
    }
}

/// How many documents one statement asks for.
const TOGETHER: usize = 500;

/// Who could read documents last, of those that exist and those that are gone.
///
/// # Errors
/// When the database cannot be asked.
pub fn access_now(db: &mut AnyConnection, ids: &[String]) -> Result<HashMap<String, Access>> {
    let mut all = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(TOGETHER) {
        let live: Vec<(String, String, Option<String>)> = documents::table
            .filter(documents::id.eq_any(ids))
            .select((documents::id, documents::visibility, documents::steward_id))
            .load(db)?;
        let ended: Vec<(String, String, Option<String>)> = tombstones::table
            .filter(tombstones::id.eq_any(ids))
            .select((
                tombstones::id,
                tombstones::visibility,
                tombstones::steward_id,
            ))
            .load(db)?;
        let found = live.into_iter().chain(ended);
        all.extend(found.map(|(id, visibility, steward)| (id, access(&visibility, steward))));
    }
    Ok(all)
}

/// The value of a word that was checked when it was stored.
///
/// # Errors
/// When the database holds a word that the vocabulary does not have.
pub fn stored_word<T: Enumeration>(word: &str) -> Result<T> {
    T::parse(word)
        .map_err(|_| Error::Internal(format!("stored word '{word}' of {}", T::VOCABULARY.name)))
}

/// The same for a word that may be absent.
///
/// # Errors
/// As for [`stored_word`].
pub fn stored_word_or_none<T: Enumeration>(word: Option<&str>) -> Result<Option<T>> {
    word.map(stored_word).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::scratch::scratch;

    #[test]
    fn more_documents_are_asked_for_than_one_statement_names() -> Result<()> {
        let (_folder, store) = scratch()?;
        let ids: Vec<String> = (0..40_000).map(|nth| nth.to_string()).collect();
        let known = store.write_now("test".into(), |write| access_now(write.connection(), &ids))?;
        assert!(known.is_empty());
        Ok(())
    }
}
