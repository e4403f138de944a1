//! What others are told of what happens: the outbox and the feed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use innkeeper::cases::handle::{self, Closing};
use innkeeper::cases::open::NewCase;
use innkeeper::cases::{Outcome, Severity};
use innkeeper::clock;
use innkeeper::db::Conn;
use innkeeper::db::schema::{events, guests, room_nights};
use innkeeper::error::Fault;
use innkeeper::guests::notes::Team;
use innkeeper::outbox::feed;
use innkeeper::outbox::{self, Event, Kind, vip};
use innkeeper::properties::Property;
use innkeeper::recognition::merging::{self, Pair, Source};
use innkeeper::staff::Role;
use innkeeper::stays::Stay;
use innkeeper::webhooks::deliver::WAITS;
use serde_json::{Value, json};

use crate::api::{Program, booking, day};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::world::{On, today};

on_both!(
    what_happens_to_a_booking_is_told_in_its_order,
    each_kind_is_told_as_the_documents_show_it,
    a_late_commit_is_not_skipped,
    a_token_hears_of_its_own_houses,
    what_is_refused_or_history_is_not_told,
    health_is_not_told,
    a_reader_who_slept_too_long_is_told,
    the_file_of_past_years_makes_no_flood,
);

/// Reads the feed from a cursor on to its end.
pub async fn read(program: &Program, after: &str, query: &str) -> (Vec<Value>, String) {
    let (mut found, mut after) = (Vec::new(), after.to_owned());
    loop {
        let path = format!("/events?after={after}&limit=200{query}");
        let page = program.get(&path).await.is(200);
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        after = page["next"].as_str().unwrap().to_owned();
        if page["more"] == false {
            return (found, after);
        }
    }
}

fn kinds(found: &[Value]) -> Vec<&str> {
    found
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect()
}

/// A booking for today, in a house where every room is free.
async fn book_today(app: &TestApp, pms: &Program, number: &str) {
    app.sql(|conn| diesel::delete(room_nights::table).execute(conn));
    let mut today = booking("Solheim");
    (today["arrival"], today["departure"]) = (day(0).into(), day(2).into());
    pms.put(&format!("/reservations/RIV/{number}"), &today)
        .await
        .is(201);
}

