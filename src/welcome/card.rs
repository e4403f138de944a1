//! The card as data. Pure: facts and a date in, sentences with reasons out.

use chrono::NaiveDate;

use super::alerts::{self, Alert};
use super::memory::Memory;
use crate::guests::Guest;
use crate::guests::preferences::Strength;
use crate::properties::Reference;
use crate::rooms::Room;
use crate::rooms::fit::{self, Answer, Wish};
use crate::stays::history::PastStay;
use crate::stays::{Decision, Status, Stay};
use crate::vocabulary::Kind;
use crate::words::Message;

/// Sentences of one sort on a card; more would not be read.
const MOST: usize = 3;

/// Everything a card is made of.
pub struct Visit<'a> {
    /// The stay.
    pub stay: &'a Stay,
    /// The profile it is on.
    pub guest: &'a Guest,
    /// What is remembered of the person.
    pub memory: &'a Memory,
    /// The room assigned.
    pub room: Option<&'a Room>,
    /// Profiles this could be, where recognition asks.
    pub candidates: &'a [i64],
    /// The houses, for their names.
    pub reference: &'a Reference,
    /// The house's business date.
    pub today: NaiveDate,
}

impl<'a> Visit<'a> {
    /// Which stay this is in the group: 1 for the first.
    pub fn number(&self) -> i64 {
        1 + self.past().count() as i64
    }

    /// Which stay this is in this house.
    pub fn number_here(&self) -> i64 {
        1 + self
            .past()
            .filter(|past| past.property_id == self.stay.property_id)
            .count() as i64
    }

    /// The stay before this one.
    pub fn last_stay(&self) -> Option<&'a PastStay> {
        self.past().next()
    }

    /// The first stay of all.
    pub fn first_stay(&self) -> Option<&'a PastStay> {
        self.past().last()
    }

    /// The room of the last stay in this house.
    pub fn usual_room(&self) -> Option<i64> {
        self.past()
            .find(|past| past.property_id == self.stay.property_id)?
            .room_id
    }

    /// Wishes that concern the room.
    pub fn wishes(&self) -> Vec<Wish> {
        let requested: Vec<&str> = self.stay.requested_codes().collect();
        fit::wishes(
            &self.memory.preferences,
            &requested,
            self.stay.property_id,
            self.stay.arrival,
            self.today,
            self.reference.wishes.half_life(),
        )
    }

    pub(super) fn past(&self) -> impl Iterator<Item = &'a PastStay> + use<'a> {
        self.memory.before(self.stay.id, self.stay.arrival)
    }
}

/// A wish, and what becomes of it in the room.
#[derive(Clone, Debug)]
pub struct AnsweredWish {
    /// The wish.
    pub wish: Wish,
    /// What the room does for it.
    pub answer: Answer,
}

/// The welcome card.
#[derive(Clone, Debug)]
pub struct Card {
    /// Which stay this is in the group.
    pub number: i64,
    /// Which stay this is in this house.
    pub number_here: i64,
    /// What must not go wrong, worst first.
    pub alerts: Vec<Alert>,
    /// Wishes against the room.
    pub wishes: Vec<AnsweredWish>,
    /// What to say, best first.
    pub say: Vec<Message>,
    /// What to do.
    pub to_do: Vec<Message>,
    /// What to avoid.
    pub avoid: Vec<Message>,
}

impl Card {
    /// The card of a visit.
    pub fn of(visit: &Visit<'_>) -> Self {
        let wishes: Vec<AnsweredWish> = visit
            .wishes()
            .into_iter()
            .map(|wish| AnsweredWish {
                answer: fit::answer(&wish, visit.room, visit.usual_room()),
                wish,
            })
            .collect();
        Self {
            number: visit.number(),
            number_here: visit.number_here(),
            alerts: alerts::alerts(visit),
            say: first(say(visit, &wishes)),
            to_do: first(to_do(visit, &wishes)),
            avoid: first(avoid(visit, &wishes)),
            wishes,
        }
    }

    /// Wishes the room keeps, and how many it can answer.
    pub fn kept(&self) -> (usize, usize) {
        let of = |answer| {
            self.wishes
                .iter()
                .filter(|wish| wish.answer == answer)
                .count()
        };
        (of(Answer::Kept), of(Answer::Kept) + of(Answer::Missing))
    }
}

fn first(mut messages: Vec<Message>) -> Vec<Message> {
    messages.truncate(MOST);
    messages
}

/// Whether the name may be spoken where others hear it.
fn name_may_be_said(visit: &Visit<'_>) -> bool {
    let code = "do_not_name_aloud";
    !visit
        .memory
        .preferences
        .iter()
        .any(|p| p.code == code && p.is_wanted())
        && !visit.stay.requested_codes().any(|c| c == code)
}

/// The name as it is said where others hear it; on the board it stands in the column of what to say.
pub(super) fn spoken_name(visit: &Visit<'_>) -> Message {
    if name_may_be_said(visit) {
        visit.guest.addressed()
    } else {
        Message::new("say-no-name")
    }
}

