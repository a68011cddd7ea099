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

/// Writes a list of one document, if it is not as it was: `replace_rows!(write, table, id, rows,
/// before)`, or one column of it: `replace_rows!(write, table.column, id, values, before)`. `before` are
/// the rows that the document has; nothing when it is new.
macro_rules! replace_rows {
    ($write:expr, $table:ident, $id:expr, $rows:expr, $before:expr) => {{
        let (rows, before) = ($rows, $before);
        if $crate::register::rows::clear_rows!($write, $table, $id, rows, before) {
            $write.insert(stringify!($table), rows, |db, rows| {
                $crate::store::insert_rows!(db, $table::table, &rows)
            })?;
        }
    }};
    ($write:expr, $table:ident.$column:ident, $id:expr, $values:expr, $before:expr) => {{
        let (values, before): (Vec<String>, _) = ($values, $before);
        if $crate::register::rows::clear_rows!($write, $table, $id, values, before) {
            #[derive(diesel::Insertable)]
            #[diesel(table_name = $table, treat_none_as_default_value = false)]
            struct Row {
                owner_id: String,
                position: i32,
                $column: String,
            }
            let rows = (0..).zip(values).map(|(position, $column)| Row {
                owner_id: $id.to_owned(),
                position,
                $column,
            });
            $write.insert(stringify!($table), rows.collect(), |db, rows: Vec<Row>| {
                $crate::store::insert_rows!(db, $table::table, &rows)
            })?;
        }
    }};
}
pub(crate) use replace_rows;

/// Makes room for the rows of a list. Says whether there is anything to write.
macro_rules! clear_rows {
    ($write:expr, $table:ident, $id:expr, $rows:ident, $before:ident) => {{
        let is_other = $before.as_ref() != Some(&$rows);
        if is_other && $before.is_some_and(|before| !before.is_empty()) {
            $write.clear(stringify!($table), $id, |db, ids| {
                let rows = $table::table.filter($table::owner_id.eq_any(ids));
                $crate::store::direct!(db, c => diesel::delete(rows).execute(c))?;
                Ok(())
            })?;
        }
        is_other
    }};
}
pub(crate) use clear_rows;

/// Writes the one row of a document's own table, if it is not as it was: `save_row!(write, table, row,
/// before)`, as for [`replace_rows!`]. Updated rather than replaced: other documents' rows have
/// it as foreign key.
macro_rules! save_row {
    ($write:expr, $table:ident, $row:expr, $before:expr) => {{
        let row = $row;
        match $before {
            None => $write.insert(stringify!($table), vec![row], |db, rows| {
                $crate::store::insert_rows!(db, $table::table, &rows)
            })?,
            Some(before) if before == row => {}
            Some(_) => $write.update(stringify!($table), vec![row], |db, rows| {
                $crate::store::update_rows!(db, $table::table, &rows)
            })?,
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
