//! A rule as it is typed.

use chrono::{Months, NaiveDate};
use serde::Deserialize;

use crate::error::FieldError;
use crate::offers::ladder::Ladder;
use crate::offers::rule::{Rule, Terms};
use crate::offers::{Kind, Moment, Pricing};
use crate::properties::Property;
use crate::stays::Channel;
use crate::words::{Message, Money};

/// The form's fields.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    pub rule: String,
    pub name: String,
    pub tier: String,
    pub least_stays: String,
    pub channels: Vec<String>,
    pub occasion: String,
    pub vip: bool,
    pub direct: bool,
    pub open_case: bool,
    pub occupancy_least: String,
    pub occupancy_most: String,
    pub days_least: String,
    pub days_most: String,
    pub moment: String,
    pub kind: String,
    /// `step:1` or `type:7`.
    pub target: String,
    pub pricing: String,
    pub price: String,
    pub percent: String,
    pub value: String,
    pub cost: String,
    pub per_day: String,
    pub per_guest: String,
    pub budget: String,
    pub priority: String,
    pub starts_on: String,
    pub ends_on: String,
}

impl RuleForm {
    /// An empty form: an upgrade that begins today and has no end yet.
    pub fn fresh(today: NaiveDate) -> Self {
        Self {
            kind: Kind::Upgrade.to_string(),
            pricing: Pricing::Percent.to_string(),
            moment: Moment::Any.to_string(),
            priority: "50".into(),
            starts_on: today.to_string(),
            ends_on: today
                .checked_add_months(Months::new(3))
                .unwrap_or(today)
                .to_string(),
            ..Self::default()
        }
    }

    /// The form of a rule.
    pub fn of(rule: &Rule, currency: &str) -> Self {
        let terms = &rule.terms;
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let money = |minor: Option<i64>| {
            minor
                .map(|minor| Money::new(minor, currency).major())
                .unwrap_or_default()
        };
        let target = match (terms.steps, terms.room_type_id) {
            (Some(steps), _) => format!("step:{steps}"),
            (None, Some(id)) => format!("type:{id}"),
            (None, None) => String::new(),
        };
        Self {
            rule: rule.id.to_string(),
            name: terms.name.clone(),
            tier: terms.tier.clone().unwrap_or_default(),
            least_stays: number(terms.least_stays),
            channels: terms
                .channels()
                .map(|channel| channel.to_string())
                .collect(),
            occasion: terms
                .occasion
                .map(|own| own.to_string())
                .unwrap_or_default(),
            vip: terms.vip,
            direct: terms.direct,
            open_case: terms.open_case,
            occupancy_least: number(terms.occupancy_least),
            occupancy_most: number(terms.occupancy_most),
            days_least: number(terms.days_least),
            days_most: number(terms.days_most),
            moment: terms.moment.to_string(),
            kind: terms.kind.to_string(),
            target,
            pricing: terms.pricing.to_string(),
            price: money(terms.price_minor),
            percent: number(terms.percent),
            value: match terms.kind {
                Kind::Voucher => money(terms.value),
                _ => number(terms.value),
            },
            cost: money(Some(terms.cost_minor)),
            per_day: number(terms.per_day),
            per_guest: number(terms.per_guest),
            budget: money(terms.budget_minor),
            priority: terms.priority.to_string(),
            starts_on: terms.starts_on.to_string(),
            ends_on: terms.ends_on.to_string(),
        }
    }

    /// Whether a channel is ticked.
    pub fn has_channel(&self, channel: &Channel) -> bool {
        self.channels.iter().any(|own| own == channel.as_str())
    }

    /// The rule that is changed; none for a new one.
    pub fn id(&self) -> Option<i64> {
        self.rule.parse().ok()
    }

