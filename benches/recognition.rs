//! Whose booking is it? Comparison, model, candidates and the whole, on a generated group of 20,000 guests; or, told of
//! a database, how long one booking takes there from what it says to the verdict.
//!
//! ```text
//! cargo bench --bench recognition
//! RECOGNITION_DATABASE_URL=sqlite:///tmp/big.db cargo bench --bench recognition
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

use std::time::{Duration, Instant};

use criterion::Criterion;
use diesel::prelude::*;
use innkeeper::db::schema::{guest_contacts, guests};
use innkeeper::db::{Conn, Database, DatabaseUrl, migrate};
use innkeeper::generating::{self, Size};
use innkeeper::guests::contacts::{Email, Phone};
use innkeeper::guests::profile::NewProfile;
use innkeeper::recognition::compare::Comparison;
use innkeeper::recognition::{Known, Model, Signals, model, verdict};
use innkeeper::secret::Keys;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bookings timed on a database of real size.
const TIMED: usize = 5_000;

fn keys() -> Keys {
    Keys::from_hex(&"0".repeat(64)).unwrap()
}

type Person = (
    i64,
    Option<String>,
    Option<String>,
    Option<chrono::NaiveDate>,
);

/// Bookings of stored guests, spread over all of them: as booked, the other way round, with a slip; with or without a
/// phone, an e-mail and a birth date.
fn bookings(conn: &mut Conn, count: usize) -> Vec<NewProfile> {
    let most: Option<i64> = guests::table
        .select(diesel::dsl::max(guests::id))
        .first(conn)
        .unwrap();
    let step = most.unwrap() / count as i64;
    let ids: Vec<i64> = (0..count as i64).map(|at| 1 + at * step).collect();
    let people: Vec<Person> = guests::table
        .filter(guests::id.eq_any(&ids))
        .select((
            guests::id,
            guests::given_name,
            guests::family_name,
            guests::birth_date,
        ))
        .load(conn)
        .unwrap();
    let contacts: Vec<(i64, String, String)> = guest_contacts::table
        .filter(guest_contacts::guest_id.eq_any(&ids))
        .select((
            guest_contacts::guest_id,
            guest_contacts::kind,
            guest_contacts::value,
        ))
        .load(conn)
        .unwrap();
    let contact = |id: i64, kind: &str| {
        let found = contacts.iter().find(|(of, k, _)| *of == id && k == kind);
        found.map(|(.., value)| value.clone())
    };
    let booking = |at: usize, (id, given, family, born): &Person| {
        let (mut given, mut family) = (given.clone(), family.clone());
        match at % 4 {
            1 => std::mem::swap(&mut given, &mut family),
            2 => family = family.map(|name| name.chars().skip(1).collect()),
            _ => {}
        }
        NewProfile {
            given_name: given,
            family_name: family,
            birth_date: born.filter(|_| at.is_multiple_of(5)),
            email: contact(*id, "email")
                .filter(|_| at.is_multiple_of(2))
                .and_then(|text| Email::parse(&text).ok()),
            phone: contact(*id, "phone")
                .filter(|_| at.is_multiple_of(3))
                .and_then(|text| Phone::parse(&text, None).ok()),
            ..NewProfile::default()
        }
    };
    people
        .iter()
        .enumerate()
        .map(|(at, person)| booking(at, person))
        .collect()
}

/// One booking from what it says to the verdict with reasons.
fn recognise(conn: &mut Conn, keys: &Keys, booked: &NewProfile) -> bool {
    let signals = Signals::of(booked, keys);
    let known = Known::load(conn, std::slice::from_ref(&signals)).unwrap();
    verdict(&signals, &known, Model::shipped())
        .guest_id
        .is_some()
}

fn timed(url: &str) {
    let url: DatabaseUrl = url.parse().unwrap();
    let (mut conn, keys) = (url.connect().unwrap(), keys());
    let bookings = bookings(&mut conn, TIMED);
    let mut linked = 0;
    let mut times: Vec<Duration> = bookings
        .iter()
        .map(|booked| {
            let started = Instant::now();
            linked += usize::from(recognise(&mut conn, &keys, booked));
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "{} bookings, {linked} linked: p50 {:?}, p99 {:?}, most {:?}",
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
}

fn measured(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("bench.db"));
    let db = Database::open(&url).unwrap();
    migrate::run(&mut url.connect().unwrap()).unwrap();
    let size = Size {
        guests: 20_000,
        stays: 1,
        seed: 1,
    };
    generating::generate(&db, &keys(), size, |_| {}).unwrap();
    let mut conn = url.connect().unwrap();
    let booked = bookings(&mut conn, 50);
    let signals: Vec<Signals> = booked
        .iter()
        .map(|booked| Signals::of(booked, &keys()))
        .collect();
    let known = Known::load(&mut conn, &signals).unwrap();
    let pairs = || {
        signals
            .iter()
            .flat_map(|a| signals.iter().map(move |b| (a, b)))
    };
    criterion.bench_function("signals of 50 bookings", |b| {
        b.iter(|| {
            booked
                .iter()
                .map(|booked| Signals::of(booked, &keys()))
                .collect::<Vec<_>>()
        });
    });
    criterion.bench_function("compare 2,500 pairs", |b| {
        b.iter(|| {
            pairs()
                .map(|(a, b)| Comparison::of(a, b, &known))
                .collect::<Vec<_>>()
        });
    });
    let compared: Vec<Comparison> = pairs().map(|(a, b)| Comparison::of(a, b, &known)).collect();
    criterion.bench_function("model: 50 candidates", |b| {
        b.iter(|| {
            let grades: Vec<_> = compared
                .iter()
                .take(50)
                .map(|c| model::candidate(c, 1))
                .collect();
            Model::shipped().shares(&model::nobody(&signals[0]), &grades)
        });
    });
    criterion.bench_function("candidates of 50 bookings", |b| {
        b.iter(|| Known::load(&mut conn, &signals).unwrap());
    });
    criterion.bench_function("one booking, whole", |b| {
        b.iter(|| recognise(&mut conn, &keys(), &booked[0]));
    });
}

fn main() {
    match std::env::var("RECOGNITION_DATABASE_URL") {
        Ok(url) => timed(&url),
        Err(_) => {
            let mut criterion = Criterion::default().configure_from_args();
            measured(&mut criterion);
            criterion.final_summary();
        }
    }
}
