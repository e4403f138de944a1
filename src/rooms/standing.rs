//! How the rooms of a house stand for a stay: free for its nights or not, and when they can be moved into.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate, NaiveDateTime, Timelike};
use diesel::dsl::min;
use diesel::prelude::*;

use super::{Housekeeping, Room};
use crate::db::Conn;
use crate::db::schema::{room_nights, rooms, stays};
use crate::properties::{Property, Times};
use crate::stays::{InHouse, Status};

/// Times are told by the quarter of an hour.
const QUARTER: i64 = 15;
/// Nights after a stay that are looked at.
const HORIZON: i64 = 14;

/// When a room can be moved into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ready {
    /// It is ready, or will be by the day.
    #[default]
    Now,
    /// From this time on, minutes after midnight.
    At(i64),
}

/// How a room stands for one stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// Somebody else has it for one of the nights, or has not left.
    pub is_taken: bool,
    /// What housekeeping says of it.
    pub housekeeping: Housekeeping,
    /// When it can be moved into.
    pub ready: Ready,
    /// Nights it stays free after the stay; a fortnight at most.
    pub free_after: i64,
    /// Nights it was let in the last month, where that was looked at.
    pub wear: i64,
}

/// The moment rooms are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The house's business date.
    pub today: NaiveDate,
    /// Minutes after the midnight it began with.
    pub minutes: i64,
    /// When the house lets guests go, and how long it makes up a room, until housekeeping has come to it.
    pub times: Times,
}

impl Moment {
    /// What a house's calendar and clock say at an instant.
    pub fn of(house: &Property, at: NaiveDateTime) -> Self {
        let (today, local) = (house.business_date(at), house.local(at));
        let days = (local.date() - today).num_days();
        Self {
            today,
            minutes: days * 24 * 60 + i64::from(local.hour() * 60 + local.minute()),
            times: house.times,
        }
    }
}

/// How all rooms of a house stand from a night on.
#[derive(Clone, Debug)]
pub struct Standings {
    from: NaiveDate,
    moment: Moment,
    /// The first night from `from` on that somebody else has the room.
    held: HashMap<i64, NaiveDate>,
    /// Rooms of guests who leave on the day.
    leaving: HashSet<i64>,
    /// Rooms of guests who should have left.
    overstayed: HashSet<i64>,
    wear: HashMap<i64, i64>,
    /// Rooms that are not clean, where that was read; else it is as the rooms say.
    states: Option<HashMap<i64, Housekeeping>>,
}

/// Whose own nights do not count as taken.
#[derive(Clone, Copy, Debug)]
pub enum Apart {
    /// One stay's.
    Stay(i64),
    /// Those of all who are yet to arrive on the day.
    Arrivals,
}

impl Standings {
    /// Of a house's rooms from a night on; three queries, one more for a day to come.
    pub fn load(
        conn: &mut Conn,
        property_id: i64,
        from: NaiveDate,
        moment: Moment,
        apart: Apart,
    ) -> QueryResult<Self> {
        let held = held(conn, property_id, from, apart)?;
        let own = match apart {
            Apart::Stay(id) => id,
            Apart::Arrivals => 0,
        };
        // By no date: a range of dates would be looked up among all stays there ever were.
        let in_house: Vec<(Option<i64>, NaiveDate)> = stays::table
            .filter(stays::property_id.eq(property_id).and(InHouse))
            .filter(stays::id.ne(own))
            .select((stays::room_id, stays::departure))
            .load(conn)?;
        let states: Vec<(i64, Housekeeping)> = rooms::table
            .filter(rooms::property_id.eq(property_id))
            .filter(rooms::housekeeping.ne(Housekeeping::Clean))
            .select((rooms::id, rooms::housekeeping))
            .load(conn)?;
        let mut standings = Self::new(from, moment, held);
        standings.states = Some(states.into_iter().collect());
        for (room_id, departure) in in_house {
            let Some(room_id) = room_id else { continue };
            if departure < moment.today {
                standings.overstayed.insert(room_id);
            } else if departure == from {
                standings.leaving.insert(room_id);
            }
        }
        if from > moment.today {
            let still_to_come: Vec<Option<i64>> = stays::table
                .filter(stays::property_id.eq(property_id))
                .filter(stays::departure.eq(from))
                .filter(stays::status.eq(Status::Reserved).and(stays::id.ne(own)))
                .select(stays::room_id)
                .load(conn)?;
            standings
                .leaving
                .extend(still_to_come.into_iter().flatten());
        }
        Ok(standings)
    }

    /// Rooms nobody else is in, but for the nights in `held`.
    pub fn new(from: NaiveDate, moment: Moment, held: HashMap<i64, NaiveDate>) -> Self {
        Self {
            from,
            moment,
            held,
            leaving: HashSet::new(),
            overstayed: HashSet::new(),
            wear: HashMap::new(),
            states: None,
        }
    }

