//! What is done with a case: notes, hand-over, severity, closing, reopening; who may; and two at once.

use std::thread;

use diesel::prelude::*;
use innkeeper::cases::handle::{self, Closing};
use innkeeper::cases::history::{self, Kind};
use innkeeper::cases::{Case, Outcome, Severity};
use innkeeper::db::Database;
use innkeeper::db::schema::{audit_log, events};
use innkeeper::guests::notes::Team;

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::today;

on_both!(
    a_case_is_noted_handed_over_weighed_closed_and_reopened,
    a_case_is_kept_from_other_houses_and_other_roles,
    of_many_who_close_a_case_exactly_one_does,
    a_page_in_chinese_says_everything_in_chinese,
);

fn of(app: &TestApp) -> (i64, String) {
    let id = app.case_of(REGULAR);
    (id, format!("/cases/{id}"))
}

fn read(app: &TestApp, id: i64) -> Case {
    app.sql(|conn| Case::by_id(conn, id)).unwrap()
}

async fn a_case_is_noted_handed_over_weighed_closed_and_reopened(app: TestApp) {
    let (lin, (id, path)) = (app.sign_in("lin").await, of(&app));
    let page = lin.see(&path).await;
    assert!(
        page.text("#state").contains("overdue"),
        "{}",
        page.text("#state")
    );
    assert!(page.text("#state").contains("Nobody yet"));
    // Taken, by one button.
    let me = app.user_id("lin").to_string();
    lin.submit(&format!("{path}/owner"), &[("owner", &me)])
        .await;
    assert_eq!(read(&app, id).owner.as_deref(), Some("Lin Yue"));
    // Noted, and a double click is one note.
    for _ in 0..2 {
        lin.submit(
            &format!("{path}/note"),
            &[("body", "Called her, no answer.")],
        )
        .await;
    }
    // Handed over with a word; nobody in particular at housekeeping.
    let fields = [
        ("owner", ""),
        ("team", "housekeeping"),
        ("message", "Oil the lift."),
    ];
    lin.submit(&format!("{path}/owner"), &fields).await;
    let case = read(&app, id);
    assert_eq!((case.team, case.owner_id), (Team::Housekeeping, None));
    // Graver than it was thought: the deadline moves with it.
    lin.submit(&format!("{path}/severity"), &[("severity", "severe")])
        .await;
    let case = read(&app, id);
    assert_eq!(case.severity, Severity::Severe);
    assert_eq!(
        case.due_at.unwrap() - case.opened_at,
        chrono::TimeDelta::hours(1)
    );
    // Nothing is closed without a word on what was done.
    let empty = lin
        .post(&format!("{path}/close"), &[("outcome", "satisfied")])
        .await;
    assert_eq!(empty.status, 422);
    assert_eq!(
        empty.text("#resolution-d"),
        "Say in a sentence what was done."
    );
    assert!(empty.has("[name=outcome][value=satisfied][checked]"));
    let fields = [
        ("resolution", "Lift motor replaced; wrote to her."),
        ("outcome", "satisfied"),
        ("guest_words", "At last!"),
    ];
    let page = lin.submit(&format!("{path}/close"), &fields).await;
    assert!(
        page.text(".greet .facts")
            .contains("Satisfied · “At last!”")
    );
    assert_eq!(read(&app, id).outcome, Some(Outcome::Satisfied));
    // Closed is closed; what goes on is refused in words.
    let late = lin.post(&format!("{path}/owner"), &[("owner", &me)]).await;
    assert_eq!(late.status, 409);
    let card = lin.see(&format!("/stays/{}", app.stay_in(REGULAR))).await;
    assert!(!card.body.contains("apologise first"));
    // Undone from the flash, with a deadline of its own.
    let page = lin.submit(&format!("{path}/reopen"), &[]).await;
    assert!(
        page.text("#state").contains("due in"),
        "{}",
        page.text("#state")
    );
    let kinds: Vec<Kind> = app
        .sql(|conn| history::of_case(conn, id))
        .iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            Kind::Opened,
            Kind::HandOver,
            Kind::Note,
            Kind::HandOver,
            Kind::Severity,
            Kind::Closed,
            Kind::Reopened
        ]
    );
    let told: Vec<String> = app.sql(|conn| {
        events::table
            .filter(events::kind.like("case.%"))
            .order(events::id)
            .select(events::kind)
            .load(conn)
    });
    assert_eq!(told, ["case.closed", "case.opened"]);
}

async fn a_case_is_kept_from_other_houses_and_other_roles(app: TestApp) {
    let (id, path) = of(&app);
    let before = app.sql(|conn| history::of_case(conn, id)).len();
    for name in ["sun", "marco"] {
        let client = app.sign_in(name).await;
        assert_eq!(client.get(&path).await.status, 403, "{name}");
        for verb in ["note", "owner", "severity", "close", "reopen", "mistake"] {
            let fields = [("body", "x"), ("resolution", "x"), ("severity", "minor")];
            let answer = client.post(&format!("{path}/{verb}"), &fields).await;
            assert_eq!(answer.status, 403, "{name} {verb}");
        }
    }
    assert_eq!(app.sql(|conn| history::of_case(conn, id)).len(), before);
    // A colleague of the other house can't be handed it.
    let lin = app.sign_in("lin").await;
    let sun = app.user_id("sun").to_string();
    let answer = lin.post(&format!("{path}/owner"), &[("owner", &sun)]).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.text("#owner-d"),
        "Choose a colleague who works in this house."
    );
    // Who looked is on record.
    lin.see(&path).await;
    let looks: i64 = app.sql(|conn| {
        let looks = audit_log::table.filter(audit_log::action.eq("view_case"));
        looks
            .filter(audit_log::guest_id.is_not_null())
            .count()
            .get_result(conn)
    });
    assert_eq!(looks, 2);
}

async fn of_many_who_close_a_case_exactly_one_does(app: TestApp) {
    let (id, _) = of(&app);
    let user_id = app.user_id("lin");
    let url = app.world.url.clone();
    let closed = thread::scope(|scope| {
        let db = Database::open(&url).unwrap();
        let clerks: Vec<_> = (0..32)
            .map(|clerk| {
                let db = db.clone();
                scope.spawn(move || {
                    let resolution = format!("by {clerk}");
                    let closing = Closing {
                        resolution: &resolution,
                        outcome: Outcome::NotAsked,
                        guest_words: None,
                    };
                    db.write(|conn| handle::close(conn, id, closing, today(), user_id))
                        .is_ok()
                })
            })
            .collect();
        clerks
            .into_iter()
            .filter_map(|clerk| clerk.join().ok())
            .filter(|done| *done)
            .count()
    });
    assert_eq!(closed, 1);
    let lines = app.sql(|conn| history::of_case(conn, id));
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.kind == Kind::Closed)
            .count(),
        1
    );
}

async fn a_page_in_chinese_says_everything_in_chinese(app: TestApp) {
    let lin = app.sign_in("lin").await;
    lin.submit("/account/manner", &[("language", "zh-CN")])
        .await;
    let page = lin.see(&of(&app).1).await;
    assert!(
        page.text("#state").contains("超时"),
        "{}",
        page.text("#state")
    );
    assert!(
        page.text("#history").contains("登记 · 较重"),
        "{}",
        page.text("#history")
    );
    let refused = lin.post(&format!("{}/reopen", of(&app).1), &[]).await;
    assert_eq!(refused.refusal(), "该个案已经是打开状态。");
}
