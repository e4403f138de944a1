//! Guests told by programs: made, put right, their wishes, joined and parted.

use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, guests, preferences, search_changes};
use innkeeper::staff::Role;
use serde_json::{Value, json};

use super::{Answer, Program, with};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    a_guest_is_made_and_found_and_who_it_could_be_is_told,
    a_guest_that_can_not_be_right_is_refused_by_field,
    what_is_newly_known_is_added_and_what_is_wrong_taken_back,
    a_change_of_what_was_not_read_is_refused,
    a_wish_is_noted_once_and_retired,
    two_are_joined_and_parted_again,
    what_no_text_may_hold_is_refused_everywhere,
);

fn ingrid() -> Value {
    json!({
        "guest_id": "G-1", "given_name": "Ingrid", "family_name": "Solheim", "salutation": "Ms",
        "email": "ingrid.solheim@example.com", "phone": "+47 22 12 34 56", "birth_date": "1984-05-17",
        "country": "NOR", "language": "nb", "vip_level": 3, "note": "Writes about lighthouses.\nTwice a year.",
        "email_consent": true, "loyalty_number": "IK-77", "document_number": "P7654321",
    })
}

async fn a_guest_is_made_and_found_and_who_it_could_be_is_told(app: TestApp) {
    let pms = Program::pms(&app);
    let made = pms.post("/guests", &ingrid()).await.is(201);
    assert_eq!(
        (&made["country"], &made["loyalty"]["number"]),
        (&json!("NO"), &json!("IK-77"))
    );
    assert_eq!(made["candidates"], json!([]));
    assert!(
        !made.to_string().contains("P7654321"),
        "nobody reads the passport"
    );
    let found = pms.get("/lookup?q=solheim").await.is(200);
    assert_eq!(found["items"][0]["guest_id"], made["id"]);
    // The same person from another program: made all the same, and told who it could be.
    let mut again = ingrid();
    again["loyalty_number"] = Value::Null;
    let crm = Program::of(&app, "crm", Role::Admin, &[]);
    let second = crm.post("/guests", &again).await.is(201);
    assert_ne!(second["id"], made["id"]);
    assert_eq!(second["candidates"][0]["guest_id"], made["id"]);
    assert!(second["candidates"][0]["probability"].as_f64().unwrap() > 0.9);
    // The source's own key stands for one guest, who is named.
    let answer = pms.post("/guests", &again).await;
    let detail = answer.problem(409)["detail"].as_str().unwrap();
    assert!(detail.contains(made["id"].as_str().unwrap()), "{detail}");
    // The same call twice under one key makes one guest.
    let body = json!({"family_name": "Halloran"});
    let first = pms.send_once("post", "/guests", &body, "k").await.is(201);
    assert_eq!(
        pms.send_once("post", "/guests", &body, "k").await.is(201),
        first
    );
}

async fn a_guest_that_can_not_be_right_is_refused_by_field(app: TestApp) {
    let pms = Program::pms(&app);
    pms.post("/guests", &ingrid()).await.is(201);
    let cases = [
        ("family_name", json!({}), "needs a name"),
        (
            "family_name",
            json!({"family_name": "x".repeat(201)}),
            "at most 200",
        ),
        (
            "family_name",
            json!({"family_name": "a\u{0}b"}),
            "control character",
        ),
        ("family_name", json!({"family_name": 7}), "not a string"),
        (
            "famly_name",
            json!({"famly_name": "x"}),
            "did you mean 'family_name'",
        ),
        (
            "birth_date",
            json!({"family_name": "x", "birth_date": "1984-02-30"}),
            "YYYY-MM-DD",
        ),
        (
            "birth_date",
            json!({"family_name": "x", "birth_date": "2199-02-01"}),
            "living",
        ),
        (
            "email",
            json!({"family_name": "x", "email": "at example"}),
            "name@example.com",
        ),
        (
            "phone",
            json!({"family_name": "x", "phone": "12"}),
            "country code",
        ),
        (
            "country",
            json!({"family_name": "x", "country": "ZZ"}),
            "ISO 3166-1",
        ),
        (
            "language",
            json!({"family_name": "x", "language": "portuguese"}),
            "BCP 47",
        ),
        (
            "vip_level",
            json!({"family_name": "x", "vip_level": 10}),
            "from 1 to 9",
        ),
        (
            "vip_level",
            json!({"family_name": "x", "vip_level": u64::MAX}),
            "whole number",
        ),
        (
            "gender",
            json!({"family_name": "x", "gender": "femail"}),
            "female, male, other",
        ),
        (
            "email_consent",
            json!({"family_name": "x", "email_consent": "yes"}),
            "true or false",
        ),
        (
            "loyalty_number",
            json!({"family_name": "x", "loyalty_number": "IK-77"}),
            "is the number of",
        ),
    ];
    for (field, body, says) in cases {
        let answer = pms.post("/guests", &body).await;
        let errors = answer.problem(422)["errors"].clone();
        assert_eq!(errors[0]["field"], field, "{body}: {errors}");
        assert!(
            errors[0]["detail"].as_str().unwrap().contains(says),
            "{body}: {errors}"
        );
    }
    let made: i64 = app.sql(|conn| {
        guests::table
            .filter(guests::source.eq("pms"))
            .count()
            .get_result(conn)
    });
    assert_eq!(made, 1);
}

