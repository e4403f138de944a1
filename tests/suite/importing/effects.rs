//! What rows do to profiles, stays, rooms and wishes.

use diesel::dsl::count_star;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    consents, earn_rules, guest_contacts, guest_documents, guests, loyalty_accounts, notes,
    preferences, room_connections, room_nights, stay_candidates, stays,
};
use innkeeper::guests::documents;
use innkeeper::importing::{ImportError, Kind};

use super::{counts, houses, import, keys, read, rejection};
use crate::support::database::for_both;

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
fn a_booking_is_recognised_and_asked_about_where_unsure() {
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
                ("B1", "linked", Some("name_swapped;email"), Some("G1")),
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

#[test]
fn a_door_between_two_rooms_is_stored_once_whichever_is_named_first() {
    for_both(|db| {
        houses(db);
        let header = "property,room,room_type,type_rank,rate,connects";
        let file = format!(
            "{header}\nLIS,9001,Z9,9,100,9002\nLIS,9002,Z9,9,100,\nLIS,9003,Z9,9,100,9001;9999\n"
        );
        let report = import(db, Kind::Rooms, &file);
        assert_eq!(counts(&report), (3, 0, 0, 0));
        let warned = report.warnings.join(" ");
        assert!(warned.contains("there is no room '9999'"), "{warned}");
        let doors = || {
            read(db, |conn| {
                let mut doors: Vec<(i64, i64)> = room_connections::table
                    .select((room_connections::room_id, room_connections::other_id))
                    .load(conn)?;
                doors.sort_unstable();
                Ok(doors)
            })
        };
        let stored = doors();
        assert_eq!(stored.len(), 2);
        assert_eq!(counts(&import(db, Kind::Rooms, &file)), (0, 0, 3, 0));
        assert_eq!(doors(), stored);
        let itself = rejection(db, Kind::Rooms, header, "LIS,9004,Z9,9,100,9004");
        assert!(
            itself.starts_with("connects: '9004' is the room itself"),
            "{itself}"
        );
    });
}
