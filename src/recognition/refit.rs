//! Fitting to a hotel's own decisions: who was joined, and who was said to be not the same.
//!
//! Such decisions are few, and come from where the model was unsure. So weights start from those in use and are drawn to
//! them: only what is said again and again moves one.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;

use super::fitting::{self, Case};
use super::known::{Candidate, Heard, Known, Others};
use super::model::{self, Model};
use super::signals::Signals;
use super::verdict;
use crate::db::Conn;
use crate::db::schema::{merges, not_same};

/// Fewer decisions than this say nothing.
pub const FEWEST: usize = 200;
/// How strongly weights are drawn to those in use: like so many decisions that spoke for them.
const PULL: f64 = 20.0;
/// Every so many-th decision is held out, to see whether the fit is better.
const HELD_OUT: usize = 5;
/// Profiles loaded together.
const BATCH: usize = 250;

/// How well a model foretells decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Foretold {
    /// Decisions.
    pub decisions: usize,
    /// Share of those foretold.
    pub right: f64,
    /// Mean surprise, in natural logarithms; less is better.
    pub surprise: f64,
}

/// A fitted model, and what it is better at.
#[derive(Clone, Debug)]
pub struct Refitted {
    /// Fitted on all decisions.
    pub model: Model,
    /// How well the old model foretells what was held out.
    pub before: Foretold,
    /// How well a model foretells it that was fitted on the rest.
    pub after: Foretold,
}

/// What was decided about a profile: who else is the same person, and who is not.
#[derive(Default)]
struct Decided {
    same: HashSet<i64>,
    other: HashSet<i64>,
}

/// The hotel's decisions that stand, as cases.
pub fn cases(conn: &mut Conn) -> QueryResult<Vec<Case>> {
    let joined: Vec<(i64, i64)> = merges::table
        .filter(merges::undone_at.is_null())
        .filter(merges::made_by.is_not_null())
        .select((merges::guest_id, merges::other_id))
        .load(conn)?;
    let parted: Vec<(i64, i64)> = not_same::table
        .filter(not_same::withdrawn_at.is_null())
        .filter(not_same::said_by.is_not_null())
        .select((not_same::guest_id, not_same::other_id))
        .load(conn)?;
    // The younger profile is the one that came and was asked about.
    let mut decided: BTreeMap<i64, Decided> = BTreeMap::new();
    for (a, b) in joined {
        let about = decided.entry(a.max(b)).or_default();
        about.same.insert(a.min(b));
    }
    for (a, b) in parted {
        let about = decided.entry(a.max(b)).or_default();
        about.other.insert(a.min(b));
    }
    let ids: Vec<i64> = decided.keys().copied().collect();
    let mut cases = Vec::new();
    for ids in ids.chunks(BATCH) {
        let asked = Known::profiles(conn, ids)?;
        let signals: Vec<Signals> = asked.iter().map(|asked| asked.signals.clone()).collect();
        let known = Known::load(conn, &signals)?.hearing(&Heard::default());
        for asked in &asked {
            if let Some(about) = decided.get(&asked.guest_id) {
                cases.extend(cases_of(asked, about, &known));
            }
        }
    }
    Ok(cases)
}

/// A case for each that is the same, among all who are not; or one of those ruled out.
fn cases_of(asked: &Candidate, about: &Decided, known: &Known) -> Vec<Case> {
    let others: Vec<&Candidate> = known
        .candidates(&asked.signals)
        .into_iter()
        .filter(|candidate| candidate.guest_id != asked.guest_id)
        .collect();
    let own = [asked];
    let holders = Others { known, own: &own };
    let compared = verdict::compare_with(&asked.signals, others, &holders);
    let nobody = model::nobody(&asked.signals);
    let graded = |is_wanted: &dyn Fn(&Candidate) -> bool| -> (Vec<i64>, Vec<Vec<model::Grade>>) {
        let all = compared.candidates.iter().zip(&compared.grades);
        let wanted = all.filter(|((candidate, _), _)| is_wanted(candidate));
        wanted
            .map(|((candidate, _), grades)| (candidate.guest_id, grades.clone()))
            .unzip()
    };
    let case = |truth: Option<i64>, (ids, candidates): (Vec<i64>, Vec<Vec<model::Grade>>)| Case {
        truth: truth.and_then(|truth| ids.iter().position(|id| *id == truth)),
        candidates,
        nobody: nobody.clone(),
    };
    if about.same.is_empty() {
        let ruled_out = graded(&|c| about.other.contains(&c.guest_id));
        let any = !ruled_out.0.is_empty();
        return any.then(|| case(None, ruled_out)).into_iter().collect();
    }
    let cases = about.same.iter().map(|same| {
        // The others of the person are right as well: they don't compete.
        let rivals = graded(&|c| c.guest_id == *same || c.person_id != asked.person_id);
        case(Some(*same), rivals)
    });
    cases.filter(|case| case.truth.is_some()).collect()
}

