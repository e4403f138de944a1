//! Letters that came back, and complaints: by a mailbox file and by a call.

use diesel::prelude::*;
use innkeeper::db::schema::{greeting_attempts, greetings, guests, suppressions};
use innkeeper::greetings::State;
use innkeeper::staff::Role;
use serde_json::json;

use crate::api::Program;
use crate::support::app::TestApp;
use crate::support::binary;
use crate::support::on_both;
use crate::support::sitemap;

on_both!(
    a_mailbox_file_marks_the_address_and_the_person_once,
    a_call_tells_of_a_letter_that_came_back,
    a_program_of_another_house_knows_nothing_of_the_letter,
);

const MAILBOX: &str = include_str!("../../fixtures/bounces.mbox");
const ID: &str = "<01900000-0000-7000-8000-000000000001@hotel.example>";

/// A letter that was accepted.
fn sent(app: &TestApp) {
    let id = sitemap::letter(app);
    app.sql(|conn| {
        diesel::update(greetings::table.filter(greetings::public_id.eq(id)))
            .set(greetings::message_id.eq(ID))
            .execute(conn)
    });
}

fn stops(app: &TestApp) -> Vec<(bool, Option<String>, String)> {
    app.sql(|conn| {
        suppressions::table
            .order(suppressions::id)
            .select((
                suppressions::guest_id.is_not_null(),
                suppressions::mailbox,
                suppressions::reason,
            ))
            .load(conn)
    })
}

fn state(app: &TestApp) -> State {
    app.sql(|conn| {
        greetings::table
            .filter(greetings::message_id.eq(ID))
            .select(greetings::state)
            .first(conn)
    })
}

async fn a_mailbox_file_marks_the_address_and_the_person_once(app: TestApp) {
    sent(&app);
    let folder = tempfile::tempdir().unwrap();
    let url = app.world.url_text();
    let run = |file: &str| {
        binary::run(
            folder.path(),
            &["--database-url", &url, "bounces", file],
            MAILBOX,
        )
    };
    let first = run("-");
    let said = String::from_utf8_lossy(&first.stdout).into_owned();
    assert_eq!(first.status.code(), Some(0), "{said}");
    assert_eq!(
        said.trim(),
        "2 marked, 0 noted, 0 known already, 3 not about our letters; 4 of 8 are no reports"
    );
    let mailbox = Some("nana.ouyang@example.com".to_owned());
    assert_eq!(
        stops(&app),
        [
            (false, mailbox.clone(), "bounced".to_owned()),
            (true, None, "complained".to_owned()),
            (false, mailbox, "complained".to_owned()),
        ]
    );
    assert_eq!(state(&app), State::Bounced);
    let conversation: String = app.sql(|conn| {
        greeting_attempts::table
            .order(greeting_attempts::id.desc())
            .select(greeting_attempts::conversation)
            .first(conn)
    });
    assert!(conversation.contains("User unknown"), "{conversation}");
    let again = run("-");
    assert!(String::from_utf8_lossy(&again.stdout).starts_with("0 marked, 0 noted, 2 known"));
    assert_eq!(stops(&app).len(), 3);
    let missing = run("nowhere.mbox");
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("nowhere.mbox"));
}

async fn a_call_tells_of_a_letter_that_came_back(app: TestApp) {
    sent(&app);
    let pms = Program::pms(&app);
    let address = "Nana.Ouyang@example.com";
    let full = json!({"kind": "bounce", "address": address, "status": "5.2.2"});
    assert_eq!(
        pms.post("/bounces", &full).await.is(200)["outcome"],
        "noted"
    );
    assert_eq!((state(&app), stops(&app).len()), (State::Bounced, 0));
    let gone = json!({"kind": "bounce", "message_id": ID, "status": "5.1.1", "detail": "550 5.1.1 unknown"});
    assert_eq!(
        pms.post("/bounces", &gone).await.is(200)["outcome"],
        "marked"
    );
    assert_eq!(
        pms.post("/bounces", &gone).await.is(200)["outcome"],
        "known"
    );
    let spam = json!({"kind": "complaint", "message_id": ID.trim_matches(['<', '>'])});
    assert_eq!(
        pms.post("/bounces", &spam).await.is(200)["outcome"],
        "marked"
    );
    assert_eq!(stops(&app).len(), 3);
    let complained: i64 = app.sql(|conn| {
        suppressions::table
            .inner_join(guests::table.on(suppressions::guest_id.eq(guests::id.nullable())))
            .filter(guests::family_name.eq("Ouyang"))
            .count()
            .get_result(conn)
    });
    assert_eq!(complained, 1);
    let others = json!({"kind": "complaint", "message_id": "not-ours@elsewhere.example", "address": address});
    assert_eq!(
        pms.post("/bounces", &others).await.is(200)["outcome"],
        "unknown"
    );
    for (wrong, field) in [
        (json!({"address": address}), "kind"),
        (json!({"kind": "bounce"}), "message_id"),
        (json!({"kind": "bounce", "address": "nobody"}), "address"),
        (
            json!({"kind": "bounce", "address": address, "status": "no"}),
            "status",
        ),
    ] {
        let answer = pms.post("/bounces", &wrong).await;
        let problem = answer.problem(422);
        assert!(problem.to_string().contains(field), "{problem}");
    }
    let desk = Program::of(&app, "desk", Role::FrontDesk, &[]);
    desk.post("/bounces", &gone).await.problem(403);
}

async fn a_program_of_another_house_knows_nothing_of_the_letter(app: TestApp) {
    sent(&app);
    let lakeside = Program::of(&app, "lakeside", Role::Pms, &["LAK"]);
    let spam = json!({"kind": "complaint", "message_id": ID});
    assert_eq!(
        lakeside.post("/bounces", &spam).await.is(200)["outcome"],
        "unknown"
    );
    assert!(stops(&app).is_empty());
}
