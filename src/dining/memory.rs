//! What is remembered of a guest at table: no more than a host needs. Read for one guest with a fixed number of queries.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::dishes::{self, Favourite};
use super::outlet::Meal;
use super::visit::{Status, Visit};
use crate::cases::{self, Case};
use crate::db::Conn;
use crate::db::schema::{
    dining_party, dining_table_features, dining_tables, dining_visit_tables, dining_visits, guests,
    outlets, rooms, stays,
};
use crate::guests::preferences::{self, Preference};
use crate::loyalty::account;
use crate::stays::InHouse;
use crate::vocabulary::{self, Feature, Kind};
use crate::words::Message;

/// Visits that are looked at; what was before them has faded.
const MOST: i64 = 100;
/// Fewer visits teach nothing.
const MIN_VISITS: usize = 3;

/// A visit that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct PastVisit {
    /// Its id.
    pub id: i64,
    /// Where.
    pub outlet_id: i64,
    /// In which house.
    pub property_id: i64,
    /// When.
    pub on_date: NaiveDate,
    /// What for.
    pub meal: Meal,
    /// Where they sat, by id and name.
    pub tables: Vec<(i64, String)>,
    /// What those tables have.
    pub features: Vec<String>,
}

/// What is remembered of one person at table.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Visits, the newest first.
    pub visits: Vec<PastVisit>,
    /// Evidence that concerns a meal, the surest first.
    pub preferences: Vec<Preference>,
    /// What is still to be put right.
    pub cases: Vec<Case>,
    /// The tier of the loyalty programme.
    pub tier: Option<String>,
    /// The stay in this house, if they are here.
    pub stay: Option<InHouseStay>,
}

/// The stay of a guest who is in the house.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct InHouseStay {
    pub id: i64,
    pub room: Option<String>,
    pub adults: i64,
    pub children: i64,
}

impl Memory {
    /// What is remembered of a person, as a house needs it.
    pub fn load(conn: &mut Conn, person_id: i64, property_id: i64) -> QueryResult<Self> {
        let mut preferences = preferences::of_persons(conn, &[person_id])?;
        preferences.retain(|p| p.feature().is_some_and(concerns_a_meal));
        let mut cases = cases::of_persons(conn, &[person_id])?;
        cases.retain(Case::is_open);
        let tier = account::of_persons(conn, &[person_id])?
            .into_iter()
            .next()
            .map(|account| account.tier);
        let stay = stays::table
            .inner_join(guests::table)
            .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .filter(guests::person_id.eq(person_id))
            .filter(stays::property_id.eq(property_id))
            .filter(InHouse)
            .order(stays::id.desc())
            .select((
                stays::id,
                rooms::number.nullable(),
                stays::adults,
                stays::children,
            ))
            .first(conn)
            .optional()?;
        Ok(Self {
            visits: visits(conn, person_id)?,
            preferences,
            cases,
            tier,
            stay,
        })
    }
}

/// Whether a wish is a host's business.
fn concerns_a_meal(feature: &Feature) -> bool {
    matches!(
        feature.kind,
        Kind::Table | Kind::Allergy | Kind::Diet | Kind::Taste
    ) || matches!(feature.code, "step_free" | "do_not_name_aloud")
}

/// What a person has at table: visits that are over, and the one that is ahead.
#[derive(Clone, Debug, Default)]
pub struct AtTables {
    /// As the one it was for or with others, the newest first.
    pub over: Vec<PastVisit>,
    /// Booked, held or seated in one outlet and not over at a moment, by its time.
    pub ahead: Option<Visit>,
}

/// The visits of a person, as the one it was for or with others: three queries, two for who has never eaten with us.
pub fn visits(conn: &mut Conn, person_id: i64) -> QueryResult<Vec<PastVisit>> {
    Ok(at_tables(conn, person_id, None)?.over)
}

