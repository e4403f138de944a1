//! Accounts: number, tier, and the balance the ledger gives.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::ledger::Balance;
use super::number;
use crate::db::Conn;
use crate::db::schema::{guests, loyalty_accounts, loyalty_tiers};
use crate::error::{Fault, FieldError};
use crate::guests::profile;
use crate::words::Message;

/// Longest number, in characters.
const MOST_CHARACTERS: usize = 64;

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

/// Sets the tier that a stay has reached, and on which day.
pub fn raise(conn: &mut Conn, account_id: i64, tier: &str, today: NaiveDate) -> QueryResult<()> {
    diesel::update(loyalty_accounts::table.find(account_id))
        .set((
            loyalty_accounts::tier.eq(tier),
            loyalty_accounts::below_since.eq(None::<NaiveDate>),
            loyalty_accounts::raised_on.eq(today),
        ))
        .execute(conn)?;
    Ok(())
}

/// Enrols a profile that has no account yet: under the number typed, or one of ours. Call it inside a write transaction.
pub fn enrol(
    conn: &mut Conn,
    guest_id: i64,
    typed: &str,
    today: NaiveDate,
) -> Result<String, Fault> {
    let wrong = |key, text: &str| {
        let message = Message::new(key).text("text", text);
        Fault::Invalid(vec![FieldError::new("number", message)])
    };
    let typed = typed.trim();
    if typed.chars().count() > MOST_CHARACTERS {
        return Err(wrong("error-number-long", typed));
    }
    let enrolled: i64 = loyalty_accounts::table
        .filter(loyalty_accounts::guest_id.eq(guest_id))
        .count()
        .get_result(conn)?;
    if enrolled > 0 {
        return Err(Message::new("refused-enrolled").into());
    }
    let number = if typed.is_empty() {
        loop {
            let number = number::make();
            if is_free(conn, &number)? {
                break number;
            }
        }
    } else if !number::is_right(typed) {
        return Err(wrong("error-number-check", typed));
    } else if !is_free(conn, typed)? {
        return Err(wrong("error-number-taken", typed));
    } else {
        typed.to_owned()
    };
    diesel::insert_into(loyalty_accounts::table)
        .values((
            loyalty_accounts::guest_id.eq(guest_id),
            loyalty_accounts::number.eq(&number),
            loyalty_accounts::enrolled_on.eq(today),
        ))
        .execute(conn)?;
    profile::rekey(conn, guest_id)?;
    Ok(number)
}

fn is_free(conn: &mut Conn, number: &str) -> QueryResult<bool> {
    let taken: i64 = loyalty_accounts::table
        .filter(loyalty_accounts::number.eq(number))
        .count()
        .get_result(conn)?;
    Ok(taken == 0)
}
