//! Hosts who are tied to a restaurant: no other opens, by whatever address; and every look is on record.

use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, dining_orders, dining_visits};
use innkeeper::dining::Status;
use innkeeper::web::routes::{TABLE, Who};

use super::{STAND, all_is_well, newest, status, table};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::{self, REGULAR};

on_both!(
    a_host_who_is_tied_to_a_restaurant_opens_no_other,
    a_party_of_another_restaurant_is_not_there,
    only_hosts_are_tied_and_only_within_their_houses,
    every_look_of_a_host_is_on_record,
);

const BAR: &str = "/restaurant/bar";

/// A second restaurant in the first house.
async fn open_a_bar(app: &TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=RIV").await;
    let form = [("code", "bar"), ("name", "Lobby Bar")];
    zhou.submit("/restaurant", &form).await;
}

/// Ties the first house's host to restaurants.
async fn tie(app: &TestApp, outlets: &[&str]) {
    let admin = app.sign_in("admin").await;
    let path = format!("/settings/users/{}/outlets", app.user_id("marco"));
    let form: Vec<(&str, &str)> = outlets.iter().map(|code| ("outlet", *code)).collect();
    admin.submit(&path, &form).await;
}

/// Everything a host could change.
fn imprint(app: &TestApp) -> String {
    app.sql(|conn| {
        let visits: Vec<(i64, Status, i64)> = dining_visits::table
            .order(dining_visits::id)
            .select((
                dining_visits::id,
                dining_visits::status,
                dining_visits::covers,
            ))
            .load(conn)?;
        let orders: i64 = dining_orders::table
            .filter(dining_orders::voided_at.is_null())
            .count()
            .get_result(conn)?;
        Ok(format!("{visits:?} {orders}"))
    })
}

async fn a_host_who_is_tied_to_a_restaurant_opens_no_other(app: TestApp) {
    open_a_bar(&app).await;
    let marco = app.sign_in("marco").await;
    let chosen = marco.see("/restaurant").await;
    assert_eq!(chosen.count("a.outlet"), 2, "untied, both are theirs");
    tie(&app, &["bar"]).await;
    assert_eq!(marco.get("/restaurant").await.location(), BAR);
    marco.see(BAR).await;
    let before = imprint(&app);
    let t8 = table(&app, "T8");
    let theirs = TABLE
        .iter()
        .filter(|route| route.who == Who::Tables && route.path.starts_with("/restaurant/{outlet}"));
    for route in theirs {
        let path = sitemap::address(&app, route);
        let what = format!("{} {path}", route.method);
        let answers = if route.method == "get" {
            vec![
                marco.get(&path).await,
                marco.get(&format!("{path}?fragment=1")).await,
                marco
                    .get(&format!("{path}?guest={}", app.known_as("Ouyang")))
                    .await,
            ]
        } else {
            let form = [
                ("covers", "2"),
                ("tables", t8.as_str()),
                ("dish", "1"),
                ("name", "Mallory"),
                ("time", "19:00"),
            ];
            vec![marco.post(&path, &form).await]
        };
        for answer in answers {
            assert_eq!(answer.status, 403, "{what}");
            assert!(
                !answer.body.contains("Ouyang") && !answer.body.contains("欧阳"),
                "{what}"
            );
        }
    }
    assert_eq!(imprint(&app), before);
    // The news of a house are for its desk; a host's come through the restaurant's door.
    assert_eq!(marco.get("/live").await.status, 403);
    // It holds from the next page on, both ways.
    tie(&app, &["riverside"]).await;
    marco.see(STAND).await;
    assert_eq!(marco.get(BAR).await.status, 403);
    tie(&app, &[]).await;
    marco.see(BAR).await;
    marco.see(STAND).await;
}

