//! The menu, as a manager edits it.

use diesel::prelude::*;
use innkeeper::db::schema::{dish_unfit, dishes};

use super::walk::dish;
use super::{STAND, newest, table};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    a_manager_writes_the_menu_and_hosts_are_warned_by_it,
    what_can_not_be_on_a_menu_is_said_at_its_field,
    a_menu_is_read_in_the_readers_language,
);

const MENU: &str = "/restaurant/riverside/menu";

/// The codes of what is served in a course, in order.
fn served(app: &TestApp, course: &str) -> Vec<String> {
    app.sql(|conn| {
        dishes::table
            .filter(dishes::course.eq(course))
            .filter(dishes::retired_at.is_null())
            .order((dishes::place, dishes::id))
            .select(dishes::code)
            .load(conn)
    })
}

async fn a_manager_writes_the_menu_and_hosts_are_warned_by_it(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=RIV").await;
    assert!(zhou.see(STAND).await.has(&format!("a[href='{MENU}']")));
    let satay = [
        ("name", "Chicken satay"),
        ("native_name", "沙爹鸡肉串"),
        ("course", "starter"),
        ("code", "CSA"),
        ("unfit", "peanut_allergy"),
        ("unfit", "vegetarian"),
        // Nothing a dish can be wrong for.
        ("unfit", "window_table"),
    ];
    let page = zhou.submit(MENU, &satay).await;
    assert_eq!(page.text(".flash p"), "The menu is saved.");
    let id = dish(&app, "CSA");
    let row = page.text(&format!("#d-{id}"));
    assert!(
        row.contains("Chicken satay 沙爹鸡肉串 CSA")
            && row.contains("Peanut")
            && row.contains("Vegetarian"),
        "{row}"
    );
    assert_eq!(
        served(&app, "starter").last().map(String::as_str),
        Some("CSA")
    );
    // Who may not have peanuts is warned at the table.
    let marco = app.sign_in("marco").await;
    let guest = app.known_as("Ouyang");
    let t8 = table(&app, "T8");
    let form = [
        ("guest", guest.as_str()),
        ("covers", "2"),
        ("tables", t8.as_str()),
    ];
    marco.submit(&format!("{STAND}/seat"), &form).await;
    let orders = format!("{STAND}/visits/{}/orders", newest(&app));
    let clashes = marco.see(&orders).await.all("summary.clash");
    assert!(
        clashes.iter().any(|dish| dish.contains("Chicken satay")),
        "{clashes:?}"
    );
    assert_eq!(
        marco.get(MENU).await.status,
        403,
        "a host does not write it"
    );
    // One place up, and no further than the first.
    let before = served(&app, "starter");
    let step = format!("{MENU}/{id}/move");
    zhou.post(&step, &[("way", "up")]).await;
    let mut moved = before.clone();
    let last = moved.len() - 1;
    moved.swap(last - 1, last);
    assert_eq!(served(&app, "starter"), moved);
    for _ in 0..before.len() {
        zhou.post(&step, &[("way", "up")]).await;
    }
    assert_eq!(served(&app, "starter")[0], "CSA");
    // Changed; what the form does not know of a dish stays on it.
    let kpc = dish(&app, "KPC");
    let change = [
        ("name", "Kung pao tofu"),
        ("course", "main"),
        ("code", "KPC"),
        ("unfit", "soy_allergy"),
    ];
    zhou.submit(&format!("{MENU}/{kpc}"), &change).await;
    let unfit: Vec<String> = app.sql(|conn| {
        dish_unfit::table
            .filter(dish_unfit::dish_id.eq(kpc))
            .order(dish_unfit::feature)
            .select(dish_unfit::feature)
            .load(conn)
    });
    assert_eq!(unfit, ["no_spicy", "soy_allergy"]);
    // Off the menu, and back.
    let page = zhou.submit(&format!("{MENU}/{id}/retire"), &[]).await;
    assert!(!served(&app, "starter").contains(&"CSA".to_owned()));
    assert!(!marco.see(&orders).await.body.contains("Chicken satay"));
    zhou.submit(&page.attr(".flash form", "action"), &[]).await;
    assert_eq!(served(&app, "starter")[0], "CSA");
}

async fn what_can_not_be_on_a_menu_is_said_at_its_field(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=RIV").await;
    let long = "x".repeat(101);
    for (field, value, said) in [
        ("code", "KPC", "Another dish has the code \"KPC\" already."),
        ("code", "", "Write 1 to 32 characters."),
        ("name", " ", "Write 1 to 100 characters."),
        ("name", &long, "Write 1 to 100 characters."),
        ("native_name", &long, "Write 1 to 100 characters."),
    ] {
        let mut form = vec![
            ("name", "Soup"),
            ("native_name", ""),
            ("course", "starter"),
            ("code", "SOU"),
        ];
        form.retain(|(name, _)| *name != field);
        form.push((field, value));
        let page = zhou.post(MENU, &form).await;
        assert_eq!(
            (page.status, page.text(&format!("#{field}-d"))),
            (422, said.into())
        );
        assert_eq!(
            page.attr("#course option[selected]", "value"),
            "starter",
            "what was typed is kept"
        );
    }
    assert_eq!(zhou.get(&format!("{MENU}?dish=999999")).await.status, 404);
    let form = [("name", "Soup"), ("course", "starter"), ("code", "SOU")];
    assert_eq!(
        zhou.post(&format!("{MENU}/999999"), &form).await.status,
        404
    );
    assert_eq!(
        zhou.post(&format!("{MENU}/999999/retire"), &[])
            .await
            .status,
        404
    );
}

async fn a_menu_is_read_in_the_readers_language(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=RIV").await;
    zhou.post("/account/manner", &[("language", "zh-CN"), ("back", MENU)])
        .await;
    let page = zhou.see(MENU).await;
    let row = page.text(&format!("#d-{}", dish(&app, "BAS")));
    assert!(
        row.starts_with("清蒸鲈鱼 Steamed sea bass") && row.contains("鱼类"),
        "{row}"
    );
    assert_eq!(page.text("h1"), "菜单");
}
