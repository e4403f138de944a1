//! Check-in, its undoing, and rooms.

use super::{act, date, housekeeping, move_dates, nights, room_of, set_room};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::world::today;
use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{folio_charges, stays};
use innkeeper::stays::Status;

on_both!(
    a_guest_is_checked_in_and_the_colleagues_are_told,
    a_second_check_in_is_told_that_a_colleague_was_quicker,
    a_room_must_exist_be_clean_in_order_and_free,
    early_arrivals_are_asked_about_and_sleep_here_from_tonight,
    a_late_guest_has_given_up_the_nights_gone_by,
    a_stay_that_is_over_is_not_checked_in,
    a_check_in_is_undone_on_its_day_and_before_anything_is_charged,
    a_reservation_gets_a_room_and_a_guest_moves,
    a_refused_move_keeps_what_was_typed,
);

async fn a_guest_is_checked_in_and_the_colleagues_are_told(app: TestApp) {
    let (client, stay) = (app.sign_in("lin").await, app.stay_in("1501"));
    let answer = act(
        &client,
        stay,
        "check-in",
        &[("room", "1501"), ("back", "/arrivals")],
    )
    .await;
    let row = format!("/arrivals#stay-{stay}");
    assert_eq!((answer.status, answer.location()), (303, row.as_str()));
    let flash = answer.flash().unwrap();
    assert!(flash.ok);
    assert_eq!(flash.text, "Hans-Peter Müller is checked in to 1501.");
    assert_eq!(flash.undo, Some(format!("/stays/{stay}/undo-check-in")));
    assert_eq!(app.status_of(stay), Status::InHouse);
    let board = client.see("/arrivals").await;
    assert_eq!(board.text(".flash p"), flash.text);
    assert!(
        board
            .text(&format!("#stay-{stay} .c-act"))
            .contains("In house")
    );
    assert!(client.see("/in-house").await.has(&format!("#stay-{stay}")));
    // Said once.
    assert!(!client.see("/arrivals").await.has(".flash"));
}

async fn a_second_check_in_is_told_that_a_colleague_was_quicker(app: TestApp) {
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    let stay = app.stay_in("1501");
    act(&zhou, stay, "check-in", &[("room", "1501")]).await;
    let answer = act(&lin, stay, "check-in", &[("room", "1502")]).await;
    assert_eq!(answer.location(), format!("/stays/{stay}"));
    assert_eq!(
        answer.refusal(),
        "A colleague was quicker: the guest is already in house."
    );
    assert_eq!(room_of(&app, stay).as_deref(), Some("1501"));
}

async fn a_room_must_exist_be_clean_in_order_and_free(app: TestApp) {
    let (client, stay) = (app.sign_in("lin").await, app.arriving("Kim"));
    set_room(&app, "1202", "dirty");
    set_room(&app, "1203", "out_of_order");
    let until = date(today() + TimeDelta::days(2));
    for (room, refusal) in [
        ("9999", "There is no room 9999 in this house.".to_owned()),
        ("L11", "There is no room L11 in this house.".into()),
        ("", "There is no room".into()),
        (
            "1202",
            "Room 1202 is still to be made up. Choose a clean one, or ask housekeeping.".into(),
        ),
        ("1203", "Room 1203 is out of order. Choose another.".into()),
        (
            "1207",
            format!("Room 1207 is let to François Lefèvre until {until}. Choose another."),
        ),
        // Promised to somebody who has not arrived yet.
        (
            "1501",
            format!(
                "Room 1501 is let to Hans-Peter Müller until {}. Choose another.",
                date(today() + TimeDelta::days(3))
            ),
        ),
    ] {
        let answer = act(&client, stay, "check-in", &[("room", room)]).await;
        let said = answer.refusal();
        assert!(said.starts_with(&refusal), "{room}: {said}");
        assert_eq!(app.status_of(stay), Status::Reserved);
        assert!(nights(&app, stay).is_empty(), "{room}");
    }
    act(&client, stay, "check-in", &[("room", " 1204 ")]).await;
    assert_eq!(room_of(&app, stay).as_deref(), Some("1204"));
    assert_eq!(nights(&app, stay).len(), 2);
}

async fn early_arrivals_are_asked_about_and_sleep_here_from_tonight(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.arriving("Kim");
    move_dates(&app, stay, 2, 3);
    let answer = act(&client, stay, "check-in", &[("room", "1204")]).await;
    let arrival = today() + TimeDelta::days(2);
    assert_eq!(
        answer.refusal(),
        format!(
            "Arrival is {}. Open the card to check in early.",
            date(arrival)
        )
    );
    assert_eq!(app.status_of(stay), Status::Reserved);
    act(&client, stay, "room", &[("room", "1204")]).await;
    let card = client.see(&format!("/stays/{stay}")).await;
    assert!(
        card.text("[data-main]")
            .starts_with("Check in early to 1204")
    );
    assert_eq!(card.attr(".primaryform input[name=early]", "value"), "yes");
    act(
        &client,
        stay,
        "check-in",
        &[("room", "1204"), ("early", "yes")],
    )
    .await;
    assert_eq!(app.status_of(stay), Status::InHouse);
    assert_eq!(nights(&app, stay).len(), 5);
    assert_eq!(nights(&app, stay)[0], today());
    act(&client, stay, "undo-check-in", &[]).await;
    assert_eq!(app.status_of(stay), Status::Reserved);
    assert_eq!(nights(&app, stay).len(), 3);
    assert_eq!(nights(&app, stay)[0], arrival);
    let booked: (NaiveDate, Option<NaiveDate>) = app.sql(|conn| {
        let dates = (stays::arrival, stays::booked_arrival);
        stays::table.find(stay).select(dates).first(conn)
    });
    assert_eq!(booked, (arrival, None));
}

