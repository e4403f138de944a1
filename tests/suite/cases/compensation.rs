//! What is given for a case: within limits, once, posted with its cause; above them with another's leave.

use std::thread;

use diesel::prelude::*;
use innkeeper::cases::Severity;
use innkeeper::cases::compensation::{Compensation, Gave, Kind, NewCompensation, State, of_cases};
use innkeeper::cases::limits::Giver;
use innkeeper::cases::open::NewCase;
use innkeeper::db::Database;
use innkeeper::db::schema::{audit_log, case_gestures, folio_charges, loyalty_entries};
use innkeeper::error::Fault;
use innkeeper::guests::notes::Team;
use innkeeper::loyalty::ledger;
use innkeeper::staff::Role;
use innkeeper::stays::Stay;

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::today;

on_both!(
    the_card_proposes_a_gesture_and_one_key_gives_it,
    the_gesture_is_given_at_whatever_house_the_guest_is,
    what_is_above_the_limit_waits_for_somebody_else,
    points_and_perks_are_given_with_their_cause,
    what_can_not_be_given_is_said_beside_its_field,
    the_limit_of_a_case_is_never_passed_by_many_at_once,
    the_limit_of_a_day_is_never_passed_by_many_at_once,
    of_many_who_send_one_form_or_one_gesture_one_gives,
    a_check_finds_what_was_posted_without_its_cause,
);

/// What a check finds broken.
fn broken(app: &TestApp) -> Vec<&'static str> {
    let broken = app.broken().into_iter();
    broken.map(|finding| finding.invariant).collect()
}

fn given(app: &TestApp, case_id: i64) -> Vec<Compensation> {
    app.sql(|conn| of_cases(conn, &[case_id]))
}

/// The lines of all folios that cases caused: amounts.
fn credits(app: &TestApp) -> Vec<i64> {
    app.sql(|conn| {
        folio_charges::table
            .filter(folio_charges::reference.like("compensation-%"))
            .order(folio_charges::id)
            .select(folio_charges::amount_minor)
            .load(conn)
    })
}

async fn the_card_proposes_a_gesture_and_one_key_gives_it(app: TestApp) {
    let (lin, stay) = (app.sign_in("lin").await, app.stay_in(REGULAR));
    let id = app.case_of(REGULAR);
    let path = format!("/stays/{stay}");
    let card = lin.see(&path).await;
    let proposed = card.text(".recovery .perk p");
    // What, what it costs, and why.
    assert!(
        proposed.contains("A credit on the folio · CN¥200")
            || proposed.contains("A credit on the folio · ¥200"),
        "{proposed}"
    );
    assert!(
        proposed.contains("from Gold on when it is Serious or graver"),
        "{proposed}"
    );
    assert_eq!(card.attr(".recovery .perk button", "data-key"), "s");
    let form = ".recovery .perk";
    let fields: Vec<(String, String)> = ["case", "gesture", "once"]
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                card.attr(&format!("{form} [name={name}]"), "value"),
            )
        })
        .collect();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let page = lin.submit(&card.attr(form, "action"), &fields).await;
    assert!(
        page.text(".flash p").starts_with("Given: "),
        "{}",
        page.text(".flash p")
    );
    assert!(!page.has(".recovery .perk"), "nothing more is proposed");
    // Sent again, it is given once; another page that was still open is told.
    lin.submit(&card.attr(form, "action"), &fields).await;
    let late = [fields[0], fields[1], ("once", "another page")];
    let late = lin.post(&card.attr(form, "action"), &late).await;
    assert_eq!(late.refusal(), "A gesture was made for this case already.");
    assert_eq!(credits(&app), [-20_000]);
    let one = &given(&app, id)[0];
    assert_eq!(
        (one.state, one.kind, one.stay_id),
        (State::Given, Kind::Money, Some(stay))
    );
    let lines: i64 = app.sql(|conn| {
        let lines = audit_log::table.filter(audit_log::action.eq("compensate_case"));
        lines.count().get_result(conn)
    });
    assert_eq!(lines, 1);
    // It is on the case's own page, and in its history.
    let page = lin.see(&format!("/cases/{id}")).await;
    assert!(
        page.text("#gifts").contains("Given"),
        "{}",
        page.text("#gifts")
    );
    assert!(page.text("#history").contains("Compensation · Given"));
    assert_eq!(broken(&app), Vec::<&str>::new());
}

