//! Files in, on both databases.

use std::io::{self, Read};

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    consents, earn_rules, folio_charges, guest_contacts, guest_documents, guests, loyalty_accounts,
    notes, preferences, room_features, room_nights, room_types, rooms, stay_bookings,
    stay_candidates, stays,
};
use innkeeper::db::{Conn, Database};
use innkeeper::guests::documents;
use innkeeper::importing::{self, ImportError, Kind, Options, Report};
use innkeeper::secret::Keys;

use crate::support::database::for_both;

const PROPERTIES: &[u8] = include_bytes!("../fixtures/properties.csv");
const ROOMS: &[u8] = include_bytes!("../fixtures/rooms.csv");
const GUESTS: &[u8] = include_bytes!("../fixtures/guests_2015_2016.csv.gz");
const MONTH: &[u8] = include_bytes!("../fixtures/stays_2016_03.csv.gz");

fn keys() -> Keys {
    Keys::from_hex(&"0f".repeat(32)).unwrap()
}

fn import(db: &Database, kind: Kind, file: impl AsRef<[u8]>) -> Report {
    import_with(db, kind, file, &Options::default())
}

fn import_with(db: &Database, kind: Kind, file: impl AsRef<[u8]>, options: &Options) -> Report {
    importing::run(db, &keys(), kind, file.as_ref(), options, |_| ()).unwrap()
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (
        report.new,
        report.changed,
        report.unchanged,
        report.rejected,
    )
}

/// Why the only row of a file was rejected.
fn rejection(db: &Database, kind: Kind, header: &str, row: &str) -> String {
    let report = import(db, kind, format!("{header}\n{row}\n"));
    assert_eq!(counts(&report), (0, 0, 0, 1), "{row}");
    let rejected = &report.examples[0];
    assert_eq!(rejected.line, 2);
    format!(
        "{}: {}",
        rejected.rejection.column, rejected.rejection.reason
    )
}

fn read<T>(db: &Database, query: impl FnOnce(&mut Conn) -> QueryResult<T>) -> T {
    db.read(|conn| query(conn).map_err(ImportError::from))
        .unwrap()
}

fn houses(db: &Database) {
    assert_eq!(
        counts(&import(db, Kind::Properties, PROPERTIES)),
        (2, 0, 0, 0)
    );
    assert_eq!(import(db, Kind::Rooms, ROOMS).rejected, 0);
}

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
    });
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