async fn a_late_guest_has_given_up_the_nights_gone_by(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.arriving("Kim");
    move_dates(&app, stay, -1, 3);
    act(&client, stay, "check-in", &[("room", "1204")]).await;
    assert_eq!(app.status_of(stay), Status::InHouse);
    assert_eq!(nights(&app, stay), [today(), today() + TimeDelta::days(1)]);
}

async fn a_stay_that_is_over_is_not_checked_in(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.arriving("Kim");
    move_dates(&app, stay, -3, 2);
    let answer = act(&client, stay, "check-in", &[("room", "1204")]).await;
    let departure = date(today() - TimeDelta::days(1));
    assert_eq!(
        answer.refusal(),
        format!("The stay was over on {departure}.")
    );
}

async fn a_check_in_is_undone_on_its_day_and_before_anything_is_charged(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1501");
    let refusal = "A check-in is undone only on its day and before anything is charged.";
    assert_eq!(
        act(&client, stay, "undo-check-in", &[]).await.refusal(),
        "The guest has not been checked in."
    );
    act(&client, stay, "check-in", &[("room", "1501")]).await;
    let undone = act(&client, stay, "undo-check-in", &[]).await;
    assert_eq!(undone.flash().unwrap().text, "The check-in is undone.");
    assert_eq!(app.status_of(stay), Status::Reserved);
    assert_eq!(room_of(&app, stay).as_deref(), Some("1501"));
    assert_eq!(nights(&app, stay).len(), 3);
    // Two days later.
    act(&client, stay, "check-in", &[("room", "1501")]).await;
    app.sql(|conn| {
        diesel::update(stays::table.find(stay))
            .set(stays::checked_in_at.eq(clock::now() - TimeDelta::days(2)))
            .execute(conn)
    });
    assert_eq!(
        act(&client, stay, "undo-check-in", &[]).await.refusal(),
        refusal
    );
    // With a charge.
    app.sql(|conn| {
        diesel::update(stays::table.find(stay))
            .set(stays::checked_in_at.eq(clock::now()))
            .execute(conn)?;
        diesel::insert_into(folio_charges::table)
            .values((
                folio_charges::stay_id.eq(stay),
                folio_charges::department.eq("minibar"),
                folio_charges::amount_minor.eq(4_500_i64),
                folio_charges::currency.eq("CNY"),
                folio_charges::posted_on.eq(today()),
                folio_charges::reference.eq("bar:1"),
                folio_charges::created_at.eq(clock::now()),
            ))
            .execute(conn)
    });
    assert_eq!(
        act(&client, stay, "undo-check-in", &[]).await.refusal(),
        refusal
    );
    assert_eq!(app.status_of(stay), Status::InHouse);
}

async fn a_reservation_gets_a_room_and_a_guest_moves(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.arriving("Kim");
    set_room(&app, "1202", "dirty");
    // Housekeeping has until the arrival.
    let page = client
        .submit(&format!("/stays/{stay}/room"), &[("room", "1202")])
        .await;
    assert_eq!(page.text(".flash p"), "The room is now 1202.");
    set_room(&app, "1202", "clean");
    act(&client, stay, "check-in", &[("room", "1202")]).await;
    client
        .submit(&format!("/stays/{stay}/room"), &[("room", "1204")])
        .await;
    assert_eq!(room_of(&app, stay).as_deref(), Some("1204"));
    assert_eq!(housekeeping(&app, "1202"), "dirty");
    assert_eq!(housekeeping(&app, "1204"), "clean");
    assert_eq!(nights(&app, stay).len(), 2);
    let page = client.see(&format!("/stays/{stay}/room")).await;
    assert!(
        !page.all("tbody th").contains(&"1207".to_owned()),
        "a taken room is offered"
    );
}

async fn a_refused_move_keeps_what_was_typed(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1501");
    let page = act(&client, stay, "room", &[("room", "1207")]).await;
    assert_eq!(page.status, 409);
    assert!(page.text("title").starts_with("Error:"));
    assert!(
        page.text("[data-errors] li")
            .starts_with("Room 1207 is let to François Lefèvre")
    );
    assert_eq!(page.attr("#room", "value"), "1207");
    assert_eq!(page.attr("[data-errors] a", "href"), "#room");
    assert_eq!(room_of(&app, stay).as_deref(), Some("1501"));
    let departed: i64 = app.sql(|conn| {
        stays::table
            .filter(stays::status.eq(Status::Departed))
            .filter(stays::property_id.eq(1))
            .select(stays::id)
            .first(conn)
    });
    let page = act(&client, departed, "room", &[("room", "1204")]).await;
    assert!(page.text("[data-errors] li").contains("already departed"));
}
