//! When each guest was last with us, or soon will be: two bytes a guest, to tell apart thousands of one name.

use chrono::{NaiveDate, TimeDelta};
use diesel::dsl::max;
use diesel::prelude::*;

use super::rank;
use crate::db::schema::stays;
use crate::db::{Database, Unavailable};
use crate::stays::Status;

/// Bookings further ahead are nothing to the desk yet.
const AHEAD: TimeDelta = TimeDelta::days(30);
/// Profiles read in one query.
const AT_ONCE: usize = 100_000;
/// Ids are counted up from one; one beyond this is not kept.
const MOST: usize = 20_000_000;
/// Days for which the likelihood is worked out.
const DAYS: usize = u16::MAX as usize + 1;

/// The last day of the stay that counts, by profile; in days since [`epoch`], 0 for none.
#[derive(Default)]
pub struct Presences(Vec<u16>);

fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(1980, 1, 1).unwrap_or_default()
}

impl Presences {
    /// Reads them all, from an index of the database alone.
    pub fn load<E>(db: &Database, today: NaiveDate) -> Result<Self, E>
    where
        E: From<Unavailable> + From<diesel::result::Error>,
    {
        let mut days: Vec<u16> = Vec::new();
        let last: Option<i64> =
            db.read(|conn| Ok::<_, E>(stays::table.select(max(stays::guest_id)).first(conn)?))?;
        let last = usize::try_from(last.unwrap_or_default()).unwrap_or_default();
        for from in (0..=last.min(MOST)).step_by(AT_ONCE) {
            let (from, to) = (from as i64, (from + AT_ONCE) as i64);
            let rows: Vec<(i64, Option<NaiveDate>)> = db.read(|conn| {
                Ok::<_, E>(
                    stays::table
                        .filter(stays::guest_id.ge(from).and(stays::guest_id.lt(to)))
                        .filter(stays::arrival.le(today + AHEAD))
                        .filter(stays::status.ne_all([Status::Cancelled, Status::NoShow]))
                        .group_by(stays::guest_id)
                        .select((stays::guest_id, max(stays::departure)))
                        .load(conn)?,
                )
            })?;
            for (guest_id, departure) in rows {
                let (Ok(at), Some(departure)) = (usize::try_from(guest_id), departure) else {
                    continue;
                };
                if days.len() <= at {
                    days.resize(at + 1, 0);
                }
                if let Some(day) = days.get_mut(at) {
                    *day = u16::try_from((departure - epoch()).num_days()).unwrap_or_default();
                }
            }
        }
        Ok(Self(days))
    }
}

/// How likely each guest is on one day.
pub struct Likely {
    presences: std::sync::Arc<Presences>,
    by_day: Vec<f32>,
    /// The day it holds for.
    pub today: NaiveDate,
}

impl Likely {
    /// As of a day.
    pub fn on(presences: std::sync::Arc<Presences>, today: NaiveDate) -> Self {
        let now = (today - epoch()).num_days();
        let mut by_day: Vec<f32> = (0..DAYS as i64)
            .map(|day| rank::by_days(now - day))
            .collect();
        if let Some(never) = by_day.first_mut() {
            *never = rank::NEVER;
        }
        Self {
            presences,
            by_day,
            today,
        }
    }

    /// How likely this guest is.
    pub fn of(&self, guest_id: u64) -> f32 {
        let day = usize::try_from(guest_id)
            .ok()
            .and_then(|at| self.presences.0.get(at))
            .copied()
            .unwrap_or_default();
        self.by_day
            .get(usize::from(day))
            .copied()
            .unwrap_or(rank::NEVER)
    }
}
