//! What the market sends: payloads of OHIP, Mews and OpenTravel, as they come and as they should not.

use diesel::prelude::*;
use innkeeper::db::schema::{consents, guest_contacts, guests, merges, preferences, rooms, stays};
use innkeeper::stays::Status;
use serde_json::{Value, json};

use crate::api::{Answer, Program, day};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    every_example_of_the_documentation_is_taken_as_it_stands,
    an_ohip_reservation_goes_its_way,
    an_ohip_profile_is_kept_and_an_older_one_changes_nothing,
    a_recognised_guest_gets_the_sources_profile_linked_and_undone,
    numbers_of_other_programmes_are_none_of_ours,
    a_mews_reservation_is_read_in_the_time_of_its_house,
    a_masked_address_is_never_a_key,
    profiles_joined_in_mews_are_joined_and_stay_parted_when_undone,
    an_opentravel_notification_makes_a_stay_of_each_room,
    what_is_wrong_is_named_by_its_place_and_spoils_nothing_else,
    xml_that_would_hurt_is_refused,
    a_payload_under_a_key_is_taken_once,
);

const OHIP: &str = "/adapters/ohip/RIV/reservations";
const PROFILES: &str = "/adapters/ohip/profiles";
const MEWS: &str = "/adapters/mews/RIV/reservations";
const CUSTOMERS: &str = "/adapters/mews/customers";
const OTA: &str = "/adapters/ota/RIV";
const ROOM: &str = "1204";

/// The examples, each with where it is sent; the documentation shows them as they are.
const EXAMPLES: [(&str, &str, &str); 5] = [
    (
        OHIP,
        "application/json",
        include_str!("../../src/adapters/examples/ohip_reservations.json"),
    ),
    (
        PROFILES,
        "application/json",
        include_str!("../../src/adapters/examples/ohip_profiles.json"),
    ),
    (
        MEWS,
        "application/json",
        include_str!("../../src/adapters/examples/mews_reservations.json"),
    ),
    (
        CUSTOMERS,
        "application/json",
        include_str!("../../src/adapters/examples/mews_customers.json"),
    ),
    (
        OTA,
        "application/xml",
        include_str!("../../src/adapters/examples/ota.xml"),
    ),
];

#[test]
fn the_documentation_shows_the_examples_that_are_tried() {
    let page = include_str!("../../docs/adapters.md");
    for (path, _, example) in EXAMPLES {
        assert!(page.contains(example.trim()), "{path}");
    }
}

async fn every_example_of_the_documentation_is_taken_as_it_stands(app: TestApp) {
    let pms = Program::pms(&app);
    for (path, mime, example) in EXAMPLES {
        let request = pms.request("post", path).header("content-type", mime);
        let taken = Answer::to(request.body(example)).await.is(200);
        assert_eq!(taken["refused"], 0, "{taken}");
        for item in taken["items"].as_array().unwrap() {
            assert_eq!(item["outcome"], "created", "{taken}");
        }
    }
    // What a sentence says of an allergy is known of the guest.
    for (family, code) in [
        ("Fjellheim", "pollen_allergy"),
        ("Brandauer", "pollen_allergy"),
        ("Quintero Aldana", "shellfish_allergy"),
        ("Tao", "high_floor"),
        ("Wierzba", "high_floor"),
    ] {
        assert!(wishes(&app, family).contains(&code.to_owned()), "{family}");
    }
}

fn wishes(app: &TestApp, family_name: &str) -> Vec<String> {
    app.sql(|conn| {
        preferences::table
            .inner_join(guests::table)
            .filter(guests::family_name.eq(family_name))
            .order(preferences::code)
            .select(preferences::code)
            .load(conn)
    })
}

/// An OHIP reservation of today.
fn ohip(number: &str, profile: &str, state: &str) -> Value {
    let mut item = json!({
        "reservationIdList": [{"type": "Confirmation", "id": number}],
        "hotelId": "RIV",
        "reservationStatus": state,
        "roomStay": {
            "arrivalDate": day(0),
            "departureDate": day(2),
            "guestCounts": {"adults": 1},
        },
        "reservationGuests": [{
            "primary": true,
            "profileInfo": {
                "profileIdList": [{"type": "Profile", "id": profile}],
                "profile": {
                    "customer": {
                        "personName": [{"nameType": "Primary", "givenName": "Sunniva", "surname": "Tveitane"}],
                        "birthDate": "1981-04-11",
                    },
                    "emails": {"emailInfo": [{"email": {"emailAddress": "sunniva.tveitane@example.com"}}]},
                },
            },
        }],
    });
    match state {
        "InHouse" => item["roomStay"]["currentRoomInfo"]["roomId"] = ROOM.into(),
        // Who leaves early has left today.
        "CheckedOut" => item["roomStay"]["departureDate"] = day(0).into(),
        _ => {}
    }
    item
}

