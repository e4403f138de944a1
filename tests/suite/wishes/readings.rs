//! A booking's own words: read, confirmed or dismissed by the clerk, and never taken by themselves.

use diesel::prelude::*;
use innkeeper::db::schema::{preferences, stay_readings, stays};
use innkeeper::guests::preferences::{Source, Strength};

use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::on_both;
use crate::support::world::On;

on_both!(
    words_are_read_into_wishes_and_nothing_is_stored,
    what_is_confirmed_becomes_a_wish_the_guest_stated,
    what_is_dismissed_is_not_asked_again_and_can_be_taken_back,
    who_comes_second_is_told_so,
    chinese_words_are_read_in_both_languages,
);

const ITEMS: &str = "[aria-labelledby=readings-h] li > span";

fn stated(app: &TestApp, stay: i64) -> Vec<(String, Strength, Option<String>)> {
    app.sql(|conn| {
        preferences::table
            .filter(preferences::noted_stay_id.eq(stay))
            .filter(preferences::source.eq(Source::Stated))
            .filter(preferences::retired_at.is_null())
            .select((preferences::code, preferences::strength, preferences::note))
            .load(conn)
    })
}

async fn words_are_read_into_wishes_and_nothing_is_stored(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Kim");
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert_eq!(
        card.all(ITEMS),
        ["Quiet room", "Away from the lift", "Feather-free bedding"]
    );
    assert!(card.body.contains("Quiet room away from the lift please"));
    assert_eq!(stated(&app, stay), []);
    // Of two buttons a reading, the first reading's have keys.
    assert_eq!(card.count(".readings [data-key]"), 2);
    // A bicycle is no word of the vocabulary: there is nothing to ask.
    let smith = lin.see(&format!("/stays/{}", app.arriving("Smith"))).await;
    assert!(!smith.has(".readings"));
}

async fn what_is_confirmed_becomes_a_wish_the_guest_stated(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Kim");
    let path = format!("/stays/{stay}/readings/feather_free_pillow/confirm");
    let card = lin.submit(&path, &[]).await;
    assert_eq!(card.text(".flash p"), "Noted: feather-free bedding.");
    assert_eq!(card.all(ITEMS), ["Quiet room", "Away from the lift"]);
    let words = "Quiet room away from the lift please and no feather pillows";
    assert_eq!(
        stated(&app, stay),
        [(
            "feather_free_pillow".to_owned(),
            Strength::Must,
            Some(words.to_owned())
        )]
    );
    assert!(
        card.all("li.wish")
            .iter()
            .any(|wish| wish.starts_with("Feather-free bedding")),
        "{:?}",
        card.all("li.wish")
    );
    let undo = format!("/stays/{stay}/readings/feather_free_pillow/reopen");
    let card = lin.submit(&undo, &[]).await;
    assert_eq!(stated(&app, stay), []);
    assert_eq!(card.count(ITEMS), 3);
}

async fn what_is_dismissed_is_not_asked_again_and_can_be_taken_back(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Kim");
    let dismiss = format!("/stays/{stay}/readings/quiet_room/dismiss");
    let card = lin.submit(&dismiss, &[]).await;
    assert_eq!(
        card.all(ITEMS),
        ["Away from the lift", "Feather-free bedding"]
    );
    assert_eq!(
        card.text(".flash p"),
        "Not meant: quiet room. It is not asked again for this stay."
    );
    assert_eq!(stated(&app, stay), []);
    let card = lin
        .submit(&format!("/stays/{stay}/readings/quiet_room/reopen"), &[])
        .await;
    assert_eq!(card.count(ITEMS), 3);
}

async fn who_comes_second_is_told_so(app: TestApp) {
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    let stay = app.arriving("Kim");
    let confirm = format!("/stays/{stay}/readings/quiet_room/confirm");
    lin.submit(&confirm, &[]).await;
    let answer = zhou.post(&confirm, &[]).await;
    assert!(
        answer
            .refusal()
            .starts_with("Nothing is to be decided there")
    );
    let count: i64 = app.sql(|conn| stay_readings::table.count().get_result(conn));
    assert_eq!((count, stated(&app, stay).len()), (1, 1));
    // What no words ask for can't be confirmed, nor what is not a word at all.
    for code in ["bathtub", "nonsense", "%F0%9F%98%80"] {
        let path = format!("/stays/{stay}/readings/{code}/confirm");
        assert!(!lin.post(&path, &[]).await.flash().unwrap().ok, "{code}");
    }
    // A booking whose words changed in the meantime is read anew.
    app.sql(|conn| {
        diesel::update(stays::table.find(stay))
            .set(stays::requests.eq("no high floor; bathtub"))
            .execute(conn)
    });
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert_eq!(card.all(ITEMS), ["avoids High floor"]);
}

async fn chinese_words_are_read_in_both_languages(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let path = format!("/stays/{}", app.arriving("Nguyễn"));
    let card = lin.see(&path).await;
    assert_eq!(
        card.all(ITEMS),
        ["High floor", "Away from the lift", "Extra blanket"]
    );
    lin.submit("/account/manner", &[("language", "zh-CN")])
        .await;
    let card = lin.see(&path).await;
    assert_eq!(card.all(ITEMS), ["高楼层", "远离电梯", "加被子"]);
}

#[test]
fn a_reading_is_confirmed_by_one_key() {
    crate::support::app::run(On::Sqlite, async |app| {
        let stay = app.arriving("Kim");
        let browser = Browser::open(true).await;
        browser.sign_in(&app, "lin").await;
        browser.goto(&app, &format!("/stays/{stay}")).await;
        browser.press("y").await;
        browser.says(".flash p", "Noted: quiet room.").await;
        browser.press("z").await;
        browser
            .says(".flash p", "Not meant: away from the lift.")
            .await;
        assert_eq!(stated(&app, stay).len(), 1);
        browser.close().await;
    });
}
