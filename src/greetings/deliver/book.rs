//! The book: the rows of the letters in hand, kept by one thread for all lines.

use std::collections::{HashSet, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
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
/// How long a write that failed waits for the next attempt.
const AGAIN: Duration = Duration::from_millis(200);
/// How long nothing is tried where the server can't be reached.
const SILENCE: TimeDelta = TimeDelta::seconds(60);

pub(super) struct Book<'a> {
    work: &'a Work<'a>,
    post: &'a Post,
    lease: &'a Lease,
    node: String,
    ready: VecDeque<Claimed>,
    pace: Pace,
    /// Whether there is nothing more to take.
    is_over: bool,
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
            is_over: false,
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
        self.work.write(|conn| {
            outbox::sweep(conn, &self.node, clock::now())?;
            outbox::drop_late(conn, clock::now())
        })?;
        loop {
            let first = match asks.recv_timeout(RENEW) {
                Ok(ask) => Some(ask),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            self.answer(first.into_iter().chain(asks.try_iter()))?;
            tell(&self.totals);
        }
        let at = if self.unreachable.is_some() {
            clock::now() + SILENCE
        } else {
            clock::now()
        };
        let left: Vec<i64> = self.ready.drain(..).map(|letter| letter.id).collect();
        self.work
            .write(|conn| outbox::put_back(conn, &self.node, &left, at))
    }

    /// Writes down what came of letters, and which go out next, in one transaction; then the lines are told.
    fn answer(&mut self, asks: impl Iterator<Item = Ask>) -> Result<(), String> {
        let (mut attempts, mut back, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for ask in asks {
            attempts.extend(ask.attempts);
            back.extend(ask.back.into_iter().map(|letter| letter.id));
            waiting.extend(ask.next);
            self.unreachable = ask.unreachable.or(self.unreachable.take());
        }
        self.pace.keep_turns(&back);
        // What came of letters is written down also where no other can be taken.
        let taken = self.fill(waiting.iter().map(|(most, _)| most).sum());
        let (mut going, mut stretches) = (Vec::new(), Vec::new());
        for (most, reply) in waiting {
            let stretch = self.stretch(most);
            going.extend(stretch.iter().flatten().map(|letter| letter.id));
            stretches.push((stretch, reply));
        }
        let must_renew = self.lease.age() >= RENEW;
        let mut allowed = HashSet::new();
        if must_renew || !going.is_empty() || !attempts.is_empty() || !back.is_empty() {
            let now = Instant::now();
            allowed = self.insist(|conn| {
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
        taken
    }

    /// Writes, and tries again while the lease holds: what a server accepted must not be forgotten for a busy database.
    fn insist<T>(&self, f: impl Fn(&mut Conn) -> diesel::QueryResult<T>) -> Result<T, String> {
        loop {
            match self.work.write(&f) {
                Err(_) if self.lease.holds() => thread::sleep(AGAIN),
                written => return written,
            }
        }
    }

    /// Takes letters for so many at most. Once there were none the run ends for all lines: the next begins with all of them.
    fn fill(&mut self, wanted: usize) -> Result<(), String> {
        let has_enough = wanted == 0 || !self.ready.is_empty();
        if has_enough || self.is_over || self.must_end() {
            return Ok(());
        }
        let Some(claimed) = self.work.write(|conn| self.claim(conn))? else {
            self.is_over = true;
            return Ok(());
        };
        let (go, wait) = self.pace.sort(claimed, clock::now());
        if !wait.is_empty() {
            self.work.write(|conn| {
                let mut wait = wait.iter();
                wait.try_for_each(|(at, ids)| outbox::put_back(conn, &self.node, ids, *at))
            })?;
        }
        self.ready.extend(go);
        Ok(())
    }

    /// The next letters for a line; none where the run is over. They may be none for now, where all that were taken wait.
    fn stretch(&mut self, most: usize) -> Option<Vec<Claimed>> {
        if self.must_end() || self.is_over && self.ready.is_empty() {
            return None;
        }
        let count = most.min(self.ready.len());
        Some(self.ready.drain(..count).collect())
    }

    fn must_end(&self) -> bool {
        !self.work.goes_on() || self.unreachable.is_some()
    }

    fn claim(&self, conn: &mut Conn) -> diesel::QueryResult<Option<Vec<Claimed>>> {
        // Asked anew each time: whoever presses pause means now.
        let settings = Settings::load(conn)?;
        outbox::claim(conn, &self.node, &self.post.house.from, &settings, BATCH)
    }
}
