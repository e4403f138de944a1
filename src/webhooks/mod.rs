//! Programs that are told of events by a call: who they are, and what did not reach them.

pub mod address;
pub mod deliver;
pub mod send;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use ureq::http::Uri;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{events, properties, webhook_deliveries, webhook_properties, webhooks};
use crate::error::{Fault, FieldError};
use crate::insert_rows;
use crate::outbox::{self, Kind, feed};
use crate::secret::{self, Keys};
use crate::staff::Houses;
use crate::words::Message;

/// Receivers of a group; each is called on a thread of its own.
pub const MOST: i64 = 20;
/// Characters of an address.
const LONGEST: usize = 2_000;

/// A receiver.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = webhooks)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Webhook {
    pub id: i64,
    pub url: String,
    pub secret_sealed: Vec<u8>,
    kinds: String,
    pub all_properties: bool,
    pub allows_private: bool,
    pub position: i64,
    pub failures: i64,
    pub failing_since: Option<NaiveDateTime>,
    pub retry_at: Option<NaiveDateTime>,
    pub paused_at: Option<NaiveDateTime>,
    pub paused_by: Option<i64>,
    pub last_tried_at: Option<NaiveDateTime>,
    pub last_taken_at: Option<NaiveDateTime>,
    pub last_answer: Option<String>,
}

/// A receiver to be made.
#[derive(Clone, Debug)]
pub struct NewWebhook<'a> {
    /// Where it is called.
    pub url: &'a str,
    /// What it is told; none is all.
    pub kinds: &'a [Kind],
    /// Of which houses.
    pub houses: &'a Houses,
    /// Whether it may be on the house's own network.
    pub allows_private: bool,
    /// Who makes it.
    pub by: i64,
}

impl NewWebhook<'_> {
    /// Stores it, and returns its id and its secret, this once. It is told what happens from now on. Call it inside a
    /// write transaction.
    pub fn insert(&self, conn: &mut Conn, keys: &Keys) -> Result<(i64, String), Fault> {
        let known: i64 = webhooks::table.count().get_result(conn)?;
        if known >= MOST {
            return Err(Message::new("refused-webhooks-many")
                .number("most", MOST)
                .into());
        }
        check(self.url, self.allows_private)?;
        while feed::place(conn)? > 0 {}
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        let id: i64 = diesel::insert_into(webhooks::table)
            .values((
                webhooks::url.eq(self.url),
                webhooks::secret_sealed.eq(Vec::new()),
                webhooks::kinds.eq(kinds.join(";")),
                webhooks::all_properties.eq(*self.houses == Houses::All),
                webhooks::allows_private.eq(self.allows_private),
                webhooks::position.eq(feed::newest(conn)?),
                webhooks::created_at.eq(clock::now()),
                webhooks::created_by.eq(self.by),
            ))
            .returning(webhooks::id)
            .get_result(conn)?;
        let secret = format!("whsec_{}", secret::token());
        diesel::update(webhooks::table.find(id))
            .set(webhooks::secret_sealed.eq(keys.seal(&place(id), &secret)))
            .execute(conn)?;
        if let Houses::Only(ids) = self.houses {
            let rows: Vec<_> = ids
                .iter()
                .map(|property_id| {
                    (
                        webhook_properties::webhook_id.eq(id),
                        webhook_properties::property_id.eq(property_id),
                    )
                })
                .collect();
            insert_rows!(conn, webhook_properties::table, rows);
        }
        Ok((id, secret))
    }
}

/// Where a secret is sealed.
fn place(id: i64) -> String {
    format!("webhooks:{id}")
}

/// Refuses an address that could not, or must not, be called.
fn check(url: &str, allows_private: bool) -> Result<(), Fault> {
    let wrong = |key: &'static str| {
        let message = Message::new(key).text("text", url);
        Err(Fault::Invalid(vec![FieldError::new("url", message)]))
    };
    let uri: Result<Uri, _> = url.parse();
    let Ok(uri) = uri else {
        return wrong("error-webhook-url");
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return wrong("error-webhook-url");
    };
    if url.chars().count() > LONGEST || authority.as_str().contains('@') {
        return wrong("error-webhook-url");
    }
    match scheme {
        "https" => {}
        "http" if allows_private => {}
        "http" => return wrong("error-webhook-http"),
        _ => return wrong("error-webhook-url"),
    }
    let host = authority.host().trim_matches(['[', ']']);
    let is_private = host.parse().is_ok_and(|ip| !address::is_public(ip));
    if is_private && !allows_private {
        return wrong("error-webhook-private");
    }
    Ok(())
}

impl Webhook {
    /// All of them, the oldest first.
    pub fn all(conn: &mut Conn) -> QueryResult<Vec<Self>> {
        webhooks::table
            .order(webhooks::id)
            .select(Self::as_select())
            .load(conn)
    }

    /// The one with that id.
    pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Self>> {
        webhooks::table
            .find(id)
            .select(Self::as_select())
            .first(conn)
            .optional()
    }