async fn what_happens_to_a_booking_is_told_in_its_order(app: TestApp) {
    let pms = Program::pms(&app);
    let (_, start) = read(&pms, "0", "").await;
    book_today(&app, &pms, "OUT-1").await;
    let put = pms.get("/reservations/RIV/OUT-1").await.is(200);
    let room = json!({"room": "1205"});
    pms.post("/reservations/RIV/OUT-1/check-in", &room)
        .await
        .is(200);
    // Told twice, done once.
    pms.post("/reservations/RIV/OUT-1/check-in", &room)
        .await
        .is(200);
    pms.post("/reservations/RIV/OUT-1/check-out", &json!({}))
        .await
        .is(200);
    let of_stays = "&kind=reservation.created,stay.checked_in,stay.checked_out&property=RIV";
    let (found, next) = read(&pms, &start, of_stays).await;
    let wanted = ["reservation.created", "stay.checked_in", "stay.checked_out"];
    assert_eq!(kinds(&found), wanted);
    for event in &found {
        assert_eq!(event["confirmation_number"], "OUT-1");
        assert_eq!(event["property"], "RIV");
        assert_eq!(event["guest_id"], put["guest_id"]);
    }
    assert_eq!(found[1]["data"]["room"], "1205");
    let (all, _) = read(&pms, &start, "").await;
    let text = json!(all).to_string();
    for personal in ["Solheim", "Ingrid", "example.com", "1984", "harbour"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
    let places: Vec<i64> = all
        .iter()
        .map(|e| e["position"].as_i64().unwrap())
        .collect();
    assert!(places.windows(2).all(|two| two[0] + 1 == two[1]));
    assert_eq!(read(&pms, &next, "").await.0, Vec::<Value>::new());
    // The same told again is nothing new.
    let (again, _) = read(&pms, &start, of_stays).await;
    assert_eq!(again, found);
}

/// Makes one of each kind happen, after what happened before.
async fn one_of_each(app: &TestApp, pms: &Program) {
    let regular: (String, i64) = app.sql(|conn| {
        guests::table
            .filter(guests::vip_level.is_not_null())
            .select((guests::public_id, guests::id))
            .first(conn)
    });
    book_today(app, pms, "EACH-1").await;
    let mut known = booking("Solheim");
    known["guest_id"] = regular.0.clone().into();
    (known["arrival"], known["departure"]) = (day(0).into(), day(2).into());
    pms.put("/reservations/RIV/EACH-2", &known).await.is(201);
    app.sql(|conn| {
        let house = Property::all(conn)?.remove(0);
        assert!(vip::arriving(conn, &house)? > 0);
        assert_eq!(vip::arriving(conn, &house)?, 0, "each once a day");
        Ok(())
    });
    known["departure"] = day(3).into();
    pms.put("/reservations/RIV/EACH-2", &known).await.is(200);
    pms.post("/reservations/RIV/EACH-2/cancel", &json!({}))
        .await
        .is(200);
    pms.post(
        "/reservations/RIV/EACH-1/check-in",
        &json!({"room": "1205"}),
    )
    .await
    .is(200);
    pms.post("/reservations/RIV/EACH-1/check-out", &json!({}))
        .await
        .is(200);
    book_today(app, pms, "EACH-3").await;
    pms.post("/reservations/RIV/EACH-3/no-show", &json!({}))
        .await
        .is(200);
    let other_id: i64 = app
        .sql(|conn| {
            let loner = "SELECT max(id) AS id FROM guests WHERE person_id = id AND id NOT IN \
                     (SELECT guest_id FROM not_same UNION SELECT other_id FROM not_same)";
            diesel::sql_query(loner).get_result::<Id>(conn)
        })
        .id;
    let pair = Pair {
        guest_id: regular.1,
        other_id,
    };
    let (stay_id, user_id) = (app.stay_in("1207"), app.user_id("lin"));
    let done: Result<(), Fault> = app.app.db.write(|conn| {
        let stay = Stay::by_id(conn, stay_id)?.ok_or(Fault::NotFound)?;
        let new = NewCase {
            guest_id: stay.guest_id,
            stay_id: Some(stay_id),
            property_id: stay.property_id,
            room_id: None,
            team: Team::Housekeeping,
            severity: Severity::Minor,
            feature: None,
            summary: "No towels",
            once: "each",
        };
        let case = new.open(conn, user_id)?;
        let closing = Closing {
            resolution: "Brought",
            outcome: Outcome::Satisfied,
            guest_words: None,
        };
        handle::close(conn, case.id, closing, today(), user_id)?;
        let merge = merging::merge(conn, pair, Source::Desk, None, None)?;
        merging::undo(conn, merge, None).map(drop)
    });
    done.unwrap();
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
}

fn names(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// `docs/webhooks.md`
pub fn documents() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/webhooks.md")).unwrap()
}

async fn each_kind_is_told_as_the_documents_show_it(app: TestApp) {
    let pms = Program::pms(&app);
    let (_, start) = read(&pms, "0", "").await;
    one_of_each(&app, &pms).await;
    let (found, _) = read(&pms, &start, "").await;
    let documents = documents();
    let examples: BTreeMap<String, Value> = documents
        .lines()
        .filter(|line| line.starts_with("{\"kind\""))
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|example| (example["kind"].as_str().unwrap().to_owned(), example))
        .collect();
    for kind in Kind::told() {
        assert!(documents.contains(&format!("| `{kind}` |")), "{kind}");
        let example = &examples[kind.as_str()];
        let told = found.iter().find(|event| event["kind"] == kind.as_str());
        let told = told.unwrap_or_else(|| panic!("{kind} was not told: {:?}", kinds(&found)));
        assert_eq!(names(told), names(example), "{told}");
        assert_eq!(names(&told["data"]), names(&example["data"]), "{told}");
    }
    assert_eq!(examples.len(), Kind::told().count());
    let days = format!("kept for {} days", feed::KEPT.num_days());
    assert!(documents.contains(&days));
    for (index, seconds) in WAITS.iter().enumerate() {
        let wait = match seconds {
            ..60 => format!("{seconds} s"),
            60..3_600 => format!("{} min", seconds / 60),
            _ => format!("{} h", seconds / 3_600),
        };
        assert!(documents.contains(&format!("| {} | {wait} |", index + 2)));
    }
}

async fn a_late_commit_is_not_skipped(app: TestApp) {
    if app.on == On::Sqlite {
        // Writers follow one another: nothing is committed late.
        return;
    }
    let pms = Program::pms(&app);
    let (_, start) = read(&pms, "0", "").await;
    let connect = || {
        let mut conn = app.world.url.connect().unwrap();
        conn.batch_execute("BEGIN").unwrap();
        conn
    };
    let tell = |conn: &mut Conn, name: &str| {
        let event = Event::new(Kind::PreferenceChanged).with("change", name);
        outbox::tell(conn, [event]).unwrap();
    };
    let (mut early, mut late) = (connect(), connect());
    // The lower id, and the older transaction, is committed last.
    tell(&mut late, "late");
    tell(&mut early, "early");
    early.batch_execute("COMMIT").unwrap();
    let change = |found: &[Value]| -> Vec<String> {
        found
            .iter()
            .map(|event| event["data"]["change"].as_str().unwrap().to_owned())
            .collect()
    };
    let (found, next) = read(&pms, &start, "").await;
    assert_eq!(change(&found), ["early"]);
    late.batch_execute("COMMIT").unwrap();
    let (found, _) = read(&pms, &next, "").await;
    assert_eq!(change(&found), ["late"]);
}

