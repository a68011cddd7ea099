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

/// Inserts rows into a table: `insert_rows!(db, table, rows)`, with rows as a slice of what the table takes.
/// Many of them share a statement, always as many, so that it is prepared once. The last few go one by
/// one on `SQLite`, for which a statement is cheap.
///
/// What the table takes needs `treat_none_as_default_value = false`: without it, diesel puts each row into
/// a statement of its own on `SQLite`, and makes that anew each time.
macro_rules! insert_rows {
    ($db:expr, $table:path, $rows:expr) => {{
        use diesel::RunQueryDsl as _;
        let (many, rest) = $rows.as_chunks::<{ $crate::store::MANY }>();
        let (some, rest) = rest.as_chunks::<{ $crate::store::SOME }>();
        let mut run = || -> diesel::QueryResult<()> {
            $crate::store::direct!($db, db => {
                for rows in many {
                    diesel::insert_into($table).values(rows).execute(db)?;
                }
                for rows in some {
                    diesel::insert_into($table).values(rows).execute(db)?;
                }
            });
            match &mut *$db {
                $crate::store::AnyConnection::Sqlite(db) => {
                    for row in rest {
                        diesel::insert_into($table).values(row).execute(db)?;
                    }
                }
                $crate::store::AnyConnection::Postgres(db) if !rest.is_empty() => {
                    diesel::insert_into($table).values(rest).execute(db)?;
                }
                $crate::store::AnyConnection::Postgres(_) => {}
            }
            Ok(())
        };
        run()
    }};
}
pub(crate) use insert_rows;

/// How many rows a statement has: it can have 32,766 values, and the widest table has 26 columns.
pub(crate) const MANY: usize = 500;

/// How many rows it has where there are not so many left.
pub(crate) const SOME: usize = 50;
