//! Points put right by hand: at once up to a limit, above it when somebody else has approved; and stays that guests miss.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::ledger::{self, Kind, NewEntry};
use super::programme::{SETTINGS, Settings};
use super::{Account, earning, rules};
use crate::clock;
use crate::db::schema::{
    guests, loyalty_accounts, loyalty_earnings, loyalty_requests, stays, users,
};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::guests::Guest;
use crate::properties::reference::Tier;
use crate::settings;
use crate::staff::audit::Actor;
use crate::stays::{Status, Stay};
use crate::text_enum;
use crate::words::Message;

/// Stays offered to be the one that is missed.
const MISSED: i64 = 200;

text_enum! {
    /// What is asked for.
    pub enum Asked {
        /// Points more or less.
        Adjust = "adjust",
        /// A stay whose points were never posted.
        MissingStay = "missing_stay",
    }
}

text_enum! {
    /// What a second pair of eyes said.
    pub enum Answer {
        /// Done.
        Approved = "approved",
        /// Not done.
        Refused = "refused",
    }
}

/// Something asked for.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Request {
    pub id: i64,
    pub account_id: i64,
    pub guest_id: i64,
    pub public_id: String,
    pub number: String,
    pub kind: Asked,
    pub points: Option<i64>,
    pub stay_id: Option<i64>,
    pub reason: String,
    pub asked_at: NaiveDateTime,
    pub asked_by: Option<i64>,
    /// Who asked, where it was a colleague.
    pub asked_name: Option<String>,
    pub answer: Option<Answer>,
}

macro_rules! requests {
    () => {
        loyalty_requests::table
            .inner_join(loyalty_accounts::table.inner_join(guests::table))
            .left_join(users::table.on(users::id.nullable().eq(loyalty_requests::asked_by)))
            .select((
                loyalty_requests::id,
                loyalty_requests::account_id,
                guests::id,
                guests::public_id,
                loyalty_accounts::number,
                loyalty_requests::kind,
                loyalty_requests::points,
                loyalty_requests::stay_id,
                loyalty_requests::reason,
                loyalty_requests::asked_at,
                loyalty_requests::asked_by,
                users::display_name.nullable(),
                loyalty_requests::answer,
            ))
    };
}

/// What waits for an answer, the oldest first.
pub fn waiting(conn: &mut Conn, most: i64) -> QueryResult<Vec<Request>> {
    requests!()
        .filter(loyalty_requests::answer.is_null())
        .order(loyalty_requests::id)
        .limit(most)
        .load(conn)
}

/// What waits for an answer on these accounts, the oldest first.
pub fn waiting_for(conn: &mut Conn, account_ids: &[i64]) -> QueryResult<Vec<Request>> {
    requests!()
        .filter(loyalty_requests::answer.is_null())
        .filter(loyalty_requests::account_id.eq_any(account_ids))
        .order(loyalty_requests::id)
        .load(conn)
}

/// What was asked for under an id.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Request>> {
    requests!()
        .filter(loyalty_requests::id.eq(id))
        .first(conn)
        .optional()
}

/// What became of an adjustment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjusted {
    /// It is posted, as this entry.
    Posted(i64),
    /// It is above the limit, and waits as this request.
    Waits(i64),
}

/// Adjusts points by hand, or asks for it where the group wants a second pair of eyes.
///
/// Call it inside a write transaction.
pub fn adjust(
    conn: &mut Conn,
    account_id: i64,
    kind: Kind,
    points: i64,
    reason: &str,
    on: NaiveDate,
    by: Actor,
) -> Result<Adjusted, Fault> {
    dialect::lock_accounts(conn, &[account_id])?;
    let settings: Settings = settings::get(conn, SETTINGS)?;
    if points.abs() <= settings.adjust_alone {
        let entry = NewEntry::new(account_id, kind, points, reason, on, Some(by));
        return Ok(Adjusted::Posted(post(conn, entry)?));
    }
    let id = diesel::insert_into(loyalty_requests::table)
        .values((
            loyalty_requests::account_id.eq(account_id),
            loyalty_requests::kind.eq(Asked::Adjust),
            loyalty_requests::points.eq(points),
            loyalty_requests::reason.eq(reason),
            loyalty_requests::asked_at.eq(clock::now()),
            loyalty_requests::asked_by.eq(by.user_id()),
            loyalty_requests::token_id.eq(by.token_id()),
        ))
        .returning(loyalty_requests::id)
        .get_result(conn)?;
    Ok(Adjusted::Waits(id))
}

/// Posts an adjustment: what is gained lapses by rule, what is taken must be there.
fn post(conn: &mut Conn, entry: NewEntry<'_>) -> Result<i64, Fault> {
    if entry.points < 0 {
        let held = ledger::balance(conn, entry.account_id)?;
        if held < -entry.points {
            return Err(ledger::too_few(held, -entry.points));
        }
        return Ok(entry.post(conn)?);
    }
    let expires_on = rules::load(conn)?.lapse(entry.on);
    Ok(NewEntry {
        expires_on,
        ..entry
    }
    .post(conn)?)
}

