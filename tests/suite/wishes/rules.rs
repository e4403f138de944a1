//! The group's rules for wishes, as an administrator sets them.

use diesel::prelude::*;
use innkeeper::db::schema::audit_log;

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    the_half_life_decides_what_is_shown_as_fading,
    a_rule_that_can_not_be_is_named_and_what_was_typed_stays,
);

/// The rules as they stand at first, but for one.
fn rules_with<'a>(field: &str, typed: &'a str) -> Vec<(&'static str, &'a str)> {
    let rules = [
        ("half_life_months", "24"),
        ("least_stays", "3"),
        ("least_percent", "80"),
        ("least_lift_percent", "125"),
        ("least_moves", "2"),
        ("early_hour", "12"),
        ("late_hour", "22"),
    ];
    let rules = rules.into_iter();
    rules
        .map(|(name, value)| (name, if name == field { typed } else { value }))
        .collect()
}

async fn the_half_life_decides_what_is_shown_as_fading(app: TestApp) {
    let (admin, lin) = (app.sign_in("admin").await, app.sign_in("lin").await);
    let profile = format!("/guests/{}", app.guest_of(app.stay_in(REGULAR)));
    let fading = async || {
        let wishes = lin.see(&profile).await.all("#preferences li.pref");
        let fading = wishes.into_iter().filter(|wish| wish.contains("fading"));
        fading.collect::<Vec<_>>()
    };
    assert_eq!(fading().await, Vec::<String>::new());
    let page = admin
        .submit("/settings/wishes", &rules_with("half_life_months", "6"))
        .await;
    assert_eq!(
        page.text(".flash p"),
        "Wishes are weighed by these rules from now on."
    );
    assert_eq!(page.attr("#half_life_months", "value"), "6");
    let now = fading().await;
    assert!(
        now.iter().any(|wish| wish.contains("Quiet room")),
        "{now:?}"
    );
    assert!(
        now.iter().all(|wish| !wish.contains("Peanut")),
        "an allergy faded: {now:?}"
    );
    let on_record: Option<String> = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("set_wishes"))
            .select(audit_log::detail)
            .first(conn)
    });
    assert!(on_record.unwrap().contains(r#""half_life_months":6"#));
}

async fn a_rule_that_can_not_be_is_named_and_what_was_typed_stays(app: TestApp) {
    let admin = app.sign_in("admin").await;
    for (typed, said) in [
        ("soon", "“soon” is not a whole number."),
        ("0", "Write a whole number from 1 to 240."),
        ("", "“” is not a whole number."),
    ] {
        let page = admin
            .post("/settings/wishes", &rules_with("half_life_months", typed))
            .await;
        assert_eq!(page.status, 422, "{typed}");
        assert_eq!(page.all("[data-errors] li"), [said], "{typed}");
        assert_eq!(page.attr("#half_life_months", "value"), typed);
        assert_eq!(page.attr("#half_life_months", "aria-invalid"), "true");
    }
    let page = admin.see("/settings/wishes").await;
    assert_eq!(page.attr("#half_life_months", "value"), "24");
}
