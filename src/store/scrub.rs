//! Taking what was deleted out of the files of the database, after a person was erased.
//!
//! `SQLite` overwrites what is deleted (`secure_delete`), but the write-ahead log still holds the
//! pages as they were: it is written back and cut off. `PostgreSQL` keeps old rows, and samples of
//! values for its planner, until a `VACUUM` with `ANALYZE`; pages and its own log keep bytes for
//! longer, where no query reaches them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::ManageConnection;
use diesel::sql_types::Integer;

use super::connection::{AnyConnection, ConnectionManager, DatabaseUrl};
use super::{Store, StoreError};

/// How long readers may keep the write-ahead log from being cut off.
const PATIENCE: Duration = Duration::from_secs(20);

/// The tables in which something of a person may have been.
const TABLES: &str = "documents, people, person_roles, former_slugs, document_identifiers, \
    document_references, tombstones, tombstone_aliases, changes, idempotency_records";

/// Who asked for it: the number of the last one, and of the last one that was served.
#[derive(Default)]
pub(super) struct Scrubs {
    asked: AtomicU64,
    served: tokio::sync::Mutex<u64>,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

impl Store {
    /// Takes what was deleted until now out of the files. On a connection of its own, so that no
    /// request waits for it, and one at a time: when many ask, one turn serves all who wait.
    ///
    /// # Errors
    /// When the database is unavailable, or readers did not let go in time.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        let mine = self.scrubs.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.scrubs.served.lock().await;
        if *served >= mine {
            return Ok(());
        }
        let asked = self.scrubs.asked.load(Ordering::SeqCst);
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.scrub_now())
            .await
            .unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))?;
        *served = asked;
        Ok(())
    }

    /// The same from time to time: the service may have been ended before it got to it, or readers
    /// did not let go. A server of `PostgreSQL` sees to that itself, in time.
    ///
    /// # Errors
    /// As for [`Store::scrub`].
    pub async fn scrub_leftovers(&self) -> Result<(), StoreError> {
        match self.url {
            DatabaseUrl::Sqlite(_) => self.scrub().await,
            DatabaseUrl::Postgres(_) => Ok(()),
        }
    }

    /// The same as [`Store::scrub`] for the command line.
    ///
    /// # Errors
    /// As for [`Store::scrub`].
    pub fn scrub_now(&self) -> Result<(), StoreError> {
        let connection = ConnectionManager::new(self.url.clone()).connect();
        match connection.map_err(|error| StoreError::Unavailable(error.to_string()))? {
            AnyConnection::Sqlite(mut c) => cut_off(&mut c),
            AnyConnection::Postgres(mut c) => {
                Ok(c.batch_execute(&format!("VACUUM (ANALYZE) {TABLES}"))?)
            }
        }
    }
}

fn cut_off(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let began = Instant::now();
    // Writers wait as long as this does for readers, so it tries often and shortly.
    connection.batch_execute("PRAGMA busy_timeout = 100")?;
    loop {
        let done: Checkpoint =
            diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(connection)?;
        if done.busy == 0 {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            let cause = "readers hold the write-ahead log";
            return Err(StoreError::Unavailable(cause.into()));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
