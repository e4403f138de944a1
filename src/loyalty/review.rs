//! Tiers looked at again: raised at once, lost after their grace; see [`programme`](super::programme).

use std::collections::HashMap;

use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use super::earning;
use super::programme::{self, SETTINGS, Settings, Standing, Year};
use crate::db::schema::{guests, loyalty_accounts, loyalty_tiers, stays};
use crate::db::{Conn, Database};
use crate::error::Fault;
use crate::properties::reference::Tier;
use crate::settings;
use crate::stays::Status;

/// Accounts in one transaction.
const CHUNK: i64 = 500;

/// How many tiers changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reviewed {
    /// Raised.
    pub raised: u64,
    /// Lost.
    pub lost: u64,
}

/// Looks at every open account as of a day, a few hundred at a time. Done twice it changes nothing.
pub fn run(db: &Database, today: NaiveDate) -> Result<Reviewed, Fault> {
    let mut all = Reviewed::default();
    let mut after = Some(0);
    while let Some(last) = after {
        let (next, some) = db.write(|conn| Ok::<_, Fault>(some(conn, last, today)?))?;
        all.raised += some.raised;
        all.lost += some.lost;
        after = next;
    }
    Ok(all)
}

/// The tiers of the programme, the lowest first.
pub fn tiers(conn: &mut Conn) -> QueryResult<Vec<Tier>> {
    loyalty_tiers::table
        .order(loyalty_tiers::rank)
        .select(Tier::as_select())
        .load(conn)
}

/// An account to be looked at.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id.
    pub account_id: i64,
    /// Where it stands.
    pub standing: Standing,
    /// The person's last twelve months.
    pub year: Year,
    /// The person's nights.
    pub lifetime_nights: i64,
}

/// Open accounts after an id, with what decides their tier.
pub fn members(
    conn: &mut Conn,
    after: i64,
    most: i64,
    today: NaiveDate,
) -> QueryResult<Vec<Member>> {
    type Row = (i64, i64, String, Option<NaiveDate>);
    let rows: Vec<Row> = loyalty_accounts::table
        .inner_join(guests::table)
        .filter(loyalty_accounts::id.gt(after))
        .filter(loyalty_accounts::closed_at.is_null())
        .order(loyalty_accounts::id)
        .limit(most)
        .select((
            loyalty_accounts::id,
            guests::person_id,
            loyalty_accounts::tier,
            loyalty_accounts::below_since,
        ))
        .load(conn)?;
    let Some(since) = today.checked_sub_months(Months::new(12)) else {
        return Ok(Vec::new());
    };
    let persons: Vec<i64> = rows.iter().map(|row| row.1).collect();
    let accounts: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let past: Vec<(i64, NaiveDate, NaiveDate)> = stays::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(&persons))
        .filter(stays::status.eq_any([Status::Departed, Status::InHouse]))
        .select((guests::person_id, stays::arrival, stays::departure))
        .load(conn)?;
    let mut years: HashMap<i64, (Year, i64)> = HashMap::new();
    for (person, arrival, departure) in past {
        let (year, lifetime) = years.entry(person).or_default();
        let until = departure.min(today);
        year.nights += (until - arrival.max(since)).num_days().max(0);
        year.stays += i64::from(departure > since && arrival <= today);
        *lifetime += (until - arrival).num_days().max(0);
    }
    let earned = earning::earned_since(conn, &accounts, since)?;
    Ok(rows
        .into_iter()
        .map(|(account_id, person, tier, below_since)| {
            let (mut year, lifetime_nights) = years.get(&person).copied().unwrap_or_default();
            year.points = earned.get(&account_id).copied().unwrap_or_default();
            Member {
                account_id,
                standing: Standing { tier, below_since },
                year,
                lifetime_nights,
            }
        })
        .collect())
}

/// Looks at some accounts after an id; where to go on, unless it was all. Call it inside a write transaction.
pub fn some(conn: &mut Conn, after: i64, today: NaiveDate) -> QueryResult<(Option<i64>, Reviewed)> {
    let tiers = tiers(conn)?;
    let settings: Settings = settings::get(conn, SETTINGS)?;
    let members = members(conn, after, CHUNK, today)?;
    let rank = |code: &str| {
        let tier = tiers.iter().find(|tier| tier.code == code);
        tier.map(|tier| tier.rank)
    };
    let mut reviewed = Reviewed::default();
    for member in &members {
        let (now, year) = (&member.standing, member.year);
        let next = programme::review(&tiers, &settings, now, year, member.lifetime_nights, today);
        if next == *now {
            continue;
        }
        // Only what was read is changed: a check-out may have raised it meanwhile.
        let account = loyalty_accounts::table
            .find(member.account_id)
            .filter(loyalty_accounts::tier.eq(&now.tier));
        let is_other = next.tier != now.tier;
        let is_raised = is_other && rank(&next.tier) > rank(&now.tier);
        let changed = diesel::update(account)
            .set((
                loyalty_accounts::tier.eq(&next.tier),
                loyalty_accounts::below_since.eq(next.below_since),
                is_other.then(|| loyalty_accounts::raised_on.eq(is_raised.then_some(today))),
            ))
            .execute(conn)?;
        if changed == 1 && is_other {
            match is_raised {
                true => reviewed.raised += 1,
                false => reviewed.lost += 1,
            }
        }
    }
    let is_last = members.len() < CHUNK as usize;
    let last = members.last().filter(|_| !is_last);
    Ok((last.map(|member| member.account_id), reviewed))
}
