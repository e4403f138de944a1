//! The offers of the demo: what each house gives and sells, and to whom.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::houses::room_type;
use super::{World, people};
use crate::db::schema::{offers, room_types, rooms, stays, users};
use crate::offers::rule::Terms;
use crate::offers::{Declined, Kind, Moment, Occasion, Pricing, SETTINGS, Settings, State, stored};
use crate::settings;
use crate::stays::Status;
use crate::stays::folio::{self, Charge, Department};

/// Suites that are never offered: somebody will pay for them tonight.
const SUITES_KEPT: i64 = 2;
/// What a river suite asks a night.
const SUITE_RATE: i64 = 218_000;

pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    let zhou: i64 = users::table
        .filter(users::name.eq("zhou"))
        .select(users::id)
        .first(world.conn)?;
    let suite = room_type(world.conn, world.riverside.id, "RS")?;
    let corner = room_type(world.conn, world.riverside.id, "CS")?;
    let lake_suite = room_type(world.conn, world.lakeside.id, "LS")?;
    let rules = [
        Terms {
            open_case: true,
            cost_minor: 4_500,
            per_day: Some(10),
            budget_minor: Some(200_000),
            ..terms(
                world,
                "Breakfast with us, to put things right",
                Kind::Breakfast,
                5,
            )
        },
        Terms {
            tier: Some("platinum".into()),
            moment: Moment::Desk,
            steps: Some(1),
            cost_minor: 9_000,
            per_day: Some(3),
            ..terms(world, "One step up for Platinum", Kind::Upgrade, 10)
        },
        Terms {
            occasion: Some(Occasion::Birthday),
            value: Some(10_000),
            cost_minor: 4_000,
            per_guest: Some(1),
            ..terms(world, "A birthday in the house", Kind::Voucher, 15)
        },
        Terms {
            room_type_id: suite,
            pricing: Pricing::Percent,
            percent: Some(40),
            occupancy_most: Some(85),
            days_most: Some(3),
            cost_minor: 12_000,
            ..terms(world, "River suite at the desk", Kind::Upgrade, 20)
        },
        Terms {
            direct: true,
            room_type_id: corner,
            pricing: Pricing::Fixed,
            price_minor: Some(18_000),
            cost_minor: 8_000,
            ..terms(
                world,
                "Corner suite for who books with us",
                Kind::Upgrade,
                30,
            )
        },
        Terms {
            tier: Some("gold".into()),
            per_guest: Some(6),
            ..terms(world, "Late check-out for Gold", Kind::LateCheckOut, 40)
        },
        Terms {
            direct: true,
            least_stays: Some(3),
            value: Some(500),
            cost_minor: 500,
            per_guest: Some(2),
            ..terms(
                world,
                "Points for coming back by yourself",
                Kind::Points,
                50,
            )
        },
        Terms {
            pricing: Pricing::Fixed,
            price_minor: Some(20_000),
            cost_minor: 2_000,
            ..terms(world, "Late check-out until four", Kind::LateCheckOut, 60)
        },
        Terms {
            property_id: world.lakeside.id,
            room_type_id: lake_suite,
            pricing: Pricing::Percent,
            percent: Some(50),
            cost_minor: 10_000,
            ..terms(
                world,
                "Lake suite at half the difference",
                Kind::Upgrade,
                20,
            )
        },
    ];
    let mut made = Vec::new();
    for terms in &rules {
        made.push((stored::add(world.conn, terms, Some(zhou))?, terms));
    }
    told_before(world, &made)?;
    let decided = Settings {
        protected: suite.map(|id| (id, SUITES_KEPT)).into_iter().collect(),
        ..Settings::default()
    };
    settings::set(world.conn, SETTINGS, &decided)
}

/// A rule of the first house for everybody, for nothing and for half a year; change what differs.
fn terms(world: &World<'_>, name: &str, kind: Kind, priority: i64) -> Terms {
    Terms {
        property_id: world.riverside.id,
        name: name.into(),
        tier: None,
        least_stays: None,
        channels: String::new(),
        occasion: None,
        vip: false,
        direct: false,
        open_case: false,
        occupancy_least: None,
        occupancy_most: None,
        days_least: None,
        days_most: None,
        moment: Moment::Any,
        kind,
        steps: None,
        room_type_id: None,
        pricing: Pricing::Free,
        price_minor: None,
        percent: None,
        value: None,
        cost_minor: 0,
        per_day: None,
        per_guest: None,
        budget_minor: None,
        priority,
        starts_on: world.day(-60),
        ends_on: world.day(180),
    }
}

/// What became of offers to guests of the last weeks, one after the other.
const ANSWERS: [(&str, State, Option<Declined>); 6] = [
    ("River suite at the desk", State::Accepted, None),
    (
        "River suite at the desk",
        State::Declined,
        Some(Declined::Price),
    ),
    ("Late check-out until four", State::Accepted, None),
    ("River suite at the desk", State::Lapsed, None),
    (
        "Late check-out until four",
        State::Declined,
        Some(Declined::NoNeed),
    ),
    (
        "River suite at the desk",
        State::Declined,
        Some(Declined::OwnRoom),
    ),
];

