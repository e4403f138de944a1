//! What came of the letters: how many went where, and whether those who got one came back sooner.

use chrono::{NaiveDate, TimeDelta};
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::{Occasion, State};
use crate::db::schema::{greetings, suppressions};
use crate::db::{Conn, dialect};

use super::suppressions::Reason;

/// Days that are counted.
pub const DAYS: TimeDelta = TimeDelta::days(365);
/// The quantile of the normal distribution for an interval of 95 %.
const Z: f64 = 1.959_964;

/// Letters by state.
pub fn by_state(
    conn: &mut Conn,
    houses: &[i64],
    since: NaiveDate,
) -> QueryResult<Vec<(State, i64)>> {
    let mut counts: Vec<(State, i64)> = greetings::table
        .filter(greetings::due_on.ge(since))
        .filter(greetings::property_id.eq_any(houses))
        .group_by(greetings::state)
        .select((greetings::state, count_star()))
        .load(conn)?;
    counts.sort();
    Ok(counts)
}

/// Mailboxes that unsubscribed since a day and did not come back.
pub fn unsubscribed(conn: &mut Conn, since: NaiveDate) -> QueryResult<i64> {
    suppressions::table
        .filter(suppressions::reason.eq(Reason::Unsubscribed))
        .filter(suppressions::lifted_at.is_null())
        .filter(suppressions::made_at.ge(since.and_time(chrono::NaiveTime::MIN)))
        .select(diesel::dsl::count(suppressions::mailbox).aggregate_distinct())
        .get_result(conn)
}

/// How many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Letters.
    pub of: i64,
    /// After which a booking came.
    pub had: i64,
}

impl Share {
    /// From 0 to 1.
    pub fn rate(self) -> f64 {
        if self.of == 0 {
            0.0
        } else {
            self.had as f64 / self.of as f64
        }
    }

    /// Between which rates the true one lies, in 95 of 100 cases: Wilson's score interval (1927).
    fn interval(self) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        let (n, p) = (self.of as f64, self.rate());
        let middle = p + Z * Z / (2.0 * n);
        let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        (
            ((middle - reach) / scale).max(0.0),
            ((middle + reach) / scale).min(1.0),
        )
    }
}

/// Greeted guests against the sample that was held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Who got a letter.
    pub greeted: Share,
    /// Who would have got one.
    pub held_back: Share,
}

impl Effect {
    /// By how much more of the greeted booked, and between which differences the true one lies, in 95 of 100 cases: Newcombe's
    /// hybrid score interval (Statistics in Medicine 17, 1998, 873–890, method 10). None where one side is empty.
    pub fn difference(&self) -> Option<(f64, f64, f64)> {
        if self.greeted.of == 0 || self.held_back.of == 0 {
            return None;
        }
        let (p1, p2) = (self.greeted.rate(), self.held_back.rate());
        let ((l1, u1), (l2, u2)) = (self.greeted.interval(), self.held_back.interval());
        let difference = p1 - p2;
        let below = ((p1 - l1).powi(2) + (u2 - p2).powi(2)).sqrt();
        let above = ((u1 - p1).powi(2) + (p2 - l2).powi(2)).sqrt();
        Some((difference, difference - below, difference + above))
    }
}

/// Who booked within so many days of a letter that was not about a stay. Only letters whose days are over are counted.
pub fn effect(
    conn: &mut Conn,
    houses: &[i64],
    today: NaiveDate,
    window: i64,
) -> QueryResult<Effect> {
    let until = today - TimeDelta::days(window);
    let mut effect = Effect::default();
    let all = Occasion::ALL.iter().copied();
    let compared: Vec<Occasion> = all.filter(|occasion| occasion.is_compared()).collect();
    for (state, share) in [
        (State::Sent, &mut effect.greeted),
        (State::HeldBack, &mut effect.held_back),
    ] {
        share.of = greetings::table
            .filter(
                greetings::due_on
                    .ge(today - DAYS)
                    .and(greetings::due_on.lt(until)),
            )
            .filter(greetings::property_id.eq_any(houses))
            .filter(greetings::state.eq(state))
            .filter(greetings::occasion.eq_any(&compared))
            .count()
            .get_result(conn)?;
        share.had = dialect::letters_followed(conn, houses, state, (today - DAYS, until), window)?;
    }
    Ok(effect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_as_published() {
        // Newcombe's first example: 56/70 against 48/80.
        let effect = Effect {
            greeted: Share { of: 70, had: 56 },
            held_back: Share { of: 80, had: 48 },
        };
        let (difference, low, high) = effect.difference().unwrap();
        let near = |a: f64, b: f64| (a - b).abs() < 0.000_06;
        assert!(
            near(difference, 0.2) && near(low, 0.0524) && near(high, 0.3339),
            "{low} {high}"
        );
        assert_eq!(Effect::default().difference(), None);
    }
}
