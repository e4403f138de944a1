//! The rooms of a day: the three best of a stay, locks, and the assignment with its clashes and its undoing.

use diesel::prelude::*;
use innkeeper::db::schema::{
    assignment_moves, assignments, audit_log, events, room_connections, room_features, room_nights,
    rooms, stays,
};
use innkeeper::stays::rebooking::Move;
use thirtyfour::Key;

use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::client::{Client, Page};
use crate::support::on_both;
use crate::support::world::today;

on_both!(
    a_day_is_assigned_as_shown_and_taken_back_as_a_whole,
    an_assignment_names_whom_something_has_changed_for_and_changes_nothing,
    a_need_gets_the_one_room_that_keeps_it,
    a_party_that_asks_for_it_gets_rooms_that_connect,
    a_locked_room_is_moved_by_nobody_until_it_is_unlocked,
    an_assignment_that_was_overtaken_is_not_taken_back,
    another_houses_assignment_does_not_exist,
    what_no_page_of_ours_sends_assigns_nothing,
    the_three_best_rooms_stand_on_the_card_and_one_key_moves_there,
    a_room_that_breaks_a_need_is_shown_last_with_the_reason,
    a_day_is_assigned_and_a_guest_moved_by_keyboard_in_english,
    a_day_is_assigned_and_a_guest_moved_by_keyboard_in_chinese,
);

const HERE: &str = "/rooms/assign";

/// Which room each reservation of the first house has, and the nights that are held.
type Imprint = (Vec<(i64, Option<i64>)>, Vec<(i64, chrono::NaiveDate, i64)>);

fn imprint(app: &TestApp) -> Imprint {
    app.sql(|conn| {
        let rooms = stays::table
            .order(stays::id)
            .select((stays::id, stays::room_id))
            .load(conn)?;
        let nights = room_nights::table
            .order((room_nights::room_id, room_nights::night))
            .select(room_nights::all_columns)
            .load(conn)?;
        Ok((rooms, nights))
    })
}

fn holds(app: &TestApp) {
    assert_eq!(app.broken(), []);
}

/// What the page would change.
fn moves(page: &Page) -> Vec<Move> {
    let moves = page.attrs("input[name=moves]", "value");
    moves.iter().map(|text| text.parse().unwrap()).collect()
}

async fn apply(client: &Client, moves: &[Move]) -> Page {
    let fields: Vec<String> = moves.iter().map(Move::to_string).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|text| ("moves", text.as_str())).collect();
    client.post(HERE, &fields).await
}

fn room_of(app: &TestApp, stay: i64) -> Option<i64> {
    app.sql(|conn| stays::table.find(stay).select(stays::room_id).first(conn))
}

fn room_id(app: &TestApp, number: &str) -> i64 {
    app.sql(|conn| {
        rooms::table
            .filter(rooms::number.eq(number))
            .select(rooms::id)
            .first(conn)
    })
}

/// Gives a room what it has not: the demo's only accessible room is let.
fn build_in(app: &TestApp, number: &str, feature: &str) {
    let room = room_id(app, number);
    app.sql(|conn| {
        diesel::insert_into(room_features::table)
            .values((
                room_features::room_id.eq(room),
                room_features::feature.eq(feature),
            ))
            .execute(conn)
    });
}

fn ask(app: &TestApp, stay: i64, requests: &str) {
    app.sql(|conn| {
        diesel::update(stays::table.find(stay))
            .set(stays::requests.eq(requests))
            .execute(conn)
    });
}

