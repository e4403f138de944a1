//! In a real browser: a clerk's walk by keyboard, without JavaScript too, and boards that live.

use diesel::prelude::*;
use innkeeper::db::schema::{rooms, stays};
use innkeeper::stays::Status;
use thirtyfour::Key;

use crate::support::app::TestApp;
use crate::support::browser::{Browser, until};
use crate::support::on_both;

on_both!(
    a_clerk_walks_from_sign_in_to_check_out_by_keyboard_in_english,
    a_clerk_walks_from_sign_in_to_check_out_by_keyboard_in_chinese,
    a_clerk_walks_from_sign_in_to_check_out_without_javascript,
    a_colleagues_check_in_appears_without_reload,
);

/// What the walk reads on its way.
struct Said {
    language: &'static str,
    back: &'static str,
    wish: &'static str,
    noted: &'static str,
    arrived: &'static str,
    moved: &'static str,
    points: &'static str,
}

const ENGLISH: Said = Said {
    language: "en",
    back: "Welcome back",
    wish: "Extra pillow",
    noted: "Extra pillow",
    arrived: "is checked in to 1501",
    moved: "The room is now",
    points: "1,200",
};

const CHINESE: Said = Said {
    language: "zh-CN",
    back: "欢迎",
    wish: "加枕头",
    noted: "加枕头",
    arrived: "1501",
    moved: "14",
    points: "1,200",
};

fn room_of(app: &TestApp, stay: i64) -> String {
    app.sql(|conn| {
        stays::table
            .inner_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .filter(stays::id.eq(stay))
            .select(rooms::number)
            .first(conn)
    })
}

async fn a_clerk_walks_from_sign_in_to_check_out_by_keyboard_in_english(app: TestApp) {
    walk_by_keyboard(app, &ENGLISH).await;
}

async fn a_clerk_walks_from_sign_in_to_check_out_by_keyboard_in_chinese(app: TestApp) {
    walk_by_keyboard(app, &CHINESE).await;
}

async fn walk_by_keyboard(app: TestApp, said: &Said) {
    let browser = Browser::open(true).await;
    browser.sign_in(&app, "lin").await;
    if said.language != "en" {
        browser.click(".langs button[value=zh-CN]").await;
    }
    browser.find(&format!("html[lang={}]", said.language)).await;
    browser.is_at("/arrivals").await;
    // Find the guest: a key, some letters, Enter.
    let stay = app.stay_in("1501");
    browser.press("/").await;
    browser.press("müll").await;
    browser
        .find("#q-list [role=option][aria-selected=true] mark")
        .await;
    browser.press(Key::Enter + "").await;
    browser.is_at(&format!("/stays/{stay}")).await;
    // Read the card.
    browser.says("h1", said.back).await;
    browser.says(".names .own", "Hans-Peter Müller").await;
    // Note what was overheard.
    browser.press("p").await;
    browser.find("details.fold[open] #pw:focus").await;
    browser.press(said.wish).await;
    // Past strength and place to the button: Enter in the field may only close the list of words.
    for _ in 0..3 {
        browser.press(Key::Tab + "").await;
    }
    browser
        .find("details.fold[open] button[type=submit]:focus")
        .await;
    browser.press(Key::Enter + "").await;
    browser.says(".flash p", said.noted).await;
    // Check in.
    browser.press("c").await;
    browser.says(".flash p", said.arrived).await;
    assert_eq!(app.status_of(stay), Status::InHouse);
    // Another room: the first that is offered.
    browser.press("r").await;
    browser.find("form.roomform").await;
    browser.press("j").await;
    let first = browser.find("tr[data-row] button:focus").await;
    let label = first.text().await.unwrap();
    browser.press(Key::Enter + "").await;
    browser.is_at(&format!("/stays/{stay}")).await;
    browser.says(".flash p", said.moved).await;
    let room = room_of(&app, stay);
    assert!(
        label.contains(&room) && room != "1501",
        "{label} led to {room}"
    );
    // Check out with what the stay cost.
    browser.press("c").await;
    let amount = browser.find("#room").await;
    amount.clear().await.unwrap();
    amount.send_keys("1200").await.unwrap();
    amount.send_keys(Key::Enter + "").await.unwrap();
    browser.says(".flash p", said.points).await;
    assert_eq!(app.status_of(stay), Status::Departed);
    // See the points.
    browser.press("v").await;
    browser.is_at("/guests/").await;
    browser.says("main", "49,410").await;
    browser.close().await;
}

async fn a_clerk_walks_from_sign_in_to_check_out_without_javascript(app: TestApp) {
    let browser = Browser::open(false).await;
    browser.sign_in(&app, "lin").await;
    browser.is_at("/arrivals").await;
    // Nothing that only a script could serve is offered as if it worked: the help is a page.
    let stay = app.stay_in("1501");
    let q = browser.find("#q").await;
    q.send_keys("müller").await.unwrap();
    q.send_keys(Key::Enter + "").await.unwrap();
    browser.is_at("/search").await;
    browser.click(&format!("a.hit[href='/stays/{stay}']")).await;
    browser.says("h1", "Welcome back").await;
    browser.click("summary[data-key=p]").await;
    browser
        .find("#pw")
        .await
        .send_keys("extra pillow")
        .await
        .unwrap();
    browser
        .click("details.fold[open] button[type=submit]")
        .await;
    browser.says(".flash p", "Extra pillow").await;
    browser.click(".primaryform button").await;
    browser.says(".flash p", "is checked in to 1501").await;
    browser.click(".actionbar a[href$='/room']").await;
    browser.find("#room").await.send_keys("1204").await.unwrap();
    browser.click("form.roomform button").await;
    browser.says(".flash p", "The room is now 1204").await;
    browser.click(".actionbar a.primary").await;
    let amount = browser.find("#room").await;
    amount.clear().await.unwrap();
    amount.send_keys("1200").await.unwrap();
    browser.click("button[data-main]").await;
    browser.says(".flash p", "1,200 points were posted").await;
    assert_eq!(app.status_of(stay), Status::Departed);
    browser.click("a[data-key=v]").await;
    browser.says("main", "49,410").await;
    // The language, too.
    browser.click(".langs button[value=zh-CN]").await;
    browser.find("html[lang=zh-CN]").await;
    browser.close().await;
}

async fn a_colleagues_check_in_appears_without_reload(app: TestApp) {
    let browser = Browser::open(true).await;
    browser.sign_in(&app, "lin").await;
    let stay = app.stay_in("1501");
    let row = format!("#stay-{stay} .c-act");
    browser.says(&row, "Check in").await;
    // The board listens before the colleague acts; its mark would not outlive a reload.
    let mark = "document.body.dataset.mark = 'here'";
    browser.driver.execute(mark, Vec::new()).await.unwrap();
    until("the board to listen", async || {
        let metrics = app.visitor().get("/metrics").await.body;
        let open = metrics.contains("route=\"/live\"");
        open.then_some(())
    })
    .await;
    let colleague = app.sign_in("zhou").await;
    colleague.see("/arrivals?property=RIV").await;
    let form = [("room", "1501")];
    colleague
        .submit(&format!("/stays/{stay}/check-in"), &form)
        .await;
    browser.says(&row, "In house").await;
    browser.find("body[data-mark=here]").await;
    browser.close().await;
}
