//! Labelled bookings out of a folder: `guests`, `reservations` and `truth`, each `.csv.gz`.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use chrono::NaiveDate;
use flate2::read::MultiGzDecoder;

use super::ImportError;
use super::reservations::{Reservation, Reservations};
use crate::recognition::labelled::{Labelled, Truth};

/// A folder's profiles and bookings, with the truth about each.
pub fn read(folder: &Path, today: NaiveDate) -> Result<Labelled, String> {
    let profiles = rows(folder, "guests", "guest_id", today)?;
    let ids: HashMap<&str, i64> = profiles
        .iter()
        .zip(1..)
        .map(|(row, id)| (row.id.as_str(), id))
        .collect();
    let mut truths = truths(folder, &ids)?;
    let bookings = rows(folder, "reservations", "reservation_id", today)?
        .into_iter()
        .map(|row| {
            let truth = truths.remove(&row.id).unwrap_or_default();
            (row.booked, truth)
        })
        .collect();
    let profiles = profiles.into_iter().map(|row| row.booked).collect();
    Labelled::of(profiles, bookings)
}

fn rows(
    folder: &Path,
    name: &str,
    key: &'static str,
    today: NaiveDate,
) -> Result<Vec<Reservation>, String> {
    let path = folder.join(format!("{name}.csv.gz"));
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(&path).map_err(|error| wrong(&error))?;
    let all = Reservations::keyed(file, key, today).and_then(|mut rows| rows.next(usize::MAX));
    all.map_err(|error: ImportError| wrong(&error))
}

fn truths(folder: &Path, ids: &HashMap<&str, i64>) -> Result<HashMap<String, Truth>, String> {
    let path = folder.join("truth.csv.gz");
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(&path).map_err(|error| wrong(&error))?;
    csv::Reader::from_reader(MultiGzDecoder::new(file))
        .into_deserialize()
        .map(|row: Result<HashMap<String, String>, csv::Error>| {
            let row = row.map_err(|error| wrong(&error))?;
            let of = |name: &str| row.get(name).cloned().unwrap_or_default();
            let truth = Truth {
                reservation_id: of("reservation_id"),
                guest_id: ids.get(of("guest_id").as_str()).copied(),
                kinds: of("kind").split(';').map(str::to_owned).collect(),
                hard: of("hard"),
                evidence: of("evidence"),
            };
            Ok((truth.reservation_id.clone(), truth))
        })
        .collect()
}
