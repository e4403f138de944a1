//! Programs that are called: what reaches them, what does not, and where nobody is called.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use innkeeper::clock;
use innkeeper::db::schema::{audit_log, webhook_deliveries, webhooks};
use innkeeper::error::Fault;
use innkeeper::jobs::Work;
use innkeeper::outbox::{self, Event, Kind};
use innkeeper::staff::Houses;
use innkeeper::webhooks::deliver::{self, PAUSED_AFTER, WAITS};
use innkeeper::webhooks::{NewWebhook, Webhook};
use serde_json::json;
use sha2::Sha256;

use crate::events_out::documents;
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::receiver::{Answer, Call, Receiver};
use crate::support::world::keys;

on_both!(
    a_receiver_gets_what_happened_signed_and_in_order,
    a_receiver_gets_only_its_kinds_and_houses,
    a_receiver_that_is_down_gets_all_in_order_later,
    an_event_that_is_refused_keeps_no_other_from_coming,
    what_is_given_up_is_seen_and_sent_again,
    a_receiver_that_takes_nothing_for_days_is_paused,
    nobody_is_sent_elsewhere_and_nothing_is_read_for_ever,
    private_addresses_are_not_called_unless_that_was_allowed,
    a_receiver_that_hangs_keeps_no_other_waiting_for_its_turn_for_ever,
    webhooks_are_made_tried_and_removed_in_the_settings,
    a_wrong_address_is_refused_in_words,
);

impl Receiver {
    /// Has it called by a hotel; the webhook and its secret.
    fn subscribe(&self, app: &TestApp, kinds: &[Kind], houses: &Houses) -> (i64, String) {
        let url = self.url();
        let new = NewWebhook {
            url: &url,
            kinds,
            houses,
            allows_private: true,
            by: app.user_id("admin"),
        };
        let made: Result<(i64, String), Fault> = app.app.db.write(|conn| new.insert(conn, &keys()));
        made.unwrap()
    }

    fn kinds(&self) -> Vec<String> {
        self.calls().iter().map(Call::kind).collect()
    }

    /// What the events that came were about, in order.
    fn names(&self) -> Vec<String> {
        let name = |call: &Call| call.json()["data"]["name"].as_str().unwrap().to_owned();
        self.calls().iter().map(name).collect()
    }
}

/// Lets things happen, one after the other.
fn happen(app: &TestApp, names: &[&str]) {
    for name in names {
        let event = Event::new(Kind::GuestsMerged).with("name", *name);
        app.sql(|conn| outbox::tell(conn, [event]));
    }
}

/// Sends what is due.
fn deliver(app: &TestApp) {
    let over = AtomicBool::new(false);
    let keys = keys();
    let work = Work::new(&app.app.db, &keys, &over);
    deliver::run(&work).unwrap();
}

/// Lets the time pass until the next attempts.
fn wait(app: &TestApp) {
    let now = clock::now();
    app.sql(|conn| {
        diesel::update(webhooks::table.filter(webhooks::retry_at.is_not_null()))
            .set(webhooks::retry_at.eq(now))
            .execute(conn)?;
        diesel::update(
            webhook_deliveries::table.filter(webhook_deliveries::next_try_at.is_not_null()),
        )
        .set(webhook_deliveries::next_try_at.eq(now))
        .execute(conn)
    });
}

fn stored(app: &TestApp, id: i64) -> Webhook {
    app.sql(|conn| Webhook::by_id(conn, id)).unwrap()
}

/// Events put aside: how often they were tried, and when they are tried again.
fn aside(app: &TestApp) -> Vec<(i64, Option<NaiveDateTime>)> {
    app.sql(|conn| {
        webhook_deliveries::table
            .order(webhook_deliveries::id)
            .select((webhook_deliveries::tries, webhook_deliveries::next_try_at))
            .load(conn)
    })
}

