//! The choice itself, by properties: what is offered can be kept, limits hold, and the order is the one that is stated.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use innkeeper::offers::choose::{Before, Choice, Facts, Used};
use innkeeper::offers::ladder::{Ladder, RoomType};
use innkeeper::offers::market::{HeldRoom, Market, Seeker, Waiting};
use innkeeper::offers::rule::{Rule, Terms, shadows};
use innkeeper::offers::{Kind, Moment, Occasion, Pricing, Settings};
use innkeeper::rooms::{Housekeeping, Room};
use innkeeper::stays::Channel;
use proptest::prelude::*;

use super::terms;

fn day(offset: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap() + TimeDelta::days(offset)
}

fn ladder() -> Ladder {
    let kind = |id: i64| RoomType {
        id,
        code: format!("T{id}"),
        name: format!("Type {id}"),
        rank: id,
        rate_minor: 50_000 + 20_000 * id,
    };
    Ladder::new((1..=4).map(kind).collect())
}

fn rank(code: &str) -> Option<i64> {
    ["member", "silver", "gold", "platinum"]
        .iter()
        .position(|tier| *tier == code)
        .map(|rank| rank as i64)
}

fn facts() -> Facts {
    Facts {
        tier: Some(("gold".into(), 2)),
        visit: 4,
        channel: Some(Channel::Direct),
        vip: false,
        occasions: vec![Occasion::Birthday],
        open_case: false,
        nights: 2,
        days_ahead: 0,
        in_house: false,
        base: Some(1),
        is_member: true,
        before: Vec::new(),
    }
}

fn room(id: i64, room_type_id: i64, housekeeping: Housekeeping) -> Room {
    Room {
        id,
        property_id: 1,
        number: id.to_string(),
        room_type_id,
        type_name: String::new(),
        rank: room_type_id,
        floor: None,
        capacity: 2,
        housekeeping,
        features: Vec::new(),
    }
}

fn rule(id: i64, change: impl FnOnce(&mut Terms)) -> Rule {
    let mut terms = Terms {
        starts_on: day(-5),
        ends_on: day(5),
        ..terms(1, &format!("Rule {id}"), Kind::Upgrade)
    };
    terms.steps = Some(1);
    change(&mut terms);
    Rule { id, terms }
}

/// Rules of every sort.
fn any_rule(id: i64) -> impl Strategy<Value = Rule> {
    let kinds = prop::sample::select(Kind::ALL);
    let pricing = prop::sample::select(Pricing::ALL);
    let limits = (
        prop::option::of(1_i64..4),
        prop::option::of(1_i64..3),
        prop::option::of(1_i64..20_000),
    );
    let who = (
        prop::option::of(prop::sample::select(&["silver", "gold", "platinum"][..])),
        prop::option::of(1_i64..6),
        any::<bool>(),
        prop::option::weighted(0.2, prop::sample::select(Occasion::ALL)),
    );
    let when = (
        prop::sample::select(Moment::ALL),
        prop::option::of(0_i64..=100),
    );
    (
        kinds,
        pricing,
        1_i64..5,
        1_i64..4,
        0_i64..5_000,
        limits,
        who,
        when,
    )
        .prop_map(
            move |(kind, pricing, priority, steps, cost, limits, who, when)| {
                rule(id, |terms| {
                    terms.kind = kind;
                    let is_upgrade = kind == Kind::Upgrade;
                    terms.steps = is_upgrade.then_some(steps);
                    terms.pricing = match pricing {
                        Pricing::Percent if !is_upgrade => Pricing::Free,
                        pricing => pricing,
                    };
                    terms.price_minor = (terms.pricing == Pricing::Fixed).then_some(9_000);
                    terms.percent = (terms.pricing == Pricing::Percent).then_some(40);
                    terms.value = matches!(kind, Kind::Points | Kind::Voucher).then_some(500);
                    terms.priority = priority;
                    terms.cost_minor = cost;
                    (terms.per_day, terms.per_guest, terms.budget_minor) = limits;
                    terms.tier = who.0.map(Into::into);
                    terms.least_stays = who.1;
                    terms.direct = who.2;
                    terms.occasion = who.3;
                    (terms.moment, terms.occupancy_most) = when;
                })
            },
        )
}

fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    (1_usize..12).prop_flat_map(|count| {
        let rules: Vec<_> = (1..=count as i64).map(any_rule).collect();
        rules.prop_map(|mut rules| {
            rules.sort_by_key(Rule::place);
            rules
        })
    })
}

