//! Settings, read once from the environment; an error names the variable.

use std::env;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::db::DatabaseUrl;
use crate::secret::Keys;

/// A variable, or the content of the file that `NAME_FILE` names.
pub fn variable(name: &str) -> Result<Option<String>, String> {
    if let Ok(path) = env::var(format!("{name}_FILE")) {
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{name}_FILE: {path}: {error}"))?;
        return Ok(Some(text.trim().to_owned()));
    }
    Ok(env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The keys of this installation.
///
/// On SQLite they are made once and kept beside the database, readable by its owner alone;
/// the nodes of a group share theirs by `INNKEEPER_SECRET_KEY`.
pub fn keys(url: &DatabaseUrl) -> Result<Keys, String> {
    if let Some(hex) = variable("INNKEEPER_SECRET_KEY")? {
        return Keys::from_hex(&hex);
    }
    match url {
        DatabaseUrl::Postgresql(_) => Err(
            "INNKEEPER_SECRET_KEY: required on PostgreSQL; set it to 64 hex digits, the same on every node \
             (for example from: openssl rand -hex 32)"
                .into(),
        ),
        DatabaseUrl::Sqlite(path) => keys_beside(path),
    }
}

/// Where the search index of a database is kept: beside an SQLite file, else in the cache of this machine.
pub fn index_directory(url: &DatabaseUrl) -> Result<PathBuf, String> {
    if let Some(path) = variable("INNKEEPER_INDEX")? {
        return Ok(path.into());
    }
    Ok(match url {
        DatabaseUrl::Sqlite(path) => PathBuf::from(format!("{}-search", path.display())),
        DatabaseUrl::Postgresql(url) => {
            let cache = match variable("XDG_CACHE_HOME")? {
                Some(cache) => PathBuf::from(cache),
                None => variable("HOME")?
                    .map_or_else(env::temp_dir, |home| PathBuf::from(home).join(".cache")),
            };
            // The address may hold a password; the name must not.
            let digest = Sha256::digest(url.as_bytes());
            let name: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
            cache.join("innkeeper").join(format!("search-{name}"))
        }
    })
}

fn keys_beside(database: &Path) -> Result<Keys, String> {
    let path = PathBuf::from(format!("{}.key", database.display()));
    let named = |error: std::io::Error| format!("{}: {error}", path.display());
    if path.exists() {
        return Keys::from_hex(fs::read_to_string(&path).map_err(named)?.trim())
            .map_err(|error| format!("{}: {error}", path.display()));
    }
    let hex = Keys::generate_hex();
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(named)?;
    writeln!(file, "{hex}")
        .and_then(|()| file.sync_all())
        .map_err(named)?;
    Keys::from_hex(&hex)
}
