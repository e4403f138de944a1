//! Guessing passwords is made slow, by account and by address, whether the account exists or not.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::login_failures;

/// Failures count for this long.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failures of one account within the window before it has to wait.
const PER_ACCOUNT: i64 = 5;
/// Failures from one address: a whole house may share one.
const PER_ADDRESS: i64 = 30;

/// Whether a sign-in must wait. The answer does not depend on whether the account exists.
pub fn must_wait(conn: &mut Conn, account: &str, address: &str) -> QueryResult<bool> {
    let since = clock::now() - WINDOW;
    let recent = || {
        login_failures::table
            .filter(login_failures::at.gt(since))
            .count()
    };
    let of_account: i64 = recent()
        .filter(login_failures::account.eq(account))
        .get_result(conn)?;
    let of_address: i64 = recent()
        .filter(login_failures::address.eq(address))
        .get_result(conn)?;
    Ok(of_account >= PER_ACCOUNT || of_address >= PER_ADDRESS)
}

/// Counts a failure, and forgets those that no longer count.
pub fn failed(conn: &mut Conn, account: &str, address: &str) -> QueryResult<()> {
    let now = clock::now();
    diesel::delete(login_failures::table.filter(login_failures::at.lt(now - WINDOW)))
        .execute(conn)?;
    diesel::insert_into(login_failures::table)
        .values((
            login_failures::account.eq(account),
            login_failures::address.eq(address),
            login_failures::at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A success clears the account's failures.
pub fn succeeded(conn: &mut Conn, account: &str) -> QueryResult<()> {
    diesel::delete(login_failures::table.filter(login_failures::account.eq(account)))
        .execute(conn)?;
    Ok(())
}
