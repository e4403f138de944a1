//! Handing letters over: what a server may do to them, and what two processes or a dead one may not.

use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{consents, greetings, suppressions};
use innkeeper::greetings::State;
use innkeeper::greetings::outbox;
use innkeeper::greetings::settings::Settings;
use innkeeper::greetings::suppressions::{Reason, Whom, stop};

use super::{
    conversations, decide, house, invite, lapse, letters, many, plan, send, somebody, states,
    try_send, wait,
};
use crate::support::app::TestApp;
use crate::support::on_both_empty;
use crate::support::smtp::{Fate, Smtp};

on_both_empty!(
    a_letter_arrives_once_with_the_headers_it_needs,
    a_letter_refused_for_now_is_tried_again_and_is_the_same,
    an_address_refused_for_good_is_not_written_to_again,
    a_server_that_refuses_us_marks_no_address,
    a_letter_whose_acceptance_never_came_is_shown_and_not_sent_again,
    a_server_that_is_down_loses_no_letter,
    two_processes_send_each_letter_once,
    a_dead_process_loses_no_letter_and_sends_none_twice,
    a_no_between_plan_and_delivery_is_heeded,
    a_batch_that_is_dropped_whole_does_not_end_the_run,
    a_pause_holds_at_once,
    one_mail_domain_gets_so_many_a_minute,
    many_letters_go_over_few_lines,
    a_server_hears_as_many_commands_at_once_as_it_takes,
);

async fn a_letter_arrives_once_with_the_headers_it_needs(app: TestApp) {
    house(&app);
    invite(&app, &[somebody("Ada")]);
    let server = Smtp::start();
    assert_eq!(plan(&app).letters, 1);
    assert_eq!(send(&app, &server).sent, 1);
    assert_eq!((plan(&app).letters, send(&app, &server).sent), (0, 0));
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    let letter = &taken[0];
    assert_eq!(
        (letter.from.as_str(), letter.to.as_str()),
        ("hello@hotel.example", "ada@example.com")
    );
    assert_eq!(letter.header("Auto-Submitted").unwrap(), "auto-generated");
    assert_eq!(
        letter.header("From").unwrap(),
        "Riverside <hello@hotel.example>"
    );
    let list = letter.header("List-Unsubscribe").unwrap();
    assert!(
        list.starts_with("<https://hotel.example/unsubscribe/") && list.ends_with('>'),
        "{list}"
    );
    assert_eq!(
        letter.header("List-Unsubscribe-Post").unwrap(),
        "List-Unsubscribe=One-Click"
    );
    let (id, message_id): (String, Option<String>) = app.sql(|conn| {
        greetings::table
            .select((greetings::public_id, greetings::message_id))
            .first(conn)
    });
    assert_eq!(
        letter.header("Message-ID").unwrap(),
        format!("<{id}@hotel.example>")
    );
    assert_eq!(letter.header("Message-ID"), message_id);
    assert!(chrono::DateTime::parse_from_rfc2822(&letter.header("Date").unwrap()).is_ok());
    let said = conversations(&app);
    assert_eq!(said.len(), 1);
    for line in [
        "> RCPT TO:<ada@example.com>",
        "< 250 2.1.5 recipient ok",
        "> DATA",
        "< 250 2.0.0 taken as 1",
    ] {
        assert!(said[0].1.contains(line), "no {line} in\n{}", said[0].1);
    }
}

async fn a_letter_refused_for_now_is_tried_again_and_is_the_same(app: TestApp) {
    house(&app);
    invite(&app, &[somebody("Ada")]);
    plan(&app);
    let server = Smtp::start();
    server.next([
        Fate::RefuseAddress("450 4.2.1 later"),
        Fate::RefuseText("451 4.3.0 not now"),
    ]);
    for _ in 0..2 {
        assert_eq!(send(&app, &server).deferred, 1);
        assert_eq!(states(&app), [State::Deferred]);
        assert_eq!(send(&app, &server).tried(), 0, "not before its time");
        wait(&app);
    }
    let id: Option<String> =
        app.sql(|conn| greetings::table.select(greetings::message_id).first(conn));
    assert_eq!(send(&app, &server).sent, 1);
    assert_eq!(server.taken()[0].header("Message-ID"), id);
    let outcomes: Vec<State> = conversations(&app).into_iter().map(|said| said.0).collect();
    assert_eq!(outcomes, [State::Deferred, State::Deferred, State::Sent]);
}

