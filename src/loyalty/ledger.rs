//! The ledger of points: what was earned, spent, adjusted, lapsed or taken back, in lots that lapse.
//!
//! An entry is posted and nothing else: the database opens its lot, or takes it from the lots that lapse first, and
//! refuses what the balance does not hold.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::clock;
use crate::db::schema::{loyalty_accounts, loyalty_entries, loyalty_lots};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::staff::audit::Actor;
use crate::words::Message;
use crate::{fixed_sql, text_enum};

text_enum! {
    /// What an entry is.
    pub enum Kind {
        /// Points for a stay.
        Earn = "earn",
        /// Points spent.
        Redeem = "redeem",
        /// Put right.
        Adjust = "adjust",
        /// Lapsed.
        Expire = "expire",
        /// Taken back with what earned them.
        Reverse = "reverse",
    }
}

/// The most points of one entry made by hand.
pub const MOST: i64 = 10_000_000;

/// An entry as it is read.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Entry {
    pub id: i64,
    pub account_id: i64,
    pub kind: Kind,
    pub points: i64,
    pub reason: String,
    pub posted_on: NaiveDate,
    pub expires_on: Option<NaiveDate>,
    pub stay_id: Option<i64>,
    pub reverses_id: Option<i64>,
}

/// The latest entries of these accounts before an id, newest first.
pub fn entries(
    conn: &mut Conn,
    account_ids: &[i64],
    before: Option<i64>,
    most: i64,
) -> QueryResult<Vec<Entry>> {
    loyalty_entries::table
        .filter(loyalty_entries::account_id.eq_any(account_ids))
        .filter(loyalty_entries::id.lt(before.unwrap_or(i64::MAX)))
        .order(loyalty_entries::id.desc())
        .limit(most)
        .select((
            loyalty_entries::id,
            loyalty_entries::account_id,
            loyalty_entries::kind,
            loyalty_entries::points,
            loyalty_entries::reason,
            loyalty_entries::posted_on,
            loyalty_entries::expires_on,
            loyalty_entries::stay_id,
            loyalty_entries::reverses_id,
        ))
        .load(conn)
}

/// Points that came together and lapse together.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Lot {
    /// What was gained.
    pub points: i64,
    /// What of it is left.
    pub remaining: i64,
    /// The last day it can be used; none is for ever.
    pub expires_on: Option<NaiveDate>,
}

/// The lots of these accounts that still hold points, in the order they are used.
pub fn lots(conn: &mut Conn, account_ids: &[i64]) -> QueryResult<Vec<Lot>> {
    loyalty_lots::table
        .filter(loyalty_lots::account_id.eq_any(account_ids))
        .filter(loyalty_lots::remaining.gt(0))
        .order((
            loyalty_lots::expires_on.is_null(),
            loyalty_lots::expires_on,
            loyalty_lots::entry_id,
        ))
        .select((
            loyalty_lots::points,
            loyalty_lots::remaining,
            loyalty_lots::expires_on,
        ))
        .load(conn)
}

fixed_sql! {
    /// What is left in an account's lots. PostgreSQL sums BIGINT into NUMERIC, which diesel does not read as BigInt.
    Balance: BigInt =
        "(SELECT CAST(coalesce(sum(remaining), 0) AS BIGINT) FROM loyalty_lots WHERE account_id = loyalty_accounts.id AND remaining > 0)"
}

/// What an account holds.
pub fn balance(conn: &mut Conn, account_id: i64) -> QueryResult<i64> {
    loyalty_accounts::table
        .find(account_id)
        .select(Balance)
        .first(conn)
}

/// The account an entry is on.
pub fn account_of_entry(conn: &mut Conn, entry_id: i64) -> QueryResult<i64> {
    loyalty_entries::table
        .find(entry_id)
        .select(loyalty_entries::account_id)
        .first(conn)
}

/// An entry to be posted.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct NewEntry<'a> {
    pub account_id: i64,
    pub kind: Kind,
    /// Below zero for a use.
    pub points: i64,
    pub stay_id: Option<i64>,
    pub reverses_id: Option<i64>,
    pub reward_id: Option<i64>,
    pub request_id: Option<i64>,
    pub reason: &'a str,
    /// Of a gain: the last day its points can be used. Of what lapses: the day it was gone by.
    pub expires_on: Option<NaiveDate>,
    pub on: NaiveDate,
    pub by: Option<Actor>,
}

impl<'a> NewEntry<'a> {
    /// An entry of an account, with nothing more said than this.
    pub fn new(
        account_id: i64,
        kind: Kind,
        points: i64,
        reason: &'a str,
        on: NaiveDate,
        by: Option<Actor>,
    ) -> Self {
        Self {
            account_id,
            kind,
            points,
            stay_id: None,
            reverses_id: None,
            reward_id: None,
            request_id: None,
            reason,
            expires_on: None,
            on,
            by,
        }
    }

    /// Posts it, and returns its id. Call it inside a write transaction.
    pub fn post(self, conn: &mut Conn) -> QueryResult<i64> {
        diesel::insert_into(loyalty_entries::table)
            .values((
                loyalty_entries::account_id.eq(self.account_id),
                loyalty_entries::kind.eq(self.kind),
                loyalty_entries::points.eq(self.points),
                loyalty_entries::stay_id.eq(self.stay_id),
                loyalty_entries::reason.eq(self.reason),
                loyalty_entries::expires_on.eq(self.expires_on),
                loyalty_entries::posted_on.eq(self.on),
                loyalty_entries::posted_at.eq(clock::now()),
                loyalty_entries::posted_by.eq(self.by.and_then(Actor::user_id)),
                loyalty_entries::token_id.eq(self.by.and_then(Actor::token_id)),
                loyalty_entries::reverses_id.eq(self.reverses_id),
                loyalty_entries::reward_id.eq(self.reward_id),
                loyalty_entries::request_id.eq(self.request_id),
            ))
            .returning(loyalty_entries::id)
            .get_result(conn)
    }
}

/// What is spent, and on what.
#[derive(Clone, Copy, Debug)]
pub struct Spending<'a> {
    /// Above zero.
    pub points: i64,
    /// In words.
    pub reason: &'a str,
    /// From the catalogue.
    pub reward_id: Option<i64>,
}

/// Spends points of a person's accounts, the first one's first; refuses what they do not hold together.
///
/// Call it inside a write transaction.
pub fn redeem(
    conn: &mut Conn,
    account_ids: &[i64],
    spending: Spending<'_>,
    on: NaiveDate,
    by: Actor,
) -> Result<(), Fault> {
    dialect::lock_accounts(conn, account_ids)?;
    let mut left = spending.points;
    let mut held = Vec::new();
    for account_id in account_ids {
        held.push((*account_id, balance(conn, *account_id)?));
    }
    let together: i64 = held.iter().map(|(_, points)| points).sum();
    if together < left {
        return Err(too_few(together, left));
    }
    for (account_id, points) in held {
        let part = points.min(left);
        if part == 0 {
            continue;
        }
        let entry = NewEntry {
            reward_id: spending.reward_id,
            ..NewEntry::new(
                account_id,
                Kind::Redeem,
                -part,
                spending.reason,
                on,
                Some(by),
            )
        };
        entry.post(conn)?;
        left -= part;
    }
    Ok(())
}

/// The refusal of a use that the balance does not hold.
pub(crate) fn too_few(held: i64, wanted: i64) -> Fault {
    Message::new("refused-points")
        .number("held", held)
        .number("wanted", wanted)
        .into()
}
