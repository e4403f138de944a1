//! What clerks decide about those it found.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{audit_log, duplicate_answers, merges, not_same};
use innkeeper::error::Fault;
use innkeeper::guests::contacts::Phone;
use innkeeper::guests::profile::NewProfile;
use innkeeper::recognition::duplicates::{self, Run, Scope};
use thirtyfour::Key;

use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::client::{Client, Page};
use crate::support::on_both;

use super::*;

on_both!(
    clusters_are_listed_the_likeliest_first_with_a_tab_beside_the_review,
    one_answer_joins_several_and_one_undo_parts_them,
    not_the_same_is_kept_and_found_no_more,
    not_sure_waits_behind_the_others_for_that_clerk,
    an_answer_without_a_choice_or_about_somebody_else_is_refused,
    of_two_clerks_who_answer_one_is_told,
    every_look_and_answer_is_on_record,
    who_may_not_decide_neither_sees_nor_answers,
    managers_start_the_search_and_others_see_how_far_it_is,
    relatives_stand_on_the_profile_for_those_who_see_contacts,
    two_are_told_apart_by_hand_and_it_can_be_withdrawn,
    duplicates_take_few_queries,
    a_clerk_decides_duplicates_by_keyboard_and_without_javascript,
);

async fn clusters_are_listed_the_likeliest_first_with_a_tab_beside_the_review(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let review = lin.see("/review").await;
    assert!(review.has("a[href='/duplicates']"));
    let page = lin.see("/duplicates").await;
    assert!(page.has(".switch a[href='/review']"));
    let list = page.all("ol.questions li");
    let likely = |text: &str| -> i64 {
        let percent = text.split(" % likely").next().unwrap();
        percent.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let shares: Vec<i64> = list.iter().map(|row| likely(row)).collect();
    assert!(shares.is_sorted_by(|a, b| a >= b), "{list:?}");
    let three = list.iter().find(|row| row.contains("Whitcombe")).unwrap();
    assert!(three.contains("3 profiles"), "{three}");
    let chinese = app.sign_in("zhou").await;
    chinese
        .submit("/account/manner", &[("language", "zh-CN")])
        .await;
    assert!(chinese.see("/duplicates").await.text("h1").contains("重复"));
}

async fn answer(client: &Client, id: &str, answer: &str, chosen: &[&str]) -> Page {
    let mut fields = vec![("answer", answer)];
    fields.extend(chosen.iter().map(|id| ("guest", *id)));
    client.post(&format!("/duplicates/{id}"), &fields).await
}

fn undo_of(answer: &Page) -> String {
    let flash = answer
        .flash()
        .unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    assert!(flash.ok, "{}", flash.text);
    flash.undo.expect("it can't be taken back")
}

async fn one_answer_joins_several_and_one_undo_parts_them(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let ids = the_three(&app);
    let first = &ids[0].1;
    let page = lin.see(&format!("/duplicates/{first}")).await;
    let chosen = page.attrs("input[name=guest]", "value");
    assert_eq!(chosen.len(), 2);
    assert!(
        !page.has("input[name=guest][checked]"),
        "nobody is chosen before the clerk chooses"
    );
    let reasons = page.all(".versus .reasons li");
    assert!(reasons.contains(&"same phone".to_owned()), "{reasons:?}");
    assert!(
        reasons.contains(&"short form of the given name".to_owned()),
        "{reasons:?}"
    );
    let before: Vec<i64> = ids.iter().map(|(id, _)| person(&app, *id)).collect();
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let answered = answer(&lin, first, "same", &chosen).await;
    assert!(ids.iter().all(|(id, _)| person(&app, *id) == ids[0].0));
    let list = lin.see("/duplicates").await.text("ol.questions");
    assert!(!list.contains("Whitcombe"), "{list}");
    let profile = lin.see(&format!("/guests/{first}")).await;
    assert!(profile.text("#profiles").contains("found as a duplicate"));
    assert_eq!(profile.count("#stays tbody tr"), 4);
    let undone = lin.submit(&undo_of(&answered), &[]).await;
    assert_eq!(undone.count("input[name=guest]"), 2);
    let after: Vec<i64> = ids.iter().map(|(id, _)| person(&app, *id)).collect();
    assert_eq!(after, before);
    let again = lin.post(&undo_of(&answered), &[]).await;
    assert!(again.refusal().contains("already"), "{}", again.refusal());
}

fn the_three(app: &TestApp) -> Vec<(i64, String)> {
    let mut ids = called(app, "Whitcombe");
    ids.extend(called(app, "Whitcomb"));
    assert_eq!(ids.len(), 3);
    ids
}

async fn not_the_same_is_kept_and_found_no_more(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let ids = called(&app, "Marchand");
    let answered = answer(&lin, &ids[0].1, "other", &[&ids[1].1]).await;
    assert_ne!(answered.location(), format!("/duplicates/{}", ids[0].1));
    walk(&app, Scope::All, 99);
    let page = lin.see("/duplicates").await;
    assert!(!page.text("ol.questions").contains("Marchand"));
    // The page of the two leads back to the list, and the profile says so.
    let gone = lin.get(&format!("/duplicates/{}", ids[0].1)).await;
    assert_eq!((gone.status, gone.location()), (303, "/duplicates"));
    let profile = lin.see(&format!("/guests/{}", ids[1].1)).await;
    assert!(
        profile
            .text("#profiles .apart")
            .contains("said among duplicates · Lin Yue")
    );
    assert!(!profile.has(".band.unsure"));
    let refused = answer(&lin, &ids[0].1, "same", &[&ids[1].1]).await;
    assert!(
        refused.refusal().contains("quicker"),
        "{}",
        refused.refusal()
    );
    lin.submit(&undo_of(&answered), &[]).await;
    assert!(
        lin.see("/duplicates")
            .await
            .text("ol.questions")
            .contains("Marchand")
    );
    assert!(
        lin.see(&format!("/guests/{}", ids[1].1))
            .await
            .has(".band.unsure")
    );
}

async fn not_sure_waits_behind_the_others_for_that_clerk(app: TestApp) {
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    let order = async |client: &Client| {
        client
            .see("/duplicates")
            .await
            .attrs("ol.questions a.open", "href")
    };
    let before = order(&lin).await;
    let first = before[0].rsplit('/').next().unwrap().to_owned();
    let answered = answer(&lin, &first, "unsure", &[]).await;
    assert_eq!(answered.location(), before[1]);
    let after = order(&lin).await;
    assert_eq!(after.last(), before.first());
    assert_eq!(order(&zhou).await, before);
    lin.submit(&undo_of(&answered), &[]).await;
    assert_eq!(order(&lin).await, before);
}

async fn an_answer_without_a_choice_or_about_somebody_else_is_refused(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let ids = called(&app, "Marchand");
    let stranger = app.guest_of(app.stay_in("1208"));
    for (given, chosen) in [
        ("same", vec![]),
        ("other", vec![]),
        ("same", vec!["nobody"]),
        ("", vec![ids[1].1.as_str()]),
        ("same", vec![stranger.as_str()]),
        ("other", vec![ids[1].1.as_str(), stranger.as_str()]),
    ] {
        let answered = answer(&lin, &ids[0].1, given, &chosen).await;
        let refused = answered.status == 400 || !answered.flash().unwrap().ok;
        assert!(refused, "{given} {chosen:?}");
    }
    let counts: (i64, i64, i64) = app.sql(|conn| {
        Ok((
            merges::table.count().get_result(conn)?,
            not_same::table.count().get_result(conn)?,
            duplicate_answers::table.count().get_result(conn)?,
        ))
    });
    assert_eq!(counts, (0, 0, 0));
}

async fn of_two_clerks_who_answer_one_is_told(app: TestApp) {
    let ids = called(&app, "Marchand");
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let clerks: Vec<_> = (0..12)
            .map(|at| {
                let (app, ids) = (&app, &ids);
                scope.spawn(move || {
                    let clerk = innkeeper::recognition::review::Clerk {
                        user_id: 1,
                        today: clock::now().date(),
                    };
                    let said = if at % 2 == 0 {
                        duplicates::Answer::Same
                    } else {
                        duplicates::Answer::Other
                    };
                    let done = app
                        .app
                        .db
                        .write(|conn| duplicates::answer(conn, ids[0].0, said, &[ids[1].0], clerk));
                    match done {
                        Ok(_) => true,
                        Err(Fault::Refused(_)) => false,
                        Err(other) => panic!("{other:?}"),
                    }
                })
            })
            .collect();
        clerks
            .into_iter()
            .map(|clerk| clerk.join().unwrap())
            .collect()
    });
    assert_eq!(outcomes.iter().filter(|is| **is).count(), 1);
    let counts: (i64, i64, i64) = app.sql(|conn| {
        Ok((
            merges::table.count().get_result(conn)?,
            not_same::table.count().get_result(conn)?,
            duplicate_answers::table.count().get_result(conn)?,
        ))
    });
    assert_eq!((counts.0 + counts.1, counts.2), (1, 1));
}

