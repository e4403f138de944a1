//! A booking that comes again with other facts about its guest.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::Database;
use innkeeper::db::schema::{guests, merges, preferences, stay_candidates, stays};
use innkeeper::importing::Kind;
use innkeeper::recognition::merging;
use innkeeper::stays::Decision;

use super::{counts, houses, import, read};
use crate::support::database::for_both;

const GUESTS: &str = "guest_id,given_name,family_name,email,phone,birth_date,country\n\
    G1,Anna,Bergström,anna.bergstroem@example.com,+46701234567,1980-05-06,SE\n\
    G2,Nils,Holm,nils.holm@example.com,+46707654321,1975-02-03,SE\n";

/// The booking B1, arriving in a week, of this guest.
fn booking(person: &str) -> String {
    let arrival = clock::now().date() + chrono::Days::new(7);
    format!(
        "property,confirmation_number,arrival,departure,status,requests,given_name,family_name,email,phone,birth_date\n\
         LIS,B1,{arrival},{},reserved,high_floor,{person}\n",
        arrival + chrono::Days::new(2)
    )
}

/// Who has the stay, as a guest of the file where it is one; whether it was linked; how many could be meant.
fn standing(db: &Database) -> (Option<String>, Decision, i64) {
    let (person, decision): (i64, Decision) = read(db, |conn| {
        stays::table
            .inner_join(guests::table)
            .select((guests::person_id, stays::decision))
            .first(conn)
    });
    let name = read(db, |conn| {
        guests::table
            .find(person)
            .select(guests::external_id)
            .first(conn)
    });
    let candidates = read(db, |conn| stay_candidates::table.count().get_result(conn));
    (name, decision, candidates)
}

#[test]
fn a_stranger_who_turns_out_to_be_known_is_joined_and_can_be_parted() {
    for_both(|db| {
        houses(db);
        import(db, Kind::Guests, GUESTS);
        import(db, Kind::Stays, booking("A,Berg,x.77@guest.booking.com,,"));
        assert_eq!(standing(db).0, None);
        let known = booking("Anna,Bergström,anna.bergstroem@example.com,+46701234567,1980-05-06");
        assert_eq!(
            counts(&import(db, Kind::Stays, known.clone())),
            (0, 1, 0, 0)
        );
        assert_eq!(standing(db), (Some("G1".into()), Decision::Linked, 0));
        // The profile made for the booking stands, joined: what was noted on it is not lost.
        let merge: i64 = read(db, |conn| merges::table.select(merges::id).first(conn));
        db.write(|conn| merging::undo(conn, merge, None)).unwrap();
        assert_eq!(standing(db).0, None);
        assert_eq!(counts(&import(db, Kind::Stays, known)), (0, 0, 1, 0));
    });
}

#[test]
fn a_booking_given_to_somebody_else_leaves_the_profile_it_was_put_on() {
    for_both(|db| {
        houses(db);
        import(db, Kind::Guests, GUESTS);
        let anna = "Anna,Bergström,anna.bergstroem@example.com,+46701234567,1980-05-06";
        import(db, Kind::Stays, booking(anna));
        assert_eq!(standing(db).0.as_deref(), Some("G1"));
        let nils = "Nils,Holm,nils.holm@example.com,+46707654321,1975-02-03";
        import(db, Kind::Stays, booking(nils));
        assert_eq!(standing(db).0.as_deref(), Some("G2"));
        let stranger = "Wei,Zhang,wei.zhang.88@example.org,+8613900001111,1991-11-12";
        import(db, Kind::Stays, booking(stranger));
        let (guest, decision, _) = standing(db);
        assert_eq!((guest, decision), (None, Decision::New));
        // What the booking asked for went along, and Anna is who she was.
        let wishes: Vec<(i64, String)> = read(db, |conn| {
            preferences::table
                .filter(preferences::retired_at.is_null())
                .select((preferences::guest_id, preferences::code))
                .load(conn)
        });
        let stay: i64 = read(db, |conn| stays::table.select(stays::guest_id).first(conn));
        assert_eq!(wishes, [(stay, "high_floor".to_owned())]);
        let anna: Option<String> = read(db, |conn| {
            guests::table
                .filter(guests::external_id.eq("G1"))
                .select(guests::given_name)
                .first(conn)
        });
        assert_eq!(anna.as_deref(), Some("Anna"));
    });
}

#[test]
fn the_profile_of_a_booking_follows_it_while_it_is_nothing_else() {
    for_both(|db| {
        houses(db);
        import(db, Kind::Stays, booking("Jon,Smit,,,"));
        let before: i64 = read(db, |conn| stays::table.select(stays::guest_id).first(conn));
        import(db, Kind::Stays, booking("John,Smith,john@example.com,,"));
        let (after, name): (i64, Option<String>) = read(db, |conn| {
            stays::table
                .inner_join(guests::table)
                .select((stays::guest_id, guests::family_name))
                .first(conn)
        });
        assert_eq!((after, name.as_deref()), (before, Some("Smith")));
    });
}

#[test]
fn who_was_told_apart_is_not_found_again_when_the_booking_changes() {
    for_both(|db| {
        houses(db);
        import(db, Kind::Guests, GUESTS);
        import(db, Kind::Stays, booking("A,Berg,x.77@guest.booking.com,,"));
        let (stay_guest, anna): (i64, i64) = read(db, |conn| {
            Ok((
                stays::table.select(stays::guest_id).first(conn)?,
                guests::table
                    .filter(guests::external_id.eq("G1"))
                    .select(guests::id)
                    .first(conn)?,
            ))
        });
        let pair = merging::Pair {
            guest_id: stay_guest,
            other_id: anna,
        };
        db.write(|conn| merging::tell_apart(conn, pair, None, None))
            .unwrap();
        import(
            db,
            Kind::Stays,
            booking("Anna,Bergström,anna.bergstroem@example.com,+46701234567,1980-05-06"),
        );
        assert_eq!(standing(db), (None, Decision::New, 0));
    });
}