async fn a_receiver_gets_what_happened_signed_and_in_order(app: TestApp) {
    let receiver = Receiver::start();
    happen(&app, &["before"]);
    let (id, secret) = receiver.subscribe(&app, &[], &Houses::All);
    happen(&app, &["one", "two", "three"]);
    deliver(&app);
    assert_eq!(receiver.names(), ["one", "two", "three"]);
    for call in receiver.calls() {
        let timestamp = &call.headers["innkeeper-timestamp"];
        let age = clock::now().and_utc().timestamp() - timestamp.parse::<i64>().unwrap();
        assert!((0..300).contains(&age));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{timestamp}.{}", call.body).as_bytes());
        let signature = call.headers["innkeeper-signature"]
            .strip_prefix("v1=")
            .unwrap();
        let bytes: Vec<u8> = (0..64)
            .step_by(2)
            .map(|at| u8::from_str_radix(&signature[at..at + 2], 16).unwrap())
            .collect();
        mac.verify_slice(&bytes).unwrap();
        assert_eq!(call.headers["innkeeper-event-id"], call.json()["id"]);
        assert_eq!(call.headers["content-type"], "application/json");
        assert!(is_ours_as_documented(&secret, &call));
        assert!(!is_ours_as_documented("whsec_another", &call));
    }
    assert!(stored(&app, id).last_taken_at.is_some());
    deliver(&app);
    assert_eq!(receiver.calls().len(), 3, "once");
}

/// What the documents' own lines say of a call.
fn is_ours_as_documented(secret: &str, call: &Call) -> bool {
    let documents = documents();
    let lines = documents.split("```js\n").nth(1).unwrap();
    let lines = lines.split("```").next().unwrap();
    let asked = json!({"secret": secret, "headers": call.headers, "body": call.body});
    let script = format!(
        "{lines}\nconst {{ secret, headers, body }} = {asked};\nconsole.log(isOurs(secret, headers, body));"
    );
    let mut node = Command::new("node")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = node.stdin.take().unwrap();
    input.write_all(script.as_bytes()).unwrap();
    drop(input);
    let said = node.wait_with_output().unwrap();
    assert!(said.status.success());
    String::from_utf8(said.stdout).unwrap().trim() == "true"
}

async fn a_receiver_gets_only_its_kinds_and_houses(app: TestApp) {
    let receiver = Receiver::start();
    let lakeside = Houses::Only(vec![app.property_id("LAK")]);
    let kinds = [Kind::CheckedIn, Kind::GuestsMerged];
    let (id, _) = receiver.subscribe(&app, &kinds, &lakeside);
    app.sql(|conn| {
        let event = |kind, house| Event::new(kind).house(house).with("name", "x");
        let (riverside, lakeside) = (1, app_house(conn, "LAK")?);
        let told = [
            event(Kind::CheckedIn, riverside),
            event(Kind::CheckedOut, lakeside),
            event(Kind::CheckedIn, lakeside),
            Event::new(Kind::GuestsMerged),
            event(Kind::CheckedOut, riverside),
        ];
        outbox::tell(conn, told)
    });
    deliver(&app);
    assert_eq!(receiver.kinds(), ["stay.checked_in", "guest.merged"]);
    // What is not for it is behind it all the same.
    let newest = app.sql(outbox::feed::newest);
    assert_eq!(stored(&app, id).position, newest);
}

fn app_house(conn: &mut innkeeper::db::Conn, code: &str) -> QueryResult<i64> {
    use innkeeper::db::schema::properties;
    properties::table
        .filter(properties::code.eq(code))
        .select(properties::id)
        .first(conn)
}

async fn a_receiver_that_is_down_gets_all_in_order_later(app: TestApp) {
    let receiver = Receiver::start();
    let (id, _) = receiver.subscribe(&app, &[], &Houses::All);
    receiver.answer([Answer::Cut, Answer::Status(503)]);
    happen(&app, &["one", "two", "three"]);
    deliver(&app);
    // The first failed, and nothing more was sent after it.
    assert_eq!(receiver.names(), ["one"]);
    let webhook = stored(&app, id);
    assert_eq!(webhook.failures, 1);
    let waits = webhook.retry_at.unwrap() - webhook.last_tried_at.unwrap();
    assert!((8..=12).contains(&waits.num_seconds()), "{waits}");
    deliver(&app);
    assert_eq!(receiver.calls().len(), 1, "its turn has not come");
    wait(&app);
    deliver(&app);
    let webhook = stored(&app, id);
    assert_eq!(webhook.failures, 2);
    assert!(webhook.last_answer.unwrap().starts_with("503"));
    let waits = webhook.retry_at.unwrap() - webhook.last_tried_at.unwrap();
    assert!((24..=36).contains(&waits.num_seconds()), "{waits}");
    wait(&app);
    deliver(&app);
    assert_eq!(receiver.names(), ["one", "one", "one", "two", "three"]);
    let calls = receiver.calls();
    let ids: Vec<&String> = calls
        .iter()
        .map(|c| &c.headers["innkeeper-event-id"])
        .collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3]);
    assert_eq!(aside(&app), []);
    assert_eq!(stored(&app, id).failing_since, None);
}

