//! A guest's no and yes: at once effective, on record with source, wording and time, and never undone by a file.

use diesel::prelude::*;

use super::suppressions::{self, Reason, Whom};
use super::{Occasion, Purpose};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{consents, greetings, guests, suppressions as stops};
use crate::guests::consents::BY_GUEST;
use crate::words::Language;

/// The letter a guest answers, and what holds for its mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The profile it was for.
    pub guest_id: i64,
    /// The mailbox it went to.
    pub mailbox: String,
    /// In which language.
    pub language: Language,
    /// What it was about.
    pub purpose: Purpose,
    /// What the mailbox no longer gets.
    pub stopped: Vec<Purpose>,
}

impl Choice {
    /// Of the letter with that id.
    pub fn of_letter(conn: &mut Conn, public_id: &str) -> QueryResult<Option<Self>> {
        let letter: Option<(i64, String, Language, Occasion)> = greetings::table
            .filter(greetings::public_id.eq(public_id))
            .select((
                greetings::guest_id,
                greetings::mailbox,
                greetings::language,
                greetings::occasion,
            ))
            .first(conn)
            .optional()?;
        let Some((guest_id, mailbox, language, occasion)) = letter else {
            return Ok(None);
        };
        let standing = suppressions::standing(conn, &[], std::slice::from_ref(&mailbox))?;
        let own = standing
            .into_iter()
            .filter(|stop| stop.2 == Reason::Unsubscribed);
        let mut stopped: Vec<Purpose> = own.filter_map(|stop| stop.3).collect();
        stopped.sort();
        stopped.dedup();
        Ok(Some(Self {
            guest_id,
            mailbox,
            language,
            purpose: occasion.purpose(),
            stopped,
        }))
    }

    /// Whether the mailbox still gets letters of a kind.
    pub fn gets(&self, purpose: &Purpose) -> bool {
        !self.stopped.contains(purpose)
    }

    /// Stops letters to the mailbox and to the guest; `wording` is what they were shown. Call it inside a write transaction.
    pub fn stop(
        &mut self,
        conn: &mut Conn,
        purposes: &[Purpose],
        wording: &str,
    ) -> QueryResult<()> {
        for purpose in purposes {
            let whom = Whom {
                guest_id: None,
                mailbox: Some(&self.mailbox),
            };
            let (reason, about) = (Reason::Unsubscribed, Some(*purpose));
            let is_new = suppressions::stop(conn, whom, reason, about, None, None)?;
            // Somebody else who reads the mailbox may have stopped it before: this one's word counts as well.
            if is_new || self.last_said(conn, *purpose)? != Some(false) {
                self.say(conn, *purpose, false, wording)?;
            }
            if self.gets(purpose) {
                self.stopped.push(*purpose);
            }
        }
        Ok(())
    }

    /// What the guest said last, as far as they said something.
    fn last_said(&self, conn: &mut Conn, purpose: Purpose) -> QueryResult<Option<bool>> {
        let person = guests::table.find(self.guest_id).select(guests::person_id);
        consents::table
            .filter(consents::guest_id.eq_any(person))
            .filter(consents::purpose.eq(purpose))
            .filter(consents::channel.eq("email"))
            .filter(consents::source.eq(BY_GUEST))
            .order(consents::id.desc())
            .select(consents::granted)
            .first(conn)
            .optional()
    }

    /// Takes letters up again. Call it inside a write transaction.
    pub fn resume(
        &mut self,
        conn: &mut Conn,
        purposes: &[Purpose],
        wording: &str,
    ) -> QueryResult<()> {
        for purpose in purposes {
            let standing = stops::table
                .filter(stops::lifted_at.is_null())
                .filter(stops::mailbox.eq(&self.mailbox))
                .filter(stops::reason.eq(Reason::Unsubscribed))
                .filter(stops::purpose.eq(purpose));
            let lifted = diesel::update(standing)
                .set(stops::lifted_at.eq(clock::now()))
                .execute(conn)?;
            if lifted > 0 {
                self.say(conn, *purpose, true, wording)?;
                self.stopped.retain(|stopped| stopped != purpose);
            }
        }
        Ok(())
    }

    /// Writes the guest's word down, with the person: it is read through all their profiles.
    fn say(
        &self,
        conn: &mut Conn,
        purpose: Purpose,
        granted: bool,
        wording: &str,
    ) -> QueryResult<()> {
        let person: i64 = guests::table
            .find(self.guest_id)
            .select(guests::person_id)
            .first(conn)?;
        diesel::insert_into(consents::table)
            .values((
                consents::guest_id.eq(person),
                consents::channel.eq("email"),
                consents::purpose.eq(purpose),
                consents::granted.eq(granted),
                consents::source.eq(BY_GUEST),
                consents::wording.eq(wording),
                consents::recorded_at.eq(clock::now()),
            ))
            .execute(conn)?;
        Ok(())
    }
}
