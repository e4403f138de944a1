//! What becomes of an offer: held while the clerk speaks, taken, declined, taken back. Each verb inside one write
//! transaction; the stay is held first, then all offering of its house.

mod effect;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::choose::{Facts, Offer};
use super::desk::{self, House};
use super::market::Market;
use super::past::{self, Past};
use super::rule::Rule;
use super::{Declined, Kind, State, facts};
use crate::db::schema::{offers, room_types, users};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::properties::{Property, Reference};
use crate::staff::audit::Line;
use crate::stays::arrive::{self, Acting};
use crate::stays::board::{self, Row};
use crate::stays::{Status, Stay};
use crate::words::{Message, Money};

/// Who offers, where and when.
#[derive(Clone, Copy)]
pub struct Making<'a> {
    /// Who, and on which business date.
    pub acting: Acting,
    /// The house.
    pub house: &'a Property,
    /// Tiers by rank.
    pub reference: &'a Reference,
    /// The moment.
    pub now: NaiveDateTime,
}

/// An offer as it is kept.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = offers)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Made {
    pub id: i64,
    pub rule_id: i64,
    pub property_id: i64,
    pub stay_id: i64,
    pub kind: Kind,
    pub room_type_id: Option<i64>,
    pub room_id: Option<i64>,
    pub from_room_id: Option<i64>,
    pub nights: i64,
    pub price_minor: i64,
    pub cost_minor: i64,
    pub currency: String,
    pub value: Option<i64>,
    pub state: State,
    pub made_on: chrono::NaiveDate,
    pub made_by: Option<i64>,
    pub held_until: NaiveDateTime,
    pub answered_by: Option<i64>,
    pub entry_id: Option<i64>,
}

/// What a clerk saw when pressing the button.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// The whole price; none where nothing was seen.
    pub price_minor: Option<i64>,
    /// Why this guest is served out of turn.
    pub out_of_turn: Option<&'a str>,
}

/// Holds an offer for a stay: price and room wait for the answer. Returns its id.
///
/// Asked again by the same clerk it is the same hold; another of this clerk's on the stay makes room for it.
pub fn hold(
    conn: &mut Conn,
    stay_id: i64,
    rule_id: i64,
    seen: Seen<'_>,
    making: &Making<'_>,
) -> Result<i64, Fault> {
    let row = begin(conn, stay_id)?;
    dialect::lock_offers(conn, row.stay.property_id)?;
    lapse(conn, row.stay.property_id, making.now)?;
    let me = making.acting.by.user_id();
    if let Some(held) = held_by_stay(conn, stay_id)? {
        if held.made_by != me {
            return Err(spoken_for(conn, &held, making)?);
        }
        if held.rule_id == rule_id {
            return Ok(held.id);
        }
        set(conn, held.id, State::Lapsed)?;
    }
    let house = House::load(conn, row.stay.property_id, making.acting.today, making.now)?;
    let offer = offered(conn, &row, &house, rule_id, making)?;
    if let Some(price) = seen.price_minor
        && price != offer.price_minor
    {
        let money = |minor| Money::new(minor, &making.house.currency);
        return Err(Message::new("refused-offer-changed")
            .money("was", money(price))
            .money("now", money(offer.price_minor))
            .into());
    }
    let until = making.now + TimeDelta::minutes(house.settings.hold_minutes);
    Ok(diesel::insert_into(offers::table)
        .values((
            (
                offers::rule_id.eq(rule_id),
                offers::property_id.eq(row.stay.property_id),
                offers::stay_id.eq(stay_id),
                offers::kind.eq(offer.kind),
                offers::room_type_id.eq(offer.target.as_ref().map(|kind| kind.id)),
                offers::from_type_id.eq(base(&row, &house, making)),
                offers::room_id.eq(offer.room_id),
                offers::from_room_id.eq(row.stay.room_id),
            ),
            offers::nights.eq(offer.nights),
            offers::price_minor.eq(offer.price_minor),
            offers::cost_minor.eq(offer.cost_minor),
            offers::worth_minor.eq(offer.worth_minor),
            offers::currency.eq(&making.house.currency),
            offers::value.eq(offer.value),
            offers::state.eq(State::Held),
            offers::made_on.eq(making.acting.today),
            offers::made_at.eq(making.now),
            offers::made_by.eq(me),
            offers::held_until.eq(until),
            offers::out_of_turn.eq(seen.out_of_turn),
        ))
        .returning(offers::id)
        .get_result(conn)?)
}

