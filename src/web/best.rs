//! The rooms that suit a stay best, as the card and the room's page show them.

use std::sync::Arc;

use chrono::NaiveDate;

use super::AppError;
use super::desk::View;
use crate::clock;
use crate::properties::Property;
use crate::rooms::best::{Candidate, Ranking, SHOWN};
use crate::rooms::finding::Asked;
use crate::rooms::standing::{Apart, Moment, Ready, Standing, Standings};
use crate::rooms::{Housekeeping, Room};
use crate::stays::{Status, Stay};
use crate::welcome::Visit;
use crate::words::{Message, Words};

/// What is known of a house's rooms for one stay: enough to rank them.
pub(super) struct RoomsFor {
    pub asked: Asked,
    rooms: Arc<Vec<Room>>,
    standings: Standings,
    departure: NaiveDate,
}

impl RoomsFor {
    /// Reads it: three queries, one more for an arrival to come, and one now and then for the rooms. None for a stay that is over.
    pub(super) fn load(
        view: &mut View<'_>,
        visit: &Visit<'_>,
        house: &Property,
    ) -> Result<Option<Self>, AppError> {
        let stay = visit.stay;
        if !matches!(stay.status, Status::Reserved | Status::InHouse) {
            return Ok(None);
        }
        let moment = Moment::of(house, clock::now());
        let from = stay.arrival.max(moment.today);
        let rooms = view.app.rooms.get(view.conn, house.id)?;
        let standings = Standings::load(view.conn, house.id, from, moment, Apart::Stay(stay.id))?;
        Ok(Some(Self {
            asked: visit.asked(&rooms),
            rooms,
            standings,
            departure: stay.departure,
        }))
    }

    /// The rooms in their order.
    pub(super) fn ranking(&self) -> Ranking<'_> {
        Ranking::of(&self.asked, &self.rooms, &self.standings, self.departure)
    }
}

/// A room as it is offered.
pub(super) struct BestRoom {
    pub number: String,
    pub type_name: String,
    pub floor: Option<i64>,
    /// "ready", "ready 15:00", "to be made up".
    pub ready: String,
    pub kept: usize,
    pub of: usize,
    /// Wishes it keeps, and those it does not, by name.
    pub keeps: Vec<&'static str>,
    pub loses: Vec<&'static str>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// Why it is out of the question.
    pub against: Vec<String>,
    pub is_current: bool,
    /// The key that moves the guest there.
    pub key: Option<&'static str>,
}

impl BestRoom {
    fn of(candidate: &Candidate<'_>, stay: &Stay, words: &'static Words) -> Self {
        let fit = &candidate.fit;
        let (kept, of) = fit.score();
        let labels = |codes: &[&'static str]| {
            let labels = codes.iter().filter_map(|code| {
                crate::vocabulary::get(code).map(|feature| feature.label(words.language))
            });
            labels.collect()
        };
        let tell = |messages: &[Message]| messages.iter().map(|told| words.tell(told)).collect();
        Self {
            number: candidate.room.number.clone(),
            type_name: candidate.room.type_name.clone(),
            floor: candidate.room.floor,
            ready: ready(candidate.standing, words),
            kept,
            of,
            keeps: labels(&fit.kept),
            loses: labels(&fit.lost),
            notes: tell(&fit.reasons),
            against: tell(&fit.against),
            is_current: stay.room_id == Some(candidate.room.id),
            key: None,
        }
    }

    /// The wishes it keeps, as a list.
    pub fn keeps_text(&self, words: &Words) -> String {
        words.list(owned(&self.keeps))
    }

    /// The wishes it does not, as a list.
    pub fn loses_text(&self, words: &Words) -> String {
        words.list(owned(&self.loses))
    }
}

fn owned(labels: &[&'static str]) -> Vec<String> {
    labels.iter().map(|&label| label.to_owned()).collect()
}

/// When a room can be moved into, in words.
pub(super) fn ready(standing: Standing, words: &Words) -> String {
    match standing.ready {
        Ready::At(minutes) => words.tell(&Message::new("ready-at").time("time", minutes)),
        Ready::Now if standing.housekeeping == Housekeeping::Clean => {
            words.say("ready-now").to_owned()
        }
        Ready::Now => words.say("ready-by-then").to_owned(),
    }
}

/// The first so many rooms of a ranking, as they are shown.
pub(super) fn shown(
    ranking: &Ranking<'_>,
    most: usize,
    stay: &Stay,
    words: &'static Words,
) -> Vec<BestRoom> {
    ranking
        .first(most)
        .map(|candidate| BestRoom::of(&candidate, stay, words))
        .collect()
}

/// The three best, the first that is better than the room there is under one key: no key moves a guest to a room that
/// breaks a need, nor away from the best.
pub(super) fn three_best(
    ranking: &Ranking<'_>,
    stay: &Stay,
    is_locked: bool,
    words: &'static Words,
) -> Vec<BestRoom> {
    let mut best = shown(ranking, SHOWN, stay, words);
    if stay.status == Status::Reserved
        && !is_locked
        && let Some(first) = best.first_mut()
        && !first.is_current
        && first.against.is_empty()
    {
        first.key = Some("r");
    }
    best
}
