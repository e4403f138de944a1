//! Rules in the settings, the upgrade queue, and what it all earns.

use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, offer_rules, offers};
use innkeeper::offers::rule::Terms;
use innkeeper::offers::{Kind, Pricing, State};

use super::{press, room_of, rules, states, terms, type_id};
use crate::support::app::TestApp;
use crate::support::client::{Client, Page};
use crate::support::on_both;
use crate::support::world::today;

on_both!(
    a_rule_is_made_changed_and_ended,
    what_can_not_be_right_comes_back_at_its_field,
    the_page_says_which_rule_stands_in_whose_shadow,
    rooms_kept_back_are_kept_by_type,
    who_may_not_make_rules_does_not,
    a_rule_of_another_house_is_not_changed_here,
    the_queue_has_an_open_order_and_an_override_has_a_reason,
    what_is_given_from_the_queue_is_given,
    the_report_counts_what_was_told,
    the_file_is_text_to_a_spreadsheet,
    a_range_that_can_not_be_is_told,
);

/// A form that is right; change what is to be wrong.
fn form<'a>(
    changes: &[(&'a str, &'a str)],
    ends: &'a str,
    target: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("name", "Suite for regulars"),
        ("kind", "upgrade"),
        ("target", target),
        ("pricing", "fixed"),
        ("price", "180.00"),
        ("cost", "60"),
        ("moment", "any"),
        ("priority", "7"),
        ("starts_on", "2026-01-01"),
        ("ends_on", ends),
    ];
    for (name, value) in changes {
        fields.retain(|(own, _)| own != name);
        fields.push((name, value));
    }
    fields
}

async fn send(client: &Client, app: &TestApp, changes: &[(&str, &str)]) -> Page {
    let ends = (today() + chrono::TimeDelta::days(60)).to_string();
    let starts = today().to_string();
    let target = format!("type:{}", type_id(app, "RS"));
    let mut all = vec![("starts_on", starts.as_str())];
    all.extend_from_slice(changes);
    client
        .post("/settings/offers", &form(&all, &ends, &target))
        .await
}

async fn a_rule_is_made_changed_and_ended(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=riv").await;
    rules(&app, &[]);
    let lin = app.sign_in("lin").await;
    let card = format!("/stays/{}", app.stay_in("0605"));
    assert!(!lin.see(&card).await.has("#offers"));
    let made = send(&zhou, &app, &[("tier", ""), ("per_day", "4")]).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let said = lin.see(&card).await.text("#offers .perk p");
    assert!(said.contains("+¥180"), "{said}");
    let page = zhou.see("/settings/offers").await;
    let row = page.text("#rules tbody tr");
    for part in [
        "7Suite for regulars",
        "River suite · +¥180 a night",
        "everybody",
        "4 a day",
    ] {
        assert!(row.contains(part), "{part}: {row}");
    }
    let change = page.attr("#rules a.btn", "href");
    let id = page.attr("#rules tbody tr", "id").replace("rule-", "");
    let form = zhou.see(change.split('#').next().unwrap()).await;
    assert_eq!(form.attr("#price", "value"), "180.00");
    assert_eq!(form.attr("#per_day", "value"), "4");
    assert_eq!(form.text("#target option[selected]"), "River suite");
    let changed = send(&zhou, &app, &[("rule", &id), ("price", "95.5")]).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    let said = lin.see(&card).await.text("#offers .perk p");
    assert!(said.contains("+¥95.50"), "{said}");
    zhou.post(&format!("/settings/offers/{id}/retire"), &[])
        .await;
    assert!(!lin.see(&card).await.has("#offers"));
    let lines: i64 = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.like("%_offer_rule"))
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, 3);
}

