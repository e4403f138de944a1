//! Persons who could be one, held together by pairs: the question a clerk is asked.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use diesel::prelude::*;

use super::{Answer, Kind, Pair, stored};
use crate::db::Conn;
use crate::db::schema::{duplicate_answers, guests, not_same};
use crate::recognition::review::Clerk;

/// Pairs the list is made from.
const PAIRS: i64 = 400;
/// Steps from a person to whom they could be, by way of others; each costs two queries.
const STEPS: usize = 2;
/// Persons beside the first that are shown at once; the others come when these are decided.
const SHOWN: usize = 5;

/// A pair between two persons.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The profiles.
    pub pair: Pair,
    persons: (i64, i64),
}

/// Persons who could be one.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// By the lowest profile of each; first the one that most pairs are with, then the likeliest.
    pub persons: Vec<i64>,
    /// What holds them together, the likeliest first.
    pub edges: Vec<Edge>,
}

impl Cluster {
    /// How likely its likeliest pair is.
    pub fn probability(&self) -> f64 {
        self.edges.first().map_or(0.0, |edge| edge.pair.probability)
    }

    /// The likeliest pair of two of its persons; none where only others connect them.
    pub fn edge(&self, a: i64, b: i64) -> Option<&Edge> {
        let between = |edge: &&Edge| edge.persons == (a, b) || edge.persons == (b, a);
        self.edges.iter().find(between)
    }
}

/// What edges hold together, the component of the likeliest edge first. Pure.
fn components(edges: Vec<Edge>) -> Vec<Cluster> {
    let mut leads: BTreeMap<i64, i64> = BTreeMap::new();
    let lead = |leads: &BTreeMap<i64, i64>, mut person: i64| {
        while let Some(&next) = leads.get(&person).filter(|&&next| next != person) {
            person = next;
        }
        person
    };
    for edge in &edges {
        let (a, b) = (lead(&leads, edge.persons.0), lead(&leads, edge.persons.1));
        leads.insert(a.max(b), a.min(b));
    }
    let mut clusters: Vec<(i64, Cluster)> = Vec::new();
    for edge in edges {
        let of = lead(&leads, edge.persons.0);
        match clusters.iter_mut().find(|(lead, _)| *lead == of) {
            Some((_, cluster)) => cluster.edges.push(edge),
            None => clusters.push((
                of,
                Cluster {
                    persons: Vec::new(),
                    edges: vec![edge],
                },
            )),
        }
    }
    let clusters = clusters.into_iter().map(|(_, mut cluster)| {
        cluster.persons = ordered(&cluster.edges);
        cluster
    });
    clusters.collect()
}

/// The persons of edges: first the one with most of them, then as they come, the likeliest first.
fn ordered(edges: &[Edge]) -> Vec<i64> {
    let mut order: Vec<i64> = Vec::new();
    let mut degrees: HashMap<i64, usize> = HashMap::new();
    for edge in edges {
        for person in [edge.persons.0, edge.persons.1] {
            *degrees.entry(person).or_default() += 1;
            if !order.contains(&person) {
                order.push(person);
            }
        }
    }
    let first = order
        .iter()
        .copied()
        .max_by_key(|person| (degrees.get(person), std::cmp::Reverse(*person)));
    order.sort_by_key(|person| Some(*person) != first);
    order
}

/// The likeliest clusters; those a clerk was not sure of today come last.
pub fn open(conn: &mut Conn, clerk: Clerk, most: usize) -> QueryResult<Vec<Cluster>> {
    let pairs = stored::likeliest(conn, PAIRS)?;
    let edges = edges(conn, pairs)?;
    let mut clusters = components(edges);
    let unsure: HashSet<i64> = duplicate_answers::table
        .inner_join(guests::table.on(guests::id.eq(duplicate_answers::guest_id)))
        .filter(duplicate_answers::answered_by.eq(clerk.user_id))
        .filter(duplicate_answers::answered_on.eq(clerk.today))
        .filter(duplicate_answers::answer.eq(Answer::Unsure))
        .filter(duplicate_answers::undone_at.is_null())
        .select(guests::person_id)
        .load(conn)?
        .into_iter()
        .collect();
    clusters.sort_by_key(|cluster| cluster.persons.iter().any(|id| unsure.contains(id)));
    clusters.truncate(most);
    Ok(clusters)
}

