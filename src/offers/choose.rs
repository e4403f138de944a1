//! Which offers a stay gets. Pure: facts, rules and what is free in, ranked offers with their reasons out.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::ladder::{Ladder, RoomType};
use super::market::Supply;
use super::rule::{Rule, Terms};
use super::{Kind, Moment, Occasion, Pricing};
use crate::stays::Channel;

/// What is known of a stay and its guest.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The programme's rank of the guest's tier.
    pub tier: Option<(String, i64)>,
    /// Which stay this is in the group: 1 for the first.
    pub visit: i64,
    /// How it was booked.
    pub channel: Option<Channel>,
    /// A VIP level was given.
    pub vip: bool,
    /// What there is to celebrate.
    pub occasions: Vec<Occasion>,
    /// Something is still to be put right.
    pub open_case: bool,
    /// Nights left.
    pub nights: i64,
    /// Days to arrival; below one it is today or gone by.
    pub days_ahead: i64,
    /// In the house already.
    pub in_house: bool,
    /// The type booked, or the better one assigned.
    pub base: Option<i64>,
    /// There is an account that takes points.
    pub is_member: bool,
    /// What was offered before.
    pub before: Vec<Before>,
}

/// An offer made before: to this stay, or taken by the same guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// By which rule.
    pub rule_id: i64,
    /// What it was.
    pub kind: Kind,
    /// Of an upgrade, to which type.
    pub room_type_id: Option<i64>,
    /// In this stay, and not another one.
    pub this_stay: bool,
    /// It was taken, or is being offered.
    pub taken: bool,
}

/// How often a rule was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Taken or held on this business date.
    pub today: i64,
    /// What those taken or held cost since the rule was made.
    pub cost_minor: i64,
}

/// Why an offer is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The tier the rule asks for.
    Tier(String),
    /// So many stays.
    Visit(i64),
    /// A VIP level.
    Vip,
    /// Booked with the house itself.
    Direct,
    /// Something to celebrate.
    Occasion(Occasion),
    /// Something to put right.
    OpenCase,
    /// So many rooms of the type are free on every night.
    Free(usize),
}

/// An offer that can be made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// By which rule.
    pub rule_id: i64,
    /// What it is.
    pub kind: Kind,
    /// Of an upgrade: to which type.
    pub target: Option<RoomType>,
    /// Of an upgrade: the room it would be.
    pub room_id: Option<i64>,
    /// Nights it is for.
    pub nights: i64,
    /// What the guest pays a night, or once.
    pub each_minor: i64,
    /// What the list asks more a night.
    pub list_minor: i64,
    /// All that the guest pays.
    pub price_minor: i64,
    /// All that it costs the house.
    pub cost_minor: i64,
    /// All that it is worth by the list.
    pub worth_minor: i64,
    /// Of a voucher, in minor units; or points.
    pub value: Option<i64>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What offers are chosen from.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// In their order: priority, then age.
    pub rules: &'a [Rule],
    /// The house's room types.
    pub ladder: &'a Ladder,
    /// Ranks of the tiers.
    pub rank: &'a dyn Fn(&str) -> Option<i64>,
    /// How often each rule was used.
    pub used: &'a HashMap<i64, Used>,
    /// The house's business date.
    pub today: NaiveDate,
}

