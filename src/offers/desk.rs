//! What a card or a whole board offers, with the same few queries.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::choose::{Choice, Facts, Offer, Used};
use super::ladder::Ladder;
use super::market::{self, HeldRoom, Market, Seeker, Supply};
use super::past::{self, Past};
use super::rule::Rule;
use super::{SETTINGS, Settings, State, facts, stored};
use crate::db::Conn;
use crate::db::schema::offers;
use crate::fixed_sql;
use crate::properties::Reference;
use crate::rooms::{self, Room};
use crate::settings;
use crate::stays::Status;
use crate::stays::board::Row;
use crate::welcome::Visit;

/// A change made on another node is seen after this long; what is held or taken is counted anew when it is.
const FRESH: Duration = Duration::from_secs(5);

/// What offers of a house are chosen from, as read at one moment.
#[derive(Debug)]
pub struct House {
    /// The rules that hold, in their order.
    pub rules: Vec<Rule>,
    /// Decisions beside the rules.
    pub settings: Settings,
    /// Its room types.
    pub ladder: Ladder,
    /// Its rooms.
    pub rooms: Vec<Room>,
    /// Rooms that wait for an answer.
    pub held: Vec<HeldRoom>,
    /// How often each rule was used.
    pub used: HashMap<i64, Used>,
}

fixed_sql! {
    /// What offers cost. PostgreSQL sums BIGINT into NUMERIC, which diesel does not read as BigInt.
    Cost: BigInt = "CAST(coalesce(sum(offers.cost_minor), 0) AS BIGINT)"
}

impl House {
    /// Reads it.
    pub fn load(
        conn: &mut Conn,
        property_id: i64,
        today: NaiveDate,
        now: NaiveDateTime,
    ) -> QueryResult<Self> {
        let rules = stored::holding(conn, property_id, today)?;
        let used = used(conn, &rules, today, now)?;
        Ok(Self {
            settings: settings::get(conn, SETTINGS)?,
            ladder: Ladder::load(conn, property_id)?,
            rooms: rooms::of_property(conn, property_id)?,
            held: market::held(conn, property_id, now)?,
            rules,
            used,
        })
    }

    /// The rooms there are for a visit.
    pub fn supply(&self, visit: &Visit<'_>, market: &Market) -> Vec<Supply> {
        let seeker = Seeker {
            stay_id: visit.stay.id,
            from: facts::first_night(visit),
            to: visit.stay.departure,
            in_house: visit.stay.status == Status::InHouse,
            fitting: &facts::fitting(visit, &self.rooms),
        };
        market.supply(&self.rooms, &self.ladder, &self.settings, &seeker)
    }

    /// What offers are chosen from on a business date.
    pub fn choice<'a>(
        &'a self,
        rank: &'a dyn Fn(&str) -> Option<i64>,
        today: NaiveDate,
    ) -> Choice<'a> {
        Choice {
            rules: &self.rules,
            ladder: &self.ladder,
            rank,
            used: &self.used,
            today,
        }
    }
}

/// How often limited rules were used: taken and held alike, so that what is held can be taken.
fn used(
    conn: &mut Conn,
    rules: &[Rule],
    today: NaiveDate,
    now: NaiveDateTime,
) -> QueryResult<HashMap<i64, Used>> {
    let limited = |rule: &&Rule| rule.terms.per_day.is_some() || rule.terms.budget_minor.is_some();
    let ids: Vec<i64> = rules.iter().filter(limited).map(|rule| rule.id).collect();
    let mut used: HashMap<i64, Used> = HashMap::new();
    if ids.is_empty() {
        return Ok(used);
    }
    let is_counted = offers::state.eq(State::Accepted).or(offers::state
        .eq(State::Held)
        .and(offers::held_until.gt(now)));
    let days: Vec<(i64, NaiveDate, i64, i64)> = offers::table
        .filter(offers::rule_id.eq_any(&ids))
        .filter(is_counted)
        .group_by((offers::rule_id, offers::made_on))
        .select((
            offers::rule_id,
            offers::made_on,
            diesel::dsl::count_star(),
            Cost,
        ))
        .load(conn)?;
    for (rule_id, day, count, cost) in days {
        let used = used.entry(rule_id).or_default();
        used.cost_minor = used.cost_minor.saturating_add(cost);
        if day == today {
            used.today = count;
        }
    }
    Ok(used)
}

