//! Both databases behind one connection type, chosen by the URL.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::result::{DatabaseErrorKind, Error};

/// A connection to either database. The same typed queries run on both.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// A server.
    Postgres(PgConnection),
    /// A file.
    Sqlite(SqliteConnection),
}

/// The backend that stands for both, for queries put together at run time.
pub type Backend = <AnyConnection as Connection>::Backend;

/// Where the register is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of a file, from `sqlite://path`.
    Sqlite(String),
    /// The whole `postgres://…` URL.
    Postgres(String),
}

/// The URL names neither of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDatabaseUrl;

impl std::fmt::Display for InvalidDatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "expected sqlite://PATH (such as sqlite://data/schakel.db) or postgres://USER@HOST/NAME",
        )
    }
}

impl std::error::Error for InvalidDatabaseUrl {}

impl std::str::FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        // An in-memory database would be another one on each connection.
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() && !path.contains(":memory:") => {
                Ok(Self::Sqlite(path.to_owned()))
            }
            _ => Err(InvalidDatabaseUrl),
        }
    }
}

/// Opens connections for the pool.
///
/// The `establish` that diesel derives tries one database after the other and says
/// "invalid connection URL" when `PostgreSQL` is merely down; here the URL decides.
pub(super) struct ConnectionManager {
    url: DatabaseUrl,
}

impl ConnectionManager {
    pub(super) fn new(url: DatabaseUrl) -> Self {
        Self { url }
    }
}

impl ManageConnection for ConnectionManager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        use diesel::r2d2::Error::{ConnectionError, QueryError};
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                if let Some(folder) = std::path::Path::new(path).parent() {
                    std::fs::create_dir_all(folder).map_err(|error| {
                        ConnectionError(diesel::ConnectionError::BadConnection(error.to_string()))
                    })?;
                }
                let mut connection = SqliteConnection::establish(path).map_err(ConnectionError)?;
                // FULL: an acknowledged write survives a power cut. Secure deletion: what is
                // deleted is overwritten, so that an erased person is not left in free pages. A
                // write-ahead log that grew with a large import does not stay so.
                connection
                    .batch_execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                         PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                         PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864;",
                    )
                    .map_err(QueryError)?;
                Ok(AnyConnection::Sqlite(connection))
            }
            DatabaseUrl::Postgres(url) => PgConnection::establish(url)
                .map(AnyConnection::Postgres)
                .map_err(ConnectionError),
        }
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Self::Error> {
        connection.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        std::thread::panicking() || is_broken(connection)
    }
}

/// Whether a connection is of no use any more.
pub(super) fn is_broken(connection: &mut AnyConnection) -> bool {
    connection.is_broken()
}

/// Whether the same request may well succeed a little later.
pub(super) fn is_unavailable(error: &Error, text: &str) -> bool {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure,
            _,
        )
        | Error::BrokenTransactionManager => true,
        // A commit that failed is rolled back, which fails as well when the server is gone.
        Error::RollbackErrorOnCommit {
            rollback_error,
            commit_error,
        } => is_unavailable(rollback_error, text) || is_unavailable(commit_error, text),
        Error::DatabaseError(..) => [
            "database is locked",
            // What SQLite says of a quota that is used up and of a disk that fails.
            "disk I/O error",
            "server closed the connection",
            "terminating connection",
            "connection to server",
            "no connection to the server",
            "shutting down",
            "starting up",
        ]
        .iter()
        .any(|sign| text.contains(sign)),
        _ => false,
    }
}
