//! Kept promises: marked during the stay, at its end and after, told at the next, and counted for managers.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{preferences, promises, stays};
use innkeeper::promises::{Outcome, Promise, of_stay};

use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::on_both;
use crate::support::world::today;

on_both!(
    a_check_out_writes_down_what_became_of_each_wish,
    what_the_clerk_says_at_check_out_stands,
    promises_are_marked_during_the_stay_and_put_right_after,
    the_next_card_tells_how_the_last_stay_went,
    a_stay_that_has_not_begun_has_no_promises,
    managers_see_the_rates_of_their_houses_and_take_them_along,
    a_choice_that_is_none_is_named,
);

fn written(app: &TestApp, stay: i64) -> Vec<Promise> {
    app.sql(|conn| of_stay(conn, stay))
}

fn outcome(app: &TestApp, stay: i64, code: &str) -> Option<Option<Outcome>> {
    let found = written(app, stay).into_iter().find(|one| one.code == code);
    found.map(|one| one.outcome)
}

/// Nana Ouyang in 1203, by the lift, where she asked for quiet away from it; checked in by Lin.
async fn a_stay_with_misses(app: &TestApp, lin: &Client) -> i64 {
    let stay = app.stay_in("1208");
    lin.submit(&format!("/stays/{stay}/check-in"), &[("room", "1203")])
        .await;
    stay
}

async fn a_check_out_writes_down_what_became_of_each_wish(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = a_stay_with_misses(&app, &lin).await;
    assert_eq!(written(&app, stay), []);
    let page = lin.see(&format!("/stays/{stay}/check-out")).await;
    let chosen = page.attrs("#promises option[selected]", "value");
    assert!(
        chosen.contains(&"away_from_elevator:missed".into()),
        "{chosen:?}"
    );
    assert!(chosen.contains(&"high_floor:kept".into()), "{chosen:?}");
    lin.submit(&format!("/stays/{stay}/check-out"), &[]).await;
    assert_eq!(
        outcome(&app, stay, "away_from_elevator"),
        Some(Some(Outcome::Missed))
    );
    assert_eq!(outcome(&app, stay, "high_floor"), Some(Some(Outcome::Kept)));
    assert!(
        written(&app, stay)
            .iter()
            .all(|one| one.marked_by.is_none())
    );
    // As many as the card had wishes, each once.
    assert_eq!(written(&app, stay).len(), chosen.len());
}

async fn what_the_clerk_says_at_check_out_stands(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = a_stay_with_misses(&app, &lin).await;
    let fields = [
        ("promise", "high_floor:missed"),
        ("promise", "away_from_elevator:missed"),
        ("promise", "no_wish_of_hers:kept"),
        ("spa", "much"),
    ];
    // An amount that is none brings the form back, with what was chosen.
    let page = lin.post(&format!("/stays/{stay}/check-out"), &fields).await;
    assert_eq!(page.status, 422);
    let chosen = page.attrs("#promises option[selected]", "value");
    assert!(chosen.contains(&"high_floor:missed".into()), "{chosen:?}");
    assert_eq!(written(&app, stay), []);
    lin.submit(&format!("/stays/{stay}/check-out"), &fields[..3])
        .await;
    let by: Vec<(String, Option<i64>)> = written(&app, stay)
        .into_iter()
        .filter(|one| one.marked_by.is_some())
        .map(|one| (one.code, one.marked_by))
        .collect();
    // Only what she changed is hers.
    assert_eq!(by, [("high_floor".into(), Some(app.user_id("lin")))]);
    assert_eq!(
        outcome(&app, stay, "high_floor"),
        Some(Some(Outcome::Missed))
    );
    assert_eq!(outcome(&app, stay, "no_wish_of_hers"), None);
}

async fn promises_are_marked_during_the_stay_and_put_right_after(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = a_stay_with_misses(&app, &lin).await;
    let path = format!("/stays/{stay}/promises");
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(card.has(&format!("a[href='{path}']")));
    let during = [("promise", "away_from_elevator:kept")];
    let card = lin.submit(&path, &during).await;
    assert_eq!(
        card.text(".flash p"),
        "Written down. The next card tells it."
    );
    assert_eq!(written(&app, stay).len(), 1);
    lin.submit(&format!("/stays/{stay}/check-out"), &[]).await;
    assert_eq!(
        outcome(&app, stay, "away_from_elevator"),
        Some(Some(Outcome::Kept)),
        "what was said during the stay stands"
    );
    lin.submit(&path, &[("promise", "away_from_elevator:unknown")])
        .await;
    assert_eq!(outcome(&app, stay, "away_from_elevator"), Some(None));
    // A wish told after the stay was no promise of it.
    let count = written(&app, stay).len();
    lin.submit(
        &path,
        &[("promise", "bathtub:kept"), ("promise", "balcony:kept")],
    )
    .await;
    assert_eq!(written(&app, stay).len(), count);
}

