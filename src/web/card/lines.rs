//! What a card tells, line by line, in the reader's words.

use super::RECENT;
use crate::guests::{Guest, names};
use crate::loyalty::programme;
use crate::rooms::best::Ranking;
use crate::rooms::fit::Answer as Fit;
use crate::stays::board::Row;
use crate::stays::history;
use crate::web::AppError;
use crate::web::best;
use crate::web::boards;
use crate::web::contradictions::wish_text;
use crate::web::desk::View;
use crate::web::page::Page;
use crate::welcome::card::AnsweredWish;
use crate::welcome::{Card, Visit};
use crate::words::{Message, Words};

/// Who this is, in words.
pub(super) struct Facts {
    pub(super) spoken: Option<String>,
    pub(super) pronounced: Option<String>,
    pub(super) number: i64,
    pub(super) visit: String,
    pub(super) here: String,
    pub(super) last: Option<String>,
    pub(super) booking: String,
    pub(super) reasons: String,
    pub(super) language: Option<String>,
}

impl Facts {
    pub(super) fn of(visit: &Visit<'_>, card: &Card, words: &'static Words) -> Self {
        let stay = visit.stay;
        let last = visit.last_stay().map(|last| {
            let when = words.range(last.arrival, last.departure);
            let house = visit.reference.name(last.property_id);
            let message = Message::new(if last.room.is_some() {
                "card-last-room"
            } else {
                "card-last"
            });
            words.tell(
                &message
                    .text("when", when)
                    .text("house", house)
                    .text("room", last.room.clone().unwrap_or_default()),
            )
        });
        let booking = [
            Some(words.code("status", stay.status)),
            Some(words.range(stay.arrival, stay.departure)),
            stay.arrival_time.map(|minutes| words.time(minutes)),
            Some(words.count("nights", stay.nights())),
            Some(boards::party(stay.adults, stay.children, words)),
            stay.channel.map(|channel| words.code("channel", channel)),
            stay.agency.clone(),
            Some(stay.confirmation_number.clone()),
        ];
        let number = Message::new("visit-number").ordinal("number", card.number);
        let here = Message::new("visit-here")
            .ordinal("number", card.number_here)
            .text("house", visit.reference.name(stay.property_id));
        let reasons = stay
            .reasons
            .as_deref()
            .unwrap_or_default()
            .split(';')
            .filter(|code| !code.is_empty());
        let reasons: Vec<String> = reasons.map(|code| words.code("reason", code)).collect();
        Self {
            spoken: card.say.get(1).map(|message| words.tell(message)),
            pronounced: visit
                .guest
                .native_name
                .as_deref()
                .and_then(names::pronunciation),
            number: card.number,
            visit: if card.number > 1 {
                words.tell(&number)
            } else {
                words.say("visit-first").to_owned()
            },
            here: if card.number > 1 {
                words.tell(&here)
            } else {
                String::new()
            },
            last,
            booking: booking
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
            reasons: words.list(&reasons),
            language: visit
                .guest
                .language
                .as_deref()
                .map(|tag| words.language_name(tag)),
        }
    }
}

/// A wish as it is shown.
pub(super) struct WishLine {
    pub(super) class: &'static str,
    pub(super) icon: &'static str,
    pub(super) text: String,
    pub(super) word: String,
    pub(super) why: String,
    pub(super) stale: bool,
    /// The room that keeps it instead, with a sentence that says when it is ready.
    pub(super) elsewhere: Option<(String, String)>,
}

