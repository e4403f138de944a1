//! The rules for cases in the settings, and the manager's view of what went wrong.

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    the_rules_are_changed_and_hold_from_then_on,
    a_rule_that_can_not_be_is_said_beside_its_field,
    what_went_wrong_is_put_together_and_filed,
);

const RULES: [(&str, &str); 11] = [
    ("minor_minutes", "600"),
    ("serious_minutes", "120"),
    ("severe_minutes", "30"),
    ("follow_up_days", "5"),
    ("desk_points", "100"),
    ("desk_points_a_day", "200"),
    ("manager_points", ""),
    ("currency", "CNY"),
    ("desk", "50"),
    ("desk_a_day", "80"),
    ("manager", ""),
];

async fn the_rules_are_changed_and_hold_from_then_on(app: TestApp) {
    let admin = app.sign_in("admin").await;
    let page = admin.see("/settings/cases").await;
    assert_eq!(page.attr("#severe_minutes", "value"), "60");
    assert_eq!(page.attr("[name=desk]", "value"), "200.00");
    let page = admin.submit("/settings/cases", &RULES).await;
    assert_eq!(page.attr("#severe_minutes", "value"), "30");
    assert_eq!(page.attr("[name=desk]", "value"), "50.00");
    // A new case has the new deadline.
    let lin = app.sign_in("lin").await;
    let guest = app.guest_of(app.stay_in("1207"));
    let fields = [("summary", "Smoke in the lift"), ("severity", "severe")];
    lin.submit(&format!("/guests/{guest}/cases"), &fields).await;
    let case = super::newest(&app);
    assert_eq!(
        case.due_at.unwrap() - case.opened_at,
        chrono::TimeDelta::minutes(30)
    );
    // What was within the limit is above it.
    let path = format!("/cases/{}/compensate", app.case_of(REGULAR));
    let gift = [("kind", "money"), ("amount", "60"), ("reason", "x")];
    let page = lin.submit(&path, &gift).await;
    assert!(
        page.text(".flash p").contains("above your limit"),
        "{}",
        page.text(".flash p")
    );
    // A new proposal is made at once.
    let rule = [
        ("code", "SPA"),
        ("name_en", "An hour in the spa"),
        ("gesture_kind", "perk"),
        ("worth", "45"),
        ("gesture_currency", "CNY"),
        ("severity", "serious"),
        ("tier", "platinum"),
    ];
    let page = admin.submit("/settings/cases/gestures", &rule).await;
    assert!(page.text("#gestures").contains("An hour in the spa"));
    let mut rule = rule;
    rule[6] = ("tier", "gold");
    rule[3] = ("worth", "4500");
    let page = admin.submit("/settings/cases/gestures", &rule).await;
    assert_eq!(
        page.text("#gestures").matches("SPA").count(),
        1,
        "changed under its code"
    );
    let card = lin.see(&format!("/stays/{}", app.stay_in(REGULAR))).await;
    assert!(
        card.text(".recovery .perk p")
            .contains("An hour in the spa")
    );
}

async fn a_rule_that_can_not_be_is_said_beside_its_field(app: TestApp) {
    let admin = app.sign_in("admin").await;
    for (at, value, said) in [
        (0, "0", "Write a whole number from 1 to 44640."),
        (2, "soon", "Write a whole number from 1 to 44640."),
        (3, "91", "Write a whole number from 0 to 90."),
        (4, "-1", "Write a whole number from 0 to 10000000."),
        (8, "a lot", "'a lot' is not an amount; write it as 180.00."),
        (9, "-5", "'-5' is not an amount; write it as 180.00."),
    ] {
        let mut rules = RULES;
        rules[at].1 = value;
        let page = admin.post("/settings/cases", &rules).await;
        assert_eq!(page.status, 422, "{value}");
        let errors = page.text("[data-errors] li").replace(',', "");
        assert_eq!(errors, said.replace(',', ""));
    }
    let rule = [
        ("code", ""),
        ("name_en", ""),
        ("worth", "-1"),
        ("tier", "none"),
    ];
    let page = admin.post("/settings/cases/gestures", &rule).await;
    assert_eq!(page.status, 422);
    assert_eq!(
        page.count("[data-errors] li"),
        4,
        "{}",
        page.text("[data-errors]")
    );
    assert_eq!(page.attr("#worth", "value"), "-1");
    for name in ["lin", "zhou"] {
        assert_eq!(
            app.sign_in(name).await.get("/settings/cases").await.status,
            403
        );
    }
}

async fn what_went_wrong_is_put_together_and_filed(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    let page = zhou.see("/reports/cases?by=department&months=12").await;
    let rows = page.all("#report tbody tr");
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(
        rows.iter()
            .any(|row| row.starts_with("Restaurant") && row.contains('1')),
        "{rows:?}"
    );
    let file = zhou.see("/reports/cases.csv?by=department&months=12").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let mut lines = file.body.lines();
    let head =
        "department,opened,open,late,satisfied,not_satisfied,median_minutes,currency,cost,points";
    assert_eq!(lines.next(), Some(head));
    assert!(
        file.body.contains("\nrestaurant,1,0,0,1,0,")
            || file.body.contains("\nrestaurant,1,0,1,1,0,"),
        "{}",
        file.body
    );
    for by in ["house", "feature", "severity"] {
        assert!(
            zhou.see(&format!("/reports/cases?by={by}"))
                .await
                .has("#report tbody tr")
        );
    }
    assert_eq!(
        app.sign_in("lin").await.get("/reports/cases").await.status,
        403
    );
}
