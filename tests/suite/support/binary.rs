//! The real binary, as a hotel runs it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// A command of the binary, with nothing of our environment that it listens to.
pub fn innkeeper(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_innkeeper"));
    command.args(arguments).current_dir(directory);
    for name in [
        "DATABASE_URL",
        "INNKEEPER_BIND",
        "INNKEEPER_BASE_URL",
        "INNKEEPER_SECRET_KEY",
        "RUST_LOG",
    ] {
        command.env_remove(name);
    }
    command.env("INNKEEPER_INDEX", directory.join("search"));
    command
}

/// Runs a command to its end, with words on its standard input.
pub fn run(directory: &Path, arguments: &[&str], input: &str) -> Output {
    finish(innkeeper(directory, arguments), input)
}

pub fn finish(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

/// A serving process; stopped when dropped.
pub struct Served {
    child: Child,
    pub address: SocketAddr,
    /// What it says further on.
    pub says: BufReader<ChildStdout>,
    _directory: tempfile::TempDir,
}

impl Served {
    pub fn start(url: &str, environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let arguments = ["--database-url", url, "serve", "--bind", "127.0.0.1:0"];
        let mut child = innkeeper(directory.path(), &arguments)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut says = BufReader::new(child.stdout.take().unwrap());
        says.read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap();
        let address = address
            .parse()
            .unwrap_or_else(|_| panic!("no address in '{line}'"));
        Self {
            child,
            address,
            says,
            _directory: directory,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where the first administrator is made, as the second line says.
    pub fn setup(mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).unwrap();
        let (_, token) = line.trim().rsplit_once("/setup/").unwrap();
        format!("/setup/{token}")
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
