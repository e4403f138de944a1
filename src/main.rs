//! The `innkeeper` command.

use std::process::ExitCode;

use clap::Parser;
use innkeeper::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("warn,innkeeper=info"),
    )
    .init();
    ExitCode::from(Cli::parse().run())
}
