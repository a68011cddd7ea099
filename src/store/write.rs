//! A write transaction, and the lines of the change log that it makes.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::gathered::{Gathered, Step, Together};
use super::{AnyConnection, StoreError, Timestamp, insert_rows, schema};

/// A write transaction: the connection, and what every line of it shares.
pub struct Write<'c> {
    connection: &'c mut AnyConnection,
    actor: String,
    changeset: String,
    now: Timestamp,
    last_seq: i64,
    logged: bool,
    gathered: Option<Gathered>,
    /// How many rows were inserted many at a time, and how many of them the planner knows of.
    inserted: usize,
    planned: usize,
}

/// How many rows are inserted before the planner is told.
const UNTOLD: usize = 1_000;

/// A line of the change log, with what all lines of a transaction share.
#[derive(Insertable)]
#[diesel(table_name = schema::changes, treat_none_as_default_value = false)]
struct Line {
    seq: i64,
    at: Timestamp,
    actor: String,
    changeset: String,
    #[diesel(embed)]
    change: NewChange,
}

/// A line for the change log; its place in the order comes from [`Write::log`].
#[derive(Insertable)]
#[diesel(table_name = schema::changes, treat_none_as_default_value = false)]
pub struct NewChange {
    /// `created`, `updated`, `deleted`, `merged` or `erased`.
    pub op: &'static str,
    /// The type of the document, such as `region`.
    pub type_: &'static str,
    /// The document's id.
    pub document_id: String,
    /// Its slug after the change.
    pub slug: String,
    /// Its version after the change.
    pub version: i64,
    /// Where a merged document went.
    pub into_id: Option<String>,
    /// Who may read it after the change.
    pub visibility: &'static str,
    /// The steward after the change.
    pub steward_id: Option<String>,
    /// Who could read it before; absent when it is new.
    pub previous_visibility: Option<String>,
    /// The steward before.
    pub previous_steward_id: Option<String>,
    /// The whole document as JSON, absent when it is gone.
    pub snapshot: Option<String>,
}

impl<'c> Write<'c> {
    pub(super) fn begin(
        connection: &'c mut AnyConnection,
        actor: String,
    ) -> Result<Self, StoreError> {
        use schema::changes::dsl;
        let last: Option<(i64, Timestamp)> = dsl::changes
            .select((dsl::seq, dsl::at))
            .order(dsl::seq.desc())
            .first(connection)
            .optional()?;
        let (last_seq, last_at) = last.unwrap_or((0, Timestamp::EPOCH));
        Ok(Self {
            connection,
            actor,
            changeset: uuid::Uuid::now_v7().to_string(),
            // A clock that was set back must not make the log run backwards.
            now: Timestamp::now().max(last_at),
            last_seq,
            logged: false,
            gathered: None,
            inserted: 0,
            planned: 0,
        })
    }

    /// The connection, for reading and writing rows inside this transaction.
    pub fn connection(&mut self) -> &mut AnyConnection {
        self.connection
    }

    /// The instant of this transaction, the same for all it writes.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What all lines of this transaction have in common.
    pub fn changeset(&self) -> &str {
        &self.changeset
    }

    /// The last line that this transaction logged.
    pub fn logged(&self) -> Option<i64> {
        self.logged.then_some(self.last_seq)
    }

    /// Lets references between documents lead nowhere until the transaction ends, so that documents
    /// which refer to each other can be written one after the other; and makes ready for very many of
    /// them.
    ///
    /// # Errors
    /// When the database does.
    pub fn defer(&mut self) -> Result<(), StoreError> {
        let text = match self.connection {
            AnyConnection::Sqlite(_) => "PRAGMA defer_foreign_keys = ON",
            // It plans a statement by what a table holds when it is first asked, and keeps to that: what
            // begins with few documents would be read from end to end for each of very many.
            AnyConnection::Postgres(_) => {
                "SET CONSTRAINTS ALL DEFERRED; SET LOCAL enable_seqscan = off; SET LOCAL jit = off; \
                 DISCARD PLANS"
            }
        };
        Ok(self.connection.batch_execute(text)?)
    }

