//! Whether a row refers to a document that a caller may know of, as a condition in the query.
//!
//! A row that names a hidden document is not shown, so no filter and no count may notice it
//! either. `diesel` cannot ask for the heads of documents inside a query over the same table; this
//! node says `EXISTS (SELECT 1 FROM documents WHERE id = column AND …)` on both databases.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, ValidGrouping};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};

/// The condition that a column names a document that may be known.
#[derive(Clone, Debug)]
pub struct Known<C> {
    column: C,
    public_only: bool,
    steward: Option<String>,
    kinds: Option<(String, Vec<String>)>,
    id: Option<String>,
    or_absent: bool,
}

impl<C> Known<C> {
    /// The column must name a document; with nothing more, any.
    pub fn new(column: C) -> Self {
        Self {
            column,
            public_only: false,
            steward: None,
            kinds: None,
            id: None,
            or_absent: false,
        }
    }

    /// Only public documents, and those of this steward, and the steward itself.
    #[must_use]
    pub fn to_steward(mut self, steward: Option<&str>) -> Self {
        self.public_only = true;
        self.steward = steward.map(str::to_owned);
        self
    }

    /// Only documents of this type and one of these kinds, if there are some to choose from.
    #[must_use]
    pub fn of_kinds(mut self, type_: &str, kinds: Option<&[&str]>) -> Self {
        let words = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect();
        self.kinds = kinds.map(|kinds| (type_.to_owned(), words(kinds)));
        self
    }

    /// Only this document, if there is one.
    #[must_use]
    pub fn exactly(mut self, id: Option<&str>) -> Self {
        self.id = id.map(str::to_owned);
        self
    }

    /// Or the column names nothing.
    #[must_use]
    pub fn or_absent(mut self) -> Self {
        self.or_absent = true;
        self
    }
}

impl<C, DB> QueryFragment<DB> for Known<C>
where
    C: QueryFragment<DB>,
    DB: Backend + HasSqlType<Text>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        if self.or_absent {
            self.column.walk_ast(out.reborrow())?;
            out.push_sql(" IS NULL OR ");
        }
        if let Some(id) = &self.id {
            self.column.walk_ast(out.reborrow())?;
            out.push_sql(" = ");
            out.push_bind_param::<Text, String>(id)?;
            out.push_sql(" AND ");
        }
        if !self.public_only && self.kinds.is_none() {
            self.column.walk_ast(out.reborrow())?;
            out.push_sql(" IS NOT NULL)");
            return Ok(());
        }
        // With `IN`, SQLite goes through all documents first, for however few rows.
        out.push_sql("EXISTS (SELECT 1 FROM documents AS heads WHERE heads.id = ");
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" AND ");
        if self.public_only {
            out.push_sql("(heads.visibility = 'public'");
            if let Some(steward) = &self.steward {
                out.push_sql(" OR heads.steward_id = ");
                out.push_bind_param::<Text, String>(steward)?;
                out.push_sql(" OR heads.id = ");
                out.push_bind_param::<Text, String>(steward)?;
            }
            out.push_sql(")");
        }
        if let Some((type_, kinds)) = &self.kinds {
            let and = if self.public_only { " AND " } else { "" };
            out.push_sql(and);
            out.push_sql("heads.type = ");
            out.push_bind_param::<Text, String>(type_)?;
            out.push_sql(" AND heads.kind IN (");
            for (nth, kind) in kinds.iter().enumerate() {
                out.push_sql(if nth == 0 { "" } else { ", " });
                out.push_bind_param::<Text, String>(kind)?;
            }
            out.push_sql(")");
        }
        out.push_sql("))");
        Ok(())
    }
}

impl<C: Expression> Expression for Known<C> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<T>, T> AppearsOnTable<T> for Known<C> {}

impl<C: SelectableExpression<T>, T> SelectableExpression<T> for Known<C> {}

impl<C: ValidGrouping<G>, G> ValidGrouping<G> for Known<C> {
    type IsAggregate = C::IsAggregate;
}

/// The text depends on the words, so it has no name under which it could be kept.
impl<C> QueryId for Known<C> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
