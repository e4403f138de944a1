//! Table bookings: made, recognised, changed, refused in words.

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::db::schema::{dining_visits, guests};
use innkeeper::dining::Status;

use super::{STAND, all_is_well, in_two_weeks, newest, status, tables_of, today};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    a_table_is_booked_changed_and_cancelled,
    who_books_is_recognised_or_asked_about,
    what_can_not_be_booked_is_said_at_its_field,
);

async fn a_table_is_booked_changed_and_cancelled(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let date = in_two_weeks();
    let guest = app.known_as("Ouyang");
    let form = [
        ("guest", guest.as_str()),
        ("date", &date),
        ("time", "19:00"),
        ("covers", "2"),
        ("once", "one-form"),
    ];
    let page = marco.submit(&format!("{STAND}/bookings"), &form).await;
    // The table they like best, without asking for it.
    let said = page.text(".flash p");
    assert!(said.contains("T4") && said.ends_with("at 19:00."), "{said}");
    let visit = newest(&app);
    assert_eq!(
        (status(&app, visit), tables_of(&app, visit)),
        (Status::Booked, vec!["T4".into()])
    );
    marco.submit(&format!("{STAND}/bookings"), &form).await;
    assert_eq!(newest(&app), visit, "the same form twice is one booking");
    // Another at the same time gets another table; by name, it is refused and told what would do.
    let other = [
        ("name", "Weber"),
        ("who", "new"),
        ("date", date.as_str()),
        ("time", "19:30"),
        ("covers", "2"),
        ("table", "t4"),
    ];
    let answer = marco.post(&format!("{STAND}/bookings"), &other).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer
            .text("#table-d")
            .starts_with("t4 is not free then; T"),
        "{}",
        answer.text("#table-d")
    );
    assert_eq!(
        answer.attr("#name", "value"),
        "Weber",
        "what was typed is kept"
    );
    // Earlier, and for four: another table.
    let edit = format!("{STAND}/visits/{visit}");
    let page = marco.see(&edit).await;
    assert_eq!(page.attr("#table", "value"), "T4");
    assert_eq!(page.attr("#time", "value"), "19:00");
    let change = [
        ("date", date.as_str()),
        ("time", "18:15"),
        ("covers", "4"),
        ("table", ""),
        ("wish", "peanut_allergy"),
        ("note", "by candle light"),
    ];
    let page = marco.submit(&edit, &change).await;
    assert!(page.text(".flash p").contains("at 18:15"));
    assert_ne!(tables_of(&app, visit), ["T4"]);
    let row = page
        .all("section.day tbody tr")
        .into_iter()
        .find(|row| row.contains("欧阳娜娜"))
        .unwrap();
    assert!(
        row.contains("18:15") && row.contains("Peanut") && row.contains("by candle light"),
        "{row}"
    );
    let page = marco.submit(&format!("{edit}/cancel"), &[]).await;
    assert_eq!(status(&app, visit), Status::Cancelled);
    let undo = page.attr(".flash form", "action");
    marco.submit(&undo, &[]).await;
    assert_eq!(status(&app, visit), Status::Booked);
    all_is_well(&app);
}

async fn who_books_is_recognised_or_asked_about(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let date = in_two_weeks();
    let book = format!("{STAND}/bookings");
    let when = [("date", date.as_str()), ("time", "19:00"), ("covers", "2")];
    // Somebody of that name arrives today: never on a guess.
    let mut form = when.to_vec();
    form.push(("name", "Nana Ouyang"));
    let asked = marco.post(&book, &form).await;
    assert_eq!(asked.status, 422);
    assert!(asked.has("#who input[name=who]"), "{}", asked.body);
    let who = asked.attr("#who input[name=who]", "value");
    form.push(("who", &who));
    marco.submit(&book, &form).await;
    let visit = newest(&app);
    let person: Option<i64> = app.sql(|conn| {
        dining_visits::table
            .inner_join(guests::table)
            .filter(dining_visits::id.eq(visit))
            .select(guests::person_id)
            .first(conn)
            .optional()
    });
    let known = app_guest(&app);
    let regular: i64 = app.sql(|conn| {
        guests::table
            .filter(guests::public_id.eq(&known))
            .select(guests::person_id)
            .first(conn)
    });
    assert_eq!(person, Some(regular));
    // Nobody's name stays a name; with a number it becomes a guest who is known next time.
    let mut nobody = when.to_vec();
    nobody.push(("name", "Zebulon Quist"));
    marco.submit(&book, &nobody).await;
    let called: (Option<i64>, Option<String>) = app.sql(|conn| {
        dining_visits::table
            .find(newest_in(conn))
            .select((dining_visits::guest_id, dining_visits::called))
            .first(conn)
    });
    assert_eq!(called, (None, Some("Zebulon Quist".into())));
    nobody.push(("phone", "+47 22 98 76 54"));
    marco.submit(&book, &nobody).await;
    let first: Option<i64> = app.sql(|conn| {
        dining_visits::table
            .find(newest_in(conn))
            .select(dining_visits::guest_id)
            .first(conn)
    });
    assert!(first.is_some());
    marco.submit(&book, &nobody).await;
    let second: Option<i64> = app.sql(|conn| {
        dining_visits::table
            .find(newest_in(conn))
            .select(dining_visits::guest_id)
            .first(conn)
    });
    assert_eq!(second, first, "the same name and number is the same guest");
}

fn app_guest(app: &TestApp) -> String {
    app.guest_of(app.stay_in(REGULAR))
}

fn newest_in(conn: &mut innkeeper::db::Conn) -> i64 {
    dining_visits::table
        .order(dining_visits::id.desc())
        .select(dining_visits::id)
        .first(conn)
        .unwrap()
}

async fn what_can_not_be_booked_is_said_at_its_field(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let date = in_two_weeks();
    let yesterday = (today() - TimeDelta::days(2)).to_string();
    for (field, change, said) in [
        ("time", ("time", "25:00"), "is not a time of day"),
        ("time", ("time", "05:00"), "Closed at that time"),
        ("date", ("date", "soon"), "soon"),
        ("time", ("date", yesterday.as_str()), "has passed"),
        ("table", ("table", "T99"), "There is no table \"T99\""),
        ("time", ("covers", "60"), "No table for 60 is free"),
    ] {
        let mut form = vec![
            ("name", "Weber"),
            ("who", "new"),
            ("date", &date),
            ("time", "19:00"),
            ("covers", "2"),
            ("table", ""),
        ];
        form.retain(|(name, _)| *name != change.0);
        form.push(change);
        let answer = marco.post(&format!("{STAND}/bookings"), &form).await;
        assert_eq!(answer.status, 422, "{change:?}");
        let told = answer.text(&format!("#{field}-d"));
        assert!(told.contains(said), "{change:?}: {told}");
    }
}
