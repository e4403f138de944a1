//! Offers in words.

use super::Kind;
use super::choose::{Offer, Reason};
use super::past::Past;
use crate::words::{Message, Money, Words};

/// What it is: "River suite", "Breakfast", "800 bonus points".
pub fn title(
    kind: Kind,
    type_name: Option<&str>,
    value: Option<i64>,
    currency: &str,
    words: &Words,
) -> String {
    match (kind, type_name, value) {
        (Kind::Upgrade, Some(name), _) => name.to_owned(),
        (Kind::Voucher, _, Some(value)) => {
            words.tell(&Message::new("offer-voucher").money("amount", Money::new(value, currency)))
        }
        (Kind::Points, _, Some(points)) => words.fill("offer-points", words.number(points)),
        _ => words.code("offer-kind", kind),
    }
}

impl Offer {
    /// What it is.
    pub fn title(&self, currency: &str, words: &Words) -> String {
        let name = self.target.as_ref().map(|kind| kind.name.as_str());
        title(self.kind, name, self.value, currency, words)
    }

    /// What the guest pays: "+¥180 a night", "+¥120", "free".
    pub fn price(&self, currency: &str, words: &Words) -> String {
        let money = Money::new(self.each_minor, currency);
        if self.each_minor == 0 {
            words.say("offer-free").to_owned()
        } else if self.kind.is_nightly() && self.nights > 1 {
            words.tell(&Message::new("offer-price-night").money("amount", money))
        } else {
            words.tell(&Message::new("offer-price-once").money("amount", money))
        }
    }

    /// For the board: "River suite +¥180", "River suite free".
    pub fn brief(&self, currency: &str, words: &Words) -> String {
        let price = if self.each_minor == 0 {
            words.say("offer-free").to_owned()
        } else {
            let money = Money::new(self.each_minor, currency);
            words.tell(&Message::new("offer-price-once").money("amount", money))
        };
        format!("{} {price}", self.title(currency, words))
    }

    /// Why, and what the list asks: "Gold · list ¥420 · 3 free every night".
    pub fn why(&self, currency: &str, words: &Words) -> String {
        let mut parts: Vec<String> = Vec::new();
        let (free, who): (Vec<&Reason>, Vec<&Reason>) = self
            .reasons
            .iter()
            .partition(|reason| matches!(reason, Reason::Free(_)));
        parts.extend(who.into_iter().map(|reason| reason.tell(words)));
        if self.list_minor > self.each_minor {
            let list = Money::new(self.list_minor, currency);
            parts.push(words.tell(&Message::new("offer-list").money("amount", list)));
        }
        parts.extend(free.into_iter().map(|reason| reason.tell(words)));
        parts.join(" · ")
    }
}

impl Reason {
    /// In words.
    pub fn tell(&self, words: &Words) -> String {
        match self {
            Self::Tier(code) => words.code("tier", code),
            Self::Visit(number) => {
                words.tell(&Message::new("visit-number").ordinal("number", *number))
            }
            Self::Vip => words.say("offer-why-vip").to_owned(),
            Self::Direct => words.say("offer-why-direct").to_owned(),
            Self::Occasion(occasion) => words.code("offer-occasion", occasion),
            Self::OpenCase => words.say("offer-why-case").to_owned(),
            Self::Free(count) => words.count("offer-free-rooms", *count),
        }
    }
}

impl Past {
    /// What it was.
    pub fn title(&self, words: &Words) -> String {
        let name = self.type_name.as_deref();
        title(self.kind, name, self.value, &self.currency, words)
    }

    /// All that the guest pays.
    pub fn price(&self, words: &Words) -> String {
        if self.price_minor == 0 {
            return words.say("offer-free").to_owned();
        }
        let money = Money::new(self.price_minor, &self.currency);
        words.tell(&Message::new("offer-price-once").money("amount", money))
    }
}
