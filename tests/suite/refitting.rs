//! `innkeeper recognition refit`: a hotel's own decisions, drawn to the model that comes with the program.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::settings;
use innkeeper::error::Fault;
use innkeeper::guests::contacts::Email;
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::recognition::merging::{self, Pair, Source};
use innkeeper::recognition::{Model, current};

use crate::support::app::TestApp;
use crate::support::binary::{finish, innkeeper};
use crate::support::on_both;
use crate::support::world::{HEX_KEY, keys};

on_both!(a_hotel_refits_from_its_own_decisions_and_goes_back);

/// Namesakes with two addresses: a clerk joins nine of ten, and says of the others that they are not the same.
fn decide(app: &TestApp, count: usize) {
    let letters = |at: usize| -> String {
        let digits = [at / 676 % 26, at / 26 % 26, at % 26];
        let letter = |digit: &usize| char::from(b'a' + u8::try_from(*digit).unwrap());
        digits.iter().map(letter).collect()
    };
    let profiles: Vec<NewProfile> = (0..count * 2)
        .map(|at| NewProfile {
            source: "test".into(),
            given_name: Some(format!("{0}{0}", letters(at / 2 * 97))),
            family_name: Some(format!("{0}ov{0}", letters(at / 2 * 41))),
            email: Email::parse(&format!("mail{at}@example.org")).ok(),
            ..NewProfile::default()
        })
        .collect();
    let ids = app.sql(|conn| profile::create(conn, &keys(), &profiles, clock::now()));
    let by = Some(app.user_id("lin"));
    for (at, pair) in ids.chunks(2).enumerate() {
        let pair = Pair {
            guest_id: pair[0],
            other_id: pair[1],
        };
        let done = app.app.db.write(|conn| {
            if at % 10 == 3 {
                merging::tell_apart(conn, pair, None, by).map(drop)
            } else {
                merging::merge(conn, pair, Source::Desk, None, by).map(drop)
            }
        });
        done.unwrap();
    }
}

async fn a_hotel_refits_from_its_own_decisions_and_goes_back(app: TestApp) {
    let directory = tempfile::tempdir().unwrap();
    let url = app.world.url_text();
    let run = |more: &[&str]| {
        let arguments = [&["--database-url", &url, "recognition", "refit"], more].concat();
        let mut command = innkeeper(directory.path(), &arguments);
        command.env("INNKEEPER_SECRET_KEY", HEX_KEY);
        let done = finish(command, "");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.code(), text(&done.stdout), text(&done.stderr))
    };
    let kept = || -> i64 {
        app.sql(|conn| {
            settings::table
                .filter(settings::name.eq("recognition_model"))
                .count()
                .get_result(conn)
        })
    };
    let weights = || {
        let model = app.app.db.read(|conn| Ok::<_, Fault>(current(conn)?));
        model.unwrap().weights.clone()
    };
    decide(&app, 20);
    let (code, _, said) = run(&[]);
    assert_eq!(code, Some(1));
    assert!(said.contains("20 decisions are too few"), "{said}");
    assert_eq!((kept(), weights()), (0, Model::shipped().weights.clone()));
    decide(&app, 240);
    let (code, said, wrong) = run(&[]);
    assert_eq!(code, Some(0), "{said}{wrong}");
    for word in ["before", "after", "held out", "every node"] {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(kept(), 1);
    assert_ne!(weights(), Model::shipped().weights);
    let (code, said, _) = run(&["--forget"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!((kept(), weights()), (0, Model::shipped().weights.clone()));
}
