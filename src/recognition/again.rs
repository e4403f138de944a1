//! A booking that changed is looked at again.
//!
//! What a clerk answered or the source itself named stands, and so does whoever has arrived. A profile that was made for
//! this booking alone follows it; any other is left as it is, for it belongs to more than this booking.

use std::collections::HashMap;

use diesel::prelude::*;

use super::known::{Candidate, Others};
use super::merging::{self, Pair, Source};
use super::review::Answer;
use super::verdict::NAMED;
use super::{Decision, Known, Model, Signals, Verdict, verdict};
use crate::clock;
use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::{guests, preferences, reviews, stay_candidates, stays};
use crate::error::Fault;
use crate::guests::changes;
use crate::guests::profile::{self, NewProfile};
use crate::insert_rows;
use crate::outbox::{self, Event, Kind};
use crate::secret::Keys;
use crate::stays::Status;

/// A booking as it now is.
pub struct Changed {
    /// Its stay.
    pub stay_id: i64,
    /// The guest as booked.
    pub booked: NewProfile,
}

/// A row of what recognition asks about.
#[derive(Insertable)]
#[diesel(table_name = stay_candidates)]
pub struct CandidateRow {
    stay_id: i64,
    guest_id: i64,
    reasons: String,
    probability: f64,
}

impl CandidateRow {
    /// Who could be meant by a stay.
    pub fn of(stay_id: i64, verdict: &Verdict) -> impl Iterator<Item = Self> {
        verdict.candidates.iter().map(move |judged| Self {
            stay_id,
            guest_id: judged.guest_id,
            reasons: judged.reasons.clone(),
            probability: judged.probability,
        })
    }
}

#[derive(Queryable)]
struct Open {
    id: i64,
    property_id: i64,
    guest_id: i64,
    person_id: i64,
    decision: Decision,
    reasons: Option<String>,
}

/// Looks again at bookings that changed. Call it inside a write transaction.
pub fn look_again(
    conn: &mut Conn,
    secrets: &Keys,
    model: &Model,
    changed: Vec<Changed>,
) -> QueryResult<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let mut open = still_open(conn, &changed)?;
    let changed: Vec<(Open, NewProfile)> = changed
        .into_iter()
        .filter_map(|changed| Some((open.remove(&changed.stay_id)?, changed.booked)))
        .collect();
    let signals: Vec<Signals> = changed
        .iter()
        .map(|(_, booked)| Signals::of(booked, secrets))
        .collect();
    let known = Known::load(conn, &signals)?;
    for ((stay, booked), signals) in changed.into_iter().zip(&signals) {
        let is_own = is_own(conn, &stay)?;
        let never = merging::never(conn, stay.guest_id)?;
        let (aside, meant): (Vec<&Candidate>, Vec<&Candidate>) = known
            .candidates(signals)
            .into_iter()
            .partition(|candidate| {
                let person_id = &candidate.person_id;
                is_own && (*person_id == stay.person_id || never.contains(person_id))
            });
        let holders = Others {
            known: &known,
            own: &aside,
        };
        let compared = verdict::compare_with(signals, meant, &holders);
        let verdict = verdict::decide(signals, compared, model);
        // A loyalty number typed into a booking is a claim, not an account.
        let booked = NewProfile {
            loyalty_number: None,
            ..booked
        };
        let guest_id = if is_own {
            follow(conn, secrets, &stay, &booked, &verdict)?;
            stay.guest_id
        } else {
            known
                .person_id(verdict.guest_id)
                .filter(|person_id| *person_id == stay.person_id)
                .map(|_| stay.guest_id)
                .or(verdict.guest_id)
                .map_or_else(|| make(conn, secrets, &booked), Ok)?
        };
        settle(conn, &stay, guest_id, &verdict)?;
    }
    Ok(())
}

/// The stays yet to come that neither their source nor a clerk has settled.
fn still_open(conn: &mut Conn, changed: &[Changed]) -> QueryResult<HashMap<i64, Open>> {
    let ids: Vec<i64> = changed.iter().map(|changed| changed.stay_id).collect();
    let answered: Vec<i64> = reviews::table
        .filter(among(reviews::stay_id, &ids))
        .filter(reviews::answer.ne(Answer::Unsure))
        .filter(reviews::undone_at.is_null())
        .select(reviews::stay_id)
        .load(conn)?;
    let open: Vec<Open> = stays::table
        .inner_join(guests::table)
        .filter(among(stays::id, &ids))
        .filter(stays::status.eq(Status::Reserved))
        .select((
            stays::id,
            stays::property_id,
            stays::guest_id,
            guests::person_id,
            stays::decision,
            stays::reasons,
        ))
        .load(conn)?;
    Ok(open
        .into_iter()
        .filter(|stay| stay.reasons.as_deref() != Some(NAMED) && !answered.contains(&stay.id))
        .map(|stay| (stay.id, stay))
        .collect())
}

