//! The only way to a connection. Knows no HTTP and no resource.
//!
//! Three doors, each for one purpose:
//!
//! - [`Store::read`]: a snapshot of the whole register; many at once. [`Store::glance`] does without a
//!   transaction where it is enough to know how far the change log is.
//! - [`Store::write`]: a change of documents; one at a time, and it cannot commit
//!   without a row in the change log.
//! - [`Store::housekeeping`]: what is not register content (keys, their last use,
//!   secrets of the service). It leaves no line in the change log.
//!
//! Writers of all nodes stand in one queue: `BEGIN IMMEDIATE` on `SQLite`, an advisory
//! lock on `PostgreSQL`. Without it, numbers of the change log would become visible out of
//! commit order and a follower would lose rows. The queue is taken in one place, `begin_write`.

mod among;
mod backup;
mod columns;
mod connection;
mod direct;
mod gathered;
mod glance;
mod known;
mod migrations;
mod moved;
mod recent;
mod row_order;
pub mod schema;
#[cfg(test)]
pub(crate) mod scratch;
mod scrub;
mod shared;
mod turns;
mod upsert;
mod write;

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};

pub use among::Among;
pub use backup::Held;
pub use columns::Timestamp;
pub use connection::{AnyConnection, Backend, DatabaseUrl, InvalidDatabaseUrl};
use connection::{ConnectionManager, is_broken, is_unavailable};
pub(crate) use direct::{MANY, SOME, direct, insert_rows};
pub use gathered::Together;
pub use glance::Glance;
pub use known::Known;
use moved::Moved;
pub use recent::{Id, Look, Moment, Recent, id_number};
pub use row_order::Behind;
use scrub::Scrubs;
use shared::Shared;
use turns::Turns;
pub(crate) use upsert::{Upsert, update_rows};
pub use write::{NewChange, Write};

/// How long a request waits for its turn at the database before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a new connection may take. Shorter than what a probe or a user waits.
const CONNECTING: Duration = Duration::from_secs(2);

/// How long the database may take to be there when the service starts.
const STARTING: Duration = Duration::from_secs(15);

/// How many connections are tried for one request. After a restart of the server all of the pool
/// are dead, and each shows it only when it is used.
const TRIES: usize = 10;

/// The key of `PostgreSQL`'s advisory lock that keeps the change log in commit order.
const WRITE_LOCK: i64 = 0x5343_4841_4b45_4c01;

