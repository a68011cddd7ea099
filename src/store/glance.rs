//! Reads that mostly need to know only how far the change log is.

use super::connection::AnyConnection;
use super::shared::Came;
use super::{Moment, PATIENCE, Store, StoreError, begin_read, finish};

/// What somebody may ask of the database who mostly needs to know only how far the change log is: that
/// is one statement, a snapshot of its own, and the same for all who came before it was made.
pub struct Glance<'c> {
    store: &'c Store,
    through: Through<'c>,
}

/// How the database is asked.
enum Through<'c> {
    /// Together with all who came by the same time.
    All(Came),
    /// On a connection on which a transaction is open.
    One(&'c mut AnyConnection),
}

impl Glance<'_> {
    /// The state of the register: how far the change log is, and a moment to keep things by; see
    /// [`super::Recent::catch_up`].
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub fn now(&mut self) -> Result<(i64, Option<Moment>), StoreError> {
        let Store {
            readers,
            recent,
            positions,
            ..
        } = self.store;
        match &mut self.through {
            Through::One(connection) => Ok(recent.catch_up(connection)?),
            Through::All(came) => {
                positions.ask(*came, || Ok(recent.catch_up(&mut *readers.connection()?)?))
            }
        }
    }

    /// For all else.
    ///
    /// # Errors
    /// Where no transaction is open: that could see another state than the one that was told.
    /// [`Store::glance`] then opens one and begins again.
    pub fn more(&mut self) -> Result<&mut AnyConnection, StoreError> {
        match &mut self.through {
            Through::One(connection) => Ok(connection),
            Through::All(_) => Err(StoreError::Failed("this needs a transaction".into())),
        }
    }
}

impl Store {
    /// The same as [`Store::read`] for who mostly needs to know only how far the change log is: `work` is
    /// first run without a transaction, and where that fails, for whatever reason, again in one.
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
        let (store, came) = (self.clone(), self.positions.come());
        self.readers
            .turn(PATIENCE, move || {
                let glance = &mut Glance {
                    store: &store,
                    through: Through::All(came),
                };
                // A connection that died is noticed here, and replaced below.
                if let Ok(done) = work(glance) {
                    return Ok(done);
                }
                let work = |connection: &mut _| work(&mut store.glance_in(connection));
                finish(&mut *store.readers.begin(begin_read)?, work, |_| true)
            })
            .await
    }

    /// The same for who has a transaction open.
    pub fn glance_in<'c>(&'c self, connection: &'c mut AnyConnection) -> Glance<'c> {
        Glance {
            store: self,
            through: Through::One(connection),
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use tokio::runtime::Builder;

    use super::super::StoreError;
    use super::super::schema::changes;
    use super::super::scratch::scratch;

    #[test]
    fn only_who_asks_more_than_once_gets_a_transaction() -> Result<(), StoreError> {
        let (_folder, store) = scratch()?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Failed(error.to_string()))?;
        for (more, runs) in [(false, 1), (true, 2)] {
            let mut run = 0;
            let done = runtime.block_on(store.glance(move |db| {
                run += 1;
                let (position, _) = db.now()?;
                if more {
                    let lines: i64 = changes::table.count().get_result(db.more()?)?;
                    assert_eq!(lines, position);
                }
                Ok::<_, StoreError>(run)
            }))?;
            assert_eq!(done, runs);
        }
        Ok(())
    }
}
