//! What a host is told of a guest. Pure: what is remembered at table and a date in, sentences with reasons out.
//!
//! Nothing of documents, spend or prices is among what comes in.

use chrono::{Days, NaiveDate};

use super::memory::{Habits, Memory};
use super::seating::{self, Offer, Wish};
use crate::guests::Guest;
use crate::guests::notes::Team;
use crate::guests::preferences::{Preference, Strength};
use crate::vocabulary::Kind;
use crate::welcome::alerts::anniversary_within;
use crate::words::Message;

/// Likes on a card; more would not be read.
const MOST: usize = 6;
/// A birthday is spoken of this many days ahead.
const SOON: u64 = 3;

/// Everything a host's card is made of.
pub struct Known<'a> {
    /// Who.
    pub guest: &'a Guest,
    /// What is remembered of them.
    pub memory: &'a Memory,
    /// What that shows.
    pub habits: &'a Habits,
    /// Their wishes for a table.
    pub wishes: &'a [Wish],
    /// The best place they can have.
    pub best: Option<&'a Offer<'a>>,
    /// The business date.
    pub today: NaiveDate,
}

/// Something known, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What.
    pub text: Message,
    /// How we know.
    pub evidence: Message,
}

/// The card.
#[derive(Clone, Debug)]
pub struct Card {
    /// The name as it is said.
    pub name: Message,
    /// One sentence to say.
    pub say: Message,
    /// Allergies, by code, with how we know.
    pub allergies: Vec<(String, Message)>,
    /// The name must not be said where others hear it.
    pub discreet: bool,
    /// What is still to be put right: apologise first.
    pub apologise: Option<Message>,
    /// Birthday, first visit, jubilee.
    pub occasion: Option<Message>,
    /// Likes and dislikes.
    pub likes: Vec<Line>,
}

impl Card {
    /// The card of a guest.
    pub fn of(known: &Known<'_>) -> Self {
        let discreet = known
            .memory
            .preferences
            .iter()
            .any(|p| p.code == "do_not_name_aloud" && p.is_wanted());
        let name = if discreet {
            Message::new("say-no-name")
        } else {
            known.guest.addressed()
        };
        Self {
            say: say(known, &name),
            name,
            allergies: allergies(&known.memory.preferences),
            discreet,
            apologise: apologise(known.memory),
            occasion: occasion(known),
            likes: likes(known),
        }
    }
}

fn allergies(preferences: &[Preference]) -> Vec<(String, Message)> {
    let mut allergies: Vec<(String, Message)> = Vec::new();
    for p in preferences
        .iter()
        .filter(|p| p.is_allergy() && p.is_wanted())
    {
        if !allergies.iter().any(|(code, _)| *code == p.code) {
            allergies.push((p.code.clone(), dated(p)));
        }
    }
    allergies
}

fn dated(preference: &Preference) -> Message {
    Message::new("evidence-with-month")
        .message("evidence", preference.evidence())
        .month("month", preference.as_of())
}

/// A host is told what happened in the restaurant, and of everything else that an apology is due.
fn apologise(memory: &Memory) -> Option<Message> {
    let ours = memory
        .cases
        .iter()
        .find(|case| case.team == Team::Restaurant);
    match ours {
        Some(case) => Some(Message::new("table-case").text("summary", &case.summary)),
        None if memory.cases.is_empty() => None,
        None => Some(Message::new("table-case-elsewhere")),
    }
}

/// A birthday on a date, or in the days after it.
pub fn birthday(guest: &Guest, date: NaiveDate) -> Option<Message> {
    let until = date.checked_add_days(Days::new(SOON))?;
    let day = anniversary_within(guest.birth_date?, date, until)?;
    Some(if day == date {
        Message::new("occasion-birthday-today")
    } else {
        Message::new("occasion-birthday").day("day", day)
    })
}

fn occasion(known: &Known<'_>) -> Option<Message> {
    if let Some(birthday) = birthday(known.guest, known.today) {
        return Some(birthday);
    }
    match known.habits.number {
        1 if known.memory.visits.is_empty() => Some(Message::new("table-first")),
        10 | 25 | 50 | 100 => {
            Some(Message::new("table-jubilee").ordinal("number", known.habits.number))
        }
        _ => None,
    }
}

/// One sentence: what the best table keeps of what they like.
fn say(known: &Known<'_>, name: &Message) -> Message {
    let Some(best) = known.best else {
        return Message::new("table-say-moment").message("name", name.clone());
    };
    let table = best.place.name();
    let kept = best
        .kept
        .iter()
        .filter_map(|&index| known.wishes.get(index));
    let liked = kept
        .filter(|wish| wish.wanted && wish.feature.kind == Kind::Table)
        .find(|wish| wish.feature.code != "high_chair");
    match liked {
        Some(wish) => Message::new("table-say-like")
            .wish("feature", wish.feature.code)
            .text("table", table),
        None if best.is_usual => Message::new("table-say-usual").text("table", table),
        None => Message::new("table-say-plain").message("name", name.clone()),
    }
}

fn likes(known: &Known<'_>) -> Vec<Line> {
    let mut likes: Vec<Line> = Vec::new();
    if let Some(usual) = &known.habits.usual {
        likes.push(Line {
            text: Message::new("table-usual").text("table", &usual.name),
            evidence: known.habits.seen(usual.times, usual.of),
        });
    }
    let at_table = known.wishes.iter().map(|wish| Line {
        text: if wish.wanted {
            Message::new("alert-feature").feature("feature", wish.feature.code)
        } else {
            Message::new("table-avoids").wish("feature", wish.feature.code)
        },
        evidence: wish.evidence.clone(),
    });
    likes.extend(at_table);
    let mut seen: Vec<&str> = Vec::new();
    for p in &known.memory.preferences {
        let Some(feature) = p.feature().filter(|_| !seen.contains(&p.code.as_str())) else {
            continue;
        };
        seen.push(&p.code);
        if matches!(feature.kind, Kind::Diet | Kind::Taste) && !seating::is_of_a_table(feature) {
            let text = match p.strength {
                Strength::Must | Strength::Prefer => {
                    Message::new("alert-feature").feature("feature", &p.code)
                }
                Strength::Avoid | Strength::Never => {
                    Message::new("table-avoids").wish("feature", &p.code)
                }
            };
            likes.push(Line {
                text,
                evidence: dated(p),
            });
        }
    }
    likes.truncate(MOST);
    likes
}
