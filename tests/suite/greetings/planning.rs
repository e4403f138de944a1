//! Who is written to, on which occasion; and why others are not.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{cases, greetings, guests};
use innkeeper::greetings::plan::WhyNot;
use innkeeper::greetings::planning::When;
use innkeeper::greetings::suppressions::{self, Reason, Whom};
use innkeeper::greetings::{Occasion, State, runs};
use innkeeper::guests::contacts::Email;
use innkeeper::guests::profile::NewProfile;
use innkeeper::stays::Status;

use super::{decide, house, invite, letters, plan, plan_for, plan_on, somebody, stay, the_day};
use crate::support::app::TestApp;
use crate::support::on_both_empty;

on_both_empty!(
    each_reason_against_a_letter_is_counted,
    a_stay_has_a_letter_before_during_and_after,
    a_guest_is_written_to_on_an_anniversary_and_when_missed,
    a_festival_is_greeted_by_country_and_the_announced_date,
    one_letter_a_day_for_a_person_and_a_mailbox,
    a_sample_is_held_back_and_says_so,
    letters_leave_at_ten_where_the_guest_lives,
    a_plan_that_is_broken_off_goes_on,
);

async fn each_reason_against_a_letter_is_counted(app: TestApp) {
    let property = house(&app);
    let ids = invite(
        &app,
        &[
            somebody("Yes"),
            NewProfile {
                email: None,
                ..somebody("Nowhere")
            },
            NewProfile {
                email: Email::parse("x.1@guest.booking.com").ok(),
                ..somebody("Relay")
            },
            NewProfile {
                email_consent: None,
                ..somebody("Unasked")
            },
            NewProfile {
                email_consent: Some(false),
                ..somebody("No")
            },
            somebody("Angry"),
            somebody("Here"),
            somebody("Gone"),
            NewProfile {
                birth_date: None,
                ..somebody("Ageless")
            },
        ],
    );
    stay(&app, ids[6], Status::InHouse, "2026-04-20", "2026-05-04");
    app.sql(|conn| {
        diesel::insert_into(cases::table)
            .values((
                cases::guest_id.eq(ids[5]),
                cases::property_id.eq(property),
                cases::department.eq("front_desk"),
                cases::severity.eq(2_i16),
                cases::summary.eq("cold soup"),
                cases::opened_at.eq(clock::now()),
            ))
            .execute(conn)?;
        let gone = Whom {
            guest_id: Some(ids[7]),
            mailbox: None,
        };
        suppressions::stop(conn, gone, Reason::Deceased, None, None, None)
    });
    let planned = plan(&app);
    assert_eq!(planned.letters, 1);
    let reasons: Vec<(WhyNot, i64)> = planned.refused.into_iter().collect();
    let expected = [
        WhyNot::Deceased,
        WhyNot::NoAddress,
        WhyNot::RelayAddress,
        WhyNot::SaidNo,
        WhyNot::NoConsent,
        WhyNot::OpenCase,
        WhyNot::StayingNow,
    ];
    assert_eq!(reasons, expected.map(|why| (why, 1)));
    let mut told = Vec::new();
    // Asked again without writing: who has a letter says so.
    let again = runs::rehearse(&app.app.db, &plan_for(&app, the_day()), |line| {
        told.push(line.clone())
    })
    .unwrap();
    assert_eq!(
        (again.letters, again.refused[&WhyNot::AlreadyToday]),
        (0, 1)
    );
    assert_eq!(told.len(), 8);
}

async fn a_stay_has_a_letter_before_during_and_after(app: TestApp) {
    house(&app);
    let plain = |name: &str| NewProfile {
        birth_date: None,
        email_consent: None,
        ..somebody(name)
    };
    let ids = invite(
        &app,
        &[
            plain("Soon"),
            plain("In"),
            plain("Left"),
            plain("Cancelled"),
        ],
    );
    let soon = stay(&app, ids[0], Status::Reserved, "2026-05-05", "2026-05-07");
    stay(&app, ids[1], Status::InHouse, "2026-05-01", "2026-05-04");
    stay(&app, ids[2], Status::Departed, "2026-04-28", "2026-05-01");
    stay(&app, ids[3], Status::Cancelled, "2026-05-05", "2026-05-07");
    assert_eq!(plan(&app).letters, 3);
    let mut occasions: Vec<Occasion> = letters(&app).into_iter().map(|letter| letter.1).collect();
    occasions.sort();
    assert_eq!(
        occasions,
        [
            Occasion::BeforeArrival,
            Occasion::Welcome,
            Occasion::AfterDeparture
        ]
    );
    // A stay put off by a day is not announced twice.
    app.sql(|conn| {
        use innkeeper::db::schema::stays;
        diesel::update(stays::table.find(soon))
            .set((
                stays::arrival.eq(super::day("2026-05-06")),
                stays::departure.eq(super::day("2026-05-08")),
            ))
            .execute(conn)
    });
    plan_on(&app, super::day("2026-05-03"));
    let announced = letters(&app)
        .into_iter()
        .filter(|letter| letter.1 == Occasion::BeforeArrival);
    assert_eq!(announced.count(), 1);
    let server = crate::support::smtp::Smtp::start();
    super::send(&app, &server);
    let moved = letters(&app)
        .into_iter()
        .find(|letter| letter.1 == Occasion::BeforeArrival)
        .unwrap();
    assert_eq!(
        (moved.2, moved.3.as_deref()),
        (State::Dropped, Some("stay_changed"))
    );
}