fn listed(items: &[Value]) -> Value {
    json!({"reservations": {"reservation": items}})
}

/// Sends one item and gives back its result.
async fn one(pms: &Program, path: &str, body: &Value) -> Value {
    let mut taken = pms.post(path, body).await.is(200);
    assert_eq!(taken["items"].as_array().unwrap().len(), 1, "{taken}");
    taken["items"][0].take()
}

fn status_of(app: &TestApp, number: &str) -> Status {
    app.sql(|conn| {
        stays::table
            .filter(stays::confirmation_number.eq(number))
            .select(stays::status)
            .first(conn)
    })
}

async fn an_ohip_reservation_goes_its_way(app: TestApp) {
    let pms = Program::pms(&app);
    // Cancelled before we ever heard of it: with its days it is a cancelled stay, without them it waits.
    let gone = one(&pms, OHIP, &listed(&[ohip("O-0", "P-0", "Cancelled")])).await;
    assert_eq!(gone["reservation"]["status"], "cancelled", "{gone}");
    let bare = json!({"reservationIdList": [{"type": "Confirmation", "id": "O-9"}], "reservationStatus": "Cancelled"});
    let waits = one(&pms, OHIP, &bare).await;
    assert_eq!(
        (&waits["outcome"], &waits["held"]["reason"]),
        (&json!("held"), &json!("unknown_reservation"))
    );
    for (state, outcome, status) in [
        ("Reserved", "created", Status::Reserved),
        ("Reserved", "unchanged", Status::Reserved),
        ("InHouse", "changed", Status::InHouse),
        ("InHouse", "unchanged", Status::InHouse),
        ("Reserved", "unchanged", Status::InHouse),
        ("CheckedOut", "changed", Status::Departed),
        ("CheckedOut", "unchanged", Status::Departed),
    ] {
        let taken = one(&pms, OHIP, &listed(&[ohip("O-1", "P-1", state)])).await;
        assert_eq!(taken["outcome"], outcome, "{state}: {taken}");
        assert_eq!(status_of(&app, "O-1"), status, "{state}: {taken}");
    }
    // A room that is not made up keeps nobody's booking from being known.
    app.sql(|conn| {
        diesel::update(rooms::table.filter(rooms::number.eq(ROOM)))
            .set(rooms::housekeeping.eq("dirty"))
            .execute(conn)
    });
    let waits = one(&pms, OHIP, &listed(&[ohip("O-2", "P-1", "InHouse")])).await;
    assert_eq!(
        (&waits["outcome"], &waits["held"]["reason"]),
        (&json!("created"), &json!("refused"))
    );
    assert!(waits["held"]["detail"].as_str().unwrap().contains(ROOM));
    assert_eq!(status_of(&app, "O-2"), Status::Reserved);
    // Left before we heard of the coming: history, as in a file.
    let mut past = ohip("O-3", "P-1", "CheckedOut");
    (
        past["roomStay"]["arrivalDate"],
        past["roomStay"]["departureDate"],
    ) = (day(-9).into(), day(-7).into());
    one(&pms, OHIP, &listed(&[past])).await;
    assert_eq!(status_of(&app, "O-3"), Status::Departed);
}

