//! Rejected rows go to a file of their own, explained, to be corrected and imported again.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::StringRecord;

use super::ImportError;
use super::cells::Rejection;

/// A row that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rejected {
    /// The line of the file it begins on.
    pub line: u64,
    /// The column at fault, and why.
    #[serde(flatten)]
    pub rejection: Rejection,
    /// The row as it stood.
    pub row: Vec<String>,
}

/// The errors file; it comes into being with its first row.
pub(super) struct ErrorsFile {
    path: Option<PathBuf>,
    writer: Option<csv::Writer<File>>,
}

impl ErrorsFile {
    pub(super) fn new(path: Option<&Path>) -> Self {
        Self {
            path: path.map(Path::to_owned),
            writer: None,
        }
    }

    pub(super) fn add(
        &mut self,
        header: &StringRecord,
        rejected: &Rejected,
    ) -> Result<(), ImportError> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let failed = |error: csv::Error| {
            ImportError::File(format!("errors file {}: {error}", path.display()))
        };
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                // Rows are as long as they were in the file, even where they do not fit the header.
                let mut writer = csv::WriterBuilder::new()
                    .flexible(true)
                    .from_path(path)
                    .map_err(failed)?;
                writer
                    .write_record(["line", "column", "reason"].into_iter().chain(header))
                    .map_err(failed)?;
                self.writer.insert(writer)
            }
        };
        let line = rejected.line.to_string();
        let why = [
            line.as_str(),
            &rejected.rejection.column,
            &rejected.rejection.reason,
        ];
        let row = why
            .into_iter()
            .chain(rejected.row.iter().map(String::as_str));
        writer.write_record(row.map(guarded)).map_err(failed)
    }

    pub(super) fn finish(mut self) -> Result<(), ImportError> {
        match (&mut self.writer, &self.path) {
            (Some(writer), Some(path)) => writer.flush().map_err(|error| {
                ImportError::File(format!("errors file {}: {error}", path.display()))
            }),
            _ => Ok(()),
        }
    }
}

/// A spreadsheet would run a cell that begins like a formula.
fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
