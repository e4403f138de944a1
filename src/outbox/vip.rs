//! Guests of importance: told when they book, and on the day they arrive.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Event, Kind, tell_once};
use crate::clock;
use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::{guests, stays};
use crate::properties::Property;
use crate::stays::Status;

mod other {
    #![allow(
        missing_docs,
        reason = "the macro makes items of its own, undocumented"
    )]
    use crate::db::schema::guests;
    diesel::alias!(guests as profiles: Profiles);
}
use other::profiles;

/// How important the persons behind these profiles are; those that are not are not among them.
pub fn levels(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<HashMap<i64, i64>> {
    if guest_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let level = profiles.field(guests::vip_level);
    let found: Vec<(i64, Option<i64>)> = guests::table
        .inner_join(profiles.on(profiles.field(guests::person_id).eq(guests::person_id)))
        .filter(among(guests::id, guest_ids))
        .filter(level.is_not_null())
        .select((guests::id, level))
        .load(conn)?;
    let mut levels = HashMap::new();
    for (guest_id, level) in found
        .into_iter()
        .filter_map(|(id, level)| Some((id, level?)))
    {
        let known = levels.entry(guest_id).or_insert(level);
        *known = level.min(*known);
    }
    Ok(levels)
}

/// A stay that somebody of importance may have booked.
#[derive(Clone, Copy, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Booked {
    pub stay_id: i64,
    pub property_id: i64,
    pub guest_id: i64,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
}

impl Booked {
    fn event(&self, kind: Kind, level: i64) -> Event {
        Event::new(kind)
            .stay(self.stay_id, self.property_id)
            .guest(self.guest_id)
            .dates(self.arrival, self.departure)
            .with("level", level)
    }
}

/// The events of those bookings whose guests are of importance.
pub fn bookings(conn: &mut Conn, booked: &[Booked]) -> QueryResult<Vec<Event>> {
    let guest_ids: Vec<i64> = booked.iter().map(|one| one.guest_id).collect();
    let levels = levels(conn, &guest_ids)?;
    let events = booked.iter().filter_map(|one| {
        let level = *levels.get(&one.guest_id)?;
        Some(one.event(Kind::VipBooked, level))
    });
    Ok(events.collect())
}

/// Tells who of importance arrives today, each once; how many were told. Call it in a write transaction.
pub fn arriving(conn: &mut Conn, house: &Property) -> QueryResult<usize> {
    let today = house.business_date(clock::now());
    let expected: Vec<Booked> = stays::table
        .filter(stays::property_id.eq(house.id))
        .filter(stays::arrival.eq(today))
        .filter(stays::status.eq(Status::Reserved))
        .select((
            stays::id,
            stays::property_id,
            stays::guest_id,
            stays::arrival,
            stays::departure,
        ))
        .load(conn)?;
    let guest_ids: Vec<i64> = expected.iter().map(|one| one.guest_id).collect();
    let levels = levels(conn, &guest_ids)?;
    let events = expected.iter().filter_map(|one| {
        let event = one.event(Kind::VipArriving, *levels.get(&one.guest_id)?);
        Some(event.once(format!("{}:{}:{today}", Kind::VipArriving, one.stay_id)))
    });
    let events: Vec<Event> = events.collect();
    tell_once(conn, events)
}
