//! The boards and the welcome card: who comes, what matters, worst first, and no more than three of each.

use chrono::{Datelike, TimeDelta};
use diesel::prelude::*;
use innkeeper::db::schema::{guests, stays};

use crate::support::app::TestApp;
use crate::support::client::Page;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::today;

on_both!(
    the_board_shows_everybody_who_arrives_and_counts_them,
    each_filter_shows_as_many_rows_as_it_says,
    the_board_is_sorted_as_asked,
    a_greeting_line_is_read_in_two_seconds,
    alerts_stand_in_their_order_and_allergy_first,
    an_unsure_booking_asks_and_offers_no_check_in,
    days_gone_by_and_to_come_are_there,
    an_empty_board_says_what_will_appear,
    a_changed_board_is_fetched_as_its_rows,
    the_house_looked_at_is_remembered,
    the_card_says_at_most_three_of_each,
    the_card_knows_a_regular_who_came_through_an_agency,
    who_never_came_is_not_asked_about_last_time,
    a_name_that_is_not_to_be_said_is_not_said,
    birthdays_are_seen_on_their_day,
    the_card_names_who_it_could_be,
);

fn number(text: &str) -> usize {
    text.rsplit(' ').next().unwrap().parse().unwrap()
}

async fn board(app: &TestApp, path: &str) -> Page {
    app.sign_in("lin").await.see(path).await
}

async fn the_board_shows_everybody_who_arrives_and_counts_them(app: TestApp) {
    let page = board(&app, "/arrivals").await;
    let due: i64 = app.sql(|conn| {
        stays::table
            .filter(stays::property_id.eq(1).and(stays::arrival.eq(today())))
            .count()
            .get_result(conn)
    });
    assert_eq!(page.count("tr[data-row]") as i64, due);
    assert!(due >= 20);
    let row = format!("#stay-{}", app.stay_in(REGULAR));
    let time = page.text(&format!("{row} .c-time > span:first-child"));
    assert_eq!(time, "15:30");
    assert!(page.text(&format!("{row} .c-room")).starts_with(REGULAR));
    let guest = page.text(&format!("{row} .c-guest"));
    for part in [
        "欧阳娜娜",
        "Ouyang Nana",
        "7th stay",
        "Gold",
        "Booking.com",
        "Riverside Hotel",
    ] {
        assert!(guest.contains(part), "{part}: {guest}");
    }
    assert!(page.has(&format!("{row} form[action$='/check-in']")));
    let room = format!("#stay-{}", app.arriving("Kim"));
    assert!(page.has(&format!("{room} a[href$='/room']")));
    assert!(
        page.text(&format!("{room} .c-room"))
            .starts_with("No room yet")
    );
}

async fn each_filter_shows_as_many_rows_as_it_says(app: TestApp) {
    let client = app.sign_in("lin").await;
    for path in ["/arrivals", "/in-house", "/departures"] {
        let page = client.see(path).await;
        let links = page.attrs(".filters a", "href");
        assert!(links.len() >= 2, "{path}: {links:?}");
        for (link, said) in links.iter().zip(page.all(".filters a")) {
            let rows = client.see(link).await.count("tr[data-row]");
            assert_eq!(rows, number(&said), "{link}: {said}");
        }
    }
    let unsure = client.see("/arrivals?show=to-confirm").await;
    assert_eq!(unsure.count("tr[data-row]"), 1);
    assert_eq!(unsure.text(".filters a[aria-current]"), "To confirm 1");
}

async fn the_board_is_sorted_as_asked(app: TestApp) {
    let client = app.sign_in("lin").await;
    let times = client
        .see("/arrivals")
        .await
        .all("td.c-time > span:first-child");
    assert!(times.is_sorted(), "{times:?}");
    let rooms = client.see("/arrivals?sort=room").await.all(".c-room .room");
    assert!(rooms.is_sorted(), "{rooms:?}");
    assert_eq!(rooms.last().map(String::as_str), Some("No room yet"));
    let page = client.see("/arrivals?sort=name").await;
    assert_eq!(page.text("th[aria-sort]"), "Guest");
}

async fn a_greeting_line_is_read_in_two_seconds(app: TestApp) {
    for language in ["en", "zh-CN"] {
        let client = app.sign_in("lin").await;
        client
            .submit("/account/manner", &[("language", language)])
            .await;
        for path in ["/arrivals", "/in-house", "/departures"] {
            let lines = client.see(path).await.all("td.c-say");
            assert!(!lines.is_empty());
            for line in lines {
                let length = line.chars().count();
                assert!((3..=90).contains(&length), "{length}: {line}");
            }
        }
    }
}

