//! Cases: a complaint or a broken promise that is being put right, from the first word of it to the guest's own.

pub mod compensation;
pub mod deadline;
pub mod gestures;
pub mod handle;
pub mod history;
pub mod limits;
pub mod list;
pub mod open;
pub mod report;
pub mod settings;

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{cases, guests, rooms, users};
use crate::guests::notes::Team;
use crate::text_enum;

/// Longest summary, resolution and words of the guest, in characters.
pub const MAX_LENGTH: usize = 500;

text_enum! {
    /// How much it matters to the guest.
    pub enum Severity {
        /// An annoyance.
        Minor = "minor",
        /// It spoilt a part of the stay.
        Serious = "serious",
        /// It spoilt the stay, or could have done harm.
        Severe = "severe",
    }
}

impl From<i16> for Severity {
    fn from(stored: i16) -> Self {
        match stored {
            ..=1 => Self::Minor,
            2 => Self::Serious,
            3.. => Self::Severe,
        }
    }
}

impl From<Severity> for i16 {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Minor => 1,
            Severity::Serious => 2,
            Severity::Severe => 3,
        }
    }
}

text_enum! {
    /// How a case ended.
    pub enum Outcome {
        /// The guest says it was put right.
        Satisfied = "satisfied",
        /// The guest says it was not.
        NotSatisfied = "not_satisfied",
        /// Nobody asked the guest yet.
        NotAsked = "not_asked",
        /// There was no case: it was opened by mistake.
        Mistake = "mistake",
    }
}

/// A case.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Case {
    pub id: i64,
    pub guest_id: i64,
    pub person_id: i64,
    pub stay_id: Option<i64>,
    pub property_id: i64,
    pub room_id: Option<i64>,
    pub room: Option<String>,
    pub team: Team,
    #[diesel(deserialize_as = i16)]
    pub severity: Severity,
    pub feature: Option<String>,
    pub summary: String,
    pub owner_id: Option<i64>,
    /// Who puts it right.
    pub owner: Option<String>,
    pub opened_at: NaiveDateTime,
    pub due_at: Option<NaiveDateTime>,
    pub closed_at: Option<NaiveDateTime>,
    pub resolution: Option<String>,
    pub outcome: Option<Outcome>,
    pub guest_words: Option<String>,
}

/// Cases with their person, room and owner, as [`Case`] reads them.
macro_rules! with_names {
    () => {
        cases::table
            .inner_join(guests::table)
            .left_join(rooms::table.on(rooms::id.nullable().eq(cases::room_id)))
            .left_join(users::table.on(users::id.nullable().eq(cases::owner_id)))
            .select((
                cases::id,
                cases::guest_id,
                guests::person_id,
                cases::stay_id,
                cases::property_id,
                cases::room_id,
                rooms::number.nullable(),
                cases::department,
                cases::severity,
                cases::feature,
                cases::summary,
                cases::owner_id,
                users::display_name.nullable(),
                cases::opened_at,
                cases::due_at,
                cases::closed_at,
                cases::resolution,
                cases::outcome,
                cases::guest_words,
            ))
    };
}
use with_names;

impl Case {
    /// Whether it is still to be put right.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whether it happened: all but what was opened by mistake.
    pub fn happened(&self) -> bool {
        self.outcome != Some(Outcome::Mistake)
    }

    /// The case under an id.
    pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Self>> {
        with_names!()
            .filter(cases::id.eq(id))
            .first(conn)
            .optional()
    }
}

/// The cases of these persons, open ones first, then the newest; what was opened by mistake never was one.
pub fn of_persons(conn: &mut Conn, persons: &[i64]) -> QueryResult<Vec<Case>> {
    crate::with_ids!(
        with_names!()
            .filter(
                cases::outcome
                    .is_null()
                    .or(cases::outcome.ne(Outcome::Mistake))
            )
            .order((
                cases::closed_at.is_null().desc(),
                cases::severity.desc(),
                cases::opened_at.desc(),
            )),
        guests::person_id,
        persons
    )
    .load(conn)
}

/// A room that a guest should not be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvoidedRoom {
    /// The room.
    pub room_id: i64,
    /// The case it was the cause of; the gravest of several.
    pub case_id: i64,
    /// What it was about.
    pub summary: String,
    /// How much it mattered.
    pub severity: Severity,
    /// Whether it is still to be put right.
    pub is_open: bool,
}

/// The rooms these cases speak against, by id: each once, an open case before a closed one, then the gravest. Pure.
pub fn avoided_rooms<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Vec<AvoidedRoom> {
    let mut worst: BTreeMap<i64, &Case> = BTreeMap::new();
    for case in cases.into_iter().filter(|case| case.happened()) {
        let Some(room_id) = case.room_id else {
            continue;
        };
        let standing = worst.entry(room_id).or_insert(case);
        let weight = |case: &Case| (case.is_open(), case.severity, case.opened_at);
        if weight(case) > weight(standing) {
            *standing = case;
        }
    }
    let avoided = worst.into_iter().map(|(room_id, case)| AvoidedRoom {
        room_id,
        case_id: case.id,
        summary: case.summary.clone(),
        severity: case.severity,
        is_open: case.is_open(),
    });
    avoided.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: i64, room_id: Option<i64>, severity: Severity, closed: Option<Outcome>) -> Case {
        let at: NaiveDateTime = "2026-11-20T10:00:00".parse().unwrap();
        Case {
            id,
            guest_id: 1,
            person_id: 1,
            stay_id: None,
            property_id: 1,
            room_id,
            room: None,
            team: Team::FrontDesk,
            severity,
            feature: None,
            summary: format!("case {id}"),
            owner_id: None,
            owner: None,
            opened_at: at,
            due_at: None,
            closed_at: closed.map(|_| at),
            resolution: closed.map(|_| "done".into()),
            outcome: closed,
            guest_words: None,
        }
    }

    #[test]
    fn a_room_is_avoided_for_its_worst_case_and_never_for_a_mistake() {
        let cases = [
            case(1, Some(7), Severity::Severe, Some(Outcome::Satisfied)),
            case(2, Some(7), Severity::Minor, None),
            case(3, Some(8), Severity::Severe, Some(Outcome::Mistake)),
            case(4, None, Severity::Severe, None),
            case(5, Some(9), Severity::Serious, Some(Outcome::NotAsked)),
        ];
        let avoided = avoided_rooms(&cases);
        let told: Vec<_> = avoided
            .iter()
            .map(|room| (room.room_id, room.case_id, room.is_open))
            .collect();
        assert_eq!(told, vec![(7, 2, true), (9, 5, false)]);
    }

    #[test]
    fn a_severity_is_stored_as_a_number_and_read_back() {
        for severity in Severity::ALL {
            assert_eq!(Severity::from(i16::from(*severity)), *severity);
        }
    }
}
