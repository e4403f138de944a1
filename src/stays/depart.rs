//! Check-out: the folio is posted, points are earned, what the stay taught us is kept, and open cases are followed up.

use chrono::Months;
use diesel::prelude::*;

use super::arrive::{Acting, hold, must_be, record, set_dirty};
use super::folio::{self, Charge};
use super::{Status, Stay, history, learned, nights};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{guests, stays};
use crate::error::Fault;
use crate::guests::preferences::{NewPreference, Source, Strength};
use crate::loyalty::{account, earning, programme};
use crate::properties::Reference;
use crate::rooms;
use crate::tasks::follow_up;
use crate::welcome::memory::{self, Memory};
use crate::words::Message;

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
    follow_up::after_stay(conn, &memory.cases, &stay, acting.today)?;
    record(conn, &stay, "check_out", acting, None)?;
    Ok(Departed { points, observed })
}

/// Posts lines to the folio of a stay that is over, below zero for a refund, and settles its points: how many more, or
/// fewer, it has earned.
pub fn correct(
    conn: &mut Conn,
    stay_id: i64,
    charges: &[Charge],
    acting: Acting,
) -> Result<i64, Fault> {
    let stay = hold(conn, stay_id)?;
    if stay.status != Status::Departed {
        return Err(Message::new("refused-correct").into());
    }
    let corrections = folio::corrections(conn, stay_id)?;
    folio::post(
        conn,
        stay_id,
        charges,
        &format!("correction-{}", corrections + 1),
    )?;
    let points = earning::settle(conn, &[stay_id], acting.today, Some(acting.by))?;
    record(conn, &stay, "correct_folio", acting, None)?;
    Ok(points)
}

/// Posts the points of all charges of the stay, and moves the tier up when the year reaches one.
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
    let tiers = &reference.tiers;
    let by = Some(acting.by);
    let points = earning::begin(conn, stay, account, tiers, acting.today, by)?;
    let mut year = history::in_a_year(&memory.stays, acting.today);
    if tiers.iter().any(|tier| tier.points.is_some())
        && let Some(since) = acting.today.checked_sub_months(Months::new(12))
    {
        let earned = earning::earned_since(conn, &[account.id], since)?;
        year.points = earned.values().sum();
    }
    let lifetime = history::lifetime_nights(&memory.stays, acting.today);
    let rank = |code: &str| {
        let tier = tiers.iter().find(|tier| tier.code == code);
        tier.map(|tier| tier.rank)
    };
    if let Some(tier) = programme::reached(tiers, year, lifetime)
        && Some(tier.rank) > rank(&account.tier)
    {
        account::raise(conn, account.id, &tier.code)?;
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
