//! What the rules ask about a visit, and which rooms would do for it. Pure.

use chrono::NaiveDate;

use super::choose::{Before, Facts};
use super::ladder::Ladder;
use super::past::Past;
use super::{Occasion, State};
use crate::properties::Reference;
use crate::rooms::fit::{self, Answer};
use crate::rooms::{Housekeeping, Room};
use crate::stays::Status;
use crate::welcome::{Visit, alerts};

impl Facts {
    /// The facts of a visit, given what its guest was offered before.
    pub fn of(visit: &Visit<'_>, ladder: &Ladder, past: &[Past]) -> Self {
        let stay = visit.stay;
        let account = visit.memory.account.as_ref();
        Self {
            tier: account.map(|account| {
                let rank = rank(visit.reference, &account.tier).unwrap_or(-1);
                (account.tier.clone(), rank)
            }),
            visit: visit.number(),
            channel: stay.channel,
            vip: visit.guest.vip_level.is_some(),
            occasions: occasions(visit),
            open_case: visit.memory.open_cases().next().is_some(),
            nights: (stay.departure - first_night(visit)).num_days().max(0),
            days_ahead: (stay.arrival - visit.today).num_days(),
            in_house: stay.status == Status::InHouse,
            base: base(visit, ladder),
            is_member: account.is_some(),
            before: past.iter().map(|past| before(past, stay.id)).collect(),
        }
    }
}

/// How high a tier is.
pub fn rank(reference: &Reference, code: &str) -> Option<i64> {
    let tier = reference.tiers.iter().find(|tier| tier.code == code);
    tier.map(|tier| tier.rank)
}

/// The first night still to come.
pub fn first_night(visit: &Visit<'_>) -> NaiveDate {
    visit.stay.arrival.max(visit.today)
}

fn before(past: &Past, stay_id: i64) -> Before {
    Before {
        rule_id: past.rule_id,
        kind: past.kind,
        room_type_id: past.room_type_id,
        this_stay: past.stay_id == stay_id,
        taken: past.state != State::Declined,
    }
}

/// The type booked, or the one assigned where that is the better.
fn base(visit: &Visit<'_>, ladder: &Ladder) -> Option<i64> {
    let booked = visit.stay.room_type_id.and_then(|id| ladder.get(id));
    let assigned = visit.room.and_then(|room| ladder.get(room.room_type_id));
    let best = booked.into_iter().chain(assigned);
    best.max_by_key(|kind| kind.rank).map(|kind| kind.id)
}

fn occasions(visit: &Visit<'_>) -> Vec<Occasion> {
    let occasion = |key: &str| match key {
        "occasion-birthday" | "occasion-birthday-today" => Some(Occasion::Birthday),
        "occasion-jubilee" => Some(Occasion::Jubilee),
        "occasion-anniversary" => Some(Occasion::Anniversary),
        "occasion-first" => Some(Occasion::First),
        "occasion-back" => Some(Occasion::Back),
        _ => None,
    };
    let found = alerts::occasions(visit);
    found
        .iter()
        .filter_map(|found| occasion(found.key()))
        .collect()
}

/// The rooms that would do for a visit, the best first: large enough, no need unanswered, and not the one an open case
/// is about; then made up, then by the wishes they answer.
pub fn fitting(visit: &Visit<'_>, rooms: &[Room]) -> Vec<i64> {
    let (wishes, usual) = (visit.wishes(), visit.usual_room());
    let party = visit.stay.adults + visit.stay.children;
    let avoided: Vec<i64> = visit
        .memory
        .open_cases()
        .filter_map(|case| case.room_id)
        .collect();
    let mut fitting: Vec<&Room> = rooms
        .iter()
        .filter(|room| room.housekeeping != Housekeeping::OutOfOrder)
        .filter(|room| room.capacity >= party && !avoided.contains(&room.id))
        .filter(|room| {
            !wishes.iter().any(|wish| {
                wish.is_need() && fit::answer(wish, Some(room), usual) == Answer::Missing
            })
        })
        .collect();
    fitting.sort_by_cached_key(|room| {
        let (kept, _) = fit::score(&wishes, room, usual);
        (room.housekeeping, std::cmp::Reverse(kept), room.id)
    });
    fitting.iter().map(|room| room.id).collect()
}
