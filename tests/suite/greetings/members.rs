//! Members: who is told that points lapse, and who of a tier that was reached.

use diesel::prelude::*;
use innkeeper::db::schema::{greetings, loyalty_accounts};
use innkeeper::greetings::letter::Facts;
use innkeeper::greetings::plan::WhyNot;
use innkeeper::greetings::{Occasion, State};
use innkeeper::guests::profile::NewProfile;
use innkeeper::loyalty::account;
use innkeeper::loyalty::ledger::{Kind, NewEntry};
use innkeeper::loyalty::review;
use innkeeper::stays::Status;

use super::{day, decide, house, invite, letters, plan_on, send, somebody, stay};
use crate::support::app::TestApp;
use crate::support::on_both_empty;
use crate::support::smtp::Smtp;

on_both_empty!(
    whose_points_lapse_is_told_once_and_in_time,
    what_no_longer_holds_is_not_told,
    a_tier_that_was_reached_is_told_once,
    a_stronger_day_puts_a_members_letter_off,
    a_review_says_when_a_tier_was_reached,
);

fn member(app: &TestApp, name: &str) -> i64 {
    let plain = NewProfile {
        birth_date: None,
        ..somebody(name)
    };
    let guest = invite(app, &[plain])[0];
    stay(app, guest, Status::Departed, "2026-01-10", "2026-01-12");
    app.sql(|conn| {
        diesel::insert_into(loyalty_accounts::table)
            .values((
                loyalty_accounts::guest_id.eq(guest),
                loyalty_accounts::number.eq(format!("N{guest}")),
                loyalty_accounts::enrolled_on.eq(day("2024-01-01")),
            ))
            .returning(loyalty_accounts::id)
            .get_result(conn)
    })
}

/// Points that can be used until a day.
fn earn(app: &TestApp, account: i64, points: i64, until: &str) {
    let guest: i64 = app.sql(|conn| {
        loyalty_accounts::table
            .find(account)
            .select(loyalty_accounts::guest_id)
            .first(conn)
    });
    let stay = stay(app, guest, Status::Departed, "2026-01-10", "2026-01-12");
    let entry = NewEntry {
        stay_id: Some(stay),
        expires_on: Some(day(until)),
        ..NewEntry::new(account, Kind::Earn, points, "stay", day("2026-01-12"), None)
    };
    app.sql(|conn| entry.post(conn).map(drop));
}

fn facts(app: &TestApp) -> Vec<Facts> {
    let all: Vec<String> = app.sql(|conn| {
        greetings::table
            .order(greetings::id)
            .select(greetings::facts)
            .load(conn)
    });
    all.iter()
        .map(|facts| serde_json::from_str(facts).unwrap())
        .collect()
}

async fn whose_points_lapse_is_told_once_and_in_time(app: TestApp) {
    house(&app);
    let account = member(&app, "Ada");
    earn(&app, account, 700, "2026-06-01");
    earn(&app, account, 500, "2026-05-20");
    earn(&app, account, 9_000, "2028-01-01");
    let few = member(&app, "Ben");
    earn(&app, few, 99, "2026-06-01");
    let days: Vec<usize> = (1..8)
        .map(|date| plan_on(&app, day(&format!("2026-05-0{date}"))).letters)
        .collect();
    assert_eq!(days, [0, 1, 0, 0, 0, 0, 0], "thirty days before");
    let told = &facts(&app)[0];
    assert_eq!(
        (told.points, told.lapse_from, told.lapse_to),
        (
            Some(1_200),
            Some(day("2026-05-20")),
            Some(day("2026-06-01"))
        )
    );
    decide(&app, |settings| settings.held_back_percent = 100);
    let other = member(&app, "Cleo");
    earn(&app, other, 100, "2026-06-20");
    plan_on(&app, day("2026-05-21"));
    assert_eq!(
        letters(&app)[1].2,
        State::Queued,
        "nobody is kept in the dark for a comparison"
    );
}

async fn what_no_longer_holds_is_not_told(app: TestApp) {
    house(&app);
    let (spender, sinker) = (member(&app, "Ada"), member(&app, "Ben"));
    earn(&app, spender, 700, "2026-06-01");
    app.sql(|conn| account::raise(conn, sinker, "gold", day("2026-05-01")));
    assert_eq!(plan_on(&app, day("2026-05-02")).letters, 2);
    app.sql(|conn| {
        let spent = NewEntry {
            expires_on: Some(day("2026-05-02")),
            ..NewEntry::new(spender, Kind::Expire, -1, "gone", day("2026-05-02"), None)
        };
        spent.post(conn)?;
        diesel::update(loyalty_accounts::table.find(sinker))
            .set(loyalty_accounts::tier.eq("member"))
            .execute(conn)
    });
    assert_eq!(send(&app, &Smtp::start()).tried(), 0);
    for letter in letters(&app) {
        let why = Some(WhyNot::MembershipChanged.as_str().to_owned());
        assert_eq!((letter.2, letter.3), (State::Dropped, why));
    }
}

async fn a_tier_that_was_reached_is_told_once(app: TestApp) {
    house(&app);
    let account = member(&app, "Ada");
    app.sql(|conn| account::raise(conn, account, "gold", day("2026-05-02")));
    let days: Vec<usize> = (1..8)
        .map(|date| plan_on(&app, day(&format!("2026-05-0{date}"))).letters)
        .collect();
    assert_eq!(days, [0, 0, 1, 0, 0, 0, 0], "the day after");
    assert_eq!(facts(&app)[0].tier.as_deref(), Some("gold"));
    app.sql(|conn| account::raise(conn, account, "platinum", day("2026-05-07")));
    assert_eq!(
        plan_on(&app, day("2026-05-08")).letters,
        1,
        "the next one is news"
    );
    let server = Smtp::start();
    send(&app, &server);
    let text = &server.taken()[0].text;
    assert!(text.contains("You have reached Platinum"), "{text}");
}

async fn a_stronger_day_puts_a_members_letter_off(app: TestApp) {
    house(&app);
    let account = member(&app, "Ada");
    app.sql(|conn| account::raise(conn, account, "gold", day("2026-05-01")));
    earn(&app, account, 700, "2026-06-01");
    for date in ["2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05"] {
        plan_on(&app, day(date));
    }
    let occasions: Vec<Occasion> = letters(&app).into_iter().map(|letter| letter.1).collect();
    assert_eq!(occasions, [Occasion::PointsExpiring, Occasion::TierReached]);
}

async fn a_review_says_when_a_tier_was_reached(app: TestApp) {
    house(&app);
    let account = member(&app, "Ada");
    let guest: i64 = app.sql(|conn| {
        loyalty_accounts::table
            .find(account)
            .select(loyalty_accounts::guest_id)
            .first(conn)
    });
    stay(&app, guest, Status::Departed, "2026-02-01", "2026-02-20");
    let today = day("2026-05-02");
    review::run(&app.app.db, today).unwrap();
    let raised = app.sql(|conn| {
        loyalty_accounts::table
            .find(account)
            .select((loyalty_accounts::tier, loyalty_accounts::raised_on))
            .first::<(String, Option<chrono::NaiveDate>)>(conn)
    });
    assert_eq!(raised, ("gold".into(), Some(today)));
}
