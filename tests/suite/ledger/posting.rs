//! Posting: by many at once, by approval, by claim, and by night.

use std::thread;

use diesel::prelude::*;
use innkeeper::db::schema::loyalty_accounts;
use innkeeper::error::Fault;
use innkeeper::loyalty::ledger::{Kind, NewEntry, Spending};
use innkeeper::loyalty::programme::{SETTINGS, Settings};
use innkeeper::loyalty::requests::{Adjusted, Answer};
use innkeeper::loyalty::{earning, expiry, ledger, requests, review};
use innkeeper::properties::Reference;
use innkeeper::settings;
use innkeeper::staff::audit::Actor;
use innkeeper::stays::Stay;
use innkeeper::words::Language;

use super::{day, members, stayed};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    of_many_redemptions_at_once_none_takes_more_than_there_is,
    points_lapse_once_on_two_nodes_at_once,
    a_large_adjustment_waits_for_somebody_else,
    a_stay_before_the_account_is_claimed_once,
    caps_hold_and_a_correction_keeps_the_terms_of_its_time,
    a_tier_is_lost_after_its_grace,
);

fn told<T: std::fmt::Debug>(done: Result<T, Fault>) -> String {
    match done.unwrap_err() {
        Fault::Refused(message) => Language::En.words().tell(&message),
        other => panic!("{other:?}"),
    }
}

fn give(app: &TestApp, account: i64, points: i64, lapses: i64) {
    let by = Some(Actor::User(app.user_id("zhou")));
    app.sql(|conn| {
        let entry = NewEntry {
            expires_on: Some(day(lapses)),
            ..NewEntry::new(account, Kind::Adjust, points, "welcome", day(0), by)
        };
        entry.post(conn)
    });
}

async fn of_many_redemptions_at_once_none_takes_more_than_there_is(app: TestApp) {
    let accounts: Vec<i64> = app
        .sql(|conn| members(conn, 2))
        .into_iter()
        .map(|(_, account)| account)
        .collect();
    give(&app, accounts[0], 1_000, 400);
    give(&app, accounts[1], 500, 300);
    let by = Actor::User(app.user_id("zhou"));
    let done = thread::scope(|scope| {
        let clerks: Vec<_> = (0..32)
            .map(|clerk| {
                let (db, mut accounts) = (&app.app.db, accounts.clone());
                if clerk % 2 == 0 {
                    accounts.reverse();
                }
                scope.spawn(move || {
                    let spending = Spending {
                        points: 100,
                        reason: "breakfast",
                        reward_id: None,
                    };
                    db.write(|conn| ledger::redeem(conn, &accounts, spending, day(1), by))
                        .is_ok()
                })
            })
            .collect();
        clerks
            .into_iter()
            .map(|clerk| clerk.join().unwrap())
            .filter(|done| *done)
            .count()
    });
    assert_eq!(done, 15);
    for account in accounts {
        assert_eq!(app.sql(|conn| ledger::balance(conn, account)), 0);
    }
    assert_eq!(app.broken(), []);
}

async fn points_lapse_once_on_two_nodes_at_once(app: TestApp) {
    let members = app.sql(|conn| members(conn, 40));
    for (_, account) in &members {
        give(&app, *account, 100, 10);
        give(&app, *account, 50, 10);
        give(&app, *account, 30, 20);
    }
    let db = &app.app.db;
    assert_eq!(
        expiry::run(db, day(10)).unwrap().points,
        0,
        "the last day is good"
    );
    let lapsed: i64 = thread::scope(|scope| {
        let nodes: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| expiry::run(db, day(11)).unwrap().points))
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap()).sum()
    });
    assert_eq!(lapsed, 150 * 40);
    for (_, account) in &members {
        assert_eq!(app.sql(|conn| ledger::balance(conn, *account)), 30);
        let entries = app.sql(|conn| ledger::entries(conn, &[*account], None, 10));
        assert_eq!(entries[0].kind, Kind::Expire);
        assert_eq!((entries.len(), entries[0].points), (4, -150));
    }
    assert_eq!(expiry::run(db, day(11)).unwrap().points, 0);
    assert_eq!(app.broken(), []);
}

async fn a_large_adjustment_waits_for_somebody_else(app: TestApp) {
    let (_, account) = app.sql(|conn| members(conn, 1))[0];
    let (zhou, admin) = (app.user_id("zhou"), app.user_id("admin"));
    let db = &app.app.db;
    let ask = |points: i64| {
        db.write(|conn| {
            let by = Actor::User(zhou);
            requests::adjust(
                conn,
                account,
                Kind::Adjust,
                points,
                "an apology",
                day(0),
                by,
            )
        })
    };
    assert!(matches!(ask(5_000), Ok(Adjusted::Posted(_))));
    let Ok(Adjusted::Waits(id)) = ask(5_001) else {
        panic!("posted alone");
    };
    let answer =
        |user, answer| db.write(|conn| requests::answer(conn, id, answer, &[], day(1), user));
    assert!(told(answer(zhou, Answer::Approved)).contains("Somebody else"));
    assert_eq!(app.sql(|conn| ledger::balance(conn, account)), 5_000);
    assert_eq!(answer(admin, Answer::Approved).unwrap(), 5_001);
    assert!(told(answer(admin, Answer::Refused)).contains("quicker"));
    assert_eq!(app.sql(|conn| ledger::balance(conn, account)), 10_001);
    assert!(told(ask(-5_000).and_then(|_| ask(-5_000)).and_then(|_| ask(-2))).contains("only 1"));
    // The database too wants another's eyes.
    let own = format!("UPDATE loyalty_requests SET asked_by = {admin} WHERE id = {id}");
    assert!(app.try_sql(&own).is_err());
    assert_eq!(app.broken(), []);
}

