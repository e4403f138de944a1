//! Letters to a guest are stopped by the staff, and what the guest said stays said.

use diesel::prelude::*;
use innkeeper::db::schema::{guest_contacts, guests, suppressions};
use innkeeper::greetings::known;
use innkeeper::greetings::plan::WhyNot;
use innkeeper::greetings::settings::Settings;
use innkeeper::greetings::suppressions::{Reason, Whom};
use innkeeper::greetings::{Occasion, suppressions as stops};

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;
use crate::support::world::today;

on_both!(
    a_guest_who_died_is_never_written_to,
    a_reason_of_the_house_is_kept_and_lifted,
    what_the_guest_said_only_the_guest_takes_back,
);

fn person(app: &TestApp, public_id: &str) -> i64 {
    app.sql(|conn| {
        guests::table
            .filter(guests::public_id.eq(public_id))
            .select(guests::person_id)
            .first(conn)
    })
}

fn why(app: &TestApp, person: i64) -> Option<WhyNot> {
    let known = app.sql(|conn| known::of_persons(conn, &[person], today(), &[]));
    known[&person]
        .known
        .why_not(Occasion::BeforeArrival, &Settings::default())
}

async fn a_guest_who_died_is_never_written_to(app: TestApp) {
    let guest = app.guest_of(app.stay_in(REGULAR));
    let lin = app.sign_in("lin").await;
    let fields = [("reason", "deceased"), ("why", "Her daughter called.")];
    let page = lin
        .submit(&format!("/guests/{guest}/letters/stop"), &fields)
        .await;
    let told = page.text("#letters");
    assert!(
        told.contains("has died") && told.contains("Her daughter called."),
        "{told}"
    );
    assert_eq!(why(&app, person(&app, &guest)), Some(WhyNot::Deceased));
    // Said twice, it stands once.
    lin.submit(&format!("/guests/{guest}/letters/stop"), &fields)
        .await;
    let count: i64 = app.sql(|conn| suppressions::table.count().get_result(conn));
    assert_eq!(count, 1);
}

async fn a_reason_of_the_house_is_kept_and_lifted(app: TestApp) {
    let guest = app.guest_of(app.stay_in(REGULAR));
    let chen = app.sign_in("chen").await;
    let stop = format!("/guests/{guest}/letters/stop");
    let long = "x".repeat(5_000);
    let page = chen
        .post(&stop, &[("reason", "staff"), ("why", &long)])
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(chen.post(&stop, &[("reason", "erased")]).await.status, 400);
    chen.submit(&stop, &[("reason", "staff")]).await;
    let person = person(&app, &guest);
    assert_eq!(why(&app, person), Some(WhyNot::Staff));
    let id: i64 = app.sql(|conn| suppressions::table.select(suppressions::id).first(conn));
    let page = chen
        .submit(&format!("/guests/{guest}/letters/stops/{id}/lift"), &[])
        .await;
    assert!(
        page.text("#letters")
            .contains("Nothing speaks against letters")
    );
    assert_ne!(why(&app, person), Some(WhyNot::Staff));
}

async fn what_the_guest_said_only_the_guest_takes_back(app: TestApp) {
    let guest = app.guest_of(app.stay_in(REGULAR));
    let person = person(&app, &guest);
    let id: i64 = app.sql(|conn| {
        let mailbox: String = guest_contacts::table
            .inner_join(guests::table)
            .filter(guests::person_id.eq(person))
            .filter(guest_contacts::kind.eq("email"))
            .filter(guest_contacts::masked.eq(false))
            .select(guest_contacts::folded)
            .first(conn)?;
        let whom = Whom {
            guest_id: None,
            mailbox: Some(&mailbox),
        };
        stops::stop(conn, whom, Reason::Complained, None, Some("abuse"), None)?;
        suppressions::table.select(suppressions::id).first(conn)
    });
    let lin = app.sign_in("lin").await;
    let page = lin.see(&format!("/guests/{guest}")).await;
    assert!(page.text("#letters").contains("called it spam"));
    let page = lin
        .submit(&format!("/guests/{guest}/letters/stops/{id}/lift"), &[])
        .await;
    assert!(
        page.text(".flash p").contains("only the guest"),
        "{}",
        page.text(".flash p")
    );
    assert_eq!(why(&app, person), Some(WhyNot::Complained));
}
