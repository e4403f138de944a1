//! A rule: who is offered what, when, at what price and how often. Pure: what can't be right, and which rule stands
//! before which.

use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use super::ladder::Ladder;
use super::{Kind, Moment, Occasion, Pricing};
use crate::db::schema::offer_rules;
use crate::error::FieldError;
use crate::stays::Channel;
use crate::words::Message;

/// Longest life: who is asked to look at a rule again has looked at it.
const MOST_MONTHS: u32 = 24;
/// The last place in the order.
pub const LAST: i64 = 99;
/// The most of a number that counts something.
const MOST: i64 = 1_000_000;
/// The most of an amount, in minor units.
const MOST_MONEY: i64 = 100_000_000_000;

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = offer_rules, treat_none_as_null = true)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Terms {
    pub property_id: i64,
    pub name: String,
    /// This tier or a higher one.
    pub tier: Option<String>,
    /// This stay, or a later one.
    pub least_stays: Option<i64>,
    /// Words of [`Channel`], with semicolons between; empty is all.
    pub channels: String,
    pub occasion: Option<Occasion>,
    pub vip: bool,
    /// Booked with the house itself.
    pub direct: bool,
    /// For those with an open case, and nobody else.
    pub open_case: bool,
    /// Percent of the target's rooms sold, on every night.
    pub occupancy_least: Option<i64>,
    pub occupancy_most: Option<i64>,
    /// Days to arrival.
    pub days_least: Option<i64>,
    pub days_most: Option<i64>,
    pub moment: Moment,
    pub kind: Kind,
    pub steps: Option<i64>,
    pub room_type_id: Option<i64>,
    pub pricing: Pricing,
    pub price_minor: Option<i64>,
    pub percent: Option<i64>,
    /// Of a voucher, in minor units; or points.
    pub value: Option<i64>,
    /// To the house: a night for what is nightly, else once.
    pub cost_minor: i64,
    pub per_day: Option<i64>,
    pub per_guest: Option<i64>,
    pub budget_minor: Option<i64>,
    /// 1 comes first.
    pub priority: i64,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = offer_rules)]
pub struct Rule {
    /// Its id; of two rules the lower one is the older.
    pub id: i64,
    /// What it says.
    #[diesel(embed)]
    pub terms: Terms,
}

impl Rule {
    /// Its place: priority, then age.
    pub fn place(&self) -> (i64, i64) {
        (self.terms.priority, self.id)
    }
}

impl Terms {
    /// The channels it is for; none is all.
    pub fn channels(&self) -> impl Iterator<Item = Channel> {
        self.channels
            .split(';')
            .filter_map(|channel| channel.parse().ok())
    }

    /// Whether it is for stays that were booked so.
    pub fn takes(&self, channel: Option<Channel>) -> bool {
        let is_direct = channel.is_some_and(is_direct);
        let named = self.channels.is_empty() || self.channels().any(|own| Some(own) == channel);
        named && (is_direct || !self.direct)
    }

    /// Whether it holds on a business date.
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        (self.starts_on..=self.ends_on).contains(&date)
    }

    /// What of it can't be right, each at its field.
    pub fn faults(&self, ladder: &Ladder) -> Vec<FieldError> {
        let mut faults = Faults::default();
        let length = self.name.chars().count();
        if !(1..=100).contains(&length) || self.name.chars().any(char::is_control) {
            let message = Message::new("error-characters").number("least", 1);
            faults.add("name", message.number("most", 100));
        }
        self.target_faults(ladder, &mut faults);
        self.price_faults(&mut faults);
        faults.between("least_stays", self.least_stays, 1, MOST);
        faults.between("per_day", self.per_day, 1, MOST);
        faults.between("per_guest", self.per_guest, 1, MOST);
        faults.between("priority", Some(self.priority), 1, LAST);
        faults.between("occupancy_least", self.occupancy_least, 0, 100);
        faults.between("occupancy_most", self.occupancy_most, 0, 100);
        faults.between("days_least", self.days_least, 0, MOST);
        faults.between("days_most", self.days_most, 0, MOST);
        let pairs = [
            ("occupancy_most", self.occupancy_least, self.occupancy_most),
            ("days_most", self.days_least, self.days_most),
        ];
        for (field, least, most) in pairs {
            if let (Some(least), Some(most)) = (least, most)
                && least > most
            {
                let message = Message::new("error-rule-range").number("least", least);
                faults.add(field, message.number("most", most));
            }
        }
        if self.ends_on < self.starts_on {
            let message = Message::new("error-rule-dates").date("start", self.starts_on);
            faults.add("ends_on", message.date("end", self.ends_on));
        }
        let latest = self.starts_on.checked_add_months(Months::new(MOST_MONTHS));
        if let Some(latest) = latest
            && self.ends_on > latest
        {
            faults.add(
                "ends_on",
                Message::new("error-rule-long").date("latest", latest),
            );
        }
        faults.0
    }

    fn target_faults(&self, ladder: &Ladder, faults: &mut Faults) {
        if self.kind != Kind::Upgrade {
            return;
        }
        match (self.steps, self.room_type_id) {
            (None, None) => faults.add("target", Message::new("error-rule-target")),
            (Some(_), Some(_)) => faults.add("target", Message::new("error-rule-two-targets")),
            (Some(steps), None) => {
                let most = ladder.rungs().saturating_sub(1) as i64;
                faults.between("target", Some(steps), 1, most.max(1));
            }
            (None, Some(id)) => {
                let lowest = ladder.types().first().map(|kind| kind.rank);
                match ladder.get(id) {
                    None => faults.add("target", Message::new("error-rule-type")),
                    Some(kind) if Some(kind.rank) == lowest => {
                        let message = Message::new("error-rule-lowest").text("text", &kind.name);
                        faults.add("target", message);
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn price_faults(&self, faults: &mut Faults) {
        match self.pricing {
            Pricing::Free => {}
            Pricing::Fixed => match self.price_minor {
                Some(price) if (1..=MOST_MONEY).contains(&price) => {}
                _ => faults.add("price", Message::new("error-rule-price")),
            },
            Pricing::Percent if self.kind != Kind::Upgrade => {
                faults.add("pricing", Message::new("error-rule-percent-of-what"));
            }
            Pricing::Percent => match self.percent {
                Some(percent) if (1..=100).contains(&percent) => {}
                _ => faults.add("percent", Message::new("error-rule-percent")),
            },
        }
        if self.open_case && self.pricing != Pricing::Free {
            faults.add("pricing", Message::new("error-rule-recovery"));
        }
        match (self.kind, self.value) {
            (Kind::Voucher, None) => faults.add("value", Message::new("error-rule-voucher")),
            (Kind::Points, None) => faults.add("value", Message::new("error-rule-points")),
            (Kind::Voucher, value) => faults.between("value", value, 1, MOST_MONEY),
            (Kind::Points, value) => faults.between("value", value, 1, MOST),
            _ => {}
        }
        if !(0..=MOST_MONEY).contains(&self.cost_minor) {
            faults.add("cost", Message::new("error-rule-cost"));
        }
        if self.budget_minor.is_some_and(|budget| budget < 1) {
            faults.add("budget", Message::new("error-rule-price"));
        }
    }
}

/// Booked with the house itself: nobody's commission is due.
fn is_direct(channel: Channel) -> bool {
    matches!(channel, Channel::Direct | Channel::Phone | Channel::WalkIn)
}

#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, field: &'static str, message: Message) {
        self.0.push(FieldError::new(field, message));
    }

    fn between(&mut self, field: &'static str, value: Option<i64>, least: i64, most: i64) {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            let message = Message::new("error-between").number("least", least);
            self.add(field, message.number("most", most));
        }
    }
}

/// Of two rules that can meet on one stay: which one speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// The rule that gives way.
    pub below: i64,
    /// The one that speaks instead: of higher priority, or older.
    pub above: i64,
    /// Whoever the lower one is for, the upper one is for too: within its limits the lower one never speaks.
    pub wholly: bool,
}

