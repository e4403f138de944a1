//! Which tasks somebody is shown: their own, their houses', what is overdue, what was done.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Task, with_names};
use crate::db::Conn;
use crate::db::schema::{cases, tasks, users};
use crate::text_enum;

text_enum! {
    /// Which tasks.
    pub enum Show {
        /// Those one owns.
        Mine = "mine",
        /// All of one's houses.
        Team = "team",
        /// Those that should have been done.
        Overdue = "overdue",
        /// Those that are done, the last first.
        Done = "done",
    }
}

/// The tasks of these houses, what is due first before what is due later; what is done the last first.
pub fn list(
    conn: &mut Conn,
    show: Show,
    property_ids: &[i64],
    user_id: i64,
    today: NaiveDate,
    most: i64,
) -> QueryResult<Vec<Task>> {
    let theirs = with_names!()
        .filter(tasks::property_id.eq_any(property_ids))
        .limit(most)
        .into_boxed();
    match show {
        Show::Done => theirs
            .filter(tasks::done_at.is_not_null())
            .order((tasks::done_at.desc(), tasks::id.desc()))
            .load(conn),
        Show::Mine => theirs
            .filter(tasks::done_at.is_null())
            .filter(tasks::owner_id.eq(user_id))
            .order((tasks::due_on, tasks::id))
            .load(conn),
        Show::Team => theirs
            .filter(tasks::done_at.is_null())
            .order((tasks::due_on, tasks::id))
            .load(conn),
        Show::Overdue => theirs
            .filter(tasks::done_at.is_null())
            .filter(tasks::due_on.lt(today))
            .order((tasks::due_on, tasks::id))
            .load(conn),
    }
}

/// How many there are to each list but the last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Those one owns.
    pub mine: i64,
    /// All of one's houses.
    pub team: i64,
    /// Those that should have been done.
    pub overdue: i64,
}

/// Counts the open tasks of these houses.
pub fn counts(
    conn: &mut Conn,
    property_ids: &[i64],
    user_id: i64,
    today: NaiveDate,
) -> QueryResult<Counts> {
    let open: Vec<(Option<i64>, NaiveDate, i64)> = tasks::table
        .filter(tasks::done_at.is_null())
        .filter(tasks::property_id.eq_any(property_ids))
        .group_by((tasks::owner_id, tasks::due_on))
        .select((tasks::owner_id, tasks::due_on, diesel::dsl::count_star()))
        .load(conn)?;
    let mut counts = Counts::default();
    for (owner_id, due_on, count) in open {
        counts.team += count;
        if owner_id == Some(user_id) {
            counts.mine += count;
        }
        if due_on < today {
            counts.overdue += count;
        }
    }
    Ok(counts)
}
