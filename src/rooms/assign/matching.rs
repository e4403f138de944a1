//! The cheapest way to give each row a column of its own, or none: shortest augmenting paths, one for each row.
//!
//! Exact for any prices that can be added and compared, so that a price may have several parts in order of weight.

use std::ops::{Add, Sub};

/// What can be a price.
pub trait Price: Copy + Ord + Default + Add<Output = Self> + Sub<Output = Self> {}

impl<T: Copy + Ord + Default + Add<Output = Self> + Sub<Output = Self>> Price for T {}

/// What each pair costs, and what it costs a row to go without.
#[derive(Clone, Debug)]
pub struct Prices<P> {
    columns: usize,
    /// Row by row; none where the pair is out of the question.
    pairs: Vec<Option<P>>,
    without: Vec<P>,
}

impl<P: Price> Prices<P> {
    /// A table without rows, for so many columns.
    pub fn new(columns: usize) -> Self {
        Self {
            columns,
            pairs: Vec::new(),
            without: Vec::new(),
        }
    }

    /// Adds a row: its price for each column, and for none.
    pub fn push(&mut self, pairs: impl IntoIterator<Item = Option<P>>, without: P) {
        self.pairs.extend(pairs);
        self.without.push(without);
        self.pairs.resize(self.without.len() * self.columns, None);
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.without.len()
    }

    /// A row's prices, column by column.
    pub fn row(&self, row: usize) -> &[Option<P>] {
        let start = row * self.columns;
        self.pairs
            .get(start..start + self.columns)
            .unwrap_or_default()
    }

    /// What a pair costs.
    pub fn of(&self, row: usize, column: usize) -> Option<P> {
        self.row(row).get(column).copied().flatten()
    }

    /// What it costs a row to go without.
    pub fn without(&self, row: usize) -> P {
        self.without.get(row).copied().unwrap_or_default()
    }

    /// The same prices, with these pairs made and nothing left to choose about them.
    pub fn with_pairs(&self, pairs: &[(usize, usize)]) -> Self {
        let mut fixed = self.clone();
        for (at, price) in fixed.pairs.iter_mut().enumerate() {
            let (row, column) = (at / self.columns, at % self.columns);
            let touched = pairs.iter().any(|pair| pair.0 == row || pair.1 == column);
            if touched && !pairs.contains(&(row, column)) {
                *price = None;
            }
        }
        fixed
    }
}

/// The cheapest matching.
#[derive(Clone, Debug)]
pub struct Matching<P> {
    /// The column of each row.
    pub columns: Vec<Option<usize>>,
    /// What it costs in all.
    pub total: P,
    rows: Vec<P>,
    shadows: Vec<P>,
}

impl<P: Price> Matching<P> {
    /// By how much the total would rise at least, were this pair made: never below zero.
    pub fn regret(&self, prices: &Prices<P>, row: usize, column: usize) -> Option<P> {
        let price = prices.of(row, column)?;
        Some(price - *self.rows.get(row)? - *self.shadows.get(column)?)
    }
}

/// Finds it.
#[expect(
    clippy::indexing_slicing,
    reason = "rows and columns are numbered by the table itself"
)]
pub fn cheapest<P: Price>(prices: &Prices<P>) -> Matching<P> {
    let (rows, columns) = (prices.rows(), prices.columns);
    let mut search = Search {
        prices,
        rows: vec![P::default(); rows],
        shadows: vec![P::default(); columns],
        owners: vec![None; columns],
    };
    for row in 0..rows {
        search.place(row);
    }
    let mut matched = vec![None; rows];
    for (column, owner) in search.owners.iter().enumerate() {
        if let Some(row) = owner {
            matched[*row] = Some(column);
        }
    }
    let price = |(row, column): (usize, &Option<usize>)| match column {
        Some(column) => prices.of(row, *column).unwrap_or_default(),
        None => prices.without(row),
    };
    Matching {
        total: matched
            .iter()
            .enumerate()
            .map(price)
            .fold(P::default(), |sum, price| sum + price),
        columns: matched,
        rows: search.rows,
        shadows: search.shadows,
    }
}

/// The matching of the rows placed so far, with the prices (duals) that prove it the cheapest.
struct Search<'a, P> {
    prices: &'a Prices<P>,
    rows: Vec<P>,
    shadows: Vec<P>,
    owners: Vec<Option<usize>>,
}

/// Where a path can end: a column nobody has, or a row that goes without.
enum End {
    Column(usize),
    Without(Option<usize>),
}