fn lines(app: &TestApp, action: &str) -> Vec<Option<i64>> {
    app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq(action))
            .order(audit_log::guest_id)
            .select(audit_log::guest_id)
            .load(conn)
    })
}

async fn every_look_and_answer_is_on_record(app: TestApp) {
    let lin = app.sign_in("lin").await;
    lin.see("/duplicates").await;
    assert_eq!(lines(&app, "view_duplicates"), [None]);
    let ids = the_three(&app);
    let all: Vec<Option<i64>> = ids.iter().map(|(id, _)| Some(*id)).collect();
    lin.see(&format!("/duplicates/{}", ids[0].1)).await;
    assert_eq!(lines(&app, "compare_duplicates").len(), 3);
    assert!(
        all.iter()
            .all(|id| lines(&app, "compare_duplicates").contains(id))
    );
    let answered = answer(&lin, &ids[0].1, "same", &[&ids[1].1, &ids[2].1]).await;
    assert_eq!(lines(&app, "answer_duplicates").len(), 3);
    lin.submit(&undo_of(&answered), &[]).await;
    assert_eq!(lines(&app, "undo_duplicates").len(), 1);
}

async fn who_may_not_decide_neither_sees_nor_answers(app: TestApp) {
    let ids = called(&app, "Marchand");
    for name in ["marco", "chen"] {
        let client = app.sign_in(name).await;
        assert_eq!(client.get("/duplicates").await.status, 403);
        let page = client.get(&format!("/duplicates/{}", ids[0].1)).await;
        assert_eq!(page.status, 403);
        let answered = answer(&client, &ids[0].1, "same", &[&ids[1].1]).await;
        assert_eq!(answered.status, 403);
    }
    // An undo belongs to whom it was about.
    let lin = app.sign_in("lin").await;
    let undo = undo_of(&answer(&lin, &ids[0].1, "same", &[&ids[1].1]).await);
    let elsewhere = undo.replace(&ids[0].1, &app.guest_of(app.stay_in("1208")));
    assert_eq!(lin.post(&elsewhere, &[]).await.status, 404);
    assert_eq!(person(&app, ids[1].0), ids[0].0);
}