impl Choice<'_> {
    /// Whether any rule would offer this guest a room, were one free: who has the best there is, is offered none.
    pub fn wants_rooms(&self, facts: &Facts) -> bool {
        let Some(base) = facts.base.and_then(|id| self.ladder.get(id)) else {
            return false;
        };
        self.rules.iter().any(|rule| {
            rule.terms.kind == Kind::Upgrade
                && self.above(&rule.terms, base).next().is_some()
                && self.speaks_for(rule, facts).is_some()
        })
    }

    /// The better types a rule leads to from one.
    fn above(&self, terms: &Terms, base: &RoomType) -> impl Iterator<Item = &RoomType> {
        let named = terms.room_type_id.and_then(|id| self.ladder.get(id));
        let stepped = terms.steps.map(|steps| self.ladder.above(base, steps));
        let rank = base.rank;
        let targets = named.into_iter().chain(stepped.into_iter().flatten());
        targets.filter(move |kind| kind.rank > rank)
    }

    /// The offers, in the order of their rules; of rules that offer the same the first speaks.
    pub fn choose(&self, facts: &Facts, supply: &[Supply]) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Vec::new();
        for rule in self.rules {
            let is_made = |offer: &Offer| offer.kind == rule.terms.kind;
            if rule.terms.kind != Kind::Upgrade && offers.iter().any(is_made) {
                continue;
            }
            let Some(offer) = self.offer(rule, facts, supply) else {
                continue;
            };
            let same = |made: &Offer| made.kind == offer.kind && type_of(made) == type_of(&offer);
            if !offers.iter().any(same) {
                offers.push(offer);
            }
        }
        offers
    }

    /// What one rule offers, if it does.
    pub fn offer(&self, rule: &Rule, facts: &Facts, supply: &[Supply]) -> Option<Offer> {
        let terms = &rule.terms;
        let mut reasons = self.speaks_for(rule, facts)?;
        if terms.kind != Kind::Upgrade {
            let nights = if terms.kind.is_nightly() {
                facts.nights.max(1)
            } else {
                1
            };
            let each = terms.price_minor.unwrap_or(0);
            let offer = Offer {
                rule_id: rule.id,
                kind: terms.kind,
                target: None,
                room_id: None,
                nights,
                each_minor: each,
                list_minor: 0,
                price_minor: each.saturating_mul(nights),
                cost_minor: terms.cost_minor.saturating_mul(nights),
                worth_minor: 0,
                value: terms.value,
                reasons,
            };
            return self.is_within(rule, &offer).then_some(offer);
        }
        let base = self.ladder.get(facts.base?)?;
        let (target, supply) = self.target(terms, base, facts, supply)?;
        let list = (target.rate_minor - base.rate_minor).max(0);
        let each = price(terms, list);
        reasons.push(Reason::Free(supply.free.len()));
        let offer = Offer {
            rule_id: rule.id,
            kind: terms.kind,
            target: Some(target.clone()),
            room_id: supply.free.first().copied(),
            nights: facts.nights,
            each_minor: each,
            list_minor: list,
            price_minor: each.saturating_mul(facts.nights),
            cost_minor: terms.cost_minor.saturating_mul(facts.nights),
            worth_minor: list.saturating_mul(facts.nights),
            value: None,
            reasons,
        };
        self.is_within(rule, &offer).then_some(offer)
    }

    /// Why a rule speaks for this guest now, by all but what is free.
    fn speaks_for(&self, rule: &Rule, facts: &Facts) -> Option<Vec<Reason>> {
        let terms = &rule.terms;
        let at_desk = facts.in_house || facts.days_ahead <= 0;
        let in_time = match terms.moment {
            Moment::Any => true,
            Moment::Desk => at_desk,
            Moment::Before => !at_desk,
        };
        let days = facts.days_ahead.max(0);
        let fits = in_time
            && terms.holds_on(self.today)
            && terms.days_least.is_none_or(|least| days >= least)
            && terms.days_most.is_none_or(|most| days <= most)
            && terms.takes(facts.channel)
            && is_of_use(terms, facts)
            // Recovery before selling: nothing is sold to who waits for an apology.
            && (!facts.open_case || terms.pricing == Pricing::Free)
            && !self.is_used_up(rule, facts);
        if fits {
            self.reasons(terms, facts)
        } else {
            None
        }
    }

    fn reasons(&self, terms: &Terms, facts: &Facts) -> Option<Vec<Reason>> {
        let mut reasons = Vec::new();
        if terms.open_case {
            facts.open_case.then(|| reasons.push(Reason::OpenCase))?;
        }
        if let Some(asked) = &terms.tier {
            let least = (self.rank)(asked)?;
            let (tier, rank) = facts.tier.as_ref()?;
            (*rank >= least).then(|| reasons.push(Reason::Tier(tier.clone())))?;
        }
        if let Some(least) = terms.least_stays {
            (facts.visit >= least).then(|| reasons.push(Reason::Visit(facts.visit)))?;
        }
        if terms.vip {
            facts.vip.then(|| reasons.push(Reason::Vip))?;
        }
        if terms.direct {
            // Whether it was is known by now.
            reasons.push(Reason::Direct);
        }
        if let Some(asked) = terms.occasion {
            let fits = |own: &&Occasion| asked == Occasion::Any || **own == asked;
            reasons.push(Reason::Occasion(*facts.occasions.iter().find(fits)?));
        }
        Some(reasons)
    }

    /// Whether its limits leave nothing for this guest today.
    fn is_used_up(&self, rule: &Rule, facts: &Facts) -> bool {
        let used = self.used.get(&rule.id).copied().unwrap_or_default();
        let by_guest = || {
            let by_it = |before: &&Before| before.rule_id == rule.id && before.taken;
            facts.before.iter().filter(by_it).count() as i64
        };
        rule.terms.per_day.is_some_and(|most| used.today >= most)
            || rule.terms.per_guest.is_some_and(|most| by_guest() >= most)
    }

    /// Whether the budget still bears it.
    fn is_within(&self, rule: &Rule, offer: &Offer) -> bool {
        let spent = self.used.get(&rule.id).map_or(0, |used| used.cost_minor);
        rule.terms
            .budget_minor
            .is_none_or(|budget| spent.saturating_add(offer.cost_minor) <= budget)
    }

    /// The better type a rule leads to, where it can be kept on every night and others will not miss it.
    fn target<'a>(
        &'a self,
        terms: &Terms,
        base: &RoomType,
        facts: &Facts,
        supply: &'a [Supply],
    ) -> Option<(&'a RoomType, &'a Supply)> {
        let is_open = |kind: &&RoomType| {
            let is_it = |before: &Before| {
                before.this_stay && !before.taken && before.room_type_id == Some(kind.id)
            };
            !facts.before.iter().any(is_it)
        };
        self.above(terms, base).filter(is_open).find_map(|kind| {
            let supply = supply
                .iter()
                .find(|supply| supply.room_type_id == kind.id)?;
            let in_range = terms
                .occupancy_least
                .is_none_or(|least| supply.emptiest >= least)
                && terms
                    .occupancy_most
                    .is_none_or(|most| supply.fullest <= most);
            (in_range && supply.is_offered()).then_some((kind, supply))
        })
    }
}

/// Whether it is something this guest could use, and was not taken or refused in this stay.
fn is_of_use(terms: &Terms, facts: &Facts) -> bool {
    let here = || {
        facts
            .before
            .iter()
            .filter(|before| before.this_stay && before.kind == terms.kind)
    };
    match terms.kind {
        // Which upgrade was refused depends on where it led.
        Kind::Upgrade => facts.nights > 0 && !here().any(|before| before.taken),
        Kind::EarlyCheckIn => !facts.in_house && here().next().is_none(),
        Kind::Points => facts.is_member && here().next().is_none(),
        _ => here().next().is_none(),
    }
}

fn type_of(offer: &Offer) -> Option<i64> {
    offer.target.as_ref().map(|kind| kind.id)
}

/// What a night of a better type costs: never more than the list asks for it.
fn price(terms: &Terms, list: i64) -> i64 {
    match terms.pricing {
        Pricing::Free => 0,
        Pricing::Fixed => terms.price_minor.unwrap_or(0).clamp(0, list),
        Pricing::Percent => {
            let percent = terms.percent.unwrap_or(100).clamp(0, 100);
            (list.saturating_mul(percent) + 50) / 100
        }
    }
}
