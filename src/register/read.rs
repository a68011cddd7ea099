//! Reading documents: one, and those of a selection. (The pages of a list are [`super::page`].)

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::{Map, Value};

use super::caller::{Access, Caller, Visibility};
use super::day::Day;
use super::document::{Document, Head, Record};
use super::error::{Error, Result};
use super::find::{find_filtered, find_live};
use super::heads::{self, HeadQuery, HeadRow};
use super::locator::Locator;
use super::names;
use super::page::SortKey;
use super::projection::project;
use super::refs::{OrganisationRef, Organisations, Target};
use super::vocabulary::Enumeration;
use crate::store::schema::{document_identifiers, documents};
use crate::store::{AnyConnection, Backend, Known, Timestamp};

/// Loads whole documents, in the order of their heads.
///
/// # Errors
/// When the database cannot be asked or holds what no document can have.
pub fn load_records<T: Document>(
    db: &mut AnyConnection,
    rows: &[HeadRow],
) -> Result<Vec<Record<T>>> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut contents = T::load(db, rows)?;
    let mut identifiers = names::identifiers(db, &ids)?;
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let damaged = || Error::Internal(format!("document {} has no content", row.id));
        let visibility = Visibility::parse(&row.visibility).map_err(|_| damaged())?;
        let day = row
            .verified_on
            .as_deref()
            .map(Day::parse)
            .transpose()
            .map_err(|_| damaged())?;
        records.push(Record {
            head: Head {
                id: row.id.clone(),
                slug: row.slug.clone(),
                identifiers: identifiers.remove(&row.id).unwrap_or_default(),
                sources: serde_json::from_str(&row.sources)?,
                visibility,
                steward: row.steward_id.clone().map(OrganisationRef::to),
                verified_on: day,
                version: row.version,
                created_at: row.created_at,
                updated_at: row.updated_at,
            },
            content: contents.remove(&row.id).ok_or_else(damaged)?,
        });
    }
    name_all_links(db, &mut records)?;
    Ok(records)
}

/// Fills in the references of all records with one query.
fn name_all_links<T: Document>(db: &mut AnyConnection, records: &mut [Record<T>]) -> Result<()> {
    let mut ids: Vec<String> = Vec::new();
    for record in records.iter_mut() {
        record.links(&mut |link| ids.push(link.target.id.clone()));
    }
    let named = heads::shown_by_id(db, ids)?;
    for record in records.iter_mut() {
        record.links(&mut |link| {
            if let Some(target) = named.get(&link.target.id) {
                link.target = target.clone();
            }
        });
    }
    Ok(())
}

/// One document as the caller may see it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Moved`] or [`Error::Gone`].
pub fn find<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    locator: &Locator,
) -> Result<(HeadRow, Map<String, Value>)> {
    let head = find_live(db, caller, T::NAMING.type_, locator)?;
    let mut shown = show::<T>(db, caller, std::slice::from_ref(&head))?;
    shown
        .pop()
        .map(|document| (head, document))
        .ok_or(Error::NotFound)
}

/// Documents as the caller may see them, in the order of their heads.
///
/// # Errors
/// When the database cannot be asked.
pub fn show<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    rows: &[HeadRow],
) -> Result<Vec<Map<String, Value>>> {
    let records = load_records::<T>(db, rows)?;
    let mut documents: Vec<(Access, Map<String, Value>)> = records
        .iter()
        .map(|record| Ok((record.access(), record.to_json()?)))
        .collect::<Result<_>>()?;
    project(db, caller, &mut documents)?;
    Ok(documents
        .into_iter()
        .map(|(_, document)| document)
        .collect())
}

/// The filters that every list has.
#[derive(Clone, Debug, Default)]
pub struct CommonFilters {
    /// `scheme:value`, any of them; what has another form names nothing.
    pub identifier: Vec<String>,
    /// The organisation that looks after the document.
    pub steward: Option<String>,
    /// Changed at or after.
    pub updated_since: Option<Timestamp>,
    /// Not confirmed on or after this day.
    pub verified_before: Option<Day>,
}

impl CommonFilters {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        !self.identifier.is_empty()
            || self.steward.is_some()
            || self.updated_since.is_some()
            || self.verified_before.is_some()
    }
}

/// What a caller wants to see of a collection.
#[derive(Clone, Debug)]
pub struct Selection<F> {
    /// The filters of the collection.
    pub filters: F,
    /// The filters of all collections.
    pub common: CommonFilters,
    /// The order. Equals come by their ids, in the direction of the last key.
    pub sort: Vec<SortKey>,
}

