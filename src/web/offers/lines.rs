//! The offers of a card, ready to be shown.

use chrono::NaiveDateTime;

use crate::offers::{Declined, OnStay, State};
use crate::properties::Property;
use crate::staff::Clerk;
use crate::words::{Message, Words};

/// All of a card's.
#[derive(Default)]
pub struct OfferLines {
    /// What waits for an answer.
    pub held: Option<HeldLine>,
    /// What can be offered now.
    pub now: Vec<OfferLine>,
    /// What was answered in this stay.
    pub answered: Vec<AnsweredLine>,
}

/// One that can be offered.
pub struct OfferLine {
    pub rule_id: i64,
    pub title: String,
    pub price: String,
    pub why: String,
    pub price_minor: i64,
    /// The key it answers to; none where another has it.
    pub key: bool,
}

/// One that waits.
pub struct HeldLine {
    pub id: i64,
    pub title: String,
    pub price: String,
    pub told: String,
    /// Held by whoever looks.
    pub mine: bool,
}

/// One that was answered.
pub struct AnsweredLine {
    pub id: i64,
    pub title: String,
    pub told: String,
    pub taken: bool,
    pub can_undo: bool,
}

impl OfferLines {
    /// The lines of a stay for a clerk.
    pub fn of(
        on_stay: &OnStay,
        house: &Property,
        clerk: &Clerk,
        now: NaiveDateTime,
        words: &Words,
    ) -> Self {
        let held = on_stay.held().map(|held| {
            let mine = held.made_by == Some(clerk.user_id);
            let until = house.local(held.held_until).format("%H:%M").to_string();
            let told = if mine {
                words.fill("offer-held", until)
            } else {
                let by = held.clerk.clone().unwrap_or_default();
                words.tell(
                    &Message::new("offer-held-by")
                        .text("clerk", by)
                        .text("time", until),
                )
            };
            HeldLine {
                id: held.id,
                title: held.title(words),
                price: held.price(words),
                told,
                mine,
            }
        });
        let today = house.business_date(now);
        let answered = on_stay.made.iter().filter(|made| made.state != State::Held);
        Self {
            now: on_stay
                .now
                .iter()
                .enumerate()
                .map(|(index, offer)| OfferLine {
                    rule_id: offer.rule_id,
                    title: offer.title(&house.currency, words),
                    price: offer.price(&house.currency, words),
                    why: offer.why(&house.currency, words),
                    price_minor: offer.price_minor,
                    key: index == 0 && held.is_none(),
                })
                .collect(),
            answered: answered
                .map(|made| AnsweredLine {
                    id: made.id,
                    title: made.title(words),
                    told: match made.declined_for {
                        Some(reason) => words.tell(
                            &Message::new("offer-declined-for")
                                .text("reason", words.code("offer-declined", reason)),
                        ),
                        None => made.price(words),
                    },
                    taken: made.state == State::Accepted,
                    can_undo: made.made_on == today,
                })
                .collect(),
            held,
        }
    }

    /// Whether there is anything to show.
    pub fn is_any(&self) -> bool {
        self.held.is_some() || !self.now.is_empty() || !self.answered.is_empty()
    }

    /// Why a guest may decline.
    pub fn refusals(&self) -> &'static [Declined] {
        Declined::ALL
    }
}
