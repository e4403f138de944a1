//! Check-out: the folio is posted, points are earned, what the stay taught us is kept, and open cases are followed up.

use chrono::Months;
use diesel::prelude::*;

use super::arrive::{Acting, hold, must_be, record, set_dirty};
use super::folio::{self, Charge};
use super::{Status, Stay, board, history, lessons, nights};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::stays;
use crate::error::Fault;
use crate::loyalty::{account, earning, programme};
use crate::promises;
use crate::properties::Reference;
use crate::tasks::follow_up;
use crate::welcome::memory::Memory;
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
    let row = board::row(conn, stay_id)?.ok_or(Fault::NotFound)?;
    promises::close(conn, &row, reference, acting)?;
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
    let points = earn(conn, &stay, &row.memory, reference, acting)?;
    let observed = lessons::learn_of(conn, row.guest.person_id, reference)?;
    follow_up::after_stay(conn, &row.memory.cases, &stay, acting.today)?;
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
        account::raise(conn, account.id, &tier.code, acting.today)?;
    }
    Ok(points)
}
