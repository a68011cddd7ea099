//! Whether a column is among the rows of a query that was put together at run time.
//!
//! `diesel` writes `column IN (SELECT …)` for both databases only when it knows the whole text at
//! compile time. Conditions that must hold for one and the same row come one by one.

use diesel::expression::{AppearsOnTable, Expression, ValidGrouping};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;

use super::Backend;

/// The condition that a column is among the rows of a query with one column of its type.
#[derive(Debug)]
pub struct Among<C, Q> {
    column: C,
    rows: Q,
}

impl<C: Expression, Q: diesel::query_builder::Query<SqlType = C::SqlType>> Among<C, Q> {
    /// `column IN (rows)`.
    pub fn new(column: C, rows: Q) -> Self {
        Self { column, rows }
    }
}

impl<C, Q> QueryFragment<Backend> for Among<C, Q>
where
    C: QueryFragment<Backend>,
    Q: QueryFragment<Backend>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("(");
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        self.rows.walk_ast(out.reborrow())?;
        out.push_sql("))");
        Ok(())
    }
}

impl<C: Expression, Q> Expression for Among<C, Q> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<T>, Q, T> AppearsOnTable<T> for Among<C, Q> {}

impl<C: SelectableExpression<T>, Q, T> SelectableExpression<T> for Among<C, Q> {}

impl<C: ValidGrouping<G>, Q, G> ValidGrouping<G> for Among<C, Q> {
    type IsAggregate = C::IsAggregate;
}

/// The text depends on the conditions, so it has no name under which it could be kept.
impl<C, Q> QueryId for Among<C, Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