async fn alerts_stand_in_their_order_and_allergy_first(app: TestApp) {
    let client = app.sign_in("lin").await;
    let row = format!("#stay-{} .c-alerts .pill", app.stay_in(REGULAR));
    let pills = client.see("/arrivals").await.all(&row);
    assert!(pills[0].starts_with("ALLERGY"), "{pills:?}");
    let card = client
        .see(&format!("/stays/{}", app.stay_in(REGULAR)))
        .await;
    let bands = card.attrs(".bands .band", "class");
    assert_eq!(bands[0], "band allergy");
    assert!(bands.contains(&"band attend".to_owned()), "{bands:?}");
    let order = ["allergy", "caution", "attend", "unsure", "occasion", "info"];
    let ranks: Vec<_> = bands
        .iter()
        .map(|band| {
            order
                .iter()
                .position(|class| band.ends_with(class))
                .unwrap()
        })
        .collect();
    assert!(ranks.is_sorted(), "{bands:?}");
    let said = card.all(".bands .band strong");
    assert!(
        said.iter().any(|band| band.contains("lift noise")),
        "{said:?}"
    );
    // Told by shape and word, never by colour alone.
    assert!(card.count(".bands .band.allergy svg") == 1 && said[0].contains("ALLERGY"));
}

async fn an_unsure_booking_asks_and_offers_no_check_in(app: TestApp) {
    let stay = app.arriving("Zhang");
    let page = board(&app, "/arrivals").await;
    let row = format!("#stay-{stay}");
    assert_eq!(page.text(&format!("{row} .name .pill.unsure")), "3 match");
    assert!(!page.has(&format!("{row} form")), "checked in on a guess");
    assert!(
        page.text(&format!("{row} .c-act"))
            .starts_with("Who is this?")
    );
}

async fn days_gone_by_and_to_come_are_there(app: TestApp) {
    let client = app.sign_in("lin").await;
    let tomorrow = today() + TimeDelta::days(1);
    let page = client.see(&format!("/arrivals?date={tomorrow}")).await;
    assert_eq!(page.count("tr[data-row]"), 1);
    assert!(
        !page.has("form[action$='/check-in']"),
        "nobody is checked in ahead of the day from the board"
    );
    // Remembered, until today is asked for.
    assert_eq!(
        client.see("/arrivals").await.attr(".days time", "datetime"),
        tomorrow.to_string()
    );
    let page = client.see("/arrivals?date=today").await;
    assert_eq!(page.attr(".days time", "datetime"), today().to_string());
    let long_ago = today() - TimeDelta::days(299);
    let page = client.see(&format!("/in-house?date={long_ago}")).await;
    assert!(
        page.all(".c-guest")
            .iter()
            .any(|guest| guest.contains("欧阳娜娜")),
        "she slept here that night"
    );
}

async fn an_empty_board_says_what_will_appear(app: TestApp) {
    let client = app.sign_in("lin").await;
    for (path, said) in [
        ("/arrivals?date=2019-01-01", "Nobody arrives on this day"),
        ("/in-house", "Nobody is in the house"),
        ("/departures", "Nobody leaves on this day"),
    ] {
        let page = client.see(path).await;
        assert_eq!(page.text(".empty h2"), said);
        assert!(page.text(".empty p").contains("Reservations appear here"));
    }
    let first_day = TestApp::empty(app.on);
    let setup = format!("/setup/{}", first_day.app.setup_token);
    let admin = first_day.visitor();
    admin
        .post_bare(
            &setup,
            &[("name", "mei"), ("password", "a long enough one")],
        )
        .await;
    let page = admin.see("/arrivals").await;
    assert!(page.text(".empty p").starts_with("There is no house yet."));
}

async fn a_changed_board_is_fetched_as_its_rows(app: TestApp) {
    let client = app.sign_in("lin").await;
    let page = client.see("/arrivals").await;
    let part = page.attr("[data-live]", "data-live-fragment");
    let rows = client.see(&format!("{part}&fragment=1")).await;
    assert!(!rows.body.contains("<html"));
    assert!(rows.body.len() < page.body.len());
    assert_eq!(
        rows.body.matches("data-row").count(),
        page.count("tr[data-row]")
    );
}

async fn the_house_looked_at_is_remembered(app: TestApp) {
    let client = app.sign_in("zhou").await;
    let names = client.see("/arrivals").await.all(".menu.house .sheet a");
    assert_eq!(names.len(), 2, "{names:?}");
    client.see("/arrivals?property=lak").await;
    let page = client.see("/arrivals").await;
    assert_eq!(page.text(".menu.house summary"), "Lakeside House");
    assert_eq!(page.count("tr[data-row]"), 4);
    // A colleague's browser is not moved.
    let other = app.sign_in("zhou").await;
    assert_ne!(other.see("/arrivals").await.count("tr[data-row]"), 4);
}

