//! What an administrator decides about recognition.

use diesel::prelude::*;
use innkeeper::db::schema::{guest_contacts, guest_likeness, guests, stays};
use innkeeper::guests::contacts::Email;
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::recognition::{self, Model, Settings};
use innkeeper::stays::Decision;

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::world::keys;

on_both!(
    a_relay_makes_its_addresses_identify_nobody_until_it_is_taken_away,
    how_careful_recognition_is_can_be_chosen,
);

async fn a_relay_makes_its_addresses_identify_nobody_until_it_is_taken_away(app: TestApp) {
    let boss = app.sign_in("admin").await;
    let relayed = NewProfile {
        source: "test".into(),
        given_name: Some("Iris".into()),
        family_name: Some("Vanterpool".into()),
        email: Email::parse("booking-771@agency.example").ok(),
        ..NewProfile::default()
    };
    let id = app.sql(|conn| {
        profile::create(conn, &keys(), &[relayed], innkeeper::clock::now()).map(|ids| ids[0])
    });
    let standing = || -> (bool, i64) {
        app.sql(|conn| {
            let masked = guest_contacts::table
                .filter(guest_contacts::guest_id.eq(id))
                .select(guest_contacts::masked)
                .first(conn)?;
            let likeness = guest_likeness::table
                .filter(guest_likeness::guest_id.eq(id))
                .count()
                .get_result(conn)?;
            Ok((masked, likeness))
        })
    };
    let before = standing();
    assert!(!before.0);
    let path = "/settings/recognition";
    let wrong = boss.post("/settings/relays", &[("relay", "*.com")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text(".error").contains("*.com"));
    assert_eq!(wrong.attr("#relay", "value"), "*.com");
    let added = boss
        .submit(
            "/settings/relays",
            &[("relay", " Booking-*@agency.example")],
        )
        .await;
    assert!(
        added.text(".flash").contains("1 stored address"),
        "{}",
        added.text(".flash")
    );
    assert_eq!(standing(), (true, before.1 - 1));
    let again = boss
        .post("/settings/relays", &[("relay", "booking-*@agency.example")])
        .await;
    assert_eq!(again.status, 422);
    let page = boss.see(path).await;
    assert!(page.text("table.data").contains("booking-*@agency.example"));
    boss.submit(
        "/settings/relays/remove",
        &[("relay", "booking-*@agency.example")],
    )
    .await;
    assert_eq!(standing(), before);
}

async fn how_careful_recognition_is_can_be_chosen(app: TestApp) {
    let boss = app.sign_in("admin").await;
    let page = boss.see("/settings/recognition").await;
    assert_eq!(page.attr("input[name=wrong][checked]", "value"), "7");
    let odd = boss
        .post(
            "/settings/recognition",
            &[("wrong", "6"), ("asked", "0.33")],
        )
        .await;
    assert!(!odd.flash().unwrap().ok);
    boss.submit(
        "/settings/recognition",
        &[("wrong", "1"), ("asked", "0.05")],
    )
    .await;
    let settings = app.sql(Settings::load);
    assert_eq!((settings.wrong, settings.asked), (1.0, 0.05));
    let strict = app.sql(recognition::current);
    let usual = Model::shipped();
    assert!(strict.link > usual.link && strict.review > usual.review);
    let decided: Vec<Decision> = app.sql(|conn| {
        stays::table
            .inner_join(guests::table)
            .select(stays::decision)
            .load(conn)
    });
    assert!(
        decided.contains(&Decision::Review),
        "what was decided stands"
    );
}
