//! A stranger to the code makes requests from the description alone (schemathesis): none breaks the server, and every
//! answer is one the description has.

use std::path::Path;
use std::process::Command;

use diesel::prelude::*;
use innkeeper::db::DatabaseUrl;
use innkeeper::db::schema::{guests, stays};
use innkeeper::staff::token::Token;
use innkeeper::staff::{Houses, Role};

use crate::support::binary::Served;
use crate::support::world::{HEX_KEY, On, World};

/// Seconds for each database.
const SECONDS: &str = "50";

/// All checks hold but these. What a schema allows may still be against a rule of the house: a room that is not free, a
/// day long gone. And an item of a batch that can't be right is refused in a result of its own: the call is answered 200.
const CHECKS: &str = r#"
[checks]
positive_data_acceptance.enabled = false
[[operations]]
include-path = "/api/v1/reservations:batch"
checks.negative_data_rejection.enabled = false
"#;

fn fuzz(on: On) {
    let command = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/schemathesis");
    assert!(
        command.exists(),
        "{}: ./test installs it",
        command.display()
    );
    let world = World::demo(on);
    let mut conn = world.url.connect().unwrap();
    let token = Token::issue(&mut conn, "fuzz", Role::Admin, &Houses::All).unwrap();
    let ids: Vec<String> = guests::table
        .select(guests::public_id)
        .limit(5)
        .load(&mut conn)
        .unwrap();
    let numbers: Vec<String> = stays::table
        .select(stays::confirmation_number)
        .limit(5)
        .load(&mut conn)
        .unwrap();
    assert!(!ids.is_empty() && !numbers.is_empty());
    let url = match &world.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgresql(url) => url.clone(),
    };
    let environment = [
        ("INNKEEPER_SECRET_KEY", HEX_KEY),
        ("INNKEEPER_API_RATE", "100000"),
    ];
    let served = Served::start(&url, &environment);
    let directory = tempfile::tempdir().unwrap();
    // Names that are there, so that requests come further than "no such thing".
    let config = format!(
        "[parameters]\n\"path.property\" = [\"RIV\", \"LAK\"]\n\"path.confirmation\" = {numbers:?}\n\"path.id\" = {ids:?}\n{CHECKS}"
    );
    std::fs::write(directory.path().join("schemathesis.toml"), config).unwrap();
    let output = Command::new(&command)
        .current_dir(directory.path())
        .args([
            "run",
            &format!("http://{}/api/v1/openapi.json", served.address),
        ])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--max-time", SECONDS, "--workers", "1"])
        .args(["--suppress-health-check", "all", "--request-timeout", "20"])
        .args(["--generation-deterministic", "--no-color"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn requests_made_from_the_description_break_nothing_on_sqlite() {
    fuzz(On::Sqlite);
}

#[test]
fn requests_made_from_the_description_break_nothing_on_postgresql() {
    fuzz(On::Postgresql);
}
