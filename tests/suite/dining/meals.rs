//! What is eaten: dishes against allergies, and the till; and the table that is kept for the evening.

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::dining_orders;
use innkeeper::dining::Status;
use innkeeper::importing::{self, Kind, Options};

use super::{STAND, all_is_well, before_the_night_ends, newest, status, table, tables_of};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::keys;

on_both!(
    dishes_are_checked_against_everybody_at_the_table,
    a_table_is_kept_for_the_evening_at_the_desk,
    a_tills_lines_go_to_who_sat_there,
);
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
    before_the_night_ends(&app);
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
