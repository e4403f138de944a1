//! The book: the rows of the letters in hand, kept by one thread for all lines.

use std::collections::{HashSet, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::super::outbox::{self, Claimed};
use super::super::settings::Settings;
use super::pace::Pace;
use super::{Ask, Lease, Post, Totals};
use crate::clock;
use crate::db::Conn;
use crate::jobs::Work;

/// Letters taken at once: so many wait again where a process dies.
const BATCH: i64 = 400;
/// How often the book says that this process lives.
const RENEW: Duration = Duration::from_secs(3);
/// How long nothing is tried where the server can't be reached.
const SILENCE: TimeDelta = TimeDelta::seconds(60);

pub(super) struct Book<'a> {
    work: &'a Work<'a>,
    post: &'a Post,
    lease: &'a Lease,
    node: String,
    ready: VecDeque<Claimed>,
    pace: Pace,
    pub totals: Totals,
    pub unreachable: Option<String>,
}

impl<'a> Book<'a> {
    pub fn new(
        work: &'a Work<'a>,
        post: &'a Post,
        settings: &Settings,
        lease: &'a Lease,
        node: String,
    ) -> Self {
        Self {
            work,
            post,
            lease,
            node,
            ready: VecDeque::new(),
            pace: Pace::new(settings.per_minute),
            totals: Totals::default(),
            unreachable: None,
        }
    }

    /// Answers until no line is left.
    pub fn keep(
        &mut self,
        asks: &Receiver<Ask>,
        tell: &mut dyn FnMut(&Totals),
    ) -> Result<(), String> {
        self.work
            .write(|conn| outbox::sweep(conn, &self.node, clock::now()))?;
        loop {
            let first = match asks.recv_timeout(RENEW) {
                Ok(ask) => Some(ask),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            self.answer(first.into_iter().chain(asks.try_iter()))?;
            tell(&self.totals);
        }
        let left: Vec<i64> = self.ready.drain(..).map(|letter| letter.id).collect();
        if left.is_empty() {
            return Ok(());
        }
        let at = if self.unreachable.is_some() {
            clock::now() + SILENCE
        } else {
            clock::now()
        };
        self.work
            .write(|conn| outbox::put_back(conn, &self.node, &left, at))
    }

    /// Writes down what came of letters, and which go out next, in one transaction; then the lines are told.
    fn answer(&mut self, asks: impl Iterator<Item = Ask>) -> Result<(), String> {
        let (mut attempts, mut back, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for ask in asks {
            attempts.extend(ask.attempts);
            back.extend(ask.back);
            waiting.extend(ask.next);
            self.unreachable = ask.unreachable.or(self.unreachable.take());
        }
        let (mut going, mut stretches) = (Vec::new(), Vec::new());
        for (most, reply) in waiting {
            let stretch = self.take(most)?;
            going.extend(stretch.iter().flatten().map(|letter| letter.id));
            stretches.push((stretch, reply));
        }
        let back: Vec<i64> = back.iter().map(|letter: &Claimed| letter.id).collect();
        self.pace.keep_turns(&back);
        let must_renew = self.lease.age() >= RENEW;
        let mut allowed = HashSet::new();
        if must_renew || !going.is_empty() || !attempts.is_empty() || !back.is_empty() {
            let now = Instant::now();
            allowed = self.work.write(|conn| {
                outbox::settle(conn, &self.node, &attempts)?;
                outbox::put_back(conn, &self.node, &back, clock::now())?;
                if must_renew {
                    outbox::renew(conn, &self.node)?;
                    // Another may have died meanwhile.
                    outbox::sweep(conn, &self.node, clock::now())?;
                }
                outbox::hand_over(conn, &self.node, &going)
            })?;
            if must_renew {
                self.lease.renewed(now);
            }
            attempts
                .iter()
                .for_each(|attempt| self.totals.count(attempt.outcome));
        }
        for (mut stretch, reply) in stretches {
            if let Some(letters) = &mut stretch {
                letters.retain(|letter| allowed.contains(&letter.id));
            }
            // A line that is gone sends nothing; its letters are in doubt, as a dead process's are.
            let _ = reply.send(stretch);
        }
        Ok(())
    }

    /// The next letters for a line; none where there are none.
    fn take(&mut self, most: usize) -> Result<Option<Vec<Claimed>>, String> {
        if !self.work.goes_on() || self.unreachable.is_some() {
            return Ok(None);
        }
        while self.ready.is_empty() {
            let Some(claimed) = self.work.write(|conn| self.claim(conn))? else {
                return Ok(None);
            };
            let (go, wait) = self.pace.sort(claimed, clock::now());
            for (at, ids) in wait {
                self.work
                    .write(|conn| outbox::put_back(conn, &self.node, &ids, at))?;
            }
            self.ready.extend(go);
        }
        let count = most.min(self.ready.len());
        Ok(Some(self.ready.drain(..count).collect()))
    }

    fn claim(&self, conn: &mut Conn) -> diesel::QueryResult<Option<Vec<Claimed>>> {
        // Asked anew each time: whoever presses pause means now.
        let settings = Settings::load(conn)?;
        outbox::claim(conn, &self.node, &self.post.house.from, &settings, BATCH)
    }
}