fn say(visit: &Visit<'_>, wishes: &[AnsweredWish]) -> Vec<Message> {
    let mut say = Vec::new();
    if visit.stay.decision == Decision::Review {
        return vec![Message::new("say-unsure")];
    }
    let name = spoken_name(visit);
    say.push(match visit.last_stay() {
        None => Message::new("say-welcome").message("name", name),
        Some(_) if visit.number_here() == 1 => Message::new("say-back-new-house")
            .message("name", name)
            .text("house", visit.reference.name(visit.stay.property_id)),
        Some(_) => Message::new("say-back").message("name", name),
    });
    if let Some(case) = visit.memory.open_cases().next() {
        let here = case.stay_id == Some(visit.stay.id);
        let sorry = if here { "say-sorry-now" } else { "say-sorry" };
        say.push(Message::new(sorry).text("summary", &case.summary));
    }
    if let Some(sentence) = room_sentence(visit, wishes) {
        say.push(sentence);
    }
    if let Some(occasion) = alerts::occasions(visit).into_iter().next() {
        match occasion.key() {
            "occasion-birthday-today" => say.push(Message::new("say-birthday-today")),
            "occasion-birthday" => say.push(Message::new("say-birthday")),
            "occasion-jubilee" => {
                say.push(Message::new("say-jubilee").ordinal("number", visit.number()))
            }
            "occasion-back" => say.push(Message::new("say-missed")),
            _ => {}
        }
    }
    say
}

/// What the room keeps of what they love, or that it is the room they had.
fn room_sentence(visit: &Visit<'_>, wishes: &[AnsweredWish]) -> Option<Message> {
    let room = visit.room?;
    if visit.usual_room() == Some(room.id) {
        return Some(Message::new("say-same-room").text("room", &room.number));
    }
    let mut kept = wishes.iter().filter(|w| {
        w.answer == Answer::Kept && w.wish.is_wanted() && w.wish.feature.kind != Kind::Rule
    });
    let first = kept.next()?;
    let message = Message::new(if kept.clone().next().is_some() {
        "say-room-two"
    } else {
        "say-room-one"
    });
    let message = message
        .text("room", &room.number)
        .wish("first", first.wish.feature.code);
    Some(match kept.next() {
        Some(second) => message.wish("second", second.wish.feature.code),
        None => message,
    })
}

fn to_do(visit: &Visit<'_>, wishes: &[AnsweredWish]) -> Vec<Message> {
    let mut to_do = Vec::new();
    if !visit.candidates.is_empty() {
        to_do.push(Message::new("do-ask-who").number("count", visit.candidates.len() as i64));
    }
    if let Some(case) = visit.memory.open_cases().next() {
        to_do.push(Message::new("do-apologise").number("id", case.id));
    }
    if visit.room.is_none() && visit.stay.status == Status::Reserved {
        to_do.push(Message::new("do-assign-room"));
    }
    let missing = wishes
        .iter()
        .find(|w| w.answer == Answer::Missing && w.wish.is_need());
    if let (Some(wish), Some(room)) = (missing, visit.room) {
        to_do.push(
            Message::new("do-move")
                .text("room", &room.number)
                .wish("feature", wish.wish.feature.code),
        );
    }
    let prepare = wishes
        .iter()
        .filter(|w| w.answer == Answer::Prepare && w.wish.is_wanted());
    to_do.extend(prepare.map(|w| Message::new("do-prepare").wish("feature", w.wish.feature.code)));
    let food = visit.memory.preferences.iter().find(|p| {
        p.is_wanted()
            && p.feature().is_some_and(|f| {
                f.kind == Kind::Allergy
                    && !matches!(f.code, "pollen_allergy" | "latex_allergy" | "scent_free")
            })
    });
    if let Some(allergy) = food {
        to_do.push(Message::new("do-tell-kitchen").wish("feature", &allergy.code));
    }
    if let Some(stale) = wishes.iter().find(|w| w.wish.stale && w.wish.is_wanted()) {
        to_do.push(
            Message::new("do-ask-again")
                .wish("feature", stale.wish.feature.code)
                .month("month", stale.wish.as_of),
        );
    }
    to_do
}

fn avoid(visit: &Visit<'_>, wishes: &[AnsweredWish]) -> Vec<Message> {
    let mut avoid = Vec::new();
    if !name_may_be_said(visit) {
        avoid.push(Message::new("avoid-name"));
    }
    for case in visit.memory.open_cases() {
        if let Some(room) = &case.room
            && case.property_id == visit.stay.property_id
        {
            avoid.push(
                Message::new("avoid-room")
                    .text("room", room)
                    .text("summary", &case.summary),
            );
        }
    }
    let disliked = visit
        .memory
        .preferences
        .iter()
        .filter(|p| matches!(p.strength, Strength::Never | Strength::Avoid));
    avoid.extend(disliked.map(|p| Message::new("avoid-feature").feature("feature", &p.code)));
    let needs = wishes
        .iter()
        .filter(|w| w.wish.feature.kind == Kind::Allergy);
    avoid
        .extend(needs.map(|w| Message::new("avoid-allergen").wish("feature", w.wish.feature.code)));
    if visit.number() > 1 {
        avoid.push(Message::new("avoid-first-visit").ordinal("number", visit.number()));
    }
    avoid
}