    /// Whose program it is. The whole address may hold a secret.
    pub fn host(&self) -> String {
        let uri: Option<Uri> = self.url.parse().ok();
        uri.and_then(|uri| Some(uri.authority()?.to_string()))
            .unwrap_or_default()
    }

    /// What it is told; none is all.
    pub fn kinds(&self) -> Vec<Kind> {
        // A kind that a newer node knows is not ours to tell.
        self.kinds
            .split(';')
            .filter_map(|kind| kind.parse().ok())
            .collect()
    }

    /// The codes of its houses; none is every house.
    pub fn property_codes(&self, conn: &mut Conn) -> QueryResult<Vec<String>> {
        webhook_properties::table
            .inner_join(properties::table.on(properties::id.eq(webhook_properties::property_id)))
            .filter(webhook_properties::webhook_id.eq(self.id))
            .order(properties::code)
            .select(properties::code)
            .load(conn)
    }

    fn houses(&self, conn: &mut Conn) -> QueryResult<Houses> {
        if self.all_properties {
            return Ok(Houses::All);
        }
        webhook_properties::table
            .filter(webhook_properties::webhook_id.eq(self.id))
            .select(webhook_properties::property_id)
            .load(conn)
            .map(Houses::Only)
    }

    fn secret(&self, keys: &Keys) -> Option<String> {
        keys.open(&place(self.id), &self.secret_sealed)
    }

    /// Calls it no more, until somebody resumes it; what happens meanwhile waits.
    pub fn pause(&self, conn: &mut Conn, by: i64) -> QueryResult<()> {
        diesel::update(webhooks::table.find(self.id))
            .set((
                webhooks::paused_at.eq(clock::now()),
                webhooks::paused_by.eq(by),
            ))
            .execute(conn)?;
        Ok(())
    }

    /// Calls it again, at once.
    pub fn resume(&self, conn: &mut Conn) -> QueryResult<()> {
        diesel::update(webhooks::table.find(self.id))
            .set((
                webhooks::paused_at.eq(None::<NaiveDateTime>),
                webhooks::paused_by.eq(None::<i64>),
                webhooks::failures.eq(0),
                webhooks::failing_since.eq(None::<NaiveDateTime>),
                webhooks::retry_at.eq(None::<NaiveDateTime>),
            ))
            .execute(conn)?;
        Ok(())
    }

    /// Forgets it, with what waits for it.
    pub fn remove(&self, conn: &mut Conn) -> QueryResult<()> {
        diesel::delete(webhooks::table.find(self.id)).execute(conn)?;
        Ok(())
    }

    /// Has it called once with a test, which is not tried again.
    pub fn try_out(&self, conn: &mut Conn) -> QueryResult<()> {
        let event_id = outbox::for_trying(conn)?;
        diesel::insert_into(webhook_deliveries::table)
            .values((
                webhook_deliveries::webhook_id.eq(self.id),
                webhook_deliveries::event_id.eq(event_id),
                webhook_deliveries::tries.eq(deliver::WAITS.len() as i64),
                webhook_deliveries::next_try_at.eq(clock::now()),
            ))
            .execute(conn)?;
        self.hurry(conn)
    }

    /// Does not wait for the next attempt's turn.
    fn hurry(&self, conn: &mut Conn) -> QueryResult<()> {
        diesel::update(webhooks::table.find(self.id))
            .set(webhooks::retry_at.eq(None::<NaiveDateTime>))
            .execute(conn)?;
        Ok(())
    }

    /// Sends what was given up again, as if for the first time; false where there is no such thing.
    pub fn send_again(&self, conn: &mut Conn, delivery_id: i64) -> QueryResult<bool> {
        let given_up = webhook_deliveries::table
            .find(delivery_id)
            .filter(webhook_deliveries::webhook_id.eq(self.id))
            .filter(webhook_deliveries::next_try_at.is_null());
        let again = diesel::update(given_up)
            .set((
                webhook_deliveries::tries.eq(0),
                webhook_deliveries::next_try_at.eq(clock::now()),
            ))
            .execute(conn)?;
        self.hurry(conn)?;
        Ok(again == 1)
    }
}

/// An event that did not reach a receiver.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Undelivered {
    pub id: i64,
    pub webhook_id: i64,
    pub kind: Kind,
    pub public_id: String,
    pub at: NaiveDateTime,
    pub tries: i64,
    /// None: given up.
    pub next_try_at: Option<NaiveDateTime>,
    pub answer: Option<String>,
}

/// What did not reach its receiver, given up or waiting, the newest first.
pub fn undelivered(conn: &mut Conn, most: i64) -> QueryResult<Vec<Undelivered>> {
    webhook_deliveries::table
        .inner_join(events::table)
        .order((
            webhook_deliveries::next_try_at.is_not_null(),
            webhook_deliveries::id.desc(),
        ))
        .limit(most)
        .select((
            webhook_deliveries::id,
            webhook_deliveries::webhook_id,
            events::kind,
            events::public_id,
            events::at,
            webhook_deliveries::tries,
            webhook_deliveries::next_try_at,
            webhook_deliveries::answer,
        ))
        .load(conn)
}
