//! Two houses: one on the river, tall; one by the lake, low.

use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{
    earn_rules, properties, room_connections, room_features, room_types, rooms,
};
use crate::properties::Property;
use crate::rooms::{Housekeeping, id_by_number};
use crate::stays::folio::Department;

/// Code, name, rank, rate in fen, capacity, and what every room of the type has.
type Type = (
    &'static str,
    &'static str,
    i64,
    i64,
    i64,
    &'static [&'static str],
);

const RIVERSIDE: [Type; 6] = [
    (
        "CT",
        "City twin",
        1,
        68_000,
        2,
        &["twin_beds", "city_view", "walk_in_shower"],
    ),
    (
        "CK",
        "City king",
        2,
        78_000,
        2,
        &["king_bed", "city_view", "walk_in_shower", "work_desk"],
    ),
    (
        "RK",
        "River king",
        3,
        98_000,
        2,
        &["king_bed", "river_view", "walk_in_shower", "work_desk"],
    ),
    (
        "FA",
        "Family",
        4,
        118_000,
        4,
        &["twin_beds", "sofa_bed", "crib", "city_view", "bathtub"],
    ),
    (
        "CS",
        "Corner suite",
        5,
        168_000,
        3,
        &[
            "king_bed",
            "river_view",
            "corner_room",
            "bathtub",
            "work_desk",
            "coffee_machine",
        ],
    ),
    (
        "RS",
        "River suite",
        6,
        218_000,
        3,
        &[
            "king_bed",
            "river_view",
            "bathtub",
            "balcony",
            "work_desk",
            "coffee_machine",
        ],
    ),
];

const LAKESIDE: [Type; 3] = [
    (
        "GT",
        "Garden twin",
        1,
        72_000,
        2,
        &["twin_beds", "garden_view", "walk_in_shower"],
    ),
    (
        "LK",
        "Lake king",
        2,
        108_000,
        2,
        &["king_bed", "mountain_view", "bathtub"],
    ),
    (
        "LS",
        "Lake suite",
        3,
        198_000,
        4,
        &[
            "king_bed",
            "mountain_view",
            "bathtub",
            "balcony",
            "kitchenette",
        ],
    ),
];

/// Builds both houses with rooms and earning rules.
pub(super) fn build(conn: &mut Conn) -> QueryResult<[Property; 2]> {
    let riverside = property(conn, "RIV", "Riverside Hotel", "Asia/Shanghai")?;
    let lakeside = property(conn, "LAK", "Lakeside House", "Asia/Shanghai")?;
    let types = room_types_of(conn, riverside.id, &RIVERSIDE)?;
    for floor in 3..=15_i64 {
        for place in 1..=10_i64 {
            let code = match (floor, place) {
                (15, 1) | (14, 1) => "CS",
                (14.., _) => "RS",
                (_, 1 | 2) => "CT",
                (_, 3..=5) => "CK",
                (_, 6) if floor % 3 == 0 => "FA",
                _ => "RK",
            };
            let mut more = location(floor, place);
            // The last rooms of the upper floors were rebuilt with a bathtub.
            if (10..=13).contains(&floor) && place == 10 {
                more.push("bathtub");
            }
            if (floor, place) == (3, 2) {
                more.extend(["accessible_room", "roll_in_shower", "step_free"]);
            }
            room(
                conn,
                riverside.id,
                &types,
                code,
                &format!("{floor:02}{place:02}"),
                floor,
                &more,
            )?;
        }
    }
    for floor in [3, 6, 9, 12] {
        connect(
            conn,
            riverside.id,
            &format!("{floor:02}05"),
            &format!("{floor:02}06"),
        )?;
    }
    let types = room_types_of(conn, lakeside.id, &LAKESIDE)?;
    for floor in 1..=3_i64 {
        for place in 1..=9_i64 {
            let code = match place {
                1..=4 => "GT",
                9 => "LS",
                _ => "LK",
            };
            let quiet: Vec<&str> = if place > 4 {
                vec!["quiet_room", "away_from_elevator"]
            } else {
                Vec::new()
            };
            room(
                conn,
                lakeside.id,
                &types,
                code,
                &format!("L{floor}{place}"),
                floor,
                &quiet,
            )?;
        }
    }
    for (number, state) in [
        ("0301", Housekeeping::Dirty),
        ("0408", Housekeeping::Dirty),
        ("0704", Housekeeping::Dirty),
        ("1102", Housekeeping::Dirty),
        ("1301", Housekeeping::OutOfOrder),
    ] {
        let room = rooms::table.filter(
            rooms::property_id
                .eq(riverside.id)
                .and(rooms::number.eq(number)),
        );
        diesel::update(room)
            .set(rooms::housekeeping.eq(state))
            .execute(conn)?;
    }
    Ok([riverside, lakeside])
}

