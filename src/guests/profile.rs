//! Writing profiles: one path for one walk-in and for a thousand rows of a file.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

use super::contacts::{Email, Phone, Relays};
use super::likeness::{self, Facts};
use super::names::Name;
use super::search::changes;
use super::{documents, keys};
use crate::db::Conn;
use crate::db::dialect::{Reserved, reserve_ids};
use crate::db::schema::{
    consents, guest_contacts, guest_documents, guest_keys, guests, loyalty_accounts, notes,
};
use crate::insert_rows;
use crate::secret::Keys;

/// A profile to be made, or what is newly known of one. Nothing in a field means unknown.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "the columns of the guests file")]
pub struct NewProfile {
    /// Who told us: `--source` of an import, `walk_in`, an API token's name.
    pub source: String,
    /// The profile's key within its source.
    pub external_id: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub native_name: Option<String>,
    pub salutation: Option<String>,
    pub gender: Option<String>,
    pub birth_date: Option<NaiveDate>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    pub city: Option<String>,
    pub postal_code: Option<String>,
    pub street: Option<String>,
    pub company: Option<String>,
    pub language: Option<String>,
    pub vip_level: Option<i64>,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub document_number: Option<String>,
    /// Enrols the guest, unless the number is another's.
    pub loyalty_number: Option<String>,
    pub note: Option<String>,
    pub email_consent: Option<bool>,
}

impl NewProfile {
    /// Its name, for folding and display.
    pub fn name(&self) -> Name<'_> {
        Name {
            given: self.given_name.as_deref(),
            family: self.family_name.as_deref(),
            native: self.native_name.as_deref(),
        }
    }

    /// The same, its address masked where one of these relays it.
    pub fn seen_by(mut self, relays: &Relays) -> Self {
        self.email = self.email.map(|email| email.seen_by(relays));
        self
    }
}

#[derive(Insertable)]
#[diesel(table_name = guests, treat_none_as_default_value = false)]
struct GuestRow<'a> {
    id: i64,
    public_id: String,
    person_id: i64,
    source: &'a str,
    external_id: Option<&'a str>,
    given_name: Option<&'a str>,
    family_name: Option<&'a str>,
    native_name: Option<&'a str>,
    salutation: Option<&'a str>,
    gender: Option<&'a str>,
    birth_date: Option<NaiveDate>,
    country: Option<&'a str>,
    city: Option<&'a str>,
    postal_code: Option<&'a str>,
    street: Option<&'a str>,
    company: Option<&'a str>,
    language: Option<&'a str>,
    vip_level: Option<i64>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl<'a> GuestRow<'a> {
    /// A new profile is a person of its own until it is linked.
    fn new(id: i64, profile: &'a NewProfile, now: NaiveDateTime) -> Self {
        Self {
            id,
            public_id: Uuid::now_v7().to_string(),
            person_id: id,
            source: &profile.source,
            external_id: profile.external_id.as_deref(),
            given_name: profile.given_name.as_deref(),
            family_name: profile.family_name.as_deref(),
            native_name: profile.native_name.as_deref(),
            salutation: profile.salutation.as_deref(),
            gender: profile.gender.as_deref(),
            birth_date: profile.birth_date,
            country: profile.country.as_deref(),
            city: profile.city.as_deref(),
            postal_code: profile.postal_code.as_deref(),
            street: profile.street.as_deref(),
            company: profile.company.as_deref(),
            language: profile.language.as_deref(),
            vip_level: profile.vip_level,
            created_at: now,
            updated_at: now,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = guest_contacts)]
pub(super) struct ContactRow<'a> {
    guest_id: i64,
    kind: &'static str,
    value: &'a str,
    folded: &'a str,
    masked: bool,
    created_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = guest_documents)]
pub(super) struct DocumentRow {
    guest_id: i64,
    number_sealed: Vec<u8>,
    number_hash: Vec<u8>,
    created_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = guest_keys)]
struct KeyRow {
    guest_id: i64,
    kind: i16,
    key: String,
}

#[derive(Insertable)]
#[diesel(table_name = loyalty_accounts)]
struct AccountRow<'a> {
    guest_id: i64,
    number: &'a str,
    enrolled_on: NaiveDate,
}

#[derive(Insertable)]
#[diesel(table_name = consents)]
pub(super) struct ConsentRow<'a> {
    guest_id: i64,
    channel: &'static str,
    purpose: &'static str,
    granted: bool,
    source: &'a str,
    recorded_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = notes)]
