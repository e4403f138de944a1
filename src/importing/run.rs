//! Batches of rows through one kind of file, each batch in one transaction.

use std::collections::HashSet;
use std::io::Read;

use csv::StringRecord;
use diesel::QueryResult;

use super::cells::{Cells, Parsed, Rejection};
use super::reader::Table;
use super::rejected::{ErrorsFile, Rejected};
use super::{ImportError, Kind, Options, Progress, Report};
use super::{guests, orders, preferences, properties, rooms, stays};
use crate::clock;
use crate::db::{Conn, Database, Unavailable};
use crate::recognition;
use crate::secret::Keys;

/// Rows in one transaction: as many as SQLite's one writer takes in half a second, which a clerk does not notice.
const BATCH: usize = 2_000;
/// Rejected rows a report shows.
const EXAMPLES: usize = 100;

pub(super) use crate::stays::reservation::Context;

/// What became of a row.
pub(super) enum Outcome {
    New,
    Changed,
    Unchanged,
    Rejected(Rejection),
}

/// One kind of file: how a row is read, and how a batch of rows is stored.
pub(super) trait FileKind {
    type Row;
    const COLUMNS: &'static [&'static str];
    const REQUIRED: &'static [&'static str];

    fn parse(&mut self, cells: Cells<'_>, line: u64) -> Parsed<Self::Row>;

    /// Rows of one key come in separate batches, so that the later sees the earlier.
    fn key(row: &Self::Row) -> String;

    /// What the whole file gives cause to say.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Stores a batch; one outcome for each row, in order.
    fn apply(&mut self, conn: &mut Conn, rows: &[Self::Row]) -> QueryResult<Vec<Outcome>>;
}

/// Takes a file in.
///
/// Each batch of rows is one transaction: when the process dies, the batches before are there and the
/// file can be imported again. A dry or strict run is one transaction for the whole file.
pub fn run(
    db: &Database,
    secrets: &Keys,
    kind: Kind,
    input: impl Read,
    options: &Options,
    progress: impl FnMut(Progress),
) -> Result<Report, ImportError> {
    let (recognition, model) =
        db.read(|conn| recognition::decided(conn).map_err(ImportError::from))?;
    let context = Context {
        source: options.source.clone(),
        secrets: secrets.clone(),
        recognition,
        model,
        now: clock::now(),
    };
    if !(1..=64).contains(&options.source.chars().count()) {
        return Err(ImportError::File(
            "source: must have 1 to 64 characters".into(),
        ));
    }
    match kind {
        Kind::Properties => take_in(db, input, properties::File::new(context), options, progress),
        Kind::Rooms => {
            let file =
                db.read(|conn| rooms::File::load(conn, context.now).map_err(ImportError::from))?;
            take_in(db, input, file, options, progress)
        }
        Kind::Guests => take_in(db, input, guests::File::new(context), options, progress),
        Kind::Orders => {
            let file =
                db.read(|conn| orders::File::load(conn, context).map_err(ImportError::from))?;
            take_in(db, input, file, options, progress)
        }
        Kind::Stays => {
            let file =
                db.read(|conn| stays::File::load(conn, context).map_err(ImportError::from))?;
            take_in(db, input, file, options, progress)
        }
        Kind::Preferences => {
            let file =
                db.read(|conn| preferences::File::load(conn, context).map_err(ImportError::from))?;
            take_in(db, input, file, options, progress)
        }
    }
}

fn take_in<K: FileKind>(
    db: &Database,
    input: impl Read,
    kind: K,
    options: &Options,
    progress: impl FnMut(Progress),
) -> Result<Report, ImportError> {
    let mut intake = Intake {
        table: Table::open(input, K::COLUMNS, K::REQUIRED)?,
        kind,
        errors: ErrorsFile::new(options.errors.as_deref()),
        report: Report::default(),
        progress,
        rows: 0,
        held_back: None,
    };
    intake.report.warnings = std::mem::take(&mut intake.table.warnings);
    if options.dry_run || options.strict {
        let all = db.write(|conn| intake.all_or_nothing(conn, options.dry_run));
        match all {
            Ok(()) => intake.report.is_written = true,
            Err(Stop::RolledBack) => {}
            Err(Stop::Failed(error)) => return Err(error),
        }
    } else {
        while let Some(batch) = intake.read_batch()? {
            let outcomes = db.write(|conn| {
                intake
                    .kind
                    .apply(conn, &batch.rows)
                    .map_err(ImportError::from)
            })?;
            intake.count(batch, outcomes)?;
        }
        intake.report.is_written = true;
    }
    intake.errors.finish()?;
    intake.report.warnings.extend(intake.kind.warnings());
    Ok(intake.report)
}