#[expect(
    clippy::indexing_slicing,
    reason = "rows and columns are numbered by the table itself"
)]
impl<P: Price> Search<'_, P> {
    /// Places one more row, along the cheapest chain of rows that make way.
    fn place(&mut self, start: usize) {
        let columns = self.owners.len();
        let mut slack: Vec<Option<P>> = vec![None; columns];
        let mut before: Vec<Option<usize>> = vec![None; columns];
        let mut reached: Vec<usize> = Vec::new();
        let mut is_reached = vec![false; columns];
        let mut exit: Option<(P, Option<usize>)> = None;
        let (mut row, mut at) = (start, None);
        let end = loop {
            let out = self.prices.without(row) - self.rows[row];
            if exit.is_none_or(|(least, _)| out < least) {
                exit = Some((out, at));
            }
            let mut next: Option<(P, usize)> = None;
            for (column, price) in self.prices.row(row).iter().enumerate() {
                if is_reached[column] {
                    continue;
                }
                if let Some(price) = price {
                    let here = *price - self.rows[row] - self.shadows[column];
                    if slack[column].is_none_or(|least| here < least) {
                        slack[column] = Some(here);
                        before[column] = at;
                    }
                }
                if let Some(least) = slack[column]
                    && next.is_none_or(|(nearest, _)| least < nearest)
                {
                    next = Some((least, column));
                }
            }
            let (out, from) = exit.unwrap_or((P::default(), at));
            let (step, end) = match next {
                Some((least, column)) if least <= out => (least, End::Column(column)),
                _ => (out, End::Without(from)),
            };
            self.rows[start] = self.rows[start] + step;
            for &column in &reached {
                self.shadows[column] = self.shadows[column] - step;
                if let Some(owner) = self.owners[column] {
                    self.rows[owner] = self.rows[owner] + step;
                }
            }
            for least in slack.iter_mut().flatten() {
                *least = *least - step;
            }
            exit = exit.map(|(least, from)| (least - step, from));
            match end {
                End::Column(column) => match self.owners[column] {
                    Some(owner) => {
                        is_reached[column] = true;
                        reached.push(column);
                        (row, at) = (owner, Some(column));
                    }
                    None => break Some(column),
                },
                End::Without(from) => break from,
            }
        };
        // Everyone on the chain takes the column after theirs.
        let mut column = end;
        while let Some(taken) = column {
            self.owners[taken] = match before[taken] {
                Some(previous) => self.owners[previous],
                None => Some(start),
            };
            column = before[taken];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(columns: usize, rows: &[Vec<Option<i64>>], without: i64) -> Prices<i64> {
        let mut prices = Prices::new(columns);
        for row in rows {
            prices.push(row.iter().copied(), without);
        }
        prices
    }

    /// Every way there is, one after the other.
    fn by_brute_force(prices: &Prices<i64>, row: usize, taken: &mut Vec<usize>) -> i64 {
        if row == prices.rows() {
            return 0;
        }
        let mut best = prices.without(row) + by_brute_force(prices, row + 1, taken);
        for column in 0..prices.columns {
            if let Some(price) = prices.of(row, column)
                && !taken.contains(&column)
            {
                taken.push(column);
                best = best.min(price + by_brute_force(prices, row + 1, taken));
                taken.pop();
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_way_is_cheaper(
            rows in proptest::collection::vec(proptest::collection::vec(proptest::option::weighted(0.8, -20_i64..60), 5), 0..6),
            without in 0_i64..80,
        ) {
            let prices = table(5, &rows, without);
            let found = cheapest(&prices);
            prop_assert_eq!(found.total, by_brute_force(&prices, 0, &mut Vec::new()));
            let mut columns: Vec<usize> = found.columns.iter().copied().flatten().collect();
            let given = columns.len();
            columns.sort_unstable();
            columns.dedup();
            prop_assert_eq!(columns.len(), given, "a column given twice");
        }

        #[test]
        fn regret_is_never_more_than_what_a_pair_really_costs(
            rows in proptest::collection::vec(proptest::collection::vec(proptest::option::weighted(0.9, 0_i64..60), 4), 1..5),
        ) {
            let prices = table(4, &rows, 100);
            let found = cheapest(&prices);
            for row in 0..prices.rows() {
                for column in 0..4 {
                    if let Some(regret) = found.regret(&prices, row, column) {
                        let fixed = cheapest(&prices.with_pairs(&[(row, column)]));
                        prop_assert!(regret >= 0);
                        prop_assert!(fixed.total - found.total >= regret);
                        prop_assert_eq!(fixed.columns[row], Some(column));
                    }
                }
            }
        }
    }
}
