//! The nights rooms are promised for: no room twice, neither among those given nor against what is stored.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Reservation;
use super::stored::{Fields, Stored};
use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::{room_nights, stays};
use crate::error::Rejection;
use crate::insert_rows;
use crate::stays::Status;

/// Who holds a night: a stored stay, or a reservation of this batch that is not stored yet.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Holder {
    Stay(i64),
    Booked(i64, String),
}

#[derive(Insertable)]
#[diesel(table_name = room_nights)]
struct NightRow {
    room_id: i64,
    night: NaiveDate,
    stay_id: i64,
}

#[derive(Default)]
pub(super) struct Nights {
    held: HashMap<(i64, NaiveDate), Holder>,
    names: HashMap<i64, String>,
    /// Stays of the batch that exist and whose nights may have changed.
    touched: HashSet<i64>,
    by_stay: HashMap<i64, Vec<(i64, NaiveDate)>>,
    to_store: HashMap<Holder, Vec<(i64, NaiveDate)>>,
}

impl Nights {
    pub(super) fn load(
        conn: &mut Conn,
        all: &[Reservation],
        stored: &HashMap<(i64, String), Stored>,
    ) -> QueryResult<Self> {
        let Some(from) = all.iter().map(|given| given.today).min() else {
            return Ok(Self::default());
        };
        let booked = all.iter().filter_map(|given| given.room_id);
        let held = stored.values().filter_map(|known| known.fields.room_id);
        let rooms: HashSet<i64> = booked.chain(held).collect();
        if rooms.is_empty() {
            return Ok(Self::default());
        }
        let stored: Vec<(i64, NaiveDate, i64, String)> = room_nights::table
            .inner_join(stays::table)
            .filter(among(room_nights::room_id, rooms))
            .filter(room_nights::night.ge(from))
            .select((
                room_nights::room_id,
                room_nights::night,
                room_nights::stay_id,
                stays::confirmation_number,
            ))
            .load(conn)?;
        let mut nights = Self::default();
        for (room_id, night, stay_id, number) in stored {
            nights.held.insert((room_id, night), Holder::Stay(stay_id));
            nights
                .by_stay
                .entry(stay_id)
                .or_default()
                .push((room_id, night));
            nights.names.insert(stay_id, number);
        }
        Ok(nights)
    }

    /// Claims the nights ahead of a stay as it will be, or says who has the room.
    pub(super) fn claim(
        &mut self,
        given: &Reservation,
        stay_id: Option<i64>,
        fields: &Fields,
    ) -> Result<(), Rejection> {
        let me = match stay_id {
            Some(id) => Holder::Stay(id),
            None => Holder::Booked(given.property_id, given.confirmation_number.clone()),
        };
        let is_ahead = matches!(fields.status, Status::Reserved | Status::InHouse);
        let wanted: Vec<(i64, NaiveDate)> = match fields.room_id.filter(|_| is_ahead) {
            Some(room_id) => given
                .nights_ahead(fields.arrival, fields.departure)
                .map(|night| (room_id, night))
                .collect(),
            None => Vec::new(),
        };
        for slot in &wanted {
            if let Some(holder) = self.held.get(slot).filter(|holder| **holder != me) {
                let (room, night) = (given.room.as_deref().unwrap_or("?"), slot.1);
                let by = self.name_of(holder);
                return Err(Rejection::new(
                    "room",
                    format!(
                        "'{room}' is already taken by {by} on {night}; give another room, or none"
                    ),
                ));
            }
        }
        if let Some(id) = stay_id {
            let mine = self.by_stay.get(&id).cloned().unwrap_or_default();
            if mine.iter().collect::<HashSet<_>>() == wanted.iter().collect() {
                return Ok(());
            }
            self.touched.insert(id);
            for slot in mine {
                self.held.remove(&slot);
            }
        }
        for slot in &wanted {
            self.held.insert(*slot, me.clone());
        }
        if !wanted.is_empty() {
            self.to_store.insert(me, wanted);
        }
        Ok(())
    }

    /// The claim of a reservation becomes its stay's.
    pub(super) fn settle(&mut self, number: &str, property_id: i64, stay_id: i64) {
        if let Some(nights) = self
            .to_store
            .remove(&Holder::Booked(property_id, number.to_owned()))
        {
            self.to_store.insert(Holder::Stay(stay_id), nights);
        }
    }

    pub(super) fn store(self, conn: &mut Conn) -> QueryResult<()> {
        if !self.touched.is_empty() {
            diesel::delete(room_nights::table.filter(among(room_nights::stay_id, &self.touched)))
                .execute(conn)?;
        }
        let rows: Vec<NightRow> = self
            .to_store
            .into_iter()
            .filter_map(|(holder, nights)| match holder {
                Holder::Stay(stay_id) => Some((stay_id, nights)),
                Holder::Booked(..) => None,
            })
            .flat_map(|(stay_id, nights)| {
                nights.into_iter().map(move |(room_id, night)| NightRow {
                    room_id,
                    night,
                    stay_id,
                })
            })
            .collect();
        insert_rows!(conn, room_nights::table, rows);
        Ok(())
    }

    fn name_of(&self, holder: &Holder) -> String {
        match holder {
            Holder::Stay(id) => self.names.get(id).cloned().unwrap_or_default(),
            Holder::Booked(_, number) => number.clone(),
        }
    }
}
