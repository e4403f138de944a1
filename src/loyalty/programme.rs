//! The programme: what earns points, and what keeps a tier. Pure: rules and figures in, points and tiers out.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::properties::reference::Tier;
use crate::stays::folio::Department;
use crate::words::minor_digits;

/// What a department's charges earn in one currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EarnRule {
    /// Which part of the house charged.
    pub department: Department,
    /// ISO 4217.
    pub currency: String,
    /// Points for each hundred of the major unit.
    pub points_per_hundred: i64,
}

/// The rules a stay earns by, as they stand at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Points lapse after so many months.
    pub life_months: u32,
    /// By department and currency.
    pub earn: Vec<EarnRule>,
}

impl Rules {
    /// The points of a folio, given the total of each department in the stay's currency: each rounded down once, the
    /// tier's bonus on top, never below zero and never above the most.
    pub fn points(
        &self,
        totals: &[(Department, i64)],
        currency: &str,
        bonus_percent: i64,
        most: Option<i64>,
    ) -> i64 {
        let unit = 10_i64.pow(minor_digits(currency).unwrap_or(2));
        let earned = self
            .earn
            .iter()
            .filter(|rule| rule.currency == currency)
            .map(|rule| {
                let total = totals
                    .iter()
                    .filter(|(department, _)| *department == rule.department)
                    .fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount));
                total.max(0).saturating_mul(rule.points_per_hundred) / (100 * unit)
            })
            .fold(0_i64, i64::saturating_add);
        let points = earned.saturating_mul(100 + bonus_percent) / 100;
        points.min(most.unwrap_or(i64::MAX))
    }

    /// The last day on which points of a day can be used.
    pub fn lapse(&self, earned_on: NaiveDate) -> Option<NaiveDate> {
        earned_on.checked_add_months(Months::new(self.life_months))
    }
}

/// What a group decided about its programme, beside the rules by department and the tiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Points lapse after so many months.
    pub life_months: u32,
    /// The most that one stay earns.
    pub most_per_stay: Option<i64>,
    /// The most that the stays of a calendar year earn.
    pub most_per_year: Option<i64>,
    /// Whether a tier can be lost.
    pub can_lose: bool,
    /// Days a tier is kept after the year no longer reaches it.
    pub grace_days: i64,
    /// A tier is lost one step at a time.
    pub one_step: bool,
    /// Adjustments of more points than this wait for somebody else's approval.
    pub adjust_alone: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            life_months: 36,
            most_per_stay: None,
            most_per_year: None,
            can_lose: false,
            grace_days: 90,
            one_step: true,
            adjust_alone: 5_000,
        }
    }
}

/// The name of [`Settings`] among the decisions.
pub const SETTINGS: &str = "loyalty";

/// What a person did in twelve months.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Year {
    /// Nights slept.
    pub nights: i64,
    /// Stays.
    pub stays: i64,
    /// Points that stays earned.
    pub points: i64,
}

impl Tier {
    /// Whether a year reaches the tier, by any of what it asks for.
    pub fn is_reached(&self, year: Year) -> bool {
        year.nights >= self.nights
            || self.stays.is_some_and(|stays| year.stays >= stays)
            || self.points.is_some_and(|points| year.points >= points)
    }
}

/// The highest tier that a year reaches, or that a life of nights keeps. Tiers come lowest first.
pub fn reached(tiers: &[Tier], year: Year, lifetime_nights: i64) -> Option<&Tier> {
    tiers.iter().rfind(|tier| {
        let is_kept = |nights| lifetime_nights >= nights;
        tier.is_reached(year) || tier.lifetime_nights.is_some_and(is_kept)
    })
}

/// A tier, and since when the year no longer reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its code.
    pub tier: String,
    /// The day the grace began.
    pub below_since: Option<NaiveDate>,
}

/// Where somebody stands today: a higher tier is theirs at once, a lower one after the days of grace.
pub fn review(
    tiers: &[Tier],
    settings: &Settings,
    now: &Standing,
    year: Year,
    lifetime_nights: i64,
    today: NaiveDate,
) -> Standing {
    let at = |tier: &str, below_since| Standing {
        tier: tier.to_owned(),
        below_since,
    };
    let current = tiers.iter().find(|tier| tier.code == now.tier);
    let (Some(current), Some(reached)) = (current, reached(tiers, year, lifetime_nights)) else {
        return now.clone();
    };
    if reached.rank >= current.rank {
        return at(&reached.code, None);
    }
    if !settings.can_lose {
        return at(&current.code, None);
    }
    let since = now.below_since.unwrap_or(today);
    if (today - since).num_days() < settings.grace_days {
        return at(&current.code, Some(since));
    }
    let below = tiers.iter().rfind(|tier| tier.rank < current.rank);
    let next = below.filter(|_| settings.one_step).unwrap_or(reached);
    at(&next.code, Some(today).filter(|_| next.rank > reached.rank))
}

