//! The restaurant by the river: the evenings before, and tonight around this very moment, whatever the
//! hour: services follow each other round the clock.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::dining_room::{self, table};
use super::{World, menu};
use crate::clock;
use crate::db::schema::{dining_visit_tables, dining_visits, guests, rooms, stays, users};
use crate::dining::host::{self, Acting, Becomes, NewParty};
use crate::dining::outlet::{Hours, minutes_into};
use crate::dining::{Meal, Outlet, Status};
use crate::error::Fault;
use crate::staff::audit::Actor;
use crate::stays::Status as StayStatus;

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
    let outlet = dining_room::build(world.conn, world.riverside.id)?;
    menu::build(world.conn, outlet.id)?;
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
    tonight.coming()
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
                let minutes = 78 + index % 5 * 4;
                let visit = self.past(Some(guest_id), 2, name, 30 + index * 37, minutes)?;
                menu::ate(self.world.conn, self.outlet.id, visit, family_name, index)?;
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
    ) -> QueryResult<i64> {
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
        Ok(id)
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

    fn coming(&mut self) -> QueryResult<()> {
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
