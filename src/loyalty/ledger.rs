//! The ledger of points: what was earned, spent, adjusted, lapsed or taken back.

use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{earn_rules, loyalty_entries};
use crate::stays::folio::{Charge, Department};
use crate::text_enum;
use crate::words::minor_digits;

text_enum! {
    /// What an entry is.
    pub enum Kind {
        /// Points for a stay.
        Earn = "earn",
        /// Points spent.
        Redeem = "redeem",
        /// Put right by hand.
        Adjust = "adjust",
        /// Lapsed.
        Expire = "expire",
        /// Taken back with what earned them.
        Reverse = "reverse",
    }
}

/// Points of a stay lapse after this long.
const LIFE: Months = Months::new(36);

/// An entry as it is read.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Entry {
    pub kind: Kind,
    pub points: i64,
    pub reason: String,
    pub posted_on: NaiveDate,
    pub stay_id: Option<i64>,
}

/// The latest entries of these accounts, newest first.
pub fn entries(conn: &mut Conn, account_ids: &[i64], most: i64) -> QueryResult<Vec<Entry>> {
    loyalty_entries::table
        .filter(loyalty_entries::account_id.eq_any(account_ids))
        .order(loyalty_entries::id.desc())
        .limit(most)
        .select((
            loyalty_entries::kind,
            loyalty_entries::points,
            loyalty_entries::reason,
            loyalty_entries::posted_on,
            loyalty_entries::stay_id,
        ))
        .load(conn)
}

/// Points for each hundred of the major unit, by department, for one currency.
pub fn rules(conn: &mut Conn, currency: &str) -> QueryResult<Vec<(Department, i64)>> {
    earn_rules::table
        .filter(earn_rules::currency.eq(currency))
        .select((earn_rules::department, earn_rules::points_per_hundred))
        .load(conn)
}

/// The points charges earn: each department's total by its rule, rounded down once per department; never below zero.
pub fn points_for(charges: &[Charge], rules: &[(Department, i64)], currency: &str) -> i64 {
    let unit = 10_i64.pow(minor_digits(currency).unwrap_or(2));
    rules
        .iter()
        .map(|(department, per_hundred)| {
            let total: i64 = charges
                .iter()
                .filter(|charge| charge.department == *department && charge.currency == currency)
                .map(|charge| charge.amount_minor)
                .sum();
            total.max(0).saturating_mul(*per_hundred) / (100 * unit)
        })
        .sum()
}

/// Posts the points of a stay. The database allows it once a stay. Call it inside a write transaction.
pub fn earn(
    conn: &mut Conn,
    account_id: i64,
    stay_id: i64,
    points: i64,
    reason: &str,
    on: NaiveDate,
    by: Option<i64>,
) -> QueryResult<()> {
    if points <= 0 {
        return Ok(());
    }
    diesel::insert_into(loyalty_entries::table)
        .values((
            loyalty_entries::account_id.eq(account_id),
            loyalty_entries::kind.eq(Kind::Earn),
            loyalty_entries::points.eq(points),
            loyalty_entries::stay_id.eq(stay_id),
            loyalty_entries::reason.eq(reason),
            loyalty_entries::expires_on.eq(on.checked_add_months(LIFE)),
            loyalty_entries::posted_on.eq(on),
            loyalty_entries::posted_at.eq(clock::now()),
            loyalty_entries::posted_by.eq(by),
        ))
        .execute(conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(department: Department, amount_minor: i64) -> Charge {
        Charge {
            department,
            description: None,
            amount_minor,
            cost_minor: None,
            currency: "EUR".into(),
            posted_on: NaiveDate::MIN,
        }
    }

    #[test]
    fn points_follow_the_rule_of_each_department() {
        let rules = [(Department::Room, 100), (Department::Food, 50)];
        let charges = [
            charge(Department::Room, 18_050),
            charge(Department::Food, 4_000),
            charge(Department::Other, 9_900),
        ];
        assert_eq!(points_for(&charges, &rules, "EUR"), 180 + 20);
        assert_eq!(
            points_for(&[charge(Department::Room, -5_000)], &rules, "EUR"),
            0
        );
    }
}
