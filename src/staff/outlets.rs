//! Hosts who are tied to single restaurants of their houses.

use diesel::prelude::*;

use super::role::{Houses, Role};
use crate::db::Conn;
use crate::db::schema::{outlets, user_outlets};
use crate::dining::Outlet;
use crate::insert_rows;

/// The restaurants somebody's rights hold for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlets {
    /// All of their houses.
    All,
    /// These, by id.
    Only(Vec<i64>),
}

impl Outlets {
    /// Whether a restaurant is among them.
    pub fn include(&self, outlet_id: i64) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(&outlet_id),
        }
    }
}

/// What rights hold for, by the houses of an account and the restaurants it is tied to, each with its house: who is
/// tied has no business in other houses.
pub fn within(houses: Houses, tied: &[(i64, i64)]) -> (Houses, Outlets) {
    if tied.is_empty() {
        return (houses, Outlets::All);
    }
    let theirs = tied.iter().filter(|(_, house)| houses.include(*house));
    let (outlets, mut only): (Vec<i64>, Vec<i64>) = theirs.copied().unzip();
    only.sort_unstable();
    only.dedup();
    (Houses::Only(only), Outlets::Only(outlets))
}

/// Why an account can't be tied to restaurants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untied {
    /// Only hosts are.
    NotAHost,
    /// A restaurant, by name, is in none of the account's houses.
    OtherHouse(String),
}

/// Whether an account of that role and those houses can be tied to these restaurants.
pub fn check(role: Role, houses: &Houses, outlets: &[&Outlet]) -> Result<(), Untied> {
    let elsewhere = outlets
        .iter()
        .find(|outlet| !houses.include(outlet.property_id));
    match elsewhere {
        _ if outlets.is_empty() => Ok(()),
        _ if role != Role::Host => Err(Untied::NotAHost),
        Some(outlet) => Err(Untied::OtherHouse(outlet.name.clone())),
        None => Ok(()),
    }
}

/// Ties an account to these restaurants and no others; to none, and it is free in its houses. Call it inside a write
/// transaction.
pub fn tie(conn: &mut Conn, user_id: i64, outlets: &[&Outlet]) -> QueryResult<()> {
    diesel::delete(user_outlets::table.filter(user_outlets::user_id.eq(user_id))).execute(conn)?;
    let mut ids: Vec<i64> = outlets.iter().map(|outlet| outlet.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<_> = ids
        .into_iter()
        .map(|id| {
            (
                user_outlets::user_id.eq(user_id),
                user_outlets::outlet_id.eq(id),
            )
        })
        .collect();
    insert_rows!(conn, user_outlets::table, rows);
    Ok(())
}

/// The restaurants that accounts are tied to: the account, and code and name of the restaurant.
pub fn all(conn: &mut Conn) -> QueryResult<Vec<(i64, String, String)>> {
    user_outlets::table
        .inner_join(outlets::table)
        .order((user_outlets::user_id, outlets::code))
        .select((user_outlets::user_id, outlets::code, outlets::name))
        .load(conn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_tied_to_a_restaurant_has_no_business_in_other_houses() {
        let (houses, outlets) = within(Houses::All, &[]);
        assert_eq!((houses, outlets), (Houses::All, Outlets::All));
        let (houses, outlets) = within(Houses::All, &[(7, 1), (8, 1)]);
        assert_eq!(houses, Houses::Only(vec![1]));
        assert!(outlets.include(8) && !outlets.include(9));
        // A restaurant whose house was taken from the account opens nothing.
        let (houses, outlets) = within(Houses::Only(vec![2]), &[(7, 1)]);
        assert!(!houses.include(1) && !houses.include(2) && !outlets.include(7));
    }
}
