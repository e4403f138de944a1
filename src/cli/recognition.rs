//! `innkeeper recognition`: fit the model on labelled bookings, and measure it on others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::recognition::fitting;
use crate::recognition::labelled::{Labelled, Outcome};
use crate::recognition::model::Model;

/// Fit recognition on labelled bookings, or measure it.
#[derive(Subcommand, Debug)]
pub enum Recognition {
    /// Fit the weights on one set, calibrate and choose thresholds on another, and write the model.
    Fit {
        /// Folder with guests, reservations and truth to fit on.
        #[arg(long)]
        fit: PathBuf,
        /// Folder with those to calibrate on.
        #[arg(long)]
        calibrate: PathBuf,
        /// Where the model goes.
        #[arg(long, default_value = "src/recognition/model.json")]
        output: PathBuf,
    },
    /// Print the accuracy on a labelled set.
    Measure {
        /// Folder with guests, reservations and truth.
        folder: PathBuf,
        /// A model other than the one that comes with the program.
        #[arg(long)]
        model: Option<PathBuf>,
        /// Where to write what was decided about each booking.
        #[arg(long)]
        output: Option<PathBuf>,
    },
}

/// Wrong links among ten thousand bookings that the threshold is chosen for.
const WRONG: f64 = 7.0;
/// The share of bookings that a person may be asked about.
const ASKED: f64 = 0.33;

impl Recognition {
    /// Runs it.
    pub fn run(&self) -> Result<u8, String> {
        match self {
            Self::Fit {
                fit,
                calibrate,
                output,
            } => {
                let (fit, calibrate) = (Labelled::read(fit)?, Labelled::read(calibrate)?);
                let mut model = Model {
                    weights: fitting::fit(&fit.cases()),
                    ..Model::default()
                };
                model.calibration = fitting::calibrate(&model, &calibrate.cases());
                let outcomes = calibrate.outcomes(&model);
                model.link = link_threshold(&outcomes);
                model.review = review_threshold(&outcomes, model.link);
                fs::write(output, model.write() + "\n")
                    .map_err(|error| format!("{}: {error}", output.display()))?;
                println!("{} written", output.display());
                report("fitted on", &fit.outcomes(&model), &model);
                report("calibrated on", &calibrate.outcomes(&model), &model);
            }
            Self::Measure {
                folder,
                model,
                output,
            } => {
                let model = match model {
                    Some(path) => Model::read(
                        &fs::read_to_string(path)
                            .map_err(|error| format!("{}: {error}", path.display()))?,
                    )?,
                    None => Model::shipped().clone(),
                };
                let outcomes = Labelled::read(folder)?.outcomes(&model);
                report(&folder.display().to_string(), &outcomes, &model);
                if let Some(path) = output {
                    write(path, &outcomes, &model)?;
                }
            }
        }
        Ok(0)
    }
}

fn descending(outcomes: &[Outcome]) -> Vec<&Outcome> {
    let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
    sorted.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    sorted
}

/// The lowest probability from which on no more than [`WRONG`] in ten thousand links are wrong.
fn link_threshold(outcomes: &[Outcome]) -> f64 {
    let (mut wrong, mut threshold) = (0, 1.0);
    for outcome in descending(outcomes).into_iter().filter(|o| o.is_linked) {
        wrong += usize::from(!outcome.is_right);
        if wrong as f64 * 10_000.0 / outcomes.len() as f64 > WRONG {
            break;
        }
        threshold = outcome.probability;
    }
    threshold
}

fn review_threshold(outcomes: &[Outcome], link: f64) -> f64 {
    let linked = outcomes
        .iter()
        .filter(|o| o.is_linked && o.probability >= link)
        .count();
    let most = linked + (ASKED * outcomes.len() as f64) as usize;
    descending(outcomes)
        .get(most)
        .map_or(0.05, |outcome| outcome.probability)
        .max(0.02)
}

