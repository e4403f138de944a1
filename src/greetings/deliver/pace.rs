//! So many letters a minute to each mail domain.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDateTime, TimeDelta};

use super::super::outbox::Claimed;

/// Keeps to so many letters a minute and mail domain.
pub(super) struct Pace {
    /// Between two letters to one domain.
    apart: TimeDelta,
    /// When the next letter to a domain may go.
    free: HashMap<String, NaiveDateTime>,
    /// Letters whose turn was given already.
    turns: HashSet<i64>,
}

/// Letters that wait for their turn, by the moment it comes.
pub(super) type Waiting = Vec<(NaiveDateTime, Vec<i64>)>;

impl Pace {
    pub fn new(per_minute: i64) -> Self {
        Self {
            apart: TimeDelta::microseconds(60_000_000 / per_minute.max(1)),
            free: HashMap::new(),
            turns: HashSet::new(),
        }
    }

    /// Letters that had their turn and did not go keep it.
    pub fn keep_turns(&mut self, ids: &[i64]) {
        self.turns.extend(ids);
    }

    /// Who may go now, and who waits for a turn. A minute's worth may go at once.
    pub fn sort(&mut self, claimed: Vec<Claimed>, now: NaiveDateTime) -> (Vec<Claimed>, Waiting) {
        let (mut go, mut wait) = (Vec::new(), Waiting::new());
        for letter in claimed {
            if self.turns.remove(&letter.id) {
                go.push(letter);
                continue;
            }
            let earliest = now - TimeDelta::minutes(1);
            let free = self
                .free
                .entry(letter.domain().to_owned())
                .or_insert(earliest);
            let turn = (*free).max(earliest) + self.apart;
            *free = turn;
            if turn <= now {
                go.push(letter);
            } else {
                self.turns.insert(letter.id);
                // To the second, so that many are put back by one statement.
                let at = turn + TimeDelta::seconds(1)
                    - TimeDelta::nanoseconds(i64::from(chrono::Timelike::nanosecond(&turn)));
                match wait.iter_mut().find(|(found, _)| *found == at) {
                    Some((_, ids)) => ids.push(letter.id),
                    None => wait.push((at, vec![letter.id])),
                }
            }
        }
        (go, wait)
    }
}
