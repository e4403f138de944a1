//! The night in process: each house's day is planned when it begins, and letters go out as their hour comes.

use std::sync::OnceLock;

use diesel::prelude::*;

use super::deliver::{self, Post};
use super::outbox;
use super::planning::{Plan, When};
use super::runs;
use super::settings::Settings;
use crate::clock;
use crate::db::Conn;
use crate::jobs::Work;
use crate::properties::Property;

/// What this process sends with; read once, and what is wrong with it is said once.
fn post() -> Option<&'static Post> {
    static POST: OnceLock<Option<Post>> = OnceLock::new();
    POST.get_or_init(|| {
        Post::configured().unwrap_or_else(|error| {
            log::error!("no letters are sent: {error}");
            None
        })
    })
    .as_ref()
}

/// Whether this process can send letters.
pub fn sends() -> bool {
    post().is_some()
}

/// Whether a house lives a day that is not planned yet.
pub fn is_pending(conn: &mut Conn) -> QueryResult<bool> {
    if Settings::load(conn)?.paused {
        return Ok(false);
    }
    let houses = Property::all(conn)?;
    Ok(!runs::pending(conn, &houses, clock::now())?.is_empty())
}

/// Plans the days that have begun.
pub fn plan(work: &Work<'_>) -> Result<(), String> {
    let (houses, settings) = work.read(|conn| Ok((Property::all(conn)?, Settings::load(conn)?)))?;
    let now = clock::now();
    let days = work.read(|conn| runs::pending(conn, &houses, now))?;
    for (day, own) in days {
        let plan = Plan {
            day,
            houses: own,
            first_house: houses.first().map_or(0, |house| house.id),
            settings: settings.clone(),
            when: When::DecentHour,
            now,
        };
        runs::run(work.db, &plan, || work.goes_on(), |_, _| ())
            .map_err(|fault| format!("{fault:?}"))?;
    }
    Ok(())
}

/// Whether a letter can be sent now, or somebody died over one.
pub fn is_due(conn: &mut Conn) -> QueryResult<bool> {
    if post().is_none() {
        return Ok(false);
    }
    outbox::has_work(conn, clock::now())
}

/// Sends what is due.
pub fn send(work: &Work<'_>) -> Result<(), String> {
    match post() {
        Some(post) => deliver::run(work, post, &mut |_| ()).map(drop),
        None => Ok(()),
    }
}
