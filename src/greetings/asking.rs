//! A letter that was planned is asked about again when it is taken: what speaks against it by now.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::letter::Facts;
use super::outbox::Claimed;
use super::plan::WhyNot;
use super::settings::Settings;
use super::{Occasion, known, membership};
use crate::db::Conn;
use crate::db::schema::{guests, stays};
use crate::stays::Status;

/// What speaks by now against letters that were planned.
pub(super) fn refused(
    conn: &mut Conn,
    letters: &[Claimed],
    settings: &Settings,
) -> QueryResult<HashMap<i64, WhyNot>> {
    let guest_ids: Vec<i64> = letters.iter().map(|letter| letter.guest_id).collect();
    let person_of: HashMap<i64, i64> = guests::table
        .filter(guests::id.eq_any(&guest_ids))
        .select((guests::id, guests::person_id))
        .load(conn)?
        .into_iter()
        .collect();
    let stay_ids: Vec<i64> = letters.iter().filter_map(|letter| letter.stay_id).collect();
    let now_booked: HashMap<i64, (Status, NaiveDate)> = stays::table
        .filter(stays::id.eq_any(&stay_ids))
        .select((stays::id, (stays::status, stays::arrival)))
        .load(conn)?
        .into_iter()
        .collect();
    let ids: Vec<i64> = letters.iter().map(|letter| letter.id).collect();
    let mut by_day: HashMap<NaiveDate, Vec<&Claimed>> = HashMap::new();
    for letter in letters {
        by_day.entry(letter.due_on).or_default().push(letter);
    }
    let mut refused = HashMap::new();
    for (day, mut letters) in by_day {
        letters.sort_by_key(|letter| (letter.occasion, letter.id));
        let persons: Vec<i64> = letters
            .iter()
            .filter_map(|letter| person_of.get(&letter.guest_id).copied())
            .collect();
        let known = known::of_persons(conn, &persons, day, &ids)?;
        let told: Vec<(i64, Facts)> = letters
            .iter()
            .filter(|letter| letter.occasion.is_about_membership())
            .filter_map(|letter| Some((*person_of.get(&letter.guest_id)?, letter.told())))
            .collect();
        let changed = membership::changed(conn, &told, day)?;
        let mut written = Vec::new();
        for letter in letters {
            let person = person_of
                .get(&letter.guest_id)
                .and_then(|id| Some((*id, known.get(id)?)));
            let Some((person_id, person)) = person else {
                refused.insert(letter.id, WhyNot::Erased);
                continue;
            };
            let is_other = letter.occasion.is_about_membership() && changed.contains(&person_id);
            let is_theirs = person.own.contains(&letter.mailbox);
            let why = person
                .known
                .why_not(letter.occasion, settings)
                .or((!is_theirs).then_some(WhyNot::AddressChanged))
                .or(person.known.is_written_to.then_some(WhyNot::AlreadyToday))
                // Two profiles with a letter each became one person since.
                .or(written.contains(&person_id).then_some(WhyNot::Stronger))
                .or(is_changed(letter, &now_booked).then_some(WhyNot::StayChanged))
                .or(is_other.then_some(WhyNot::MembershipChanged));
            match why {
                Some(why) => drop(refused.insert(letter.id, why)),
                None => written.push(person_id),
            }
        }
    }
    Ok(refused)
}

/// Whether the stay a letter is about is not what it was.
fn is_changed(letter: &Claimed, now: &HashMap<i64, (Status, NaiveDate)>) -> bool {
    let Some(stay_id) = letter.stay_id else {
        return false;
    };
    let expected = match letter.occasion {
        Occasion::BeforeArrival => Status::Reserved,
        Occasion::Welcome => Status::InHouse,
        _ => Status::Departed,
    };
    let told = letter.told();
    now.get(&stay_id).is_none_or(|(status, arrival)| {
        *status != expected || told.arrival.is_some_and(|told| told != *arrival)
    })
}
