//! The tables as the databases have them: the same on both, and what `store/schema.rs` says.
//!
//! The catalogues of the two say the same things in different words; here each is read as a set of
//! sentences, and the sets are compared.

use std::{collections::BTreeSet, fs};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::Text,
};

use crate::support::{Backend, Server};

/// What a catalogue says, as sentences.
type Sentences = BTreeSet<String>;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    sentence: String,
}

/// Tables and columns: `documents.slug text not null`.
const SQLITE_COLUMNS: &str = "
    SELECT t.name || '.' || c.name || ' ' || lower(c.type) || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END
        AS sentence
    FROM sqlite_schema t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'";

const POSTGRES_COLUMNS: &str = "
    SELECT table_name || '.' || column_name || ' ' || data_type
        || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS sentence
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

/// Keys: `primary key of documents: id`, `unique in documents: type, slug`,
/// `reference of regions: id to documents: id, on delete cascade`.
const SQLITE_KEYS: &str = "
    WITH tables AS (
        SELECT name FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'
    )
    SELECT 'primary key of ' || t.name || ': '
        || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk))
        AS sentence
    FROM tables t
    UNION ALL
    SELECT 'unique in ' || t.name || ': '
        || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
    FROM tables t, pragma_index_list(t.name) i WHERE i.origin = 'u'
    UNION ALL
    SELECT 'reference of ' || t.name || ': ' || f.\"from\" || ' to ' || f.\"table\" || ': ' || f.\"to\"
        || ', on delete ' || lower(f.on_delete)
    FROM tables t, pragma_foreign_key_list(t.name) f";

const POSTGRES_KEYS: &str = "
    WITH keys AS (
        SELECT k.contype, t.relname AS owner, target.relname AS target, k.confdeltype,
            (SELECT string_agg(a.attname, ', ' ORDER BY n.nth)
                FROM unnest(k.conkey) WITH ORDINALITY n(number, nth)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.number) AS columns,
            (SELECT string_agg(a.attname, ', ' ORDER BY n.nth)
                FROM unnest(k.confkey) WITH ORDINALITY n(number, nth)
                JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n.number) AS targets
        FROM pg_constraint k
        JOIN pg_class t ON t.oid = k.conrelid
        LEFT JOIN pg_class target ON target.oid = k.confrelid
        WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_\\_%'
    )
    SELECT CASE contype
        WHEN 'p' THEN 'primary key of ' || owner || ': ' || columns
        WHEN 'u' THEN 'unique in ' || owner || ': ' || columns
        WHEN 'f' THEN 'reference of ' || owner || ': ' || columns || ' to ' || target || ': ' || targets
            || ', on delete ' || CASE confdeltype
                WHEN 'a' THEN 'no action' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null'
                ELSE confdeltype::text END
        END AS sentence
    FROM keys WHERE contype IN ('p', 'u', 'f')";

/// Indexes that are no constraint: `index documents_by_steward on documents: steward_id`.
const SQLITE_INDEXES: &str = "
    SELECT CASE i.\"unique\" WHEN 1 THEN 'unique ' ELSE '' END
        || CASE i.partial WHEN 1 THEN 'partial ' ELSE '' END
        || 'index ' || i.name || ' on ' || t.name || ': '
        || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
        AS sentence
    FROM sqlite_schema t, pragma_index_list(t.name) i
    WHERE t.type = 'table' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND i.origin = 'c'";

const POSTGRES_INDEXES: &str = "
    SELECT CASE WHEN x.indisunique THEN 'unique ' ELSE '' END
        || CASE WHEN x.indpred IS NOT NULL THEN 'partial ' ELSE '' END
        || 'index ' || i.relname || ' on ' || t.relname || ': '
        || (SELECT string_agg(pg_get_indexdef(x.indexrelid, n, true), ', ' ORDER BY n)
            FROM generate_series(1, x.indnkeyatts::int) n) AS sentence
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_\\_%'
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u'))";

