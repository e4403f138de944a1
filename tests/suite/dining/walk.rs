//! Scene 2 in a real browser, on a tablet, with fingers: from the check-in to the card of the next visit.

use diesel::prelude::*;
use innkeeper::db::schema::dishes;
use innkeeper::dining::Status;
use innkeeper::stays::Status as StayStatus;

use super::{STAND, before_the_night_ends, counts, newest, status, tables_of};
use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    a_regular_is_walked_from_bed_to_table_and_back_in_english,
    a_regular_is_walked_from_bed_to_table_and_back_in_chinese,
);

/// What the walk reads on its way.
struct Said {
    language: &'static str,
    size: (u32, u32),
    held: &'static str,
    name: &'static str,
    allergy: &'static str,
    sits: &'static str,
    bass: &'static str,
    noted: &'static str,
    free: &'static str,
    eaten: &'static str,
    usual: &'static str,
}

async fn a_regular_is_walked_from_bed_to_table_and_back_in_english(app: TestApp) {
    let said = Said {
        language: "en",
        size: (820, 1180),
        held: "T4 is held for ",
        name: "Ms Ouyang, table for 2",
        allergy: "ALLERGY Peanut · tell the kitchen",
        sits: "sits at T4.",
        bass: "Steamed sea bass",
        noted: "Noted: Steamed sea bass.",
        free: "T4 is free again.",
        eaten: "5 of 9",
        usual: "7 of 9",
    };
    walk(app, &said).await;
}

async fn a_regular_is_walked_from_bed_to_table_and_back_in_chinese(app: TestApp) {
    let said = Said {
        language: "zh-CN",
        size: (1180, 820),
        held: "T4",
        name: "欧阳",
        allergy: "花生",
        sits: "已入座 T4。",
        bass: "清蒸鲈鱼",
        noted: "已记：清蒸鲈鱼。",
        free: "T4 已空出。",
        eaten: "中有 5 次",
        usual: "中有 7 次",
    };
    walk(app, &said).await;
}

/// A page that a host touches is for everybody, and for fingers.
async fn is_for_fingers(browser: &Browser) {
    let at = browser.driver.current_url().await.unwrap();
    let found = browser.violations().await;
    assert!(found.is_empty(), "{at}: {found:#?}");
    let small = browser.small_targets().await;
    assert!(small.is_empty(), "{at}: {small:#?}");
}

/// Two letters at the stand, and a tap on who is meant.
async fn find(browser: &Browser, guest: &str) {
    browser.tap("#q").await;
    browser.press("ou").await;
    browser
        .tap(&format!("#q-list a[role=option][href$='guest={guest}']"))
        .await;
}

async fn counted(app: &TestApp, browser: &Browser, said: &Said) {
    let told = browser.says(".hello .muted", " · ").await;
    assert!(counts(app, said.language.parse().unwrap(), &told), "{told}");
}

async fn walk(app: TestApp, said: &Said) {
    before_the_night_ends(&app);
    let browser = Browser::open(true).await;
    browser.become_tablet(said.size.0, said.size.1).await;
    browser.sign_in(&app, "lin").await;
    if said.language != "en" {
        browser.tap(".langs button[value=zh-CN]").await;
    }
    browser.find(&format!("html[lang={}]", said.language)).await;
    // At the desk: checked in, and their table kept for the evening in one key.
    let stay = app.stay_in(REGULAR);
    browser.goto(&app, &format!("/stays/{stay}")).await;
    browser.tap(".primaryform button").await;
    browser.says(".flash p", REGULAR).await;
    assert_eq!(app.status_of(stay), StayStatus::InHouse);
    browser.press("t").await;
    browser.says(".flash p", said.held).await;
    let visit = newest(&app);
    assert_eq!(status(&app, visit), Status::Held);
    assert_eq!(tables_of(&app, visit), ["T4"]);
    // At the stand: two letters, and what must be said and must not go wrong.
    browser.driver.delete_all_cookies().await.unwrap();
    browser.sign_in(&app, "marco").await;
    if said.language != "en" {
        browser.tap(".langs button[value=zh-CN]").await;
    }
    browser.find(&format!("html[lang={}]", said.language)).await;
    browser.goto(&app, STAND).await;
    browser.find(".sizes").await;
    is_for_fingers(&browser).await;
    let guest = app.guest_of(stay);
    find(&browser, &guest).await;
    browser.says("h1#who", said.name).await;
    counted(&app, &browser, said).await;
    browser.says(".band.allergy strong", said.allergy).await;
    browser.says(".hostcard .fit", "T4").await;
    is_for_fingers(&browser).await;
    browser.tap(".hostcard button[data-main]").await;
    browser.says(".flash p", said.sits).await;
    // The table that was held is the one they sit at.
    assert_eq!(newest(&app), visit);
    assert_eq!(status(&app, visit), Status::Seated);
    is_for_fingers(&browser).await;
    // What they eat, by one tap; and they go.
    browser.tap(".hostcard a[href$='/orders']").await;
    browser.says(".orders article.card", said.bass).await;
    is_for_fingers(&browser).await;
    let bass = dish(&app, "BAS");
    browser
        .tap(&format!(".picks button[name=dish][value='{bass}']"))
        .await;
    browser.says(".flash p", said.noted).await;
    is_for_fingers(&browser).await;
    browser.tap("a[data-back]").await;
    browser.tap(".hostcard form[action$='/leave'] button").await;
    browser.says(".flash p", said.free).await;
    assert_eq!(status(&app, visit), Status::Left);
    // The next time, that is part of what is known.
    find(&browser, &guest).await;
    browser.says("h1#who", said.name).await;
    counted(&app, &browser, said).await;
    let likes = browser.says("ul.likes", said.bass).await;
    assert!(
        likes.contains(said.eaten) && likes.contains(said.usual),
        "{likes}"
    );
    // And the desk hears of it.
    browser.driver.delete_all_cookies().await.unwrap();
    browser.sign_in(&app, "lin").await;
    browser.goto(&app, &format!("/stays/{stay}")).await;
    let table = "section[aria-labelledby=table-h]";
    let known = browser.says(table, &format!("{} 5×", said.bass)).await;
    assert!(
        known.contains("T4") && known.contains(said.usual),
        "{known}"
    );
    browser.close().await;
}

/// A dish of the menu, by the till's code.
pub fn dish(app: &TestApp, code: &str) -> i64 {
    app.sql(|conn| {
        dishes::table
            .filter(dishes::code.eq(code))
            .select(dishes::id)
            .first(conn)
    })
}
