//! What is heard of letters after a server took them: they came back, or their reader calls them spam.

mod mailbox;

use diesel::prelude::*;

use super::State;
use super::suppressions::{self, Reason, Whom};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{greeting_attempts, greetings};
use crate::text_enum;

pub use mailbox::{letters, read};

/// Who stands for the node where another server tells us.
const NODE: &str = "returned";
/// Characters that are kept of what was told.
const LONGEST: usize = 2_000;

text_enum! {
    /// What is told.
    pub enum Kind {
        /// It could not be delivered.
        Bounce = "bounce",
        /// Its reader calls it spam.
        Complaint = "complaint",
    }
}

/// What another server, or a program that asked it, tells of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What.
    pub kind: Kind,
    /// Which letter, by its `Message-ID`, with its brackets.
    pub message_id: Option<String>,
    /// Else to whom, folded.
    pub address: Option<String>,
    /// Of a bounce: its status (RFC 3463), as 5.1.1.
    pub status: Option<String>,
    /// In words.
    pub detail: String,
}

/// Whether an enhanced status (RFC 3463) says that no letter can ever reach the address: there is no such mailbox or domain,
/// or it is closed. One that is full, or a server that does not like us, says nothing about the address.
pub fn is_about_address(status: &str) -> bool {
    // X.1.7 and X.1.8 are about the sender's address.
    let addressing = status.starts_with("5.1.") && !matches!(status, "5.1.7" | "5.1.8");
    addressing || status == "5.2.1"
}

text_enum! {
    /// What came of a report.
    pub enum Taken {
        /// The address, or the person, is not written to any more.
        Marked = "marked",
        /// The letter counts as come back; the address may still be good.
        Noted = "noted",
        /// It was known.
        Known = "known",
        /// It is about no letter of ours.
        Unknown = "unknown",
    }
}

/// The letter a report is about.
#[derive(Clone, Debug, Queryable)]
pub struct Letter {
    id: i64,
    /// The profile it was for.
    pub guest_id: i64,
    /// The house that wrote.
    pub property_id: i64,
    mailbox: String,
}

/// Finds the letter a report is about: by its `Message-ID`, which only its reader knows, else the last one to the address. What names
/// another letter than ours is not about us, whatever address it names.
pub fn find(conn: &mut Conn, report: &Report) -> QueryResult<Option<Letter>> {
    let mut letters = greetings::table
        .filter(greetings::message_id.is_not_null())
        .order(greetings::id.desc())
        .select((
            greetings::id,
            greetings::guest_id,
            greetings::property_id,
            greetings::mailbox,
        ))
        .into_boxed();
    letters = match (&report.message_id, &report.address) {
        (Some(id), _) => match public_id(id) {
            Some(public_id) => letters
                .filter(greetings::public_id.eq(public_id))
                .filter(greetings::message_id.eq(id)),
            None => return Ok(None),
        },
        (None, Some(address)) => letters
            .filter(greetings::mailbox.eq(address))
            .filter(greetings::state.eq_any([State::Sent, State::Uncertain, State::Bounced])),
        (None, None) => return Ok(None),
    };
    letters.first(conn).optional()
}

/// The id of a letter in its `Message-ID`; there is an index for that one.
fn public_id(message_id: &str) -> Option<&str> {
    let inside = message_id.strip_prefix('<')?;
    Some(inside.split_once('@')?.0)
}

/// Takes a report in: told twice, it stands once. Call it inside a write transaction.
pub fn take(conn: &mut Conn, letter: &Letter, report: &Report) -> QueryResult<Taken> {
    match report.kind {
        Kind::Bounce => came_back(conn, letter, report),
        Kind::Complaint => complained(conn, letter, report),
    }
}

fn came_back(conn: &mut Conn, letter: &Letter, report: &Report) -> QueryResult<Taken> {
    let detail: String = report.detail.chars().take(LONGEST).collect();
    let accepted = greetings::table
        .find(letter.id)
        .filter(greetings::state.eq_any([State::Sent, State::Uncertain]));
    let moved = diesel::update(accepted)
        .set((
            greetings::state.eq(State::Bounced),
            greetings::sent_at.eq(None::<chrono::NaiveDateTime>),
        ))
        .execute(conn)?;
    if moved > 0 {
        diesel::insert_into(greeting_attempts::table)
            .values((
                greeting_attempts::greeting_id.eq(letter.id),
                greeting_attempts::at.eq(clock::now()),
                greeting_attempts::node.eq(NODE),
                greeting_attempts::outcome.eq(State::Bounced),
                greeting_attempts::conversation.eq(&detail),
            ))
            .execute(conn)?;
    }
    let whom = Whom {
        guest_id: None,
        mailbox: Some(&letter.mailbox),
    };
    let is_marked = report.status.as_deref().is_some_and(is_about_address)
        && suppressions::stop(conn, whom, Reason::Bounced, None, Some(&detail), None)?;
    Ok(match (is_marked, moved > 0) {
        (true, _) => Taken::Marked,
        (false, true) => Taken::Noted,
        (false, false) => Taken::Known,
    })
}

/// Neither the person nor the mailbox is written to any more: the mailbox may be on a profile nobody knew was theirs.
fn complained(conn: &mut Conn, letter: &Letter, report: &Report) -> QueryResult<Taken> {
    let detail: String = report.detail.chars().take(LONGEST).collect();
    let person = Whom {
        guest_id: Some(letter.guest_id),
        mailbox: None,
    };
    let mailbox = Whom {
        guest_id: None,
        mailbox: Some(&letter.mailbox),
    };
    let mut is_new = false;
    for whom in [person, mailbox] {
        is_new |= suppressions::stop(conn, whom, Reason::Complained, None, Some(&detail), None)?;
    }
    Ok(if is_new { Taken::Marked } else { Taken::Known })
}

#[cfg(test)]
mod tests {
    use super::is_about_address;

    #[test]
    fn only_what_is_about_the_address_speaks_against_it() {
        for gone in ["5.1.1", "5.1.2", "5.1.10", "5.2.1"] {
            assert!(is_about_address(gone), "{gone}");
        }
        for other in ["5.2.2", "5.1.7", "5.1.8", "5.7.1", "4.1.1", ""] {
            assert!(!is_about_address(other), "{other}");
        }
    }
}
