//! What speaks for and against a room for a guest, one finding at a time; a room's verdict is their sum. Pure.
//!
//! Needs exclude, everything else has a finite price: nothing relaxes a rule and tries again.

use super::fit::{self, Answer, Wish};
use super::standing::{Ready, Standing};
use super::{Housekeeping, Room};
use crate::guests::preferences::Strength;
use crate::words::Message;

/// A class above the one booked: more than all wishes of a guest together, for an upgrade is offered and not slipped in.
const HIGHER: i64 = 1_000;
/// A class below, and each further step: only before no room at all.
const LOWER: i64 = 10_000;
/// A room a guest complained of, while that is still to be put right.
const COMPLAINT_OPEN: i64 = 600;
/// A room a guest once complained of.
const COMPLAINT: i64 = 300;
/// A room the guest had and came back after; each further time, up to three.
const LIKED: i64 = 20;
/// The most that waiting for a room weighs; it is half a point a minute.
const WAITING: i64 = 120;

/// What one stay asks of a room.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Wishes that concern a room, needs first.
    pub wishes: Vec<Wish>,
    /// How many sleep there.
    pub party: i64,
    /// The class booked, by id and rank on the ladder.
    pub booked: Option<(i64, i64)>,
    /// Expected time of arrival, minutes after midnight; none where nobody waits for the room.
    pub arrives_at: Option<i64>,
    /// The room of the last stay in this house.
    pub usual_room: Option<i64>,
    /// Rooms the guest had in this house and came back after, with how often.
    pub liked: Vec<(i64, i64)>,
    /// Rooms of this house the guest complained of.
    pub complaints: Vec<Complaint>,
}

/// A complaint that a room was the cause of.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// The room.
    pub room_id: i64,
    /// What it was.
    pub summary: String,
    /// Still to be put right.
    pub is_open: bool,
}

/// One thing that speaks for or against a room.
#[derive(Clone, Copy, Debug)]
pub enum Finding<'a> {
    /// What becomes of a wish.
    Wish(&'a Wish, Answer),
    /// More guests than beds.
    TooSmall(i64, i64),
    /// Not to be let.
    OutOfOrder,
    /// Somebody else has it for one of the nights.
    Taken,
    /// Had before, so often, and came back.
    Liked(i64),
    /// Complained of.
    Complaint(&'a Complaint),
    /// Classes above the one booked.
    Higher(i64),
    /// Classes below the one booked.
    Lower(i64),
    /// Another class of the same rank.
    OtherClass,
    /// Ready only at this time; the guest is expected before.
    Waits(i64, i64),
}

/// What a finding does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The room is out of the question.
    Excludes,
    /// The room is worse by so much; better where it is below zero.
    Costs(i64),
}

/// Everything that speaks for or against a room, the building first and then the wishes in their order.
pub fn findings<'a>(
    asked: &'a Asked,
    room: &'a Room,
    standing: Standing,
) -> impl Iterator<Item = Finding<'a>> {
    let of_the_house = [
        (standing.housekeeping == Housekeeping::OutOfOrder).then_some(Finding::OutOfOrder),
        standing.is_taken.then_some(Finding::Taken),
        (asked.party > room.capacity).then_some(Finding::TooSmall(room.capacity, asked.party)),
        class(asked, room),
        waits(asked, standing),
    ];
    let complaint = asked.complaints.iter().find(|c| c.room_id == room.id);
    let liked = asked.liked.iter().find(|(id, _)| *id == room.id);
    let of_the_past = match (complaint, liked) {
        (Some(complaint), _) => Some(Finding::Complaint(complaint)),
        (None, Some((_, times))) => Some(Finding::Liked(*times)),
        (None, None) => None,
    };
    let of_the_wishes = asked
        .wishes
        .iter()
        .map(|wish| Finding::Wish(wish, fit::answer(wish, Some(room), asked.usual_room)));
    of_the_house
        .into_iter()
        .flatten()
        .chain(of_the_past)
        .chain(of_the_wishes)
}

fn class<'a>(asked: &Asked, room: &Room) -> Option<Finding<'a>> {
    let (booked, rank) = asked.booked?;
    match room.rank - rank {
        _ if booked == room.room_type_id => None,
        0 => Some(Finding::OtherClass),
        steps if steps > 0 => Some(Finding::Higher(steps)),
        steps => Some(Finding::Lower(-steps)),
    }
}

