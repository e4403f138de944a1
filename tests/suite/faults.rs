//! What fails around us: the database goes away and comes back, forms too large or too slow, the process killed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, notes};
use innkeeper::demo;

use crate::support::app::TestApp;
use crate::support::binary::Served;
use crate::support::client::Client;
use crate::support::database::on_server;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::{HEX_KEY, On};

on_both!(
    a_database_that_is_gone_is_a_plain_page_until_it_is_back,
    a_form_that_is_too_long_is_refused,
    a_form_that_never_ends_is_refused,
    a_note_with_a_control_character_or_too_long_is_explained,
    a_note_sent_twice_is_one_note,
    what_was_answered_outlives_a_killed_process,
    a_look_outlives_a_killed_process,
    a_name_is_shown_as_text_whatever_is_in_it,
);

/// Takes the database away until the guard is dropped.
enum Outage {
    Locked(innkeeper::db::Conn),
    Renamed(String),
}

impl Outage {
    fn begin(app: &TestApp) -> Self {
        match app.on {
            On::Sqlite => {
                let mut conn = app.world.url.connect().unwrap();
                conn.batch_execute("BEGIN EXCLUSIVE").unwrap();
                Self::Locked(conn)
            }
            On::Postgresql => {
                let name = app.world.scratch.as_ref().unwrap().name.clone();
                on_server(&format!(
                    "ALTER DATABASE {name} ALLOW_CONNECTIONS false; \
                     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
                ));
                Self::Renamed(name)
            }
        }
    }

    fn end(self) {
        match self {
            Self::Locked(mut conn) => conn.batch_execute("ROLLBACK").unwrap(),
            Self::Renamed(name) => {
                on_server(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
            }
        }
    }
}

async fn a_database_that_is_gone_is_a_plain_page_until_it_is_back(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1501");
    client.see("/arrivals").await;
    let token = client.token().await;
    let outage = Outage::begin(&app);
    // A locked SQLite is still read, and its looks wait beside it; what writes is told to wait.
    let seen = client.get(&format!("/stays/{stay}")).await;
    assert_eq!(seen.status, if app.on == On::Sqlite { 200 } else { 503 });
    let fields = [("room", "1501"), ("csrf", token.as_str())];
    let answer = client
        .post_bare(&format!("/stays/{stay}/check-in"), &fields)
        .await;
    assert_eq!(answer.status, 503);
    assert!(
        answer
            .text("main")
            .contains("Work from the printed arrivals brief")
    );
    for hidden in [
        "sqlite", "locked", "postgres", "terminat", "FATAL", "Müller",
    ] {
        assert!(!answer.body.contains(hidden), "the page says {hidden}");
    }
    assert_eq!(client.get("/healthz").await.status, 200);
    if app.on == On::Postgresql {
        assert_eq!(client.get("/readyz").await.status, 503);
        assert_eq!(client.get("/arrivals").await.status, 503);
    }
    outage.end();
    assert_eq!(client.get("/readyz").await.status, 200);
    client.see(&format!("/stays/{stay}")).await;
    let answer = client
        .post(&format!("/stays/{stay}/check-in"), &[("room", "1501")])
        .await;
    assert!(answer.flash().unwrap().ok);
}

async fn a_form_that_is_too_long_is_refused(app: TestApp) {
    let client = app.sign_in("lin").await;
    let guest = app.guest_of(app.stay_in(REGULAR));
    let body = "x".repeat(70 * 1024);
    let answer = client
        .post(&format!("/guests/{guest}/notes"), &[("body", &body)])
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text("main").contains("too long"),
        "{}",
        answer.text("main")
    );
    client.see("/arrivals").await;
}

async fn a_form_that_never_ends_is_refused(app: TestApp) {
    let address = app.address;
    let answered = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let head = format!(
            "POST /login HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\nconnection: close\r\n\r\nname=li"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        // Whatever is answered before the connection is closed.
        drop(stream.read_to_string(&mut answer));
        answer
    });
    let answer = answered.join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("did not arrive in time"));
}

