//! Whether a case is really put right is asked of the guest after the stay: a task that makes itself.

use chrono::{NaiveDate, TimeDelta};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::Kind;
use crate::cases::settings::{SETTINGS, Settings};
use crate::cases::{Case, Outcome};
use crate::clock;
use crate::db::schema::tasks;
use crate::db::{Conn, dialect};
use crate::settings;
use crate::stays::Stay;

/// Whether a case asks for a follow-up when this stay ends: it is still open, or was closed since the guest arrived. Pure.
pub fn is_due(case: &Case, arrival: NaiveDate) -> bool {
    case.happened() && case.closed_at.is_none_or(|at| at.date() >= arrival)
}

/// Makes a task of every case that asks for one when a stay ends. Call it inside the check-out's transaction.
pub fn after_stay(
    conn: &mut Conn,
    cases: &[Case],
    stay: &Stay,
    today: NaiveDate,
) -> QueryResult<usize> {
    let due: Vec<&Case> = cases
        .iter()
        .filter(|case| is_due(case, stay.arrival))
        .collect();
    if due.is_empty() {
        return Ok(0);
    }
    let settings: Settings = settings::get(conn, SETTINGS)?;
    let due_on = today + TimeDelta::days(settings.follow_up_days);
    let mut made = 0;
    for case in due {
        made += usize::from(follow_up(conn, case, Some(stay.id), due_on)?);
    }
    Ok(made)
}

/// Makes a task of a case that was closed before anybody asked the guest. Call it inside the closing's transaction.
pub fn after_closing(
    conn: &mut Conn,
    case: &Case,
    outcome: Outcome,
    today: NaiveDate,
) -> QueryResult<bool> {
    if outcome != Outcome::NotAsked {
        return Ok(false);
    }
    let settings: Settings = settings::get(conn, SETTINGS)?;
    let due_on = today + TimeDelta::days(settings.follow_up_days);
    // Without a stay: whoever checks one out holds it before its cases.
    follow_up(conn, case, None, due_on)
}

/// Whether a case has a follow-up that is still to be done.
pub(super) fn is_followed(conn: &mut Conn, case_id: i64) -> QueryResult<bool> {
    let open = tasks::table
        .filter(tasks::case_id.eq(case_id))
        .filter(tasks::kind.eq(Kind::CaseFollowUp))
        .filter(tasks::done_at.is_null());
    diesel::select(exists(open)).get_result(conn)
}

fn follow_up(
    conn: &mut Conn,
    case: &Case,
    stay_id: Option<i64>,
    due_on: NaiveDate,
) -> QueryResult<bool> {
    // Of two stays that end at once, the second sees the task the first made.
    dialect::lock_case(conn, case.id)?;
    if is_followed(conn, case.id)? {
        return Ok(false);
    }
    diesel::insert_into(tasks::table)
        .values((
            tasks::property_id.eq(case.property_id),
            tasks::kind.eq(Kind::CaseFollowUp),
            tasks::guest_id.eq(case.guest_id),
            tasks::stay_id.eq(stay_id),
            tasks::case_id.eq(case.id),
            tasks::team.eq(case.team),
            tasks::owner_id.eq(case.owner_id),
            tasks::due_on.eq(due_on),
            tasks::created_at.eq(clock::now()),
        ))
        .execute(conn)?;
    Ok(true)
}
