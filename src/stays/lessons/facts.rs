//! What happened in the stays of some persons, read with the same queries however many they are.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use diesel::dsl::{count_star, exists};
use diesel::prelude::*;

use super::{Experience, NIGHT_ENDS, Refuted};
use crate::db::Conn;
use crate::db::schema::{
    folio_charges, guests, preferences, room_features, room_moves, rooms, stays,
};
use crate::guests::preferences::{self as wishes, Ending, Preference, Source};
use crate::properties::Property;
use crate::stays::Status;
use crate::stays::folio::Department;
use crate::vocabulary::wording;

/// What share of a house's rooms has a feature.
#[derive(Clone, Debug, Default)]
pub struct Houses(HashMap<i64, HashMap<String, f64>>);

impl Houses {
    /// A house of which this is known; for tests and for [`houses`].
    pub fn with(mut self, property_id: i64, code: &str, share: f64) -> Self {
        let of = self.0.entry(property_id).or_default();
        of.insert(code.to_owned(), share);
        self
    }

    /// The share, 0 where no room has it.
    pub fn share(&self, property_id: i64, code: &str) -> f64 {
        let of = self.0.get(&property_id);
        of.and_then(|of| of.get(code)).copied().unwrap_or_default()
    }
}

/// The shares of all houses. A room of which nothing is known does not count.
pub fn houses(conn: &mut Conn) -> QueryResult<Houses> {
    let known: Vec<(i64, i64)> = rooms::table
        .filter(exists(
            room_features::table.filter(room_features::room_id.eq(rooms::id)),
        ))
        .group_by(rooms::property_id)
        .select((rooms::property_id, count_star()))
        .load(conn)?;
    let known: HashMap<i64, i64> = known.into_iter().collect();
    let having: Vec<(i64, String, i64)> = room_features::table
        .inner_join(rooms::table)
        .group_by((rooms::property_id, room_features::feature))
        .select((rooms::property_id, room_features::feature, count_star()))
        .load(conn)?;
    let shares = having.into_iter().filter_map(|(house, code, having)| {
        let of = known.get(&house).copied().filter(|of| *of > 0)?;
        Some((house, code, having as f64 / of as f64))
    });
    Ok(
        shares.fold(Houses::default(), |houses, (house, code, share)| {
            houses.with(house, &code, share)
        }),
    )
}

/// What is known of one person.
#[derive(Debug, Default)]
pub struct Facts {
    /// The stays that took place.
    pub stays: Vec<Experience>,
    /// Live evidence.
    pub evidence: Vec<Preference>,
    /// What somebody said is wrong.
    pub refuted: Refuted,
}

type StayRow = (
    (i64, i64, i64, i64),
    NaiveDate,
    NaiveDate,
    Option<i64>,
    Option<i64>,
    Option<NaiveDateTime>,
);

/// What is known of these persons, by person.
pub fn of_persons(
    conn: &mut Conn,
    persons: &[i64],
    houses: &[Property],
) -> QueryResult<HashMap<i64, Facts>> {
    let mut known: HashMap<i64, Facts> = HashMap::new();
    let stays = stays_of(conn, persons)?;
    let ids: Vec<i64> = stays.iter().map(|((id, ..), ..)| *id).collect();
    let moves = moves_of(conn, &ids)?;
    let mut folios = folios_of(conn, &ids)?;
    let slept_in = stays.iter().filter_map(|(_, _, _, room_id, ..)| *room_id);
    let moved = moves.values().flatten().flat_map(|(from, to)| [*from, *to]);
    let features = features_of(conn, slept_in.chain(moved).collect())?;
    let of = |room_id: i64| features.get(&room_id).cloned().unwrap_or_default();
    for ((id, person_id, guest_id, property_id), arrival, departure, room_id, eta, checked_in) in
        stays
    {
        let house = houses.iter().find(|house| house.id == property_id);
        let at_the_desk = checked_in
            .zip(house)
            .and_then(|(at, house)| minutes_on(house.local(at), arrival));
        let moves = moves.get(&id).into_iter().flatten();
        known.entry(person_id).or_default().stays.push(Experience {
            stay_id: id,
            guest_id,
            property_id,
            departure,
            room: room_id.map(of).unwrap_or_default(),
            moves: moves.map(|(from, to)| (of(*from), of(*to))).collect(),
            ordered: folios.remove(&id),
            arrived_at: at_the_desk.or(eta),
        });
    }
    for preference in wishes::of_persons(conn, persons)? {
        let facts = known.entry(preference.person_id).or_default();
        facts.evidence.push(preference);
    }
    refutations(conn, persons, &mut known)?;
    Ok(known)
}

