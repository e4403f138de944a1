//! Offers on the card and the board, one clerk at a time and two.

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{audit_log, folio_charges, offers, room_nights, rooms, stays};
use innkeeper::offers::rule::Terms;
use innkeeper::offers::{Kind, Pricing, SETTINGS, Settings, State, stored};
use innkeeper::settings;

use super::{answer, held, nights_of, press, room_of, rules, states, terms, type_id};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::today;

on_both!(
    the_card_and_the_board_offer_what_the_rules_say,
    an_offer_is_held_taken_and_taken_back,
    an_offer_of_nothing_is_given_by_one_key,
    what_is_declined_is_not_offered_again_in_the_stay,
    an_open_case_hides_what_is_sold_and_allows_what_is_given,
    nobody_is_offered_anything_on_a_guess,
    of_two_clerks_the_second_is_told,
    a_hold_lapses_and_says_so,
    a_rule_changed_while_an_offer_is_held_changes_nothing,
    a_price_that_changed_before_is_told,
    a_room_let_meanwhile_is_followed_by_the_next_or_refused,
    rooms_kept_back_and_waited_for_are_not_offered,
    a_budget_is_not_overspent,
    the_api_tells_the_offers,
);

pub fn suite(app: &TestApp, pricing: Pricing) -> Terms {
    let house = app.property_id("RIV");
    Terms {
        room_type_id: Some(type_id(app, "RS")),
        pricing,
        percent: (pricing == Pricing::Percent).then_some(40),
        price_minor: (pricing == Pricing::Fixed).then_some(18_000),
        cost_minor: 5_000,
        ..terms(house, "Suite", Kind::Upgrade)
    }
}

fn charges(app: &TestApp, stay: i64) -> Vec<i64> {
    app.sql(|conn| {
        folio_charges::table
            .filter(folio_charges::stay_id.eq(stay))
            .order(folio_charges::id)
            .select(folio_charges::amount_minor)
            .load(conn)
    })
}

async fn the_card_and_the_board_offer_what_the_rules_say(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let mueller = app.stay_in("1501");
    let card = lin.see(&format!("/stays/{mueller}")).await;
    let offered = card.all("#offers .perk strong");
    assert_eq!(
        offered,
        [
            "River suite",
            "¥100 to spend in the house",
            "Late check-out"
        ]
    );
    let said = card.all("#offers .perk p");
    assert!(
        said[0].contains("free") && said[0].contains("Platinum"),
        "{said:?}"
    );
    assert_eq!(
        card.text("#offers button[data-key=o]"),
        "Give River suite O"
    );
    let smith = app.stay_in("0605");
    let card = lin.see(&format!("/stays/{smith}")).await;
    // A river suite lists at 2,180, a city king at 780: 40 % of the difference.
    let said = card.all("#offers .perk p");
    assert!(said[0].contains("+¥560"), "{said:?}");
    assert!(said[0].contains("list ¥1,400"), "{said:?}");
    let board = lin.see("/arrivals").await;
    let pill = |stay: i64| board.text(&format!("#stay-{stay} .pill.offer"));
    assert_eq!(pill(smith), "River suite +¥560");
    assert_eq!(pill(mueller), "River suite free");
    let shown = lin.see("/arrivals?show=offers").await;
    assert_eq!(shown.count("tr[data-row]"), board.count("tr .pill.offer"));
}

