//! A tablet whose network comes and goes: what is done meanwhile is done once, and told.

use diesel::prelude::*;
use innkeeper::db::schema::dining_orders;

use super::STAND;
use super::walk::dish;
use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::{on_both, sitemap};

on_both!(a_dish_noted_without_a_network_is_noted_once);

/// How often a dish is noted for a party.
fn noted(app: &TestApp, visit: i64) -> i64 {
    app.sql(|conn| {
        dining_orders::table
            .filter(dining_orders::visit_id.eq(visit))
            .count()
            .get_result(conn)
    })
}

async fn a_dish_noted_without_a_network_is_noted_once(app: TestApp) {
    let browser = Browser::open(true).await;
    browser.become_tablet(820, 1180).await;
    browser.sign_in(&app, "marco").await;
    let visit = sitemap::seated(&app);
    let orders = format!("{STAND}/visits/{visit}/orders");
    browser.goto(&app, &orders).await;
    let before = noted(&app, visit);
    let rice = format!(".picks button[name=dish][value='{}']", dish(&app, "RIC"));
    browser.find(&rice).await;
    browser.cut_off(true).await;
    browser.find("[data-live-banner]:not([hidden])").await;
    browser.tap(&rice).await;
    browser.says(".queued li", "no connection").await;
    assert_eq!(noted(&app, visit), before);
    let kept = "return localStorage['seat-queue']";
    let kept = browser.driver.execute(kept, Vec::new()).await.unwrap();
    let kept: String = kept.convert().unwrap();
    browser.cut_off(false).await;
    browser.says(".queued li", "Noted: Steamed rice.").await;
    assert_eq!(noted(&app, visit), before + 1);
    // The answer was lost, as far as the tablet knows: it asks again, and is told the same.
    let again = "localStorage['seat-queue'] = arguments[0]";
    browser
        .driver
        .execute(again, vec![kept.into()])
        .await
        .unwrap();
    browser.goto(&app, &orders).await;
    browser.says(".queued li", "Noted: Steamed rice.").await;
    assert_eq!(noted(&app, visit), before + 1);
    // Twice on purpose is twice.
    browser.tap(".queued button").await;
    browser.cut_off(true).await;
    browser.find("[data-live-banner]:not([hidden])").await;
    browser.tap(&rice).await;
    browser
        .says(".queued li:nth-child(1)", "no connection")
        .await;
    browser.tap(&rice).await;
    browser
        .says(".queued li:nth-child(2)", "no connection")
        .await;
    browser.cut_off(false).await;
    browser
        .says(".queued li:nth-child(2)", "Noted: Steamed rice.")
        .await;
    assert_eq!(noted(&app, visit), before + 3);
    browser.close().await;
}
