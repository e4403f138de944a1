//! `/settings/house`: the times of a house, and what follows from them.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::audit_log;
use innkeeper::properties::Property;
use innkeeper::rooms;
use innkeeper::rooms::standing::{Apart, Moment, Ready, Standings};

use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    a_room_is_ready_by_the_times_of_its_house,
    times_that_cannot_be_are_named_and_kept_as_typed,
);

const PATH: &str = "/settings/house";
const LATE: [(&str, &str); 3] = [
    ("check_in_at", "16:00"),
    ("check_out_at", "23:30"),
    ("make_up_minutes", "100"),
];

async fn a_room_is_ready_by_the_times_of_its_house(app: TestApp) {
    let admin = app.sign_in("admin").await;
    let page = admin.see(PATH).await;
    assert_eq!(page.text("#house h2"), "Riverside Hotel");
    assert_eq!(page.attr("#check_in_at", "value"), "15:00");
    assert_eq!(page.attr("#check_out_at", "value"), "12:00");
    assert_eq!(ready(&app), [11 * 60 + 30, 13 * 60 + 30]);
    let page = admin.submit(PATH, &LATE).await;
    assert!(page.body.contains("The times of Riverside Hotel are kept."));
    let houses = app.sql(Property::all);
    let of = |code: &str| {
        let house = houses.iter().find(|house| house.code == code).unwrap();
        (house.times.check_in_at, house.times.make_up_minutes)
    };
    assert_eq!((of("RIV"), of("LAK")), ((960, 100), (900, 90)));
    // A hundred minutes and the next quarter after ten, and after half past eleven at night.
    assert_eq!(ready(&app), [11 * 60 + 45, 25 * 60 + 15]);
    let told: Vec<Option<String>> = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("set_house"))
            .select(audit_log::detail)
            .load(conn)
    });
    assert_eq!(told, [Some("RIV in 960 out 1410 make-up 100".to_owned())]);
}

/// When rooms of the first house that are not ready will be, asked at ten in the morning.
fn ready(app: &TestApp) -> Vec<i64> {
    let mut all: Vec<i64> = app.sql(|conn| {
        let house = Property::all(conn)?.remove(0);
        let moment = Moment {
            today: house.business_date(clock::now()),
            minutes: 10 * 60,
            times: house.times,
        };
        let today = moment.today;
        let standings = Standings::load(conn, house.id, today, moment, Apart::Arrivals)?;
        let rooms = rooms::of_property(conn, house.id)?;
        let ready = rooms.iter().map(|room| standings.of(room, today).ready);
        let later = ready.filter_map(|ready| match ready {
            Ready::At(minutes) => Some(minutes),
            Ready::Now => None,
        });
        Ok(later.collect())
    });
    all.sort_unstable();
    all.dedup();
    all
}

async fn times_that_cannot_be_are_named_and_kept_as_typed(app: TestApp) {
    let admin = app.sign_in("admin").await;
    for (at, typed, said) in [
        (
            0,
            "25:00",
            "\"25:00\" is not a time of day; write it as 19:00.",
        ),
        (
            1,
            "noon",
            "\"noon\" is not a time of day; write it as 19:00.",
        ),
        (2, "481", "\"481\""),
    ] {
        let mut times = LATE;
        times[at].1 = typed;
        let page = admin.post(PATH, &times).await;
        assert_eq!(page.status, 422, "{typed}");
        let error = page.text("[data-errors] li");
        assert!(error.contains(said), "{error}");
        assert_eq!(page.attr(&format!("#{}", times[at].0), "value"), typed);
    }
    assert!(
        admin.see(PATH).await.body.contains("15:00"),
        "nothing is kept"
    );
    for name in ["lin", "zhou"] {
        assert_eq!(app.sign_in(name).await.get(PATH).await.status, 403);
    }
}