async fn an_offer_is_held_taken_and_taken_back(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0];
    let stay = app.stay_in("0605");
    let nights = nights_of(&app, stay);
    let said = press(&lin, stay, rule, "hold").await;
    assert!(said.flash().unwrap().ok, "{:?}", said.flash());
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert_eq!(card.text("#offers .held strong"), "River suite");
    assert!(
        card.text("#offers .held .why")
            .starts_with("held for you until")
    );
    assert_eq!(card.text("#offers button[data-key=o]"), "Accept O");
    assert_eq!(card.count("#offers .perk"), 1, "offered twice");
    assert_eq!(
        room_of(&app, stay).0,
        "0605",
        "nothing moves before the answer"
    );
    let taken = answer(&lin, stay, held(&app, stay), "accept").await;
    let flash = taken.flash().unwrap();
    assert!(flash.ok, "{}", flash.text);
    assert_eq!(room_of(&app, stay).1, "RS");
    let moved: Vec<_> = nights_of(&app, stay)
        .iter()
        .map(|(_, night)| *night)
        .collect();
    assert_eq!(
        moved,
        nights.iter().map(|(_, night)| *night).collect::<Vec<_>>()
    );
    assert_eq!(charges(&app, stay), [18_000 * nights.len() as i64]);
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(
        card.text("#offers .perk p")
            .starts_with("Taken: River suite")
    );
    let again = press(&lin, stay, rule, "hold").await;
    assert!(again.refusal().contains("no longer"), "offered twice");
    let undone = lin.post(&flash.undo.unwrap(), &[]).await;
    assert!(undone.flash().unwrap().ok, "{:?}", undone.flash());
    assert_eq!(nights_of(&app, stay), nights);
    assert_eq!(charges(&app, stay).iter().sum::<i64>(), 0);
    assert_eq!(states(&app, stay), [State::Undone]);
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(
        card.has("#offers button[data-key=o]"),
        "it can be offered anew"
    );
    let lines: Vec<String> = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::stay_id.eq(stay))
            .filter(audit_log::action.like("%_offer"))
            .order(audit_log::id)
            .select(audit_log::action)
            .load(conn)
    });
    assert_eq!(lines, ["accept_offer", "undo_offer"]);
}

async fn an_offer_of_nothing_is_given_by_one_key(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let rule = rules(&app, &[suite(&app, Pricing::Free)])[0];
    let stay = app.arriving("Kim");
    let given = press(&lin, stay, rule, "accept").await;
    assert!(given.flash().unwrap().ok, "{:?}", given.flash());
    assert_eq!(room_of(&app, stay).1, "RS");
    assert_eq!(charges(&app, stay), [0_i64; 0]);
    // Without a room before there is none to go back to.
    lin.post(&given.flash().unwrap().undo.unwrap(), &[]).await;
    assert!(nights_of(&app, stay).is_empty());
    let room: Option<i64> =
        app.sql(|conn| stays::table.find(stay).select(stays::room_id).first(conn));
    assert_eq!(room, None);
}

async fn what_is_declined_is_not_offered_again_in_the_stay(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let dearer = Terms {
        priority: 60,
        ..suite(&app, Pricing::Percent)
    };
    let [rule, other] = rules(&app, &[suite(&app, Pricing::Fixed), dearer])[..] else {
        panic!("two rules");
    };
    let stay = app.stay_in("0605");
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert_eq!(card.count("#offers .perk"), 1, "the same is offered once");
    press(&lin, stay, rule, "hold").await;
    let said = answer(&lin, stay, held(&app, stay), "decline").await;
    assert!(said.flash().unwrap().ok);
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(!card.has("#offers button[data-key=o]"));
    assert!(card.text("#offers .perk").contains("likes the room booked"));
    for rule in [rule, other] {
        assert!(
            press(&lin, stay, rule, "hold")
                .await
                .refusal()
                .contains("no longer")
        );
    }
    lin.post(&said.flash().unwrap().undo.unwrap(), &[]).await;
    assert!(press(&lin, stay, rule, "hold").await.flash().unwrap().ok);
}

async fn an_open_case_hides_what_is_sold_and_allows_what_is_given(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.stay_in(REGULAR);
    let card = lin.see(&format!("/stays/{stay}")).await;
    let offered = card.all("#offers .perk p");
    assert!(
        offered[0].starts_with("Breakfast free something to put right"),
        "{offered:?}"
    );
    assert!(
        offered.iter().all(|offer| offer.contains("free")),
        "{offered:?}"
    );
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0];
    assert!(!lin.see(&format!("/stays/{stay}")).await.has("#offers"));
    assert!(
        press(&lin, stay, rule, "hold")
            .await
            .refusal()
            .contains("no longer")
    );
}

