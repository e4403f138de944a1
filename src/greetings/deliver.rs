//! Delivery: some lines to the mail server, and one thread that keeps the book.
//!
//! Each line carries one letter after the other. Before a text goes out and after its answer has come, the line asks the
//! book, which writes down what all lines ask for at once in one transaction: a commit is dear, a row in it is not.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use chrono::{NaiveDateTime, TimeDelta};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::sync::oneshot;

use super::letter::{self, Links};
use super::links::House;
use super::message::{self, Addresses, Wire};
use super::outbox::{self, Attempt, Claimed};
use super::settings::Settings;
use super::smtp::{Conversation, Outcome, Server};
use crate::clock;
use crate::config;
use crate::db::Conn;
use crate::jobs::Work;
use crate::secret;

/// Letters taken at once: so many wait again where a process dies.
const BATCH: i64 = 100;
/// Letters over one line; servers close it sooner or later.
const A_LINE: usize = 200;
/// How often the book says that this process lives.
const RENEW: Duration = Duration::from_secs(3);
/// How long nothing is tried where the server can't be reached.
const SILENCE: TimeDelta = TimeDelta::seconds(60);

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
        if let Err(error) = crate::guests::contacts::Email::parse(&from) {
            return Err(format!("INNKEEPER_MAIL_FROM: {error}"));
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
            Outcome::NotOurs => {}
        }
    }

    /// Letters that were tried.
    pub fn tried(&self) -> u64 {
        self.sent + self.deferred + self.bounced + self.uncertain
    }
}

/// What a line asks the book.
enum Ask {
    /// The next letter; none where there is none.
    Next(oneshot::Sender<Option<Claimed>>),
    /// Whether the text may go out; yes only when this is on record.
    HandOver(i64, oneshot::Sender<bool>),
    /// What came of it.
    Done(Box<Attempt>),
    /// The server can't be reached, and why.
    Unreachable(String),
}

/// Sends what is due until nothing is, or the work is to stop. `tell` gets the totals so far.
pub fn run(work: &Work<'_>, post: &Post, tell: &mut dyn FnMut(&Totals)) -> Result<Totals, String> {
    let settings = work.read(Settings::load)?;
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
        };
        let speaker = scope.spawn(move || speak(&letters, lines, sender));
        let mut book = Book::new(work, post, &settings, node);
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

/// Puts letters on the wire.
struct Letters<'a> {
    work: &'a Work<'a>,
    post: &'a Post,
    settings: &'a Settings,
}

impl Letters<'_> {
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

/// Runs all lines on this thread.
fn speak(letters: &Letters<'_>, lines: usize, asks: Sender<Ask>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut all: Vec<_> = (0..lines)
            .map(|_| Box::pin(line(letters, asks.clone())))
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

/// One line: letter after letter, until there is none.
async fn line(letters: &Letters<'_>, asks: Sender<Ask>) {
    let mut open: Option<(AsyncSmtpConnection, usize)> = None;
    while let Some(claimed) = next(&asks).await {
        let wire = match letters.write(&claimed) {
            Ok(wire) => wire,
            Err(why) => {
                done(&asks, claimed, Outcome::NoSuchAddress, why);
                continue;
            }
        };
        if open.is_none() {
            match letters.post.server.connect().await {
                Ok(connection) => open = Some((connection, 0)),
                Err(why) => {
                    let _ = asks.send(Ask::Unreachable(why.clone()));
                    done(&asks, claimed, Outcome::Deferred, why);
                    return;
                }
            }
        }
        let Some((connection, carried)) = open.as_mut() else {
            return;
        };
        let mut conversation = Conversation::new(connection);
        let outcome = conversation
            .hand_over(&wire, may_go(&asks, claimed.id))
            .await;
        let (said, is_open) = (std::mem::take(&mut conversation.said), conversation.is_open);
        *carried += 1;
        let is_worn = *carried >= A_LINE;
        done(&asks, claimed, outcome, said);
        if (!is_open || is_worn)
            && let Some((mut connection, _)) = open.take()
        {
            connection.abort().await;
        }
    }
    if let Some((mut connection, _)) = open {
        connection.abort().await;
    }
}

async fn next(asks: &Sender<Ask>) -> Option<Claimed> {
    let (sender, receiver) = oneshot::channel();
    asks.send(Ask::Next(sender)).ok()?;
    receiver.await.ok()?
}

async fn may_go(asks: &Sender<Ask>, id: i64) -> bool {
    let (sender, receiver) = oneshot::channel();
    asks.send(Ask::HandOver(id, sender)).is_ok() && receiver.await.unwrap_or(false)
}

fn done(asks: &Sender<Ask>, letter: Claimed, outcome: Outcome, said: String) {
    // Where the book is gone, the row says what was on record before; that is what it is for.
    let _ = asks.send(Ask::Done(Box::new(Attempt {
        letter,
        outcome,
        said,
    })));
}

/// Keeps the rows.
struct Book<'a> {
    work: &'a Work<'a>,
    post: &'a Post,
    node: String,
    totals: Totals,
    ready: VecDeque<Claimed>,
    pace: Pace,
    unreachable: Option<String>,
    renewed: Instant,
}

