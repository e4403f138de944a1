//! A day gone by, as it stood on its morning: to see what an assignment would have done with it.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Status;
use super::assigning::arrival;
use super::board::{self, Board};
use crate::db::Conn;
use crate::db::schema::stays;
use crate::properties::{Property, Reference};
use crate::rooms::assign::Day;
use crate::rooms::standing::{Moment, Standings};
use crate::rooms::{self, Housekeeping};

/// What has become of a booking that needed a room.
const CAME: [Status; 3] = [Status::Reserved, Status::InHouse, Status::Departed];

/// A day, and the room that was really given to each arrival.
pub struct Replay {
    /// The day before anybody had a room.
    pub day: Day,
    /// The place of each arrival's room among the rooms.
    pub given: Vec<Option<usize>>,
}

impl Replay {
    /// The same day, each guest in the class that was really given.
    pub fn in_the_class_given(&self) -> Day {
        let mut day = self.day.clone();
        for (arrival, given) in day.arrivals.iter_mut().zip(&self.given) {
            if let Some(room) = given.and_then(|at| self.day.rooms.get(at)) {
                arrival.asked.booked = Some((room.room_type_id, room.rank));
            }
        }
        day
    }
}

/// Reads a day: who came and stayed the night, who was in the house already, and what was known of them by then.
pub fn load(
    conn: &mut Conn,
    house: &Property,
    reference: &Reference,
    date: NaiveDate,
) -> QueryResult<Replay> {
    let mut rows = board::rows(conn, Board::Arrivals, house.id, date, date)?;
    rows.retain(|row| CAME.contains(&row.stay.status) && row.stay.nights() > 0);
    let mut rooms = rooms::of_property(conn, house.id)?;
    for room in &mut rooms {
        // How it was that morning, nobody remembers.
        room.housekeeping = Housekeeping::Clean;
    }
    let places: HashMap<i64, usize> = rooms
        .iter()
        .enumerate()
        .map(|(at, room)| (room.id, at))
        .collect();
    let given = rows
        .iter()
        .map(|row| places.get(&row.stay.room_id?).copied())
        .collect();
    for row in &mut rows {
        row.memory.preferences.retain(|known| known.noted_on < date);
        row.memory.cases.retain(|case| case.opened_at.date() < date);
        row.stay.room_id = None;
    }
    let arrivals = rows
        .iter()
        .map(|row| arrival(row, false, &rooms, reference, date))
        .collect();
    let moment = Moment {
        today: date,
        minutes: 0,
        times: house.times,
    };
    let standings =
        Standings::new(date, moment, in_house(conn, house.id, date)?).with_wear(conn, house.id)?;
    let connections = rooms::connections(conn, house.id)?;
    Ok(Replay {
        day: Day {
            arrivals,
            rooms,
            standings,
            connections,
        },
        given,
    })
}

/// Rooms of guests who came before the day and slept there that night.
fn in_house(
    conn: &mut Conn,
    property_id: i64,
    date: NaiveDate,
) -> QueryResult<HashMap<i64, NaiveDate>> {
    let rooms: Vec<Option<i64>> = stays::table
        .filter(stays::property_id.eq(property_id))
        .filter(stays::arrival.lt(date).and(stays::departure.gt(date)))
        .filter(stays::status.eq_any(CAME))
        .select(stays::room_id)
        .load(conn)?;
    Ok(rooms.into_iter().flatten().map(|id| (id, date)).collect())
}
