//! Where a row stands in an order of several columns: `(a, b) > (x, y)`, for both databases.
//!
//! `diesel` has no such comparison. Written out, `a > x OR (a = x AND b > y)`, it is the same, but
//! then an index leads only to the first row with `a = x`, and all that have it are read up to the
//! place: in a list by kind that is most of the register.

use std::marker::PhantomData;

use diesel::expression::{AppearsOnTable, AsExpression, Expression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, SingleValue, SqlType};

use super::Backend;

type Part = Box<dyn QueryFragment<Backend> + Send>;

/// The condition that a row of a table lies behind another in the order of some columns.
pub struct Behind<T> {
    descending: bool,
    columns: Vec<Part>,
    values: Vec<Part>,
    table: PhantomData<T>,
}

impl<T> Behind<T> {
    /// No columns yet. All of them go in one direction: only so an index can follow.
    pub fn new(descending: bool) -> Self {
        Self {
            descending,
            columns: Vec::new(),
            values: Vec::new(),
            table: PhantomData,
        }
    }

    /// Adds a column, and its value in the other row.
    pub fn add<C, V>(&mut self, column: C, value: V)
    where
        C: Column<Table = T> + QueryFragment<Backend> + Send + 'static,
        C::SqlType: SqlType + SingleValue,
        V: AsExpression<C::SqlType>,
        V::Expression: QueryFragment<Backend> + Send + 'static,
    {
        self.columns.push(Box::new(column));
        self.values.push(Box::new(value.as_expression()));
    }
}

impl<T> QueryFragment<Backend> for Behind<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let sides = [&self.columns, &self.values];
        let between = if self.descending { " < " } else { " > " };
        for (nth, side) in sides.into_iter().enumerate() {
            out.push_sql(if nth == 0 { "(" } else { between });
            for (nth, part) in side.iter().enumerate() {
                out.push_sql(if nth == 0 { "(" } else { ", " });
                part.walk_ast(out.reborrow())?;
            }
            out.push_sql(")");
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<T> Expression for Behind<T> {
    type SqlType = Bool;
}

impl<T> AppearsOnTable<T> for Behind<T> {}

impl<T> SelectableExpression<T> for Behind<T> {}

impl<T> ValidGrouping<()> for Behind<T> {
    type IsAggregate = is_aggregate::No;
}

/// The text depends on the columns, so it has no name under which it could be kept.
impl<T> QueryId for Behind<T> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
