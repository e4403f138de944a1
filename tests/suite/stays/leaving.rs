//! Check-out: the folio, the points, and what the stay taught.

use super::{act, balance, housekeeping, nights};
use crate::support::app::TestApp;
use crate::support::on_both;
use diesel::prelude::*;
use innkeeper::db::schema::{folio_charges, guests, preferences, stays};
use innkeeper::guests::preferences::Source;
use innkeeper::stays::Status;

on_both!(
    check_out_posts_the_folio_the_points_and_what_was_learned,
    points_are_posted_once,
    a_wrong_amount_is_named_and_nothing_is_posted,
    what_the_guest_said_is_not_overwritten_by_what_was_observed,
    the_folio_asks_for_the_rooms_price,
);

async fn check_out_posts_the_folio_the_points_and_what_was_learned(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1005");
    act(&client, stay, "check-in", &[("room", "1005")]).await;
    let before = balance(&app, stay);
    let amounts = [
        ("room", "880.00"),
        ("food", "120"),
        ("spa", ""),
        ("other", "0"),
    ];
    let page = client
        .submit(&format!("/stays/{stay}/check-out"), &amounts)
        .await;
    assert_eq!(
        page.text(".flash p"),
        "Siobhán O’Connor has departed. 1,000 points were posted."
    );
    assert_eq!(balance(&app, stay), before + 1000);
    assert_eq!(app.status_of(stay), Status::Departed);
    assert_eq!(housekeeping(&app, "1005"), "dirty");
    assert!(nights(&app, stay).is_empty());
    let posted: Vec<(String, i64)> = app.sql(|conn| {
        folio_charges::table
            .filter(folio_charges::stay_id.eq(stay))
            .order(folio_charges::department)
            .select((folio_charges::department, folio_charges::amount_minor))
            .load(conn)
    });
    assert_eq!(posted, [("food".into(), 12_000), ("room".into(), 88_000)]);
    // Five rooms on a high floor by the lift: four of five is a taste.
    let learned: Vec<(String, i64, i64)> = app.sql(|conn| {
        preferences::table
            .filter(preferences::noted_stay_id.eq(stay))
            .filter(preferences::source.eq(Source::Observed))
            .select((preferences::code, preferences::times, preferences::chances))
            .load(conn)
    });
    assert!(
        learned.contains(&("high_floor".into(), 5, 5)),
        "{learned:?}"
    );
    assert!(learned.contains(&("king_bed".into(), 5, 5)), "{learned:?}");
    assert!(
        learned
            .iter()
            .all(|(_, times, chances)| times * 5 >= chances * 4)
    );
    assert!(
        client
            .see("/departures")
            .await
            .has(&format!("#stay-{stay}"))
    );
}

async fn points_are_posted_once(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1207");
    let before = balance(&app, stay);
    let amounts = [("room", "500")];
    act(&client, stay, "check-out", &amounts).await;
    let again = act(&client, stay, "check-out", &amounts).await;
    assert_eq!(again.status, 409);
    assert!(again.text("[data-errors] li").contains("already departed"));
    assert_eq!(balance(&app, stay), before + 500);
    let charges: i64 = app.sql(|conn| {
        folio_charges::table
            .filter(folio_charges::stay_id.eq(stay))
            .count()
            .get_result(conn)
    });
    assert_eq!(charges, 1);
}

async fn a_wrong_amount_is_named_and_nothing_is_posted(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1207");
    for typed in [
        "a lot",
        "12.345",
        "1e9",
        "９９",
        "--5",
        "99999999999999999999",
    ] {
        let page = act(
            &client,
            stay,
            "check-out",
            &[("room", "500"), ("spa", typed)],
        )
        .await;
        assert_eq!(page.status, 422, "{typed}");
        assert!(page.text("title").starts_with("Error:"));
        assert_eq!(
            page.all("[data-errors] li"),
            [format!("'{typed}' is not an amount; write it as 180.00.")]
        );
        assert_eq!(page.attr("[data-errors] a", "href"), "#spa");
        assert_eq!(
            (page.attr("#room", "value"), page.attr("#spa", "value")),
            ("500".into(), typed.into())
        );
        assert_eq!(page.attr("#spa", "aria-invalid"), "true");
    }
    assert_eq!(app.status_of(stay), Status::InHouse);
}

async fn what_the_guest_said_is_not_overwritten_by_what_was_observed(app: TestApp) {
    // She asked for a quiet room; the rooms she had are near the lift or not, she said so herself.
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1109");
    act(&client, stay, "check-in", &[("room", "1109")]).await;
    act(&client, stay, "check-out", &[]).await;
    let wishes: Vec<(String, Source)> = app.sql(|conn| {
        stays::table
            .inner_join(guests::table.inner_join(preferences::table))
            .filter(stays::id.eq(stay))
            .select((preferences::code, preferences::source))
            .load(conn)
    });
    let desk: Vec<_> = wishes
        .iter()
        .filter(|(code, _)| code == "work_desk")
        .collect();
    assert_eq!(
        desk,
        [&("work_desk".to_owned(), Source::Stated)],
        "{wishes:?}"
    );
}

async fn the_folio_asks_for_the_rooms_price(app: TestApp) {
    let client = app.sign_in("lin").await;
    let page = client
        .see(&format!("/stays/{}/check-out", app.stay_in("1207")))
        .await;
    assert_eq!(page.attr("#room", "value"), "1760.00");
    assert!(
        page.text("[data-main]")
            .starts_with("Check out and post points")
    );
}
