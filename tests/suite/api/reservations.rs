//! Reservations in and out.

use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, guests, preferences, room_nights, stay_candidates, stays};
use serde_json::{Value, json};

use super::{Answer, Program, booking, day};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    a_reservation_is_created_changed_and_read_again,
    who_is_known_is_recognised_and_who_is_unsure_is_asked,
    an_older_event_after_a_newer_one_changes_nothing,
    what_can_not_be_is_named_and_nothing_is_stored,
    a_room_is_not_promised_twice,
    a_reservation_asks_the_database_a_bounded_number_of_times,
    a_list_comes_in_pages,
    a_write_on_another_state_than_was_read_is_refused,
    the_api_and_a_file_make_the_same_of_a_reservation,
);

const PLACE: &str = "/reservations/RIV/API-1";
/// What a reservation may ask the database.
const MOST_QUERIES: u32 = 60;

async fn a_reservation_is_created_changed_and_read_again(app: TestApp) {
    let pms = Program::pms(&app);
    let created = pms.put(PLACE, &booking("Solheim")).await.is(201);
    assert_eq!(created["outcome"], "created");
    assert_eq!(created["status"], "reserved");
    assert_eq!(
        created["rate"],
        json!({"amount": "880.00", "currency": "CNY"})
    );
    assert_eq!(
        created["requests"],
        json!(["high_floor", "a view of the harbour"])
    );
    assert_eq!(created["recognition"]["decision"], "new");
    assert_eq!(created["recognition"]["guest_id"], created["guest_id"]);
    let again = pms.put(PLACE, &booking("Solheim")).await.is(200);
    assert_eq!(again["outcome"], "unchanged");
    let mut later = booking("Solheim");
    later["departure"] = day(6).into();
    let changed = pms.put(PLACE, &later).await.is(200);
    assert_eq!(
        (&changed["outcome"], &changed["departure"]),
        (&json!("changed"), &json!(day(6)))
    );
    assert_eq!(changed["guest_id"], created["guest_id"]);
    let read = pms.get(PLACE).await.is(200);
    assert_eq!(read["departure"], day(6));
    let (stays, wishes, lines): (i64, i64, i64) = app.sql(|conn| {
        Ok((
            stays::table
                .filter(stays::confirmation_number.eq("API-1"))
                .count()
                .get_result(conn)?,
            preferences::table
                .inner_join(guests::table)
                .filter(guests::family_name.eq("Solheim"))
                .filter(preferences::times.eq(1))
                .count()
                .get_result(conn)?,
            audit_log::table
                .filter(audit_log::token_id.is_not_null())
                .filter(audit_log::action.eq_any(["put_reservation", "view_stay"]))
                .count()
                .get_result(conn)?,
        ))
    });
    assert_eq!((stays, wishes, lines), (1, 1, 3));
    pms.get("/reservations/RIV/NOBODY").await.problem(404);
}

async fn who_is_known_is_recognised_and_who_is_unsure_is_asked(app: TestApp) {
    let pms = Program::pms(&app);
    let known = pms.put(PLACE, &booking("Solheim")).await.is(201);
    let second = pms
        .put("/reservations/LAK/API-2", &booking("Solheim"))
        .await
        .is(201);
    let recognition = &second["recognition"];
    assert_eq!(recognition["decision"], "linked", "{recognition}");
    assert_eq!(recognition["guest_id"], known["guest_id"]);
    assert!(recognition["probability"].as_f64().unwrap() > 0.9);
    assert!(!recognition["reasons"].as_array().unwrap().is_empty());
    // The name alone is not enough.
    let unsure = json!({"arrival": day(3), "departure": day(4), "given_name": "Ingrid", "family_name": "Solheim", "country": "NO"});
    let third = pms.put("/reservations/RIV/API-3", &unsure).await.is(201);
    let recognition = &third["recognition"];
    assert_eq!(recognition["decision"], "review", "{recognition}");
    assert_eq!(recognition["candidates"][0]["guest_id"], known["guest_id"]);
    // The source may say itself whose it is.
    let mut named = unsure;
    named["guest_id"] = known["guest_id"].clone();
    let named = pms.put("/reservations/RIV/API-3", &named).await.is(200);
    assert_eq!(named["recognition"]["decision"], "linked");
    assert_eq!(named["guest_id"], known["guest_id"]);
    let open: i64 = app.sql(|conn| {
        stay_candidates::table
            .inner_join(stays::table)
            .filter(stays::confirmation_number.eq("API-3"))
            .count()
            .get_result(conn)
    });
    assert_eq!(open, 0);
}

