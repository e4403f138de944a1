//! What a newer account of a profile adds to the stored one. Nothing given means unknown, never "delete".

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::consents::BY_GUEST;
use super::documents;
use super::profile::{self, NewProfile};
use crate::db::Conn;
use crate::db::schema::{
    consents, guest_contacts, guest_documents, guests, loyalty_accounts, notes,
};
use crate::insert_rows;
use crate::secret::Keys;

/// The columns of a profile that a file or form can change. As a changeset, `None` leaves a column alone.
#[derive(AsChangeset, Queryable, Selectable, Debug, Default, PartialEq)]
#[diesel(table_name = guests)]
struct Fields {
    given_name: Option<String>,
    family_name: Option<String>,
    native_name: Option<String>,
    salutation: Option<String>,
    gender: Option<String>,
    birth_date: Option<NaiveDate>,
    country: Option<String>,
    city: Option<String>,
    postal_code: Option<String>,
    street: Option<String>,
    company: Option<String>,
    language: Option<String>,
    vip_level: Option<i64>,
}

impl Fields {
    /// What `new` says otherwise.
    fn changed_by(&self, new: &NewProfile) -> Self {
        fn newer<T: Clone + PartialEq>(old: &Option<T>, new: &Option<T>) -> Option<T> {
            new.clone().filter(|_| old != new)
        }
        Self {
            given_name: newer(&self.given_name, &new.given_name),
            family_name: newer(&self.family_name, &new.family_name),
            native_name: newer(&self.native_name, &new.native_name),
            salutation: newer(&self.salutation, &new.salutation),
            gender: newer(&self.gender, &new.gender),
            birth_date: newer(&self.birth_date, &new.birth_date),
            country: newer(&self.country, &new.country),
            city: newer(&self.city, &new.city),
            postal_code: newer(&self.postal_code, &new.postal_code),
            street: newer(&self.street, &new.street),
            company: newer(&self.company, &new.company),
            language: newer(&self.language, &new.language),
            vip_level: newer(&self.vip_level, &new.vip_level),
        }
    }
}

/// A profile as it stands, with what an update is compared to.
#[derive(Default)]
pub struct Stored {
    id: i64,
    fields: Fields,
    contacts: Vec<(String, String)>,
    documents: Vec<Vec<u8>>,
    number: Option<String>,
    consents: HashMap<String, bool>,
    notes: Vec<String>,
}

impl Stored {
    /// The profile's id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Whether it would have no name without these fields.
    pub fn is_nameless_without(&self, cleared: &[&str]) -> bool {
        !["given_name", "family_name", "native_name"]
            .iter()
            .any(|name| self.holds(name) && !cleared.contains(name))
    }

    /// Its loyalty number, where it has an account.
    pub fn loyalty_number(&self) -> Option<&str> {
        self.number.as_deref()
    }
}

/// The columns that can be emptied, once for those who ask and once for the database.
macro_rules! clearable {
    ($($column:ident: $type:ty),+ $(,)?) => {
        /// Fields of a profile that can be taken back.
        pub const CLEARABLE: &[&str] = &[$(stringify!($column)),+];

        impl Stored {
            /// Whether anything stands in a field.
            pub fn holds(&self, field: &str) -> bool {
                false $(|| (field == stringify!($column) && self.fields.$column.is_some()))+
            }
        }

        /// Empties fields. Call it inside a write transaction, and [`profile::rekey`] after it.
        pub fn clear(conn: &mut Conn, id: i64, fields: &[&str], now: NaiveDateTime) -> QueryResult<()> {
            diesel::update(guests::table.find(id))
                .set((
                    ($(fields.contains(&stringify!($column)).then(|| guests::$column.eq(None::<$type>)),)+),
                    guests::updated_at.eq(now),
                ))
                .execute(conn)?;
            Ok(())
        }
    };
}

clearable! {
    given_name: String,
    family_name: String,
    native_name: String,
    salutation: String,
    gender: String,
    birth_date: NaiveDate,
    country: String,
    city: String,
    postal_code: String,
    street: String,
    company: String,
    language: String,
    vip_level: i64,
}

/// Loads profiles by their keys within a source.
pub fn by_external_id(
    conn: &mut Conn,
    source: &str,
    external_ids: &[&str],
) -> QueryResult<HashMap<String, Stored>> {
    let rows: Vec<(i64, Option<String>, Fields)> = guests::table
        .filter(guests::source.eq(source))
        .filter(guests::external_id.eq_any(external_ids.iter().map(|id| Some(*id))))
        .select((guests::id, guests::external_id, Fields::as_select()))
        .load(conn)?;
    let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
    let mut by_id: HashMap<i64, (String, Stored)> = rows
        .into_iter()
        .map(|(id, external_id, fields)| {
            let stored = Stored {
                id,
                fields,
                ..Stored::default()
            };
            (id, (external_id.unwrap_or_default(), stored))
        })
        .collect();
    load_belongings(conn, &ids, &mut by_id)?;
    Ok(by_id.into_values().collect())
}

/// Loads a profile.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Stored> {
    let fields = guests::table
        .find(id)
        .select(Fields::as_select())
        .first(conn)?;
    let stored = Stored {
        id,
        fields,
        ..Stored::default()
    };
    let mut profiles = HashMap::from([(id, (String::new(), stored))]);
    load_belongings(conn, &[id], &mut profiles)?;
    let (_, stored) = profiles.remove(&id).unwrap_or_default();
    Ok(stored)
}

