//! The properties an import refers to, by the codes its rows use.

use std::collections::HashMap;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use diesel::prelude::*;

use super::cells::{Parsed, Rejection};
use crate::db::Conn;
use crate::db::schema::{properties, room_types, rooms};

/// A property with its room types and rooms.
pub(super) struct House {
    pub(super) id: i64,
    pub(super) currency: String,
    /// The business date now.
    pub(super) today: NaiveDate,
    pub(super) room_types: HashMap<String, i64>,
    pub(super) rooms: HashMap<String, i64>,
}

/// All properties by code.
#[derive(Default)]
pub(super) struct Houses(HashMap<String, House>);

impl Houses {
    pub(super) fn load(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Self> {
        let rows: Vec<(i64, String, String, String, i64)> = properties::table
            .select((
                properties::id,
                properties::code,
                properties::currency,
                properties::time_zone,
                properties::day_starts_at,
            ))
            .load(conn)?;
        let mut houses = HashMap::new();
        for (id, code, currency, zone, day_starts_at) in rows {
            let house = House {
                id,
                currency,
                today: business_date(now, &zone, day_starts_at),
                room_types: room_types::table
                    .filter(room_types::property_id.eq(id))
                    .select((room_types::code, room_types::id))
                    .load::<(String, i64)>(conn)?
                    .into_iter()
                    .collect(),
                rooms: rooms::table
                    .filter(rooms::property_id.eq(id))
                    .select((rooms::number, rooms::id))
                    .load::<(String, i64)>(conn)?
                    .into_iter()
                    .collect(),
            };
            houses.insert(code, house);
        }
        Ok(Self(houses))
    }

    pub(super) fn get(&self, code: &str) -> Parsed<&House> {
        self.0.get(code).ok_or_else(|| {
            let mut known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            known.sort_unstable();
            known.truncate(8);
            let known = match known.as_slice() {
                [] => "there is none yet".to_owned(),
                some => format!("known are {}", some.join(", ")),
            };
            Rejection::new(
                "property",
                format!("'{code}' is not a property; {known}; import the properties file first"),
            )
        })
    }
}

/// The hotel's day: it rolls some hours after midnight, in the property's zone.
fn business_date(now: NaiveDateTime, zone: &str, day_starts_at: i64) -> NaiveDate {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let local = now.and_utc().with_timezone(&zone).naive_local();
    (local - Duration::minutes(day_starts_at)).date()
}
