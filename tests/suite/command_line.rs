//! The command line: usage, one clear line for what is wrong, and exit codes.

use std::io::BufRead;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use crate::support::binary::{Served, finish, innkeeper, run};
use crate::support::client::Client;
use crate::support::world::{HEX_KEY, On, World};

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// What a failed command says: one line, and no trace.
fn complaint(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(code(output), 1, "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

fn in_directory(test: impl Fn(&Path)) {
    let directory = tempfile::tempdir().unwrap();
    test(directory.path());
}

#[test]
fn an_unknown_scheme_is_named() {
    in_directory(|directory| {
        for command in ["migrate", "serve"] {
            let said = complaint(&run(
                directory,
                &["--database-url", "mysql://x/y", command],
                "",
            ));
            assert!(
                said.contains("'mysql'") && said.contains("sqlite://"),
                "{said}"
            );
        }
    });
}

#[test]
fn a_database_that_does_not_answer_is_said_in_a_line() {
    in_directory(|directory| {
        let closed = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let url = format!("postgres://nobody@{closed}/none");
        let mut command = innkeeper(
            directory,
            &["--database-url", &url, "serve", "--bind", "127.0.0.1:0"],
        );
        command.env("INNKEEPER_SECRET_KEY", HEX_KEY);
        let output = finish(command, "");
        assert_eq!(code(&output), 1);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("the database does not answer"), "{said}");
        let said = complaint(&run(
            directory,
            &["--database-url", "sqlite:///no/such/folder/x.db", "migrate"],
            "",
        ));
        assert!(said.contains("does not answer"), "{said}");
    });
}

#[test]
fn postgresql_without_a_secret_is_refused() {
    let world = World::empty(On::Postgresql);
    in_directory(|directory| {
        let arguments = [
            "--database-url",
            &world.url_text(),
            "serve",
            "--bind",
            "127.0.0.1:0",
        ];
        let said = complaint(&run(directory, &arguments, ""));
        assert!(
            said.contains("INNKEEPER_SECRET_KEY") && said.contains("64 hex digits"),
            "{said}"
        );
        let mut command = innkeeper(directory, &arguments);
        command.env("INNKEEPER_SECRET_KEY", "short");
        let said = complaint(&finish(command, ""));
        assert!(said.contains("5 characters"), "{said}");
    });
}

#[test]
fn a_check_says_what_holds_and_what_is_broken() {
    for on in [On::Sqlite, On::Postgresql] {
        let world = World::demo(on);
        in_directory(|directory| {
            let arguments = ["--database-url", &world.url_text(), "check"];
            let output = run(directory, &arguments, "");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(code(&output), 0, "{said}");
            assert!(said.contains("ok      a balance is the sum of its lots"));
            assert!(said.trim_end().ends_with(" 0 broken"), "{said}");
            let mut conn = world.url.connect().unwrap();
            diesel::connection::SimpleConnection::batch_execute(
                &mut conn,
                "UPDATE room_nights SET night = '2001-01-01' WHERE room_id = (SELECT min(room_id) FROM room_nights) \
                 AND night = (SELECT max(night) FROM room_nights AS other WHERE other.room_id = room_nights.room_id)",
            )
            .unwrap();
            let output = run(directory, &arguments, "");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(code(&output), 1, "{said}");
            assert!(said.contains("BROKEN  a room's nights"), "{said}");
            let nightly = run(
                directory,
                &["--database-url", &world.url_text(), "points"],
                "",
            );
            let said = String::from_utf8_lossy(&nightly.stdout).into_owned();
            assert_eq!(code(&nightly), 0, "{said}");
            assert!(said.contains("0 points of 0 accounts lapsed"), "{said}");
        });
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    in_directory(|directory| {
        let said = complaint(&run(directory, &["serve", "--bind", &address], ""));
        assert!(said.contains(&address), "{said}");
        let said = complaint(&run(
            directory,
            &["demo", "--bind", &address, "--file", "demo.db"],
            "",
        ));
        assert!(said.contains(&address), "{said}");
        assert!(!directory.join("demo.db").exists());
    });
}

#[test]
fn an_embedded_database_is_served_by_one_process() {
    in_directory(|directory| {
        let file = directory.join("house.db");
        let url = format!("sqlite://{}", file.display());
        let environment = [("INNKEEPER_SECRET_KEY", HEX_KEY)];
        let first = Served::start(&url, &environment);
        let link = directory.join("link.db");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let by_link = format!("sqlite://{}", link.display());
        for arguments in [
            &["--database-url", &url, "serve", "--bind", "127.0.0.1:0"][..],
            &["--database-url", &by_link, "serve", "--bind", "127.0.0.1:0"],
            &["demo", "--bind", "127.0.0.1:0", "--file", "house.db"],
        ] {
            let said = complaint(&run(directory, arguments, ""));
            assert!(said.contains("is served by another process"), "{said}");
        }
        assert!(file.exists());
        first.kill();
        Served::start(&url, &environment).kill();
    });
}

#[test]
fn wrong_usage_exits_with_two() {
    in_directory(|directory| {
        for arguments in [
            &["check-in"][..],
            &[],
            &["user", "add", "mei"],
            &["user", "add", "mei", "--role", "owner"],
            &["serve", "--port", "80"],
            &["import", "guests"],
            &["import", "hotels", "x.csv"],
        ] {
            assert_eq!(code(&run(directory, arguments, "")), 2, "{arguments:?}");
        }
        for arguments in [
            &["--help"][..],
            &["serve", "--help"],
            &["user", "--help"],
            &["--version"],
        ] {
            let output = run(directory, arguments, "");
            assert_eq!(code(&output), 0, "{arguments:?}");
            assert!(!output.stdout.is_empty());
        }
    });
}

#[test]
fn the_key_beside_the_file_is_for_its_owner_alone() {
    in_directory(|directory| {
        let file = directory.join("hotel.db");
        let served = Served::start(&format!("sqlite://{}", file.display()), &[]);
        let key = std::fs::metadata(directory.join("hotel.db.key")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
        drop(served);
    });
}

fn on_each(test: impl Fn(&Path, &str)) {
    for on in [On::Sqlite, On::Postgresql] {
        let world = World::bare(on);
        in_directory(|directory| test(directory, &world.url_text()));
    }
}

#[test]
fn accounts_are_added_listed_given_passwords_and_disabled() {
    on_each(|directory, url| {
        let user = |arguments: &[&str], input: &str| {
            let all: Vec<&str> = ["--database-url", url, "user"]
                .iter()
                .chain(arguments)
                .copied()
                .collect();
            run(directory, &all, input)
        };
        let output = user(
            &["add", "Mei", "--role", "front_desk"],
            "a long enough one\n",
        );
        assert_eq!(
            code(&output),
            0,
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            complaint(&user(
                &["add", "mei", "--role", "admin"],
                "a long enough one\n"
            ))
            .contains("already")
        );
        assert!(
            complaint(&user(&["add", "bo", "--role", "admin"], "short\n")).contains("characters")
        );
        assert!(
            complaint(&user(
                &["add", "bo", "--role", "pms"],
                "a long enough one\n"
            ))
            .contains("token")
        );
        let said = complaint(&user(
            &["add", "bo", "--role", "host", "--property", "XX"],
            "a long enough one\n",
        ));
        assert!(said.contains("XX"), "{said}");
        let said = complaint(&user(
            &["add", "bo", "--role", "host", "--outlet", "nowhere"],
            "a long enough one\n",
        ));
        assert!(said.contains("nowhere"), "{said}");
        assert_eq!(code(&user(&["outlets", "mei"], "")), 0);
        let list = user(&["list"], "");
        assert_eq!(
            String::from_utf8_lossy(&list.stdout).trim(),
            "mei\tMei\tfront_desk\tevery house"
        );
        assert_eq!(code(&user(&["password", "MEI"], "another long one\n")), 0);
        assert_eq!(code(&user(&["disable", "mei"], "")), 0);
        assert!(String::from_utf8_lossy(&user(&["list"], "").stdout).contains("disabled"));
        assert!(complaint(&user(&["disable", "nobody"], "")).contains("no such account"));
    });
}

#[test]
fn tokens_are_shown_once_listed_and_revoked() {
    on_each(|directory, url| {
        let token = |arguments: &[&str]| {
            let all: Vec<&str> = ["--database-url", url, "token"]
                .iter()
                .chain(arguments)
                .copied()
                .collect();
            let output = run(directory, &all, "");
            (
                code(&output),
                String::from_utf8_lossy(&output.stdout).into_owned(),
            )
        };
        let (status, made) = token(&["add", "pms", "--role", "pms"]);
        assert_eq!(status, 0);
        let secret = made
            .split_whitespace()
            .max_by_key(|word| word.len())
            .unwrap()
            .to_owned();
        assert!(secret.len() >= 32, "{made}");
        let (_, listed) = token(&["list"]);
        assert!(listed.contains("pms") && !listed.contains(&secret));
        assert_eq!(token(&["revoke", "pms"]).0, 0);
        assert!(token(&["list"]).1.contains("revoked"));
        assert_eq!(token(&["revoke", "nobody"]).0, 1);
    });
}

#[test]
fn the_first_run_says_where_the_administrator_is_made() {
    on_each(|_, url| {
        let mut served = Served::start(url, &[("INNKEEPER_SECRET_KEY", HEX_KEY)]);
        let client = Client::new(served.address);
        let mut line = String::new();
        served.says.read_line(&mut line).unwrap();
        let (_, setup) = line
            .trim()
            .rsplit_once(&served.address.to_string())
            .unwrap();
        let answers = actix_web::rt::System::new().block_on(async {
            (
                client.get("/readyz").await.status,
                client.get(setup).await.status,
            )
        });
        assert_eq!(answers, (200, 200));
    });
}
