//! What makes guests known: wishes, points, and a complaint that is still open.

use std::collections::{HashMap, HashSet};

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::dice::Dice;
use super::houses::House;
use crate::db::Conn;
use crate::db::schema::{
    cases, folio_charges, loyalty_accounts, loyalty_earnings, loyalty_entries, preferences, stays,
};
use crate::insert_rows;
use crate::loyalty::rules;
use crate::stays::folio::Department;

const WISHES: [&str; 16] = [
    "quiet_room",
    "high_floor",
    "king_bed",
    "bathtub",
    "extra_pillow",
    "window_table",
    "tea",
    "city_view",
    "firm_mattress",
    "away_from_elevator",
    "coffee",
    "late_check_out",
    "vegetarian",
    "feather_free_pillow",
    "gluten_free",
    "peanut_allergy",
];
const COMPLAINTS: [&str; 4] = [
    "Air conditioning was loud all night",
    "Waited forty minutes for the luggage",
    "Room was not clean on arrival",
    "Charged twice for breakfast",
];

#[derive(Insertable)]
#[diesel(table_name = preferences)]
struct PreferenceRow {
    guest_id: i64,
    code: &'static str,
    strength: &'static str,
    source: &'static str,
    noted_on: NaiveDate,
    created_at: NaiveDateTime,
}

/// Three guests in ten have wishes, one to three of them.
pub(super) fn preferences(
    conn: &mut Conn,
    dice: &mut Dice,
    guests: &[i64],
    now: NaiveDateTime,
) -> QueryResult<()> {
    let mut rows = Vec::new();
    for guest_id in guests {
        if !dice.chance(30) {
            continue;
        }
        let mut codes = HashSet::new();
        for _ in 0..dice.between(1, 3) {
            let Some(code) = dice
                .pick_often_first(&WISHES)
                .copied()
                .filter(|code| codes.insert(*code))
            else {
                continue;
            };
            let is_need = crate::vocabulary::get(code).is_some_and(|feature| feature.need);
            rows.push(PreferenceRow {
                guest_id: *guest_id,
                code,
                strength: if is_need { "must" } else { "prefer" },
                source: if dice.chance(70) {
                    "stated"
                } else {
                    "observed"
                },
                noted_on: now.date() - Duration::days(dice.between(1, 900)),
                created_at: now,
            });
        }
    }
    insert_rows!(conn, preferences::table, rows);
    Ok(())
}

/// Points for the stays of the last year, and open cases of guests who arrive today.
pub(super) fn make(
    conn: &mut Conn,
    dice: &mut Dice,
    houses: &[House],
    guests: &[i64],
    today: NaiveDate,
    now: NaiveDateTime,
) -> QueryResult<()> {
    points(conn, today, now)?;
    for house in houses {
        open_cases(conn, dice, house.id, today, now)?;
    }
    // Even a group without arrivals today has a complaint to look at.
    if let (Some(house), Some(guest)) = (houses.first(), guests.first()) {
        open_case(conn, dice, house.id, *guest, now)?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = loyalty_entries)]
struct EntryRow {
    account_id: i64,
    kind: &'static str,
    points: i64,
    stay_id: i64,
    reason: &'static str,
    expires_on: NaiveDate,
    posted_on: NaiveDate,
    posted_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = loyalty_earnings)]
struct EarningRow {
    stay_id: i64,
    account_id: i64,
    rules_id: i64,
    bonus_percent: i64,
}

/// Stays whose folio was made earn by it, on terms; of the older ones only the points are brought over.
fn points(conn: &mut Conn, today: NaiveDate, now: NaiveDateTime) -> QueryResult<()> {
    let (rules_id, rules) = rules::current(conn)?;
    let of_members = loyalty_accounts::table.on(loyalty_accounts::guest_id.eq(stays::guest_id));
    let lines: Vec<(i64, Department, i64)> = folio_charges::table
        .inner_join(stays::table.inner_join(of_members))
        .select((
            folio_charges::stay_id,
            folio_charges::department,
            folio_charges::amount_minor,
        ))
        .load(conn)?;
    let mut folios: HashMap<i64, Vec<(Department, i64)>> = HashMap::new();
    for (stay_id, department, amount) in lines {
        folios
            .entry(stay_id)
            .or_default()
            .push((department, amount));
    }
    type Departed = (i64, i64, NaiveDate, NaiveDate, Option<i64>, String);
    let departed: Vec<Departed> = stays::table
        .inner_join(of_members)
        .filter(stays::status.eq("departed"))
        .filter(stays::departure.gt(today - Duration::days(365)))
        .select((
            stays::id,
            loyalty_accounts::id,
            stays::arrival,
            stays::departure,
            stays::rate_minor,
            stays::currency,
        ))
        .load(conn)?;
    let (mut earnings, mut entries) = (Vec::new(), Vec::new());
    for (stay_id, account_id, arrival, departure, rate, currency) in departed {
        let points = match folios.get(&stay_id) {
            Some(totals) => {
                earnings.push(EarningRow {
                    stay_id,
                    account_id,
                    rules_id,
                    bonus_percent: 0,
                });
                rules.points(totals, &currency, 0, None)
            }
            None => rate.unwrap_or_default() * (departure - arrival).num_days() / 100,
        };
        if points > 0 {
            entries.push(EntryRow {
                account_id,
                kind: "earn",
                points,
                stay_id,
                reason: "stay",
                expires_on: departure + Duration::days(730),
                posted_on: departure,
                posted_at: now,
            });
        }
    }
    insert_rows!(conn, loyalty_earnings::table, earnings);
    insert_rows!(conn, loyalty_entries::table, entries);
    Ok(())
}

fn open_cases(
    conn: &mut Conn,
    dice: &mut Dice,
    property_id: i64,
    today: NaiveDate,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let arriving: Vec<i64> = stays::table
        .filter(stays::property_id.eq(property_id))
        .filter(stays::arrival.eq(today))
        .filter(stays::status.eq("reserved"))
        .order(stays::id)
        .select(stays::guest_id)
        .load(conn)?;
    for guest_id in arriving {
        if dice.chance(6) {
            open_case(conn, dice, property_id, guest_id, now)?;
        }
    }
    Ok(())
}

fn open_case(
    conn: &mut Conn,
    dice: &mut Dice,
    property_id: i64,
    guest_id: i64,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::insert_into(cases::table)
        .values((
            cases::guest_id.eq(guest_id),
            cases::property_id.eq(property_id),
            cases::department.eq("front_desk"),
            cases::severity.eq(i16::try_from(dice.between(1, 3)).unwrap_or(1)),
            cases::summary.eq(dice.pick(&COMPLAINTS).copied().unwrap_or("Complaint")),
            cases::opened_at.eq(now - Duration::days(dice.between(3, 200))),
        ))
        .execute(conn)?;
    Ok(())
}
