//! The full-text searches that the two databases bring along, on the same names and texts: what
//! there would be without an index of our own.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel::{Connection, PgConnection, SqliteConnection, sql_query};
use tempfile::TempDir;

use super::texts::Made;
use crate::process::{Cpu, Workers};
use crate::report::milliseconds;
use crate::support::Database;

/// The values that are counted, where facets are asked for.
pub(super) const FACETS: [&str; 4] = ["kind", "status", "region", "year"];

/// How often a query is asked: at most, and for how long.
const TIMES: usize = 200;
const LONG_ENOUGH: Duration = Duration::from_millis(1_500);
/// And at least, however long it takes.
const AT_LEAST: usize = 3;

/// What a query cost.
pub(super) struct Answered {
    pub(super) total: i64,
    /// Milliseconds of CPU, on average.
    pub(super) cpu: f64,
}

/// A database with the texts and its own index of them.
pub(super) trait Peer {
    /// Takes in the rows that stand ready.
    fn insert(&mut self, rows: &str);
    /// Makes the index, when all rows are in. Says how long that took.
    fn index(&mut self) -> Duration;
    /// How large the index is, in bytes.
    fn size(&mut self) -> i64;
    /// The 20 best and the number of all; also facets, where these are asked for.
    fn search(&mut self, words: &str, facets: bool) -> i64;
    /// Whose CPU time is that of its searches.
    fn workers(&self) -> &Workers;
}

/// What the searches of a peer cost, one after the other and again from the first.
pub(super) fn cost(peer: &mut dyn Peer, queries: &[String], facets: bool) -> Answered {
    let (mut asked, mut total) = (0, 0);
    // Of a thread that runs, Linux tells the CPU time only now and then, so all are counted at once.
    let (before, began): (Cpu, Instant) = (peer.workers().cpu(), Instant::now());
    for (nth, words) in queries.iter().cycle().take(TIMES).enumerate() {
        if nth >= AT_LEAST.max(queries.len()) && began.elapsed() > LONG_ENOUGH {
            break;
        }
        let found = peer.search(words, facets);
        asked += 1;
        assert!(found > 0, "nothing has {words}");
        if nth < queries.len() {
            total += found;
        }
    }
    let each = i64::try_from(queries.len()).unwrap_or(1);
    Answered {
        total: total / each,
        cpu: milliseconds(peer.workers().cpu().since(&before)) / f64::from(asked),
    }
}

/// Rows of both, a thousand together.
#[derive(Default)]
pub(super) struct Rows {
    text: String,
    count: usize,
}

impl Rows {
    pub(super) fn add(&mut self, number: usize, made: &Made) {
        let Made {
            name,
            text,
            kind,
            status,
            region,
            year,
            ..
        } = made;
        let row = format!(
            "({number}, '{name}', '{text}', '{kind}', '{status}', 'region-{region}', '{year}')"
        );
        let between = if self.text.is_empty() { "" } else { "," };
        self.text.extend([between, &row]);
        self.count += 1;
    }

    /// Gives them away when they are many, or in any case.
    pub(super) fn send(&mut self, to: &mut [&mut dyn Peer], all: bool) {
        if self.count >= 1_000 || (all && self.count > 0) {
            for peer in to {
                peer.insert(&self.text);
            }
            *self = Self::default();
        }
    }
}

#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The queries of one search, with its words and the SQL of a peer filled in.
fn ask<C>(connection: &mut C, matching: &str, order: &str, facets: bool) -> i64
where
    C: Connection,
    diesel::query_builder::SqlQuery: for<'q> diesel::query_dsl::methods::LoadQuery<'q, C, Hit>
        + for<'q> diesel::query_dsl::methods::LoadQuery<'q, C, Number>
        + for<'q> diesel::query_dsl::methods::LoadQuery<'q, C, Value>,
{
    let best = format!("SELECT plain.id, plain.name {matching} ORDER BY {order} LIMIT 20");
    let hits: Vec<Hit> = sql_query(best).get_results(connection).expect("hits");
    let number = format!("SELECT count(*) AS number {matching}");
    let total: Number = sql_query(number).get_result(connection).expect("a number");
    let shown = hits
        .iter()
        .filter(|hit| hit.id >= 0 && !hit.name.is_empty());
    assert_eq!(
        i64::try_from(shown.count()).ok(),
        Some(total.number.min(20))
    );
    for facet in FACETS.iter().filter(|_| facets) {
        let counts = format!(
            "SELECT {facet} AS value, count(*) AS number {matching} GROUP BY {facet} ORDER BY 2 DESC"
        );
        let counts: Vec<Value> = sql_query(counts).get_results(connection).expect("counts");
        let sum: i64 = counts.iter().map(|one| one.number).sum();
        let words = counts.iter().all(|one| !one.value.is_empty());
        assert!(words && sum == total.number, "{facet}");
    }
    total.number
}

