//! A write with a key happens once.

use std::rc::Rc;

use diesel::prelude::*;
use innkeeper::db::schema::{api_tokens, guests, idempotency_keys, stays};
use innkeeper::staff::Role;
use serde_json::Value;
use tokio::task::{JoinSet, LocalSet};

use super::{Answer, Program, booking, day};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    the_same_key_and_body_is_answered_the_same_and_done_once,
    the_same_key_with_another_body_is_refused,
    a_refused_write_leaves_its_key_free,
    of_many_writes_with_one_key_one_has_an_effect,
    many_writes_of_one_reservation_make_one_stay,
    many_bookings_of_one_new_guest_make_one_guest,
    of_many_check_ins_told_at_once_one_happens,
    old_keys_go_and_a_day_old_one_stays,
);

const PLACE: &str = "/reservations/RIV/ONCE-1";
const CLIENTS: usize = 32;

fn stays_and_guests(app: &TestApp) -> (i64, i64) {
    app.sql(|conn| {
        Ok((
            stays::table.count().get_result(conn)?,
            guests::table.count().get_result(conn)?,
        ))
    })
}

async fn the_same_key_and_body_is_answered_the_same_and_done_once(app: TestApp) {
    let pms = Program::pms(&app);
    let first = pms
        .send_once("put", PLACE, &booking("Solheim"), "k-1")
        .await;
    let mut other = booking("Solheim");
    other["departure"] = day(9).into();
    pms.put(PLACE, &other).await.is(200);
    let again = pms
        .send_once("put", PLACE, &booking("Solheim"), "k-1")
        .await;
    assert_eq!((first.status(), again.status()), (201, 201));
    assert_eq!(first.page.body, again.page.body);
    assert_eq!(again.page.header("idempotency-replayed"), "true");
    assert_eq!(pms.get(PLACE).await.is(200)["departure"], day(9));
    // Another program's keys are its own.
    let other = Program::of(&app, "other", Role::Pms, &[]);
    let theirs = other
        .send_once("put", PLACE, &booking("Solheim"), "k-1")
        .await;
    assert_eq!(theirs.is(200)["outcome"], "changed");
}

async fn the_same_key_with_another_body_is_refused(app: TestApp) {
    let pms = Program::pms(&app);
    pms.send_once("put", PLACE, &booking("Solheim"), "k-1")
        .await
        .is(201);
    let before = stays_and_guests(&app);
    let other = pms
        .send_once("put", PLACE, &booking("Bergstad"), "k-1")
        .await;
    assert_eq!(
        other.problem(422)["type"],
        "urn:innkeeper:problem:key-reused"
    );
    let elsewhere = pms
        .send_once(
            "put",
            "/reservations/RIV/ONCE-2",
            &booking("Solheim"),
            "k-1",
        )
        .await;
    elsewhere.problem(422);
    let long = "k".repeat(256);
    pms.send_once("put", PLACE, &booking("Solheim"), &long)
        .await
        .problem(422);
    assert_eq!(stays_and_guests(&app), before);
}

async fn a_refused_write_leaves_its_key_free(app: TestApp) {
    let pms = Program::pms(&app);
    let mut wrong = booking("Solheim");
    wrong["room"] = "9999".into();
    pms.send_once("put", PLACE, &wrong, "k-1")
        .await
        .problem(422);
    pms.send_once("put", PLACE, &booking("Solheim"), "k-1")
        .await
        .is(201);
}

/// Sends the bodies at once, each under its key.
async fn at_once(pms: Program, sent: Vec<(Value, String)>) -> Vec<Answer> {
    let sent = sent
        .into_iter()
        .map(|(body, key)| ("put", PLACE.to_owned(), body, key));
    all_at_once(pms, sent.collect()).await
}

