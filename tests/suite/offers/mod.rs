//! Offers: chosen by rules, held, taken, declined and taken back; never more than the limits say.

mod choosing;
mod desk;
mod managing;
mod racing;
mod taking;
mod walking;

use diesel::prelude::*;
use innkeeper::db::schema::{offer_rules, offers, room_nights, room_types, rooms, stays};
use innkeeper::offers::rule::Terms;
use innkeeper::offers::{Kind, Moment, Pricing, State, stored};

use crate::support::app::TestApp;
use crate::support::client::{Client, Page};
use crate::support::world::today;

/// A rule of the first house for everybody, for nothing, and for a month.
pub fn terms(property_id: i64, name: &str, kind: Kind) -> Terms {
    Terms {
        property_id,
        name: name.into(),
        tier: None,
        least_stays: None,
        channels: String::new(),
        occasion: None,
        vip: false,
        direct: false,
        open_case: false,
        occupancy_least: None,
        occupancy_most: None,
        days_least: None,
        days_most: None,
        moment: Moment::Any,
        kind,
        steps: None,
        room_type_id: None,
        pricing: Pricing::Free,
        price_minor: None,
        percent: None,
        value: None,
        cost_minor: 0,
        per_day: None,
        per_guest: None,
        budget_minor: None,
        priority: 50,
        starts_on: today() - chrono::TimeDelta::days(10),
        ends_on: today() + chrono::TimeDelta::days(20),
    }
}

/// Puts these rules in the place of the demo's, and of what it has told its guests; returns their ids.
pub fn rules(app: &TestApp, all: &[Terms]) -> Vec<i64> {
    let house = app.property_id("RIV");
    let ids = app.sql(|conn| {
        diesel::update(offer_rules::table)
            .set(offer_rules::retired_at.eq(innkeeper::clock::now()))
            .execute(conn)?;
        diesel::delete(offers::table).execute(conn)?;
        all.iter()
            .map(|terms| stored::add(conn, terms, None))
            .collect()
    });
    app.app.offers.forget(house);
    ids
}

pub fn type_id(app: &TestApp, code: &str) -> i64 {
    app.sql(|conn| {
        room_types::table
            .filter(room_types::code.eq(code))
            .select(room_types::id)
            .first(conn)
    })
}

/// The room of a stay, and the code of its type.
pub fn room_of(app: &TestApp, stay: i64) -> (String, String) {
    app.sql(|conn| {
        stays::table
            .inner_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .inner_join(room_types::table.on(room_types::id.eq(rooms::room_type_id)))
            .filter(stays::id.eq(stay))
            .select((rooms::number, room_types::code))
            .first(conn)
    })
}

/// The rooms a stay has nights in.
pub fn nights_of(app: &TestApp, stay: i64) -> Vec<(String, chrono::NaiveDate)> {
    app.sql(|conn| {
        room_nights::table
            .inner_join(rooms::table)
            .filter(room_nights::stay_id.eq(stay))
            .order(room_nights::night)
            .select((rooms::number, room_nights::night))
            .load(conn)
    })
}

pub fn states(app: &TestApp, stay: i64) -> Vec<State> {
    app.sql(|conn| {
        offers::table
            .filter(offers::stay_id.eq(stay))
            .order(offers::id)
            .select(offers::state)
            .load(conn)
    })
}

/// Presses a button of an offer on a card.
pub async fn press(client: &Client, stay: i64, rule: i64, act: &str) -> Page {
    let rule = rule.to_string();
    let fields = [("rule", rule.as_str()), ("act", act), ("reason", "price")];
    client.post(&format!("/stays/{stay}/offers"), &fields).await
}

/// The offer of a stay that waits.
pub fn held(app: &TestApp, stay: i64) -> i64 {
    app.sql(|conn| {
        offers::table
            .filter(offers::stay_id.eq(stay))
            .filter(offers::state.eq(State::Held))
            .select(offers::id)
            .first(conn)
    })
}

pub async fn answer(client: &Client, stay: i64, offer: i64, what: &str) -> Page {
    let path = format!("/stays/{stay}/offers/{offer}/{what}");
    client.post(&path, &[("reason", "own_room")]).await
}
