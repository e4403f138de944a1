//! `innkeeper greet`, as cron runs it.

use super::{house, invite, somebody, states};
use crate::support::app::TestApp;
use crate::support::binary::{finish, innkeeper};
use crate::support::on_both_empty;
use crate::support::smtp::Smtp;
use crate::support::world::HEX_KEY;

on_both_empty!(
    greet_sends_once_and_a_dry_run_only_tells,
    greet_says_what_is_missing_before_it_plans,
);

fn greet(app: &TestApp, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let url = app.world.url_text();
    let all: Vec<&str> = ["--database-url", &url, "greet"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let mut command = innkeeper(directory.path(), &all);
    for name in ["SMTP_URL", "INNKEEPER_MAIL_FROM"] {
        command.env_remove(name);
    }
    command.env("INNKEEPER_SECRET_KEY", HEX_KEY);
    command.envs(environment.iter().copied());
    let output = finish(command, "");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

async fn greet_sends_once_and_a_dry_run_only_tells(app: TestApp) {
    house(&app);
    let mut silent = somebody("Silent");
    silent.email_consent = Some(false);
    invite(&app, &[somebody("Ada"), silent]);
    let server = Smtp::start();
    let url = server.url();
    let environment = [
        ("SMTP_URL", url.as_str()),
        ("INNKEEPER_MAIL_FROM", "hello@hotel.example"),
        ("INNKEEPER_BASE_URL", "https://hotel.example"),
    ];
    let (code, said, _) = greet(&app, &["--date", "2026-05-02", "--dry-run"], &environment);
    assert_eq!(code, 0);
    assert!(
        said.contains("Ada Guest  birthday  queued to ada@example.com in en"),
        "{said}"
    );
    assert!(
        said.contains("Silent Guest  birthday  not: said no"),
        "{said}"
    );
    assert!(states(&app).is_empty() && server.taken().is_empty());
    let (code, said, error) = greet(&app, &["--date", "2026-05-02"], &environment);
    assert_eq!(code, 0, "{error}");
    assert!(
        said.contains("1 letters planned, 1 not (1 said no)") && said.contains("1 sent"),
        "{said}"
    );
    let (_, said, _) = greet(&app, &["--date", "2026-05-02"], &environment);
    assert!(
        said.contains("0 letters planned") && said.contains("0 sent"),
        "{said}"
    );
    assert_eq!(server.taken().len(), 1);
}

async fn greet_says_what_is_missing_before_it_plans(app: TestApp) {
    house(&app);
    invite(&app, &[somebody("Ada")]);
    let (code, _, error) = greet(
        &app,
        &["--date", "2026-05-02"],
        &[("SMTP_URL", "smtp://127.0.0.1:25")],
    );
    assert_eq!(code, 1);
    assert!(error.contains("INNKEEPER_MAIL_FROM"), "{error}");
    let (code, _, error) = greet(&app, &[], &[("SMTP_URL", "imap://u:hidden@h")]);
    assert_eq!(code, 1);
    assert!(
        error.contains("SMTP_URL") && !error.contains("hidden"),
        "{error}"
    );
    let (code, _, _) = greet(&app, &["--date", "02.05.2026"], &[]);
    assert_eq!(code, 2);
    assert!(states(&app).is_empty());
    let (code, said, _) = greet(&app, &["--date", "2026-05-02"], &[]);
    assert_eq!(code, 0);
    assert!(
        said.contains("1 letters planned") && said.contains("SMTP_URL is not set"),
        "{said}"
    );
}