async fn what_can_not_be_right_comes_back_at_its_field(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=riv").await;
    let lowest = format!("type:{}", type_id(&app, "CT"));
    let elsewhere = format!("type:{}", type_id(&app, "LS"));
    let before: i64 = app.sql(|conn| offer_rules::table.count().get_result(conn));
    for (changes, field, said) in [
        (vec![("ends_on", "")], "ends_on", "a rule without an end"),
        (
            vec![("ends_on", "2020-01-01")],
            "ends_on",
            "before the first",
        ),
        (vec![("price", "-5")], "price", "above zero"),
        (vec![("price", "a lot")], "price", "is not an amount"),
        (
            vec![("pricing", "percent"), ("percent", "120")],
            "percent",
            "from 1 to 100",
        ),
        (
            vec![("pricing", "percent"), ("percent", "half")],
            "percent",
            "not a whole number",
        ),
        (
            vec![("target", elsewhere.as_str())],
            "target",
            "not on the house’s ladder",
        ),
        (
            vec![("target", lowest.as_str())],
            "target",
            "City twin is the lowest rung",
        ),
        (vec![("target", "step:40")], "target", "from 1 to 5"),
        (vec![("target", "")], "target", "how many steps"),
        (vec![("open_case", "true")], "pricing", "is not sold"),
        (vec![("kind", "voucher"), ("value", "")], "value", "worth"),
        (vec![("priority", "0")], "priority", "from 1 to 99"),
        (
            vec![("occupancy_least", "90"), ("occupancy_most", "10")],
            "occupancy_most",
            "below the least",
        ),
        (vec![("per_day", "0")], "per_day", "from 1"),
        (vec![("name", " ")], "name", "characters"),
    ] {
        let page = send(&zhou, &app, &changes).await;
        assert_eq!(page.status, 422, "{changes:?}: {:?}", page.flash());
        let error = page.text(&format!("#{field}-d"));
        assert!(error.contains(said), "{changes:?}: {error}");
        assert_eq!(page.count("[data-errors] li"), 1, "{changes:?}");
        // What was typed is kept.
        let kept = changes.iter().any(|(name, _)| *name == "name");
        assert!(kept || page.attr("#name", "value") == "Suite for regulars");
    }
    let after: i64 = app.sql(|conn| offer_rules::table.count().get_result(conn));
    assert_eq!(after, before);
}

async fn the_page_says_which_rule_stands_in_whose_shadow(app: TestApp) {
    let house = app.property_id("RIV");
    let suite = |name: &str, priority: i64| Terms {
        room_type_id: Some(type_id(&app, "RS")),
        priority,
        ..terms(house, name, Kind::Upgrade)
    };
    let gold = Terms {
        tier: Some("gold".into()),
        ..suite("For gold", 9)
    };
    rules(&app, &[suite("For all", 5), gold, suite("For all, too", 5)]);
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=riv").await;
    let page = zhou.see("/settings/offers").await;
    let said = page.all("#rules .why.under");
    // Of equal priority the older one stands before.
    assert_eq!(said[0], "Speaks only when “For all” is used up");
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(page.all("#rules tbody th")[0], "For all");
}

async fn rooms_kept_back_are_kept_by_type(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=riv").await;
    let fields = |last: &'static str| {
        vec![
            ("hold_minutes", "9"),
            ("most_shown", "2"),
            ("kept", "0"),
            ("kept", "0"),
            ("kept", "0"),
            ("kept", ""),
            ("kept", "1"),
            ("kept", last),
        ]
    };
    let wrong = zhou.post("/settings/offers/decisions", &fields("-1")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("from 0 to 1000"));
    let page = zhou
        .submit("/settings/offers/decisions", &fields("18"))
        .await;
    assert_eq!(
        page.attrs("#kept input", "value"),
        ["0", "0", "0", "0", "1", "18"]
    );
    assert_eq!(page.attr("#hold_minutes", "value"), "9");
    let lin = app.sign_in("lin").await;
    let card = lin.see(&format!("/stays/{}", app.stay_in("0605"))).await;
    assert!(
        !card
            .all("#offers strong")
            .contains(&"River suite".to_owned())
    );
}

