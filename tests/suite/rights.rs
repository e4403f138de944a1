//! Who may do what: the route table role by role, houses, and what a page holds back.

use actix_web::http::Method;
use diesel::prelude::*;
use innkeeper::db::schema::{
    api_tokens, audit_log, folio_charges, loyalty_entries, notes, preferences, rooms, sessions,
    stays, users,
};
use innkeeper::staff::Role;
use innkeeper::stays::Status;
use innkeeper::web::routes::{Route, TABLE, Who};

use crate::support::app::TestApp;
use crate::support::client::{Client, Page};
use crate::support::on_both;
use crate::support::sitemap::{self, REGULAR};

on_both!(
    every_role_may_call_what_the_table_says_and_nothing_else,
    who_is_not_signed_in_is_led_to_the_sign_in_page,
    a_form_without_its_token_changes_nothing,
    a_form_with_another_sessions_token_changes_nothing,
    a_form_from_another_site_changes_nothing,
    a_token_stays_good_for_a_second_tab,
    a_clerk_of_one_house_is_kept_out_of_the_other,
    stays_of_other_houses_stand_on_the_profile_without_their_bills,
    sections_a_role_may_not_see_are_not_in_the_page,
    a_host_finds_the_allergy_and_nothing_more,
    a_document_number_is_shown_only_when_asked_for_and_on_record,
);

const ROLES: [(&str, Role); 5] = [
    ("lin", Role::FrontDesk),
    ("marco", Role::Host),
    ("chen", Role::Marketing),
    ("zhou", Role::Manager),
    ("admin", Role::Admin),
];

/// Calls a route with a form of nothing but its token, and returns the status and where it leads.
async fn call(client: &Client, route: &Route, path: &str) -> (u16, String) {
    let method: Method = route.method.to_uppercase().parse().unwrap();
    let request = if method == Method::GET {
        client.http.get(client.url(path))
    } else {
        let token = client.token().await;
        let form = [
            ("csrf", token.as_str()),
            ("state", "clean"),
            ("name", "none"),
        ];
        client.http.post(client.url(path)).form(&form)
    };
    // The stream of news never ends: its body is not waited for.
    let response = request.send().await.unwrap();
    let location = response.headers().get("location");
    let location = location.map(|path| path.to_str().unwrap().to_owned());
    (response.status().as_u16(), location.unwrap_or_default())
}

async fn every_role_may_call_what_the_table_says_and_nothing_else(app: TestApp) {
    for (name, role) in ROLES {
        for route in TABLE {
            // A session of its own each: some routes end it.
            let client = app.sign_in(name).await;
            let path = sitemap::address(&app, route);
            let (status, location) = call(&client, route, &path).await;
            let what = format!("{name}: {} {path} → {status} {location}", route.method);
            // Who opens profiles may still not read all of one.
            let narrower = role == Role::Marketing
                && ["/notes", "/reveal"].iter().any(|end| path.ends_with(end));
            if route.who.admits(role) && !narrower {
                assert_ne!(status, 403, "{what}");
                assert!(status < 500, "{what}");
                let out = route.path == "/logout";
                assert_eq!(location.starts_with("/login"), out, "{what}");
            } else {
                assert_eq!(status, 403, "{what}");
            }
            // What an account lost on the way, it gets back.
            restore(&app);
        }
    }
}

fn restore(app: &TestApp) {
    app.sql(|conn| {
        diesel::update(users::table)
            .set(users::disabled_at.eq(None::<chrono::NaiveDateTime>))
            .execute(conn)?;
        diesel::update(
            stays::table.filter(stays::status.eq_any([Status::Cancelled, Status::NoShow])),
        )
        .set(stays::status.eq(Status::Reserved))
        .execute(conn)?;
        diesel::update(preferences::table)
            .set((
                preferences::retired_at.eq(None::<chrono::NaiveDateTime>),
                preferences::retired_by.eq(None::<i64>),
            ))
            .execute(conn)
    });
}

async fn who_is_not_signed_in_is_led_to_the_sign_in_page(app: TestApp) {
    for route in TABLE.iter().filter(|route| route.who != Who::Anyone) {
        let path = sitemap::address(&app, route);
        let visitor = app.visitor();
        let answer = if route.method == "get" {
            visitor.get(&path).await
        } else {
            visitor
                .post_bare(&path, &[("csrf", "guessed"), ("state", "clean")])
                .await
        };
        assert_eq!(answer.status, 303, "{} {path}", route.method);
        assert!(answer.location().starts_with("/login"), "{path}");
        assert!(!answer.body.contains("Ouyang"));
    }
}

