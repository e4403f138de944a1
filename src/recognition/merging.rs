//! Two profiles, one person: merging and its undoing, by pointers alone.
//!
//! A person is the set of profiles that share a `person_id`. A merge says that the persons of two
//! profiles are one: the profiles of the younger person (the higher id) point to the older one from
//! then on. No fact moves, so none can be lost: stays, wishes, points, contacts, cases and notes
//! stay on the profile they came with.
//!
//! **Undo.** A person is everything that standing merges hold together, and its id is the lowest of
//! the persons it was made of. Undoing a merge takes its link away and nothing else: what is left
//! stands as if that merge had never been made, and later merges go on joining the two profiles
//! they were made for. So the order of undoing does not matter, and when all are undone each
//! profile is where it was.
//!
//! **Not the same person** is kept for good, between two profiles, and holds for the persons they
//! belong to: no merge joins them until somebody takes the statement back.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::clock;
use crate::db::schema::{guests, merge_moves, merges, not_same, users};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::outbox::{self, Event, Kind};
use crate::words::Message;
use crate::{insert_rows, text_enum};

text_enum! {
    /// Where a merge was decided.
    pub enum Source {
        /// Recognition, when a booking changed.
        Booking = "booking",
        /// A clerk answered who a booking is.
        Review = "review",
        /// Somebody joined two profiles on their page.
        Desk = "desk",
        /// The search for duplicates found the pair.
        Duplicate = "duplicate",
    }
}

/// Two profiles said to be one person.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// A profile.
    pub guest_id: i64,
    /// Another.
    pub other_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = merge_moves)]
struct MoveRow {
    merge_id: i64,
    guest_id: i64,
    from_person_id: i64,
}

/// Joins the persons of two profiles, and returns the merge. Call it inside a write transaction.
pub fn merge(
    conn: &mut Conn,
    pair: Pair,
    source: Source,
    reasons: Option<&str>,
    by: Option<i64>,
) -> Result<i64, Fault> {
    dialect::lock_merging(conn)?;
    let (a, b) = (
        person_of(conn, pair.guest_id)?,
        person_of(conn, pair.other_id)?,
    );
    if a == b {
        return Err(Message::new("refused-one-already").into());
    }
    if are_told_apart(conn, a, b)? {
        return Err(Message::new("refused-not-same").into());
    }
    let (person_id, absorbed_id) = (a.min(b), a.max(b));
    let id: i64 = diesel::insert_into(merges::table)
        .values((
            merges::guest_id.eq(pair.guest_id),
            merges::other_id.eq(pair.other_id),
            merges::person_id.eq(person_id),
            merges::absorbed_id.eq(absorbed_id),
            merges::source.eq(source),
            merges::reasons.eq(reasons),
            merges::made_at.eq(clock::now()),
            merges::made_by.eq(by),
        ))
        .returning(merges::id)
        .get_result(conn)?;
    let moved: Vec<MoveRow> = profiles_of(conn, absorbed_id)?
        .into_iter()
        .map(|guest_id| MoveRow {
            merge_id: id,
            guest_id,
            from_person_id: absorbed_id,
        })
        .collect();
    insert_rows!(conn, merge_moves::table, moved);
    diesel::update(guests::table.filter(guests::person_id.eq(absorbed_id)))
        .set(guests::person_id.eq(person_id))
        .execute(conn)?;
    outbox::tell(conn, [event(Kind::GuestsMerged, pair, id)])?;
    Ok(id)
}

fn event(kind: Kind, pair: Pair, merge_id: i64) -> Event {
    Event::new(kind)
        .guest(pair.guest_id)
        .other(pair.other_id)
        .with("merge_id", merge_id.to_string())
}

/// The profiles a merge joined, whether it stands or not.
pub fn pair(conn: &mut Conn, merge_id: i64) -> QueryResult<Option<Pair>> {
    let found: Option<(i64, i64)> = merges::table
        .find(merge_id)
        .select((merges::guest_id, merges::other_id))
        .first(conn)
        .optional()?;
    Ok(found.map(|(guest_id, other_id)| Pair { guest_id, other_id }))
}

