//! Reservations whose guest does not come: cancelled, no-show, brought back.

use super::{act, nights, room_of};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::world::today;
use diesel::prelude::*;
use innkeeper::db::schema::stays;
use innkeeper::stays::Status;

on_both!(
    a_cancelled_reservation_frees_its_room_and_comes_back,
    a_reservation_whose_room_is_gone_comes_back_without_one,
    a_no_show_is_marked_on_the_day_and_not_before,
    only_a_reservation_is_cancelled,
);

async fn a_cancelled_reservation_frees_its_room_and_comes_back(app: TestApp) {
    let client = app.sign_in("lin").await;
    let (stay, other) = (app.stay_in("1501"), app.arriving("Kim"));
    let answer = act(&client, stay, "cancel", &[]).await;
    assert_eq!(
        answer.flash().unwrap().undo,
        Some(format!("/stays/{stay}/reinstate"))
    );
    assert_eq!(app.status_of(stay), Status::Cancelled);
    assert!(!client.see("/arrivals").await.has(&format!("#stay-{stay}")));
    assert_eq!(
        act(&client, stay, "check-in", &[("room", "1501")])
            .await
            .refusal(),
        "The reservation is cancelled."
    );
    act(&client, other, "room", &[("room", "1501")]).await;
    assert_eq!(room_of(&app, other).as_deref(), Some("1501"));
    act(&client, other, "room", &[("room", "1204")]).await;
    act(&client, stay, "reinstate", &[]).await;
    assert_eq!(
        (app.status_of(stay), nights(&app, stay).len()),
        (Status::Reserved, 3)
    );
    assert_eq!(room_of(&app, stay).as_deref(), Some("1501"));
    let refusal = act(&client, stay, "reinstate", &[]).await.refusal();
    assert_eq!(refusal, "The guest has not been checked in.");
}

async fn a_reservation_whose_room_is_gone_comes_back_without_one(app: TestApp) {
    let client = app.sign_in("lin").await;
    let (stay, other) = (app.stay_in("1501"), app.arriving("Kim"));
    act(&client, stay, "no-show", &[]).await;
    act(&client, other, "check-in", &[("room", "1501")]).await;
    act(&client, stay, "reinstate", &[]).await;
    assert_eq!(
        (app.status_of(stay), room_of(&app, stay)),
        (Status::Reserved, None)
    );
    assert_eq!(room_of(&app, other).as_deref(), Some("1501"));
}

async fn a_no_show_is_marked_on_the_day_and_not_before(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1501");
    act(&client, stay, "no-show", &[]).await;
    assert_eq!(app.status_of(stay), Status::NoShow);
    let board = client.see("/arrivals").await;
    assert!(
        board
            .text(&format!("#stay-{stay} .c-act"))
            .contains("No-show")
    );
    assert_eq!(
        act(&client, stay, "check-in", &[("room", "1501")])
            .await
            .refusal(),
        "The reservation is marked as a no-show."
    );
    let tomorrow: i64 = app.sql(|conn| {
        stays::table
            .filter(stays::arrival.gt(today()))
            .select(stays::id)
            .first(conn)
    });
    let refusal = act(&client, tomorrow, "no-show", &[]).await.refusal();
    assert!(refusal.starts_with("Arrival is only on "), "{refusal}");
    assert_eq!(app.status_of(tomorrow), Status::Reserved);
}

async fn only_a_reservation_is_cancelled(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1207");
    for what in ["cancel", "no-show", "reinstate"] {
        let refusal = act(&client, stay, what, &[]).await.refusal();
        assert_eq!(
            refusal, "A colleague was quicker: the guest is already in house.",
            "{what}"
        );
    }
    assert_eq!(app.status_of(stay), Status::InHouse);
}
