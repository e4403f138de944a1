//! What guests agreed to, by channel and purpose. The record is appended to; the latest line holds.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::consents;

/// The source of what a guest said to us, not to a file or another system.
pub const BY_GUEST: &str = "guest";

/// What was agreed to or refused, as it stands.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Consent {
    pub channel: String,
    pub purpose: String,
    pub granted: bool,
    pub source: String,
    pub recorded_at: NaiveDateTime,
}

/// The consents of these profiles as they stand: for each channel and purpose the latest word.
pub fn of_guests(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<Vec<Consent>> {
    let all: Vec<Consent> = consents::table
        .filter(consents::guest_id.eq_any(guest_ids))
        .order((consents::recorded_at.desc(), consents::id.desc()))
        .select((
            consents::channel,
            consents::purpose,
            consents::granted,
            consents::source,
            consents::recorded_at,
        ))
        .load(conn)?;
    let mut standing: Vec<Consent> = Vec::new();
    for consent in all {
        if !standing
            .iter()
            .any(|known| (&known.channel, &known.purpose) == (&consent.channel, &consent.purpose))
        {
            standing.push(consent);
        }
    }
    Ok(standing)
}
