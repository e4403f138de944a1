//! Signing in and out, and how long a session lasts.

use actix_web::web::Data;
use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{login_failures, sessions, users};
use innkeeper::demo::PASSWORD;
use innkeeper::staff::user;
use innkeeper::web::App;

use crate::support::app::TestApp;
use crate::support::client::{Client, Page};
use crate::support::on_both;

on_both!(
    each_role_is_led_to_the_page_it_works_on,
    the_name_is_the_same_in_any_case,
    a_wrong_password_and_an_unknown_account_get_the_same_answer,
    an_account_waits_after_five_failures_whether_it_exists_or_not,
    an_address_waits_after_thirty_failures,
    failures_of_long_ago_do_not_count,
    a_success_clears_the_accounts_failures,
    signing_in_begins_a_new_session,
    a_cookie_copied_before_signing_out_is_worth_nothing,
    a_session_ends_when_idle,
    a_session_ends_after_a_day_whatever_happens,
    a_session_in_use_goes_on,
    a_disabled_account_is_out_at_once_and_stays_out,
    a_new_password_ends_the_other_sessions,
    a_wrong_current_password_changes_nothing,
    signing_in_leads_to_the_page_asked_for_and_to_no_other_site,
    the_cookie_is_out_of_reach_for_scripts_and_other_sites,
    the_page_speaks_the_browsers_language,
    the_first_administrator_is_made_once,
);

fn cookie(page: &Page) -> String {
    let cookies = page.headers.get_all("set-cookie");
    let found = cookies.iter().find_map(|cookie| {
        let cookie = cookie.to_str().unwrap();
        let value = cookie.strip_prefix("innkeeper=")?;
        Some(value.split(';').next()?.to_owned())
    });
    found.expect("no session cookie")
}

/// Whether a browser that sends just this cookie is let in.
async fn opens(app: &TestApp, cookie: &str) -> bool {
    let request = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
        .get(app.url("/account"))
        .header("cookie", format!("innkeeper={cookie}"));
    let status = request.send().await.unwrap().status().as_u16();
    assert!(status == 200 || status == 303, "{status}");
    status == 200
}

async fn is_in(client: &Client) -> bool {
    client.get("/account").await.status == 200
}

async fn each_role_is_led_to_the_page_it_works_on(app: TestApp) {
    for (name, home) in [
        ("lin", "/arrivals"),
        ("sun", "/arrivals"),
        ("zhou", "/arrivals"),
        ("admin", "/arrivals"),
        ("marco", "/restaurant"),
        ("chen", "/greetings"),
    ] {
        let client = app.sign_in(name).await;
        assert_eq!(client.get("/").await.location(), home, "{name}");
        let page = client.get(home).await;
        if page.status == 303 {
            assert_eq!(page.location(), "/restaurant/riverside", "the only one");
            client.see("/restaurant/riverside").await;
        } else {
            assert_eq!(page.status, 200, "{name}");
        }
    }
}

async fn the_name_is_the_same_in_any_case(app: TestApp) {
    let client = app.visitor();
    assert_eq!(client.log_in(" LIN ", PASSWORD).await.status, 303);
}

async fn a_wrong_password_and_an_unknown_account_get_the_same_answer(app: TestApp) {
    let client = app.visitor();
    let wrong = client.log_in("lin", "window seat pleased").await;
    let unknown = client.log_in("nobody", "window seat pleased").await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert_eq!(wrong.text("[role=alert]"), unknown.text("[role=alert]"));
    assert_eq!(
        wrong.body.replace("lin", ""),
        unknown.body.replace("nobody", "").replace("lin", "")
    );
    // Both take a hash and count a failure: the work is the same.
    assert_eq!(wrong.queries(), unknown.queries());
    assert!(wrong.headers.get("set-cookie").is_none());
}

async fn an_account_waits_after_five_failures_whether_it_exists_or_not(app: TestApp) {
    for name in ["lin", "nobody"] {
        let client = app.visitor();
        for _ in 0..5 {
            assert_eq!(client.log_in(name, "wrong").await.status, 422);
        }
        // Now even the right one has to wait.
        let answer = client.log_in(name, PASSWORD).await;
        assert_eq!(answer.status, 429, "{name}");
        assert!(answer.text("[role=alert]").contains("quarter of an hour"));
        assert!(!is_in(&client).await);
    }
    // A colleague is not held up.
    app.sign_in("sun").await;
}