async fn an_ohip_profile_is_kept_and_an_older_one_changes_nothing(app: TestApp) {
    let pms = Program::pms(&app);
    let profile = |at: &str, city: &str, mail: bool| {
        json!({"profileIdList": [{"type": "Profile", "id": "P-5"}], "profile": {
            "lastModifyDateTime": at,
            "customer": {
                "personName": [
                    {"nameType": "Primary", "givenName": "Meihua", "surname": "Tao"},
                    {"nameType": "Incognito", "givenName": "Jane", "surname": "Doe"},
                ],
                "vipStatus": "GOLD",
                "gender": "Unknown",
            },
            "addresses": {"addressInfo": [{"address": {"cityName": city, "country": {"code": "CN"}}}]},
            "privacyInfo": {"allowEmail": mail},
            "keywords": [{"type": "OLD", "keyword": "X1"}],
            "preferenceCollection": [{"preferenceType": "FLOOR", "preference": [
                {"preferenceValue": "High floor", "hotels": ["RIV", "NOWHERE"]},
                {"preferenceValue": "ZX9"},
            ]}],
        }})
    };
    let new = one(
        &pms,
        PROFILES,
        &profile("2026-03-02T10:00:00Z", "Suzhou", true),
    )
    .await;
    assert_eq!(new["guest"]["outcome"], "created", "{new}");
    let ignored = new["ignored"].to_string();
    for what in [
        "personName[1]",
        "vipStatus",
        "gender",
        "keywords",
        "ZX9",
        "NOWHERE",
    ] {
        assert!(ignored.contains(what), "{what} in {ignored}");
    }
    let again = one(
        &pms,
        PROFILES,
        &profile("2026-03-02T10:00:00Z", "Suzhou", true),
    )
    .await;
    assert_eq!(again["guest"]["outcome"], "unchanged", "{again}");
    let older = one(
        &pms,
        PROFILES,
        &profile("2026-03-01T10:00:00Z", "Wuxi", false),
    )
    .await;
    assert_eq!(older["guest"]["outcome"], "older");
    let newer = one(
        &pms,
        PROFILES,
        &profile("2026-03-03T10:00:00Z", "Suzhou", false),
    )
    .await;
    assert_eq!(newer["guest"]["outcome"], "changed");
    let (city, mail): (Option<String>, Vec<(bool, String)>) = app.sql(|conn| {
        let theirs = guests::table.filter(guests::external_id.eq("P-5"));
        let id: i64 = theirs.select(guests::id).first(conn)?;
        let city = theirs.select(guests::city).first(conn)?;
        let mail = consents::table
            .filter(consents::guest_id.eq(id))
            .filter(consents::purpose.eq("marketing"))
            .order(consents::id)
            .select((consents::granted, consents::source))
            .load(conn)?;
        Ok((city, mail))
    });
    assert_eq!(city.as_deref(), Some("Suzhou"));
    assert_eq!(mail, [(true, "pms".into()), (false, "pms".into())]);
    assert_eq!(wishes(&app, "Tao"), ["do_not_name_aloud", "high_floor"]);
}

async fn a_recognised_guest_gets_the_sources_profile_linked_and_undone(app: TestApp) {
    let pms = Program::pms(&app);
    // Known from elsewhere, by name, birth date and address.
    let known = json!({"given_name": "Sunniva", "family_name": "Tveitane", "birth_date": "1981-04-11", "email": "sunniva.tveitane@example.com"});
    let other = Program::of(&app, "website", innkeeper::staff::Role::Pms, &[]);
    let known = other.post("/guests", &known).await.is(201)["id"].clone();
    let taken = one(&pms, OHIP, &listed(&[ohip("L-1", "P-8", "Reserved")])).await;
    assert_eq!(taken["reservation"]["guest_id"], known, "{taken}");
    assert_eq!(taken["guest"]["outcome"], "created");
    let (theirs, ours): (i64, i64) = app.sql(|conn| {
        let person = guests::table.select(guests::person_id);
        let theirs = person.filter(guests::external_id.eq("P-8")).first(conn)?;
        let ours = guests::table.select(guests::person_id);
        let ours = ours
            .filter(guests::public_id.eq(known.as_str().unwrap()))
            .first(conn)?;
        Ok((theirs, ours))
    });
    assert_eq!(theirs, ours, "one person");
    // The next booking is named by its key, and the first stays whose it was.
    let next = one(&pms, OHIP, &listed(&[ohip("L-2", "P-8", "Reserved")])).await;
    assert_eq!(next["outcome"], "created", "{next}");
    let first = one(&pms, OHIP, &listed(&[ohip("L-1", "P-8", "Reserved")])).await;
    assert_eq!(
        (&first["outcome"], &first["reservation"]["guest_id"]),
        (&json!("unchanged"), &known)
    );
    let merge: i64 = app.sql(|conn| {
        merges::table
            .order(merges::id.desc())
            .select(merges::id)
            .first(conn)
    });
    pms.post(&format!("/merges/{merge}/undo"), &json!({}))
        .await
        .is(200);
    let persons: Vec<i64> = app.sql(|conn| {
        guests::table
            .filter(guests::family_name.eq("Tveitane"))
            .select(guests::person_id)
            .distinct()
            .load(conn)
    });
    assert_eq!(persons.len(), 2, "parted again");
}

