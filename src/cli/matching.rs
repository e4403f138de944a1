//! `innkeeper match RESERVATIONS.csv`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use diesel::prelude::*;

use crate::clock;
use crate::db::schema::guests;
use crate::db::{Conn, Database, Unavailable, dialect};
use crate::importing::reservations::Reservations;
use crate::recognition::{
    self, Decision, Heard, Known, Model, Settings, Signals, Verdict, verdict,
};
use crate::secret::Keys;
use crate::words::Language;

/// Rows read at once; how often a contact comes is counted among them.
const CHUNK: usize = 10_000;
/// Rows whose profiles are loaded together.
const BATCH: usize = 100;

/// Recognise every reservation of a file against the stored profiles; changes nothing.
#[derive(clap::Args, Debug)]
pub struct Match {
    /// The file; `-` reads standard input. May be gzipped.
    reservations: PathBuf,
    /// Where the links go [default: standard output].
    #[arg(long, value_name = "LINKS.csv")]
    output: Option<PathBuf>,
}

impl Match {
    /// Runs it.
    pub fn run(&self, db: &Database, keys: &Keys) -> Result<u8, String> {
        let named =
            |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let input: Box<dyn Read> = if self.reservations == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(
                File::open(&self.reservations)
                    .map_err(|error| named(&self.reservations, &error))?,
            )
        };
        let output: Box<dyn Write> = match &self.output {
            Some(path) => Box::new(File::create(path).map_err(|error| named(path, &error))?),
            None => Box::new(io::stdout()),
        };
        let mut rows = Reservations::open(input, clock::now().date())
            .map_err(|error| named(&self.reservations, &error))?;
        for warning in &rows.warnings {
            eprintln!("warning: {warning}");
        }
        let mut links = csv::Writer::from_writer(output);
        let failed = |error: csv::Error| format!("the links could not be written: {error}");
        links
            .write_record([
                "reservation_id",
                "guest_id",
                "probability",
                "decision",
                "reasons",
            ])
            .map_err(failed)?;
        let started = Instant::now();
        let (settings, model) = db
            .read(|conn| {
                let found = Settings::load(conn)
                    .and_then(|settings| Ok((settings, recognition::current(conn)?)));
                found.map_err(unavailable)
            })
            .map_err(|error| error.to_string())?;
        let mut count = 0;
        loop {
            let chunk = rows
                .next(CHUNK)
                .map_err(|error| named(&self.reservations, &error))?;
            if chunk.is_empty() {
                break;
            }
            count += chunk.len();
            let (ids, signals): (Vec<String>, Vec<Signals>) = chunk
                .into_iter()
                .map(|row| {
                    let booked = row.booked.seen_by(&settings.relays);
                    (row.id, Signals::of(&booked, keys))
                })
                .unzip();
            let found = recognise(db, &model, &ids, &signals);
            for link in found.map_err(|error| error.to_string())? {
                links.write_record(&link).map_err(failed)?;
            }
        }
        links
            .flush()
            .map_err(|error| format!("the links could not be written: {error}"))?;
        if rows.unread > 0 {
            eprintln!(
                "{} cells could not be read and were taken as unknown",
                rows.unread
            );
        }
        let seconds = started.elapsed().as_secs_f64();
        eprintln!(
            "{count} reservations in {seconds:.1} s, {:.0} rows per second",
            count as f64 / seconds.max(1e-3)
        );
        Ok(0)
    }
}

type Link = [String; 5];

fn unavailable(error: diesel::result::Error) -> Unavailable {
    Unavailable(error.to_string())
}

/// Links of a chunk in its order, worked out on all cores.
fn recognise(
    db: &Database,
    model: &Model,
    ids: &[String],
    signals: &[Signals],
) -> Result<Vec<Link>, Unavailable> {
    let heard = Heard::of(signals);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = ids.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = ids
            .chunks(share)
            .zip(signals.chunks(share))
            .map(|(ids, signals)| {
                let heard = &heard;
                scope.spawn(move || batches(db, model, heard, ids, signals))
            })
            .collect();
        let mut links = Vec::with_capacity(ids.len());
        for worker in workers {
            let done = worker
                .join()
                .unwrap_or_else(|_| Err(Unavailable("a worker panicked".into())));
            links.extend(done?);
        }
        Ok(links)
    })
}

fn batches(
    db: &Database,
    model: &Model,
    heard: &Heard,
    ids: &[String],
    signals: &[Signals],
) -> Result<Vec<Link>, Unavailable> {
    let mut links = Vec::with_capacity(ids.len());
    for (ids, signals) in ids.chunks(BATCH).zip(signals.chunks(BATCH)) {
        db.read(|conn| {
            dialect::keep_memory_small(conn).map_err(unavailable)?;
            let known = Known::load(conn, signals)
                .map_err(unavailable)?
                .hearing(heard);
            let verdicts: Vec<Verdict> = signals
                .iter()
                .map(|signals| verdict(signals, &known, model))
                .collect();
            let named = names(conn, &verdicts).map_err(unavailable)?;
            let found = ids.iter().zip(&verdicts);
            links.extend(found.map(|(id, verdict)| link(id, verdict, &named)));
            Ok::<_, Unavailable>(())
        })?;
    }
    Ok(links)
}

/// What the profiles found are called outside: by their source, or by us.
fn names(conn: &mut Conn, verdicts: &[Verdict]) -> QueryResult<HashMap<i64, String>> {
    let ids: Vec<i64> = verdicts.iter().filter_map(first).collect();
    let named: Vec<(i64, Option<String>, String)> = guests::table
        .filter(guests::id.eq_any(&ids))
        .select((guests::id, guests::external_id, guests::public_id))
        .load(conn)?;
    Ok(named
        .into_iter()
        .map(|(id, external, public)| (id, external.unwrap_or(public)))
        .collect())
}

/// Who is linked, or asked about first.
fn first(verdict: &Verdict) -> Option<i64> {
    let asked = verdict
        .candidates
        .first()
        .map(|candidate| candidate.guest_id);
    verdict.guest_id.or(asked)
}

fn link(id: &str, verdict: &Verdict, named: &HashMap<i64, String>) -> Link {
    let words = Language::En.words();
    let guest = first(verdict)
        .filter(|_| verdict.decision != Decision::New)
        .and_then(|id| named.get(&id));
    let reasons: Vec<String> = verdict
        .reasons
        .split(';')
        .filter(|code| !code.is_empty())
        .map(|code| words.code("reason", code))
        .collect();
    [
        id.to_owned(),
        guest.cloned().unwrap_or_default(),
        format!("{:.4}", verdict.probability),
        verdict.decision.to_string(),
        reasons.join("; "),
    ]
}
