//! What holds for every page: headers, nothing inline, a line on record, few queries, every template rendered.

use std::fs;
use std::path::Path;

use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, guests};

use crate::support::app::{self, TestApp};
use crate::support::client::{Page, css, text};
use crate::support::on_both;
use crate::support::sitemap::{self, REGULAR};
use crate::support::world::On;

on_both!(
    every_template_is_rendered_by_a_page,
    every_page_carries_the_security_headers,
    no_page_has_code_or_style_inline,
    no_page_shows_a_key_or_a_placeholder,
    pages_are_small,
    every_look_is_on_record_before_the_page_is_shown,
    each_page_takes_few_queries,
    a_longer_board_takes_no_more_queries,
    a_wrong_address_gets_our_own_page,
    static_files_are_kept_under_their_version,
    metrics_and_health_name_no_guest,
);

async fn every_template_is_rendered_by_a_page(app: TestApp) {
    let client = app.sign_in("admin").await;
    let mut rendered = vec!["layout.html"];
    for (template, path, only) in sitemap::pages(&app) {
        let page = client.get(&path).await;
        assert!(page.has(only), "{template}: {path} has no {only}");
        rendered.push(template);
    }
    let login = app.visitor().see("/login").await;
    assert!(login.has("form[action='/login']"));
    let first_day = TestApp::empty(app.on);
    let setup = format!("/setup/{}", first_day.app.setup_token);
    assert!(first_day.visitor().see(&setup).await.has(".gate form"));
    // `import.html` is rendered by the imports' own tests, `unsubscribe.html` and `me.html` by those of the letters.
    rendered.extend([
        "login.html",
        "setup.html",
        "import.html",
        "unsubscribe.html",
        "me.html",
    ]);
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if name.ends_with(".html") {
            assert!(rendered.contains(&name.as_str()), "no page renders {name}");
        }
    }
}

/// All pages, read by somebody who may read them, and the pages of errors.
async fn everything(app: &TestApp) -> Vec<(String, Page)> {
    let admin = app.sign_in("admin").await;
    let mut all = Vec::new();
    for (_, path, _) in sitemap::pages(app) {
        let page = admin.get(&path).await;
        all.push((path, page));
    }
    let lin = app.sign_in("lin").await;
    for path in [
        "/settings",
        "/nowhere",
        "/arrivals?date=tomorrowish",
        "/login",
    ] {
        all.push((path.into(), lin.get(path).await));
    }
    let wrong = app.visitor().log_in("lin", "wrong").await;
    all.push(("a failed sign-in".into(), wrong));
    let in_house = app.stay_in("1207");
    let amounts = [("room", "a lot"), ("food", "1e9")];
    let path = format!("/stays/{in_house}/check-out");
    all.push(("a wrong amount".into(), lin.post(&path, &amounts).await));
    all.push(("an empty walk-in".into(), lin.post("/stays", &[]).await));
    let guest = app.guest_of(app.stay_in(REGULAR));
    let path = format!("/guests/{guest}/preferences");
    all.push((
        "an unknown wish".into(),
        lin.post(&path, &[("what", "quiet rum")]).await,
    ));
    all
}

async fn every_page_carries_the_security_headers(app: TestApp) {
    for (path, page) in everything(&app).await {
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}"
        );
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{path}: {policy}"
        );
        for part in [
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("content-type", "text/html; charset=utf-8"),
        ] {
            assert_eq!(page.header(name), value, "{path}: {name}");
        }
        assert!(
            page.header("strict-transport-security").is_empty(),
            "served without TLS"
        );
    }
}

async fn no_page_has_code_or_style_inline(app: TestApp) {
    for (path, page) in everything(&app).await {
        let html = page.html();
        for element in html.select(&css("*")) {
            let name = element.value().name();
            assert_ne!(name, "style", "{path}");
            assert!(name != "script" || element.attr("src").is_some(), "{path}");
            for (attribute, value) in element.value().attrs() {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{path}: {attribute}"
                );
                assert!(!value.starts_with("javascript:"), "{path}: {value}");
            }
        }
        for source in page
            .attrs("script[src], img[src]", "src")
            .iter()
            .chain(&page.attrs("link", "href"))
        {
            assert!(source.starts_with("/static/"), "{path}: {source}");
        }
    }
}