/// Takes a merge back: what is left stands as if it had never been made. Call it inside a write transaction.
pub fn undo(conn: &mut Conn, merge_id: i64, by: Option<i64>) -> Result<Pair, Fault> {
    dialect::lock_merging(conn)?;
    let Pair { guest_id, other_id } = pair(conn, merge_id)?.ok_or(Fault::NotFound)?;
    let undone = diesel::update(
        merges::table
            .find(merge_id)
            .filter(merges::undone_at.is_null()),
    )
    .set((merges::undone_at.eq(clock::now()), merges::undone_by.eq(by)))
    .execute(conn)?;
    if undone == 0 {
        return Err(Message::new("refused-merge-undone").into());
    }
    let person_id = person_of(conn, guest_id)?;
    let profiles = profiles_of(conn, person_id)?;
    let homes = homes(conn, &profiles, person_id)?;
    let links: Vec<(i64, i64)> = merges::table
        .filter(merges::undone_at.is_null())
        .filter(merges::guest_id.eq_any(&profiles))
        .select((merges::guest_id, merges::other_id))
        .load(conn)?;
    for (person, profiles) in persons(&homes, &links) {
        if person != person_id {
            diesel::update(guests::table.filter(guests::id.eq_any(profiles)))
                .set(guests::person_id.eq(person))
                .execute(conn)?;
        }
    }
    let pair = Pair { guest_id, other_id };
    outbox::tell(conn, [event(Kind::GuestsUnmerged, pair, merge_id)])?;
    Ok(pair)
}

/// Where each profile of a person pointed before any merge moved it.
fn homes(conn: &mut Conn, profiles: &[i64], person_id: i64) -> QueryResult<BTreeMap<i64, i64>> {
    let moves: Vec<(i64, i64)> = merge_moves::table
        .filter(merge_moves::guest_id.eq_any(profiles))
        .order(merge_moves::merge_id.desc())
        .select((merge_moves::guest_id, merge_moves::from_person_id))
        .load(conn)?;
    let mut homes: BTreeMap<i64, i64> = profiles.iter().map(|&id| (id, person_id)).collect();
    // The newest come first, so that the oldest is what remains.
    homes.extend(moves);
    Ok(homes)
}

/// What links hold together: the profiles of each person, by the lowest of the homes they come from. Pure.
fn persons(homes: &BTreeMap<i64, i64>, links: &[(i64, i64)]) -> BTreeMap<i64, Vec<i64>> {
    let mut leads: HashMap<i64, i64> = homes.values().map(|&home| (home, home)).collect();
    let lead = |leads: &HashMap<i64, i64>, mut home: i64| {
        while let Some(&next) = leads.get(&home).filter(|&&next| next != home) {
            home = next;
        }
        home
    };
    for (a, b) in links {
        if let (Some(a), Some(b)) = (homes.get(a), homes.get(b)) {
            let (a, b) = (lead(&leads, *a), lead(&leads, *b));
            leads.insert(a.max(b), a.min(b));
        }
    }
    let mut persons: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (&profile, &home) in homes {
        persons.entry(lead(&leads, home)).or_default().push(profile);
    }
    persons
}

fn person_of(conn: &mut Conn, guest_id: i64) -> Result<i64, Fault> {
    guests::table
        .find(guest_id)
        .select(guests::person_id)
        .first(conn)
        .optional()?
        .ok_or(Fault::NotFound)
}

fn profiles_of(conn: &mut Conn, person_id: i64) -> QueryResult<Vec<i64>> {
    guests::table
        .filter(guests::person_id.eq(person_id))
        .order(guests::id)
        .select(guests::id)
        .load(conn)
}

/// Says that two profiles are not one person, and returns the statement; none where it was said before.
/// Call it inside a write transaction.
pub fn tell_apart(
    conn: &mut Conn,
    pair: Pair,
    review_id: Option<i64>,
    by: Option<i64>,
) -> Result<Option<i64>, Fault> {
    dialect::lock_merging(conn)?;
    if person_of(conn, pair.guest_id)? == person_of(conn, pair.other_id)? {
        return Err(Message::new("refused-are-one").into());
    }
    let (low, high) = (
        pair.guest_id.min(pair.other_id),
        pair.guest_id.max(pair.other_id),
    );
    if told_apart(conn, &[low, high])?.contains(&(low, high)) {
        return Ok(None);
    }
    let id = diesel::insert_into(not_same::table)
        .values((
            not_same::guest_id.eq(low),
            not_same::other_id.eq(high),
            not_same::review_id.eq(review_id),
            not_same::said_at.eq(clock::now()),
            not_same::said_by.eq(by),
        ))
        .returning(not_same::id)
        .get_result(conn)?;
    Ok(Some(id))
}

