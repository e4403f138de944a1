//! Guests without a reservation, and forms sent twice.

use super::nights;
use crate::support::app::TestApp;
use crate::support::on_both;
use diesel::prelude::*;
use innkeeper::db::schema::{guests, preferences, stays};
use innkeeper::stays::Status;

on_both!(
    a_walk_in_is_recognised_booked_and_checked_in,
    a_walk_in_that_can_not_be_is_explained_field_by_field,
    sending_a_form_twice_does_it_once,
);

async fn a_walk_in_is_recognised_booked_and_checked_in(app: TestApp) {
    let client = app.sign_in("lin").await;
    let known: i64 = app.sql(|conn| guests::table.count().get_result(conn));
    let card = client
        .submit(
            "/stays",
            &[
                ("given_name", "Ana Sofia"),
                ("family_name", "Ribeiro"),
                ("email", "anasofia.ribeiro@example.pt"),
                ("phone", ""),
                ("nights", "2"),
                ("adults", "1"),
                ("room", "1204"),
            ],
        )
        .await;
    assert!(
        card.text("p.facts").starts_with("2nd stay") || card.text("p.facts").contains("stay"),
        "{}",
        card.text("p.facts")
    );
    let stay = app.stay_in("1204");
    assert_eq!(app.status_of(stay), Status::InHouse);
    assert_eq!(
        app.guest_of(stay),
        app.guest_of(app.stay_in("0906")),
        "she was not recognised"
    );
    let now: i64 = app.sql(|conn| guests::table.count().get_result(conn));
    assert_eq!(now, known);
    assert_eq!(nights(&app, stay).len(), 2);
    // Somebody nobody knows gets a profile.
    client
        .submit(
            "/stays",
            &[
                ("family_name", "Noone"),
                ("nights", "1"),
                ("adults", "2"),
                ("room", "1205"),
            ],
        )
        .await;
    let now: i64 = app.sql(|conn| guests::table.count().get_result(conn));
    assert_eq!(now, known + 1);
}

async fn a_walk_in_that_can_not_be_is_explained_field_by_field(app: TestApp) {
    let client = app.sign_in("lin").await;
    let good = [
        ("given_name", "Jo"),
        ("family_name", "Noone"),
        ("nights", "1"),
        ("adults", "1"),
        ("room", "1204"),
    ];
    let known: i64 = app.sql(|conn| guests::table.count().get_result(conn));
    let long = "x".repeat(101);
    for (field, typed, said) in [
        ("nights", "0", "'0' nights can't be booked"),
        ("nights", "-1", "'-1' nights can't be booked"),
        ("nights", "many", "'many' nights can't be booked"),
        ("nights", "91", "'91' nights can't be booked"),
        ("adults", "0", "'0' is not a number of adults"),
        (
            "email",
            "jo at home",
            "'jo at home' is not an e-mail address",
        ),
        ("phone", "call me", "'call me' is not a phone number"),
        ("family_name", &long, "The name has 101 characters"),
        (
            "family_name",
            "Bad\u{7}Bell",
            "There is an invisible control character",
        ),
        ("room", "", "Choose a room."),
        ("room", "9999", "There is no room 9999 in this house."),
        ("room", "1207", "Room 1207 is let to François Lefèvre"),
    ] {
        let mut fields: Vec<_> = good
            .into_iter()
            .filter(|(name, _)| *name != field)
            .collect();
        fields.push((field, typed));
        let page = client.post("/stays", &fields).await;
        assert_eq!(page.status, 422, "{field} {typed}");
        let errors = page.all("[data-errors] li");
        assert!(
            errors.len() == 1 && errors[0].starts_with(said),
            "{field} {typed}: {errors:?}"
        );
        assert_eq!(page.attr("[data-errors] a", "href"), format!("#{field}"));
        assert!(
            page.text(&format!("#{field}-d")).starts_with(said),
            "{field}"
        );
        if !typed.contains('\u{7}') {
            assert_eq!(page.attr(&format!("#{field}"), "value"), typed);
        }
        assert_eq!(page.attr("#given_name", "value"), "Jo");
    }
    let page = client
        .post(
            "/stays",
            &[("nights", "1"), ("adults", "1"), ("room", "1204")],
        )
        .await;
    assert_eq!(page.all("[data-errors] li"), ["Write at least one name."]);
    let now: i64 = app.sql(|conn| guests::table.count().get_result(conn));
    assert_eq!(now, known, "a profile was half-written");
}

async fn sending_a_form_twice_does_it_once(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1501");
    let guest = app.guest_of(stay);
    let wishes = || -> i64 { app.sql(|conn| preferences::table.count().get_result(conn)) };
    let before = wishes();
    let stay_id = stay.to_string();
    let fields = [
        ("what", "bathtub"),
        ("strength", "prefer"),
        ("stay", stay_id.as_str()),
    ];
    for _ in 0..2 {
        let answer = client
            .post(&format!("/guests/{guest}/preferences"), &fields)
            .await;
        assert_eq!(answer.location(), format!("/stays/{stay}"));
    }
    assert_eq!(wishes(), before + 1);
    let people = || -> i64 { app.sql(|conn| stays::table.count().get_result(conn)) };
    let before = people();
    let fields = [
        ("family_name", "Twice"),
        ("nights", "1"),
        ("adults", "1"),
        ("room", "1204"),
    ];
    assert_eq!(client.post("/stays", &fields).await.status, 303);
    assert_eq!(client.post("/stays", &fields).await.status, 422);
    assert_eq!(people(), before + 1);
}