/// Everything a form could change.
fn imprint(app: &TestApp) -> String {
    app.sql(|conn| {
        let stays: Vec<(i64, Status, Option<i64>)> = stays::table
            .order(stays::id)
            .select((stays::id, stays::status, stays::room_id))
            .load(conn)?;
        let rooms: Vec<(i64, String)> = rooms::table
            .order(rooms::id)
            .select((rooms::id, rooms::housekeeping))
            .load(conn)?;
        type Wish = (
            i64,
            Option<chrono::NaiveDate>,
            Option<chrono::NaiveDateTime>,
        );
        let wishes: Vec<Wish> = preferences::table
            .order(preferences::id)
            .select((
                preferences::id,
                preferences::confirmed_on,
                preferences::retired_at,
            ))
            .load(conn)?;
        type Account = (String, String, String, Option<chrono::NaiveDateTime>);
        let users: Vec<Account> = users::table
            .order(users::id)
            .select((
                users::name,
                users::password_hash,
                users::theme,
                users::disabled_at,
            ))
            .load(conn)?;
        let counts: [i64; 6] = [
            notes::table.count().get_result(conn)?,
            sessions::table.count().get_result(conn)?,
            folio_charges::table.count().get_result(conn)?,
            loyalty_entries::table.count().get_result(conn)?,
            api_tokens::table.count().get_result(conn)?,
            audit_log::table.count().get_result(conn)?,
        ];
        Ok(format!(
            "{stays:?} {rooms:?} {wishes:?} {users:?} {counts:?}"
        ))
    })
}

/// Sends every form of the table so that it would do something, were it taken.
async fn send_every_form(app: &TestApp, client: &Client, token: &str, headers: &[(&str, &str)]) {
    client.see("/arrivals").await;
    let before = imprint(app);
    for route in TABLE.iter().filter(|route| route.method == "post") {
        let path = sitemap::address(app, route);
        let mut request = client.http.post(client.url(&path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let fields = [
            ("csrf", token),
            ("name", "lin"),
            ("display_name", "Mallory"),
            ("role", "admin"),
            ("current", innkeeper::demo::PASSWORD),
            ("password", "a long enough password"),
            ("theme", "dark"),
            ("what", "quiet_room"),
            ("body", "Was here."),
            ("state", "out_of_order"),
            ("room", "1208"),
            ("family_name", "Mallory"),
            ("nights", "1"),
            ("adults", "1"),
            ("kind", "guests"),
            ("token_name", "mallory"),
        ];
        request = if path == "/imports" {
            let file = reqwest::multipart::Part::text("guest_id,family_name\n1,X\n");
            let form = reqwest::multipart::Form::new()
                .text("csrf", token.to_owned())
                .text("kind", "guests")
                .text("source", "import")
                .part("file", file.file_name("guests.csv"));
            request.multipart(form)
        } else {
            request.form(&fields)
        };
        // Without a session there is no token to check: the sign-in form is held by its origin alone.
        if route.who == Who::Anyone && headers.is_empty() {
            continue;
        }
        let answer = Page::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 400, "post {path} was taken: {}", answer.body);
        assert!(answer.has("body.plain h1"), "{path}");
    }
    assert_eq!(imprint(app), before);
}

async fn a_form_without_its_token_changes_nothing(app: TestApp) {
    let client = app.sign_in("admin").await;
    send_every_form(&app, &client, "", &[]).await;
}

async fn a_form_with_another_sessions_token_changes_nothing(app: TestApp) {
    let client = app.sign_in("admin").await;
    let other = app.sign_in("admin").await.token().await;
    assert_ne!(other, client.token().await);
    send_every_form(&app, &client, &other, &[]).await;
}

async fn a_form_from_another_site_changes_nothing(app: TestApp) {
    let client = app.sign_in("admin").await;
    let token = client.token().await;
    for headers in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        send_every_form(&app, &client, &token, &[headers]).await;
    }
}

async fn a_token_stays_good_for_a_second_tab(app: TestApp) {
    let client = app.sign_in("lin").await;
    let first_tab = client
        .see("/account")
        .await
        .attr("input[name=csrf]", "value");
    client.submit("/account/manner", &[("theme", "dark")]).await;
    let fields = [("theme", "light"), ("csrf", first_tab.as_str())];
    assert_eq!(
        client.post_bare("/account/manner", &fields).await.status,
        303
    );
}

async fn a_clerk_of_one_house_is_kept_out_of_the_other(app: TestApp) {
    let (lin, sun) = (app.sign_in("lin").await, app.sign_in("sun").await);
    let (riverside, lakeside) = (app.stay_in(REGULAR), app.stay_in("L11"));
    let before = imprint_of_stays(&app);
    for (client, stay) in [(&lin, lakeside), (&sun, riverside)] {
        for route in TABLE
            .iter()
            .filter(|route| route.path.starts_with("/stays/{id}"))
        {
            let path = route
                .path
                .replace("{id}", &stay.to_string())
                .replace("{offer}", "1")
                .replace("{room}", "1")
                .replace("{before}", "0");
            let answer = if route.method == "get" {
                client.get(&path).await
            } else {
                client.post(&path, &[("room", REGULAR)]).await
            };
            assert_eq!(answer.status, 403, "{} {path}", route.method);
            assert!(!answer.body.contains("Ouyang"));
        }
    }
    assert_eq!(imprint_of_stays(&app), before);
    let answer = lin.get("/arrivals?property=LAK").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text("main p").contains("'LAK'"));
    assert!(!lin.see("/arrivals").await.has(".menu.house"));
}