/// Minutes after midnight of the day of arrival; after midnight still counts. Any other day is when it was typed in.
fn minutes_on(at: NaiveDateTime, arrival: NaiveDate) -> Option<i64> {
    let minutes = i64::from(at.hour() * 60 + at.minute());
    let is_night_after = minutes < NIGHT_ENDS && at.date() == arrival + TimeDelta::days(1);
    let is_that_day = minutes >= NIGHT_ENDS && at.date() == arrival;
    (is_that_day || is_night_after).then_some(minutes)
}

fn stays_of(conn: &mut Conn, persons: &[i64]) -> QueryResult<Vec<StayRow>> {
    stays::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(persons))
        .filter(stays::status.eq(Status::Departed))
        .select((
            (
                stays::id,
                guests::person_id,
                stays::guest_id,
                stays::property_id,
            ),
            stays::arrival,
            stays::departure,
            stays::room_id,
            stays::arrival_time,
            stays::checked_in_at,
        ))
        .load(conn)
}

type Moves = HashMap<i64, Vec<(i64, i64)>>;

fn moves_of(conn: &mut Conn, stay_ids: &[i64]) -> QueryResult<Moves> {
    let rows: Vec<(i64, i64, i64)> = room_moves::table
        .filter(room_moves::stay_id.eq_any(stay_ids))
        .select((
            room_moves::stay_id,
            room_moves::from_room_id,
            room_moves::to_room_id,
        ))
        .load(conn)?;
    let mut moves = Moves::new();
    for (stay_id, from, to) in rows {
        moves.entry(stay_id).or_default().push((from, to));
    }
    Ok(moves)
}

/// What was ordered, by stay; a stay without a line has no folio we know.
fn folios_of(conn: &mut Conn, stay_ids: &[i64]) -> QueryResult<HashMap<i64, Vec<&'static str>>> {
    let lines: Vec<(i64, Department, Option<String>)> = folio_charges::table
        .filter(folio_charges::stay_id.eq_any(stay_ids))
        .filter(folio_charges::amount_minor.gt(0_i64))
        .select((
            folio_charges::stay_id,
            folio_charges::department,
            folio_charges::description,
        ))
        .load(conn)?;
    let mut folios: HashMap<i64, Vec<&'static str>> = HashMap::new();
    for (stay_id, department, description) in lines {
        let ordered = folios.entry(stay_id).or_default();
        if department == Department::Spa {
            ordered.push("spa");
        }
        // What a folio names is an extra; what the room and the kitchen charge is not a wish.
        if matches!(department, Department::Other | Department::Minibar) {
            let named = description.as_deref().map(wording::codes);
            ordered.extend(named.into_iter().flatten().map(|feature| feature.code));
        }
    }
    Ok(folios)
}

fn features_of(conn: &mut Conn, room_ids: HashSet<i64>) -> QueryResult<HashMap<i64, Vec<String>>> {
    let ids: Vec<i64> = room_ids.into_iter().collect();
    let mut features: HashMap<i64, Vec<String>> = HashMap::new();
    if ids.is_empty() {
        return Ok(features);
    }
    let rows: Vec<(i64, String)> = room_features::table
        .filter(room_features::room_id.eq_any(&ids))
        .select((room_features::room_id, room_features::feature))
        .load(conn)?;
    for (room_id, feature) in rows {
        features.entry(room_id).or_default().push(feature);
    }
    Ok(features)
}

/// What somebody said is wrong, and what the guest stated since.
fn refutations(
    conn: &mut Conn,
    persons: &[i64],
    known: &mut HashMap<i64, Facts>,
) -> QueryResult<()> {
    type Row = (
        i64,
        String,
        Source,
        NaiveDateTime,
        Option<NaiveDateTime>,
        Option<Ending>,
    );
    let rows: Vec<Row> = preferences::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(persons))
        .select((
            guests::person_id,
            preferences::code,
            preferences::source,
            preferences::created_at,
            preferences::retired_at,
            preferences::retired_as,
        ))
        .load(conn)?;
    let is_learned = |source: &Source| matches!(source, Source::Observed | Source::Inferred);
    for (person_id, code, source, _, retired_at, retired_as) in &rows {
        if let Some(at) = retired_at
            && is_learned(source)
            && *retired_as != Some(Ending::Unfounded)
        {
            let facts = known.entry(*person_id).or_default();
            facts.refuted.refute(code, *at);
        }
    }
    for (person_id, code, source, created_at, ..) in &rows {
        if *source == Source::Stated {
            let facts = known.entry(*person_id).or_default();
            facts.refuted.stated(code, *created_at);
        }
    }
    Ok(())
}