async fn who_may_not_make_rules_does_not(app: TestApp) {
    for name in ["lin", "chen", "marco"] {
        let client = app.sign_in(name).await;
        assert_eq!(client.get("/settings/offers").await.status, 403, "{name}");
        assert_eq!(send(&client, &app, &[]).await.status, 403, "{name}");
    }
    let lin = app.sign_in("lin").await;
    assert_eq!(lin.get("/offers").await.status, 403);
    assert_eq!(
        lin.see("/arrivals")
            .await
            .attr(".rail a[data-key='g o']", "href"),
        "/offers/queue"
    );
    let chen = app.sign_in("chen").await;
    assert!(chen.see("/offers").await.has("#totals"));
    assert_eq!(chen.get("/offers/queue").await.status, 403);
}

async fn a_rule_of_another_house_is_not_changed_here(app: TestApp) {
    let rule = rules(
        &app,
        &[terms(app.property_id("LAK"), "Theirs", Kind::Breakfast)],
    )[0];
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=riv").await;
    assert_eq!(
        zhou.get(&format!("/settings/offers?rule={rule}"))
            .await
            .status,
        404
    );
    let changed = send(&zhou, &app, &[("rule", &rule.to_string())]).await;
    assert_eq!(changed.status, 404);
    let retired = zhou
        .post(&format!("/settings/offers/{rule}/retire"), &[])
        .await;
    assert_eq!(retired.status, 404);
}

/// Free suites for everybody, so many a day.
fn free_suites(app: &TestApp, per_day: i64) -> i64 {
    let upgrade = Terms {
        room_type_id: Some(type_id(app, "RS")),
        cost_minor: 5_000,
        per_day: Some(per_day),
        ..terms(app.property_id("RIV"), "Free suites", Kind::Upgrade)
    };
    rules(app, &[upgrade])[0]
}

async fn the_queue_has_an_open_order_and_an_override_has_a_reason(app: TestApp) {
    let rule = free_suites(&app, 2).to_string();
    let lin = app.sign_in("lin").await;
    let page = lin.see("/offers/queue").await;
    let names = page.all("#queue tbody th a");
    // Platinum before gold; of gold guests, who is owed an apology.
    assert!(names[0].contains("Müller"), "{names:?}");
    assert!(names[1].contains("Ouyang"), "{names:?}");
    let claims = page.all("#queue tbody tr td:nth-child(3)");
    assert!(
        claims[1].contains("Gold · something to put right"),
        "{claims:?}"
    );
    let gone = page.all("#queue td.muted");
    assert_eq!(gone.len(), names.len() - 2, "two a day");
    assert_eq!(page.count("#queue button[data-key=o]"), 1);
    let worth = page.all("#queue tbody tr:first-child td.num");
    assert!(
        worth.iter().any(|money| money.starts_with('¥')),
        "{worth:?}"
    );
    let second = app.stay_in("1208").to_string();
    let out_of_turn = |reason: &'static str| {
        [
            ("stay", second.clone()),
            ("rule", rule.clone()),
            ("reason", reason.to_owned()),
        ]
    };
    let send = async |reason: &'static str| {
        let fields = out_of_turn(reason);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        lin.post("/offers/queue", &fields).await
    };
    let asked = send(" ").await;
    assert_eq!(asked.status, 422);
    assert!(
        asked
            .text(&format!("#reason-{second}-d"))
            .contains("out of turn")
    );
    let given = send("Her case comes first").await;
    assert_eq!(given.location(), "/offers/queue");
    let kept: Option<String> = app.sql(|conn| {
        offers::table
            .filter(offers::state.eq(State::Accepted))
            .order(offers::id.desc())
            .select(offers::out_of_turn)
            .first(conn)
    });
    assert_eq!(kept.as_deref(), Some("Her case comes first"));
}

