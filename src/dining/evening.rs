//! What the desk is told of a guest's table: where they like to sit, what they eat, and what is arranged; and the table that
//! is kept for them for the evening, in one key.

use chrono::{NaiveDateTime, TimeDelta, Timelike};
use diesel::prelude::*;

use super::dishes::Favourite;
use super::floor::Floor;
use super::host::{self, Acting, Becomes, NewParty};
use super::memory::{self, Habits, Memory, PastVisit};
use super::outlet::{Hours, Meal, Outlet, Service, minutes_into};
use super::table::Plan;
use super::visit::{self, Visit};
use super::{booking, seating};
use crate::db::Conn;
use crate::db::schema::dining_visits;
use crate::error::Fault;
use crate::properties::Property;
use crate::stays::Stay;
use crate::words::Message;

/// Who has eaten with us less often is not offered a table unasked.
const KNOWN: usize = 2;
/// Minutes a guest who has just arrived takes to come down.
const SOON: i64 = 30;
/// When dinner is, where nothing else is known.
const USUAL: i64 = 19 * 60;

/// What is known of a guest at table.
#[derive(Clone, Debug, Default)]
pub struct AtTable {
    /// Visits that are over, the newest first.
    pub visits: Vec<PastVisit>,
    /// What those show.
    pub habits: Habits,
    /// Dishes and drinks.
    pub favourites: Vec<Favourite>,
    /// What is arranged in this house from today on, by its time.
    pub ahead: Option<Visit>,
}

impl AtTable {
    /// What a house's restaurant knows of a person: two queries for who has never eaten with us.
    pub fn load(
        conn: &mut Conn,
        person_id: i64,
        outlet: &Outlet,
        from: NaiveDateTime,
    ) -> QueryResult<Self> {
        let found = memory::at_tables(conn, person_id, Some((outlet.id, from)))?;
        let (visits, ahead) = (found.over, found.ahead);
        let favourites = if visits.is_empty() {
            Vec::new()
        } else {
            memory::favourites(conn, person_id, &visits)?
        };
        Ok(Self {
            habits: Habits::of(&visits, outlet.id, Meal::Dinner),
            visits,
            favourites,
            ahead,
        })
    }

    /// Whether a table may be offered unasked.
    pub fn is_known(&self) -> bool {
        self.visits.len() >= KNOWN
    }
}

/// Keeps the table that suits a guest best for the evening: at the time they usually come, for as many as the stay has.
/// Call it inside a write transaction.
pub fn hold(
    conn: &mut Conn,
    stay: &Stay,
    person_id: i64,
    house: &Property,
    acting: Acting<'_>,
) -> Result<i64, Fault> {
    let outlet = acting.outlet;
    let known = AtTable::load(conn, person_id, outlet, acting.now)?;
    if known.ahead.is_some() {
        return Err(Message::new("refused-held-already").into());
    }
    let today = house.business_date(acting.now);
    let hours = Hours::load(conn, outlet.id, today)?;
    let minutes = minutes_into(today, house.local(acting.now)) + SOON;
    let service =
        evening(&hours, today, minutes).ok_or_else(|| Message::new("refused-no-dinner"))?;
    let from = time(conn, &known, service, house, today, acting.now)?;
    let covers = (stay.adults + stay.children).max(1);
    let memory = Memory::load(conn, person_id, house.id)?;
    let requested: Vec<&str> = stay.requested_codes().collect();
    let party = seating::Party {
        covers,
        wishes: seating::wishes(&memory.preferences, &requested, &known.habits, house.id),
        usual: known.habits.usual.as_ref().map(|usual| usual.table_id),
        from,
        turn: TimeDelta::minutes(service.turn(covers)),
    };
    let plan = Plan::load(conn, outlet.id)?;
    let parties = visit::of_date(conn, outlet.id, today)?;
    let floor = Floor::of(&plan, &parties, acting.now);
    let tables =
        booking::best(&floor, &party, None).ok_or_else(|| Message::new("refused-evening-full"))?;
    let new = NewParty {
        on_date: today,
        meal: service.meal,
        guest_id: Some(stay.guest_id),
        stay_id: Some(stay.id),
        called: None,
        covers,
        requests: None,
        time: (from, from + party.turn),
        once: None,
    };
    host::welcome(conn, &new, &Becomes::Held(tables), acting)
}

/// The dinner of a day; where there is none, or it is over, the last service to come.
fn evening(hours: &Hours, date: chrono::NaiveDate, minutes: i64) -> Option<&Service> {
    let to_come = || hours.on(date).filter(|service| service.closes_at > minutes);
    let dinner = to_come().find(|service| service.meal == Meal::Dinner);
    dinner.or_else(|| to_come().last())
}

/// When they usually come, within the service and not before now.
fn time(
    conn: &mut Conn,
    known: &AtTable,
    service: &Service,
    house: &Property,
    date: chrono::NaiveDate,
    now: NaiveDateTime,
) -> QueryResult<NaiveDateTime> {
    let ids: Vec<i64> = known
        .visits
        .iter()
        .filter(|visit| visit.meal == service.meal)
        .map(|visit| visit.id)
        .collect();
    let came: Vec<NaiveDateTime> = dining_visits::table
        .filter(dining_visits::id.eq_any(ids))
        .select(dining_visits::starts_at)
        .load(conn)?;
    let minutes: Vec<i64> = came
        .into_iter()
        .map(|at| i64::from(house.local(at).num_seconds_from_midnight()) / 60)
        .collect();
    // Nobody is asked to hurry: a whole turn fits before it closes.
    let last = service.closes_at - service.turn(2);
    let usual = booking::usual_time(&minutes)
        .unwrap_or(USUAL)
        .clamp(service.opens_at, last.max(service.opens_at));
    // Who arrives late eats late.
    let soonest = now + TimeDelta::minutes(SOON);
    let soonest = soonest - TimeDelta::seconds(i64::from(soonest.second()));
    Ok(house.moment(date, usual).max(soonest))
}
