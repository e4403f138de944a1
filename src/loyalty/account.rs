//! Accounts: number, tier, and the balance the ledger gives.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::db::Conn;
use crate::db::schema::{guests, loyalty_accounts, loyalty_tiers};
use crate::fixed_sql;
use crate::properties::reference::Tier;

/// A loyalty account.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Account {
    pub id: i64,
    pub guest_id: i64,
    pub person_id: i64,
    pub number: String,
    pub tier: String,
    /// The sum of the ledger.
    pub points: i64,
}

fixed_sql! {
    /// The sum of an account's ledger. PostgreSQL sums BIGINT into NUMERIC, which diesel does not read as BigInt.
    Balance: BigInt =
        "(SELECT CAST(coalesce(sum(points), 0) AS BIGINT) FROM loyalty_entries WHERE account_id = loyalty_accounts.id)"
}

/// The open accounts of these persons, with their balances: of each person the highest tier first, then the oldest.
pub fn of_persons(conn: &mut Conn, persons: &[i64]) -> QueryResult<Vec<Account>> {
    crate::with_ids!(
        loyalty_accounts::table
            .inner_join(guests::table)
            .inner_join(loyalty_tiers::table.on(loyalty_tiers::code.eq(loyalty_accounts::tier)))
            .filter(loyalty_accounts::closed_at.is_null())
            .order((loyalty_tiers::rank.desc(), loyalty_accounts::id))
            .select((
                loyalty_accounts::id,
                loyalty_accounts::guest_id,
                guests::person_id,
                loyalty_accounts::number,
                loyalty_accounts::tier,
                Balance,
            )),
        guests::person_id,
        persons
    )
    .load(conn)
}

/// The highest tier that a year's nights reach.
pub fn tier_for(tiers: &[Tier], nights: i64) -> Option<&Tier> {
    tiers.iter().rfind(|tier| nights >= tier.nights)
}

/// The tier above, and the nights still to it.
pub fn next_tier<'a>(tiers: &'a [Tier], current: &str, nights: i64) -> Option<(&'a Tier, i64)> {
    let rank = tiers
        .iter()
        .find(|tier| tier.code == current)
        .map_or(-1, |tier| tier.rank);
    let next = tiers.iter().find(|tier| tier.rank > rank)?;
    Some((next, (next.nights - nights).max(1)))
}

/// Sets the tier, after a stay.
pub fn set_tier(conn: &mut Conn, account_id: i64, tier: &str) -> QueryResult<()> {
    diesel::update(loyalty_accounts::table.find(account_id))
        .set(loyalty_accounts::tier.eq(tier))
        .execute(conn)?;
    Ok(())
}
