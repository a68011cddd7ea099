//! Reading documents: one, a list, pages of a list.

use std::collections::{BTreeMap, HashMap};

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::{Map, Value};

use super::caller::{Access, Caller, Visibility};
use super::day::Day;
use super::document::{Document, Head, Record};
use super::error::{Error, Result};
use super::fault::{Fault, Issue};
use super::find::{find_filtered, find_live};
use super::heads::{self, HeadQuery, HeadRow};
use super::language::Text;
use super::locator::Locator;
use super::names;
use super::projection::project;
use super::refs::{Link, OrganisationRef, Organisations, Target};
use super::vocabulary::Enumeration;
use crate::store::schema::{document_identifiers, documents};
use crate::store::{AnyConnection, Backend, Behind, Known, Timestamp};

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
    let mut links: Vec<Link> = Vec::new();
    for record in records.iter_mut() {
        record.links(&mut |link| links.push(link.clone()));
    }
    heads::name_links(db, links.iter_mut().collect())?;
    let named: HashMap<_, _> = links
        .into_iter()
        .map(|link| (link.target.id.clone(), link.target))
        .collect();
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

/// What a list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    /// The name, without regard to accents and capitals.
    Name,
    /// The word of the kind.
    Kind,
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
    /// When it begins: by the earliest day that it can be, then the latest.
    Start,
}

impl SortField {
    /// The word that `sort` takes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kind => "kind",
            Self::CreatedAt => "createdAt",
            Self::UpdatedAt => "updatedAt",
            Self::Start => "start",
        }
    }
}

/// One key of an order. The id is always the last key, so that the order is total; it goes in the
/// direction of the key before it, so that an index can be read from either end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// By what.
    pub field: SortField,
    /// From high to low.
    pub descending: bool,
}

/// A place in a sorted list: the values of the keys at the last document seen, then its id.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position(pub Vec<Value>, pub String);

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

/// How many documents a selection has for this caller.
///
/// # Errors
/// As for [`page`].
pub fn count<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    selection: &Selection<T::Filters>,
) -> Result<i64> {
    Ok(selected::<T>(db, caller, selection)?
        .select(count_star())
        .get_result(db)?)
}

/// The heads of the next documents of a selection, and where the page after them begins.
///
/// Keyset paging: a page starts behind the last document seen, so that a crawl neither skips nor
/// repeats one that did not change, and the last page costs what the first does.
///
/// # Errors
/// When a filter names what the caller cannot see, or the database cannot be asked.
pub fn page<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    selection: &Selection<T::Filters>,
    after: Option<&Position>,
    limit: usize,
) -> Result<(Vec<HeadRow>, Option<Position>)> {
    let mut query = selected::<T>(db, caller, selection)?;
    if let Some(position) = after {
        query = query.filter(behind(&selection.sort, position)?);
    }
    for key in &selection.sort {
        query = match (key.field, key.descending) {
            (SortField::Name, false) => query.then_order_by(documents::name_key.asc()),
            (SortField::Name, true) => query.then_order_by(documents::name_key.desc()),
            (SortField::Kind, false) => query.then_order_by(documents::kind.asc()),
            (SortField::Kind, true) => query.then_order_by(documents::kind.desc()),
            (SortField::CreatedAt, false) => query.then_order_by(documents::created_at.asc()),
            (SortField::CreatedAt, true) => query.then_order_by(documents::created_at.desc()),
            (SortField::UpdatedAt, false) => query.then_order_by(documents::updated_at.asc()),
            (SortField::UpdatedAt, true) => query.then_order_by(documents::updated_at.desc()),
            (SortField::Start, false) => query.then_order_by(documents::start_key.asc()),
            (SortField::Start, true) => query.then_order_by(documents::start_key.desc()),
        };
    }
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    query = if downwards(&selection.sort) {
        query.then_order_by(documents::id.desc())
    } else {
        query.then_order_by(documents::id.asc())
    };
    let mut rows: Vec<HeadRow> = query
        .limit(one_more)
        .select(HeadRow::as_select())
        .load(db)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| position(&selection.sort, row));
    Ok((rows, next))
}

/// The place of a document in an order.
fn position(sort: &[SortKey], row: &HeadRow) -> Position {
    let values = sort
        .iter()
        .map(|key| match key.field {
            SortField::Name => row.name_key.clone().into(),
            SortField::Kind => row.kind.clone().into(),
            SortField::CreatedAt => row.created_at.micros().into(),
            SortField::UpdatedAt => row.updated_at.micros().into(),
            SortField::Start => row.start_key.clone().into(),
        })
        .collect();
    Position(values, row.id.clone())
}