/// Fits to cases, starting from a model; none where they are too few. Pure.
pub fn refit(model: &Model, cases: &[Case]) -> Option<Refitted> {
    if cases.len() < FEWEST {
        return None;
    }
    let fitted = |cases: &[Case]| Model {
        weights: fitting::fit_from(cases, &model.weights, PULL),
        ..model.clone()
    };
    let (mut held, mut rest) = (Vec::new(), Vec::new());
    for (at, case) in cases.iter().enumerate() {
        let to = if at % HELD_OUT == 0 {
            &mut held
        } else {
            &mut rest
        };
        to.push(case.clone());
    }
    Some(Refitted {
        before: foretold(model, &held),
        after: foretold(&fitted(&rest), &held),
        model: fitted(cases),
    })
}

fn foretold(model: &Model, cases: &[Case]) -> Foretold {
    let (mut right, mut surprise) = (0_usize, 0.0);
    for case in cases {
        let mut shares = model.shares(&case.nobody, &case.candidates);
        shares.push(1.0 - shares.iter().sum::<f64>());
        let truth = case.truth.unwrap_or(case.candidates.len());
        let share = shares.get(truth).copied().unwrap_or_default();
        right += usize::from(shares.iter().all(|other| *other <= share));
        surprise -= share.max(1e-6).ln();
    }
    let count = cases.len().max(1) as f64;
    Foretold {
        decisions: cases.len(),
        right: right as f64 / count,
        surprise: surprise / count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognition::compare::{Comparison, Contact};
    use crate::recognition::levels::{Agreement, Names};

    /// Decisions of a hotel where namesakes with another e-mail are strangers, but for every seventh.
    fn decisions(count: usize) -> Vec<Case> {
        let c = Comparison {
            names: Names {
                given: Agreement::Same,
                family: Agreement::Same,
                swapped: false,
            },
            email: Contact::Differs,
            ..Comparison::default()
        };
        let case = |at: usize| Case {
            candidates: vec![model::candidate(&c, 1)],
            nobody: model::nobody(&Signals::default()),
            truth: (at % 7 == 3).then_some(0),
        };
        (0..count).map(case).collect()
    }

    #[test]
    fn too_few_decisions_fit_nothing() {
        assert!(refit(Model::shipped(), &decisions(FEWEST - 1)).is_none());
    }

    #[test]
    fn what_is_decided_again_and_again_is_learned_and_the_rest_stays() {
        let shipped = Model::shipped();
        let refitted = refit(shipped, &decisions(400)).unwrap();
        assert!(
            refitted.after.surprise < refitted.before.surprise,
            "{refitted:?}"
        );
        assert!(refitted.after.right >= refitted.before.right);
        let moved = shipped.weights.iter().zip(&refitted.model.weights);
        let moved = moved
            .filter(|(old, new)| (*old - *new).abs() > 1e-6)
            .count();
        // Grades that no decision speaks of are as they were.
        assert!(moved > 0 && moved < shipped.weights.len() / 4, "{moved}");
        let pairs = shipped.weights.iter().zip(&refitted.model.weights);
        let most = pairs
            .map(|(old, new)| (old - new).abs())
            .fold(0.0, f64::max);
        assert!(most < 1.0, "no single grade is turned over: {most}");
    }
}
