//! A case is opened: in seconds, and once.

use diesel::prelude::*;

use super::history::{Kind, NewEvent};
use super::settings::{SETTINGS, Settings};
use super::{Case, Severity};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::cases;
use crate::guests::notes::Team;
use crate::on_either;
use crate::outbox;
use crate::settings;

/// A case to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewCase<'a> {
    /// The profile of whom it happened to.
    pub guest_id: i64,
    /// The stay it happened in.
    pub stay_id: Option<i64>,
    /// The house that puts it right.
    pub property_id: i64,
    /// The room that was the cause, or where it happened.
    pub room_id: Option<i64>,
    /// Who puts it right, while nobody owns it.
    pub team: Team,
    /// How much it matters to the guest.
    pub severity: Severity,
    /// The vocabulary's word for what was missed.
    pub feature: Option<&'static str>,
    /// What happened, in a sentence.
    pub summary: &'a str,
    /// What the form carried: the same form sent again opens nothing.
    pub once: &'a str,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The case.
    pub id: i64,
    /// Whether it is new; else the same form opened it before.
    pub is_new: bool,
}

impl NewCase<'_> {
    /// Opens it, with a deadline by its severity. Call it inside a write transaction.
    pub fn open(&self, conn: &mut Conn, user_id: i64) -> QueryResult<Opened> {
        let times: Settings = settings::get(conn, SETTINGS)?;
        let now = clock::now();
        let row = (
            cases::guest_id.eq(self.guest_id),
            cases::stay_id.eq(self.stay_id),
            cases::property_id.eq(self.property_id),
            cases::room_id.eq(self.room_id),
            cases::department.eq(self.team),
            cases::severity.eq(i16::from(self.severity)),
            cases::feature.eq(self.feature),
            cases::summary.eq(self.summary),
            cases::opened_by.eq(user_id),
            cases::opened_at.eq(now),
            cases::due_at.eq(now + times.time_for(self.severity)),
            cases::once.eq(self.once),
        );
        let opened = on_either!(conn, |c| diesel::insert_into(cases::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
        let id = cases::table
            .filter(cases::once.eq(self.once))
            .select(cases::id)
            .first(conn)?;
        let is_new = opened == 1;
        if is_new {
            let event = NewEvent {
                team: Some(self.team),
                ..NewEvent::new(Kind::Opened, user_id)
            };
            event
                .body(Some(self.summary))
                .code(self.severity.as_str())
                .append(conn, id)?;
            let case = Case::by_id(conn, id)?;
            let told = case.map(|case| outbox::Event::of_case(outbox::Kind::CaseOpened, &case));
            outbox::tell(conn, told)?;
        }
        Ok(Opened { id, is_new })
    }
}