async fn an_older_event_after_a_newer_one_changes_nothing(app: TestApp) {
    let pms = Program::pms(&app);
    let at = |moment: &str, departure: i64| {
        let mut body = booking("Solheim");
        body["updated_at"] = moment.into();
        body["departure"] = day(departure).into();
        body
    };
    pms.put(PLACE, &at("2026-01-01T10:00:00Z", 5)).await.is(201);
    let newer = pms
        .put(PLACE, &at("2026-01-01T12:00:00+01:00", 7))
        .await
        .is(200);
    assert_eq!(newer["source_updated_at"], "2026-01-01T11:00:00Z");
    let older = pms.put(PLACE, &at("2026-01-01T10:59:59Z", 6)).await.is(200);
    assert_eq!(
        (&older["outcome"], &older["departure"]),
        (&json!("older"), &json!(day(7)))
    );
    let same = pms.put(PLACE, &at("2026-01-01T11:00:00Z", 7)).await.is(200);
    assert_eq!(same["outcome"], "unchanged");
    assert_eq!(pms.get(PLACE).await.is(200)["departure"], day(7));
    pms.put(PLACE, &at("2199-01-01T00:00:00Z", 7))
        .await
        .problem(422);
}

/// Bodies that can't be right, and the field that is named.
fn wrong() -> Vec<(Value, &'static str)> {
    let with = |name: &str, value: Value| {
        let mut body = booking("Solheim");
        body[name] = value;
        body
    };
    vec![
        (with("arrival", json!("2026-02-30")), "arrival"),
        (with("arrival", json!(20260301)), "arrival"),
        (with("arrival", Value::Null), "arrival"),
        (with("departure", json!(day(2))), "departure"),
        (with("departure", json!(day(3_000))), "departure"),
        (with("room", json!("9999")), "room"),
        (with("room", json!(1204)), "room"),
        (with("family_name", json!("x".repeat(201))), "family_name"),
        (with("family_name", json!("a\u{0}b")), "family_name"),
        (with("agency", json!("bell\u{7}")), "agency"),
        (
            with("rate", json!({"amount": "-1.00", "currency": "CNY"})),
            "rate",
        ),
        (
            with("rate", json!({"amount": "1.005", "currency": "CNY"})),
            "rate",
        ),
        (
            with("rate", json!({"amount": 1, "currency": "CNY"})),
            "rate",
        ),
        (with("rate", json!("180.00")), "rate"),
        (
            with("rate", json!({"amount": "1.00", "currency": "ZZZ"})),
            "currency",
        ),
        (with("currency", json!("EUR")), "currency"),
        (with("adults", json!("two")), "adults"),
        (with("adults", json!(-1)), "adults"),
        (with("adults", json!(1.5)), "adults"),
        (with("status", json!("asleep")), "status"),
        (with("channel", json!("pigeon")), "channel"),
        (with("requests", json!("high_floor")), "requests"),
        (with("requests", json!([1])), "requests"),
        (with("country", json!("ZZ")), "country"),
        (with("birth_date", json!("2199-01-01")), "birth_date"),
        (with("updated_at", json!("yesterday")), "updated_at"),
        (with("guest_id", json!("nobody")), "guest_id"),
        (with("familyname", json!("x")), "familyname"),
        (json!({}), "arrival"),
        (
            json!({"arrival": day(1), "departure": day(2)}),
            "family_name",
        ),
    ]
}

async fn what_can_not_be_is_named_and_nothing_is_stored(app: TestApp) {
    let pms = Program::pms(&app);
    let count = |app: &TestApp| -> (i64, i64) {
        app.sql(|conn| {
            Ok((
                stays::table.count().get_result(conn)?,
                guests::table.count().get_result(conn)?,
            ))
        })
    };
    let before = count(&app);
    for (body, field) in wrong() {
        let answer = pms.put(PLACE, &body).await;
        let problem = answer.problem(422);
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().len() > 8);
    }
    let number = format!("/reservations/RIV/{}", "9".repeat(65));
    let answer = pms.put(&number, &booking("Solheim")).await;
    assert_eq!(
        answer.problem(422)["errors"][0]["field"],
        "confirmation_number"
    );
    let answer = pms
        .put("/reservations/NOWHERE/1", &booking("Solheim"))
        .await;
    assert!(
        answer.problem(404)["detail"]
            .as_str()
            .unwrap()
            .contains("RIV")
    );
    let raw = |body: String, mime: &'static str| {
        Answer::to(
            pms.request("put", PLACE)
                .header("content-type", mime)
                .body(body),
        )
    };
    raw("{\"arrival\": ".into(), "application/json")
        .await
        .problem(400);
    raw("[1]".into(), "application/json").await.problem(400);
    raw("\u{fffd}".into(), "application/json")
        .await
        .problem(400);
    raw("[".repeat(10_000), "application/json")
        .await
        .problem(400);
    raw("arrival=1".into(), "application/x-www-form-urlencoded")
        .await
        .problem(415);
    raw(" ".repeat(65 * 1024), "application/json")
        .await
        .problem(413);
    assert_eq!(count(&app), before);
}

