//! Two processes send ten thousand letters and are killed twenty times: none is lost, none is sent twice.

use std::collections::{HashMap, HashSet};
use std::process::{Child, Stdio};
use std::time::Duration;

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::greetings;
use innkeeper::greetings::{State, list};

use super::{decide, house, lapse, many, plan, send, states, wait};
use crate::support::app::TestApp;
use crate::support::binary::innkeeper;
use crate::support::on_both_empty;
use crate::support::smtp::{Fate, Smtp};
use crate::support::world::HEX_KEY;

const LETTERS: usize = 10_000;
/// Two processes are killed in each.
const ROUNDS: usize = 12;

on_both_empty!(killed_twenty_times_no_letter_is_lost_and_none_is_sent_twice);

fn sender(app: &TestApp, directory: &std::path::Path, server: &Smtp) -> Child {
    let url = app.world.url_text();
    innkeeper(
        directory,
        &["--database-url", &url, "greet", "--date", "2026-05-02"],
    )
    .env("SMTP_URL", server.url())
    .env("INNKEEPER_MAIL_FROM", "hello@hotel.example")
    .env("INNKEEPER_BASE_URL", "https://hotel.example")
    .env("INNKEEPER_SECRET_KEY", HEX_KEY)
    .stdin(Stdio::null())
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .unwrap()
}

async fn killed_twenty_times_no_letter_is_lost_and_none_is_sent_twice(app: TestApp) {
    house(&app);
    many(&app, LETTERS);
    decide(&app, |settings| settings.per_minute = 1_000_000);
    assert_eq!(plan(&app).letters, LETTERS);
    let server = Smtp::start();
    server.always(Some(Fate::Delay(Duration::from_millis(2))));
    let directory = tempfile::tempdir().unwrap();
    let mut kills = 0;
    for round in 1..=ROUNDS {
        let mut senders = [(); 2].map(|()| sender(&app, directory.path(), &server));
        // What the dead had in hand rests until their leases end: enough must be left for the last round.
        let wanted = round * LETTERS * 7 / (10 * ROUNDS);
        let taken = server.until_taken(wanted, Duration::from_secs(120));
        assert!(taken >= wanted, "round {round}: only {taken} were taken");
        for one in &mut senders {
            let was_alive = one.try_wait().unwrap().is_none();
            one.kill().unwrap();
            one.wait().unwrap();
            kills += usize::from(was_alive);
        }
    }
    assert!(kills >= 20, "only {kills} were alive when they were killed");
    // What the dead had in hand is taken over, and the rest goes out.
    lapse(&app);
    wait(&app);
    server.always(None);
    send(&app, &server);

    let arrived = arrivals(&server);
    let rows: Vec<(State, Option<String>)> = app.sql(|conn| {
        greetings::table
            .select((greetings::state, greetings::message_id))
            .load(conn)
    });
    let of = |state: State| -> HashSet<String> {
        let own = rows.iter().filter(|row| row.0 == state);
        own.filter_map(|row| row.1.clone()).collect()
    };
    let (sent, uncertain) = (of(State::Sent), of(State::Uncertain));
    assert_eq!(
        sent.len() + uncertain.len(),
        LETTERS,
        "every letter is sent or shown as uncertain"
    );
    let unproven: Vec<&String> = sent
        .iter()
        .filter(|id| !arrived.contains_key(*id))
        .collect();
    assert!(
        unproven.is_empty(),
        "recorded as sent without an acceptance: {unproven:?}"
    );
    assert_eq!(twice(&arrived), HashSet::new(), "nobody asked for that");
    assert!(
        uncertain.len() <= kills * 8 * 8,
        "at most a stretch of eight letters a line is in doubt"
    );

    // Somebody has those in doubt sent again: nothing is lost, and only what had been accepted arrives twice.
    app.sql(|conn| {
        let doubtful: Vec<i64> = greetings::table
            .filter(greetings::state.eq(State::Uncertain))
            .select(greetings::id)
            .load(conn)?;
        let decided = list::decide(conn, &doubtful, false, clock::now())?;
        assert_eq!(decided, doubtful.len());
        Ok(())
    });
    send(&app, &server);
    assert!(
        states(&app).iter().all(|state| *state == State::Sent),
        "all are sent"
    );
    let unanswered: HashSet<String> = uncertain
        .iter()
        .filter(|id| arrived.contains_key(*id))
        .cloned()
        .collect();
    let arrived = arrivals(&server);
    assert_eq!(arrived.len(), LETTERS, "every letter arrived");
    assert_eq!(twice(&arrived), unanswered, "twice is what nobody answered");
    println!(
        "{kills} kills: {} sent, {} uncertain, of which {} had been accepted",
        sent.len(),
        uncertain.len(),
        unanswered.len()
    );
}

/// How often each letter was accepted, by its `Message-ID`.
fn arrivals(server: &Smtp) -> HashMap<String, usize> {
    let mut arrived = HashMap::new();
    for letter in server.taken() {
        *arrived
            .entry(letter.header("Message-ID").unwrap())
            .or_default() += 1;
    }
    arrived
}

fn twice(arrived: &HashMap<String, usize>) -> HashSet<String> {
    let twice = arrived.iter().filter(|(_, times)| **times > 1);
    twice.map(|(id, _)| id.clone()).collect()
}
