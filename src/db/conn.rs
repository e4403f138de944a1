//! The connection to either database.
#![allow(
    missing_docs,
    reason = "the derive makes items of its own, undocumented"
)]

use diesel::prelude::*;

/// A connection to either database.
///
/// Opened by [`DatabaseUrl::connect`](super::DatabaseUrl::connect) alone: the derived `establish`
/// tries one backend after the other and hides the error that matters.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Sqlite(SqliteConnection),
    Postgresql(PgConnection),
}
