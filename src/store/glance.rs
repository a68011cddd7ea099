//! Reads that mostly need a single statement.

use super::connection::AnyConnection;
use super::{PATIENCE, Store, StoreError, begin_read, finish};

/// A connection for who mostly needs a single statement, which is a snapshot of its own and needs no
/// transaction around it.
pub struct Glance<'c> {
    connection: &'c mut AnyConnection,
    in_transaction: bool,
}

impl<'c> Glance<'c> {
    /// A connection on which a transaction is open.
    pub fn in_transaction(connection: &'c mut AnyConnection) -> Self {
        Self {
            connection,
            in_transaction: true,
        }
    }

    /// For the one statement.
    pub fn first(&mut self) -> &mut AnyConnection {
        self.connection
    }

    /// For all further statements.
    ///
    /// # Errors
    /// Where no transaction is open: they could see another state than the first one did.
    /// [`Store::glance`] then opens one and begins again.
    pub fn more(&mut self) -> Result<&mut AnyConnection, StoreError> {
        if self.in_transaction {
            Ok(self.connection)
        } else {
            Err(StoreError::Failed("this needs a transaction".into()))
        }
    }
}

impl Store {
    /// The same as [`Store::read`] for who mostly needs a single statement: `work` is first run without
    /// a transaction, and where that fails, for whatever reason, again in one.
    ///
    /// # Errors
    /// As `work` does, and when the database is unavailable.
    pub async fn glance<T, E>(
        &self,
        mut work: impl FnMut(&mut Glance<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + From<diesel::result::Error> + Send + 'static,
    {
        let lane = self.readers.clone();
        self.readers
            .turn(PATIENCE, move || {
                // A connection that died is noticed here, and replaced below.
                if let Ok(mut connection) = lane.connection() {
                    let glance = &mut Glance {
                        connection: &mut connection,
                        in_transaction: false,
                    };
                    if let Ok(done) = work(glance) {
                        return Ok(done);
                    }
                }
                let work = |connection: &mut _| work(&mut Glance::in_transaction(connection));
                finish(&mut *lane.begin(begin_read)?, work, |_| true)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use tokio::runtime::Builder;

    use super::super::schema::changes;
    use super::super::{Store, StoreError};

    #[test]
    fn only_who_asks_more_than_once_gets_a_transaction() -> Result<(), StoreError> {
        let folder = tempfile::tempdir().map_err(|error| StoreError::Failed(error.to_string()))?;
        let url = format!("sqlite://{}", folder.path().join("schakel.db").display());
        let url = url
            .parse()
            .map_err(|_| StoreError::Failed("no address".into()))?;
        let store = Store::new(&url, 1);
        store.migrate()?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Failed(error.to_string()))?;
        for (more, runs) in [(false, 1), (true, 2)] {
            let mut run = 0;
            let done = runtime.block_on(store.glance(move |db| {
                run += 1;
                let count: i64 = changes::table.count().get_result(db.first())?;
                if more {
                    let again: i64 = changes::table.count().get_result(db.more()?)?;
                    assert_eq!(count, again);
                }
                Ok::<_, StoreError>(run)
            }))?;
            assert_eq!(done, runs);
        }
        Ok(())
    }
}
