//! `innkeeper duplicates`.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use super::progress::Shown;
use super::user::Failure;
use crate::db::Database;
use crate::error::Fault;
use crate::recognition::duplicates::{self, BATCH, Run, Scope};
use crate::words::Language;

/// How often, while another process seems to be at it, to look again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Find profiles that could be one person's, and families and colleagues, for a clerk to look at.
///
/// Asks every profile who it is, as if it were a booking, and keeps the pairs; merges nobody. A run that was killed goes
/// on where it stood. The next one asks only profiles made or changed since.
#[derive(clap::Args, Debug)]
pub struct Duplicates {
    /// Ask all profiles again.
    #[arg(long)]
    all: bool,
    /// Profiles asked and kept together.
    #[arg(long, default_value_t = NonZeroUsize::new(BATCH).unwrap_or(NonZeroUsize::MIN))]
    batch: NonZeroUsize,
}

impl Duplicates {
    /// Walks to the end.
    pub fn run(&self, db: &Database) -> Result<u8, String> {
        let run = self.claim(db)?;
        if run.asked > 0 {
            eprintln!("going on after {} of {} profiles", run.asked, run.total);
        }
        let (started, before) = (Instant::now(), run.asked);
        let speed = |run: &Run| {
            let seconds = started.elapsed().as_secs_f64();
            (run.asked - before) as f64 / seconds.max(1e-3)
        };
        let mut shown = Shown::new(u64::try_from(run.total).ok(), "profiles asked");
        let done = duplicates::walk(db, run, self.batch.get(), |run| {
            let asked = u64::try_from(run.asked).unwrap_or(0);
            shown.note(format!(
                "{:.0} per second, {} pairs found",
                speed(run),
                run.found
            ));
            shown.at(asked, asked);
            ControlFlow::Continue(())
        });
        shown.done();
        let run = done.map_err(|fault| told(&fault))?;
        println!(
            "{} profiles asked in {:.1} s, {:.0} profiles per second: {} new pairs could be one person",
            run.asked - before,
            started.elapsed().as_secs_f64(),
            speed(&run),
            run.found
        );
        Ok(0)
    }

    /// Takes the run over as soon as a killed one's claim has passed; fails where another process is really at it.
    fn claim(&self, db: &Database) -> Result<Run, String> {
        let scope = if self.all { Scope::All } else { Scope::Changed };
        let asked = || -> Result<Option<i64>, Failure> {
            let run = db.read(|conn| Ok::<_, Failure>(duplicates::latest(conn)?))?;
            Ok(run.map(|run| run.asked))
        };
        let before = asked().map_err(|failure| failure.0)?;
        loop {
            let claimed = db.write(|conn| duplicates::claim(conn, scope, None));
            match claimed {
                Ok(run) => return Ok(run),
                Err(Fault::Refused(_)) if asked().map_err(|failure| failure.0)? == before => {
                    thread::sleep(LOOK_AGAIN);
                }
                Err(fault) => return Err(told(&fault)),
            }
        }
    }
}

fn told(fault: &Fault) -> String {
    match fault {
        Fault::Refused(message) => Language::En.words().tell(message),
        Fault::Database(error) => error.to_string(),
        Fault::Unavailable(error) => error.to_string(),
        Fault::Invalid(_) | Fault::NotFound => "the database changed underneath".into(),
    }
}
