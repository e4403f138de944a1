//! A guest's no and yes, by the link in a letter.

use diesel::prelude::*;
use innkeeper::db::schema::{consents, greetings};
use innkeeper::greetings::plan::WhyNot;
use innkeeper::greetings::{State, links};
use innkeeper::guests::profile::NewProfile;

use super::{house, invite, plan, plan_on, send, somebody, states};
use crate::support::app::TestApp;
use crate::support::on_both_empty;
use crate::support::smtp::Smtp;
use crate::support::world::keys;

on_both_empty!(
    looking_at_the_link_changes_nothing,
    one_click_stops_the_letters_at_once_and_for_the_mailbox,
    a_guest_stops_by_purpose_or_all_and_comes_back,
    a_link_we_did_not_make_opens_nothing,
);

/// The link of the only letter, as it arrived.
fn link(server: &Smtp) -> String {
    let list = server.taken()[0].header("List-Unsubscribe").unwrap();
    let link = list.trim_matches(['<', '>']);
    link.strip_prefix("https://hotel.example")
        .unwrap()
        .to_owned()
}

fn sent(app: &TestApp) -> String {
    house(app);
    invite(app, &[somebody("Ada")]);
    plan(app);
    let server = Smtp::start();
    send(app, &server);
    link(&server)
}

fn said(app: &TestApp) -> Vec<(String, bool, String, Option<String>)> {
    app.sql(|conn| {
        consents::table
            .filter(consents::source.eq("guest"))
            .order(consents::id)
            .select((
                consents::purpose,
                consents::granted,
                consents::source,
                consents::wording,
            ))
            .load(conn)
    })
}

async fn looking_at_the_link_changes_nothing(app: TestApp) {
    let link = sent(&app);
    let page = app.visitor().get(&link).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Letters to you") && page.body.contains("ada@example.com"));
    let chinese = app.visitor().get(&format!("{link}?lang=zh-CN")).await;
    assert!(chinese.body.contains("您的信件设置"));
    assert!(said(&app).is_empty());
}

async fn one_click_stops_the_letters_at_once_and_for_the_mailbox(app: TestApp) {
    let link = sent(&app);
    // Another profile of the same mailbox, and a letter to it that waits.
    let twin = NewProfile {
        external_id: Some("twin".into()),
        birth_date: chrono::NaiveDate::from_ymd_opt(1980, 5, 3),
        ..somebody("Ada")
    };
    invite(&app, &[twin]);
    assert_eq!(plan_on(&app, super::day("2026-05-03")).letters, 1);
    let client = app.visitor();
    let answer = client
        .http
        .post(client.url(&link))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.headers().get("set-cookie").is_none());
    let expected = (
        "greetings".to_owned(),
        false,
        "guest".to_owned(),
        Some("List-Unsubscribe=One-Click".to_owned()),
    );
    assert_eq!(said(&app), std::slice::from_ref(&expected));
    let server = Smtp::start();
    assert_eq!(send(&app, &server).tried(), 0);
    assert_eq!(states(&app), [State::Sent, State::Dropped]);
    // Twice, and as some mail programs send it: nothing more happens.
    let body = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let again = client
        .http
        .post(client.url(&link))
        .header("content-type", "multipart/form-data; boundary=x")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status().as_u16(), 200);
    assert_eq!(said(&app), [expected]);
    let next = plan_on(&app, super::day("2027-05-02"));
    assert_eq!((next.letters, next.refused[&WhyNot::Unsubscribed]), (0, 1));
}

async fn a_guest_stops_by_purpose_or_all_and_comes_back(app: TestApp) {
    let link = sent(&app);
    let client = app.visitor();
    let page = client.post_bare(&link, &[("stop", "all")]).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("It is done") && !page.body.contains("Stop all letters"),
        "{}",
        page.body
    );
    assert_eq!(said(&app).len(), 2);
    let page = client.post_bare(&link, &[("resume", "greetings")]).await;
    assert!(page.body.contains("Welcome back"));
    let last = said(&app).pop().unwrap();
    assert_eq!(
        (last.0.as_str(), last.1, last.3.as_deref()),
        ("greetings", true, Some("Send me these letters again"))
    );
    assert_eq!(plan_on(&app, super::day("2027-05-02")).letters, 1);
    let wrong = client.post_bare(&link, &[("stop", "everything")]).await;
    assert_eq!(wrong.status, 400);
}

async fn a_link_we_did_not_make_opens_nothing(app: TestApp) {
    let link = sent(&app);
    let ids: Vec<String> = app.sql(|conn| greetings::table.select(greetings::public_id).load(conn));
    let nobody = links::token(&keys(), links::Purpose::Unsubscribe, "0190");
    for forged in [
        format!("{}0", link),
        format!("/unsubscribe/{}", ids[0]),
        format!("/unsubscribe/{nobody}"),
    ] {
        assert_eq!(app.visitor().get(&forged).await.status, 404, "{forged}");
        assert_eq!(
            app.visitor()
                .post_bare(&forged, &[("stop", "all")])
                .await
                .status,
            404,
            "{forged}"
        );
    }
    assert!(said(&app).is_empty());
}
