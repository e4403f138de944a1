//! `innkeeper points`.

use super::user::Failure;
use crate::clock;
use crate::db::Database;
use crate::error::Fault;
use crate::loyalty::{expiry, review};
use crate::properties::Property;

/// Let points lapse that are past their last day, and look at every member's tier again.
///
/// Safe to run twice, on two nodes at once, and while others work; broken off, it goes on where it stood. The day is that
/// of the house whose day is the earliest.
#[derive(clap::Args, Debug)]
pub struct Points {}

impl Points {
    /// Does both, and says how much it was.
    pub fn run(&self, db: &Database) -> Result<u8, String> {
        let houses = db
            .read(|conn| Ok::<_, Failure>(Property::all(conn)?))
            .map_err(|failure| failure.0)?;
        let today = expiry::today(&houses, clock::now());
        let lapsed = expiry::run(db, today).map_err(told)?;
        let reviewed = review::run(db, today).map_err(told)?;
        println!(
            "{} points of {} accounts lapsed; {} tiers raised, {} lost, as of {today}",
            lapsed.points, lapsed.accounts, reviewed.raised, reviewed.lost
        );
        Ok(0)
    }
}

pub(super) fn told(fault: Fault) -> String {
    match fault {
        Fault::Database(error) => error.to_string(),
        Fault::Unavailable(error) => error.to_string(),
        Fault::Refused(_) | Fault::Invalid(_) | Fault::NotFound => {
            "the database changed underneath".into()
        }
    }
}
