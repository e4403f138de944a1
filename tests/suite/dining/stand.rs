//! The host stand: two letters, a card, a table; and nothing that is not a host's business.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{cases, folio_charges, notes};
use innkeeper::dining::Status;
use innkeeper::guests::contacts::{Email, Phone};
use innkeeper::guests::notes::Team;
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::stays::folio::Department;
use innkeeper::words::Language;

use super::{STAND, all_is_well, counts, newest, status, table, tables_of};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::{self, REGULAR};
use crate::support::world::keys;

on_both!(
    a_regular_is_found_told_of_and_seated_in_one_tap,
    a_walk_in_is_seated_or_told_how_long_it_takes,
    a_table_that_somebody_has_is_refused_in_words,
    a_party_moves_joins_and_splits,
    the_same_form_sent_twice_makes_one_party,
    who_does_not_come_is_marked_and_can_be_brought_back,
    a_host_of_another_house_is_kept_out,
    a_hosts_page_holds_nothing_that_is_not_a_hosts_business,
);

async fn a_regular_is_found_told_of_and_seated_in_one_tap(app: TestApp) {
    let marco = app.sign_in("marco").await;
    assert_eq!(marco.get("/").await.location(), "/restaurant");
    assert_eq!(marco.get("/restaurant").await.location(), STAND);
    let card = format!("{STAND}?guest={}", app.guest_of(app.stay_in(REGULAR)));
    let person = app.known_as("Ouyang");
    for typed in ["ou", "1208", "4418", "欧阳"] {
        let found = marco
            .see(&format!("{STAND}/find?q={typed}&fragment=1"))
            .await;
        let links = found.attrs("[role=option]", "href");
        let theirs = [card.clone(), format!("{STAND}?guest={person}")];
        assert!(
            links.iter().any(|link| theirs.contains(link)),
            "{typed}: {links:?}"
        );
    }
    let page = marco.see(&card).await;
    assert_eq!(page.text("h1#who"), "Ms Ouyang, table for 2");
    let told = page.text(".hello .muted");
    assert!(told.contains("Gold · "), "{told}");
    assert!(counts(&app, Language::En, &told), "{told}");
    assert_eq!(
        page.text(".hello .spoken"),
        "“You like it by the window: we kept T4 for you. This way, please.”"
    );
    let allergy = page.text(".band.allergy strong");
    assert_eq!(allergy, "ALLERGY Peanut · tell the kitchen");
    // The case is the desk's; that an apology is due is everybody's.
    assert!(page.text(".band.attend").contains("apologise first"));
    assert!(!page.body.contains("lift noise"));
    let fit = page.text(".hostcard .fit");
    assert!(
        fit.starts_with("T4") && fit.contains("by the window") && fit.contains("4 of 4"),
        "{fit}"
    );
    assert_eq!(page.count("button.offer"), 2);
    let likes = page.all("ul.likes li");
    let usual = "Usually sits at T4 6 of 8";
    assert!(
        likes.iter().any(|like| like.starts_with(usual)),
        "{likes:?}"
    );
    assert!(page.has("a.seat.best"));
    // One tap.
    let form = [
        (
            "guest",
            page.attr("form[action$='/seat'] input[name=guest]", "value"),
        ),
        (
            "covers",
            page.attr("form[action$='/seat'] input[name=covers]", "value"),
        ),
        (
            "once",
            page.attr("form[action$='/seat'] input[name=once]", "value"),
        ),
        (
            "tables",
            page.attr("form[action$='/seat'] button[data-main]", "value"),
        ),
    ];
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let page = marco.submit(&format!("{STAND}/seat"), &form).await;
    assert!(
        page.text(".flash p").ends_with("sits at T4."),
        "{}",
        page.text(".flash p")
    );
    let visit = newest(&app);
    assert_eq!(
        (status(&app, visit), tables_of(&app, visit)),
        (Status::Seated, vec!["T4".into()])
    );
    let t4 = format!("#t-{}", table(&app, "T4"));
    assert!(page.attr(&t4, "class").contains("taken"));
    assert!(
        page.has(&format!("{t4} path.alarm")),
        "the allergy is on the plan"
    );
    // They go, and it was too early to say so.
    let page = marco
        .submit(&format!("{STAND}/visits/{visit}/leave"), &[])
        .await;
    assert!(page.attr(&t4, "class").contains("free"));
    let undo = page.attr(".flash form", "action");
    let page = marco.submit(&undo, &[]).await;
    assert!(page.attr(&t4, "class").contains("taken"));
    assert_eq!(status(&app, visit), Status::Seated);
    all_is_well(&app);
}