async fn nobody_is_offered_anything_on_a_guess(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    assert!(!lin.see(&format!("/stays/{stay}")).await.has("#offers"));
    let rule = rules(&app, &[suite(&app, Pricing::Free)])[0];
    assert!(
        press(&lin, stay, rule, "accept")
            .await
            .refusal()
            .contains("no longer")
    );
}

async fn of_two_clerks_the_second_is_told(app: TestApp) {
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0];
    let stay = app.stay_in("0605");
    press(&lin, stay, rule, "hold").await;
    let offer = held(&app, stay);
    let card = zhou.see(&format!("/stays/{stay}")).await;
    assert!(
        card.text("#offers .held .why")
            .starts_with("Lin Yue is offering it")
    );
    assert!(!card.has("#offers .held form"));
    for said in [
        press(&zhou, stay, rule, "accept").await,
        answer(&zhou, stay, offer, "accept").await,
        answer(&zhou, stay, offer, "decline").await,
    ] {
        assert!(
            said.refusal().starts_with("Lin Yue is offering"),
            "{}",
            said.refusal()
        );
    }
    answer(&lin, stay, offer, "accept").await;
    let late = answer(&zhou, stay, offer, "accept").await;
    assert!(
        late.refusal()
            .contains("Lin Yue has noted that the guest accepts")
    );
    let again = answer(&lin, stay, offer, "accept").await;
    assert!(again.refusal().contains("quicker"));
    assert_eq!(charges(&app, stay).len(), 1);
}

async fn a_hold_lapses_and_says_so(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0];
    let stay = app.stay_in("0605");
    press(&lin, stay, rule, "hold").await;
    let offer = held(&app, stay);
    app.sql(|conn| {
        diesel::update(offers::table.find(offer))
            .set(offers::held_until.eq(clock::now() - TimeDelta::seconds(1)))
            .execute(conn)
    });
    let late = answer(&lin, stay, offer, "accept").await;
    assert!(
        late.refusal().starts_with("The offer was held until"),
        "{}",
        late.refusal()
    );
    assert_eq!(charges(&app, stay).len(), 0);
    // Offered again it is another offer.
    press(&lin, stay, rule, "hold").await;
    assert_eq!(states(&app, stay), [State::Lapsed, State::Held]);
}

async fn a_rule_changed_while_an_offer_is_held_changes_nothing(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0];
    let stay = app.stay_in("0605");
    press(&lin, stay, rule, "hold").await;
    let dearer = Terms {
        price_minor: Some(90_000),
        ..suite(&app, Pricing::Fixed)
    };
    app.sql(|conn| {
        stored::change(conn, rule, &dearer).unwrap();
        stored::retire(conn, rule).unwrap();
        Ok(())
    });
    let taken = answer(&lin, stay, held(&app, stay), "accept").await;
    assert!(taken.flash().unwrap().ok, "{:?}", taken.flash());
    let nights = nights_of(&app, stay).len() as i64;
    assert_eq!(charges(&app, stay), [18_000 * nights]);
}

async fn a_price_that_changed_before_is_told(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0].to_string();
    let stay = app.stay_in("0605");
    let fields = [("rule", rule.as_str()), ("act", "hold"), ("price", "100")];
    let said = lin.post(&format!("/stays/{stay}/offers"), &fields).await;
    assert!(
        said.refusal().starts_with("The price was ¥1 when"),
        "{}",
        said.refusal()
    );
    assert!(states(&app, stay).is_empty());
}

/// Lets rooms to somebody else, behind everybody's back.
fn let_away(app: &TestApp, rooms: &[i64]) {
    let other = app.stay_in("1207");
    app.sql(|conn| {
        for room in rooms {
            for day in 0..5 {
                let night = today() + TimeDelta::days(day);
                let free: i64 = room_nights::table
                    .find((*room, night))
                    .count()
                    .get_result(conn)?;
                if free == 0 {
                    diesel::insert_into(room_nights::table)
                        .values((
                            room_nights::room_id.eq(room),
                            room_nights::night.eq(night),
                            room_nights::stay_id.eq(other),
                        ))
                        .execute(conn)?;
                }
            }
        }
        Ok(())
    });
}

