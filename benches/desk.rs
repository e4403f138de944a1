//! The hot paths without HTTP: search, board and card, on a generated group of 20,000 guests and 100,000 stays.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use innkeeper::db::{Conn, Database, DatabaseUrl, migrate};
use innkeeper::generating::{self, Size};
use innkeeper::guests::search::{self, Asking, Finder};
use innkeeper::properties::{Property, Reference};
use innkeeper::secret::Keys;
use innkeeper::stays::board::{self, Board};
use innkeeper::welcome::{Card, Visit};

fn group() -> (tempfile::TempDir, Database, Conn) {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("bench.db"));
    let db = Database::open(&url).unwrap();
    migrate::run(&mut url.connect().unwrap()).unwrap();
    let size = Size {
        guests: 20_000,
        stays: 100_000,
        seed: 1,
    };
    generating::generate(&db, &Keys::from_hex(&"0".repeat(64)).unwrap(), size, |_| {}).unwrap();
    (folder, db, url.connect().unwrap())
}

fn desk(criterion: &mut Criterion) {
    let (folder, db, mut conn) = group();
    let house = Property::all(&mut conn)
        .unwrap()
        .into_iter()
        .next()
        .unwrap();
    let reference = Reference::load(&mut conn).unwrap();
    let today = house.business_date(innkeeper::clock::now());
    let rows = board::rows(&mut conn, Board::Arrivals, house.id, today, today).unwrap();
    let row = rows
        .iter()
        .max_by_key(|row| row.memory.stays.len())
        .unwrap();
    let visit = Visit {
        stay: &row.stay,
        guest: &row.guest,
        memory: &row.memory,
        room: row.room.as_ref(),
        candidates: &row.candidates,
        reference: &reference,
        today,
    };
    criterion.bench_function("board of a day", |b| {
        b.iter(|| board::rows(&mut conn, Board::Arrivals, house.id, today, today).unwrap());
    });
    criterion.bench_function("card: facts from the database", |b| {
        b.iter(|| board::row(&mut conn, row.stay.id).unwrap())
    });
    criterion.bench_function("card: what to say, do and avoid", |b| {
        b.iter(|| Card::of(&visit))
    });
    let finder = Finder::start(db, folder.path().join("search")).unwrap();
    while !finder.is_ready() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let asking = Asking {
        houses: &[house.id],
        property_id: house.id,
        today,
    };
    for (name, typed) in [
        ("surname", "zhang"),
        ("two words", "wei zhang"),
        ("three letters", "mül"),
        ("phone tail", "4418"),
        ("native script", "张"),
        ("one letter", "o"),
        ("a slip", "zhagn wei"),
    ] {
        criterion.bench_function(&format!("search: {name}"), |b| {
            b.iter(|| search::find(&mut conn, &finder, typed, &asking, 8).unwrap())
        });
    }
}

criterion_group!(benches, desk);
criterion_main!(benches);
