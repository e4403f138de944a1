//! The stays a person has had, over all their profiles and all houses.

use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use super::Status;
use crate::db::Conn;
use crate::db::schema::{guests, rooms, stays};
use crate::loyalty::programme::Year;

/// A stay as it is remembered.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct PastStay {
    pub id: i64,
    pub person_id: i64,
    pub property_id: i64,
    pub status: Status,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub room_id: Option<i64>,
    pub room: Option<String>,
}

impl PastStay {
    /// Whether the guest really came.
    pub fn counts(&self) -> bool {
        matches!(self.status, Status::Departed | Status::InHouse)
    }
}

/// The stays of these persons, newest first.
pub fn of_persons(conn: &mut Conn, persons: &[i64]) -> QueryResult<Vec<PastStay>> {
    crate::with_ids!(
        stays::table
            .inner_join(guests::table)
            .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .order((stays::arrival.desc(), stays::id.desc()))
            .select((
                stays::id,
                guests::person_id,
                stays::property_id,
                stays::status,
                stays::arrival,
                stays::departure,
                stays::room_id,
                rooms::number.nullable(),
            )),
        guests::person_id,
        persons
    )
    .load(conn)
}

/// Nights slept in the twelve months before a date, which decide the tier.
pub fn nights_in_a_year(stays: &[PastStay], until: NaiveDate) -> i64 {
    in_a_year(stays, until).nights
}

/// What the twelve months before a date hold; the points are the ledger's to say.
pub fn in_a_year(stays: &[PastStay], until: NaiveDate) -> Year {
    let mut year = Year::default();
    let Some(since) = until.checked_sub_months(Months::new(12)) else {
        return year;
    };
    for stay in stays.iter().filter(|stay| stay.counts()) {
        year.nights += (stay.departure.min(until) - stay.arrival.max(since))
            .num_days()
            .max(0);
        year.stays += i64::from(stay.departure > since && stay.arrival <= until);
    }
    year
}

/// Nights slept up to a date.
pub fn lifetime_nights(stays: &[PastStay], until: NaiveDate) -> i64 {
    let nights = stays
        .iter()
        .filter(|stay| stay.counts())
        .map(|stay| (stay.departure.min(until) - stay.arrival).num_days().max(0));
    nights.sum()
}
