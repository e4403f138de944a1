//! A case is opened from the card and the profile, and is seen at the next arrival anywhere.

use diesel::prelude::*;
use innkeeper::cases::{Severity, avoided_rooms, history};
use innkeeper::db::schema::{audit_log, events, stays};
use innkeeper::guests::notes::Team;
use innkeeper::stays::Status;
use innkeeper::welcome::memory;

use super::{count, newest};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    a_case_is_opened_from_the_card_and_seen_there_at_once,
    the_same_form_sent_again_opens_nothing,
    what_can_not_be_is_said_beside_its_field_and_kept,
    the_next_arrival_at_another_house_begins_with_the_apology,
    a_case_opened_by_mistake_is_taken_back,
);

async fn a_case_is_opened_from_the_card_and_seen_there_at_once(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.stay_in("1207");
    let card = lin.see(&format!("/stays/{stay}")).await;
    let form = "form[action$='/cases']";
    // The room is there already; the clerk says what happened, and presses Enter.
    assert_eq!(
        card.attr(&format!("{form} [name=case_room]"), "value"),
        "1207"
    );
    let (path, once) = (
        card.attr(form, "action"),
        card.attr(&format!("{form} [name=once]"), "value"),
    );
    let fields = [
        ("summary", "  The shower   drips all night "),
        ("case_room", "1207"),
        ("case_team", "housekeeping"),
        ("severity", "severe"),
        ("case_word", "Quiet room"),
        ("stay", &stay.to_string()),
        ("once", &once),
    ];
    let page = lin.submit(&path, &fields).await;
    assert_eq!(page.text("h1"), card.text("h1"), "back at the card");
    let case = newest(&app);
    assert!(
        page.all(".band")
            .iter()
            .any(|band| band.contains("The shower drips all night, room 1207")),
        "{:?}",
        page.all(".band")
    );
    let clocks = page.all(".recovery");
    assert!(
        clocks
            .iter()
            .any(|one| one.contains("The shower drips all night") && one.contains("due in 60 min")),
        "{clocks:?}"
    );
    assert!(page.has(&format!("a[href='/cases/{}']", case.id)));
    assert_eq!(
        (
            case.team,
            case.severity,
            case.feature.as_deref(),
            case.room.as_deref(),
            case.stay_id
        ),
        (
            Team::Housekeeping,
            Severity::Severe,
            Some("quiet_room"),
            Some("1207"),
            Some(stay)
        )
    );
    assert_eq!(
        case.due_at.unwrap() - case.opened_at,
        chrono::TimeDelta::hours(1)
    );
    let lines = app.sql(|conn| history::of_case(conn, case.id));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].kind, history::Kind::Opened);
    assert_eq!(lines[0].who.as_deref(), Some("Lin Yue"));
    let (told, recorded): (i64, i64) = app.sql(|conn| {
        Ok((
            events::table
                .filter(events::kind.eq("case.opened"))
                .count()
                .get_result(conn)?,
            audit_log::table
                .filter(audit_log::action.eq("open_case"))
                .count()
                .get_result(conn)?,
        ))
    });
    assert_eq!((told, recorded), (1, 1));
    let board = lin.see("/in-house").await;
    let row = board
        .all("tbody tr")
        .into_iter()
        .find(|row| row.contains("Lefèvre"))
        .unwrap();
    assert!(row.contains("The shower drips all night"), "{row}");
}

async fn the_same_form_sent_again_opens_nothing(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let guest = app.guest_of(app.stay_in("1207"));
    let profile = format!("/guests/{guest}");
    let once = lin
        .see(&profile)
        .await
        .attr("form[action$='/cases'] [name=once]", "value");
    let before = count(&app);
    for _ in 0..2 {
        let fields = [
            ("summary", "Cold soup"),
            ("case_team", "restaurant"),
            ("once", &once),
        ];
        lin.submit(&format!("{profile}/cases"), &fields).await;
    }
    assert_eq!(count(&app), before + 1);
    // Another page carries another value: what happens twice is two cases.
    let again = lin
        .see(&profile)
        .await
        .attr("form[action$='/cases'] [name=once]", "value");
    assert_ne!(again, once);
    let fields = [("summary", "Cold soup"), ("once", &again)];
    lin.submit(&format!("{profile}/cases"), &fields).await;
    assert_eq!(count(&app), before + 2);
    let told: i64 = app.sql(|conn| {
        let opened = audit_log::table.filter(audit_log::action.eq("open_case"));
        opened.count().get_result(conn)
    });
    assert_eq!(told, 2);
}