/// Whether the stay's profile was made for it, and is nothing beside.
fn is_own(conn: &mut Conn, stay: &Open) -> QueryResult<bool> {
    if stay.decision == Decision::Linked {
        return Ok(false);
    }
    let stays: i64 = stays::table
        .filter(stays::guest_id.eq(stay.guest_id))
        .count()
        .get_result(conn)?;
    let profiles: i64 = guests::table
        .filter(guests::person_id.eq(stay.person_id))
        .count()
        .get_result(conn)?;
    Ok(stays == 1 && profiles == 1)
}

/// The profile made for the booking becomes what the booking says now, and one person with whom it was found to be.
fn follow(
    conn: &mut Conn,
    secrets: &Keys,
    stay: &Open,
    booked: &NewProfile,
    verdict: &Verdict,
) -> QueryResult<()> {
    let now = clock::now();
    let stored = changes::by_id(conn, stay.guest_id)?;
    if changes::differs(secrets, &stored, booked) {
        changes::update(conn, secrets, &stored, booked, now)?;
    }
    let Some(other_id) = verdict.guest_id else {
        return Ok(());
    };
    let pair = Pair {
        guest_id: stay.guest_id,
        other_id,
    };
    let reasons = Some(verdict.reasons.as_str());
    match merging::merge(conn, pair, Source::Booking, reasons, None) {
        Err(Fault::Database(error)) => Err(error),
        // Nobody told apart and nobody of the same person is among the candidates.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn make(conn: &mut Conn, secrets: &Keys, booked: &NewProfile) -> QueryResult<i64> {
    profile::create(conn, secrets, std::slice::from_ref(booked), clock::now())?
        .pop()
        .ok_or(diesel::result::Error::NotFound)
}

/// Puts the stay where it belongs now. What it was learned by goes with it; what other stays taught too stays.
fn settle(conn: &mut Conn, stay: &Open, guest_id: i64, verdict: &Verdict) -> QueryResult<()> {
    diesel::update(stays::table.find(stay.id))
        .set((
            stays::guest_id.eq(guest_id),
            stays::decision.eq(verdict.decision),
            stays::reasons.eq(Some(&verdict.reasons).filter(|reasons| !reasons.is_empty())),
            stays::probability.eq(verdict.probability),
            stays::updated_at.eq(clock::now()),
        ))
        .execute(conn)?;
    diesel::delete(stay_candidates::table.filter(stay_candidates::stay_id.eq(stay.id)))
        .execute(conn)?;
    let candidates: Vec<_> = CandidateRow::of(stay.id, verdict).collect();
    insert_rows!(conn, stay_candidates::table, candidates);
    if verdict.decision == Decision::Linked
        && (stay.decision, stay.guest_id) != (Decision::Linked, guest_id)
    {
        let event = Event::new(Kind::GuestRecognized)
            .stay(stay.id, stay.property_id)
            .guest(guest_id)
            .with("by", "booking")
            .with("probability", verdict.probability);
        outbox::tell(conn, [event])?;
    }
    if guest_id == stay.guest_id {
        return Ok(());
    }
    let learned = || {
        preferences::table
            .filter(preferences::guest_id.eq(stay.guest_id))
            .filter(preferences::noted_stay_id.eq(stay.id))
            .filter(preferences::times.eq(1))
            .filter(preferences::retired_at.is_null())
    };
    let known: Vec<String> = preferences::table
        .filter(preferences::guest_id.eq(guest_id))
        .filter(preferences::retired_at.is_null())
        .select(preferences::code)
        .load(conn)?;
    diesel::update(learned().filter(preferences::code.ne_all(&known)))
        .set(preferences::guest_id.eq(guest_id))
        .execute(conn)?;
    diesel::update(learned())
        .set(preferences::retired_at.eq(clock::now()))
        .execute(conn)?;
    Ok(())
}
