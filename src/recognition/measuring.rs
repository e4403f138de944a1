//! How good recognition is on labelled bookings, and from which probability on it may act. Pure.

use std::collections::BTreeMap;

use super::labelled::Outcome;
use super::model::Point;
use super::verdict::Decision;

/// Equal bins in which probability and outcome are compared.
const BINS: usize = 15;
/// Wrong links among ten thousand bookings that a hotel may choose to accept.
const WRONG: [f64; 7] = [1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0];
/// Shares of bookings that it may choose to be asked about.
const ASKED: [f64; 5] = [0.05, 0.1, 0.2, 0.33, 0.4];
/// A candidate less likely than this is never asked about.
const UNLIKELY: f64 = 0.02;
/// The precision at which recall is told beside the one decided for.
const PRECISE: f64 = 0.99;

/// Accuracy over a set of bookings; shares are of 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Accuracy {
    /// Bookings.
    pub bookings: usize,
    /// Bookings of guests who have a profile.
    pub returning: usize,
    /// Share of the returning whose profile was among the candidates.
    pub reached: f64,
    /// Right links among links.
    pub precision: f64,
    /// Right links among the returning.
    pub recall: f64,
    /// The best harmonic mean of precision and recall over all thresholds.
    pub best_f1: f64,
    /// The most recall at a precision of .99.
    pub recall_at_99: f64,
    /// Wrong links among ten thousand bookings.
    pub wrong: f64,
    /// Of these, new guests put on an old profile.
    pub wrong_new: f64,
    /// Right first candidates among the returning who were linked or asked about.
    pub recall_with_review: f64,
    /// Share of all bookings that somebody is asked about.
    pub in_review: f64,
    /// Expected calibration error of first candidates.
    pub calibration_error: f64,
}

fn count(outcomes: &[Outcome], is: impl Fn(&Outcome) -> bool) -> usize {
    outcomes.iter().filter(|outcome| is(outcome)).count()
}

/// A share, or nothing of nothing.
fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

fn is_linked(outcome: &Outcome) -> bool {
    outcome.decision == Decision::Linked
}

impl Accuracy {
    /// Measures outcomes.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let bookings = outcomes.len();
        let returning = count(outcomes, |o| o.truth.guest_id.is_some());
        let right = count(outcomes, |o| is_linked(o) && o.is_right);
        let wrong = |is: &dyn Fn(&Outcome) -> bool| {
            share(
                count(outcomes, |o| is_linked(o) && !o.is_right && is(o)),
                bookings,
            ) * 1e4
        };
        let (best_f1, recall_at_99) = over_thresholds(outcomes, returning);
        Self {
            bookings,
            returning,
            reached: share(count(outcomes, |o| o.is_reached), returning),
            precision: share(right, count(outcomes, is_linked)),
            recall: share(right, returning),
            best_f1,
            recall_at_99,
            wrong: wrong(&|_| true),
            wrong_new: wrong(&|o| o.truth.guest_id.is_none()),
            recall_with_review: share(
                count(outcomes, |o| o.is_right && o.decision != Decision::New),
                returning,
            ),
            in_review: share(
                count(outcomes, |o| o.decision == Decision::Review),
                bookings,
            ),
            calibration_error: calibration_error(outcomes),
        }
    }
}

impl Accuracy {
    /// Wrong links, counted.
    pub fn wrong_links(&self) -> usize {
        (self.wrong * self.bookings as f64 / 1e4).round() as usize
    }
}

/// The likeliest first.
fn descending(outcomes: &[Outcome]) -> Vec<&Outcome> {
    let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
    sorted.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    sorted
}

fn over_thresholds(outcomes: &[Outcome], returning: usize) -> (f64, f64) {
    let (mut best_f1, mut recall_at_99, mut right) = (0.0_f64, 0.0_f64, 0);
    for (linked, outcome) in (1..).zip(descending(outcomes)) {
        right += usize::from(outcome.is_right);
        let (precision, recall) = (share(right, linked), share(right, returning));
        best_f1 = best_f1.max(2.0 * precision * recall / (precision + recall).max(f64::EPSILON));
        if precision >= PRECISE {
            recall_at_99 = recall_at_99.max(recall);
        }
    }
    (best_f1, recall_at_99)
}

fn calibration_error(outcomes: &[Outcome]) -> f64 {
    let mut bins: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    let told: Vec<&Outcome> = outcomes.iter().filter(|o| o.first.is_some()).collect();
    for outcome in &told {
        let bin = ((outcome.probability * BINS as f64) as usize).min(BINS - 1);
        let (said, was) = bins.entry(bin).or_default();
        *said += outcome.probability;
        *was += f64::from(u8::from(outcome.is_right));
    }
    let off: f64 = bins.values().map(|(said, was)| (said - was).abs()).sum();
    off / told.len().max(1) as f64
}

/// The thresholds to choose between; from outcomes of a model that links whatever is safe.
pub fn points(outcomes: &[Outcome]) -> Vec<Point> {
    let returning = count(outcomes, |o| o.truth.guest_id.is_some());
    let found =
        |is: &dyn Fn(&Outcome) -> bool| share(count(outcomes, |o| o.is_right && is(o)), returning);
    let choices = WRONG
        .iter()
        .flat_map(|wrong| ASKED.map(|asked| (*wrong, asked)));
    choices
        .map(|(wrong, asked)| {
            let link = link_from(outcomes, wrong);
            let review = review_from(outcomes, link, asked).max(UNLIKELY);
            Point {
                wrong,
                asked,
                link: down(link, 1e6),
                review: down(review, 1e6),
                linked: down(found(&|o| is_linked(o) && o.probability >= link), 1e4),
                found: down(found(&|o| o.probability >= review), 1e4),
            }
        })
        .collect()
}

