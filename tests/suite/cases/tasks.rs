//! Follow-ups: made by a check-out, by a closing nobody was asked about, and by hand.

use diesel::prelude::*;
use innkeeper::db::schema::tasks;
use innkeeper::tasks::{Kind, Task};

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::today;

on_both!(
    a_guest_with_an_open_case_who_leaves_is_followed_up,
    a_case_closed_without_the_guests_word_is_followed_up_once,
    a_task_is_added_done_put_off_and_handed_over,
    a_task_is_kept_from_other_houses,
);

fn of_case(app: &TestApp, case_id: i64) -> Vec<Task> {
    app.sql(|conn| {
        let ids: Vec<i64> = tasks::table
            .filter(tasks::case_id.eq(case_id))
            .order(tasks::id)
            .select(tasks::id)
            .load(conn)?;
        ids.into_iter()
            .map(|id| Ok(Task::by_id(conn, id)?.unwrap()))
            .collect()
    })
}

async fn a_guest_with_an_open_case_who_leaves_is_followed_up(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let (stay, id) = (app.stay_in("1207"), app.case_of("1207"));
    assert!(of_case(&app, id).is_empty());
    lin.submit(&format!("/stays/{stay}/check-out"), &[]).await;
    let made = of_case(&app, id);
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].kind, Kind::CaseFollowUp);
    // Two days later, by whoever has the case.
    assert_eq!(made[0].due_on, today() + chrono::TimeDelta::days(2));
    assert_eq!(made[0].owner.as_deref(), Some("Lin Yue"));
    let page = lin.see("/tasks").await;
    assert!(
        page.text("table.work")
            .contains("Ask whether it is put right: minibar hums all night"),
        "{}",
        page.text("table.work")
    );
    assert!(page.has(&format!("a[href='/cases/{id}']")));
}

async fn a_case_closed_without_the_guests_word_is_followed_up_once(app: TestApp) {
    let (lin, id) = (app.sign_in("lin").await, app.case_of(REGULAR));
    let close = [("resolution", "Motor replaced."), ("outcome", "not_asked")];
    lin.submit(&format!("/cases/{id}/close"), &close).await;
    lin.submit(&format!("/cases/{id}/reopen"), &[]).await;
    lin.submit(&format!("/cases/{id}/close"), &close).await;
    let made = of_case(&app, id);
    assert_eq!(made.len(), 1, "{made:?}");
    // Done, it is done; closed once more, it is asked once more.
    lin.submit(
        &format!("/tasks/{}/done", made[0].id),
        &[("result", "She is fine with it.")],
    )
    .await;
    lin.submit(&format!("/cases/{id}/reopen"), &[]).await;
    lin.submit(&format!("/cases/{id}/close"), &close).await;
    assert_eq!(of_case(&app, id).len(), 2);
    // The first is not brought back beside the second.
    let back = lin
        .post(&format!("/tasks/{}/reopen", made[0].id), &[])
        .await;
    assert_eq!(
        back.refusal(),
        "The case has another follow-up that is still to be done."
    );
    // A guest who was asked needs no follow-up.
    let asked = [("resolution", "Flowers."), ("outcome", "satisfied")];
    let guest = app.guest_of(app.stay_in("0605"));
    let opened = [("summary", "No flowers")];
    lin.submit(&format!("/guests/{guest}/cases"), &opened).await;
    let other = super::newest(&app).id;
    lin.submit(&format!("/cases/{other}/close"), &asked).await;
    assert!(of_case(&app, other).is_empty());
}

async fn a_task_is_added_done_put_off_and_handed_over(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let page = lin.see("/tasks").await;
    assert!(page.text("nav.rail a[href='/tasks']").contains("due"));
    let (once, me) = (
        page.attr("form[action='/tasks'] [name=once]", "value"),
        app.user_id("lin").to_string(),
    );
    let due = (today() + chrono::TimeDelta::days(1)).to_string();
    let fields = [
        ("title", "Write to Ms Nguyen about the vegan menu"),
        ("due_on", &due),
        ("owner", &me),
        ("once", &once),
    ];
    let before = page.count("table.work tbody tr");
    for _ in 0..2 {
        lin.submit("/tasks", &fields).await;
    }
    let page = lin.see("/tasks").await;
    let rows = page.all("table.work tbody tr");
    assert_eq!(rows.len(), before + 1, "{rows:?}");
    let row = "table.work tbody tr:last-child";
    assert!(page.text(row).contains("tomorrow"), "{}", page.text(row));
    let id = page.attr(row, "id").replace("task-", "");
    // Put off, by so many days or to a day.
    lin.submit(&format!("/tasks/{id}/snooze"), &[("days", "7")])
        .await;
    let read = || {
        app.sql(|conn| Task::by_id(conn, id.parse().unwrap()))
            .unwrap()
    };
    assert_eq!(read().due_on, today() + chrono::TimeDelta::days(7));
    for (typed, said) in [
        ("2001-01-01", "Choose a day from"),
        ("soon", "'soon' is not a date"),
    ] {
        let answer = lin
            .post(&format!("/tasks/{id}/snooze"), &[("due_on", typed)])
            .await;
        assert!(answer.refusal().contains(said), "{}", answer.refusal());
    }
    // Handed to a team, it is nobody's own.
    lin.submit(&format!("/tasks/{id}/owner"), &[("team", "reservations")])
        .await;
    assert_eq!(
        (read().owner_id, read().team.as_str()),
        (None, "reservations")
    );
    // Done once: the second click is told so. Undone from the flash.
    let page = lin
        .submit(&format!("/tasks/{id}/done"), &[("show", "team")])
        .await;
    let undo = page.attr(".flash form", "action");
    let again = lin.post(&format!("/tasks/{id}/done"), &[]).await;
    assert_eq!(
        again.refusal(),
        "A colleague was quicker: the task is done."
    );
    lin.submit(&undo, &[]).await;
    assert!(read().is_open());
    // What can't be is said beside its field, and what was typed is kept.
    let wrong = lin
        .post(
            "/tasks",
            &[("title", " "), ("due_on", "2001-01-01"), ("owner", "0")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    for field in ["title", "due_on", "owner"] {
        assert!(wrong.has(&format!("#{field}-d")), "{field}");
    }
    assert_eq!(wrong.attr("#due_on", "value"), "2001-01-01");
}

async fn a_task_is_kept_from_other_houses(app: TestApp) {
    let id = app.task();
    for name in ["sun", "marco"] {
        let client = app.sign_in(name).await;
        for verb in ["done", "reopen", "snooze", "owner"] {
            let answer = client
                .post(&format!("/tasks/{id}/{verb}"), &[("days", "1")])
                .await;
            assert_eq!(answer.status, 403, "{name} {verb}");
        }
    }
    let sun = app.sign_in("sun").await;
    assert_eq!(
        sun.see("/tasks?show=team")
            .await
            .count("table.work tbody tr"),
        0
    );
}
