//! PostgreSQL's own tools, and how they are told where the database is: a password is never an argument.

use std::env;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where distributions keep the tools of each version.
const INSTALLED: &str = "/usr/lib/postgresql";

/// The tools of one version.
pub(super) struct Tools {
    directory: PathBuf,
    /// Where the database is, without a password.
    address: String,
    password: Option<String>,
}

impl Tools {
    /// Those that fit a server: of its own version, else of the next newer one. Older ones refuse it, and newer ones may
    /// write what it does not know.
    pub(super) fn for_server(url: &str, major: u32) -> Result<Self, String> {
        let mut found: Vec<(u32, PathBuf)> = places()
            .into_iter()
            .filter_map(|directory| Some((version(&directory)?, directory)))
            .filter(|(version, _)| *version >= major)
            .collect();
        // The tools themselves before a distribution's wrapper of them.
        found.sort_by_key(|(version, directory)| (*version, !directory.starts_with(INSTALLED)));
        let Some((_, directory)) = found.into_iter().next() else {
            return Err(format!(
                "pg_dump, pg_restore and psql of PostgreSQL {major} or newer are neither on PATH nor under {INSTALLED}; \
                 install its client tools (postgresql-client-{major})"
            ));
        };
        let (address, password) = without_password(url);
        Ok(Self {
            directory,
            address,
            password,
        })
    }

    /// A tool that talks to the database.
    pub(super) fn connected(&self, name: &str) -> Command {
        let mut command = self.alone(name);
        command
            .arg("--no-password")
            .arg("--dbname")
            .arg(&self.address);
        if let Some(password) = &self.password {
            command.env("PGPASSWORD", password);
        }
        command
    }

    /// A tool that reads a file.
    pub(super) fn alone(&self, name: &str) -> Command {
        let mut command = Command::new(self.directory.join(name));
        command.stdin(Stdio::null()).env("LC_ALL", "C");
        command
    }
}

/// Directories that may have the tools.
fn places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    if let Ok(versions) = fs::read_dir(INSTALLED) {
        places.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    places.retain(|place| {
        ["pg_dump", "pg_restore", "psql"]
            .iter()
            .all(|tool| place.join(tool).is_file())
    });
    places
}

/// `pg_dump (PostgreSQL) 15.14 (Debian …)` is of version 15.
fn version(directory: &Path) -> Option<u32> {
    let said = Command::new(directory.join("pg_dump"))
        .arg("--version")
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let number = said.split_whitespace().nth(2)?;
    number.split('.').next()?.parse().ok()
}

/// A connection URL without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else {
        return (url.to_owned(), None);
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = place
        .split_once('/')
        .map_or((place, String::new()), |(authority, path)| {
            (authority, format!("/{path}"))
        });
    let mut password = None;
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, secret)) => {
                password = Some(decoded(secret));
                format!("{user}@{host}")
            }
            None => format!("{user}@{host}"),
        },
        None => authority.to_owned(),
    };
    let mut kept = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.strip_prefix("password=") {
            Some(secret) => password = Some(decoded(secret)),
            None => kept.push(part),
        }
    }
    let query = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    (format!("{scheme}://{authority}{path}{query}"), password)
}

/// With `%40` as `@`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let byte = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = match byte {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A tool at work. What it complains about is kept in a file: a full pipe would stop it.
pub(super) struct Running {
    pub(super) child: Child,
    name: String,
    complaints: File,
}

impl Running {
    pub(super) fn start(mut command: Command) -> Result<Self, String> {
        let name = Path::new(command.get_program()).file_name();
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        let named = |error: std::io::Error| format!("{name}: {error}");
        let complaints = tempfile::tempfile().map_err(named)?;
        command.stderr(complaints.try_clone().map_err(named)?);
        let child = command.spawn().map_err(named)?;
        Ok(Self {
            child,
            name,
            complaints,
        })
    }

    /// Waits for its end; an error says what it complained about.
    pub(super) fn finish(mut self) -> Result<(), String> {
        let named = |error: std::io::Error| format!("{}: {error}", self.name);
        let status = self.child.wait().map_err(named)?;
        if status.success() {
            return Ok(());
        }
        let mut said = String::new();
        self.complaints.rewind().map_err(named)?;
        self.complaints.read_to_string(&mut said).map_err(named)?;
        let said = said
            .lines()
            .find(|line| line.contains("error") || line.contains("ERROR"));
        let said = said.map_or_else(|| status.to_string(), |line| line.trim().to_owned());
        Err(format!("{}: {said}", self.name))
    }
}

impl Drop for Running {
    /// A tool nobody waits for any more is stopped.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_the_address() {
        let parted = |url| {
            let (address, password) = without_password(url);
            (address, password.unwrap_or_default())
        };
        let expect = |address: &str, password: &str| (address.to_owned(), password.to_owned());
        assert_eq!(
            parted("postgres://ink:p%40ss:w@db:5433/hotel?sslmode=require"),
            expect("postgres://ink@db:5433/hotel?sslmode=require", "p@ss:w")
        );
        assert_eq!(
            parted("postgres://ink@db/hotel?password=a%2Fb&connect_timeout=3"),
            expect("postgres://ink@db/hotel?connect_timeout=3", "a/b")
        );
        assert_eq!(
            parted("postgresql:///hotel?host=/run/pg"),
            expect("postgresql:///hotel?host=/run/pg", "")
        );
        assert_eq!(
            parted("postgres://db/hotel"),
            expect("postgres://db/hotel", "")
        );
    }
}