async fn managers_start_the_search_and_others_see_how_far_it_is(app: TestApp) {
    let (lin, zhou) = (app.sign_in("lin").await, app.sign_in("zhou").await);
    assert!(!lin.see("/duplicates").await.has(".searching form"));
    assert_eq!(lin.post("/duplicates/search", &[]).await.status, 403);
    let stopped = walk(&app, Scope::All, 1);
    let page = lin.see("/duplicates?watch=1").await;
    assert!(page.has(".searching progress") && page.has("meta[http-equiv=refresh]"));
    assert!(
        page.text(".searching").contains("7 of"),
        "{}",
        page.text(".searching")
    );
    assert!(!lin.see("/duplicates").await.has("meta[http-equiv=refresh]"));
    let busy = zhou.post("/duplicates/search", &[]).await;
    assert!(busy.refusal().contains("under way"), "{}", busy.refusal());
    let_the_claim_pass(&app);
    assert!(
        zhou.see("/duplicates")
            .await
            .text(".searching")
            .contains("Stopped half-way")
    );
    let started = zhou.post("/duplicates/search", &[]).await;
    assert_eq!(started.location(), "/duplicates?watch=1");
    let over = |run: &Run| run.id == stopped.id && run.is_over();
    for _ in 0..100 {
        let run = app.sql(duplicates::latest).unwrap();
        if over(&run) {
            assert_eq!(run.asked, count(&app));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the search did not go on");
}

async fn relatives_stand_on_the_profile_for_those_who_see_contacts(app: TestApp) {
    let path = format!("/guests/{}", app.known_as("Lindqvist"));
    let page = app.sign_in("lin").await.see(&path).await;
    let related = page.text("#related li");
    assert!(
        related.contains("Astrid Lindqvist")
            && related.contains("shares surname, phone, postal code and city: likely family"),
        "{related}"
    );
    assert!(
        page.attr("#related li a.why", "href")
            .contains("/merge?with=")
    );
    let marketing = app.sign_in("chen").await.see(&path).await;
    assert!(marketing.has("#related li") && !marketing.has("#related a.why"));
    assert_eq!(app.sign_in("marco").await.get(&path).await.status, 403);
}

async fn two_are_told_apart_by_hand_and_it_can_be_withdrawn(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let ids = called(&app, "Marchand");
    let path = format!("/guests/{}", ids[0].1);
    let preview = lin.see(&format!("{path}/merge?with={}", ids[1].1)).await;
    let action = preview.attr("form[action$='/not-same']", "action");
    let fields = [("other", ids[1].1.as_str())];
    let said = lin.post(&action, &fields).await;
    assert_eq!(lines(&app, "tell_apart").len(), 2);
    let undo = undo_of(&said);
    for (_, id) in &ids {
        let page = lin.see(&format!("/guests/{id}")).await;
        let told = page.text("#profiles .apart");
        assert!(told.contains("said by hand · Lin Yue"), "{told}");
        assert!(!page.has(".band.unsure"));
    }
    assert!(
        lin.post(&action, &fields)
            .await
            .refusal()
            .contains("already")
    );
    // Only from a page of one of the two, and only by the desk.
    let elsewhere = undo.replace(&ids[0].1, &app.guest_of(app.stay_in("1208")));
    assert_eq!(lin.post(&elsewhere, &[]).await.status, 404);
    assert_eq!(app.sign_in("chen").await.post(&undo, &[]).await.status, 403);
    let from_other = lin.see(&format!("/guests/{}", ids[1].1)).await;
    let withdraw = from_other.attr("#profiles .apart form", "action");
    let withdrawn = lin.submit(&withdraw, &[]).await;
    assert!(!withdrawn.has("#profiles .apart"));
    assert_eq!(lines(&app, "withdraw_apart").len(), 2);
    assert!(lin.post(&undo, &[]).await.refusal().contains("quicker"));
    let (at, by): (Option<chrono::NaiveDateTime>, Option<i64>) = app.sql(|conn| {
        not_same::table
            .select((not_same::withdrawn_at, not_same::withdrawn_by))
            .first(conn)
    });
    assert!(at.is_some() && by == Some(app.user_id("lin")));
    let joined = lin.post(&format!("{path}/merge"), &fields).await;
    assert!(joined.flash().unwrap().ok);
}

async fn duplicates_take_few_queries(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let sheet = format!("/duplicates/{}", the_three(&app)[0].1);
    lin.see("/arrivals").await;
    let list = lin.see("/duplicates").await.queries();
    assert!((1..=8).contains(&list), "{list} queries");
    let one = lin.see(&sheet).await.queries();
    assert!((1..=32).contains(&one), "{one} queries");
    // More of them take no more.
    let many: Vec<NewProfile> = (0..80)
        .map(|at| NewProfile {
            phone: Phone::parse(&format!("+43 664 12340{:02}", at / 2), None).ok(),
            ..known(
                "Ottilie",
                &format!("Brandauer{}", (b'a' + (at / 2 % 26) as u8) as char),
                &format!("ottilie{}@example.at", at / 2),
            )
        })
        .collect();
    add(&app, &many);
    walk(&app, Scope::Changed, 999);
    let page = lin.see("/duplicates").await;
    assert!(page.count("ol.questions li") > 30);
    // But for the houses, which are read again every two seconds.
    assert!(page.queries() <= list + 6, "{} queries", page.queries());
    assert!(lin.see(&sheet).await.queries() <= one + 6);
}

async fn a_clerk_decides_duplicates_by_keyboard_and_without_javascript(app: TestApp) {
    let three = the_three(&app);
    let browser = Browser::open(true).await;
    browser.sign_in(&app, "lin").await;
    browser.is_at("/arrivals").await;
    browser.press("g").await;
    browser.press("w").await;
    browser.find("form.review").await;
    browser.press("d").await;
    browser.find("ol.questions").await;
    browser
        .goto(&app, &format!("/duplicates/{}", three[0].1))
        .await;
    browser.press(Key::Enter + "").await;
    browser.says(".flash.danger p", "Choose").await;
    browser.press("1").await;
    browser.press("2").await;
    browser.press(Key::Enter + "").await;
    browser.says(".flash p", "One person with").await;
    assert_eq!(person(&app, three[2].0), three[0].0);
    browser.press("u").await;
    browser.says(".flash p", "Taken back").await;
    assert_ne!(person(&app, three[2].0), three[0].0);
    browser.close().await;
    let marchand = called(&app, "Marchand");
    let plain = Browser::open(false).await;
    plain.sign_in(&app, "lin").await;
    plain
        .goto(&app, &format!("/duplicates/{}", marchand[0].1))
        .await;
    plain.click("button[value=other]").await;
    plain.says(".flash p", "this is kept").await;
    plain.click(".flash button").await;
    plain.says(".flash p", "Taken back").await;
    plain.close().await;
}
