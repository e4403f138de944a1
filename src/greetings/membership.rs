//! What a member is written to about: points that lapse soon, and a tier that was reached.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable};

use super::letter::Facts;
use crate::db::Conn;
use crate::db::schema::{guests, loyalty_accounts, loyalty_lots, loyalty_tiers};
use crate::fixed_sql;

/// Days on which a letter to a member may still be written, where a stronger occasion took the first.
pub const GRACE: i64 = 3;

/// Points that lapse soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapsing {
    /// How many.
    pub points: i64,
    /// The last day on which the first of them can be used.
    pub from: NaiveDate,
    /// The same of the last of them.
    pub to: NaiveDate,
}

/// A tier that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// Its code.
    pub tier: String,
    /// What its stays earn on top, in percent.
    pub bonus: i64,
    /// When.
    pub on: NaiveDate,
}

fixed_sql! {
    /// The last day of a lot, so that SQLite looks for lots by person: by day it would read all that lapse in a month again
    /// for every window, and where points lapse with the year that is nearly all.
    LastDay: Nullable<Date> = "nullif(loyalty_lots.expires_on, NULL)"
}

/// Which persons.
#[derive(Clone, Copy, Debug)]
enum Persons<'a> {
    /// From one to another.
    From(i64, i64),
    /// These.
    These(&'a [i64]),
}

/// What is left of lots that can be used on a day, and no longer after a later one: person, points, and their last day.
fn lots(
    conn: &mut Conn,
    persons: Persons<'_>,
    day: NaiveDate,
    until: NaiveDate,
) -> QueryResult<Vec<(i64, i64, NaiveDate)>> {
    let open = loyalty_lots::table
        .inner_join(loyalty_accounts::table.inner_join(guests::table))
        .filter(loyalty_accounts::closed_at.is_null())
        .filter(loyalty_lots::remaining.gt(0))
        .filter(LastDay.between(day, until))
        .select((
            guests::person_id,
            loyalty_lots::remaining,
            loyalty_lots::expires_on.assume_not_null(),
        ))
        .into_boxed();
    let own = match persons {
        Persons::From(first, last) => open.filter(guests::person_id.between(first, last)),
        Persons::These(ids) => open.filter(guests::person_id.eq_any(ids)),
    };
    own.load(conn)
}

/// The points of these persons, from one to another, that can be used on a day, and no longer after a later one.
pub fn lapsing(
    conn: &mut Conn,
    (first, last): (i64, i64),
    day: NaiveDate,
    until: NaiveDate,
) -> QueryResult<Vec<(i64, Lapsing)>> {
    let mut found: BTreeMap<i64, Lapsing> = BTreeMap::new();
    for (person, points, on) in lots(conn, Persons::From(first, last), day, until)? {
        let none = Lapsing {
            points: 0,
            from: on,
            to: on,
        };
        let own = found.entry(person).or_insert(none);
        own.points = own.points.saturating_add(points);
        own.from = own.from.min(on);
        own.to = own.to.max(on);
    }
    Ok(found.into_iter().collect())
}

/// The tiers these persons, from one to another, reached in the days before one; of a person the latest.
///
/// The day of a tier is that of the house where it was reached, which may lie behind another's: so more days than one are
/// looked at, and who was told is left out later.
pub fn raised(
    conn: &mut Conn,
    persons: (i64, i64),
    day: NaiveDate,
) -> QueryResult<Vec<(i64, Raised)>> {
    let rows: Vec<(i64, String, i64, Option<NaiveDate>)> = loyalty_accounts::table
        .inner_join(guests::table)
        .inner_join(loyalty_tiers::table.on(loyalty_tiers::code.eq(loyalty_accounts::tier)))
        .filter(guests::person_id.between(persons.0, persons.1))
        .filter(loyalty_accounts::closed_at.is_null())
        .filter(loyalty_accounts::raised_on.ge(day - TimeDelta::days(GRACE)))
        .filter(loyalty_accounts::raised_on.lt(day))
        .order((loyalty_accounts::raised_on, loyalty_accounts::id))
        .select((
            guests::person_id,
            loyalty_accounts::tier,
            loyalty_tiers::bonus_percent,
            loyalty_accounts::raised_on,
        ))
        .load(conn)?;
    let latest: BTreeMap<i64, Raised> = rows
        .into_iter()
        .filter_map(|(person, tier, bonus, on)| {
            let on = on?;
            Some((person, Raised { tier, bonus, on }))
        })
        .collect();
    Ok(latest.into_iter().collect())
}

/// The persons about whose points or tier a letter no longer tells the truth.
pub fn changed(
    conn: &mut Conn,
    letters: &[(i64, Facts)],
    day: NaiveDate,
) -> QueryResult<HashSet<i64>> {
    let of_points: Vec<(i64, i64, NaiveDate)> = letters
        .iter()
        .filter_map(|(person, told)| Some((*person, told.points?, told.lapse_to?)))
        .collect();
    let of_tier: Vec<(i64, &str)> = letters
        .iter()
        .filter_map(|(person, told)| Some((*person, told.tier.as_deref()?)))
        .collect();
    let mut changed = HashSet::new();
    if let Some(until) = of_points.iter().map(|letter| letter.2).max() {
        let persons: Vec<i64> = of_points.iter().map(|letter| letter.0).collect();
        let left = lots(conn, Persons::These(&persons), day, until)?;
        for (person, points, to) in of_points {
            let own = left.iter().filter(|lot| lot.0 == person && lot.2 <= to);
            if own.map(|lot| lot.1).sum::<i64>() != points {
                changed.insert(person);
            }
        }
    }
    if !of_tier.is_empty() {
        let persons: Vec<i64> = of_tier.iter().map(|(person, _)| *person).collect();
        let accounts: Vec<(i64, String)> = loyalty_accounts::table
            .inner_join(guests::table)
            .filter(guests::person_id.eq_any(persons))
            .filter(loyalty_accounts::closed_at.is_null())
            .select((guests::person_id, loyalty_accounts::tier))
            .load(conn)?;
        let has = |(person, tier): &(i64, &str)| {
            let mut accounts = accounts.iter();
            accounts.any(|(owner, now)| owner == person && now == tier)
        };
        let lost = of_tier.iter().filter(|letter| !has(letter));
        changed.extend(lost.map(|(person, _)| *person));
    }
    Ok(changed)
}
