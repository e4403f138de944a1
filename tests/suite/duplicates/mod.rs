//! Profiles that could be one person's: found, and decided.

mod deciding;
mod finding;

use std::ops::ControlFlow;

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{duplicate_pairs, duplicate_runs, guests};
use innkeeper::error::Fault;
use innkeeper::guests::contacts::Email;
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::recognition::duplicates::{self, Kind, Run, Scope};

use crate::support::app::TestApp;
use crate::support::world::keys;

pub(super) type Found = (String, String, Kind, f64);

/// All pairs, with the names of both.
pub(super) fn pairs(app: &TestApp) -> Vec<Found> {
    let rows: Vec<(i64, i64, Kind, f64)> = app.sql(|conn| {
        duplicate_pairs::table
            .order((duplicate_pairs::guest_id, duplicate_pairs::other_id))
            .select((
                duplicate_pairs::guest_id,
                duplicate_pairs::other_id,
                duplicate_pairs::kind,
                duplicate_pairs::probability,
            ))
            .load(conn)
    });
    let name = |id: i64| -> String {
        let (given, family): (Option<String>, Option<String>) = app.sql(|conn| {
            guests::table
                .find(id)
                .select((guests::given_name, guests::family_name))
                .first(conn)
        });
        format!(
            "{} {}",
            given.unwrap_or_default(),
            family.unwrap_or_default()
        )
    };
    rows.into_iter()
        .map(|(a, b, kind, probability)| (name(a), name(b), kind, probability))
        .collect()
}

pub(super) fn kind_of(app: &TestApp, one: &str, other: &str) -> Option<Kind> {
    let found = pairs(app);
    let pair = found.iter().find(|(a, b, ..)| a == one && b == other);
    pair.map(|(.., kind, _)| *kind)
}

pub(super) fn claim(app: &TestApp, scope: Scope) -> Result<Run, Fault> {
    app.app
        .db
        .write(|conn| duplicates::claim(conn, scope, None))
}

/// A run in small batches, stopped after so many.
pub(super) fn walk(app: &TestApp, scope: Scope, batches: usize) -> Run {
    let run = claim(app, scope).unwrap();
    let mut left = batches;
    duplicates::walk(&app.app.db, run, 7, |_| {
        left -= 1;
        if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap()
}

/// As if whoever is at it had been killed some time ago.
pub(super) fn let_the_claim_pass(app: &TestApp) {
    app.sql(|conn| {
        diesel::update(duplicate_runs::table.filter(duplicate_runs::finished_at.is_null()))
            .set(duplicate_runs::held_until.eq(clock::now() - TimeDelta::seconds(1)))
            .execute(conn)
    });
}

pub(super) fn count(app: &TestApp) -> i64 {
    app.sql(|conn| guests::table.count().get_result(conn))
}

pub(super) fn add(app: &TestApp, profiles: &[NewProfile]) -> Vec<i64> {
    app.sql(|conn| profile::create(conn, &keys(), profiles, clock::now()))
}

pub(super) fn known(given: &str, family: &str, email: &str) -> NewProfile {
    NewProfile {
        source: "test".into(),
        given_name: Some(given.into()),
        family_name: Some(family.into()),
        email: Email::parse(email).ok(),
        ..NewProfile::default()
    }
}

pub(super) fn person(app: &TestApp, id: i64) -> i64 {
    app.sql(|conn| guests::table.find(id).select(guests::person_id).first(conn))
}

/// The profiles of a family name, the oldest first, with the ids they are addressed by.
pub(super) fn called(app: &TestApp, family: &str) -> Vec<(i64, String)> {
    app.sql(|conn| {
        guests::table
            .filter(
                guests::family_name
                    .eq(family)
                    .or(guests::given_name.eq(family.to_uppercase())),
            )
            .order(guests::id)
            .select((guests::id, guests::public_id))
            .load(conn)
    })
}
