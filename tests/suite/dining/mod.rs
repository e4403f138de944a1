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
use innkeeper::checking;
use innkeeper::clock;
use innkeeper::db::schema::{dining_tables, dining_visit_tables, dining_visits, properties};
use innkeeper::dining::Status;
use innkeeper::error::Fault;

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
    let findings = app
        .app
        .db
        .read(|conn| Ok::<_, Fault>(checking::run(conn, clock::now(), |_| ())?))
        .unwrap();
    let broken: Vec<_> = findings.iter().filter(|one| !one.holds()).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

fn today() -> chrono::NaiveDate {
    crate::support::world::today()
}

/// A day in two weeks.
fn in_two_weeks() -> String {
    (today() + TimeDelta::days(14)).to_string()
}
