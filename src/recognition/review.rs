//! Where recognition asks, a clerk answers: the same person, not the same, or not sure.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Decision;
use super::merging::{self, Pair, Source};
use crate::clock;
use crate::db::schema::{guests, reviews, stay_candidates, stays};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::outbox::{self, Event, Kind, vip};
use crate::stays::{Status, Stay};
use crate::words::Message;
use crate::{fixed_sql, text_enum};

text_enum! {
    /// What a clerk answers.
    pub enum Answer {
        /// The booking is the candidate's: the two become one person.
        Same = "same",
        /// It is not this candidate's, for good.
        Other = "other",
        /// It is none of the candidates'.
        None = "none",
        /// It waits, behind the others.
        Unsure = "unsure",
    }
}

fixed_sql! {
    /// Whether somebody must look. Only the word itself, not a bound one, lets the index of those in review serve.
    InReview: Bool = "stays.decision = 'review'"
}

/// Whose stays are still ours to ask about.
const ASKED: [Status; 2] = [Status::Reserved, Status::InHouse];

/// Who answers, and on which business date.
#[derive(Clone, Copy, Debug)]
pub struct Clerk {
    /// The user.
    pub user_id: i64,
    /// The date of the house they work in.
    pub today: NaiveDate,
}

/// Stays that somebody must look at, by house.
pub fn waiting(conn: &mut Conn) -> QueryResult<Vec<(i64, i64)>> {
    stays::table
        .filter(InReview)
        .filter(stays::status.eq_any(ASKED))
        .group_by(stays::property_id)
        .select((stays::property_id, count_star()))
        .load(conn)
}

/// The first stays to look at in these houses, soonest arrival first; those a clerk was not sure of today come last.
pub fn queue(conn: &mut Conn, houses: &[i64], clerk: Clerk, most: usize) -> QueryResult<Vec<i64>> {
    let unsure: Vec<i64> = reviews::table
        .filter(reviews::answered_by.eq(clerk.user_id))
        .filter(reviews::answered_on.eq(clerk.today))
        .filter(reviews::answer.eq(Answer::Unsure))
        .filter(reviews::undone_at.is_null())
        .order(reviews::id)
        .select(reviews::stay_id)
        .load(conn)?;
    let enough = i64::try_from(most + unsure.len()).unwrap_or(i64::MAX);
    let mut waiting: Vec<i64> = stays::table
        .filter(InReview)
        .filter(stays::property_id.eq_any(houses))
        .filter(stays::status.eq_any(ASKED))
        .order((
            stays::arrival,
            stays::arrival_time.is_null(),
            stays::arrival_time,
            stays::id,
        ))
        .limit(enough)
        .select(stays::id)
        .load(conn)?;
    waiting.sort_by_key(|id| {
        unsure
            .iter()
            .rposition(|unsure| unsure == id)
            .map_or(0, |at| at + 1)
    });
    waiting.truncate(most);
    Ok(waiting)
}

/// A profile that could be meant, and why.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Candidate {
    pub guest_id: i64,
    pub public_id: String,
    pub person_id: i64,
    /// Codes separated by `;`.
    pub reasons: String,
    /// How likely it is this person's booking, 0 to 1, where that was worked out.
    pub probability: Option<f64>,
}

/// The candidates of a stay that nobody has ruled out, the best first.
pub fn candidates(conn: &mut Conn, stay: &Stay) -> Result<Vec<Candidate>, Fault> {
    let mut found: Vec<Candidate> = stay_candidates::table
        .inner_join(guests::table)
        .filter(stay_candidates::stay_id.eq(stay.id))
        .order(guests::id)
        .select((
            guests::id,
            guests::public_id,
            guests::person_id,
            stay_candidates::reasons,
            stay_candidates::probability,
        ))
        .load(conn)?;
    let never = merging::never(conn, stay.guest_id)?;
    found.retain(|candidate| !never.contains(&candidate.person_id));
    let likely = |candidate: &Candidate| candidate.probability.unwrap_or_default();
    found.sort_by(|a, b| likely(b).total_cmp(&likely(a)));
    // Of a person with several profiles one is enough.
    let mut persons = HashSet::new();
    found.retain(|candidate| persons.insert(candidate.person_id));
    Ok(found)
}