fn imprint_of_stays(app: &TestApp) -> Vec<(i64, Status, Option<i64>)> {
    app.sql(|conn| {
        stays::table
            .order(stays::id)
            .select((stays::id, stays::status, stays::room_id))
            .load(conn)
    })
}

async fn stays_of_other_houses_stand_on_the_profile_without_their_bills(app: TestApp) {
    let path = format!("/guests/{}", app.guest_of(app.stay_in(REGULAR)));
    let page = app.sign_in("lin").await.see(&path).await;
    let at_lakeside = |page: &Page| {
        let rows = page.all("#stays tr");
        rows.into_iter()
            .filter(|row| row.contains("Lakeside House"))
            .count()
    };
    assert_eq!(at_lakeside(&page), 2, "{:?}", page.all("#stays tr"));
    // Her own house's stays are links, the other's are not.
    let links = page.attrs("#stays a", "href");
    let lakeside: Vec<i64> = app.sql(|conn| {
        let house = innkeeper::db::schema::properties::table;
        stays::table
            .inner_join(house)
            .filter(innkeeper::db::schema::properties::code.eq("LAK"))
            .select(stays::id)
            .load(conn)
    });
    assert!(!links.is_empty());
    for id in lakeside {
        assert!(!links.contains(&format!("/stays/{id}")), "{links:?}");
    }
    assert!(!page.body.contains("CN¥") && !page.body.contains('¥'));
    // Marketing sees the spend of both.
    let page = app.sign_in("chen").await.see(&path).await;
    let spend = page.all("[data-private] caption, table.data caption");
    assert!(
        spend.iter().any(|caption| caption.starts_with("Spent")),
        "{spend:?}"
    );
}

async fn sections_a_role_may_not_see_are_not_in_the_page(app: TestApp) {
    let path = format!("/guests/{}", app.guest_of(app.stay_in(REGULAR)));
    for (name, contacts, documents, notes, record) in [
        ("lin", true, true, true, false),
        ("chen", true, false, false, false),
        ("zhou", true, true, true, true),
        ("admin", true, true, true, true),
    ] {
        let page = app.sign_in(name).await.see(&path).await;
        assert_eq!(
            page.body.contains("nana.ouyang@example.com"),
            contacts,
            "{name}"
        );
        assert_eq!(page.has("#contacts"), contacts, "{name}");
        assert_eq!(page.has("form[action*='/documents/']"), documents, "{name}");
        assert_eq!(page.body.contains("works in shipping"), notes, "{name}");
        assert_eq!(page.has("form[action$='/notes']"), notes, "{name}");
        assert_eq!(page.has("#looks"), record, "{name}");
        assert!(
            !page.body.contains("E48817218"),
            "{name} reads the passport"
        );
    }
}

async fn a_host_finds_the_allergy_and_nothing_more(app: TestApp) {
    let page = app.sign_in("marco").await.see("/search?q=1208").await;
    let hits = page.all(".hit");
    let regular = hits.iter().find(|hit| hit.contains("Ouyang")).unwrap();
    assert!(
        regular.starts_with("1208") && regular.contains("ALLERGY"),
        "{regular}"
    );
    assert!(!page.has(".hit[href]"), "a host has no profiles to open");
    for secret in [
        "nana.ouyang@example.com",
        "138 0013 4418",
        "13800134418",
        "lift noise",
    ] {
        assert!(!page.body.contains(secret), "{secret}");
    }
    assert!(!page.has("a[href='/arrivals']"));
}

async fn a_document_number_is_shown_only_when_asked_for_and_on_record(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let guest = app.guest_of(app.stay_in(REGULAR));
    let page = lin.see(&format!("/guests/{guest}")).await;
    let action = page.attr("form[action*='/documents/']", "action");
    let answer = lin.post(&action, &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("E48817218"));
    let lines: i64 = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("reveal_document"))
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, 1);
    // Another guest's address does not open it.
    let stranger = app.guest_of(app.stay_in("1501"));
    let elsewhere = action.replace(&guest, &stranger);
    assert_eq!(lin.post(&elsewhere, &[]).await.status, 404);
    let marketing = app.sign_in("chen").await;
    assert_eq!(marketing.post(&action, &[]).await.status, 403);
}
