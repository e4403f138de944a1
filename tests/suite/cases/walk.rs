//! Scene 8 in a real browser, by keyboard: from the complaint to the follow-up.

use thirtyfour::Key;

use innkeeper::cases::Case;
use innkeeper::stays::Status;

use super::newest;
use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::on_both;

on_both!(
    a_complaint_is_walked_to_its_follow_up_by_keyboard_in_english,
    a_complaint_is_walked_to_its_follow_up_by_keyboard_in_chinese,
);

/// What the walk reads on its way.
struct Said {
    language: &'static str,
    apologise: &'static str,
    given: &'static str,
    closed: &'static str,
    follow_up: &'static str,
    done: &'static str,
}

async fn a_complaint_is_walked_to_its_follow_up_by_keyboard_in_english(app: TestApp) {
    let said = Said {
        language: "en",
        apologise: "apologise first",
        given: "Given: Afternoon tea for two",
        closed: "is closed",
        follow_up: "Ask whether it is put right: Cold bath water",
        done: "Done: Ask whether it is put right",
    };
    walk(app, &said).await;
}

async fn a_complaint_is_walked_to_its_follow_up_by_keyboard_in_chinese(app: TestApp) {
    let said = Said {
        language: "zh-CN",
        apologise: "先致歉",
        given: "已给予：双人下午茶",
        closed: "已结案",
        follow_up: "回访是否已妥善解决：Cold bath water",
        done: "已完成：回访是否已妥善解决",
    };
    walk(app, &said).await;
}

async fn tab(browser: &Browser, times: usize) {
    for _ in 0..times {
        browser.press(Key::Tab + "").await;
    }
}

async fn walk(app: TestApp, said: &Said) {
    let browser = Browser::open(true).await;
    browser.sign_in(&app, "lin").await;
    if said.language != "en" {
        browser.click(".langs button[value=zh-CN]").await;
    }
    browser.find(&format!("html[lang={}]", said.language)).await;
    // A complaint, from the card: a key, a sentence, Enter.
    let stay = app.arriving("Nguyễn");
    browser.goto(&app, &format!("/stays/{stay}")).await;
    browser.press("i").await;
    browser.find("details.fold[open] #summary:focus").await;
    browser.press("Cold bath water").await;
    // It is no great thing: the arrow chooses the gravity.
    tab(&browser, 1).await;
    browser.press(Key::Left + "").await;
    browser.press(Key::Enter + "").await;
    browser.says(".flash p", ":").await;
    let case = newest(&app);
    assert_eq!(case.summary, "Cold bath water");
    assert_eq!(case.severity.as_str(), "minor");
    assert_eq!(case.room.as_deref(), Some("0702"));
    // At the arrival it stands on the board, and first on the card.
    browser.goto(&app, "/arrivals").await;
    browser
        .says(&format!("#stay-{stay} .c-alerts"), "Cold bath water")
        .await;
    browser.goto(&app, &format!("/stays/{stay}")).await;
    browser.says(".band.attend", said.apologise).await;
    // What the house proposes, in one key.
    browser.press("s").await;
    browser.says(".flash p", said.given).await;
    // Checked in, and to the case's page to close it.
    browser.press("c").await;
    browser.says(".flash p", "0702").await;
    assert_eq!(app.status_of(stay), Status::InHouse);
    browser.press("f").await;
    browser.is_at(&format!("/cases/{}", case.id)).await;
    browser.press("c").await;
    browser.find("details.fold[open] #resolution:focus").await;
    browser.press("Boiler reset").await;
    // Past the outcome and the guest's words to the button.
    tab(&browser, 3).await;
    browser
        .find("details.fold[open] button[type=submit]:focus")
        .await;
    browser.press(Key::Enter + "").await;
    browser.says(".flash p", said.closed).await;
    let closed = app.sql(|conn| Case::by_id(conn, case.id)).unwrap();
    assert_eq!(closed.resolution.as_deref(), Some("Boiler reset"));
    // Nobody asked the guest yet: that is a task, done by keyboard.
    browser.press("g").await;
    browser.press("t").await;
    browser.is_at("/tasks").await;
    browser.goto(&app, "/tasks?show=team").await;
    browser.says("table.work", said.follow_up).await;
    let row = browser.find("tr[data-row]:last-of-type a.open").await;
    row.focus().await.unwrap();
    browser.press("d").await;
    browser.says(".flash p", said.done).await;
    browser.close().await;
}
