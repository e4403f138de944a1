//! What happens between plan and text: letters whose address is another's by now, and letters called back from a hand.

use diesel::prelude::*;
use innkeeper::db::schema::{consents, greetings, guest_contacts, stays, suppressions};
use innkeeper::greetings::choices::Choice;
use innkeeper::greetings::outbox::{self, Recalled};
use innkeeper::greetings::settings::Settings;
use innkeeper::greetings::suppressions::{Reason, Whom, stop};
use innkeeper::greetings::{Occasion, Purpose, State};
use innkeeper::stays::Status;
use innkeeper::words::Language;

use super::{
    day, decide, house, invite, letters, plan, plan_on, send, somebody, states, stay, try_send,
};
use crate::support::app::TestApp;
use crate::support::on_both_empty;
use crate::support::smtp::Smtp;

on_both_empty!(
    a_letter_goes_to_no_address_that_is_not_the_guests_any_more,
    a_letter_in_hand_is_called_back_by_a_no_and_by_a_pause,
    each_reader_of_a_mailbox_says_no_for_themselves,
    a_stay_that_was_moved_has_its_letter_before_the_new_day,
    an_answer_address_that_cannot_be_costs_no_guest_a_letter,
);

async fn a_letter_goes_to_no_address_that_is_not_the_guests_any_more(app: TestApp) {
    house(&app);
    let ids = invite(&app, &[somebody("Ada"), somebody("Ben")]);
    plan(&app);
    app.sql(|conn| {
        diesel::update(guest_contacts::table.filter(guest_contacts::guest_id.eq(ids[0])))
            .set((
                guest_contacts::value.eq("ada@example.org"),
                guest_contacts::folded.eq("ada@example.org"),
            ))
            .execute(conn)
    });
    let server = Smtp::start();
    assert_eq!(send(&app, &server).sent, 1);
    assert_eq!(server.taken()[0].to, "ben@example.com");
    let letters = letters(&app);
    assert_eq!(letters[0].2, State::Dropped);
    assert_eq!(letters[0].3.as_deref(), Some("address_changed"));
}

async fn a_letter_in_hand_is_called_back_by_a_no_and_by_a_pause(app: TestApp) {
    house(&app);
    let ids = invite(&app, &[somebody("Ada"), somebody("Ben"), somebody("Cleo")]);
    plan(&app);
    let claim = || {
        app.sql(|conn| {
            let settings = Settings::load(conn)?;
            outbox::claim(conn, "n1", "hello@hotel.example", &settings, 10)
        })
    };
    let taken: Vec<i64> = claim().unwrap().iter().map(|letter| letter.id).collect();
    assert_eq!(taken.len(), 3);
    // One by the mailbox, one by the person; the third goes.
    app.sql(|conn| {
        let ada = Whom {
            guest_id: None,
            mailbox: Some("ada@example.com"),
        };
        let about = Some(Purpose::Greetings);
        assert!(stop(conn, ada, Reason::Unsubscribed, about, None, None)?);
        let ben = Whom {
            guest_id: Some(ids[1]),
            mailbox: None,
        };
        stop(conn, ben, Reason::Staff, None, None, None)
    });
    let may_go = app.sql(|conn| outbox::hand_over(conn, "n1", &taken));
    assert_eq!(may_go.into_iter().collect::<Vec<_>>(), [taken[2]]);
    assert_eq!(
        states(&app),
        [State::Queued, State::Queued, State::HandingOver]
    );
    // What was called back is asked about again, and dropped; a pause calls back what is not begun.
    assert!(claim().unwrap().is_empty());
    assert_eq!(
        states(&app),
        [State::Dropped, State::Dropped, State::HandingOver]
    );
    invite(&app, &[somebody("Dora")]);
    plan_on(&app, day("2027-05-02"));
    app.sql(|conn| {
        diesel::update(greetings::table.filter(greetings::state.eq(State::Queued)))
            .set(greetings::next_try_at.eq(innkeeper::clock::now()))
            .execute(conn)
    });
    let count = |state: State| states(&app).iter().filter(|own| **own == state).count();
    let claimed = claim().unwrap().len();
    assert_eq!((claimed > 0, count(State::Claimed)), (true, claimed));
    app.sql(|conn| outbox::recall(conn, Recalled::Occasion(Some(Occasion::Festival))));
    assert_eq!(count(State::Claimed), claimed, "that was another occasion");
    app.sql(|conn| outbox::recall(conn, Recalled::Occasion(None)));
    assert_eq!((count(State::Claimed), count(State::HandingOver)), (0, 1));
}

async fn each_reader_of_a_mailbox_says_no_for_themselves(app: TestApp) {
    house(&app);
    let ids = invite(&app, &[somebody("Ada"), somebody("Ben")]);
    for guest_id in &ids {
        let mut choice = Choice {
            guest_id: *guest_id,
            mailbox: "both@example.com".into(),
            language: Language::En,
            purpose: Purpose::Greetings,
            stopped: Vec::new(),
        };
        app.sql(|conn| choice.stop(conn, &[Purpose::Greetings], "No more of these letters"));
        assert_eq!(choice.stopped, [Purpose::Greetings]);
        // Once more changes nothing.
        app.sql(|conn| choice.stop(conn, &[Purpose::Greetings], "No more of these letters"));
    }
    let said: Vec<i64> = app.sql(|conn| {
        consents::table
            .filter(consents::source.eq("guest"))
            .filter(consents::granted.eq(false))
            .order(consents::guest_id)
            .select(consents::guest_id)
            .load(conn)
    });
    assert_eq!(said, ids);
    let stands: i64 = app.sql(|conn| suppressions::table.count().get_result(conn));
    assert_eq!(stands, 1);
}

async fn a_stay_that_was_moved_has_its_letter_before_the_new_day(app: TestApp) {
    house(&app);
    let ids = invite(&app, &[somebody("Ada")]);
    let booked = stay(&app, ids[0], Status::Reserved, "2026-06-05", "2026-06-07");
    assert_eq!(plan_on(&app, day("2026-06-02")).letters, 1);
    app.sql(|conn| {
        diesel::update(stays::table.find(booked))
            .set((
                stays::arrival.eq(day("2026-06-15")),
                stays::departure.eq(day("2026-06-17")),
            ))
            .execute(conn)
    });
    assert_eq!(send(&app, &Smtp::start()).tried(), 0);
    assert_eq!(letters(&app)[0].3.as_deref(), Some("stay_changed"));
    assert_eq!(plan_on(&app, day("2026-06-12")).letters, 1);
    assert_eq!(letters(&app).len(), 2);
    assert_eq!(send(&app, &Smtp::start()).sent, 1);
}

async fn an_answer_address_that_cannot_be_costs_no_guest_a_letter(app: TestApp) {
    house(&app);
    invite(&app, &[somebody("Ada")]);
    plan(&app);
    let server = Smtp::start();
    decide(&app, |settings| {
        settings.reply_to = "reservations.@hotel.example".into();
    });
    let refused = try_send(&app, &server).unwrap_err();
    assert!(
        refused.contains("'reservations.@hotel.example'"),
        "{refused}"
    );
    assert_eq!(states(&app), [State::Queued]);
    let stands: i64 = app.sql(|conn| suppressions::table.count().get_result(conn));
    assert_eq!(stands, 0);
    decide(&app, |settings| settings.reply_to.clear());
    assert_eq!(send(&app, &server).sent, 1);
}