async fn what_is_given_from_the_queue_is_given(app: TestApp) {
    let rule = free_suites(&app, 1).to_string();
    let lin = app.sign_in("lin").await;
    let first = app.stay_in("1501");
    let id = first.to_string();
    let given = lin
        .post("/offers/queue", &[("stay", &id), ("rule", &rule)])
        .await;
    assert!(given.flash().unwrap().ok, "{:?}", given.flash());
    assert_eq!(room_of(&app, first).1, "RS");
    assert_eq!(states(&app, first), [State::Accepted]);
    let page = lin.see("/offers/queue").await;
    assert!(!page.has("#queue form"), "one a day");
    let other = app.stay_in("1208").to_string();
    let fields = [
        ("stay", other.as_str()),
        ("rule", &rule),
        ("reason", "Please"),
    ];
    let refused = lin.post("/offers/queue", &fields).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("1 a day"), "{}", refused.body);
    lin.post(&given.flash().unwrap().undo.unwrap(), &[]).await;
    assert_eq!(room_of(&app, first).0, "1501");
}

async fn the_report_counts_what_was_told(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=riv").await;
    let house = app.property_id("RIV");
    let sold = Terms {
        pricing: Pricing::Fixed,
        price_minor: Some(12_300),
        cost_minor: 1_100,
        ..terms(house, "=Late for money", Kind::LateCheckOut)
    };
    let rule = rules(&app, &[sold])[0];
    press(&zhou, app.stay_in("0605"), rule, "accept").await;
    press(&zhou, app.stay_in("1501"), rule, "decline").await;
    press(&zhou, app.arriving("Kim"), rule, "hold").await;
    let undone = press(&zhou, app.stay_in("0610"), rule, "accept").await;
    zhou.post(&undone.flash().unwrap().undo.unwrap(), &[]).await;
    let page = zhou.see("/offers").await;
    let totals = page.all("#totals tbody td");
    assert_eq!([&totals[0], &totals[1], &totals[3]], ["3", "1", "1"]);
    let by_rule = page.all("#by-rule tbody tr");
    let own = by_rule.iter().find(|row| row.contains("=Late")).unwrap();
    assert_eq!(own, "=Late for money3133 %1¥123¥11¥112");
    assert!(
        page.all("#by-clerk tbody th")
            .contains(&"Zhou Min".to_owned())
    );
    assert!(
        page.all("#by-house tbody th")
            .contains(&"Riverside Hotel".to_owned())
    );
    assert!(
        page.all("#by-what tbody th")
            .contains(&"Late check-out".to_owned())
    );
    assert_eq!(page.count("figure svg title"), page.count("figure table"));
    assert!(page.count("figure svg rect") > 0);
    let elsewhere = zhou.see("/offers?house=LAK").await;
    assert!(elsewhere.has("section.empty"));
}

async fn the_file_is_text_to_a_spreadsheet(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    zhou.see("/arrivals?property=riv").await;
    let rule = rules(
        &app,
        &[terms(app.property_id("RIV"), "=cmd()", Kind::Breakfast)],
    )[0];
    press(&zhou, app.stay_in("0605"), rule, "accept").await;
    let from = today().to_string();
    let file = zhou
        .see(&format!("/offers.csv?from={from}&to={from}"))
        .await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = file.body.lines().collect();
    assert!(lines[0].starts_with("date,property,rule,kind,"));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with(&format!(
        "{from},RIV,'=cmd(),breakfast,,Zhou Min,accepted,0.00,"
    )));
}

async fn a_range_that_can_not_be_is_told(app: TestApp) {
    let zhou = app.sign_in("zhou").await;
    for (query, said) in [
        ("from=soon", "“soon” is not a day"),
        ("from=2026-05-01&to=2026-04-01", "comes before the last"),
        ("from=2001-01-01&to=2026-04-01", "at most 366 days"),
    ] {
        let page = zhou.see(&format!("/offers?{query}")).await;
        assert!(page.text("[data-errors] li").contains(said), "{query}");
    }
}