    /// What it says of a rule of a house, or what can't be right. Fields that do not belong to the kind are not read.
    pub fn terms(&self, house: &Property, ladder: &Ladder) -> Result<Terms, Vec<FieldError>> {
        let mut read = Reader::default();
        let kind: Kind = read.word("kind", &self.kind).unwrap_or(Kind::Upgrade);
        let pricing = read.word("pricing", &self.pricing).unwrap_or(Pricing::Free);
        let is_upgrade = kind == Kind::Upgrade;
        let currency = house.currency.as_str();
        let target = |prefix: &str| self.target.strip_prefix(prefix).filter(|_| is_upgrade);
        let room_type_id = target("type:").map(|id| id.parse().unwrap_or(0));
        let steps = target("step:").map(|steps| steps.parse().unwrap_or(0));
        let terms = Terms {
            property_id: house.id,
            name: self.name.trim().to_owned(),
            tier: Some(self.tier.clone()).filter(|tier| !tier.is_empty()),
            least_stays: read.number("least_stays", &self.least_stays),
            channels: self.channels.join(";"),
            occasion: match self.occasion.as_str() {
                "" => None,
                text => read.word("occasion", text),
            },
            vip: self.vip,
            direct: self.direct,
            open_case: self.open_case,
            occupancy_least: read.number("occupancy_least", &self.occupancy_least),
            occupancy_most: read.number("occupancy_most", &self.occupancy_most),
            days_least: read.number("days_least", &self.days_least),
            days_most: read.number("days_most", &self.days_most),
            moment: read.word("moment", &self.moment).unwrap_or(Moment::Any),
            kind,
            steps,
            room_type_id,
            pricing,
            price_minor: match pricing {
                Pricing::Fixed => read.money("price", &self.price, currency),
                _ => None,
            },
            percent: match pricing {
                Pricing::Percent => read.number("percent", &self.percent),
                _ => None,
            },
            value: match kind {
                Kind::Voucher => read.money("value", &self.value, currency),
                Kind::Points => read.number("value", &self.value),
                _ => None,
            },
            cost_minor: read.money("cost", &self.cost, currency).unwrap_or(0),
            per_day: read.number("per_day", &self.per_day),
            per_guest: read.number("per_guest", &self.per_guest),
            budget_minor: read.money("budget", &self.budget, currency),
            priority: read.number("priority", &self.priority).unwrap_or(0),
            starts_on: read.date("starts_on", &self.starts_on, "error-rule-start"),
            ends_on: read.date("ends_on", &self.ends_on, "error-rule-no-end"),
        };
        let known =
            |field: &str, faults: &[FieldError]| faults.iter().any(|own| own.field == field);
        for fault in terms.faults(ladder) {
            // What could not be read has been said already.
            if !known(fault.field, &read.0) {
                read.0.push(fault);
            }
        }
        if read.0.is_empty() {
            Ok(terms)
        } else {
            Err(read.0)
        }
    }
}

/// Reads fields, and keeps what is none.
#[derive(Default)]
struct Reader(Vec<FieldError>);

impl Reader {
    fn add(&mut self, field: &'static str, message: Message) {
        self.0.push(FieldError::new(field, message));
    }

    fn word<T: std::str::FromStr>(&mut self, field: &'static str, text: &str) -> Option<T> {
        let word = text.parse().ok();
        if word.is_none() {
            self.add(field, Message::new("error-rule-choose"));
        }
        word
    }

    fn number(&mut self, field: &'static str, text: &str) -> Option<i64> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            self.add(field, Message::new("error-whole").text("text", text));
        }
        number
    }

    fn money(&mut self, field: &'static str, text: &str, currency: &str) -> Option<i64> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let minor = Money::parse(text, currency).ok();
        if minor.is_none() {
            self.add(field, Message::new("error-rule-money").text("text", text));
        }
        minor
    }

    fn date(&mut self, field: &'static str, text: &str, none: &'static str) -> NaiveDate {
        let date = text.trim().parse();
        date.unwrap_or_else(|_| {
            self.add(field, Message::new(none));
            NaiveDate::default()
        })
    }
}
