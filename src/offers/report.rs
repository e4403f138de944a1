//! What offering earns: made, taken, declined, what it brought and what it cost.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use diesel::prelude::*;

use super::{Kind, State};
use crate::db::Conn;
use crate::db::schema::{offer_rules, offers, room_types, users};
use crate::text_enum;

text_enum! {
    /// By what it is counted.
    pub enum By {
        /// The rule.
        Rule = "rule",
        /// The room type offered; perks by their kind.
        What = "what",
        /// The house.
        House = "house",
        /// Who made it.
        Clerk = "clerk",
    }
}

/// An offer as it is counted.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
#[allow(missing_docs, reason = "the columns of the tables")]
pub struct Line {
    pub id: i64,
    pub property_id: i64,
    pub rule_id: i64,
    pub rule: String,
    pub kind: Kind,
    pub type_name: Option<String>,
    pub clerk: Option<String>,
    pub state: State,
    pub made_on: NaiveDate,
    pub price_minor: i64,
    pub cost_minor: i64,
    pub worth_minor: i64,
    pub currency: String,
}

/// The offers made in these houses from a day to another, both counted, the newest last. What was taken back is no offer.
pub fn lines(
    conn: &mut Conn,
    property_ids: &[i64],
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<Vec<Line>> {
    offers::table
        .inner_join(offer_rules::table)
        .left_join(room_types::table.on(room_types::id.nullable().eq(offers::room_type_id)))
        .left_join(users::table.on(users::id.nullable().eq(offers::made_by)))
        .filter(offers::property_id.eq_any(property_ids))
        .filter(offers::made_on.between(from, to))
        .filter(offers::state.ne(State::Undone))
        .order((offers::made_on, offers::id))
        .select((
            offers::id,
            offers::property_id,
            offers::rule_id,
            offer_rules::name,
            offers::kind,
            room_types::name.nullable(),
            users::display_name.nullable(),
            offers::state,
            offers::made_on,
            offers::price_minor,
            offers::cost_minor,
            offers::worth_minor,
            offers::currency,
        ))
        .load(conn)
}

/// Counts of some offers, of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Told to a guest.
    pub made: i64,
    /// Taken.
    pub accepted: i64,
    /// Declined.
    pub declined: i64,
    /// What those taken brought, in minor units.
    pub revenue_minor: i64,
    /// What those taken cost.
    pub cost_minor: i64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, line: &Line) {
        self.made += 1;
        match line.state {
            State::Accepted => {
                self.accepted += 1;
                self.revenue_minor = self.revenue_minor.saturating_add(line.price_minor);
                self.cost_minor = self.cost_minor.saturating_add(line.cost_minor);
            }
            State::Declined => self.declined += 1,
            State::Held | State::Lapsed | State::Undone => {}
        }
    }

    /// Percent taken of those made.
    pub fn rate(&self) -> i64 {
        if self.made == 0 {
            return 0;
        }
        (self.accepted * 100 + self.made / 2) / self.made
    }
}

/// The counts of all lines, by currency.
pub fn totals(lines: &[Line]) -> BTreeMap<String, Counts> {
    let mut totals: BTreeMap<String, Counts> = BTreeMap::new();
    for line in lines {
        totals.entry(line.currency.clone()).or_default().add(line);
    }
    totals
}

/// The counts by a name and currency, what brought most first.
pub fn grouped(lines: &[Line], name: impl Fn(&Line) -> String) -> Vec<(String, String, Counts)> {
    let mut groups: BTreeMap<(String, String), Counts> = BTreeMap::new();
    for line in lines {
        let key = (name(line), line.currency.clone());
        groups.entry(key).or_default().add(line);
    }
    let mut groups: Vec<_> = groups
        .into_iter()
        .map(|((name, currency), counts)| (name, currency, counts))
        .collect();
    groups.sort_by_key(|(_, _, counts)| std::cmp::Reverse((counts.revenue_minor, counts.accepted)));
    groups
}

/// The counts of each week from the one of `from` to the one of `to`, whether there was an offer or not. Weeks begin on Monday.
pub fn weeks(lines: &[Line], from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, Counts)> {
    let mut weeks: Vec<(NaiveDate, Counts)> = Vec::new();
    let mut start = monday(from);
    while start <= to {
        weeks.push((start, Counts::default()));
        start += TimeDelta::days(7);
    }
    for line in lines {
        let own = monday(line.made_on);
        if let Some((_, counts)) = weeks.iter_mut().find(|(start, _)| *start == own) {
            counts.add(line);
        }
    }
    weeks
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(state: State, on: &str, price_minor: i64) -> Line {
        Line {
            id: 1,
            property_id: 1,
            rule_id: 1,
            rule: "Suite".into(),
            kind: Kind::Upgrade,
            type_name: Some("Suite".into()),
            clerk: Some("Lin".into()),
            state,
            made_on: on.parse().unwrap(),
            price_minor,
            cost_minor: 10,
            worth_minor: 200,
            currency: "CNY".into(),
        }
    }

    #[test]
    fn money_counts_only_where_the_offer_was_taken() {
        let lines = [
            line(State::Accepted, "2026-11-16", 100),
            line(State::Declined, "2026-11-17", 100),
            line(State::Lapsed, "2026-11-22", 100),
            line(State::Accepted, "2026-11-23", 50),
        ];
        let totals = totals(&lines);
        let all = totals["CNY"];
        assert_eq!((all.made, all.accepted, all.declined), (4, 2, 1));
        assert_eq!(
            (all.revenue_minor, all.cost_minor, all.rate()),
            (150, 20, 50)
        );
        let weeks = weeks(
            &lines,
            "2026-11-18".parse().unwrap(),
            "2026-12-01".parse().unwrap(),
        );
        let made: Vec<_> = weeks.iter().map(|(_, counts)| counts.made).collect();
        assert_eq!(made, [3, 1, 0]);
    }
}
