//! What a group of houses decides about recognition: how careful it is, and which addresses agencies relay.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model;
use crate::db::Conn;
use crate::db::schema::guest_contacts;
use crate::guests::contacts::{Email, Relays};
use crate::guests::likeness;
use crate::settings;

/// Addresses read at once when the relays change.
const AT_ONCE: i64 = 10_000;

/// What was decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Wrong links among ten thousand bookings, at most.
    pub wrong: f64,
    /// The share of bookings that somebody is asked about, at most.
    pub asked: f64,
    /// Relays met beside those known everywhere.
    pub relays: Relays,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            wrong: model::WRONG,
            asked: model::ASKED,
            relays: Relays::default(),
        }
    }
}

impl Settings {
    /// Its name among the settings.
    pub(super) const NAME: &str = "recognition";

    /// As it stands: one query.
    pub fn load(conn: &mut Conn) -> QueryResult<Self> {
        settings::get(conn, Self::NAME)
    }

    /// Decides how careful recognition is. Bookings recognised from now on follow it.
    pub fn take_care(conn: &mut Conn, wrong: f64, asked: f64) -> QueryResult<()> {
        let settings = Self {
            wrong,
            asked,
            ..Self::load(conn)?
        };
        settings::set(conn, Self::NAME, &settings)
    }

    /// Adds a relay or takes one away, and looks at the stored addresses again: what is relayed identifies nobody. How
    /// many turned out otherwise; nothing where there was nothing to do. Call it inside a write transaction.
    pub fn relay(conn: &mut Conn, pattern: &str, is_one: bool) -> QueryResult<Option<usize>> {
        let mut settings = Self::load(conn)?;
        if !settings.relays.set(pattern, is_one) {
            return Ok(None);
        }
        settings::set(conn, Self::NAME, &settings)?;
        mask_again(conn, &settings.relays).map(Some)
    }
}

/// Looks at every stored address again, and returns how many turned out otherwise.
fn mask_again(conn: &mut Conn, relays: &Relays) -> QueryResult<usize> {
    let (mut last, mut changed) = (0, 0);
    loop {
        let stored: Vec<(i64, i64, String, bool)> = guest_contacts::table
            .filter(guest_contacts::kind.eq("email"))
            .filter(guest_contacts::id.gt(last))
            .order(guest_contacts::id)
            .limit(AT_ONCE)
            .select((
                guest_contacts::id,
                guest_contacts::guest_id,
                guest_contacts::folded,
                guest_contacts::masked,
            ))
            .load(conn)?;
        let Some((id, ..)) = stored.last() else {
            return Ok(changed);
        };
        last = *id;
        for masked in [true, false] {
            let turned: Vec<&(i64, i64, String, bool)> = stored
                .iter()
                .filter(|(.., folded, was)| {
                    let email = Email::parse(folded).map(|email| email.seen_by(relays));
                    *was != masked && email.is_ok_and(|email| email.is_masked() == masked)
                })
                .collect();
            let ids: Vec<i64> = turned.iter().map(|(id, ..)| *id).collect();
            let mut guests: Vec<i64> = turned.iter().map(|(_, guest_id, ..)| *guest_id).collect();
            guests.dedup();
            diesel::update(guest_contacts::table.filter(guest_contacts::id.eq_any(&ids)))
                .set(guest_contacts::masked.eq(masked))
                .execute(conn)?;
            likeness::rewrite(conn, &guests)?;
            changed += ids.len();
        }
    }
}
