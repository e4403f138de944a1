//! Whose tokens may make which call, and in which houses.

use diesel::prelude::*;
use innkeeper::api::routes::{Route, TABLE, Who};
use innkeeper::db::schema::{api_tokens, stays};
use innkeeper::staff::Role;
use innkeeper::staff::token::Token;
use serde_json::json;

use super::{Answer, Program, booking};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    every_role_may_call_what_the_table_says_and_nothing_else,
    without_a_token_in_force_nothing_is_answered,
    a_token_of_one_house_is_kept_out_of_the_other,
    a_session_is_no_token,
    what_is_no_call_is_a_problem_too,
    too_many_calls_are_told_when_to_come_again,
    the_last_use_of_a_token_is_seen,
);

/// A route's address for the regular.
pub fn address(app: &TestApp, route: &Route) -> String {
    let stay = app.stay_in(REGULAR);
    let guest = app.guest_of(stay);
    let number: String = app.sql(|conn| {
        stays::table
            .find(stay)
            .select(stays::confirmation_number)
            .first(conn)
    });
    let path = route
        .path
        .replace("{property}", "RIV")
        .replace("{confirmation}", &number)
        .replace("{id}", &guest)
        .replace("{held}", "1")
        .replace("{preference}", "1")
        .replace("{merge}", "1");
    assert!(!path.contains('{'), "{path}: what is this for the regular?");
    path
}

async fn every_role_may_call_what_the_table_says_and_nothing_else(app: TestApp) {
    let calls: Vec<(&Route, String)> = TABLE
        .iter()
        .map(|route| (route, address(&app, route)))
        .collect();
    for role in Role::ALL {
        let program = Program::of(&app, role.as_str(), *role, &[]);
        for (route, path) in &calls {
            let answer = program.send(route.method, path, &json!({})).await;
            let what = format!("{role}: {} {path} → {}", route.method, answer.page.body);
            if route.who.admits(*role) {
                assert_ne!(answer.status(), 403, "{what}");
                assert!(answer.status() < 500, "{what}");
            } else {
                answer.problem(403);
            }
        }
    }
}

async fn without_a_token_in_force_nothing_is_answered(app: TestApp) {
    let mut pms = Program::pms(&app);
    let revoked = Program::of(&app, "revoked", Role::Admin, &[]);
    app.sql(|conn| Token::revoke(conn, "revoked"));
    pms.token = format!("ik_{}", "0".repeat(64));
    for route in TABLE.iter().filter(|route| route.who != Who::Anyone) {
        let path = address(&app, route);
        for program in [&pms, &revoked] {
            let answer = program.send(route.method, &path, &json!({})).await;
            answer.problem(401);
            assert!(answer.page.header("www-authenticate").starts_with("Bearer"));
            assert!(!answer.page.body.contains("Ouyang"));
        }
        let bare = reqwest::Client::new()
            .request(route.method.to_uppercase().parse().unwrap(), app.url(&path));
        Answer::to(bare).await.problem(401);
    }
}

async fn a_token_of_one_house_is_kept_out_of_the_other(app: TestApp) {
    let lakeside = Program::of(&app, "lakeside", Role::Pms, &["LAK"]);
    for route in TABLE
        .iter()
        .filter(|route| route.path.contains("{property}"))
    {
        let answer = lakeside
            .send(route.method, &address(&app, route), &booking("Solheim"))
            .await;
        assert!(
            answer.problem(403)["detail"]
                .as_str()
                .unwrap()
                .contains("RIV")
        );
    }
    lakeside
        .get("/reservations?property=RIV")
        .await
        .problem(403);
    lakeside
        .put("/reservations/LAK/1", &booking("Solheim"))
        .await
        .is(201);
}

async fn a_session_is_no_token(app: TestApp) {
    let admin = app.sign_in("admin").await;
    let answer = admin.get("/api/v1/reservations?property=RIV").await;
    assert_eq!(answer.status, 401);
}

async fn what_is_no_call_is_a_problem_too(app: TestApp) {
    let pms = Program::pms(&app);
    pms.get("/nothing/here").await.problem(404);
    let answer = pms.send("delete", "/reservations/RIV/1", &json!({})).await;
    answer.problem(405);
    assert!(answer.page.header("allow").contains("PUT"));
    let named = pms
        .request("get", "/reservations/RIV/none")
        .header("x-request-id", "night-7");
    let answer = Answer::to(named).await;
    assert_eq!(
        answer.problem(404)["instance"],
        "urn:innkeeper:request:night-7"
    );
    assert_eq!(answer.page.header("x-request-id"), "night-7");
}

async fn too_many_calls_are_told_when_to_come_again(app: TestApp) {
    let pms = Program::pms(&app);
    let id: i64 = app.sql(|conn| {
        api_tokens::table
            .filter(api_tokens::name.eq("pms"))
            .select(api_tokens::id)
            .first(conn)
    });
    // Emptied ahead of time, so that nothing flows back meanwhile.
    let later = std::time::Instant::now() + std::time::Duration::from_hours(1);
    while app.app.api_limits.take(id, later).is_ok() {}
    let answer = pms.get("/reservations?property=RIV").await;
    answer.problem(429);
    assert_eq!(answer.page.header("retry-after"), "1");
}

async fn the_last_use_of_a_token_is_seen(app: TestApp) {
    let pms = Program::pms(&app);
    let used = |app: &TestApp| -> Option<chrono::NaiveDateTime> {
        app.sql(|conn| {
            api_tokens::table
                .filter(api_tokens::name.eq("pms"))
                .select(api_tokens::last_used_at)
                .first(conn)
        })
    };
    assert_eq!(used(&app), None);
    pms.get("/reservations?property=RIV").await.is(200);
    let first = used(&app);
    assert!(first.is_some());
    pms.get("/reservations?property=RIV").await.is(200);
    assert_eq!(used(&app), first, "written once a minute at most");
}
