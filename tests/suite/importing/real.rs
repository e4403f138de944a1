//! The real bookings, and files as spreadsheets save them.

use std::io::{self, Read};

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use innkeeper::db::Database;
use innkeeper::db::schema::{
    folio_charges, guest_contacts, guest_documents, guests, preferences, room_features,
    room_nights, rooms, stay_bookings, stay_candidates, stays,
};
use innkeeper::importing::{self, Kind, Options};
use innkeeper::properties::Reference;
use innkeeper::stays::replay;

use super::{GUESTS, MONTH, PROPERTIES, ROOMS, counts, houses, import, keys, read};
use crate::support::database::for_both;

#[test]
fn a_month_of_real_bookings_goes_in_and_the_boards_of_its_days_are_right() {
    for_both(|db| {
        houses(db);
        assert_eq!(counts(&import(db, Kind::Guests, GUESTS)), (1000, 0, 0, 0));
        assert_eq!(counts(&import(db, Kind::Stays, MONTH)), (4824, 0, 0, 0));
        // Property, day, then what a count over the file gives: arrived, cancelled, no-shows, in house that night, left.
        for (property, day, arrived, cancelled, no_show, in_house, left) in [
            ("LIS", "2016-03-01", 55, 13, 1, 55, 0),
            ("LIS", "2016-03-15", 45, 14, 1, 181, 38),
            ("LIS", "2016-03-26", 41, 43, 0, 201, 59),
            ("ALG", "2016-03-01", 38, 15, 1, 38, 0),
            ("ALG", "2016-03-15", 49, 3, 0, 133, 30),
            ("ALG", "2016-03-26", 18, 4, 1, 179, 25),
        ] {
            let day: NaiveDate = day.parse().unwrap();
            let arriving = |status| stays_where(db, property, status, |arrival, _| arrival == day);
            assert_eq!(arriving("departed"), arrived, "{property} {day}");
            assert_eq!(arriving("cancelled"), cancelled, "{property} {day}");
            assert_eq!(arriving("no_show"), no_show, "{property} {day}");
            assert_eq!(
                stays_where(db, property, "departed", |from, to| from <= day && day < to),
                in_house,
                "{property} {day}"
            );
            assert_eq!(
                stays_where(db, property, "departed", |_, to| to == day),
                left,
                "{property} {day}"
            );
        }
        let charges: Vec<i64> = read(db, |conn| {
            folio_charges::table
                .select(folio_charges::amount_minor)
                .load(conn)
        });
        assert_eq!(
            (charges.len(), charges.iter().sum::<i64>()),
            (3272, 76_733_742)
        );
        assert_eq!(
            read(db, |conn| room_nights::table
                .select(count_star())
                .first::<i64>(conn)),
            0
        );
        let days = [("LIS", "2016-03-15"), ("ALG", "2016-03-15")];
        let kept = days.map(|(property, day)| wishes_kept(db, property, day));
        let of = |way: usize| kept.iter().map(|kept| kept[way]).sum::<usize>();
        assert!(of(2) > of(1) && of(2) > of(0), "{kept:?}");
    });
}

/// A real day again, as it stood on its morning: the wishes kept by the first free room, by who gave the rooms out, and by
/// an assignment that breaks nobody's need and leaves nobody without.
fn wishes_kept(db: &Database, property: &str, day: &str) -> [usize; 3] {
    let replay = read(db, |conn| {
        let reference = Reference::load(conn)?;
        let house = reference.by_code(property).unwrap();
        replay::load(conn, house, &reference, day.parse().unwrap())
    });
    let day = &replay.day;
    assert!(day.arrivals.len() > 40, "{}", day.arrivals.len());
    let plan = day.plan();
    let places: Vec<_> = plan.places.iter().map(|place| place.room()).collect();
    let assigned = day.measure(&places);
    assert_eq!((assigned.broken, assigned.without), (0, 0), "{assigned:?}");
    [
        day.measure(&day.first_free()).kept,
        day.measure(&replay.given).kept,
        assigned.kept,
    ]
}

fn stays_where(
    db: &Database,
    property: &str,
    status: &str,
    keep: impl Fn(NaiveDate, NaiveDate) -> bool,
) -> usize {
    use innkeeper::db::schema::properties;
    let dates: Vec<(NaiveDate, NaiveDate)> = read(db, |conn| {
        stays::table
            .inner_join(properties::table)
            .filter(properties::code.eq(property))
            .filter(stays::status.eq(status))
            .select((stays::arrival, stays::departure))
            .load(conn)
    });
    dates
        .into_iter()
        .filter(|(arrival, departure)| keep(*arrival, *departure))
        .count()
}

