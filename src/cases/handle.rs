//! What is done with a case: noted, handed over, weighed anew, closed with the guest's word on it, reopened.
//!
//! Each verb holds the case first, so that of two clerks one waits and then sees what the other did.

use chrono::{NaiveDate, TimeDelta};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::history::{Kind, NewEvent};
use super::settings::{SETTINGS, Settings};
use super::{Case, Outcome, Severity, compensation};
use crate::clock;
use crate::db::schema::{case_events, cases};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::guests::notes::Team;
use crate::outbox;
use crate::settings;
use crate::tasks::follow_up;
use crate::words::Message;

/// How a case is closed.
#[derive(Clone, Copy, Debug)]
pub struct Closing<'a> {
    /// What was done.
    pub resolution: &'a str,
    /// What the guest thinks of it.
    pub outcome: Outcome,
    /// In the guest's own words.
    pub guest_words: Option<&'a str>,
}

/// The case, held until the transaction ends.
pub fn hold(conn: &mut Conn, id: i64) -> Result<Case, Fault> {
    dialect::lock_case(conn, id)?;
    Case::by_id(conn, id)?.ok_or(Fault::NotFound)
}

/// The case, held, if it is still open.
pub fn hold_open(conn: &mut Conn, id: i64) -> Result<Case, Fault> {
    let case = hold(conn, id)?;
    if case.is_open() {
        Ok(case)
    } else {
        Err(Message::new("refused-case-closed").into())
    }
}

/// The same words within this time are the same click.
const TWICE: TimeDelta = TimeDelta::minutes(1);

/// Adds what was said or done; also to a case that is closed. Sent twice, it is said once.
pub fn note(conn: &mut Conn, id: i64, body: &str, user_id: i64) -> Result<(), Fault> {
    hold(conn, id)?;
    let said = case_events::table
        .filter(
            case_events::case_id
                .eq(id)
                .and(case_events::kind.eq(Kind::Note)),
        )
        .filter(
            case_events::user_id
                .eq(user_id)
                .and(case_events::body.eq(body)),
        )
        .filter(case_events::at.gt(clock::now() - TWICE));
    if diesel::select(exists(said)).get_result(conn)? {
        return Ok(());
    }
    NewEvent::new(Kind::Note, user_id)
        .body(Some(body))
        .append(conn, id)?;
    Ok(())
}

/// Hands the case to a colleague or, with nobody named, to a team.
pub fn hand_over(
    conn: &mut Conn,
    id: i64,
    team: Team,
    owner_id: Option<i64>,
    body: Option<&str>,
    user_id: i64,
) -> Result<Case, Fault> {
    let case = hold_open(conn, id)?;
    if case.team == team && case.owner_id == owner_id && body.is_none() {
        return Ok(case);
    }
    diesel::update(cases::table.find(id))
        .set((cases::department.eq(team), cases::owner_id.eq(owner_id)))
        .execute(conn)?;
    let event = NewEvent {
        team: Some(team),
        owner_id,
        ..NewEvent::new(Kind::HandOver, user_id)
    };
    event.body(body).append(conn, id)?;
    Ok(case)
}

/// Weighs the case anew; its time runs from when it was opened.
pub fn weigh(conn: &mut Conn, id: i64, severity: Severity, user_id: i64) -> Result<Case, Fault> {
    let case = hold_open(conn, id)?;
    if case.severity == severity {
        return Ok(case);
    }
    let times: Settings = settings::get(conn, SETTINGS)?;
    diesel::update(cases::table.find(id))
        .set((
            cases::severity.eq(i16::from(severity)),
            cases::due_at.eq(case.opened_at + times.time_for(severity)),
        ))
        .execute(conn)?;
    NewEvent::new(Kind::Severity, user_id)
        .code(severity.as_str())
        .append(conn, id)?;
    Ok(case)
}

/// Closes the case; where nobody asked the guest yet, that becomes a task.
pub fn close(
    conn: &mut Conn,
    id: i64,
    closing: Closing<'_>,
    today: NaiveDate,
    user_id: i64,
) -> Result<Case, Fault> {
    let case = hold_open(conn, id)?;
    if compensation::any_waiting(conn, id)? {
        return Err(Message::new("refused-case-waits").into());
    }
    follow_up::after_closing(conn, &case, closing.outcome, today)?;
    diesel::update(cases::table.find(id))
        .set((
            cases::closed_at.eq(clock::now()),
            cases::closed_by.eq(user_id),
            cases::resolution.eq(closing.resolution),
            cases::outcome.eq(closing.outcome),
            cases::guest_words.eq(closing.guest_words),
        ))
        .execute(conn)?;
    let said = closing
        .guest_words
        .map(|words| format!("{} “{words}”", closing.resolution));
    NewEvent::new(Kind::Closed, user_id)
        .body(Some(said.as_deref().unwrap_or(closing.resolution)))
        .code(closing.outcome.as_str())
        .append(conn, id)?;
    let told = outbox::Event::of_case(outbox::Kind::CaseClosed, &case);
    outbox::tell(conn, [told.with("outcome", closing.outcome.as_str())])?;
    Ok(case)
}

/// Opens a closed case again, with a deadline of its own.
pub fn reopen(conn: &mut Conn, id: i64, body: Option<&str>, user_id: i64) -> Result<Case, Fault> {
    let case = hold(conn, id)?;
    if case.is_open() {
        return Err(Message::new("refused-case-open").into());
    }
    let times: Settings = settings::get(conn, SETTINGS)?;
    diesel::update(cases::table.find(id))
        .set((
            cases::outcome.eq(None::<Outcome>),
            cases::closed_at.eq(None::<chrono::NaiveDateTime>),
            cases::closed_by.eq(None::<i64>),
            cases::resolution.eq(None::<String>),
            cases::guest_words.eq(None::<String>),
            cases::due_at.eq(clock::now() + times.time_for(case.severity)),
        ))
        .execute(conn)?;
    NewEvent::new(Kind::Reopened, user_id)
        .body(body)
        .append(conn, id)?;
    let told = outbox::Event::of_case(outbox::Kind::CaseOpened, &case);
    outbox::tell(conn, [told])?;
    Ok(case)
}