/// Why a transaction over the whole file ends without a commit.
enum Stop {
    /// It was only a rehearsal, or a row was rejected.
    RolledBack,
    Failed(ImportError),
}

impl From<Unavailable> for Stop {
    fn from(error: Unavailable) -> Self {
        Self::Failed(error.into())
    }
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        Self::Failed(error)
    }
}

/// A row read and understood, with the text it came from.
struct Held<R> {
    line: u64,
    record: StringRecord,
    row: R,
}

/// Rows that are stored together.
struct Batch<R> {
    rows: Vec<R>,
    origins: Vec<(u64, StringRecord)>,
    rejected: Vec<Rejected>,
}

/// A file on its way in.
struct Intake<'a, K: FileKind, P> {
    table: Table<'a>,
    kind: K,
    errors: ErrorsFile,
    report: Report,
    progress: P,
    rows: u64,
    /// The row that repeats a key of the batch before it.
    held_back: Option<Held<K::Row>>,
}

impl<K: FileKind, P: FnMut(Progress)> Intake<'_, K, P> {
    fn all_or_nothing(&mut self, conn: &mut Conn, is_rehearsal: bool) -> Result<(), Stop> {
        while let Some(batch) = self.read_batch()? {
            let outcomes = self.kind.apply(conn, &batch.rows)?;
            self.count(batch, outcomes)?;
        }
        if is_rehearsal || self.report.rejected > 0 {
            return Err(Stop::RolledBack);
        }
        Ok(())
    }

    fn read_batch(&mut self) -> Result<Option<Batch<K::Row>>, ImportError> {
        let mut batch = Batch {
            rows: Vec::new(),
            origins: Vec::new(),
            rejected: Vec::new(),
        };
        let mut keys = HashSet::new();
        if let Some(held) = self.held_back.take() {
            keys.insert(K::key(&held.row));
            batch.rows.push(held.row);
            batch.origins.push((held.line, held.record));
        }
        while batch.rows.len() + batch.rejected.len() < BATCH {
            let mut record = StringRecord::new();
            let Some(line) = self.table.next(&mut record)? else {
                break;
            };
            self.rows += 1;
            match self.read_row(&record, line) {
                Err(rejection) => batch.rejected.push(rejected(line, rejection, &record)),
                Ok(row) if keys.contains(&K::key(&row)) => {
                    self.held_back = Some(Held { line, record, row });
                    break;
                }
                Ok(row) => {
                    keys.insert(K::key(&row));
                    batch.rows.push(row);
                    batch.origins.push((line, record));
                }
            }
        }
        let is_empty = batch.rows.is_empty() && batch.rejected.is_empty();
        Ok((!is_empty).then_some(batch))
    }

    fn read_row(&mut self, record: &StringRecord, line: u64) -> Parsed<K::Row> {
        let (cells, columns) = (record.len(), self.table.header.len());
        if cells != columns {
            let reason = format!(
                "has {cells} cells where the header has {columns}; check quotes and separators"
            );
            return Err(Rejection::new("", reason));
        }
        let cells = Cells {
            columns: &self.table.columns,
            record,
        };
        self.kind.parse(cells, line)
    }

    fn count(&mut self, batch: Batch<K::Row>, outcomes: Vec<Outcome>) -> Result<(), ImportError> {
        let mut all_rejected = batch.rejected;
        for ((line, record), outcome) in batch.origins.into_iter().zip(outcomes) {
            match outcome {
                Outcome::New => self.report.new += 1,
                Outcome::Changed => self.report.changed += 1,
                Outcome::Unchanged => self.report.unchanged += 1,
                Outcome::Rejected(rejection) => {
                    all_rejected.push(rejected(line, rejection, &record))
                }
            }
        }
        all_rejected.sort_by_key(|rejected| rejected.line);
        self.report.rejected += all_rejected.len() as u64;
        for rejected in all_rejected {
            self.errors.add(&self.table.header, &rejected)?;
            if self.report.examples.len() < EXAMPLES {
                self.report.examples.push(rejected);
            }
        }
        (self.progress)(Progress {
            rows: self.rows,
            bytes: self.table.bytes(),
        });
        Ok(())
    }
}

fn rejected(line: u64, rejection: Rejection, record: &StringRecord) -> Rejected {
    Rejected {
        line,
        rejection,
        row: record.iter().map(str::to_owned).collect(),
    }
}
