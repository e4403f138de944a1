//! `innkeeper bounces`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use super::user::Failure;
use crate::db::Database;
use crate::greetings::returned::{self, Report, Taken};

/// Take in a mailbox file of letters that came back (RFC 3464) and of complaints (RFC 5965).
///
/// An address that a server says does not exist is not written to any more; nor is a guest who calls a letter spam. The same
/// file twice changes nothing.
#[derive(clap::Args, Debug)]
pub struct Bounces {
    /// The mailbox, in mbox format; - reads standard input.
    file: PathBuf,
}

impl Bounces {
    /// Reads the file, and says what came of it.
    pub fn run(&self, db: &Database) -> Result<u8, String> {
        let named = |error: io::Error| format!("{}: {error}", self.file.display());
        let file: Box<dyn BufRead> = if self.file.as_os_str() == "-" {
            Box::new(io::stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(&self.file).map_err(named)?))
        };
        let (mut letters, mut others) = (0_u64, 0_u64);
        let mut taken: BTreeMap<Taken, u64> = BTreeMap::new();
        for letter in returned::letters(file) {
            let letter = letter.map_err(|error| format!("{}: {error}", self.file.display()))?;
            letters += 1;
            let reports = returned::read(&letter);
            others += u64::from(reports.is_empty());
            for report in reports {
                *taken.entry(take(db, &report)?).or_default() += 1;
            }
        }
        if letters == 0 {
            return Err(format!(
                "{}: holds no letter; a mailbox file (mbox) begins with a line 'From …'",
                self.file.display()
            ));
        }
        let count = |what: Taken| taken.get(&what).copied().unwrap_or_default();
        println!(
            "{} marked, {} noted, {} known already, {} not about our letters; {others} of {letters} are no reports",
            count(Taken::Marked),
            count(Taken::Noted),
            count(Taken::Known),
            count(Taken::Unknown),
        );
        Ok(0)
    }
}

fn take(db: &Database, report: &Report) -> Result<Taken, String> {
    let taken = db.write(|conn| {
        let Some(letter) = returned::find(conn, report)? else {
            return Ok(Taken::Unknown);
        };
        Ok::<_, Failure>(returned::take(conn, &letter, report)?)
    });
    taken.map_err(|failure| failure.0)
}
