//! Guests, their welcome, and looking them up.

use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, guests, stays};
use innkeeper::staff::Role;
use serde_json::json;

use super::{Answer, Program, booking};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    a_guest_is_read_with_what_the_role_may_see,
    the_welcome_says_what_the_card_says,
    whoever_is_looked_up_is_found_and_on_record,
    a_booking_is_recognised_and_nothing_stored,
    the_arrivals_are_those_of_the_board,
);

async fn a_guest_is_read_with_what_the_role_may_see(app: TestApp) {
    let path = format!("/guests/{}", app.guest_of(app.stay_in(REGULAR)));
    let pms = Program::pms(&app);
    let guest = pms.get(&path).await.is(200);
    assert_eq!(guest["family_name"], "Ouyang");
    assert!(guest["counts"]["stays"].as_i64().unwrap() > 3, "{guest}");
    assert!(
        guest["contacts"]
            .to_string()
            .contains("nana.ouyang@example.com")
    );
    assert!(
        guest["preferences"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["source"] == "stated")
    );
    assert!(
        !guest.to_string().contains("E48817218"),
        "nobody reads the passport"
    );
    // Each of the person's profiles leads to the person.
    for id in guest["profiles"].as_array().unwrap() {
        let same = pms
            .get(&format!("/guests/{}", id.as_str().unwrap()))
            .await
            .is(200);
        assert_eq!(same["profiles"], guest["profiles"]);
    }
    let host = Program::of(&app, "host", Role::Host, &[]);
    host.get(&path).await.problem(403);
    pms.get("/guests/nobody").await.problem(404);
    let looks: i64 = app.sql(|conn| {
        audit_log::table
            .filter(
                audit_log::token_id
                    .is_not_null()
                    .and(audit_log::action.eq("view_guest")),
            )
            .count()
            .get_result(conn)
    });
    assert_eq!(
        looks,
        1 + guest["profiles"].as_array().unwrap().len() as i64
    );
    // And the record names the program.
    let page = app.sign_in("zhou").await.see(&path).await;
    assert!(
        page.text("#looks").contains("pms"),
        "{}",
        page.text("#looks")
    );
}

async fn the_welcome_says_what_the_card_says(app: TestApp) {
    let stay = app.stay_in(REGULAR);
    let path = format!("/guests/{}/welcome?property=RIV", app.guest_of(stay));
    let pms = Program::pms(&app);
    let welcome = pms.get(&path).await.is(200);
    assert_eq!(welcome["room"], REGULAR);
    let page = app
        .sign_in("lin")
        .await
        .see(&format!("/stays/{stay}"))
        .await;
    let card = page.text("article.card");
    for list in ["say", "do", "avoid"] {
        for sentence in welcome[list].as_array().unwrap() {
            assert!(
                card.contains(sentence.as_str().unwrap()),
                "{sentence} in {card}"
            );
        }
    }
    assert!(!welcome["say"].as_array().unwrap().is_empty());
    assert!(!welcome["wishes"].as_array().unwrap().is_empty());
    let number = welcome["confirmation_number"].as_str().unwrap();
    let named = pms
        .get(&format!("{path}&confirmation={number}"))
        .await
        .is(200);
    assert_eq!(named, welcome);
    let other = app.stay_in("1207");
    let other: String = app.sql(|conn| {
        stays::table
            .find(other)
            .select(stays::confirmation_number)
            .first(conn)
    });
    pms.get(&format!("{path}&confirmation={other}"))
        .await
        .problem(404);
    pms.get(&format!("{path}&confirmation=none"))
        .await
        .problem(404);
    let chinese = pms.request("get", &path).header("accept-language", "zh-CN");
    let chinese = Answer::to(chinese).await.is(200);
    assert_ne!(chinese["say"], welcome["say"]);
    assert_eq!(
        chinese["confirmation_number"],
        welcome["confirmation_number"]
    );
}

async fn whoever_is_looked_up_is_found_and_on_record(app: TestApp) {
    let pms = Program::pms(&app);
    for q in [REGULAR, "ouyang", "nana.ouyang@example.com"] {
        let found = pms
            .get(&format!("/lookup?q={q}&property=RIV"))
            .await
            .is(200);
        let items = found["items"].as_array().unwrap();
        let her = items.iter().find(|item| item["name"] == "欧阳娜娜");
        let her = her.unwrap_or_else(|| panic!("{q}: {found}"));
        assert_eq!(her["stay"]["room"], REGULAR);
        assert_eq!(her["allergies"], json!(["peanut_allergy"]));
    }
    assert_eq!(
        pms.get("/lookup?q=nobodyatall").await.is(200)["items"],
        json!([])
    );
    for wrong in ["", "?q=", "?q=x&limit=0", "?q=x&limit=51", "?w=x"] {
        pms.get(&format!("/lookup{wrong}")).await.problem(422);
    }
    pms.get(&format!("/lookup?q={}", "x".repeat(101)))
        .await
        .problem(422);
    let looks: i64 = app.sql(|conn| {
        audit_log::table
            .filter(
                audit_log::token_id
                    .is_not_null()
                    .and(audit_log::action.eq("search")),
            )
            .count()
            .get_result(conn)
    });
    assert_eq!(looks, 4);
}

async fn a_booking_is_recognised_and_nothing_stored(app: TestApp) {
    let pms = Program::pms(&app);
    let known = pms
        .put("/reservations/RIV/R-1", &booking("Solheim"))
        .await
        .is(201);
    let count = |app: &TestApp| -> (i64, i64) {
        app.sql(|conn| {
            Ok((
                stays::table.count().get_result(conn)?,
                guests::table.count().get_result(conn)?,
            ))
        })
    };
    let before = count(&app);
    let found = pms.post("/recognize", &booking("Solheim")).await.is(200);
    assert_eq!(
        (&found["decision"], &found["guest_id"]),
        (&json!("linked"), &known["guest_id"])
    );
    assert_eq!(found["candidates"][0]["guest_id"], known["guest_id"]);
    let new = pms
        .post(
            "/recognize",
            &json!({"given_name": "Quirin", "family_name": "Zxyzw"}),
        )
        .await
        .is(200);
    assert_eq!(
        (&new["decision"], &new["candidates"]),
        (&json!("new"), &json!([]))
    );
    pms.post("/recognize", &json!({})).await.problem(422);
    assert_eq!(count(&app), before);
}

async fn the_arrivals_are_those_of_the_board(app: TestApp) {
    let pms = Program::pms(&app);
    let arrivals = pms.get("/arrivals?property=RIV").await.is(200);
    let items = arrivals["items"].as_array().unwrap();
    let board = app.sign_in("lin").await.see("/arrivals").await;
    assert_eq!(items.len(), board.count("table.board tbody tr"));
    assert!(
        items
            .iter()
            .any(|item| item["room"] == REGULAR && item["stay_number"].as_i64() > Some(1))
    );
    pms.get("/arrivals?property=RIV&date=2026-02-30")
        .await
        .problem(422);
    pms.get("/arrivals").await.problem(422);
}
