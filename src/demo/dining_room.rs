//! The floor plan of the restaurant by the river, and its hours: services follow each other round the clock.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{
    dining_combination_tables, dining_combinations, dining_marks, dining_services,
    dining_table_features, dining_tables, outlets,
};
use crate::dining::table::{MarkKind, Shape};
use crate::dining::{Meal, Outlet};

/// Name, shape, middle, size, seats, features.
type Drawn = (
    &'static str,
    Shape,
    (i64, i64),
    (i64, i64),
    i64,
    &'static [&'static str],
);

const WINDOW: (i64, i64) = (108, 78);
const ROUND: (i64, i64) = (118, 118);
const BOOTH: (i64, i64) = (164, 90);

const TABLES: [Drawn; 16] = [
    (
        "T1",
        Shape::Round,
        (119, 297),
        ROUND,
        4,
        &["quiet_table", "edge_table"],
    ),
    ("T2", Shape::Round, (296, 297), ROUND, 4, &["quiet_table"]),
    ("T3", Shape::Round, (489, 297), ROUND, 4, &[]),
    (
        "T4",
        Shape::Square,
        (83, 104),
        WINDOW,
        2,
        &["window_table", "edge_table", "corner_table", "quiet_table"],
    ),
    (
        "T5",
        Shape::Square,
        (230, 104),
        WINDOW,
        2,
        &["window_table", "quiet_table"],
    ),
    (
        "T6",
        Shape::Square,
        (378, 104),
        WINDOW,
        2,
        &["window_table"],
    ),
    (
        "T7",
        Shape::Square,
        (526, 104),
        WINDOW,
        2,
        &["window_table"],
    ),
    (
        "T8",
        Shape::Square,
        (675, 104),
        WINDOW,
        2,
        &["window_table"],
    ),
    (
        "T9",
        Shape::Square,
        (823, 104),
        WINDOW,
        2,
        &["window_table", "edge_table", "corner_table"],
    ),
    ("T10", Shape::Round, (682, 297), ROUND, 4, &["edge_table"]),
    (
        "T11",
        Shape::Square,
        (156, 489),
        BOOTH,
        6,
        &["booth", "away_from_kitchen"],
    ),
    (
        "T12",
        Shape::Square,
        (393, 489),
        BOOTH,
        6,
        &["booth", "away_from_kitchen"],
    ),
    (
        "T13",
        Shape::Square,
        (631, 489),
        BOOTH,
        6,
        &["booth", "near_kitchen"],
    ),
    (
        "T14",
        Shape::Round,
        (133, 638),
        (106, 106),
        4,
        &["step_free", "high_chair"],
    ),
    (
        "T15",
        Shape::Round,
        (326, 638),
        (106, 106),
        4,
        &["step_free", "high_chair"],
    ),
    (
        "T16",
        Shape::Round,
        (519, 638),
        (106, 106),
        4,
        &["near_kitchen"],
    ),
];

/// Tables that can be put together, and how many then sit there.
const TOGETHER: [(&[&str], i64); 3] = [
    (&["T5", "T6"], 4),
    (&["T7", "T8"], 4),
    (&["T12", "T13"], 12),
];

/// Meal, opening and closing, and the turns of small, middle and large parties.
const SERVICES: [(Meal, i64, i64, [i64; 3]); 5] = [
    (Meal::Breakfast, 390, 660, [60, 60, 75]),
    (Meal::Lunch, 660, 870, [75, 90, 105]),
    (Meal::Tea, 870, 1020, [75, 75, 90]),
    (Meal::Dinner, 1020, 1350, [90, 105, 120]),
    (Meal::Late, 1350, 1680, [90, 105, 120]),
];

pub(super) fn build(conn: &mut Conn, property_id: i64) -> QueryResult<Outlet> {
    let id: i64 = diesel::insert_into(outlets::table)
        .values((
            outlets::property_id.eq(property_id),
            outlets::code.eq("riverside"),
            outlets::name.eq("Riverside Restaurant"),
            outlets::width.eq(920_i64),
            outlets::height.eq(720_i64),
        ))
        .returning(outlets::id)
        .get_result(conn)?;
    for (name, shape, (x, y), (width, height), seats, features) in TABLES {
        let table_id: i64 = diesel::insert_into(dining_tables::table)
            .values((
                dining_tables::outlet_id.eq(id),
                dining_tables::name.eq(name),
                dining_tables::shape.eq(shape),
                (dining_tables::x.eq(x), dining_tables::y.eq(y)),
                dining_tables::width.eq(width),
                dining_tables::height.eq(height),
                dining_tables::seats.eq(seats),
            ))
            .returning(dining_tables::id)
            .get_result(conn)?;
        for feature in features {
            diesel::insert_into(dining_table_features::table)
                .values((
                    dining_table_features::table_id.eq(table_id),
                    dining_table_features::feature.eq(feature),
                ))
                .execute(conn)?;
        }
    }
    for (kind, label, x, y, width, height) in [
        (MarkKind::Window, Some("window · river"), 460, 25, 890, 22),
        (MarkKind::Kitchen, Some("kitchen"), 810, 600, 180, 120),
        (MarkKind::Door, Some("entrance"), 640, 706, 120, 24),
    ] {
        diesel::insert_into(dining_marks::table)
            .values((
                dining_marks::outlet_id.eq(id),
                dining_marks::kind.eq(kind),
                dining_marks::label.eq(label),
                (dining_marks::x.eq(x), dining_marks::y.eq(y)),
                dining_marks::width.eq(width),
                dining_marks::height.eq(height),
            ))
            .execute(conn)?;
    }
    for (names, seats) in TOGETHER {
        let combination: i64 = diesel::insert_into(dining_combinations::table)
            .values((
                dining_combinations::outlet_id.eq(id),
                dining_combinations::seats.eq(seats),
            ))
            .returning(dining_combinations::id)
            .get_result(conn)?;
        for name in names {
            diesel::insert_into(dining_combination_tables::table)
                .values((
                    dining_combination_tables::combination_id.eq(combination),
                    dining_combination_tables::table_id.eq(table(conn, id, name)?),
                ))
                .execute(conn)?;
        }
    }
    for (meal, opens_at, closes_at, [small, middle, large]) in SERVICES {
        diesel::insert_into(dining_services::table)
            .values((
                dining_services::outlet_id.eq(id),
                dining_services::meal.eq(meal),
                dining_services::weekdays.eq(127_i64),
                dining_services::opens_at.eq(opens_at),
                dining_services::closes_at.eq(closes_at),
                dining_services::turn_small.eq(small),
                dining_services::turn_middle.eq(middle),
                dining_services::turn_large.eq(large),
            ))
            .execute(conn)?;
    }
    Outlet::by_code(conn, "riverside")?.ok_or(diesel::result::Error::NotFound)
}

/// A table of the plan by name.
pub(super) fn table(conn: &mut Conn, outlet_id: i64, name: &str) -> QueryResult<i64> {
    dining_tables::table
        .filter(dining_tables::outlet_id.eq(outlet_id))
        .filter(dining_tables::name.eq(name))
        .select(dining_tables::id)
        .first(conn)
}