/// The tier above, and the nights still to it.
pub fn next_tier<'a>(tiers: &'a [Tier], current: &str, nights: i64) -> Option<(&'a Tier, i64)> {
    let rank = tiers
        .iter()
        .find(|tier| tier.code == current)
        .map_or(-1, |tier| tier.rank);
    let next = tiers.iter().find(|tier| tier.rank > rank)?;
    Some((next, (next.nights - nights).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules() -> Rules {
        let rule = |department, points_per_hundred| EarnRule {
            department,
            currency: "EUR".into(),
            points_per_hundred,
        };
        Rules {
            life_months: 36,
            earn: vec![rule(Department::Room, 100), rule(Department::Food, 50)],
        }
    }

    fn tier(code: &str, rank: i64, nights: i64) -> Tier {
        Tier {
            code: code.into(),
            rank,
            nights,
            stays: None,
            points: None,
            bonus_percent: 0,
            lifetime_nights: None,
        }
    }

    fn tiers() -> Vec<Tier> {
        let mut tiers = vec![
            tier("member", 0, 0),
            tier("silver", 1, 5),
            tier("gold", 2, 15),
            tier("platinum", 3, 40),
        ];
        tiers[2].lifetime_nights = Some(300);
        tiers[1].stays = Some(3);
        tiers[3].points = Some(90_000);
        tiers
    }

    fn nights(nights: i64) -> Year {
        Year {
            nights,
            ..Year::default()
        }
    }

    #[test]
    fn points_follow_the_rule_of_each_department() {
        let totals = [
            (Department::Room, 18_050),
            (Department::Food, 5_000),
            (Department::Food, -1_000),
            (Department::Other, 9_900),
        ];
        assert_eq!(rules().points(&totals, "EUR", 0, None), 180 + 20);
        assert_eq!(rules().points(&totals, "EUR", 25, None), 250);
        assert_eq!(rules().points(&totals, "EUR", 25, Some(210)), 210);
        assert_eq!(rules().points(&totals, "CNY", 0, None), 0);
        assert_eq!(
            rules().points(&[(Department::Room, -5_000)], "EUR", 0, None),
            0
        );
    }

    #[test]
    fn a_tier_is_reached_by_nights_stays_points_or_a_life_of_nights() {
        let tiers = tiers();
        let code = |year, lifetime| reached(&tiers, year, lifetime).unwrap().code.as_str();
        assert_eq!(code(nights(4), 0), "member");
        assert_eq!(code(nights(5), 0), "silver");
        let three_stays = Year {
            stays: 3,
            ..nights(3)
        };
        assert_eq!(code(three_stays, 0), "silver");
        let points = Year {
            points: 90_000,
            ..nights(0)
        };
        assert_eq!(code(points, 0), "platinum");
        assert_eq!(code(nights(0), 300), "gold");
        assert_eq!(
            next_tier(&tiers, "silver", 13).map(|(tier, missing)| (tier.code.as_str(), missing)),
            Some(("gold", 2))
        );
    }

    #[test]
    fn a_tier_is_lost_after_its_grace_and_one_step_at_a_time() {
        let settings = Settings {
            can_lose: true,
            ..Settings::default()
        };
        let day = |day: i64| NaiveDate::MIN + chrono::TimeDelta::days(1_000_000 + day);
        let mut now = Standing {
            tier: "platinum".into(),
            below_since: None,
        };
        let mut seen = vec![now.tier.clone()];
        for after in 0..300 {
            now = review(&tiers(), &settings, &now, nights(6), 0, day(after));
            if seen.last() != Some(&now.tier) {
                seen.push(now.tier.clone());
                assert_eq!(after % settings.grace_days, 0, "{after}");
            }
        }
        assert_eq!(seen, ["platinum", "gold", "silver"]);
        assert_eq!(now.below_since, None);
        let kept = review(&tiers(), &Settings::default(), &now, nights(0), 0, day(0));
        assert_eq!(kept.tier, "silver");
    }

    proptest! {
        #[test]
        fn more_charged_never_earns_less_and_a_cap_holds(
            room in -100_000_i64..1_000_000, more in 0_i64..1_000_000, bonus in 0_i64..200, most in proptest::option::of(0_i64..5_000)
        ) {
            let points = |amount| rules().points(&[(Department::Room, amount)], "EUR", bonus, most);
            prop_assert!(points(room) >= 0);
            prop_assert!(points(room + more) >= points(room));
            prop_assert!(points(room) <= most.unwrap_or(i64::MAX));
        }

        #[test]
        fn a_review_raises_at_once_and_never_falls_below_what_is_reached(
            rank in 0_usize..4, year in 0_i64..60, lifetime in 0_i64..400, days in 0_i64..200
        ) {
            let tiers = tiers();
            let settings = Settings { can_lose: true, ..Settings::default() };
            let today = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            let now = Standing { tier: tiers[rank].code.clone(), below_since: Some(today - chrono::TimeDelta::days(days)) };
            let next = review(&tiers, &settings, &now, nights(year), lifetime, today);
            let next = tiers.iter().find(|tier| tier.code == next.tier).unwrap();
            let reached = reached(&tiers, nights(year), lifetime).unwrap();
            prop_assert!(next.rank >= reached.rank);
            prop_assert!(next.rank >= rank as i64 - 1);
        }
    }
}