fn load_belongings(
    conn: &mut Conn,
    ids: &[i64],
    profiles: &mut HashMap<i64, (String, Stored)>,
) -> QueryResult<()> {
    let contacts: Vec<(i64, String, String)> = guest_contacts::table
        .filter(guest_contacts::guest_id.eq_any(ids))
        .select((
            guest_contacts::guest_id,
            guest_contacts::kind,
            guest_contacts::folded,
        ))
        .load(conn)?;
    let hashes: Vec<(i64, Vec<u8>)> = guest_documents::table
        .filter(guest_documents::guest_id.eq_any(ids))
        .select((guest_documents::guest_id, guest_documents::number_hash))
        .load(conn)?;
    let numbers: Vec<(i64, String)> = loyalty_accounts::table
        .filter(loyalty_accounts::guest_id.eq_any(ids))
        .select((loyalty_accounts::guest_id, loyalty_accounts::number))
        .load(conn)?;
    let granted: Vec<(i64, String, bool)> = consents::table
        .filter(consents::guest_id.eq_any(ids))
        .filter(consents::channel.eq("email"))
        // A file that says what it always said has nothing new to say against the guest's own word.
        .filter(consents::source.ne(BY_GUEST))
        .order(consents::id)
        .select((consents::guest_id, consents::purpose, consents::granted))
        .load(conn)?;
    let bodies: Vec<(i64, String)> = notes::table
        .filter(notes::guest_id.eq_any(ids))
        .select((notes::guest_id, notes::body))
        .load(conn)?;
    let mut with = |id: i64, add: &mut dyn FnMut(&mut Stored)| {
        if let Some((_, stored)) = profiles.get_mut(&id) {
            add(stored);
        }
    };
    for (id, kind, folded) in contacts {
        with(id, &mut |stored| {
            stored.contacts.push((kind.clone(), folded.clone()))
        });
    }
    for (id, hash) in hashes {
        with(id, &mut |stored| stored.documents.push(hash.clone()));
    }
    for (id, number) in numbers {
        with(id, &mut |stored| stored.number = Some(number.clone()));
    }
    for (id, purpose, is_granted) in granted {
        with(id, &mut |stored| {
            stored.consents.insert(purpose.clone(), is_granted);
        });
    }
    for (id, body) in bodies {
        with(id, &mut |stored| stored.notes.push(body.clone()));
    }
    Ok(())
}

/// Whether `new` says anything that is not stored yet.
pub fn differs(secrets: &Keys, stored: &Stored, new: &NewProfile) -> bool {
    stored.fields.changed_by(new) != Fields::default()
        || has_new_contact(stored, new)
        || has_new_document(secrets, stored, new)
        || is_newly_enrolled(stored, new)
        || has_new_consent(stored, new)
        || has_new_note(stored, new)
}

/// Brings a stored profile up to `new`. Call it inside a write transaction, for a profile that [`differs`].
pub fn update(
    conn: &mut Conn,
    secrets: &Keys,
    stored: &Stored,
    new: &NewProfile,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let id = stored.id;
    diesel::update(guests::table.find(id))
        .set((stored.fields.changed_by(new), guests::updated_at.eq(now)))
        .execute(conn)?;
    let contacts: Vec<_> = profile::contact_rows(id, new, now)
        .filter(|row| !is_known(stored, row.identity()))
        .collect();
    insert_rows!(conn, guest_contacts::table, contacts);
    if has_new_document(secrets, stored, new) {
        let rows: Vec<_> = profile::document_row(secrets, id, new, now)
            .into_iter()
            .collect();
        insert_rows!(conn, guest_documents::table, rows);
    }
    if let Some(number) = new
        .loyalty_number
        .as_deref()
        .filter(|_| is_newly_enrolled(stored, new))
    {
        profile::enrol(conn, id, number, now)?;
    }
    if has_new_consent(stored, new) {
        let rows: Vec<_> = profile::consent_rows(id, new, now).collect();
        insert_rows!(conn, consents::table, rows);
    }
    if has_new_note(stored, new) {
        let rows: Vec<_> = profile::note_row(id, new, now).into_iter().collect();
        insert_rows!(conn, notes::table, rows);
    }
    profile::rekey(conn, id)
}

fn is_known(stored: &Stored, (kind, folded): (&str, &str)) -> bool {
    stored
        .contacts
        .iter()
        .any(|(k, f)| k == kind && f == folded)
}

fn has_new_contact(stored: &Stored, new: &NewProfile) -> bool {
    profile::contact_rows(stored.id, new, NaiveDateTime::default())
        .any(|row| !is_known(stored, row.identity()))
}

fn has_new_document(secrets: &Keys, stored: &Stored, new: &NewProfile) -> bool {
    new.document_number.as_deref().is_some_and(|number| {
        !stored
            .documents
            .contains(&documents::lookup(secrets, number))
    })
}

/// A guest keeps the number of the account they have.
fn is_newly_enrolled(stored: &Stored, new: &NewProfile) -> bool {
    stored.number.is_none() && new.loyalty_number.is_some()
}

fn has_new_consent(stored: &Stored, new: &NewProfile) -> bool {
    new.email_consent.is_some_and(|granted| {
        profile::PURPOSES
            .iter()
            .any(|purpose| stored.consents.get(*purpose) != Some(&granted))
    })
}

fn has_new_note(stored: &Stored, new: &NewProfile) -> bool {
    new.note
        .as_ref()
        .is_some_and(|note| !stored.notes.contains(note))
}
