//! What went wrong and what became of it: by house, department, feature and severity; how long it took, what it cost.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::compensation::{Compensation, State, of_cases};
use super::{Case, Outcome, with_names};
use crate::db::Conn;
use crate::db::schema::{cases, guests, rooms, users};
use crate::text_enum;

/// Cases a report is made of, at most: a year of a busy group.
const MOST: i64 = 20_000;

text_enum! {
    /// What cases are put together by.
    pub enum By {
        /// The house.
        House = "house",
        /// The team that had it.
        Department = "department",
        /// The vocabulary's word.
        Feature = "feature",
        /// How much it mattered.
        Severity = "severity",
    }
}

/// Cases put together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Cases opened in the time.
    pub opened: usize,
    /// Of these, still open.
    pub open: usize,
    /// Of these, put right too late, or late already.
    pub late: usize,
    /// Of the closed, where the guest says it was put right.
    pub satisfied: usize,
    /// Of the closed, where the guest says it was not.
    pub not_satisfied: usize,
    /// The median time to close.
    pub median: Option<TimeDelta>,
    /// What was given, in minor units by currency.
    pub cost: BTreeMap<String, i64>,
    /// Points that were given.
    pub points: i64,
}

/// The cases of these houses opened in a time, with what was given for them.
pub fn load(
    conn: &mut Conn,
    property_ids: &[i64],
    from: NaiveDateTime,
    until: NaiveDateTime,
) -> QueryResult<(Vec<Case>, Vec<Compensation>)> {
    let opened: Vec<Case> = with_names!()
        .filter(cases::property_id.eq_any(property_ids))
        .filter(cases::opened_at.ge(from).and(cases::opened_at.lt(until)))
        .order(cases::id)
        .limit(MOST)
        .load(conn)?;
    let ids: Vec<i64> = opened.iter().map(|case| case.id).collect();
    let mut given = Vec::new();
    for some in ids.chunks(1_000) {
        given.extend(of_cases(conn, some)?);
    }
    Ok((opened, given))
}

/// Puts cases together by a key, the most first. What was opened by mistake is none. Pure.
pub fn lines(
    cases: &[Case],
    given: &[Compensation],
    now: NaiveDateTime,
    key: impl Fn(&Case) -> String,
) -> Vec<(String, Line)> {
    let mut lines: BTreeMap<String, (Line, Vec<TimeDelta>)> = BTreeMap::new();
    let mut of: BTreeMap<i64, String> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.happened()) {
        let key = key(case);
        of.insert(case.id, key.clone());
        let (line, times) = lines.entry(key).or_default();
        line.opened += 1;
        line.open += usize::from(case.is_open());
        let ended = case.closed_at.unwrap_or(now);
        line.late += usize::from(case.due_at.is_some_and(|due| due < ended));
        line.satisfied += usize::from(case.outcome == Some(Outcome::Satisfied));
        line.not_satisfied += usize::from(case.outcome == Some(Outcome::NotSatisfied));
        times.extend(case.closed_at.map(|closed| closed - case.opened_at));
    }
    let stands = |one: &&Compensation| matches!(one.state, State::Given | State::Approved);
    for one in given.iter().filter(stands) {
        let line = of.get(&one.case_id).and_then(|key| lines.get_mut(key));
        if let Some((line, _)) = line {
            line.points += one.points;
            if one.cost_minor > 0 {
                *line.cost.entry(one.currency.clone()).or_default() += one.cost_minor;
            }
        }
    }
    let mut lines: Vec<(String, Line)> = lines
        .into_iter()
        .map(|(key, (mut line, mut times))| {
            times.sort();
            line.median = times.get(times.len().saturating_sub(1) / 2).copied();
            (key, line)
        })
        .collect();
    lines.sort_by_key(|(_, line)| std::cmp::Reverse(line.opened));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Severity;
    use crate::cases::compensation::Kind;
    use crate::guests::notes::Team;

    fn at(minutes: i64) -> NaiveDateTime {
        "2026-11-20T10:00:00".parse::<NaiveDateTime>().unwrap() + TimeDelta::minutes(minutes)
    }

    fn case(id: i64, closed: Option<(i64, Outcome)>) -> Case {
        Case {
            id,
            guest_id: 1,
            person_id: 1,
            stay_id: None,
            property_id: 1,
            room_id: None,
            room: None,
            team: Team::FrontDesk,
            severity: Severity::Serious,
            feature: None,
            summary: "noise".into(),
            owner_id: None,
            owner: None,
            opened_at: at(0),
            due_at: Some(at(240)),
            closed_at: closed.map(|(minutes, _)| at(minutes)),
            resolution: None,
            outcome: closed.map(|(_, outcome)| outcome),
            guest_words: None,
        }
    }

    fn gift(case_id: i64, cost_minor: i64, points: i64, state: State) -> Compensation {
        Compensation {
            id: 1,
            case_id,
            kind: Kind::Money,
            cost_minor,
            currency: "CNY".into(),
            points,
            perk: None,
            reason: "noise".into(),
            gesture_id: None,
            stay_id: None,
            account_id: None,
            state,
            asked_by: 1,
            asked_name: None,
            asked_at: at(0),
        }
    }

    #[test]
    fn cases_are_counted_timed_and_added_up() {
        let cases = [
            case(1, Some((60, Outcome::Satisfied))),
            case(2, Some((300, Outcome::NotSatisfied))),
            case(3, Some((90, Outcome::NotAsked))),
            case(4, None),
            case(5, Some((1, Outcome::Mistake))),
        ];
        let given = [
            gift(1, 5_000, 0, State::Given),
            gift(2, 7_000, 100, State::Approved),
            gift(2, 9_000, 0, State::Refused),
            gift(4, 9_000, 0, State::Waiting),
            gift(5, 9_000, 0, State::Given),
        ];
        let lines = lines(&cases, &given, at(500), |case| case.team.to_string());
        let expected = Line {
            opened: 4,
            open: 1,
            late: 2,
            satisfied: 1,
            not_satisfied: 1,
            median: Some(TimeDelta::minutes(90)),
            cost: BTreeMap::from([("CNY".to_owned(), 12_000)]),
            points: 100,
        };
        assert_eq!(lines, vec![("front_desk".to_owned(), expected)]);
    }
}
