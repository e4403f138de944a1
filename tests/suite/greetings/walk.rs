//! A guest in a real browser, on a small phone and without JavaScript: stops letters, comes back, and puts right what is known.

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{consents, guests, preferences, suppressions};
use innkeeper::greetings::links::{self, Purpose};
use thirtyfour::Key;

use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::on_both;
use crate::support::sitemap;
use crate::support::world::keys;

on_both!(
    a_guest_stops_letters_and_comes_back_in_english,
    a_guest_stops_letters_and_comes_back_in_chinese,
    a_guest_puts_right_what_is_known_in_english,
    a_guest_puts_right_what_is_known_in_chinese,
);

/// What the walk reads on its way.
struct Said {
    language: &'static str,
    letters: &'static str,
    gets: &'static str,
    stopped: &'static str,
    stands: &'static str,
    resumed: &'static str,
    known: &'static str,
    confirmed: &'static str,
    wish: &'static str,
    noted: &'static str,
    unknown: &'static str,
    removed: &'static str,
}

const ENGLISH: Said = Said {
    language: "en",
    letters: "Letters to you",
    gets: "You get these letters.",
    stopped: "these letters no longer come",
    stands: "You do not get these letters.",
    resumed: "Welcome back",
    known: "What we know about you",
    confirmed: "it is confirmed",
    wish: "extra pillow",
    noted: "Extra pillow",
    unknown: "wxyz",
    removed: "It is removed.",
};

const CHINESE: Said = Said {
    language: "zh-CN",
    letters: "您的信件设置",
    gets: "您目前会收到此类信件。",
    stopped: "此类信件从现在起不再寄送",
    stands: "您目前不会收到此类信件。",
    resumed: "欢迎回来",
    known: "我们记录的您的资料",
    confirmed: "谢谢，已确认。",
    wish: "加枕头",
    noted: "加枕头",
    unknown: "哈哈哈",
    removed: "已删除。",
};

async fn a_guest_stops_letters_and_comes_back_in_english(app: TestApp) {
    stop_and_come_back(app, &ENGLISH).await;
}

async fn a_guest_stops_letters_and_comes_back_in_chinese(app: TestApp) {
    stop_and_come_back(app, &CHINESE).await;
}

async fn a_guest_puts_right_what_is_known_in_english(app: TestApp) {
    put_right(app, &ENGLISH).await;
}

async fn a_guest_puts_right_what_is_known_in_chinese(app: TestApp) {
    put_right(app, &CHINESE).await;
}

/// A phone; the page must not be wider than it.
async fn phone() -> Browser {
    let browser = Browser::open(false).await;
    browser
        .driver
        .set_window_rect(0, 0, 500, 800)
        .await
        .unwrap();
    browser
}

/// Says no and yes on record, in order.
fn words(app: &TestApp) -> Vec<(String, bool)> {
    app.sql(|conn| {
        consents::table
            .filter(consents::source.eq("guest"))
            .order(consents::id)
            .select((consents::purpose, consents::granted))
            .load(conn)
    })
}

async fn stop_and_come_back(app: TestApp, said: &Said) {
    let letter = sitemap::letter(&app);
    let token = links::token(&keys(), Purpose::Unsubscribe, &letter);
    let browser = phone().await;
    browser.goto(&app, &format!("/unsubscribe/{token}")).await;
    // The letter was Chinese; the page speaks whichever is chosen.
    browser.says("h1", CHINESE.letters).await;
    browser
        .click(&format!(".langs a[lang={}]", said.language))
        .await;
    browser.says("h1", said.letters).await;
    browser.says(".choices-list li", said.gets).await;
    assert_eq!(words(&app), []);
    // By keyboard: the button for greetings, Enter.
    let stop = browser.find("button[value=greetings]").await;
    stop.send_keys(Key::Enter + "").await.unwrap();
    browser.says(".flash", said.stopped).await;
    browser.says(".choices-list li", said.stands).await;
    assert_eq!(words(&app), [("greetings".into(), false)]);
    // All of them.
    browser.click("button[value=all]").await;
    browser
        .says(".choices-list li:nth-child(2)", said.stands)
        .await;
    // And back.
    browser.click("button[name=resume][value=greetings]").await;
    browser.says(".flash", said.resumed).await;
    browser.says(".choices-list li", said.gets).await;
    let expected = [
        ("greetings", false),
        ("marketing", false),
        ("greetings", true),
    ];
    assert_eq!(
        words(&app),
        expected.map(|(purpose, granted)| (purpose.to_owned(), granted))
    );
    let standing: Vec<Option<String>> = app.sql(|conn| {
        suppressions::table
            .filter(suppressions::lifted_at.is_null())
            .select(suppressions::purpose)
            .load(conn)
    });
    assert_eq!(standing, [Some("marketing".to_owned())]);
    browser.close().await;
}

/// The wishes of the regular that the guest stated.
fn stated(app: &TestApp) -> Vec<(String, bool)> {
    app.sql(|conn| {
        preferences::table
            .inner_join(guests::table)
            .filter(guests::family_name.eq("Ouyang"))
            .filter(preferences::code.eq("extra_pillow"))
            .filter(preferences::source.eq("stated"))
            .select((preferences::code, preferences::retired_at.is_null()))
            .load(conn)
    })
}

async fn put_right(app: TestApp, said: &Said) {
    let letter = sitemap::letter(&app);
    let until = clock::now() + TimeDelta::days(1);
    let token = links::token_until(&keys(), Purpose::Me, &letter, until);
    let browser = phone().await;
    browser.goto(&app, &format!("/me/{token}")).await;
    browser.says("h1", CHINESE.known).await;
    browser
        .click(&format!(".langs a[lang={}]", said.language))
        .await;
    browser.says("h1", said.known).await;
    // What is still right.
    browser.click("button[name=confirm]").await;
    browser.says(".flash", said.confirmed).await;
    // What nobody knows is said beside its field, and kept.
    let wish = browser.find("#wish").await;
    wish.send_keys(said.unknown).await.unwrap();
    wish.send_keys(Key::Enter + "").await.unwrap();
    browser.says("#wish-d", said.unknown).await;
    let wish = browser.find("#wish").await;
    wish.clear().await.unwrap();
    wish.send_keys(said.wish).await.unwrap();
    wish.send_keys(Key::Enter + "").await.unwrap();
    browser.says("main", said.noted).await;
    browser.find("#wish:not([aria-invalid])").await;
    assert_eq!(stated(&app), [("extra_pillow".to_owned(), true)]);
    // A colleague's card knows it at once, as what the guest said.
    let lin = app.sign_in("lin").await;
    let stay = app.stay_in(sitemap::REGULAR);
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(card.body.contains("Extra pillow"));
    // An address that is no longer theirs.
    browser.click("button[name=forget]").await;
    browser.says(".flash", said.removed).await;
    browser.close().await;
}
