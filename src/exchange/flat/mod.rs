//! The flat form: documents as rows of a table, both ways.
//!
//! A document has one row, or as many as its longest list has items. [`columns`] says which columns
//! a collection has, from the schemas of its documents as they are given; [`labels`] what they are
//! called in Dutch. Reading: [`header`] finds the columns of a table, `read` makes a value of a
//! cell, `join` puts rows together. Writing: [`mod@write`]. What holds for users stands in
//! `docs/flat-files.md`.

pub mod columns;
pub mod continued;
mod dates;
mod escape;
pub mod header;
mod item;
mod join;
mod keys;
pub mod labels;
mod read;
pub mod sheet;
mod table;
#[cfg(test)]
mod tests;
pub mod write;

pub use columns::{Columns, Field, Kind};
pub use escape::escape;
pub use table::documents;
pub use write::{ColumnNames, Flat, FlatCell};

/// The most characters of a cell that are told again.
const SHOWN: usize = 80;

/// The beginning of a text, for the place of an issue.
pub(super) fn cut(text: &str) -> String {
    let mut beginning: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        beginning.push('…');
    }
    beginning
}