async fn a_party_of_another_restaurant_is_not_there(app: TestApp) {
    open_a_bar(&app).await;
    let visit = sitemap::seated(&app);
    let marco = app.sign_in("marco").await;
    tie(&app, &["bar"]).await;
    let before = imprint(&app);
    let theirs = TABLE
        .iter()
        .filter(|route| route.who == Who::Tables && route.path.contains("{visit}"));
    for route in theirs {
        let path = sitemap::address(&app, route).replace("/riverside/", "/bar/");
        let tables = table(&app, "T8");
        let form = [("covers", "1"), ("tables", tables.as_str()), ("dish", "1")];
        let answer = match route.method {
            "get" => marco.get(&path).await,
            _ => marco.post(&path, &form).await,
        };
        assert!(
            [404, 422].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
    let at = [
        format!("{BAR}?visit={visit}"),
        format!("{BAR}?table={}", table(&app, "T4")),
    ];
    for path in at {
        assert_eq!(marco.get(&path).await.status, 404, "{path}");
    }
    // Nor can somebody be seated at its tables from here.
    let tables = table(&app, "T8");
    let form = [
        ("name", "Mallory"),
        ("covers", "2"),
        ("tables", tables.as_str()),
    ];
    let refused = marco.post(&format!("{BAR}/seat"), &form).await.refusal();
    assert_eq!(refused, "That table is not on the plan any more.");
    assert_eq!(imprint(&app), before);
    assert_eq!(status(&app, visit), Status::Seated);
    all_is_well(&app);
}

async fn only_hosts_are_tied_and_only_within_their_houses(app: TestApp) {
    let admin = app.sign_in("admin").await;
    let add = |name: &'static str, role: &'static str, house: &'static str| {
        [
            ("name", name),
            ("role", role),
            ("password", "a long enough one"),
            ("house", house),
            ("outlet", "riverside"),
        ]
    };
    for (form, said) in [
        (
            add("gia", "front_desk", "RIV"),
            "Only hosts can be limited to restaurants.",
        ),
        (
            add("gia", "host", "LAK"),
            "Riverside Restaurant is in none of the houses chosen.",
        ),
    ] {
        let page = admin.post("/settings/users", &form).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains(said), "{}", page.body);
    }
    let page = admin
        .submit("/settings/users", &add("gia", "host", "RIV"))
        .await;
    let row = page
        .all("tr")
        .into_iter()
        .find(|row| row.contains("gia"))
        .unwrap();
    assert!(row.contains("RIV · Riverside Restaurant"), "{row}");
    let gia = app.visitor();
    assert_eq!(gia.log_in("gia", "a long enough one").await.status, 303);
    gia.see(STAND).await;
    // Sun is a host of the other house, Lin no host at all.
    for name in ["sun", "lin"] {
        let path = format!("/settings/users/{}/outlets", app.user_id(name));
        let refused = admin
            .post(&path, &[("outlet", "riverside")])
            .await
            .refusal();
        assert!(refused.contains("restaurants") || refused.contains("none of the houses"));
    }
}

async fn every_look_of_a_host_is_on_record(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let id = app.user_id("marco");
    let seen = |app: &TestApp| -> Vec<(String, Option<i64>)> {
        app.sql(|conn| {
            audit_log::table
                .filter(audit_log::user_id.eq(id))
                .order(audit_log::id)
                .select((audit_log::action, audit_log::guest_id))
                .load(conn)
        })
    };
    let guest = app.guest_of(app.stay_in(REGULAR));
    marco.see(&format!("{STAND}?guest={guest}")).await;
    let t8 = table(&app, "T8");
    let form = [
        ("guest", guest.as_str()),
        ("covers", "2"),
        ("tables", t8.as_str()),
    ];
    marco.submit(&format!("{STAND}/seat"), &form).await;
    let visit = newest(&app);
    for (path, action, is_of_guest) in [
        (STAND.to_owned(), "view_tables", false),
        (format!("{STAND}?guest={guest}"), "view_table_card", true),
        (format!("{STAND}?visit={visit}"), "view_table_card", true),
        (format!("{STAND}/visits/{visit}"), "view_table_card", true),
        (
            format!("{STAND}/visits/{visit}/orders"),
            "view_table_card",
            true,
        ),
        (format!("{STAND}/bookings"), "view_bookings", false),
        (
            format!("{STAND}/bookings/new?guest={guest}"),
            "view_table_card",
            true,
        ),
        (format!("{STAND}/brief"), "view_kitchen_brief", false),
        (format!("{STAND}/find?q=ouyang"), "search", false),
        (format!("{STAND}/find?q=ouyang&fragment=1"), "search", false),
    ] {
        let before = seen(&app).len();
        marco.see(&path).await;
        let lines = seen(&app);
        assert_eq!(lines.len(), before + 1, "{path}");
        let (what, whose) = lines.last().unwrap();
        assert_eq!(
            (what.as_str(), whose.is_some()),
            (action, is_of_guest),
            "{path}"
        );
    }
}
