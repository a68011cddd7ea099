//! Rows that wait until there are enough of them for one statement.

use std::any::Any;
use std::collections::BTreeMap;

use diesel::QueryResult;

use super::AnyConnection;

/// How a table takes rows.
pub type Insert<R> = fn(&mut AnyConnection, &[R]) -> QueryResult<()>;

/// Rows for several tables.
#[derive(Default)]
pub(super) struct Gathered(BTreeMap<&'static str, Box<dyn Rows>>);

impl Gathered {
    /// Lays rows with those for the same table.
    pub(super) fn add<R: Send + 'static>(
        &mut self,
        table: &'static str,
        rows: Vec<R>,
        insert: Insert<R>,
    ) {
        let empty = || -> Box<dyn Rows> {
            Box::new(Of {
                rows: Vec::new(),
                insert,
            })
        };
        let all = self.0.entry(table).or_insert_with(empty);
        if let Some(all) = all.any().downcast_mut::<Of<R>>() {
            all.rows.extend(rows);
        }
    }

    /// Inserts all of them. In no order: what refers to rows of other tables must wait for the end of
    /// the transaction.
    pub(super) fn insert(&mut self, db: &mut AnyConnection) -> QueryResult<()> {
        self.0.values_mut().try_for_each(|rows| rows.insert(db))
    }
}

/// The rows for one table, whatever they are.
trait Rows: Send {
    fn any(&mut self) -> &mut dyn Any;
    fn insert(&mut self, db: &mut AnyConnection) -> QueryResult<()>;
}

struct Of<R> {
    rows: Vec<R>,
    insert: Insert<R>,
}

impl<R: Send + 'static> Rows for Of<R> {
    fn any(&mut self) -> &mut dyn Any {
        self
    }

    fn insert(&mut self, db: &mut AnyConnection) -> QueryResult<()> {
        (self.insert)(db, &std::mem::take(&mut self.rows))
    }
}
