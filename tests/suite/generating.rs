//! Filling an empty database, on both.

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    cases, guest_keys, guests, loyalty_entries, preferences, properties, room_nights, stays,
};
use innkeeper::db::{Conn, Database};
use innkeeper::generating::{GenerateError, Size, generate};
use innkeeper::secret::Keys;

use crate::support::database::for_both;

fn keys() -> Keys {
    Keys::from_hex(&"0f".repeat(32)).unwrap()
}

fn read<T>(db: &Database, query: impl FnOnce(&mut Conn) -> QueryResult<T>) -> T {
    db.read(|conn| query(conn).map_err(GenerateError::from))
        .unwrap()
}

fn fill(db: &Database, guests: usize, stays: usize) -> Result<(), GenerateError> {
    generate(
        db,
        &keys(),
        Size {
            guests,
            stays,
            seed: 7,
        },
        |_| (),
    )
    .map(drop)
}

#[test]
fn a_group_has_the_size_asked_for_and_a_full_board_today() {
    for_both(|db| {
        fill(db, 2_000, 30_000).unwrap();
        let today = clock::now().date();
        read(db, |conn| {
            let count = |conn: &mut Conn, table: &str| -> i64 {
                match table {
                    "guests" => guests::table.select(count_star()).first(conn),
                    "stays" => stays::table.select(count_star()).first(conn),
                    "properties" => properties::table.select(count_star()).first(conn),
                    "preferences" => preferences::table.select(count_star()).first(conn),
                    "points" => loyalty_entries::table.select(count_star()).first(conn),
                    "cases" => cases::table.select(count_star()).first(conn),
                    _ => room_nights::table.select(count_star()).first(conn),
                }
                .unwrap()
            };
            assert_eq!(
                (
                    count(conn, "guests"),
                    count(conn, "stays"),
                    count(conn, "properties")
                ),
                (2_000, 30_000, 2)
            );
            for table in ["preferences", "points", "cases", "nights"] {
                assert!(count(conn, table) > 0, "{table}");
            }
            let houses: Vec<i64> = properties::table.select(properties::id).load(conn)?;
            for house in houses {
                let arriving: i64 = stays::table
                    .filter(stays::property_id.eq(house))
                    .filter(stays::arrival.eq(today))
                    .select(count_star())
                    .first(conn)?;
                assert!((20..=60).contains(&arriving), "{arriving} arrivals today");
            }
            let strays: i64 = stays::table
                .filter(stays::status.eq("in_house"))
                .filter(
                    stays::room_id
                        .is_null()
                        .or(stays::departure.lt(today))
                        .or(stays::arrival.gt(today)),
                )
                .select(count_star())
                .first(conn)?;
            assert_eq!(strays, 0);
            let broken = |finding: &innkeeper::checking::Finding| !finding.holds();
            let findings = innkeeper::checking::run(conn, clock::now(), |_| ())?;
            let broken: Vec<_> = findings.into_iter().filter(broken).collect();
            assert_eq!(broken, []);
            Ok(())
        });
    });
}

#[test]
fn the_same_seed_makes_the_same_group_and_its_indexes_are_there() {
    type Group = (
        Vec<(Option<String>, Option<String>)>,
        Vec<(i64, NaiveDate, String)>,
        i64,
    );
    let group = |db: &Database| -> Group {
        fill(db, 300, 500).unwrap();
        read(db, |conn| {
            Ok((
                guests::table
                    .order(guests::id)
                    .select((guests::given_name, guests::family_name))
                    .load(conn)?,
                stays::table
                    .order(stays::id)
                    .select((stays::guest_id, stays::arrival, stays::status))
                    .load(conn)?,
                guest_keys::table.select(count_star()).first(conn)?,
            ))
        })
    };
    let seen = std::cell::RefCell::new(Vec::new());
    for _ in 0..2 {
        for_both(|db| {
            seen.borrow_mut().push(group(db));
            assert!(
                innkeeper::db::dialect::drop_indexes(&mut db.url().connect().unwrap(), &["stays"])
                    .unwrap()
                    .len()
                    >= 4
            );
        });
    }
    let seen = seen.into_inner();
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn small_groups_work_and_a_filled_database_is_refused() {
    for_both(|db| {
        fill(db, 1, 1).unwrap();
        assert!(matches!(fill(db, 1, 1), Err(GenerateError::NotEmpty)));
    });
    for_both(|db| fill(db, 10, 0).unwrap());
    for_both(|db| assert!(matches!(fill(db, 0, 10), Err(GenerateError::NoGuests))));
}
