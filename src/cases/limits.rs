//! How much may be given alone: in a case, and by one clerk in a day.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use serde::{Deserialize, Serialize};

use super::compensation::{Kind, NewCompensation, State};
use crate::db::Conn;
use crate::db::schema::case_compensations;
use crate::fixed_sql;
use crate::staff::Role;

/// What may be given without a second pair of eyes; money in minor units of a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// By currency. Where none is set, all money and perks wait for a manager.
    pub money: Vec<MoneyLimit>,
    /// Points in one case, given by the desk.
    pub desk_points: i64,
    /// Points in a day, given by one clerk.
    pub desk_points_a_day: i64,
    /// Points in one case, given by a manager; none is no limit.
    pub manager_points: Option<i64>,
}

/// What may be given in a currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MoneyLimit {
    /// ISO 4217.
    pub currency: String,
    /// In one case, by the desk.
    pub desk: i64,
    /// In a day, by one clerk.
    pub desk_a_day: i64,
    /// In one case, by a manager; none is no limit.
    pub manager: Option<i64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            money: Vec::new(),
            desk_points: 1_000,
            desk_points_a_day: 3_000,
            manager_points: None,
        }
    }
}

impl Limits {
    /// What stands for a currency; nothing may be given alone where nothing was set.
    pub fn of(&self, currency: &str) -> MoneyLimit {
        let set = self.money.iter().find(|limit| limit.currency == currency);
        set.cloned().unwrap_or_else(|| MoneyLimit {
            currency: currency.to_owned(),
            ..MoneyLimit::default()
        })
    }

    /// What a role may give alone in a case and in a day; none is no limit.
    fn allowed(&self, role: Role, kind: Kind, currency: &str) -> (Option<i64>, Option<i64>) {
        let manages = matches!(role, Role::Manager | Role::Admin);
        match (kind, manages) {
            (Kind::Points, true) => (self.manager_points, None),
            (Kind::Points, false) => (Some(self.desk_points), Some(self.desk_points_a_day)),
            (_, true) => {
                let set = self.money.iter().find(|limit| limit.currency == currency);
                (set.and_then(|limit| limit.manager), None)
            }
            (_, false) => {
                let limit = self.of(currency);
                (Some(limit.desk), Some(limit.desk_a_day))
            }
        }
    }
}

/// Who gives.
#[derive(Clone, Copy, Debug)]
pub struct Giver {
    /// The account.
    pub user_id: i64,
    /// What they do.
    pub role: Role,
}

fixed_sql! {
    /// PostgreSQL sums BIGINT into NUMERIC, which diesel does not read as BigInt.
    SumOfCosts: Nullable<BigInt> = "CAST(sum(cost_minor) AS BIGINT)"
}
fixed_sql! {
    /// As above.
    SumOfPoints: Nullable<BigInt> = "CAST(sum(points) AS BIGINT)"
}

impl Giver {
    /// Whether it stays within the limits, with what was given alone before. The case and the giver are held.
    pub(super) fn may_give(
        self,
        conn: &mut Conn,
        limits: &Limits,
        new: &NewCompensation<'_>,
        today: NaiveDate,
    ) -> QueryResult<bool> {
        let (in_case, a_day) = limits.allowed(self.role, new.kind, new.currency);
        let more = if new.kind == Kind::Points {
            new.points
        } else {
            new.cost_minor
        };
        for (most, span) in [(in_case, Span::Case), (a_day, Span::Day(today))] {
            if let Some(most) = most
                && self.given(conn, new, span)? + more > most
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What was given alone so far, of the same kind: in the case by anybody, or in a day by this giver.
    fn given(self, conn: &mut Conn, new: &NewCompensation<'_>, span: Span) -> QueryResult<i64> {
        use case_compensations as given;
        let alone = given::table
            .filter(given::state.eq(State::Given))
            .into_boxed();
        let alone = match span {
            Span::Case => alone.filter(given::case_id.eq(new.case_id)),
            Span::Day(today) => alone
                .filter(given::asked_by.eq(self.user_id))
                .filter(given::asked_on.eq(today)),
        };
        let sum: Option<i64> = match new.kind {
            Kind::Points => alone.select(SumOfPoints).first(conn)?,
            Kind::Money | Kind::Perk => alone
                .filter(given::currency.eq(new.currency))
                .select(SumOfCosts)
                .first(conn)?,
        };
        Ok(sum.unwrap_or(0))
    }
}

/// Over what is counted.
#[derive(Clone, Copy)]
enum Span {
    Case,
    Day(NaiveDate),
}