async fn a_walk_in_is_seated_or_told_how_long_it_takes(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let page = marco.see(&format!("{STAND}?covers=2")).await;
    assert_eq!(page.text("h1#who"), "Walk-in, table for 2");
    let best = page.attr("form[action$='/seat'] button[data-main]", "value");
    let form = [
        ("name", "Bianchi"),
        ("covers", "2"),
        ("tables", best.as_str()),
    ];
    let page = marco.submit(&format!("{STAND}/seat"), &form).await;
    assert!(page.text(".flash p").starts_with("Bianchi sits at T"));
    // Nobody has nine chairs free before the big table is put together.
    let form = [("name", "Nine"), ("covers", "99")];
    let page = marco.submit(&format!("{STAND}/wait"), &form).await;
    assert_eq!(
        page.text(".flash p"),
        "On the list; no table is in sight yet."
    );
    let form = [("name", "Two"), ("covers", "2")];
    let page = marco.submit(&format!("{STAND}/wait"), &form).await;
    let told = page.text(".flash p");
    assert!(
        told.starts_with("Told: about") || told.starts_with("On the list; a table is free"),
        "{told}"
    );
    assert!(page.all("#lists .party b").contains(&"Two".to_owned()));
    for wrong in ["0", "100", "-1", "many", ""] {
        let answer = marco
            .post(&format!("{STAND}/wait"), &[("covers", wrong)])
            .await;
        assert!(
            answer.refusal().contains("is not a number of people"),
            "{wrong}"
        );
    }
}

async fn a_table_that_somebody_has_is_refused_in_words(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let seat = |tables: String| {
        let form = [
            ("name", "Late".to_owned()),
            ("covers", "2".into()),
            ("tables", tables),
        ];
        let marco = &marco;
        async move {
            let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
            marco.post(&format!("{STAND}/seat"), &form).await
        }
    };
    // Somebody sits there, over time even.
    assert_eq!(
        seat(table(&app, "T9")).await.refusal(),
        "At T9 sits Mrs Adeyemi. Choose another."
    );
    assert_eq!(
        seat("999999".into()).await.refusal(),
        "That table is not on the plan any more."
    );
    for nothing in ["", "T4", "4+"] {
        assert_eq!(
            seat(nothing.into()).await.refusal(),
            "Choose a table.",
            "{nothing}"
        );
    }
    let t8 = table(&app, "T8");
    let form = [("name", "Held"), ("covers", "2"), ("tables", t8.as_str())];
    marco.submit(&format!("{STAND}/hold"), &form).await;
    assert_eq!(
        seat(t8).await.refusal(),
        "T8 is promised to Held. Choose another."
    );
    all_is_well(&app);
}