async fn an_address_refused_for_good_is_not_written_to_again(app: TestApp) {
    house(&app);
    invite(&app, &[somebody("Ada")]);
    plan(&app);
    let server = Smtp::start();
    server.next([Fate::RefuseAddress("550 5.1.1 no such user")]);
    assert_eq!(send(&app, &server).bounced, 1);
    assert_eq!(states(&app), [State::Bounced]);
    let marked: Vec<(Option<String>, String)> = app.sql(|conn| {
        suppressions::table
            .select((suppressions::mailbox, suppressions::reason))
            .load(conn)
    });
    assert_eq!(marked, [(Some("ada@example.com".into()), "bounced".into())]);
    let next = super::plan_on(&app, super::day("2027-05-02"));
    assert_eq!(next.letters, 0);
    assert_eq!(
        next.refused[&innkeeper::greetings::plan::WhyNot::Bounced],
        1
    );
}

async fn a_server_that_refuses_us_marks_no_address(app: TestApp) {
    house(&app);
    many(&app, 6);
    plan(&app);
    let server = Smtp::start();
    server.next([
        Fate::RefuseAddress("550 5.7.1 relaying denied"),
        Fate::RefuseText("554 5.6.0 not liked"),
        Fate::RefuseAddress("552 5.2.2 mailbox full"),
        Fate::RefuseAddress("550 relay not permitted"),
        Fate::RefuseAddress("550 5.1.8 sender address rejected"),
        Fate::RefuseAddress("553 sorry, that domain isn't in my list"),
    ]);
    assert_eq!(send(&app, &server).bounced, 6);
    assert_eq!(states(&app), [State::Bounced; 6]);
    let marked: i64 = app.sql(|conn| suppressions::table.count().get_result(conn));
    assert_eq!(marked, 0);
}

async fn a_letter_whose_acceptance_never_came_is_shown_and_not_sent_again(app: TestApp) {
    house(&app);
    invite(&app, &[somebody("Ada"), somebody("Ben")]);
    plan(&app);
    decide(&app, |settings| settings.connections = 1);
    let server = Smtp::start();
    server.next([Fate::CutText, Fate::TakeAndCut]);
    assert_eq!(send(&app, &server).uncertain, 2);
    assert_eq!(states(&app), [State::Uncertain; 2]);
    wait(&app);
    assert_eq!(send(&app, &server).tried(), 0);
    assert_eq!(
        server.taken().len(),
        1,
        "the second arrived, and its answer did not"
    );
}

async fn a_server_that_is_down_loses_no_letter(app: TestApp) {
    house(&app);
    many(&app, 20);
    plan(&app);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut post = super::post(&Smtp::start());
    let url = format!("smtp://{}", nobody.local_addr().unwrap());
    drop(nobody);
    post.server = innkeeper::greetings::smtp::Server::parse(&url).unwrap();
    let over = std::sync::atomic::AtomicBool::new(false);
    let keys = crate::support::world::keys();
    let work = innkeeper::jobs::Work::new(&app.app.db, &keys, &|_| (), &over);
    let totals = innkeeper::greetings::deliver::run(&work, &post, &mut |_| ()).unwrap();
    assert_eq!(totals.sent, 0);
    let left = states(&app);
    assert!(
        left.iter()
            .all(|state| matches!(state, State::Deferred | State::Queued)),
        "{left:?}"
    );
    wait(&app);
    let server = Smtp::start();
    assert_eq!(send(&app, &server).sent, 20);
}

async fn two_processes_send_each_letter_once(app: TestApp) {
    house(&app);
    many(&app, 300);
    plan(&app);
    let server = Smtp::start();
    let sent: u64 = thread::scope(|scope| {
        let all: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| try_send(&app, &server).unwrap().sent))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(sent, 300);
    let mut to: Vec<String> = server.taken().into_iter().map(|letter| letter.to).collect();
    to.sort();
    to.dedup();
    assert_eq!((to.len(), server.taken().len()), (300, 300));
}

