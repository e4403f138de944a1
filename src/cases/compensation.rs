//! What is given for a case: money off a folio, points, or a perk. At once within the limits of who gives it; above them
//! when somebody else has approved.
//!
//! Locks are taken in one order by all who write here and at check-out: stay, account, case, user.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::history::{self, NewEvent};
use super::limits::Giver;
use super::settings::{SETTINGS, Settings};
use super::{Case, handle};
use crate::clock;
use crate::db::schema::{case_compensations, users};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::loyalty::ledger::{self, NewEntry};
use crate::loyalty::{earning, rules};
use crate::settings;
use crate::staff::audit::Actor;
use crate::stays::folio::{self, Charge, Department};
use crate::stays::{Status, Stay};
use crate::text_enum;
use crate::words::{Message, Money};

/// Longest reason and perk, in characters.
pub const MAX_LENGTH: usize = 200;

text_enum! {
    /// What is given.
    pub enum Kind {
        /// Off the folio.
        Money = "money",
        /// On the loyalty account.
        Points = "points",
        /// Something to enjoy.
        Perk = "perk",
    }
}

text_enum! {
    /// What became of it.
    pub enum State {
        /// Given, within the limits.
        Given = "given",
        /// Above the limits: a second pair of eyes is waited for.
        Waiting = "waiting",
        /// Given, as another agreed.
        Approved = "approved",
        /// Not given.
        Refused = "refused",
    }
}

/// Something given or asked for.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Compensation {
    pub id: i64,
    pub case_id: i64,
    pub kind: Kind,
    /// What it costs the house, in minor units; of points nothing is charged.
    pub cost_minor: i64,
    pub currency: String,
    pub points: i64,
    pub perk: Option<String>,
    pub reason: String,
    pub gesture_id: Option<i64>,
    pub stay_id: Option<i64>,
    pub account_id: Option<i64>,
    pub state: State,
    pub asked_by: i64,
    /// Who gave it or asked for it.
    pub asked_name: Option<String>,
    pub asked_at: NaiveDateTime,
}

macro_rules! compensations {
    () => {
        case_compensations::table
            .left_join(users::table.on(users::id.eq(case_compensations::asked_by)))
            .select((
                case_compensations::id,
                case_compensations::case_id,
                case_compensations::kind,
                case_compensations::cost_minor,
                case_compensations::currency,
                case_compensations::points,
                case_compensations::perk,
                case_compensations::reason,
                case_compensations::gesture_id,
                case_compensations::stay_id,
                case_compensations::account_id,
                case_compensations::state,
                case_compensations::asked_by,
                users::display_name.nullable(),
                case_compensations::asked_at,
            ))
    };
}

impl Compensation {
    /// Its worth in words: an amount, points, or the perk's name.
    pub fn worth(&self) -> Message {
        match (self.kind, &self.perk) {
            (Kind::Points, _) => Message::new("points-worth").number("count", self.points),
            (Kind::Perk, Some(perk)) => Message::new("gesture-perk")
                .text("perk", perk)
                .money("cost", self.cost()),
            _ => Message::new("gesture-money").money("amount", self.cost()),
        }
    }

    /// What it costs the house.
    pub fn cost(&self) -> Money {
        Money::new(self.cost_minor, self.currency.as_str())
    }

    /// What was given or asked for under an id.
    pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Self>> {
        compensations!()
            .filter(case_compensations::id.eq(id))
            .first(conn)
            .optional()
    }
}

/// What was given or asked for in these cases, the oldest first.
pub fn of_cases(conn: &mut Conn, case_ids: &[i64]) -> QueryResult<Vec<Compensation>> {
    compensations!()
        .filter(case_compensations::case_id.eq_any(case_ids))
        .order(case_compensations::id)
        .load(conn)
}

/// Whether something waits for an answer in a case.
pub(super) fn any_waiting(conn: &mut Conn, case_id: i64) -> QueryResult<bool> {
    let waiting = case_compensations::table
        .filter(case_compensations::case_id.eq(case_id))
        .filter(case_compensations::state.eq(State::Waiting));
    diesel::select(diesel::dsl::exists(waiting)).get_result(conn)
}

