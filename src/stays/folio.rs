//! The folio: what a stay was charged, by department.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{folio_charges, guests, stays};
use crate::text_enum;

text_enum! {
    /// Which part of the house charged.
    pub enum Department {
        /// Lodging.
        Room = "room",
        /// Restaurants and bars.
        Food = "food",
        /// Spa and leisure.
        Spa = "spa",
        /// Minibar.
        Minibar = "minibar",
        /// Anything else.
        Other = "other",
    }
}

/// One line of a folio.
#[derive(Clone, Debug, PartialEq, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Charge {
    pub department: Department,
    pub description: Option<String>,
    /// Minor units; negative for a refund.
    pub amount_minor: i64,
    pub cost_minor: Option<i64>,
    pub currency: String,
    pub posted_on: NaiveDate,
}

/// The lines of a stay, in the order they were posted.
pub fn of_stay(conn: &mut Conn, stay_id: i64) -> QueryResult<Vec<Charge>> {
    folio_charges::table
        .filter(folio_charges::stay_id.eq(stay_id))
        .order(folio_charges::id)
        .select((
            folio_charges::department,
            folio_charges::description,
            folio_charges::amount_minor,
            folio_charges::cost_minor,
            folio_charges::currency,
            folio_charges::posted_on,
        ))
        .load(conn)
}

/// What a person spent: property, department, currency and amount of each line.
pub fn spend_of_person(
    conn: &mut Conn,
    person_id: i64,
) -> QueryResult<Vec<(i64, Department, String, i64)>> {
    folio_charges::table
        .inner_join(stays::table.inner_join(guests::table))
        .filter(guests::person_id.eq(person_id))
        .select((
            stays::property_id,
            folio_charges::department,
            folio_charges::currency,
            folio_charges::amount_minor,
        ))
        .load(conn)
}

/// Posts lines to a stay's folio; `reference` makes each line arrive once. Call it inside a write transaction.
pub fn post(conn: &mut Conn, stay_id: i64, charges: &[Charge], reference: &str) -> QueryResult<()> {
    for (index, charge) in charges.iter().enumerate() {
        diesel::insert_into(folio_charges::table)
            .values((
                folio_charges::stay_id.eq(stay_id),
                folio_charges::department.eq(charge.department),
                folio_charges::description.eq(&charge.description),
                folio_charges::amount_minor.eq(charge.amount_minor),
                folio_charges::cost_minor.eq(charge.cost_minor),
                folio_charges::currency.eq(&charge.currency),
                folio_charges::posted_on.eq(charge.posted_on),
                folio_charges::reference.eq(format!("{reference}:{}:{index}", charge.department)),
                folio_charges::created_at.eq(clock::now()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// What the reference of an offer's line begins with.
pub const OFFER: &str = "offer-";

/// Whether lodging is on a stay's folio: what was sold on top of it, by an offer, is none.
pub fn has_lodging(conn: &mut Conn, stay_id: i64) -> QueryResult<bool> {
    let lines: i64 = folio_charges::table
        .filter(folio_charges::stay_id.eq(stay_id))
        .filter(folio_charges::department.eq(Department::Room))
        .filter(folio_charges::reference.not_like("offer-%"))
        .count()
        .get_result(conn)?;
    Ok(lines > 0)
}

/// How many times a stay's folio was corrected after check-out.
pub(super) fn corrections(conn: &mut Conn, stay_id: i64) -> QueryResult<usize> {
    let references: Vec<String> = folio_charges::table
        .filter(folio_charges::stay_id.eq(stay_id))
        .filter(folio_charges::reference.like("correction-%"))
        .select(folio_charges::reference)
        .load(conn)?;
    let numbers = references.iter().filter_map(|reference| {
        let (number, _) = reference.strip_prefix("correction-")?.split_once(':')?;
        number.parse().ok()
    });
    Ok(numbers.max().unwrap_or(0))
}
