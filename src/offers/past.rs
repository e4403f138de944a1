//! What guests were offered: in this stay, and what they took within a year.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::{Declined, Kind, State};
use crate::db::Conn;
use crate::db::schema::{guests, offers, room_types, rooms, stays, users};

/// An offer that was made.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the tables")]
pub struct Past {
    pub id: i64,
    pub person_id: i64,
    pub stay_id: i64,
    pub rule_id: i64,
    pub kind: Kind,
    pub room_type_id: Option<i64>,
    pub type_name: Option<String>,
    pub room: Option<String>,
    pub nights: i64,
    pub price_minor: i64,
    pub currency: String,
    pub value: Option<i64>,
    pub state: State,
    pub made_on: NaiveDate,
    pub made_by: Option<i64>,
    pub clerk: Option<String>,
    pub held_until: NaiveDateTime,
    pub declined_for: Option<Declined>,
}

impl Past {
    /// Whether price and room still wait for an answer.
    pub fn is_held(&self, now: NaiveDateTime) -> bool {
        self.state == State::Held && self.held_until > now
    }
}

macro_rules! made {
    () => {
        offers::table
            .inner_join(stays::table.inner_join(guests::table))
            .left_join(room_types::table.on(room_types::id.nullable().eq(offers::room_type_id)))
            .left_join(rooms::table.on(rooms::id.nullable().eq(offers::room_id)))
            .left_join(users::table.on(users::id.nullable().eq(offers::made_by)))
            .order(offers::id)
            .select((
                offers::id,
                guests::person_id,
                offers::stay_id,
                offers::rule_id,
                offers::kind,
                offers::room_type_id,
                room_types::name.nullable(),
                rooms::number.nullable(),
                offers::nights,
                offers::price_minor,
                offers::currency,
                offers::value,
                offers::state,
                offers::made_on,
                offers::made_by,
                users::display_name.nullable(),
                offers::held_until,
                offers::declined_for,
            ))
    };
}

/// What still counts of the offers made to these persons: held, taken or declined within a year. One query.
pub fn of_persons(
    conn: &mut Conn,
    persons: &[i64],
    today: NaiveDate,
    now: NaiveDateTime,
) -> QueryResult<HashMap<i64, Vec<Past>>> {
    let mut found: HashMap<i64, Vec<Past>> = HashMap::new();
    if persons.is_empty() {
        return Ok(found);
    }
    let made: Vec<Past> = crate::with_ids!(
        made!()
            .filter(offers::made_on.ge(today - TimeDelta::days(365)))
            .filter(offers::state.eq_any([State::Held, State::Accepted, State::Declined])),
        guests::person_id,
        persons
    )
    .load(conn)?;
    for past in made {
        if past.state != State::Held || past.is_held(now) {
            found.entry(past.person_id).or_default().push(past);
        }
    }
    Ok(found)
}

/// One offer.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Past> {
    made!().filter(offers::id.eq(id)).first(conn)
}
