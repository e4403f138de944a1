//! Check-out: the folio is posted, points are earned, and what the stay taught us is kept.

use diesel::prelude::*;

use super::arrive::{Acting, hold, must_be, record, set_dirty};
use super::folio::{self, Charge};
use super::{Status, Stay, learned, nights};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{guests, stays};
use crate::error::Fault;
use crate::guests::preferences::{NewPreference, Source, Strength};
use crate::loyalty::{account, ledger};
use crate::properties::Reference;
use crate::rooms;
use crate::welcome::memory::{self, Memory};

/// What a check-out brought.
#[derive(Debug, PartialEq, Eq)]
pub struct Departed {
    /// Points earned.
    pub points: i64,
    /// Wishes that the stays now show, by code.
    pub observed: Vec<&'static str>,
}

/// Checks a guest out: the stay ends today, its room is to be made up, its folio, points and lessons are posted.
pub fn check_out(
    conn: &mut Conn,
    stay_id: i64,
    charges: &[Charge],
    reference: &Reference,
    acting: Acting,
) -> Result<Departed, Fault> {
    let stay = hold(conn, stay_id)?;
    must_be(&stay, Status::InHouse)?;
    folio::post(conn, stay_id, charges, "check-out")?;
    nights::release(conn, stay_id, acting.today)?;
    set_dirty(conn, stay.room_id)?;
    diesel::update(stays::table.find(stay_id))
        .set((
            stays::status.eq(Status::Departed),
            stays::departure.eq(acting.today.max(stay.arrival)),
            stays::checked_out_at.eq(clock::now()),
            stays::updated_at.eq(clock::now()),
        ))
        .execute(conn)?;
    let person_id: i64 = guests::table
        .find(stay.guest_id)
        .select(guests::person_id)
        .first(conn)?;
    let memory = memory::of_person(conn, person_id)?;
    let points = earn(conn, &stay, &memory, reference, acting)?;
    let observed = learn(conn, &stay, &memory, acting)?;
    record(conn, &stay, "check_out", acting, None)?;
    Ok(Departed { points, observed })
}

/// Posts the points of all charges of the stay, and moves the tier up when the nights of the year reach one.
fn earn(
    conn: &mut Conn,
    stay: &Stay,
    memory: &Memory,
    reference: &Reference,
    acting: Acting,
) -> Result<i64, Fault> {
    let Some(account) = memory.account_of(stay.guest_id) else {
        return Ok(0);
    };
    let charges = folio::of_stay(conn, stay.id)?;
    let rules = ledger::rules(conn, &stay.currency)?;
    let points = ledger::points_for(&charges, &rules, &stay.currency);
    ledger::earn(
        conn,
        account.id,
        stay.id,
        points,
        &stay.confirmation_number,
        acting.today,
        acting.by.user_id(),
    )?;
    let nights = super::history::nights_in_a_year(&memory.stays, acting.today);
    let rank = |code: &str| {
        reference
            .tiers
            .iter()
            .find(|tier| tier.code == code)
            .map(|tier| tier.rank)
    };
    if let Some(tier) = account::tier_for(&reference.tiers, nights)
        && Some(tier.rank) > rank(&account.tier)
    {
        account::set_tier(conn, account.id, &tier.code)?;
    }
    Ok(points)
}

/// Notes what the rooms of the stays have in common, as observed evidence; never where the guest said something.
fn learn(
    conn: &mut Conn,
    stay: &Stay,
    memory: &Memory,
    acting: Acting,
) -> Result<Vec<&'static str>, Fault> {
    let room_ids: Vec<i64> = memory
        .stays
        .iter()
        .filter(|past| past.counts())
        .filter_map(|past| past.room_id)
        .collect();
    let rooms = rooms::by_ids(conn, &room_ids)?;
    let slept_in: Vec<&[String]> = room_ids
        .iter()
        .filter_map(|id| rooms.iter().find(|room| room.id == *id))
        .map(|room| room.features.as_slice())
        .collect();
    let mut observed = Vec::new();
    for lesson in learned::lessons(&slept_in) {
        let stated = |code: &str| {
            memory
                .preferences
                .iter()
                .any(|p| p.code == code && p.source == Source::Stated)
        };
        if stated(lesson.feature.code) || lesson.feature.opposes.is_some_and(stated) {
            continue;
        }
        NewPreference {
            guest_id: stay.guest_id,
            code: lesson.feature.code,
            strength: Strength::Prefer,
            source: Source::Observed,
            property_id: None,
            noted_at: Some(stay.property_id),
            stay_id: Some(stay.id),
            noted_on: acting.today,
            noted_by: None,
            note: None,
            seen: (lesson.times, lesson.chances),
        }
        .note(conn)?;
        observed.push(lesson.feature.code);
    }
    Ok(observed)
}
