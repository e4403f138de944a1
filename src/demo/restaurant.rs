//! The restaurant by the river: its floor plan, the evenings before, and tonight around this very moment, whatever the
//! hour: services follow each other round the clock.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::World;
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{
    dining_combination_tables, dining_combinations, dining_marks, dining_services,
    dining_table_features, dining_tables, dining_visit_tables, dining_visits, guests, outlets,
    rooms, stays, users,
};
use crate::dining::host::{self, Acting, Becomes, NewParty};
use crate::dining::outlet::{Hours, minutes_into};
use crate::dining::table::{MarkKind, Shape};
use crate::dining::{Meal, Outlet, Status};
use crate::error::Fault;
use crate::staff::audit::Actor;
use crate::stays::Status as StayStatus;

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
    (Meal::Late, 1350, 1830, [90, 105, 120]),
];

/// The restaurant being filled.
struct Tonight<'a, 'b> {
    world: &'a mut World<'b>,
    outlet: Outlet,
    by: Actor,
    meal: Meal,
    date: chrono::NaiveDate,
    now: NaiveDateTime,
}

pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    let outlet = build(world.conn, world.riverside.id)?;
    let now = clock::now();
    let local = world.riverside.local(now);
    let hours = Hours::load(world.conn, outlet.id, local.date())?;
    let sitting = hours.at(local).ok_or(diesel::result::Error::NotFound)?;
    let marco = users::table
        .filter(users::name.eq("marco"))
        .select(users::id)
        .first(world.conn)?;
    let mut tonight = Tonight {
        by: Actor::User(marco),
        meal: sitting.service.meal,
        date: sitting.date,
        now,
        outlet,
        world,
    };
    tonight.evenings_before()?;
    tonight.seated()?;
    tonight.to_come()
}

