//! `innkeeper learn`.

use super::points::told;
use super::progress::Shown;
use crate::db::Database;
use crate::stays::lessons;

/// Learn from every stay on record what guests like: rooms they keep or leave, extras they order, when they arrive.
///
/// The same is done for a guest at each check-out; run this after an import of past stays, or after a change of the rules.
/// Safe to run twice and while others work; it takes a few hundred guests at a time.
#[derive(clap::Args, Debug)]
pub struct Learn {}

impl Learn {
    /// Walks to the end, and says what was learned.
    pub fn run(&self, db: &Database) -> Result<u8, String> {
        let mut shown = Shown::new(None, "guests");
        let learned = lessons::learn_all(db, |learned| {
            shown.at(learned.persons, learned.persons);
        });
        shown.done();
        let learned = learned.map_err(told)?;
        println!(
            "{} guests: {} wishes learned, {} brought up to date, {} withdrawn",
            learned.persons, learned.noted, learned.updated, learned.withdrawn
        );
        Ok(0)
    }
}
