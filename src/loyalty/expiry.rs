//! Points lapse: what is left of a lot after the last day it could be used.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::ledger::{Kind, NewEntry};
use crate::db::schema::loyalty_lots;
use crate::db::{Conn, Database, dialect};
use crate::error::Fault;
use crate::properties::Property;

/// Accounts in one transaction.
const CHUNK: i64 = 500;

/// What lapsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lapsed {
    /// Of how many accounts.
    pub accounts: u64,
    /// How many points.
    pub points: i64,
}

/// The day of the house whose day is the earliest: nobody loses a point while it is still good somewhere.
pub fn today(properties: &[Property], now: chrono::NaiveDateTime) -> NaiveDate {
    let dates = properties.iter().map(|house| house.business_date(now));
    dates.min().unwrap_or_else(|| now.date())
}

/// Lets lapse what can no longer be used on a day, a few hundred accounts at a time.
///
/// Done twice, or on two nodes at once, it posts nothing twice; broken off, it goes on where it stood.
pub fn run(db: &Database, today: NaiveDate) -> Result<Lapsed, Fault> {
    let mut all = Lapsed::default();
    loop {
        let some = db.write(|conn| Ok::<_, Fault>(some(conn, today)?))?;
        all.accounts += some.accounts;
        all.points += some.points;
        if some.accounts == 0 {
            return Ok(all);
        }
    }
}

/// Lets the points of some accounts lapse; none is left when it is none. Call it inside a write transaction.
pub fn some(conn: &mut Conn, today: NaiveDate) -> QueryResult<Lapsed> {
    let overdue = loyalty_lots::remaining
        .gt(0)
        .and(loyalty_lots::expires_on.lt(today));
    let accounts: Vec<i64> = loyalty_lots::table
        .filter(overdue)
        .select(loyalty_lots::account_id)
        .distinct()
        .order(loyalty_lots::account_id)
        .limit(CHUNK)
        .load(conn)?;
    let mut lapsed = Lapsed::default();
    if accounts.is_empty() {
        return Ok(lapsed);
    }
    dialect::lock_accounts(conn, &accounts)?;
    // Read again under the lock: another node may have been quicker. An account counts as seen all the same.
    let left: Vec<(i64, i64)> = loyalty_lots::table
        .filter(overdue)
        .filter(loyalty_lots::account_id.eq_any(&accounts))
        .order(loyalty_lots::account_id)
        .select((loyalty_lots::account_id, loyalty_lots::remaining))
        .load(conn)?;
    lapsed.accounts = accounts.len() as u64;
    for lots in left.chunk_by(|a, b| a.0 == b.0) {
        let points: i64 = lots.iter().map(|(_, remaining)| remaining).sum();
        if let Some((account_id, _)) = lots.first() {
            let entry = NewEntry {
                expires_on: Some(today),
                ..NewEntry::new(*account_id, Kind::Expire, -points, "lapsed", today, None)
            };
            entry.post(conn)?;
            lapsed.points += points;
        }
    }
    Ok(lapsed)
}
