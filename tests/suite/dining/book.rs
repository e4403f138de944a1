//! Bookings, dishes, the kitchen's brief, the plan and the till.

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{dining_orders, dining_visits, guests};
use innkeeper::dining::Status;
use innkeeper::importing::{self, Kind, Options};

use super::{STAND, all_is_well, newest, status, table, tables_of, today};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::keys;

on_both!(
    a_table_is_booked_changed_and_cancelled,
    who_books_is_recognised_or_asked_about,
    what_can_not_be_booked_is_said_at_its_field,
    dishes_are_checked_against_everybody_at_the_table,
    a_table_is_kept_for_the_evening_at_the_desk,
    a_manager_draws_the_plan_and_sets_the_hours,
    a_tills_lines_go_to_who_sat_there,
);

/// A day in two weeks, at seven.
fn in_two_weeks() -> String {
    (today() + TimeDelta::days(14)).to_string()
}

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

async fn dishes_are_checked_against_everybody_at_the_table(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let t8 = table(&app, "T8");
    let form = [
        ("name", "Friends"),
        ("covers", "2"),
        ("tables", t8.as_str()),
    ];
    marco.submit(&format!("{STAND}/seat"), &form).await;
    let visit = newest(&app);
    let orders = format!("{STAND}/visits/{visit}/orders");
    let page = marco.see(&orders).await;
    assert!(!page.has(".pick.clash"));
    let pick = |page: &crate::support::client::Page, name: &str| {
        let html = page.html();
        html.select(&crate::support::client::css("button[name=dish]"))
            .find(|button| crate::support::client::text(*button).contains(name))
            .and_then(|button| button.attr("value").map(str::to_owned))
    };
    let kung_pao = pick(&page, "Kung pao").unwrap();
    // A friend joins who must not have peanuts.
    let guest = app.known_as("Ouyang");
    let found = marco
        .see(&format!("{STAND}/find?q=ouyang&visit={visit}"))
        .await;
    let link = found
        .attrs(".hit", "href")
        .into_iter()
        .find(|href| href.ends_with(&guest));
    let page = marco
        .see(&link.unwrap_or(format!("{orders}?join={guest}")))
        .await;
    let joins = page.attr("form[action$='/party'] button", "value");
    let page = marco
        .submit(
            &format!("{STAND}/visits/{visit}/party"),
            &[("guest", &joins)],
        )
        .await;
    assert!(
        page.all("summary.clash")
            .iter()
            .any(|dish| dish.contains("Kung pao") && dish.contains("Peanut"))
    );
    let refused = marco.post(&orders, &[("dish", &kung_pao)]).await.refusal();
    assert_eq!(
        refused,
        "Wrong for somebody at this table: Peanut allergy. Order it made without, or choose another."
    );
    let page = marco
        .submit(&orders, &[("dish", &kung_pao), ("despite", "yes")])
        .await;
    assert_eq!(
        page.text(".flash p"),
        "Noted: Kung pao chicken. Tell the kitchen: Peanut allergy."
    );
    // The kitchen reads it.
    let brief = marco.see(&format!("{STAND}/brief")).await;
    let row = brief
        .all("table.brief tbody tr")
        .into_iter()
        .find(|row| row.contains("Friends"))
        .unwrap();
    assert!(
        row.contains("Kung pao chicken") && row.contains("without Peanut"),
        "{row}"
    );
    assert!(
        brief
            .all("ul.loud li")
            .iter()
            .any(|line| line.contains("Peanut") && line.contains("T8"))
    );
    // Taken back, it is not what they ate.
    let action = page.attr("form[action$='/void']", "action");
    let page = marco.submit(&action, &[]).await;
    assert!(
        page.text("aside .panel:first-of-type")
            .contains("Nothing noted yet"),
        "{}",
        page.body
    );
    assert!(
        marco
            .post(&action, &[])
            .await
            .refusal()
            .contains("taken back already")
    );
    // What a guest says of a dish outweighs what was counted.
    let page = marco.see(&format!("{STAND}?guest={guest}")).await;
    assert!(
        page.all("ul.likes li")
            .iter()
            .any(|like| like.starts_with("Steamed sea bass"))
    );
    let bass = pick(&marco.see(&orders).await, "Steamed sea bass").unwrap();
    marco
        .submit(
            &format!("{STAND}/taste"),
            &[("guest", &guest), ("dish", &bass), ("likes", "no")],
        )
        .await;
    let page = marco.see(&format!("{STAND}?guest={guest}")).await;
    assert!(!page.body.contains("Steamed sea bass"));
}

