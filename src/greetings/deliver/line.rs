//! One line to the mail server: letter after letter, a stretch of them at a time.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::oneshot;

use super::super::letter::{self, Links};
use super::super::message::{self, Addresses, Wire};
use super::super::outbox::{Attempt, Claimed};
use super::super::settings::Settings;
use super::super::smtp::{self, Conversation, Outcome};
use super::{Ask, Lease, Post};
use crate::clock;
use crate::jobs::Work;

/// Letters over one line; servers close it sooner or later.
const A_LINE: usize = 200;
/// Letters of a stretch, at most: so many a line are in doubt where a process dies.
const MOST: usize = 8;
/// How long a stretch may take. A server slower than that gets one letter after the other.
const STRETCH: Duration = Duration::from_millis(50);

/// What all lines share.
#[derive(Clone, Copy)]
pub(super) struct Letters<'a> {
    pub work: &'a Work<'a>,
    pub post: &'a Post,
    pub settings: &'a Settings,
    pub lease: &'a Lease,
}

impl Letters<'_> {
    /// Puts a letter on the wire.
    fn write(&self, claimed: &Claimed) -> Result<Wire, String> {
        let facts: letter::Facts =
            serde_json::from_str(&claimed.facts).map_err(|error| error.to_string())?;
        let house = &self.post.house;
        let links = Links {
            unsubscribe: house.unsubscribe(self.work.keys, &claimed.public_id),
            me: house.me(self.work.keys, &claimed.public_id, clock::now()),
        };
        let rendered = letter::render(
            claimed.occasion,
            claimed.language,
            &facts,
            self.settings,
            &links,
        )
        .map_err(|error| error.to_string())?;
        let sender = if self.settings.sender.is_empty() {
            &facts.house
        } else {
            &self.settings.sender
        };
        let addresses = Addresses {
            from: &house.from,
            sender,
            reply_to: house.reply_to(self.settings),
            to: &claimed.address,
            name: &facts.name,
        };
        let id = claimed.message_id.as_deref().unwrap_or_default();
        message::build(
            &rendered,
            &addresses,
            id,
            &links.unsubscribe,
            SystemTime::now(),
        )
    }
}

/// A line, from its first letter to its last.
pub(super) struct Line<'a> {
    letters: Letters<'a>,
    asks: Sender<Ask>,
    open: Option<(smtp::Line, usize)>,
    /// What the book is to be told.
    ask: Ask,
}

impl<'a> Line<'a> {
    pub fn new(letters: Letters<'a>, asks: Sender<Ask>) -> Self {
        Self {
            letters,
            asks,
            open: None,
            ask: Ask::default(),
        }
    }

    /// Carries letters until there are none, or the server can't be reached.
    pub async fn run(mut self) {
        let mut most = 1;
        while let Some(stretch) = self.next(most).await {
            let begun = Instant::now();
            for letter in stretch {
                if self.ask.unreachable.is_none() && begun.elapsed() < STRETCH {
                    self.carry(letter).await;
                } else {
                    self.ask.back.push(letter);
                }
            }
            if self.ask.unreachable.is_some() {
                break;
            }
            most = if begun.elapsed() < STRETCH / 2 {
                MOST.min(most * 2)
            } else {
                1.max(most / 2)
            };
        }
        // Where the book is gone, the rows say what was on record before; that is what they are for.
        let _ = self.asks.send(self.ask);
        if let Some((line, _)) = self.open {
            line.close().await;
        }
    }

    /// Tells the book what came of the last stretch, and gets the next; none where there is none.
    async fn next(&mut self, most: usize) -> Option<Vec<Claimed>> {
        let (sender, receiver) = oneshot::channel();
        let mut ask = std::mem::take(&mut self.ask);
        ask.next = Some((most, sender));
        self.asks.send(ask).ok()?;
        receiver.await.ok()?
    }

    /// Hands one letter over.
    async fn carry(&mut self, letter: Claimed) {
        let wire = match self.letters.write(&letter) {
            Ok(wire) => wire,
            Err(why) => {
                let outcome = if message::can_carry(&letter.address) {
                    Outcome::Bounced
                } else {
                    Outcome::NoSuchAddress
                };
                return self.done(letter, outcome, why);
            }
        };
        if self.open.is_none() {
            match self.letters.post.server.connect().await {
                Ok(line) => self.open = Some((line, 0)),
                Err(why) => {
                    self.ask.unreachable = Some(why.clone());
                    return self.done(letter, Outcome::Deferred, why);
                }
            }
        }
        let Some((line, carried)) = self.open.as_mut() else {
            return;
        };
        *carried += 1;
        let is_worn = *carried >= A_LINE;
        let mut conversation = Conversation::new(line);
        let lease = self.letters.lease;
        let outcome = conversation.hand_over(&wire, || lease.holds()).await;
        let (said, is_open) = (std::mem::take(&mut conversation.said), conversation.is_open);
        self.done(letter, outcome, said);
        if (!is_open || is_worn)
            && let Some((line, _)) = self.open.take()
        {
            line.close().await;
        }
    }

    fn done(&mut self, letter: Claimed, outcome: Outcome, said: String) {
        if outcome == Outcome::NotBegun {
            self.ask.back.push(letter);
        } else {
            self.ask.attempts.push(Attempt {
                letter,
                outcome,
                said,
            });
        }
    }
}

/// Runs all lines on this thread.
pub(super) fn speak(letters: Letters<'_>, lines: usize, asks: Sender<Ask>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut all: Vec<_> = (0..lines)
            .map(|_| Box::pin(Line::new(letters, asks.clone()).run()))
            .collect();
        drop(asks);
        // All at once on one thread: a line mostly waits.
        std::future::poll_fn(|context| {
            all.retain_mut(|line| line.as_mut().poll(context).is_pending());
            if all.is_empty() {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    });
    Ok(())
}
