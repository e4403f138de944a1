//! The invented hotels: their room types and rooms.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::dice::Dice;
use crate::db::Conn;
use crate::db::schema::{properties, room_features, room_types, rooms};
use crate::importing::add_earn_rules;
use crate::insert_rows;

const STAYS_PER_HOUSE: usize = 100_000;
/// Arrivals a day of a full house.
const ARRIVALS: usize = 38;

const PLACES: [(&str, &str, &str, &str, &str); 12] = [
    ("Lisbon", "Europe/Lisbon", "EUR", "PT", "pt"),
    ("Shanghai", "Asia/Shanghai", "CNY", "CN", "zh-CN"),
    ("London", "Europe/London", "GBP", "GB", "en"),
    ("Berlin", "Europe/Berlin", "EUR", "DE", "de"),
    ("Tokyo", "Asia/Tokyo", "JPY", "JP", "ja"),
    ("New York", "America/New_York", "USD", "US", "en"),
    ("Paris", "Europe/Paris", "EUR", "FR", "fr"),
    ("Madrid", "Europe/Madrid", "EUR", "ES", "es"),
    ("Singapore", "Asia/Singapore", "SGD", "SG", "en"),
    ("Dubai", "Asia/Dubai", "AED", "AE", "ar"),
    ("Rome", "Europe/Rome", "EUR", "IT", "it"),
    ("Seoul", "Asia/Seoul", "KRW", "KR", "ko"),
];

/// Code, name, rank, rate in units of the cheapest.
const TYPES: [(&str, &str, i64, i64); 4] = [
    ("STD", "Classic", 1, 10),
    ("SUP", "Superior", 2, 13),
    ("DLX", "Deluxe", 3, 18),
    ("STE", "Suite", 4, 32),
];

const FEATURES: [&str; 10] = [
    "walk_in_shower",
    "bathtub",
    "balcony",
    "city_view",
    "quiet_room",
    "near_elevator",
    "away_from_elevator",
    "work_desk",
    "coffee_machine",
    "corner_room",
];

/// How large the group is.
pub(super) struct Plan {
    pub(super) houses: usize,
    pub(super) stays: usize,
    pub(super) arrivals_a_day: usize,
}

/// One house for each hundred thousand stays, and two at least.
pub(super) fn plan(stays: usize) -> Plan {
    let houses = (stays / STAYS_PER_HOUSE).max(2);
    Plan {
        houses,
        stays,
        arrivals_a_day: (stays / houses / 300).clamp(2, ARRIVALS),
    }
}

/// A house as stays need it.
pub(super) struct House {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) currency: &'static str,
    pub(super) rooms: Vec<Room>,
}

pub(super) struct Room {
    pub(super) id: i64,
    pub(super) type_id: i64,
    pub(super) rate_minor: i64,
    /// From when on nobody has it.
    pub(super) free_from: chrono::NaiveDate,
}

pub(super) fn create(
    conn: &mut Conn,
    dice: &mut Dice,
    plan: &Plan,
    now: NaiveDateTime,
) -> QueryResult<Vec<House>> {
    (0..plan.houses)
        .map(|number| house(conn, dice, plan, number, now))
        .collect()
}

fn house(
    conn: &mut Conn,
    dice: &mut Dice,
    plan: &Plan,
    number: usize,
    now: NaiveDateTime,
) -> QueryResult<House> {
    let (place, zone, currency, country, language) = PLACES
        .get(number % PLACES.len())
        .copied()
        .unwrap_or(("Lisbon", "Europe/Lisbon", "EUR", "PT", "pt"));
    let code = format!(
        "{}{}",
        place
            .replace(' ', "")
            .to_uppercase()
            .chars()
            .take(3)
            .collect::<String>(),
        number + 1
    );
    let property_id: i64 = diesel::insert_into(properties::table)
        .values((
            properties::code.eq(&code),
            properties::name.eq(format!("Hotel {place} {}", number + 1)),
            properties::time_zone.eq(zone),
            properties::currency.eq(currency),
            properties::country.eq(country),
            properties::language.eq(language),
            properties::created_at.eq(now),
        ))
        .returning(properties::id)
        .get_result(conn)?;
    add_earn_rules(conn, currency)?;
    let unit = if matches!(currency, "JPY" | "KRW") {
        1_500
    } else {
        900
    };
    let mut types = Vec::new();
    for (code, name, rank, price) in TYPES {
        let rate_minor = price * unit;
        let id: i64 = diesel::insert_into(room_types::table)
            .values((
                room_types::property_id.eq(property_id),
                room_types::code.eq(code),
                room_types::name.eq(name),
                room_types::rank.eq(rank),
                room_types::rate_minor.eq(rate_minor),
            ))
            .returning(room_types::id)
            .get_result(conn)?;
        types.push((id, rate_minor));
    }
    let mut made = Vec::new();
    // A stay lasts two and a half nights on average, and a full house is the exception.
    for number in 0..plan.arrivals_a_day * 4 {
        made.push(room(conn, dice, property_id, &types, number)?);
    }
    Ok(House {
        id: property_id,
        code,
        currency,
        rooms: made,
    })
}

fn room(
    conn: &mut Conn,
    dice: &mut Dice,
    property_id: i64,
    types: &[(i64, i64)],
    number: usize,
) -> QueryResult<Room> {
    let (type_id, rate_minor) = dice.pick_often_first(types).copied().unwrap_or_default();
    let floor = number / 20 + 1;
    let id: i64 = diesel::insert_into(rooms::table)
        .values((
            rooms::property_id.eq(property_id),
            rooms::room_type_id.eq(type_id),
            rooms::number.eq(format!("{floor}{:02}", number % 20 + 1)),
            rooms::floor.eq(i64::try_from(floor).ok()),
            rooms::capacity.eq(2),
        ))
        .returning(rooms::id)
        .get_result(conn)?;
    let mut features = vec![
        "non_smoking",
        if dice.chance(60) {
            "king_bed"
        } else {
            "twin_beds"
        },
    ];
    features.push(if floor > 4 { "high_floor" } else { "low_floor" });
    features.extend((0..3).filter_map(|_| dice.pick(&FEATURES).copied()));
    features.sort_unstable();
    features.dedup();
    let rows: Vec<_> = features
        .into_iter()
        .map(|feature| {
            (
                room_features::room_id.eq(id),
                room_features::feature.eq(feature),
            )
        })
        .collect();
    insert_rows!(conn, room_features::table, rows);
    Ok(Room {
        id,
        type_id,
        rate_minor,
        free_from: chrono::NaiveDate::MIN,
    })
}
