//! `innkeeper backup` and `innkeeper restore`.

use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use crate::backup::{self, PASSPHRASE, restore};
use crate::config;
use crate::db::DatabaseUrl;

/// Fewest characters of a passphrase: whoever has the file can try as many as they like.
const SHORTEST: usize = 12;

/// Write a consistent copy of everything while the server runs, check it, and put a report beside it.
///
/// On SQLite the copy is an SQLite file, on PostgreSQL what pg_dump writes. An existing file is never overwritten.
#[derive(clap::Args, Debug)]
pub struct Backup {
    /// Where to.
    file: PathBuf,
    /// Seal it with a passphrase: that of INNKEEPER_BACKUP_PASSPHRASE (or the file that INNKEEPER_BACKUP_PASSPHRASE_FILE
    /// names), else read from the terminal or from standard input. On SQLite the secret key beside the database goes in.
    #[arg(long)]
    encrypt: bool,
}

/// Put a backup back. Migrations made since it was written are applied.
#[derive(clap::Args, Debug)]
pub struct Restore {
    /// The backup.
    file: PathBuf,
    /// Where a database is already: keep it aside under another name, and take its place.
    #[arg(long)]
    replace: bool,
}

fn tell(what: &str) {
    eprintln!("{what}…");
}

impl Backup {
    /// Runs it.
    pub fn run(self, url: &DatabaseUrl) -> Result<u8, String> {
        let passphrase = self.encrypt.then(new_passphrase).transpose()?;
        let report = backup::write(url, &self.file, passphrase.as_deref(), &tell)?;
        for line in report.lines() {
            println!("{line}");
        }
        Ok(0)
    }
}

impl Restore {
    /// Runs it.
    pub fn run(self, url: &DatabaseUrl) -> Result<u8, String> {
        let is_sealed = restore::is_sealed(&self.file)?;
        let passphrase = is_sealed.then(passphrase).transpose()?;
        let restored =
            restore::restore(url, &self.file, passphrase.as_deref(), self.replace, &tell)?;
        let rows: i64 = restored.facts.rows.values().sum();
        let tables = restored.facts.rows.len();
        println!(
            "restored {rows} rows in {tables} tables; {} migrations applied",
            restored.migrated
        );
        if let Some(aside) = restored.aside {
            println!("what was here before is now {aside}");
        }
        for warning in restored.warnings {
            println!("WARNING: {warning}");
        }
        Ok(0)
    }
}

fn new_passphrase() -> Result<String, String> {
    let is_typed = config::variable(PASSPHRASE)?.is_none() && io::stdin().is_terminal();
    let passphrase = passphrase()?;
    if is_typed {
        let again = rpassword::prompt_password("Again: ").map_err(|error| error.to_string())?;
        if again != passphrase {
            return Err("the two passphrases differ".into());
        }
    }
    match passphrase.chars().count() {
        count if count < SHORTEST => Err(format!(
            "the passphrase has {count} characters; it needs at least {SHORTEST}"
        )),
        _ => Ok(passphrase),
    }
}

fn passphrase() -> Result<String, String> {
    if let Some(passphrase) = config::variable(PASSPHRASE)? {
        return Ok(passphrase);
    }
    if io::stdin().is_terminal() {
        return rpassword::prompt_password("Passphrase: ").map_err(|error| error.to_string());
    }
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| format!("standard input: {error}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
