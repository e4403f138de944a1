//! Which cases somebody is shown: open ones, their own, what is overdue, what is closed.

use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::compensation::State;
use super::{Case, Outcome, with_names};
use crate::db::Conn;
use crate::db::schema::{case_compensations, cases, guests, rooms, users};
use crate::text_enum;

text_enum! {
    /// Which cases.
    pub enum Show {
        /// Those still to be put right.
        Open = "open",
        /// Those one owns.
        Mine = "mine",
        /// Those that should have been put right.
        Overdue = "overdue",
        /// Those in which something waits for a second pair of eyes.
        Waiting = "waiting",
        /// Those that are closed, the last first.
        Closed = "closed",
    }
}

/// The cases of these houses: what is due first before what is due later, the closed the last first.
pub fn list(
    conn: &mut Conn,
    show: Show,
    property_ids: &[i64],
    user_id: i64,
    now: NaiveDateTime,
    most: i64,
) -> QueryResult<Vec<Case>> {
    let theirs = with_names!()
        .filter(cases::property_id.eq_any(property_ids))
        .limit(most)
        .into_boxed();
    let due = (cases::due_at.is_null(), cases::due_at, cases::id);
    match show {
        Show::Closed => theirs
            .filter(cases::closed_at.is_not_null())
            .filter(
                cases::outcome
                    .is_null()
                    .or(cases::outcome.ne(Outcome::Mistake)),
            )
            .order((cases::closed_at.desc(), cases::id.desc()))
            .load(conn),
        Show::Open => theirs
            .filter(cases::closed_at.is_null())
            .order(due)
            .load(conn),
        Show::Mine => theirs
            .filter(cases::closed_at.is_null())
            .filter(cases::owner_id.eq(user_id))
            .order(due)
            .load(conn),
        Show::Waiting => theirs.filter(exists(waiting())).order(due).load(conn),
        Show::Overdue => theirs
            .filter(cases::closed_at.is_null())
            .filter(cases::due_at.le(now))
            .order(due)
            .load(conn),
    }
}

/// Whether something waits for a second pair of eyes in a case.
#[diesel::dsl::auto_type]
fn waiting() -> _ {
    let state: State = State::Waiting;
    case_compensations::table
        .filter(case_compensations::case_id.eq(cases::id))
        .filter(case_compensations::state.eq(state))
}

/// How many there are to each list but the last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Those still to be put right.
    pub open: i64,
    /// Those one owns.
    pub mine: i64,
    /// Those that should have been put right.
    pub overdue: i64,
    /// Those in which something waits for a second pair of eyes.
    pub waiting: i64,
}

/// Counts the open cases of these houses.
pub fn counts(
    conn: &mut Conn,
    property_ids: &[i64],
    user_id: i64,
    now: NaiveDateTime,
) -> QueryResult<Counts> {
    /// Whose it is, and by when it is to be handled.
    type Open = (Option<i64>, Option<NaiveDateTime>);
    let open: Vec<Open> = cases::table
        .filter(cases::closed_at.is_null())
        .filter(cases::property_id.eq_any(property_ids))
        .select((cases::owner_id, cases::due_at))
        .load(conn)?;
    let count = |is: &dyn Fn(&Open) -> bool| open.iter().filter(|one| is(one)).count() as i64;
    let waiting = cases::table
        .filter(cases::property_id.eq_any(property_ids))
        .filter(exists(waiting()))
        .count()
        .get_result(conn)?;
    Ok(Counts {
        waiting,
        open: count(&|_| true),
        mine: count(&|(owner_id, _)| *owner_id == Some(user_id)),
        overdue: count(&|(_, due_at)| due_at.is_some_and(|at| at <= now)),
    })
}

/// How many open cases each house has: what the navigation counts.
pub fn open_by_house(conn: &mut Conn) -> QueryResult<Vec<(i64, i64)>> {
    cases::table
        .filter(cases::closed_at.is_null())
        .group_by(cases::property_id)
        .select((cases::property_id, diesel::dsl::count_star()))
        .load(conn)
}

/// The houses where an open case falls due within two hours, or did so in the last two: their clocks move by the minute.
pub fn houses_with_a_clock(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Vec<i64>> {
    let near = chrono::TimeDelta::hours(2);
    cases::table
        .filter(cases::closed_at.is_null())
        .filter(cases::due_at.between(now - near, now + near))
        .select(cases::property_id)
        .distinct()
        .load(conn)
}
