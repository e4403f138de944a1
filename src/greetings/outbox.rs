//! The way of a letter: queued → claimed → handing over → sent, deferred, bounced or uncertain.
//!
//! SMTP alone can't send exactly once: a server may take a letter whose acceptance never reaches us. So the row says
//! *handing over* before the text goes out. Whoever dies before that loses nothing: the lease ends, and another claims the
//! letter. Whoever dies after it leaves a letter that may have arrived: it becomes *uncertain*, is shown to a person, and is
//! never sent again by itself.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::dsl::{case_when, exists};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::letter::Facts;
use super::plan::WhyNot;
use super::settings::Settings;
use super::smtp::Outcome;
use super::suppressions::{self, Reason, Whom};
use super::{Occasion, State, asking};
use crate::clock;
use crate::db::schema::{greeting_attempts, greetings, guests};
use crate::db::{Conn, dialect};
use crate::words::Language;
use crate::{fixed_sql, insert_rows};

pub use crate::jobs::LEASE;

/// Seconds until the next attempt, after the first, the second … one.
pub const WAITS: [i64; 6] = [60, 300, 900, 3_600, 7_200, 14_400];

fixed_sql! {
    /// The index of letters to be sent serves only the words themselves, not bound ones.
    ToSend: Bool = "greetings.state IN ('queued', 'deferred')"
}

fixed_sql! {
    /// The same of those in somebody's hands.
    InHand: Bool = "greetings.state IN ('claimed', 'handing_over')"
}

/// A letter in hand.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = greetings)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Claimed {
    pub id: i64,
    pub public_id: String,
    pub guest_id: i64,
    pub stay_id: Option<i64>,
    pub occasion: Occasion,
    pub due_on: NaiveDate,
    pub address: String,
    pub mailbox: String,
    pub language: Language,
    pub facts: String,
    pub message_id: Option<String>,
    pub tries: i64,
    pub expires_at: NaiveDateTime,
}

impl Claimed {
    /// What it tells.
    pub(super) fn told(&self) -> Facts {
        serde_json::from_str(&self.facts).unwrap_or_default()
    }

    /// The part of the address after the @.
    pub fn domain(&self) -> &str {
        self.mailbox
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain)
    }
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The letter.
    pub letter: Claimed,
    /// What became of it.
    pub outcome: Outcome,
    /// What both sides said.
    pub said: String,
}

