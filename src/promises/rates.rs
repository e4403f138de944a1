//! How often wishes are kept: by house, by wish and by month.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::{Conn, dialect};

/// Promises of one house, one wish and one month of departure.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Line {
    /// The house.
    #[diesel(sql_type = BigInt)]
    pub property_id: i64,
    /// The wish.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// `2026-03`
    #[diesel(sql_type = Text)]
    pub month: String,
    /// Kept.
    #[diesel(sql_type = BigInt)]
    pub kept: i64,
    /// Missed.
    #[diesel(sql_type = BigInt)]
    pub missed: i64,
    /// Of which nobody knows.
    #[diesel(sql_type = BigInt)]
    pub unknown: i64,
}

/// The promises of stays that ended in a span of days at these houses, in the order of the table.
pub fn lines(
    conn: &mut Conn,
    houses: &[i64],
    from: NaiveDate,
    until: NaiveDate,
) -> QueryResult<Vec<Line>> {
    if houses.is_empty() {
        return Ok(Vec::new());
    }
    let month = dialect::month_of(conn, "stays.departure");
    let ids: Vec<String> = houses.iter().map(i64::to_string).collect();
    diesel::sql_query(format!(
        "SELECT stays.property_id, promises.code, {month} AS month, \
         count(*) FILTER (WHERE outcome = 'kept') AS kept, \
         count(*) FILTER (WHERE outcome = 'missed') AS missed, \
         count(*) FILTER (WHERE outcome IS NULL) AS unknown \
         FROM stays JOIN promises ON promises.stay_id = stays.id \
         WHERE stays.property_id IN ({}) AND stays.departure BETWEEN '{from}' AND '{until}' \
         AND stays.status = 'departed' \
         GROUP BY stays.property_id, promises.code, {month} ORDER BY 1, 2, 3",
        ids.join(", ")
    ))
    .load(conn)
}

/// How many were kept, missed, and of how many nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Kept.
    pub kept: i64,
    /// Missed.
    pub missed: i64,
    /// Of which nobody knows.
    pub unknown: i64,
}

impl Rate {
    fn add(&mut self, line: &Line) {
        self.kept += line.kept;
        self.missed += line.missed;
        self.unknown += line.unknown;
    }

    /// Of a hundred whose outcome is known, so many were kept; none where none is known.
    pub fn percent(&self) -> Option<i64> {
        let known = self.kept + self.missed;
        (known > 0).then(|| (self.kept * 200 + known) / (known * 2))
    }
}

/// Rates by what is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// All of them.
    pub all: Rate,
    /// By house.
    pub by_house: BTreeMap<i64, Rate>,
    /// By wish, what was missed most often first.
    pub by_wish: Vec<(String, Rate)>,
    /// By month, the oldest first; months without a promise are there too.
    pub by_month: Vec<(NaiveDate, Rate)>,
}

impl Rates {
    /// Sums lines up over the months from one to another. Pure.
    pub fn of(lines: &[Line], from: NaiveDate, until: NaiveDate) -> Self {
        let mut rates = Self::default();
        let mut by_wish: BTreeMap<&str, Rate> = BTreeMap::new();
        let mut by_month: BTreeMap<&str, Rate> = BTreeMap::new();
        for line in lines {
            rates.all.add(line);
            rates
                .by_house
                .entry(line.property_id)
                .or_default()
                .add(line);
            by_wish.entry(&line.code).or_default().add(line);
            by_month.entry(&line.month).or_default().add(line);
        }
        rates.by_wish = by_wish
            .into_iter()
            .map(|(code, rate)| (code.to_owned(), rate))
            .collect();
        rates.by_wish.sort_by_key(|(_, rate)| {
            (std::cmp::Reverse(rate.missed), std::cmp::Reverse(rate.kept))
        });
        let first_of =
            |day: NaiveDate| day - chrono::Days::new(u64::from(chrono::Datelike::day0(&day)));
        let mut month = first_of(from);
        while month <= until {
            let key = month.format("%Y-%m").to_string();
            let rate = by_month.get(key.as_str()).copied().unwrap_or_default();
            rates.by_month.push((month, rate));
            let Some(next) = month.checked_add_months(chrono::Months::new(1)) else {
                break;
            };
            month = next;
        }
        rates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(property_id: i64, code: &str, month: &str, counts: [i64; 3]) -> Line {
        let [kept, missed, unknown] = counts;
        Line {
            property_id,
            code: code.into(),
            month: month.into(),
            kept,
            missed,
            unknown,
        }
    }

    #[test]
    fn rates_are_summed_by_house_wish_and_month() {
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        let lines = [
            line(1, "bathtub", "2026-01", [1, 2, 0]),
            line(1, "quiet_room", "2026-03", [7, 1, 4]),
            line(2, "quiet_room", "2026-03", [0, 0, 5]),
        ];
        let rates = Rates::of(&lines, day(1, 20), day(4, 2));
        assert_eq!(
            (rates.all.kept, rates.all.missed, rates.all.unknown),
            (8, 3, 9)
        );
        assert_eq!(rates.all.percent(), Some(73));
        assert_eq!(rates.by_house[&1].percent(), Some(73));
        assert_eq!(rates.by_house[&2].percent(), None);
        let wishes: Vec<&str> = rates
            .by_wish
            .iter()
            .map(|(code, _)| code.as_str())
            .collect();
        assert_eq!(wishes, ["bathtub", "quiet_room"]);
        let months: Vec<_> = rates
            .by_month
            .iter()
            .map(|(month, rate)| (*month, rate.percent()))
            .collect();
        assert_eq!(
            months,
            [
                (day(1, 1), Some(33)),
                (day(2, 1), None),
                (day(3, 1), Some(88)),
                (day(4, 1), None)
            ]
        );
    }
}
