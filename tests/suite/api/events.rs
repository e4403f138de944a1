//! Events in any order, more than once, and late.

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{audit_log, folio_charges, held_events, loyalty_entries, rooms, stays};
use innkeeper::properties::Reference;
use innkeeper::stays::{Status, held};
use serde_json::{Value, json};

use super::{Program, booking, day};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    a_stay_goes_its_way_from_booking_to_leaving,
    a_cancel_before_its_create_waits_and_is_done,
    a_check_out_without_a_check_in_waits_for_it,
    an_event_told_twice_happens_once,
    an_older_event_is_told_so,
    a_number_given_out_again_is_another_stay,
    what_can_not_be_is_named,
    what_waits_is_listed_tried_again_and_given_up,
    the_clock_tries_what_waits_and_gives_up_in_sight,
    staff_see_what_waits_try_it_and_drop_it,
);

const PLACE: &str = "/reservations/RIV/EV-1";
const ROOM: &str = "1204";

fn today() -> Value {
    let mut body = booking("Solheim");
    (body["arrival"], body["departure"]) = (day(0).into(), day(2).into());
    body
}

fn event(name: &str) -> String {
    format!("{PLACE}/{name}")
}

fn waiting(app: &TestApp) -> i64 {
    app.sql(|conn| {
        held_events::table
            .filter(held_events::settled_at.is_null())
            .count()
            .get_result(conn)
    })
}

async fn a_stay_goes_its_way_from_booking_to_leaving(app: TestApp) {
    let pms = Program::pms(&app);
    pms.put(PLACE, &today()).await.is(201);
    let here = pms
        .post(&event("check-in"), &json!({"room": ROOM}))
        .await
        .is(200);
    assert_eq!(
        (&here["outcome"], &here["status"], &here["room"]),
        (&json!("changed"), &json!("in_house"), &json!(ROOM))
    );
    let charges = json!({"charges": [
        {"department": "room", "amount": {"amount": "1760.00", "currency": "CNY"}},
        {"department": "food", "amount": {"amount": "99.50", "currency": "CNY"}, "cost": {"amount": "30.00", "currency": "CNY"}},
    ]});
    let gone = pms.post(&event("check-out"), &charges).await.is(200);
    assert_eq!(
        (&gone["outcome"], &gone["status"]),
        (&json!("changed"), &json!("departed"))
    );
    let (posted, by): (Vec<(String, i64, Option<i64>)>, i64) = app.sql(|conn| {
        let posted = folio_charges::table
            .inner_join(stays::table)
            .filter(stays::confirmation_number.eq("EV-1"))
            .order(folio_charges::id)
            .select((
                folio_charges::department,
                folio_charges::amount_minor,
                folio_charges::cost_minor,
            ))
            .load(conn)?;
        let by = audit_log::table
            .filter(audit_log::token_id.is_not_null())
            .filter(audit_log::action.eq_any(["check_in", "check_out"]))
            .count()
            .get_result(conn)?;
        Ok((posted, by))
    });
    assert_eq!(
        posted,
        [
            ("room".into(), 176_000, None),
            ("food".into(), 9_950, Some(3_000))
        ]
    );
    assert_eq!(by, 2);
    // What has been posted at the desk is not undone by a booking that comes late.
    let late = pms.put(PLACE, &today()).await.is(200);
    assert_eq!(late["status"], "departed");
}

async fn a_cancel_before_its_create_waits_and_is_done(app: TestApp) {
    let pms = Program::pms(&app);
    let told = json!({"updated_at": "2026-02-01T10:00:00Z"});
    let held = pms.post(&event("cancel"), &told).await.is(202);
    assert_eq!(
        (&held["outcome"], &held["held"]["reason"]),
        (&json!("held"), &json!("unknown_reservation"))
    );
    pms.post(&event("cancel"), &told).await.is(202);
    assert_eq!(waiting(&app), 1, "told twice, waits once");
    let mut created = today();
    created["updated_at"] = "2026-02-01T09:00:00Z".into();
    let created = pms.put(PLACE, &created).await.is(201);
    assert_eq!(
        (&created["status"], &created["released"]),
        (&json!("cancelled"), &json!(1))
    );
    assert_eq!(waiting(&app), 0);
    // Booked anew after the cancel, it stands.
    let other = "/reservations/RIV/EV-2";
    pms.post(&format!("{other}/cancel"), &told).await.is(202);
    let mut again = today();
    again["updated_at"] = "2026-02-01T11:00:00Z".into();
    let again = pms.put(other, &again).await.is(201);
    assert_eq!(again["status"], "reserved");
    assert_eq!(waiting(&app), 0);
}

