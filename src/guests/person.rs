//! The profiles of a person, and the person they make together, as pages show it.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Guest;
use super::names::Name;
use super::portrait::name_keys;
use crate::db::Conn;
use crate::db::schema::guests;

/// A profile with what stands beside the name.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Profile {
    pub guest: Guest,
    pub source: String,
    pub city: Option<String>,
    pub company: Option<String>,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
}

macro_rules! columns {
    () => {
        (
            Guest::as_select(),
            guests::source,
            guests::city,
            guests::company,
            guests::created_at,
            guests::updated_at,
        )
    };
}

/// All profiles of these persons, the oldest first.
pub fn profiles(conn: &mut Conn, persons: &[i64]) -> QueryResult<Vec<Profile>> {
    guests::table
        .filter(guests::person_id.eq_any(persons))
        .order(guests::id)
        .select(columns!())
        .load(conn)
}

impl Profile {
    pub(super) fn name(&self) -> Name<'_> {
        Name {
            given: self.guest.given_name.as_deref(),
            family: self.guest.family_name.as_deref(),
            native: self.guest.native_name.as_deref(),
        }
    }
}

/// Shows each guest as the person that all their profiles make; one query, however many they are.
///
/// Ids stay those of the profile: what is written goes where it belongs.
pub fn complete<'a>(
    conn: &mut Conn,
    guests: impl Iterator<Item = &'a mut Guest>,
    persons: &[i64],
) -> QueryResult<()> {
    if persons.is_empty() {
        return Ok(());
    }
    let all = crate::with_ids!(
        guests::table.order(guests::id).select(columns!()),
        guests::person_id,
        persons
    )
    .load::<Profile>(conn)?;
    let mut of_person: HashMap<i64, Vec<Profile>> = HashMap::new();
    for profile in all {
        let person_id = profile.guest.person_id;
        of_person.entry(person_id).or_default().push(profile);
    }
    for guest in guests {
        let profiles = of_person.get(&guest.person_id).map(Vec::as_slice);
        if let Some(profiles @ [_, _, ..]) = profiles {
            guest.show_as(profiles);
        }
    }
    Ok(())
}

impl Guest {
    /// The profile's ids with what all profiles of the person make.
    pub fn show_as(&mut self, profiles: &[Profile]) {
        if let Some(person) = of(profiles.iter()) {
            *self = Self {
                id: self.id,
                public_id: std::mem::take(&mut self.public_id),
                ..person
            };
        }
    }
}

/// The person that profiles make, as pages show it: the first profile with the values that win. Pure.
pub fn of<'a>(profiles: impl Iterator<Item = &'a Profile> + Clone) -> Option<Guest> {
    let mut person = profiles.clone().next()?.guest.clone();
    let keys = |profile: &Profile| name_keys(&profile.name());
    let named = profiles.clone().max_by_key(|profile| {
        let own = keys(profile);
        let times = profiles
            .clone()
            .filter(|other| keys(other).iter().any(|key| own.contains(key)));
        (
            times.count(),
            profile.guest.native_name.is_some(),
            profile.updated_at,
        )
    });
    if let Some(Profile { guest, .. }) = named {
        person.given_name.clone_from(&guest.given_name);
        person.family_name.clone_from(&guest.family_name);
        person.native_name.clone_from(&guest.native_name);
    }
    let mut newest: Vec<&Profile> = profiles.collect();
    newest.sort_by_key(|profile| std::cmp::Reverse(profile.updated_at));
    let guests = || newest.iter().map(|profile| &profile.guest);
    person.salutation = guests().find_map(|guest| guest.salutation.clone());
    person.birth_date = guests().find_map(|guest| guest.birth_date);
    person.country = guests().find_map(|guest| guest.country.clone());
    person.language = guests().find_map(|guest| guest.language.clone());
    person.vip_level = guests().find_map(|guest| guest.vip_level);
    Some(person)
}

/// The name in its own script, with the romanised form behind it.
pub fn full_name(guest: &Guest) -> String {
    match guest.also() {
        Some(also) => format!("{} {also}", guest.name()),
        None => guest.name(),
    }
}
