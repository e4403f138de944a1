//! `/call?number=`: the caller's page, for the desk and for telephone systems.

use diesel::prelude::*;
use innkeeper::db::schema::{audit_log, guest_contacts, guests};

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    a_known_number_opens_the_callers_page,
    an_unknown_number_offers_a_new_profile,
    a_new_profile_that_could_be_a_known_one_is_asked_about_first,
);

/// The regular's phone as a telephone system hands it over.
fn number(app: &TestApp) -> String {
    let guest = app.guest_of(app.stay_in(REGULAR));
    app.sql(|conn| {
        guest_contacts::table
            .inner_join(guests::table)
            .filter(guests::public_id.eq(&guest))
            .filter(guest_contacts::kind.eq("phone"))
            .select(guest_contacts::folded)
            .first(conn)
    })
}

async fn a_known_number_opens_the_callers_page(app: TestApp) {
    let client = app.sign_in("lin").await;
    let digits = number(&app);
    for path in [
        format!("/call?number=%2B{digits}"),
        format!("/call?number=+{digits}"),
        format!("/call?number=tel:%2B{digits}"),
    ] {
        let page = client.see(&path).await;
        assert_eq!(page.count("section.caller"), 1, "{path}");
        assert!(page.text("section.caller").contains("Ouyang"), "{path}");
        let card = format!("/stays/{}", app.stay_in(REGULAR));
        assert!(page.attrs("section.caller a", "href").contains(&card));
        assert!(page.queries() <= 18, "{} queries", page.queries());
    }
    let looks: i64 = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("view_call"))
            .filter(audit_log::guest_id.is_not_null())
            .count()
            .get_result(conn)
    });
    assert_eq!(looks, 3);
}

async fn an_unknown_number_offers_a_new_profile(app: TestApp) {
    let client = app.sign_in("lin").await;
    let page = client.see("/call?number=%2B61370101234").await;
    assert!(page.has("section.empty") && !page.has("section.caller"));
    assert_eq!(page.attr("#phone", "value"), "+61370101234");
    let withheld = client.see("/call?number=anonymous").await;
    assert!(withheld.has("section.empty"));
    let nameless = client.post("/guests", &[("phone", "+61370101234")]).await;
    assert_eq!(nameless.status, 422);
    assert_eq!(nameless.attr("#phone", "value"), "+61370101234");
    let made = client
        .submit(
            "/guests",
            &[
                ("given_name", "Tui"),
                ("family_name", "Harawira"),
                ("phone", "+61370101234"),
            ],
        )
        .await;
    assert!(made.text("h1").contains("Tui"));
    let known = client.see("/call?number=%2B61370101234").await;
    assert!(known.text("section.caller").contains("Tui"));
}

async fn a_new_profile_that_could_be_a_known_one_is_asked_about_first(app: TestApp) {
    let client = app.sign_in("lin").await;
    let phone = format!("+{}", number(&app));
    let count = || -> i64 { app.sql(|conn| guests::table.count().get_result(conn)) };
    let before = count();
    let mut fields = vec![
        ("given_name", "Nana"),
        ("family_name", "Ouyang"),
        ("phone", phone.as_str()),
    ];
    let asked = client.post("/guests", &fields).await;
    assert_eq!(asked.status, 200);
    assert!(asked.count("ul.linked li") >= 1);
    assert_eq!(
        (count(), asked.attr("#family_name", "value")),
        (before, "Ouyang".into())
    );
    fields.push(("sure", "yes"));
    client.submit("/guests", &fields).await;
    assert_eq!(count(), before + 1);
}
