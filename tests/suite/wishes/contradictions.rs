//! Wishes that can't both hold: shown on card and profile, settled with one click, taken back with another.

use diesel::prelude::*;
use innkeeper::db::schema::preferences;
use innkeeper::guests::preferences::Ending;

use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    contradictions_are_shown_and_settled_with_one_click,
    what_does_not_contradict_is_not_settled,
);

/// François Lefèvre told us of a king bed; now his wife says twin beds.
async fn both_beds(app: &TestApp) -> (i64, String) {
    let stay = app.stay_in("1207");
    let guest = app.guest_of(stay);
    let lin = app.sign_in("lin").await;
    lin.submit(
        &format!("/guests/{guest}/preferences"),
        &[("what", "twin_beds")],
    )
    .await;
    (stay, guest)
}

async fn contradictions_are_shown_and_settled_with_one_click(app: TestApp) {
    let (stay, guest) = both_beds(&app).await;
    let lin = app.sign_in("lin").await;
    let profile = lin.see(&format!("/guests/{guest}")).await;
    assert_eq!(profile.count("#preferences .readings li"), 2);
    let card = lin.see(&format!("/stays/{stay}")).await;
    let sides = card.all(".readings li > span");
    assert!(
        sides
            .iter()
            .any(|side| side.starts_with("King bed told us"))
            && sides
                .iter()
                .any(|side| side.starts_with("Twin beds told us")),
        "{sides:?}"
    );
    let action = card.attr(".readings li:nth-child(2) form", "action");
    let over = card.attr(".readings li:nth-child(2) input[name=over]", "value");
    let fields = [("over", over.as_str()), ("stay", &stay.to_string())];
    let settled = lin.submit(&action, &fields).await;
    assert!(
        settled.text(".flash p").starts_with("Settled: "),
        "{}",
        settled.text(".flash p")
    );
    assert!(!settled.has(".readings"));
    let gone: (Option<Ending>, Option<i64>) = app.sql(|conn| {
        preferences::table
            .find(over.parse::<i64>().unwrap())
            .select((preferences::retired_as, preferences::retired_by))
            .first(conn)
    });
    assert_eq!(gone, (Some(Ending::Settled), Some(app.user_id("lin"))));
    // Undone, both are there again.
    let undo = settled.attr(".flash form", "action");
    let profile = lin.submit(&undo, &[]).await;
    assert_eq!(profile.count("#preferences .readings li"), 2);
    // Settled twice, the second is told so.
    lin.submit(&action, &fields).await;
    assert!(
        lin.post(&action, &fields)
            .await
            .refusal()
            .contains("preference")
    );
}

async fn what_does_not_contradict_is_not_settled(app: TestApp) {
    let (_, guest) = both_beds(&app).await;
    let lin = app.sign_in("lin").await;
    let id = |code: &str| -> i64 {
        app.sql(|conn| {
            preferences::table
                .filter(preferences::code.eq(code))
                .order(preferences::id.desc())
                .select(preferences::id)
                .first(conn)
        })
    };
    let settle = format!("/guests/{guest}/preferences/{}/settle", id("twin_beds"));
    for over in [id("latex_allergy"), id("halal"), 999_999] {
        let answer = lin.post(&settle, &[("over", &over.to_string())]).await;
        assert!(!answer.flash().unwrap().ok, "{over}");
    }
    let left: i64 = app.sql(|conn| {
        preferences::table
            .filter(preferences::retired_at.is_not_null())
            .count()
            .get_result(conn)
    });
    assert_eq!(left, 0);
}
