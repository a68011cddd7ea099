//! Rows that wait until there are enough of them for one statement.

use std::any::Any;
use std::collections::BTreeMap;

use diesel::QueryResult;

use super::AnyConnection;

/// What is done with rows together.
pub type Together<R> = fn(&mut AnyConnection, &[R]) -> QueryResult<()>;

/// What is done with them; first things first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Clear,
    Insert,
    Update,
}

/// Rows for several tables.
#[derive(Default)]
pub(super) struct Gathered(BTreeMap<(Step, &'static str), Box<dyn Rows>>);

impl Gathered {
    /// Lays rows with those for the same.
    pub(super) fn add<R: Send + 'static>(
        &mut self,
        step: Step,
        table: &'static str,
        rows: Vec<R>,
        together: Together<R>,
    ) {
        let empty = || -> Box<dyn Rows> {
            Box::new(Of {
                rows: Vec::new(),
                together,
            })
        };
        let all = self.0.entry((step, table)).or_insert_with(empty);
        if let Some(all) = all.any().downcast_mut::<Of<R>>() {
            all.rows.extend(rows);
        }
    }

    /// How many rows are to be inserted.
    pub(super) fn inserted(&self) -> usize {
        let inserts = self.0.iter().filter(|((step, _), _)| *step == Step::Insert);
        inserts.map(|(_, rows)| rows.count()).sum()
    }

    /// Does it with all of them, table by table: what refers to rows of other tables must wait for the
    /// end of the transaction.
    pub(super) fn write(&mut self, db: &mut AnyConnection) -> QueryResult<()> {
        self.0.values_mut().try_for_each(|rows| rows.write(db))
    }
}

/// The rows for one table, whatever they are.
trait Rows: Send {
    fn any(&mut self) -> &mut dyn Any;
    fn count(&self) -> usize;
    fn write(&mut self, db: &mut AnyConnection) -> QueryResult<()>;
}

struct Of<R> {
    rows: Vec<R>,
    together: Together<R>,
}

impl<R: Send + 'static> Rows for Of<R> {
    fn any(&mut self) -> &mut dyn Any {
        self
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn write(&mut self, db: &mut AnyConnection) -> QueryResult<()> {
        (self.together)(db, &std::mem::take(&mut self.rows))
    }
}
