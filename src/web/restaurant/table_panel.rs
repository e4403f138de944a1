//! A table that was tapped: how it stands, and who could sit there.

use super::lines::{self, PartyLine, Wait};
use super::{Here, Room};
use crate::dining::floor::{Floor, State};
use crate::dining::visit::Status;
use crate::words::{Message, Words};

/// The table.
pub(super) struct TablePanel {
    pub id: i64,
    pub name: String,
    pub seats: i64,
    pub about: String,
    /// Free: who could be seated there.
    pub could: Vec<PartyLine>,
    pub is_free: bool,
    /// Kept for somebody: the party.
    pub kept: Option<PartyLine>,
}

impl TablePanel {
    /// Numbers of people that can sit there.
    pub fn sizes(&self) -> std::ops::RangeInclusive<i64> {
        1..=self.seats.min(12)
    }
}

pub(super) fn of(table_id: i64, here: &Here, room: &Room, words: &Words) -> Option<TablePanel> {
    let table = room.plan.table(table_id)?;
    let floor = Floor::of(&room.plan, &room.parties, here.now);
    let state = floor.state(table_id);
    let features: Vec<String> = table
        .features
        .iter()
        .map(|code| words.feature(code).to_owned())
        .collect();
    let mut about = vec![words.tell(&Message::new("table-seats").number("count", table.seats))];
    about.extend(features);
    if let State::Free { next: Some(next) } = state {
        about.push(
            words.tell(
                &Message::new("table-free-until")
                    .text("time", here.clock(next.visit.starts_at))
                    .message("party", next.name())
                    .number("covers", next.visit.covers),
            ),
        );
    }
    let line = |party| lines::party(party, String::new(), here, words, Wait::Unasked);
    let (meal, _) = here.meal();
    let could = room.parties.iter().filter(|party| {
        let visit = &party.visit;
        let due = visit.status == Status::Waiting
            || (visit.status.is_to_come()
                && visit.meal == meal
                && (visit.starts_at - here.now).num_minutes() <= 45);
        due && visit.covers <= table.seats && !party.tables.contains(&table_id)
    });
    Some(TablePanel {
        id: table.id,
        name: table.name.clone(),
        seats: table.seats,
        about: about.join(" · "),
        could: could.take(8).map(line).collect(),
        is_free: matches!(state, State::Free { .. }),
        kept: match state {
            State::Kept(party) => Some(line(party)),
            _ => None,
        },
    })
}