async fn a_day_is_assigned_as_shown_and_taken_back_as_a_whole(app: TestApp) {
    app.book(12);
    let client = app.sign_in("lin").await;
    let before = imprint(&app);
    let page = client.see(HERE).await;
    let planned = moves(&page);
    assert!(planned.len() >= 12, "{}", planned.len());
    assert_eq!(page.count("tbody tr.changes"), planned.len());
    let answer = apply(&client, &planned).await;
    assert_eq!((answer.status, answer.location()), (303, "/arrivals"));
    let flash = answer.flash().unwrap();
    assert_eq!(
        flash.text,
        format!("{} guests have a new room.", planned.len())
    );
    for it in &planned {
        assert_eq!(room_of(&app, it.stay_id), it.to);
    }
    holds(&app);
    let (lines, told): (i64, i64) = app.sql(|conn| {
        let lines = audit_log::table.filter(audit_log::action.eq("assign_room"));
        let told = events::table
            .filter(events::kind.eq("reservation.changed"))
            .filter(events::stay_id.eq_any(planned.iter().map(|it| it.stay_id)));
        Ok((
            lines.count().get_result(conn)?,
            told.count().get_result(conn)?,
        ))
    });
    assert_eq!((lines, told), (planned.len() as i64, planned.len() as i64));
    // A plan that is in place changes nothing more.
    let settled = client.see(HERE).await;
    assert!(moves(&settled).is_empty());
    assert!(settled.body.contains("nothing to change"));
    let undone = client.post(&flash.undo.unwrap(), &[]).await;
    assert_eq!(
        undone.flash().unwrap().text,
        "All rooms are as they were before."
    );
    assert_eq!(imprint(&app), before);
    holds(&app);
    // Once.
    let id: i64 = app.sql(|conn| assignments::table.select(assignments::id).first(conn));
    let again = client.post(&format!("{HERE}/{id}/undo"), &[]).await;
    assert_eq!(again.status, 409);
    assert!(again.text("[data-errors] li").contains("taken back"));
}

async fn an_assignment_names_whom_something_has_changed_for_and_changes_nothing(app: TestApp) {
    let booked = app.book(6);
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    let planned = moves(&lin.see(HERE).await);
    let of = |stay: i64| *planned.iter().find(|it| it.stay_id == stay).unwrap();
    // Meanwhile one room is let to somebody else, one guest gets another, one room is out of order,
    // and one reservation has ended.
    let number = |room: Option<i64>| -> String {
        app.sql(|conn| {
            rooms::table
                .find(room.unwrap())
                .select(rooms::number)
                .first(conn)
        })
    };
    let stranger = booked[5];
    app.sql(|conn| {
        diesel::update(stays::table.find(stranger))
            .set((
                stays::arrival.eq(today() + chrono::Days::new(1)),
                stays::departure.eq(today() + chrono::Days::new(2)),
            ))
            .execute(conn)
    });
    let let_room = number(of(booked[0]).to);
    zhou.submit(&format!("/stays/{stranger}/room"), &[("room", &let_room)])
        .await;
    let other = number(of(booked[1]).to);
    let elsewhere = zhou.see(&format!("/stays/{}/room", booked[1])).await;
    let free = elsewhere.attrs(".best input[name=room], tbody input[name=room]", "value");
    let free = free.iter().find(|room| {
        let taken: Vec<String> = planned.iter().map(|it| number(it.to)).collect();
        !taken.contains(room)
    });
    assert_ne!(free, Some(&other));
    zhou.submit(
        &format!("/stays/{}/room", booked[1]),
        &[("room", free.unwrap())],
    )
    .await;
    app.sql(|conn| {
        diesel::update(rooms::table.find(of(booked[2]).to.unwrap()))
            .set(rooms::housekeeping.eq("out_of_order"))
            .execute(conn)
    });
    zhou.post(&format!("/stays/{}/cancel", booked[3]), &[])
        .await;
    let before = imprint(&app);
    let answer = apply(&lin, &planned).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text("title").starts_with("Error:"));
    let told = answer.all("[data-errors] li").join("\n");
    for said in [
        "Extra1 Guest has been given another room by a colleague.",
        &format!(
            "Extra2 Guest: room {} is out of order by now.",
            number(of(booked[2]).to)
        ),
        "The reservation of Extra3 Guest has ended.",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert_eq!(imprint(&app), before);
    // What was let meanwhile is told by the name of who has it.
    let one = of(booked[0]);
    let answer = apply(&lin, &[one]).await;
    let told = answer.text("[data-errors] li");
    assert!(
        told.starts_with(&format!("Extra0 Guest: room {let_room} is let to ")),
        "{told}"
    );
    assert_eq!(imprint(&app), before);
    // The page that says so shows what suits best now, and that can be applied.
    let fresh = moves(&answer);
    assert!(!fresh.is_empty());
    assert_eq!(apply(&lin, &fresh).await.status, 303);
    holds(&app);
}

