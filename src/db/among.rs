//! Lists in conditions, bound as one value: the statement is prepared once and kept, whatever the list's length.
//!
//! Diesel's `eq_any` writes a list as so many values; each length is a statement of its own, prepared anew each time. That
//! costs more than the look-up itself on SQLite, and a second round trip on PostgreSQL.

use diesel::expression::{AppearsOnTable, Expression, ValidGrouping};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use serde::Serialize;

use super::conn::MultiBackend;

/// What a list may be of.
pub trait Listed: Serialize {
    /// PostgreSQL's type of an array of them.
    const ARRAY: &'static str;

    /// An element of PostgreSQL's text form of an array.
    fn element(&self) -> String;
}

impl Listed for i64 {
    const ARRAY: &'static str = "bigint[]";

    fn element(&self) -> String {
        self.to_string()
    }
}

impl Listed for str {
    const ARRAY: &'static str = "text[]";

    fn element(&self) -> String {
        format!("\"{}\"", self.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

impl Listed for String {
    const ARRAY: &'static str = str::ARRAY;

    fn element(&self) -> String {
        self.as_str().element()
    }
}

impl<T: Listed + ?Sized> Listed for &T {
    const ARRAY: &'static str = T::ARRAY;

    fn element(&self) -> String {
        (**self).element()
    }
}

/// The condition that a column is one of a list; see [`among`].
#[derive(Clone, Debug)]
pub struct Among<C> {
    column: C,
    json: String,
    elements: String,
    array: &'static str,
}

/// The condition that `column` is one of `values`.
pub fn among<C, T: Listed>(column: C, values: impl IntoIterator<Item = T>) -> Among<C> {
    let values: Vec<T> = values.into_iter().collect();
    let elements: Vec<String> = values.iter().map(Listed::element).collect();
    Among {
        column,
        // Numbers and texts can always be written.
        json: serde_json::to_string(&values).unwrap_or_default(),
        elements: format!("{{{}}}", elements.join(",")),
        array: T::ARRAY,
    }
}

impl<C> Among<C> {
    fn of_sqlite<'b, DB>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: diesel::backend::Backend,
        String: diesel::serialize::ToSql<Text, DB>,
        DB: diesel::sql_types::HasSqlType<Text>,
    {
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, String>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }

    fn of_postgresql<'b, DB>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: diesel::backend::Backend,
        String: diesel::serialize::ToSql<Text, DB>,
        DB: diesel::sql_types::HasSqlType<Text>,
    {
        out.push_sql(" = ANY (CAST(");
        out.push_bind_param::<Text, String>(&self.elements)?;
        out.push_sql(" AS ");
        out.push_sql(self.array);
        out.push_sql("))");
        Ok(())
    }
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Among<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        self.of_sqlite(&mut out)
    }
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for Among<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        self.of_postgresql(&mut out)
    }
}

impl<C: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Among<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        match out.backend() {
            MultiBackend::Sqlite(_) => self.of_sqlite(&mut out),
            MultiBackend::Postgresql(_) => self.of_postgresql(&mut out),
        }
    }
}

impl<C: QueryId> QueryId for Among<C> {
    type QueryId = Among<C::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C: Expression> Expression for Among<C> {
    type SqlType = Bool;
}

impl<C, Source> AppearsOnTable<Source> for Among<C> where C: AppearsOnTable<Source> {}

impl<C, Source> diesel::SelectableExpression<Source> for Among<C> where
    C: diesel::SelectableExpression<Source>
{
}

impl<C: ValidGrouping<G>, G> ValidGrouping<G> for Among<C> {
    type IsAggregate = C::IsAggregate;
}
