//! `innkeeper import KIND FILE`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::cli::progress::Shown;
use crate::db::Database;
use crate::importing::{self, ImportError, Kind, Options, Report};
use crate::secret::Keys;

/// Rejected rows told on the terminal; the errors file has all of them.
const TOLD: usize = 5;

/// Takes a CSV in: properties, rooms, guests, stays or preferences.
///
/// Good rows go in; each rejected row goes to the errors file with its line, column and reason.
/// The same file twice changes nothing the second time.
#[derive(clap::Args, Debug)]
pub struct Import {
    /// What the file holds.
    kind: Kind,
    /// The file; `-` reads standard input. May be gzipped.
    file: PathBuf,
    /// Validate and count, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Take in all rows or none.
    #[arg(long)]
    strict: bool,
    /// Where rejected rows go [default: FILE.errors.csv].
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// The system the file comes from; its guest_ids are keys within it.
    #[arg(long, value_name = "NAME", default_value = "import")]
    source: String,
}

/// How an import ended, for the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All rows are in.
    Done,
    /// It failed; the reason was told.
    Failed,
    /// Done, but some rows were rejected.
    SomeRejected,
}

impl Ended {
    /// The exit status of the command line.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::SomeRejected => 3,
        }
    }
}

impl Import {
    /// Runs the import and tells what it did.
    pub fn run(&self, db: &Database, keys: &Keys) -> Ended {
        match self.take_in(db, keys) {
            Ok(report) => {
                self.tell(&report);
                match report.rejected {
                    0 => Ended::Done,
                    _ => Ended::SomeRejected,
                }
            }
            Err(error) => {
                eprintln!("import of {} failed: {error}", self.file.display());
                Ended::Failed
            }
        }
    }

    fn take_in(&self, db: &Database, keys: &Keys) -> Result<Report, ImportError> {
        let (input, size) = self
            .open()
            .map_err(|error| ImportError::File(format!("{}: {error}", self.file.display())))?;
        let options = Options {
            dry_run: self.dry_run,
            strict: self.strict,
            source: self.source.clone(),
            errors: Some(self.errors_path()),
        };
        let mut shown = Shown::new(size, "rows");
        let report = importing::run(db, keys, self.kind, input, &options, |progress| {
            shown.at(progress.bytes, progress.rows);
        });
        shown.done();
        report
    }

    fn open(&self) -> io::Result<(Box<dyn Read>, Option<u64>)> {
        if self.file == Path::new("-") {
            return Ok((Box::new(io::stdin()), None));
        }
        let file = File::open(&self.file)?;
        let size = file.metadata()?.len();
        Ok((Box::new(file), Some(size)))
    }

    fn errors_path(&self) -> PathBuf {
        self.errors.clone().unwrap_or_else(|| {
            let name = if self.file == Path::new("-") {
                "stdin".into()
            } else {
                self.file.display().to_string()
            };
            format!("{name}.errors.csv").into()
        })
    }

    fn tell(&self, report: &Report) {
        for warning in &report.warnings {
            eprintln!("warning: {warning}");
        }
        for rejected in report.examples.iter().take(TOLD) {
            let rejection = &rejected.rejection;
            eprintln!(
                "line {}: {}: {}",
                rejected.line, rejection.column, rejection.reason
            );
        }
        let would = if report.is_written {
            ""
        } else {
            "nothing written; would be: "
        };
        println!(
            "{}: {would}{} new, {} changed, {} unchanged, {} rejected",
            self.kind, report.new, report.changed, report.unchanged, report.rejected
        );
        if report.rejected > 0 {
            println!("rejected rows: {}", self.errors_path().display());
        }
    }
}
