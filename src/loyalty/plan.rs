//! The programme as it is edited: what would be wrong with it, what it would change, and how it is kept.

use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use super::ledger::MOST;
use super::programme::{self, EarnRule, Rules, SETTINGS, Settings};
use super::{review, rules};
use crate::db::Conn;
use crate::db::schema::{earn_rules, folio_charges, loyalty_earnings, loyalty_tiers, stays};
use crate::error::FieldError;
use crate::properties::reference::Tier;
use crate::settings;
use crate::stays::folio::Department;
use crate::words::Message;

/// Members looked at together.
const CHUNK: i64 = 5_000;

/// Everything about the programme that can be edited, but the catalogue.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What holds for all.
    pub settings: Settings,
    /// The lowest first.
    pub tiers: Vec<Tier>,
    /// By department and currency.
    pub earn: Vec<EarnRule>,
}

/// What a plan would change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Members there are.
    pub members: i64,
    /// Who would rise.
    pub raised: i64,
    /// Who could lose their tier.
    pub lost: i64,
    /// Points that the stays of the last twelve months earn by the rules there are.
    pub points_now: i64,
    /// Points that they would earn.
    pub points_then: i64,
}

impl Plan {
    /// As it stands.
    pub fn load(conn: &mut Conn) -> QueryResult<Self> {
        Ok(Self {
            settings: settings::get(conn, SETTINGS)?,
            tiers: review::tiers(conn)?,
            earn: rules::load(conn)?.earn,
        })
    }

    /// What can't be right about it, each at its field.
    pub fn faults(&self) -> Vec<FieldError> {
        let settings = &self.settings;
        let mut faults = Vec::new();
        let mut within = |field: &'static str, value: i64, least: i64, most: i64| {
            if !(least..=most).contains(&value) {
                let message = Message::new("error-between");
                let message = message.number("least", least).number("most", most);
                faults.push(FieldError::new(field, message));
            }
        };
        within("life_months", i64::from(settings.life_months), 1, 600);
        within(
            "most_per_stay",
            settings.most_per_stay.unwrap_or(1),
            1,
            MOST,
        );
        within(
            "most_per_year",
            settings.most_per_year.unwrap_or(1),
            1,
            MOST,
        );
        within("grace_days", settings.grace_days, 0, 3_650);
        within("adjust_alone", settings.adjust_alone, 0, MOST);
        for tier in &self.tiers {
            within("nights", tier.nights, 0, 3_650);
            within("tier_stays", tier.stays.unwrap_or(1), 1, 3_650);
            within("tier_points", tier.points.unwrap_or(1), 1, MOST);
            within("bonus", tier.bonus_percent, 0, 1_000);
            within("lifetime", tier.lifetime_nights.unwrap_or(1), 1, 36_500);
        }
        for rule in &self.earn {
            within("rate", rule.points_per_hundred, 0, 100_000);
        }
        let starts_at_none = self.tiers.first().is_none_or(|tier| tier.nights == 0);
        let rises = self.tiers.is_sorted_by(|a, b| a.nights < b.nights);
        if !starts_at_none || !rises {
            faults.push(FieldError::new("nights", Message::new("error-tier-order")));
        }
        faults
    }

    /// What it would change as of a day. Every member is looked at.
    pub fn preview(&self, conn: &mut Conn, today: NaiveDate) -> QueryResult<Preview> {
        let mut preview = Preview::default();
        let mut after = 0;
        loop {
            let members = review::members(conn, after, CHUNK, today)?;
            let Some(last) = members.last() else { break };
            after = last.account_id;
            preview.members += members.len() as i64;
            for member in &members {
                let now = &member.standing.tier;
                let now = self.tiers.iter().find(|tier| tier.code == *now);
                let then = programme::reached(&self.tiers, member.year, member.lifetime_nights);
                if let (Some(now), Some(then)) = (now, then) {
                    preview.raised += i64::from(then.rank > now.rank);
                    let is_lost = self.settings.can_lose && then.rank < now.rank;
                    preview.lost += i64::from(is_lost);
                }
            }
        }
        let now = rules::load(conn)?;
        let then = Rules {
            life_months: self.settings.life_months,
            earn: self.earn.clone(),
        };
        for (currency, totals) in charged(conn, today)? {
            preview.points_now += now.points(&totals, &currency, 0, None);
            preview.points_then += then.points(&totals, &currency, 0, None);
        }
        Ok(preview)
    }

    /// Keeps it. Call it inside a write transaction.
    pub fn save(&self, conn: &mut Conn) -> QueryResult<()> {
        settings::set(conn, SETTINGS, &self.settings)?;
        for tier in &self.tiers {
            diesel::update(loyalty_tiers::table.find(&tier.code))
                .set((
                    loyalty_tiers::nights.eq(tier.nights),
                    loyalty_tiers::stays.eq(tier.stays),
                    loyalty_tiers::points.eq(tier.points),
                    loyalty_tiers::bonus_percent.eq(tier.bonus_percent),
                    loyalty_tiers::lifetime_nights.eq(tier.lifetime_nights),
                ))
                .execute(conn)?;
        }
        for rule in &self.earn {
            diesel::update(earn_rules::table.find((rule.department, &rule.currency)))
                .set(earn_rules::points_per_hundred.eq(rule.points_per_hundred))
                .execute(conn)?;
        }
        rules::current(conn).map(drop)
    }
}

/// A currency, and what each department charged in it.
type Charged = (String, Vec<(Department, i64)>);

/// What the stays that earned in the last twelve months were charged.
fn charged(conn: &mut Conn, today: NaiveDate) -> QueryResult<Vec<Charged>> {
    let Some(since) = today.checked_sub_months(Months::new(12)) else {
        return Ok(Vec::new());
    };
    let total = diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "CAST(sum(folio_charges.amount_minor) AS BIGINT)",
    );
    let rows: Vec<(String, Department, i64)> = loyalty_earnings::table
        .inner_join(stays::table.on(stays::id.eq(loyalty_earnings::stay_id)))
        .inner_join(folio_charges::table.on(folio_charges::stay_id.eq(stays::id)))
        .filter(stays::departure.gt(since))
        .group_by((folio_charges::currency, folio_charges::department))
        .select((folio_charges::currency, folio_charges::department, total))
        .order(folio_charges::currency)
        .load(conn)?;
    Ok(rows
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|rows| {
            let (currency, ..) = rows.first()?;
            let totals = rows.iter().map(|(_, department, sum)| (*department, *sum));
            Some((currency.clone(), totals.collect()))
        })
        .collect())
}