async fn an_address_waits_after_thirty_failures(app: TestApp) {
    app.sql(|conn| {
        for index in 0..30 {
            diesel::insert_into(login_failures::table)
                .values((
                    login_failures::account.eq(format!("guess{index}")),
                    login_failures::address.eq("127.0.0.1"),
                    login_failures::at.eq(clock::now()),
                ))
                .execute(conn)?;
        }
        Ok(())
    });
    assert_eq!(app.visitor().log_in("lin", PASSWORD).await.status, 429);
}

async fn failures_of_long_ago_do_not_count(app: TestApp) {
    let client = app.visitor();
    for _ in 0..5 {
        client.log_in("lin", "wrong").await;
    }
    app.sql(|conn| {
        diesel::update(login_failures::table)
            .set(login_failures::at.eq(clock::now() - TimeDelta::minutes(16)))
            .execute(conn)
    });
    assert_eq!(client.log_in("lin", PASSWORD).await.status, 303);
}

async fn a_success_clears_the_accounts_failures(app: TestApp) {
    let client = app.visitor();
    for _ in 0..2 {
        for _ in 0..4 {
            assert_eq!(client.log_in("lin", "wrong").await.status, 422);
        }
        assert_eq!(client.log_in("lin", PASSWORD).await.status, 303);
    }
}

async fn signing_in_begins_a_new_session(app: TestApp) {
    let client = app.visitor();
    let first = cookie(&client.log_in("lin", PASSWORD).await);
    let second = cookie(&client.log_in("lin", PASSWORD).await);
    assert_ne!(first, second);
    assert!(opens(&app, &second).await);
    assert!(
        !opens(&app, &first).await,
        "the session before still stands"
    );
    // The database holds only a hash.
    let keys: Vec<Vec<u8>> = app.sql(|conn| sessions::table.select(sessions::key_hash).load(conn));
    assert!(keys.iter().all(|key| key != second.as_bytes()));
}

async fn a_cookie_copied_before_signing_out_is_worth_nothing(app: TestApp) {
    let client = app.visitor();
    let copied = cookie(&client.log_in("lin", PASSWORD).await);
    assert!(opens(&app, &copied).await);
    assert_eq!(client.post("/logout", &[]).await.location(), "/login");
    assert!(!opens(&app, &copied).await);
    assert!(!is_in(&client).await);
}

/// Sets the session's times as if the clock had moved.
fn age(app: &TestApp, seen: TimeDelta, expires_in: TimeDelta) {
    app.sql(|conn| {
        diesel::update(sessions::table)
            .set((
                sessions::seen_at.eq(clock::now() - seen),
                sessions::expires_at.eq(clock::now() + expires_in),
            ))
            .execute(conn)
    });
}

async fn a_session_ends_when_idle(app: TestApp) {
    let client = app.sign_in("lin").await;
    age(&app, TimeDelta::minutes(119), TimeDelta::hours(9));
    assert!(is_in(&client).await);
    age(&app, TimeDelta::minutes(121), TimeDelta::hours(9));
    let answer = client.get("/arrivals?date=2026-03-01").await;
    assert_eq!(
        answer.location(),
        "/login?next=%2Farrivals%3Fdate%3D2026-03-01"
    );
}

async fn a_session_ends_after_a_day_whatever_happens(app: TestApp) {
    let client = app.sign_in("lin").await;
    let expires: chrono::NaiveDateTime =
        app.sql(|conn| sessions::table.select(sessions::expires_at).first(conn));
    let lifetime = expires - clock::now();
    assert!(lifetime > TimeDelta::hours(8) && lifetime < TimeDelta::hours(24));
    age(&app, TimeDelta::zero(), TimeDelta::seconds(-1));
    assert!(!is_in(&client).await);
}

async fn a_session_in_use_goes_on(app: TestApp) {
    let client = app.sign_in("lin").await;
    for _ in 0..3 {
        age(&app, TimeDelta::minutes(90), TimeDelta::hours(9));
        assert!(is_in(&client).await);
        let seen: chrono::NaiveDateTime =
            app.sql(|conn| sessions::table.select(sessions::seen_at).first(conn));
        assert!(clock::now() - seen < TimeDelta::minutes(80), "not touched");
    }
}

async fn a_disabled_account_is_out_at_once_and_stays_out(app: TestApp) {
    let client = app.sign_in("lin").await;
    let id = app.user_id("lin");
    app.sql(|conn| user::disable(conn, id));
    assert!(!is_in(&client).await);
    let answer = client.log_in("lin", PASSWORD).await;
    assert_eq!(answer.status, 422);
    let unknown = app.visitor().log_in("nobody", PASSWORD).await;
    assert_eq!(answer.text("[role=alert]"), unknown.text("[role=alert]"));
}

