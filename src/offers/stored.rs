//! The rules as they are kept.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::rule::{Rule, Terms};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::offer_rules;
use crate::error::Fault;

/// The rules of a house that were not taken away, in their order.
pub fn of_property(conn: &mut Conn, property_id: i64) -> QueryResult<Vec<Rule>> {
    offer_rules::table
        .filter(offer_rules::property_id.eq(property_id))
        .filter(offer_rules::retired_at.is_null())
        .order((offer_rules::priority, offer_rules::id))
        .select(Rule::as_select())
        .load(conn)
}

/// The rules of a house that hold on a business date, in their order.
pub fn holding(conn: &mut Conn, property_id: i64, date: NaiveDate) -> QueryResult<Vec<Rule>> {
    offer_rules::table
        .filter(offer_rules::property_id.eq(property_id))
        .filter(offer_rules::retired_at.is_null())
        .filter(offer_rules::starts_on.le(date))
        .filter(offer_rules::ends_on.ge(date))
        .order((offer_rules::priority, offer_rules::id))
        .select(Rule::as_select())
        .load(conn)
}

/// A rule that was not taken away.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Rule>> {
    offer_rules::table
        .find(id)
        .filter(offer_rules::retired_at.is_null())
        .select(Rule::as_select())
        .first(conn)
        .optional()
}

/// Makes a rule; returns its id.
pub fn add(conn: &mut Conn, terms: &Terms, by: Option<i64>) -> QueryResult<i64> {
    diesel::insert_into(offer_rules::table)
        .values((
            terms,
            offer_rules::made_at.eq(clock::now()),
            offer_rules::made_by.eq(by),
        ))
        .returning(offer_rules::id)
        .get_result(conn)
}

/// Changes what a rule says. Offers that are held stand on the terms they were made on.
pub fn change(conn: &mut Conn, id: i64, terms: &Terms) -> Result<(), Fault> {
    let rule = offer_rules::table
        .find(id)
        .filter(offer_rules::retired_at.is_null());
    match diesel::update(rule).set(terms).execute(conn)? {
        0 => Err(Fault::NotFound),
        _ => Ok(()),
    }
}

/// Takes a rule away; what was offered by it stays counted.
pub fn retire(conn: &mut Conn, id: i64) -> Result<(), Fault> {
    let rule = offer_rules::table
        .find(id)
        .filter(offer_rules::retired_at.is_null());
    let retired = diesel::update(rule)
        .set(offer_rules::retired_at.eq(clock::now()))
        .execute(conn)?;
    if retired == 0 {
        return Err(Fault::NotFound);
    }
    Ok(())
}
