//! Cases: opened in seconds, handled by somebody, never forgotten.

mod compensation;
mod handling;
mod lists;
mod opening;
mod settings;
mod tasks;
mod walk;

use diesel::prelude::*;
use innkeeper::cases::Case;
use innkeeper::db::schema::cases;

use crate::support::app::TestApp;

/// The newest case there is.
fn newest(app: &TestApp) -> Case {
    app.sql(|conn| {
        let id = cases::table
            .select(diesel::dsl::max(cases::id))
            .first(conn)?;
        Case::by_id(conn, Option::<i64>::unwrap_or_default(id))
    })
    .unwrap()
}

/// How many cases there are.
fn count(app: &TestApp) -> i64 {
    app.sql(|conn| cases::table.count().get_result(conn))
}