#[test]
fn a_bad_row_is_rejected_with_field_value_and_remedy() {
    const STAY: &str = "property,confirmation_number,arrival,departure,family_name,rate,room_type,room,status,requests,guest_id";
    for_both(|db| {
        houses(db);
        for (row, told) in [
            (
                "XXX,B1,2026-01-01,2026-01-02,Berg,,,,,,",
                "property: 'XXX' is not a property; known are ALG, LIS",
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
            kept % 1_000 == 0 && kept > 0 && kept == with_contact,
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

#[test]
fn an_empty_cell_deletes_nothing_and_a_new_value_changes_the_profile() {
    for_both(|db| {
        let header = "guest_id,given_name,family_name,email,phone,document_number,loyalty_number,email_consent,note,country";
        import(
            db,
            Kind::Guests,
            format!(
                "{header}\nG1,Nana,Ouyang,n@example.com,+8613800138000,E1234,H1,yes,Likes tea,CHN\n"
            ),
        );
        assert_eq!(
            counts(&import(
                db,
                Kind::Guests,
                format!("{header}\nG1,,,,,,,,,\n")
            )),
            (0, 0, 1, 0)
        );
        assert_eq!(
            counts(&import(
                db,
                Kind::Guests,
                format!("{header}\nG1,,,second@example.com,,,,no,,\n")
            )),
            (0, 1, 0, 0)
        );
        assert_eq!(
            counts(&import(
                db,
                Kind::Guests,
                format!("{header}\nG2,Other,Person,,,,H1,,,\n")
            )),
            (0, 0, 0, 1)
        );
        let (id, country): (i64, Option<String>) = read(db, |conn| {
            guests::table
                .select((guests::id, guests::country))
                .first(conn)
        });
        assert_eq!(country.as_deref(), Some("CN"));
        let emails: Vec<String> = read(db, |conn| {
            guest_contacts::table
                .filter(guest_contacts::kind.eq("email"))
                .order(guest_contacts::id)
                .select(guest_contacts::folded)
                .load(conn)
        });
        assert_eq!(emails, ["n@example.com", "second@example.com"]);
        let granted: Vec<bool> = read(db, |conn| {
            consents::table
                .order(consents::id)
                .select(consents::granted)
                .load(conn)
        });
        assert_eq!(granted, [true, true, false, false]);
        assert_eq!(
            read(db, |conn| notes::table
                .select(notes::body)
                .load::<String>(conn)),
            ["Likes tea"]
        );
        assert_eq!(
            read(db, |conn| loyalty_accounts::table
                .select(loyalty_accounts::number)
                .load::<String>(conn)),
            ["H1"]
        );
        let (hash, sealed): (Vec<u8>, Vec<u8>) = read(db, |conn| {
            guest_documents::table
                .select((guest_documents::number_hash, guest_documents::number_sealed))
                .first(conn)
        });
        assert_eq!(
            documents::open(&keys(), id, &hash, &sealed).as_deref(),
            Some("E1234")
        );
    });
}

#[test]
fn a_booking_is_recognised_by_exact_evidence_and_asked_about_where_unsure() {
    let guests_file = "guest_id,given_name,family_name,native_name,email,city,country\n\
        G1,Nana,Ouyang,欧阳娜娜,nana@example.com,,CN\nG2,Anna,Berg,,,Köln,DE\n";
    let bookings = "property,confirmation_number,arrival,departure,status,given_name,family_name,email,city,guest_id\n\
        LIS,B1,2026-03-01,2026-03-02,departed,OUYANG,NANA MS,Nana@example.com,,\n\
        LIS,B2,2026-03-03,2026-03-04,departed,娜娜,欧阳,nana@example.com,,\n\
        LIS,B3,2026-03-03,2026-03-04,departed,Anna,Berg,a.1@guest.booking.com,Koln,\n\
        LIS,B4,2026-03-03,2026-03-04,departed,Paul,Ouyang,nana@example.com,,\n\
        LIS,B5,2026-03-03,2026-03-04,departed,,,,,G2\n";
    for_both(|db| {
        houses(db);
        import(db, Kind::Guests, guests_file);
        assert_eq!(counts(&import(db, Kind::Stays, bookings)), (5, 0, 0, 0));
        let decided: Vec<(String, String, Option<String>, Option<String>)> = read(db, |conn| {
            stays::table
                .inner_join(guests::table)
                .order(stays::confirmation_number)
                .select((
                    stays::confirmation_number,
                    stays::decision,
                    stays::reasons,
                    guests::external_id,
                ))
                .load(conn)
        });
        let decided: Vec<_> = decided
            .iter()
            .map(|(number, decision, reasons, guest)| {
                (
                    number.as_str(),
                    decision.as_str(),
                    reasons.as_deref(),
                    guest.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            decided,
            [
                ("B1", "linked", Some("name;email"), Some("G1")),
                ("B2", "linked", Some("name;email"), Some("G1")),
                ("B3", "review", Some("name;city"), None),
                ("B4", "new", None, None),
                ("B5", "linked", Some("guest_id"), Some("G2")),
            ]
        );
        let candidates: Vec<(String, Option<String>)> = read(db, |conn| {
            stay_candidates::table
                .inner_join(guests::table)
                .select((stay_candidates::reasons, guests::external_id))
                .load(conn)
        });
        assert_eq!(
            candidates,
            [("name;city".to_owned(), Some("G2".to_owned()))]
        );
    });
}

#[test]
fn a_room_is_not_let_twice_and_a_request_becomes_a_preference() {
    let day = |ahead: i64| clock::now().date() + chrono::Duration::days(ahead);
    let (today, soon, later) = (day(1), day(4), day(6));
    let header = "property,confirmation_number,arrival,departure,status,family_name,room,requests";
    for_both(|db| {
        houses(db);
        let file = format!(
            "{header}\nLIS,B1,{today},{soon},reserved,Berg,101,High floor;late_arrival;a cot by the window\n\
             LIS,B2,{},{later},reserved,Tal,101,\nLIS,B3,{soon},{later},reserved,See,101,\n",
            day(3)
        );
        let report = import(db, Kind::Stays, &file);
        assert_eq!(counts(&report), (2, 0, 0, 1));
        let reason = &report.examples[0].rejection.reason;
        assert_eq!(
            *reason,
            format!(
                "'101' is already taken by B1 on {}; give another room, or none",
                day(3)
            )
        );
        assert_eq!(
            read(db, |conn| room_nights::table
                .select(count_star())
                .first::<i64>(conn)),
            5
        );
        let requests: Option<String> = read(db, |conn| {
            stays::table
                .filter(stays::confirmation_number.eq("B1"))
                .select(stays::requests)
                .first(conn)
        });
        assert_eq!(
            requests.as_deref(),
            Some("high_floor;late_arrival;a cot by the window")
        );
        let wishes: Vec<(String, String, i64)> = read(db, |conn| {
            preferences::table
                .select((preferences::code, preferences::source, preferences::times))
                .load(conn)
        });
        assert_eq!(wishes, [("high_floor".to_owned(), "stated".to_owned(), 1)]);
        // A cancellation gives the room back.
        let cancelled = format!(
            "{header}\nLIS,B1,{today},{soon},cancelled,Berg,101,\nLIS,B2,{},{later},reserved,Tal,,\n",
            day(3)
        );
        assert_eq!(counts(&import(db, Kind::Stays, cancelled)), (1, 1, 0, 0));
        assert_eq!(
            read(db, |conn| room_nights::table
                .select(count_star())
                .first::<i64>(conn)),
            2
        );
    });
}

#[test]
fn a_stay_checked_in_at_the_desk_is_not_undone_by_an_older_file() {
    let arrival = clock::now().date();
    let file = format!(
        "property,confirmation_number,arrival,departure,status,family_name\nLIS,B1,{arrival},{},reserved,Berg\n",
        arrival + chrono::Duration::days(2)
    );
    for_both(|db| {
        houses(db);
        import(db, Kind::Stays, &file);
        db.write(|conn| {
            diesel::update(stays::table)
                .set((
                    stays::status.eq("in_house"),
                    stays::checked_in_at.eq(clock::now()),
                ))
                .execute(conn)
                .map_err(ImportError::from)
        })
        .unwrap();
        assert_eq!(counts(&import(db, Kind::Stays, &file)), (0, 0, 1, 0));
    });
}

#[test]
fn preferences_go_in_once_and_stay_retired() {
    let file = "guest_id,preference,strength,source,property,noted_on,note\nG1,quiet_room,must,stated,,2025-01-02,light sleeper\nG1,tea,,,LIS,,\n";
    for_both(|db| {
        houses(db);
        import(db, Kind::Guests, "guest_id,family_name\nG1,Berg\n");
        assert_eq!(counts(&import(db, Kind::Preferences, file)), (2, 0, 0, 0));
        assert_eq!(counts(&import(db, Kind::Preferences, file)), (0, 0, 2, 0));
        assert_eq!(
            counts(&import(
                db,
                Kind::Preferences,
                file.replace("must", "prefer")
            )),
            (0, 1, 1, 0)
        );
        db.write(|conn| {
            diesel::update(preferences::table)
                .set(preferences::retired_at.eq(clock::now()))
                .execute(conn)
                .map_err(ImportError::from)
        })
        .unwrap();
        assert_eq!(counts(&import(db, Kind::Preferences, file)), (0, 0, 2, 0));
        assert_eq!(
            counts(&import(
                db,
                Kind::Preferences,
                file.replace("2025-01-02", "2026-01-02")
            )),
            (1, 0, 1, 0)
        );
    });
}

#[test]
fn a_new_currency_comes_with_a_rule_for_points() {
    for_both(|db| {
        import(
            db,
            Kind::Properties,
            "property,name,time_zone,currency\nTYO,Tokyo,Asia/Tokyo,JPY\nLIS,Lisbon,Europe/Lisbon,EUR\n",
        );
        let mut rules: Vec<(String, i64)> = read(db, |conn| {
            earn_rules::table
                .filter(earn_rules::department.eq("room"))
                .select((earn_rules::currency, earn_rules::points_per_hundred))
                .load(conn)
        });
        rules.sort();
        assert_eq!(rules, [("EUR".to_owned(), 100), ("JPY".to_owned(), 1)]);
    });
}
