//! Points, as programs read and post them.

use diesel::prelude::*;
use innkeeper::db::schema::{loyalty_entries, loyalty_lots};
use innkeeper::staff::Role;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Answer, Program, with};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    points_are_read_with_their_lots_and_the_ledger_in_pages,
    what_is_posted_is_told_and_what_can_not_be_is_refused,
    of_many_redemptions_at_once_the_balance_decides,
    of_many_calls_under_one_key_one_posts,
    a_refund_takes_its_points_back,
);

fn path(app: &TestApp) -> String {
    format!("/guests/{}/points", app.guest_of(app.stay_in(REGULAR)))
}

fn entry(kind: &str, points: i64) -> Value {
    json!({"kind": kind, "points": points, "reason": "a test"})
}

async fn points_are_read_with_their_lots_and_the_ledger_in_pages(app: TestApp) {
    let (pms, path) = (Program::pms(&app), path(&app));
    for points in [100, 200, 300] {
        pms.post(&path, &entry("earn", points)).await.is(201);
    }
    let all = pms.get(&path).await.is(200);
    assert_eq!(all["balance"], 12_480 + 600);
    assert_eq!(all["tier"], "gold");
    assert!(all["next_tier"]["nights"].as_i64().unwrap() > 0, "{all}");
    assert_eq!(all["accounts"][0]["number"], "RH-104882");
    let lots = all["lots"].as_array().unwrap();
    let left: i64 = lots
        .iter()
        .map(|lot| lot["remaining"].as_i64().unwrap())
        .sum();
    assert_eq!(left, all["balance"]);
    assert_eq!(
        lots.last().unwrap()["expires_on"],
        Value::Null,
        "for good comes last"
    );
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = pms.get(&format!("{path}?limit=2{cursor}")).await.is(200);
        let some = page["items"].as_array().unwrap().clone();
        assert!(some.len() <= 2);
        items.extend(some);
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(&items, all["items"].as_array().unwrap());
    assert_eq!(items[0]["points"], 300, "the newest first");
    let host = Program::of(&app, "host", Role::Host, &[]);
    host.get(&path).await.problem(403);
    pms.get("/guests/nobody/points").await.problem(404);
    pms.get(&format!("{path}?limit=0")).await.problem(422);
}

async fn what_is_posted_is_told_and_what_can_not_be_is_refused(app: TestApp) {
    let (pms, path) = (Program::pms(&app), path(&app));
    let spent = pms.post(&path, &entry("redeem", 480)).await.is(201);
    assert_eq!(spent["balance"], 12_000);
    let refused = pms.post(&path, &entry("redeem", 12_001)).await;
    let detail = refused.problem(409)["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("12,000") || detail.contains("12000"),
        "{detail}"
    );
    pms.post(&path, &entry("adjust", 5)).await.problem(403);
    let manager = Program::of(&app, "manager", Role::Manager, &[]);
    let less = manager.post(&path, &entry("adjust", -1_000)).await.is(201);
    assert_eq!(less["balance"], 11_000);
    let waits = manager.post(&path, &entry("adjust", 5_001)).await.is(202);
    assert!(waits["waits"].is_string(), "{waits}");
    assert_eq!(waits["balance"], 11_000);
    for (field, body) in [
        ("kind", entry("expire", 5)),
        ("kind", entry("gift", 5)),
        ("points", entry("redeem", 0)),
        ("points", entry("redeem", -5)),
        ("points", entry("earn", 10_000_001)),
        (
            "points",
            json!({"kind": "earn", "points": "many", "reason": "x"}),
        ),
        ("reason", json!({"kind": "earn", "points": 5})),
        (
            "reason",
            json!({"kind": "earn", "points": 5, "reason": "x".repeat(201)}),
        ),
        (
            "pionts",
            json!({"kind": "earn", "pionts": 5, "reason": "x"}),
        ),
    ] {
        let answer = manager.post(&path, &body).await;
        assert_eq!(answer.problem(422)["errors"][0]["field"], field, "{body}");
    }
    let stranger = app.known_as("Lindqvist");
    let answer = pms
        .post(&format!("/guests/{stranger}/points"), &entry("earn", 5))
        .await;
    assert!(
        answer.problem(409)["detail"]
            .as_str()
            .unwrap()
            .contains("not enrolled")
    );
}

