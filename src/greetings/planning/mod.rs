//! The night's plan: persons window by window, so that a million of them need no more memory than some thousands.

mod closer;
mod due;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

use super::known;
use super::letter::Facts;
use super::plan::WhyNot;
use super::settings::Settings;
use super::{Occasion, State};
use crate::db::Conn;
use crate::db::schema::greetings;
use crate::insert_missing;
use crate::properties::Property;
use crate::words::Language;

pub use due::Stays;

/// Persons with an occasion who are looked at more closely at once.
const CLOSER: usize = 500;

/// When the letters of a plan may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At a decent hour where the guest lives.
    DecentHour,
    /// As soon as they are planned: somebody asked for that day by hand.
    AtOnce,
}

/// What is planned.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whose day.
    pub day: NaiveDate,
    /// The houses whose letters these are.
    pub houses: Vec<Property>,
    /// Who writes to a guest that has not stayed yet.
    pub first_house: i64,
    /// What was decided.
    pub settings: Settings,
    /// When the letters may go.
    pub when: When,
    /// Now.
    pub now: NaiveDateTime,
}

/// One occasion of one person, and what is done about it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The person.
    pub guest_id: i64,
    /// By the id that leaves the house.
    pub guest: String,
    /// Their name.
    pub name: String,
    /// The house that would write.
    pub property_id: i64,
    /// Why.
    pub occasion: Occasion,
    /// The letter, or why there is none.
    pub outcome: Result<Letter, WhyNot>,
}

/// A letter to be stored.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The stay it is about.
    pub stay_id: Option<i64>,
    /// As it is written to, and folded.
    pub mailbox: known::Mailbox,
    /// In which language.
    pub language: Language,
    /// What it tells.
    pub facts: Facts,
    /// Queued, or held back.
    pub state: State,
    /// Not before.
    pub due_at: NaiveDateTime,
    /// Not after.
    pub expires_at: NaiveDateTime,
}

impl Plan {
    /// The occasions of the persons after one, and the last person looked at; none where there is nobody after.
    pub fn window(
        &self,
        conn: &mut Conn,
        stays: &Stays,
        after: i64,
    ) -> QueryResult<(Vec<Line>, Option<i64>)> {
        let (due, last) = self.due(conn, stays, after)?;
        let mut lines = Vec::new();
        for chunk in due.chunks(CLOSER) {
            self.closer(conn, chunk, &mut lines)?;
        }
        // Of two persons who share a mailbox the one with the stronger occasion is written to.
        lines.sort_by_key(|line| line.occasion);
        Ok((lines, last))
    }
}

#[derive(Insertable)]
#[diesel(table_name = greetings, treat_none_as_default_value = false)]
struct Row {
    public_id: String,
    guest_id: i64,
    property_id: i64,
    stay_id: Option<i64>,
    occasion: Occasion,
    due_on: NaiveDate,
    address: String,
    mailbox: String,
    language: Language,
    facts: String,
    state: State,
    next_try_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    planned_at: NaiveDateTime,
}

/// Stores the letters of a plan; those that are there already stay as they are. Call it inside a write transaction.
pub fn store(conn: &mut Conn, plan: &Plan, lines: &[Line]) -> QueryResult<usize> {
    let rows: Vec<Row> = lines
        .iter()
        .filter_map(|line| {
            let letter = line.outcome.as_ref().ok()?;
            Some(Row {
                public_id: Uuid::now_v7().to_string(),
                guest_id: line.guest_id,
                property_id: line.property_id,
                stay_id: letter.stay_id,
                occasion: line.occasion,
                due_on: plan.day,
                address: letter.mailbox.given.clone(),
                mailbox: letter.mailbox.folded.clone(),
                language: letter.language,
                facts: serde_json::to_string(&letter.facts).ok()?,
                state: letter.state,
                next_try_at: letter.due_at.max(plan.now),
                expires_at: letter.expires_at,
                planned_at: plan.now,
            })
        })
        .collect();
    Ok(insert_missing!(conn, greetings::table, rows))
}