/// Something to be given.
#[derive(Clone, Copy, Debug)]
pub struct NewCompensation<'a> {
    /// For which case.
    pub case_id: i64,
    /// What.
    pub kind: Kind,
    /// Minor units, above zero for money; what a perk costs; zero for points.
    pub cost_minor: i64,
    /// Of the house that bears it.
    pub currency: &'a str,
    /// Above zero for points.
    pub points: i64,
    /// What a perk is.
    pub perk: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// The rule that proposed it.
    pub gesture_id: Option<i64>,
    /// The stay whose folio takes money off.
    pub stay_id: Option<i64>,
    /// The account points go to.
    pub account_id: Option<i64>,
    /// What the form carried: the same form sent again gives nothing.
    pub once: &'a str,
}

/// What became of it, and whether this call made it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gave {
    /// What was given or asked for.
    pub id: i64,
    /// Given at once, or waiting.
    pub state: State,
    /// Else the same form gave it before.
    pub is_new: bool,
}

impl NewCompensation<'_> {
    /// Gives it, or asks for it where it is above the limits. Call it inside a write transaction.
    pub fn give(&self, conn: &mut Conn, by: Giver, today: NaiveDate) -> Result<Gave, Fault> {
        let stay = self.hold(conn)?;
        let case = handle::hold_open(conn, self.case_id)?;
        dialect::lock_user(conn, by.user_id)?;
        let before = case_compensations::table
            .filter(case_compensations::once.eq(self.once))
            .select((case_compensations::id, case_compensations::state))
            .first(conn)
            .optional()?;
        if let Some((id, state)) = before {
            return Ok(Gave {
                id,
                state,
                is_new: false,
            });
        }
        if self.gesture_id.is_some() && self.was_made(conn)? {
            return Err(Message::new("refused-gesture-made").into());
        }
        let settings: Settings = settings::get(conn, SETTINGS)?;
        let fits = by.may_give(conn, &settings.limits, self, today)?;
        let state = if fits { State::Given } else { State::Waiting };
        let id = self.insert(conn, state, by.user_id, today)?;
        NewEvent::new(history::Kind::Compensation, by.user_id)
            .body(Some(self.reason))
            .code(state.as_str())
            .append(conn, case.id)?;
        if state == State::Given {
            self.post(conn, id, stay.as_ref(), today, by.user_id)?;
        }
        Ok(Gave {
            id,
            state,
            is_new: true,
        })
    }

    /// The stay and account it goes to, held.
    fn hold(&self, conn: &mut Conn) -> Result<Option<Stay>, Fault> {
        let stay = match self.stay_id {
            Some(stay_id) => {
                // Of every kind: what refers to a stay waits for whoever checks it out.
                dialect::lock_stay(conn, stay_id)?;
                Stay::by_id(conn, stay_id)?
            }
            None => None,
        };
        let can_take = |stay: &Stay| !matches!(stay.status, Status::Cancelled | Status::NoShow);
        if self.kind == Kind::Money && !stay.as_ref().is_some_and(can_take) {
            return Err(Message::new("refused-no-folio").into());
        }
        match (self.kind, self.account_id) {
            (Kind::Points, None) => return Err(Message::new("refused-not-enrolled").into()),
            (Kind::Points, Some(account_id)) => dialect::lock_accounts(conn, &[account_id])?,
            _ => {}
        }
        Ok(stay)
    }

    /// Whether a gesture was made for the case already, by whatever rule.
    fn was_made(&self, conn: &mut Conn) -> QueryResult<bool> {
        let made = case_compensations::table
            .filter(case_compensations::case_id.eq(self.case_id))
            .filter(case_compensations::gesture_id.is_not_null())
            .filter(case_compensations::state.ne(State::Refused));
        diesel::select(diesel::dsl::exists(made)).get_result(conn)
    }

    fn insert(
        &self,
        conn: &mut Conn,
        state: State,
        user_id: i64,
        today: NaiveDate,
    ) -> QueryResult<i64> {
        diesel::insert_into(case_compensations::table)
            .values((
                case_compensations::case_id.eq(self.case_id),
                case_compensations::kind.eq(self.kind),
                case_compensations::cost_minor.eq(self.cost_minor),
                case_compensations::currency.eq(self.currency),
                case_compensations::points.eq(self.points),
                case_compensations::perk.eq(self.perk),
                case_compensations::reason.eq(self.reason),
                case_compensations::gesture_id.eq(self.gesture_id),
                case_compensations::stay_id.eq(self.stay_id),
                case_compensations::account_id.eq(self.account_id),
                case_compensations::once.eq(self.once),
                case_compensations::state.eq(state),
                case_compensations::asked_by.eq(user_id),
                case_compensations::asked_at.eq(clock::now()),
                case_compensations::asked_on.eq(today),
            ))
            .returning(case_compensations::id)
            .get_result(conn)
    }

    /// Posts it where it belongs, with its cause.
    fn post(
        &self,
        conn: &mut Conn,
        id: i64,
        stay: Option<&Stay>,
        today: NaiveDate,
        user_id: i64,
    ) -> Result<(), Fault> {
        let by = Some(Actor::User(user_id));
        if let (Kind::Money, Some(stay)) = (self.kind, stay) {
            let line = Charge {
                department: Department::Other,
                description: Some(self.reason.to_owned()),
                amount_minor: -self.cost_minor,
                cost_minor: None,
                currency: self.currency.to_owned(),
                posted_on: today,
            };
            folio::post(conn, stay.id, &[line], &format!("compensation-{id}"))?;
            if stay.status == Status::Departed {
                earning::settle(conn, &[stay.id], today, by)?;
            }
        }
        if let (Kind::Points, Some(account_id)) = (self.kind, self.account_id) {
            let entry = NewEntry {
                expires_on: rules::load(conn)?.lapse(today),
                ..NewEntry::new(
                    account_id,
                    ledger::Kind::Adjust,
                    self.points,
                    self.reason,
                    today,
                    by,
                )
            };
            let entry_id = entry.post(conn)?;
            diesel::update(case_compensations::table.find(id))
                .set(case_compensations::entry_id.eq(entry_id))
                .execute(conn)?;
        }
        Ok(())
    }
}

