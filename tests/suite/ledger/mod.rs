//! Points that add up: the ledger, its lots, and what checks them.

mod desk;
mod histories;
mod holding;
mod posting;

use chrono::NaiveDate;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::Conn;
use innkeeper::db::schema::{loyalty_accounts, stays};
use innkeeper::error::Fault;
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::properties::{Property, Reference};
use innkeeper::staff::audit::Actor;
use innkeeper::stays::arrive::Acting;
use innkeeper::stays::depart;
use innkeeper::stays::folio::{Charge, Department};
use innkeeper::stays::{Decision, Status};

use crate::support::app::TestApp;
use crate::support::world::keys;

/// New guests, each with an account; profile and account of each.
fn members(conn: &mut Conn, count: usize) -> QueryResult<Vec<(i64, i64)>> {
    let number = |index: usize| format!("T-{}-{index}", innkeeper::loyalty::number::make());
    let profiles: Vec<NewProfile> = (0..count)
        .map(|index| NewProfile {
            source: "test".into(),
            given_name: Some(format!("Member{index}")),
            loyalty_number: Some(number(index)),
            ..NewProfile::default()
        })
        .collect();
    let guests = profile::create(conn, &keys(), &profiles, clock::now())?;
    guests
        .into_iter()
        .map(|guest_id| {
            let account = loyalty_accounts::table
                .filter(loyalty_accounts::guest_id.eq(guest_id))
                .select(loyalty_accounts::id)
                .first(conn)?;
            Ok((guest_id, account))
        })
        .collect()
}

/// What is charged for the room, in fen: a point for each hundred.
fn room(amount_minor: i64, on: NaiveDate) -> Charge {
    Charge {
        department: Department::Room,
        description: None,
        amount_minor,
        cost_minor: None,
        currency: "CNY".into(),
        posted_on: on,
    }
}

fn acting(app: &TestApp, today: NaiveDate) -> Acting {
    Acting {
        by: Actor::User(app.user_id("zhou")),
        today,
    }
}

/// A guest who comes and leaves on a day, and is charged.
fn stayed(app: &TestApp, guest_id: i64, amount_minor: i64, on: NaiveDate) -> (i64, i64) {
    let acting = acting(app, on);
    app.app
        .db
        .write(|conn| {
            let house: Property = Property::all(conn)?.remove(0);
            let stay_id: i64 = diesel::insert_into(stays::table)
                .values((
                    stays::property_id.eq(house.id),
                    stays::confirmation_number.eq(innkeeper::secret::token()),
                    stays::guest_id.eq(guest_id),
                    stays::status.eq(Status::InHouse),
                    stays::arrival.eq(on),
                    stays::departure.eq(on),
                    stays::currency.eq("CNY"),
                    stays::decision.eq(Decision::Linked),
                    stays::created_at.eq(clock::now()),
                    stays::updated_at.eq(clock::now()),
                ))
                .returning(stays::id)
                .get_result(conn)?;
            let reference = Reference::load(conn)?;
            let charges = [room(amount_minor, on)];
            let departed = depart::check_out(conn, stay_id, &charges, &reference, acting)?;
            Ok::<_, Fault>((stay_id, departed.points))
        })
        .unwrap()
}

fn day(days: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 31).unwrap() + chrono::TimeDelta::days(days)
}