prop_compose! {
    /// A small house, let at random.
    fn any_market()(
        states in prop::collection::vec(prop::sample::select(Housekeeping::ALL), 12),
        taken in prop::collection::hash_set((1_i64..=12, 0_i64..4), 0..30),
        waiting in prop::collection::vec((1_i64..=4, 0_i64..3), 0..4),
        held in prop::collection::vec((1_i64..=12, 0_i64..3), 0..3),
    ) -> (Vec<Room>, Market) {
        let rooms: Vec<Room> = states.iter().enumerate()
            .map(|(index, state)| room(index as i64 + 1, index as i64 % 4 + 1, *state))
            .collect();
        let mut market = Market::default();
        for (room, night) in taken {
            market.nights.entry(room).or_default().push((day(night), 900 + room));
        }
        market.waiting = waiting.iter().enumerate().map(|(index, (kind, from))| Waiting {
            stay_id: 700 + index as i64,
            room_type_id: Some(*kind),
            arrival: day(*from),
            departure: day(from + 2),
        }).collect();
        market.held = held.iter().enumerate().map(|(index, (room, from))| HeldRoom {
            stay_id: 800 + index as i64,
            room_id: Some(*room),
            room_type_id: Some((room - 1) % 4 + 1),
            arrival: day(*from),
            departure: day(from + 1),
        }).collect();
        (rooms, market)
    }
}

proptest! {
    #[test]
    fn an_offered_room_is_free_on_all_nights_and_nobody_else_misses_it(
        (rooms, market) in any_market(), rules in any_rules(), nights in 1_i64..4, kept_back in 0_i64..2, in_house: bool
    ) {
        let settings = Settings { protected: (1..=4).map(|id| (id, kept_back)).collect(), ..Settings::default() };
        let fitting: Vec<i64> = rooms.iter().map(|room| room.id).collect();
        let seeker = Seeker { stay_id: 1, from: day(0), to: day(nights), in_house, fitting: &fitting };
        let ladder = ladder();
        let supply = market.supply(&rooms, &ladder, &settings, &seeker);
        let used = HashMap::new();
        let choice = Choice { rules: &rules, ladder: &ladder, rank: &rank, used: &used, today: day(0) };
        let facts = Facts { nights, in_house, ..facts() };
        for offer in choice.choose(&facts, &supply).iter().filter(|offer| offer.kind == Kind::Upgrade) {
            let target = offer.target.as_ref().unwrap();
            let given = rooms.iter().find(|room| Some(room.id) == offer.room_id).unwrap();
            prop_assert_eq!(given.room_type_id, target.id);
            prop_assert!(target.rank > 1);
            prop_assert!(given.housekeeping != Housekeeping::OutOfOrder);
            prop_assert!(!in_house || given.housekeeping == Housekeeping::Clean);
            let is_held = market.held.iter().any(|held| {
                held.room_id == Some(given.id) && held.arrival < day(nights) && day(0) < held.departure
            });
            prop_assert!(!is_held);
            for night in (0..nights).map(day) {
                let taken = |room: &Room| market.nights.get(&room.id).is_some_and(|all| all.iter().any(|(on, _)| *on == night));
                prop_assert!(!taken(given), "let on {night}");
                let covers = |from: NaiveDate, to: NaiveDate| from <= night && night < to;
                let own = rooms.iter().filter(|room| room.room_type_id == target.id && room.housekeeping != Housekeeping::OutOfOrder);
                let free = own.filter(|room| !taken(room)).count() as i64;
                let waited = market.waiting.iter().filter(|other| other.room_type_id == Some(target.id) && covers(other.arrival, other.departure)).count() as i64;
                let held = market.held.iter().filter(|other| other.room_type_id == Some(target.id) && covers(other.arrival, other.departure)).count() as i64;
                prop_assert!(free > waited + held + kept_back, "{free} free, {waited} waited for, {held} held");
            }
            prop_assert!(offer.each_minor <= offer.list_minor, "dearer than booking it");
        }
    }

    #[test]
    fn limits_are_never_passed_and_nothing_is_sold_to_who_waits_for_an_apology(
        (rooms, market) in any_market(), rules in any_rules(), today in 0_i64..4, cost in 0_i64..20_000, taken in 0_usize..3, open_case: bool
    ) {
        let fitting: Vec<i64> = rooms.iter().map(|room| room.id).collect();
        let seeker = Seeker { stay_id: 1, from: day(0), to: day(2), in_house: false, fitting: &fitting };
        let ladder = ladder();
        let supply = market.supply(&rooms, &ladder, &Settings::default(), &seeker);
        let used: HashMap<i64, Used> = rules.iter().map(|rule| (rule.id, Used { today, cost_minor: cost })).collect();
        let choice = Choice { rules: &rules, ladder: &ladder, rank: &rank, used: &used, today: day(0) };
        let before = rules.iter().flat_map(|rule| std::iter::repeat_n(Before {
            rule_id: rule.id, kind: rule.terms.kind, room_type_id: None, this_stay: false, taken: true,
        }, taken)).collect();
        let facts = Facts { before, open_case, ..facts() };
        for offer in choice.choose(&facts, &supply) {
            let terms = &rules.iter().find(|rule| rule.id == offer.rule_id).unwrap().terms;
            prop_assert!(terms.per_day.is_none_or(|most| today < most));
            prop_assert!(terms.per_guest.is_none_or(|most| (taken as i64) < most));
            prop_assert!(terms.budget_minor.is_none_or(|budget| cost + offer.cost_minor <= budget));
            prop_assert!(!open_case || offer.price_minor == 0);
        }
    }

    #[test]
    fn the_choice_follows_priority_and_then_age_whatever_the_order_it_was_asked_in(
        (rooms, market) in any_market(), rules in any_rules()
    ) {
        let fitting: Vec<i64> = rooms.iter().map(|room| room.id).collect();
        let seeker = Seeker { stay_id: 1, from: day(0), to: day(2), in_house: false, fitting: &fitting };
        let ladder = ladder();
        let supply = market.supply(&rooms, &ladder, &Settings::default(), &seeker);
        let used = HashMap::new();
        let choice = Choice { rules: &rules, ladder: &ladder, rank: &rank, used: &used, today: day(0) };
        let offers = choice.choose(&facts(), &supply);
        prop_assert_eq!(&offers, &choice.choose(&facts(), &supply));
        let place = |id: i64| rules.iter().find(|rule| rule.id == id).unwrap().place();
        prop_assert!(offers.iter().map(|offer| place(offer.rule_id)).is_sorted());
        // Whatever is offered, no rule that stands before offers the same.
        for offer in &offers {
            for earlier in rules.iter().filter(|rule| rule.place() < place(offer.rule_id)) {
                if let Some(other) = choice.offer(earlier, &facts(), &supply) {
                    let same = other.kind == offer.kind && other.target == offer.target;
                    prop_assert!(!same, "{} stands before", earlier.id);
                }
            }
        }
        // What was refused in this stay does not come back.
        let before = offers.iter().map(|offer| Before {
            rule_id: offer.rule_id, kind: offer.kind,
            room_type_id: offer.target.as_ref().map(|kind| kind.id), this_stay: true, taken: false,
        }).collect();
        let after = choice.choose(&Facts { before, ..facts() }, &supply);
        for offer in &after {
            prop_assert!(!offers.iter().any(|made| made.kind == offer.kind && made.target == offer.target));
        }
    }
}

