//! Thirty-two clerks at once: limits hold, and one room is one guest's.

use std::collections::BTreeSet;
use std::rc::Rc;

use diesel::prelude::*;
use innkeeper::db::schema::{folio_charges, offers, room_nights, rooms, stays};
use innkeeper::offers::rule::Terms;
use innkeeper::offers::{Kind, Pricing, State};
use tokio::task::{JoinSet, LocalSet};

use super::{held, press, rules, terms, type_id};
use crate::support::app::TestApp;
use crate::support::client::{Client, Page};
use crate::support::on_both;

on_both!(
    a_limit_a_day_holds_among_many_clerks,
    a_budget_holds_among_many_clerks,
    the_last_rooms_go_to_as_many_guests_as_there_are,
    of_many_acceptances_of_one_offer_one_has_effect,
);

const CLERKS: usize = 32;

/// Sends all forms at once and returns the answers.
async fn at_once(client: Client, forms: Vec<(String, Vec<(&'static str, String)>)>) -> Vec<Page> {
    let token = client.token().await;
    let client = Rc::new(client);
    LocalSet::new()
        .run_until(async move {
            let mut all = JoinSet::new();
            for (path, mut fields) in forms {
                let client = Rc::clone(&client);
                fields.push(("csrf", token.clone()));
                all.spawn_local(async move {
                    let request = client.http.post(client.url(&path)).form(&fields);
                    Page::of(request.send().await.unwrap()).await
                });
            }
            all.join_all().await
        })
        .await
}

fn accepted(app: &TestApp, rule: i64) -> Vec<i64> {
    app.sql(|conn| {
        offers::table
            .filter(offers::rule_id.eq(rule))
            .filter(offers::state.eq(State::Accepted))
            .select(offers::stay_id)
            .load(conn)
    })
}

/// So many stays who booked a city king.
fn booked(app: &TestApp, count: usize) -> Vec<i64> {
    let stays = app.book(count);
    let king = type_id(app, "CK");
    app.sql(|conn| {
        diesel::update(stays::table.filter(stays::id.eq_any(&stays)))
            .set(stays::room_type_id.eq(king))
            .execute(conn)
    });
    stays
}

async fn all_accept(app: &TestApp, stays: &[i64], rule: i64) -> Vec<Page> {
    let forms = stays.iter().map(|stay| {
        let fields = vec![("rule", rule.to_string()), ("act", "accept".to_owned())];
        (format!("/stays/{stay}/offers"), fields)
    });
    let answers = at_once(app.sign_in("zhou").await, forms.collect()).await;
    for answer in &answers {
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    answers
}

async fn a_limit_a_day_holds_among_many_clerks(app: TestApp) {
    let limited = Terms {
        per_day: Some(5),
        ..terms(app.property_id("RIV"), "Breakfast", Kind::Breakfast)
    };
    let rule = rules(&app, &[limited])[0];
    let answers = all_accept(&app, &booked(&app, CLERKS), rule).await;
    assert_eq!(accepted(&app, rule).len(), 5);
    let told = answers.iter().filter(|answer| {
        let flash = answer.flash().unwrap();
        !flash.ok && flash.text.contains("5 a day")
    });
    assert_eq!(told.count(), CLERKS - 5);
}

async fn a_budget_holds_among_many_clerks(app: TestApp) {
    let limited = Terms {
        cost_minor: 1_000,
        budget_minor: Some(6_500),
        ..terms(app.property_id("RIV"), "Late", Kind::LateCheckOut)
    };
    let rule = rules(&app, &[limited])[0];
    all_accept(&app, &booked(&app, CLERKS), rule).await;
    assert_eq!(accepted(&app, rule).len(), 6);
}

async fn the_last_rooms_go_to_as_many_guests_as_there_are(app: TestApp) {
    // Corner suites: two, one of them promised.
    let upgrade = Terms {
        room_type_id: Some(type_id(&app, "CS")),
        pricing: Pricing::Fixed,
        price_minor: Some(10_000),
        ..terms(app.property_id("RIV"), "Corner", Kind::Upgrade)
    };
    let rule = rules(&app, &[upgrade])[0];
    let stays = booked(&app, CLERKS);
    all_accept(&app, &stays, rule).await;
    let accepted = accepted(&app, rule);
    assert_eq!(accepted.len(), 1);
    let corner = type_id(&app, "CS");
    let nights: Vec<(i64, i64)> = app.sql(|conn| {
        room_nights::table
            .inner_join(rooms::table)
            .filter(rooms::room_type_id.eq(corner))
            .filter(room_nights::stay_id.eq_any(&stays))
            .select((room_nights::room_id, room_nights::stay_id))
            .load(conn)
    });
    let whose: BTreeSet<i64> = nights.iter().map(|(_, stay)| *stay).collect();
    assert_eq!(whose, accepted.into_iter().collect());
}

async fn of_many_acceptances_of_one_offer_one_has_effect(app: TestApp) {
    let upgrade = Terms {
        room_type_id: Some(type_id(&app, "RS")),
        pricing: Pricing::Fixed,
        price_minor: Some(10_000),
        ..terms(app.property_id("RIV"), "Suite", Kind::Upgrade)
    };
    let rule = rules(&app, &[upgrade])[0];
    let stay = app.stay_in("0605");
    let zhou = app.sign_in("zhou").await;
    press(&zhou, stay, rule, "hold").await;
    let path = format!("/stays/{stay}/offers/{}/accept", held(&app, stay));
    let forms = (0..CLERKS).map(|_| (path.clone(), Vec::new())).collect();
    let answers = at_once(zhou, forms).await;
    let won = answers.iter().filter(|answer| answer.flash().unwrap().ok);
    assert_eq!(won.count(), 1);
    let charged: i64 = app.sql(|conn| {
        folio_charges::table
            .filter(folio_charges::stay_id.eq(stay))
            .count()
            .get_result(conn)
    });
    assert_eq!(charged, 1);
}