/// Checks: the table and the definition; what the two make of it differs, see [`words_of_check`].
const SQLITE_CHECKS: &str = "
    SELECT name || ' ' || sql AS sentence FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%CHECK (%'";

const POSTGRES_CHECKS: &str = "
    SELECT t.relname || ' ' || pg_get_constraintdef(k.oid) AS sentence
    FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
    WHERE k.contype = 'c' AND t.relnamespace = 'public'::regnamespace";

/// Text that would not sort by its bytes, as it does on `SQLite`.
const POSTGRES_COLLATIONS: &str = "
    SELECT table_name || '.' || column_name AS sentence FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' AND data_type = 'text'
        AND collation_name IS DISTINCT FROM 'C'";

#[test]
fn both_databases_have_the_same_tables_keys_and_indexes() {
    let (mut sqlite, mut postgres) = databases();
    for (on_sqlite, on_postgres) in [
        (SQLITE_COLUMNS, POSTGRES_COLUMNS),
        (SQLITE_KEYS, POSTGRES_KEYS),
        (SQLITE_INDEXES, POSTGRES_INDEXES),
    ] {
        assert_same(
            ("SQLite", &sqlite.ask(on_sqlite)),
            ("PostgreSQL", &postgres.ask(on_postgres)),
        );
    }
    let checks = |sentences: Sentences| -> Sentences {
        sentences
            .iter()
            .flat_map(|sentence| words_of_check(sentence))
            .collect()
    };
    assert_same(
        ("SQLite", &checks(sqlite.ask(SQLITE_CHECKS))),
        ("PostgreSQL", &checks(postgres.ask(POSTGRES_CHECKS))),
    );
    let wrong = postgres.ask_any(POSTGRES_COLLATIONS);
    assert!(
        wrong.is_empty(),
        "columns without the collation C: {wrong:?}"
    );
}

#[test]
fn every_reference_can_be_followed_back_by_an_index() {
    // Without one, each deletion reads the whole table that refers.
    let (mut sqlite, _) = databases();
    let (keys, indexes) = (sqlite.ask(SQLITE_KEYS), sqlite.ask(SQLITE_INDEXES));
    for key in keys
        .iter()
        .filter_map(|key| key.strip_prefix("reference of "))
    {
        let (owner, column) = key.split_once(": ").expect("a reference");
        let column = column.split(' ').next().expect("a column");
        let leads =
            |columns: &str| columns == column || columns.starts_with(&format!("{column}, "));
        let primary = format!("primary key of {owner}: ");
        let found = keys
            .iter()
            .filter_map(|key| key.strip_prefix(&primary))
            .any(leads)
            || indexes
                .iter()
                .filter_map(|index| index.split_once(&format!(" on {owner}: ")))
                .any(|(_, columns)| leads(columns));
        assert!(found, "no index begins with {owner}.{column}");
    }
}

#[test]
fn the_schema_in_the_code_is_that_of_the_database() {
    let (mut sqlite, _) = databases();
    let (mut columns, mut keys) = (Sentences::new(), Sentences::new());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schema.rs");
    let schema = fs::read_to_string(path).expect("src/store/schema.rs");
    for table in schema.split("diesel::table! {").skip(1) {
        let (head, body) = table.split_once('{').expect("a table has columns");
        let (name, key) = head.split_once('(').expect("a table has a key");
        let key = key.trim().trim_end_matches(')').replace("type_", "type");
        keys.insert(format!("primary key of {}: {key}", name.trim()));
        for column in body.split('}').next().unwrap_or_default().lines() {
            let Some((column, type_)) = column.trim().trim_end_matches(',').split_once(" -> ")
            else {
                continue;
            };
            let column = if column == "type_" { "type" } else { column };
            columns.insert(format!("{}.{column} {}", name.trim(), sql_type(type_)));
        }
    }
    assert_same(
        ("the code", &columns),
        ("the database", &sqlite.ask(SQLITE_COLUMNS)),
    );
    let mut in_database = sqlite.ask(SQLITE_KEYS);
    in_database.retain(|key| key.starts_with("primary key"));
    assert_same(("the code", &keys), ("the database", &in_database));
}

fn sql_type(type_: &str) -> String {
    let nullable = type_
        .strip_prefix("Nullable<")
        .and_then(|inner| inner.strip_suffix('>'));
    let name = match nullable.unwrap_or(type_) {
        "Text" => "text",
        "BigInt" => "bigint",
        "Integer" => "integer",
        "Bool" => "boolean",
        other => panic!("the type {other} has no name here"),
    };
    let suffix = if nullable.is_none() { " not null" } else { "" };
    format!("{name}{suffix}")
}

/// What a check compares with: `documents: public restricted`, or only the table for a number.
fn words_of_check(sentence: &str) -> Vec<String> {
    let table = sentence.split(' ').next().expect("a table");
    sentence
        .split("CHECK (")
        .skip(1)
        .map(|check| {
            // On SQLite the check ends with its line, and the rest of the table follows.
            let line = check.lines().next().unwrap_or_default();
            let words: BTreeSet<&str> = line.split('\'').skip(1).step_by(2).collect();
            format!(
                "{table}: {}",
                words.into_iter().collect::<Vec<_>>().join(" ")
            )
        })
        .collect()
}

/// Two connections to databases that `schakel serve` has migrated.
fn databases() -> (Catalogue<SqliteConnection>, Catalogue<PgConnection>) {
    (
        Catalogue::of(Backend::Sqlite),
        Catalogue::of(Backend::Postgres),
    )
}

struct Catalogue<C> {
    connection: C,
    _server: Server,
}

impl<C> Catalogue<C>
where
    C: Connection + diesel::connection::LoadConnection,
    Row: QueryableByName<C::Backend>,
    diesel::query_builder::SqlQuery: diesel::query_builder::QueryFragment<C::Backend>,
    C::Backend: diesel::expression::QueryMetadata<diesel::sql_types::Untyped> + 'static,
{
    fn of(backend: Backend) -> Self {
        let server = Server::start(backend);
        let url = server
            .database_url
            .trim_start_matches("sqlite://")
            .to_owned();
        Self {
            connection: C::establish(&url).expect("a connection"),
            _server: server,
        }
    }

    /// What a query says; a catalogue that says nothing was asked wrongly.
    fn ask(&mut self, query: &str) -> Sentences {
        let sentences = self.ask_any(query);
        assert!(!sentences.is_empty(), "nothing came of {query}");
        sentences
    }

    fn ask_any(&mut self, query: &str) -> Sentences {
        let rows: Vec<Row> = sql_query(query)
            .load(&mut self.connection)
            .expect("a catalogue");
        rows.into_iter().map(|row| row.sentence).collect()
    }
}

#[track_caller]
fn assert_same((one, left): (&str, &Sentences), (other, right): (&str, &Sentences)) {
    let (more, less): (Vec<_>, Vec<_>) = (
        left.difference(right).collect(),
        right.difference(left).collect(),
    );
    assert!(
        more.is_empty() && less.is_empty(),
        "only {one}: {more:#?}\nonly {other}: {less:#?}"
    );
}
