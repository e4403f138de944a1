//! Sending events to their receivers, in the order of the feed and at least once.
//!
//! Each receiver has a place in the feed. An event that is not taken is put aside and tried again by itself, so that one
//! that a receiver can't digest keeps no other from coming. Where the receiver as a whole does not answer, nothing more is
//! sent until it is tried again, and events wait in the feed in their order.

use std::thread;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde_json::Value;

use super::Webhook;
use super::send::{Outcome, Sender};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{events, webhook_deliveries, webhooks};
use crate::jobs::Work;
use crate::on_either;
use crate::outbox::feed::{self, Stored, Wanted};
use crate::properties::Reference;
use crate::secret;

/// Seconds until the next attempt, after the first, the second … one. After the last an event is given up.
pub const WAITS: [i64; 9] = [10, 30, 120, 600, 1_800, 7_200, 21_600, 43_200, 86_400];
/// A receiver that does not answer is asked again after this many seconds at the latest.
pub const LONGEST_SILENCE: i64 = 1_800;
/// A receiver that took nothing for so long is called no more.
pub const PAUSED_AFTER: TimeDelta = TimeDelta::days(3);
/// Events sent to one receiver before the others are looked at again.
const ROUND: usize = 100;

/// Whether there is something to send.
pub fn has_work(conn: &mut Conn) -> QueryResult<bool> {
    let ready = ready(conn)?;
    let Some(slowest) = ready.iter().map(|webhook| webhook.position).min() else {
        return Ok(false);
    };
    if feed::has_unplaced(conn)? || slowest < feed::newest(conn)? {
        return Ok(true);
    }
    let ids: Vec<i64> = ready.iter().map(|webhook| webhook.id).collect();
    let due = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq_any(ids))
        .filter(webhook_deliveries::next_try_at.le(clock::now()));
    diesel::select(exists(due)).get_result(conn)
}

/// The receivers that may be called now.
fn ready(conn: &mut Conn) -> QueryResult<Vec<Webhook>> {
    webhooks::table
        .filter(webhooks::paused_at.is_null())
        .filter(
            webhooks::retry_at
                .is_null()
                .or(webhooks::retry_at.le(clock::now())),
        )
        .select(Webhook::as_select())
        .load(conn)
}

/// Sends what is to be sent.
pub fn run(work: &Work<'_>) -> Result<(), String> {
    let sender = Sender::default();
    while work.goes_on() && work.read(has_work)? {
        round(work, &sender)?;
    }
    Ok(())
}

/// Sends to all receivers that may be called, so many events to each.
pub fn round(work: &Work<'_>, sender: &Sender) -> Result<(), String> {
    while work.write(feed::place)? > 0 {}
    let ready = work.read(ready)?;
    let reference = work.read(Reference::load)?;
    thread::scope(|scope| {
        let receivers: Vec<_> = ready
            .iter()
            .map(|webhook| scope.spawn(|| Receiver::serve(work, sender, &reference, webhook)))
            .collect();
        let done = receivers.into_iter().map(|receiver| {
            receiver
                .join()
                .unwrap_or_else(|_| Err("it panicked".into()))
        });
        done.collect::<Result<Vec<()>, String>>().map(drop)
    })
}

/// An event put aside.
#[derive(Queryable)]
struct Aside {
    id: i64,
    tries: i64,
    event: Stored,
}

/// One receiver in one round.
struct Receiver<'a> {
    work: &'a Work<'a>,
    sender: &'a Sender,
    reference: &'a Reference,
    webhook: &'a Webhook,
    secret: String,
}

impl<'a> Receiver<'a> {
    fn serve(
        work: &'a Work<'a>,
        sender: &'a Sender,
        reference: &'a Reference,
        webhook: &'a Webhook,
    ) -> Result<(), String> {
        let secret = webhook.secret(work.keys).ok_or_else(|| {
            format!(
                "the secret of webhook {} was sealed with another key",
                webhook.id
            )
        })?;
        let receiver = Self {
            work,
            sender,
            reference,
            webhook,
            secret,
        };
        if receiver.again()? {
            receiver.onwards()?;
        }
        Ok(())
    }