async fn no_page_shows_a_key_or_a_placeholder(app: TestApp) {
    for language in ["en", "zh-CN"] {
        for name in ["admin", "lin"] {
            app.sign_in(name)
                .await
                .submit("/account/manner", &[("language", language)])
                .await;
        }
        for (path, page) in everything(&app).await {
            assert!(
                !page.body.contains("{$") && !page.body.contains("{ $"),
                "{path}: {}",
                around(&page.body, "{$")
            );
            let html = page.html();
            for element in html.select(&css("body *")) {
                let own: String = element
                    .children()
                    .filter_map(|child| child.value().as_text().map(|text| text.trim().to_owned()))
                    .collect();
                let labels = ["aria-label", "title", "placeholder", "alt"];
                let labels = labels.iter().filter_map(|name| element.attr(name));
                for said in labels.chain([own.as_str()]) {
                    assert!(
                        !is_key(said),
                        "{language} {path} says {said} in {}",
                        text(element)
                    );
                }
            }
        }
    }
}

fn around<'a>(body: &'a str, what: &str) -> &'a str {
    body.find(what).map_or("", |at| {
        body.get(at.saturating_sub(60)..at + 60).unwrap_or_default()
    })
}

/// Whether a text looks like a message's name instead of what it says: `board-foot-time`, `status-in_house`.
fn is_key(said: &str) -> bool {
    let mut parts = said.split('-');
    let is_word =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let heads = [
        "board",
        "col",
        "status",
        "tier",
        "channel",
        "error",
        "refused",
        "done",
        "card",
        "say",
        "do",
        "avoid",
        "line",
        "alert",
        "evidence",
        "answer",
        "role",
        "team",
        "department",
        "housekeeping",
        "show",
        "nav",
        "keys",
        "search",
        "action",
        "reason",
        "why",
        "kind",
        "entry",
        "source",
        "strength",
        "theme",
        "decision",
        "contact",
        "consent",
        "purpose",
        "visit",
    ];
    said.contains('-')
        && parts.next().is_some_and(|head| heads.contains(&head))
        && parts.all(is_word)
}

async fn pages_are_small(app: TestApp) {
    let client = app.sign_in("lin").await;
    let regular = app.stay_in(REGULAR);
    for (path, most) in [
        ("/arrivals".to_owned(), 100),
        (format!("/stays/{regular}"), 50),
        ("/login".into(), 20),
    ] {
        let page = client.see(&path).await;
        assert!(
            page.body.len() <= most * 1024,
            "{path}: {} bytes",
            page.body.len()
        );
    }
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/js");
    let (mut everywhere, mut in_restaurants) = (0, 0);
    for file in fs::read_dir(scripts).unwrap() {
        let file = file.unwrap();
        let bytes = file.metadata().unwrap().len();
        match file.file_name().to_str() {
            Some("seat.js") => in_restaurants += bytes,
            _ => everywhere += bytes,
        }
    }
    assert!(everywhere <= 15 * 1024, "{everywhere} bytes of scripts");
    assert!(in_restaurants <= 5 * 1024, "{in_restaurants} bytes more");
}

async fn every_look_is_on_record_before_the_page_is_shown(app: TestApp) {
    let client = app.sign_in("lin").await;
    let (regular, in_house) = (app.stay_in(REGULAR), app.stay_in("1207"));
    let guest = app.guest_of(regular);
    let user = app.user_id("lin");
    for (path, action, of_a_guest) in [
        (format!("/stays/{regular}"), "view_stay", true),
        (format!("/stays/{regular}/room"), "view_stay", true),
        (
            format!("/stays/{regular}/registration"),
            "print_registration",
            true,
        ),
        (format!("/stays/{in_house}/check-out"), "view_folio", true),
        (format!("/guests/{guest}"), "view_guest", true),
        ("/arrivals".into(), "view_board", false),
        ("/in-house".into(), "view_board", false),
        ("/departures".into(), "view_board", false),
        ("/rooms".into(), "view_rooms", false),
        ("/restaurant/riverside".into(), "view_tables", false),
        (
            format!("/restaurant/riverside?guest={guest}"),
            "view_table_card",
            true,
        ),
        (
            "/restaurant/riverside/find?q=ouyang&fragment=1".into(),
            "search",
            false,
        ),
        ("/arrivals/brief".into(), "print_brief", false),
        ("/search?q=ouyang".into(), "search", false),
        ("/search?q=ouyang&fragment=1".into(), "search", false),
    ] {
        type Look = (String, Option<i64>, Option<i64>, Option<String>);
        let lines = || -> Vec<Look> {
            app.sql(|conn| {
                audit_log::table
                    .order(audit_log::id)
                    .select((
                        audit_log::action,
                        audit_log::user_id,
                        audit_log::guest_id,
                        audit_log::address,
                    ))
                    .load(conn)
            })
        };
        let before = lines().len();
        client.see(&path).await;
        let after = lines();
        assert_eq!(after.len(), before + 1, "{path}");
        let (said, who, about, from) = after.last().unwrap();
        assert_eq!((said.as_str(), *who), (action, Some(user)), "{path}");
        assert_eq!(about.is_some(), of_a_guest, "{path}");
        assert_eq!(from.as_deref(), Some("127.0.0.1"), "{path}");
    }
}

