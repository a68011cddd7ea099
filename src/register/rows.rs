//! The lists of documents as tables: each row has its document (`owner_id`) and its place in the
//! list (`position`). Macros, because each table is a type of its own.

use std::collections::HashMap;
use std::hash::BuildHasher;

use deserr::Deserr;
use serde_json::Value;

use super::error::{Error, Result};
use super::fault::Issues;

/// Reads the rows of several documents, in order: `load_rows!(db, table, Row, ids)`, or one column
/// with the owner: `load_rows!(db, table.column, ids)`.
macro_rules! load_rows {
    ($db:expr, $table:ident, $row:ty, $ids:expr) => {{
        let rows: Vec<$row> = $table::table
            .filter($table::owner_id.eq_any($ids))
            .order(($table::owner_id, $table::position))
            .select(<$row>::as_select())
            .load($db)?;
        rows
    }};
    ($db:expr, $table:ident.$column:ident, $ids:expr) => {{
        let rows: Vec<(String, String)> = $table::table
            .filter($table::owner_id.eq_any($ids))
            .order(($table::owner_id, $table::position))
            .select(($table::owner_id, $table::$column))
            .load($db)?;
        rows
    }};
}
pub(crate) use load_rows;

/// Loads what a query gives: of these documents only, where they are given.
/// `load_of!(db, query, owner_column, of)`.
macro_rules! load_of {
    ($db:expr, $query:expr, $owner:expr, $of:expr) => {{
        let query = $query;
        match $of {
            Some(ids) => query.filter($owner.eq_any(ids)).load($db)?,
            None => query.load($db)?,
        }
    }};
}
pub(crate) use load_of;

/// Writes the rows of one document in place of those that were there:
/// `replace_rows!(db, table, id, rows)`, or the values of one column:
/// `replace_rows!(db, table.column, id, values)`.
macro_rules! replace_rows {
    ($db:expr, $table:ident, $id:expr, $rows:expr) => {{
        diesel::delete($table::table.filter($table::owner_id.eq($id))).execute($db)?;
        for row in $rows {
            diesel::insert_into($table::table)
                .values(row)
                .execute($db)?;
        }
    }};
    ($db:expr, $table:ident.$column:ident, $id:expr, $values:expr) => {{
        diesel::delete($table::table.filter($table::owner_id.eq($id))).execute($db)?;
        for (position, value) in (0..).zip($values) {
            diesel::insert_into($table::table)
                .values((
                    $table::owner_id.eq($id),
                    $table::position.eq::<i32>(position),
                    $table::$column.eq(value),
                ))
                .execute($db)?;
        }
    }};
}
pub(crate) use replace_rows;

/// Writes the one row of a document's own table. Updated rather than replaced where it is there:
/// other documents' rows have it as foreign key.
macro_rules! save_row {
    ($db:expr, $table:ident, $id:expr, $row:expr) => {{
        let known: i64 = $table::table
            .filter($table::id.eq($id))
            .count()
            .get_result($db)?;
        if known == 0 {
            diesel::insert_into($table::table)
                .values($row)
                .execute($db)?;
        } else {
            diesel::update($table::table.find($id))
                .set($row)
                .execute($db)?;
        }
    }};
}
pub(crate) use save_row;

/// Puts the rows of several documents where they belong. Those of a document that was not loaded
/// are passed over.
///
/// # Errors
/// As `put` does.
pub fn spread<T, R, S: BuildHasher>(
    loaded: &mut HashMap<String, T, S>,
    rows: impl IntoIterator<Item = (String, R)>,
    mut put: impl FnMut(&mut T, R) -> Result<()>,
) -> Result<()> {
    for (owner, row) in rows {
        if let Some(document) = loaded.get_mut(&owner) {
            put(document, row)?;
        }
    }
    Ok(())
}

/// Lists of texts that are kept as JSON, by the ids of their documents.
///
/// # Errors
/// When the database holds what no document can have.
pub fn text_lists(rows: Vec<(String, String)>) -> Result<Vec<(String, Vec<String>)>> {
    rows.into_iter()
        .map(|(id, list)| Ok((id, serde_json::from_str(&list)?)))
        .collect()
}

/// A list that is kept as JSON because it is never filtered on, read by the rules of its input.
///
/// # Errors
/// When the database holds what no document can have.
pub fn from_json<T: Deserr<Issues>>(text: &str) -> Result<T> {
    let value: Value = serde_json::from_str(text)?;
    deserr::deserialize::<T, _, Issues>(value)
        .map_err(|_| Error::Internal("a stored list is damaged".into()))
}