async fn a_party_moves_joins_and_splits(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let (t7, t8, t16) = (table(&app, "T7"), table(&app, "T8"), table(&app, "T16"));
    let form = [
        ("name", "Movers"),
        ("covers", "4"),
        ("tables", t16.as_str()),
    ];
    marco.submit(&format!("{STAND}/seat"), &form).await;
    let visit = newest(&app);
    let at = |verb: &str| format!("{STAND}/visits/{visit}/{verb}");
    // The table that was tapped is offered.
    let page = marco
        .see(&format!("{STAND}?visit={visit}&table={t8}"))
        .await;
    assert_eq!(
        page.attr("form[action$='/move'] button.primary", "value"),
        t8
    );
    marco.submit(&at("move"), &[("tables", &t8)]).await;
    assert_eq!(tables_of(&app, visit), ["T8"]);
    let both = format!("{t8}+{t16}");
    marco.submit(&at("move"), &[("tables", &both)]).await;
    assert_eq!(tables_of(&app, visit), ["T8", "T16"]);
    let refused = marco.post(&at("move"), &[("tables", &t7)]).await.refusal();
    assert_eq!(refused, "At T7 sits Johansson. Choose another.");
    assert_eq!(
        tables_of(&app, visit),
        ["T8", "T16"],
        "a refused move changes nothing"
    );
    let page = marco
        .submit(&at("split"), &[("covers", "1"), ("tables", &t16)])
        .await;
    assert!(
        page.text(".flash p").contains("sits at T16 now"),
        "{}",
        page.text(".flash p")
    );
    let part = newest(&app);
    assert_eq!(
        (tables_of(&app, visit), tables_of(&app, part)),
        (vec!["T8".into()], vec!["T16".into()])
    );
    let refused = marco
        .post(&at("split"), &[("covers", "9"), ("tables", &t16)])
        .await
        .refusal();
    assert_eq!(refused, "Of 3 people, at least one stays and one goes.");
    all_is_well(&app);
}

async fn the_same_form_sent_twice_makes_one_party(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let t8 = table(&app, "T8");
    let form = [
        ("name", "Once"),
        ("covers", "2"),
        ("tables", t8.as_str()),
        ("once", "a-key-of-the-form"),
    ];
    let seat = format!("{STAND}/seat");
    marco.submit(&seat, &form).await;
    let first = newest(&app);
    let again = marco.submit(&seat, &form).await;
    assert!(again.text(".flash p").ends_with("sits at T8."));
    assert_eq!(newest(&app), first);
}

async fn who_does_not_come_is_marked_and_can_be_brought_back(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let t8 = table(&app, "T8");
    let form = [("name", "Ghost"), ("covers", "2"), ("tables", t8.as_str())];
    marco.submit(&format!("{STAND}/hold"), &form).await;
    let visit = newest(&app);
    let page = marco
        .submit(&format!("{STAND}/visits/{visit}/no-show"), &[])
        .await;
    assert_eq!(status(&app, visit), Status::NoShow);
    assert!(page.attr(&format!("#t-{t8}"), "class").contains("free"));
    let undo = page.attr(".flash form", "action");
    marco.submit(&undo, &[]).await;
    assert_eq!(status(&app, visit), Status::Booked);
    // Who is seated does not fail to come.
    marco
        .submit(
            &format!("{STAND}/seat"),
            &[
                ("visit", &visit.to_string()),
                ("covers", "2"),
                ("tables", &t8),
            ],
        )
        .await;
    let refused = marco
        .post(&format!("{STAND}/visits/{visit}/no-show"), &[])
        .await
        .refusal();
    assert_eq!(refused, "A colleague was quicker: they sit already.");
    all_is_well(&app);
}

async fn a_host_of_another_house_is_kept_out(app: TestApp) {
    let sun = app.sign_in("sun").await;
    let visit = sitemap::seated(&app);
    for path in [
        STAND.to_owned(),
        format!("{STAND}/find?q=ouyang"),
        format!("{STAND}?visit={visit}"),
    ] {
        let answer = sun.get(&path).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(!answer.body.contains("Ouyang"));
    }
    assert_eq!(
        sun.post(&format!("{STAND}/visits/{visit}/leave"), &[])
            .await
            .status,
        403
    );
    assert_eq!(status(&app, visit), Status::Seated);
    let chen = app.sign_in("chen").await;
    assert_eq!(chen.get(STAND).await.status, 403);
    assert_eq!(
        app.sign_in("marco")
            .await
            .get("/restaurant/nowhere")
            .await
            .status,
        404
    );
}