/// Sends all at once; the statuses, sorted.
async fn at_once(requests: Vec<reqwest::RequestBuilder>) -> Vec<u16> {
    let mut all = JoinSet::new();
    for request in requests {
        all.spawn(async move { Answer::to(request).await.status() });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    statuses
}

fn held(app: &TestApp, number: &str) -> i64 {
    app.sql(|conn| {
        use innkeeper::db::schema::loyalty_accounts;
        let left: Vec<i64> = loyalty_lots::table
            .inner_join(loyalty_accounts::table)
            .filter(loyalty_accounts::number.eq(number))
            .select(loyalty_lots::remaining)
            .load(conn)?;
        Ok(left.iter().sum())
    })
}

async fn of_many_redemptions_at_once_the_balance_decides(app: TestApp) {
    let (pms, path) = (Program::pms(&app), path(&app));
    let body = entry("redeem", 1_000);
    let calls = (0..32).map(|_| with(pms.request("post", &path), &body));
    let statuses = at_once(calls.collect()).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 12);
    assert!(
        statuses.iter().all(|status| matches!(status, 201 | 409)),
        "{statuses:?}"
    );
    assert_eq!(held(&app, "RH-104882"), 480);
}

async fn of_many_calls_under_one_key_one_posts(app: TestApp) {
    let (pms, path) = (Program::pms(&app), path(&app));
    let body = entry("redeem", 1_000);
    let calls = (0..32).map(|_| {
        let request = pms.request("post", &path).header("idempotency-key", "once");
        with(request, &body)
    });
    let statuses = at_once(calls.collect()).await;
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
    assert_eq!(held(&app, "RH-104882"), 11_480);
    let posted: i64 = app.sql(|conn| {
        loyalty_entries::table
            .filter(loyalty_entries::kind.eq("redeem"))
            .count()
            .get_result(conn)
    });
    assert_eq!(posted, 1);
}

async fn a_refund_takes_its_points_back(app: TestApp) {
    let (pms, points) = (Program::pms(&app), path(&app));
    let stay = app.stay_in("1207");
    let number: String = app.sql(|conn| {
        use innkeeper::db::schema::stays;
        stays::table
            .find(stay)
            .select(stays::confirmation_number)
            .first(conn)
    });
    let at = format!("/reservations/RIV/{number}");
    let charge = |amount: &str| {
        let amount = json!({"amount": amount, "currency": "CNY"});
        json!({"charges": [{"department": "room", "amount": amount}]})
    };
    let early = pms.post(&format!("{at}/charges"), &charge("-10.00")).await;
    assert!(
        early.problem(409)["detail"]
            .as_str()
            .unwrap()
            .contains("over")
    );
    let left = pms
        .post(&format!("{at}/check-out"), &charge("900.00"))
        .await
        .is(200);
    let of = format!("/guests/{}/points", left["guest_id"].as_str().unwrap());
    let before = pms.get(&of).await.is(200)["balance"].as_i64().unwrap();
    let earned = left["points"].as_i64().unwrap();
    let refund = pms
        .send_once("post", &format!("{at}/charges"), &charge("-300.00"), "r1")
        .await;
    let refunded = refund.is(200);
    if earned > 0 {
        assert_eq!((earned, &refunded["points"]), (900, &json!(-300)));
        let after = pms.get(&of).await.is(200);
        assert_eq!(after["balance"], before - 300);
        assert_eq!(after["items"][0]["kind"], "reverse");
    }
    let again = pms
        .send_once("post", &format!("{at}/charges"), &charge("-300.00"), "r1")
        .await;
    assert_eq!(again.page.header("idempotency-replayed"), "true");
    pms.post(&format!("{at}/charges"), &json!({"charges": []}))
        .await
        .problem(422);
    pms.post("/reservations/RIV/none/charges", &charge("1.00"))
        .await
        .problem(404);
    pms.get(&points).await.is(200);
}
