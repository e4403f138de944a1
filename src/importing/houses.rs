//! The properties an import refers to, by the codes its rows use.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::cells::{Parsed, Rejection};
use crate::db::Conn;
use crate::db::schema::{room_types, rooms};
use crate::properties::Property;

/// A property with its room types and rooms.
pub struct House {
    pub(super) id: i64,
    pub(super) currency: String,
    /// The business date now.
    pub(super) today: NaiveDate,
    pub(super) room_types: HashMap<String, i64>,
    pub(super) rooms: HashMap<String, i64>,
}

impl House {
    /// With all its rooms and types.
    pub fn load(conn: &mut Conn, property: &Property, now: NaiveDateTime) -> QueryResult<Self> {
        Ok(Self {
            room_types: room_types::table
                .filter(room_types::property_id.eq(property.id))
                .select((room_types::code, room_types::id))
                .load::<(String, i64)>(conn)?
                .into_iter()
                .collect(),
            rooms: rooms::table
                .filter(rooms::property_id.eq(property.id))
                .select((rooms::number, rooms::id))
                .load::<(String, i64)>(conn)?
                .into_iter()
                .collect(),
            ..Self::bare(property, now)
        })
    }

    /// With no more of its rooms and types than are asked for.
    pub(super) fn naming(
        conn: &mut Conn,
        property: &Property,
        now: NaiveDateTime,
        room_type: Option<&str>,
        room: Option<&str>,
    ) -> QueryResult<Self> {
        let mut house = Self::bare(property, now);
        if let Some(code) = room_type {
            house.room_types = room_types::table
                .filter(room_types::property_id.eq(property.id))
                .filter(room_types::code.eq(code))
                .select((room_types::code, room_types::id))
                .load::<(String, i64)>(conn)?
                .into_iter()
                .collect();
        }
        if let Some(number) = room {
            house.rooms = rooms::table
                .filter(rooms::property_id.eq(property.id))
                .filter(rooms::number.eq(number))
                .select((rooms::number, rooms::id))
                .load::<(String, i64)>(conn)?
                .into_iter()
                .collect();
        }
        Ok(house)
    }

    fn bare(property: &Property, now: NaiveDateTime) -> Self {
        Self {
            id: property.id,
            today: property.business_date(now),
            currency: property.currency.clone(),
            room_types: HashMap::new(),
            rooms: HashMap::new(),
        }
    }
}

/// All properties by code.
#[derive(Default)]
pub(super) struct Houses(HashMap<String, House>);

impl Houses {
    pub(super) fn load(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Self> {
        let mut houses = HashMap::new();
        for property in Property::all(conn)? {
            let house = House::load(conn, &property, now)?;
            houses.insert(property.code, house);
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
