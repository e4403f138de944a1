//! Points at the desk: enrolment, redemption, adjustment, approval, missing stays, and the programme in the settings.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{audit_log, earn_rules, loyalty_accounts, loyalty_rules};
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::loyalty::number;

use super::{day, stayed};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::keys;

on_both!(
    a_reward_is_redeemed_and_the_statement_says_so,
    a_guest_is_enrolled_under_a_number_without_a_slip,
    what_one_asks_for_another_approves,
    a_missing_stay_is_found_asked_for_and_posted,
    the_programme_is_shown_before_it_is_changed,
);

fn points(app: &TestApp) -> String {
    format!("/guests/{}/points", app.guest_of(app.stay_in(REGULAR)))
}

async fn a_reward_is_redeemed_and_the_statement_says_so(app: TestApp) {
    let (lin, path) = (app.sign_in("lin").await, points(&app));
    let page = lin.see(&path).await;
    assert!(
        page.text(".side").contains("Afternoon tea"),
        "{}",
        page.body
    );
    let redeem = format!("{path}/redeem");
    let done = lin.submit(&redeem, &[("reward", "TEA")]).await;
    assert_eq!(
        done.text(".flash p"),
        "Afternoon tea for two: 1,200 points were spent."
    );
    assert!(
        done.text("#statement tbody tr:first-child")
            .contains("Spent · Afternoon tea for two")
    );
    assert!(
        done.text("#standing h2").contains("11,280"),
        "{}",
        done.text("#standing h2")
    );
    let unknown = lin.post(&redeem, &[("reward", "CASTLE")]).await;
    assert_eq!(unknown.status, 422);
    let dear = lin.post(&redeem, &[("reward", "NIGHT")]).await;
    assert_eq!(dear.status, 409);
    assert!(
        dear.text("[data-errors] li").contains("only"),
        "{}",
        dear.body
    );
    // What another house gives is not given here.
    let sun = app.sign_in("sun").await;
    assert_eq!(sun.post(&redeem, &[("reward", "SPA60")]).await.status, 422);
    let file = lin.see(&format!("{path}.csv")).await.body;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "date,account,kind,points,reason,expires_on");
    assert!(
        lines[1].contains("RH-104882,redeem,-1200,Afternoon tea for two,"),
        "{file}"
    );
    // Marketing reads it and changes nothing.
    let chen = app.sign_in("chen").await;
    assert!(!chen.see(&path).await.has(".side form"));
    assert_eq!(app.broken(), []);
}

async fn a_guest_is_enrolled_under_a_number_without_a_slip(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let guest = app.known_as("Lindqvist");
    let enrol = format!("/guests/{guest}/enrol");
    let right = number::make();
    let last = right.as_bytes()[9] - b'0';
    let slip = format!("{}{}", &right[..9], (last + 1) % 10);
    let page = lin.post(&enrol, &[("number", slip.as_str())]).await;
    assert_eq!(page.status, 422);
    assert!(page.text("#number-d").contains("slip"), "{}", page.body);
    assert_eq!(page.attr("#number", "value"), slip);
    let taken = right.clone();
    app.sql(|conn| {
        diesel::update(loyalty_accounts::table.filter(loyalty_accounts::number.eq("RH-115006")))
            .set(loyalty_accounts::number.eq(&taken))
            .execute(conn)
    });
    let page = lin.post(&enrol, &[("number", right.as_str())]).await;
    assert!(
        page.text("#number-d").contains("another guest"),
        "{}",
        page.body
    );
    let page = lin.submit(&enrol, &[("number", "")]).await;
    let said = page.text(".flash p");
    let made = said
        .trim_start_matches("Enrolled under ")
        .trim_end_matches('.');
    assert!(number::is_ours(made) && number::is_right(made), "{said}");
    assert_eq!(lin.post(&enrol, &[("number", "")]).await.status, 409);
}

async fn what_one_asks_for_another_approves(app: TestApp) {
    let (zhou, admin, path) = (
        app.sign_in("zhou").await,
        app.sign_in("admin").await,
        points(&app),
    );
    let adjust = format!("{path}/adjust");
    for (points, reason) in [("0", "why"), ("many", "why"), ("10", " ")] {
        let page = zhou
            .post(&adjust, &[("points", points), ("reason", reason)])
            .await;
        assert_eq!(page.status, 422, "{points} {reason}");
    }
    let page = zhou
        .submit(
            &adjust,
            &[("points", "+500"), ("reason", "Lift out of order")],
        )
        .await;
    assert!(
        page.text("#statement tbody tr:first-child")
            .contains("Adjusted · Lift out of order")
    );
    let page = zhou
        .submit(&adjust, &[("points", "9000"), ("reason", "Flooded room")])
        .await;
    assert!(page.text(".flash p").contains("colleague has to approve"));
    assert!(page.text("#waiting").contains("Flooded room"));
    let list = zhou.see("/loyalty/requests").await;
    assert!(
        list.text("#requests").contains("Asked by you"),
        "{}",
        list.body
    );
    let row = "form[action^='/loyalty/requests/']";
    let last = admin
        .see("/loyalty/requests")
        .await
        .attrs(row, "action")
        .pop()
        .unwrap();
    assert!(
        zhou.post(&last, &[("answer", "approved")])
            .await
            .refusal()
            .contains("Somebody else")
    );
    let done = admin.submit(&last, &[("answer", "approved")]).await;
    assert_eq!(done.text(".flash p"), "Approved; 9,000 points were posted.");
    assert!(
        admin
            .post(&last, &[("answer", "refused")])
            .await
            .refusal()
            .contains("quicker")
    );
    assert!(
        zhou.see(&path)
            .await
            .text("#standing h2")
            .contains("21,980")
    );
    let lines: Vec<String> = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq_any(["adjust_points", "answer_request"]))
            .order(audit_log::id)
            .select(audit_log::action)
            .load(conn)
    });
    assert_eq!(lines, ["adjust_points", "adjust_points", "answer_request"]);
    assert_eq!(app.broken(), []);
}

