//! Accounts: number, tier, and the balance the ledger gives.

use diesel::prelude::*;

use super::ledger::Balance;
use crate::db::Conn;
use crate::db::schema::{guests, loyalty_accounts, loyalty_tiers};

/// A loyalty account.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Account {
    pub id: i64,
    pub guest_id: i64,
    pub person_id: i64,
    pub number: String,
    pub tier: String,
    /// What its lots hold.
    pub points: i64,
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

/// Sets the tier that a stay has reached.
pub fn raise(conn: &mut Conn, account_id: i64, tier: &str) -> QueryResult<()> {
    diesel::update(loyalty_accounts::table.find(account_id))
        .set((
            loyalty_accounts::tier.eq(tier),
            loyalty_accounts::below_since.eq(None::<chrono::NaiveDate>),
        ))
        .execute(conn)?;
    Ok(())
}