/// Takes back what a review said to be not the same.
pub(super) fn withdraw(conn: &mut Conn, review_id: i64, by: Option<i64>) -> QueryResult<()> {
    diesel::update(
        not_same::table
            .filter(not_same::review_id.eq(review_id))
            .filter(not_same::withdrawn_at.is_null()),
    )
    .set((
        not_same::withdrawn_at.eq(clock::now()),
        not_same::withdrawn_by.eq(by),
    ))
    .execute(conn)?;
    Ok(())
}

/// Pairs among these profiles that are said to be not the same person, the lower id first.
pub fn told_apart(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<Vec<(i64, i64)>> {
    not_same::table
        .filter(not_same::withdrawn_at.is_null())
        .filter(not_same::guest_id.eq_any(guest_ids))
        .filter(not_same::other_id.eq_any(guest_ids))
        .select((not_same::guest_id, not_same::other_id))
        .load(conn)
}

/// The persons that are never to be proposed for a profile's person.
pub fn never(conn: &mut Conn, guest_id: i64) -> QueryResult<HashSet<i64>> {
    let person_id: i64 = guests::table
        .find(guest_id)
        .select(guests::person_id)
        .first(conn)?;
    let profiles = profiles_of(conn, person_id)?;
    let pairs: Vec<(i64, i64)> = not_same::table
        .filter(not_same::withdrawn_at.is_null())
        .filter(
            not_same::guest_id
                .eq_any(&profiles)
                .or(not_same::other_id.eq_any(&profiles)),
        )
        .select((not_same::guest_id, not_same::other_id))
        .load(conn)?;
    let others: Vec<i64> = pairs
        .into_iter()
        .flat_map(|(a, b)| [a, b])
        .filter(|id| !profiles.contains(id))
        .collect();
    let persons: Vec<i64> = guests::table
        .filter(guests::id.eq_any(others))
        .select(guests::person_id)
        .load(conn)?;
    Ok(persons.into_iter().collect())
}

fn are_told_apart(conn: &mut Conn, a: i64, b: i64) -> QueryResult<bool> {
    let persons: HashMap<i64, i64> = guests::table
        .filter(guests::person_id.eq_any([a, b]))
        .select((guests::id, guests::person_id))
        .load::<(i64, i64)>(conn)?
        .into_iter()
        .collect();
    let ids: Vec<i64> = persons.keys().copied().collect();
    Ok(told_apart(conn, &ids)?
        .iter()
        .any(|(one, other)| persons.get(one) != persons.get(other)))
}

/// A merge that stands, for those who read the person.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Merge {
    pub id: i64,
    pub guest_id: i64,
    pub other_id: i64,
    pub source: Source,
    pub reasons: Option<String>,
    pub made_at: NaiveDateTime,
    /// What colleagues read; nobody for a command.
    pub made_by: Option<String>,
}

/// The merges that hold these profiles together, the newest first.
pub fn of_profiles(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<Vec<Merge>> {
    merges::table
        .left_join(users::table.on(users::id.nullable().eq(merges::made_by)))
        .filter(merges::undone_at.is_null())
        .filter(merges::guest_id.eq_any(guest_ids))
        .order(merges::id.desc())
        .select((
            merges::id,
            merges::guest_id,
            merges::other_id,
            merges::source,
            merges::reasons,
            merges::made_at,
            users::display_name.nullable(),
        ))
        .load(conn)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_later_merge_goes_on_joining_the_profiles_it_was_made_for() {
        // 1–2 were joined first, then 2–3; the first is taken back.
        let homes = BTreeMap::from([(1, 1), (2, 2), (3, 3)]);
        let left = persons(&homes, &[(2, 3)]);
        assert_eq!(left, BTreeMap::from([(1, vec![1]), (2, vec![2, 3])]));
    }

    #[test]
    fn profiles_that_were_one_person_before_any_merge_stay_together() {
        let homes = BTreeMap::from([(1, 1), (2, 1), (3, 3)]);
        assert_eq!(
            persons(&homes, &[]),
            BTreeMap::from([(1, vec![1, 2]), (3, vec![3])])
        );
    }

    proptest! {
        #[test]
        fn the_order_of_links_does_not_matter(
            links in prop::collection::vec((1_i64..12, 1_i64..12), 0..16),
            seed in any::<u64>(),
        ) {
            let homes: BTreeMap<i64, i64> = (1..12).map(|id| (id, id)).collect();
            let mut shuffled = links.clone();
            let turn = (seed as usize) % shuffled.len().max(1);
            shuffled.rotate_left(turn);
            shuffled.reverse();
            prop_assert_eq!(persons(&homes, &links), persons(&homes, &shuffled));
        }
    }
}
