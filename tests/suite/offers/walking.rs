//! The regular's reward in a real browser: from the card to what it earned, by keys alone.

use innkeeper::offers::State;

use super::{room_of, states};
use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::on_both;

on_both!(
    a_clerk_offers_from_card_to_report_in_english,
    a_clerk_offers_from_card_to_report_in_chinese,
);

/// What the walk reads on its way.
struct Said {
    language: &'static str,
    held: &'static str,
    taken: &'static str,
    undone: &'static str,
    declined: &'static str,
    price: &'static str,
    counted: &'static str,
}

async fn a_clerk_offers_from_card_to_report_in_english(app: TestApp) {
    let said = Said {
        language: "en",
        held: "held for you until",
        taken: "On the folio: ¥560",
        undone: "Taken back",
        declined: "declined: too dear",
        price: "+¥560",
        counted: "Offers by week",
    };
    walk(app, &said).await;
}

async fn a_clerk_offers_from_card_to_report_in_chinese(app: TestApp) {
    let said = Said {
        language: "zh-CN",
        held: "为您保留到",
        taken: "记入账单：¥560",
        undone: "已撤回",
        declined: "谢绝：太贵",
        price: "加 ¥560",
        counted: "每周推荐",
    };
    walk(app, &said).await;
}

async fn walk(app: TestApp, said: &Said) {
    let browser = Browser::open(true).await;
    browser.sign_in(&app, "zhou").await;
    if said.language != "en" {
        browser.click(".langs button[value=zh-CN]").await;
    }
    browser.find(&format!("html[lang={}]", said.language)).await;
    let stay = app.stay_in("0605");
    browser.find(&format!("#stay-{stay} .pill.offer")).await;
    browser.goto(&app, &format!("/stays/{stay}")).await;
    browser
        .says("#offers .perk:first-of-type", said.price)
        .await;
    // One key holds it, the same key takes it, and one takes it back.
    browser.press("o").await;
    browser.says("#offers .held .why", said.held).await;
    browser.press("o").await;
    browser.says(".flash p", said.taken).await;
    assert_eq!(room_of(&app, stay).1, "RS");
    browser.press("u").await;
    browser.says(".flash p", said.undone).await;
    assert_eq!(room_of(&app, stay).0, "0605");
    // Offered again, and declined with a reason.
    browser.press("o").await;
    browser.find("#offers .held").await;
    browser.press("d").await;
    browser.find("#offers .held details[open]").await;
    browser.press("1").await;
    browser
        .says("#offers .perk.muted .why", said.declined)
        .await;
    assert_eq!(states(&app, stay), [State::Undone, State::Declined]);
    // What it all earned.
    browser.press("g").await;
    browser.press("o").await;
    browser.is_at("/offers").await;
    browser.says("figure h2", said.counted).await;
    browser.find("#by-clerk tbody tr").await;
    browser.close().await;
}
