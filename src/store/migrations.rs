//! The migrations of both databases, built into the binary.

use diesel::prelude::*;
use diesel_migrations::{
    EmbeddedMigrations, HarnessWithOutput, MigrationHarness, embed_migrations,
};

use super::{AnyConnection, StoreError, schema};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Session-level lock, so that of several nodes that start at once one migrates and the
/// others wait and find the work done.
const MIGRATION_LOCK: i64 = 0x5343_4841_4b45_4c02;

/// Runs what is pending.
pub(super) fn run(connection: &mut AnyConnection) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Sqlite(c) => {
            // One transaction over all: the second node blocks at BEGIN and then sees them done.
            c.exclusive_transaction(|c| Ok::<_, Failure>(pending(c, SQLITE)?))
                .map_err(|e| e.0)
        }
        AnyConnection::Postgres(c) => {
            lock(c, "pg_advisory_lock")?;
            let done = pending(c, POSTGRES);
            lock(c, "pg_advisory_unlock")?;
            done
        }
    }
}

fn lock(connection: &mut PgConnection, function: &str) -> Result<(), StoreError> {
    diesel::sql_query(format!("SELECT {function}({MIGRATION_LOCK})")).execute(connection)?;
    Ok(())
}

/// Fails unless the schema is that of this version.
pub(super) fn check(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let missing = match connection {
        AnyConnection::Sqlite(c) => missing(c, &SQLITE),
        AnyConnection::Postgres(c) => missing(c, &POSTGRES),
    }?;
    if missing {
        let remedy = "its schema is older than this version; run `schakel migrate` first";
        return Err(StoreError::Failed(remedy.to_owned()));
    }
    Ok(())
}

/// Fails when the database was never one of ours, or is that of a newer version.
pub(super) fn check_known(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Sqlite(c) = connection {
        missing(c, &SQLITE)?;
    }
    schema::secrets::table
        .count()
        .get_result::<i64>(connection)
        .map(drop)
        .map_err(|error| StoreError::Failed(format!("it is no backup of schakel: {error}")))
}

/// Whether there is something to run. Refuses a database that a newer version has changed.
fn missing<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: &EmbeddedMigrations,
) -> Result<bool, StoreError> {
    let failed =
        |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Failed(error.to_string());
    let known = diesel::migration::MigrationSource::<DB>::migrations(migrations).map_err(failed)?;
    let applied = connection.applied_migrations().map_err(failed)?;
    let is_known = |version: &diesel::migration::MigrationVersion<'_>| {
        known
            .iter()
            .any(|migration| migration.name().version() == *version)
    };
    if let Some(newer) = applied.iter().find(|version| !is_known(version)) {
        return Err(StoreError::Failed(format!(
            "it was made by a newer version of schakel (migration {newer}); start that version"
        )));
    }
    Ok(applied.len() < known.len())
}

fn pending<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<(), StoreError> {
    missing(connection, &migrations)?;
    HarnessWithOutput::new(connection, std::io::sink())
        .run_pending_migrations(migrations)
        .map(drop)
        .map_err(|error| StoreError::Failed(format!("a migration failed: {error}")))
}

/// Carries a store error through diesel's transaction, which wants its own error to convert.
struct Failure(StoreError);

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.into())
    }
}
