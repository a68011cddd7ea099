//! Brings the generated projects into a register: what they name through the same functions as
//! any write, and they themselves straight into the tables, a line of the change log for each.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, SqliteConnection};
use fastrand::Rng;
use schakel::organisations::Organisation;
use schakel::regions::Region;
use schakel::register::write::create;
use schakel::register::{Caller, Error};
use schakel::store::{DatabaseUrl, Store};
use schakel::themes::Theme;
use serde_json::{Value, json};
use uuid::Uuid;

use super::texts::{Made, ORGANISATIONS, REGIONS, THEMES, Texts};

/// How many projects a transaction has.
const BATCH: usize = 1_000;
/// When the first project was made, in microseconds since 1970: on a day of 2025.
const BEGAN: u64 = 1_750_000_000_000_000;
/// The theme labels are words from here on: such as stand in one text of a hundred.
const LABELS: usize = 500;

/// A connection of either kind, for text that both understand.
enum Direct {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

impl Direct {
    fn open(url: &str) -> Self {
        match url.parse().expect("the URL of a database") {
            DatabaseUrl::Postgres(url) => {
                Self::Postgres(PgConnection::establish(&url).expect("a connection"))
            }
            DatabaseUrl::Sqlite(path) => {
                Self::Sqlite(SqliteConnection::establish(&path).expect("a connection"))
            }
        }
    }

    fn run(&mut self, sql: &str) {
        let done = match self {
            Self::Postgres(connection) => connection.batch_execute(sql),
            Self::Sqlite(connection) => connection.batch_execute(sql),
        };
        done.unwrap_or_else(|error| panic!("{error}"));
    }

    fn last_change(&mut self) -> i64 {
        let query = diesel::sql_query("SELECT max(seq) AS seq FROM changes");
        let last: QueryResult<Last> = match self {
            Self::Postgres(connection) => query.get_result(connection),
            Self::Sqlite(connection) => query.get_result(connection),
        };
        last.expect("there are changes").seq
    }
}

/// What the projects name, by their ids.
struct Named {
    regions: Vec<String>,
    themes: Vec<String>,
    organisations: Vec<String>,
}

/// Writes so many projects and shows each to `also`.
pub(super) fn fill(
    database_url: &str,
    texts: &mut Texts,
    count: usize,
    also: &mut dyn FnMut(usize, &Made),
) {
    let named = named(database_url, texts);
    let mut rng = Rng::with_seed(1);
    let mut direct = Direct::open(database_url);
    if matches!(direct, Direct::Sqlite(_)) {
        direct.run("PRAGMA busy_timeout = 5000; PRAGMA synchronous = OFF");
    }
    let mut seq = direct.last_change();
    for first in (0..count).step_by(BATCH) {
        let mut rows = Rows::default();
        for number in first..count.min(first + BATCH) {
            let made = texts.project();
            also(number, &made);
            seq += 1;
            rows.add(&mut rng, number, seq, &made, &named);
        }
        direct.run(&rows.sql());
    }
    // PostgreSQL does so by itself a minute after such a load, while something is measured; SQLite never.
    if matches!(direct, Direct::Postgres(_)) {
        direct.run("VACUUM (ANALYZE)");
    }
}

/// Writes regions, themes and organisations.
fn named(database_url: &str, texts: &Texts) -> Named {
    let url = database_url.parse().expect("the URL of a database");
    let store = Store::new(&url, 1);
    let written = store.write_now("benchmark".into(), |write| {
        let caller = Caller::command_line();
        macro_rules! make {
            ($document:ty, $count:expr, $body:expr) => {
                (0..$count)
                    .map(|nth| {
                        let body: Value = $body(nth);
                        let body = body.as_object().cloned().unwrap_or_default();
                        Ok(create::<$document>(write, &caller, body)?.id)
                    })
                    .collect::<Result<Vec<String>, Error>>()?
            };
        }
        let word = |nth: usize| texts.word(LABELS + nth).to_owned();
        Ok::<_, Error>(Named {
            regions: make!(Region, REGIONS, |nth| json!({
                "name": format!("Regio {nth}"), "kind": "cooperation_region",
                "alternativeNames": [format!("Streek {nth}")],
            })),
            themes: make!(Theme, THEMES, |nth| json!({
                "label": word(2 * nth), "alternativeLabels": [word(2 * nth + 1)],
            })),
            organisations: make!(Organisation, ORGANISATIONS, |nth| json!({
                "name": format!("Stichting {nth}"), "kind": "other",
                "alternativeNames": [format!("Instelling {nth}")],
            })),
        })
    });
    written.unwrap_or_else(|error| panic!("what the projects name: {error}"))
}

/// Rows of several tables, as text: what is generated holds no quotes.
#[derive(Default)]
struct Rows {
    tables: [String; 7],
}

const INTO: [&str; 7] = [
    "documents (id, type, slug, name, name_key, kind, visibility, sources, version, created_at, \
     updated_at, start_key)",
    "projects (id, alternative_names, status, summary, objective_is_quote, start_edtf, \
     start_earliest, start_latest, contacts, focus_points)",
    "project_regions (owner_id, position, region_id)",
    "project_themes (owner_id, position, theme_id)",
    "project_participants (owner_id, position, organisation_id, role, status)",
    "document_references (source_id, target_id)",
    "changes (seq, at, op, type, document_id, slug, version, actor, changeset, visibility)",
];

impl Rows {
    fn row(&mut self, table: usize, values: &str) {
        let rows = &mut self.tables[table];
        rows.push_str(if rows.is_empty() { "(" } else { "),(" });
        rows.push_str(values);
    }