async fn numbers_of_other_programmes_are_none_of_ours(app: TestApp) {
    let pms = Program::pms(&app);
    let member = app.known_as("Ouyang");
    let number = pms.get(&format!("/guests/{member}")).await.is(200)["loyalty"]["number"].clone();
    let mut booked = ohip("N-1", "P-20", "Reserved");
    let profile = &mut booked["reservationGuests"][0]["profileInfo"]["profile"];
    profile["profileMemberships"] =
        json!({"profileMembership": [{"membershipType": "AIR", "membershipId": number}]});
    let taken = one(&pms, OHIP, &listed(std::slice::from_ref(&booked))).await;
    assert!(taken["ignored"].to_string().contains("not our programme"));
    assert_ne!(taken["reservation"]["guest_id"], json!(member));
    let claims = |app: &TestApp| -> Vec<Option<String>> {
        app.sql(|conn| {
            innkeeper::db::schema::stay_bookings::table
                .inner_join(stays::table)
                .filter(stays::confirmation_number.eq_any(["N-1", "N-2"]))
                .order(stays::confirmation_number)
                .select(innkeeper::db::schema::stay_bookings::loyalty_number)
                .load(conn)
        })
    };
    assert_eq!(claims(&app), [None]);
    // Named as ours, it is a claim: the booking keeps it, and nobody is enrolled by it.
    booked["reservationIdList"][0]["id"] = "N-2".into();
    one(&pms, &format!("{OHIP}?programme=air"), &listed(&[booked])).await;
    assert_eq!(claims(&app), [None, Some(number.as_str().unwrap().into())]);
    let wrong = pms.post(&format!("{OHIP}?program=air"), &json!({})).await;
    wrong.problem(422);
}

fn mews(number: &str, customer: &str, more: Value) -> Value {
    let mut body = json!({
        "Reservations": [{
            "Id": format!("r-{number}"), "Number": number, "AccountId": customer, "State": "Confirmed",
            // Seven in the evening in Shanghai of the day before is the next day's night there.
            "ScheduledStartUtc": format!("{}T17:00:00Z", day(2)),
            "ScheduledEndUtc": format!("{}T04:00:00Z", day(5)),
            "AssignedResourceId": "res-1", "RequestedResourceCategoryId": "cat-9",
            "PersonCounts": [{"AgeCategoryId": "a", "Count": 2}, {"AgeCategoryId": "c", "Count": 1}],
        }],
        "Customers": [{"Id": customer, "FirstName": "Renata", "LastName": "Quintero"}],
        "Resources": [{"Id": "res-1", "Name": ROOM}],
        "AgeCategories": [{"Id": "a", "Classification": "Adult"}, {"Id": "c", "Classification": "Child"}],
    });
    for (name, value) in more.as_object().unwrap() {
        body["Customers"][0][name] = value.clone();
    }
    body
}

async fn a_mews_reservation_is_read_in_the_time_of_its_house(app: TestApp) {
    let pms = Program::pms(&app);
    let taken = one(&pms, MEWS, &mews("M-1", "c-1", json!({}))).await;
    let stay = &taken["reservation"];
    assert_eq!(
        (&stay["arrival"], &stay["departure"]),
        (&json!(day(3)), &json!(day(5))),
        "one in the morning in Shanghai"
    );
    assert_eq!(
        (&stay["room"], &stay["adults"], &stay["children"]),
        (&json!(ROOM), &json!(2), &json!(1))
    );
    assert!(
        taken["ignored"]
            .to_string()
            .contains("'cat-9' is not explained in ResourceCategories")
    );
    // Explained by nobody: in the house, in a room we don't know.
    let mut here = mews("M-2", "c-1", json!({}));
    here["Reservations"][0]["State"] = "Started".into();
    here["Resources"] = json!([]);
    let here = one(&pms, MEWS, &here).await;
    assert_eq!(here["reservation"]["status"], "in_house", "{here}");
    let mut gone = mews("M-1", "c-1", json!({}));
    gone["Reservations"][0]["State"] = "Canceled".into();
    assert_eq!(
        one(&pms, MEWS, &gone).await["reservation"]["status"],
        "cancelled"
    );
    let mut asked = mews("M-3", "c-1", json!({}));
    asked["Reservations"][0]["State"] = "Optional".into();
    let refused = one(&pms, MEWS, &asked).await;
    assert_eq!(refused["problem"]["errors"][0]["field"], "State");
    // A company's booking is of who booked.
    let mut company = mews("M-4", "c-2", json!({}));
    let booking = &mut company["Reservations"][0];
    (
        booking["AccountId"],
        booking["AccountType"],
        booking["BookerId"],
    ) = ("co-1".into(), "Company".into(), "c-2".into());
    (booking["AssignedResourceId"], company["Companies"]) =
        (Value::Null, json!([{"Id": "co-1", "Name": "Nordlys AS"}]));
    assert_eq!(one(&pms, MEWS, &company).await["outcome"], "created");
    let employer: Option<String> = app.sql(|conn| {
        guests::table
            .filter(guests::external_id.eq("c-2"))
            .select(guests::company)
            .first(conn)
    });
    assert_eq!(employer.as_deref(), Some("Nordlys AS"));
}