async fn a_need_gets_the_one_room_that_keeps_it(app: TestApp) {
    let booked = app.book(3);
    build_in(&app, "0401", "step_free");
    ask(&app, booked[1], "step_free");
    let client = app.sign_in("lin").await;
    let page = client.see(HERE).await;
    let only = room_id(&app, "0401");
    let row = format!("#stay-{}", booked[1]);
    assert!(page.text(&format!("{row} .change")).ends_with("0401"));
    apply(&client, &moves(&page)).await;
    assert_eq!(room_of(&app, booked[1]), Some(only));
    // A second guest with the same need gets none, and the page says why.
    ask(&app, booked[2], "step_free");
    app.sql(|conn| {
        diesel::delete(room_nights::table.filter(room_nights::stay_id.eq(booked[2])))
            .execute(conn)?;
        diesel::update(stays::table.find(booked[2]))
            .set(stays::room_id.eq(None::<i64>))
            .execute(conn)
    });
    let page = client.see(HERE).await;
    let row = format!("#stay-{}", booked[2]);
    assert!(page.text(&row).contains("goes to guests who come first"));
    assert!(page.has(&format!("{row}.needs-care")));
    assert_eq!(room_of(&app, booked[1]), Some(only), "keeps its room");
}

async fn a_party_that_asks_for_it_gets_rooms_that_connect(app: TestApp) {
    let booked = app.book(2);
    let (one, other) = (room_id(&app, "0703"), room_id(&app, "0705"));
    app.sql(|conn| {
        let guest: i64 = stays::table
            .find(booked[0])
            .select(stays::guest_id)
            .first(conn)?;
        diesel::update(stays::table.find(booked[1]))
            .set(stays::guest_id.eq(guest))
            .execute(conn)?;
        diesel::insert_into(room_connections::table)
            .values((
                room_connections::room_id.eq(one.min(other)),
                room_connections::other_id.eq(one.max(other)),
            ))
            .execute(conn)
    });
    ask(&app, booked[0], "connecting_rooms");
    let client = app.sign_in("lin").await;
    let planned = moves(&client.see(HERE).await);
    let mut given: Vec<Option<i64>> = planned
        .iter()
        .filter(|it| booked.contains(&it.stay_id))
        .map(|it| it.to)
        .collect();
    given.sort_unstable();
    assert_eq!(given, [Some(one.min(other)), Some(one.max(other))]);
}

async fn a_locked_room_is_moved_by_nobody_until_it_is_unlocked(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1208");
    let kept = room_of(&app, stay);
    let rooms = format!("/stays/{stay}/room");
    let long = "x".repeat(201);
    let refused = client
        .post(&format!("{rooms}/lock"), &[("reason", &long)])
        .await;
    assert_eq!(refused.status, 422);
    assert!(refused.text("[data-errors] li").contains("at most 200"));
    let page = client
        .submit(&format!("{rooms}/lock"), &[("reason", "promised by phone")])
        .await;
    assert!(
        page.text(".locked .why")
            .starts_with("promised by phone · ")
    );
    assert!(!page.has("form.roomform"));
    let answer = client.post(&rooms, &[("room", "1204")]).await;
    assert_eq!(answer.status, 409);
    assert_eq!(
        answer.text("[data-errors] li"),
        "Room 1208 is locked for this guest: promised by phone. Unlock it first."
    );
    let other = client
        .post(&format!("/stays/{stay}/check-in"), &[("room", "1204")])
        .await;
    assert!(other.refusal().contains("locked"));
    let card = client.see(&format!("/stays/{stay}")).await;
    assert!(card.text("#room-h").contains("promised by phone"));
    assert!(!card.has(".best button"), "nothing to press");
    let page = client.see(HERE).await;
    let row = format!("#stay-{stay}");
    assert!(page.text(&row).contains("promised by phone"));
    // A plan made before the lock is refused by name.
    let forged = Move {
        stay_id: stay,
        from: kept,
        to: Some(room_id(&app, "1204")),
    };
    let answer = apply(&client, &[forged]).await;
    assert!(
        answer
            .text("[data-errors] li")
            .contains("room 1208 has been locked")
    );
    assert_eq!(room_of(&app, stay), kept);
    // Unlocked, it can be moved; the lock does not follow to the new room.
    let page = client
        .submit(&format!("{rooms}/unlock"), &[("back", HERE)])
        .await;
    assert!(page.has("table.assignment"));
    assert_eq!(
        client.post(&format!("{rooms}/unlock"), &[]).await.refusal(),
        "A colleague was quicker: the room is not locked any more."
    );
    client.submit(&rooms, &[("room", "1204")]).await;
    assert_ne!(room_of(&app, stay), kept);
    let nothing = client
        .post(&format!("/stays/{}/room/lock", app.arriving("Kim")), &[])
        .await;
    assert!(
        nothing
            .text("[data-errors] li")
            .contains("Choose one first")
    );
}

