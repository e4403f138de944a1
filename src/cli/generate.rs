//! `innkeeper generate`.

use std::time::Instant;

use crate::cli::import::Ended;
use crate::cli::progress::Shown;
use crate::db::Database;
use crate::generating::{self, Size};
use crate::secret::Keys;

/// Fills an empty database with a synthetic group of hotels, for load tests.
#[derive(clap::Args, Debug)]
pub struct Generate {
    /// Guest profiles to make.
    #[arg(long)]
    guests: usize,
    /// Stays to make, over as many years as they fill.
    #[arg(long)]
    stays: usize,
    /// Another seed, another group.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Generate {
    /// Fills the database and says how to go on.
    pub fn run(&self, db: &Database, keys: &Keys) -> Ended {
        let size = Size {
            guests: self.guests,
            stays: self.stays,
            seed: self.seed,
        };
        let started = Instant::now();
        let total = (self.guests + self.stays) as u64;
        let mut shown = Shown::new(Some(total), "guests and stays");
        let made =
            generating::generate(db, keys, size, |count| shown.at(count as u64, count as u64));
        shown.done();
        match made {
            Ok(made) => {
                println!(
                    "{} guests and {} stays at {} properties since {}, in {:.0} s",
                    self.guests,
                    self.stays,
                    made.properties.len(),
                    made.since,
                    started.elapsed().as_secs_f64()
                );
                println!("next: innkeeper user add NAME --role admin, then innkeeper serve");
                Ended::Done
            }
            Err(error) => {
                eprintln!("generate failed: {error}");
                Ended::Failed
            }
        }
    }
}
