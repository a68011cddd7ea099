//! Writing rows over those that are there, many at a time.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// An insert that takes the place of the rows that have its ids. `diesel` can say so too, but prepares
/// that anew each time, and asks for the columns one by one.
#[derive(Debug)]
pub(crate) struct Upsert<S> {
    insert: S,
    columns: &'static [&'static str],
}

impl<S> Upsert<S> {
    /// Of an insert into a table whose primary key is `id`.
    pub(crate) fn into<T: Table>(_table: T, insert: S) -> Self
    where
        T::AllColumns: ColumnNames,
    {
        let columns = T::AllColumns::NAMES;
        Self { insert, columns }
    }
}

impl<S: QueryFragment<B>, B: Backend> QueryFragment<B> for Upsert<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, B>) -> QueryResult<()> {
        self.insert.walk_ast(out.reborrow())?;
        let mut before = " ON CONFLICT (id) DO UPDATE SET ";
        for column in self.columns.iter().filter(|column| **column != "id") {
            out.push_sql(before);
            out.push_identifier(column)?;
            out.push_sql(" = excluded.");
            out.push_identifier(column)?;
            before = ", ";
        }
        Ok(())
    }
}

impl<S: QueryId> QueryId for Upsert<S> {
    type QueryId = Upsert<S::QueryId>;

    const HAS_STATIC_QUERY_ID: bool = S::HAS_STATIC_QUERY_ID;
}

impl<S, C> RunQueryDsl<C> for Upsert<S> {}

/// The names of the columns of a table.
pub(crate) trait ColumnNames {
    /// In their order.
    const NAMES: &'static [&'static str];
}

macro_rules! column_names {
    ($first:ident $($rest:ident)*) => {
        impl<$first: Column, $($rest: Column),*> ColumnNames for ($first, $($rest),*) {
            const NAMES: &'static [&'static str] = &[$first::NAME, $($rest::NAME),*];
        }
        column_names!($($rest)*);
    };
    () => {};
}

// One more than the widest table would need is no harm; one too few does not compile.
column_names!(A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 B1 C1 D1 E1 F1);

/// Writes rows over those of a table that have their ids: `update_rows!(db, table, rows)`.
macro_rules! update_rows {
    ($db:expr, $table:path, $rows:expr) => {{
        use diesel::RunQueryDsl as _;
        let mut run = || -> diesel::QueryResult<()> {
            match &mut *$db {
                $crate::store::AnyConnection::Sqlite(db) => {
                    for row in $rows {
                        let insert = diesel::insert_into($table).values(row);
                        $crate::store::Upsert::into($table, insert).execute(db)?;
                    }
                }
                $crate::store::AnyConnection::Postgres(db) => {
                    for rows in $rows.chunks($crate::store::MANY) {
                        let rows: Vec<_> = rows.iter().collect();
                        let insert = diesel::insert_into($table).values(rows);
                        $crate::store::Upsert::into($table, insert).execute(db)?;
                    }
                }
            }
            Ok(())
        };
        run()
    }};
}
pub(crate) use update_rows;

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::prelude::*;

    use super::Upsert;
    use crate::store::schema::tombstones;

    #[test]
    fn all_columns_but_the_id_take_what_is_written() {
        let insert = diesel::insert_into(tombstones::table).values(tombstones::id.eq("x"));
        let upsert = Upsert::into(tombstones::table, insert);
        let text = debug_query::<diesel::sqlite::Sqlite, _>(&upsert).to_string();
        let sets = text.split_once(" ON CONFLICT ").map(|(_, sets)| sets);
        let sets = sets
            .and_then(|sets| sets.split_once(" --"))
            .map(|(sets, _)| sets);
        let expected = "(id) DO UPDATE SET `type` = excluded.`type`, `slug` = excluded.`slug`, \
            `visibility` = excluded.`visibility`, `steward_id` = excluded.`steward_id`, \
            `into_id` = excluded.`into_id`, `ended_at` = excluded.`ended_at`";
        assert_eq!(sets, Some(expected), "{text}");
    }
}
