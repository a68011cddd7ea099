//! Brings the generated organisations into a register, through the same functions as any write.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use schakel::organisations::Organisation;
use schakel::register::write::create;
use schakel::register::{Caller, Error};
use schakel::store::{DatabaseUrl, Store};
use serde_json::Value;

use crate::data::Generated;

/// How many documents a transaction has. All of one share their instant.
const BATCH: usize = 1_000;

/// How long loading took, by tenth.
pub(crate) struct Loading {
    tenths: Vec<Duration>,
}

impl Loading {
    pub(crate) fn all(&self) -> Duration {
        self.tenths.iter().sum()
    }

    /// How much longer the last tenth took than the first.
    pub(crate) fn growth(&self) -> f64 {
        let seconds = |tenth: Option<&Duration>| tenth.map_or(0.0, Duration::as_secs_f64);
        seconds(self.tenths.last()) / seconds(self.tenths.first())
    }
}

/// Loads into the database at a URL, which has been migrated.
pub(crate) fn load(database_url: &str, organisations: &[Generated]) -> Loading {
    let url = database_url.parse().expect("the URL of a database");
    let store = Store::new(&url, 1);
    let caller = Caller::command_line();
    let tenth = organisations.len().div_ceil(10).max(1);
    let mut loading = Loading { tenths: Vec::new() };
    for (nth, tenth_part) in organisations.chunks(tenth).enumerate() {
        let began = Instant::now();
        for (batch, part) in tenth_part.chunks(BATCH).enumerate() {
            let first = nth * tenth + batch * BATCH;
            let written = store.write_now("benchmark".into(), |write| {
                for (number, organisation) in (first..).zip(part) {
                    let Value::Object(body) = organisation.body(number) else {
                        unreachable!("a document is an object");
                    };
                    create::<Organisation>(write, &caller, body)?;
                }
                Ok::<_, Error>(())
            });
            written.unwrap_or_else(|error| panic!("organisation {first} and on: {error}"));
        }
        loading.tenths.push(began.elapsed());
    }
    // PostgreSQL does so by itself a minute after such a load, while something is measured.
    if let DatabaseUrl::Postgres(url) = &url {
        let connection = PgConnection::establish(url);
        let analysed =
            connection.map(|mut connection| connection.batch_execute("VACUUM (ANALYZE)"));
        analysed
            .expect("a connection")
            .expect("PostgreSQL analyses");
    }
    loading
}
