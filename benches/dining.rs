//! The host stand over HTTP with 200 tables, 400 reservations and 2,000 regulars, and the choice of a seat alone.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use criterion::{Criterion, criterion_group, criterion_main};
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    dining_services, dining_table_features, dining_tables, dining_visit_tables, dining_visits,
    guests, outlets,
};
use innkeeper::db::{Database, DatabaseUrl, migrate};
use innkeeper::dining::floor::Floor;
use innkeeper::dining::host::{self, Acting, Becomes, NewParty};
use innkeeper::dining::memory::{self, Habits};
use innkeeper::dining::table::{Plan, Shape};
use innkeeper::dining::{Meal, Outlet, Status, seating, visit};
use innkeeper::generating::{self, Size};
use innkeeper::insert_rows;
use innkeeper::properties::Property;
use innkeeper::secret::Keys;
use innkeeper::staff::audit::Actor;
use innkeeper::web::{App, server};

const TABLES: i64 = 200;
const RESERVATIONS: usize = 400;
const REGULARS: i64 = 2_000;
const PAGES: usize = 1_000;

const FEATURES: [&str; 5] = [
    "window_table",
    "corner_table",
    "quiet_table",
    "booth",
    "edge_table",
];

/// A restaurant as large as they come, this evening full.
fn fill(db: &Database) -> Result<(), support::Failure> {
    db.write(|conn| {
        let house = Property::all(conn)?.into_iter().next().unwrap();
        let outlet_id: i64 = diesel::insert_into(outlets::table)
            .values((
                outlets::property_id.eq(house.id),
                outlets::code.eq("hall"),
                outlets::name.eq("Hall"),
                outlets::width.eq(4_000_i64),
                outlets::height.eq(2_500_i64),
            ))
            .returning(outlets::id)
            .get_result(conn)?;
        diesel::insert_into(dining_services::table)
            .values((
                dining_services::outlet_id.eq(outlet_id),
                dining_services::meal.eq(Meal::Dinner),
                dining_services::weekdays.eq(127_i64),
                dining_services::opens_at.eq(0_i64),
                dining_services::closes_at.eq(1_440_i64),
                dining_services::turn_small.eq(90_i64),
                dining_services::turn_middle.eq(105_i64),
                dining_services::turn_large.eq(120_i64),
            ))
            .execute(conn)?;
        for index in 0..TABLES {
            let id: i64 = diesel::insert_into(dining_tables::table)
                .values((
                    dining_tables::outlet_id.eq(outlet_id),
                    dining_tables::name.eq(format!("T{index}")),
                    dining_tables::shape.eq(Shape::Square),
                    dining_tables::x.eq(100 + index % 20 * 190),
                    dining_tables::y.eq(100 + index / 20 * 230),
                    dining_tables::width.eq(100_i64),
                    dining_tables::height.eq(90_i64),
                    dining_tables::seats.eq(2 + index % 4),
                ))
                .returning(dining_tables::id)
                .get_result(conn)?;
            for feature in FEATURES.iter().skip(index as usize % 5).take(2) {
                diesel::insert_into(dining_table_features::table)
                    .values((
                        dining_table_features::table_id.eq(id),
                        dining_table_features::feature.eq(feature),
                    ))
                    .execute(conn)?;
            }
        }
        let tables: Vec<i64> = dining_tables::table
            .order(dining_tables::id)
            .select(dining_tables::id)
            .load(conn)?;
        let known: Vec<i64> = guests::table
            .order(guests::id)
            .limit(REGULARS)
            .select(guests::id)
            .load(conn)?;
        let now = clock::now();
        let local = house.local(now);
        let mut id = 0_i64;
        let (mut visits, mut sat) = (Vec::new(), Vec::new());
        for (index, guest) in known.iter().enumerate() {
            for evening in 1..=6_i64 {
                id += 1;
                let from = now - TimeDelta::days(evening * 20 + index as i64 % 13);
                visits.push((
                    dining_visits::id.eq(id),
                    dining_visits::outlet_id.eq(outlet_id),
                    dining_visits::on_date.eq(from.date()),
                    dining_visits::meal.eq(Meal::Dinner),
                    dining_visits::status.eq(Status::Left),
                    dining_visits::guest_id.eq(*guest),
                    dining_visits::covers.eq(2_i64),
                    (
                        dining_visits::starts_at.eq(from),
                        dining_visits::ends_at.eq(from + TimeDelta::minutes(90)),
                        dining_visits::seated_at.eq(from),
                        dining_visits::left_at.eq(from + TimeDelta::minutes(80)),
                    ),
                    dining_visits::created_at.eq(from),
                    dining_visits::updated_at.eq(from),
                ));
                sat.push((
                    dining_visit_tables::visit_id.eq(id),
                    dining_visit_tables::table_id
                        .eq(tables[(index + evening as usize % 2) % tables.len()]),
                ));
            }
        }
        insert_rows!(conn, dining_visits::table, visits);
        insert_rows!(conn, dining_visit_tables::table, sat);
        // Two rounds of every table, the first of which has begun.
        let outlet = Outlet::by_code(conn, "hall")?.unwrap();
        for index in 0..RESERVATIONS {
            let round = (index / tables.len()) as i64;
            let from = now + TimeDelta::minutes(round * 120 - 30);
            let seated = round == 0 && index % 3 != 0;
            let becomes = vec![tables[index % tables.len()]];
            let becomes = if seated {
                Becomes::Seated(becomes)
            } else {
                Becomes::Booked(becomes)
            };
            let party = NewParty {
                on_date: local.date(),
                meal: Meal::Dinner,
                guest_id: Some(known[index * 5 % known.len()]),
                stay_id: None,
                called: None,
                covers: 2,
                requests: None,
                time: (from, from + TimeDelta::minutes(90)),
                once: None,
            };
            let acting = Acting {
                by: Actor::User(1),
                outlet: &outlet,
                now,
            };
            host::welcome(conn, &party, &becomes, acting).map_err(|fault| format!("{fault:?}"))?;
        }
        Ok(())
    })
}