async fn a_guest_is_written_to_on_an_anniversary_and_when_missed(app: TestApp) {
    house(&app);
    let plain = |name: &str| NewProfile {
        birth_date: None,
        ..somebody(name)
    };
    let ids = invite(&app, &[plain("First"), plain("Missed")]);
    stay(&app, ids[0], Status::Departed, "2020-05-02", "2020-05-04");
    // Every hundred days, and last left 150 days ago.
    stay(&app, ids[1], Status::Departed, "2025-05-14", "2025-05-16");
    stay(&app, ids[1], Status::Departed, "2025-08-22", "2025-08-24");
    stay(&app, ids[1], Status::Departed, "2025-11-30", "2025-12-03");
    assert_eq!(plan(&app).letters, 2);
    let occasions: Vec<Occasion> = letters(&app).into_iter().map(|letter| letter.1).collect();
    assert_eq!(occasions, [Occasion::Anniversary, Occasion::MissYou]);
}

async fn a_festival_is_greeted_by_country_and_the_announced_date(app: TestApp) {
    house(&app);
    let from = |name: &str, country: &str| NewProfile {
        birth_date: None,
        country: Some(country.into()),
        ..somebody(name)
    };
    invite(
        &app,
        &[from("Wei", "CN"), from("Omar", "AE"), from("Maria", "PT")],
    );
    assert_eq!(plan_on(&app, super::day("2026-02-17")).letters, 1);
    let facts: String = app.sql(|conn| greetings::table.select(greetings::facts).first(conn));
    assert!(facts.contains("spring_festival"), "{facts}");
    // The moon was seen a day later than computed.
    decide(&app, |settings| {
        settings
            .announced
            .push(innkeeper::greetings::festivals::Announced {
                festival: innkeeper::greetings::festivals::Festival::EidAlFitr,
                date: super::day("2026-03-21"),
                property_id: None,
            });
    });
    assert_eq!(plan_on(&app, super::day("2026-03-20")).letters, 0);
    assert_eq!(plan_on(&app, super::day("2026-03-21")).letters, 1);
    assert_eq!(letters(&app).len(), 2);
}

async fn one_letter_a_day_for_a_person_and_a_mailbox(app: TestApp) {
    house(&app);
    let twin = NewProfile {
        email: Email::parse("ada@example.com").ok(),
        ..somebody("Adah")
    };
    let ids = invite(
        &app,
        &[somebody("Ada"), twin, somebody("Ben"), somebody("Benny")],
    );
    app.sql(|conn| {
        diesel::update(guests::table.find(ids[3]))
            .set(guests::person_id.eq(ids[2]))
            .execute(conn)
    });
    plan(&app);
    let to: Vec<String> = letters(&app).into_iter().map(|letter| letter.0).collect();
    assert_eq!(to.len(), 2, "{to:?}");
    assert!(to.contains(&"ada@example.com".into()));
}

async fn a_sample_is_held_back_and_says_so(app: TestApp) {
    house(&app);
    super::many(&app, 200);
    decide(&app, |settings| settings.held_back_percent = 50);
    assert_eq!(plan(&app).letters, 200);
    let held = super::states(&app)
        .into_iter()
        .filter(|state| *state == State::HeldBack)
        .count();
    assert!((60..140).contains(&held), "{held}");
    let server = crate::support::smtp::Smtp::start();
    assert_eq!(super::send(&app, &server).sent, 200 - held as u64);
}

async fn letters_leave_at_ten_where_the_guest_lives(app: TestApp) {
    house(&app);
    let from = |name: &str, country: &str| NewProfile {
        country: Some(country.into()),
        ..somebody(name)
    };
    invite(
        &app,
        &[
            from("Kenji", "JP"),
            from("Maria", "PT"),
            NewProfile {
                country: None,
                ..somebody("Wei")
            },
        ],
    );
    let mut plan = plan_for(&app, the_day());
    plan.when = When::DecentHour;
    plan.now = the_day().and_hms_opt(0, 0, 0).unwrap() - chrono::TimeDelta::days(1);
    runs::run(&app.app.db, &plan, || true, |_, _| ()).unwrap();
    let due: Vec<chrono::NaiveDateTime> = app.sql(|conn| {
        greetings::table
            .order(greetings::id)
            .select(greetings::next_try_at)
            .load(conn)
    });
    let hours: Vec<String> = due
        .iter()
        .map(|at| at.format("%dT%H:%M").to_string())
        .collect();
    assert_eq!(hours, ["02T01:00", "02T09:00", "02T02:00"]);
}

async fn a_plan_that_is_broken_off_goes_on(app: TestApp) {
    house(&app);
    super::many(&app, 3);
    let plan = plan_for(&app, the_day());
    let broken = runs::run(&app.app.db, &plan, || false, |_, _| ()).unwrap();
    assert_eq!(broken.letters, 0);
    let houses = plan.houses.clone();
    let now = the_day().and_hms_opt(4, 0, 0).unwrap();
    let pending = app.sql(|conn| runs::pending(conn, &houses, now));
    assert_eq!(pending.len(), 1, "it is not done");
    assert_eq!(
        runs::run(&app.app.db, &plan, || true, |_, _| ())
            .unwrap()
            .letters,
        3
    );
    let pending = app.sql(|conn| runs::pending(conn, &houses, now));
    assert!(pending.is_empty());
    assert_eq!(
        runs::run(&app.app.db, &plan, || true, |_, _| ())
            .unwrap()
            .letters,
        0
    );
}