impl<'a> Book<'a> {
    fn new(work: &'a Work<'a>, post: &'a Post, settings: &'a Settings, node: String) -> Self {
        Self {
            work,
            post,
            node,
            totals: Totals::default(),
            ready: VecDeque::new(),
            pace: Pace::new(settings.per_minute),
            unreachable: None,
            renewed: Instant::now(),
        }
    }

    /// Answers until no line is left.
    fn keep(&mut self, asks: &Receiver<Ask>, tell: &mut dyn FnMut(&Totals)) -> Result<(), String> {
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

    /// Writes down what the lines ask for, in one transaction, and answers them.
    fn answer(&mut self, asks: impl Iterator<Item = Ask>) -> Result<(), String> {
        let (mut waiting, mut going, mut attempts) = (Vec::new(), Vec::new(), Vec::new());
        for ask in asks {
            match ask {
                Ask::Next(reply) => waiting.push(reply),
                Ask::HandOver(id, reply) => going.push((id, reply)),
                Ask::Done(attempt) => attempts.push(*attempt),
                Ask::Unreachable(why) => self.unreachable = Some(why),
            }
        }
        let must_renew = self.renewed.elapsed() >= RENEW;
        let ids: Vec<i64> = going.iter().map(|(id, _)| *id).collect();
        if must_renew || !ids.is_empty() || !attempts.is_empty() {
            let allowed = self.work.write(|conn| {
                outbox::settle(conn, &self.node, &attempts)?;
                if must_renew {
                    outbox::renew(conn, &self.node)?;
                    // Another may have died meanwhile.
                    outbox::sweep(conn, &self.node, clock::now())?;
                }
                outbox::hand_over(conn, &self.node, &ids)
            })?;
            if must_renew {
                self.renewed = Instant::now();
            }
            for (id, reply) in going {
                // A line that is gone sends nothing.
                let _ = reply.send(allowed.contains(&id));
            }
            attempts
                .iter()
                .for_each(|attempt| self.totals.count(attempt.outcome));
        }
        for reply in waiting {
            let letter = self.next()?;
            if let Err(Some(unsent)) = reply.send(letter) {
                self.ready.push_front(unsent);
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Claimed>, String> {
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
        Ok(self.ready.pop_front())
    }

    fn claim(&self, conn: &mut Conn) -> diesel::QueryResult<Option<Vec<Claimed>>> {
        // Asked anew each time: whoever presses pause means now.
        let settings = Settings::load(conn)?;
        outbox::claim(conn, &self.node, &self.post.house.from, &settings, BATCH)
    }
}

/// Keeps to so many letters a minute and mail domain.
struct Pace {
    /// Between two letters to one domain.
    apart: TimeDelta,
    /// When the next letter to a domain may go.
    free: HashMap<String, NaiveDateTime>,
    /// Letters whose turn was given already.
    turns: HashSet<i64>,
}

/// Letters that wait for their turn, by the moment it comes.
type Waiting = Vec<(NaiveDateTime, Vec<i64>)>;

impl Pace {
    fn new(per_minute: i64) -> Self {
        Self {
            apart: TimeDelta::microseconds(60_000_000 / per_minute.max(1)),
            free: HashMap::new(),
            turns: HashSet::new(),
        }
    }

    /// Who may go now, and who waits for a turn. A minute's worth may go at once.
    fn sort(&mut self, claimed: Vec<Claimed>, now: NaiveDateTime) -> (Vec<Claimed>, Waiting) {
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