/// Takes an offer that is held: the room is let, the price posted, the points given.
pub fn accept(
    conn: &mut Conn,
    stay_id: i64,
    offer_id: i64,
    making: &Making<'_>,
) -> Result<(), Fault> {
    let row = begin(conn, stay_id)?;
    let made = mine(conn, stay_id, offer_id, making)?;
    let effect = effect::have(conn, &row, &made, making)?;
    diesel::update(offers::table.find(offer_id))
        .set((
            offers::state.eq(State::Accepted),
            offers::room_id.eq(effect.room_id),
            offers::from_room_id.eq(row.stay.room_id),
            offers::entry_id.eq(effect.entry_id),
            offers::answered_at.eq(making.now),
            offers::answered_by.eq(making.acting.by.user_id()),
        ))
        .execute(conn)?;
    record(conn, &row.stay, "accept_offer", &made, making)
}

/// Notes that a guest declines what is held, and why: it is not offered again in this stay.
pub fn decline(
    conn: &mut Conn,
    stay_id: i64,
    offer_id: i64,
    reason: Declined,
    making: &Making<'_>,
) -> Result<(), Fault> {
    let row = begin(conn, stay_id)?;
    let made = mine(conn, stay_id, offer_id, making)?;
    diesel::update(offers::table.find(offer_id))
        .set((
            offers::state.eq(State::Declined),
            offers::declined_for.eq(reason),
            offers::answered_at.eq(making.now),
            offers::answered_by.eq(making.acting.by.user_id()),
        ))
        .execute(conn)?;
    record(conn, &row.stay, "decline_offer", &made, making)
}

/// Takes an answer back, on the day it was given: the room before, the price off the folio, the points off the account.
pub fn undo(
    conn: &mut Conn,
    stay_id: i64,
    offer_id: i64,
    making: &Making<'_>,
) -> Result<(), Fault> {
    let row = begin(conn, stay_id)?;
    let made = by_id(conn, stay_id, offer_id)?;
    match made.state {
        State::Accepted | State::Declined if made.made_on == making.acting.today => {}
        State::Accepted | State::Declined => {
            return Err(Message::new("refused-offer-old")
                .date("day", made.made_on)
                .into());
        }
        State::Held | State::Lapsed | State::Undone => {
            return Err(Message::new("refused-offer-nothing").into());
        }
    }
    if made.state == State::Accepted {
        effect::give_back(conn, &row, &made, making)?;
    }
    set(conn, offer_id, State::Undone)?;
    record(conn, &row.stay, "undo_offer", &made, making)
}

/// An offer, for what is said of it.
pub fn told(conn: &mut Conn, offer_id: i64) -> QueryResult<Past> {
    past::by_id(conn, offer_id)
}

/// The stay, held for this transaction, if it is to come or in the house.
fn begin(conn: &mut Conn, stay_id: i64) -> Result<Row, Fault> {
    dialect::lock_stay(conn, stay_id)?;
    let row = board::row(conn, stay_id)?.ok_or(Fault::NotFound)?;
    if row.stay.status != Status::InHouse {
        arrive::must_be(&row.stay, Status::Reserved)?;
    }
    Ok(row)
}

/// What a rule offers a stay at this moment; or why it does not.
fn offered(
    conn: &mut Conn,
    row: &Row,
    house: &House,
    rule_id: i64,
    making: &Making<'_>,
) -> Result<Offer, Fault> {
    let today = making.acting.today;
    let gone = || Fault::from(Message::new("refused-offer-gone"));
    let rule = house
        .rules
        .iter()
        .find(|rule| rule.id == rule_id)
        .ok_or_else(gone)?;
    if !desk::is_open(row, today) {
        return Err(gone());
    }
    let past = past_of(conn, row, making)?;
    let visit = row.visit(making.reference, today);
    let facts = Facts::of(&visit, &house.ladder, &past);
    let (from, to) = (facts::first_night(&visit), row.stay.departure);
    let market = Market::load(conn, row.stay.property_id, from, to, house.held.clone())?;
    let rank = |code: &str| facts::rank(making.reference, code);
    let supply = house.supply(&visit, &market);
    house
        .choice(&rank, today)
        .offer(rule, &facts, &supply)
        .ok_or_else(|| why_not(rule, house))
}

/// Names the limit where it is one; the rest has no name.
fn why_not(rule: &Rule, house: &House) -> Fault {
    let used = house.used.get(&rule.id).copied().unwrap_or_default();
    let terms = &rule.terms;
    if let Some(most) = terms.per_day.filter(|most| used.today >= *most) {
        return Message::new("refused-offer-day")
            .number("count", most)
            .into();
    }
    let left = |budget: i64| budget - used.cost_minor;
    if terms
        .budget_minor
        .is_some_and(|budget| left(budget) < terms.cost_minor.max(1))
    {
        return Message::new("refused-offer-budget").into();
    }
    Message::new("refused-offer-gone").into()
}

