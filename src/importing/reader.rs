//! A CSV as a table with named columns: separator sniffed, header in any order and case.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use csv::StringRecord;

use super::ImportError;
use super::decode::{Decoded, unpacked};

/// Headers longer than this are not headers.
const LONGEST_HEADER: usize = 64 * 1024;

/// Where each known column stands.
pub(super) type Columns = HashMap<&'static str, usize>;

/// The rows of a file.
pub(super) struct Table<'a> {
    csv: csv::Reader<Box<dyn Read + 'a>>,
    bytes: Rc<Cell<u64>>,
    /// The parser counts a line at its `\n`, which with `\r\n` it has not seen yet where a row begins.
    lines_behind: u64,
    /// The header as it stood.
    pub(super) header: StringRecord,
    pub(super) columns: Columns,
    pub(super) warnings: Vec<String>,
}

impl<'a> Table<'a> {
    /// Reads the header. A missing required column, or a file that is no CSV, is an error that says what to do.
    pub(super) fn open(
        input: impl Read + 'a,
        known: &'static [&'static str],
        required: &[&str],
    ) -> Result<Self, ImportError> {
        let bytes = Rc::new(Cell::new(0));
        let counted = Counted {
            input,
            bytes: Rc::clone(&bytes),
        };
        let mut decoded = Decoded::new(unpacked(counted).map_err(unreadable)?);
        let (start, header_line) = first_line(&mut decoded)?;
        let separator = separator_of(&header_line);
        let is_crlf = start
            .get(header_line.len()..)
            .is_some_and(|rest| rest.starts_with(b"\r\n"));
        let whole: Box<dyn Read + 'a> = Box::new(Cursor::new(start).chain(decoded));
        let mut csv = csv::ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .from_reader(whole);
        let header = csv.headers().map_err(not_csv)?.clone();
        let mut table = Self {
            csv,
            bytes,
            lines_behind: is_crlf.into(),
            header,
            columns: HashMap::new(),
            warnings: Vec::new(),
        };
        table.name_columns(known, required)?;
        Ok(table)
    }

    /// The next row, and the line it begins on.
    pub(super) fn next(&mut self, record: &mut StringRecord) -> Result<Option<u64>, ImportError> {
        loop {
            if !self.csv.read_record(record).map_err(not_csv)? {
                return Ok(None);
            }
            // Spreadsheets leave rows of empty cells behind.
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                let line = record.position().map_or(0, csv::Position::line);
                return Ok(Some(line + self.lines_behind));
            }
        }
    }

    /// Bytes read so far of the file as it is stored.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    fn name_columns(
        &mut self,
        known: &'static [&'static str],
        required: &[&str],
    ) -> Result<(), ImportError> {
        let mut unknown = Vec::new();
        for (at, cell) in self.header.iter().enumerate() {
            let name = cell.trim().to_lowercase().replace([' ', '-'], "_");
            match known.iter().find(|column| **column == name) {
                Some(column) => {
                    if self.columns.insert(column, at).is_some() {
                        return Err(ImportError::File(format!(
                            "column '{column}' appears twice; keep one of them"
                        )));
                    }
                }
                None if name.is_empty() => {}
                None => unknown.push(cell.trim().to_owned()),
            }
        }
        if !unknown.is_empty() {
            let names = unknown.join(", ");
            self.warnings
                .push(format!("unknown columns are skipped: {names}"));
        }
        let missing: Vec<&str> = required
            .iter()
            .filter(|column| !self.columns.contains_key(**column))
            .copied()
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(ImportError::File(format!(
            "required column missing: {}; the header row has: {}",
            missing.join(", "),
            self.header
                .iter()
                .map(str::trim)
                .collect::<Vec<_>>()
                .join(", ")
        )))
    }
}

/// The decoded start of the file, and its first line.
fn first_line(decoded: &mut impl Read) -> Result<(Vec<u8>, String), ImportError> {
    let mut start = Vec::new();
    let mut chunk = [0; 4096];
    while !start.contains(&b'\n') && start.len() < LONGEST_HEADER {
        let count = decoded.read(&mut chunk).map_err(unreadable)?;
        if count == 0 {
            break;
        }
        start.extend(chunk.iter().take(count));
    }
    let line = start
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    let line = String::from_utf8_lossy(line).into_owned();
    if start.starts_with(b"PK\x03\x04") {
        return Err(ImportError::File(
            "this is a spreadsheet's own format, not a CSV; save it as CSV (UTF-8) and import that"
                .into(),
        ));
    }
    if line.trim().is_empty() {
        return Err(ImportError::File(
            "the file has no header row; its first line must name the columns".into(),
        ));
    }
    if line.chars().any(|c| c.is_control() && c != '\t') || line.len() >= LONGEST_HEADER {
        return Err(ImportError::File(
            "this is not a CSV: its first line holds control characters; export it as CSV (UTF-8) and import that".into(),
        ));
    }
    Ok((start, line))
}

/// The separator that parts the header most often, outside quotes.
fn separator_of(header: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(separator, _)| *separator == byte && !quoted)
        {
            *count += 1;
        }
    }
    let most = counts
        .iter()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or_default();
    counts
        .iter()
        .find(|(_, count)| *count == most)
        .map_or(b',', |(separator, _)| *separator)
}

fn unreadable(error: io::Error) -> ImportError {
    ImportError::File(format!("the file cannot be read: {error}"))
}

fn not_csv(error: csv::Error) -> ImportError {
    let line = error
        .position()
        .map_or(String::new(), |at| format!("line {}: ", at.line()));
    ImportError::File(format!(
        "{line}this is not a CSV: {error}; export it as CSV (UTF-8) and import that"
    ))
}

struct Counted<R> {
    input: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.bytes.set(self.bytes.get() + count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Result<Table<'_>, String> {
        Table::open(
            text.as_bytes(),
            &["property", "room", "floor"],
            &["property", "room"],
        )
        .map_err(|error| error.to_string())
    }

    #[test]
    fn columns_come_in_any_order_case_and_with_any_separator() {
        for text in [
            "Room,PROPERTY,floor\n1,LIS,2\n",
            "room;property;floor\n1;LIS;2\n",
            "room\tproperty\tfloor\r\n1\tLIS\t2\r\n",
        ] {
            let mut table = open(text).unwrap();
            let mut record = StringRecord::new();
            assert_eq!(table.next(&mut record).unwrap(), Some(2));
            let cell = |column: &str| record.get(*table.columns.get(column)?);
            assert_eq!((cell("property"), cell("room")), (Some("LIS"), Some("1")));
            assert_eq!(table.next(&mut record).unwrap(), None);
        }
    }

    #[test]
    fn unknown_columns_are_named_and_missing_ones_too() {
        assert_eq!(
            open("room,property,colour,shape\n").unwrap().warnings,
            ["unknown columns are skipped: colour, shape"]
        );
        assert_eq!(
            open("property,floor\n").err().unwrap(),
            "required column missing: room; the header row has: property, floor"
        );
        assert_eq!(
            open("room,property,Room\n").err().unwrap(),
            "column 'room' appears twice; keep one of them"
        );
    }

    #[test]
    fn what_is_not_a_csv_is_called_so() {
        assert!(open("").err().unwrap().contains("no header row"));
        assert!(
            open("PK\u{3}\u{4}....\n")
                .err()
                .unwrap()
                .contains("save it as CSV")
        );
        assert!(
            open("\u{0}\u{1}\u{2}binary\n")
                .err()
                .unwrap()
                .contains("not a CSV")
        );
    }
}
