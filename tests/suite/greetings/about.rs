//! What a guest sees of what is known about them, and puts right.

use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{audit_log, consents, guest_contacts, guests, notes, preferences};
use innkeeper::greetings::links::{self, Purpose};

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap;
use crate::support::world::keys;

on_both!(
    a_guest_sees_what_is_known_and_nothing_of_the_staffs_notes,
    a_guest_confirms_removes_and_adds_wishes_as_evidence,
    a_guest_puts_name_and_contacts_right,
    a_guest_stops_letters_on_the_same_page,
    a_link_ends_is_not_guessed_and_not_tried_for_ever,
    a_link_closes_where_the_mailbox_is_anothers,
);

fn link(app: &TestApp) -> String {
    let letter = sitemap::letter(app);
    let until = clock::now() + TimeDelta::days(1);
    format!(
        "/me/{}?lang=en",
        links::token_until(&keys(), Purpose::Me, &letter, until)
    )
}

async fn a_guest_sees_what_is_known_and_nothing_of_the_staffs_notes(app: TestApp) {
    let link = link(&app);
    let page = app.visitor().see(&link).await;
    for shown in [
        "欧阳娜娜",
        "Ouyang Nana",
        "nana.ouyang@example.com",
        "Peanut",
        "Quiet room",
        "12,480",
        "RH-104882",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    let written: Vec<String> = app.sql(|conn| notes::table.select(notes::body).load(conn));
    assert!(!written.is_empty());
    for hidden in
        written
            .iter()
            .map(String::as_str)
            .chain(["lift noise", "guest.booking.com", "E48817218"])
    {
        assert!(!page.body.contains(hidden), "{hidden}");
    }
    let chinese = app
        .visitor()
        .see(&link.replace("lang=en", "lang=zh-CN"))
        .await;
    assert!(chinese.body.contains("我们记录的您的资料"));
}

async fn a_guest_confirms_removes_and_adds_wishes_as_evidence(app: TestApp) {
    let link = link(&app);
    let guest = app.visitor();
    let of = |app: &TestApp, code: &str| -> Vec<(i64, String, bool)> {
        app.sql(|conn| {
            preferences::table
                .inner_join(guests::table)
                .filter(guests::family_name.eq("Ouyang"))
                .filter(preferences::code.eq(code))
                .order(preferences::id)
                .select((
                    preferences::id,
                    preferences::source,
                    preferences::retired_at.is_null(),
                ))
                .load(conn)
        })
    };
    let observed = of(&app, "high_floor")[0].0.to_string();
    let page = guest.post_bare(&link, &[("confirm", &observed)]).await;
    assert_eq!(page.status, 303, "{}", page.body);
    assert!(
        of(&app, "high_floor")
            .iter()
            .any(|wish| wish.1 == "stated" && wish.2)
    );
    let tea = of(&app, "tea")[0].0.to_string();
    guest.post_bare(&link, &[("remove", &tea)]).await;
    assert!(of(&app, "tea").iter().all(|wish| !wish.2));
    guest.post_bare(&link, &[("wish", "Sea view")]).await;
    assert!(of(&app, "sea_view").iter().any(|wish| wish.1 == "stated"));
    let wrong = guest.post_bare(&link, &[("wish", "a <b>pony</b>")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("No word of the house fits"));
    assert!(!wrong.body.contains("<b>pony"));
    let others: i64 = app.sql(|conn| {
        preferences::table
            .inner_join(guests::table)
            .filter(guests::family_name.ne("Ouyang"))
            .select(preferences::id)
            .order(preferences::id)
            .first(conn)
    });
    let foreign = guest
        .post_bare(&link, &[("remove", &others.to_string())])
        .await;
    assert_eq!(foreign.status, 404);
    let recorded: i64 = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.like("guest_%"))
            .filter(audit_log::user_id.is_null())
            .count()
            .get_result(conn)
    });
    assert_eq!(recorded, 3);
}