async fn a_masked_address_is_never_a_key(app: TestApp) {
    let pms = Program::pms(&app);
    let mail = json!({"Email": "pool@desk.example", "HasOtaEmail": true});
    let first = one(&pms, MEWS, &mews("K-1", "k-1", mail.clone())).await;
    let mut second = mews("K-2", "k-2", mail);
    second["Customers"][0]["FirstName"] = "Bogdan".into();
    second["Customers"][0]["LastName"] = "Wierzba".into();
    second["Reservations"][0]["AssignedResourceId"] = Value::Null;
    let second = one(&pms, MEWS, &second).await;
    assert_ne!(
        first["reservation"]["guest_id"],
        second["reservation"]["guest_id"]
    );
    let masked: Vec<bool> = app.sql(|conn| {
        guest_contacts::table
            .filter(guest_contacts::folded.eq("pool@desk.example"))
            .select(guest_contacts::masked)
            .load(conn)
    });
    assert_eq!(masked, [true, true]);
    // Told first without the flag, it is masked once the flag comes.
    let plain =
        json!({"Customers": [{"Id": "k-3", "LastName": "Aldana", "Email": "x@desk.example"}]});
    one(&pms, CUSTOMERS, &plain).await;
    let flagged = json!({"Customers": [{"Id": "k-3", "LastName": "Aldana", "Email": "x@desk.example", "HasOtaEmail": true}]});
    assert_eq!(one(&pms, CUSTOMERS, &flagged).await["outcome"], "changed");
    let masked: Vec<bool> = app.sql(|conn| {
        guest_contacts::table
            .filter(guest_contacts::folded.eq("x@desk.example"))
            .select(guest_contacts::masked)
            .load(conn)
    });
    assert_eq!(masked, [true]);
}

async fn profiles_joined_in_mews_are_joined_and_stay_parted_when_undone(app: TestApp) {
    let pms = Program::pms(&app);
    let both = json!({"Customers": [
        {"Id": "j-2", "LastName": "Wierzba", "FirstName": "B.", "MergeTargetId": "j-1", "IsActive": false},
        {"Id": "j-1", "LastName": "Wierzba", "FirstName": "Bogdan"},
        {"Id": "j-3", "LastName": "Orlik", "MergeTargetId": "j-unknown"},
    ]});
    let persons = |app: &TestApp| -> usize {
        let persons: Vec<i64> = app.sql(|conn| {
            guests::table
                .filter(guests::external_id.eq_any(["j-1", "j-2"]))
                .select(guests::person_id)
                .distinct()
                .load(conn)
        });
        persons.len()
    };
    let taken = pms.post(CUSTOMERS, &both).await.is(200);
    assert_eq!(persons(&app), 1, "{taken}");
    assert!(
        taken["items"][2]["ignored"]
            .to_string()
            .contains("not known yet")
    );
    let made: Vec<(i64, Option<String>)> = app.sql(|conn| {
        merges::table
            .filter(merges::reasons.eq("merged_at_source"))
            .select((merges::id, merges::reasons))
            .load(conn)
    });
    assert_eq!(made.len(), 1);
    pms.post(CUSTOMERS, &both).await.is(200);
    pms.post(&format!("/merges/{}/undo", made[0].0), &json!({}))
        .await
        .is(200);
    assert_eq!(persons(&app), 2);
    pms.post(CUSTOMERS, &both).await.is(200);
    assert_eq!(persons(&app), 2, "whoever parted them knew better");
}