    fn add(&mut self, rng: &mut Rng, number: usize, seq: i64, made: &Made, named: &Named) {
        let at = BEGAN + number as u64 * 1_000;
        let id = id(rng, at / 1_000);
        let (name, text, year) = (&made.name, &made.text, made.year);
        let slug = format!("project-{number}");
        let key = name.to_lowercase();
        let days = format!("{year}-01-01', '{year}-12-31");
        self.row(
            0,
            &format!(
                "'{id}', 'project', '{slug}', '{name}', '{key}', '{}', 'public', '[]', 1, {at}, \
                 {at}, '{year}-01-01 {year}-12-31'",
                made.kind
            ),
        );
        self.row(
            1,
            &format!(
                "'{id}', '[]', '{}', '{text}', FALSE, '{year}', '{days}', '[]', '[]'",
                made.status
            ),
        );
        let mut targets = vec![&named.regions[made.region]];
        self.row(2, &format!("'{id}', 0, '{}'", targets[0]));
        for (position, theme) in made.themes.iter().enumerate() {
            let theme = &named.themes[*theme];
            self.row(3, &format!("'{id}', {position}, '{theme}'"));
            targets.push(theme);
        }
        for (position, organisation) in made.organisations.iter().enumerate() {
            let organisation = &named.organisations[*organisation];
            self.row(
                4,
                &format!("'{id}', {position}, '{organisation}', 'partner', 'confirmed'"),
            );
            targets.push(organisation);
        }
        targets.sort();
        targets.dedup();
        for target in targets {
            self.row(5, &format!("'{id}', '{target}'"));
        }
        self.row(
            6,
            &format!(
                "{seq}, {at}, 'created', 'project', '{id}', '{slug}', 1, 'benchmark', '{id}', \
                 'public'"
            ),
        );
    }

    fn sql(&self) -> String {
        let mut sql = "BEGIN".to_owned();
        for (into, rows) in INTO.iter().zip(&self.tables) {
            sql.extend([";INSERT INTO ", into, " VALUES ", rows, ")"]);
        }
        sql.push_str(";COMMIT");
        sql
    }
}

/// A UUID of version 7 for an instant in milliseconds.
fn id(rng: &mut Rng, at: u64) -> Uuid {
    let high = (at << 16) | 0x7000 | u64::from(rng.u16(..0x1000));
    let low = (1 << 63) | (rng.u64(..) >> 2);
    Uuid::from_u64_pair(high, low)
}
