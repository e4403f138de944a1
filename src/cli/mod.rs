//! The command line, one file a subcommand. Exit status: 0 done, 1 failed, 2 wrong usage, 3 some rows were rejected.

pub mod assign;
pub mod backup;
pub mod bounces;
pub mod check;
pub mod demo;
pub mod duplicates;
pub mod generate;
pub mod greet;
pub mod import;
pub mod learn;
pub mod matching;
pub mod points;
pub mod progress;
pub mod recognition;
pub mod serve;
pub mod token;
pub mod user;

use clap::{Parser, Subcommand};

use crate::db::{Database, DatabaseUrl, migrate};
use crate::properties::Property;
use crate::secret::Keys;
use crate::staff::Houses;
use crate::{config, db};

/// Failed; the reason was told.
const FAILED: u8 = 1;

/// The memory of the best innkeeper who ever lived: recognises hotel guests and tells the desk what matters now.
#[derive(Parser, Debug)]
#[command(name = "innkeeper", version)]
pub struct Cli {
    /// Where the data is: sqlite://path or postgres://user@host/name [default: sqlite://innkeeper.db]
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Demo(demo::Demo),
    Serve(serve::Serve),
    /// Apply migrations and stop.
    Migrate,
    /// Add, list and disable staff accounts, or set a password.
    #[command(subcommand)]
    User(user::User),
    /// Add, list and revoke API tokens.
    #[command(subcommand)]
    Token(token::Token),
    Import(import::Import),
    Check(check::Check),
    Assign(assign::Assign),
    Backup(backup::Backup),
    Restore(backup::Restore),
    Generate(generate::Generate),
    Greet(greet::Greet),
    Bounces(bounces::Bounces),
    Match(matching::Match),
    Duplicates(duplicates::Duplicates),
    Points(points::Points),
    Learn(learn::Learn),
    /// Fit recognition on labelled bookings, or measure it.
    #[command(subcommand)]
    Recognition(recognition::Recognition),
}

impl Cli {
    /// Runs the command and returns the exit status.
    pub fn run(self) -> u8 {
        self.try_run().unwrap_or_else(|error| {
            eprintln!("innkeeper: {error}");
            FAILED
        })
    }

    fn try_run(self) -> Result<u8, String> {
        if let Command::Demo(demo) = &self.command {
            return demo.run();
        }
        if let Command::Recognition(recognition) = &self.command
            && !recognition.needs_database()
        {
            return recognition.run();
        }
        let url = self.database_url()?;
        match self.command {
            Command::Demo(_) => Ok(0),
            Command::Recognition(recognition) => recognition.run_on(&migrated(&url)?),
            Command::Serve(serve) => serve.run(&url),
            Command::Backup(backup) => backup.run(&url),
            Command::Restore(restore) => restore.run(&url),
            Command::Migrate => {
                let db = open(&url)?;
                let applied = db.read(|conn| {
                    migrate::run(conn).map_err(|error| db::Unavailable(error.to_string()))
                });
                println!(
                    "{} migrations applied",
                    applied.map_err(|error| error.to_string())?
                );
                Ok(0)
            }
            Command::User(user) => user.run(&migrated(&url)?),
            Command::Token(token) => token.run(&migrated(&url)?),
            Command::Import(import) => Ok(import.run(&migrated(&url)?, &keys(&url)?).code()),
            Command::Check(check) => check.run(&migrated(&url)?),
            Command::Assign(assign) => assign.run(&migrated(&url)?),
            Command::Points(points) => points.run(&migrated(&url)?),
            Command::Greet(greet) => greet.run(&migrated(&url)?, &keys(&url)?),
            Command::Bounces(bounces) => bounces.run(&migrated(&url)?),
            Command::Learn(learn) => learn.run(&migrated(&url)?),
            Command::Duplicates(duplicates) => duplicates.run(&migrated(&url)?),
            Command::Match(matching) => matching.run(&migrated(&url)?, &keys(&url)?),
            Command::Generate(generate) => Ok(generate.run(&migrated(&url)?, &keys(&url)?).code()),
        }
    }

    fn database_url(&self) -> Result<DatabaseUrl, String> {
        match &self.database_url {
            Some(url) => url.parse(),
            None => config::variable("DATABASE_URL")?
                .as_deref()
                .unwrap_or("sqlite://innkeeper.db")
                .parse(),
        }
    }
}

fn keys(url: &DatabaseUrl) -> Result<Keys, String> {
    config::keys(url)
}

fn open(url: &DatabaseUrl) -> Result<Database, String> {
    Database::open(url).map_err(|error| error.to_string())
}

/// The database, brought to the shape this binary expects.
fn migrated(url: &DatabaseUrl) -> Result<Database, String> {
    let db = open(url)?;
    db.read(|conn| {
        migrate::run(conn)
            .map(drop)
            .map_err(|error| db::Unavailable(error.to_string()))
    })
    .map_err(|error| error.to_string())?;
    Ok(db)
}

/// The houses named by `--property`; every house where none is.
fn houses(db: &Database, codes: &[String]) -> Result<Houses, String> {
    if codes.is_empty() {
        return Ok(Houses::All);
    }
    let all = db
        .read(|conn| Property::all(conn).map_err(|error| db::Unavailable(error.to_string())))
        .map_err(|error| error.to_string())?;
    let ids = codes.iter().map(|code| {
        all.iter()
            .find(|house| house.code.eq_ignore_ascii_case(code))
            .map(|house| house.id)
            .ok_or_else(|| {
                format!(
                    "--property {code}: no such property; there are {}",
                    known(&all)
                )
            })
    });
    ids.collect::<Result<Vec<i64>, String>>().map(Houses::Only)
}

fn known(all: &[Property]) -> String {
    if all.is_empty() {
        return "none yet; import properties first".into();
    }
    all.iter()
        .map(|house| house.code.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