async fn an_assignment_that_was_overtaken_is_not_taken_back(app: TestApp) {
    app.book(4);
    let client = app.sign_in("lin").await;
    let planned = moves(&client.see(HERE).await);
    let flash = apply(&client, &planned).await.flash().unwrap();
    let first = planned[0];
    let number: String = app.sql(|conn| {
        let id = first.to.unwrap();
        diesel::update(rooms::table.find(id))
            .set(rooms::housekeeping.eq("clean"))
            .execute(conn)?;
        rooms::table.find(id).select(rooms::number).first(conn)
    });
    client
        .submit(
            &format!("/stays/{}/check-in", first.stay_id),
            &[("room", &number)],
        )
        .await;
    let before = imprint(&app);
    let answer = client.post(&flash.undo.unwrap(), &[]).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer
            .text("[data-errors] li")
            .contains("is in house by now")
    );
    assert_eq!(imprint(&app), before);
    let undone: Option<chrono::NaiveDateTime> = app.sql(|conn| {
        assignments::table
            .select(assignments::undone_at)
            .first(conn)
    });
    assert_eq!(undone, None);
}

async fn another_houses_assignment_does_not_exist(app: TestApp) {
    app.book(2);
    let (lin, sun) = (app.sign_in("lin").await, app.sign_in("sun").await);
    let planned = moves(&lin.see(HERE).await);
    let flash = apply(&lin, &planned).await.flash().unwrap();
    let before = imprint(&app);
    assert_eq!(sun.post(&flash.undo.unwrap(), &[]).await.status, 404);
    assert_eq!(apply(&sun, &planned).await.status, 404);
    assert_eq!(imprint(&app), before);
    assert!(!sun.see(HERE).await.body.contains("Extra0"));
}

async fn what_no_page_of_ours_sends_assigns_nothing(app: TestApp) {
    let booked = app.book(2);
    let client = app.sign_in("lin").await;
    let before = imprint(&app);
    let to = Some(room_id(&app, "0703"));
    let unplaced = |stay_id| Move {
        stay_id,
        from: None,
        to,
    };
    let nothing = apply(&client, &[]).await;
    assert_eq!(nothing.status, 409);
    assert!(
        nothing
            .text("[data-errors] li")
            .contains("nothing to change")
    );
    let twice = apply(&client, &[unplaced(booked[0]), unplaced(booked[0])]).await;
    assert_eq!(twice.status, 409);
    // One room for two.
    let both = apply(&client, &[unplaced(booked[0]), unplaced(booked[1])]).await;
    assert_eq!(both.status, 409);
    assert!(both.text("[data-errors] li").contains("stands twice"));
    for text in ["", "1:2", "one:two:three", "1:2:3:4"] {
        let answer = client.post(HERE, &[("moves", text)]).await;
        assert_eq!(answer.status, 400, "{text}");
    }
    let gone = client.post(HERE, &[("moves", "999999:0:1")]).await;
    assert_eq!(gone.status, 404);
    let yesterday = client
        .see(&format!("{HERE}?date={}", today().pred_opt().unwrap()))
        .await;
    assert!(!yesterday.has("[data-main]"));
    let over = apply(&client, &[unplaced(booked[0])]).await;
    assert!(over.text("[data-errors] li").contains("This day is over"));
    assert_eq!(imprint(&app), before);
    let stored: i64 = app.sql(|conn| assignment_moves::table.count().get_result(conn));
    assert_eq!(stored, 0);
}

async fn the_three_best_rooms_stand_on_the_card_and_one_key_moves_there(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.arriving("Kim");
    let path = format!("/stays/{stay}");
    let card = client.see(&path).await;
    assert_eq!(card.count("ol.bestrooms > li"), 3);
    assert!(card.text("button[data-key=r]").ends_with('R'));
    assert_eq!(card.attr("[data-main]", "data-key"), "m");
    let best = card.attr("ol.bestrooms > li:first-child input[name=room]", "value");
    let answer = client
        .post(&format!("{path}/room"), &[("room", &best)])
        .await;
    let undo = answer.flash().unwrap().undo.unwrap();
    assert_eq!(room_of(&app, stay), Some(room_id(&app, &best)));
    // In the best room there is nothing better: the key opens all rooms again.
    let card = client.see(&path).await;
    assert!(
        card.text("ol.bestrooms > li:first-child")
            .contains("the room now")
    );
    assert_eq!(card.attr("a[data-key=r]", "href"), format!("{path}/room"));
    let rooms = client.see(&format!("{path}/room")).await;
    assert_eq!(rooms.attrs(".best button", "data-key"), ["2", "3"]);
    let undone = client.post(&undo, &[]).await;
    assert_eq!(
        undone.flash().unwrap().text,
        "The reservation has no room again."
    );
    assert_eq!(room_of(&app, stay), None);
    holds(&app);
    // Too late: it has been moved since.
    client
        .submit(&format!("{path}/room"), &[("room", "1204")])
        .await;
    assert!(
        client
            .post(&undo, &[])
            .await
            .refusal()
            .contains("changed since")
    );
}