/// A door between two rooms, the first built before the second.
fn connect(conn: &mut Conn, property_id: i64, first: &str, second: &str) -> QueryResult<()> {
    let one = id_by_number(conn, property_id, first)?;
    let other = id_by_number(conn, property_id, second)?;
    if let (Some(one), Some(other)) = (one, other) {
        diesel::insert_into(room_connections::table)
            .values((
                room_connections::room_id.eq(one),
                room_connections::other_id.eq(other),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// What the place of a room in the tower makes of it.
fn location(floor: i64, place: i64) -> Vec<&'static str> {
    let mut features = Vec::new();
    match floor {
        10.. => features.push("high_floor"),
        3..=5 => features.push("low_floor"),
        _ => {}
    }
    features.push(if place <= 4 {
        "near_elevator"
    } else {
        "away_from_elevator"
    });
    if place >= 7 {
        features.push("quiet_room");
    }
    features
}

fn property(conn: &mut Conn, code: &str, name: &str, time_zone: &str) -> QueryResult<Property> {
    for department in [
        Department::Room,
        Department::Food,
        Department::Spa,
        Department::Minibar,
    ] {
        let rule = (
            earn_rules::department.eq(department),
            earn_rules::currency.eq("CNY"),
            earn_rules::points_per_hundred.eq(100_i64),
        );
        let known: i64 = earn_rules::table
            .filter(
                earn_rules::department
                    .eq(department)
                    .and(earn_rules::currency.eq("CNY")),
            )
            .count()
            .get_result(conn)?;
        if known == 0 {
            diesel::insert_into(earn_rules::table)
                .values(rule)
                .execute(conn)?;
        }
    }
    let id: i64 = diesel::insert_into(properties::table)
        .values((
            properties::code.eq(code),
            properties::name.eq(name),
            properties::time_zone.eq(time_zone),
            properties::currency.eq("CNY"),
            properties::country.eq("CN"),
            properties::language.eq("zh-CN"),
            properties::created_at.eq(clock::now()),
        ))
        .returning(properties::id)
        .get_result(conn)?;
    properties::table
        .find(id)
        .select(Property::as_select())
        .first(conn)
}

/// The id of a room type by code.
pub(super) fn room_type(conn: &mut Conn, property_id: i64, code: &str) -> QueryResult<Option<i64>> {
    room_types::table
        .filter(
            room_types::property_id
                .eq(property_id)
                .and(room_types::code.eq(code)),
        )
        .select(room_types::id)
        .first(conn)
        .optional()
}

fn room_types_of(
    conn: &mut Conn,
    property_id: i64,
    types: &'static [Type],
) -> QueryResult<Vec<(i64, &'static Type)>> {
    types
        .iter()
        .map(|kind| {
            let id = diesel::insert_into(room_types::table)
                .values((
                    room_types::property_id.eq(property_id),
                    room_types::code.eq(kind.0),
                    room_types::name.eq(kind.1),
                    room_types::rank.eq(kind.2),
                    room_types::rate_minor.eq(kind.3),
                ))
                .returning(room_types::id)
                .get_result(conn)?;
            Ok((id, kind))
        })
        .collect()
}

fn room(
    conn: &mut Conn,
    property_id: i64,
    types: &[(i64, &Type)],
    code: &str,
    number: &str,
    floor: i64,
    more: &[&str],
) -> QueryResult<()> {
    let Some((type_id, kind)) = types.iter().find(|(_, kind)| kind.0 == code) else {
        return Ok(());
    };
    let id: i64 = diesel::insert_into(rooms::table)
        .values((
            rooms::property_id.eq(property_id),
            rooms::room_type_id.eq(type_id),
            rooms::number.eq(number),
            rooms::floor.eq(floor),
            rooms::capacity.eq(kind.4),
        ))
        .returning(rooms::id)
        .get_result(conn)?;
    for feature in kind.5.iter().chain(more).chain(&["non_smoking", "kettle"]) {
        diesel::insert_into(room_features::table)
            .values((
                room_features::room_id.eq(id),
                room_features::feature.eq(feature),
            ))
            .execute(conn)?;
    }
    Ok(())
}