async fn the_gesture_is_given_at_whatever_house_the_guest_is(app: TestApp) {
    // A rule that is no longer there is not given.
    let (lin, stay) = (app.sign_in("lin").await, app.stay_in(REGULAR));
    let id = app.case_of(REGULAR);
    let gesture = lin
        .see(&format!("/stays/{stay}"))
        .await
        .attr(".recovery [name=gesture]", "value");
    app.sql(|conn| {
        diesel::update(case_gestures::table)
            .set(case_gestures::is_active.eq(false))
            .execute(conn)
    });
    let fields = [("case", id.to_string()), ("gesture", gesture)];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (*a, b.as_str())).collect();
    let path = format!("/stays/{stay}/gesture");
    let answer = lin.post(&path, &fields).await;
    assert_eq!(
        answer.refusal(),
        "What is proposed has changed meanwhile. Look at the card again."
    );
    // Nor for another guest's case.
    let other = app.case_of("1207").to_string();
    let answer = lin.post(&path, &[("case", &other), ("gesture", "1")]).await;
    assert!(answer.refusal().contains("the case is closed"));
    // The clerk of the house where the guest is gives it, though the case is another house's.
    app.sql(|conn| {
        diesel::update(case_gestures::table)
            .set(case_gestures::is_active.eq(true))
            .execute(conn)
    });
    let lakeside = app.property_id("LAK");
    app.try_sql(&format!("DELETE FROM room_nights WHERE stay_id = {stay}"))
        .unwrap();
    app.try_sql(&format!(
        "UPDATE stays SET property_id = {lakeside}, room_id = NULL, room_type_id = NULL WHERE id = {stay}"
    ))
    .unwrap();
    let sun = app.sign_in("sun").await;
    let card = sun.see(&format!("/stays/{stay}")).await;
    let gesture = card.attr(".recovery [name=gesture]", "value");
    let fields = [("case", id.to_string()), ("gesture", gesture)];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (*a, b.as_str())).collect();
    sun.submit(&path, &fields).await;
    assert_eq!(given(&app, id).len(), 1);
    assert_eq!(
        lin.post(&path, &fields).await.status,
        403,
        "the stay is the other house's now"
    );
}

async fn what_is_above_the_limit_waits_for_somebody_else(app: TestApp) {
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    let id = app.case_of(REGULAR);
    let path = format!("/cases/{id}");
    let ask = |once: &'static str| {
        [
            ("kind", "money"),
            ("amount", "880"),
            ("reason", "One night"),
            ("once", once),
        ]
    };
    let page = lin.submit(&format!("{path}/compensate"), &ask("a")).await;
    assert!(
        page.text(".flash p")
            .contains("a manager has to approve it")
    );
    assert_eq!(credits(&app), Vec::<i64>::new());
    assert!(!page.has("#gifts form"), "a clerk does not answer");
    // While it waits the case is not closed.
    let close = [("resolution", "x"), ("outcome", "satisfied")];
    let refused = lin.post(&format!("{path}/close"), &close).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused
            .body
            .contains("it has to be answered before the case is closed")
    );
    let waiting = zhou.see("/cases?show=waiting").await;
    assert!(waiting.text("table.work").contains("lift noise at night"));
    let one = given(&app, id)[0].id;
    let answer = format!("{path}/compensations/{one}");
    assert_eq!(
        lin.post(&answer, &[("answer", "approved")]).await.status,
        403
    );
    zhou.submit(&answer, &[("answer", "approved")]).await;
    let again = zhou.post(&answer, &[("answer", "refused")]).await;
    assert_eq!(
        again.refusal(),
        "A colleague was quicker: this has been answered."
    );
    assert_eq!(credits(&app), [-88_000]);
    // Refused, nothing is posted.
    lin.submit(&format!("{path}/compensate"), &ask("b")).await;
    let two = given(&app, id)[1].id;
    zhou.submit(
        &format!("{path}/compensations/{two}"),
        &[("answer", "refused")],
    )
    .await;
    // What a manager asks for above a manager's limit, another approves.
    let dear = [
        ("kind", "money"),
        ("amount", "5000"),
        ("reason", "A week"),
        ("once", "c"),
    ];
    zhou.submit(&format!("{path}/compensate"), &dear).await;
    let three = given(&app, id)[2].id;
    let own = zhou
        .post(
            &format!("{path}/compensations/{three}"),
            &[("answer", "approved")],
        )
        .await;
    assert_eq!(
        own.refusal(),
        "Somebody else has to approve what you asked for."
    );
    let admin = app.sign_in("admin").await;
    admin
        .submit(
            &format!("{path}/compensations/{three}"),
            &[("answer", "approved")],
        )
        .await;
    assert_eq!(credits(&app), [-88_000, -500_000]);
    let states: Vec<State> = given(&app, id).iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Approved, State::Refused, State::Approved]);
    assert_eq!(broken(&app), Vec::<&str>::new());
}