/// Answers what waits, as somebody else than who asked. Call it inside a write transaction.
pub fn answer(
    conn: &mut Conn,
    id: i64,
    is_approved: bool,
    today: NaiveDate,
    user_id: i64,
) -> Result<Case, Fault> {
    let asked = Compensation::by_id(conn, id)?.ok_or(Fault::NotFound)?;
    let new = NewCompensation {
        case_id: asked.case_id,
        kind: asked.kind,
        cost_minor: asked.cost_minor,
        currency: &asked.currency,
        points: asked.points,
        perk: asked.perk.as_deref(),
        reason: &asked.reason,
        gesture_id: asked.gesture_id,
        stay_id: asked.stay_id,
        account_id: asked.account_id,
        once: "",
    };
    let stay = new.hold(conn)?;
    let case = handle::hold(conn, asked.case_id)?;
    if asked.asked_by == user_id {
        return Err(Message::new("refused-own-request").into());
    }
    let state = if is_approved {
        State::Approved
    } else {
        State::Refused
    };
    let waiting = case_compensations::table
        .find(id)
        .filter(case_compensations::state.eq(State::Waiting));
    let answered = diesel::update(waiting)
        .set((
            case_compensations::state.eq(state),
            case_compensations::answered_by.eq(user_id),
            case_compensations::answered_at.eq(clock::now()),
        ))
        .execute(conn)?;
    if answered == 0 {
        return Err(Message::new("refused-request-answered").into());
    }
    NewEvent::new(history::Kind::Compensation, user_id)
        .body(Some(&asked.reason))
        .code(state.as_str())
        .append(conn, asked.case_id)?;
    if is_approved {
        new.post(conn, id, stay.as_ref(), today, user_id)?;
    }
    Ok(case)
}