async fn the_next_card_tells_how_the_last_stay_went(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let next = app.stay_in("1208");
    let last: i64 = app.sql(|conn| {
        let guest: i64 = stays::table
            .find(next)
            .select(stays::guest_id)
            .first(conn)?;
        stays::table
            .filter(stays::guest_id.eq(guest).and(stays::id.ne(next)))
            .order(stays::arrival.desc())
            .select(stays::id)
            .first(conn)
    });
    app.sql(|conn| {
        diesel::delete(promises::table).execute(conn)?;
        for (code, outcome) in [
            ("high_floor", Some("kept")),
            ("river_view", Some("kept")),
            ("quiet_room", Some("missed")),
            ("fruit", None),
        ] {
            diesel::insert_into(promises::table)
                .values((
                    promises::stay_id.eq(last),
                    promises::code.eq(code),
                    promises::strength.eq("prefer"),
                    promises::outcome.eq(outcome),
                    promises::marked_at.eq(clock::now()),
                ))
                .execute(conn)?;
        }
        Ok(())
    });
    let told = async || lin.see(&format!("/stays/{next}")).await;
    assert!(
        told()
            .await
            .body
            .contains("Last time we kept 2 of 3 wishes; missed: Quiet room."),
        "{:?}",
        told().await.all("section p.why")
    );
    app.sql(|conn| {
        diesel::update(promises::table)
            .set(promises::outcome.eq("kept"))
            .execute(conn)
    });
    assert!(
        told()
            .await
            .body
            .contains("Last time we kept 4 of 4 wishes.")
    );
}

async fn a_stay_that_has_not_begun_has_no_promises(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let reserved = app.stay_in("1208");
    let path = format!("/stays/{reserved}/promises");
    let answer = lin.post(&path, &[("promise", "high_floor:kept")]).await;
    assert_eq!(answer.status, 409);
    a_stay_with_misses(&app, &lin).await;
    lin.submit(&path, &[("promise", "away_from_elevator:kept")])
        .await;
    lin.submit(&format!("/stays/{reserved}/undo-check-in"), &[])
        .await;
    assert_eq!(written(&app, reserved), []);
    let broken = app.broken();
    assert!(broken.is_empty(), "{broken:?}");
    // What can't be is found by the check.
    app.sql(|conn| {
        diesel::insert_into(promises::table)
            .values((
                promises::stay_id.eq(reserved),
                promises::code.eq("bathtub"),
                promises::strength.eq("prefer"),
                promises::marked_at.eq(clock::now()),
            ))
            .execute(conn)?;
        diesel::update(preferences::table.filter(preferences::source.eq("observed")))
            .set((
                preferences::strength.eq("must"),
                preferences::noted_stay_id.eq(reserved),
            ))
            .execute(conn)
    });
    let told: Vec<&str> = app
        .broken()
        .iter()
        .map(|finding| finding.invariant)
        .collect();
    assert_eq!(
        told,
        [
            "what stays taught is a liking or a dislike, never more",
            "a promise is of a stay that took place"
        ]
    );
}

async fn managers_see_the_rates_of_their_houses_and_take_them_along(app: TestApp) {
    app.sql(|conn| diesel::delete(promises::table).execute(conn));
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    assert!(zhou.see("/promises").await.has("section.empty"));
    let stay = a_stay_with_misses(&app, &lin).await;
    lin.submit(&format!("/stays/{stay}/check-out"), &[]).await;
    let promises = written(&app, stay);
    let of = |outcome| promises.iter().filter(|one| one.outcome == outcome).count() as i64;
    let (kept, missed) = (of(Some(Outcome::Kept)), of(Some(Outcome::Missed)));
    assert!(kept > 0 && missed > 0, "{promises:?}");
    let page = zhou.see("/promises?months=3").await;
    assert_eq!(page.count("svg.chart rect"), 3);
    assert_eq!(page.count("#by-month tbody tr"), 3);
    let house = page.text("#by-house tbody tr");
    assert!(
        house.starts_with("Riverside Hotel")
            && house.ends_with(&format!("{kept} of {}", kept + missed)),
        "{house}"
    );
    let wishes = page.all("#by-wish tbody th");
    assert_eq!(wishes.len(), promises.len());
    let file = zhou.see("/promises.csv?months=3").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines.len(), promises.len() + 1);
    assert_eq!(lines[0], "property,preference,month,kept,missed,unknown");
    let month = today().format("%Y-%m");
    assert!(
        lines.contains(&format!("RIV,away_from_elevator,{month},0,1,0").as_str()),
        "{lines:?}"
    );
    // However many promises there are, the page asks the same.
    let queries = page.queries();
    app.sql(|conn| {
        diesel::sql_query(
            "INSERT INTO promises (stay_id, code, strength, outcome, marked_at) \
             SELECT id, 'kettle', 'prefer', 'kept', checked_in_at FROM stays WHERE status = 'departed' AND checked_in_at IS NOT NULL",
        )
        .execute(conn)
    });
    let more = zhou.see("/promises?months=24").await;
    assert!(more.queries() <= queries + 6, "{} queries", more.queries());
    assert_eq!(more.count("#by-house tbody tr"), 2);
    assert_eq!(lin.get("/promises").await.status, 403);
    assert_eq!(lin.get("/promises.csv").await.status, 403);
}

async fn a_choice_that_is_none_is_named(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = a_stay_with_misses(&app, &lin).await;
    for said in ["high_floor", "high_floor:perhaps", ""] {
        let path = format!("/stays/{stay}/promises");
        let page = lin.post(&path, &[("promise", said)]).await;
        assert_eq!(page.status, 422, "{said}");
        assert!(
            page.text("[data-errors] li")
                .starts_with(&format!("“{said}” is not a wish")),
            "{}",
            page.text("[data-errors] li")
        );
    }
    assert_eq!(written(&app, stay), []);
}
