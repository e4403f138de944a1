//! What stays teach: at check-out, over the history, and never against what somebody said.

use chrono::NaiveDate;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    folio_charges, guests, preferences, room_moves, rooms, settings, stays,
};
use innkeeper::guests::preferences::{Ending, Source, Strength};
use innkeeper::stays::folio::Department;
use innkeeper::stays::lessons::{self, Learned};

use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    the_history_is_learned_once_and_again_changes_nothing,
    what_is_wrong_is_not_concluded_again_until_the_guest_says_so,
    moves_extras_and_arrivals_teach,
    what_stays_no_longer_show_is_withdrawn_and_may_come_back,
    a_move_in_the_house_is_remembered_and_an_assignment_is_not,
);

fn learn(app: &TestApp) -> Learned {
    lessons::learn_all(&app.app.db, |_| ()).unwrap()
}

type Row = (String, Strength, Source, i64, i64);

/// What was learned of the guest of a stay and stands, by code.
fn learned(app: &TestApp, stay: i64) -> Vec<Row> {
    app.sql(|conn| {
        let guest: i64 = stays::table
            .find(stay)
            .select(stays::guest_id)
            .first(conn)?;
        preferences::table
            .filter(preferences::guest_id.eq(guest))
            .filter(preferences::source.eq_any([Source::Observed, Source::Inferred]))
            .filter(preferences::retired_at.is_null())
            .order(preferences::code)
            .select((
                preferences::code,
                preferences::strength,
                preferences::source,
                preferences::times,
                preferences::chances,
            ))
            .load(conn)
    })
}

fn has(rows: &[Row], code: &str) -> bool {
    rows.iter().any(|row| row.0 == code)
}

async fn the_history_is_learned_once_and_again_changes_nothing(app: TestApp) {
    // Siobhán O'Connor: four stays, three of them in 1005, all on a high floor with a king bed.
    let stay = app.stay_in("1005");
    assert!(!has(&learned(&app, stay), "high_floor"));
    let first = learn(&app);
    assert!(first.persons > 30 && first.noted > 10, "{first:?}");
    let rows = learned(&app, stay);
    assert!(
        rows.contains(&(
            "high_floor".into(),
            Strength::Prefer,
            Source::Observed,
            4,
            4
        )),
        "{rows:?}"
    );
    // Every room has a kettle, and she said herself that she arrives late.
    assert!(
        !has(&rows, "kettle") && !has(&rows, "late_arrival"),
        "{rows:?}"
    );
    let again = learn(&app);
    assert_eq!(
        (again.noted, again.updated, again.withdrawn),
        (0, 0, 0),
        "{again:?}"
    );
    assert_eq!(learned(&app, stay), rows);
    // Nothing stands beside what a guest stated, nor against it.
    let beside: i64 = app.sql(|conn| {
        let stated = diesel::alias!(preferences as stated);
        preferences::table
            .inner_join(
                stated.on(stated
                    .field(preferences::guest_id)
                    .eq(preferences::guest_id)),
            )
            .filter(stated.field(preferences::code).eq(preferences::code))
            .filter(stated.field(preferences::source).eq(Source::Stated))
            .filter(preferences::source.eq_any([Source::Observed, Source::Inferred]))
            .filter(preferences::noted_stay_id.is_not_null())
            .count()
            .get_result(conn)
    });
    assert_eq!(beside, 0);
    let told = lin_sees(&app, stay).await;
    assert!(
        told.iter()
            .any(|wish| wish.contains("High floor") && wish.contains("4 of 4 stays")),
        "{told:?}"
    );
}

async fn lin_sees(app: &TestApp, stay: i64) -> Vec<String> {
    let lin = app.sign_in("lin").await;
    lin.see(&format!("/stays/{stay}")).await.all("li.wish")
}

async fn what_is_wrong_is_not_concluded_again_until_the_guest_says_so(app: TestApp) {
    learn(&app);
    let (lin, stay) = (app.sign_in("lin").await, app.stay_in("1005"));
    let guest = app.guest_of(stay);
    let id: i64 = app.sql(|conn| {
        preferences::table
            .inner_join(guests::table)
            .filter(guests::public_id.eq(&guest))
            .filter(preferences::code.eq("high_floor"))
            .select(preferences::id)
            .first(conn)
    });
    let profile = lin.see(&format!("/guests/{guest}")).await;
    let retire = format!("/guests/{guest}/preferences/{id}/retire");
    assert_eq!(
        profile.text(&format!("form[action='{retire}'] button")),
        "No, that is wrong High floor"
    );
    let page = lin.submit(&retire, &[]).await;
    assert_eq!(
        page.text(".flash p"),
        "Taken out. It is not concluded again until the guest says so."
    );
    assert_eq!(
        page.attr(".flash form", "action"),
        format!("/guests/{guest}/preferences/{id}/restore")
    );
    assert!(!has(&learned(&app, stay), "high_floor"));
    learn(&app);
    lin.submit(&format!("/stays/{stay}/check-in"), &[("room", "1005")])
        .await;
    lin.submit(&format!("/stays/{stay}/check-out"), &[]).await;
    assert!(!has(&learned(&app, stay), "high_floor"));
    // A slip is taken back by the same click that made it.
    let page = lin
        .submit(&format!("/guests/{guest}/preferences/{id}/restore"), &[])
        .await;
    assert_eq!(page.text(".flash p"), "It counts again.");
    assert!(has(&learned(&app, stay), "high_floor"));
    lin.submit(&retire, &[]).await;
    // Said, and said to be over: from then on it may be seen again.
    lin.submit(
        &format!("/guests/{guest}/preferences"),
        &[("what", "high_floor")],
    )
    .await;
    learn(&app);
    assert!(
        !has(&learned(&app, stay), "high_floor"),
        "beside what was stated"
    );
    app.sql(|conn| {
        diesel::update(preferences::table.filter(preferences::source.eq(Source::Stated)))
            .set((
                preferences::retired_at.eq(clock::now()),
                preferences::retired_as.eq(Ending::Over),
            ))
            .execute(conn)
    });
    learn(&app);
    assert!(has(&learned(&app, stay), "high_floor"));
}