    /// Tries what was put aside and is due; false where the receiver does not answer.
    fn again(&self) -> Result<bool, String> {
        let due: Vec<Aside> = self.work.read(|conn| {
            webhook_deliveries::table
                .inner_join(events::table)
                .filter(webhook_deliveries::webhook_id.eq(self.webhook.id))
                .filter(webhook_deliveries::next_try_at.le(clock::now()))
                .order((events::position, webhook_deliveries::id))
                .limit(ROUND as i64)
                .select((
                    webhook_deliveries::id,
                    webhook_deliveries::tries,
                    Stored::as_select(),
                ))
                .load(conn)
        })?;
        let stored: Vec<Stored> = due.iter().map(|aside| aside.event.clone()).collect();
        for (aside, body) in due.iter().zip(self.told(&stored)?) {
            if !self.work.goes_on() {
                return Ok(false);
            }
            let outcome = self.call(&aside.event, &body);
            self.work.write(|conn| {
                let delivery = webhook_deliveries::table.find(aside.id);
                if outcome.is_taken() {
                    diesel::delete(delivery).execute(conn)?;
                    return self.taken(conn, &outcome, None);
                }
                diesel::update(delivery)
                    .set((
                        webhook_deliveries::tries.eq(aside.tries + 1),
                        webhook_deliveries::next_try_at.eq(next_try(aside.tries + 1)),
                        webhook_deliveries::tried_at.eq(clock::now()),
                        webhook_deliveries::answer.eq(outcome.shown()),
                    ))
                    .execute(conn)?;
                self.refused(conn, &outcome, None)
            })?;
            if outcome.is_down() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Goes on in the feed.
    fn onwards(&self) -> Result<(), String> {
        let (fresh, newest) = self.work.read(|conn| {
            let newest = feed::newest(conn)?;
            let wanted = Wanted {
                kinds: self.webhook.kinds(),
                houses: self.webhook.houses(conn)?,
                only: None,
            };
            let after = self.webhook.position;
            let fresh = feed::between(conn, after, newest, &wanted, ROUND as i64)?;
            Ok((fresh, newest))
        })?;
        for (event, body) in fresh.iter().zip(self.told(&fresh)?) {
            if !self.work.goes_on() {
                return Ok(());
            }
            let outcome = self.call(event, &body);
            self.work.write(|conn| {
                if outcome.is_taken() {
                    return self.taken(conn, &outcome, event.position);
                }
                self.put_aside(conn, event, &outcome)?;
                self.refused(conn, &outcome, event.position)
            })?;
            if outcome.is_down() {
                return Ok(());
            }
        }
        if fresh.len() < ROUND && self.webhook.position < newest {
            // What is not for this receiver is behind it too.
            self.work.write(|conn| {
                diesel::update(webhooks::table.find(self.webhook.id))
                    .set(webhooks::position.eq(newest))
                    .execute(conn)
            })?;
        }
        Ok(())
    }

    fn told(&self, found: &[Stored]) -> Result<Vec<Value>, String> {
        self.work
            .read(|conn| feed::told(conn, self.reference, found))
    }

    fn call(&self, event: &Stored, body: &Value) -> Outcome {
        let webhook = self.webhook;
        self.sender.send(
            &webhook.url,
            webhook.allows_private,
            &self.secret,
            &event.public_id,
            &body.to_string(),
        )
    }

    fn put_aside(&self, conn: &mut Conn, event: &Stored, outcome: &Outcome) -> QueryResult<()> {
        let row = (
            webhook_deliveries::webhook_id.eq(self.webhook.id),
            webhook_deliveries::event_id.eq(event.id),
            webhook_deliveries::tries.eq(1),
            webhook_deliveries::next_try_at.eq(next_try(1)),
            webhook_deliveries::tried_at.eq(clock::now()),
            webhook_deliveries::answer.eq(outcome.shown()),
        );
        // It is there already where another node, taken for dead, did the same.
        on_either!(conn, |c| diesel::insert_into(webhook_deliveries::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
        Ok(())
    }

    fn taken(&self, conn: &mut Conn, outcome: &Outcome, position: Option<i64>) -> QueryResult<()> {
        let now = clock::now();
        diesel::update(webhooks::table.find(self.webhook.id))
            .set((
                webhooks::failures.eq(0),
                webhooks::failing_since.eq(None::<NaiveDateTime>),
                webhooks::retry_at.eq(None::<NaiveDateTime>),
                webhooks::last_tried_at.eq(now),
                webhooks::last_taken_at.eq(now),
                webhooks::last_answer.eq(outcome.shown()),
                position.map(|position| webhooks::position.eq(position)),
            ))
            .execute(conn)?;
        Ok(())
    }

    fn refused(
        &self,
        conn: &mut Conn,
        outcome: &Outcome,
        position: Option<i64>,
    ) -> QueryResult<()> {
        let now = clock::now();
        let (failures, since): (i64, Option<NaiveDateTime>) = webhooks::table
            .find(self.webhook.id)
            .select((webhooks::failures, webhooks::failing_since))
            .first(conn)?;
        let since = since.unwrap_or(now);
        let retry_at = outcome.is_down().then(|| now + silence(failures + 1));
        diesel::update(webhooks::table.find(self.webhook.id))
            .set((
                webhooks::failures.eq(failures + 1),
                webhooks::failing_since.eq(since),
                webhooks::retry_at.eq(retry_at),
                webhooks::last_tried_at.eq(now),
                webhooks::last_answer.eq(outcome.shown()),
                position.map(|position| webhooks::position.eq(position)),
            ))
            .execute(conn)?;
        if now - since >= PAUSED_AFTER {
            log::warn!(
                "webhook {} took nothing since {since} and is paused",
                self.webhook.id
            );
            diesel::update(webhooks::table.find(self.webhook.id))
                .set(webhooks::paused_at.eq(now))
                .execute(conn)?;
        }
        Ok(())
    }
}

/// When an event is tried again after so many attempts; none where it is given up.
fn next_try(tries: i64) -> Option<NaiveDateTime> {
    let index = usize::try_from(tries - 1).ok()?;
    WAITS
        .get(index)
        .map(|seconds| clock::now() + jitter(*seconds))
}

/// How long a receiver is left alone after so many failures.
fn silence(failures: i64) -> TimeDelta {
    let index = usize::try_from(failures - 1).unwrap_or(0);
    let seconds = WAITS.get(index).copied().unwrap_or(LONGEST_SILENCE);
    jitter(seconds.min(LONGEST_SILENCE))
}

/// A fifth more or less, so that not all come at once.
fn jitter(seconds: i64) -> TimeDelta {
    let [dice] = secret::random::<1>();
    let milliseconds = seconds * 800 + seconds * 400 * i64::from(dice) / 255;
    TimeDelta::milliseconds(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_grow_rarer_and_end() {
        assert!(WAITS.is_sorted());
        assert!(next_try(WAITS.len() as i64).is_some());
        assert!(next_try(WAITS.len() as i64 + 1).is_none());
        for _ in 0..100 {
            let wait = silence(1);
            assert!((TimeDelta::seconds(8)..=TimeDelta::seconds(12)).contains(&wait));
            assert!(silence(1_000) <= TimeDelta::seconds(LONGEST_SILENCE * 12 / 10));
        }
    }
}
