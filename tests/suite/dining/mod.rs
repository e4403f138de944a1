//! The restaurant: who is told what at the host stand, who sits where, and that no table is promised twice.

mod book;
mod meals;
mod menu;
mod offline;
mod plan;
mod races;
mod stand;
mod tied;
mod walk;

use chrono::{TimeDelta, Timelike};
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    dining_tables, dining_visit_tables, dining_visits, guests, properties,
};
use innkeeper::dining::{Meal, Status};
use innkeeper::words::{Language, Message};

use crate::support::app::TestApp;
use crate::support::sitemap;

pub const STAND: &str = "/restaurant/riverside";

/// In the last hour before a house's day ends nobody is promised a table for the evening: there the clock on its wall is
/// put back by two.
fn before_the_night_ends(app: &TestApp) {
    let now = clock::now();
    let local = now + TimeDelta::hours(8);
    if local.hour() == 3 {
        app.sql(|conn| {
            diesel::update(properties::table)
                .set(properties::time_zone.eq("Etc/GMT-6"))
                .execute(conn)
        });
        app.app.reference.forget();
    }
}

/// Whether a page counts the regular's meals to the number: those that are over and the one to come, of the meal it speaks
/// of. Which that is, the clock on the wall decides.
fn counts(app: &TestApp, language: Language, told: &str) -> bool {
    let over: Vec<Meal> = app.sql(|conn| {
        let regular = guests::table.filter(guests::family_name.eq_any(["Ouyang", "OUYANG"]));
        dining_visits::table
            .filter(dining_visits::guest_id.eq_any(regular.select(guests::id.nullable())))
            .filter(dining_visits::status.eq(Status::Left))
            .select(dining_visits::meal)
            .load(conn)
    });
    assert!(over.len() >= 8, "the regular has a history: {over:?}");
    [
        (Meal::Breakfast, "nth-breakfast"),
        (Meal::Lunch, "nth-lunch"),
        (Meal::Tea, "nth-tea"),
        (Meal::Dinner, "nth-dinner"),
        (Meal::Late, "nth-late"),
    ]
    .into_iter()
    .any(|(meal, key)| {
        let times = over.iter().filter(|one| **one == meal).count() + 1;
        let nth = Message::new(key).ordinal("number", i64::try_from(times).unwrap());
        told.contains(&format!("· {}", language.words().tell(&nth)))
    })
}

/// The id of a table, as forms send it.
fn table(app: &TestApp, name: &str) -> String {
    sitemap::table(app, name).to_string()
}

/// The latest party.
fn newest(app: &TestApp) -> i64 {
    app.sql(|conn| {
        dining_visits::table
            .order(dining_visits::id.desc())
            .select(dining_visits::id)
            .first(conn)
    })
}

fn status(app: &TestApp, visit: i64) -> Status {
    app.sql(|conn| {
        dining_visits::table
            .find(visit)
            .select(dining_visits::status)
            .first(conn)
    })
}

/// The names of the tables at which a party sits or sat.
fn tables_of(app: &TestApp, visit: i64) -> Vec<String> {
    app.sql(|conn| {
        dining_visit_tables::table
            .inner_join(dining_tables::table)
            .filter(dining_visit_tables::visit_id.eq(visit))
            .order(dining_tables::id)
            .select(dining_tables::name)
            .load(conn)
    })
}

/// Everything that can be asked of the database is as it should be.
fn all_is_well(app: &TestApp) {
    assert_eq!(app.broken(), []);
}

fn today() -> chrono::NaiveDate {
    crate::support::world::today()
}

/// A day in two weeks.
fn in_two_weeks() -> String {
    (today() + TimeDelta::days(14)).to_string()
}
