//! What a stay earns: once, on terms that are kept, so that it can be worked out again at any time.
//!
//! [`due`] is the one place that says what a stay should have earned. A check-out posts it; after a correction of the
//! stay or its folio [`settle`] posts the difference; `innkeeper check` compares it with the ledger.
//!
//! What is taken back of points that were spent already is owed: a balance is never below zero. It is taken from what
//! the next stay earns.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::Account;
use super::ledger::{self, Kind, NewEntry};
use super::programme::{Rules, SETTINGS, Settings};
use super::rules;
use crate::clock;
use crate::db::schema::{folio_charges, loyalty_debts, loyalty_earnings, loyalty_entries, stays};
use crate::db::{Conn, dialect};
use crate::properties::reference::Tier;
use crate::settings;
use crate::staff::audit::Actor;
use crate::stays::folio::Department;
use crate::stays::{Status, Stay};

/// The terms a stay earns on.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Terms {
    pub stay_id: i64,
    pub account_id: i64,
    pub rules_id: i64,
    pub bonus_percent: i64,
    pub most: Option<i64>,
    pub currency: String,
    pub status: Status,
    pub confirmation_number: String,
}

macro_rules! terms {
    () => {
        loyalty_earnings::table
            .inner_join(stays::table.on(stays::id.eq(loyalty_earnings::stay_id)))
            .order(loyalty_earnings::stay_id)
            .select((
                loyalty_earnings::stay_id,
                loyalty_earnings::account_id,
                loyalty_earnings::rules_id,
                loyalty_earnings::bonus_percent,
                loyalty_earnings::most,
                stays::currency,
                stays::status,
                stays::confirmation_number,
            ))
    };
}

/// The terms of these stays; none of those that earn nothing.
pub fn terms(conn: &mut Conn, stay_ids: &[i64]) -> QueryResult<Vec<Terms>> {
    crate::with_ids!(terms!(), loyalty_earnings::stay_id, stay_ids).load(conn)
}

/// The terms of stays after an id, in the order of their ids.
pub fn terms_after(conn: &mut Conn, after: i64, most: i64) -> QueryResult<Vec<Terms>> {
    terms!()
        .filter(loyalty_earnings::stay_id.gt(after))
        .limit(most)
        .load(conn)
}

/// Lets a stay earn on an account from now on, on the terms of today, and posts its points. Once a stay: a stay that
/// earns already changes nothing. Call it inside a write transaction.
pub fn begin(
    conn: &mut Conn,
    stay: &Stay,
    account: &Account,
    tiers: &[Tier],
    on: NaiveDate,
    by: Option<Actor>,
) -> QueryResult<i64> {
    if terms(conn, &[stay.id])?.is_empty() {
        dialect::lock_accounts(conn, &[account.id])?;
        let (rules_id, _) = rules::current(conn)?;
        let tier = tiers.iter().find(|tier| tier.code == account.tier);
        diesel::insert_into(loyalty_earnings::table)
            .values((
                loyalty_earnings::stay_id.eq(stay.id),
                loyalty_earnings::account_id.eq(account.id),
                loyalty_earnings::rules_id.eq(rules_id),
                loyalty_earnings::bonus_percent.eq(tier.map_or(0, |tier| tier.bonus_percent)),
                loyalty_earnings::most.eq(most(conn, account.id, on)?),
            ))
            .execute(conn)?;
    }
    settle(conn, &[stay.id], on, by)
}

/// What the caps leave to a stay that earns on a day.
fn most(conn: &mut Conn, account_id: i64, on: NaiveDate) -> QueryResult<Option<i64>> {
    let settings: Settings = settings::get(conn, SETTINGS)?;
    let Some(a_year) = settings.most_per_year else {
        return Ok(settings.most_per_stay);
    };
    let january = NaiveDate::from_ymd_opt(on.year(), 1, 1).unwrap_or(on);
    let earned: i64 = earned_since(conn, &[account_id], january)?.values().sum();
    let left = (a_year - earned).max(0);
    Ok(Some(left.min(settings.most_per_stay.unwrap_or(left))))
}