async fn a_check_out_without_a_check_in_waits_for_it(app: TestApp) {
    let pms = Program::pms(&app);
    let charges = json!({"charges": [{"department": "room", "amount": {"amount": "880.00", "currency": "CNY"}}]});
    let held = pms.post(&event("check-out"), &charges).await.is(202);
    assert_eq!(held["held"]["reason"], "unknown_reservation");
    let created = pms.put(PLACE, &today()).await.is(201);
    assert_eq!(
        (&created["status"], &created["released"]),
        (&json!("reserved"), &json!(0))
    );
    let listed = pms.get("/held?property=RIV").await.is(200);
    assert_eq!(listed["items"][0]["reason"], "not_checked_in");
    let here = pms
        .post(&event("check-in"), &json!({"room": ROOM}))
        .await
        .is(200);
    assert_eq!(
        (&here["status"], &here["released"]),
        (&json!("departed"), &json!(1))
    );
    assert_eq!(waiting(&app), 0);
}

async fn an_event_told_twice_happens_once(app: TestApp) {
    let pms = Program::pms(&app);
    pms.put(PLACE, &today()).await.is(201);
    for (name, body) in [
        ("check-in", json!({"room": ROOM})),
        (
            "check-out",
            json!({"charges": [{"department": "room", "amount": {"amount": "10.00", "currency": "CNY"}}]}),
        ),
    ] {
        assert_eq!(
            pms.post(&event(name), &body).await.is(200)["outcome"],
            "changed"
        );
        assert_eq!(
            pms.post(&event(name), &body).await.is(200)["outcome"],
            "unchanged"
        );
    }
    // Who has left can't be cancelled.
    pms.post(&event("cancel"), &json!({})).await.problem(409);
    pms.post(&event("no-show"), &json!({})).await.problem(409);
    let lines: i64 = app.sql(|conn| {
        folio_charges::table
            .inner_join(stays::table)
            .filter(stays::confirmation_number.eq("EV-1"))
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, 1);
    // The points of a member's stay are posted once.
    let stay = app.stay_in("1207");
    let number: String = app.sql(|conn| {
        stays::table
            .find(stay)
            .select(stays::confirmation_number)
            .first(conn)
    });
    let leave = format!("/reservations/RIV/{number}/check-out");
    let body = json!({"charges": [{"department": "room", "amount": {"amount": "500.00", "currency": "CNY"}}]});
    assert_eq!(
        pms.send_once("post", &leave, &body, "k").await.is(200)["points"],
        500
    );
    assert_eq!(
        pms.send_once("post", &leave, &body, "k").await.is(200)["points"],
        500
    );
    assert_eq!(pms.post(&leave, &body).await.is(200)["points"], 0);
    let points: Vec<i64> = app.sql(|conn| {
        loyalty_entries::table
            .filter(loyalty_entries::stay_id.eq(stay))
            .select(loyalty_entries::points)
            .load(conn)
    });
    assert_eq!(points, [500]);
}

async fn an_older_event_is_told_so(app: TestApp) {
    let pms = Program::pms(&app);
    let mut newer = today();
    newer["updated_at"] = "2026-02-01T10:00:00Z".into();
    pms.put(PLACE, &newer).await.is(201);
    let told = pms
        .post(
            &event("cancel"),
            &json!({"updated_at": "2026-02-01T09:00:00Z"}),
        )
        .await
        .is(200);
    assert_eq!(
        (&told["outcome"], &told["status"]),
        (&json!("older"), &json!("reserved"))
    );
    let told = pms
        .post(
            &event("cancel"),
            &json!({"updated_at": "2026-02-01T11:00:00Z"}),
        )
        .await
        .is(200);
    assert_eq!(
        (&told["outcome"], &told["status"]),
        (&json!("changed"), &json!("cancelled"))
    );
    let told = pms.put(PLACE, &newer).await.is(200);
    assert_eq!(
        (&told["outcome"], &told["status"]),
        (&json!("older"), &json!("cancelled"))
    );
}

async fn a_number_given_out_again_is_another_stay(app: TestApp) {
    let pms = Program::pms(&app);
    let mut last_year = booking("Bergstad");
    (
        last_year["arrival"],
        last_year["departure"],
        last_year["status"],
    ) = (day(-400).into(), day(-398).into(), "departed".into());
    let old = pms.put(PLACE, &last_year).await.is(201);
    let new = pms.put(PLACE, &today()).await.is(201);
    assert_ne!(new["guest_id"], old["guest_id"]);
    let retired = format!("{PLACE}~{}", day(-400));
    let kept = pms.get(&retired).await.is(200);
    assert_eq!(
        (&kept["guest_id"], &kept["status"]),
        (&old["guest_id"], &json!("departed"))
    );
    // A correction of the same stay is no other stay.
    let mut later = today();
    later["departure"] = day(4).into();
    pms.put(PLACE, &later).await.is(200);
}

async fn what_can_not_be_is_named(app: TestApp) {
    let pms = Program::pms(&app);
    pms.put(PLACE, &today()).await.is(201);
    let charge = |department: &str, amount: Value| json!({"charges": [{"department": department, "amount": amount}]});
    for (name, body, field) in [
        ("check-in", json!({}), "room"),
        ("check-in", json!({"room": 1204}), "room"),
        (
            "check-in",
            json!({"room": ROOM, "updated_at": "now"}),
            "updated_at",
        ),
        ("cancel", json!({"why": "weather"}), "why"),
        ("check-out", json!({"charges": {}}), "charges"),
        (
            "check-out",
            charge("casino", json!({"amount": "1.00", "currency": "CNY"})),
            "charges[0].department",
        ),
        (
            "check-out",
            charge("room", json!("1.00")),
            "charges[0].amount",
        ),
        (
            "check-out",
            charge("room", json!({"amount": "1", "currency": "ZZZ"})),
            "charges[0].amount",
        ),
        (
            "check-out",
            charge("room", Value::Null),
            "charges[0].amount",
        ),
    ] {
        let answer = pms.post(&event(name), &body).await;
        assert_eq!(answer.problem(422)["errors"][0]["field"], field, "{body}");
    }
    let answer = pms.post(&event("check-in"), &json!({"room": "9999"})).await;
    assert!(
        answer.problem(409)["detail"]
            .as_str()
            .unwrap()
            .contains("9999")
    );
    // 1207 is somebody's.
    pms.post(&event("check-in"), &json!({"room": "1207"}))
        .await
        .problem(409);
    let stay: Status = app.sql(|conn| {
        stays::table
            .filter(stays::confirmation_number.eq("EV-1"))
            .select(stays::status)
            .first(conn)
    });
    assert_eq!(stay, Status::Reserved);
}

async fn what_waits_is_listed_tried_again_and_given_up(app: TestApp) {
    let pms = Program::pms(&app);
    let held = pms.post(&event("cancel"), &json!({})).await.is(202);
    let id = held["held"]["id"].as_str().unwrap().to_owned();
    let again = pms
        .post(&format!("/held/{id}/retry"), &json!({}))
        .await
        .is(200);
    assert_eq!(
        (&again["outcome"], &again["held"]["tries"]),
        (&json!("held"), &json!(2))
    );
    let lakeside = Program::of(&app, "lakeside", innkeeper::staff::Role::Pms, &["LAK"]);
    lakeside
        .send("delete", &format!("/held/{id}"), &json!({}))
        .await
        .problem(403);
    let gone = pms.send("delete", &format!("/held/{id}"), &json!({})).await;
    assert_eq!((gone.status(), gone.page.body.as_str()), (204, ""));
    pms.send("delete", &format!("/held/{id}"), &json!({}))
        .await
        .problem(404);
    assert_eq!(
        pms.get("/held?property=RIV").await.is(200)["items"],
        json!([])
    );
    let created = pms.put(PLACE, &today()).await.is(201);
    assert_eq!(created["status"], "reserved");
}

/// What the clock does at a moment; how many events it did.
fn tick(app: &TestApp, after: TimeDelta) -> usize {
    let reference = app.sql(Reference::load);
    let done = held::try_due(&app.app.db, &reference, clock::now() + after);
    done.unwrap().len()
}

/// A check-in into a room that is still to be made up, held as one that came before its reservation is.
async fn refused_for_now(app: &TestApp, pms: &Program) {
    housekeeping(app, "dirty");
    pms.post(&event("check-in"), &json!({"room": ROOM}))
        .await
        .is(202);
    let created = pms.put(PLACE, &today()).await.is(201);
    assert_eq!(created["released"], 0);
}

fn housekeeping(app: &TestApp, state: &str) {
    app.sql(|conn| {
        diesel::update(rooms::table.filter(rooms::number.eq(ROOM)))
            .set(rooms::housekeeping.eq(state))
            .execute(conn)
    });
}

async fn the_clock_tries_what_waits_and_gives_up_in_sight(app: TestApp) {
    let pms = Program::pms(&app);
    refused_for_now(&app, &pms).await;
    let listed = async || pms.get("/held?property=RIV").await.is(200)["items"][0].clone();
    assert_eq!(tick(&app, TimeDelta::zero()), 0);
    assert_eq!(listed().await["tries"], 2, "not due yet");
    assert_eq!(tick(&app, TimeDelta::hours(1)), 0);
    let waits = listed().await;
    assert_eq!(
        (&waits["tries"], &waits["reason"]),
        (&json!(3), &json!("refused"))
    );
    assert!(waits["detail"].as_str().unwrap().contains("made up"));
    // Made up, and tried on two nodes at once: one does it.
    housekeeping(&app, "clean");
    let done: usize = std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| tick(&app, TimeDelta::hours(2))))
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap()).sum()
    });
    assert_eq!(done, 1);
    assert_eq!(waiting(&app), 0);
    assert_eq!(pms.get(PLACE).await.is(200)["status"], "in_house");
    // What nobody ever explains is given up, and can be seen.
    let other = "/reservations/RIV/EV-9/cancel";
    pms.post(other, &json!({})).await.is(202);
    assert_eq!(tick(&app, TimeDelta::days(15)), 0);
    let given_up = listed().await;
    assert!(given_up["given_up_at"].is_string());
    assert_eq!(given_up["next_try_at"], Value::Null);
    assert_eq!(tick(&app, TimeDelta::days(30)), 0);
    assert_eq!(
        listed().await["tries"],
        given_up["tries"],
        "no clock tries it"
    );
    // It is done all the same when its reservation comes.
    let created = pms.put("/reservations/RIV/EV-9", &today()).await.is(201);
    assert_eq!(created["status"], "cancelled");
}

