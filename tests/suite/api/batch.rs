//! Many reservations at once.

use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, held_events, stays};
use innkeeper::staff::Role;
use serde_json::{Value, json};

use super::{Answer, Program, booking, day};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    each_of_a_batch_has_its_own_result,
    one_stay_twice_in_a_batch_is_as_said_last,
    a_batch_under_a_key_is_taken_in_once,
    what_is_no_batch_is_refused,
);

fn item(number: &str, family_name: &str) -> Value {
    let mut item = booking(family_name);
    (item["property"], item["confirmation_number"]) = ("RIV".into(), number.into());
    item
}

fn stored(app: &TestApp) -> i64 {
    app.sql(|conn| stays::table.count().get_result(conn))
}

async fn each_of_a_batch_has_its_own_result(app: TestApp) {
    let riverside = Program::of(&app, "riverside", Role::Pms, &["RIV"]);
    let before = stored(&app);
    let held = json!({"updated_at": "2026-02-01T10:00:00Z"});
    riverside
        .post("/reservations/RIV/B-5/cancel", &held)
        .await
        .is(202);
    let mut wrong = item("B-2", "Bergstad");
    wrong["arrival"] = "2026-02-30".into();
    let mut elsewhere = item("B-3", "Bergstad");
    elsewhere["property"] = "LAK".into();
    let mut nowhere = item("B-4", "Bergstad");
    nowhere["property"] = Value::Null;
    let items = json!({"items": [item("B-1", "Solheim"), wrong, elsewhere, nowhere, item("B-5", "Solheim"), 7]});
    let done = riverside.post("/reservations:batch", &items).await.is(200);
    let of = |at: usize, field: &str| done["items"][at][field].clone();
    let statuses: Vec<Value> = (0..6).map(|at| of(at, "status")).collect();
    assert_eq!(statuses, [201, 422, 403, 422, 201, 422]);
    assert_eq!(done["refused"], 4);
    assert_eq!(of(1, "problem")["errors"][0]["field"], "arrival");
    assert_eq!(of(1, "confirmation_number"), "B-2");
    // Recognised among themselves, too.
    let guest = of(0, "reservation")["guest_id"].clone();
    assert_eq!(of(4, "reservation")["recognition"]["guest_id"], guest);
    assert_eq!(
        of(4, "reservation")["status"],
        "cancelled",
        "what waited for it is done"
    );
    assert_eq!(stored(&app), before + 2);
    let (lines, waiting): (i64, i64) = app.sql(|conn| {
        let lines = audit_log::table.filter(audit_log::action.eq("put_reservation"));
        let waiting = held_events::table.filter(held_events::settled_at.is_null());
        Ok((
            lines.count().get_result(conn)?,
            waiting.count().get_result(conn)?,
        ))
    });
    assert_eq!((lines, waiting), (2, 0));
}

async fn one_stay_twice_in_a_batch_is_as_said_last(app: TestApp) {
    let pms = Program::pms(&app);
    let mut later = item("B-1", "Solheim");
    later["departure"] = day(9).into();
    let items = json!({"items": [item("B-1", "Solheim"), item("B-2", "Bergstad"), later]});
    let done = pms.post("/reservations:batch", &items).await.is(200);
    let outcomes: Vec<&Value> = (0..3).map(|at| &done["items"][at]["outcome"]).collect();
    assert_eq!(outcomes, ["created", "created", "changed"]);
    assert_eq!(
        pms.get("/reservations/RIV/B-1").await.is(200)["departure"],
        day(9)
    );
}

async fn a_batch_under_a_key_is_taken_in_once(app: TestApp) {
    let pms = Program::pms(&app);
    let items: Vec<Value> = (0..40)
        .map(|index| item(&format!("B-{index}"), &format!("Guest{index}")))
        .collect();
    let items = json!({"items": items});
    let first = pms
        .send_once("post", "/reservations:batch", &items, "night")
        .await;
    let count = stored(&app);
    let again = pms
        .send_once("post", "/reservations:batch", &items, "night")
        .await;
    assert_eq!((first.status(), &first.page.body), (200, &again.page.body));
    assert_eq!(stored(&app), count);
}

async fn what_is_no_batch_is_refused(app: TestApp) {
    let pms = Program::pms(&app);
    for body in [
        json!({}),
        json!({"items": {}}),
        json!({"items": [], "more": 1}),
        json!({"items": vec![0; 1_001]}),
    ] {
        let answer = pms.post("/reservations:batch", &body).await;
        assert_eq!(answer.problem(422)["errors"][0]["field"], "items");
    }
    assert_eq!(
        pms.post("/reservations:batch", &json!({"items": []}))
            .await
            .is(200)["items"],
        json!([])
    );
    let long = pms
        .request("post", "/reservations:batch")
        .header("content-type", "application/json");
    Answer::to(long.body(" ".repeat(4 * 1024 * 1024 + 1)))
        .await
        .problem(413);
}