/// The cluster a person is in, with that person first; none where nobody could be the same.
pub fn around(conn: &mut Conn, person_id: i64) -> QueryResult<Option<Cluster>> {
    let mut persons = BTreeSet::from([person_id]);
    let mut found: Vec<Edge> = Vec::new();
    for _ in 0..STEPS {
        let profiles = profiles_of(conn, &persons)?;
        let pairs = stored::of_profiles(conn, &profiles)?;
        found = edges(conn, pairs)?;
        let before = persons.len();
        persons.extend(
            found
                .iter()
                .flat_map(|edge| [edge.persons.0, edge.persons.1]),
        );
        if persons.len() == before || persons.len() > SHOWN {
            break;
        }
    }
    let mut clusters = components(found);
    let Some(at) = clusters
        .iter()
        .position(|cluster| cluster.persons.contains(&person_id))
    else {
        return Ok(None);
    };
    let mut cluster = clusters.swap_remove(at);
    // Whom no pair connects with the first directly comes last.
    let likely = |id: &i64| {
        cluster
            .edge(person_id, *id)
            .map_or(0.0, |edge| edge.pair.probability)
    };
    let mut persons = cluster.persons.clone();
    persons.sort_by(|a, b| {
        (*b == person_id)
            .cmp(&(*a == person_id))
            .then(likely(b).total_cmp(&likely(a)))
    });
    let apart = apart(conn, &persons)?;
    persons.retain(|id| !apart.contains(&(*id.min(&person_id), *id.max(&person_id))));
    persons.truncate(SHOWN + 1);
    cluster.persons = persons;
    Ok((cluster.persons.len() > 1).then_some(cluster))
}

fn profiles_of(conn: &mut Conn, persons: &BTreeSet<i64>) -> QueryResult<Vec<i64>> {
    guests::table
        .filter(guests::person_id.eq_any(persons))
        .select(guests::id)
        .load(conn)
}

/// The pairs that are still a question: between two persons whom nobody told apart.
fn edges(conn: &mut Conn, pairs: Vec<Pair>) -> QueryResult<Vec<Edge>> {
    let pairs: Vec<Pair> = pairs
        .into_iter()
        .filter(|pair| pair.kind == Kind::Same)
        .collect();
    let ids: Vec<i64> = pairs
        .iter()
        .flat_map(|pair| [pair.guest_id, pair.other_id])
        .collect();
    let persons: HashMap<i64, i64> = guests::table
        .filter(guests::id.eq_any(ids))
        .select((guests::id, guests::person_id))
        .load::<(i64, i64)>(conn)?
        .into_iter()
        .collect();
    let known: BTreeSet<i64> = persons.values().copied().collect();
    let apart = apart(conn, &known.into_iter().collect::<Vec<_>>())?;
    Ok(pairs
        .into_iter()
        .filter_map(|pair| {
            let a = *persons.get(&pair.guest_id)?;
            let b = *persons.get(&pair.other_id)?;
            let is_open = a != b && !apart.contains(&(a.min(b), a.max(b)));
            is_open.then_some(Edge {
                pair,
                persons: (a, b),
            })
        })
        .collect())
}

/// Which of these persons are told apart, the lower id first. The statement is between profiles, and holds for the
/// persons they belong to.
fn apart(conn: &mut Conn, persons: &[i64]) -> QueryResult<HashSet<(i64, i64)>> {
    let (one, other) = diesel::alias!(guests as one, guests as other);
    let pairs: Vec<(i64, i64)> = not_same::table
        .inner_join(one.on(one.field(guests::id).eq(not_same::guest_id)))
        .inner_join(other.on(other.field(guests::id).eq(not_same::other_id)))
        .filter(not_same::withdrawn_at.is_null())
        .filter(one.field(guests::person_id).eq_any(persons))
        .filter(other.field(guests::person_id).eq_any(persons))
        .select((one.field(guests::person_id), other.field(guests::person_id)))
        .load(conn)?;
    Ok(pairs
        .into_iter()
        .map(|(a, b)| (a.min(b), a.max(b)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(of: &[(i64, i64, f64)]) -> Vec<Edge> {
        let edge = |&(a, b, probability): &(i64, i64, f64)| Edge {
            pair: Pair {
                guest_id: a,
                other_id: b,
                kind: Kind::Same,
                probability,
                reasons: String::new(),
            },
            persons: (a, b),
        };
        of.iter().map(edge).collect()
    }

    #[test]
    fn pairs_that_share_a_person_are_one_question_the_likeliest_first() {
        let found = components(edges(&[
            (7, 8, 0.9),
            (1, 2, 0.8),
            (2, 3, 0.7),
            (5, 6, 0.6),
            (1, 3, 0.5),
        ]));
        let persons: Vec<Vec<i64>> = found.iter().map(|c| c.persons.clone()).collect();
        assert_eq!(persons, [vec![7, 8], vec![1, 2, 3], vec![5, 6]]);
        assert!((found[1].probability() - 0.8).abs() < 1e-9);
        assert!(found[1].edge(3, 1).is_some() && found[1].edge(1, 7).is_none());
    }

    #[test]
    fn whom_most_pairs_are_with_comes_first() {
        let found = components(edges(&[(1, 2, 0.9), (2, 3, 0.8), (2, 4, 0.7)]));
        assert_eq!(found[0].persons, [2, 1, 3, 4]);
    }
}
