//! Cases and tasks in every state there is, around now.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::World;
use crate::cases::compensation::{Kind, NewCompensation};
use crate::cases::gestures::NewGesture;
use crate::cases::handle::{self, Closing};
use crate::cases::limits::{Giver, Limits, MoneyLimit};
use crate::cases::open::NewCase;
use crate::cases::settings::{SETTINGS, Settings};
use crate::cases::{Case, Outcome, Severity};
use crate::clock;
use crate::db::schema::{cases, events, guests, rooms, stays, users};
use crate::error::Fault;
use crate::guests::notes::Team;
use crate::settings;
use crate::staff::Role;
use crate::tasks::NewTask;

/// A complaint of somebody whose last stay was in the room.
struct Complaint {
    family_name: &'static str,
    room: &'static str,
    team: Team,
    severity: Severity,
    feature: Option<&'static str>,
    summary: &'static str,
    /// Minutes since it was told.
    ago: i64,
}

pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    rules(world)?;
    let (lin, zhou) = (world.user("lin")?, world.user("zhou")?);
    // In house, and somebody is at it: the clock runs.
    let minibar = complain(
        world,
        lin,
        &Complaint {
            family_name: "Lefèvre",
            room: "1207",
            team: Team::Housekeeping,
            severity: Severity::Severe,
            feature: Some("quiet_room"),
            summary: "minibar hums all night",
            ago: 35,
        },
    )?;
    done(handle::hand_over(
        world.conn,
        minibar,
        Team::Housekeeping,
        Some(lin),
        Some("Engineer is on his way."),
        lin,
    ))?;
    // What the desk asked for is above its limit: it waits.
    let stay_id: Option<i64> = cases::table
        .find(minibar)
        .select(cases::stay_id)
        .first(world.conn)?;
    let asked = NewCompensation {
        case_id: minibar,
        kind: Kind::Money,
        cost_minor: 88_000,
        currency: "CNY",
        points: 0,
        perk: None,
        reason: "One night, he could not sleep",
        gesture_id: None,
        stay_id,
        account_id: None,
        once: "demo-night",
    };
    let giver = Giver {
        user_id: lin,
        role: Role::FrontDesk,
    };
    done(asked.give(world.conn, giver, world.today))?;
    // Put right last time, and the guest said so.
    let dinner = complain(
        world,
        zhou,
        &Complaint {
            family_name: "Tanaka",
            room: "1109",
            team: Team::Restaurant,
            severity: Severity::Severe,
            feature: Some("shellfish_allergy"),
            summary: "prawns in the amuse-bouche",
            ago: 47 * 24 * 60,
        },
    )?;
    let closing = Closing {
        resolution: "Chef apologised at the table; allergy is on the kitchen brief.",
        outcome: Outcome::Satisfied,
        guest_words: Some("It was handled with grace."),
    };
    done(handle::close(
        world.conn,
        dinner,
        closing,
        world.today,
        zhou,
    ))?;
    // Closed before anybody asked: that makes a follow-up.
    let towels = complain(
        world,
        lin,
        &Complaint {
            family_name: "Ribeiro",
            room: "0906",
            team: Team::Housekeeping,
            severity: Severity::Minor,
            feature: None,
            summary: "crib came an hour late",
            ago: 400 * 24 * 60,
        },
    )?;
    let closing = Closing {
        resolution: "Crib is booked with the room from now on.",
        outcome: Outcome::NotAsked,
        guest_words: None,
    };
    done(handle::close(
        world.conn,
        towels,
        closing,
        world.today - TimeDelta::days(3),
        lin,
    ))?;
    let house = world.riverside.id;
    let mut task = |title, owner_id, days, once| {
        let due_on = world.today + TimeDelta::days(days);
        let new = NewTask {
            property_id: house,
            title,
            guest_id: None,
            case_id: None,
            team: Team::FrontDesk,
            owner_id,
            due_on,
            once,
        };
        new.create(world.conn, zhou)
    };
    task(
        "Call the florist about the lobby",
        Some(lin),
        0,
        "demo-florist",
    )?;
    task(
        "Send the group list to Mekong Textiles",
        None,
        2,
        "demo-group",
    )?;
    // What happened before the house opens is history: nobody is told.
    diesel::delete(events::table).execute(world.conn)?;
    Ok(())
}

