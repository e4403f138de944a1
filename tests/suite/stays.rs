//! The rules of a stay: check-in, room, check-out, cancellation, no-show, walk-in; each refusal in words.

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    folio_charges, guests, loyalty_accounts, loyalty_entries, preferences, room_nights, rooms,
    stays,
};
use innkeeper::guests::preferences::Source;
use innkeeper::stays::Status;
use innkeeper::words::Language;

use crate::support::app::TestApp;
use crate::support::client::{Client, Page};
use crate::support::on_both;
use crate::support::world::today;

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
    check_out_posts_the_folio_the_points_and_what_was_learned,
    points_are_posted_once,
    a_wrong_amount_is_named_and_nothing_is_posted,
    what_the_guest_said_is_not_overwritten_by_what_was_observed,
    a_cancelled_reservation_frees_its_room_and_comes_back,
    a_reservation_whose_room_is_gone_comes_back_without_one,
    a_no_show_is_marked_on_the_day_and_not_before,
    only_a_reservation_is_cancelled,
    a_walk_in_is_recognised_booked_and_checked_in,
    a_walk_in_that_can_not_be_is_explained_field_by_field,
    sending_a_form_twice_does_it_once,
    the_folio_asks_for_the_rooms_price,
);

fn date(date: chrono::NaiveDate) -> String {
    Language::En.words().date(date)
}

async fn act(client: &Client, stay: i64, what: &str, fields: &[(&str, &str)]) -> Page {
    client.post(&format!("/stays/{stay}/{what}"), fields).await
}

fn room_of(app: &TestApp, stay: i64) -> Option<String> {
    app.sql(|conn| {
        stays::table
            .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .filter(stays::id.eq(stay))
            .select(rooms::number.nullable())
            .first(conn)
    })
}

fn set_room(app: &TestApp, number: &str, housekeeping: &str) {
    let changed = app.sql(|conn| {
        diesel::update(rooms::table.filter(rooms::number.eq(number)))
            .set(rooms::housekeeping.eq(housekeeping))
            .execute(conn)
    });
    assert_eq!(changed, 1);
}

fn housekeeping(app: &TestApp, number: &str) -> String {
    app.sql(|conn| {
        rooms::table
            .filter(rooms::number.eq(number))
            .select(rooms::housekeeping)
            .first(conn)
    })
}

fn nights(app: &TestApp, stay: i64) -> Vec<chrono::NaiveDate> {
    app.sql(|conn| {
        room_nights::table
            .filter(room_nights::stay_id.eq(stay))
            .order(room_nights::night)
            .select(room_nights::night)
            .load(conn)
    })
}

fn move_dates(app: &TestApp, stay: i64, arrives_in: i64, nights: i64) {
    let arrival = today() + TimeDelta::days(arrives_in);
    app.sql(|conn| {
        diesel::update(stays::table.find(stay))
            .set((
                stays::arrival.eq(arrival),
                stays::departure.eq(arrival + TimeDelta::days(nights)),
            ))
            .execute(conn)
    });
}

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

fn balance(app: &TestApp, stay: i64) -> i64 {
    app.sql(|conn| {
        let person: i64 = stays::table
            .inner_join(guests::table)
            .filter(stays::id.eq(stay))
            .select(guests::person_id)
            .first(conn)?;
        let points: Vec<i64> = loyalty_entries::table
            .inner_join(
                loyalty_accounts::table.on(loyalty_accounts::id.eq(loyalty_entries::account_id)),
            )
            .inner_join(guests::table.on(guests::id.eq(loyalty_accounts::guest_id)))
            .filter(guests::person_id.eq(person))
            .select(loyalty_entries::points)
            .load(conn)?;
        Ok(points.iter().sum())
    })
}

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
