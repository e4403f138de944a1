//! The rooms that suit a guest best, in order. Pure: there is always a best, also where none is perfect.

use chrono::NaiveDate;

use super::finding::{Asked, Fit, Tally};
use super::fit::{self, Answer, Wish};
use super::standing::{Standing, Standings};
use super::{Housekeeping, Room};

/// Rooms that are shown wherever a room is chosen.
pub const SHOWN: usize = 3;

/// A room with its verdict.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The room.
    pub room: &'a Room,
    /// How it stands for the stay.
    pub standing: Standing,
    /// What it does for the guest.
    pub fit: Fit,
}

/// The rooms that are free for all nights and in order, the best first; those that break a need come last.
pub struct Ranking<'a> {
    asked: &'a Asked,
    rooms: Vec<(Tally, Standing, &'a Room)>,
}

impl<'a> Ranking<'a> {
    /// Of a house's rooms for a stay that leaves on a date.
    pub fn of(
        asked: &'a Asked,
        rooms: &'a [Room],
        standings: &Standings,
        departure: NaiveDate,
    ) -> Self {
        let mut ranked: Vec<_> = rooms
            .iter()
            .map(|room| (standings.of(room, departure), room))
            .filter(|(standing, _)| {
                !standing.is_taken && standing.housekeeping != Housekeeping::OutOfOrder
            })
            .map(|(standing, room)| (Tally::of(asked, room, standing), standing, room))
            .collect();
        ranked.sort_by_key(|(tally, standing, room)| (*tally, standing.ready, room.rank, room.id));
        Self {
            asked,
            rooms: ranked,
        }
    }

    /// The first so many, with their verdicts.
    pub fn first(&self, most: usize) -> impl Iterator<Item = Candidate<'a>> {
        let rooms = self.rooms.iter().take(most);
        rooms.map(|&(_, standing, room)| Candidate {
            room,
            standing,
            fit: Fit::of(self.asked, room, standing),
        })
    }

    /// The best room that keeps a wish without being above the class booked: an upgrade is offered, not given away.
    pub fn keeping(&self, wish: &Wish) -> Option<(&'a Room, Standing)> {
        let mut possible = self.rooms.iter().filter(|(tally, _, room)| {
            let is_higher = self.asked.booked.is_some_and(|(_, rank)| room.rank > rank);
            tally.price().is_some() && !is_higher
        });
        possible
            .find(|(_, _, room)| {
                fit::answer(wish, Some(room), self.asked.usual_room) == Answer::Kept
            })
            .map(|&(_, standing, room)| (room, standing))
    }
}
