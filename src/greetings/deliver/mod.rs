//! Delivery: some lines to the mail server, and one thread that keeps the book.
//!
//! Each line carries a stretch of letters, one after the other. Before the first goes out and after the last was answered
//! it asks the book, which writes down what all lines ask for at once in one transaction: a commit is dear, a row in it is
//! not. A process that dies leaves its open stretches in doubt, so a stretch is short: some letters to a server next door,
//! one to a server that takes its time.

mod book;
mod line;
mod pace;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::links::House;
use super::message;
use super::outbox::{self, Attempt, Claimed};
use super::settings::Settings;
use super::smtp::{Outcome, Server};
use crate::config;
use crate::jobs::Work;
use crate::secret;

use book::Book;
use line::Letters;

/// What is needed to send.
#[derive(Clone, Debug)]
pub struct Post {
    /// The server.
    pub server: Server,
    /// Where letters come from and lead to.
    pub house: House,
}

impl Post {
    /// From `SMTP_URL`, `INNKEEPER_MAIL_FROM` and `INNKEEPER_BASE_URL`; none where no server is named.
    pub fn configured() -> Result<Option<Self>, String> {
        let Some(url) = config::variable("SMTP_URL")? else {
            return Ok(None);
        };
        let server = Server::parse(&url)?;
        let needed = |name: &str, what: &str| {
            config::variable(name)?.ok_or_else(|| format!("{name}: {what}"))
        };
        let from = needed(
            "INNKEEPER_MAIL_FROM",
            "set it to the address letters come from, as hello@hotel.example",
        )?;
        let base_url = needed(
            "INNKEEPER_BASE_URL",
            "set it to the address guests reach this server at; letters lead there",
        )?;
        if !message::can_carry(&from) {
            return Err(format!(
                "INNKEEPER_MAIL_FROM: '{from}' is no address letters can come from; write it as hello@hotel.example"
            ));
        }
        Ok(Some(Self {
            server,
            house: House {
                base_url: base_url.trim_end_matches('/').to_owned(),
                from,
            },
        }))
    }
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Accepted by the server.
    pub sent: u64,
    /// To be tried again.
    pub deferred: u64,
    /// Refused for good.
    pub bounced: u64,
    /// Perhaps sent.
    pub uncertain: u64,
}

impl Totals {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Deferred => self.deferred += 1,
            Outcome::Bounced | Outcome::NoSuchAddress => self.bounced += 1,
            Outcome::Uncertain => self.uncertain += 1,
            Outcome::NotBegun => {}
        }
    }

    /// Letters that were tried.
    pub fn tried(&self) -> u64 {
        self.sent + self.deferred + self.bounced + self.uncertain
    }
}

/// What a line tells the book, and asks it for.
#[derive(Default)]
struct Ask {
    /// What came of its letters.
    attempts: Vec<Attempt>,
    /// Letters that were to go and did not.
    back: Vec<Claimed>,
    /// Why the server can't be reached, where it can't.
    unreachable: Option<String>,
    /// How many letters it wants at most, and where to; the answer is none where there are none.
    next: Option<(usize, oneshot::Sender<Option<Vec<Claimed>>>)>,
}

/// Until when no other process takes this one for dead.
struct Lease {
    born: Instant,
    /// Milliseconds later.
    renewed: AtomicU64,
}

impl Lease {
    /// Before it ends, nothing is begun any more.
    const MARGIN: Duration = Duration::from_secs(3);

    fn new() -> Self {
        Self {
            born: Instant::now(),
            renewed: AtomicU64::new(0),
        }
    }

    /// How long ago it was renewed.
    fn age(&self) -> Duration {
        let renewed = Duration::from_millis(self.renewed.load(Ordering::Acquire));
        self.born.elapsed().saturating_sub(renewed)
    }

    /// It was renewed at this moment.
    fn renewed(&self, at: Instant) {
        let later = at.saturating_duration_since(self.born).as_millis();
        self.renewed
            .store(u64::try_from(later).unwrap_or(u64::MAX), Ordering::Release);
    }

    /// Whether a text may go out.
    fn holds(&self) -> bool {
        self.age() + Self::MARGIN < outbox::LEASE.to_std().unwrap_or_default()
    }
}

/// Sends what is due until nothing is, or the work is to stop. `tell` gets the totals so far.
pub fn run(work: &Work<'_>, post: &Post, tell: &mut dyn FnMut(&Totals)) -> Result<Totals, String> {
    let settings = work.read(Settings::load)?;
    let reply_to = post.house.reply_to(&settings);
    if !message::can_carry(reply_to) {
        return Err(format!(
            "'{reply_to}' is no address answers can go to: see /greetings/settings"
        ));
    }
    let lease = Lease::new();
    let (sender, asks) = channel();
    let node = format!(
        "{}-{}",
        std::process::id(),
        secret::hex(&secret::random::<4>())
    );
    thread::scope(|scope| {
        let lines = usize::try_from(settings.connections.clamp(1, 64)).unwrap_or(1);
        let letters = Letters {
            work,
            post,
            settings: &settings,
            lease: &lease,
        };
        let speaker = scope.spawn(move || line::speak(letters, lines, sender));
        let mut book = Book::new(work, post, &settings, &lease, node);
        let kept = book.keep(&asks, tell);
        // Without a book the lines get no more answers, and end.
        drop(asks);
        let spoken = speaker
            .join()
            .map_err(|_| "a line to the mail server panicked".to_owned());
        kept?;
        spoken??;
        match book.unreachable {
            Some(why) if book.totals.tried() == 0 => Err(format!("no letter could be sent: {why}")),
            _ => Ok(book.totals),
        }
    })
}
