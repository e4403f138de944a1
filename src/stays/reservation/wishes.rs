//! What guests asked for with their bookings is evidence of what they like.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::{Reservation, codes};
use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::preferences;
use crate::insert_rows;
use crate::outbox::Event;

/// One wish of one guest in this batch.
struct Wish {
    is_need: bool,
    property_id: i64,
    stay_id: i64,
    noted_on: NaiveDate,
    times: i64,
    /// Whether others are told.
    is_news: bool,
}

/// The wishes of a batch, by guest and code.
#[derive(Default)]
pub(super) struct Wishes(BTreeMap<(i64, &'static str), Wish>);

#[derive(Insertable)]
#[diesel(table_name = preferences)]
struct PreferenceRow {
    guest_id: i64,
    code: &'static str,
    strength: &'static str,
    source: &'static str,
    noted_at_property_id: i64,
    noted_stay_id: i64,
    noted_on: NaiveDate,
    times: i64,
    chances: i64,
    created_at: NaiveDateTime,
}

impl Wishes {
    /// Notes the requests of a reservation, but for those its stay had before.
    pub(super) fn note(
        &mut self,
        given: &Reservation,
        stay_id: i64,
        guest_id: i64,
        before: Option<&str>,
    ) {
        let noted_on = given.booked_on.unwrap_or(given.arrival);
        for feature in given.wishes() {
            if codes(before).any(|old| old.code == feature.code) {
                continue;
            }
            let wish = self.0.entry((guest_id, feature.code)).or_insert(Wish {
                is_need: feature.need,
                property_id: given.property_id,
                stay_id,
                noted_on,
                times: 0,
                is_news: false,
            });
            wish.times += 1;
            wish.is_news |= given.is_news();
            if noted_on >= wish.noted_on {
                (wish.property_id, wish.stay_id, wish.noted_on) =
                    (given.property_id, stay_id, noted_on);
            }
        }
    }

    /// Stores them, and returns what others are to be told.
    pub(super) fn store(self, conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Vec<Event>> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let guests: Vec<i64> = self.0.keys().map(|(guest_id, _)| *guest_id).collect();
        let stored: Vec<(i64, String, i64, NaiveDate)> = preferences::table
            .filter(among(preferences::guest_id, guests))
            .filter(preferences::source.eq("stated"))
            .filter(preferences::property_id.is_null())
            .filter(preferences::retired_at.is_null())
            .select((
                preferences::guest_id,
                preferences::code,
                preferences::id,
                preferences::noted_on,
            ))
            .load(conn)?;
        let stored: HashMap<(i64, String), (i64, NaiveDate)> = stored
            .into_iter()
            .map(|(guest_id, code, id, noted_on)| ((guest_id, code), (id, noted_on)))
            .collect();
        let mut rows = Vec::new();
        let mut told = Vec::new();
        for ((guest_id, code), wish) in self.0 {
            let stored = stored.get(&(guest_id, code.to_owned()));
            if wish.is_news {
                let change = stored.map_or("noted", |_| "confirmed");
                told.push(Event::of_preference(change, guest_id, code).house(wish.property_id));
            }
            match stored {
                Some((id, noted_on)) => wish.repeat(conn, *id, *noted_on)?,
                None => rows.push(wish.row(guest_id, code, now)),
            }
        }
        insert_rows!(conn, preferences::table, rows);
        Ok(told)
    }
}

impl Wish {
    /// Asked for again: the same evidence, more often.
    fn repeat(&self, conn: &mut Conn, id: i64, noted_on: NaiveDate) -> QueryResult<()> {
        let repeated = (
            preferences::times.eq(preferences::times + self.times),
            preferences::chances.eq(preferences::chances + self.times),
        );
        let of_it = diesel::update(preferences::table.find(id));
        if self.noted_on > noted_on {
            of_it
                .set((
                    repeated,
                    preferences::noted_on.eq(self.noted_on),
                    preferences::noted_stay_id.eq(self.stay_id),
                    preferences::noted_at_property_id.eq(self.property_id),
                ))
                .execute(conn)?;
        } else {
            of_it.set(repeated).execute(conn)?;
        }
        Ok(())
    }

    fn row(&self, guest_id: i64, code: &'static str, created_at: NaiveDateTime) -> PreferenceRow {
        PreferenceRow {
            guest_id,
            code,
            strength: if self.is_need { "must" } else { "prefer" },
            source: "stated",
            noted_at_property_id: self.property_id,
            noted_stay_id: self.stay_id,
            noted_on: self.noted_on,
            times: self.times,
            chances: self.times,
            created_at,
        }
    }
}