/// The query for a selection: what the caller may see of it, in no order yet.
///
/// # Errors
/// When a filter names what the caller cannot see.
pub fn selected<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    selection: &Selection<T::Filters>,
) -> Result<HeadQuery> {
    let mut query: HeadQuery = documents::table
        .filter(documents::type_.eq(T::NAMING.type_))
        .into_boxed();
    query = readable(query, caller);
    let common = &selection.common;
    if !common.identifier.is_empty() {
        let ids = ids_by_identifier::<T>(db, &common.identifier)?;
        query = query.filter(documents::id.eq_any(ids));
    }
    if let Some(steward) = &common.steward {
        let id = find_filtered(db, caller, Organisations::TYPE, "steward", steward)?;
        query = query.filter(documents::steward_id.eq(id));
    }
    if let Some(since) = common.updated_since {
        query = query.filter(documents::updated_at.ge(since));
    }
    if let Some(day) = common.verified_before {
        query = query.filter(
            documents::verified_on
                .lt(day.to_string())
                .or(documents::verified_on.is_null()),
        );
    }
    T::filter(query, &selection.filters, db, caller)
}

/// Leaves out what the caller may not know of.
pub fn readable(query: HeadQuery, caller: &Caller) -> HeadQuery {
    let public = documents::visibility.eq(Visibility::Public.as_str());
    match (caller.reads_all(), caller.steward()) {
        (true, _) => query,
        (false, Some(steward)) => query.filter(
            public
                .or(documents::steward_id.eq(steward.to_owned()))
                .or(documents::id.eq(steward.to_owned())),
        ),
        (false, None) => query.filter(public),
    }
}

/// The condition that a column names a document that the caller may know of.
pub fn known<C>(column: C, caller: &Caller) -> Known<C> {
    let known = Known::new(column);
    if caller.reads_all() {
        known
    } else {
        known.to_steward(caller.steward())
    }
}

fn ids_by_identifier<T: Document>(
    db: &mut AnyConnection,
    wanted: &[String],
) -> Result<Vec<String>> {
    let mut by_scheme: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in wanted {
        if let Some(Locator::Identifier { scheme, value }) = Locator::parse(text) {
            by_scheme.entry(scheme).or_default().push(value);
        }
    }
    let mut ids: Vec<String> = Vec::new();
    for (scheme, values) in by_scheme {
        ids.extend(
            document_identifiers::table
                .filter(document_identifiers::type_.eq(T::NAMING.type_))
                .filter(document_identifiers::scheme.eq(scheme))
                .filter(document_identifiers::value.eq_any(values))
                .select(document_identifiers::owner_id)
                .load::<String>(db)?,
        );
    }
    Ok(ids)
}

/// A condition on the rows of a table that is put together at run time.
pub type Condition<T> = Box<dyn BoxableExpression<T, Backend, SqlType = Bool>>;

/// A condition on heads.
pub type Predicate = Condition<documents::table>;

/// The condition that any of several holds; there must be one at least. They are halved and halved
/// again: in a row, a thousand of them would be deeper than `SQLite` reads.
pub fn any_of<T: 'static>(mut conditions: Vec<Condition<T>>) -> Condition<T>
where
    Condition<T>: BoolExpressionMethods + Expression<SqlType = Bool>,
    diesel::dsl::Or<Condition<T>, Condition<T>>:
        BoxableExpression<T, Backend, SqlType = Bool> + 'static,
{
    let rest = conditions.split_off(conditions.len().div_ceil(2));
    if rest.is_empty()
        && let Some(one) = conditions.pop()
    {
        return one;
    }
    Box::new(any_of(conditions).or(any_of(rest)))
}

/// The ids of the documents that a selection has for this caller.
///
/// # Errors
/// As for [`selected`].
pub fn ids<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    selection: &Selection<T::Filters>,
) -> Result<Vec<String>> {
    Ok(selected::<T>(db, caller, selection)?
        .select(documents::id)
        .load(db)?)
}

/// How many documents a selection has for this caller.
///
/// # Errors
/// As for [`selected`].
pub fn count<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    selection: &Selection<T::Filters>,
) -> Result<i64> {
    Ok(selected::<T>(db, caller, selection)?
        .select(count_star())
        .get_result(db)?)
}