/// The same, and with the same queries what is ahead in an outlet from a moment on.
pub fn at_tables(
    conn: &mut Conn,
    person_id: i64,
    ahead_in: Option<(i64, NaiveDateTime)>,
) -> QueryResult<AtTables> {
    let own: Vec<(Visit, i64)> = dining_visits::table
        .inner_join(outlets::table)
        .inner_join(guests::table)
        .filter(guests::person_id.eq(person_id))
        .filter(dining_visits::status.ne_all([Status::Cancelled, Status::NoShow]))
        .order(dining_visits::on_date.desc())
        .limit(MOST)
        .select((Visit::as_select(), outlets::property_id))
        .load(conn)?;
    let with_others: Vec<(Visit, i64)> = dining_party::table
        .inner_join(dining_visits::table.inner_join(outlets::table))
        .inner_join(guests::table)
        .filter(guests::person_id.eq(person_id))
        .filter(dining_visits::status.eq(Status::Left))
        .order(dining_visits::on_date.desc())
        .limit(MOST)
        .select((Visit::as_select(), outlets::property_id))
        .load(conn)?;
    let is_ahead = |visit: &Visit| {
        ahead_in.is_some_and(|(outlet_id, from)| {
            visit.outlet_id == outlet_id && visit.ends_at > from && visit.status.is_expected()
        })
    };
    let ahead = own.iter().map(|(visit, _)| visit);
    let ahead = ahead.filter(|visit| is_ahead(visit));
    let ahead = ahead.min_by_key(|visit| visit.starts_at).cloned();
    let mut over: Vec<(Visit, i64)> = own
        .into_iter()
        .filter(|(visit, _)| visit.status == Status::Left)
        .chain(with_others)
        .collect();
    over.sort_by_key(|(visit, _)| (Reverse(visit.on_date), visit.id));
    over.dedup_by_key(|(visit, _)| visit.id);
    let ids: Vec<i64> = over.iter().map(|(visit, _)| visit.id).collect();
    let mut tables = tables(conn, &ids)?;
    let over = over.into_iter().map(|(visit, property_id)| {
        let (tables, features) = tables.remove(&visit.id).unwrap_or_default();
        PastVisit {
            id: visit.id,
            outlet_id: visit.outlet_id,
            property_id,
            on_date: visit.on_date,
            meal: visit.meal,
            tables,
            features,
        }
    });
    Ok(AtTables {
        over: over.collect(),
        ahead,
    })
}

type Sat = (Vec<(i64, String)>, Vec<String>);

fn tables(conn: &mut Conn, visits: &[i64]) -> QueryResult<HashMap<i64, Sat>> {
    let mut sat: HashMap<i64, Sat> = HashMap::new();
    if visits.is_empty() {
        return Ok(sat);
    }
    let rows: Vec<(i64, i64, String, Option<String>)> = dining_visit_tables::table
        .inner_join(dining_tables::table)
        .left_join(
            dining_table_features::table.on(dining_table_features::table_id.eq(dining_tables::id)),
        )
        .filter(dining_visit_tables::visit_id.eq_any(visits))
        .order((dining_visit_tables::visit_id, dining_tables::id))
        .select((
            dining_visit_tables::visit_id,
            dining_tables::id,
            dining_tables::name,
            dining_table_features::feature.nullable(),
        ))
        .load(conn)?;
    for (visit_id, table_id, name, feature) in rows {
        let (tables, features) = sat.entry(visit_id).or_default();
        if tables.last().is_none_or(|(id, _)| *id != table_id) {
            tables.push((table_id, name));
        }
        features.extend(feature.filter(|code| !features.contains(code)));
    }
    Ok(sat)
}

/// The favourites that a person's visits show: two queries.
pub fn favourites(
    conn: &mut Conn,
    person_id: i64,
    visits: &[PastVisit],
) -> QueryResult<Vec<Favourite>> {
    let ids: Vec<i64> = visits.iter().map(|visit| visit.id).collect();
    let orders = dishes::orders(conn, &ids)?;
    let opinions = dishes::opinions(conn, &[person_id])?;
    let nothing = dishes::Said::default();
    let said = opinions.get(&person_id).unwrap_or(&nothing);
    Ok(dishes::favourites(&orders, person_id, said))
}

/// The favourites of these persons: three queries, however many they are.
pub fn favourites_of(
    conn: &mut Conn,
    persons: &[i64],
) -> QueryResult<HashMap<i64, Vec<Favourite>>> {
    if persons.is_empty() {
        return Ok(HashMap::new());
    }
    let visits: Vec<(i64, i64)> = dining_visits::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(persons))
        .filter(dining_visits::status.eq(Status::Left))
        .select((dining_visits::id, guests::person_id))
        .load(conn)?;
    let ids: Vec<i64> = visits.iter().map(|(id, _)| *id).collect();
    let whose: HashMap<i64, i64> = visits.into_iter().collect();
    let mut orders: HashMap<i64, Vec<dishes::Order>> = HashMap::new();
    for order in dishes::orders(conn, &ids)? {
        if let Some(person_id) = whose.get(&order.visit_id) {
            orders.entry(*person_id).or_default().push(order);
        }
    }
    let opinions = dishes::opinions(conn, persons)?;
    let nothing = dishes::Said::default();
    Ok(persons
        .iter()
        .map(|person_id| {
            let theirs = orders.get(person_id).map_or(&[][..], Vec::as_slice);
            let said = opinions.get(person_id).unwrap_or(&nothing);
            (*person_id, dishes::favourites(theirs, *person_id, said))
        })
        .collect())
}

/// The table somebody usually has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usual {
    /// The table.
    pub table_id: i64,
    /// What it is called.
    pub name: String,
    /// How often they sat there.
    pub times: i64,
    /// Of how many visits.
    pub of: i64,
}

/// What the tables of somebody's visits had in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// The feature.
    pub feature: &'static Feature,
    /// At how many visits.
    pub times: i64,
    /// Of how many.
    pub of: i64,
}

