//! What a guest may see of what is known about them, and put right. What they say is evidence that they stated.

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::Purpose;
use super::choices::Choice;
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{audit_log, greetings, guest_contacts, guests, properties};
use crate::error::{Fault, FieldError};
use crate::guests::contacts::{self, Contact};
use crate::guests::preferences::{self, NewPreference, Source, Strength, Verdict};
use crate::guests::profile;
use crate::guests::typed::TypedGuest;
use crate::guests::{Guest, changes, person};
use crate::loyalty::account;
use crate::secret::Keys;
use crate::staff::audit::Line;
use crate::vocabulary;
use crate::words::{Language, Message};

/// What is on record where a guest takes something away, and where that is a contact.
const REMOVES: &str = "guest_removes";
const CONTACT: &str = "contact";

/// A wish as the guest sees it: without what the staff wrote beside it.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The evidence.
    pub id: i64,
    /// What.
    pub code: String,
    /// Whether they want it, or want it kept away.
    pub is_wanted: bool,
    /// Whether it is an allergy.
    pub is_allergy: bool,
    /// When it was last known to hold.
    pub as_of: NaiveDate,
}

/// What is known about a guest.
#[derive(Clone, Debug)]
pub struct About {
    /// Who.
    pub guest: Guest,
    /// In which language they were written to.
    pub language: Language,
    /// How they are reached; agencies' relays left out.
    pub contacts: Vec<Contact>,
    /// What they wish for.
    pub wishes: Vec<Wish>,
    /// The account's number, tier and points.
    pub account: Option<(String, String, i64)>,
    /// Letters they get or no longer get.
    pub choice: Choice,
    /// The business date of the house that wrote.
    pub today: NaiveDate,
}

impl About {
    /// The guest of the letter with that id.
    pub fn of_letter(conn: &mut Conn, public_id: &str) -> QueryResult<Option<Self>> {
        let Some(choice) = Choice::of_letter(conn, public_id)? else {
            return Ok(None);
        };
        let person_id: i64 = guests::table
            .find(choice.guest_id)
            .select(guests::person_id)
            .first(conn)?;
        if !is_theirs(conn, &choice.mailbox, person_id)? {
            return Ok(None);
        }
        let profiles = person::profiles(conn, &[person_id])?;
        let Some(guest) = person::of(profiles.iter()) else {
            return Ok(None);
        };
        let ids: Vec<i64> = profiles.iter().map(|profile| profile.guest.id).collect();
        let mut contacts = contacts::of_guests(conn, &ids)?;
        contacts.retain(|contact| !contact.masked);
        let mut seen = Vec::new();
        contacts.retain(|contact| {
            let is_new = !seen.contains(&contact.value);
            seen.push(contact.value.clone());
            is_new
        });
        let mut wishes: Vec<Wish> = Vec::new();
        for preference in preferences::of_persons(conn, &[person_id])? {
            if wishes.iter().all(|wish| wish.code != preference.code) {
                wishes.push(Wish {
                    id: preference.id,
                    is_wanted: preference.is_wanted(),
                    is_allergy: preference.is_allergy(),
                    as_of: preference.as_of(),
                    code: preference.code,
                });
            }
        }
        let accounts = account::of_persons(conn, &[person_id])?;
        let account = accounts
            .into_iter()
            .next()
            .map(|account| (account.number, account.tier, account.points));
        let house: crate::properties::Property = greetings::table
            .inner_join(properties::table)
            .filter(greetings::public_id.eq(public_id))
            .select(crate::properties::Property::as_select())
            .first(conn)?;
        Ok(Some(Self {
            guest,
            language: choice.language,
            contacts,
            wishes,
            account,
            today: house.business_date(clock::now()),
            choice,
        }))
    }

    /// The guest speaks, from an address.
    pub fn guest_says<'a>(&'a self, address: &'a str) -> Says<'a> {
        Says {
            about: self,
            address,
        }
    }
}

/// Whether the mailbox a letter went to is the guest's own, or was until they took it away themselves. Else somebody else may
/// read that letter: its address was corrected since, or profiles that were put together by mistake are apart again.
fn is_theirs(conn: &mut Conn, mailbox: &str, person_id: i64) -> QueryResult<bool> {
    let readers: Vec<i64> = guest_contacts::table
        .inner_join(guests::table)
        .filter(guest_contacts::kind.eq("email"))
        .filter(guest_contacts::folded.eq(mailbox))
        .select(guests::person_id)
        .load(conn)?;
    if !readers.is_empty() {
        return Ok(readers.contains(&person_id));
    }
    let taken_away = audit_log::table
        .filter(audit_log::guest_id.eq(person_id))
        .filter(audit_log::action.eq(REMOVES))
        .filter(audit_log::detail.eq(CONTACT));
    diesel::select(exists(taken_away)).get_result(conn)
}

