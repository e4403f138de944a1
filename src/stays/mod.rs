//! A stay: booked, in house, departed. One record, whose status moves.

pub mod arrive;
pub mod assigning;
pub mod board;
pub mod depart;
pub mod events;
pub mod folio;
pub mod held;
pub mod history;
pub mod lessons;
pub mod nights;
pub mod readings;
pub mod rebooking;
pub mod replay;
pub mod reservation;
pub mod room_lock;
pub mod walk_in;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::db::Conn;
use crate::db::schema::stays;
use crate::{fixed_sql, text_enum};

pub use crate::recognition::Decision;

text_enum! {
    /// Where a stay is in its life.
    pub enum Status {
        /// Booked; the guest is yet to come.
        Reserved = "reserved",
        /// Checked in.
        InHouse = "in_house",
        /// Checked out.
        Departed = "departed",
        /// Cancelled before arrival.
        Cancelled = "cancelled",
        /// The guest did not come.
        NoShow = "no_show",
    }
}

text_enum! {
    /// How the booking reached the house.
    #[allow(missing_docs, reason = "the channels are the words of the contract")]
    pub enum Channel {
        Direct = "direct",
        Phone = "phone",
        WalkIn = "walk_in",
        Ota = "ota",
        Gds = "gds",
        Corporate = "corporate",
        Group = "group",
    }
}

fixed_sql! {
    /// Whether the guest is in the house. Only the word itself, not a bound one, lets the index of those in the house serve.
    InHouse: Bool = "stays.status = 'in_house'"
}

/// A stay.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = stays)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Stay {
    pub id: i64,
    pub property_id: i64,
    pub confirmation_number: String,
    pub guest_id: i64,
    pub status: Status,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub arrival_time: Option<i64>,
    pub room_type_id: Option<i64>,
    pub room_id: Option<i64>,
    pub rate_minor: Option<i64>,
    pub currency: String,
    pub channel: Option<Channel>,
    pub agency: Option<String>,
    pub adults: i64,
    pub children: i64,
    pub requests: Option<String>,
    pub decision: Decision,
    pub reasons: Option<String>,
    pub checked_in_at: Option<NaiveDateTime>,
    pub booked_arrival: Option<NaiveDate>,
}

impl Stay {
    /// The stay with that id.
    pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Self>> {
        stays::table
            .find(id)
            .select(Self::as_select())
            .first(conn)
            .optional()
    }

    /// Nights between arrival and departure; none for a stay of a day.
    pub fn nights(&self) -> i64 {
        (self.departure - self.arrival).num_days()
    }

    /// Wishes of this booking that are words of the vocabulary.
    pub fn requested_codes(&self) -> impl Iterator<Item = &str> {
        self.request_parts()
            .filter(|part| crate::vocabulary::get(part).is_some())
    }

    /// Wishes of this booking in the guest's own words.
    pub fn requested_words(&self) -> impl Iterator<Item = &str> {
        self.request_parts()
            .filter(|part| crate::vocabulary::get(part).is_none())
    }

    fn request_parts(&self) -> impl Iterator<Item = &str> {
        self.requests
            .as_deref()
            .unwrap_or_default()
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }
}
