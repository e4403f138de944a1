//! The rules of a stay; each refusal in words.

mod arriving;
mod ending;
mod leaving;
mod walk_in;

use crate::support::app::TestApp;
use crate::support::client::{Client, Page};
use crate::support::world::today;
use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::db::schema::{guests, loyalty_accounts, loyalty_entries, room_nights, rooms, stays};
use innkeeper::words::Language;

fn date(date: chrono::NaiveDate) -> String {
    Language::En.words().date(date)
}

async fn act(client: &Client, stay: i64, what: &str, fields: &[(&str, &str)]) -> Page {
    client.post(&format!("/stays/{stay}/{what}"), fields).await
}

fn room_of(app: &TestApp, stay: i64) -> Option<String> {
    app.sql(|conn| {
        stays::table
            .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .filter(stays::id.eq(stay))
            .select(rooms::number.nullable())
            .first(conn)
    })
}

fn set_room(app: &TestApp, number: &str, housekeeping: &str) {
    let changed = app.sql(|conn| {
        diesel::update(rooms::table.filter(rooms::number.eq(number)))
            .set(rooms::housekeeping.eq(housekeeping))
            .execute(conn)
    });
    assert_eq!(changed, 1);
}

fn housekeeping(app: &TestApp, number: &str) -> String {
    app.sql(|conn| {
        rooms::table
            .filter(rooms::number.eq(number))
            .select(rooms::housekeeping)
            .first(conn)
    })
}

fn nights(app: &TestApp, stay: i64) -> Vec<chrono::NaiveDate> {
    app.sql(|conn| {
        room_nights::table
            .filter(room_nights::stay_id.eq(stay))
            .order(room_nights::night)
            .select(room_nights::night)
            .load(conn)
    })
}

fn move_dates(app: &TestApp, stay: i64, arrives_in: i64, nights: i64) {
    let arrival = today() + TimeDelta::days(arrives_in);
    app.sql(|conn| {
        diesel::update(stays::table.find(stay))
            .set((
                stays::arrival.eq(arrival),
                stays::departure.eq(arrival + TimeDelta::days(nights)),
            ))
            .execute(conn)
    });
}

fn balance(app: &TestApp, stay: i64) -> i64 {
    app.sql(|conn| {
        let person: i64 = stays::table
            .inner_join(guests::table)
            .filter(stays::id.eq(stay))
            .select(guests::person_id)
            .first(conn)?;
        let points: Vec<i64> = loyalty_entries::table
            .inner_join(
                loyalty_accounts::table.on(loyalty_accounts::id.eq(loyalty_entries::account_id)),
            )
            .inner_join(guests::table.on(guests::id.eq(loyalty_accounts::guest_id)))
            .filter(guests::person_id.eq(person))
            .select(loyalty_entries::points)
            .load(conn)?;
        Ok(points.iter().sum())
    })
}
