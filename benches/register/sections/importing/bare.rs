//! What the same rows cost without a register: statements of many rows each, in one transaction.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection, sql_query};

use crate::process::Workers;
use crate::subject::Subject;
use crate::support::{Backend, Server};

/// How many rows a statement has.
pub(super) const ROWS: usize = 500;

/// The tables that an import writes to.
const TABLES: [&str; 12] = [
    "documents",
    "document_identifiers",
    "document_references",
    "organisations",
    "organisation_sectors",
    "organisation_parents",
    "people",
    "person_roles",
    "projects",
    "project_participants",
    "project_milestones",
    "changes",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The CPU time that it takes to put all rows of a register into an empty one, with the settings that
/// the program has for its own connections.
pub(super) fn bare(full: &Subject, backend: Backend) -> Duration {
    let mut empty = Server::start(backend);
    empty.stop();
    let statements = statements(&full.server);
    let url = &empty.database_url;
    let own = std::process::id();
    match backend {
        Backend::Sqlite => {
            let mut db = sqlite(url);
            db.batch_execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA secure_delete = ON",
            )
            .expect("the settings are known");
            let workers = Workers::only(own);
            insert(
                &mut db,
                &workers,
                &statements,
                "PRAGMA defer_foreign_keys = ON",
            )
        }
        Backend::Postgres => {
            let mut db = PgConnection::establish(url).expect("the database is there");
            let path = url.split('?').next().unwrap_or_default();
            let workers = Workers::with_postgres(own, path.rsplit('/').next().unwrap_or_default());
            insert(
                &mut db,
                &workers,
                &statements,
                "SET CONSTRAINTS ALL DEFERRED",
            )
        }
    }
}

fn insert(
    db: &mut impl SimpleConnection,
    workers: &Workers,
    statements: &[String],
    defer: &str,
) -> Duration {
    let before = workers.cpu();
    for text in ["BEGIN", defer] {
        db.batch_execute(text).expect("a transaction begins");
    }
    for statement in statements {
        db.batch_execute(statement).expect("the rows fit");
    }
    db.batch_execute("COMMIT").expect("the transaction is kept");
    workers.cpu().since(&before)
}

fn sqlite(url: &str) -> SqliteConnection {
    let path = url.trim_start_matches("sqlite://");
    SqliteConnection::establish(path).expect("the file can be opened")
}

/// Statements that make the rows of a register.
fn statements(server: &Server) -> Vec<String> {
    let (quote, names) = match server.backend {
        Backend::Sqlite => ("quote", "name AS line FROM pragma_table_info"),
        Backend::Postgres => (
            "quote_nullable",
            "attname::text AS line FROM pg_attribute WHERE attnum > 0 AND attrelid = to_regclass",
        ),
    };
    let mut all = Vec::new();
    for table in TABLES {
        let columns: Vec<String> = lines(server, &format!("SELECT {names}('{table}')"))
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
        let quoted: Vec<String> = columns
            .iter()
            .map(|column| format!("{quote}({column})"))
            .collect();
        let quoted = quoted.join(" || ',' || ");
        let rows = lines(
            server,
            &format!("SELECT '(' || {quoted} || ')' AS line FROM {table}"),
        );
        let columns = columns.join(", ");
        for part in rows.chunks(ROWS) {
            let rows = part.join(",\n");
            all.push(format!("INSERT INTO {table} ({columns}) VALUES {rows}"));
        }
    }
    all
}

fn lines(server: &Server, query: &str) -> Vec<String> {
    let rows: QueryResult<Vec<Line>> = match server.backend {
        Backend::Sqlite => sql_query(query).load(&mut sqlite(&server.database_url)),
        Backend::Postgres => {
            let db = PgConnection::establish(&server.database_url);
            sql_query(query).load(&mut db.expect("the database is there"))
        }
    };
    let rows = rows.expect("the tables are those of the migrations");
    rows.into_iter().map(|row| row.line).collect()
}