/// Sends calls at once, each under its key.
async fn all_at_once(
    pms: Program,
    sent: Vec<(&'static str, String, Value, String)>,
) -> Vec<Answer> {
    let pms = Rc::new(pms);
    LocalSet::new()
        .run_until(async move {
            let mut all = JoinSet::new();
            for (method, place, body, key) in sent {
                let pms = Rc::clone(&pms);
                all.spawn_local(async move { pms.send_once(method, &place, &body, &key).await });
            }
            all.join_all().await
        })
        .await
}

async fn of_many_writes_with_one_key_one_has_an_effect(app: TestApp) {
    let (stays, guests) = stays_and_guests(&app);
    let sent = vec![(booking("Solheim"), "k-1".to_owned()); CLIENTS];
    let answers = at_once(Program::pms(&app), sent).await;
    for answer in &answers {
        assert_eq!(
            (answer.status(), &answer.page.body),
            (201, &answers[0].page.body)
        );
    }
    let replayed = answers
        .iter()
        .filter(|a| a.page.header("idempotency-replayed") == "true");
    assert_eq!(replayed.count(), CLIENTS - 1);
    assert_eq!(stays_and_guests(&app), (stays + 1, guests + 1));
}

async fn many_writes_of_one_reservation_make_one_stay(app: TestApp) {
    let (stays, guests) = stays_and_guests(&app);
    let sent = (0..CLIENTS).map(|index| (booking("Solheim"), format!("k-{index}")));
    let answers = at_once(Program::pms(&app), sent.collect()).await;
    let created = answers
        .iter()
        .filter(|answer| answer.status() == 201)
        .count();
    let told = answers
        .iter()
        .filter(|answer| answer.status() == 200)
        .count();
    assert_eq!((created, told), (1, CLIENTS - 1));
    assert_eq!(stays_and_guests(&app), (stays + 1, guests + 1));
}

/// Somebody nobody knows books many times at the same moment: the second booking finds whom the first made.
async fn many_bookings_of_one_new_guest_make_one_guest(app: TestApp) {
    let (stays, guests) = stays_and_guests(&app);
    let sent = (0..CLIENTS).map(|index| {
        let mut body = booking("Solheim");
        // Names are spelled as they come.
        if index % 2 == 0 {
            body["given_name"] = "INGRID".into();
        }
        let place = format!("/reservations/RIV/NEW-{index}");
        ("put", place, body, format!("k-{index}"))
    });
    let answers = all_at_once(Program::pms(&app), sent.collect()).await;
    for answer in &answers {
        assert_eq!(answer.status(), 201, "{}", answer.page.body);
        assert_eq!(answer.json["guest_id"], answers[0].json["guest_id"]);
    }
    assert_eq!(stays_and_guests(&app), (stays + CLIENTS as i64, guests + 1));
}

async fn of_many_check_ins_told_at_once_one_happens(app: TestApp) {
    let pms = Program::pms(&app);
    let mut today = booking("Solheim");
    (today["arrival"], today["departure"]) = (day(0).into(), day(2).into());
    pms.put(PLACE, &today).await.is(201);
    let sent = (0..CLIENTS).map(|index| {
        let place = format!("{PLACE}/check-in");
        let body = serde_json::json!({"room": "1204"});
        ("post", place, body, format!("k-{index}"))
    });
    let answers = all_at_once(pms, sent.collect()).await;
    let told = |outcome: &str| {
        let told = answers.iter().filter(|a| a.json["outcome"] == outcome);
        told.count()
    };
    assert_eq!((told("changed"), told("unchanged")), (1, CLIENTS - 1));
    let nights: i64 = app.sql(|conn| {
        innkeeper::db::schema::room_nights::table
            .inner_join(stays::table)
            .filter(stays::confirmation_number.eq("ONCE-1"))
            .count()
            .get_result(conn)
    });
    assert_eq!(nights, 2);
}

async fn old_keys_go_and_a_day_old_one_stays(app: TestApp) {
    let pms = Program::pms(&app);
    for key in ["new", "day", "old"] {
        pms.send_once("put", PLACE, &booking("Solheim"), key).await;
    }
    app.sql(|conn| {
        for (key, hours) in [("day", 25), ("old", 49)] {
            let at = innkeeper::clock::now() - chrono::TimeDelta::hours(hours);
            diesel::update(idempotency_keys::table.filter(idempotency_keys::key.eq(key)))
                .set(idempotency_keys::created_at.eq(at))
                .execute(conn)?;
        }
        // Old keys go when the token's use is noted, once a minute.
        diesel::update(api_tokens::table)
            .set(api_tokens::last_used_at.eq(None::<chrono::NaiveDateTime>))
            .execute(conn)?;
        Ok(())
    });
    pms.send_once("put", PLACE, &booking("Solheim"), "next")
        .await;
    let kept: Vec<String> = app.sql(|conn| {
        idempotency_keys::table
            .order(idempotency_keys::key)
            .select(idempotency_keys::key)
            .load(conn)
    });
    assert_eq!(kept, ["day", "new", "next"]);
}