const COLUMNS: &str = "id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, body TEXT NOT NULL, \
    kind TEXT NOT NULL, status TEXT NOT NULL, region TEXT NOT NULL, year TEXT NOT NULL";

/// `PostgreSQL` with `tsvector` in Dutch and a GIN index.
pub(super) struct Postgres {
    connection: PgConnection,
    workers: Workers,
    _database: Database,
}

impl Postgres {
    pub(super) fn new() -> Self {
        let database = Database::empty();
        let mut connection = PgConnection::establish(&database.url).expect("a connection");
        // All is done in one process, so that its CPU time is that of the query.
        let prepared = connection.batch_execute(&format!(
            "SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0; \
             SET maintenance_work_mem = '512MB'; CREATE TABLE plain ({COLUMNS})"
        ));
        prepared.expect("a table");
        let pid = number_of(&mut connection, "SELECT pg_backend_pid()::bigint AS number");
        let pid = u32::try_from(pid).expect("the number of a process");
        Self {
            connection,
            workers: Workers::only(pid),
            _database: database,
        }
    }
}

fn number_of(connection: &mut PgConnection, sql: &str) -> i64 {
    let number: Number = sql_query(sql).get_result(connection).expect("a number");
    number.number
}

impl Peer for Postgres {
    fn insert(&mut self, rows: &str) {
        let sql = format!("INSERT INTO plain VALUES {rows}");
        self.connection.batch_execute(&sql).expect("rows");
    }

    fn index(&mut self) -> Duration {
        let began = Instant::now();
        let done = self.connection.batch_execute(
            "ALTER TABLE plain ADD COLUMN words tsvector GENERATED ALWAYS AS \
             (setweight(to_tsvector('dutch', name), 'A') || to_tsvector('dutch', body)) STORED; \
             CREATE INDEX plain_words ON plain USING gin (words)",
        );
        done.expect("an index");
        let took = began.elapsed();
        let analysed = self.connection.batch_execute("VACUUM ANALYZE plain");
        analysed.expect("PostgreSQL analyses");
        took
    }

    fn size(&mut self) -> i64 {
        number_of(
            &mut self.connection,
            "SELECT (pg_relation_size('plain_words') + sum(pg_column_size(words)))::bigint AS number \
             FROM plain",
        )
    }

    fn search(&mut self, words: &str, facets: bool) -> i64 {
        let matching =
            format!("FROM plain, plainto_tsquery('dutch', '{words}') asked WHERE words @@ asked");
        let order = "ts_rank(words, asked) DESC, id";
        ask(&mut self.connection, &matching, order, facets)
    }

    fn workers(&self) -> &Workers {
        &self.workers
    }
}

/// `SQLite` with FTS5, which knows no Dutch: words are found as they are written.
pub(super) struct Fts5 {
    connection: SqliteConnection,
    workers: Workers,
    folder: TempDir,
    without: u64,
}

impl Fts5 {
    pub(super) fn new() -> Self {
        let folder = TempDir::with_prefix("schakel-test-").expect("a temporary folder");
        let path = folder.path().join("texts.db");
        let mut connection =
            SqliteConnection::establish(&path.display().to_string()).expect("a connection");
        let prepared = connection.batch_execute(&format!(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE plain ({COLUMNS})"
        ));
        prepared.expect("a table");
        Self {
            connection,
            // It works in this process, which does nothing else meanwhile.
            workers: Workers::only(std::process::id()),
            folder,
            without: 0,
        }
    }

    fn bytes(&self) -> u64 {
        let file = std::fs::metadata(self.folder.path().join("texts.db"));
        file.map_or(0, |file| file.len())
    }
}

impl Peer for Fts5 {
    fn insert(&mut self, rows: &str) {
        let sql = format!("INSERT INTO plain VALUES {rows}");
        self.connection.batch_execute(&sql).expect("rows");
    }

    fn index(&mut self) -> Duration {
        self.without = self.bytes();
        let began = Instant::now();
        let done = self.connection.batch_execute(
            "CREATE VIRTUAL TABLE texts USING fts5(name, body, content='plain', \
             content_rowid='id', tokenize='unicode61 remove_diacritics 2'); \
             INSERT INTO texts(texts, rank) VALUES ('rank', 'bm25(4.0, 1.0)'); \
             INSERT INTO texts(texts) VALUES ('rebuild'); \
             INSERT INTO texts(texts) VALUES ('optimize')",
        );
        done.expect("SQLite is built with FTS5");
        began.elapsed()
    }

    fn size(&mut self) -> i64 {
        i64::try_from(self.bytes() - self.without).unwrap_or_default()
    }

    fn search(&mut self, words: &str, facets: bool) -> i64 {
        let matching =
            format!("FROM texts JOIN plain ON plain.id = texts.rowid WHERE texts MATCH '{words}'");
        ask(&mut self.connection, &matching, "texts.rank", facets)
    }

    fn workers(&self) -> &Workers {
        &self.workers
    }
}
