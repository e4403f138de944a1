//! Files in, on both databases.

mod again;
mod bad_input;
mod effects;
mod real;

use diesel::prelude::*;
use innkeeper::db::{Conn, Database};
use innkeeper::importing::{self, ImportError, Kind, Options, Report};
use innkeeper::secret::Keys;

const PROPERTIES: &[u8] = include_bytes!("../../fixtures/properties.csv");
const ROOMS: &[u8] = include_bytes!("../../fixtures/rooms.csv");
const GUESTS: &[u8] = include_bytes!("../../fixtures/guests_2015_2016.csv.gz");
const MONTH: &[u8] = include_bytes!("../../fixtures/stays_2016_03.csv.gz");

fn keys() -> Keys {
    Keys::from_hex(&"0f".repeat(32)).unwrap()
}

fn import(db: &Database, kind: Kind, file: impl AsRef<[u8]>) -> Report {
    import_with(db, kind, file, &Options::default())
}

fn import_with(db: &Database, kind: Kind, file: impl AsRef<[u8]>, options: &Options) -> Report {
    importing::run(db, &keys(), kind, file.as_ref(), options, |_| ()).unwrap()
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (
        report.new,
        report.changed,
        report.unchanged,
        report.rejected,
    )
}

/// Why the only row of a file was rejected.
fn rejection(db: &Database, kind: Kind, header: &str, row: &str) -> String {
    let report = import(db, kind, format!("{header}\n{row}\n"));
    assert_eq!(counts(&report), (0, 0, 0, 1), "{row}");
    let rejected = &report.examples[0];
    assert_eq!(rejected.line, 2);
    format!(
        "{}: {}",
        rejected.rejection.column, rejected.rejection.reason
    )
}

fn read<T>(db: &Database, query: impl FnOnce(&mut Conn) -> QueryResult<T>) -> T {
    db.read(|conn| query(conn).map_err(ImportError::from))
        .unwrap()
}

fn houses(db: &Database) {
    assert_eq!(
        counts(&import(db, Kind::Properties, PROPERTIES)),
        (2, 0, 0, 0)
    );
    assert_eq!(import(db, Kind::Rooms, ROOMS).rejected, 0);
}