fn past_of(conn: &mut Conn, row: &Row, making: &Making<'_>) -> QueryResult<Vec<Past>> {
    let persons = [row.guest.person_id];
    let mut past = past::of_persons(conn, &persons, making.acting.today, making.now)?;
    Ok(past.remove(&row.guest.person_id).unwrap_or_default())
}

fn base(row: &Row, house: &House, making: &Making<'_>) -> Option<i64> {
    let visit = row.visit(making.reference, making.acting.today);
    Facts::of(&visit, &house.ladder, &[]).base
}

/// The offer of this clerk's that waits for an answer; of two clerks the other is told.
fn mine(conn: &mut Conn, stay_id: i64, offer_id: i64, making: &Making<'_>) -> Result<Made, Fault> {
    let made = by_id(conn, stay_id, offer_id)?;
    match made.state {
        State::Held if made.held_until <= making.now => Err(lapsed(&made, making)),
        State::Held if made.made_by != making.acting.by.user_id() => {
            Err(spoken_for(conn, &made, making)?)
        }
        State::Held => Ok(made),
        State::Lapsed => Err(lapsed(&made, making)),
        State::Undone => Err(Message::new("refused-offer-gone").into()),
        State::Accepted | State::Declined => {
            let key = if made.state == State::Accepted {
                "refused-offer-accepted"
            } else {
                "refused-offer-declined"
            };
            Err(Message::new(key)
                .text("clerk", clerk(conn, made.answered_by)?)
                .into())
        }
    }
}

fn lapsed(made: &Made, making: &Making<'_>) -> Fault {
    Message::new("refused-offer-lapsed")
        .text("time", at(made, making))
        .into()
}

fn spoken_for(conn: &mut Conn, made: &Made, making: &Making<'_>) -> QueryResult<Fault> {
    Ok(Message::new("refused-offer-held")
        .text("clerk", clerk(conn, made.made_by)?)
        .text("time", at(made, making))
        .into())
}

/// When the hold ends, by the clock on the house's wall.
fn at(made: &Made, making: &Making<'_>) -> String {
    making
        .house
        .local(made.held_until)
        .format("%H:%M")
        .to_string()
}

fn clerk(conn: &mut Conn, user_id: Option<i64>) -> QueryResult<String> {
    let Some(id) = user_id else {
        return Ok(String::new());
    };
    users::table
        .find(id)
        .select(users::display_name)
        .first(conn)
}

fn by_id(conn: &mut Conn, stay_id: i64, offer_id: i64) -> Result<Made, Fault> {
    offers::table
        .find(offer_id)
        .filter(offers::stay_id.eq(stay_id))
        .select(Made::as_select())
        .first(conn)
        .optional()?
        .ok_or(Fault::NotFound)
}

fn held_by_stay(conn: &mut Conn, stay_id: i64) -> QueryResult<Option<Made>> {
    offers::table
        .filter(offers::stay_id.eq(stay_id))
        .filter(offers::state.eq(State::Held))
        .select(Made::as_select())
        .first(conn)
        .optional()
}

/// Ends what nobody answered in time.
fn lapse(conn: &mut Conn, property_id: i64, now: NaiveDateTime) -> QueryResult<()> {
    let over = offers::table
        .filter(offers::property_id.eq(property_id))
        .filter(offers::state.eq(State::Held))
        .filter(offers::held_until.le(now));
    diesel::update(over)
        .set(offers::state.eq(State::Lapsed))
        .execute(conn)?;
    Ok(())
}

fn set(conn: &mut Conn, offer_id: i64, state: State) -> QueryResult<()> {
    diesel::update(offers::table.find(offer_id))
        .set(offers::state.eq(state))
        .execute(conn)?;
    Ok(())
}

fn record(
    conn: &mut Conn,
    stay: &Stay,
    action: &'static str,
    made: &Made,
    making: &Making<'_>,
) -> Result<(), Fault> {
    let mut detail = made.kind.to_string();
    if let Some(id) = made.room_type_id {
        let code: String = room_types::table
            .find(id)
            .select(room_types::code)
            .first(conn)?;
        detail = format!("{detail} {code}");
    }
    if made.price_minor > 0 {
        let price = Money::new(made.price_minor, &made.currency).major();
        detail = format!("{detail} {price} {}", made.currency);
    }
    Line::new(making.acting.by, action)
        .guest(stay.guest_id)
        .stay(stay.id, stay.property_id)
        .detail(detail)
        .insert(conn)?;
    Ok(())
}