    /// Inserts rows into a table, at once or, within [`Write::gather`], together with others.
    ///
    /// # Errors
    /// When the database does.
    pub fn insert<R: Send + 'static>(
        &mut self,
        table: &'static str,
        rows: Vec<R>,
        insert: Together<R>,
    ) -> Result<(), StoreError> {
        self.together(Step::Insert, table, rows, insert)
    }

    /// Changes rows of a table, in the same way: each at most once before it is read again.
    ///
    /// # Errors
    /// When the database does.
    pub fn update<R: Send + 'static>(
        &mut self,
        table: &'static str,
        rows: Vec<R>,
        update: Together<R>,
    ) -> Result<(), StoreError> {
        self.together(Step::Update, table, rows, update)
    }

    /// Takes the rows of a document out of a table, in the same way, before others are inserted.
    ///
    /// # Errors
    /// When the database does.
    pub fn clear(
        &mut self,
        table: &'static str,
        id: &str,
        clear: Together<String>,
    ) -> Result<(), StoreError> {
        self.together(Step::Clear, table, vec![id.to_owned()], clear)
    }

    fn together<R: Send + 'static>(
        &mut self,
        step: Step,
        table: &'static str,
        rows: Vec<R>,
        together: Together<R>,
    ) -> Result<(), StoreError> {
        match &mut self.gathered {
            _ if rows.is_empty() => {}
            Some(gathered) => gathered.add(step, table, rows, together),
            None => together(self.connection, rows)?,
        }
        Ok(())
    }

    /// Runs `work`; what it gives to [`Write::insert`], [`Write::update`] and [`Write::clear`] is written
    /// in the end, many rows at a time. Until then it cannot be read. References must wait for the end of
    /// the transaction, as after [`Write::defer`].
    ///
    /// # Errors
    /// As `work` does, and when the database does.
    pub fn gather<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.gathered = Some(Gathered::default());
        let done = work(self);
        let gathered = self.gathered.take();
        let done = done?;
        if let Some(mut gathered) = gathered {
            self.inserted += gathered.inserted();
            let written = gathered.write(self.connection);
            written.map_err(StoreError::from)?;
            self.tell_planner()?;
        }
        Ok(done)
    }

    /// `PostgreSQL` plans by what it knew of a table before this transaction, and it may have known an
    /// empty one. Told each time that there are four times as many, it chooses the right index.
    fn tell_planner(&mut self) -> Result<(), StoreError> {
        if self.inserted < UNTOLD.max(4 * self.planned) {
            return Ok(());
        }
        self.planned = self.inserted;
        match self.connection {
            AnyConnection::Sqlite(_) => Ok(()),
            AnyConnection::Postgres(db) => Ok(db.batch_execute("ANALYZE (SKIP_LOCKED) documents")?),
        }
    }

    /// Runs `work`, and takes back what it did when it fails. It must not log.
    ///
    /// # Errors
    /// As `work` does, and when the database does.
    pub fn attempt<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let run = |write: &mut Self, text| {
            let done = write.connection.batch_execute(text);
            done.map_err(StoreError::from)
        };
        run(self, "SAVEPOINT attempt")?;
        let done = work(self);
        if done.is_err() {
            run(self, "ROLLBACK TO SAVEPOINT attempt")?;
        }
        run(self, "RELEASE SAVEPOINT attempt")?;
        done
    }

    /// Appends a line to the change log.
    ///
    /// # Errors
    /// When the database does.
    pub fn log(&mut self, change: NewChange) -> Result<(), StoreError> {
        self.log_all(vec![change])
    }

    /// Appends lines to the change log, in this order.
    ///
    /// # Errors
    /// When the database does.
    pub fn log_all(&mut self, changes: Vec<NewChange>) -> Result<(), StoreError> {
        use schema::changes::dsl;
        if changes.is_empty() {
            return Ok(());
        }
        let lines = (self.last_seq + 1..).zip(changes);
        let lines: Vec<Line> = lines
            .map(|(seq, change)| Line {
                seq,
                at: self.now,
                actor: self.actor.clone(),
                changeset: self.changeset.clone(),
                change,
            })
            .collect();
        insert_rows!(self.connection, dsl::changes, &lines)?;
        self.last_seq += i64::try_from(lines.len()).unwrap_or(0);
        self.logged = true;
        Ok(())
    }
}