async fn points_and_perks_are_given_with_their_cause(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let path = format!("/cases/{}", app.case_of(REGULAR));
    let points = [
        ("kind", "points"),
        ("gift_points", "500"),
        ("reason", "For the noise"),
        ("once", "p"),
    ];
    lin.submit(&format!("{path}/compensate"), &points).await;
    let entries: Vec<(i64, String, String)> = app.sql(|conn| {
        loyalty_entries::table
            .filter(loyalty_entries::reason.eq("For the noise"))
            .select((
                loyalty_entries::points,
                loyalty_entries::kind,
                loyalty_entries::reason,
            ))
            .load(conn)
    });
    assert_eq!(
        entries,
        [(
            500,
            ledger::Kind::Adjust.to_string(),
            "For the noise".into()
        )]
    );
    let perk = [
        ("kind", "perk"),
        ("amount", "60"),
        ("perk", "Fruit and a card"),
        ("reason", "For the noise"),
        ("once", "q"),
    ];
    let page = lin.submit(&format!("{path}/compensate"), &perk).await;
    assert!(
        page.text("#gifts").contains("Fruit and a card"),
        "{}",
        page.text("#gifts")
    );
    assert!(page.text("#gifts").contains("500 points"));
    assert_eq!(broken(&app), Vec::<&str>::new());
    // Who is not a member has no account.
    let guest = app.guest_of(app.stay_in("0605"));
    lin.submit(
        &format!("/guests/{guest}/cases"),
        &[("summary", "Cold soup")],
    )
    .await;
    let other = super::newest(&app).id;
    let answer = lin
        .post(&format!("/cases/{other}/compensate"), &points[..3])
        .await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("not a member yet"));
}

async fn what_can_not_be_given_is_said_beside_its_field(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let id = app.case_of(REGULAR);
    let path = format!("/cases/{id}/compensate");
    for (fields, field) in [
        (
            vec![("kind", "money"), ("amount", "a lot"), ("reason", "x")],
            "amount",
        ),
        (
            vec![("kind", "money"), ("amount", "-5"), ("reason", "x")],
            "amount",
        ),
        (
            vec![("kind", "money"), ("amount", "0"), ("reason", "x")],
            "amount",
        ),
        (
            vec![("kind", "money"), ("amount", "1.001"), ("reason", "x")],
            "amount",
        ),
        (
            vec![("kind", "points"), ("gift_points", "1.5"), ("reason", "x")],
            "gift_points",
        ),
        (
            vec![("kind", "points"), ("gift_points", "-1"), ("reason", "x")],
            "gift_points",
        ),
        (
            vec![("kind", "perk"), ("perk", " "), ("reason", "x")],
            "perk",
        ),
        (vec![("kind", "money"), ("amount", "5")], "reason"),
    ] {
        let page = lin.post(&path, &fields).await;
        assert_eq!(page.status, 422, "{fields:?}");
        assert!(page.has(&format!("#{field}-d")), "{fields:?}");
        for (name, value) in &fields[1..] {
            assert_eq!(
                page.attr(&format!("#{name}"), "value"),
                *value,
                "{name} is kept"
            );
        }
    }
    assert!(given(&app, id).is_empty());
}

/// Gives on many threads at once; how many were given, waited, and were refused.
fn at_once(
    app: &TestApp,
    role: Role,
    new: impl Fn(usize) -> (i64, String, Option<i64>) + Sync,
) -> Vec<Result<Gave, Fault>> {
    let user_id = app.user_id("lin");
    let stay_id = app.stay_in(REGULAR);
    let db = Database::open(&app.world.url).unwrap();
    thread::scope(|scope| {
        let clerks: Vec<_> = (0..32)
            .map(|clerk| {
                let (db, new) = (db.clone(), &new);
                scope.spawn(move || {
                    let (case_id, once, gesture_id) = new(clerk);
                    let new = NewCompensation {
                        case_id,
                        kind: Kind::Money,
                        cost_minor: 3_000,
                        currency: "CNY",
                        points: 0,
                        perk: None,
                        reason: "At once",
                        gesture_id,
                        stay_id: Some(stay_id),
                        account_id: None,
                        once: &once,
                    };
                    db.write(|conn| new.give(conn, Giver { user_id, role }, today()))
                })
            })
            .collect();
        clerks
            .into_iter()
            .map(|clerk| clerk.join().unwrap())
            .collect()
    })
}