fn write(path: &Path, outcomes: &[Outcome], model: &Model) -> Result<(), String> {
    let wrong = |error: csv::Error| format!("{}: {error}", path.display());
    let mut file = csv::Writer::from_path(path).map_err(wrong)?;
    file.write_record([
        "reservation_id",
        "first",
        "probability",
        "linked",
        "right",
        "reached",
        "reasons",
    ])
    .map_err(wrong)?;
    for outcome in outcomes {
        let yes = |is: bool| if is { "yes" } else { "no" };
        file.write_record([
            outcome.truth.reservation_id.as_str(),
            &outcome.first.map(|id| id.to_string()).unwrap_or_default(),
            &format!("{:.4}", outcome.probability),
            yes(outcome.is_linked && outcome.probability >= model.link),
            yes(outcome.is_right),
            yes(outcome.is_reached),
            &outcome.reasons,
        ])
        .map_err(wrong)?;
    }
    file.flush()
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn report(name: &str, outcomes: &[Outcome], model: &Model) {
    let all = outcomes.len() as f64;
    let reached = outcomes.iter().filter(|o| o.is_reached).count() as f64;
    let returning = outcomes
        .iter()
        .filter(|o| o.truth.guest_id.is_some())
        .count() as f64;
    let linked: Vec<&Outcome> = outcomes
        .iter()
        .filter(|o| o.is_linked && o.probability >= model.link)
        .collect();
    let right = linked.iter().filter(|o| o.is_right).count() as f64;
    let wrong: Vec<&&Outcome> = linked.iter().filter(|o| !o.is_right).collect();
    let wrong_new = wrong.iter().filter(|o| o.truth.guest_id.is_none()).count();
    let is_asked = |o: &Outcome| {
        o.probability >= model.review && !(o.is_linked && o.probability >= model.link)
    };
    let asked = outcomes.iter().filter(|o| is_asked(o)).count() as f64;
    let found = outcomes
        .iter()
        .filter(|o| o.is_right && o.probability >= model.review)
        .count() as f64;
    let (mut best, mut at_99, mut hits) = (0.0_f64, 0.0_f64, 0.0);
    for (count, outcome) in (1..).zip(descending(outcomes)) {
        hits += f64::from(u8::from(outcome.is_right));
        let (precision, recall) = (hits / f64::from(count), hits / returning);
        best = best.max(2.0 * precision * recall / (precision + recall).max(1e-9));
        if precision >= 0.99 {
            at_99 = at_99.max(recall);
        }
    }
    println!(
        "\n{name}: {all} bookings, {returning} of returning guests, {:.4} of them among the candidates",
        reached / returning
    );
    println!(
        "  precision {:.4}  recall {:.4}  best F1 {best:.4}  recall at precision .99 {at_99:.4}",
        right / (linked.len() as f64).max(1.0),
        right / returning
    );
    println!(
        "  wrong links per 10,000: {:.1}, of them new guests on an old profile {:.1}",
        wrong.len() as f64 * 1e4 / all,
        wrong_new as f64 * 1e4 / all
    );
    println!(
        "  recall with review {:.4}  in review {:.4}  calibration error {:.4}",
        found / returning,
        asked / all,
        calibration_error(outcomes)
    );
    let mut kinds: BTreeMap<String, [f64; 4]> = BTreeMap::new();
    for outcome in outcomes {
        let truth = &outcome.truth;
        let labels = truth.kinds.iter().map(|k| format!("kind {k}")).chain([
            format!("hard {}", truth.hard),
            format!("evidence {}", truth.evidence),
        ]);
        for label in labels {
            let of = kinds.entry(label).or_default();
            let is_link = outcome.is_linked && outcome.probability >= model.link;
            of[0] += f64::from(u8::from(truth.guest_id.is_some()));
            of[1] += f64::from(u8::from(is_link && outcome.is_right));
            of[2] += f64::from(u8::from(
                outcome.is_right && outcome.probability >= model.review,
            ));
            of[3] += f64::from(u8::from(is_link && !outcome.is_right));
        }
    }
    println!(
        "  {:<36} {:>9} {:>8} {:>12} {:>6}",
        "", "returning", "linked", "with review", "wrong"
    );
    for (label, [of, linked, found, wrong]) in kinds {
        println!(
            "  {label:<36} {of:>9} {:>8.3} {:>12.3} {wrong:>6}",
            linked / of.max(1.0),
            found / of.max(1.0)
        );
    }
}

/// Expected calibration error over first candidates, in fifteen equal bins.
fn calibration_error(outcomes: &[Outcome]) -> f64 {
    let mut bins = [[0.0_f64; 3]; 15];
    for outcome in outcomes.iter().filter(|o| o.first.is_some()) {
        let bin = ((outcome.probability * 15.0) as usize).min(14);
        if let Some(bin) = bins.get_mut(bin) {
            bin[0] += 1.0;
            bin[1] += outcome.probability;
            bin[2] += f64::from(u8::from(outcome.is_right));
        }
    }
    let all: f64 = bins.iter().map(|bin| bin[0]).sum();
    bins.iter().map(|bin| (bin[1] - bin[2]).abs()).sum::<f64>() / all.max(1.0)
}
