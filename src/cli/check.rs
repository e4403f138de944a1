//! `innkeeper check`.

use crate::checking;
use crate::cli::user::Failure;
use crate::clock;
use crate::db::Database;

/// Check that what is stored can be: the ledger of points, room nights, persons.
///
/// Changes nothing, and may run while others work: it looks at one moment. Prints a line for each invariant, with how
/// often it is broken and where first; exit status 1 when any is.
#[derive(clap::Args, Debug)]
pub struct Check {}

impl Check {
    /// Checks, and says what it found.
    pub fn run(&self, db: &Database) -> Result<u8, String> {
        let findings = db.read(|conn| {
            let findings = checking::run(conn, clock::now(), |finding| {
                if finding.holds() {
                    println!("ok      {}", finding.invariant);
                } else {
                    let more = finding.count - finding.first.len() as i64;
                    let more = if more > 0 {
                        format!("; and {more} more")
                    } else {
                        String::new()
                    };
                    let first = finding.first.join("; ");
                    println!(
                        "BROKEN  {}: {} ({first}{more})",
                        finding.invariant, finding.count
                    );
                }
            })?;
            Ok::<_, Failure>(findings)
        });
        let findings = findings.map_err(|failure| failure.0)?;
        let broken = findings.iter().filter(|finding| !finding.holds()).count();
        println!("{} invariants, {broken} broken", findings.len());
        Ok(u8::from(broken > 0))
    }
}