/// What an answer came to.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The review, for taking it back.
    pub id: i64,
    /// The stay as it was before.
    pub stay: Stay,
    /// Where the stay stands now.
    pub decision: Decision,
}

/// Answers who a stay is. Of two clerks who answer at once, the second is told. Call it inside a write transaction.
pub fn answer(
    conn: &mut Conn,
    stay_id: i64,
    answer: Answer,
    candidate: Option<i64>,
    clerk: Clerk,
) -> Result<Answered, Fault> {
    dialect::lock_stay(conn, stay_id)?;
    let stay = Stay::by_id(conn, stay_id)?.ok_or(Fault::NotFound)?;
    if stay.decision != Decision::Review {
        return Err(Message::new("refused-review-decided").into());
    }
    let open = candidates(conn, &stay)?;
    let chosen = match answer {
        Answer::Same | Answer::Other => {
            let id = candidate.ok_or_else(|| Fault::from(Message::new("refused-review-choose")))?;
            let chosen = open.iter().find(|open| open.guest_id == id);
            Some(chosen.ok_or_else(|| Fault::from(Message::new("refused-review-gone")))?)
        }
        Answer::None | Answer::Unsure => None,
    };
    let pair = |candidate: &Candidate| Pair {
        guest_id: stay.guest_id,
        other_id: candidate.guest_id,
    };
    let merge_id = match chosen {
        Some(chosen) if answer == Answer::Same => join(conn, pair(chosen), chosen, clerk)?,
        _ => None,
    };
    let id: i64 = diesel::insert_into(reviews::table)
        .values((
            reviews::stay_id.eq(stay.id),
            reviews::answer.eq(answer),
            reviews::guest_id.eq(chosen.map(|chosen| chosen.guest_id)),
            reviews::reasons_before.eq(&stay.reasons),
            reviews::merge_id.eq(merge_id),
            reviews::answered_at.eq(clock::now()),
            reviews::answered_on.eq(clerk.today),
            reviews::answered_by.eq(clerk.user_id),
        ))
        .returning(reviews::id)
        .get_result(conn)?;
    let ruled_out: Vec<&Candidate> = match answer {
        Answer::Other => chosen.into_iter().collect(),
        Answer::None => open.iter().collect(),
        Answer::Same | Answer::Unsure => Vec::new(),
    };
    for candidate in &ruled_out {
        merging::tell_apart(conn, pair(candidate), Some(id), Some(clerk.user_id))?;
    }
    let decision = match answer {
        Answer::Same => Decision::Linked,
        Answer::Other | Answer::None if ruled_out.len() == open.len() => Decision::New,
        _ => Decision::Review,
    };
    if decision != Decision::Review {
        settle(
            conn,
            stay.id,
            decision,
            chosen
                .map(|c| c.reasons.as_str())
                .filter(|_| answer == Answer::Same),
        )?;
    }
    if decision == Decision::Linked {
        let events = recognized(conn, &stay)?;
        outbox::tell(conn, events)?;
    }
    Ok(Answered { id, stay, decision })
}

/// What others are told of a booking whose guest a clerk knew.
fn recognized(conn: &mut Conn, stay: &Stay) -> QueryResult<Vec<Event>> {
    let booked = vip::Booked {
        stay_id: stay.id,
        property_id: stay.property_id,
        guest_id: stay.guest_id,
        arrival: stay.arrival,
        departure: stay.departure,
    };
    let mut events = vip::bookings(conn, &[booked])?;
    events.push(Event::of_stay(Kind::GuestRecognized, stay).with("by", "clerk"));
    Ok(events)
}