async fn moves_extras_and_arrivals_teach(app: TestApp) {
    // Misaki Tanaka: eight stays in 1109. She moved out of 1102, by the lift, on two of them, had the spa on all, and came
    // at eleven at night.
    let stay = app.stay_in("1109");
    app.sql(|conn| {
        let guest: i64 = stays::table
            .find(stay)
            .select(stays::guest_id)
            .first(conn)?;
        let past: Vec<(i64, Option<i64>, NaiveDate)> = stays::table
            .filter(stays::guest_id.eq(guest).and(stays::id.ne(stay)))
            .order(stays::id)
            .select((stays::id, stays::room_id, stays::departure))
            .load(conn)?;
        let left: i64 = rooms::table
            .filter(rooms::number.eq("1102"))
            .select(rooms::id)
            .first(conn)?;
        for (at, (id, room, departure)) in past.iter().enumerate() {
            if at < 2 {
                diesel::insert_into(room_moves::table)
                    .values((
                        room_moves::stay_id.eq(id),
                        room_moves::from_room_id.eq(left),
                        room_moves::to_room_id.eq(room.unwrap()),
                        room_moves::moved_at.eq(clock::now()),
                    ))
                    .execute(conn)?;
            }
            diesel::update(stays::table.find(id))
                .set(stays::arrival_time.eq(23 * 60))
                .execute(conn)?;
            for (reference, department, description) in [
                ("spa", Department::Spa, None),
                ("late", Department::Other, Some("Late check-out")),
            ] {
                diesel::insert_into(folio_charges::table)
                    .values((
                        folio_charges::stay_id.eq(id),
                        folio_charges::department.eq(department),
                        folio_charges::description.eq(description),
                        folio_charges::amount_minor.eq(12_000_i64),
                        folio_charges::currency.eq("CNY"),
                        folio_charges::posted_on.eq(departure),
                        folio_charges::reference.eq(reference),
                        folio_charges::created_at.eq(clock::now()),
                    ))
                    .execute(conn)?;
            }
        }
        Ok(())
    });
    learn(&app);
    let rows = learned(&app, stay);
    for expected in [
        ("late_arrival", Strength::Prefer, Source::Observed, 8, 8),
        ("late_check_out", Strength::Prefer, Source::Observed, 8, 8),
        ("near_elevator", Strength::Avoid, Source::Inferred, 2, 2),
        ("spa", Strength::Prefer, Source::Observed, 8, 8),
    ] {
        let (code, strength, source, times, chances) = expected;
        let row = (code.to_owned(), strength, source, times, chances);
        assert!(rows.contains(&row), "{expected:?} is not in {rows:?}");
    }
    let wishes = lin_sees(&app, stay).await;
    assert!(
        wishes
            .iter()
            .any(|wish| wish.contains("avoids Near the lift")
                && wish.contains("guessed from 2 of 2 stays")),
        "{wishes:?}"
    );
}

async fn what_stays_no_longer_show_is_withdrawn_and_may_come_back(app: TestApp) {
    learn(&app);
    let stay = app.stay_in("1005");
    let rules = |app: &TestApp, least: i64| {
        app.sql(|conn| {
            diesel::delete(settings::table.filter(settings::name.eq("wishes"))).execute(conn)?;
            diesel::insert_into(settings::table)
                .values((
                    settings::name.eq("wishes"),
                    settings::value.eq(format!(r#"{{"least_stays":{least}}}"#)),
                ))
                .execute(conn)
        });
    };
    rules(&app, 50);
    let withdrawn = learn(&app);
    assert!(
        withdrawn.withdrawn > 10 && withdrawn.noted == 0,
        "{withdrawn:?}"
    );
    assert!(!has(&learned(&app, stay), "high_floor"));
    let endings: Vec<Option<Ending>> = app.sql(|conn| {
        preferences::table
            .filter(preferences::retired_at.is_not_null())
            .select(preferences::retired_as)
            .distinct()
            .load(conn)
    });
    assert_eq!(endings, [Some(Ending::Unfounded)]);
    // What another system observed is not ours to withdraw.
    assert!(has(&learned(&app, app.stay_in("1501")), "corner_room"));
    rules(&app, 3);
    assert_eq!(learn(&app).noted, withdrawn.withdrawn);
    assert!(has(&learned(&app, stay), "high_floor"));
}

async fn a_move_in_the_house_is_remembered_and_an_assignment_is_not(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let moves = || -> i64 { app.sql(|conn| room_moves::table.count().get_result(conn)) };
    let reserved = app.stay_in("0605");
    lin.submit(&format!("/stays/{reserved}/room"), &[("room", "0603")])
        .await;
    assert_eq!(moves(), 0);
    let in_house = app.stay_in("1207");
    lin.submit(&format!("/stays/{in_house}/room"), &[("room", "1206")])
        .await;
    assert_eq!(moves(), 1);
    // To the same room is no move.
    lin.submit(&format!("/stays/{in_house}/room"), &[("room", "1206")])
        .await;
    assert_eq!(moves(), 1);
}
