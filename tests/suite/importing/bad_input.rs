//! What is wrong with a file or a row, and what is said about it.

use diesel::dsl::count_star;
use diesel::prelude::*;
use innkeeper::db::Database;
use innkeeper::db::schema::{guest_contacts, guests, room_types, stays};
use innkeeper::importing::{self, Kind, Options};

use super::{counts, houses, import, import_with, keys, read, rejection};
use crate::support::database::for_both;

#[test]
fn a_bad_row_is_rejected_with_field_value_and_remedy() {
    const STAY: &str = "property,confirmation_number,arrival,departure,family_name,rate,room_type,room,status,requests,guest_id";
    for_both(|db| {
        houses(db);
        for (row, told) in [
            (
                "NIX,B1,2026-01-01,2026-01-02,Berg,,,,,,",
                "property: 'NIX' is not a property; known are ALG, LIS",
            ),
            (
                "LIS,B1,2026-02-30,2026-03-02,Berg,,,,,,",
                "arrival: '2026-02-30' is not a date; write YYYY-MM-DD",
            ),
            (
                "LIS,B1,2026-03-02,2026-03-01,Berg,,,,,,",
                "departure: '2026-03-01' is before the arrival on 2026-03-02",
            ),
            (
                "LIS,B1,2026-03-01,2036-03-01,Berg,,,,,,",
                "departure: '2036-03-01' is more than 1100 nights",
            ),
            ("LIS,B1,,2026-03-01,Berg,,,,,,", "arrival: is empty"),
            (
                "LIS,B1,2026-03-01,2026-03-02,Berg,-5.00,,,,,",
                "rate: '-5.00' is negative; write 0 or more",
            ),
            (
                "LIS,B1,2026-03-01,2026-03-02,Berg,5.001,,,,,",
                "rate: '5.001' has more decimals than EUR",
            ),
            (
                "LIS,B1,2026-03-01,2026-03-02,Berg,,,9999,,,",
                "room: '9999' is not a room of this property",
            ),
            (
                "LIS,B1,2026-03-01,2026-03-02,Berg,,,,sleeping,,",
                "status: 'sleeping' is not one of reserved, in_house",
            ),
            (
                "LIS,B1,2026-03-01,2026-03-02,,,,,,,",
                "family_name: is empty, and so are given_name and guest_id",
            ),
            (
                "LIS,B1,2026-03-01,2026-03-02,,,,,,,G77",
                "guest_id: 'G77' is not a guest of source 'import'",
            ),
            (
                "LIS,B1,2026-03-01,2026-03-02,Be\u{7}rg,,,,,,",
                "family_name: holds a control character",
            ),
            (
                "LIS,B1,2026-03-01,2026-03-02",
                ": has 4 cells where the header has 11",
            ),
        ] {
            let reason = rejection(db, Kind::Stays, STAY, row);
            assert!(reason.starts_with(told), "{reason}");
        }
        let long = format!("LIS,B1,2026-03-01,2026-03-02,{},,,,,,", "x".repeat(201));
        assert!(
            rejection(db, Kind::Stays, STAY, &long)
                .contains("has 201 characters; at most 200 are kept")
        );
        assert_eq!(
            read(db, |conn| stays::table
                .select(count_star())
                .first::<i64>(conn)),
            0
        );
    });
}

#[test]
fn bad_profiles_rooms_and_wishes_are_rejected_with_a_remedy() {
    for_both(|db| {
        houses(db);
        let told = |kind, header, row, told: &str| {
            let reason = rejection(db, kind, header, row);
            assert!(reason.starts_with(told), "{reason}");
        };
        told(
            Kind::Guests,
            "guest_id,email",
            "G1,na@example",
            "email: 'na@example' is not an e-mail address",
        );
        told(
            Kind::Guests,
            "guest_id,email",
            "G1,",
            "family_name: is empty, and so are the other names",
        );
        told(
            Kind::Guests,
            "guest_id,family_name,birth_date",
            "G1,Berg,2199-01-01",
            "birth_date: '2199-01-01' cannot be",
        );
        told(
            Kind::Guests,
            "guest_id,family_name,country",
            "G1,Berg,ZZ",
            "country: 'ZZ' is not a country",
        );
        told(
            Kind::Guests,
            "guest_id,family_name,vip_level",
            "G1,Berg,12",
            "vip_level: '12' is not a whole number from 1 to 9",
        );
        told(
            Kind::Rooms,
            "property,room,room_type",
            "LIS,9001,NEW",
            "type_rank: is empty; the new room type 'NEW' needs it",
        );
        told(
            Kind::Rooms,
            "property,room,room_type,features",
            "LIS,9001,A,sea_veiw",
            "features: 'sea_veiw' is not a code of the vocabulary; did you mean 'sea_view'?",
        );
        told(
            Kind::Properties,
            "property,name,time_zone,currency",
            "NEW,New,Europe/Lisboa,EUR",
            "time_zone: 'Europe/Lisboa' is not a time zone",
        );
        told(
            Kind::Preferences,
            "guest_id,preference",
            "G1,quiet_room",
            "guest_id: 'G1' is not a guest of source 'import'",
        );
        told(
            Kind::Preferences,
            "guest_id,preference,strength",
            "G1,quiet_room,maybe",
            "strength: 'maybe' is not one of must, prefer",
        );
    });
}