async fn a_note_with_a_control_character_or_too_long_is_explained(app: TestApp) {
    let client = app.sign_in("lin").await;
    let guest = app.guest_of(app.stay_in(REGULAR));
    let path = format!("/guests/{guest}/notes");
    let long = "言".repeat(2001);
    for (typed, said) in [
        ("", "Write the note first."),
        (
            "ring\u{7}",
            "There is an invisible control character in it; type it again.",
        ),
        (
            &long,
            "The text has 2001 characters; at most 2000 are kept.",
        ),
    ] {
        let page = client.post(&path, &[("body", typed)]).await;
        assert_eq!(page.status, 422);
        assert_eq!(page.all("[data-errors] li"), [said]);
        assert!(
            page.has("details.fold[open] textarea[name=body]"),
            "the form is folded away"
        );
        if typed.len() > 10 {
            assert_eq!(
                page.text("textarea[name=body]"),
                typed,
                "what was typed is lost"
            );
        }
    }
    let page = client
        .submit(&path, &[("body", "Loves the terrace.\nAsks for tea.")])
        .await;
    assert!(page.body.contains("Loves the terrace."));
    let said = client
        .post(
            &format!("/guests/{guest}/preferences"),
            &[("what", "a quiet room please")],
        )
        .await;
    assert_eq!(said.status, 422);
    assert!(
        said.all("[data-errors] li")[0].contains("Did you mean"),
        "{:?}",
        said.all("[data-errors] li")
    );
    assert_eq!(
        said.attr("input[name=what]", "value"),
        "a quiet room please",
        "what was typed is lost"
    );
    // A stay or a note that does not exist, or is somebody else's, is not written to.
    let before: i64 = app.sql(|conn| notes::table.count().get_result(conn));
    for (name, value) in [("stay", "999999"), ("replaces", "999999")] {
        let answer = client.post(&path, &[("body", "Hm."), (name, value)]).await;
        assert!(answer.status < 500, "{name}: {}", answer.status);
    }
    let after: i64 = app.sql(|conn| notes::table.count().get_result(conn));
    assert_eq!(after, before);
}

async fn a_note_sent_twice_is_one_note(app: TestApp) {
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    let path = format!("/guests/{}/notes", app.guest_of(app.stay_in("1501")));
    for (client, body) in [
        (&lin, "Called about the cot."),
        (&lin, "Called about the cot."),
        (&lin, "Called again."),
        (&zhou, "Called about the cot."),
    ] {
        assert_eq!(client.post(&path, &[("body", body)]).await.status, 303);
    }
    let written: i64 = app.sql(|conn| {
        let calls = notes::table.filter(notes::body.like("Called %"));
        calls.count().get_result(conn)
    });
    assert_eq!(written, 3);
}

async fn what_was_answered_outlives_a_killed_process(app: TestApp) {
    let stay = app.stay_in("1501");
    let guest = app.guest_of(stay);
    for round in 0..3 {
        let served = Served::start(&app.world.url_text(), &[("INNKEEPER_SECRET_KEY", HEX_KEY)]);
        let client = Client::new(served.address);
        assert_eq!(client.log_in("lin", demo::PASSWORD).await.status, 303);
        let body = format!("Written in round {round}.");
        let answer = client
            .post(&format!("/guests/{guest}/notes"), &[("body", &body)])
            .await;
        assert_eq!(answer.status, 303);
        served.kill();
        let written: i64 = app.sql(|conn| {
            notes::table
                .filter(notes::body.eq(&body))
                .count()
                .get_result(conn)
        });
        assert_eq!(written, 1);
    }
}

async fn a_look_outlives_a_killed_process(app: TestApp) {
    let guest = app.guest_of(app.stay_in(REGULAR));
    let environment = [("INNKEEPER_SECRET_KEY", HEX_KEY)];
    let served = Served::start(&app.world.url_text(), &environment);
    let client = Client::new(served.address);
    assert_eq!(client.log_in("lin", demo::PASSWORD).await.status, 303);
    client.see(&format!("/guests/{guest}")).await;
    served.kill();
    for _ in 0..2 {
        let again = Served::start(&app.world.url_text(), &environment);
        let stored: i64 = app.sql(|conn| {
            let looks = audit_log::table.filter(audit_log::action.eq("view_guest"));
            looks.count().get_result(conn)
        });
        assert_eq!(stored, 1);
        again.kill();
    }
}

async fn a_name_is_shown_as_text_whatever_is_in_it(app: TestApp) {
    let client = app.sign_in("lin").await;
    let name = "<script>alert(1)</script>\"'&";
    let fields = [
        ("family_name", name),
        ("nights", "1"),
        ("adults", "1"),
        ("room", "1204"),
    ];
    let card = client.submit("/stays", &fields).await;
    assert_eq!(card.text(".own"), name);
    for path in [
        "/arrivals",
        "/in-house",
        "/rooms",
        "/search?q=script",
        "/search?q=script&fragment=1",
    ] {
        let page = client.see(path).await;
        assert!(!page.body.contains("<script>alert"), "{path}");
        assert!(
            page.html()
                .root_element()
                .text()
                .collect::<String>()
                .contains(name),
            "{path}"
        );
    }
    let page = client.see("/search?q=%22%3E%3Cimg%20src%3Dx%3E").await;
    assert!(!page.has("main img"));
}
