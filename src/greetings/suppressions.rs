//! Who is not written to, whatever was agreed: because they stopped it, because letters come back, or because it would hurt.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Purpose;
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{guest_contacts, suppressions, users};
use crate::text_enum;

use super::outbox::{self, Recalled};
use super::plan::WhyNot;

text_enum! {
    /// Why.
    pub enum Reason {
        /// The guest stopped the letters.
        Unsubscribed = "unsubscribed",
        /// A server refused the address for good.
        Bounced = "bounced",
        /// The guest's mail program called a letter spam.
        Complained = "complained",
        /// The guest has died.
        Deceased = "deceased",
        /// The guest asked to be forgotten.
        Erased = "erased",
        /// The staff decided so.
        Staff = "staff",
    }
}

impl Reason {
    /// As the plan says it.
    pub fn why_not(self) -> WhyNot {
        match self {
            Self::Unsubscribed => WhyNot::Unsubscribed,
            Self::Bounced => WhyNot::Bounced,
            Self::Complained => WhyNot::Complained,
            Self::Deceased => WhyNot::Deceased,
            Self::Erased => WhyNot::Erased,
            Self::Staff => WhyNot::Staff,
        }
    }

    /// Whether the staff may say so of a guest.
    pub fn is_for_staff(self) -> bool {
        matches!(self, Self::Deceased | Self::Staff)
    }
}

/// Something that stands against letters to a person.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Stop {
    pub id: i64,
    pub reason: Reason,
    pub purpose: Option<Purpose>,
    pub detail: Option<String>,
    pub made_at: NaiveDateTime,
    /// Who of the staff said so.
    pub by: Option<String>,
}

impl Stop {
    /// Whether the staff may take it back: what the guest said, only the guest takes back.
    pub fn may_be_lifted(&self) -> bool {
        self.reason.is_for_staff() || self.reason == Reason::Bounced
    }
}

/// All that stands against letters to these profiles of a person, and to their mailboxes; the newest first.
pub fn of_person(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Stop>> {
    let mailboxes = guest_contacts::table
        .filter(guest_contacts::guest_id.eq_any(ids))
        .filter(guest_contacts::kind.eq("email"))
        .select(guest_contacts::folded.nullable());
    let own = suppressions::guest_id.eq_any(ids.iter().map(|id| Some(*id)));
    let of_mailbox = suppressions::guest_id
        .is_null()
        .and(suppressions::mailbox.eq_any(mailboxes));
    suppressions::table
        .left_join(users::table.on(suppressions::made_by.eq(users::id.nullable())))
        .filter(suppressions::lifted_at.is_null())
        .filter(own.or(of_mailbox))
        .order(suppressions::id.desc())
        .select((
            suppressions::id,
            suppressions::reason,
            suppressions::purpose,
            suppressions::detail,
            suppressions::made_at,
            users::display_name.nullable(),
        ))
        .load(conn)
}

/// Takes one back. Call it inside a write transaction.
pub fn lift(conn: &mut Conn, id: i64) -> QueryResult<()> {
    diesel::update(suppressions::table.find(id))
        .set(suppressions::lifted_at.eq(clock::now()))
        .execute(conn)?;
    Ok(())
}

/// Whom it is about: a person, a mailbox, or both.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whom<'a> {
    /// The profile.
    pub guest_id: Option<i64>,
    /// The folded address.
    pub mailbox: Option<&'a str>,
}

/// Stops letters; said twice, it stands once. Call it inside a write transaction.
pub fn stop(
    conn: &mut Conn,
    whom: Whom<'_>,
    reason: Reason,
    purpose: Option<Purpose>,
    detail: Option<&str>,
    by: Option<i64>,
) -> QueryResult<bool> {
    let mut same = suppressions::table
        .filter(suppressions::lifted_at.is_null())
        .filter(suppressions::reason.eq(reason))
        .into_boxed();
    same = match whom.guest_id {
        Some(id) => same.filter(suppressions::guest_id.eq(id)),
        None => same.filter(suppressions::guest_id.is_null()),
    };
    same = match whom.mailbox {
        Some(mailbox) => same.filter(suppressions::mailbox.eq(mailbox)),
        None => same.filter(suppressions::mailbox.is_null()),
    };
    let standing: Vec<Option<Purpose>> = same.select(suppressions::purpose).load(conn)?;
    if standing.contains(&None) || standing.contains(&purpose) {
        return Ok(false);
    }
    diesel::insert_into(suppressions::table)
        .values((
            suppressions::guest_id.eq(whom.guest_id),
            suppressions::mailbox.eq(whom.mailbox),
            suppressions::reason.eq(reason),
            suppressions::purpose.eq(purpose),
            suppressions::detail.eq(detail),
            suppressions::made_at.eq(clock::now()),
            suppressions::made_by.eq(by),
        ))
        .execute(conn)?;
    if let Some(mailbox) = whom.mailbox {
        outbox::recall(conn, Recalled::Mailbox(mailbox))?;
    }
    if let Some(guest_id) = whom.guest_id {
        outbox::recall(conn, Recalled::Person(guest_id))?;
    }
    Ok(true)
}

/// What holds against these profiles and mailboxes: profile, mailbox, reason and purpose.
pub type Standing = (Option<i64>, Option<String>, Reason, Option<Purpose>);

/// All that holds against these profiles and mailboxes.
pub fn standing(
    conn: &mut Conn,
    guest_ids: &[i64],
    mailboxes: &[String],
) -> QueryResult<Vec<Standing>> {
    let columns = (
        suppressions::guest_id,
        suppressions::mailbox,
        suppressions::reason,
        suppressions::purpose,
    );
    let open = suppressions::table.filter(suppressions::lifted_at.is_null());
    let mut found: Vec<Standing> = open
        .filter(suppressions::guest_id.eq_any(guest_ids.iter().map(|id| Some(*id))))
        .select(columns)
        .load(conn)?;
    found.extend(
        open.filter(suppressions::guest_id.is_null())
            .filter(
                suppressions::mailbox
                    .eq_any(mailboxes.iter().map(|mailbox| Some(mailbox.as_str()))),
            )
            .select(columns)
            .load::<Standing>(conn)?,
    );
    Ok(found)
}
