//! Where recognition asks: side by side, answered once, kept, and taken back exactly.

use diesel::prelude::*;
use innkeeper::db::schema::{
    audit_log, guests, merges, not_same, reviews, stay_candidates, stays, users,
};
use innkeeper::stays::Decision;

use thirtyfour::Key;

use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::client::{Client, Page};
use crate::support::on_both;

on_both!(
    the_booking_stands_beside_its_candidates,
    the_same_person_is_one_person_everywhere_and_again_two_after_undo,
    who_is_ruled_out_is_never_proposed_again_and_the_last_makes_a_new_guest,
    none_of_them_is_one_answer_and_one_undo,
    not_sure_waits_behind_the_others_for_that_clerk,
    every_look_at_a_candidate_is_on_record,
    a_clerk_of_another_house_neither_sees_nor_answers,
    an_answer_without_a_candidate_is_refused_in_words,
    board_and_card_lead_to_the_review_and_back,
    reviews_take_few_queries,
    a_clerk_decides_and_undoes_by_keyboard,
    a_clerk_decides_without_javascript,
);

fn decision(app: &TestApp, stay: i64) -> (Decision, Option<String>) {
    app.sql(|conn| {
        stays::table
            .find(stay)
            .select((stays::decision, stays::reasons))
            .first(conn)
    })
}

/// The opaque ids of a stay's candidates, in the order of the page.
async fn choices(client: &Client, stay: i64) -> Vec<String> {
    let page = client.see(&format!("/review/{stay}")).await;
    page.attrs("input[name=guest]", "value")
}

async fn answer(client: &Client, stay: i64, answer: &str, guest: &str) -> Page {
    let fields = [("answer", answer), ("guest", guest)];
    client.post(&format!("/review/{stay}"), &fields).await
}

fn undo_of(answer: &Page) -> String {
    let flash = answer.flash().expect("nothing was said");
    assert!(flash.ok, "{}", flash.text);
    flash.undo.expect("it can't be taken back")
}

fn person(app: &TestApp, public_id: &str) -> i64 {
    app.sql(|conn| {
        guests::table
            .filter(guests::public_id.eq(public_id))
            .select(guests::person_id)
            .first(conn)
    })
}

async fn the_booking_stands_beside_its_candidates(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    let page = lin.see("/review").await;
    assert_eq!(
        page.attr("form.review", "action"),
        format!("/review/{stay}")
    );
    assert_eq!(page.count("input[name=guest]"), 3);
    assert!(page.text("h1").contains("Zhang Wei"), "{}", page.text("h1"));
    let city = page.all(".versus tbody tr");
    let city = city.iter().find(|row| row.starts_with("City")).unwrap();
    assert!(
        city.contains("not told") && city.contains("Wuhan"),
        "{city}"
    );
    assert!(
        page.all(".versus .reasons li")
            .contains(&"same name".to_owned())
    );
    // A digit for each, and nobody chosen before the clerk chooses.
    assert_eq!(page.attrs("input[name=guest]", "data-key"), ["1", "2", "3"]);
    assert!(!page.has("input[name=guest][checked]"));
    assert!(page.text(".rail a[href='/review'] .count").starts_with('1'));
    let host = app.sign_in("marco").await.get("/review").await;
    assert_eq!(host.status, 403);
}

async fn the_same_person_is_one_person_everywhere_and_again_two_after_undo(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    let before = decision(&app, stay);
    let (booked, chosen) = (app.guest_of(stay), choices(&lin, stay).await.remove(0));
    let found = lin.see("/search?q=zhang%20wei").await.count(".hit");
    let answered = answer(&lin, stay, "same", &chosen).await;
    assert_eq!(answered.location(), "/review");
    assert!(lin.see("/review").await.has("section.empty"));
    assert_eq!(decision(&app, stay).0, Decision::Linked);
    assert_eq!(person(&app, &booked), person(&app, &chosen));
    // Card, board, profile and search speak of one person.
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(
        card.text(".greet .facts").starts_with("2nd stay"),
        "{}",
        card.text(".greet .facts")
    );
    // The name in its own script is the candidate's; the booking did not know it.
    assert!(card.text(".names .own").contains('张') || card.text(".names .own").contains('章'));
    let row = lin.see("/arrivals").await.text(&format!("#stay-{stay}"));
    assert!(row.contains("2nd stay"), "{row}");
    for id in [&booked, &chosen] {
        let profile = lin.see(&format!("/guests/{id}")).await;
        assert_eq!(profile.count("#stays tbody tr"), 2);
    }
    assert_eq!(
        lin.see("/search?q=zhang%20wei").await.count(".hit"),
        found - 1
    );
    // All as it was.
    let undone = lin.submit(&undo_of(&answered), &[]).await;
    assert!(undone.has("form.review"));
    assert_eq!(decision(&app, stay), before);
    assert_ne!(person(&app, &booked), person(&app, &chosen));
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(!card.text(".greet .facts").contains("2nd"));
    assert_eq!(choices(&lin, stay).await.len(), 3);
    let again = lin.post(&undo_of(&answered), &[]).await;
    assert!(again.refusal().contains("already"), "{}", again.refusal());
}