async fn what_can_not_be_is_said_beside_its_field_and_kept(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.stay_in("1207");
    let path = format!("/guests/{}/cases", app.guest_of(stay));
    let before = count(&app);
    let stay = stay.to_string();
    let long = "x".repeat(501);
    for (fields, field, said) in [
        (
            vec![("summary", " ")],
            "summary",
            "Say in a sentence what happened.",
        ),
        (
            vec![("summary", long.as_str())],
            "summary",
            "The text has 501 characters; at most 500 are kept.",
        ),
        (
            vec![("summary", "Noise"), ("case_room", "9999")],
            "case_room",
            "There is no room 9999 at Riverside Hotel. Write its number as it is on the door, or leave it empty.",
        ),
        // A room of the other house is none of this one.
        (
            vec![("summary", "Noise"), ("case_room", "L11")],
            "case_room",
            "There is no room L11 at Riverside Hotel. Write its number as it is on the door, or leave it empty.",
        ),
        (
            vec![("summary", "Noise"), ("case_word", "xyzzy")],
            "case_word",
            "No word of the house is 'xyzzy'. Choose one from the list, or leave it empty.",
        ),
    ] {
        let mut fields = fields;
        fields.extend([
            ("stay", stay.as_str()),
            ("once", "kept"),
            ("severity", "minor"),
        ]);
        let page = lin.post(&path, &fields).await;
        assert_eq!(page.status, 422);
        assert_eq!(page.text(&format!("#{field}-d")), said);
        assert!(page.has(&format!("[data-errors] a[href='#{field}']")));
        let form = "form[action$='/cases']";
        for (name, value) in [("once", "kept"), ("stay", stay.as_str())] {
            assert_eq!(page.attr(&format!("{form} [name={name}]"), "value"), value);
        }
        assert!(page.has(&format!("{form} [value=minor][checked]")));
    }
    assert_eq!(count(&app), before);
    // A stay of another guest is none of theirs.
    let other = app.stay_in("1208").to_string();
    let fields = [("summary", "Noise"), ("stay", other.as_str())];
    assert_eq!(lin.post(&path, &fields).await.status, 404);
}

async fn the_next_arrival_at_another_house_begins_with_the_apology(app: TestApp) {
    // The regular's stay tonight is at the other house instead.
    let (stay, lakeside) = (app.stay_in("1208"), app.property_id("LAK"));
    let id = app.case_of("1208");
    app.try_sql(&format!("DELETE FROM room_nights WHERE stay_id = {stay}"))
        .unwrap();
    app.sql(|conn| {
        diesel::update(stays::table.find(stay))
            .set((
                stays::property_id.eq(lakeside),
                stays::room_id.eq(None::<i64>),
                stays::room_type_id.eq(None::<i64>),
            ))
            .execute(conn)
    });
    let sun = app.sign_in("sun").await;
    let card = sun.see(&format!("/stays/{stay}")).await;
    let bands = card.all(".band");
    // Allergy first, and then at once what went wrong elsewhere.
    assert!(bands[0].contains("ALLERGY"), "{bands:?}");
    assert!(bands[1].contains("lift noise at night"), "{bands:?}");
    assert!(bands[1].contains("apologise first"), "{bands:?}");
    assert!(card.text(".recovery").contains("Riverside Hotel"));
    assert!(!card.has(".recovery a"), "its page is the other house's");
    assert_eq!(sun.get(&format!("/cases/{id}")).await.status, 403);
    assert_eq!(app.status_of(stay), Status::Reserved);
    // Its room is one to avoid.
    let cases = app.sql(|conn| {
        let person = innkeeper::db::schema::guests::table
            .filter(innkeeper::db::schema::guests::family_name.eq("Ouyang"))
            .select(innkeeper::db::schema::guests::person_id)
            .first(conn)?;
        memory::of_person(conn, person)
    });
    let avoided = avoided_rooms(&cases.cases);
    assert_eq!(avoided.len(), 1);
    assert!(avoided[0].is_open);
}

async fn a_case_opened_by_mistake_is_taken_back(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.stay_in("1207");
    let path = format!("/guests/{}/cases", app.guest_of(stay));
    let fields = [("summary", "Wrong guest"), ("stay", &stay.to_string())];
    let page = lin.submit(&path, &fields).await;
    let undo = page.attr(".flash form", "action");
    lin.submit(&undo, &[]).await;
    let card = lin.see(&format!("/stays/{stay}")).await;
    assert!(!card.body.contains("Wrong guest"));
    // It stays on record as what it was.
    let case = newest(&app);
    assert!(!case.is_open() && !case.happened());
    assert_eq!(
        lin.see(&format!("/cases/{}", case.id))
            .await
            .text(".greet .facts"),
        "Opened by mistake"
    );
}
