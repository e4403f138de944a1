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
    old_keys_go_and_a_day_old_one_stays,
);

const PLACE: &str = "/reservations/RIV/ONCE-1";
const CLIENTS: usize = 16;

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
    let pms = Rc::new(pms);
    LocalSet::new()
        .run_until(async move {
            let mut all = JoinSet::new();
            for (body, key) in sent {
                let pms = Rc::clone(&pms);
                all.spawn_local(async move { pms.send_once("put", PLACE, &body, &key).await });
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