#[test]
fn rows_of_a_room_type_must_agree() {
    let file = "property,room,room_type,type_rank,rate\nLIS,9001,Z,9,100\nLIS,9002,Z,9,120\n";
    for_both(|db| {
        houses(db);
        let report = import(db, Kind::Rooms, file);
        assert_eq!(counts(&report), (1, 0, 0, 1));
        assert_eq!(
            report.examples[0].rejection.reason,
            "differs from line 2 for room type 'Z'; a type has one name, rank and rate"
        );
        let rate: i64 = read(db, |conn| {
            room_types::table
                .filter(room_types::code.eq("Z"))
                .select(room_types::rate_minor)
                .first(conn)
        });
        assert_eq!(rate, 10_000);
    });
}

#[test]
fn what_is_no_csv_is_refused_with_what_to_do() {
    for_both(|db| {
        for (file, told) in [
            (&b""[..], "no header row"),
            (b"\x00\x01\x02\x03binary\x00\x00", "not a CSV"),
            (
                b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml",
                "save it as CSV",
            ),
            (
                b"name,colour\n1,2\n",
                "required column missing: guest_id; the header row has: name, colour",
            ),
        ] {
            let error =
                importing::run(db, &keys(), Kind::Guests, file, &Options::default(), |_| ())
                    .unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
        }
    });
}

#[test]
fn rejected_rows_are_written_down_to_be_corrected_and_unknown_columns_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("errors.csv");
    let options = Options {
        errors: Some(path.clone()),
        ..Options::default()
    };
    let file = "guest_id,family_name,email,phone,shoe\nG1,Berg,nobody,+49 171 5568411,44\nG2,Tal,tal@example.com,,\n";
    for_both(|db| {
        let report = import_with(db, Kind::Guests, file, &options);
        assert_eq!(counts(&report), (1, 0, 0, 1));
        assert_eq!(report.warnings, ["unknown columns are skipped: shoe"]);
        let errors = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            errors.lines().next(),
            Some("line,column,reason,guest_id,family_name,email,phone,shoe")
        );
        assert!(
            errors
                .lines()
                .nth(1)
                .unwrap()
                .ends_with(",G1,Berg,nobody,'+49 171 5568411,44"),
            "{errors}"
        );
        let corrected = errors.replace("Berg,nobody", "Berg,berg@example.com");
        assert_eq!(counts(&import(db, Kind::Guests, corrected)), (1, 0, 0, 0));
        let phone: String = read(db, |conn| {
            guest_contacts::table
                .filter(guest_contacts::kind.eq("phone"))
                .select(guest_contacts::folded)
                .first(conn)
        });
        assert_eq!(phone, "491715568411");
    });
}

#[test]
fn strict_takes_all_rows_or_none_and_a_dry_run_takes_none() {
    let file = "guest_id,family_name,email\nG1,Berg,berg@example.com\nG2,Tal,wrong\n";
    let good = "guest_id,family_name\nG1,Berg\nG2,Tal\n";
    let guests_stored = |db: &Database| {
        read(db, |conn| {
            guests::table.select(count_star()).first::<i64>(conn)
        })
    };
    for_both(|db| {
        let strict = Options {
            strict: true,
            ..Options::default()
        };
        let report = import_with(db, Kind::Guests, file, &strict);
        assert_eq!(
            (counts(&report), report.is_written, guests_stored(db)),
            ((1, 0, 0, 1), false, 0)
        );
        let dry = Options {
            dry_run: true,
            ..Options::default()
        };
        let report = import_with(db, Kind::Guests, good, &dry);
        assert_eq!(
            (counts(&report), report.is_written, guests_stored(db)),
            ((2, 0, 0, 0), false, 0)
        );
        let report = import_with(db, Kind::Guests, good, &strict);
        assert_eq!(
            (counts(&report), report.is_written, guests_stored(db)),
            ((2, 0, 0, 0), true, 2)
        );
    });
}
