//! `/greetings`: what a person sees of the letters, and decides about them.

use diesel::prelude::*;
use innkeeper::db::schema::greetings;
use innkeeper::greetings::State;
use innkeeper::greetings::settings::Settings;

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap;

on_both!(
    guest_relations_see_the_letters_and_their_conversation,
    a_letter_in_doubt_is_decided_by_a_person_once,
    all_letters_in_doubt_are_decided_at_once,
    letters_are_paused_and_go_on,
    a_letter_of_another_house_stays_closed,
);

async fn guest_relations_see_the_letters_and_their_conversation(app: TestApp) {
    let id = sitemap::letter(&app);
    let chen = app.sign_in("chen").await;
    let page = chen.see("/greetings").await;
    assert!(page.body.contains("欧阳娜娜") && page.body.contains("perhaps sent"));
    assert!(page.body.contains("Ouyang Nana"));
    let letter = chen.see(&format!("/greetings/letters/{id}")).await;
    assert!(letter.body.contains("生日快乐") && letter.body.contains("354 go on"));
    assert!(
        !letter.body.contains("/unsubscribe/"),
        "who reads it here must not unsubscribe the guest"
    );
}

async fn a_letter_in_doubt_is_decided_by_a_person_once(app: TestApp) {
    let id = sitemap::letter(&app);
    let zhou = app.sign_in("zhou").await;
    let path = format!("/greetings/letters/{id}");
    let state = |app: &TestApp| -> State {
        app.sql(|conn| {
            greetings::table
                .filter(greetings::public_id.eq(&id))
                .select(greetings::state)
                .first(conn)
        })
    };
    zhou.submit(&path, &[("answer", "again")]).await;
    assert_eq!(state(&app), State::Queued);
    let refused = zhou.submit(&path, &[("answer", "arrived")]).await;
    assert!(refused.body.contains("no longer in doubt"));
    assert_eq!(state(&app), State::Queued);
}

async fn all_letters_in_doubt_are_decided_at_once(app: TestApp) {
    sitemap::letter(&app);
    let in_doubt = |app: &TestApp| -> Vec<String> {
        app.sql(|conn| {
            greetings::table
                .filter(greetings::state.eq(State::Uncertain))
                .select(greetings::public_id)
                .load(conn)
        })
    };
    let before = in_doubt(&app);
    assert!(before.len() > 1, "the demo has one besides");
    let sun = app.sign_in("sun").await;
    let mut all = vec![("answer", "arrived")];
    all.extend(before.iter().map(|id| ("letter", id.as_str())));
    assert_eq!(sun.post("/greetings/doubtful", &all).await.status, 403);
    let chen = app.sign_in("chen").await;
    let page = chen.submit("/greetings/doubtful", &all).await;
    assert!(page.body.contains("letters are decided") && !page.has("#doubtful"));
    assert_eq!(in_doubt(&app), Vec::<String>::new());
    let states: Vec<State> = app.sql(|conn| {
        greetings::table
            .filter(greetings::public_id.eq_any(&before))
            .select(greetings::state)
            .load(conn)
    });
    assert!(states.iter().all(|state| *state == State::Sent));
}

async fn letters_are_paused_and_go_on(app: TestApp) {
    let chen = app.sign_in("chen").await;
    let settings = |app: &TestApp| app.sql(Settings::load);
    let page = chen.submit("/greetings/pause", &[("off", "yes")]).await;
    assert!(page.body.contains("Paused: All letters."));
    assert!(settings(&app).paused);
    chen.submit("/greetings/pause", &[("off", "no")]).await;
    chen.submit(
        "/greetings/pause",
        &[("off", "yes"), ("occasion", "birthday")],
    )
    .await;
    let now = settings(&app);
    assert!(!now.paused && now.paused_occasions.len() == 1);
    chen.submit(
        "/greetings/pause",
        &[("off", "no"), ("occasion", "birthday")],
    )
    .await;
    assert!(settings(&app).paused_occasions.is_empty());
    let wrong = chen
        .post(
            "/greetings/pause",
            &[("off", "yes"), ("occasion", "monday")],
        )
        .await;
    assert_eq!(wrong.status, 400);
}

async fn a_letter_of_another_house_stays_closed(app: TestApp) {
    let id = sitemap::letter(&app);
    let lakeside = app.property_id("LAK");
    app.sql(|conn| {
        use innkeeper::db::schema::{user_properties, users};
        let zhou: i64 = users::table
            .filter(users::name.eq("zhou"))
            .select(users::id)
            .first(conn)?;
        diesel::update(users::table.find(zhou))
            .set(users::all_properties.eq(false))
            .execute(conn)?;
        diesel::insert_into(user_properties::table)
            .values((
                user_properties::user_id.eq(zhou),
                user_properties::property_id.eq(lakeside),
            ))
            .execute(conn)
    });
    let zhou = app.sign_in("zhou").await;
    let path = format!("/greetings/letters/{id}");
    assert_eq!(zhou.get(&path).await.status, 403);
    assert_eq!(zhou.post(&path, &[("answer", "again")]).await.status, 403);
    assert!(!zhou.see("/greetings").await.body.contains("欧阳娜娜"));
}