async fn staff_see_what_waits_try_it_and_drop_it(app: TestApp) {
    let pms = Program::pms(&app);
    refused_for_now(&app, &pms).await;
    let manager = app.sign_in("zhou").await;
    let page = manager.see("/held").await;
    assert!(page.text("ol.held").contains("EV-1"));
    assert!(page.text("ol.held").contains("made up"));
    let retry = page.attr("form[action$='/retry']", "action");
    let still = manager.submit(&retry, &[]).await;
    assert!(still.text(".flash").contains("still waits"));
    housekeeping(&app, "clean");
    let done = manager.submit(&retry, &[]).await;
    assert!(done.text(".flash").contains("Done"));
    assert!(done.text("section.empty").contains("Nothing waits"));
    assert!(
        manager
            .submit(&retry, &[])
            .await
            .text(".flash")
            .contains("no longer")
    );
    // Another house's is not theirs to drop.
    let elsewhere = "/reservations/LAK/EV-7/cancel";
    let held = pms.post(elsewhere, &json!({})).await.is(202);
    let id = held["held"]["id"].as_str().unwrap();
    let drop = format!("/held/{id}/drop");
    let riverside = app.sign_in("lin").await;
    assert_eq!(riverside.post(&drop, &[]).await.status, 403);
    let admin = app.sign_in("admin").await;
    admin.submit(&drop, &[]).await;
    assert_eq!(waiting(&app), 0);
}