async fn a_token_hears_of_its_own_houses(app: TestApp) {
    let (pms, lakeside) = (
        Program::pms(&app),
        Program::of(&app, "lakeside", Role::Pms, &["LAK"]),
    );
    let (_, start) = read(&pms, "0", "").await;
    for house in ["RIV", "LAK"] {
        pms.put(
            &format!("/reservations/{house}/HEAR-1"),
            &booking("Solheim"),
        )
        .await
        .is(201);
    }
    let created = "&kind=reservation.created";
    assert_eq!(read(&pms, &start, created).await.0.len(), 2);
    let (heard, _) = read(&lakeside, &start, created).await;
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0]["property"], "LAK");
    lakeside.get("/events?property=RIV").await.problem(403);
    let unknown = pms.get("/events?kind=guest.sneezed").await;
    let detail = unknown.problem(422)["detail"].to_string();
    assert!(detail.contains("guest.sneezed") && detail.contains("vip.arriving"));
    assert!(!detail.contains("webhook.test"));
    // What concerns the group is heard by all.
    app.sql(|conn| outbox::tell(conn, [Event::new(Kind::GuestsMerged)]));
    let merged = "&kind=guest.merged";
    assert_eq!(read(&lakeside, &start, merged).await.0.len(), 1);
}

async fn what_is_refused_or_history_is_not_told(app: TestApp) {
    let pms = Program::pms(&app);
    book_today(&app, &pms, "NOT-1").await;
    let (_, start) = read(&pms, "0", "").await;
    pms.post("/reservations/RIV/NOT-1/check-in", &json!({"room": "none"}))
        .await
        .problem(409);
    let mut past = booking("Solheim");
    (past["arrival"], past["departure"]) = (day(-9).into(), day(-7).into());
    for (number, status) in [("NOT-2", "departed"), ("NOT-3", "reserved")] {
        past["status"] = status.into();
        let path = format!("/reservations/RIV/{number}");
        pms.put(&path, &past).await.is(201);
        past["adults"] = 1.into();
        pms.put(&path, &past).await.is(200);
        past["adults"] = 2.into();
    }
    let (found, _) = read(&pms, &start, "").await;
    assert_eq!(found, Vec::<Value>::new());
}

async fn health_is_not_told(app: TestApp) {
    let pms = Program::pms(&app);
    let (_, start) = read(&pms, "0", "").await;
    let mut ill = booking("Solheim");
    let allergy = innkeeper::vocabulary::all()
        .iter()
        .find(|feature| feature.kind == innkeeper::vocabulary::Kind::Allergy)
        .unwrap();
    ill["requests"] = json!([allergy.code, "high_floor"]);
    pms.put("/reservations/RIV/ILL-1", &ill).await.is(201);
    let (found, _) = read(&pms, &start, "&kind=guest.preference_changed").await;
    let wishes: Vec<&Value> = found
        .iter()
        .map(|event| &event["data"]["preference"])
        .collect();
    assert_eq!(wishes.len(), 2);
    assert!(wishes.contains(&&Value::Null) && wishes.contains(&&json!("high_floor")));
}

async fn a_reader_who_slept_too_long_is_told(app: TestApp) {
    let pms = Program::pms(&app);
    let tell = |count: usize| {
        app.sql(|conn| outbox::tell(conn, vec![Event::new(Kind::GuestsMerged); count]));
    };
    tell(1);
    let (_, start) = read(&pms, "0", "").await;
    tell(3);
    read(&pms, &start, "").await;
    app.sql(|conn| {
        diesel::update(events::table)
            .set(events::at.eq(clock::now() - feed::KEPT - TimeDelta::minutes(1)))
            .execute(conn)
    });
    assert!(app.sql(feed::prune) >= 3);
    let slept = pms.get(&format!("/events?after={start}")).await;
    assert!(slept.problem(422)["detail"].to_string().contains("30 days"));
    // The newest stays: places go on behind it.
    let (kept, _) = read(&pms, "0", "").await;
    assert_eq!(kept.len(), 1);
    tell(1);
    let (found, _) = read(&pms, "0", "").await;
    let place = |event: &Value| event["position"].as_i64().unwrap();
    assert_eq!(place(&found[1]), place(&found[0]) + 1);
    let ahead = pms.get("/events?after=zzzzz").await;
    assert!(
        ahead.problem(422)["detail"]
            .to_string()
            .contains("older copy")
    );
    pms.get("/events?after=-1").await.problem(422);
}

async fn the_file_of_past_years_makes_no_flood(app: TestApp) {
    let told = |app: &TestApp| -> i64 {
        app.sql(|conn| {
            events::table
                .filter(events::kind.ne(Kind::Test))
                .count()
                .get_result(conn)
        })
    };
    let before = told(&app);
    let mut past = booking("Solheim");
    (past["arrival"], past["departure"]) = ("2016-03-01".into(), "2016-03-03".into());
    past["property"] = "RIV".into();
    let items: Vec<Value> = (0..200)
        .map(|index| {
            let mut item = past.clone();
            item["confirmation_number"] = format!("OLD-{index}").into();
            item
        })
        .collect();
    let pms = Program::pms(&app);
    let taken = pms
        .post("/reservations:batch", &json!({"items": items}))
        .await
        .is(200);
    assert_eq!(taken["items"].as_array().unwrap().len(), 200);
    assert_eq!(told(&app), before);
}
