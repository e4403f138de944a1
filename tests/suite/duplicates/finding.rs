//! The search: what it finds, and that it goes on where it stood.

use std::ops::ControlFlow;

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{duplicate_pairs, guests, merges};
use innkeeper::error::Fault;
use innkeeper::guests::profile::{self};
use innkeeper::recognition::duplicates::{self, Kind, Scope};

use crate::support::app::TestApp;
use crate::support::binary::{finish, innkeeper};
use crate::support::on_both;
use crate::support::world::HEX_KEY;

use super::*;

on_both!(
    pairs_are_found_in_the_demo_and_relatives_are_not_offered_as_the_same,
    a_second_run_asks_only_whom_is_new_or_changed,
    a_run_that_was_killed_goes_on_where_it_stood,
    nobody_takes_over_from_a_run_that_is_alive,
    what_no_longer_agrees_is_no_longer_a_pair,
    the_command_tells_how_far_it_is,
);

async fn pairs_are_found_in_the_demo_and_relatives_are_not_offered_as_the_same(app: TestApp) {
    use Kind::{Colleagues, Household, Same};
    for (one, other, kind) in [
        ("Elodie Marchand", "MARCHAND ELODIE", Same),
        ("Elizabeth Whitcombe", "Liz Whitcombe", Same),
        ("Elizabeth Whitcombe", "Elizabeth Whitcomb", Same),
        ("Henrik Lindqvist", "Astrid Lindqvist", Household),
        ("Ravi Menon", "Deepa Nair", Colleagues),
    ] {
        assert_eq!(kind_of(&app, one, other), Some(kind), "{:?}", pairs(&app));
    }
    let page = app.sign_in("lin").await.see("/duplicates").await;
    let list = page.text("ol.questions");
    assert!(
        !list.contains("Lindqvist") && !list.contains("Menon"),
        "{list}"
    );
}

async fn a_second_run_asks_only_whom_is_new_or_changed(app: TestApp) {
    app.sql(|conn| {
        diesel::update(guests::table)
            .set(guests::updated_at.eq(clock::now() - TimeDelta::days(9)))
            .execute(conn)
    });
    let before = pairs(&app);
    let idle = walk(&app, Scope::Changed, 9);
    assert_eq!((idle.asked, idle.found, idle.is_over()), (0, 0, true));
    assert_eq!(pairs(&app), before);
    let twice = [
        known("Ottilie", "Brandauer", "ottilie@example.at"),
        known("Ottilie", "Brandauer", "ottilie@example.at"),
    ];
    add(&app, &twice);
    let some = walk(&app, Scope::Changed, 9);
    assert_eq!((some.asked, some.found, some.is_over()), (2, 1, true));
    assert_eq!(pairs(&app).len(), before.len() + 1);
    let all = walk(&app, Scope::All, 99);
    assert_eq!((all.asked, all.is_over()), (count(&app), true));
    assert_eq!(pairs(&app).len(), before.len() + 1);
}

async fn a_run_that_was_killed_goes_on_where_it_stood(app: TestApp) {
    let whole = pairs(&app);
    app.sql(|conn| diesel::delete(duplicate_pairs::table).execute(conn));
    let stopped = walk(&app, Scope::All, 3);
    assert_eq!((stopped.asked, stopped.is_over()), (21, false));
    let half = pairs(&app).len();
    let_the_claim_pass(&app);
    let on = claim(&app, Scope::Changed).unwrap();
    assert_eq!((on.id, on.asked), (stopped.id, 21));
    // Whoever thought to be at it still is told, and keeps nothing.
    let late = duplicates::walk(&app.app.db, stopped, 7, |_| ControlFlow::Continue(()));
    assert!(
        matches!(late, Err(Fault::Refused(message)) if message.key() == "refused-duplicates-taken")
    );
    assert_eq!(pairs(&app).len(), half);
    let done = duplicates::walk(&app.app.db, on, 7, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((done.asked, done.is_over()), (count(&app), true));
    assert_eq!(pairs(&app), whole);
}

async fn nobody_takes_over_from_a_run_that_is_alive(app: TestApp) {
    walk(&app, Scope::All, 1);
    for scope in [Scope::Changed, Scope::All] {
        match claim(&app, scope) {
            Err(Fault::Refused(message)) => assert_eq!(message.key(), "refused-duplicates-running"),
            other => panic!("taken over: {other:?}"),
        }
    }
    // One at a time over all nodes, whatever a node believes.
    let second = "INSERT INTO duplicate_runs (total, started_at) VALUES (1, '2026-01-01 10:00:00')";
    app.try_sql(second).unwrap_err();
    let_the_claim_pass(&app);
    let at_once: Vec<bool> = std::thread::scope(|scope| {
        let claims: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| claim(&app, Scope::Changed).is_ok()))
            .collect();
        claims
            .into_iter()
            .map(|claim| claim.join().unwrap())
            .collect()
    });
    assert_eq!(at_once.iter().filter(|is| **is).count(), 1);
}

async fn what_no_longer_agrees_is_no_longer_a_pair(app: TestApp) {
    let twice = [
        known("Ottilie", "Brandauer", "ottilie@example.at"),
        known("Ottilie", "Brandauer", "ottilie@example.at"),
    ];
    let ids = add(&app, &twice);
    walk(&app, Scope::Changed, 99);
    assert!(kind_of(&app, "Ottilie Brandauer", "Ottilie Brandauer").is_some());
    app.sql(|conn| {
        use innkeeper::db::schema::guest_contacts;
        diesel::delete(guest_contacts::table.filter(guest_contacts::guest_id.eq(ids[1])))
            .execute(conn)?;
        diesel::update(guests::table.find(ids[1]))
            .set((
                guests::given_name.eq("Severin"),
                guests::family_name.eq("Hohlwein"),
                guests::updated_at.eq(clock::now()),
            ))
            .execute(conn)?;
        profile::rekey(conn, ids[1])
    });
    walk(&app, Scope::Changed, 99);
    let left = pairs(&app);
    assert!(
        !left
            .iter()
            .any(|(a, b, ..)| a.contains("Brandauer") || b.contains("Hohlwein")),
        "{left:?}"
    );
}

async fn the_command_tells_how_far_it_is(app: TestApp) {
    let directory = tempfile::tempdir().unwrap();
    let url = app.world.url_text();
    let run = |more: &[&str]| {
        let arguments = [&["--database-url", &url, "duplicates"], more].concat();
        let mut command = innkeeper(directory.path(), &arguments);
        command.env("INNKEEPER_SECRET_KEY", HEX_KEY);
        finish(command, "")
    };
    let before = pairs(&app);
    let done = run(&["--all", "--batch", "10"]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(
        said.starts_with(&format!("{} profiles asked", count(&app))) && said.contains("per second"),
        "{said}"
    );
    assert_eq!(pairs(&app), before);
    let merged: i64 = app.sql(|conn| merges::table.count().get_result(conn));
    assert_eq!(merged, 0, "a pair is a question");
    assert_eq!(run(&["--batch", "0"]).status.code(), Some(2));
}