async fn a_room_that_breaks_a_need_is_shown_last_with_the_reason(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.book(1)[0];
    build_in(&app, "0401", "roll_in_shower");
    ask(&app, stay, "roll_in_shower");
    let page = client.see(&format!("/stays/{stay}/room")).await;
    let first = page.text("ol.bestrooms > li:first-child");
    assert!(first.starts_with("0401"), "{first}");
    let second = page.text("ol.bestrooms > li:nth-child(2)");
    assert!(second.contains("needs roll-in shower"), "{second}");
    assert!(page.has("li.best.broken button:not([data-key])"));
    // Somebody who stays too long where they are: the room is not free for anybody.
    app.sql(|conn| {
        diesel::update(
            stays::table.filter(stays::status.eq("in_house").and(stays::property_id.eq(1))),
        )
        .set((
            stays::room_id.eq(room_id_in(conn, "0401")?),
            stays::arrival.eq(today() - chrono::Days::new(3)),
            stays::departure.eq(today() - chrono::Days::new(1)),
        ))
        .execute(conn)
    });
    let page = client.see(&format!("/stays/{stay}/room")).await;
    assert!(
        !page
            .text("ol.bestrooms > li:first-child")
            .starts_with("0401")
    );
}

fn room_id_in(conn: &mut innkeeper::db::Conn, number: &str) -> QueryResult<i64> {
    rooms::table
        .filter(rooms::number.eq(number))
        .select(rooms::id)
        .first(conn)
}

async fn a_day_is_assigned_and_a_guest_moved_by_keyboard_in_english(app: TestApp) {
    walk_by_keyboard(
        app,
        "en",
        "The room is now",
        "All rooms are as they were before.",
    )
    .await;
}

async fn a_day_is_assigned_and_a_guest_moved_by_keyboard_in_chinese(app: TestApp) {
    walk_by_keyboard(app, "zh-CN", "房间", "所有房间都恢复原样。").await;
}

/// From the arrivals to the card, the best room by one key and back, then the whole day and back.
async fn walk_by_keyboard(app: TestApp, language: &str, moved: &str, undone: &str) {
    let stay = app.arriving("Kim");
    let browser = Browser::open(true).await;
    browser.sign_in(&app, "lin").await;
    if language != "en" {
        browser
            .click(&format!(".langs button[value={language}]"))
            .await;
    }
    browser.find(&format!("html[lang={language}]")).await;
    let before = imprint(&app);
    browser.press("/").await;
    browser.press("kim").await;
    browser
        .find("#q-list [role=option][aria-selected=true] mark")
        .await;
    browser.press(Key::Enter + "").await;
    browser.is_at(&format!("/stays/{stay}")).await;
    let best = browser.find("ol.bestrooms > li button[data-key=r]").await;
    let label = best.text().await.unwrap();
    browser.press("r").await;
    browser.says(".flash p", moved).await;
    let number: String = app.sql(|conn| {
        stays::table
            .inner_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .filter(stays::id.eq(stay))
            .select(rooms::number)
            .first(conn)
    });
    assert!(label.contains(&number), "{label} led to {number}");
    browser.press("u").await;
    browser.find("ol.bestrooms > li button[data-key=r]").await;
    assert_eq!(imprint(&app), before);
    // The day as a whole.
    browser.press("ga").await;
    browser.is_at("/arrivals").await;
    browser.press("a").await;
    browser.is_at(HERE).await;
    browser.find("tbody tr.changes").await;
    browser.press(Key::Enter + "").await;
    browser.is_at("/arrivals").await;
    browser.find(".flash button[data-key=u]").await;
    assert!(room_of(&app, stay).is_some());
    browser.press("u").await;
    browser.says(".flash p", undone).await;
    assert_eq!(imprint(&app), before);
    browser.close().await;
}