fn build(conn: &mut Conn, property_id: i64) -> QueryResult<Outlet> {
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

fn table(conn: &mut Conn, outlet_id: i64, name: &str) -> QueryResult<i64> {
    dining_tables::table
        .filter(dining_tables::outlet_id.eq(outlet_id))
        .filter(dining_tables::name.eq(name))
        .select(dining_tables::id)
        .first(conn)
}

/// A party to be told of: who, how many, at which table, from and until which minute from now, what it asks for.
struct Told {
    family_name: Option<&'static str>,
    called: Option<&'static str>,
    covers: i64,
    table: &'static str,
    from: i64,
    minutes: i64,
    requests: Option<&'static str>,
}

const PARTY: Told = Told {
    family_name: None,
    called: None,
    covers: 2,
    table: "",
    from: 0,
    minutes: 90,
    requests: None,
};

impl Tonight<'_, '_> {
    /// The guest of the cast with a family name, and the stay they are in the house for.
    fn guest(&mut self, family_name: &str) -> QueryResult<(i64, Option<i64>)> {
        let id: i64 = guests::table
            .filter(guests::family_name.eq(family_name))
            .order(guests::id)
            .select(guests::id)
            .first(self.world.conn)?;
        let stay = stays::table
            .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .filter(stays::guest_id.eq(id))
            .filter(stays::status.eq(StayStatus::InHouse))
            .select(stays::id)
            .first(self.world.conn)
            .optional()?;
        Ok((id, stay))
    }

    /// What taught us where somebody likes to sit, and how long parties stay.
    fn evenings_before(&mut self) -> QueryResult<()> {
        for (family_name, tables) in [
            (
                "Ouyang",
                &["T4", "T4", "T5", "T4", "T4", "T4", "T4", "T9"][..],
            ),
            ("Müller", &["T12", "T12", "T11", "T12", "T12"]),
            ("Tanaka", &["T1", "T2", "T1"]),
            ("Wang", &["T9", "T9", "T9", "T9"]),
        ] {
            let (guest_id, _) = self.guest(family_name)?;
            for (index, name) in (0_i64..).zip(tables) {
                self.past(Some(guest_id), 2, name, 30 + index * 37, 78 + index % 5 * 4)?;
            }
        }
        for index in 0..24_i64 {
            let (covers, name, minutes) = match index % 4 {
                0 => (2, "T6", 74),
                1 => (2, "T7", 82),
                2 => (4, "T3", 96),
                _ => (5, "T13", 118),
            };
            self.past(None, covers, name, 1 + index, minutes + index % 6)?;
        }
        Ok(())
    }

    fn past(
        &mut self,
        guest_id: Option<i64>,
        covers: i64,
        name: &str,
        days: i64,
        minutes: i64,
    ) -> QueryResult<()> {
        let from = self.now - TimeDelta::days(days);
        let to = from + TimeDelta::minutes(minutes);
        let id: i64 = diesel::insert_into(dining_visits::table)
            .values((
                (
                    dining_visits::outlet_id.eq(self.outlet.id),
                    dining_visits::on_date.eq(self.date - TimeDelta::days(days)),
                    dining_visits::meal.eq(self.meal),
                    dining_visits::status.eq(Status::Left),
                    dining_visits::guest_id.eq(guest_id),
                    dining_visits::covers.eq(covers),
                ),
                dining_visits::starts_at.eq(from),
                dining_visits::ends_at.eq(to),
                dining_visits::seated_at.eq(from),
                dining_visits::left_at.eq(to),
                dining_visits::created_at.eq(from),
                dining_visits::updated_at.eq(to),
            ))
            .returning(dining_visits::id)
            .get_result(self.world.conn)?;
        let table_id = table(self.world.conn, self.outlet.id, name)?;
        diesel::insert_into(dining_visit_tables::table)
            .values((
                dining_visit_tables::visit_id.eq(id),
                dining_visit_tables::table_id.eq(table_id),
            ))
            .execute(self.world.conn)?;
        Ok(())
    }

    fn seated(&mut self) -> QueryResult<()> {
        for told in [
            Told {
                family_name: Some("Lefèvre"),
                table: "T6",
                from: -40,
                ..PARTY
            },
            Told {
                called: Some("Johansson"),
                table: "T7",
                from: -25,
                ..PARTY
            },
            Told {
                called: Some("Mrs Adeyemi"),
                table: "T9",
                from: -95,
                ..PARTY
            },
            Told {
                family_name: Some("Nguyễn"),
                covers: 3,
                table: "T2",
                from: -15,
                ..PARTY
            },
            Told {
                called: Some("Rossi"),
                covers: 4,
                table: "T10",
                from: -55,
                minutes: 105,
                requests: Some("shellfish_allergy"),
                ..PARTY
            },
            Told {
                covers: 5,
                table: "T11",
                from: -30,
                minutes: 120,
                ..PARTY
            },
            Told {
                called: Some("Kowalski"),
                covers: 4,
                table: "T15",
                from: -60,
                minutes: 105,
                ..PARTY
            },
        ] {
            let sits = |tables| Becomes::Seated(tables);
            self.welcome(told, sits)?;
        }
        Ok(())
    }

    fn to_come(&mut self) -> QueryResult<()> {
        for told in [
            Told {
                family_name: Some("Müller"),
                table: "T12",
                from: 20,
                requests: Some("booth"),
                ..PARTY
            },
            Told {
                family_name: Some("Ribeiro"),
                covers: 3,
                table: "T14",
                from: 35,
                minutes: 105,
                requests: Some("high_chair"),
                ..PARTY
            },
            Told {
                called: Some("Henderson"),
                covers: 4,
                table: "T3",
                from: 45,
                minutes: 105,
                ..PARTY
            },
            Told {
                family_name: Some("O’Connor"),
                table: "T5",
                from: 75,
                ..PARTY
            },
            Told {
                family_name: Some("Al-Harbi"),
                table: "T1",
                covers: 4,
                from: 90,
                minutes: 105,
                ..PARTY
            },
            Told {
                called: Some("Sato"),
                covers: 6,
                table: "T13",
                from: 100,
                minutes: 120,
                ..PARTY
            },
        ] {
            self.welcome(told, Becomes::Booked)?;
        }
        for (called, covers, minutes, quoted) in [("Petersen", 2, -10, 15), ("Okafor", 4, -4, 30)] {
            let told = Told {
                called: Some(called),
                covers,
                from: minutes,
                ..PARTY
            };
            self.welcome(told, |_| Becomes::Waiting(Some(quoted)))?;
        }
        Ok(())
    }

    fn welcome(&mut self, told: Told, becomes: impl Fn(Vec<i64>) -> Becomes) -> QueryResult<()> {
        let guest = told.family_name.map(|name| self.guest(name)).transpose()?;
        let from = self.now + TimeDelta::minutes(told.from);
        let tables = match told.table {
            "" => Vec::new(),
            name => vec![table(self.world.conn, self.outlet.id, name)?],
        };
        let party = NewParty {
            on_date: self.date,
            meal: self.meal,
            guest_id: guest.map(|(id, _)| id),
            stay_id: guest.and_then(|(_, stay)| stay),
            called: told.called.map(str::to_owned),
            covers: told.covers,
            requests: told.requests.map(str::to_owned),
            time: (
                quarter(from),
                quarter(from) + TimeDelta::minutes(told.minutes),
            ),
            once: None,
        };
        let acting = Acting {
            by: self.by,
            outlet: &self.outlet,
            now: from.min(self.now),
        };
        match host::welcome(self.world.conn, &party, &becomes(tables), acting) {
            Ok(_) => Ok(()),
            Err(Fault::Database(error)) => Err(error),
            // A cast that promises a table twice is a mistake of the cast.
            Err(_) => Err(diesel::result::Error::RollbackTransaction),
        }
    }
}

/// Bookings are made for whole quarters.
fn quarter(at: NaiveDateTime) -> NaiveDateTime {
    let past = minutes_into(at.date(), at) % 15;
    at - TimeDelta::minutes(past)
}