async fn a_guest_puts_name_and_contacts_right(app: TestApp) {
    let link = link(&app);
    let guest = app.visitor();
    guest.post_bare(&link, &[("given_name", "Na-Na")]).await;
    guest
        .post_bare(
            &link,
            &[
                ("email", "nana@new.example"),
                ("phone", "+86 139 0000 1111"),
            ],
        )
        .await;
    let page = guest.see(&link).await;
    assert!(
        page.body.contains("Ouyang Na-Na") && page.body.contains("nana@new.example"),
        "{}",
        page.body
    );
    guest
        .post_bare(&link, &[("forget", "nana.ouyang@example.com")])
        .await;
    let left: Vec<String> = app.sql(|conn| {
        guest_contacts::table
            .filter(guest_contacts::folded.like("nana%"))
            .select(guest_contacts::folded)
            .load(conn)
    });
    assert_eq!(left, ["nana@new.example"]);
    let wrong = guest.post_bare(&link, &[("email", "nowhere")]).await;
    assert_eq!(wrong.status, 422);
    let foreign = guest
        .post_bare(&link, &[("forget", "someone@else.example")])
        .await;
    assert_eq!(foreign.status, 404);
}

async fn a_guest_stops_letters_on_the_same_page(app: TestApp) {
    let link = link(&app);
    let guest = app.visitor();
    guest.post_bare(&link, &[("stop", "greetings")]).await;
    let said = |app: &TestApp| -> Vec<(String, bool)> {
        app.sql(|conn| {
            consents::table
                .filter(consents::source.eq("guest"))
                .order(consents::id)
                .select((consents::purpose, consents::granted))
                .load(conn)
        })
    };
    assert_eq!(said(&app), [("greetings".into(), false)]);
    guest.post_bare(&link, &[("resume", "greetings")]).await;
    assert_eq!(said(&app).len(), 2);
}

async fn a_link_ends_is_not_guessed_and_not_tried_for_ever(app: TestApp) {
    let letter = sitemap::letter(&app);
    let over = links::token_until(
        &keys(),
        Purpose::Me,
        &letter,
        clock::now() - TimeDelta::seconds(1),
    );
    let other = links::token(&keys(), Purpose::Unsubscribe, &letter);
    let visitor = app.visitor();
    for token in [over.as_str(), other.as_str(), "x", "x~1.y"] {
        assert_eq!(
            visitor.get(&format!("/me/{token}")).await.status,
            404,
            "{token}"
        );
    }
    let mut answers = Vec::new();
    for _ in 0..50 {
        answers.push(visitor.get("/me/x").await.status);
    }
    assert!(answers.contains(&429));
}

async fn a_link_closes_where_the_mailbox_is_anothers(app: TestApp) {
    let link = link(&app);
    let status = async || app.visitor().get(&link).await.status;
    let address = "nana.ouyang@example.com";
    let own = guest_contacts::table.filter(guest_contacts::folded.eq(address));
    let (contact, owner): (i64, i64) = app.sql(|conn| {
        own.select((guest_contacts::id, guest_contacts::guest_id))
            .first(conn)
    });
    assert_eq!(status().await, 200);
    let give = |to: i64| {
        app.sql(|conn| {
            diesel::update(guest_contacts::table.find(contact))
                .set(guest_contacts::guest_id.eq(to))
                .execute(conn)
        });
    };
    let other: i64 = app.sql(|conn| {
        guests::table
            .filter(guests::family_name.eq("Lindqvist"))
            .select(guests::id)
            .first(conn)
    });
    give(other);
    assert_eq!(status().await, 404, "it is somebody else's");
    give(owner);
    assert_eq!(status().await, 200);
    let correct = |to: &str| {
        app.sql(|conn| {
            diesel::update(guest_contacts::table.find(contact))
                .set((guest_contacts::value.eq(to), guest_contacts::folded.eq(to)))
                .execute(conn)
        });
    };
    correct("nana@example.org");
    assert_eq!(
        status().await,
        404,
        "the desk corrected it: a stranger has the letter"
    );
    correct(address);
    // What they take away themselves does not shut them out.
    let gone = [("forget", address)];
    app.visitor().post_bare(&link, &gone).await;
    assert_eq!(status().await, 200);
}
