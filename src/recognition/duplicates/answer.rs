//! What a clerk answers: one person, not the same, or not sure; taken back at any time.

use diesel::prelude::*;

use super::clusters::{self, Cluster};
use crate::clock;
use crate::db::schema::{duplicate_answers, guests, merges, not_same};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::recognition::merging::{self, Pair, Source};
use crate::recognition::review::Clerk;
use crate::text_enum;
use crate::words::Message;

text_enum! {
    /// What a clerk answers.
    pub enum Answer {
        /// They are one person.
        Same = "same",
        /// They are not, for good.
        Other = "other",
        /// They wait, behind the others.
        Unsure = "unsure",
    }
}

/// What an answer came to.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The answer, for taking it back.
    pub id: i64,
    /// Whether somebody is left whom the person could be.
    pub is_open: bool,
}

/// Answers whether a person and those chosen beside them are one. Of two clerks who answer at once, the second is told.
/// Call it inside a write transaction.
pub fn answer(
    conn: &mut Conn,
    person_id: i64,
    answer: Answer,
    chosen: &[i64],
    clerk: Clerk,
) -> Result<Answered, Fault> {
    dialect::lock_merging(conn)?;
    let gone = || Fault::from(Message::new("refused-duplicates-gone"));
    // What the page showed may be decided meanwhile: only what is open now is answered.
    let cluster = clusters::around(conn, person_id)?.ok_or_else(gone)?;
    if chosen.is_empty() && answer != Answer::Unsure {
        return Err(Message::new("refused-duplicates-choose").into());
    }
    if !chosen.iter().all(|id| cluster.persons.contains(id)) {
        return Err(gone());
    }
    let id: i64 = diesel::insert_into(duplicate_answers::table)
        .values((
            duplicate_answers::guest_id.eq(person_id),
            duplicate_answers::answer.eq(answer),
            duplicate_answers::answered_at.eq(clock::now()),
            duplicate_answers::answered_on.eq(clerk.today),
            duplicate_answers::answered_by.eq(clerk.user_id),
        ))
        .returning(duplicate_answers::id)
        .get_result(conn)?;
    for &other in chosen {
        match answer {
            Answer::Same => join(conn, id, &cluster, (person_id, other), clerk)?,
            Answer::Other => part(conn, id, &cluster, (person_id, other), clerk)?,
            Answer::Unsure => {}
        }
    }
    let now: i64 = guests::table
        .find(person_id)
        .select(guests::person_id)
        .first(conn)?;
    let is_open = answer != Answer::Unsure && clusters::around(conn, now)?.is_some();
    Ok(Answered { id, is_open })
}

/// The profiles of two persons that were found to be alike, with why.
fn pair(cluster: &Cluster, (a, b): (i64, i64)) -> (Pair, Option<&str>) {
    match cluster.edge(a, b) {
        Some(edge) => {
            let (guest_id, other_id) = (edge.pair.guest_id, edge.pair.other_id);
            (Pair { guest_id, other_id }, Some(&edge.pair.reasons))
        }
        None => {
            let (guest_id, other_id) = (a, b);
            (Pair { guest_id, other_id }, None)
        }
    }
}

fn join(
    conn: &mut Conn,
    answer_id: i64,
    cluster: &Cluster,
    persons: (i64, i64),
    clerk: Clerk,
) -> Result<(), Fault> {
    let (pair, reasons) = pair(cluster, persons);
    let merge_id = merging::merge(conn, pair, Source::Duplicate, reasons, Some(clerk.user_id))?;
    diesel::update(merges::table.find(merge_id))
        .set(merges::answer_id.eq(answer_id))
        .execute(conn)?;
    Ok(())
}

fn part(
    conn: &mut Conn,
    answer_id: i64,
    cluster: &Cluster,
    persons: (i64, i64),
    clerk: Clerk,
) -> Result<(), Fault> {
    let (pair, _) = pair(cluster, persons);
    if let Some(id) = merging::tell_apart(conn, pair, None, Some(clerk.user_id))? {
        diesel::update(not_same::table.find(id))
            .set(not_same::answer_id.eq(answer_id))
            .execute(conn)?;
    }
    Ok(())
}

/// Takes an answer back, with the merges and statements that came of it and still stand, and returns the profile it was
/// about. Call it inside a write transaction.
pub fn undo(conn: &mut Conn, answer_id: i64, by: i64) -> Result<i64, Fault> {
    dialect::lock_merging(conn)?;
    let guest_id: i64 = duplicate_answers::table
        .find(answer_id)
        .select(duplicate_answers::guest_id)
        .first(conn)
        .optional()?
        .ok_or(Fault::NotFound)?;
    let undone = diesel::update(
        duplicate_answers::table
            .find(answer_id)
            .filter(duplicate_answers::undone_at.is_null()),
    )
    .set((
        duplicate_answers::undone_at.eq(clock::now()),
        duplicate_answers::undone_by.eq(by),
    ))
    .execute(conn)?;
    if undone == 0 {
        return Err(Message::new("refused-review-undone").into());
    }
    let standing: Vec<i64> = merges::table
        .filter(merges::answer_id.eq(answer_id))
        .filter(merges::undone_at.is_null())
        .select(merges::id)
        .load(conn)?;
    for merge_id in standing {
        merging::undo(conn, merge_id, Some(by))?;
    }
    diesel::update(
        not_same::table
            .filter(not_same::answer_id.eq(answer_id))
            .filter(not_same::withdrawn_at.is_null()),
    )
    .set((
        not_same::withdrawn_at.eq(clock::now()),
        not_same::withdrawn_by.eq(by),
    ))
    .execute(conn)?;
    Ok(guest_id)
}
