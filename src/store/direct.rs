//! Statements that run very often, without what it costs that one connection stands for two databases.

/// Runs a statement on whichever database it is: `direct!(db, c => statement.execute(c))`. It means the
/// same as `statement.execute(db)`. But [`super::AnyConnection`] puts the text of a statement together
/// each time, even where it is prepared already, and most of what writing a row costs is that.
macro_rules! direct {
    ($db:expr, $connection:ident => $run:expr) => {
        match &mut *$db {
            $crate::store::AnyConnection::Sqlite($connection) => $run,
            $crate::store::AnyConnection::Postgres($connection) => $run,
        }
    };
}
pub(crate) use direct;

/// Inserts rows into a table: `insert_rows!(db, table, rows, row => values)`, where `values` is what is
/// inserted for a row. `SQLite` is fastest with one prepared statement for all, `PostgreSQL` with few
/// statements of many rows.
macro_rules! insert_rows {
    ($db:expr, $table:path, $rows:expr, $row:ident => $values:expr) => {{
        use diesel::RunQueryDsl as _;
        let mut run = || -> diesel::QueryResult<()> {
            match &mut *$db {
                $crate::store::AnyConnection::Sqlite(db) => {
                    for $row in $rows {
                        diesel::insert_into($table).values($values).execute(db)?;
                    }
                }
                $crate::store::AnyConnection::Postgres(db) => {
                    for rows in $rows.chunks($crate::store::ROWS) {
                        let rows: Vec<_> = rows.iter().map(|$row| $values).collect();
                        diesel::insert_into($table).values(rows).execute(db)?;
                    }
                }
            }
            Ok(())
        };
        run()
    }};
}
pub(crate) use insert_rows;

/// How many rows a statement has: one can have 65,535 values, and the widest table has 26 columns.
pub(crate) const ROWS: usize = 500;