async fn a_table_is_kept_for_the_evening_at_the_desk(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.stay_in(REGULAR);
    let card = format!("/stays/{stay}");
    let page = lin.see(&card).await;
    let said = page.text("section[aria-labelledby=table-h]");
    assert!(
        said.contains("Usually T4 · 6 of 8") && said.contains("Steamed sea bass 4×"),
        "{said}"
    );
    let page = lin.submit(&format!("{card}/table"), &[]).await;
    assert!(
        page.text(".flash p").starts_with("T4 is held for "),
        "{}",
        page.text(".flash p")
    );
    let visit = newest(&app);
    assert_eq!(
        (status(&app, visit), tables_of(&app, visit)),
        (Status::Held, vec!["T4".into()])
    );
    assert!(
        page.text("section[aria-labelledby=table-h]")
            .contains("T4 is held for 2")
    );
    assert!(!page.has("form[action$='/table']"));
    let refused = lin.post(&format!("{card}/table"), &[]).await.refusal();
    assert_eq!(refused, "A table is arranged for this guest already.");
    // Nobody else is promised it meanwhile; the guest who was never here is offered nothing unasked.
    let stranger = format!("/stays/{}", app.arriving("Smith"));
    assert!(!lin.see(&stranger).await.has("form[action$='/table']"));
    all_is_well(&app);
}

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

async fn a_tills_lines_go_to_who_sat_there(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let t8 = table(&app, "T8");
    let form = [
        ("guest", app.known_as("Ouyang")),
        ("covers", "2".into()),
        ("tables", t8),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
    marco.submit(&format!("{STAND}/seat"), &form).await;
    let visit = newest(&app);
    let now = clock::now().and_utc().to_rfc3339();
    let long_ago = (clock::now() - TimeDelta::days(400)).and_utc().to_rfc3339();
    let file = format!(
        "outlet,line,ordered_at,table,dish,dish_name,course,quantity\n\
         riverside,1001,{now},T8,BAS,Steamed sea bass,main,1\n\
         riverside,1002,{now},T8,LYC,Lychee sorbet,dessert,2\n\
         riverside,1003,{long_ago},T8,BAS,,,1\n\
         nowhere,1004,{now},T8,BAS,,,1\n\
         riverside,1005,{now},T8,BAS,,,0\n"
    );
    let options = Options::default();
    let take = |file: &str| {
        importing::run(
            &app.app.db,
            &keys(),
            Kind::Orders,
            file.as_bytes(),
            &options,
            |_| (),
        )
        .unwrap()
    };
    let report = take(&file);
    assert_eq!(
        (report.new, report.unchanged, report.rejected),
        (2, 0, 3),
        "{report:?}"
    );
    let columns: Vec<&str> = report
        .examples
        .iter()
        .map(|one| one.rejection.column.as_str())
        .collect();
    assert_eq!(columns, ["table", "outlet", "quantity"]);
    let report = take(&file);
    assert_eq!(
        (report.new, report.unchanged, report.rejected),
        (0, 2, 3),
        "twice changes nothing"
    );
    let report = take(&file.replace(
        "T8,LYC,Lychee sorbet,dessert,2",
        "T8,LYC,Lychee sorbet,dessert,1",
    ));
    assert_eq!((report.changed, report.unchanged), (1, 1));
    let lines: i64 = app.sql(|conn| {
        dining_orders::table
            .filter(dining_orders::visit_id.eq(visit))
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, 2);
    let page = marco.see(&format!("{STAND}/visits/{visit}/orders")).await;
    assert!(page.body.contains("Lychee sorbet"));
}