/// What may be given alone, and what the house proposes.
fn rules(world: &mut World<'_>) -> QueryResult<()> {
    let limits = Limits {
        money: vec![MoneyLimit {
            currency: "CNY".into(),
            desk: 20_000,
            desk_a_day: 60_000,
            manager: Some(200_000),
        }],
        ..Limits::default()
    };
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    settings::set(world.conn, SETTINGS, &settings)?;
    for (code, name_en, name_zh, kind, severity, tier, cost_minor, points) in [
        (
            "TEA",
            "Afternoon tea for two",
            "双人下午茶",
            Kind::Perk,
            Severity::Minor,
            None,
            9_000,
            0,
        ),
        (
            "BREAKFAST",
            "Breakfast for the stay",
            "住期早餐",
            Kind::Perk,
            Severity::Serious,
            None,
            15_000,
            0,
        ),
        (
            "POINTS",
            "A thousand points",
            "一千积分",
            Kind::Points,
            Severity::Serious,
            Some("silver"),
            0,
            1_000,
        ),
        (
            "CREDIT",
            "A credit on the folio",
            "账单减免",
            Kind::Money,
            Severity::Serious,
            Some("gold"),
            20_000,
            0,
        ),
        (
            "NIGHT",
            "A night on the house",
            "免一晚房费",
            Kind::Money,
            Severity::Severe,
            None,
            88_000,
            0,
        ),
    ] {
        let gesture = NewGesture {
            code: code.into(),
            name_en: name_en.into(),
            name_zh: Some(name_zh.into()),
            kind,
            severity: severity.into(),
            tier: tier.map(Into::into),
            cost_minor,
            currency: "CNY".into(),
            points,
            is_active: true,
        };
        gesture.store(world.conn)?;
    }
    Ok(())
}

/// A cast that is refused is a mistake of the cast.
fn done<T>(result: Result<T, Fault>) -> QueryResult<()> {
    match result {
        Ok(_) => Ok(()),
        Err(Fault::Database(error)) => Err(error),
        Err(_) => Err(diesel::result::Error::RollbackTransaction),
    }
}

impl World<'_> {
    fn user(&mut self, name: &str) -> QueryResult<i64> {
        users::table
            .filter(users::name.eq(name))
            .select(users::id)
            .first(self.conn)
    }
}

fn complain(world: &mut World<'_>, user_id: i64, told: &Complaint) -> QueryResult<i64> {
    let (stay_id, guest_id, room_id): (i64, i64, i64) = stays::table
        .inner_join(guests::table)
        .inner_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
        .filter(guests::family_name.eq(told.family_name))
        .filter(rooms::number.eq(told.room))
        .filter(stays::checked_in_at.is_not_null())
        .order(stays::arrival.desc())
        .select((stays::id, guests::id, rooms::id))
        .first(world.conn)?;
    let opened = NewCase {
        guest_id,
        stay_id: Some(stay_id),
        property_id: world.riverside.id,
        room_id: Some(room_id),
        team: told.team,
        severity: told.severity,
        feature: told.feature,
        summary: told.summary,
        once: told.summary,
    }
    .open(world.conn, user_id)?;
    // It was told some time ago.
    let ago = TimeDelta::minutes(told.ago);
    let case = Case::by_id(world.conn, opened.id)?;
    let due_at = case.and_then(|case| case.due_at).map(|at| at - ago);
    diesel::update(cases::table.find(opened.id))
        .set((
            cases::opened_at.eq(clock::now() - ago),
            cases::due_at.eq(due_at),
        ))
        .execute(world.conn)?;
    Ok(opened.id)
}