pub(super) struct NoteRow<'a> {
    guest_id: i64,
    department: &'static str,
    body: &'a str,
    written_at: NaiveDateTime,
}

/// What an e-mail consent of a file or form covers.
pub(super) const PURPOSES: [&str; 2] = ["greetings", "marketing"];

/// Makes profiles with everything that belongs to them, and returns their ids in the same order.
/// Call it inside a write transaction.
pub fn create(
    conn: &mut Conn,
    secrets: &Keys,
    profiles: &[NewProfile],
    now: NaiveDateTime,
) -> QueryResult<Vec<i64>> {
    let ids = reserve_ids(conn, Reserved::Guests, profiles.len())?;
    let rows: Vec<(i64, &NewProfile)> = ids.iter().copied().zip(profiles).collect();
    create_as(conn, secrets, &rows, now)?;
    Ok(ids)
}

/// [`create`] under ids already reserved, for a caller whose other rows refer to them.
pub fn create_as(
    conn: &mut Conn,
    secrets: &Keys,
    profiles: &[(i64, &NewProfile)],
    now: NaiveDateTime,
) -> QueryResult<()> {
    let enrolled = free_numbers(conn, profiles)?;
    let guest_rows: Vec<_> = profiles
        .iter()
        .map(|(id, p)| GuestRow::new(*id, p, now))
        .collect();
    insert_rows!(conn, guests::table, guest_rows);
    let contacts: Vec<_> = profiles
        .iter()
        .flat_map(|(id, p)| contact_rows(*id, p, now))
        .collect();
    insert_rows!(conn, guest_contacts::table, contacts);
    let sealed: Vec<_> = profiles
        .iter()
        .filter_map(|(id, p)| document_row(secrets, *id, p, now))
        .collect();
    insert_rows!(conn, guest_documents::table, sealed);
    let accounts: Vec<_> = profiles
        .iter()
        .filter_map(|(id, _)| Some((*id, *enrolled.get(id)?)))
        .map(|(guest_id, number)| AccountRow {
            guest_id,
            number,
            enrolled_on: now.date(),
        })
        .collect();
    insert_rows!(conn, loyalty_accounts::table, accounts);
    let granted: Vec<_> = profiles
        .iter()
        .flat_map(|(id, p)| consent_rows(*id, p, now))
        .collect();
    insert_rows!(conn, consents::table, granted);
    let said: Vec<_> = profiles
        .iter()
        .filter_map(|(id, p)| note_row(*id, p, now))
        .collect();
    insert_rows!(conn, notes::table, said);
    let found_by: Vec<_> = profiles
        .iter()
        .flat_map(|(id, p)| key_rows(*id, p, enrolled.get(id).copied()))
        .collect();
    insert_rows!(conn, guest_keys::table, found_by);
    let alike = profiles.iter().map(|(id, p)| (*id, Facts::of(p)));
    likeness::write(conn, alike)?;
    changes::note(conn, profiles.iter().map(|(id, _)| *id))
}

/// The loyalty numbers that are nobody's yet; of several profiles with one number the first has it.
fn free_numbers<'a>(
    conn: &mut Conn,
    profiles: &[(i64, &'a NewProfile)],
) -> QueryResult<HashMap<i64, &'a str>> {
    let asked: Vec<(i64, &str)> = profiles
        .iter()
        .filter_map(|(id, profile)| Some((*id, profile.loyalty_number.as_deref()?)))
        .collect();
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let mut taken: HashSet<String> = loyalty_accounts::table
        .filter(loyalty_accounts::number.eq_any(asked.iter().map(|(_, number)| *number)))
        .select(loyalty_accounts::number)
        .load(conn)?
        .into_iter()
        .collect();
    Ok(asked
        .into_iter()
        .filter(|(_, number)| taken.insert((*number).to_owned()))
        .collect())
}

/// Opens an account under `number`, unless it is another's.
pub(super) fn enrol(
    conn: &mut Conn,
    guest_id: i64,
    number: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let taken: i64 = loyalty_accounts::table
        .filter(loyalty_accounts::number.eq(number))
        .count()
        .get_result(conn)?;
    if taken == 0 {
        let enrolled_on = now.date();
        let row = AccountRow {
            guest_id,
            number,
            enrolled_on,
        };
        diesel::insert_into(loyalty_accounts::table)
            .values(row)
            .execute(conn)?;
    }
    Ok(())
}