async fn the_card_says_at_most_three_of_each(app: TestApp) {
    let client = app.sign_in("lin").await;
    let ids: Vec<i64> = app.sql(|conn| {
        stays::table
            .filter(stays::property_id.eq(1).and(stays::arrival.ge(today())))
            .select(stays::id)
            .load(conn)
    });
    for id in ids {
        let card = client.see(&format!("/stays/{id}")).await;
        for part in [".triad .say li", ".triad .do li", ".triad .avoid li"] {
            let lines = card.count(part);
            assert!(lines <= 3, "{id} {part}: {:?}", card.all(part));
        }
        assert!(card.count("[data-main]") <= 1, "{id}");
    }
}

async fn the_card_knows_a_regular_who_came_through_an_agency(app: TestApp) {
    let client = app.sign_in("lin").await;
    let card = client
        .see(&format!("/stays/{}", app.stay_in(REGULAR)))
        .await;
    assert!(
        card.text("h1").starts_with("Welcome back"),
        "{}",
        card.text("h1")
    );
    assert!(
        card.text(".names").contains("Nàna") || card.text(".names").contains("nà"),
        "{}",
        card.text(".names")
    );
    assert!(
        card.text("p.facts").starts_with("7th stay"),
        "{}",
        card.text("p.facts")
    );
    let to_do = card.all(".triad .do li").join(" ");
    assert!(to_do.contains("Apologise first"), "{to_do}");
    assert!(
        card.all(".triad .avoid li").join(" ").contains("7th stay")
            || card.all(".triad .avoid li").len() == 3
    );
    assert!(card.text(".tierline").contains("12,480"));
    assert!(
        card.has(".wish.kept")
            && card
                .all(".wish .why")
                .iter()
                .any(|why| why.contains("told us"))
    );
    assert!(card.text("[data-main]").starts_with("Check in to 1208"));
    assert!(card.text("main").contains("Linked by"));
}

async fn who_never_came_is_not_asked_about_last_time(app: TestApp) {
    let client = app.sign_in("lin").await;
    let card = client.see(&format!("/stays/{}", app.stay_in("0605"))).await;
    assert!(
        card.text("h1").starts_with("Welcome,"),
        "{}",
        card.text("h1")
    );
    assert!(card.text("p.facts").starts_with("First stay"));
    assert!(!card.has(".seal"));
    // What he wrote, in his words.
    assert!(card.text("main").contains("arriving with a bicycle"));
}

async fn a_name_that_is_not_to_be_said_is_not_said(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1404");
    let card = client.see(&format!("/stays/{stay}")).await;
    let line = client
        .see("/arrivals")
        .await
        .text(&format!("#stay-{stay} .c-say"));
    let mut aloud = vec![card.text("h1"), line];
    aloud.extend(card.all(".spoken"));
    aloud.extend(card.all(".triad .say li"));
    for said in aloud {
        for name in ["Chan", "Vivian", "陈慧敏"] {
            assert!(!said.contains(name), "{said}");
        }
    }
    let avoid = card.all(".triad .avoid li").join(" ");
    assert!(avoid.contains("Saying the name"), "{avoid}");
}

async fn birthdays_are_seen_on_their_day(app: TestApp) {
    let client = app.sign_in("lin").await;
    let stay = app.stay_in("1501");
    let bands = |card: &Page| card.all(".bands .band strong").join(" · ");
    let card = client.see(&format!("/stays/{stay}")).await;
    assert!(bands(&card).contains("Birthday on"), "{}", bands(&card));
    let guest: i64 = app.sql(|conn| stays::table.find(stay).select(stays::guest_id).first(conn));
    for (days, said) in [(0, Some("Birthday today")), (30, None)] {
        let day = today() + TimeDelta::days(days);
        // A leap day's child is born in a leap year.
        let born = day.with_year(1988).unwrap();
        app.sql(|conn| {
            diesel::update(guests::table.find(guest))
                .set(guests::birth_date.eq(born))
                .execute(conn)
        });
        let card = client.see(&format!("/stays/{stay}")).await;
        match said {
            Some(said) => assert!(bands(&card).contains(said), "{}", bands(&card)),
            None => assert!(!bands(&card).contains("Birthday"), "{}", bands(&card)),
        }
    }
}

async fn the_card_names_who_it_could_be(app: TestApp) {
    let client = app.sign_in("lin").await;
    let card = client
        .see(&format!("/stays/{}", app.arriving("Zhang")))
        .await;
    let candidates = card.attrs("a[href^='/guests/']", "href");
    assert!(candidates.len() >= 3, "{candidates:?}");
    assert!(card.text("main").contains("张伟") && card.text("main").contains("章薇"));
    // Nothing of theirs is told as if it were his.
    assert!(
        card.text("p.facts").starts_with("First stay"),
        "{}",
        card.text("p.facts")
    );
}