fn dining(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("bench.db"));
    let db = Database::open(&url).unwrap();
    migrate::run(&mut url.connect().unwrap()).unwrap();
    let keys = Keys::from_hex(&"0".repeat(64)).unwrap();
    let size = Size {
        guests: 10_000,
        stays: 30_000,
        seed: 1,
    };
    generating::generate(&db, &keys, size, |_| {}).unwrap();
    let cookie = support::sign_in(&db);
    fill(&db).unwrap();
    let app = App::new(
        db.clone(),
        keys,
        "http://127.0.0.1",
        folder.path().join("search"),
    )
    .unwrap();
    let app = actix_web::web::Data::new(app);
    let address = support::serve(move |listener| server::start(app, listener).unwrap());
    let mut client = support::Client::new(address, &cookie);
    let mut conn = url.connect().unwrap();
    let (guest, person): (String, i64) = guests::table
        .inner_join(dining_visits::table)
        .filter(dining_visits::status.eq(Status::Left))
        .select((guests::public_id, guests::person_id))
        .first(&mut conn)
        .unwrap();
    for path in [
        "/restaurant/hall".to_owned(),
        format!("/restaurant/hall?guest={guest}"),
    ] {
        client.get("/restaurant/hall");
        let mut took: Vec<Duration> = (0..PAGES)
            .map(|_| {
                let began = Instant::now();
                black_box(client.get(&path));
                began.elapsed()
            })
            .collect();
        took.sort_unstable();
        let p99 = took[PAGES * 99 / 100];
        println!(
            "{path}: p50 {:?}, p99 {p99:?}, max {:?}",
            took[PAGES / 2],
            took[PAGES - 1]
        );
    }
    let outlet = Outlet::by_code(&mut conn, "hall").unwrap().unwrap();
    let plan = Plan::load(&mut conn, outlet.id).unwrap();
    let house = Property::all(&mut conn)
        .unwrap()
        .into_iter()
        .next()
        .unwrap();
    let now = clock::now();
    let date = house.local(now).date();
    let parties = visit::of_date(&mut conn, outlet.id, date).unwrap();
    let visits = memory::visits(&mut conn, person).unwrap();
    criterion.bench_function("seating: the best of 200 tables", |b| {
        b.iter(|| {
            let floor = Floor::of(&plan, &parties, now);
            let habits = Habits::of(&visits, outlet.id, Meal::Dinner);
            let party = seating::Party {
                covers: 2,
                wishes: seating::wishes(&[], &["window_table"], &habits, house.id),
                usual: habits.usual.as_ref().map(|usual| usual.table_id),
                from: now,
                turn: TimeDelta::minutes(90),
            };
            black_box(seating::rank(&party, floor.places(now, None)))
        });
    });
    criterion.bench_function("the room read from the database", |b| {
        b.iter(|| visit::of_date(&mut conn, outlet.id, date).unwrap());
    });
}

criterion_group!(benches, dining);
criterion_main!(benches);