async fn an_event_that_is_refused_keeps_no_other_from_coming(app: TestApp) {
    let receiver = Receiver::start();
    let (id, _) = receiver.subscribe(&app, &[], &Houses::All);
    receiver.answer([Answer::Status(400)]);
    happen(&app, &["bad", "good", "better"]);
    deliver(&app);
    assert_eq!(receiver.names(), ["bad", "good", "better"]);
    assert_eq!(aside(&app).len(), 1);
    assert_eq!(stored(&app, id).failures, 0, "it took another");
    wait(&app);
    deliver(&app);
    assert_eq!(receiver.names()[3..], ["bad"]);
    assert_eq!(aside(&app), []);
}

async fn what_is_given_up_is_seen_and_sent_again(app: TestApp) {
    let receiver = Receiver::start();
    let (id, _) = receiver.subscribe(&app, &[], &Houses::All);
    receiver.always(Some(Answer::Status(422)));
    happen(&app, &["bad"]);
    let attempts = WAITS.len() + 1;
    for tries in 1..=attempts {
        deliver(&app);
        assert_eq!(aside(&app)[0].0, tries as i64);
        wait(&app);
    }
    assert_eq!(aside(&app)[0].1, None, "given up");
    deliver(&app);
    assert_eq!(receiver.calls().len(), attempts);
    let admin = app.sign_in("admin").await;
    let page = admin.see("/settings/webhooks").await;
    assert!(page.body.contains("422 so be it"), "{}", page.body);
    let again = page.attr(
        &format!("form[action^='/settings/webhooks/{id}/deliveries/']"),
        "action",
    );
    receiver.always(None);
    admin.submit(&again, &[]).await;
    deliver(&app);
    assert_eq!(receiver.calls().len(), attempts + 1);
    assert_eq!(aside(&app), []);
    assert_eq!(admin.post(&again, &[]).await.status, 404);
}

async fn a_receiver_that_takes_nothing_for_days_is_paused(app: TestApp) {
    let receiver = Receiver::start();
    let (id, _) = receiver.subscribe(&app, &[], &Houses::All);
    receiver.always(Some(Answer::Status(500)));
    happen(&app, &["one"]);
    deliver(&app);
    let since = clock::now() - PAUSED_AFTER - TimeDelta::minutes(1);
    app.sql(|conn| {
        diesel::update(webhooks::table)
            .set(webhooks::failing_since.eq(since))
            .execute(conn)
    });
    wait(&app);
    deliver(&app);
    let webhook = stored(&app, id);
    assert!(webhook.paused_at.is_some() && webhook.paused_by.is_none());
    receiver.always(None);
    happen(&app, &["two"]);
    wait(&app);
    deliver(&app);
    assert_eq!(receiver.calls().len(), 2, "nobody is called while paused");
    let admin = app.sign_in("admin").await;
    let page = admin.see("/settings/webhooks").await;
    assert!(
        page.text("td .pill.caution")
            .contains("took nothing for days")
    );
    admin
        .submit(&format!("/settings/webhooks/{id}/resume"), &[])
        .await;
    wait(&app);
    deliver(&app);
    assert_eq!(receiver.names()[2..], ["one", "two"]);
}

async fn nobody_is_sent_elsewhere_and_nothing_is_read_for_ever(app: TestApp) {
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    let (id, _) = receiver.subscribe(&app, &[], &Houses::All);
    receiver.answer([Answer::Redirect(elsewhere.url()), Answer::Flood]);
    happen(&app, &["moved", "flooded"]);
    deliver(&app);
    assert_eq!(receiver.names(), ["moved", "flooded"]);
    assert_eq!(elsewhere.calls().len(), 0);
    assert_eq!(aside(&app).len(), 1, "a redirect is a refusal");
    let answer = stored(&app, id).last_answer.unwrap();
    assert!(answer.starts_with("200 xxx") && answer.len() < 600);
}

async fn private_addresses_are_not_called_unless_that_was_allowed(app: TestApp) {
    let receiver = Receiver::start();
    let (id, _) = receiver.subscribe(&app, &[], &Houses::All);
    let port = receiver.address.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "0.0.0.0",
    ] {
        let url = format!("http://{host}:{port}/hook");
        app.sql(|conn| {
            diesel::update(webhooks::table)
                .set((webhooks::url.eq(&url), webhooks::allows_private.eq(false)))
                .execute(conn)
        });
        happen(&app, &["secret"]);
        wait(&app);
        deliver(&app);
        let answer = stored(&app, id).last_answer.unwrap();
        assert!(
            answer.contains("is not a public address"),
            "{url}: {answer}"
        );
    }
    assert_eq!(receiver.calls().len(), 0);
}