async fn a_new_password_ends_the_other_sessions(app: TestApp) {
    let (here, elsewhere) = (app.sign_in("lin").await, app.sign_in("lin").await);
    let colleague = app.sign_in("sun").await;
    let new = "the quiet room at the end";
    let fields = [("current", PASSWORD), ("password", new)];
    here.submit("/account/password", &fields).await;
    assert!(is_in(&here).await);
    assert!(!is_in(&elsewhere).await);
    assert!(is_in(&colleague).await);
    assert_eq!(app.visitor().log_in("lin", PASSWORD).await.status, 422);
    assert_eq!(app.visitor().log_in("lin", new).await.status, 303);
}

async fn a_wrong_current_password_changes_nothing(app: TestApp) {
    let client = app.sign_in("lin").await;
    let before = hash(&app.app);
    for (current, new, field) in [
        ("wrong", "the quiet room at the end", "current"),
        (PASSWORD, "short", "password"),
    ] {
        let fields = [("current", current), ("password", new)];
        let answer = client.post("/account/password", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text("title").starts_with("Error:"));
        assert_eq!(answer.attr("[data-errors] a", "href"), format!("#{field}"));
        assert!(answer.has(&format!("#{field}")));
    }
    assert_eq!(hash(&app.app), before);
}

fn hash(app: &Data<App>) -> String {
    let read = app.db.read(|conn| {
        let row = users::table.filter(users::name.eq("lin"));
        Ok::<_, innkeeper::error::Fault>(row.select(users::password_hash).first(conn)?)
    });
    read.unwrap()
}

async fn signing_in_leads_to_the_page_asked_for_and_to_no_other_site(app: TestApp) {
    let client = app.visitor();
    let page = client.see("/login?next=%2Frooms%3Fdate%3D2026-03-01").await;
    assert_eq!(
        page.attr("input[name=next]", "value"),
        "/rooms?date=2026-03-01"
    );
    for (next, leads_to) in [
        ("/rooms?date=2026-03-01", "/rooms?date=2026-03-01"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x=y", "/"),
    ] {
        let fields = [("name", "lin"), ("password", PASSWORD), ("next", next)];
        let answer = client.post_bare("/login", &fields).await;
        assert_eq!(
            (answer.status, answer.location()),
            (303, leads_to),
            "{next}"
        );
    }
    // Nor does the language switch lead away.
    let client = app.sign_in("lin").await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let fields = [("language", "en"), ("back", next)];
        assert_eq!(
            client.post("/account/manner", &fields).await.location(),
            "/account"
        );
    }
}

async fn the_cookie_is_out_of_reach_for_scripts_and_other_sites(app: TestApp) {
    let answer = app.visitor().log_in("lin", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Secure"),
        "this house is served without TLS"
    );
}

async fn the_page_speaks_the_browsers_language(app: TestApp) {
    let client = app.visitor();
    for (accept, lang) in [
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh-CN"),
        ("de,en;q=0.5", "en"),
        ("fr", "en"),
    ] {
        let request = client
            .http
            .get(app.url("/login"))
            .header("accept-language", accept);
        let page = Page::of(request.send().await.unwrap()).await;
        assert_eq!(page.attr("html", "lang"), lang, "{accept}");
    }
    let page = client.see("/login?lang=zh-CN").await;
    assert_eq!(page.text("button[type=submit]"), "登录");
}

async fn the_first_administrator_is_made_once(demo: TestApp) {
    let token = demo.app.setup_token.clone();
    assert_eq!(
        demo.visitor().get(&format!("/setup/{token}")).await.status,
        404
    );

    let app = TestApp::empty(demo.on);
    let path = format!("/setup/{}", app.app.setup_token);
    let client = app.visitor();
    assert_eq!(client.get("/setup/guessed").await.status, 404);
    client.see(&path).await;
    let answer = client
        .post_bare(&path, &[("name", "Mei"), ("password", "short")])
        .await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.attr("#name", "value"), "Mei");
    let fields = [("name", "Mei"), ("password", "a long enough one")];
    assert_eq!(client.post_bare(&path, &fields).await.location(), "/");
    assert_eq!(client.get("/").await.location(), "/arrivals");
    client.see("/arrivals").await;
    // The address is dead from now on.
    assert_eq!(app.visitor().get(&path).await.status, 404);
    assert_eq!(app.visitor().post_bare(&path, &fields).await.status, 404);
}