/// The booking's profile becomes one with the candidate's; none where they are one already.
fn join(
    conn: &mut Conn,
    pair: Pair,
    chosen: &Candidate,
    clerk: Clerk,
) -> Result<Option<i64>, Fault> {
    let persons: Vec<i64> = guests::table
        .filter(guests::id.eq_any([pair.guest_id, pair.other_id]))
        .select(guests::person_id)
        .load(conn)?;
    if let [one, other] = persons.as_slice()
        && one == other
    {
        return Ok(None);
    }
    let reasons = Some(chosen.reasons.as_str());
    merging::merge(conn, pair, Source::Review, reasons, Some(clerk.user_id)).map(Some)
}

fn settle(
    conn: &mut Conn,
    stay_id: i64,
    decision: Decision,
    reasons: Option<&str>,
) -> QueryResult<()> {
    diesel::update(stays::table.find(stay_id))
        .set((
            stays::decision.eq(decision),
            stays::reasons.eq(reasons),
            stays::updated_at.eq(clock::now()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether an answer was given to that stay.
pub fn is_about(conn: &mut Conn, review_id: i64, stay_id: i64) -> QueryResult<bool> {
    let its = reviews::table
        .find(review_id)
        .filter(reviews::stay_id.eq(stay_id));
    diesel::select(diesel::dsl::exists(its)).get_result(conn)
}

/// Takes an answer back: merges are undone, what was ruled out may be meant again, and the stay is asked about again.
/// Call it inside a write transaction.
pub fn undo(conn: &mut Conn, review_id: i64, by: Option<i64>) -> Result<Stay, Fault> {
    type Row = (i64, Option<String>, Option<i64>);
    let stay_id: i64 = reviews::table
        .find(review_id)
        .select(reviews::stay_id)
        .first(conn)
        .optional()?
        .ok_or(Fault::NotFound)?;
    dialect::lock_stay(conn, stay_id)?;
    let standing = reviews::table
        .find(review_id)
        .filter(reviews::undone_at.is_null());
    let row: Option<Row> = standing
        .select((reviews::stay_id, reviews::reasons_before, reviews::merge_id))
        .first(conn)
        .optional()?;
    let Some((stay_id, reasons_before, merge_id)) = row else {
        return Err(Message::new("refused-review-undone").into());
    };
    diesel::update(reviews::table.find(review_id))
        .set((
            reviews::undone_at.eq(clock::now()),
            reviews::undone_by.eq(by),
        ))
        .execute(conn)?;
    if let Some(merge_id) = merge_id {
        merging::undo(conn, merge_id, by)?;
    }
    merging::withdraw(conn, review_id, by)?;
    let stay = Stay::by_id(conn, stay_id)?.ok_or(Fault::NotFound)?;
    let is_linked: bool = diesel::select(diesel::dsl::exists(
        reviews::table
            .filter(reviews::stay_id.eq(stay_id))
            .filter(reviews::answer.eq(Answer::Same))
            .filter(reviews::undone_at.is_null()),
    ))
    .get_result(conn)?;
    // A booking that the property system has meanwhile given to somebody has no candidates left.
    if !is_linked && !candidates(conn, &stay)?.is_empty() {
        settle(conn, stay_id, Decision::Review, reasons_before.as_deref())?;
    }
    Ok(stay)
}

/// Takes a merge back, with the answer that made it, and returns the stay that is asked about again.
pub fn undo_merge(conn: &mut Conn, merge_id: i64, by: Option<i64>) -> Result<Option<Stay>, Fault> {
    let review: Option<i64> = reviews::table
        .filter(reviews::merge_id.eq(merge_id))
        .filter(reviews::undone_at.is_null())
        .select(reviews::id)
        .first(conn)
        .optional()?;
    match review {
        Some(id) => undo(conn, id, by).map(Some),
        None => merging::undo(conn, merge_id, by).map(|_| None),
    }
}