#[test]
fn a_look_that_cannot_be_recorded_is_not_granted() {
    app::run(On::Postgresql, async |app| {
        let client = app.sign_in("lin").await;
        let path = format!("/guests/{}", app.guest_of(app.stay_in(REGULAR)));
        client.see(&path).await;
        app.try_sql("CREATE TRIGGER full_up BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change()")
            .unwrap();
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 503);
        assert!(!answer.body.contains("Ouyang") && !answer.body.contains("欧阳"));
    });
}

#[test]
fn a_look_waits_beside_sqlite_until_it_can_be_stored() {
    app::run(On::Sqlite, async |app| {
        let client = app.sign_in("lin").await;
        let path = format!("/guests/{}", app.guest_of(app.stay_in(REGULAR)));
        let stored = || -> i64 {
            app.sql(|conn| {
                let looks = audit_log::table.filter(audit_log::action.eq("view_guest"));
                looks.count().get_result(conn)
            })
        };
        app.try_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT raise(ABORT, 'full'); END",
        )
        .unwrap();
        client.see(&path).await;
        client.see(&path).await;
        assert_eq!(stored(), 0);
        app.try_sql("DROP TRIGGER full").unwrap();
        assert_eq!(stored(), 2);
        assert_eq!(stored(), 2, "stored twice");
    });
}

async fn each_page_takes_few_queries(app: TestApp) {
    app::until_ready(&app.app.finder);
    let client = app.sign_in("lin").await;
    let (regular, in_house) = (app.stay_in(REGULAR), app.stay_in("1207"));
    let guest = app.guest_of(regular);
    let mut above = Vec::new();
    for (path, most) in [
        // With the offers of all who arrive.
        ("/arrivals".to_owned(), 12),
        ("/in-house".into(), 9),
        ("/departures".into(), 9),
        ("/arrivals/brief".into(), 12),
        // Of two profiles, with rooms, offers, an open case with its gesture, tables and favourite dishes.
        (format!("/stays/{regular}"), 23),
        (format!("/stays/{}", app.arriving("Zhang")), 16),
        (format!("/guests/{guest}"), 16),
        ("/search?q=wang".into(), 14),
        ("/search?q=wang%20xiaoming&fragment=1".into(), 16),
        (format!("/stays/{regular}/room"), 13),
        ("/rooms/assign".into(), 18),
        (format!("/stays/{in_house}/check-out"), 13),
        ("/rooms".into(), 6),
        ("/restaurant/riverside".into(), 14),
        (format!("/restaurant/riverside?guest={guest}"), 27),
        ("/restaurant/riverside/bookings".into(), 14),
        ("/restaurant/riverside/brief".into(), 17),
        ("/cases".into(), 7),
        ("/tasks".into(), 7),
        (format!("/cases/{}", app.case_of(REGULAR)), 16),
        ("/account".into(), 1),
    ] {
        // What a server keeps for some seconds, it has just read.
        client.see(&path).await;
        let queries = client.see(&path).await.queries();
        if !(1..=most).contains(&queries) {
            above.push(format!("{path} took {queries} queries, not {most}"));
        }
    }
    assert!(above.is_empty(), "{above:#?}");
}

