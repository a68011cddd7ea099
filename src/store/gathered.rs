//! Rows that wait until there are enough of them for one statement.

use std::any::Any;

use diesel::QueryResult;

use super::AnyConnection;

/// What is done with rows together.
pub type Together<R> = fn(&mut AnyConnection, Vec<R>) -> QueryResult<()>;

/// What is done with them; first things first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Clear,
    Insert,
    Update,
}

/// Rows for several tables, in the order in which the tables came: what is referred to comes before what
/// refers to it, as for a single document. `SQLite` looks into all tables that may refer to a row, for
/// each row that it is given, as long as any reference leads nowhere.
#[derive(Default)]
pub(super) struct Gathered(Vec<(Place, Box<dyn Rows>)>);

/// What is done, and in which table.
type Place = (Step, &'static str);

impl Gathered {
    /// Lays rows with those for the same.
    pub(super) fn add<R: Send + 'static>(
        &mut self,
        step: Step,
        table: &'static str,
        rows: Vec<R>,
        together: Together<R>,
    ) {
        let place = (step, table);
        // Rows of another type for the same go beside them; none is ever left out.
        let mut same = self.0.iter_mut().filter(|(other, _)| *other == place);
        match same.find_map(|(_, all)| all.any().downcast_mut::<Of<R>>()) {
            Some(all) => all.rows.extend(rows),
            None => self.0.push((place, Box::new(Of { rows, together }))),
        }
    }

    /// How many rows are to be inserted.
    pub(super) fn inserted(&self) -> usize {
        let inserts = self.0.iter().filter(|((step, _), _)| *step == Step::Insert);
        inserts.map(|(_, rows)| rows.count()).sum()
    }

    /// Does it with all of them, table by table: what refers to rows that come later must wait for the
    /// end of the transaction.
    pub(super) fn write(&mut self, db: &mut AnyConnection) -> QueryResult<()> {
        self.0.sort_by_key(|((step, _), _)| *step);
        self.0.iter_mut().try_for_each(|(_, rows)| rows.write(db))
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
        (self.together)(db, std::mem::take(&mut self.rows))
    }
}