    /// With the nights each room was let in the month before: one query.
    pub fn with_wear(mut self, conn: &mut Conn, property_id: i64) -> QueryResult<Self> {
        let Some(since) = self.from.checked_sub_days(Days::new(30)) else {
            return Ok(self);
        };
        let past: Vec<(Option<i64>, NaiveDate, NaiveDate)> = stays::table
            .filter(stays::property_id.eq(property_id))
            .filter(stays::departure.gt(since).and(stays::arrival.lt(self.from)))
            .filter(stays::status.eq_any([Status::Departed, Status::InHouse]))
            .select((stays::room_id, stays::arrival, stays::departure))
            .load(conn)?;
        for (room_id, arrival, departure) in past {
            let nights = (departure.min(self.from) - arrival.max(since)).num_days();
            if let Some(room_id) = room_id {
                *self.wear.entry(room_id).or_default() += nights.max(0);
            }
        }
        Ok(self)
    }

    /// The first night.
    pub fn from(&self) -> NaiveDate {
        self.from
    }

    /// How a room stands for a stay that leaves on a date.
    pub fn of(&self, room: &Room, departure: NaiveDate) -> Standing {
        // Who comes and goes on one day needs the room for that day.
        let until = departure.max(self.from.succ_opt().unwrap_or(self.from));
        let held = self.held.get(&room.id);
        let free_after = held.map_or(HORIZON, |night| (*night - until).num_days());
        Standing {
            is_taken: free_after < 0 || self.overstayed.contains(&room.id),
            housekeeping: self.state(room),
            ready: self.ready(room),
            free_after: free_after.clamp(0, HORIZON),
            wear: self.wear.get(&room.id).copied().unwrap_or_default(),
        }
    }

    fn state(&self, room: &Room) -> Housekeeping {
        match &self.states {
            Some(states) => states.get(&room.id).copied().unwrap_or_default(),
            None => room.housekeeping,
        }
    }

    fn ready(&self, room: &Room) -> Ready {
        let is_today = self.from <= self.moment.today;
        let now = if is_today { self.moment.minutes } else { 0 };
        let from = if self.leaving.contains(&room.id) {
            now.max(self.moment.times.check_out_at)
        } else if is_today && self.state(room) == Housekeeping::Dirty {
            now
        } else {
            return Ready::Now;
        };
        let minutes = from + self.moment.times.make_up_minutes;
        Ready::At(minutes + (QUARTER - minutes % QUARTER) % QUARTER)
    }
}

fn held(
    conn: &mut Conn,
    property_id: i64,
    from: NaiveDate,
    apart: Apart,
) -> QueryResult<HashMap<i64, NaiveDate>> {
    let of_the_house = rooms::property_id
        .eq(property_id)
        .and(room_nights::night.ge(from));
    let first = (room_nights::room_id, min(room_nights::night));
    let held: Vec<(i64, Option<NaiveDate>)> = match apart {
        Apart::Stay(id) => room_nights::table
            .inner_join(rooms::table)
            .filter(of_the_house)
            .filter(room_nights::stay_id.ne(id))
            .group_by(room_nights::room_id)
            .select(first)
            .load(conn)?,
        Apart::Arrivals => room_nights::table
            .inner_join(rooms::table)
            .inner_join(stays::table)
            .filter(of_the_house)
            .filter(
                stays::arrival
                    .ne(from)
                    .or(stays::status.ne(Status::Reserved)),
            )
            .group_by(room_nights::room_id)
            .select(first)
            .load(conn)?,
    };
    Ok(held
        .into_iter()
        .filter_map(|(room_id, night)| Some((room_id, night?)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn room(housekeeping: Housekeeping) -> Room {
        Room {
            id: 7,
            property_id: 1,
            number: "1208".into(),
            room_type_id: 1,
            type_name: "King".into(),
            rank: 1,
            floor: None,
            capacity: 2,
            housekeeping,
            features: Vec::new(),
        }
    }

    fn standings(held: Option<NaiveDate>) -> Standings {
        let moment = Moment {
            today: day(21),
            minutes: 13 * 60 + 5,
            times: Times::default(),
        };
        Standings::new(
            day(21),
            moment,
            held.map(|night| (7, night)).into_iter().collect(),
        )
    }

    #[test]
    fn a_room_is_free_until_the_night_somebody_else_has_it() {
        let room = room(Housekeeping::Clean);
        let standing = standings(Some(day(24))).of(&room, day(23));
        assert_eq!((standing.is_taken, standing.free_after), (false, 1));
        assert!(standings(Some(day(24))).of(&room, day(25)).is_taken);
        assert!(!standings(None).of(&room, day(30)).is_taken);
        assert!(
            standings(Some(day(21))).of(&room, day(21)).is_taken,
            "a stay of a day needs the room for the day"
        );
    }

    #[test]
    fn a_room_is_ready_when_it_has_been_made_up() {
        let mut standings = standings(None);
        let ready = |standings: &Standings, state| standings.of(&room(state), day(23)).ready;
        assert_eq!(ready(&standings, Housekeeping::Clean), Ready::Now);
        assert_eq!(
            ready(&standings, Housekeeping::Dirty),
            Ready::At(14 * 60 + 45)
        );
        standings.moment.minutes = 8 * 60;
        standings.leaving.insert(7);
        assert_eq!(
            ready(&standings, Housekeeping::Clean),
            Ready::At(13 * 60 + 30),
            "the guest leaves at noon"
        );
        standings.leaving.clear();
        standings.moment.today = day(20);
        assert_eq!(
            ready(&standings, Housekeeping::Dirty),
            Ready::Now,
            "housekeeping has until tomorrow"
        );
    }
}