fn count(gave: &[Result<Gave, Fault>], state: State) -> usize {
    gave.iter()
        .filter(|gave| {
            gave.as_ref()
                .is_ok_and(|gave| gave.state == state && gave.is_new)
        })
        .count()
}

async fn the_limit_of_a_case_is_never_passed_by_many_at_once(app: TestApp) {
    let id = app.case_of(REGULAR);
    let gave = at_once(&app, Role::FrontDesk, |clerk| {
        (id, format!("case-{clerk}"), None)
    });
    // ¥200 a case: six times ¥30, and the rest waits.
    assert_eq!(count(&gave, State::Given), 6, "{gave:?}");
    assert_eq!(count(&gave, State::Waiting), 26);
    assert_eq!(credits(&app).iter().sum::<i64>(), -18_000);
    assert_eq!(broken(&app), Vec::<&str>::new());
}

async fn the_limit_of_a_day_is_never_passed_by_many_at_once(app: TestApp) {
    let (stay_id, user_id) = (app.stay_in(REGULAR), app.user_id("lin"));
    let cases: Vec<i64> = app.sql(|conn| {
        let stay = Stay::by_id(conn, stay_id)?.unwrap();
        let open = |index: usize| {
            let new = NewCase {
                guest_id: stay.guest_id,
                stay_id: Some(stay_id),
                property_id: stay.property_id,
                room_id: None,
                team: Team::FrontDesk,
                severity: Severity::Minor,
                feature: None,
                summary: "One of many",
                once: &format!("many-{index}"),
            };
            new.open(conn, user_id).map(|opened| opened.id)
        };
        (0..32).map(open).collect()
    });
    let gave = at_once(&app, Role::FrontDesk, |clerk| {
        (cases[clerk], format!("day-{clerk}"), None)
    });
    // ¥600 a day: twenty times ¥30, whatever the case.
    assert_eq!(count(&gave, State::Given), 20, "{gave:?}");
    assert_eq!(credits(&app).iter().sum::<i64>(), -60_000);
    assert_eq!(broken(&app), Vec::<&str>::new());
}

async fn of_many_who_send_one_form_or_one_gesture_one_gives(app: TestApp) {
    let (id, other) = (app.case_of(REGULAR), app.case_of("1207"));
    let gave = at_once(&app, Role::FrontDesk, |_| (id, "one form".into(), None));
    assert_eq!(count(&gave, State::Given), 1);
    assert!(
        gave.iter().all(Result::is_ok),
        "the others are answered with the first: {gave:?}"
    );
    let gesture: i64 = app.sql(|conn| case_gestures::table.select(case_gestures::id).first(conn));
    let gave = at_once(&app, Role::Manager, |clerk| {
        (other, format!("key-{clerk}"), Some(gesture))
    });
    assert_eq!(count(&gave, State::Given), 1, "{gave:?}");
    let refused = gave
        .iter()
        .filter(|gave| matches!(gave, Err(Fault::Refused(_))))
        .count();
    assert_eq!(refused, 31);
    assert_eq!(credits(&app), [-3_000, -3_000]);
}

async fn a_check_finds_what_was_posted_without_its_cause(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let id = app.case_of(REGULAR);
    let fields = [
        ("kind", "money"),
        ("amount", "100"),
        ("reason", "x"),
        ("once", "k"),
    ];
    lin.submit(&format!("/cases/{id}/compensate"), &fields)
        .await;
    assert_eq!(broken(&app), Vec::<&str>::new());
    app.try_sql("UPDATE case_compensations SET cost_minor = 9000 WHERE state = 'given'")
        .unwrap();
    assert_eq!(
        broken(&app),
        ["money given for a case is on the folio, once and to the cent"]
    );
    app.try_sql("UPDATE case_compensations SET cost_minor = 10000 WHERE state = 'given'")
        .unwrap();
    app.try_sql(&format!(
        "UPDATE cases SET closed_at = opened_at, resolution = '' WHERE id = {id}"
    ))
    .unwrap();
    assert_eq!(
        broken(&app),
        [
            "a closed case says what was done",
            "a case is as open as its history says"
        ]
    );
}