/// Which rules stand in the shadow of which. `rank` tells how high a tier is.
pub fn shadows(rules: &[Rule], rank: &dyn Fn(&str) -> i64) -> Vec<Shadow> {
    let mut found = Vec::new();
    for below in rules {
        for above in rules.iter().filter(|above| above.place() < below.place()) {
            if meet(&above.terms, &below.terms) {
                found.push(Shadow {
                    below: below.id,
                    above: above.id,
                    wholly: covers(&above.terms, &below.terms, rank),
                });
            }
        }
    }
    found
}

/// Whether both can speak for one stay at one time, and offer the same.
fn meet(a: &Terms, b: &Terms) -> bool {
    let apart = |a: (Option<i64>, Option<i64>), b: (Option<i64>, Option<i64>)| {
        let over = |least: Option<i64>, most: Option<i64>| matches!((least, most), (Some(least), Some(most)) if least > most);
        over(a.0, b.1) || over(b.0, a.1)
    };
    let channels = Channel::ALL
        .iter()
        .any(|channel| a.takes(Some(*channel)) && b.takes(Some(*channel)));
    let moments = a.moment == b.moment || a.moment == Moment::Any || b.moment == Moment::Any;
    a.property_id == b.property_id
        && (a.kind, a.steps, a.room_type_id) == (b.kind, b.steps, b.room_type_id)
        && a.starts_on <= b.ends_on
        && b.starts_on <= a.ends_on
        && channels
        && moments
        && !apart(
            (a.occupancy_least, a.occupancy_most),
            (b.occupancy_least, b.occupancy_most),
        )
        && !apart((a.days_least, a.days_most), (b.days_least, b.days_most))
}

/// Whether every stay that `b` speaks for is one that `a` speaks for.
fn covers(a: &Terms, b: &Terms, rank: &dyn Fn(&str) -> i64) -> bool {
    let at_least = |a: Option<i64>, b: Option<i64>| a.is_none_or(|a| b.is_some_and(|b| b >= a));
    let at_most = |a: Option<i64>, b: Option<i64>| a.is_none_or(|a| b.is_some_and(|b| b <= a));
    let tier = |terms: &Terms| terms.tier.as_deref().map(rank);
    let channels = Channel::ALL
        .iter()
        .all(|channel| !b.takes(Some(*channel)) || a.takes(Some(*channel)));
    let occasion = match a.occasion {
        None => true,
        Some(Occasion::Any) => b.occasion.is_some(),
        own => own == b.occasion,
    };
    at_least(tier(a), tier(b))
        && at_least(a.least_stays, b.least_stays)
        && channels
        && occasion
        && (!a.vip || b.vip)
        && (!a.open_case || b.open_case)
        && at_least(a.occupancy_least, b.occupancy_least)
        && at_most(a.occupancy_most, b.occupancy_most)
        && at_least(a.days_least, b.days_least)
        && at_most(a.days_most, b.days_most)
        && (a.moment == Moment::Any || a.moment == b.moment)
        && a.starts_on <= b.starts_on
        && a.ends_on >= b.ends_on
}
