//! What is known of persons before anybody writes to them: a handful of queries, however many they are.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::plan::{Known, Said, WhyNot};
use super::suppressions::{self, Standing};
use super::{Occasion, Purpose, State};
use crate::db::Conn;
use crate::db::schema::{cases, consents, greetings, guest_contacts, guests, stays};
use crate::guests::Guest;
use crate::guests::consents::BY_GUEST;
use crate::guests::person::{self, Profile};
use crate::stays::InHouse;

/// The days in which letters are counted.
const LATELY: TimeDelta = TimeDelta::days(30);

/// An address: as it was given, and folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// As it is written to.
    pub given: String,
    /// What equality is judged on.
    pub folded: String,
}

/// A person, with all their profiles.
#[derive(Clone, Debug)]
pub struct Person {
    /// As pages show them.
    pub guest: Guest,
    /// Where they are written to.
    pub mailbox: Option<Mailbox>,
    /// All their own mailboxes that no letter came back from, folded.
    pub own: Vec<String>,
    /// What speaks for and against it.
    pub known: Known,
}

/// These persons, as they are known for a day. `but` are letters that do not count, since they are the ones asked about; none
/// where the day is planned.
pub fn of_persons(
    conn: &mut Conn,
    persons: &[i64],
    day: NaiveDate,
    but: &[i64],
) -> QueryResult<HashMap<i64, Person>> {
    let profiles = person::profiles(conn, persons)?;
    let ids: Vec<i64> = profiles.iter().map(|profile| profile.guest.id).collect();
    let person_of: HashMap<i64, i64> = profiles
        .iter()
        .map(|profile| (profile.guest.id, profile.guest.person_id))
        .collect();
    let mut of_person: HashMap<i64, Vec<&Profile>> = HashMap::with_capacity(persons.len());
    for profile in &profiles {
        of_person
            .entry(profile.guest.person_id)
            .or_default()
            .push(profile);
    }
    let mut found: HashMap<i64, Person> = of_person
        .into_iter()
        .filter_map(|(id, own)| {
            let person = Person {
                guest: person::of(own.iter().copied())?,
                mailbox: None,
                own: Vec::new(),
                known: Known::default(),
            };
            Some((id, person))
        })
        .collect();
    reach(conn, persons, &ids, &person_of, &mut found)?;
    agreed(conn, persons, &mut found)?;
    now(conn, persons, &mut found)?;
    written(conn, &ids, &person_of, day, but, &mut found)?;
    Ok(found)
}

/// Addresses, and what holds against them and their owners.
fn reach(
    conn: &mut Conn,
    persons: &[i64],
    ids: &[i64],
    person_of: &HashMap<i64, i64>,
    found: &mut HashMap<i64, Person>,
) -> QueryResult<()> {
    let contacts: Vec<(i64, String, String, bool)> = guest_contacts::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(persons))
        .filter(guest_contacts::kind.eq("email"))
        .order((guest_contacts::created_at.desc(), guest_contacts::id.desc()))
        .select((
            guests::person_id,
            guest_contacts::value,
            guest_contacts::folded,
            guest_contacts::masked,
        ))
        .load(conn)?;
    let mailboxes: Vec<String> = contacts.iter().map(|contact| contact.2.clone()).collect();
    let mut of_guest: HashMap<i64, Vec<Standing>> = HashMap::new();
    let mut of_mailbox: HashMap<String, Vec<Standing>> = HashMap::new();
    for stop in suppressions::standing(conn, ids, &mailboxes)? {
        match (&stop.0, &stop.1) {
            (Some(guest), _) => {
                if let Some(person) = person_of.get(guest) {
                    of_guest.entry(*person).or_default().push(stop);
                }
            }
            (None, Some(mailbox)) => of_mailbox.entry(mailbox.clone()).or_default().push(stop),
            (None, None) => {}
        }
    }
    for (person, value, folded, is_relay) in contacts {
        let Some(person) = found.get_mut(&person) else {
            continue;
        };
        if is_relay {
            person.known.has_relay = true;
            continue;
        }
        let stops = of_mailbox
            .get(&folded)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut returns = false;
        for (_, _, reason, purpose) in stops {
            match reason.why_not() {
                // Another address of theirs may still be good.
                WhyNot::Bounced => returns = true,
                why => person.known.stops.push((why, *purpose)),
            }
        }
        person.known.has_address = true;
        if !returns {
            person.own.push(folded.clone());
        }
        let is_better = person.mailbox.is_none() || has_only_bounced(&person.known);
        if is_better && !returns {
            person
                .known
                .stops
                .retain(|(why, _)| *why != WhyNot::Bounced);
            person.mailbox = Some(Mailbox {
                given: value,
                folded,
            });
        } else if returns && person.mailbox.is_none() {
            person.known.stops.push((WhyNot::Bounced, None));
            person.mailbox = Some(Mailbox {
                given: value,
                folded,
            });
        }
    }
    for (id, stops) in of_guest {
        if let Some(person) = found.get_mut(&id) {
            let stops = stops
                .into_iter()
                .map(|(_, _, reason, purpose)| (reason.why_not(), purpose));
            person.known.stops.extend(stops);
        }
    }
    Ok(())
}