async fn a_dead_process_loses_no_letter_and_sends_none_twice(app: TestApp) {
    house(&app);
    many(&app, 3);
    plan(&app);
    // One is in hand, one on its way, when the process dies.
    app.sql(|conn| {
        let claimed = outbox::claim(conn, "dead", "hello@hotel.example", &Settings::default(), 2)?;
        let claimed = claimed.unwrap();
        assert_eq!(claimed.len(), 2);
        outbox::hand_over(conn, "dead", &[claimed[1].id])
    });
    let server = Smtp::start();
    assert_eq!(
        send(&app, &server).sent,
        1,
        "the others are still the dead one's"
    );
    lapse(&app);
    assert_eq!(send(&app, &server).sent, 1);
    assert_eq!(states(&app), [State::Sent, State::Uncertain, State::Sent]);
    // It was not dead at all, and comes back.
    let ids: Vec<i64> = app.sql(|conn| {
        greetings::table
            .order(greetings::id)
            .select(greetings::id)
            .load(conn)
    });
    assert!(
        app.sql(|conn| outbox::hand_over(conn, "dead", &ids))
            .is_empty()
    );
    assert_eq!(server.taken().len(), 2);
}

async fn a_no_between_plan_and_delivery_is_heeded(app: TestApp) {
    house(&app);
    let ids = invite(&app, &[somebody("Ada"), somebody("Ben")]);
    plan(&app);
    app.sql(|conn| {
        diesel::insert_into(consents::table)
            .values((
                consents::guest_id.eq(ids[0]),
                consents::channel.eq("email"),
                consents::purpose.eq("greetings"),
                consents::granted.eq(false),
                consents::source.eq("guest"),
                consents::recorded_at.eq(clock::now()),
            ))
            .execute(conn)
    });
    let server = Smtp::start();
    assert_eq!(send(&app, &server).sent, 1);
    let letters = letters(&app);
    assert_eq!(
        (letters[0].2, letters[0].3.as_deref()),
        (State::Dropped, Some("said_no"))
    );
    assert_eq!(letters[1].2, State::Sent);
}

async fn a_batch_that_is_dropped_whole_does_not_end_the_run(app: TestApp) {
    house(&app);
    let ids = many(&app, 130);
    plan(&app);
    app.sql(|conn| {
        for id in &ids[..120] {
            let whom = Whom {
                guest_id: Some(*id),
                mailbox: None,
            };
            stop(conn, whom, Reason::Staff, None, None, None)?;
        }
        Ok(())
    });
    assert_eq!(send(&app, &Smtp::start()).sent, 10);
}

async fn a_pause_holds_at_once(app: TestApp) {
    house(&app);
    invite(&app, &[somebody("Ada")]);
    plan(&app);
    let server = Smtp::start();
    decide(&app, |settings| settings.paused = true);
    assert_eq!(send(&app, &server).tried(), 0);
    decide(&app, |settings| {
        settings.paused = false;
        settings
            .paused_occasions
            .push(innkeeper::greetings::Occasion::Birthday);
    });
    assert_eq!(send(&app, &server).tried(), 0);
    decide(&app, |settings| settings.paused_occasions.clear());
    assert_eq!(send(&app, &server).sent, 1);
}

async fn one_mail_domain_gets_so_many_a_minute(app: TestApp) {
    house(&app);
    many(&app, 10);
    plan(&app);
    decide(&app, |settings| settings.per_minute = 4);
    let server = Smtp::start();
    assert_eq!(send(&app, &server).sent, 4);
    let later: i64 = app.sql(|conn| {
        greetings::table
            .filter(greetings::state.eq(State::Queued))
            .filter(greetings::next_try_at.gt(clock::now()))
            .count()
            .get_result(conn)
    });
    assert_eq!(later, 6);
}

async fn many_letters_go_over_few_lines(app: TestApp) {
    house(&app);
    many(&app, 60);
    plan(&app);
    decide(&app, |settings| settings.connections = 3);
    let server = Smtp::start();
    server.always(Some(Fate::Delay(Duration::from_millis(5))));
    assert_eq!(send(&app, &server).sent, 60);
    assert!(server.lines() <= 3, "{} lines", server.lines());
}

async fn a_server_hears_as_many_commands_at_once_as_it_takes(app: TestApp) {
    house(&app);
    many(&app, 20);
    plan(&app);
    let server = Smtp::start();
    assert_eq!(send(&app, &server).sent, 20);
    assert_eq!(server.ahead(), 40, "recipient and text ride on the sender");
    app.sql(|conn| {
        diesel::update(greetings::table)
            .set((
                greetings::state.eq(State::Queued),
                greetings::sent_at.eq(None::<chrono::NaiveDateTime>),
            ))
            .execute(conn)
    });
    let patient = Smtp::start();
    patient.one_at_a_time();
    assert_eq!(send(&app, &patient).sent, 20);
    assert_eq!((patient.taken().len(), patient.ahead()), (20, 0));
}
