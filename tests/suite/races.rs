//! Many clerks at once: one wins, the others are told, and nothing is let or posted twice.

use std::rc::Rc;

use diesel::prelude::*;
use innkeeper::db::schema::{
    audit_log, guests, loyalty_entries, merges, not_same, reviews, room_nights, rooms,
    stay_candidates, stays,
};
use innkeeper::stays::{Decision, Status};
use tokio::task::{JoinSet, LocalSet};

use crate::support::app::TestApp;
use crate::support::client::{Client, Page};
use crate::support::on_both;

on_both!(
    of_many_check_ins_of_one_stay_exactly_one_wins,
    of_many_guests_for_one_room_exactly_one_gets_it,
    of_many_check_outs_one_posts_the_points,
    many_different_check_ins_all_happen,
    of_many_answers_to_one_review_exactly_one_stands,
    of_many_merges_of_two_guests_exactly_one_is_made,
    of_many_undoings_of_a_merge_exactly_one_counts,
    of_many_clerks_who_assign_one_day_exactly_one_does,
    rooms_let_while_a_day_is_assigned_are_let_once,
);

const CLERKS: usize = 32;

/// Sends all forms at once and returns the answers.
async fn at_once(client: Client, forms: Vec<(String, Vec<(&'static str, String)>)>) -> Vec<Page> {
    let token = client.token().await;
    let client = Rc::new(client);
    LocalSet::new()
        .run_until(async move {
            let mut all = JoinSet::new();
            for (path, mut fields) in forms {
                let client = Rc::clone(&client);
                fields.push(("csrf", token.clone()));
                all.spawn_local(async move {
                    let request = client.http.post(client.url(&path)).form(&fields);
                    Page::of(request.send().await.unwrap()).await
                });
            }
            all.join_all().await
        })
        .await
}

fn won(answers: &[Page]) -> usize {
    for answer in answers {
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    let flashes = answers.iter().map(|answer| answer.flash().unwrap());
    flashes.filter(|flash| flash.ok).count()
}

fn let_to(app: &TestApp, room: &str) -> Vec<i64> {
    let mut stays: Vec<i64> = app.sql(|conn| {
        room_nights::table
            .inner_join(rooms::table)
            .filter(rooms::number.eq(room))
            .select(room_nights::stay_id)
            .load(conn)
    });
    stays.dedup();
    stays
}

async fn of_many_check_ins_of_one_stay_exactly_one_wins(app: TestApp) {
    let stay = app.arriving("Kim");
    // Each clerk has another room in mind.
    let forms = (0..CLERKS).map(|index| {
        let room = format!("{:02}{:02}", 6 + index / 10, 1 + index % 10);
        (format!("/stays/{stay}/check-in"), vec![("room", room)])
    });
    let answers = at_once(app.sign_in("zhou").await, forms.collect()).await;
    assert_eq!(won(&answers), 1);
    assert_eq!(app.status_of(stay), Status::InHouse);
    let nights: i64 = app.sql(|conn| {
        room_nights::table
            .filter(room_nights::stay_id.eq(stay))
            .count()
            .get_result(conn)
    });
    assert_eq!(nights, 2, "only the winner's room is taken");
    let lines: i64 = app.sql(|conn| {
        audit_log::table
            .filter(
                audit_log::action
                    .eq("check_in")
                    .and(audit_log::stay_id.eq(stay)),
            )
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, 1);
}

async fn of_many_guests_for_one_room_exactly_one_gets_it(app: TestApp) {
    let booked = app.book(CLERKS);
    let forms = booked.iter().map(|stay| {
        (
            format!("/stays/{stay}/check-in"),
            vec![("room", "1204".to_owned())],
        )
    });
    let answers = at_once(app.sign_in("zhou").await, forms.collect()).await;
    assert_eq!(won(&answers), 1);
    let in_house: Vec<i64> = app.sql(|conn| {
        stays::table
            .filter(
                stays::id
                    .eq_any(&booked)
                    .and(stays::status.eq(Status::InHouse)),
            )
            .select(stays::id)
            .load(conn)
    });
    assert_eq!(let_to(&app, "1204"), in_house);
    // The others are told who has it.
    let refusals = answers
        .iter()
        .filter_map(Page::flash)
        .filter(|flash| !flash.ok);
    for refusal in refusals {
        assert!(
            refusal.text.starts_with("Room 1204 is let to Extra"),
            "{}",
            refusal.text
        );
    }
}

async fn of_many_check_outs_one_posts_the_points(app: TestApp) {
    let stay = app.stay_in("1207");
    let forms = (0..CLERKS).map(|_| {
        (
            format!("/stays/{stay}/check-out"),
            vec![("room", "500".to_owned())],
        )
    });
    let answers = at_once(app.sign_in("zhou").await, forms.collect()).await;
    let done = answers.iter().filter(|answer| answer.status == 303).count();
    let told = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((done, told), (1, CLERKS - 1));
    let points: Vec<i64> = app.sql(|conn| {
        loyalty_entries::table
            .filter(loyalty_entries::stay_id.eq(stay))
            .select(loyalty_entries::points)
            .load(conn)
    });
    assert_eq!(points, [500]);
}

async fn many_different_check_ins_all_happen(app: TestApp) {
    let booked = app.book(CLERKS);
    let free: Vec<String> = app.sql(|conn| {
        let taken = room_nights::table.select(room_nights::room_id);
        rooms::table
            .filter(rooms::property_id.eq(1).and(rooms::id.ne_all(taken)))
            .filter(rooms::housekeeping.eq("clean"))
            .order(rooms::id)
            .select(rooms::number)
            .load(conn)
    });
    let forms = booked
        .iter()
        .zip(free)
        .map(|(stay, room)| (format!("/stays/{stay}/check-in"), vec![("room", room)]));
    let answers = at_once(app.sign_in("zhou").await, forms.collect()).await;
    let refused: Vec<String> = answers
        .iter()
        .filter_map(Page::flash)
        .filter(|flash| !flash.ok)
        .map(|flash| flash.text)
        .collect();
    assert_eq!((won(&answers), refused), (CLERKS, Vec::new()));
}

async fn of_many_answers_to_one_review_exactly_one_stands(app: TestApp) {
    let stay = app.arriving("Zhang");
    let candidates: Vec<String> = app.sql(|conn| {
        stay_candidates::table
            .inner_join(guests::table)
            .filter(stay_candidates::stay_id.eq(stay))
            .select(guests::public_id)
            .load(conn)
    });
    // Some say it is one, some another, some none of them.
    let forms = (0..CLERKS).map(|index| {
        let fields = match candidates.get(index % 4) {
            Some(guest) => vec![("answer", "same".to_owned()), ("guest", guest.clone())],
            None => vec![("answer", "none".to_owned())],
        };
        (format!("/review/{stay}"), fields)
    });
    let answers = at_once(app.sign_in("zhou").await, forms.collect()).await;
    assert_eq!(won(&answers), 1);
    let refused = answers
        .iter()
        .filter_map(Page::flash)
        .filter(|flash| !flash.ok);
    for refusal in refused {
        assert!(refusal.text.contains("quicker"), "{}", refusal.text);
    }
    let (answered, merged, apart): (i64, i64, i64) = app.sql(|conn| {
        Ok((
            reviews::table.count().get_result(conn)?,
            merges::table.count().get_result(conn)?,
            not_same::table.count().get_result(conn)?,
        ))
    });
    let decision: Decision =
        app.sql(|conn| stays::table.find(stay).select(stays::decision).first(conn));
    match decision {
        Decision::Linked => assert_eq!((answered, merged, apart), (1, 1, 0)),
        Decision::New => assert_eq!((answered, merged, apart), (1, 0, 3)),
        Decision::Review => panic!("nobody decided"),
    }
}

/// The profiles that standing merges hold with a guest of the demo.
fn merges_made(app: &TestApp) -> Vec<(i64, bool)> {
    app.sql(|conn| {
        let made: Vec<(i64, Option<chrono::NaiveDateTime>)> = merges::table
            .order(merges::id)
            .select((merges::id, merges::undone_at))
            .load(conn)?;
        Ok(made
            .into_iter()
            .map(|(id, undone)| (id, undone.is_none()))
            .collect())
    })
}

/// Two strangers, and as many forms that join them; half of them the other way round.
fn joining(app: &TestApp) -> Vec<(String, Vec<(&'static str, String)>)> {
    let pair: Vec<String> = app.book(2).iter().map(|stay| app.guest_of(*stay)).collect();
    let forms = (0..CLERKS).map(|index| {
        let (one, other) = (&pair[index % 2], &pair[1 - index % 2]);
        (
            format!("/guests/{one}/merge"),
            vec![("other", other.clone())],
        )
    });
    forms.collect()
}

async fn of_many_merges_of_two_guests_exactly_one_is_made(app: TestApp) {
    let before = merges_made(&app).len();
    let forms = joining(&app);
    let answers = at_once(app.sign_in("zhou").await, forms).await;
    assert_eq!(won(&answers), 1);
    let made = merges_made(&app);
    assert_eq!(made.len(), before + 1);
    let lines: i64 = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("merge"))
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, 2, "one on each of the two");
}

async fn of_many_undoings_of_a_merge_exactly_one_counts(app: TestApp) {
    let (path, fields) = joining(&app).remove(0);
    let client = app.sign_in("zhou").await;
    client.post(&path, &[("other", &fields[0].1)]).await;
    let (merge, stands) = *merges_made(&app).last().unwrap();
    assert!(stands);
    let undo = path.replace("/merge", &format!("/merges/{merge}/undo"));
    let forms = (0..CLERKS).map(|_| (undo.clone(), Vec::new()));
    let answers = at_once(client, forms.collect()).await;
    assert_eq!(won(&answers), 1);
    assert_eq!(merges_made(&app).last(), Some(&(merge, false)));
}

/// The fields of the assignment's form, as the page shows them.
async fn assignment(client: &Client) -> Vec<(&'static str, String)> {
    let page = client.see("/rooms/assign").await;
    let moves = page.attrs("input[name=moves]", "value");
    assert!(moves.len() >= 8, "{moves:?}");
    moves.into_iter().map(|text| ("moves", text)).collect()
}

async fn of_many_clerks_who_assign_one_day_exactly_one_does(app: TestApp) {
    app.book(8);
    let client = app.sign_in("zhou").await;
    let fields = assignment(&client).await;
    let count = fields.len() as i64;
    let forms = (0..CLERKS).map(|_| ("/rooms/assign".to_owned(), fields.clone()));
    let answers = at_once(client, forms.collect()).await;
    let done = answers.iter().filter(|answer| answer.status == 303).count();
    let told = answers.iter().filter(|answer| answer.status == 422);
    assert_eq!((done, told.clone().count()), (1, CLERKS - 1));
    for answer in told {
        assert!(answer.body.contains("by a colleague"), "{}", answer.body);
    }
    let lines: i64 = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("assign_room"))
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, count);
}

async fn rooms_let_while_a_day_is_assigned_are_let_once(app: TestApp) {
    app.book(8);
    let walk_ins = app.sql(|conn| {
        // Guests of tomorrow, who are given the very rooms the assignment wants.
        let rows: Vec<i64> = stays::table
            .filter(stays::confirmation_number.like("TEST%"))
            .order(stays::id)
            .select(stays::id)
            .load(conn)?;
        let last = rows[4..].to_vec();
        diesel::update(stays::table.filter(stays::id.eq_any(&last)))
            .set((
                stays::arrival.eq(crate::support::world::today() + chrono::Days::new(1)),
                stays::departure.eq(crate::support::world::today() + chrono::Days::new(5)),
            ))
            .execute(conn)?;
        Ok(last)
    });
    let client = app.sign_in("zhou").await;
    let fields: Vec<_> = {
        let page = client.see("/rooms/assign").await;
        let moves = page.attrs("input[name=moves]", "value");
        moves.into_iter().map(|text| ("moves", text)).collect()
    };
    let wanted: Vec<String> = app.sql(|conn| {
        let ids: Vec<i64> = fields
            .iter()
            .map(|(_, text): &(_, String)| text.rsplit(':').next().unwrap().parse().unwrap())
            .collect();
        rooms::table
            .filter(rooms::id.eq_any(ids))
            .select(rooms::number)
            .load(conn)
    });
    let mut forms = vec![("/rooms/assign".to_owned(), fields.clone())];
    for (index, stay) in walk_ins.iter().cycle().take(CLERKS).enumerate() {
        let room = wanted[index % wanted.len()].clone();
        forms.push((format!("/stays/{stay}/room"), vec![("room", room)]));
    }
    forms.push(("/rooms/assign".to_owned(), fields));
    let answers = at_once(client, forms).await;
    for answer in &answers {
        assert!([303, 409, 422].contains(&answer.status), "{}", answer.body);
    }
    assert_eq!(app.broken(), []);
}