fn waits<'a>(asked: &Asked, standing: Standing) -> Option<Finding<'a>> {
    let expected = asked.arrives_at?;
    match standing.ready {
        Ready::At(ready) if ready > expected => Some(Finding::Waits(ready, expected)),
        Ready::At(_) | Ready::Now => None,
    }
}

impl Finding<'_> {
    /// What it does to the verdict.
    pub fn weight(self) -> Weight {
        match self {
            Self::OutOfOrder | Self::Taken | Self::TooSmall(..) => Weight::Excludes,
            Self::Wish(wish, Answer::Missing) if wish.is_need() => Weight::Excludes,
            Self::Wish(wish, Answer::Missing) => Weight::Costs(wish.weight()),
            // A room nobody described may have it or not.
            Self::Wish(wish, Answer::Unknown) => Weight::Costs(wish.weight() / 2),
            Self::Wish(_, Answer::Kept | Answer::Prepare) => Weight::Costs(0),
            Self::Liked(times) => Weight::Costs(-LIKED * times.min(3)),
            Self::Complaint(complaint) if complaint.is_open => Weight::Costs(COMPLAINT_OPEN),
            Self::Complaint(_) => Weight::Costs(COMPLAINT),
            Self::Higher(steps) => Weight::Costs(HIGHER * steps),
            Self::Lower(steps) => Weight::Costs(LOWER + HIGHER * steps),
            Self::OtherClass => Weight::Costs(HIGHER / 2),
            Self::Waits(ready, expected) => Weight::Costs(((ready - expected) / 2).min(WAITING)),
        }
    }

    /// In words, but for wishes that are kept or lost: those are lists of their own.
    fn message(self) -> Option<Message> {
        Some(match self {
            Self::OutOfOrder => Message::new("fit-out-of-order"),
            Self::Taken => Message::new("fit-taken"),
            Self::TooSmall(capacity, party) => Message::new("fit-too-small")
                .number("capacity", capacity)
                .number("party", party),
            Self::Wish(wish, Answer::Missing) if wish.is_need() => {
                let key = if wish.strength == Strength::Never {
                    "fit-never"
                } else {
                    "fit-need"
                };
                Message::new(key).wish("feature", wish.feature.code)
            }
            Self::Wish(..) => return None,
            Self::Liked(times) => Message::new("fit-liked").number("count", times),
            Self::Complaint(complaint) => {
                Message::new("fit-complaint").text("summary", &complaint.summary)
            }
            Self::Higher(steps) => Message::new("fit-higher").number("count", steps),
            Self::Lower(steps) => Message::new("fit-lower").number("count", steps),
            Self::OtherClass => Message::new("fit-other-class"),
            Self::Waits(ready, _) => Message::new("fit-waits").time("time", ready),
        })
    }
}

/// How a room stands in the ranking: whatever is out of the question comes last, and more so the more speaks against it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// How much excludes the room.
    pub against: u32,
    /// What it costs the guest.
    pub cost: i64,
}

impl Tally {
    /// Of a room for a guest.
    pub fn of(asked: &Asked, room: &Room, standing: Standing) -> Self {
        findings(asked, room, standing).fold(Self::default(), |tally, finding| {
            match finding.weight() {
                Weight::Excludes => Self {
                    against: tally.against + 1,
                    ..tally
                },
                Weight::Costs(cost) => Self {
                    cost: tally.cost + cost,
                    ..tally
                },
            }
        })
    }

    /// The price, where the room is possible at all.
    pub fn price(self) -> Option<i64> {
        (self.against == 0).then_some(self.cost)
    }
}

/// The verdict on a room in words.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// Codes of wishes the room keeps.
    pub kept: Vec<&'static str>,
    /// Codes of wishes it does not.
    pub lost: Vec<&'static str>,
    /// Codes of wishes nobody can answer: the room is not described.
    pub unknown: Vec<&'static str>,
    /// Why it is out of the question; empty where it is not.
    pub against: Vec<Message>,
    /// What else there is to know: had before, complained of, another class, not ready yet.
    pub reasons: Vec<Message>,
}

impl Fit {
    /// Of a room for a guest.
    pub fn of(asked: &Asked, room: &Room, standing: Standing) -> Self {
        let mut fit = Self::default();
        for finding in findings(asked, room, standing) {
            match finding {
                Finding::Wish(wish, Answer::Kept) => fit.kept.push(wish.feature.code),
                Finding::Wish(wish, Answer::Missing) => fit.lost.push(wish.feature.code),
                Finding::Wish(wish, Answer::Unknown) => fit.unknown.push(wish.feature.code),
                _ => {}
            }
            let told = finding.message();
            match finding.weight() {
                Weight::Excludes => fit.against.extend(told),
                Weight::Costs(_) => fit.reasons.extend(told),
            }
        }
        fit
    }