/// Whether anything can be sent or cleared up.
pub fn has_work(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<bool> {
    let settings = Settings::load(conn)?;
    let lapsed = greetings::table
        .filter(InHand)
        .filter(greetings::lease_until.lt(now));
    if diesel::select(exists(lapsed)).get_result(conn)? {
        return Ok(true);
    }
    let due = greetings::table
        .filter(ToSend)
        .filter(greetings::next_try_at.le(now))
        .filter(greetings::occasion.ne_all(&settings.paused_occasions));
    Ok(!settings.paused && diesel::select(exists(due)).get_result(conn)?)
}

/// Clears up after who died. Call it inside a write transaction.
pub fn sweep(conn: &mut Conn, node: &str, now: NaiveDateTime) -> QueryResult<()> {
    let lapsed = greetings::table
        .filter(InHand)
        .filter(greetings::lease_until.lt(now));
    let dead: Vec<(i64, State)> = lapsed
        .select((greetings::id, greetings::state))
        .load(conn)?;
    let of = |state: State| -> Vec<i64> {
        let own = dead.iter().filter(|(_, found)| *found == state);
        own.map(|(id, _)| *id).collect()
    };
    let not_begun = of(State::Claimed);
    if !not_begun.is_empty() {
        let free = lapsed
            .filter(greetings::state.eq(State::Claimed))
            .filter(greetings::id.eq_any(not_begun));
        diesel::update(free)
            .set(loose(State::Queued))
            .execute(conn)?;
    }
    let begun = of(State::HandingOver);
    if !begun.is_empty() {
        let unknown = lapsed
            .filter(greetings::state.eq(State::HandingOver))
            .filter(greetings::id.eq_any(begun));
        let unknown: Vec<i64> = diesel::update(unknown)
            .set((
                loose(State::Uncertain),
                greetings::tries.eq(greetings::tries + 1),
            ))
            .returning(greetings::id)
            .load(conn)?;
        let said = "the process that was handing it over ended before it wrote down an answer\n";
        let rows: Vec<NewAttempt<'_>> = unknown
            .into_iter()
            .map(|greeting_id| NewAttempt {
                greeting_id,
                at: now,
                node,
                outcome: State::Uncertain,
                conversation: said,
            })
            .collect();
        insert_rows!(conn, greeting_attempts::table, rows);
    }
    Ok(())
}

/// Drops what came too late. Call it inside a write transaction.
pub fn drop_late(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<()> {
    let late = greetings::table
        .filter(ToSend)
        .filter(greetings::expires_at.le(now));
    diesel::update(late)
        .set((
            greetings::state.eq(State::Dropped),
            greetings::reason.eq(WhyNot::TooLate.as_str()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Letters that a process has in hand and has not begun to hand over.
#[derive(Clone, Copy, Debug)]
pub enum Recalled<'a> {
    /// To a folded address.
    Mailbox(&'a str),
    /// To the person a profile is of.
    Person(i64),
    /// For an occasion; none is every one.
    Occasion(Option<Occasion>),
}

/// Calls letters back, so that whoever takes them next asks again whether they may go: something speaks against them now. Call
/// it inside a write transaction.
pub fn recall(conn: &mut Conn, what: Recalled<'_>) -> QueryResult<()> {
    let taken = greetings::table
        .filter(InHand)
        .filter(greetings::state.eq(State::Claimed))
        .into_boxed();
    let theirs = match what {
        Recalled::Mailbox(mailbox) => taken.filter(greetings::mailbox.eq(mailbox.to_owned())),
        Recalled::Person(guest_id) => {
            let person: Vec<i64> = guests::table
                .find(guest_id)
                .select(guests::person_id)
                .load(conn)?;
            let profiles = guests::table.filter(guests::person_id.eq_any(person));
            let ids: Vec<i64> = profiles.select(guests::id).load(conn)?;
            taken.filter(greetings::guest_id.eq_any(ids))
        }
        Recalled::Occasion(Some(occasion)) => taken.filter(greetings::occasion.eq(occasion)),
        Recalled::Occasion(None) => taken,
    };
    let ids: Vec<i64> = theirs.select(greetings::id).load(conn)?;
    if ids.is_empty() {
        return Ok(());
    }
    let unbegun = greetings::table
        .filter(greetings::id.eq_any(ids))
        .filter(greetings::state.eq(State::Claimed));
    diesel::update(unbegun)
        .set(loose(State::Queued))
        .execute(conn)?;
    Ok(())
}

/// Makes every letter that was not sent yet uncertain: nobody knows what happened to it meanwhile. Call it inside a write
/// transaction.
pub fn doubt(conn: &mut Conn) -> QueryResult<usize> {
    let unsent = greetings::table.filter(ToSend);
    let in_hand = greetings::table.filter(InHand);
    let waiting = diesel::update(unsent)
        .set(loose(State::Uncertain))
        .execute(conn)?;
    let held = diesel::update(in_hand)
        .set(loose(State::Uncertain))
        .execute(conn)?;
    Ok(waiting + held)
}

type Loose = (
    diesel::dsl::Eq<greetings::state, State>,
    diesel::dsl::Eq<greetings::holder, Option<String>>,
    diesel::dsl::Eq<greetings::lease_until, Option<NaiveDateTime>>,
);

/// In nobody's hands.
fn loose(state: State) -> Loose {
    (
        greetings::state.eq(state),
        greetings::holder.eq(None),
        greetings::lease_until.eq(None),
    )
}

#[derive(Insertable)]
#[diesel(table_name = greeting_attempts)]
struct NewAttempt<'a> {
    greeting_id: i64,
    at: NaiveDateTime,
    node: &'a str,
    outcome: State,
    conversation: &'a str,
}

/// Takes letters that are due, checks again whether they may go, and drops those that may not; none where nothing is due,
/// which is something else than that all of them were dropped. Call it inside a write transaction.
pub fn claim(
    conn: &mut Conn,
    node: &str,
    from: &str,
    settings: &Settings,
    most: i64,
) -> QueryResult<Option<Vec<Claimed>>> {
    if settings.paused {
        return Ok(None);
    }
    let now = clock::now();
    let due = dialect::due_greetings(conn, now, &settings.paused_occasions, most)?;
    if due.is_empty() {
        return Ok(None);
    }
    let domain = super::message::id("", from);
    let id = "<"
        .into_sql::<Text>()
        .concat(greetings::public_id)
        .concat(domain.trim_start_matches('<'));
    let named = case_when(greetings::message_id.is_null(), id.nullable());
    diesel::update(greetings::table.filter(greetings::id.eq_any(&due)))
        .set((
            greetings::state.eq(State::Claimed),
            greetings::holder.eq(node),
            greetings::lease_until.eq(now + LEASE),
            greetings::message_id.eq(named.otherwise(greetings::message_id)),
        ))
        .execute(conn)?;
    let claimed: Vec<Claimed> = greetings::table
        .filter(greetings::id.eq_any(&due))
        .order((greetings::next_try_at, greetings::id))
        .select(Claimed::as_select())
        .load(conn)?;
    let refused = asking::refused(conn, &claimed, settings)?;
    for (id, why) in &refused {
        diesel::update(greetings::table.find(id))
            .set((loose(State::Dropped), greetings::reason.eq(why.as_str())))
            .execute(conn)?;
    }
    let may_go = claimed
        .into_iter()
        .filter(|letter| !refused.contains_key(&letter.id));
    Ok(Some(may_go.collect()))
}

/// Puts on record that these letters go out now; those that may. Call it inside a write transaction.
pub fn hand_over(conn: &mut Conn, node: &str, ids: &[i64]) -> QueryResult<HashSet<i64>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let ours = greetings::table
        .filter(greetings::id.eq_any(ids))
        .filter(greetings::state.eq(State::Claimed))
        .filter(greetings::holder.eq(node));
    let allowed = diesel::update(ours)
        .set((
            greetings::state.eq(State::HandingOver),
            greetings::lease_until.eq(clock::now() + LEASE),
        ))
        .returning(greetings::id)
        .load::<i64>(conn)?;
    Ok(allowed.into_iter().collect())
}

/// Says that a node lives, and still has its letters in hand. Call it inside a write transaction.
pub fn renew(conn: &mut Conn, node: &str) -> QueryResult<()> {
    diesel::update(
        greetings::table
            .filter(InHand)
            .filter(greetings::holder.eq(node)),
    )
    .set(greetings::lease_until.eq(clock::now() + LEASE))
    .execute(conn)?;
    Ok(())
}

/// Gives letters back untouched, to be taken at a later moment. Call it inside a write transaction.
pub fn put_back(conn: &mut Conn, node: &str, ids: &[i64], at: NaiveDateTime) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    diesel::update(in_hand_of(node).filter(greetings::id.eq_any(ids)))
        .set((loose(State::Queued), greetings::next_try_at.eq(at)))
        .execute(conn)?;
    Ok(())
}

/// Records what came of attempts. Call it inside a write transaction.
pub fn settle(conn: &mut Conn, node: &str, attempts: &[Attempt]) -> QueryResult<()> {
    let now = clock::now();
    let rows: Vec<NewAttempt<'_>> = attempts
        .iter()
        .map(|attempt| NewAttempt {
            greeting_id: attempt.letter.id,
            at: now,
            node,
            outcome: state_of(attempt.outcome),
            conversation: &attempt.said,
        })
        .collect();
    insert_rows!(conn, greeting_attempts::table, rows);
    let of = |wanted: &[Outcome]| -> Vec<i64> {
        let own = attempts
            .iter()
            .filter(|attempt| wanted.contains(&attempt.outcome));
        own.map(|attempt| attempt.letter.id).collect()
    };
    let sent = of(&[Outcome::Sent]);
    if !sent.is_empty() {
        // Also where another node took us for dead meanwhile, or somebody wants it sent again: now it is known.
        let ours = greetings::table
            .filter(greetings::id.eq_any(sent))
            .filter(greetings::state.ne_all([State::Sent, State::Dropped]));
        diesel::update(ours)
            .set((
                loose(State::Sent),
                greetings::sent_at.eq(now),
                greetings::tries.eq(greetings::tries + 1),
            ))
            .execute(conn)?;
    }
    for (outcomes, state) in [
        (
            &[Outcome::Bounced, Outcome::NoSuchAddress][..],
            State::Bounced,
        ),
        (&[Outcome::Uncertain], State::Uncertain),
    ] {
        let ids = of(outcomes);
        if !ids.is_empty() {
            diesel::update(in_hand_of(node).filter(greetings::id.eq_any(ids)))
                .set((loose(state), greetings::tries.eq(greetings::tries + 1)))
                .execute(conn)?;
        }
    }
    for attempt in attempts {
        match attempt.outcome {
            Outcome::Deferred => later(conn, node, &attempt.letter, now)?,
            Outcome::NoSuchAddress => {
                let whom = Whom {
                    guest_id: None,
                    mailbox: Some(&attempt.letter.mailbox),
                };
                let last = attempt.said.lines().last();
                suppressions::stop(conn, whom, Reason::Bounced, None, last, None)?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn in_hand_of(node: &str) -> _ {
    greetings::table
        .filter(InHand)
        .filter(greetings::holder.eq(node))
}

/// Tries a letter again some time later; not at all where it would come too late.
fn later(conn: &mut Conn, node: &str, letter: &Claimed, now: NaiveDateTime) -> QueryResult<()> {
    let tried = usize::try_from(letter.tries).unwrap_or(usize::MAX);
    let seconds = WAITS.get(tried).or(WAITS.last()).copied().unwrap_or(60);
    let next = now + TimeDelta::seconds(seconds);
    let is_late = next >= letter.expires_at;
    let (state, why) = if is_late {
        (State::Dropped, Some(WhyNot::TooLate.as_str()))
    } else {
        (State::Deferred, None)
    };
    diesel::update(in_hand_of(node).filter(greetings::id.eq(letter.id)))
        .set((
            loose(state),
            greetings::reason.eq(why),
            greetings::next_try_at.eq(next),
            greetings::tries.eq(letter.tries + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// The state an attempt leads to.
fn state_of(outcome: Outcome) -> State {
    match outcome {
        Outcome::Sent => State::Sent,
        Outcome::Deferred => State::Deferred,
        Outcome::Bounced | Outcome::NoSuchAddress => State::Bounced,
        Outcome::Uncertain => State::Uncertain,
        Outcome::NotBegun => State::Queued,
    }
}
