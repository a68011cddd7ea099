//! The order of hits: what they are sorted by, and where a page begins.

use std::cmp::Reverse;

use serde_json::Value;
use tantivy::columnar::{Column, StrColumn, TermOrdHit};
use tantivy::{DocId, Score, SegmentReader};

use super::columns::Columns;
use crate::register::page::{SortField, SortKey};

/// A key of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// How well it fits what was typed, the best first.
    Relevance,
    /// As in lists.
    Field(SortKey),
}

impl Key {
    pub(super) fn descending(self) -> bool {
        match self {
            // The best score is the smallest number, so that ids go up among equals.
            Self::Relevance => false,
            Self::Field(key) => key.descending,
        }
    }
}

/// A part of a place in the order, comparable between segments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Number(u64),
    Up(String),
    Down(Reverse<String>),
}

/// What a part of a place is in a cursor.
pub(super) fn value_of(key: Key, place: Place) -> Value {
    match (key, place) {
        (Key::Field(key), Place::Number(number)) => {
            from_sortable(if key.descending { !number } else { number }).into()
        }
        (_, Place::Number(number)) => number.into(),
        (_, Place::Up(text) | Place::Down(Reverse(text))) => text.into(),
    }
}

/// Signed numbers as unsigned ones that sort alike.
fn sortable(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

fn from_sortable(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}

/// A score as a number that is the smaller the better it is. Thousandths: what two sums of the same
/// words can differ by, added up in another order, is far less.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "scores are between nothing and some ten thousands"
)]
fn rank(score: Score) -> u64 {
    // Half up, as rounding is; the function for that is slower than all the rest.
    u64::MAX - (f64::from(score.max(0.0)) * 1_000.0 + 0.5) as u64
}

/// A score that is lower than that of any document at this place: most documents have an even lower
/// one, and need not be looked at further.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "less than what is rounded away is taken off"
)]
pub(super) fn floor(rank: u64) -> Score {
    ((u64::MAX - rank).saturating_sub(5) as f64 / 1_000.0) as Score
}

/// The score that a place was made of.
#[expect(
    clippy::cast_precision_loss,
    reason = "thousandths of some ten thousands are exact"
)]
pub(super) fn score_of(place: &Place) -> f64 {
    match place {
        Place::Number(rank) => (u64::MAX - rank) as f64 / 1_000.0,
        Place::Up(_) | Place::Down(_) => 0.0,
    }
}

/// A column that hits are sorted by.
pub(super) enum Sorted {
    Relevance,
    Number(Column<i64>, bool),
    Text(Option<StrColumn>, bool),
}

impl Sorted {
    pub(super) fn new(
        key: Key,
        columns: &Columns,
        segment: &SegmentReader,
    ) -> tantivy::Result<Self> {
        let Key::Field(SortKey { field, descending }) = key else {
            return Ok(Self::Relevance);
        };
        let text = |name| columns.text(segment, name);
        let number = |name| columns.signed(segment, name);
        Ok(match field {
            SortField::CreatedAt => Self::Number(number("createdAt")?, descending),
            SortField::UpdatedAt => Self::Number(number("updatedAt")?, descending),
            SortField::Name => Self::Text(text("nameKey")?, descending),
            SortField::Kind => Self::Text(text("kind")?, descending),
            SortField::Start => Self::Text(text("startKey")?, descending),
        })
    }

    /// The place of a document, comparable in this segment. Texts are odd numbers, so that one that
    /// no document here has fits between.
    pub(super) fn place(&self, doc: DocId, score: Score) -> u64 {
        match self {
            Self::Relevance => rank(score),
            Self::Number(column, down) => {
                turn(sortable(column.first(doc).unwrap_or_default()), *down)
            }
            Self::Text(column, down) => {
                let ord = column.as_ref().and_then(|column| column.ords().first(doc));
                turn(ord.map_or(0, |ord| ord * 2 + 1), *down)
            }
        }
    }

    /// The place of a cursor, comparable in this segment; nothing for one that is not ours.
    pub(super) fn place_of(&self, value: &Value) -> tantivy::Result<Option<u64>> {
        Ok(match self {
            Self::Relevance => value.as_u64(),
            Self::Number(_, down) => value.as_i64().map(|number| turn(sortable(number), *down)),
            Self::Text(column, down) => {
                let Some(text) = value.as_str() else {
                    return Ok(None);
                };
                let place = match column {
                    Some(column) if !text.is_empty() => {
                        let hit = column.dictionary().term_ord_or_next(text)?;
                        place_of_hit(&hit)
                    }
                    _ => 0,
                };
                Some(turn(place, *down))
            }
        })
    }

    /// The same place, comparable between segments.
    pub(super) fn resolved(&self, place: u64) -> Place {
        let Self::Text(column, down) = self else {
            return Place::Number(place);
        };
        let (mut text, place) = (String::new(), turn(place, *down));
        if let Some(column) = column.as_ref().filter(|_| place > 0) {
            // A text that cannot be read sorts first; the files were checked when they were opened.
            let _ = column.ord_to_str((place - 1) / 2, &mut text);
        }
        if *down {
            Place::Down(Reverse(text))
        } else {
            Place::Up(text)
        }
    }
}

fn place_of_hit(hit: &TermOrdHit) -> u64 {
    match hit {
        TermOrdHit::Exact(ord) => *ord * 2 + 1,
        TermOrdHit::Next(ord) => ord.saturating_mul(2),
    }
}

fn turn(number: u64, down: bool) -> u64 {
    if down { !number } else { number }
}

#[cfg(test)]
mod tests {
    use super::{floor, rank};

    #[test]
    fn what_is_below_the_floor_of_a_rank_ranks_lower() {
        for nth in 0_u16..60_000 {
            let score = f32::from(nth) * 0.173;
            let floor = floor(rank(score));
            assert!(floor <= score, "{score}");
            // A little less than the floor is worse, whatever rounding does.
            assert!(
                floor <= 0.0 || rank(floor.next_down()) > rank(score),
                "{score}"
            );
        }
    }
}
