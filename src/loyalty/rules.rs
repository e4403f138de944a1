//! The rules as they stand, and as they stood when something was earned by them.

use diesel::prelude::*;

use super::programme::{EarnRule, Rules, SETTINGS, Settings};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{earn_rules, loyalty_rules};
use crate::settings;

/// The rules as they stand.
pub fn load(conn: &mut Conn) -> QueryResult<Rules> {
    let settings: Settings = settings::get(conn, SETTINGS)?;
    let earn: Vec<(crate::stays::folio::Department, String, i64)> = earn_rules::table
        .order((earn_rules::currency, earn_rules::department))
        .select((
            earn_rules::department,
            earn_rules::currency,
            earn_rules::points_per_hundred,
        ))
        .load(conn)?;
    let mut earn: Vec<EarnRule> = earn
        .into_iter()
        .map(|(department, currency, points_per_hundred)| EarnRule {
            department,
            currency,
            points_per_hundred,
        })
        .collect();
    earn.sort();
    Ok(Rules {
        life_months: settings.life_months,
        earn,
    })
}

/// The rules as they stand, on record: their id and themselves. Call it inside a write transaction.
pub fn current(conn: &mut Conn) -> QueryResult<(i64, Rules)> {
    let rules = load(conn)?;
    let latest: Option<(i64, String)> = loyalty_rules::table
        .order(loyalty_rules::id.desc())
        .select((loyalty_rules::id, loyalty_rules::rules))
        .first(conn)
        .optional()?;
    if let Some((id, text)) = latest
        && read(&text)? == rules
    {
        return Ok((id, rules));
    }
    let text = serde_json::to_string(&rules)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
    let id = diesel::insert_into(loyalty_rules::table)
        .values((
            loyalty_rules::rules.eq(text),
            loyalty_rules::made_at.eq(clock::now()),
        ))
        .returning(loyalty_rules::id)
        .get_result(conn)?;
    Ok((id, rules))
}

/// Rules on record.
pub fn on_record(conn: &mut Conn, id: i64) -> QueryResult<Rules> {
    let text: String = loyalty_rules::table
        .find(id)
        .select(loyalty_rules::rules)
        .first(conn)?;
    read(&text)
}

fn read(text: &str) -> QueryResult<Rules> {
    let mut rules: Rules = serde_json::from_str(text)
        .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))?;
    rules.earn.sort();
    Ok(rules)
}