/// With as many digits as are worth keeping; never more than it was, so that a threshold keeps whom it was chosen for.
fn down(value: f64, digits: f64) -> f64 {
    (value * digits).floor() / digits
}

/// The probability from which on at most `wrong` in ten thousand bookings are linked wrongly; from outcomes of a model
/// that links whatever is safe.
fn link_from(outcomes: &[Outcome], wrong: f64) -> f64 {
    let (mut misses, mut from) = (0, 1.0);
    let linked: Vec<&Outcome> = descending(outcomes)
        .into_iter()
        .filter(|o| is_linked(o))
        .collect();
    // Those of one probability are linked together, or not at all.
    for alike in linked.chunk_by(|a, b| a.probability == b.probability) {
        misses += alike.iter().filter(|outcome| !outcome.is_right).count();
        if share(misses, outcomes.len()) * 1e4 > wrong {
            break;
        }
        from = alike.first().map_or(from, |outcome| outcome.probability);
    }
    from
}

/// The probability from which on at most this share of bookings is asked about, beside those linked from `link` on.
fn review_from(outcomes: &[Outcome], link: f64, asked: f64) -> f64 {
    let linked = count(outcomes, |o| is_linked(o) && o.probability >= link);
    let most = linked + (asked * outcomes.len() as f64) as usize;
    descending(outcomes)
        .get(most)
        .map_or(0.0, |outcome| outcome.probability)
}

/// What became of bookings of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those of guests who have a profile.
    pub returning: usize,
    /// Of these, linked rightly.
    pub linked: usize,
    /// Of these, linked rightly or asked about with the right one first.
    pub found: usize,
    /// Linked wrongly, new guests included.
    pub wrong: usize,
}

/// Tallies by kind of difficulty and evidence.
pub fn by_kind(outcomes: &[Outcome]) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for outcome in outcomes {
        let truth = &outcome.truth;
        let labels = truth.kinds.iter().map(|kind| format!("kind {kind}"));
        for label in labels.chain([
            format!("hard {}", truth.hard),
            format!("evidence {}", truth.evidence),
        ]) {
            let tally = tallies.entry(label).or_default();
            let is_found = outcome.is_right && outcome.decision != Decision::New;
            tally.returning += usize::from(truth.guest_id.is_some());
            tally.linked += usize::from(is_found && is_linked(outcome));
            tally.found += usize::from(is_found);
            tally.wrong += usize::from(is_linked(outcome) && !outcome.is_right);
        }
    }
    tallies
}

#[cfg(test)]
mod tests {
    use super::super::labelled::Truth;
    use super::*;

    /// Bookings of a guest with a profile, or of none: how likely, what was decided, and whether that is right.
    fn outcomes(of: &[(bool, f64, Decision, bool)]) -> Vec<Outcome> {
        of.iter()
            .map(|&(is_returning, probability, decision, is_right)| Outcome {
                first: Some(1),
                probability,
                decision,
                reasons: String::new(),
                is_reached: is_right,
                is_right,
                truth: Truth {
                    guest_id: is_returning.then_some(1),
                    ..Truth::default()
                },
            })
            .collect()
    }

    #[test]
    fn accuracy_is_counted_by_its_rules() {
        use Decision::{Linked, New, Review};
        let accuracy = Accuracy::of(&outcomes(&[
            (true, 1.0, Linked, true),
            (true, 0.9, Linked, false),
            (false, 0.8, Linked, false),
            (true, 0.5, Review, true),
            (false, 0.0, New, false),
        ]));
        assert_eq!((accuracy.bookings, accuracy.returning), (5, 3));
        assert!((accuracy.precision - 1.0 / 3.0).abs() < 1e-9);
        assert!((accuracy.recall - 1.0 / 3.0).abs() < 1e-9);
        assert!((accuracy.wrong - 4_000.0).abs() < 1e-9);
        assert!((accuracy.wrong_new - 2_000.0).abs() < 1e-9);
        assert!((accuracy.recall_with_review - 2.0 / 3.0).abs() < 1e-9);
        assert!((accuracy.in_review - 0.2).abs() < 1e-9);
        assert!((accuracy.recall_at_99 - 1.0 / 3.0).abs() < 1e-9);
        // (0 + .9 + .8 + .5 + 0) / 5
        assert!((accuracy.calibration_error - 0.44).abs() < 1e-9);
    }

    #[test]
    fn thresholds_stop_before_one_wrong_link_too_many() {
        use Decision::Linked;
        let all = outcomes(&[
            (true, 0.99, Linked, true),
            (true, 0.98, Linked, false),
            (true, 0.97, Linked, true),
            (true, 0.96, Linked, false),
        ]);
        assert!((link_from(&all, 2_500.0) - 0.97).abs() < 1e-9);
        assert!((review_from(&all, 0.97, 0.0) - 0.96).abs() < 1e-9);
    }
}