#[test]
fn a_rule_in_the_shadow_of_another_is_named() {
    let tier = |code: &str| rank(code).unwrap_or(-1);
    let wide = rule(1, |terms| terms.priority = 10);
    let narrow = rule(2, |terms| {
        terms.priority = 20;
        terms.tier = Some("gold".into());
    });
    let first = rule(3, |terms| {
        terms.priority = 5;
        terms.tier = Some("platinum".into());
    });
    let elsewhere = rule(4, |terms| terms.steps = Some(2));
    let later = rule(5, |terms| {
        terms.starts_on = day(6);
        terms.ends_on = day(9);
    });
    let found = shadows(&[wide, narrow, first, elsewhere, later], &tier);
    let found: Vec<_> = found
        .iter()
        .map(|shadow| (shadow.below, shadow.above, shadow.wholly))
        .collect();
    assert_eq!(found, [(1, 3, false), (2, 1, true), (2, 3, false)]);
}

#[test]
fn what_can_not_be_right_is_said_at_its_field() {
    let ladder = ladder();
    let fields = |change: fn(&mut Terms)| -> Vec<&str> {
        let rule = rule(1, change);
        let faults = rule.terms.faults(&ladder);
        faults.iter().map(|fault| fault.field).collect()
    };
    assert_eq!(fields(|_| {}), [""; 0]);
    assert_eq!(fields(|terms| terms.name = "  ".trim().into()), ["name"]);
    assert_eq!(fields(|terms| terms.steps = Some(9)), ["target"]);
    assert_eq!(
        fields(|terms| (terms.steps, terms.room_type_id) = (None, Some(77))),
        ["target"]
    );
    assert_eq!(
        fields(|terms| (terms.steps, terms.room_type_id) = (None, Some(1))),
        ["target"],
        "nobody is below the lowest"
    );
    assert_eq!(
        fields(|terms| (terms.pricing, terms.price_minor) = (Pricing::Fixed, Some(-1))),
        ["price"]
    );
    assert_eq!(
        fields(|terms| (terms.pricing, terms.percent) = (Pricing::Percent, Some(101))),
        ["percent"]
    );
    assert_eq!(
        fields(|terms| (terms.occupancy_least, terms.occupancy_most) = (Some(80), Some(20))),
        ["occupancy_most"]
    );
    assert_eq!(fields(|terms| terms.ends_on = day(-9)), ["ends_on"]);
    assert_eq!(fields(|terms| terms.ends_on = day(4_000)), ["ends_on"]);
    assert_eq!(
        fields(|terms| {
            terms.open_case = true;
            (terms.pricing, terms.price_minor) = (Pricing::Fixed, Some(100));
        }),
        ["pricing"]
    );
}
