//! The `innkeeper` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use innkeeper::cli::generate::Generate;
use innkeeper::cli::import::Import;
use innkeeper::{config, db};

#[derive(Parser)]
struct Cli {
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://innkeeper.db",
        global = true
    )]
    database_url: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(Import),
    Generate(Generate),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<u8, Box<dyn std::error::Error>> {
    let url: db::DatabaseUrl = cli.database_url.parse()?;
    let keys = config::keys(&url)?;
    db::migrate::run(&mut url.connect()?).map_err(|error| error.to_string())?;
    let database = db::Database::open(&url)?;
    Ok(match &cli.command {
        Command::Import(import) => import.run(&database, &keys).code(),
        Command::Generate(generate) => generate.run(&database, &keys).code(),
    })
}