pub fn suites(app: &TestApp) -> Vec<i64> {
    let suite = type_id(app, "RS");
    app.sql(|conn| {
        rooms::table
            .filter(rooms::room_type_id.eq(suite))
            .select(rooms::id)
            .load(conn)
    })
}

async fn a_room_let_meanwhile_is_followed_by_the_next_or_refused(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0];
    let (smith, kim) = (app.stay_in("0605"), app.arriving("Kim"));
    for stay in [smith, kim] {
        press(&lin, stay, rule, "hold").await;
    }
    let promised = |stay: i64| -> i64 {
        app.sql(|conn| {
            offers::table
                .filter(offers::stay_id.eq(stay))
                .select(offers::room_id.assume_not_null())
                .first(conn)
        })
    };
    let (his, hers) = (promised(smith), promised(kim));
    assert_ne!(his, hers, "one room was held for two");
    let_away(&app, &[his]);
    let taken = answer(&lin, smith, held(&app, smith), "accept").await;
    assert!(taken.flash().unwrap().ok, "{:?}", taken.flash());
    assert_eq!(room_of(&app, smith).1, "RS");
    let_away(&app, &suites(&app));
    let refused = answer(&lin, kim, held(&app, kim), "accept").await;
    assert!(
        refused
            .refusal()
            .starts_with("River suite: the last room was let")
    );
    assert!(nights_of(&app, kim).is_empty());
    assert!(charges(&app, kim).is_empty());
}

async fn rooms_kept_back_and_waited_for_are_not_offered(app: TestApp) {
    let lin = app.sign_in("lin").await;
    rules(&app, &[suite(&app, Pricing::Fixed)]);
    let (stay, type_id) = (app.stay_in("0605"), type_id(&app, "RS"));
    let keep = |rooms: i64| {
        let decided = Settings {
            protected: [(type_id, rooms)].into(),
            ..Settings::default()
        };
        app.sql(|conn| settings::set(conn, SETTINGS, &decided));
        app.app.offers.forget(app.property_id("RIV"));
    };
    let path = format!("/stays/{stay}");
    keep(0);
    // All but one suite are let: it may be offered, unless it is kept back or somebody booked one.
    let mut all = suites(&app);
    all.pop();
    let_away(&app, &all);
    assert!(lin.see(&path).await.has("#offers .perk"));
    keep(1);
    assert!(!lin.see(&path).await.has("#offers"));
    keep(0);
    let booked = app.book(1)[0];
    app.sql(|conn| {
        diesel::update(stays::table.find(booked))
            .set(stays::room_type_id.eq(type_id))
            .execute(conn)
    });
    assert!(!lin.see(&path).await.has("#offers"), "somebody booked it");
}

async fn a_budget_is_not_overspent(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let house = app.property_id("RIV");
    let once = Terms {
        cost_minor: 600,
        budget_minor: Some(1_000),
        ..terms(house, "Late", Kind::LateCheckOut)
    };
    let rule = rules(&app, &[once])[0];
    let (first, second) = (app.stay_in("0605"), app.stay_in("1501"));
    assert!(press(&lin, first, rule, "accept").await.flash().unwrap().ok);
    let refused = press(&lin, second, rule, "accept").await;
    assert!(
        refused.refusal().contains("budget"),
        "{}",
        refused.refusal()
    );
    assert!(!lin.see(&format!("/stays/{second}")).await.has("#offers"));
}

async fn the_api_tells_the_offers(app: TestApp) {
    use innkeeper::staff::token::Token;
    use innkeeper::staff::{Houses, Role};
    rules(&app, &[suite(&app, Pricing::Fixed)]);
    let token = app.sql(|conn| Token::issue(conn, "offers", Role::Pms, &Houses::All));
    let stay = app.stay_in("0605");
    let path = format!("/api/v1/guests/{}/welcome?property=RIV", app.guest_of(stay));
    let client = app.visitor();
    let request = client.http.get(client.url(&path)).bearer_auth(token);
    let card: serde_json::Value =
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    let offer = &card["offers"][0];
    assert_eq!(offer["room_type"], "RS", "{card}");
    assert_eq!(offer["each"]["amount"], "180.00");
    assert_eq!(offer["kind"], "upgrade");
}
