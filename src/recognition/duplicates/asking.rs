//! A profile asked who it is, as if it were a booking. Pure, but for loading what a batch needs.

use diesel::QueryResult;

use super::relation::relation;
use super::{Kind, Pair};
use crate::db::Conn;
use crate::recognition;
use crate::recognition::compare::Comparison;
use crate::recognition::known::{Candidate, Heard, Known, Others};
use crate::recognition::model::{self, Model};
use crate::recognition::signals::Signals;
use crate::recognition::verdict::{self, UNLIKELY};

/// Others kept of one profile, those it could be and those it is related to: the rest is a crowd.
const MOST: usize = 8;
/// Two candidates are taken for one person from this share on: what speaks for one then speaks for the other.
/// Namesakes stay below it.
const AS_ONE: f64 = 0.9;

/// Everybody these profiles could be, or belong to.
pub(super) fn ask(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Pair>> {
    let model = recognition::current(conn)?;
    let asked = Known::profiles(conn, ids)?;
    let signals: Vec<Signals> = asked.iter().map(|asked| asked.signals.clone()).collect();
    // All who hold a contact are stored: there is nothing to hear besides.
    let known = Known::load(conn, &signals)?.hearing(&Heard::default());
    Ok(asked
        .iter()
        .flat_map(|asked| ask_one(asked, &known, &model))
        .collect())
}

fn ask_one(asked: &Candidate, known: &Known, model: &Model) -> Vec<Pair> {
    let (own, others): (Vec<&Candidate>, Vec<&Candidate>) = known
        .candidates(&asked.signals)
        .into_iter()
        .partition(|candidate| candidate.person_id == asked.person_id);
    let holders = Others { known, own: &own };
    let compared = verdict::compare_with(&asked.signals, others, &holders);
    let shares = model.shares(&model::nobody(&asked.signals), &compared.grades);
    let mut judged: Vec<Judged<'_>> = shares
        .into_iter()
        .zip(&compared.candidates)
        .map(|(share, (candidate, comparison))| (share, *candidate, comparison))
        .collect();
    judged.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.guest_id.cmp(&b.1.guest_id)));
    let pair = |kind, probability, candidate: &Candidate, comparison: &Comparison| Pair {
        guest_id: asked.guest_id.min(candidate.guest_id),
        other_id: asked.guest_id.max(candidate.guest_id),
        kind,
        probability,
        reasons: verdict::reasons(comparison).join(";"),
    };
    let related = judged.iter().filter_map(|(share, candidate, comparison)| {
        relation(comparison).map(|kind| pair(kind, model.calibrated(*share), candidate, comparison))
    });
    let mut pairs: Vec<Pair> = related.take(MOST).collect();
    let likely: Vec<&Judged<'_>> = judged
        .iter()
        .filter(|(share, _, comparison)| *share >= UNLIKELY && relation(comparison).is_none())
        .take(MOST)
        .collect();
    let is_one = |a: &Candidate, b: &Candidate| {
        a.person_id == b.person_id || {
            let comparison = Comparison::of(&a.signals, &b.signals, &holders);
            let grades = vec![model::candidate(&comparison, likely.len())];
            let share = model.shares(&model::nobody(&a.signals), &grades);
            share.first().is_some_and(|share| *share >= AS_ONE)
        }
    };
    let pooled = pooled(&likely, is_one, |share| model.calibrated(share));
    pairs.extend(
        likely
            .iter()
            .zip(pooled)
            .filter(|(_, probability)| *probability >= model.review)
            .map(|((_, candidate, comparison), probability)| {
                pair(Kind::Same, probability, candidate, comparison)
            }),
    );
    pairs
}

/// A candidate with its share among all.
type Judged<'a> = (f64, &'a Candidate, &'a Comparison);

/// How likely each is, the likeliest first: of those who are one person among themselves, all are as likely as all
/// together.
///
/// Exactly one profile can be a booking's, so that candidates compete. Duplicates come in threes: they do not.
fn pooled(
    likely: &[&Judged<'_>],
    is_one: impl Fn(&Candidate, &Candidate) -> bool,
    calibrated: impl Fn(f64) -> f64,
) -> Vec<f64> {
    let mut told: Vec<Option<f64>> = vec![None; likely.len()];
    while let Some(leader) = told.iter().position(Option::is_none) {
        let members: Vec<usize> = (leader..likely.len())
            .filter(|&at| told.get(at).is_some_and(Option::is_none))
            .filter(|&at| match (likely.get(leader), likely.get(at)) {
                (Some((_, a, _)), Some((_, b, _))) => at == leader || is_one(a, b),
                _ => false,
            })
            .collect();
        let share = members.iter().filter_map(|&at| likely.get(at));
        let share = share.map(|(share, ..)| share).sum::<f64>().min(1.0);
        // Calibration is read off first candidates; the others keep their share beside it.
        let probability = if leader == 0 {
            calibrated(share)
        } else {
            share
        };
        for at in members {
            if let Some(told) = told.get_mut(at) {
                *told = Some(probability);
            }
        }
    }
    told.into_iter().flatten().collect()
}