/// What can go wrong between the register and its database.
#[derive(Debug)]
pub enum StoreError {
    /// The database cannot be reached, is overloaded, or is locked by another process.
    Unavailable(String),
    /// There is no room left to write.
    Full(String),
    /// Anything else; a defect of ours or a damaged database.
    Failed(String),
    /// It is not done, for a reason that is told in full.
    Refused(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unavailable(cause) => write!(f, "the database is unavailable: {cause}"),
            Self::Full(cause) => write!(f, "the database has no room left: {cause}"),
            Self::Failed(cause) => write!(f, "the database failed: {cause}"),
            Self::Refused(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        let text = error.to_string();
        let full = ["disk is full", "No space left", "Disk quota exceeded"];
        if full.iter().any(|words| text.contains(words)) {
            Self::Full(text)
        } else if is_unavailable(&error, &text) {
            Self::Unavailable(text)
        } else {
            Self::Failed(text)
        }
    }
}

/// The register's database, behind a small pool of readers and one writer.
///
/// The turns in front of the pools are fair where r2d2 is not: with more requests than
/// connections r2d2 lets late comers overtake, which costs a factor ten in the slowest per cent.
#[derive(Clone)]
pub struct Store {
    url: DatabaseUrl,
    scrubs: Arc<Scrubs>,
    readers: Lane,
    writer: Lane,
    /// For whoever follows the change log: it waits for no request, and no request for it.
    follower: Lane,
    moved: Arc<Moved>,
    recent: Arc<Recent>,
    /// How far the change log is, for all who ask at once.
    positions: Arc<Shared<(i64, Option<Moment>)>>,
}

#[derive(Clone)]
struct Lane {
    pool: Pool<ConnectionManager>,
    turns: Turns,
}

/// How busy the connections of a lane are.
#[derive(Clone, Copy, Debug)]
pub struct LaneState {
    /// `readers` or `writer`.
    pub name: &'static str,
    /// How many more requests could begin at once.
    pub free: i64,
    /// How many connections are open.
    pub open: i64,
}

impl Lane {
    fn new(url: &DatabaseUrl, size: u32) -> Self {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(CONNECTING)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(ConnectionManager::new(url.clone()));
        Self {
            pool,
            turns: Turns::new(size as usize),
        }
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager>, StoreError> {
        self.pool.get().map_err(|error| {
            // The pool says that it waited; what it waited for is the news.
            let text = error.to_string();
            let cause = text
                .split_once(": ")
                .map_or(text.as_str(), |(_, cause)| cause);
            StoreError::Unavailable(cause.to_owned())
        })
    }

    /// A connection with a transaction open on it. Nothing was done on it yet, so a dead one can
    /// be put away and another tried.
    fn begin(
        &self,
        begin: fn(&mut AnyConnection) -> QueryResult<()>,
    ) -> Result<PooledConnection<ConnectionManager>, StoreError> {
        for _ in 1..TRIES {
            let mut connection = self.connection()?;
            match begin(&mut connection).map_err(StoreError::from) {
                Ok(()) => return Ok(connection),
                Err(StoreError::Unavailable(_)) if is_broken(&mut connection) => {}
                Err(error) => return Err(error),
            }
        }
        let mut connection = self.connection()?;
        begin(&mut connection)?;
        Ok(connection)
    }

    /// Runs `work` on a thread that may block, in a transaction on a connection of this lane.
    async fn run<T, E>(
        &self,
        patience: Duration,
        begin: fn(&mut AnyConnection) -> QueryResult<()>,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let lane = self.clone();
        self.turn(patience, move || work(&mut *lane.begin(begin)?))
            .await
    }

    /// Runs `work` on a thread that may block, when it is its turn to use a connection.
    async fn turn<T, E>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let done = self.turns.take(patience, work).await;
        done.unwrap_or_else(|error| Err(error.into()))
    }
}

impl Store {
    /// Makes the pools. No connection is opened yet: [`Store::migrate`] is the first to try.
    pub fn new(url: &DatabaseUrl, readers: u32) -> Self {
        Self {
            url: url.clone(),
            scrubs: Arc::default(),
            readers: Lane::new(url, readers),
            writer: Lane::new(url, 1),
            follower: Lane::new(url, 1),
            moved: Arc::default(),
            recent: Arc::default(),
            positions: Arc::default(),
        }
    }

    /// How busy the connections are.
    pub fn lanes(&self) -> [LaneState; 2] {
        let state = |name, lane: &Lane| LaneState {
            name,
            free: i64::try_from(lane.turns.free()).unwrap_or(i64::MAX),
            open: i64::from(lane.pool.state().connections),
        };
        [
            state("readers", &self.readers),
            state("writer", &self.writer),
        ]
    }

    /// Brings the database to the newest schema. Safe when several nodes start at once.
    ///
    /// # Errors
    /// When the database cannot be reached or was made by a newer version of the service.
    pub fn migrate(&self) -> Result<(), StoreError> {
        migrations::run(&mut *self.first_connection()?)
    }

    /// Checks that the database has the schema of this version, without touching it.
    ///
    /// # Errors
    /// When it has an older or a newer one.
    pub fn check_schema(&self) -> Result<(), StoreError> {
        migrations::check(&mut *self.first_connection()?)
    }

    /// A connection at the start. A database that is started together with the service, or a
    /// busy machine, may take longer than a request should wait.
    fn first_connection(&self) -> Result<PooledConnection<ConnectionManager>, StoreError> {
        let began = Instant::now();
        loop {
            match self.writer.connection() {
                Err(StoreError::Unavailable(cause)) if began.elapsed() < STARTING => {
                    log::warn!("the database is unavailable, trying again: {cause}");
                    std::thread::sleep(Duration::from_millis(500));
                }
                other => return other,
            }
        }
    }

    /// Runs `work` on one consistent snapshot of the register.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + From<diesel::result::Error> + Send + 'static,
    {
        self.readers
            .run(PATIENCE, begin_read, |connection| {
                finish(connection, work, |_| true)
            })
            .await
    }