/// What stays earned for accounts from a day on.
pub fn earned_since(
    conn: &mut Conn,
    account_ids: &[i64],
    since: NaiveDate,
) -> QueryResult<HashMap<i64, i64>> {
    let entries: Vec<(i64, i64)> = loyalty_entries::table
        .filter(loyalty_entries::account_id.eq_any(account_ids))
        .filter(loyalty_entries::stay_id.is_not_null())
        .filter(loyalty_entries::posted_on.ge(since))
        .select((loyalty_entries::account_id, loyalty_entries::points))
        .load(conn)?;
    let mut earned = HashMap::new();
    for (account_id, points) in entries {
        *earned.entry(account_id).or_default() += points;
    }
    Ok(earned)
}

/// What stays should have earned, by id: by their folios, on their terms. A stay that did not take place earns nothing.
pub fn due(
    conn: &mut Conn,
    terms: &[Terms],
    known: &mut HashMap<i64, Rules>,
) -> QueryResult<HashMap<i64, i64>> {
    let ids: Vec<i64> = terms.iter().map(|terms| terms.stay_id).collect();
    let lines: Vec<(i64, Department, String, i64)> = crate::with_ids!(
        folio_charges::table.select((
            folio_charges::stay_id,
            folio_charges::department,
            folio_charges::currency,
            folio_charges::amount_minor,
        )),
        folio_charges::stay_id,
        ids.as_slice()
    )
    .load(conn)?;
    let mut folios: HashMap<i64, Vec<(Department, String, i64)>> = HashMap::new();
    for (stay_id, department, currency, amount) in lines {
        folios
            .entry(stay_id)
            .or_default()
            .push((department, currency, amount));
    }
    let mut due = HashMap::new();
    for terms in terms {
        let rules = match known.entry(terms.rules_id) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(rules::on_record(conn, terms.rules_id)?)
            }
        };
        let totals: Vec<(Department, i64)> = folios
            .remove(&terms.stay_id)
            .unwrap_or_default()
            .into_iter()
            .filter(|(_, currency, _)| *currency == terms.currency)
            .map(|(department, _, amount)| (department, amount))
            .collect();
        let points = match terms.status {
            Status::Departed => {
                rules.points(&totals, &terms.currency, terms.bonus_percent, terms.most)
            }
            _ => 0,
        };
        due.insert(terms.stay_id, points);
    }
    Ok(due)
}

/// What stands in the ledger for stays, by id: what was posted, and what of it is owed back.
pub fn posted(conn: &mut Conn, stay_ids: &[i64]) -> QueryResult<HashMap<i64, Posted>> {
    let mut posted: HashMap<i64, Posted> = HashMap::new();
    let entries: Vec<(Option<i64>, i64, Kind, i64)> = crate::with_ids!(
        loyalty_entries::table.select((
            loyalty_entries::stay_id,
            loyalty_entries::id,
            loyalty_entries::kind,
            loyalty_entries::points,
        )),
        loyalty_entries::stay_id.assume_not_null(),
        stay_ids
    )
    .load(conn)?;
    for (stay_id, id, kind, points) in entries {
        let posted = posted.entry(stay_id.unwrap_or_default()).or_default();
        posted.points += points;
        if kind == Kind::Earn {
            posted.earning = Some(id);
        }
    }
    let debts: Vec<(i64, i64)> = crate::with_ids!(
        loyalty_debts::table.select((loyalty_debts::stay_id, loyalty_debts::points)),
        loyalty_debts::stay_id,
        stay_ids
    )
    .load(conn)?;
    for (stay_id, points) in debts {
        posted.entry(stay_id).or_default().owed += points;
    }
    Ok(posted)
}

/// What stands in the ledger for a stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Posted {
    /// The entry that earned.
    pub earning: Option<i64>,
    /// The sum of its entries.
    pub points: i64,
    /// What is owed back.
    pub owed: i64,
}

/// Posts what stays, now that they or their folios have changed, should have earned more or less; how much that is in
/// all. Stays without terms are left alone. Call it inside a write transaction.
pub fn settle(
    conn: &mut Conn,
    stay_ids: &[i64],
    on: NaiveDate,
    by: Option<Actor>,
) -> QueryResult<i64> {
    let terms = terms(conn, stay_ids)?;
    if terms.is_empty() {
        return Ok(0);
    }
    let accounts: Vec<i64> = terms.iter().map(|terms| terms.account_id).collect();
    dialect::lock_accounts(conn, &accounts)?;
    let mut known = HashMap::new();
    let due = due(conn, &terms, &mut known)?;
    let mut change = 0;
    for terms in &terms {
        // Read one by one: what an earlier stay earned may have paid what this one owes.
        let posted = posted(conn, &[terms.stay_id])?
            .remove(&terms.stay_id)
            .unwrap_or_default();
        let due = due.get(&terms.stay_id).copied().unwrap_or_default();
        let difference = due - (posted.points - posted.owed);
        let lapse = known.get(&terms.rules_id).and_then(|rules| rules.lapse(on));
        let settlement = Settlement {
            terms,
            posted,
            on,
            by,
        };
        match difference {
            0 => {}
            1.. => settlement.give(conn, difference, lapse)?,
            _ => settlement.take_back(conn, -difference)?,
        }
        change += difference;
    }
    Ok(change)
}