async fn a_room_is_not_promised_twice(app: TestApp) {
    let pms = Program::pms(&app);
    let in_room = |family: &str| {
        let mut body = booking(family);
        (body["arrival"], body["departure"], body["room"]) =
            (day(60).into(), day(62).into(), "1204".into());
        body
    };
    let first = pms.put(PLACE, &in_room("Solheim")).await.is(201);
    assert_eq!(first["room"], "1204");
    let answer = pms
        .put("/reservations/RIV/API-2", &in_room("Bergstad"))
        .await;
    let problem = answer.problem(422);
    assert_eq!(problem["errors"][0]["field"], "room");
    assert!(
        problem["detail"].as_str().unwrap().contains("API-1"),
        "{problem}"
    );
    let mut cancelled = in_room("Solheim");
    cancelled["status"] = "cancelled".into();
    pms.put(PLACE, &cancelled).await.is(200);
    pms.put("/reservations/RIV/API-2", &in_room("Bergstad"))
        .await
        .is(201);
    let nights: i64 = app.sql(|conn| {
        room_nights::table
            .inner_join(stays::table)
            .filter(stays::confirmation_number.like("API-%"))
            .count()
            .get_result(conn)
    });
    assert_eq!(nights, 2);
}

/// Whoever it is of, and however many are booked already. What is counted begins and ends the transaction, too.
async fn a_reservation_asks_the_database_a_bounded_number_of_times(app: TestApp) {
    let pms = Program::pms(&app);
    pms.put("/reservations/RIV/FIRST", &booking("Solheim"))
        .await
        .is(201);
    let mut asked = Vec::new();
    for (number, family_name) in [
        ("NEW", "Unheard"),
        ("KNOWN", "Solheim"),
        ("KNOWN", "Solheim"),
    ] {
        let path = format!("/reservations/RIV/{number}");
        let key = format!("key-{}", asked.len());
        let answer = pms
            .send_once("put", &path, &booking(family_name), &key)
            .await;
        asked.push(answer.page.queries());
    }
    assert!(
        asked.iter().all(|asked| *asked <= MOST_QUERIES),
        "{asked:?}"
    );
}

async fn a_list_comes_in_pages(app: TestApp) {
    let pms = Program::pms(&app);
    for index in 0..5 {
        let mut body = booking(&format!("Solheim{index}"));
        (body["arrival"], body["departure"]) = (day(400).into(), day(401).into());
        pms.put(&format!("/reservations/LAK/L-{index}"), &body)
            .await
            .is(201);
    }
    let asked = format!(
        "/reservations?property=LAK&arrival_from={}&limit=2",
        day(399)
    );
    let mut numbers = Vec::new();
    let mut path = asked.clone();
    loop {
        let page = pms.get(&path).await.is(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        numbers.extend(items.iter().map(|item| item["confirmation_number"].clone()));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("{asked}&cursor={next}");
    }
    assert_eq!(numbers, ["L-0", "L-1", "L-2", "L-3", "L-4"]);
    for wrong in [
        "&limit=0",
        "&limit=201",
        "&limit=x",
        "&cursor=!",
        "&cursor=-1",
        "&status=asleep",
        "&colour=1",
    ] {
        pms.get(&format!("/reservations?property=LAK{wrong}"))
            .await
            .problem(422);
    }
    pms.get("/reservations").await.problem(422);
}

async fn a_write_on_another_state_than_was_read_is_refused(app: TestApp) {
    let pms = Program::pms(&app);
    let written = pms.put(PLACE, &booking("Solheim")).await;
    assert_eq!((written.status(), written.page.header("etag")), (201, ""));
    let read = pms.get(PLACE).await;
    let tag = read.page.header("etag").to_owned();
    let not_again = pms.request("get", PLACE).header("if-none-match", &tag);
    assert_eq!(Answer::to(not_again).await.status(), 304);
    let put = |departure: i64| {
        let mut body = booking("Solheim");
        body["departure"] = day(departure).into();
        Answer::to(super::with(
            pms.request("put", PLACE).header("if-match", &tag),
            &body,
        ))
    };
    put(6).await.is(200);
    put(7).await.problem(412);
    assert_eq!(pms.get(PLACE).await.is(200)["departure"], day(6));
}

async fn the_api_and_a_file_make_the_same_of_a_reservation(app: TestApp) {
    use innkeeper::importing::{self, Kind, Options};
    let pms = Program::pms(&app);
    let told = pms
        .put("/reservations/RIV/API-1", &booking("Solheim"))
        .await
        .is(201);
    let file = format!(
        "property,confirmation_number,arrival,departure,given_name,family_name,email,birth_date,country,rate,currency,channel,adults,requests\n\
         RIV,API-1,{},{},Ingrid,Solheim,ingrid.solheim@example.com,1984-05-17,NO,880.00,CNY,ota,2,high_floor;a view of the harbour\n",
        day(3),
        day(5)
    );
    let options = Options {
        source: "pms".into(),
        ..Options::default()
    };
    let keys = crate::support::world::keys();
    let report = importing::run(
        &app.app.db,
        &keys,
        Kind::Stays,
        file.as_bytes(),
        &options,
        |_| (),
    )
    .unwrap();
    assert_eq!(
        (report.unchanged, report.new, report.changed),
        (1, 0, 0),
        "{report:?}"
    );
    let read = pms.get("/reservations/RIV/API-1").await.is(200);
    assert_eq!(read["guest_id"], told["guest_id"]);
}