    /// The same as [`Store::read`] for a thread that follows the change log.
    ///
    /// # Errors
    /// As `work` does, and when the database is unavailable.
    pub fn read_now<T, E>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError> + From<diesel::result::Error>,
    {
        finish(&mut *self.follower.begin(begin_read)?, work, |_| true)
    }

    /// The last line of the change log that this process has knows of.
    pub fn written(&self) -> i64 {
        *self.moved.lock()
    }

    /// What changed of late.
    pub fn recent(&self) -> Arc<Recent> {
        Arc::clone(&self.recent)
    }

    /// Tells how far the change log was when this process began.
    pub fn seen(&self, position: i64) {
        self.moved.to(position);
    }

    /// Waits until this process has written beyond a line of the change log, or some time is over:
    /// what other processes write is not seen here.
    pub fn wait_beyond(&self, position: i64, patience: Duration) {
        self.moved.wait(position, patience);
    }

    /// Runs `work` as the only writer. What it changed is committed together with the lines it
    /// logged; when it logged none, or failed, nothing of it remains.
    pub async fn write<T, E>(
        &self,
        actor: String,
        work: impl FnOnce(&mut Write<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + From<diesel::result::Error> + Send + 'static,
    {
        self.write_after(PATIENCE, actor, work).await
    }

    /// The same as [`Store::write`] for who can wait longer for its turn than a request.
    pub async fn write_after<T, E>(
        &self,
        patience: Duration,
        actor: String,
        work: impl FnOnce(&mut Write<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + From<diesel::result::Error> + Send + 'static,
    {
        let moved = Arc::clone(&self.moved);
        self.writer
            .run(patience, begin_write, move |connection| {
                write(connection, actor, work, &moved)
            })
            .await
    }

    /// The same as [`Store::write`] for the command line, which has no other work to go on with.
    ///
    /// # Errors
    /// As `work` does, and when the database is unavailable.
    pub fn write_now<T, E>(
        &self,
        actor: String,
        work: impl FnOnce(&mut Write<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError> + From<diesel::result::Error>,
    {
        write(
            &mut *self.writer.begin(begin_write)?,
            actor,
            work,
            &self.moved,
        )
    }

    /// Changes what is not register content. See the module's text.
    pub async fn housekeeping<T, E>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + From<diesel::result::Error> + Send + 'static,
    {
        self.writer
            .run(PATIENCE, begin_write, |connection| {
                finish(connection, work, |_| true)
            })
            .await
    }

    /// The same as [`Store::housekeeping`] for the command line.
    ///
    /// # Errors
    /// As `work` does, and when the database is unavailable.
    pub fn housekeeping_now<T, E>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError> + From<diesel::result::Error>,
    {
        finish(&mut *self.writer.begin(begin_write)?, work, |_| true)
    }
}

fn write<T, E>(
    connection: &mut AnyConnection,
    actor: String,
    work: impl FnOnce(&mut Write<'_>) -> Result<T, E>,
    moved: &Moved,
) -> Result<T, E>
where
    E: From<StoreError> + From<diesel::result::Error>,
{
    let (done, position) = finish(
        connection,
        |connection| {
            let mut write = Write::begin(connection, actor)?;
            let done = work(&mut write)?;
            Ok::<_, E>((done, write.logged()))
        },
        |(_, position)| position.is_some(),
    )?;
    if let Some(position) = position {
        moved.to(position);
    }
    Ok(done)
}

/// Runs `work` in the open transaction and ends it: with a commit when `keep` says so.
fn finish<T, E>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    keep: impl FnOnce(&T) -> bool,
) -> Result<T, E>
where
    E: From<StoreError>,
{
    type Manager = <AnyConnection as Connection>::TransactionManager;
    let done = work(connection);
    match done {
        Ok(value) if keep(&value) => {
            Manager::commit_transaction(connection).map_err(StoreError::from)?;
            Ok(value)
        }
        other => {
            // A rollback that fails leaves the connection broken; the pool then discards it.
            let _ = Manager::rollback_transaction(connection);
            other
        }
    }
}

fn begin_read(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
        AnyConnection::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
    }
}

fn begin_write(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
        }
        AnyConnection::Postgres(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?;
            diesel::sql_query(format!("SELECT pg_advisory_xact_lock({WRITE_LOCK})"))
                .execute(c)
                .map(drop)
        }
    }
}
