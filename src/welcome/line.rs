//! The greeting line of a board: who, how often, one reason to smile, one thing to do. Read in two seconds.

use super::alerts;
use super::card::{Card, Visit, spoken_name};
use crate::rooms::fit::Answer;
use crate::stays::Status;
use crate::vocabulary::Kind;
use crate::words::{Message, Words};

/// Longest line, in characters.
pub const MOST: usize = 90;

/// The line in the reader's words: as much as fits, most important first.
pub fn line(visit: &Visit<'_>, card: &Card, words: &Words) -> String {
    let who = words.tell(&who(visit, card));
    let mut parts: Vec<String> = Vec::new();
    for tail in tails(visit, card) {
        let mut longer = parts.clone();
        longer.push(words.tell(&tail));
        if parts.len() < 2 && written(&who, &longer, words).chars().count() <= MOST {
            parts = longer;
        }
    }
    let line = written(&who, &parts, words);
    // A name alone may be longer than the line.
    if line.chars().count() <= MOST {
        line
    } else {
        line.chars().take(MOST - 1).chain(['…']).collect()
    }
}

fn written(who: &str, tails: &[String], words: &Words) -> String {
    match tails {
        [] => words.tell(&Message::new("line-plain").text("who", who)),
        [one] => words.tell(&Message::new("line-one").text("who", who).text("one", one)),
        [one, two, ..] => words.tell(
            &Message::new("line-two")
                .text("who", who)
                .text("one", one)
                .text("two", two),
        ),
    }
}

fn who(visit: &Visit<'_>, card: &Card) -> Message {
    let key = if card.number > 1 {
        "line-who"
    } else {
        "line-who-first"
    };
    Message::new(key)
        .message("name", spoken_name(visit))
        .ordinal("number", card.number)
}

fn tails(visit: &Visit<'_>, card: &Card) -> Vec<Message> {
    let mut tails = Vec::new();
    if !visit.candidates.is_empty() {
        tails.push(Message::new("line-ask-who").number("count", visit.candidates.len() as i64));
    }
    if let Some(case) = visit.memory.open_cases().next() {
        tails.push(Message::new("line-sorry").text("summary", &case.summary));
    }
    if let (Some(room), Some(missing)) = (
        visit.room,
        card.wishes
            .iter()
            .find(|w| w.answer == Answer::Missing && w.wish.is_need()),
    ) {
        tails.push(
            Message::new("line-lacks")
                .text("room", &room.number)
                .wish("feature", missing.wish.feature.code),
        );
    }
    tails.extend(
        alerts::occasions(visit)
            .into_iter()
            .filter(|occasion| occasion.key() != "occasion-first")
            .take(1),
    );
    let prepare = card.wishes.iter().find(|w| {
        w.answer == Answer::Prepare && w.wish.is_wanted() && w.wish.feature.kind != Kind::Allergy
    });
    if let Some(wish) = prepare.filter(|_| visit.stay.status == Status::Reserved) {
        tails.push(Message::new("line-prepare").wish("feature", wish.wish.feature.code));
    }
    let kept = card.wishes.iter().find(|w| {
        w.answer == Answer::Kept && w.wish.is_wanted() && w.wish.feature.kind != Kind::Rule
    });
    if let Some(wish) = kept {
        let key = if wish.wish.for_this_stay {
            "line-asked-kept"
        } else {
            "line-kept"
        };
        tails.push(Message::new(key).wish("feature", wish.wish.feature.code));
    }
    let lost = card
        .wishes
        .iter()
        .find(|w| w.answer == Answer::Missing && !w.wish.is_need());
    if let Some(wish) = lost {
        tails.push(Message::new("line-lost").wish("feature", wish.wish.feature.code));
    }
    tails
}
