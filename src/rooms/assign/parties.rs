//! Rooms with a door between them, for parties who asked for that.
//!
//! A pair of rooms is not one column of a matching. So the matching of all is made first; its prices bound from below what
//! each pair of connecting rooms would cost the others, and the few that could be the best are worked out in full. For one
//! party that is exact as far as the bound is reached; several parties choose one after the other.

use std::collections::{HashMap, HashSet};

use super::matching::{self, Matching};
use super::{Cost, Day, Table};

/// What it weighs to be put apart, for each member of a party that asked for connecting rooms.
const APART: i64 = 300;
/// Sets of rooms worked out in full, at most, for one party.
const TRIES: usize = 32;
/// A party larger than this is looked after by hand.
const LARGEST: usize = 4;

/// The cheapest matching that counts being put apart, and what that costs.
pub(super) fn match_all(day: &Day, table: &Table) -> (Matching<Cost>, Cost) {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut best = matching::cheapest(&table.prices);
    let mut apart = Cost::default();
    let doors = doors(day, table);
    for party in parties(day, table) {
        let lonely = lonely(&party);
        let prices = table.prices.with_pairs(&pairs);
        let mut sets: Vec<(Cost, Vec<(usize, usize)>)> = together(&party, &doors)
            .into_iter()
            .filter_map(|set| {
                let regrets = set
                    .iter()
                    .map(|(row, column)| best.regret(&prices, *row, *column));
                let bound = regrets.sum::<Option<Cost>>()?;
                Some((bound, set))
            })
            .collect();
        sets.sort();
        let mut limit = best.total + lonely;
        let mut chosen = None;
        for (bound, set) in sets.into_iter().take(TRIES) {
            if best.total + bound >= limit {
                break;
            }
            let found = matching::cheapest(&prices.with_pairs(&set));
            if found.total < limit {
                limit = found.total;
                chosen = Some((found, set));
            }
        }
        match chosen {
            Some((found, set)) => {
                best = found;
                pairs.extend(set);
            }
            None => apart = apart + lonely,
        }
    }
    (best, apart)
}

/// What it costs to put a party apart.
fn lonely(party: &[usize]) -> Cost {
    Cost {
        guests: APART * i64::try_from(party.len()).unwrap_or(i64::MAX),
        ..Cost::default()
    }
}

/// What the parties cost that a way to give out the rooms puts apart; `columns` are the rooms of the table's rows.
pub(super) fn apart(day: &Day, table: &Table, columns: &[Option<usize>]) -> Cost {
    let doors = doors(day, table);
    parties(day, table)
        .iter()
        .filter(|party| {
            let rooms = party
                .iter()
                .map(|row| columns.get(*row).copied().flatten())
                .collect::<Option<Vec<usize>>>();
            !rooms.is_some_and(|rooms| is_connected(&rooms, &doors))
        })
        .map(|party| lonely(party))
        .sum()
}

/// Whether each room leads into another of them, so that one can walk through all.
fn is_connected(rooms: &[usize], doors: &HashMap<usize, Vec<usize>>) -> bool {
    let mut reached: Vec<usize> = rooms.iter().copied().take(1).collect();
    let mut next = 0;
    while let Some(here) = reached.get(next) {
        let beyond = doors.get(here).into_iter().flatten();
        let new: Vec<usize> = beyond
            .copied()
            .filter(|room| rooms.contains(room) && !reached.contains(room))
            .collect();
        reached.extend(new);
        next += 1;
    }
    reached.len() == rooms.len()
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), |sum, cost| sum + cost)
    }
}

/// Columns that lead into each other.
fn doors(day: &Day, table: &Table) -> HashMap<usize, Vec<usize>> {
    let columns: HashMap<i64, usize> = table
        .columns
        .iter()
        .enumerate()
        .filter_map(|(column, room)| Some((day.rooms.get(*room)?.id, column)))
        .collect();
    let mut doors: HashMap<usize, Vec<usize>> = HashMap::new();
    for (one, other) in &day.connections {
        if let (Some(one), Some(other)) = (columns.get(one), columns.get(other)) {
            doors.entry(*one).or_default().push(*other);
            doors.entry(*other).or_default().push(*one);
        }
    }
    doors
}

/// Rows that belong together and asked for a door between them, in the order of the day.
fn parties(day: &Day, table: &Table) -> Vec<Vec<usize>> {
    let mut parties: Vec<(i64, Vec<usize>)> = Vec::new();
    let mut asking: HashSet<i64> = HashSet::new();
    for (row, at) in table.rows.iter().enumerate() {
        let Some(arrival) = day.arrivals.get(*at) else {
            continue;
        };
        let person = arrival.person_id;
        let mut wishes = arrival.asked.wishes.iter();
        if wishes.any(|wish| wish.feature.code == "connecting_rooms" && wish.is_wanted()) {
            asking.insert(person);
        }
        match parties.iter_mut().find(|(id, _)| *id == person) {
            Some((_, rows)) => rows.push(row),
            None => parties.push((person, vec![row])),
        }
    }
    parties.retain(|(person, rows)| asking.contains(person) && (2..=LARGEST).contains(&rows.len()));
    parties.into_iter().map(|(_, rows)| rows).collect()
}

/// Every way to put a party into rooms each of which leads into another of theirs.
fn together(party: &[usize], doors: &HashMap<usize, Vec<usize>>) -> Vec<Vec<(usize, usize)>> {
    let mut found = HashSet::new();
    for first in party {
        for column in doors.keys() {
            grow(party, doors, &mut vec![(*first, *column)], &mut found);
        }
    }
    found.into_iter().collect()
}

fn grow(
    party: &[usize],
    doors: &HashMap<usize, Vec<usize>>,
    set: &mut Vec<(usize, usize)>,
    found: &mut HashSet<Vec<(usize, usize)>>,
) {
    if set.len() == party.len() {
        let mut whole = set.clone();
        whole.sort_unstable();
        found.insert(whole);
        return;
    }
    let next: Vec<usize> = set
        .iter()
        .filter_map(|(_, column)| doors.get(column))
        .flatten()
        .copied()
        .filter(|column| set.iter().all(|(_, taken)| taken != column))
        .collect();
    let rest: Vec<usize> = party
        .iter()
        .copied()
        .filter(|row| set.iter().all(|(placed, _)| placed != row))
        .collect();
    for column in next {
        for row in &rest {
            set.push((*row, column));
            grow(party, doors, set, found);
            set.pop();
        }
    }
}