/// A stay of the last weeks, with the type of its room and what that asks a night.
type Stayed = (i64, NaiveDate, Status, i64, i64);

/// Offers to guests of the last weeks, so that there is something to count.
fn told_before(world: &mut World<'_>, rules: &[(i64, &Terms)]) -> QueryResult<()> {
    let clerks: Vec<i64> = users::table
        .filter(users::name.eq_any(["lin", "zhou"]))
        .order(users::name)
        .select(users::id)
        .load(world.conn)?;
    let theirs = people::STAYING.iter().chain(&people::LEAVING);
    let theirs: Vec<&str> = theirs.copied().collect();
    let stayed: Vec<Stayed> = stays::table
        .inner_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
        .inner_join(room_types::table.on(room_types::id.eq(rooms::room_type_id)))
        .filter(stays::property_id.eq(world.riverside.id))
        .filter(stays::arrival.between(world.day(-50), world.day(-1)))
        .filter(stays::status.eq_any([Status::InHouse, Status::Departed]))
        .filter(rooms::number.eq_any(&theirs))
        .order(stays::id)
        .select((
            stays::id,
            stays::arrival,
            stays::status,
            room_types::id,
            room_types::rate_minor,
        ))
        .load(world.conn)?;
    let suites: Vec<i64> = rooms::table
        .inner_join(room_types::table)
        .filter(room_types::property_id.eq(world.riverside.id))
        .filter(room_types::code.eq("RS"))
        .order(rooms::id)
        .select(rooms::id)
        .load(world.conn)?;
    let mut suites = suites.into_iter();
    for (stay, (name, state, declined)) in stayed.into_iter().zip(ANSWERS.iter().cycle()) {
        let rule = rules.iter().find(|(_, terms)| terms.name == *name);
        // A suite is taken by who has left: the others sleep where they sleep.
        let taken = *state == State::Accepted;
        let Some((rule_id, terms)) = rule else {
            continue;
        };
        let upgrade = terms.kind == Kind::Upgrade;
        if taken && upgrade && stay.2 != Status::Departed {
            continue;
        }
        let room = if taken && upgrade {
            suites.next()
        } else {
            None
        };
        let told = Told {
            rule_id: *rule_id,
            terms,
            state: *state,
            declined: *declined,
            clerk: clerks.get(usize::from(stay.0 % 3 == 0)).copied(),
            room,
        };
        told.store(world, stay)?;
    }
    Ok(())
}

/// An offer of the last weeks.
struct Told<'a> {
    rule_id: i64,
    terms: &'a Terms,
    state: State,
    declined: Option<Declined>,
    clerk: Option<i64>,
    room: Option<i64>,
}

impl Told<'_> {
    fn store(&self, world: &mut World<'_>, stay: Stayed) -> QueryResult<()> {
        let (stay_id, on, _, type_id, rate) = stay;
        let upgrade = self.terms.kind == Kind::Upgrade;
        let nights = if upgrade { 2 } else { 1 };
        let list = if upgrade { SUITE_RATE - rate } else { 0 };
        let each = self.terms.price_minor.unwrap_or(list * 40 / 100);
        let at = on.and_hms_opt(7, 30, 0).unwrap_or_default();
        let answered = (self.state != State::Lapsed).then_some(at);
        let id: i64 = diesel::insert_into(offers::table)
            .values((
                (
                    offers::rule_id.eq(self.rule_id),
                    offers::property_id.eq(world.riverside.id),
                    offers::stay_id.eq(stay_id),
                    offers::kind.eq(self.terms.kind),
                    offers::room_type_id.eq(self.terms.room_type_id),
                    offers::from_type_id.eq(Some(type_id).filter(|_| upgrade)),
                    offers::room_id.eq(self.room),
                    offers::nights.eq(nights),
                ),
                offers::price_minor.eq(each * nights),
                offers::cost_minor.eq(self.terms.cost_minor * nights),
                offers::worth_minor.eq(list * nights),
                offers::currency.eq("CNY"),
                offers::state.eq(self.state),
                offers::declined_for.eq(self.declined),
                offers::made_on.eq(on),
                offers::made_at.eq(at),
                offers::made_by.eq(self.clerk),
                offers::held_until.eq(at),
                offers::answered_at.eq(answered),
                offers::answered_by.eq(self.clerk.filter(|_| answered.is_some())),
            ))
            .returning(offers::id)
            .get_result(world.conn)?;
        if self.state != State::Accepted {
            return Ok(());
        }
        if let Some(room_id) = self.room {
            diesel::update(stays::table.find(stay_id))
                .set(stays::room_id.eq(room_id))
                .execute(world.conn)?;
        }
        let charge = Charge {
            department: if upgrade {
                Department::Room
            } else {
                Department::Other
            },
            description: Some(self.terms.name.clone()),
            amount_minor: each * nights,
            cost_minor: Some(self.terms.cost_minor * nights),
            currency: "CNY".into(),
            posted_on: on,
        };
        folio::post(
            world.conn,
            stay_id,
            &[charge],
            &format!("{}{id}", folio::OFFER),
        )
    }
}
