//! The night: letters that go to the right guests, in their language, exactly once.

mod about;
mod checked;
mod command;
mod delivering;
mod desk;
mod heeding;
mod killing;
mod letters;
mod members;
mod planning;
mod returned;
mod sealed;
mod settings;
mod stopping;
mod unsubscribing;
mod walk;

use std::sync::atomic::AtomicBool;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{greeting_attempts, greetings, properties, stays};
use innkeeper::greetings::deliver::{self, Post, Totals};
use innkeeper::greetings::links::House;
use innkeeper::greetings::planning::{Plan, When};
use innkeeper::greetings::runs::{self, Planned};
use innkeeper::greetings::settings::Settings;
use innkeeper::greetings::smtp::Server;
use innkeeper::greetings::{Occasion, State};
use innkeeper::guests::contacts::Email;
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::jobs::Work;
use innkeeper::properties::Property;
use innkeeper::stays::{Decision, Status};

use crate::support::app::TestApp;
use crate::support::smtp::Smtp;
use crate::support::world::keys;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The day most of these tests are about.
pub fn the_day() -> NaiveDate {
    day("2026-05-02")
}

/// A house with nobody in it yet.
pub fn house(app: &TestApp) -> i64 {
    app.sql(|conn| {
        diesel::insert_into(properties::table)
            .values((
                properties::code.eq("RIV"),
                properties::name.eq("Riverside"),
                properties::time_zone.eq("Asia/Shanghai"),
                properties::currency.eq("CNY"),
                properties::language.eq("en"),
                properties::created_at.eq(clock::now()),
            ))
            .returning(properties::id)
            .get_result(conn)
    })
}

/// Somebody who agreed to letters and was born on the day.
pub fn somebody(name: &str) -> NewProfile {
    NewProfile {
        source: "test".into(),
        external_id: Some(name.into()),
        given_name: Some(name.into()),
        family_name: Some("Guest".into()),
        birth_date: NaiveDate::from_ymd_opt(1980, 5, 2),
        email: Email::parse(&format!("{}@example.com", name.to_lowercase())).ok(),
        email_consent: Some(true),
        ..NewProfile::default()
    }
}

pub fn invite(app: &TestApp, profiles: &[NewProfile]) -> Vec<i64> {
    app.sql(|conn| profile::create(conn, &keys(), profiles, clock::now()))
}

/// So many guests with a birthday on the day.
pub fn many(app: &TestApp, count: usize) -> Vec<i64> {
    let profiles: Vec<NewProfile> = (0..count)
        .map(|index| somebody(&format!("G{index}")))
        .collect();
    invite(app, &profiles)
}

/// A stay of a guest in the only house.
pub fn stay(app: &TestApp, guest: i64, status: Status, arrival: &str, departure: &str) -> i64 {
    app.sql(|conn| {
        let house: i64 = properties::table.select(properties::id).first(conn)?;
        let count: i64 = stays::table.count().get_result(conn)?;
        diesel::insert_into(stays::table)
            .values((
                stays::property_id.eq(house),
                stays::confirmation_number.eq(format!("S{count}")),
                stays::guest_id.eq(guest),
                stays::status.eq(status),
                stays::arrival.eq(day(arrival)),
                stays::departure.eq(day(departure)),
                stays::currency.eq("CNY"),
                stays::decision.eq(Decision::New),
                stays::created_at.eq(clock::now()),
                stays::updated_at.eq(clock::now()),
            ))
            .returning(stays::id)
            .get_result(conn)
    })
}

pub fn plan_for(app: &TestApp, day: NaiveDate) -> Plan {
    let (houses, settings) = app.sql(|conn| Ok((Property::all(conn)?, Settings::load(conn)?)));
    Plan {
        day,
        first_house: houses[0].id,
        houses,
        settings,
        when: When::AtOnce,
        now: clock::now(),
    }
}

/// Plans the day.
pub fn plan(app: &TestApp) -> Planned {
    plan_on(app, the_day())
}

pub fn plan_on(app: &TestApp, day: NaiveDate) -> Planned {
    runs::run(&app.app.db, &plan_for(app, day), || true, |_, _| ()).unwrap()
}

pub fn decide(app: &TestApp, change: impl FnOnce(&mut Settings)) {
    app.sql(|conn| {
        let mut settings = Settings::load(conn)?;
        change(&mut settings);
        settings.save(conn)
    });
}

pub fn post(server: &Smtp) -> Post {
    Post {
        server: Server::parse(&server.url()).unwrap(),
        house: House {
            base_url: "https://hotel.example".into(),
            from: "hello@hotel.example".into(),
        },
    }
}

/// Sends what is due.
pub fn send(app: &TestApp, server: &Smtp) -> Totals {
    try_send(app, server).unwrap()
}

pub fn try_send(app: &TestApp, server: &Smtp) -> Result<Totals, String> {
    let over = AtomicBool::new(false);
    let keys = keys();
    let work = Work::new(&app.app.db, &keys, &|_| (), &over);
    deliver::run(&work, &post(server), &mut |_| ())
}

/// The letters as they stand: address, occasion, state, and why it was dropped.
pub fn letters(app: &TestApp) -> Vec<(String, Occasion, State, Option<String>)> {
    app.sql(|conn| {
        greetings::table
            .order(greetings::id)
            .select((
                greetings::mailbox,
                greetings::occasion,
                greetings::state,
                greetings::reason,
            ))
            .load(conn)
    })
}

pub fn states(app: &TestApp) -> Vec<State> {
    letters(app).into_iter().map(|letter| letter.2).collect()
}

/// What was said about all letters, attempt by attempt.
pub fn conversations(app: &TestApp) -> Vec<(State, String)> {
    app.sql(|conn| {
        greeting_attempts::table
            .order(greeting_attempts::id)
            .select((greeting_attempts::outcome, greeting_attempts::conversation))
            .load(conn)
    })
}

/// Lets the time pass until the next attempts.
pub fn wait(app: &TestApp) {
    let now = clock::now();
    app.sql(|conn| {
        diesel::update(greetings::table)
            .set(greetings::next_try_at.eq(now))
            .execute(conn)
    });
}

/// Lets the leases of a dead process run out.
pub fn lapse(app: &TestApp) {
    let past: NaiveDateTime = clock::now() - chrono::TimeDelta::seconds(1);
    app.sql(|conn| {
        diesel::update(greetings::table.filter(greetings::holder.is_not_null()))
            .set(greetings::lease_until.eq(past))
            .execute(conn)
    });
}