/// A house as it was read, when, and for which day.
type Read = (Instant, NaiveDate, Arc<House>);

/// Keeps the houses for a moment, so that they cost few queries a page.
#[derive(Default)]
pub struct Cache(RwLock<HashMap<i64, Read>>);

impl Cache {
    /// A house, read again when it is no longer fresh.
    pub fn get(
        &self,
        conn: &mut Conn,
        property_id: i64,
        today: NaiveDate,
        now: NaiveDateTime,
    ) -> QueryResult<Arc<House>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((read_at, day, house)) = kept.get(&property_id)
            && read_at.elapsed() < FRESH
            && *day == today
        {
            return Ok(Arc::clone(house));
        }
        drop(kept);
        let house = Arc::new(House::load(conn, property_id, today, now)?);
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(property_id, (Instant::now(), today, Arc::clone(&house)));
        Ok(house)
    }

    /// Forgets a house, after a change on this node.
    pub fn forget(&self, property_id: i64) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&property_id);
    }
}

/// What one stay is offered.
#[derive(Clone, Debug, Default)]
pub struct OnStay {
    /// What can be offered now, the first first.
    pub now: Vec<Offer>,
    /// What was made in this stay and still counts.
    pub made: Vec<Past>,
}

impl OnStay {
    /// The offer that waits for an answer.
    pub fn held(&self) -> Option<&Past> {
        self.made.iter().find(|past| past.state == State::Held)
    }
}

/// Whether a stay can be offered anything: to come or in the house, and nobody asks who it is.
pub fn is_open(row: &Row, today: NaiveDate) -> bool {
    row.is_open() && row.candidates.is_empty() && row.stay.departure >= today
}

/// What each of these stays of one house is offered: at most three queries, however many they are.
pub fn of_rows(
    conn: &mut Conn,
    house: &House,
    rows: &[&Row],
    reference: &Reference,
    today: NaiveDate,
    now: NaiveDateTime,
) -> QueryResult<HashMap<i64, OnStay>> {
    let Some(property_id) = rows.first().map(|row| row.stay.property_id) else {
        return Ok(HashMap::new());
    };
    let mut persons: Vec<i64> = rows.iter().map(|row| row.guest.person_id).collect();
    persons.sort_unstable();
    persons.dedup();
    let mut past = past::of_persons(conn, &persons, today, now)?;
    let rank = |code: &str| facts::rank(reference, code);
    let choice = house.choice(&rank, today);
    let asked: Vec<(&Row, Visit<'_>, Facts)> = rows
        .iter()
        .map(|row| {
            let visit = row.visit(reference, today);
            let theirs = past.get(&row.guest.person_id);
            let facts = Facts::of(&visit, &house.ladder, theirs.map_or(&[], Vec::as_slice));
            (*row, visit, facts)
        })
        .collect();
    let seeks = |(row, _, facts): &&(&Row, Visit<'_>, Facts)| {
        is_open(row, today) && choice.wants_rooms(facts)
    };
    let seeking: Vec<&Visit<'_>> = asked
        .iter()
        .filter(seeks)
        .map(|(_, visit, _)| visit)
        .collect();
    let from = seeking.iter().map(|visit| facts::first_night(visit)).min();
    let to = seeking.iter().map(|visit| visit.stay.departure).max();
    let market = match (from, to) {
        (Some(from), Some(to)) => Market::load(conn, property_id, from, to, house.held.clone())?,
        _ => Market::default(),
    };
    let mut found = HashMap::new();
    for (row, visit, facts) in &asked {
        let mut on_stay = OnStay::default();
        if is_open(row, today) {
            let supply = if choice.wants_rooms(facts) {
                house.supply(visit, &market)
            } else {
                Vec::new()
            };
            on_stay.now = choice.choose(facts, &supply);
            on_stay.now.truncate(house.settings.most_shown);
        }
        found.insert(row.stay.id, on_stay);
    }
    for made in past.drain().flat_map(|(_, made)| made) {
        if let Some(on_stay) = found.get_mut(&made.stay_id) {
            on_stay.made.push(made);
        }
    }
    Ok(found)
}
