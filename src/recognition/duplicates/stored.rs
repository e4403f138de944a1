//! The pairs that were found, as they are kept and read.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Kind, Pair};
use crate::db::Conn;
use crate::db::schema::{duplicate_pairs, guests};
use crate::guests::Guest;
use crate::{fixed_sql, insert_rows};

fixed_sql! {
    /// Only the word itself, not a bound one, lets the index of those that could be one person serve.
    CouldBeOne: Bool = "duplicate_pairs.kind = 'same'"
}

#[derive(Insertable)]
#[diesel(table_name = duplicate_pairs)]
struct Row {
    guest_id: i64,
    other_id: i64,
    kind: Kind,
    probability: f64,
    reasons: String,
    found_at: NaiveDateTime,
}

macro_rules! columns {
    () => {
        (
            duplicate_pairs::guest_id,
            duplicate_pairs::other_id,
            duplicate_pairs::kind,
            duplicate_pairs::probability,
            duplicate_pairs::reasons,
        )
    };
}

/// Replaces what was found of these profiles before the walk began, and returns what is new.
///
/// Both sides of a pair are asked; what the surer of the two says stands.
pub(super) fn keep(
    conn: &mut Conn,
    ids: &[i64],
    pairs: Vec<Pair>,
    began: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<Vec<Pair>> {
    let old = || duplicate_pairs::table.filter(duplicate_pairs::found_at.lt(began));
    diesel::delete(old().filter(duplicate_pairs::guest_id.eq_any(ids))).execute(conn)?;
    diesel::delete(old().filter(duplicate_pairs::other_id.eq_any(ids))).execute(conn)?;
    let mut surest: HashMap<(i64, i64), Pair> = HashMap::new();
    for pair in pairs {
        let at = (pair.guest_id, pair.other_id);
        let is_surer = |known: &Pair| pair.probability > known.probability;
        if surest.get(&at).is_none_or(is_surer) {
            surest.insert(at, pair);
        }
    }
    let known: Vec<(i64, i64, f64)> = duplicate_pairs::table
        .filter(duplicate_pairs::other_id.eq_any(ids))
        .or_filter(duplicate_pairs::guest_id.eq_any(ids))
        .select((
            duplicate_pairs::guest_id,
            duplicate_pairs::other_id,
            duplicate_pairs::probability,
        ))
        .load(conn)?;
    for (guest_id, other_id, probability) in known {
        let Some(pair) = surest.remove(&(guest_id, other_id)) else {
            continue;
        };
        if pair.probability > probability {
            diesel::update(duplicate_pairs::table.find((guest_id, other_id)))
                .set((
                    duplicate_pairs::kind.eq(pair.kind),
                    duplicate_pairs::probability.eq(pair.probability),
                    duplicate_pairs::reasons.eq(pair.reasons),
                ))
                .execute(conn)?;
        }
    }
    let mut new: Vec<Pair> = surest.into_values().collect();
    new.sort_by_key(|pair| (pair.guest_id, pair.other_id));
    let rows: Vec<Row> = new
        .iter()
        .cloned()
        .map(|pair| Row {
            guest_id: pair.guest_id,
            other_id: pair.other_id,
            kind: pair.kind,
            probability: pair.probability,
            reasons: pair.reasons,
            found_at: now,
        })
        .collect();
    insert_rows!(conn, duplicate_pairs::table, rows);
    Ok(new)
}

/// The likeliest pairs that could be one person and are not yet.
pub(super) fn likeliest(conn: &mut Conn, most: i64) -> QueryResult<Vec<Pair>> {
    let (one, other) = diesel::alias!(guests as one, guests as other);
    duplicate_pairs::table
        .inner_join(one.on(one.field(guests::id).eq(duplicate_pairs::guest_id)))
        .inner_join(other.on(other.field(guests::id).eq(duplicate_pairs::other_id)))
        .filter(CouldBeOne)
        .filter(
            one.field(guests::person_id)
                .ne(other.field(guests::person_id)),
        )
        .order((
            duplicate_pairs::probability.desc(),
            duplicate_pairs::guest_id,
            duplicate_pairs::other_id,
        ))
        .limit(most)
        .select(columns!())
        .load(conn)
}

/// The pairs of these profiles, the likeliest first.
pub(super) fn of_profiles(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Pair>> {
    duplicate_pairs::table
        .filter(duplicate_pairs::guest_id.eq_any(ids))
        .or_filter(duplicate_pairs::other_id.eq_any(ids))
        .order((
            duplicate_pairs::probability.desc(),
            duplicate_pairs::guest_id,
            duplicate_pairs::other_id,
        ))
        .select(columns!())
        .load(conn)
}

/// Somebody who belongs together with a person, or could be the same.
#[derive(Clone, Debug)]
pub struct Link {
    /// A profile of theirs.
    pub guest: Guest,
    /// The profile they are beside.
    pub of: i64,
    /// How.
    pub kind: Kind,
    /// How likely they are one person, 0 to 1.
    pub probability: f64,
    /// Codes of reasons joined by `;`.
    pub reasons: String,
}

/// Those beside the person of these profiles, each other person once, who could be the same first.
pub fn links(conn: &mut Conn, ids: &[i64], most: usize) -> QueryResult<Vec<Link>> {
    let mut pairs = of_profiles(conn, ids)?;
    let beside = |pair: &Pair| -> Option<(i64, i64)> {
        let is_own = |id: &i64| ids.contains(id);
        match (is_own(&pair.guest_id), is_own(&pair.other_id)) {
            (true, false) => Some((pair.guest_id, pair.other_id)),
            (false, true) => Some((pair.other_id, pair.guest_id)),
            _ => None,
        }
    };
    let others: Vec<i64> = pairs
        .iter()
        .filter_map(|pair| Some(beside(pair)?.1))
        .collect();
    let guests: HashMap<i64, Guest> = Guest::by_ids(conn, &others)?
        .into_iter()
        .map(|guest| (guest.id, guest))
        .collect();
    // The order within a kind stays: the likeliest first.
    pairs.sort_by_key(|pair| pair.kind);
    let mut links: Vec<Link> = Vec::new();
    for pair in pairs {
        let Some((of, other)) = beside(&pair) else {
            continue;
        };
        let Some(guest) = guests.get(&other) else {
            continue;
        };
        let is_known = |link: &Link| link.guest.person_id == guest.person_id;
        if links.len() < most && !links.iter().any(is_known) {
            links.push(Link {
                guest: guest.clone(),
                of,
                kind: pair.kind,
                probability: pair.probability,
                reasons: pair.reasons,
            });
        }
    }
    Ok(links)
}
