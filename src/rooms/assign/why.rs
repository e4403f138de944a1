//! What a plan changes for each arrival, and why, in words.

use std::collections::HashMap;

use super::order::{self, Ground};
use super::{Arrival, Day, Place, Plan};
use crate::rooms::Room;
use crate::rooms::finding::Fit;
use crate::text_enum;
use crate::words::Message;

text_enum! {
    /// What becomes of an arrival.
    pub enum Outcome {
        /// Its first room.
        First = "first",
        /// Another room.
        Moves = "moves",
        /// The room it has is the best.
        Stays = "stays",
        /// The room it has is locked.
        Locked = "locked",
        /// No other room would do.
        Stuck = "stuck",
        /// No room at all.
        Without = "without",
    }
}

/// One arrival of a plan.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Who.
    pub arrival: &'a Arrival,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The room it has.
    pub from: Option<&'a Room>,
    /// The room it gets.
    pub to: Option<&'a Room>,
    /// What that room does for the guest.
    pub fit: Fit,
    /// Why.
    pub why: Vec<Message>,
}

impl Line<'_> {
    /// Whether there is something to apply.
    pub fn is_change(&self) -> bool {
        matches!(self.outcome, Outcome::First | Outcome::Moves)
    }
}

impl Day {
    /// What a plan does, who comes first first.
    pub fn lines(&self, plan: &Plan) -> Vec<Line<'_>> {
        let holders: HashMap<usize, &Arrival> = self
            .arrivals
            .iter()
            .zip(&plan.places)
            .filter_map(|(arrival, place)| Some((place.room()?, arrival)))
            .collect();
        plan.order
            .iter()
            .filter_map(|at| {
                let (arrival, place) = (self.arrivals.get(*at)?, plan.places.get(*at)?);
                Some(self.line(arrival, *place, &holders))
            })
            .collect()
    }

    fn line<'a>(
        &'a self,
        arrival: &'a Arrival,
        place: Place,
        holders: &HashMap<usize, &Arrival>,
    ) -> Line<'a> {
        let current = self.current(arrival);
        let from = current.and_then(|at| self.rooms.get(at));
        let to = place.room().and_then(|at| self.rooms.get(at));
        let outcome = match place {
            Place::Locked(_) => Outcome::Locked,
            Place::Stuck(_) => Outcome::Stuck,
            Place::Without => Outcome::Without,
            Place::Room(room) if Some(room) == current => Outcome::Stays,
            Place::Room(_) if from.is_some() => Outcome::Moves,
            Place::Room(_) => Outcome::First,
        };
        let fit = to.map(|room| self.fit(arrival, room)).unwrap_or_default();
        let mut why = match outcome {
            Outcome::Moves => self.why_moves(arrival, current, &fit, holders),
            Outcome::Without => self.why_without(arrival),
            _ => Vec::new(),
        };
        why.extend(fit.against.iter().chain(&fit.reasons).cloned());
        Line {
            arrival,
            outcome,
            from,
            to,
            fit,
            why,
        }
    }

    /// What the guest gains and gives up by the move; where nothing is gained, who needs the room more.
    fn why_moves(
        &self,
        arrival: &Arrival,
        current: Option<usize>,
        after: &Fit,
        holders: &HashMap<usize, &Arrival>,
    ) -> Vec<Message> {
        let Some(room) = current.and_then(|at| self.rooms.get(at)) else {
            return Vec::new();
        };
        let before = self.fit(arrival, room);
        let mut why: Vec<Message> = Vec::new();
        let more = |these: &[&'static str], those: &[&'static str]| -> Vec<String> {
            let more = these.iter().filter(|code| !those.contains(code));
            more.map(|code| (*code).to_owned()).collect()
        };
        let (gains, loses) = (
            more(&after.kept, &before.kept),
            more(&after.lost, &before.lost),
        );
        if !gains.is_empty() {
            why.push(Message::new("why-gains").features("features", gains.clone()));
        }
        let left = before.against.iter().chain(&before.reasons);
        for reason in left.filter(|reason| {
            reason.key() != "fit-liked"
                && !after.against.contains(reason)
                && !after.reasons.contains(reason)
        }) {
            why.push(
                Message::new("why-leaves")
                    .text("room", &room.number)
                    .message("reason", reason.clone()),
            );
        }
        if !loses.is_empty() {
            why.push(Message::new("why-loses").features("features", loses));
        }
        let holder = current.and_then(|at| holders.get(&at));
        if let (true, Some(holder)) = (gains.is_empty(), holder) {
            why.push(
                Message::new("why-makes-way")
                    .text("room", &room.number)
                    .text("guest", &holder.name)
                    .message("ground", ground(order::ground(holder, arrival))),
            );
        }
        why
    }

    /// Why there is no room: none is free, none keeps what is needed, or all go to guests who come first.
    fn why_without(&self, arrival: &Arrival) -> Vec<Message> {
        let free: Vec<&Room> = self
            .rooms
            .iter()
            .filter(|room| self.is_free(arrival, room))
            .collect();
        if free.is_empty() {
            return vec![Message::new("why-none-free")];
        }
        if free
            .iter()
            .any(|room| self.fit(arrival, room).is_possible())
        {
            return vec![Message::new("why-others-first")];
        }
        let mut needs: Vec<String> = Vec::new();
        for room in &free {
            let lost = self.fit(arrival, room).lost;
            for wish in arrival.asked.wishes.iter().filter(|wish| wish.is_need()) {
                let code = wish.feature.code.to_owned();
                if lost.contains(&wish.feature.code) && !needs.contains(&code) {
                    needs.push(code);
                }
            }
        }
        if needs.is_empty() {
            return vec![Message::new("why-too-small").number("party", arrival.asked.party)];
        }
        vec![Message::new("why-needs").features("features", needs)]
    }
}

/// Why somebody comes first, in words.
fn ground(ground: Ground) -> Message {
    Message::new(match ground {
        Ground::Needs => "ground-needs",
        Ground::Tier => "ground-tier",
        Ground::OpenCase => "ground-open_case",
        Ground::Nights => "ground-nights",
        Ground::Time => "ground-time",
    })
}
