//! The plan and the hours, as a manager edits them.

use super::{STAND, in_two_weeks, newest, table};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(a_manager_draws_the_plan_and_sets_the_hours);
async fn a_manager_draws_the_plan_and_sets_the_hours(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=RIV").await;
    let plan = format!("{STAND}/plan");
    let new = [
        ("name", "T20"),
        ("shape", "round"),
        ("x", "760"),
        ("y", "400"),
        ("width", "90"),
        ("height", "90"),
        ("rotation", "0"),
        ("seats", "3"),
        ("feature", "quiet_table"),
    ];
    let page = zhou.submit(&format!("{plan}/tables"), &new).await;
    assert_eq!(page.attr("#name", "value"), "T20");
    let id = table(&app, "T20");
    let again = zhou.post(&format!("{plan}/tables"), &new).await;
    assert_eq!(
        (again.status, again.text("#name-d")),
        (422, "There is a table T20 already.".into())
    );
    let mut nudged = new.to_vec();
    nudged.push(("nudge", "right"));
    let page = zhou.submit(&format!("{plan}/tables/{id}"), &nudged).await;
    assert_eq!(page.attr("#x", "value"), "770");
    let mut wrong = new.to_vec();
    wrong.retain(|(name, _)| *name != "seats");
    wrong.push(("seats", "many"));
    let page = zhou.post(&format!("{plan}/tables/{id}"), &wrong).await;
    assert_eq!(
        page.text("#seats-d"),
        "\"many\" is not a number from 1 to 40."
    );
    // Who sits there keeps the table on the plan.
    let seat = [("name", "Sitter"), ("covers", "2"), ("tables", id.as_str())];
    zhou.submit(&format!("{STAND}/seat"), &seat).await;
    let retire = format!("{plan}/tables/{id}/retire");
    assert!(
        zhou.post(&retire, &[])
            .await
            .refusal()
            .starts_with("Somebody sits at this table")
    );
    zhou.submit(&format!("{STAND}/visits/{}/leave", newest(&app)), &[])
        .await;
    let parts = format!("{plan}/parts");
    let t16 = table(&app, "T16");
    zhou.submit(
        &parts,
        &[
            ("part", "combination"),
            ("tables", &id),
            ("tables", &t16),
            ("seats", "7"),
        ],
    )
    .await;
    let page = zhou.see(&format!("{STAND}?covers=7")).await;
    assert!(
        page.all(".fit, button.offer")
            .iter()
            .any(|offer| offer.starts_with("T16+T20")),
        "{:?}",
        page.all(".fit, button.offer")
    );
    zhou.submit(&retire, &[]).await;
    assert!(!zhou.see(STAND).await.has(&format!("#t-{id}")));
    // Services follow each other; a day off is no day for bookings.
    let service = [
        ("part", "service"),
        ("meal", "tea"),
        ("weekday", "0"),
        ("opens_at", "18:00"),
        ("closes_at", "19:00"),
        ("turn_small", "60"),
        ("turn_middle", "60"),
        ("turn_large", "60"),
    ];
    let answer = zhou.post(&parts, &service).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text(".errors").contains("Overlaps Dinner"),
        "{}",
        answer.text(".errors")
    );
    let date = in_two_weeks();
    zhou.submit(&parts, &[("part", "closure"), ("date", &date)])
        .await;
    let form = [
        ("name", "Weber"),
        ("who", "new"),
        ("date", date.as_str()),
        ("time", "19:00"),
        ("covers", "2"),
    ];
    let answer = zhou.post(&format!("{STAND}/bookings"), &form).await;
    assert!(
        answer
            .text("#time-d")
            .starts_with("Closed on this day. Open again on ")
    );
    // A host does not draw.
    let marco = app.sign_in("marco").await;
    assert_eq!(marco.get(&plan).await.status, 403);
    assert_eq!(marco.post(&parts, &service).await.status, 403);
    // A second house gets its own.
    zhou.submit(
        "/restaurant",
        &[("code", "lakeside"), ("name", "Lakeside Bar")],
    )
    .await;
    assert_eq!(
        zhou.post("/restaurant", &[("code", "Lake Side!"), ("name", "x")])
            .await
            .status,
        303
    );
    assert_eq!(zhou.see("/restaurant/lakeside").await.count("a.seat"), 0);
}
