//! `innkeeper demo`.

use std::fs;
use std::path::PathBuf;

use super::serve;
use super::user::Failure;
use crate::config;
use crate::db::{Database, DatabaseUrl, Unavailable, migrate};
use crate::demo::{self, PASSWORD, USERS};
use crate::web::App;

/// Make a lively demo hotel group in a fresh embedded database and serve it.
///
/// Two houses, a named cast in several scripts, and today's arrivals.
#[derive(clap::Args, Debug)]
pub struct Demo {
    /// Where to listen.
    #[arg(long, env = "INNKEEPER_BIND", default_value = "127.0.0.1:8080")]
    bind: String,
    /// The database file; made anew at each start [default: innkeeper-demo.db in the system's temporary folder].
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Demo {
    /// Fills a fresh database and serves it.
    pub fn run(&self) -> Result<u8, String> {
        let (listener, address) = crate::web::server::bind(&self.bind)?;
        let file = self
            .file
            .clone()
            .unwrap_or_else(|| std::env::temp_dir().join("innkeeper-demo.db"));
        let url = DatabaseUrl::Sqlite(file.clone());
        let _claim = url.claim()?;
        for suffix in ["", "-wal", "-shm", "-looks", "-looks-carried", ".key"] {
            let path = format!("{}{suffix}", file.display());
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(format!("{path}: {error}"));
                }
                _ => {}
            }
        }
        let keys = config::keys(&url)?;
        let db = Database::open(&url).map_err(|error| error.to_string())?;
        let unavailable = |error: &dyn std::fmt::Display| Unavailable(error.to_string());
        db.read(|conn| migrate::run(conn).map_err(|error| unavailable(&error)))
            .map_err(|error| error.to_string())?;
        db.write(|conn| Ok(demo::fill(conn, &keys)?))
            .map_err(|failure: Failure| format!("the demo could not be made: {}", failure.0))?;
        let index = config::index_directory(&url)?;
        let mut app =
            App::new(db, keys, "http://127.0.0.1", index).map_err(|error| error.to_string())?;
        app.demo = true;
        println!("Innkeeper's demo hotel is open: http://{address}\n");
        println!("  {:<8} {:<16} {:<12} house", "user", "name", "role");
        for (name, display_name, role, house) in USERS {
            println!(
                "  {name:<8} {display_name:<16} {:<12} {}",
                role.as_str(),
                house.unwrap_or("both")
            );
        }
        println!("\n  Everybody's password: {PASSWORD}\n");
        serve::run(app, listener, true)?;
        Ok(0)
    }
}