/// Whether the last key goes from high to low, and so the ids of equals do.
fn downwards(sort: &[SortKey]) -> bool {
    sort.last().is_some_and(|key| key.descending)
}

/// What lies behind a position, in the order of [`page`].
fn behind(sort: &[SortKey], position: &Position) -> Result<Predicate> {
    let descending = downwards(sort);
    if sort.iter().all(|key| key.descending == descending) {
        behind_in_one_direction(sort, descending, position)
    } else {
        behind_in_mixed_directions(sort, descending, position)
    }
}

/// `(a, b, id) > (x, y, z)`: an index leads right to the place.
fn behind_in_one_direction(
    sort: &[SortKey],
    descending: bool,
    position: &Position,
) -> Result<Predicate> {
    let broken = || Error::from(Issue::query("cursor", invalid_cursor()));
    let mut behind = Behind::new(descending);
    for (nth, key) in sort.iter().enumerate() {
        let value = position.0.get(nth).ok_or_else(broken)?;
        let text = || Ok::<_, Error>(value.as_str().ok_or_else(broken)?.to_owned());
        let instant = || value.as_i64().ok_or_else(broken);
        match key.field {
            SortField::Name => behind.add(documents::name_key, text()?),
            SortField::Kind => behind.add(documents::kind, text()?),
            SortField::CreatedAt => behind.add(documents::created_at, instant()?),
            SortField::UpdatedAt => behind.add(documents::updated_at, instant()?),
            SortField::Start => behind.add(documents::start_key, text()?),
        }
    }
    behind.add(documents::id, position.1.clone());
    Ok(Box::new(behind))
}

/// One key of [`behind_in_mixed_directions`]. A macro, because each column is a type of its own.
macro_rules! step {
    ($column:expr, $value:ident, $descending:expr, $first:expr, $rest:ident) => {{
        let tie = $column.eq($value.clone()).and($rest);
        let step: Predicate = match ($descending, $first) {
            (false, true) => Box::new($column.ge($value.clone()).and($column.gt($value).or(tie))),
            (false, false) => Box::new($column.gt($value).or(tie)),
            (true, true) => Box::new($column.le($value.clone()).and($column.lt($value).or(tie))),
            (true, false) => Box::new($column.lt($value).or(tie)),
        };
        step
    }};
}

/// `a > x OR (a = x AND (b < y OR (b = y AND id < z)))`, with `a >= x` in front of it. That is
/// implied, but only so can an index start near the place.
fn behind_in_mixed_directions(
    sort: &[SortKey],
    descending: bool,
    position: &Position,
) -> Result<Predicate> {
    let broken = || Error::from(Issue::query("cursor", invalid_cursor()));
    let mut rest: Predicate = if descending {
        Box::new(documents::id.lt(position.1.clone()))
    } else {
        Box::new(documents::id.gt(position.1.clone()))
    };
    for (nth, key) in sort.iter().enumerate().rev() {
        let value = position.0.get(nth).ok_or_else(broken)?;
        let first = nth == 0;
        rest = match key.field {
            SortField::Name => {
                let value = value.as_str().ok_or_else(broken)?.to_owned();
                step!(documents::name_key, value, key.descending, first, rest)
            }
            SortField::Kind => {
                let value = value.as_str().ok_or_else(broken)?.to_owned();
                step!(documents::kind, value, key.descending, first, rest)
            }
            SortField::Start => {
                let value = value.as_str().ok_or_else(broken)?.to_owned();
                step!(documents::start_key, value, key.descending, first, rest)
            }
            SortField::CreatedAt => {
                let value = value.as_i64().ok_or_else(broken)?;
                step!(documents::created_at, value, key.descending, first, rest)
            }
            SortField::UpdatedAt => {
                let value = value.as_i64().ok_or_else(broken)?;
                step!(documents::updated_at, value, key.descending, first, rest)
            }
        };
    }
    Ok(rest)
}

/// The fault of a cursor that is not one of ours, or of another list.
pub fn invalid_cursor() -> Fault {
    Fault::InvalidFormat {
        expected: Text {
            nl: "een cursor uit `next` van dezelfde lijst, met dezelfde filters en volgorde",
            en: "a cursor from `next` of the same list, with the same filters and order",
        },
    }
}