/// Writes the search keys of a profile anew, after its name, contacts or number changed.
pub fn rekey(conn: &mut Conn, guest_id: i64) -> QueryResult<()> {
    type Names = (Option<String>, Option<String>, Option<String>);
    let (given, family, native): Names = guests::table
        .find(guest_id)
        .select((guests::given_name, guests::family_name, guests::native_name))
        .first(conn)?;
    let contacts: Vec<(String, String)> = guest_contacts::table
        .filter(guest_contacts::guest_id.eq(guest_id))
        .order(guest_contacts::id)
        .select((guest_contacts::kind, guest_contacts::folded))
        .load(conn)?;
    let number: Option<String> = loyalty_accounts::table
        .filter(loyalty_accounts::guest_id.eq(guest_id))
        .select(loyalty_accounts::number)
        .first(conn)
        .optional()?;
    let of_kind = |kind: &str| -> Vec<&str> {
        let contacts = contacts.iter().filter(|(k, _)| k == kind);
        contacts.map(|(_, folded)| folded.as_str()).collect()
    };
    let name = Name {
        given: given.as_deref(),
        family: family.as_deref(),
        native: native.as_deref(),
    };
    let found_by = keys::of(
        &name,
        &of_kind("email"),
        &of_kind("phone"),
        number.as_deref(),
    );
    diesel::delete(guest_keys::table.filter(guest_keys::guest_id.eq(guest_id))).execute(conn)?;
    let rows: Vec<_> = found_by
        .into_iter()
        .map(|key| key_row(guest_id, key))
        .collect();
    insert_rows!(conn, guest_keys::table, rows);
    likeness::rewrite(conn, &[guest_id])?;
    changes::note(conn, [guest_id])
}

pub(super) fn contact_rows(
    guest_id: i64,
    profile: &NewProfile,
    created_at: NaiveDateTime,
) -> impl Iterator<Item = ContactRow<'_>> {
    let email = profile.email.as_ref().map(|email| ContactRow {
        guest_id,
        kind: "email",
        value: email.given(),
        folded: email.folded(),
        masked: email.is_masked(),
        created_at,
    });
    let phone = profile.phone.as_ref().map(|phone| ContactRow {
        guest_id,
        kind: "phone",
        value: phone.given(),
        folded: phone.folded(),
        masked: false,
        created_at,
    });
    email.into_iter().chain(phone)
}

impl ContactRow<'_> {
    /// What makes a contact the same contact.
    pub(super) fn identity(&self) -> (&str, &str) {
        (self.kind, self.folded)
    }
}

pub(super) fn document_row(
    secrets: &Keys,
    guest_id: i64,
    profile: &NewProfile,
    created_at: NaiveDateTime,
) -> Option<DocumentRow> {
    let sealed = documents::seal(secrets, guest_id, profile.document_number.as_deref()?);
    Some(DocumentRow {
        guest_id,
        number_sealed: sealed.number,
        number_hash: sealed.hash,
        created_at,
    })
}

pub(super) fn consent_rows(
    guest_id: i64,
    profile: &NewProfile,
    recorded_at: NaiveDateTime,
) -> impl Iterator<Item = ConsentRow<'_>> {
    let rows = profile.email_consent.map(|granted| {
        PURPOSES.map(|purpose| ConsentRow {
            guest_id,
            channel: "email",
            purpose,
            granted,
            source: &profile.source,
            recorded_at,
        })
    });
    rows.into_iter().flatten()
}

pub(super) fn note_row(
    guest_id: i64,
    profile: &NewProfile,
    written_at: NaiveDateTime,
) -> Option<NoteRow<'_>> {
    profile.note.as_deref().map(|body| NoteRow {
        guest_id,
        department: "front_desk",
        body,
        written_at,
    })
}

fn key_rows(
    guest_id: i64,
    profile: &NewProfile,
    number: Option<&str>,
) -> impl Iterator<Item = KeyRow> {
    let emails: Vec<&str> = profile.email.iter().map(Email::folded).collect();
    let phones: Vec<&str> = profile.phone.iter().map(Phone::folded).collect();
    keys::of(&profile.name(), &emails, &phones, number)
        .into_iter()
        .map(move |key| key_row(guest_id, key))
}

fn key_row(guest_id: i64, (kind, key): keys::Key) -> KeyRow {
    KeyRow {
        guest_id,
        kind: kind as i16,
        key,
    }
}