async fn a_receiver_that_hangs_keeps_no_other_waiting_for_its_turn_for_ever(app: TestApp) {
    let (hangs, works) = (Receiver::start(), Receiver::start());
    let (id, _) = hangs.subscribe(&app, &[], &Houses::All);
    works.subscribe(&app, &[], &Houses::All);
    hangs.answer([Answer::Hang]);
    happen(&app, &["one", "two"]);
    deliver(&app);
    assert_eq!(works.names(), ["one", "two"]);
    assert_eq!(hangs.names(), ["one"]);
    let webhook = stored(&app, id);
    assert!(webhook.last_answer.unwrap().contains("timeout"));
    assert!(webhook.retry_at.is_some());
}

async fn webhooks_are_made_tried_and_removed_in_the_settings(app: TestApp) {
    let receiver = Receiver::start();
    let admin = app.sign_in("admin").await;
    let url = receiver.url();
    let made = admin
        .post(
            "/settings/webhooks",
            &[
                ("url", url.as_str()),
                ("kind", "vip.arriving"),
                ("kind", "guest.merged"),
                ("house", "RIV"),
                ("private", "true"),
            ],
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    let secret = made.text(".flash p");
    let secret = secret.rsplit(' ').next().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 70);
    let page = admin.see("/settings/webhooks").await;
    assert!(!page.body.contains(secret), "shown once");
    assert!(
        page.body.contains("guest.merged, vip.arriving · RIV")
            || page.body.contains("vip.arriving, guest.merged · RIV")
    );
    let kept = app.sql(|conn| {
        webhooks::table
            .select(webhooks::secret_sealed)
            .first::<Vec<u8>>(conn)
    });
    assert!(!String::from_utf8_lossy(&kept).contains(&secret[6..]));
    let action = |page: &crate::support::client::Page, verb: &str| {
        page.attr(&format!("form[action$='/{verb}']"), "action")
    };
    admin.submit(&action(&page, "test"), &[]).await;
    deliver(&app);
    assert_eq!(receiver.kinds(), ["webhook.test"]);
    // A test that fails is not tried again, and is seen.
    receiver.answer([Answer::Status(404)]);
    let page = admin.submit(&action(&page, "test"), &[]).await;
    deliver(&app);
    assert_eq!(aside(&app).len(), 1);
    assert_eq!(aside(&app)[0].1, None);
    let page = admin.submit(&action(&page, "pause"), &[]).await;
    assert!(page.has("form[action$='/resume']"));
    let page = admin.submit(&action(&page, "remove"), &[]).await;
    assert_eq!(page.count("form[action$='/remove']"), 0);
    assert_eq!(aside(&app), []);
    let actions: Vec<String> = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.like("%_webhook"))
            .order(audit_log::id)
            .select(audit_log::action)
            .load(conn)
    });
    let wanted = [
        "add_webhook",
        "test_webhook",
        "test_webhook",
        "pause_webhook",
        "remove_webhook",
    ];
    assert_eq!(actions, wanted);
}

async fn a_wrong_address_is_refused_in_words(app: TestApp) {
    let admin = app.sign_in("admin").await;
    for (url, private, says) in [
        ("", "", "is not an address"),
        ("hotel.example/hook", "", "is not an address"),
        ("ftp://hotel.example/hook", "true", "is not an address"),
        (
            "https://user:pass@hotel.example/",
            "",
            "without a user name",
        ),
        ("http://hotel.example/hook", "", "is not encrypted"),
        ("https://10.0.0.8/hook", "", "is on a private network"),
        (
            "https://[::ffff:10.0.0.8]/hook",
            "",
            "is on a private network",
        ),
        (
            "https://169.254.169.254/latest",
            "",
            "is on a private network",
        ),
    ] {
        let mut fields = vec![("url", url)];
        if !private.is_empty() {
            fields.push(("private", private));
        }
        let page = admin.post("/settings/webhooks", &fields).await;
        assert_eq!(page.status, 422, "{url}");
        assert!(
            page.text("#url-d").contains(says),
            "{url}: {}",
            page.text("#url-d")
        );
        assert_eq!(page.attr("#url", "value"), url);
    }
}
