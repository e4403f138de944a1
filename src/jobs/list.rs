//! The jobs.

use std::time::Duration;

use super::{Job, Work};
use crate::backup::schedule;
use crate::cases::list::houses_with_a_clock;
use crate::clock;
use crate::greetings::nightly;
use crate::loyalty::{expiry, review};
use crate::outbox::{feed, vip};
use crate::properties::{Property, Reference};
use crate::stays::held;
use crate::webhooks::deliver;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_hours(1);

/// All of them.
pub const JOBS: &[Job] = &[
    Job {
        name: "webhooks",
        rest: Duration::ZERO,
        has_work: deliver::has_work,
        run: deliver::run,
    },
    Job {
        name: "vip_arrivals",
        rest: MINUTE,
        has_work: |_| Ok(true),
        run: vip_arrivals,
    },
    Job {
        name: "held_events",
        rest: MINUTE,
        has_work: held::any_due,
        run: held_events,
    },
    Job {
        name: "prune_events",
        rest: HOUR,
        has_work: |_| Ok(true),
        run: |work| work.write(feed::prune).map(drop),
    },
    Job {
        name: "backup",
        rest: MINUTE,
        has_work: schedule::is_due,
        run: |work| schedule::scheduled(work.db).map(drop),
    },
    Job {
        name: "case_clocks",
        rest: MINUTE,
        has_work: |conn| Ok(!houses_with_a_clock(conn, clock::now())?.is_empty()),
        run: case_clocks,
    },
    Job {
        name: "greetings_plan",
        rest: MINUTE,
        has_work: nightly::is_pending,
        run: nightly::plan,
    },
    Job {
        name: "greetings_send",
        rest: Duration::from_secs(10),
        has_work: nightly::is_due,
        run: nightly::send,
    },
    Job {
        name: "points",
        rest: HOUR,
        has_work: |_| Ok(true),
        run: points,
    },
];

/// Points lapse and tiers are looked at again once the day has rolled at every house; asked again each hour, there is
/// nothing left to do.
fn points(work: &Work<'_>) -> Result<(), String> {
    let today = expiry::today(&work.read(Property::all)?, clock::now());
    while work.goes_on() && work.write(|conn| expiry::some(conn, today))?.accounts > 0 {}
    let mut after = Some(0);
    while let Some(last) = after.filter(|_| work.goes_on()) {
        after = work.write(|conn| review::some(conn, last, today))?.0;
    }
    Ok(())
}

/// A clock that is seen running moves on open boards.
fn case_clocks(work: &Work<'_>) -> Result<(), String> {
    let houses = work.read(|conn| houses_with_a_clock(conn, clock::now()))?;
    houses.into_iter().for_each(|house| work.changed(house));
    Ok(())
}

fn vip_arrivals(work: &Work<'_>) -> Result<(), String> {
    for house in work.read(Property::all)? {
        work.write(|conn| vip::arriving(conn, &house))?;
    }
    Ok(())
}

fn held_events(work: &Work<'_>) -> Result<(), String> {
    let reference = work.read(Reference::load)?;
    let done = held::try_due(work.db, &reference, clock::now());
    let houses = done.map_err(|fault| format!("{fault:?}"))?;
    houses.into_iter().for_each(|house| work.changed(house));
    Ok(())
}