async fn what_is_newly_known_is_added_and_what_is_wrong_taken_back(app: TestApp) {
    let pms = Program::pms(&app);
    let made = pms.post("/guests", &ingrid()).await.is(201);
    let path = format!("/guests/{}", made["id"].as_str().unwrap());
    let noted =
        |app: &TestApp| -> i64 { app.sql(|conn| search_changes::table.count().get_result(conn)) };
    let before = noted(&app);
    let change = json!({
        "family_name": "Solheim-Berg", "vip_level": null, "salutation": null,
        "phone": "22 65 43 21", "remove_contacts": ["0047 22123456"],
    });
    let now = pms.send("patch", &path, &change).await.is(200);
    assert_eq!(
        (&now["outcome"], &now["family_name"]),
        (&json!("changed"), &json!("Solheim-Berg"))
    );
    assert_eq!(
        (&now["vip_level"], &now["salutation"]),
        (&Value::Null, &Value::Null)
    );
    let values: Vec<&str> = now["contacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["value"].as_str().unwrap())
        .collect();
    assert_eq!(values, ["ingrid.solheim@example.com", "22 65 43 21"]);
    assert!(noted(&app) > before, "the search index is told");
    // Found by the new name and the new number in the country's own way, no longer by the old number.
    for (q, is_found) in [
        ("solheim-berg", true),
        ("+4722654321", true),
        ("+4722123456", false),
    ] {
        let found = pms
            .get(&format!("/lookup?q={}", q.replace('+', "%2B")))
            .await
            .is(200);
        let is_there = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|item| item["guest_id"] == made["id"]);
        assert_eq!(is_there, is_found, "{q}: {found}");
    }
    // The same again says nothing new, and leaves no line on the record.
    let lines = |app: &TestApp| -> i64 {
        app.sql(|conn| {
            audit_log::table
                .filter(audit_log::action.eq("change_guest"))
                .count()
                .get_result(conn)
        })
    };
    let same =
        json!({"family_name": "Solheim-Berg", "vip_level": null, "phone": "+47 22 65 43 21"});
    assert_eq!(
        pms.send("patch", &path, &same).await.is(200)["outcome"],
        "unchanged"
    );
    assert_eq!(lines(&app), 1);
    for (field, body) in [
        (
            "remove_contacts",
            json!({"remove_contacts": ["+47 22 12 34 56"]}),
        ),
        (
            "remove_contacts",
            json!({"remove_contacts": "ingrid.solheim@example.com"}),
        ),
        ("email", json!({"email": null})),
        ("loyalty_number", json!({"loyalty_number": "IK-78"})),
        (
            "family_name",
            json!({"family_name": null, "given_name": null}),
        ),
        ("guest_id", json!({"guest_id": "G-2"})),
    ] {
        let answer = pms.send("patch", &path, &body).await;
        assert_eq!(answer.problem(422)["errors"][0]["field"], field, "{body}");
    }
    // A refused change did nothing.
    assert_eq!(pms.get(&path).await.is(200)["given_name"], "Ingrid");
}

async fn a_change_of_what_was_not_read_is_refused(app: TestApp) {
    let pms = Program::pms(&app);
    let path = format!("/guests/{}", app.guest_of(app.stay_in(REGULAR)));
    let read = pms.get(&path).await;
    let tag = read.page.header("etag").to_owned();
    let change = |city: &str| {
        let request = pms.request("patch", &path).header("if-match", &tag);
        Answer::to(with(request, &json!({"vip_level": 2, "city": city})))
    };
    change("Lisbon").await.is(200);
    change("Porto").await.problem(412);
}

