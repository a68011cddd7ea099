//! The pages of a list: its order, and where a page begins.

use diesel::prelude::*;
use serde_json::Value;

use super::caller::Caller;
use super::document::Document;
use super::error::{Error, Result};
use super::fault::{Fault, Issue};
use super::heads::HeadRow;
use super::language::Text;
use super::read::{Predicate, Selection, selected};
use crate::store::schema::documents;
use crate::store::{AnyConnection, Behind};

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