async fn a_stay_before_the_account_is_claimed_once(app: TestApp) {
    let people = app.sql(|conn| members(conn, 2));
    let stranger = app.sql(|conn| {
        use innkeeper::guests::profile::{self, NewProfile};
        let nobody = NewProfile {
            source: "test".into(),
            given_name: Some("Nobody".into()),
            ..NewProfile::default()
        };
        profile::create(
            conn,
            &crate::support::world::keys(),
            &[nobody],
            innkeeper::clock::now(),
        )
    })[0];
    let (missed, earned) = stayed(&app, stranger, 70_000, day(0));
    assert_eq!(earned, 0);
    let (had, _) = stayed(&app, people[0].0, 30_000, day(0));
    let account = people[0].1;
    let by = Actor::User(app.user_id("lin"));
    let db = &app.app.db;
    let claim = |account: i64, stay: i64| {
        db.write(|conn| {
            let stay = Stay::by_id(conn, stay)?.ok_or(Fault::NotFound)?;
            requests::claim(conn, account, &stay, "booked by his office", by)
        })
    };
    assert!(told(claim(account, had)).contains("posted already"));
    assert!(told(claim(account, app.stay_in("1207"))).contains("is over"));
    let id = claim(account, missed).unwrap();
    assert!(told(claim(people[1].1, missed)).contains("waits"));
    let zhou = app.user_id("zhou");
    let points = db.write(|conn| {
        let tiers = Reference::load(conn)?.tiers;
        requests::answer(conn, id, Answer::Approved, &tiers, day(2), zhou)
    });
    assert_eq!(points.unwrap(), 700);
    assert_eq!(app.sql(|conn| ledger::balance(conn, account)), 1_000);
    assert!(told(claim(people[1].1, missed)).contains("posted already"));
    assert_eq!(app.broken(), []);
}

async fn caps_hold_and_a_correction_keeps_the_terms_of_its_time(app: TestApp) {
    let (guest, account) = app.sql(|conn| members(conn, 1))[0];
    let decide = |settings: Settings| app.sql(|conn| settings::set(conn, SETTINGS, &settings));
    decide(Settings {
        most_per_stay: Some(1_000),
        most_per_year: Some(1_500),
        life_months: 12,
        ..Settings::default()
    });
    let (first, points) = stayed(&app, guest, 200_000, day(0));
    assert_eq!(points, 1_000);
    let (_, points) = stayed(&app, guest, 200_000, day(1));
    assert_eq!(points, 500, "what the year leaves");
    decide(Settings::default());
    app.sql(|conn| {
        use innkeeper::db::schema::earn_rules;
        diesel::update(earn_rules::table)
            .set(earn_rules::points_per_hundred.eq(700))
            .execute(conn)
    });
    assert_eq!(app.broken(), [], "new rules change nothing that was earned");
    let correct = |amount| {
        let acting = super::acting(&app, day(2));
        let charges = [super::room(amount, day(2))];
        app.app
            .db
            .write(|conn| innkeeper::stays::depart::correct(conn, first, &charges, acting))
    };
    assert_eq!(correct(-150_000).unwrap(), -500);
    let reversed = app.sql(|conn| ledger::entries(conn, &[account], None, 1));
    assert_eq!(
        (reversed[0].kind, reversed[0].points),
        (Kind::Reverse, -500)
    );
    assert!(reversed[0].reverses_id.is_some());
    assert_eq!(correct(400_000).unwrap(), 500, "the cap of its time");
    assert_eq!(app.broken(), []);
    // Taken back when it is spent already: owed, and taken from the next earning.
    let by = Actor::User(app.user_id("zhou"));
    let spending = Spending {
        points: 1_500,
        reason: "a night",
        reward_id: None,
    };
    app.app
        .db
        .write(|conn| ledger::redeem(conn, &[account], spending, day(3), by))
        .unwrap();
    assert_eq!(correct(-450_000).unwrap(), -1_000);
    let stands = || {
        app.sql(|conn| {
            Ok((
                ledger::balance(conn, account)?,
                earning::owed(conn, &[account])?,
            ))
        })
    };
    assert_eq!(stands(), (0, 1_000));
    stayed(&app, guest, 10_000, day(4));
    assert_eq!(stands(), (0, 300));
    stayed(&app, guest, 10_000, day(5));
    assert_eq!(stands(), (400, 0));
    assert_eq!(app.broken(), []);
}

async fn a_tier_is_lost_after_its_grace(app: TestApp) {
    let db = &app.app.db;
    let tier = |app: &TestApp| -> String {
        app.sql(|conn| {
            loyalty_accounts::table
                .filter(loyalty_accounts::number.eq("RH-100003"))
                .select(loyalty_accounts::tier)
                .first(conn)
        })
    };
    // Nobody stays any more: years from now.
    let far = day(4_000);
    review::run(db, far).unwrap();
    assert_eq!(
        tier(&app),
        "platinum",
        "a tier is kept where nothing is decided"
    );
    app.sql(|conn| {
        let settings = Settings {
            can_lose: true,
            ..Settings::default()
        };
        settings::set(conn, SETTINGS, &settings)
    });
    let grace = |days| far + chrono::TimeDelta::days(days);
    assert_eq!(review::run(db, grace(0)).unwrap().lost, 0);
    assert_eq!(review::run(db, grace(89)).unwrap().lost, 0);
    assert!(review::run(db, grace(90)).unwrap().lost > 0);
    assert_eq!(tier(&app), "gold");
    assert_eq!(review::run(db, grace(90)).unwrap().lost, 0, "done twice");
}
