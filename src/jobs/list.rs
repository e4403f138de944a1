//! The jobs.

use std::time::Duration;

use super::{Job, Work};
use crate::backup::schedule;
use crate::clock;
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
];

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
