//! `innkeeper recognition`: fit the model on labelled bookings, and measure it on others.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::user::Failure;
use crate::clock;
use crate::db::Database;
use crate::importing::labelled;
use crate::recognition;
use crate::recognition::fitting;
use crate::recognition::labelled::{Labelled, Outcome};
use crate::recognition::measuring::{self, Accuracy};
use crate::recognition::model::{ASKED, Model, WRONG};
use crate::recognition::refit;

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
    /// Leave kinds of difficulty out of fitting, one after the other, and print the accuracy on bookings of that kind.
    LeaveOut {
        /// Folder with guests, reservations and truth to fit on.
        #[arg(long)]
        fit: PathBuf,
        /// Folder with those to calibrate and measure on.
        #[arg(long)]
        calibrate: PathBuf,
        /// The kinds, as the truth names them.
        #[arg(required = true)]
        kinds: Vec<String>,
    },
    /// Fit the weights to this hotel's own decisions: who was joined, and who was said to be not the same.
    ///
    /// Starts from the model that comes with the program and stays near it. The result is kept in the database and used
    /// from then on, on every node, where it foretells held-out decisions better.
    Refit {
        /// Go back to the model that comes with the program.
        #[arg(long)]
        forget: bool,
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

impl Recognition {
    /// Whether it is about a hotel's own database.
    pub fn needs_database(&self) -> bool {
        matches!(self, Self::Refit { .. })
    }

    /// Runs what is about a hotel's own database.
    pub fn run_on(&self, db: &Database) -> Result<u8, String> {
        match self {
            Self::Refit { forget: true } => {
                db.write(|conn| Ok(recognition::set(conn, None)?))
                    .map_err(|failure: Failure| failure.0)?;
                println!("the model that comes with the program is used from now on");
                Ok(0)
            }
            Self::Refit { forget: false } => refit_to(db),
            Self::Fit { .. } | Self::Measure { .. } | Self::LeaveOut { .. } => self.run(),
        }
    }

    /// Runs what needs files alone.
    pub fn run(&self) -> Result<u8, String> {
        match self {
            Self::Refit { .. } => return Err("recognition refit needs a database".into()),
            Self::Fit {
                fit,
                calibrate,
                output,
            } => {
                let (fit, calibrate) = (read(fit)?, read(calibrate)?);
                let model = fitted(&fit, &calibrate)?;
                let written = fs::write(output, model.write() + "\n");
                written.map_err(|error| format!("{}: {error}", output.display()))?;
                println!("{} written", output.display());
                report("fitted on", &fit.outcomes(&model));
                report("calibrated on", &calibrate.outcomes(&model));
            }
            Self::LeaveOut {
                fit,
                calibrate,
                kinds,
            } => leave_out(&read(fit)?, &read(calibrate)?, kinds)?,
            Self::Measure {
                folder,
                model,
                output,
            } => {
                let model = match model {
                    Some(path) => fs::read_to_string(path)
                        .map_err(|error| error.to_string())
                        .and_then(|json| Model::read(&json))
                        .map_err(|error| format!("{}: {error}", path.display()))?
                        .at(WRONG, ASKED),
                    None => Model::shipped().clone(),
                };
                let outcomes = read(folder)?.outcomes(&model);
                report(&folder.display().to_string(), &outcomes);
                if let Some(path) = output {
                    write(path, &outcomes)
                        .map_err(|error| format!("{}: {error}", path.display()))?;
                }
            }
        }
        Ok(0)
    }
}

fn refit_to(db: &Database) -> Result<u8, String> {
    let cases = db
        .read(|conn| Ok(refit::cases(conn)?))
        .map_err(|failure: Failure| failure.0)?;
    let refitted = refit::refit(Model::shipped(), &cases).ok_or_else(|| {
        format!(
            "{} decisions are too few to learn from; there must be {}: answer more under /review and /duplicates",
            cases.len(),
            refit::FEWEST
        )
    })?;
    let (before, after) = (refitted.before, refitted.after);
    println!(
        "{} decisions, {} of them held out",
        cases.len(),
        before.decisions
    );
    for (name, foretold) in [("before", before), ("after", after)] {
        println!(
            "  {name:<7} {:>5.1} % foretold, mean surprise {:.4}",
            foretold.right * 100.0,
            foretold.surprise
        );
    }
    if after.surprise >= before.surprise {
        return Err("fitted to these decisions the model is no better: nothing is changed".into());
    }
    db.write(|conn| Ok(recognition::set(conn, Some(&refitted.model))?))
        .map_err(|failure: Failure| failure.0)?;
    println!("the fitted model is used from now on, on every node");
    Ok(0)
}

fn read(folder: &Path) -> Result<Labelled, String> {
    labelled::read(folder, clock::now().date())
}

fn fitted(fit: &Labelled, calibrate: &Labelled) -> Result<Model, String> {
    let mut model = Model {
        weights: fitting::fit(&fit.cases()),
        ..Model::default()
    };
    model.calibration = fitting::calibrate(&model, &calibrate.cases());
    // Thresholds are chosen for the model as it will be read; with none yet, it links whatever is safe.
    model = Model::read(&model.write())?;
    model.points = measuring::points(&calibrate.outcomes(&model));
    Ok(model.at(WRONG, ASKED))
}

/// Accuracy on bookings of each kind, of a model that has not seen the kind beside the one that has.
fn leave_out(fit: &Labelled, calibrate: &Labelled, kinds: &[String]) -> Result<(), String> {
    println!(
        "{:<28} {:>8}  {:>17}  {:>17}  {:>13}",
        "kind left out", "bookings", "linked (seen)", "found (seen)", "wrong (seen)"
    );
    for kind in kinds {
        let unseen = fitted(
            &fit.only(|truth| !truth.is_of_kind(kind)),
            &calibrate.only(|truth| !truth.is_of_kind(kind)),
        )?;
        let of_kind = calibrate.only(|truth| truth.is_of_kind(kind));
        let measured = |model: &Model| Accuracy::of(&of_kind.outcomes(model));
        let (without, with) = (measured(&unseen), measured(Model::shipped()));
        println!(
            "{kind:<28} {:>8}  {:>8.3} ({:.3})  {:>8.3} ({:.3})  {:>6} ({:>4})",
            without.bookings,
            without.recall,
            with.recall,
            without.recall_with_review,
            with.recall_with_review,
            without.wrong_links(),
            with.wrong_links()
        );
    }
    Ok(())
}

fn write(path: &Path, outcomes: &[Outcome]) -> Result<(), csv::Error> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record([
        "reservation_id",
        "first",
        "probability",
        "decision",
        "right",
        "reached",
        "reasons",
    ])?;
    for outcome in outcomes {
        let yes = |is: bool| if is { "yes" } else { "no" };
        file.write_record([
            outcome.truth.reservation_id.as_str(),
            &outcome.first.map(|id| id.to_string()).unwrap_or_default(),
            &format!("{:.4}", outcome.probability),
            outcome.decision.as_str(),
            yes(outcome.is_right),
            yes(outcome.is_reached),
            &outcome.reasons,
        ])?;
    }
    Ok(file.flush()?)
}

fn report(name: &str, outcomes: &[Outcome]) {
    let all = Accuracy::of(outcomes);
    println!(
        "\n{name}: {} bookings, {} of returning guests, {:.4} of them among the candidates",
        all.bookings, all.returning, all.reached
    );
    println!(
        "  precision {:.4}  recall {:.4}  best F1 {:.4}  recall at precision .99 {:.4}",
        all.precision, all.recall, all.best_f1, all.recall_at_99
    );
    println!(
        "  wrong links per 10,000: {:.1}, of them new guests on an old profile {:.1}",
        all.wrong, all.wrong_new
    );
    println!(
        "  recall with review {:.4}  in review {:.4}  calibration error {:.4}",
        all.recall_with_review, all.in_review, all.calibration_error
    );
    println!(
        "  {:<36} {:>9} {:>8} {:>12} {:>6}",
        "", "returning", "linked", "with review", "wrong"
    );
    for (label, tally) in measuring::by_kind(outcomes) {
        let of = tally.returning.max(1) as f64;
        println!(
            "  {label:<36} {:>9} {:>8.3} {:>12.3} {:>6}",
            tally.returning,
            tally.linked as f64 / of,
            tally.found as f64 / of,
            tally.wrong
        );
    }
}