async fn a_wish_is_noted_once_and_retired(app: TestApp) {
    let pms = Program::pms(&app);
    let made = pms.post("/guests", &ingrid()).await.is(201);
    let path = format!("/guests/{}/preferences", made["id"].as_str().unwrap());
    let wish = json!({"preference": "peanut_allergy", "source": "stated", "property": "RIV"});
    let noted = pms.post(&path, &wish).await.is(201);
    assert_eq!(
        (&noted["strength"], &noted["property"]),
        (&json!("must"), &json!("RIV"))
    );
    assert_eq!(pms.post(&path, &wish).await.is(201)["id"], noted["id"]);
    for (field, body) in [
        ("preference", json!({})),
        ("preference", json!({"preference": "quite_room"})),
        (
            "strength",
            json!({"preference": "bathtub", "strength": "very"}),
        ),
        (
            "noted_on",
            json!({"preference": "bathtub", "noted_on": "2199-01-01"}),
        ),
    ] {
        assert_eq!(
            pms.post(&path, &body).await.problem(422)["errors"][0]["field"],
            field
        );
    }
    pms.post(&path, &json!({"preference": "bathtub", "property": "NONE"}))
        .await
        .problem(404);
    let lakeside = Program::of(&app, "lakeside", Role::Pms, &["LAK"]);
    lakeside.post(&path, &wish).await.problem(403);
    let one = format!("{path}/{}", noted["id"].as_str().unwrap());
    // Nobody else's wish, and none twice.
    let other = app.guest_of(app.stay_in(REGULAR));
    let elsewhere = format!(
        "/guests/{other}/preferences/{}",
        noted["id"].as_str().unwrap()
    );
    Answer::to(pms.request("delete", &elsewhere))
        .await
        .problem(404);
    Answer::to(pms.request("delete", &one)).await.is(204);
    Answer::to(pms.request("delete", &one)).await.problem(404);
    let kept: i64 = app.sql(|conn| {
        preferences::table
            .filter(
                preferences::code
                    .eq("peanut_allergy")
                    .and(preferences::retired_at.is_not_null()),
            )
            .filter(preferences::id.eq(noted["id"].as_str().unwrap().parse::<i64>().unwrap()))
            .count()
            .get_result(conn)
    });
    assert_eq!(kept, 1, "that it was known stays on record");
}

async fn two_are_joined_and_parted_again(app: TestApp) {
    let pms = Program::pms(&app);
    let one = pms.post("/guests", &ingrid()).await.is(201);
    let other = pms
        .post("/guests", &json!({"family_name": "Solheim"}))
        .await
        .is(201);
    let path = format!("/guests/{}/merge", one["id"].as_str().unwrap());
    let merge = json!({"other_id": other["id"]});
    let merged = pms.post(&path, &merge).await.is(200);
    assert_eq!(merged["guest"]["profiles"], json!([one["id"], other["id"]]));
    pms.post(&path, &merge).await.problem(409);
    pms.post(&path, &json!({"other_id": one["id"]}))
        .await
        .problem(409);
    for wrong in [
        json!({}),
        json!({"other_id": "nobody"}),
        json!({"other_id": 7}),
    ] {
        assert_eq!(
            pms.post(&path, &wrong).await.problem(422)["errors"][0]["field"],
            "other_id"
        );
    }
    let undo = format!("/merges/{}/undo", merged["id"].as_str().unwrap());
    let parted = pms.post(&undo, &json!({})).await.is(200);
    assert_eq!(parted["guests"], json!([one["id"], other["id"]]));
    pms.post(&undo, &json!({})).await.problem(409);
    pms.post("/merges/none/undo", &json!({})).await.problem(404);
    let path = format!("/guests/{}", other["id"].as_str().unwrap());
    assert_eq!(
        pms.get(&path).await.is(200)["profiles"],
        json!([other["id"]])
    );
}

async fn what_no_text_may_hold_is_refused_everywhere(app: TestApp) {
    let pms = Program::pms(&app);
    for path in [
        "/lookup?q=a%00b",
        "/guests/a%00b",
        "/reservations/RIV/a%00b",
        "/reservations/%00/1",
        "/reservations?property=R%00",
    ] {
        let answer = pms.get(path).await;
        assert!(
            answer.problem(400)["detail"]
                .as_str()
                .unwrap()
                .contains("NUL"),
            "{path}"
        );
    }
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    for body in [
        r#"{"family_name": "\ud800"}"#.to_owned(),
        r#"{"vip_level": 1e400}"#.to_owned(),
        format!(r#"{{"family_name": {deep}}}"#),
        "[]".to_owned(),
        "{".to_owned(),
    ] {
        let request = pms
            .request("post", "/guests")
            .header("content-type", "application/json");
        Answer::to(request.body(body)).await.problem(400);
    }
    // What is wrong behind the question mark is named too.
    for (path, field) in [
        ("/reservations", "property"),
        ("/reservations?property=RIV&limit=x", "limit"),
        (
            "/reservations?property=RIV&limit=99999999999999999999",
            "limit",
        ),
        (
            "/reservations?property=RIV&arrival_from=%2B99999-01-01",
            "arrival_from",
        ),
        ("/reservations?property=RIV&status=gone", "status"),
        ("/reservations?property=RIV&proprety=x", "proprety"),
        ("/arrivals?property=RIV&date=today", "date"),
    ] {
        let answer = pms.get(path).await;
        assert_eq!(answer.problem(422)["errors"][0]["field"], field, "{path}");
    }
}