fn has_only_bounced(known: &Known) -> bool {
    known.stops.iter().any(|(why, _)| *why == WhyNot::Bounced)
}

/// What was agreed and refused, for mail.
fn agreed(conn: &mut Conn, persons: &[i64], found: &mut HashMap<i64, Person>) -> QueryResult<()> {
    let said: Vec<(i64, Purpose, bool, String, NaiveDateTime)> = consents::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(persons))
        .filter(consents::channel.eq("email"))
        .order(consents::id)
        .select((
            guests::person_id,
            consents::purpose,
            consents::granted,
            consents::source,
            consents::recorded_at,
        ))
        .load(conn)?;
    for (person, purpose, granted, source, at) in said {
        if let Some(person) = found.get_mut(&person) {
            person.known.said.push(Said {
                purpose,
                granted,
                by_guest: source == BY_GUEST,
                at,
            });
        }
    }
    Ok(())
}

/// What is going on right now: complaints, and who is in a house.
fn now(conn: &mut Conn, persons: &[i64], found: &mut HashMap<i64, Person>) -> QueryResult<()> {
    let complaints: Vec<i64> = cases::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(persons))
        .filter(cases::closed_at.is_null())
        .select(guests::person_id)
        .load(conn)?;
    let staying: Vec<i64> = stays::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(persons))
        .filter(InHouse)
        .select(guests::person_id)
        .load(conn)?;
    for id in complaints {
        if let Some(person) = found.get_mut(&id) {
            person.known.has_open_case = true;
        }
    }
    for id in staying {
        if let Some(person) = found.get_mut(&id) {
            person.known.is_staying = true;
        }
    }
    Ok(())
}

/// What was written to them lately.
fn written(
    conn: &mut Conn,
    ids: &[i64],
    person_of: &HashMap<i64, i64>,
    day: NaiveDate,
    but: &[i64],
    found: &mut HashMap<i64, Person>,
) -> QueryResult<()> {
    let letters: Vec<(i64, i64, Occasion, NaiveDate, State)> = greetings::table
        .filter(greetings::guest_id.eq_any(ids))
        .filter(
            greetings::due_on
                .gt(day - LATELY)
                .and(greetings::due_on.le(day)),
        )
        .select((
            greetings::id,
            greetings::guest_id,
            greetings::occasion,
            greetings::due_on,
            greetings::state,
        ))
        .load(conn)?;
    let but: HashSet<i64> = but.iter().copied().collect();
    for (id, guest, occasion, due_on, state) in letters {
        let person = person_of
            .get(&guest)
            .and_then(|person| found.get_mut(person));
        let Some(person) = person.filter(|_| !but.contains(&id)) else {
            continue;
        };
        let is_letter = !matches!(state, State::Dropped | State::HeldBack);
        if due_on == day {
            // What was dropped or held back that day is the day's letter for the plan, and none for who sends another.
            person.known.is_written_to |= is_letter || but.is_empty();
            continue;
        }
        if is_letter {
            person.known.told.push((occasion, due_on));
            person.known.lately += i64::from(!occasion.is_about_stay());
        }
    }
    Ok(())
}