async fn xml(pms: &Program, body: &str) -> Answer {
    let request = pms
        .request("post", OTA)
        .header("content-type", "application/xml");
    Answer::to(request.body(body.to_owned())).await
}

fn notification(inside: &str) -> String {
    format!(
        "<OTA_HotelResNotifRQ xmlns='http://www.opentravel.org/OTA/2003/05'><HotelReservations>{inside}</HotelReservations></OTA_HotelResNotifRQ>"
    )
}

fn room(hotel: &str, guest: &str) -> String {
    format!(
        "<RoomStay><TimeSpan Start='{}' End='{}'/><BasicPropertyInfo HotelCode='{hotel}'/><SpecialRequests><SpecialRequest RequestCode='X9' CodeContext='Y'><Text>{guest}</Text></SpecialRequest></SpecialRequests></RoomStay>",
        day(3),
        day(5)
    )
}

fn booked(id: &str, status: &str, rooms: &str) -> String {
    let guest = |given: &str, primary: &str| {
        format!(
            "<ResGuest PrimaryIndicator='{primary}'><Profiles><ProfileInfo><Profile><Customer><PersonName><GivenName>{given}</GivenName><Surname>Brandauer</Surname></PersonName></Customer></Profile></ProfileInfo></Profiles></ResGuest>"
        )
    };
    format!(
        "<HotelReservation ResStatus='{status}'><UniqueID Type='14' ID='{id}'/><RoomStays>{rooms}</RoomStays><ResGuests>{}{}</ResGuests></HotelReservation>",
        guest("Ottilie", "true"),
        guest("Leopold", "true")
    )
}

async fn an_opentravel_notification_makes_a_stay_of_each_room(app: TestApp) {
    let pms = Program::pms(&app);
    let two = format!(
        "{}{}",
        room("RIV", "High floor please"),
        room("RIV", "quiet, away from the lift")
    );
    let sent = notification(&booked("X-1", "Book", &two));
    let taken = xml(&pms, &sent).await.is(200);
    assert_eq!(taken["refused"], 0, "{taken}");
    let numbers: Vec<&Value> = (0..2)
        .map(|at| &taken["items"][at]["reservation"]["confirmation_number"])
        .collect();
    assert_eq!(numbers, ["X-1", "X-1-2"]);
    let requests = taken["items"][1]["reservation"]["requests"].to_string();
    assert!(requests.contains("quiet_room") && requests.contains("away_from_elevator"));
    assert!(
        taken["items"][0]["ignored"]
            .to_string()
            .contains("second primary guest")
    );
    // Both rooms are one guest's.
    assert_eq!(
        taken["items"][0]["reservation"]["guest_id"],
        taken["items"][1]["reservation"]["guest_id"]
    );
    let again = xml(&pms, &sent).await.is(200);
    assert_eq!(again["items"][0]["outcome"], "unchanged", "{again}");
    let cancelled = notification(&booked("X-1", "Cancel", &two));
    xml(&pms, &cancelled).await.is(200);
    assert_eq!(status_of(&app, "X-1"), Status::Cancelled);
    assert_eq!(status_of(&app, "X-1-2"), Status::Cancelled);
}