async fn a_missing_stay_is_found_asked_for_and_posted(app: TestApp) {
    let nobody = NewProfile {
        source: "office".into(),
        family_name: Some("Booker".into()),
        ..NewProfile::default()
    };
    let office = app.sql(|conn| profile::create(conn, &keys(), &[nobody], clock::now()))[0];
    let (stay, earned) = stayed(&app, office, 90_000, day(0));
    assert_eq!(earned, 0);
    let (lin, path) = (app.sign_in("lin").await, points(&app));
    let found = lin.see(&format!("{path}?arrival={}", day(1))).await;
    assert!(
        found.text(".side ul.linked").contains("Booker"),
        "{}",
        found.body
    );
    let stay = stay.to_string();
    let asked = lin
        .submit(&format!("{path}/claim"), &[("stay", stay.as_str())])
        .await;
    assert!(asked.text(".flash p").contains("manager has to approve"));
    let zhou = app.sign_in("zhou").await;
    let row = "form[action^='/loyalty/requests/']";
    let last = zhou
        .see("/loyalty/requests")
        .await
        .attrs(row, "action")
        .pop()
        .unwrap();
    let done = zhou.submit(&last, &[("answer", "approved")]).await;
    assert_eq!(done.text(".flash p"), "Approved; 900 points were posted.");
    let again = lin
        .post(&format!("{path}/claim"), &[("stay", stay.as_str())])
        .await;
    assert!(again.text("[data-errors] li").contains("posted already"));
    let found = lin.see(&format!("{path}?arrival={}", day(1))).await;
    assert!(!found.body.contains("Booker"));
    assert_eq!(app.broken(), []);
}

async fn the_programme_is_shown_before_it_is_changed(app: TestApp) {
    let (admin, path) = (app.sign_in("admin").await, "/settings/loyalty");
    let page = admin.see(path).await;
    let form = |act: &'static str, gold: &'static str, rate: &'static str| {
        let mut fields = vec![
            ("act", act),
            ("life_months", "24"),
            ("grace_days", "30"),
            ("adjust_alone", "100"),
            ("can_lose", "true"),
        ];
        for nights in ["0", "5", gold, "400"] {
            fields.extend([("nights", nights), ("tier_stays", ""), ("tier_points", "")]);
            fields.extend([("bonus", "10"), ("lifetime", "")]);
        }
        fields.extend([("rate", rate); 4]);
        fields
    };
    assert_eq!(page.count("#rate tbody tr"), 4);
    let shown = admin.post(path, &form("preview", "15", "200")).await;
    assert_eq!(shown.status, 200);
    assert!(
        shown.text("#preview").contains("could lose their tier"),
        "{}",
        shown.body
    );
    assert_eq!(shown.attr("#life_months", "value"), "24");
    let stored = |app: &TestApp| -> Vec<i64> {
        app.sql(|conn| {
            earn_rules::table
                .select(earn_rules::points_per_hundred)
                .load(conn)
        })
    };
    assert_eq!(stored(&app), [100; 4], "only looked at");
    for (gold, rate, told) in [
        ("4", "200", "higher one for more"),
        ("15", "-1", "from 0 to"),
        ("15", "many", "not a whole number"),
    ] {
        let wrong = admin.post(path, &form("save", gold, rate)).await;
        assert_eq!(wrong.status, 422);
        assert!(
            wrong.text("[data-errors]").contains(told),
            "{}",
            wrong.text("[data-errors]")
        );
    }
    let saved = admin.submit(path, &form("save", "15", "200")).await;
    assert!(saved.text(".flash p").contains("saved"));
    assert_eq!(stored(&app), [200; 4]);
    let rules: i64 = app.sql(|conn| loyalty_rules::table.count().get_result(conn));
    assert_eq!(rules, 1, "on record as they are kept");
    let reward = [
        ("code", "BIKE"),
        ("name_en", "A bicycle for the day"),
        ("reward_points", "600"),
        ("house", "LAK"),
    ];
    let kept = admin.submit("/settings/loyalty/rewards", &reward).await;
    assert!(kept.text("#rewards").contains("A bicycle for the day"));
    let wrong = admin
        .post(
            "/settings/loyalty/rewards",
            &[("code", ""), ("reward_points", "0")],
        )
        .await;
    assert_eq!((wrong.status, wrong.count("[data-errors] li")), (422, 3));
    assert_eq!(app.sign_in("zhou").await.get(path).await.status, 403);
}