/// Guests with a mark of their own in every field that a host has no business with: none of it is in the page.
async fn a_hosts_page_holds_nothing_that_is_not_a_hosts_business(app: TestApp) {
    let marco = app.sign_in("marco").await;
    let house = app.property_id("RIV");
    for index in 0..12_i64 {
        let seed = innkeeper::secret::token();
        let mark = |field: &str| format!("zq{field}{index}{}", &seed[..6].to_lowercase());
        let phone = format!(
            "+86 139 {:04} {:04}",
            2_000 + index * 37,
            5_000 + index * 91
        );
        let guest = NewProfile {
            source: "test".into(),
            given_name: Some(format!("Given{index}")),
            family_name: Some(format!("Family{index}")),
            email: Email::parse(&format!("{}@example.com", mark("mail"))).ok(),
            phone: Phone::parse(&phone, None).ok(),
            city: Some(mark("city")),
            company: Some(mark("company")),
            document_number: Some(mark("passport").to_uppercase()),
            birth_date: chrono::NaiveDate::from_ymd_opt(1961, 7, 13),
            ..NewProfile::default()
        };
        let amount = 7_654_321 + index;
        let id = app.sql(|conn| {
            let id = profile::create(conn, &keys(), &[guest], clock::now())?[0];
            diesel::insert_into(notes::table)
                .values((
                    notes::guest_id.eq(id),
                    notes::department.eq(Team::FrontDesk),
                    notes::body.eq(mark("note")),
                    notes::written_at.eq(clock::now()),
                ))
                .execute(conn)?;
            diesel::insert_into(cases::table)
                .values((
                    cases::guest_id.eq(id),
                    cases::property_id.eq(house),
                    cases::department.eq(Team::Housekeeping),
                    cases::severity.eq(2_i16),
                    cases::summary.eq(mark("case")),
                    cases::opened_at.eq(clock::now()),
                ))
                .execute(conn)?;
            Ok(id)
        });
        let stay = app.book_for(id, index);
        app.sql(|conn| {
            diesel::insert_into(folio_charges::table)
                .values((
                    folio_charges::stay_id.eq(stay),
                    folio_charges::department.eq(Department::Food),
                    folio_charges::amount_minor.eq(amount),
                    folio_charges::currency.eq("CNY"),
                    folio_charges::posted_on.eq(super::today()),
                    folio_charges::reference.eq(mark("ref")),
                    folio_charges::created_at.eq(clock::now()),
                ))
                .execute(conn)
        });
        let public = app.guest_of(stay);
        let path = format!("{STAND}?guest={public}&covers={}", 1 + index % 4);
        let mut pages = vec![path.clone(), format!("{STAND}/find?q=Family{index}")];
        // Of some of them, everything a host can open.
        if let Some(name) = ["T8", "T16"].get(index as usize) {
            let tables = table(&app, name);
            let form = [
                ("guest", public.as_str()),
                ("covers", "2"),
                ("tables", tables.as_str()),
            ];
            marco.submit(&format!("{STAND}/seat"), &form).await;
            let visit = newest(&app);
            pages.extend([
                format!("{STAND}?visit={visit}"),
                format!("{STAND}?fragment=1"),
                format!("{STAND}/visits/{visit}"),
                format!("{STAND}/visits/{visit}/orders"),
                format!("{STAND}/bookings"),
                format!("{STAND}/bookings/new?guest={public}"),
                format!("{STAND}/brief"),
                format!("/search?q=Family{index}"),
            ]);
        }
        for path in pages {
            let page = marco.see(&path).await;
            assert!(
                page.body.contains(&format!("Family{index}")),
                "{path}: {}",
                page.body
            );
            for field in ["mail", "city", "company", "passport", "note", "case", "ref"] {
                let lower = page.body.to_lowercase();
                assert!(!lower.contains(&mark(field)), "{field} is in {path}");
            }
            let digits: String = page.body.chars().filter(char::is_ascii_digit).collect();
            let of_phone: String = phone.chars().filter(char::is_ascii_digit).collect();
            assert!(!digits.contains(&of_phone[2..]), "the phone is in {path}");
            for secret in [
                "1961-07-13",
                "13 Jul",
                "76,543",
                "7654321",
                "800.00",
                "880.00",
                "CN¥",
                "RH-",
            ] {
                assert!(!page.body.contains(secret), "{secret} is in {path}");
            }
        }
    }
}