/// What a guest says. Each is called inside a write transaction.
pub struct Says<'a> {
    about: &'a About,
    address: &'a str,
}

impl Says<'_> {
    fn record(&self, conn: &mut Conn, action: &'static str, detail: &str) -> QueryResult<()> {
        Line::by_guest(action)
            .guest(self.about.guest.person_id)
            .detail(detail)
            .from(self.address)
            .insert(conn)
    }

    /// A wish still holds, or does not.
    pub fn judge(&self, conn: &mut Conn, id: i64, still_holds: bool) -> Result<(), Fault> {
        let about = self.about;
        let wish = about
            .wishes
            .iter()
            .find(|wish| wish.id == id)
            .ok_or(Fault::NotFound)?;
        if still_holds {
            self.state(conn, &wish.code, wish.is_wanted)?;
            return Ok(self.record(conn, "guest_confirms", &wish.code)?);
        }
        let person_id = about.guest.person_id;
        // All evidence of it, also of another kind.
        for other in preferences::of_persons(conn, &[person_id])? {
            if other.code == wish.code {
                let over = Verdict::Retire;
                preferences::judge(conn, person_id, other.id, over, None, about.today)?;
            }
        }
        Ok(self.record(conn, REMOVES, &wish.code)?)
    }

    /// A new wish, in the words of the house.
    pub fn wish(&self, conn: &mut Conn, text: &str) -> Result<(), Fault> {
        let text = text.trim();
        let unknown = || {
            let message = Message::new("error-wish").text("text", text);
            Fault::Invalid(vec![FieldError::new("wish", message)])
        };
        let feature = vocabulary::find(text).ok_or_else(unknown)?;
        self.state(conn, feature.code, true)?;
        Ok(self.record(conn, "guest_adds", feature.code)?)
    }

    /// Notes a wish as stated by the guest.
    fn state(&self, conn: &mut Conn, code: &str, is_wanted: bool) -> QueryResult<()> {
        let need = vocabulary::get(code).is_some_and(|feature| feature.need);
        NewPreference {
            guest_id: self.about.guest.person_id,
            code,
            strength: match (is_wanted, need) {
                (true, true) => Strength::Must,
                (true, false) => Strength::Prefer,
                (false, true) => Strength::Never,
                (false, false) => Strength::Avoid,
            },
            source: Source::Stated,
            property_id: None,
            noted_at: None,
            stay_id: None,
            noted_on: self.about.today,
            noted_by: None,
            note: None,
            seen: (1, 1),
        }
        .note(conn)
        .map(drop)
    }

    /// A contact is no longer theirs.
    pub fn forget(&self, conn: &mut Conn, contact: &str) -> Result<(), Fault> {
        let is_theirs = self
            .about
            .contacts
            .iter()
            .any(|known| known.value == contact);
        if !is_theirs {
            return Err(Fault::NotFound);
        }
        for profile in person::profiles(conn, &[self.about.guest.person_id])? {
            if contacts::retire(conn, profile.guest.id, contact)? > 0 {
                profile::rekey(conn, profile.guest.id)?;
            }
        }
        Ok(self.record(conn, REMOVES, CONTACT)?)
    }

    /// The name or a contact, as it should be; what is left empty stays.
    pub fn correct(
        &self,
        conn: &mut Conn,
        keys: &Keys,
        mut typed: TypedGuest,
    ) -> Result<(), Fault> {
        let guest = &self.about.guest;
        let keep = |typed: &mut String, known: &Option<String>| {
            if typed.trim().is_empty() {
                *typed = known.clone().unwrap_or_default();
            }
        };
        keep(&mut typed.given_name, &guest.given_name);
        keep(&mut typed.family_name, &guest.family_name);
        keep(&mut typed.native_name, &guest.native_name);
        let told = typed
            .understand(guest.country.as_deref())
            .map_err(Fault::Invalid)?;
        let stored = changes::by_id(conn, guest.person_id)?;
        if changes::differs(keys, &stored, &told) {
            changes::update(conn, keys, &stored, &told, clock::now())?;
            self.record(conn, "guest_corrects", "name or contact")?;
        }
        Ok(())
    }

    /// Letters of a kind, or no more of them.
    pub fn choose(
        &self,
        conn: &mut Conn,
        purpose: Purpose,
        granted: bool,
        wording: &str,
    ) -> Result<(), Fault> {
        let mut choice = self.about.choice.clone();
        if granted {
            choice.resume(conn, &[purpose], wording)?;
        } else {
            choice.stop(conn, &[purpose], wording)?;
        }
        Ok(())
    }
}
