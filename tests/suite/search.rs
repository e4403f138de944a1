//! The search box: whatever is typed, the guest is found, and the page says why.

use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    a_guest_is_found_by_anything_that_identifies_them,
    who_is_here_comes_before_who_comes_and_who_came,
    what_matched_is_marked,
    little_is_found_where_nothing_fits,
    suggestions_are_a_part_of_the_page,
    one_person_is_one_line,
);

fn enc(typed: &str) -> String {
    url(typed)
}

fn url(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn a_guest_is_found_by_anything_that_identifies_them(app: TestApp) {
    let client = app.sign_in("lin").await;
    for (typed, name, why) in [
        ("Ouyang Nana", "欧阳娜娜", "name"),
        ("nana ouyang", "欧阳娜娜", "name"),
        ("ouy", "欧阳娜娜", "name"),
        ("欧阳", "欧阳娜娜", "name"),
        ("ouyang nana", "欧阳娜娜", "name"),
        ("muller", "Hans-Peter Müller", "name"),
        ("müller hans", "Hans-Peter Müller", "name"),
        ("MÜLLER", "Hans-Peter Müller", "name"),
        ("lefevre", "François Lefèvre", "name"),
        ("nguyen", "Nguyễn Thị Hương", "name"),
        ("o'connor", "Siobhán O’Connor", "name"),
        ("김민준", "김민준", "name"),
        ("الحربي", "ليلى الحربي", "name"),
        ("петров", "Иван Петров", "name"),
        ("petrov", "Иван Петров", "name"),
        ("4418", "欧阳娜娜", "phone"),
        ("138 0013 4418", "欧阳娜娜", "phone"),
        ("+86 138-0013-4418", "欧阳娜娜", "phone"),
        ("nana.ouyang@example.com", "欧阳娜娜", "e-mail"),
        ("1501", "Hans-Peter Müller", "room"),
        ("RH-104882", "欧阳娜娜", "loyalty number"),
        ("rh-104882", "欧阳娜娜", "loyalty number"),
    ] {
        let page = client.see(&format!("/search?q={}", enc(typed))).await;
        let hits = page.all(".hit");
        let found = hits.iter().find(|hit| hit.contains(name));
        let found = found.unwrap_or_else(|| panic!("{typed} does not find {name}: {hits:?}"));
        assert!(found.ends_with(why), "{typed}: {found}");
    }
    let stay = app.stay_in("1501");
    let number: String = app.sql(|conn| {
        use diesel::prelude::*;
        use innkeeper::db::schema::stays;
        stays::table
            .find(stay)
            .select(stays::confirmation_number)
            .first(conn)
    });
    let page = client.see(&format!("/search?q={number}")).await;
    assert!(
        page.all(".hit")[0].contains("Müller"),
        "{:?}",
        page.all(".hit")
    );
}

async fn who_is_here_comes_before_who_comes_and_who_came(app: TestApp) {
    let client = app.sign_in("lin").await;
    let page = client.see("/search?q=zhang").await;
    let groups = page.all("section.found h2");
    assert!(groups[0].starts_with("Arriving"), "{groups:?}");
    assert!(groups.last().unwrap().starts_with("Past"), "{groups:?}");
    let page = client.see("/search?q=lefevre").await;
    assert!(page.text("section.found h2").starts_with("In house"));
    assert_eq!(
        page.attr(".hit", "href"),
        format!("/stays/{}", app.stay_in("1207"))
    );
}

async fn what_matched_is_marked(app: TestApp) {
    let client = app.sign_in("lin").await;
    let page = client.see("/search?q=mull").await;
    assert_eq!(page.text("mark"), "Müll");
}

async fn little_is_found_where_nothing_fits(app: TestApp) {
    let client = app.sign_in("lin").await;
    for typed in ["zzzzqqq", "%", "_", "' OR 1=1 --", "\\", "👩🏽‍🚀", "\u{202e}"] {
        let page = client.see(&format!("/search?q={}", enc(typed))).await;
        assert!(page.has("section.empty"), "{typed}: {:?}", page.all(".hit"));
        assert!(!page.has(".hit"), "{typed}: {:?}", page.all(".hit"));
    }
    let page = client.see("/search").await;
    assert_eq!(page.text("h1"), "Guests");
    client.see(&format!("/search?q={}", "a".repeat(5000))).await;
}

async fn suggestions_are_a_part_of_the_page(app: TestApp) {
    let client = app.sign_in("lin").await;
    let page = client.see("/search?q=a&fragment=1").await;
    assert!(!page.body.contains("<html"));
    let options = page.count("[role=option]");
    assert!((2..=10).contains(&options), "{options}");
    assert_eq!(page.attrs("[role=option]", "id").len(), options);
    assert!(!page.attr("[data-count]", "data-count").is_empty());
}

async fn one_person_is_one_line(app: TestApp) {
    // Her booking came on a profile of the agency's, linked to hers.
    let client = app.sign_in("lin").await;
    let page = client.see("/search?q=ouyang").await;
    assert_eq!(page.count(".hit"), 1, "{:?}", page.all(".hit"));
    assert_eq!(
        page.attr(".hit", "href"),
        format!("/stays/{}", app.stay_in("1208"))
    );
}