#[test]
fn the_same_files_again_change_nothing() {
    for_both(|db| {
        let all = || {
            [
                (Kind::Properties, PROPERTIES),
                (Kind::Rooms, ROOMS),
                (Kind::Guests, GUESTS),
                (Kind::Stays, MONTH),
            ]
            .map(|(kind, file)| import(db, kind, file))
        };
        let first = all();
        let before = contents(db);
        for (first, again) in first.iter().zip(all()) {
            assert_eq!(counts(&again), (0, 0, first.new + first.changed, 0));
        }
        assert_eq!(contents(db), before);
    });
}

/// How many rows there are, and when one last changed.
fn contents(db: &Database) -> (Vec<i64>, chrono::NaiveDateTime, chrono::NaiveDateTime) {
    read(db, |conn| {
        let rows = vec![
            guests::table.select(count_star()).first(conn)?,
            guest_contacts::table.select(count_star()).first(conn)?,
            guest_documents::table.select(count_star()).first(conn)?,
            stays::table.select(count_star()).first(conn)?,
            stay_bookings::table.select(count_star()).first(conn)?,
            stay_candidates::table.select(count_star()).first(conn)?,
            folio_charges::table.select(count_star()).first(conn)?,
            preferences::table.select(count_star()).first(conn)?,
            rooms::table.select(count_star()).first(conn)?,
            room_features::table.select(count_star()).first(conn)?,
        ];
        let stay = stays::table
            .order(stays::updated_at.desc())
            .select(stays::updated_at)
            .first(conn)?;
        let guest = guests::table
            .order(guests::updated_at.desc())
            .select(guests::updated_at)
            .first(conn)?;
        Ok((rows, stay, guest))
    })
}

#[test]
fn a_file_in_any_encoding_and_with_any_separator_says_the_same() {
    let text =
        "guest_id;given_name;family_name;city\nG1;José;Müller;São Brás\nG2;Zoë;Lefèvre;Besançon\n";
    let chinese =
        "guest_id;given_name;family_name;city\nG3;娜娜;欧阳;上海\nG4;小明;王;北京市朝阳区\n";
    let utf_16 = |text: &str| {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    for_both(|db| {
        assert_eq!(counts(&import(db, Kind::Guests, text)), (2, 0, 0, 0));
        assert_eq!(counts(&import(db, Kind::Guests, chinese)), (2, 0, 0, 0));
        for same in [
            text.replace(';', ",").into_bytes(),
            text.replace(';', "\t").into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            utf_16(text),
            encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
            encoding_rs::GB18030.encode(chinese).0.into_owned(),
            utf_16(chinese),
        ] {
            assert_eq!(
                counts(&import(db, Kind::Guests, &same)),
                (0, 0, 2, 0),
                "{}",
                String::from_utf8_lossy(&same)
            );
        }
    });
}

/// A file whose disk is pulled out after some bytes.
struct Pulled<'a>(&'a [u8]);

impl Read for Pulled<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("pulled out"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn an_import_cut_off_keeps_whole_batches_and_can_be_repeated() {
    let rows: String = (0..5_000)
        .map(|n| format!("G{n},Given{n},Family{n},someone{n}@example.com\n"))
        .collect();
    let file = format!("guest_id,given_name,family_name,email\n{rows}");
    for_both(|db| {
        let cut = Pulled(&file.as_bytes()[..file.len() * 3 / 4]);
        let error = importing::run(db, &keys(), Kind::Guests, cut, &Options::default(), |_| ())
            .unwrap_err();
        assert!(error.to_string().contains("pulled out"), "{error}");
        let kept: i64 = read(db, |conn| guests::table.select(count_star()).first(conn));
        let with_contact: i64 = read(db, |conn| {
            guest_contacts::table.select(count_star()).first(conn)
        });
        assert!(
            kept % 2_000 == 0 && kept > 0 && kept == with_contact,
            "{kept} {with_contact}"
        );
        let report = import(db, Kind::Guests, &file);
        assert_eq!(
            (
                report.new + report.unchanged,
                report.unchanged,
                report.rejected
            ),
            (5_000, kept as u64, 0)
        );
    });
}
