//! The upgrade queue: who of today's arrivals gets the free upgrades there are, in an order that everybody can read.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::choose::{Choice, Facts, Offer};
use super::desk::{self, House};
use super::market::{HeldRoom, Market};
use super::past::{self, Past};
use super::{Kind, Occasion, Pricing, State, facts};
use crate::db::Conn;
use crate::db::schema::{guests, offers, stays};
use crate::properties::Reference;
use crate::stays::Status;
use crate::stays::board::Row;

/// What puts a guest before another, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The tier, and its rank.
    pub tier: Option<(String, i64)>,
    /// An apology is due.
    pub open_case: bool,
    /// Something to celebrate.
    pub occasion: Option<Occasion>,
    /// Nights of the stay.
    pub nights: i64,
    /// When an upgrade was last given to them.
    pub last: Option<NaiveDate>,
}

impl Claim {
    /// The higher tier first; then who is owed an apology; who has something to celebrate; who stays longer; who waited
    /// longer for an upgrade, or never had one.
    fn place(&self) -> impl Ord + use<> {
        (
            Reverse(self.tier.as_ref().map(|(_, rank)| *rank)),
            !self.open_case,
            self.occasion.is_none(),
            Reverse(self.nights),
            self.last,
        )
    }
}

/// Somebody in the queue.
#[derive(Clone, Debug)]
pub struct Place {
    /// The stay.
    pub stay_id: i64,
    /// What speaks for them.
    pub claim: Claim,
    /// What they get when their turn comes; none where the upgrades end before.
    pub offer: Option<Offer>,
}

/// Who has a claim, before any room is given.
struct Asking<'a> {
    row: &'a Row,
    facts: Facts,
    claim: Claim,
}

/// The queue of these arrivals: everybody whom a rule would give an upgrade, in order, with what is left for each when
/// those before are served.
pub fn queue(
    conn: &mut Conn,
    house: &House,
    rows: &[&Row],
    reference: &Reference,
    today: NaiveDate,
    now: NaiveDateTime,
) -> QueryResult<Vec<Place>> {
    let Some(property_id) = rows.first().map(|row| row.stay.property_id) else {
        return Ok(Vec::new());
    };
    let persons: Vec<i64> = rows.iter().map(|row| row.guest.person_id).collect();
    let past = past::of_persons(conn, &persons, today, now)?;
    let last = last_given(conn, &persons)?;
    let rank = |code: &str| facts::rank(reference, code);
    let free: Vec<_> = house
        .rules
        .iter()
        .filter(|rule| rule.terms.kind == Kind::Upgrade && rule.terms.pricing == Pricing::Free)
        .cloned()
        .collect();
    let choice = Choice {
        rules: &free,
        ..house.choice(&rank, today)
    };
    let mut asking: Vec<Asking<'_>> = rows
        .iter()
        .filter(|row| row.stay.status == Status::Reserved && desk::is_open(row, today))
        .map(|row| {
            let theirs: &[Past] = past.get(&row.guest.person_id).map_or(&[], Vec::as_slice);
            let facts = Facts::of(&row.visit(reference, today), &house.ladder, theirs);
            let claim = Claim {
                tier: facts.tier.clone(),
                open_case: facts.open_case,
                occasion: facts.occasions.first().copied(),
                nights: facts.nights,
                last: last.get(&row.guest.person_id).copied(),
            };
            Asking { row, facts, claim }
        })
        .filter(|asking| choice.wants_rooms(&asking.facts))
        .collect();
    asking.sort_by_cached_key(|asking| (asking.claim.place(), asking.row.stay.id));
    let to = asking.iter().map(|asking| asking.row.stay.departure).max();
    let mut market = match to {
        Some(to) => Market::load(conn, property_id, today, to, house.held.clone())?,
        None => Market::default(),
    };
    let mut used = house.used.clone();
    let mut places = Vec::new();
    for asking in asking {
        let stay = &asking.row.stay;
        let supply = house.supply(&asking.row.visit(reference, today), &market);
        let left = Choice {
            used: &used,
            ..choice
        };
        let offer = left.choose(&asking.facts, &supply).into_iter().next();
        if let Some(offer) = &offer {
            // Whoever comes after finds it gone.
            market.held.push(HeldRoom {
                stay_id: stay.id,
                room_id: offer.room_id,
                room_type_id: offer.target.as_ref().map(|kind| kind.id),
                arrival: stay.arrival,
                departure: stay.departure,
            });
            let own = used.entry(offer.rule_id).or_default();
            own.today += 1;
            own.cost_minor = own.cost_minor.saturating_add(offer.cost_minor);
        }
        places.push(Place {
            stay_id: stay.id,
            claim: asking.claim,
            offer,
        });
    }
    Ok(places)
}

/// When each of these persons was last given an upgrade for nothing.
fn last_given(conn: &mut Conn, persons: &[i64]) -> QueryResult<HashMap<i64, NaiveDate>> {
    let given: Vec<(i64, NaiveDate)> = offers::table
        .inner_join(stays::table.inner_join(guests::table))
        .filter(guests::person_id.eq_any(persons))
        .filter(offers::kind.eq(Kind::Upgrade))
        .filter(offers::state.eq(State::Accepted))
        .filter(offers::price_minor.eq(0_i64))
        .order(offers::made_on)
        .select((guests::person_id, offers::made_on))
        .load(conn)?;
    Ok(given.into_iter().collect())
}

/// Whether a stay is next: nobody before it is still to be served.
pub fn is_next(places: &[Place], stay_id: i64) -> bool {
    let next = places.iter().find(|place| place.offer.is_some());
    next.is_some_and(|place| place.stay_id == stay_id)
}