async fn who_is_ruled_out_is_never_proposed_again_and_the_last_makes_a_new_guest(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    let before = decision(&app, stay);
    let all = choices(&lin, stay).await;
    let first = answer(&lin, stay, "other", &all[0]).await;
    assert_eq!(
        first.location(),
        format!("/review/{stay}"),
        "two are left to ask about"
    );
    assert_eq!(choices(&lin, stay).await, all[1..]);
    let again = answer(&lin, stay, "same", &all[0]).await;
    assert!(again.refusal().contains("ruled out"), "{}", again.refusal());
    answer(&lin, stay, "other", &all[1]).await;
    let last = answer(&lin, stay, "other", &all[2]).await;
    assert_eq!(last.location(), "/review");
    assert_eq!(decision(&app, stay), (Decision::New, None));
    // The first answer is taken back: that one candidate is asked about again.
    lin.submit(&undo_of(&first), &[]).await;
    assert_eq!(decision(&app, stay), before);
    assert_eq!(choices(&lin, stay).await, all[..1]);
    let kept: i64 = app.sql(|conn| {
        not_same::table
            .filter(not_same::withdrawn_at.is_null())
            .count()
            .get_result(conn)
    });
    assert_eq!(kept, 2);
}

async fn none_of_them_is_one_answer_and_one_undo(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    let before = decision(&app, stay);
    let answered = answer(&lin, stay, "none", "").await;
    assert_eq!(decision(&app, stay).0, Decision::New);
    lin.submit(&undo_of(&answered), &[]).await;
    assert_eq!(decision(&app, stay), before);
    assert_eq!(choices(&lin, stay).await.len(), 3);
}

/// Another of today's arrivals is asked about, too: later than the first.
fn ask_about_another(app: &TestApp) -> i64 {
    let (first, other) = (app.arriving("Zhang"), app.arriving("Kim"));
    app.sql(|conn| {
        diesel::update(stays::table.find(other))
            .set((
                stays::decision.eq(Decision::Review),
                stays::arrival_time.eq(22 * 60),
            ))
            .execute(conn)?;
        let candidate: i64 = stay_candidates::table
            .filter(stay_candidates::stay_id.eq(first))
            .select(stay_candidates::guest_id)
            .first(conn)?;
        diesel::insert_into(stay_candidates::table)
            .values((
                stay_candidates::stay_id.eq(other),
                stay_candidates::guest_id.eq(candidate),
                stay_candidates::reasons.eq("country;birth_date_differs"),
            ))
            .execute(conn)
    });
    other
}

async fn not_sure_waits_behind_the_others_for_that_clerk(app: TestApp) {
    let (first, second) = (app.arriving("Zhang"), ask_about_another(&app));
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    let next = async |client: &Client| client.see("/review").await.attr("form.review", "action");
    assert_eq!(next(&lin).await, format!("/review/{first}"));
    answer(&lin, first, "unsure", "").await;
    assert_eq!(next(&lin).await, format!("/review/{second}"));
    assert_eq!(next(&zhou).await, format!("/review/{first}"));
    answer(&lin, second, "unsure", "").await;
    assert_eq!(next(&lin).await, format!("/review/{first}"));
    assert_eq!(decision(&app, first).0, Decision::Review);
    // With one candidate the choice is made.
    assert!(
        lin.see(&format!("/review/{second}"))
            .await
            .has("input[name=guest][checked]")
    );
}

async fn every_look_at_a_candidate_is_on_record(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    lin.see(&format!("/review/{stay}")).await;
    let looks: Vec<Option<i64>> = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("view_review"))
            .select(audit_log::guest_id)
            .load(conn)
    });
    assert_eq!(looks.len(), 4, "the booking's profile and three candidates");
    assert!(looks.iter().all(Option::is_some));
    let chosen = choices(&lin, stay).await.remove(0);
    answer(&lin, stay, "same", &chosen).await;
    let lines: i64 = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("answer_review"))
            .filter(
                audit_log::user_id.eq(users::table
                    .filter(users::name.eq("lin"))
                    .select(users::id)
                    .single_value()),
            )
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, 2, "one for each of the two profiles");
}

