//! The jobs.

use std::time::Duration;

use super::{Job, Work};
use crate::backup::schedule;
use crate::clock;
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
        rest: Duration::from_secs(600),
        has_work: held::any,
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

fn vip_arrivals(work: &Work<'_>) -> Result<(), String> {
    for house in work.read(Property::all)? {
        work.write(|conn| vip::arriving(conn, &house))?;
    }
    Ok(())
}

/// Tries again what waits, each in a transaction of its own: one that fails keeps no other from being tried.
fn held_events(work: &Work<'_>) -> Result<(), String> {
    let reference = work.read(Reference::load)?;
    for house in &reference.properties {
        let today = house.business_date(clock::now());
        let mut after = 0;
        while work.goes_on() {
            let waiting = work.read(|conn| held::list(conn, house.id, after, 100))?;
            let Some(last) = waiting.last() else { break };
            after = last.id;
            for one in &waiting {
                let teller = one.teller(today, &reference);
                let tried: Result<bool, crate::error::Fault> = work
                    .db
                    .write(|conn| held::try_again(conn, house, one, &teller));
                if let Err(fault) = tried {
                    log::warn!("held event {}: {fault:?}", one.id);
                }
            }
        }
    }
    Ok(())
}
