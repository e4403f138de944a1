//! What others are told: events, written in the transaction of what happened, and read by programs from the feed or
//! sent to them by [webhooks](crate::webhooks).
//!
//! An event names things by the ids the API knows them by and says no more than is needed to ask: no names, contacts,
//! documents, nor anything about health.

pub mod feed;
pub mod vip;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::cases::Case;
use crate::clock;
use crate::db::Conn;
use crate::db::schema::events;
use crate::stays::{Status, Stay};
use crate::vocabulary::{self, Kind as Subject};
use crate::{insert_rows, on_either, text_enum};

text_enum! {
    /// What happened.
    pub enum Kind {
        /// A reservation became known.
        ReservationCreated = "reservation.created",
        /// A reservation, or the room of a stay, is another now.
        ReservationChanged = "reservation.changed",
        /// The guest will not come.
        ReservationCancelled = "reservation.cancelled",
        /// The guest did not come.
        ReservationNoShow = "reservation.no_show",
        /// The guest has come.
        CheckedIn = "stay.checked_in",
        /// The guest has left.
        CheckedOut = "stay.checked_out",
        /// A booking was found to be of a guest who is known.
        GuestRecognized = "guest.recognized",
        /// A wish was noted, confirmed or retired.
        PreferenceChanged = "guest.preference_changed",
        /// Two guests became one.
        GuestsMerged = "guest.merged",
        /// A merge was taken back.
        GuestsUnmerged = "guest.unmerged",
        /// A guest of importance has booked.
        VipBooked = "vip.booked",
        /// A guest of importance arrives today.
        VipArriving = "vip.arriving",
        /// A guest's complaint is being put right, for the first time or again.
        CaseOpened = "case.opened",
        /// It is put right, or as right as it will be.
        CaseClosed = "case.closed",
        /// An administrator tries a webhook; never in the feed.
        Test = "webhook.test",
    }
}

impl Kind {
    /// Those that happen in a house.
    pub fn told() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kind| *kind != Self::Test)
    }

    /// What becomes of a reservation that changes to a state.
    pub fn of_status(status: Status) -> Self {
        match status {
            Status::Reserved => Self::ReservationChanged,
            Status::InHouse => Self::CheckedIn,
            Status::Departed => Self::CheckedOut,
            Status::Cancelled => Self::ReservationCancelled,
            Status::NoShow => Self::ReservationNoShow,
        }
    }
}

/// Something to be told.
#[derive(Clone, Debug)]
pub struct Event {
    kind: Kind,
    property_id: Option<i64>,
    guest_id: Option<i64>,
    other_id: Option<i64>,
    stay_id: Option<i64>,
    detail: Map<String, Value>,
    once: Option<String>,
}

impl Event {
    /// Something that happened now.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            property_id: None,
            guest_id: None,
            other_id: None,
            stay_id: None,
            detail: Map::new(),
            once: None,
        }
    }

    /// The guest it is about, by a profile.
    pub fn guest(mut self, guest_id: i64) -> Self {
        self.guest_id = Some(guest_id);
        self
    }

    /// Another guest it is about.
    pub fn other(mut self, guest_id: i64) -> Self {
        self.other_id = Some(guest_id);
        self
    }

    /// The house it happened in; where none is named, every house is told.
    pub fn house(mut self, property_id: i64) -> Self {
        self.property_id = Some(property_id);
        self
    }

    /// The stay it is about.
    pub fn stay(mut self, stay_id: i64, property_id: i64) -> Self {
        self.stay_id = Some(stay_id);
        self.house(property_id)
    }

    /// Something beside: a code, a date, a number.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }

    /// When the stay is.
    pub fn dates(self, arrival: NaiveDate, departure: NaiveDate) -> Self {
        self.with("arrival", arrival.to_string())
            .with("departure", departure.to_string())
    }

    /// Told at most once under this name.
    pub fn once(mut self, name: String) -> Self {
        self.once = Some(name);
        self
    }

    /// What a verb did to a stay.
    pub fn of_stay(kind: Kind, stay: &Stay) -> Self {
        Self::new(kind)
            .stay(stay.id, stay.property_id)
            .guest(stay.guest_id)
    }

    /// Something that became of a case. What it is about is not told: whoever may know reads the case.
    pub fn of_case(kind: Kind, case: &Case) -> Self {
        let event = Self::new(kind).guest(case.guest_id);
        let event = match case.stay_id {
            Some(stay_id) => event.stay(stay_id, case.property_id),
            None => event.house(case.property_id),
        };
        event
            .with("case", case.id.to_string())
            .with("severity", case.severity.as_str())
            .with("department", case.team.as_str())
    }

    /// A wish that was `noted`, `confirmed` or `retired`. What an allergy or a diet is, is not told: whoever may know
    /// reads the guest.
    pub fn of_preference(change: &str, guest_id: i64, code: &str) -> Self {
        let health = [Subject::Allergy, Subject::Diet];
        let is_told = vocabulary::get(code)
            .is_some_and(|feature| !feature.need && !health.contains(&feature.kind));
        Self::new(Kind::PreferenceChanged)
            .guest(guest_id)
            .with("change", change)
            .with("preference", is_told.then_some(code))
    }
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct Row {
    public_id: String,
    kind: Kind,
    property_id: Option<i64>,
    guest_id: Option<i64>,
    other_id: Option<i64>,
    stay_id: Option<i64>,
    detail: String,
    at: NaiveDateTime,
    once: Option<String>,
}

impl Row {
    fn of(event: Event, at: NaiveDateTime) -> Self {
        Self {
            public_id: Uuid::now_v7().to_string(),
            kind: event.kind,
            property_id: event.property_id,
            guest_id: event.guest_id,
            other_id: event.other_id,
            stay_id: event.stay_id,
            detail: Value::Object(event.detail).to_string(),
            at,
            once: event.once,
        }
    }
}

/// Tells what happened. Call it inside the transaction it happens in.
pub fn tell(conn: &mut Conn, told: impl IntoIterator<Item = Event>) -> QueryResult<()> {
    let now = clock::now();
    let rows: Vec<Row> = told.into_iter().map(|event| Row::of(event, now)).collect();
    insert_rows!(conn, events::table, rows);
    Ok(())
}

/// Tells what has a name to be told once under, unless it was; how many were told.
pub fn tell_once(conn: &mut Conn, told: Vec<Event>) -> QueryResult<usize> {
    let now = clock::now();
    let mut count = 0;
    for event in told {
        let row = Row::of(event, now);
        count += on_either!(conn, |c| diesel::insert_into(events::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(count)
}

/// An event for one webhook alone; its id.
pub fn for_trying(conn: &mut Conn) -> QueryResult<i64> {
    diesel::insert_into(events::table)
        .values(Row::of(Event::new(Kind::Test), clock::now()))
        .returning(events::id)
        .get_result(conn)
}