async fn a_longer_board_takes_no_more_queries(app: TestApp) {
    let client = app.sign_in("lin").await;
    let count = async |path: &str| {
        let page = client.see(path).await;
        (page.queries(), page.count("tbody tr"))
    };
    let pages = [
        "/arrivals",
        "/arrivals/brief",
        "/rooms",
        "/rooms/assign",
        "/search?q=guest",
    ];
    let mut before = Vec::new();
    for path in pages {
        before.push(count(path).await);
    }
    app.book(50);
    for (path, (queries, rows)) in pages.into_iter().zip(before) {
        let (now, more) = count(path).await;
        if path.starts_with("/arrivals") {
            assert_eq!(more, rows + 50, "{path}");
        }
        // The search finds fifty where it found nobody: it may then look at their stays and allergies.
        let allowed = if path.starts_with("/search") {
            queries + 4
        } else {
            queries
        };
        assert!(
            now <= allowed,
            "{path}: {queries} queries for {rows} rows, {now} for {more}"
        );
    }
    // However long somebody's history is, the card stays as cheap.
    let (new, old) = (app.stay_in("0605"), app.stay_in("1403"));
    let few = client.see(&format!("/stays/{new}")).await.queries();
    let many = client.see(&format!("/stays/{old}")).await.queries();
    assert!(
        many <= few + 7,
        "{few} queries for nobody, {many} for twenty stays"
    );
}

async fn a_wrong_address_gets_our_own_page(app: TestApp) {
    let client = app.sign_in("lin").await;
    for path in [
        "/nowhere",
        "/stays/999999",
        "/stays/abc",
        "/stays/99999999999999999999/room",
        "/guests/x",
        "/static/none.css",
    ] {
        let page = client.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        if !path.starts_with("/static") {
            assert!(page.has("body.plain h1"), "{path}: {}", page.body);
        }
    }
    for path in [
        "/arrivals?show=bogus",
        "/arrivals?sort=bogus",
        "/login?lang=xx",
    ] {
        let page = client.get(path).await;
        assert!(
            page.status == 200 || page.has("body.plain h1"),
            "{path}: {} {}",
            page.status,
            page.body
        );
    }
    assert_eq!(client.see("/arrivals/").await.text("h1"), "Arrivals today");
    for (path, named) in [
        ("/arrivals?property=NOPE", "NOPE"),
        ("/arrivals?date=2026-02-30", "2026-02-30"),
        ("/in-house?date=tomorrow-ish", "tomorrow-ish"),
        ("/departures?date=%3Cb%3E", "<b>"),
    ] {
        let page = client.get(path).await;
        assert_eq!(page.status, 422, "{path}");
        assert!(page.text("main p").contains(named), "{path}: {}", page.body);
        assert!(!page.has("main b"));
    }
}

async fn static_files_are_kept_under_their_version(app: TestApp) {
    let visitor = app.visitor();
    let login = visitor.see("/login").await;
    let sheet = login.attr("link[rel=stylesheet]", "href");
    let page = visitor.see(&sheet).await;
    assert!(page.header("cache-control").contains("immutable"));
    assert!(page.header("content-type").starts_with("text/css"));
    assert!(page.body.len() < 100 * 1024);
    let (bare, _) = sheet.split_once('?').unwrap();
    assert_eq!(visitor.see(bare).await.header("cache-control"), "no-cache");
    for path in [
        "/static/../Cargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static/css/../../Cargo.toml",
    ] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
}

async fn metrics_and_health_name_no_guest(app: TestApp) {
    let client = app.sign_in("lin").await;
    let guest = app.guest_of(app.stay_in(REGULAR));
    client.see(&format!("/guests/{guest}")).await;
    client.see("/search?q=ouyang").await;
    assert_eq!(client.see("/healthz").await.body, "ok\n");
    assert_eq!(client.see("/readyz").await.body, "ready\n");
    let metrics = client.see("/metrics").await;
    assert!(metrics.body.contains("/guests/{id}"));
    assert!(!metrics.body.contains(&guest) && !metrics.body.contains("ouyang"));
    let outside = client
        .http
        .get(app.url("/metrics"))
        .header("x-forwarded-for", "203.0.113.9");
    assert_eq!(outside.send().await.unwrap().status(), 404);
    let known: i64 = app.sql(|conn| guests::table.count().get_result(conn));
    assert!(known > 30);
}