async fn a_clerk_of_another_house_neither_sees_nor_answers(app: TestApp) {
    let sun = app.sign_in("sun").await;
    let stay = app.arriving("Zhang");
    assert!(sun.see("/review").await.has("section.empty"));
    assert!(!sun.see("/arrivals").await.has(".rail .count"));
    assert_eq!(sun.get(&format!("/review/{stay}")).await.status, 403);
    assert_eq!(answer(&sun, stay, "none", "").await.status, 403);
    let lin = app.sign_in("lin").await;
    let undo = undo_of(&answer(&lin, stay, "none", "").await);
    assert_eq!(sun.post(&undo, &[]).await.status, 403);
    // An undo belongs to its stay.
    let elsewhere = undo.replace(&stay.to_string(), &app.arriving("Kim").to_string());
    assert_eq!(lin.post(&elsewhere, &[]).await.status, 404);
    assert_eq!(decision(&app, stay).0, Decision::New);
}

async fn an_answer_without_a_candidate_is_refused_in_words(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    for (given, guest) in [("same", ""), ("other", "nobody"), ("same", "x")] {
        let answered = answer(&lin, stay, given, guest).await;
        assert!(
            answered.refusal().starts_with("Choose"),
            "{}",
            answered.refusal()
        );
    }
    // A known guest who is no candidate is not meant.
    let stranger = app.guest_of(app.stay_in("1208"));
    assert!(
        !answer(&lin, stay, "same", &stranger)
            .await
            .flash()
            .unwrap()
            .ok
    );
    let counts: (i64, i64) = app.sql(|conn| {
        Ok((
            merges::table.count().get_result(conn)?,
            reviews::table.count().get_result(conn)?,
        ))
    });
    assert_eq!(counts, (0, 0));
}

async fn board_and_card_lead_to_the_review_and_back(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    let board = lin.see("/arrivals").await;
    let link = board.attr(&format!("#stay-{stay} a.pill"), "href");
    assert_eq!(link, format!("/review/{stay}?back=arrivals"));
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(card.has(&format!("a[href='/review/{stay}?back=card']")));
    let page = lin.see(&link).await;
    let back = page.attr("form.review input[name=back]", "value");
    let fields = [("answer", "none"), ("back", back.as_str())];
    let answered = lin.post(&format!("/review/{stay}"), &fields).await;
    assert_eq!(answered.location(), format!("/arrivals#stay-{stay}"));
    // Decided meanwhile: the card says by what.
    let decided = lin.get(&format!("/review/{stay}")).await;
    assert_eq!(
        (decided.status, decided.location()),
        (303, format!("/stays/{stay}").as_str())
    );
}

async fn reviews_take_few_queries(app: TestApp) {
    let lin = app.sign_in("lin").await;
    lin.see("/arrivals").await;
    let one = lin.see("/review").await.queries();
    assert!((1..=18).contains(&one), "{one} queries");
    ask_about_another(&app);
    assert!(lin.see("/review").await.queries() <= one + 6);
}

async fn a_clerk_decides_and_undoes_by_keyboard(app: TestApp) {
    let stay = app.arriving("Zhang");
    let before = decision(&app, stay);
    let browser = Browser::open(true).await;
    browser.sign_in(&app, "lin").await;
    browser.is_at("/arrivals").await;
    browser.press("g").await;
    browser.press("w").await;
    browser.find("form.review").await;
    // Enter without a choice is told, and links nobody.
    browser.press(Key::Enter + "").await;
    browser.says(".flash.danger p", "Choose").await;
    assert_eq!(decision(&app, stay), before);
    browser.press("2").await;
    browser.find("input[data-key='2']:checked").await;
    browser.press(Key::Enter + "").await;
    browser.says(".flash p", "One person with").await;
    assert_eq!(decision(&app, stay).0, Decision::Linked);
    browser.press("u").await;
    browser.says(".flash p", "Taken back").await;
    assert_eq!(decision(&app, stay), before);
    // One is ruled out, the others with one key.
    browser.press("1").await;
    browser.press("n").await;
    browser.says(".flash p", "this is kept").await;
    browser.press("0").await;
    browser.says(".flash p", "is a new guest").await;
    assert_eq!(decision(&app, stay).0, Decision::New);
    browser.close().await;
}

async fn a_clerk_decides_without_javascript(app: TestApp) {
    let stay = app.arriving("Zhang");
    let browser = Browser::open(false).await;
    browser.sign_in(&app, "lin").await;
    browser.click(&format!("#stay-{stay} a.pill")).await;
    browser.click("input[data-key='1']").await;
    browser.click("button[value=same]").await;
    browser.says(".flash p", "One person with").await;
    assert_eq!(decision(&app, stay).0, Decision::Linked);
    browser.click(".flash button").await;
    browser.says(".flash p", "Taken back").await;
    browser.close().await;
}