impl PartialEq for Feature {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

/// What somebody's visits show. Pure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Habits {
    /// Which visit this is for this meal, 1 for the first.
    pub number: i64,
    /// The table they usually have in this outlet.
    pub usual: Option<Usual>,
    /// What their tables have in common.
    pub features: Vec<Lesson>,
    /// The meal they always came for, where it was one.
    pub only: Option<Meal>,
}

impl Habits {
    /// What these visits show to an outlet, for a meal.
    pub fn of(visits: &[PastVisit], outlet_id: i64, meal: Meal) -> Self {
        let only = visits
            .first()
            .map(|visit| visit.meal)
            .filter(|first| visits.iter().all(|visit| visit.meal == *first));
        let here: Vec<&PastVisit> = visits
            .iter()
            .filter(|visit| visit.outlet_id == outlet_id && !visit.tables.is_empty())
            .collect();
        Self {
            number: 1 + visits.iter().filter(|visit| visit.meal == meal).count() as i64,
            usual: usual(&here),
            features: lessons(visits),
            only,
        }
    }

    /// "4 of 9 dinners".
    pub fn seen(&self, times: i64, of: i64) -> Message {
        Message::new("evidence-meals")
            .number("times", times)
            .number("of", of)
            .message("meals", meals(self.only))
    }
}

/// "dinners", or "visits" where they came for more than one meal.
pub fn meals(meal: Option<Meal>) -> Message {
    match meal {
        Some(Meal::Breakfast) => Message::new("meals-breakfast"),
        Some(Meal::Lunch) => Message::new("meals-lunch"),
        Some(Meal::Tea) => Message::new("meals-tea"),
        Some(Meal::Dinner) => Message::new("meals-dinner"),
        Some(Meal::Late) => Message::new("meals-late"),
        None => Message::new("meals-visits"),
    }
}

/// The table of at least half the visits, and of more than one.
fn usual(visits: &[&PastVisit]) -> Option<Usual> {
    let mut counts: HashMap<i64, (i64, &str)> = HashMap::new();
    for (id, name) in visits.iter().flat_map(|visit| &visit.tables) {
        counts.entry(*id).or_insert((0, name)).0 += 1;
    }
    let of = visits.len() as i64;
    counts
        .into_iter()
        .map(|(table_id, (times, name))| Usual {
            table_id,
            name: name.to_owned(),
            times,
            of,
        })
        .filter(|usual| usual.times > 1 && usual.times * 2 >= of)
        .max_by_key(|usual| (usual.times, std::cmp::Reverse(usual.table_id)))
}

/// What at least three of five tables had, the commonest first.
fn lessons(visits: &[PastVisit]) -> Vec<Lesson> {
    let sat: Vec<&PastVisit> = visits.iter().filter(|v| !v.tables.is_empty()).collect();
    if sat.len() < MIN_VISITS {
        return Vec::new();
    }
    let of = sat.len() as i64;
    let mut lessons: Vec<Lesson> = vocabulary::all()
        .iter()
        .filter(|feature| feature.kind == Kind::Table && !feature.need)
        .map(|feature| Lesson {
            feature,
            times: sat
                .iter()
                .filter(|visit| visit.features.iter().any(|code| code == feature.code))
                .count() as i64,
            of,
        })
        .filter(|lesson| lesson.times * 5 >= of * 3)
        .collect();
    lessons.sort_by_key(|lesson| std::cmp::Reverse(lesson.times));
    lessons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(id: i64, table: i64, features: &[&str]) -> PastVisit {
        PastVisit {
            id,
            outlet_id: 1,
            property_id: 1,
            on_date: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
            meal: Meal::Dinner,
            tables: vec![(table, format!("T{table}"))],
            features: features.iter().map(|&code| code.into()).collect(),
        }
    }

    #[test]
    fn habits_need_more_than_a_chance() {
        let window = ["window_table"];
        let visits = [
            visit(1, 4, &window),
            visit(2, 4, &window),
            visit(3, 5, &window),
            visit(4, 1, &["quiet_table"]),
        ];
        let habits = Habits::of(&visits, 1, Meal::Dinner);
        assert_eq!(habits.number, 5);
        let usual = habits.usual.unwrap();
        assert_eq!((usual.name.as_str(), usual.times, usual.of), ("T4", 2, 4));
        let codes: Vec<&str> = habits.features.iter().map(|l| l.feature.code).collect();
        assert_eq!(codes, ["window_table"]);
        // In another outlet there is no usual table, and what the tables had in common holds all the same.
        let elsewhere = Habits::of(&visits, 2, Meal::Lunch);
        assert_eq!((elsewhere.number, elsewhere.usual), (1, None));
        assert_eq!(elsewhere.features, habits.features);
        assert_eq!(Habits::of(&visits[..2], 1, Meal::Dinner).features, []);
    }
}