    /// Whether the room is possible at all.
    pub fn is_possible(&self) -> bool {
        self.against.is_empty()
    }

    /// How many of the wishes that the room can answer it keeps, and of how many.
    pub fn score(&self) -> (usize, usize) {
        (self.kept.len(), self.kept.len() + self.lost.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary;
    use chrono::NaiveDate;

    fn room(id: i64, rank: i64, features: &[&str]) -> Room {
        Room {
            id,
            property_id: 1,
            number: id.to_string(),
            room_type_id: rank,
            type_name: "King".into(),
            rank,
            floor: None,
            capacity: 2,
            housekeeping: Housekeeping::Clean,
            features: features.iter().map(|&code| code.into()).collect(),
        }
    }

    fn wish(code: &str, strength: Strength, certainty: i64) -> Wish {
        Wish {
            feature: vocabulary::get(code).unwrap(),
            strength,
            evidence: Message::new("evidence-stated"),
            as_of: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
            stale: false,
            for_this_stay: false,
            certainty,
        }
    }

    fn price(asked: &Asked, room: &Room) -> Option<i64> {
        Tally::of(asked, room, Standing::default()).price()
    }

    #[test]
    fn needs_capacity_and_the_state_of_the_room_exclude() {
        let asked = Asked {
            wishes: vec![wish("step_free", Strength::Prefer, 1_000)],
            party: 2,
            ..Asked::default()
        };
        assert_eq!(price(&asked, &room(1, 1, &["kettle"])), None);
        assert_eq!(price(&asked, &room(1, 1, &["step_free"])), Some(0));
        let family = Asked {
            party: 3,
            ..asked.clone()
        };
        assert_eq!(price(&family, &room(1, 1, &["step_free"])), None);
        let taken = Standing {
            is_taken: true,
            ..Standing::default()
        };
        let fit = Fit::of(&asked, &room(1, 1, &["kettle"]), taken);
        let against: Vec<_> = fit.against.iter().map(Message::key).collect();
        assert_eq!(against, ["fit-taken", "fit-need"]);
    }

    #[test]
    fn a_surer_wish_weighs_more_and_an_upgrade_more_than_all() {
        let asked = Asked {
            wishes: vec![
                wish("bathtub", Strength::Prefer, 1_000),
                wish("high_floor", Strength::Prefer, 300),
            ],
            party: 2,
            booked: Some((1, 1)),
            ..Asked::default()
        };
        let bath = price(&asked, &room(1, 1, &["bathtub"]));
        let high = price(&asked, &room(2, 1, &["high_floor"]));
        let suite = price(&asked, &room(3, 2, &["high_floor", "bathtub"]));
        let none = price(&asked, &room(4, 1, &["kettle"]));
        assert!(bath < high && high < none && none < suite);
    }

    #[test]
    fn a_liked_room_draws_and_a_complaint_repels_whatever_was_liked() {
        let mut asked = Asked {
            party: 1,
            liked: vec![(7, 2)],
            ..Asked::default()
        };
        assert!(price(&asked, &room(7, 1, &[])) < price(&asked, &room(8, 1, &[])));
        asked.complaints.push(Complaint {
            room_id: 7,
            summary: "lift noise".into(),
            is_open: true,
        });
        assert!(price(&asked, &room(7, 1, &[])) > price(&asked, &room(8, 1, &[])));
        let fit = Fit::of(&asked, &room(7, 1, &[]), Standing::default());
        assert_eq!(fit.reasons.len(), 1, "no room is liked and complained of");
    }

    #[test]
    fn a_room_that_is_late_costs_who_comes_before_it() {
        let late = Standing {
            ready: Ready::At(15 * 60),
            ..Standing::default()
        };
        let noon = Asked {
            arrives_at: Some(12 * 60),
            ..Asked::default()
        };
        let evening = Asked {
            arrives_at: Some(20 * 60),
            ..Asked::default()
        };
        let here = room(1, 1, &[]);
        assert_eq!(Tally::of(&noon, &here, late).price(), Some(90));
        assert_eq!(Tally::of(&evening, &here, late).price(), Some(0));
    }
}