struct Settlement<'a> {
    terms: &'a Terms,
    posted: Posted,
    on: NaiveDate,
    by: Option<Actor>,
}

impl Settlement<'_> {
    fn entry(&self, kind: Kind, points: i64) -> NewEntry<'_> {
        NewEntry {
            stay_id: Some(self.terms.stay_id),
            ..NewEntry::new(
                self.terms.account_id,
                kind,
                points,
                &self.terms.confirmation_number,
                self.on,
                self.by,
            )
        }
    }

    fn give(&self, conn: &mut Conn, points: i64, expires_on: Option<NaiveDate>) -> QueryResult<()> {
        let forgiven = self.posted.owed.min(points);
        if forgiven > 0 {
            owe(conn, self.terms, -forgiven, None, self.on)?;
        }
        let given = points - forgiven;
        if given == 0 {
            return Ok(());
        }
        let kind = match self.posted.earning {
            None => Kind::Earn,
            Some(_) => Kind::Adjust,
        };
        let entry = NewEntry {
            expires_on,
            ..self.entry(kind, given)
        };
        entry.post(conn)?;
        repay(conn, self.terms.account_id, given, self.on, self.by)
    }

    fn take_back(&self, conn: &mut Conn, points: i64) -> QueryResult<()> {
        let taken = ledger::balance(conn, self.terms.account_id)?.min(points);
        if taken > 0 {
            let entry = NewEntry {
                reverses_id: self.posted.earning,
                ..self.entry(Kind::Reverse, -taken)
            };
            entry.post(conn)?;
        }
        if taken < points {
            owe(conn, self.terms, points - taken, None, self.on)?;
        }
        Ok(())
    }
}

fn owe(
    conn: &mut Conn,
    terms: &Terms,
    points: i64,
    entry_id: Option<i64>,
    on: NaiveDate,
) -> QueryResult<()> {
    diesel::insert_into(loyalty_debts::table)
        .values((
            loyalty_debts::account_id.eq(terms.account_id),
            loyalty_debts::stay_id.eq(terms.stay_id),
            loyalty_debts::points.eq(points),
            loyalty_debts::entry_id.eq(entry_id),
            loyalty_debts::posted_on.eq(on),
            loyalty_debts::posted_at.eq(clock::now()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes what an account owes from what it has just earned, the oldest stay first.
fn repay(
    conn: &mut Conn,
    account_id: i64,
    mut earned: i64,
    on: NaiveDate,
    by: Option<Actor>,
) -> QueryResult<()> {
    let owing: Vec<i64> = loyalty_debts::table
        .filter(loyalty_debts::account_id.eq(account_id))
        .order(loyalty_debts::stay_id)
        .select(loyalty_debts::stay_id)
        .distinct()
        .load(conn)?;
    if owing.is_empty() {
        return Ok(());
    }
    let posted = posted(conn, &owing)?;
    for terms in terms(conn, &owing)? {
        let posted = posted.get(&terms.stay_id).copied().unwrap_or_default();
        let paid = posted.owed.min(earned);
        if paid <= 0 {
            continue;
        }
        let settlement = Settlement {
            terms: &terms,
            posted,
            on,
            by,
        };
        let entry = NewEntry {
            reverses_id: posted.earning,
            ..settlement.entry(Kind::Reverse, -paid)
        };
        let entry_id = entry.post(conn)?;
        owe(conn, &terms, -paid, Some(entry_id), on)?;
        earned -= paid;
    }
    Ok(())
}

/// What an account owes.
pub fn owed(conn: &mut Conn, account_ids: &[i64]) -> QueryResult<i64> {
    let debts: Vec<i64> = loyalty_debts::table
        .filter(loyalty_debts::account_id.eq_any(account_ids))
        .select(loyalty_debts::points)
        .load(conn)?;
    Ok(debts.iter().sum())
}