impl WishLine {
    pub(super) fn of(
        answered: &AnsweredWish,
        ranking: Option<&Ranking<'_>>,
        words: &'static Words,
    ) -> Self {
        let wish = &answered.wish;
        let (class, icon) = match answered.answer {
            Fit::Kept => ("kept", "check"),
            Fit::Missing => ("missed", "cross"),
            Fit::Prepare => ("todo", "ring"),
            Fit::Unknown => ("todo", "query"),
        };
        let text = wish_text(wish.feature.code, wish.strength, words);
        let why = if wish.for_this_stay {
            words.tell(&wish.evidence)
        } else {
            words.tell(
                &Message::new("evidence-with-month")
                    .message("evidence", wish.evidence.clone())
                    .month("month", wish.as_of),
            )
        };
        let elsewhere = ranking
            .filter(|_| answered.answer == Fit::Missing)
            .and_then(|ranking| ranking.keeping(wish))
            .map(|(room, standing)| {
                let told = Message::new("wish-elsewhere")
                    .text("room", &room.number)
                    .text("ready", best::ready(standing, words));
                (room.number.clone(), words.tell(&told))
            });
        Self {
            class,
            icon,
            text,
            word: words.code("answer", answered.answer),
            why,
            stale: wish.stale,
            elsewhere,
        }
    }
}

pub(super) struct TierLine {
    pub(super) name: String,
    pub(super) points: String,
    pub(super) number: String,
    pub(super) next: Option<(String, i64, i64)>,
}

impl TierLine {
    pub(super) fn of(visit: &Visit<'_>, words: &'static Words) -> Option<Self> {
        let account = visit.memory.account.as_ref()?;
        let nights = history::nights_in_a_year(&visit.memory.stays, visit.today);
        let next = programme::next_tier(&visit.reference.tiers, &account.tier, nights)
            .map(|(tier, missing)| (words.code("tier", &tier.code), missing, tier.nights));
        Some(Self {
            name: words.code("tier", &account.tier),
            points: words.number(visit.memory.points()),
            number: words.list(
                visit
                    .memory
                    .accounts()
                    .map(|account| account.number.clone())
                    .collect::<Vec<_>>(),
            ),
            next,
        })
    }

    /// "2 nights to Platinum".
    pub(super) fn to_next(&self, words: &Words) -> Option<String> {
        let (tier, missing, _) = self.next.as_ref()?;
        Some(
            words.tell(
                &Message::new("nights-to-tier")
                    .number("count", *missing)
                    .text("tier", tier),
            ),
        )
    }
}

pub(super) struct PastLine {
    pub(super) id: Option<i64>,
    pub(super) when: String,
    pub(super) house: String,
    pub(super) room: String,
    pub(super) nights: i64,
}

pub(super) fn past(visit: &Visit<'_>, page: &Page, view: &View<'_>) -> Vec<PastLine> {
    visit
        .memory
        .before(visit.stay.id, visit.stay.arrival)
        .take(RECENT)
        .map(|past| PastLine {
            id: view
                .clerk
                .houses
                .include(past.property_id)
                .then_some(past.id),
            when: page.words.range(past.arrival, past.departure),
            house: page.reference.name(past.property_id).to_owned(),
            room: past.room.clone().unwrap_or_default(),
            nights: (past.departure - past.arrival).num_days(),
        })
        .collect()
}

pub(super) struct CandidateLine {
    pub(super) guest: Guest,
    pub(super) about: String,
}

/// Who the booking could be, with what is known of each.
pub(super) fn candidates(view: &mut View<'_>, row: &Row) -> Result<Vec<CandidateLine>, AppError> {
    let guests = Guest::by_ids(view.conn, &row.candidates)?;
    let persons: Vec<i64> = guests.iter().map(|guest| guest.person_id).collect();
    let stays = if persons.is_empty() {
        Vec::new()
    } else {
        history::of_persons(view.conn, &persons)?
    };
    let words = view.words();
    Ok(guests
        .into_iter()
        .map(|guest| {
            let mut theirs = stays
                .iter()
                .filter(|stay| stay.person_id == guest.person_id && stay.counts());
            let about = theirs.next().map_or_else(
                || words.say("search-no-stay").to_owned(),
                |last| {
                    let house = view.page.reference.name(last.property_id);
                    format!(
                        "{} · {} · {house}",
                        words.count("stays", 1 + theirs.count()),
                        words.month(last.departure)
                    )
                },
            );
            CandidateLine { guest, about }
        })
        .collect())
}