async fn what_is_wrong_is_named_by_its_place_and_spoils_nothing_else(app: TestApp) {
    let pms = Program::pms(&app);
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut item = ohip("W-2", "P-31", "Reserved");
        change(&mut item);
        item
    };
    let items = [
        ohip("W-1", "P-30", "Reserved"),
        wrong(&|item| item["roomStay"]["arrivalDate"] = "24.11.2026".into()),
        wrong(&|item| item["roomStay"]["departureDate"] = Value::Null),
        wrong(&|item| item["roomStay"] = json!([])),
        wrong(&|item| item["hotelId"] = "LAK".into()),
        wrong(&|item| item["reservationStatus"] = "Sleeping".into()),
        wrong(&|item| item["reservationStatus"] = "Waitlisted".into()),
        wrong(&|item| item["roomStay"]["currentRoomInfo"] = json!({"roomId": "9999"})),
        wrong(&|item| item["reservationIdList"] = json!([])),
        wrong(&|item| item["roomStay"]["guestCounts"]["adults"] = "two".into()),
        wrong(&|item| item["reservationGuests"] = json!([])),
        wrong(&|item| item["lastModifyDateTime"] = "yesterday".into()),
    ];
    let taken = pms.post(OHIP, &listed(&items)).await.is(200);
    let fields: Vec<&str> = taken["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            item["problem"]["errors"][0]["field"]
                .as_str()
                .unwrap_or("taken")
        })
        .collect();
    assert_eq!(
        fields,
        [
            "taken",
            "roomStay.arrivalDate",
            "roomStay.departureDate",
            "roomStay.arrivalDate",
            "hotelId",
            "reservationStatus",
            "reservationStatus",
            "roomStay.currentRoomInfo.roomId",
            "reservationIdList",
            "roomStay.guestCounts.adults",
            "family_name",
            "lastModifyDateTime",
        ]
    );
    assert_eq!(taken["refused"], 11);
    // What is wrong about the guest is left out and named; the booking stands.
    let mut dirty = ohip("W-3", "P-32", "Reserved");
    dirty["roomStay"]["currentRoomInfo"] = Value::Null;
    dirty["reservationGuests"][0]["profileInfo"]["profile"]["customer"]["birthDate"] =
        "never".into();
    dirty["comments"] = json!([{"comment": {"text": {"value": "x".repeat(5_000)}}}]);
    dirty["sharedGuests"] = json!([{"firstName": "Nobody"}]);
    let dirty = one(&pms, OHIP, &listed(&[dirty])).await;
    assert_eq!(dirty["outcome"], "created", "{dirty}");
    let ignored = dirty["ignored"].to_string();
    for what in ["birthDate", "comments[0]", "sharedGuests[0].firstName"] {
        assert!(ignored.contains(what), "{what} in {ignored}");
    }
    // Nothing to read, or too much.
    for (path, body) in [
        (OHIP, json!({})),
        (PROFILES, json!({"profiles": 7})),
        (MEWS, json!({"Reservations": {}})),
        (CUSTOMERS, json!({"Customers": vec![json!({}); 1_001]})),
    ] {
        let answer = pms.post(path, &body).await;
        assert!(
            matches!(answer.status(), 200 | 422),
            "{path} {}",
            answer.page.body
        );
        if answer.status() == 200 {
            assert_eq!(answer.json["refused"], 1);
        }
    }
    let long = pms
        .request("post", OHIP)
        .header("content-type", "application/json");
    Answer::to(long.body(" ".repeat(4 * 1024 * 1024 + 1)))
        .await
        .problem(413);
}

async fn xml_that_would_hurt_is_refused(app: TestApp) {
    let pms = Program::pms(&app);
    let laughs = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><OTA_HotelResNotifRQ>&b;</OTA_HotelResNotifRQ>";
    let file = "<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><OTA_HotelResNotifRQ>&x;</OTA_HotelResNotifRQ>";
    let deep = notification(&format!("{}{}", "<a>".repeat(3_000), "</a>".repeat(3_000)));
    for body in [
        laughs,
        file,
        &deep,
        "<OTA_HotelResNotifRQ/>",
        "<Other/>",
        "<a>",
        "",
        "\u{fffe}",
    ] {
        let answer = xml(&pms, body).await;
        let problem = answer.problem(422);
        assert!(!problem["detail"].as_str().unwrap().contains("root:"));
    }
    let request = pms
        .request("post", OTA)
        .header("content-type", "application/json");
    Answer::to(request.body("{}")).await.problem(415);
    let request = pms.request("post", OTA).header("content-type", "text/xml");
    Answer::to(request.body(vec![0xff, 0xfe, 0x00]))
        .await
        .problem(400);
    let elsewhere = xml(
        &pms,
        &notification(&booked("E-1", "Book", &room("LAK", ""))),
    )
    .await;
    let elsewhere = elsewhere.is(200);
    let field = &elsewhere["items"][0]["problem"]["errors"][0]["field"];
    assert_eq!(field, "RoomStays.RoomStay.BasicPropertyInfo.@HotelCode");
}

async fn a_payload_under_a_key_is_taken_once(app: TestApp) {
    let pms = Program::pms(&app);
    let body = listed(&[ohip("Y-1", "P-40", "Reserved")]);
    let first = pms.send_once("post", OHIP, &body, "night").await;
    let again = pms.send_once("post", OHIP, &body, "night").await;
    assert_eq!((first.status(), &first.page.body), (200, &again.page.body));
    assert_eq!(again.page.header("idempotency-replayed"), "true");
    let changed = listed(&[ohip("Y-1", "P-41", "Reserved")]);
    pms.send_once("post", OHIP, &changed, "night")
        .await
        .problem(422);
}