/// Stays in these houses that began on a day or beside it, are over, and never earned.
pub fn missed(
    conn: &mut Conn,
    property_ids: &[i64],
    arrival: NaiveDate,
) -> QueryResult<Vec<(Stay, Guest)>> {
    stays::table
        .inner_join(guests::table)
        .left_join(loyalty_earnings::table.on(loyalty_earnings::stay_id.eq(stays::id)))
        .filter(stays::property_id.eq_any(property_ids))
        .filter(stays::arrival.between(arrival - TimeDelta::days(1), arrival + TimeDelta::days(1)))
        .filter(stays::status.eq(Status::Departed))
        .filter(loyalty_earnings::stay_id.is_null())
        .order((stays::arrival, stays::id))
        .limit(MISSED)
        .select((Stay::as_select(), Guest::as_select()))
        .load(conn)
}

/// Asks for the points of a stay that a guest misses. Call it inside a write transaction.
pub fn claim(
    conn: &mut Conn,
    account_id: i64,
    stay: &Stay,
    reason: &str,
    by: Actor,
) -> Result<i64, Fault> {
    dialect::lock_accounts(conn, &[account_id])?;
    if stay.status != Status::Departed {
        return Err(Message::new("refused-claim-status").into());
    }
    if !earning::terms(conn, &[stay.id])?.is_empty()
        || earning::posted(conn, &[stay.id])?.contains_key(&stay.id)
    {
        return Err(Message::new("refused-claim-earned").into());
    }
    let waits: i64 = loyalty_requests::table
        .filter(loyalty_requests::stay_id.eq(stay.id))
        .filter(loyalty_requests::answer.is_null())
        .count()
        .get_result(conn)?;
    if waits > 0 {
        return Err(Message::new("refused-claim-waits").into());
    }
    Ok(diesel::insert_into(loyalty_requests::table)
        .values((
            loyalty_requests::account_id.eq(account_id),
            loyalty_requests::kind.eq(Asked::MissingStay),
            loyalty_requests::stay_id.eq(stay.id),
            loyalty_requests::reason.eq(reason),
            loyalty_requests::asked_at.eq(clock::now()),
            loyalty_requests::asked_by.eq(by.user_id()),
            loyalty_requests::token_id.eq(by.token_id()),
        ))
        .returning(loyalty_requests::id)
        .get_result(conn)?)
}

/// Answers what was asked for, as somebody else than who asked; the points posted. Call it inside a write transaction.
pub fn answer(
    conn: &mut Conn,
    id: i64,
    answer: Answer,
    tiers: &[Tier],
    on: NaiveDate,
    user_id: i64,
) -> Result<i64, Fault> {
    let asked = by_id(conn, id)?.ok_or(Fault::NotFound)?;
    dialect::lock_accounts(conn, &[asked.account_id])?;
    if asked.asked_by == Some(user_id) {
        return Err(Message::new("refused-own-request").into());
    }
    let open = loyalty_requests::table
        .find(id)
        .filter(loyalty_requests::answer.is_null());
    let answered = diesel::update(open)
        .set((
            loyalty_requests::answer.eq(answer),
            loyalty_requests::answered_at.eq(clock::now()),
            loyalty_requests::answered_by.eq(user_id),
        ))
        .execute(conn)?;
    if answered == 0 {
        return Err(Message::new("refused-request-answered").into());
    }
    if answer == Answer::Refused {
        return Ok(0);
    }
    let by = Actor::User(user_id);
    match (asked.points, asked.stay_id) {
        (Some(points), _) => {
            let entry = NewEntry {
                request_id: Some(id),
                ..NewEntry::new(
                    asked.account_id,
                    Kind::Adjust,
                    points,
                    &asked.reason,
                    on,
                    Some(by),
                )
            };
            post(conn, entry)?;
            Ok(points)
        }
        (None, Some(stay_id)) => {
            let stay = Stay::by_id(conn, stay_id)?.ok_or(Fault::NotFound)?;
            let account = account(conn, asked.account_id)?;
            Ok(earning::begin(conn, &stay, &account, tiers, on, Some(by))?)
        }
        (None, None) => Ok(0),
    }
}

fn account(conn: &mut Conn, id: i64) -> QueryResult<Account> {
    loyalty_accounts::table
        .inner_join(guests::table)
        .filter(loyalty_accounts::id.eq(id))
        .select((
            loyalty_accounts::id,
            loyalty_accounts::guest_id,
            guests::person_id,
            loyalty_accounts::number,
            loyalty_accounts::tier,
            ledger::Balance,
        ))
        .first(conn)
}
