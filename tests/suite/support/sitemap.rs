//! Every address of the route table, made concrete, and every page worth looking at.

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    dining_tables, dining_visits, dishes, greeting_attempts, greetings, guest_documents, guests,
    held_events, preferences, rooms,
};
use innkeeper::staff::token::{Bearer, Token};
use innkeeper::staff::{Houses, Role};
use innkeeper::stays::events::Reason;
use innkeeper::web::routes::Route;

use super::app::TestApp;
use super::world::today;

/// A regular of the first house who arrives today, with everything a guest can have.
pub const REGULAR: &str = "1208";

/// A route's address for the regular.
pub fn address(app: &TestApp, route: &Route) -> String {
    let stay = app.stay_in(REGULAR);
    let guest = app.guest_of(stay);
    // Documents and preferences stay on the profile they came with.
    let document: i64 = app.sql(|conn| {
        guest_documents::table
            .select(guest_documents::id)
            .first(conn)
    });
    let preference: i64 = app.sql(|conn| {
        preferences::table
            .inner_join(guests::table)
            .filter(guests::family_name.eq("Ouyang"))
            .filter(preferences::retired_at.is_null())
            .select(preferences::id)
            .first(conn)
    });
    let room: i64 = app.sql(|conn| {
        rooms::table
            .filter(rooms::number.eq(REGULAR))
            .select(rooms::id)
            .first(conn)
    });
    let id = match route.path.split('/').nth(1).unwrap() {
        "guests" | "duplicates" => guest,
        "rooms" => room.to_string(),
        "settings" => app.user_id("sun").to_string(),
        "imports" => "none".into(),
        "held" | "loyalty" => "1".into(),
        "cases" => app.case_of(REGULAR).to_string(),
        "tasks" => app.task().to_string(),
        _ => stay.to_string(),
    };
    let path = route
        .path
        .replace("{id}", &id)
        .replace("{token}", &app.app.setup_token)
        .replace("{preference}", &preference.to_string())
        .replace("{document}", &document.to_string())
        .replace("{review}", "1")
        .replace("{merge}", "1")
        .replace("{compensation}", "1")
        .replace("{statement}", "1")
        .replace("{stop}", "1")
        .replace("{occasion}", "birthday")
        .replace("{language}", "en")
        .replace("{width}", "360")
        .replace("{answer}", "1")
        .replace("{offer}", "1")
        .replace("{rule}", "1")
        .replace("{delivery}", "1")
        .replace("{outlet}", "riverside")
        .replace("{visit}", &seated(app).to_string())
        .replace("{table}", &free_table(app).to_string())
        .replace("{order}", "1")
        .replace("{dish}", &dish(app).to_string())
        .replace("{room}", "1")
        .replace("{before}", "0")
        .replace("{code}", "quiet_room")
        .replace("{name:.*}", "app.css");
    assert!(!path.contains('{'), "{path}: what is this for the regular?");
    path
}

/// A table of the restaurant that nobody of the demo has.
pub fn free_table(app: &TestApp) -> i64 {
    table(app, "T8")
}

/// A table of the restaurant by name.
pub fn table(app: &TestApp, name: &str) -> i64 {
    app.sql(|conn| {
        dining_tables::table
            .filter(dining_tables::name.eq(name))
            .select(dining_tables::id)
            .first(conn)
    })
}

/// A dish of the restaurant.
pub fn dish(app: &TestApp) -> i64 {
    app.sql(|conn| {
        dishes::table
            .order(dishes::id)
            .select(dishes::id)
            .first(conn)
    })
}

/// A party that sits in the restaurant.
pub fn seated(app: &TestApp) -> i64 {
    app.sql(|conn| {
        dining_visits::table
            .filter(dining_visits::seated_at.is_not_null())
            .order(dining_visits::id.desc())
            .select(dining_visits::id)
            .first(conn)
    })
}

/// A party that has a table booked.
pub fn booked(app: &TestApp) -> i64 {
    app.sql(|conn| {
        dining_visits::table
            .filter(dining_visits::status.eq(innkeeper::dining::Status::Booked))
            .order(dining_visits::id)
            .select(dining_visits::id)
            .first(conn)
    })
}

/// A page of each template, with a selector that only this template answers to.
pub fn pages(app: &TestApp) -> Vec<(&'static str, String, &'static str)> {
    let regular = app.stay_in(REGULAR);
    let in_house = app.stay_in("1207");
    let guest = app.guest_of(regular);
    hold(app);
    letter(app);
    vec![
        (
            "account.html",
            "/account".into(),
            "form[action='/account/password']",
        ),
        (
            "api.html",
            "/api/docs".into(),
            "body.reference section.call",
        ),
        ("board.html", "/arrivals".into(), "table.board tbody tr"),
        ("board.html", "/in-house".into(), "table.board tbody tr"),
        ("board.html", "/departures".into(), "table.board tbody tr"),
        (
            "board.html",
            "/arrivals?date=2019-01-01".into(),
            "section.empty",
        ),
        (
            "brief.html",
            "/arrivals/brief?date=today".into(),
            "table.brief",
        ),
        ("card.html", format!("/stays/{regular}"), "article.card"),
        (
            "card.html",
            format!("/stays/{}", app.arriving("Zhang")),
            "article.card",
        ),
        (
            "card.html",
            format!("/stays/{}", app.arriving("Smith")),
            "article.card",
        ),
        ("card.html", format!("/stays/{in_house}"), "article.card"),
        (
            "check_out.html",
            format!("/stays/{in_house}/check-out"),
            "form[action$='/check-out']",
        ),
        ("error.html", "/guests/nobody".into(), "body.plain h1"),
        ("guest.html", format!("/guests/{guest}"), "#contacts"),
        (
            "call.html",
            "/call?number=12".into(),
            "form[action='/guests']",
        ),
        ("imports.html", "/imports".into(), "input[type=file]"),
        ("held.html", "/held".into(), "ol.held form"),
        (
            "settings_recognition.html",
            "/settings/recognition".into(),
            "input[name=relay]",
        ),
        (
            "settings_webhooks.html",
            "/settings/webhooks".into(),
            "input[name=private]",
        ),
        (
            "settings_house.html",
            "/settings/house".into(),
            "#house #check_in_at",
        ),
        (
            "settings_wishes.html",
            "/settings/wishes".into(),
            "#wishes #half_life_months",
        ),
        (
            "settings_backup.html",
            "/settings/backup".into(),
            "input[name=directory]",
        ),
        (
            "registration.html",
            format!("/stays/{regular}/registration"),
            ".sign",
        ),
        (
            "room.html",
            format!("/stays/{regular}/room"),
            "form.roomform",
        ),
        (
            "merge.html",
            format!("/guests/{guest}/merge?with={}", app.guest_of(in_house)),
            "table.versus",
        ),
        (
            "merge.html",
            format!("/guests/{guest}/merge?with=zhang"),
            "#with",
        ),
        ("review.html", "/review".into(), "form.review"),
        (
            "duplicates.html",
            "/duplicates".into(),
            "ol.questions li + li",
        ),
        (
            "duplicate.html",
            format!("/duplicates/{}", app.known_as("Whitcombe")),
            "form.review input[type=checkbox]",
        ),
        (
            "guest.html",
            format!("/guests/{}", app.known_as("Lindqvist")),
            "#related li",
        ),
        (
            "points.html",
            format!("/guests/{guest}/points?arrival=2026-01-01"),
            "#statement tbody tr",
        ),
        (
            "points.html",
            format!("/guests/{}/points", app.known_as("Lindqvist")),
            "#number",
        ),
        (
            "loyalty_requests.html",
            "/loyalty/requests".into(),
            "#requests form",
        ),
        (
            "settings_loyalty.html",
            "/settings/loyalty".into(),
            "#programme #rate",
        ),
        (
            "case.html",
            format!("/cases/{}", app.case_of(REGULAR)),
            "#history li",
        ),
        ("cases.html", "/cases".into(), "table.work tbody tr"),
        (
            "cases.html",
            "/cases?show=closed&in=RIV".into(),
            "table.work",
        ),
        (
            "tasks.html",
            "/tasks?show=team".into(),
            "table.work tbody tr",
        ),
        ("tasks.html", "/tasks?show=done".into(), "table.work"),
        (
            "greetings.html",
            "/greetings".into(),
            "table#letters tbody tr a",
        ),
        (
            "greeting.html",
            format!("/greetings/letters/{}", letter(app)),
            "table#attempts pre",
        ),
        (
            "greeting_settings.html",
            "/greetings/settings".into(),
            "#letters #hour",
        ),
        (
            "greeting_preview.html",
            "/greetings/preview/before_arrival/zh-CN".into(),
            "#text",
        ),
        ("offers.html", "/offers".into(), "#totals"),
        (
            "offers.html",
            "/offers?from=2019-01-01&to=2019-01-02".into(),
            "section.empty",
        ),
        ("offers.html", "/offers?from=soon".into(), "[data-errors]"),
        (
            "offer_queue.html",
            "/offers/queue".into(),
            "#queue tbody tr",
        ),
        (
            "settings_offers.html",
            "/settings/offers".into(),
            "#rule-form #target",
        ),
        (
            "settings_offers.html",
            "/settings/offers?rule=1".into(),
            "input[type=hidden][name=rule]",
        ),
        (
            "case_report.html",
            "/reports/cases?by=department".into(),
            "#report tbody tr",
        ),
        (
            "settings_cases.html",
            "/settings/cases".into(),
            "#gestures tbody tr",
        ),
        ("promises.html", "/promises".into(), "nav.switch"),
        (
            "stay_promises.html",
            format!("/stays/{in_house}/promises"),
            "form#promises select",
        ),
        ("rooms.html", "/rooms".into(), "ul.cells"),
        (
            "outlets.html",
            "/restaurant?all=1".into(),
            "ul.outlets a[href='/restaurant/riverside']",
        ),
        (
            "stand.html",
            "/restaurant/riverside".into(),
            "svg#plan a.seat",
        ),
        (
            "stand.html",
            format!("/restaurant/riverside?guest={guest}"),
            "article.hostcard .band.allergy",
        ),
        (
            "stand.html",
            format!("/restaurant/riverside?visit={}", seated(app)),
            "article.hostcard form[action$='/leave']",
        ),
        (
            "stand.html",
            format!("/restaurant/riverside?table={}", free_table(app)),
            "article.hostcard p.sizes",
        ),
        (
            "bookings.html",
            "/restaurant/riverside/bookings".into(),
            "section.day tbody tr a.tap",
        ),
        (
            "booking.html",
            format!("/restaurant/riverside/bookings/new?guest={guest}"),
            "form[action$='/bookings'] #time",
        ),
        (
            "booking.html",
            format!("/restaurant/riverside/visits/{}", booked(app)),
            "form[action$='/cancel']",
        ),
        (
            "orders.html",
            format!(
                "/restaurant/riverside/visits/{}/orders?join={guest}",
                seated(app)
            ),
            ".picks .pick",
        ),
        (
            "kitchen.html",
            "/restaurant/riverside/brief".into(),
            "main.kitchen table.brief tbody tr",
        ),
        (
            "menu.html",
            format!("/restaurant/riverside/menu?dish={}", dish(app)),
            ".menucard form[action$='/retire'] button",
        ),
        (
            "plan.html",
            format!("/restaurant/riverside/plan?table={}", free_table(app)),
            ".nudge button",
        ),
        (
            "stand.html",
            "/restaurant/riverside?covers=3".into(),
            "article.hostcard form[action$='/seat'] #name",
        ),
        (
            "assign.html",
            "/rooms/assign?date=today".into(),
            "table.assignment tbody tr.changes",
        ),
        (
            "assign.html",
            "/rooms/assign?date=2019-01-01".into(),
            "section.empty",
        ),
        ("search.html", "/search?q=wang".into(), "section.found"),
        (
            "search.html",
            "/search?q=nobodyatall".into(),
            "section.empty",
        ),
        (
            "search_fragment.html",
            "/search?q=wang&fragment=1".into(),
            "[role=option]",
        ),
        (
            "settings.html",
            "/settings".into(),
            "form[action='/settings/users']",
        ),
        ("walk_in.html", "/stays/new".into(), "form[action='/stays']"),
    ]
}

/// A letter of today of which nobody knows whether it arrived.
pub fn letter(app: &TestApp) -> String {
    let house = app.property_id("RIV");
    let public_id = "01900000-0000-7000-8000-000000000001";
    app.sql(|conn| {
        let known = greetings::table.filter(greetings::public_id.eq(public_id));
        if known.count().get_result::<i64>(conn)? > 0 {
            return Ok(());
        }
        let guest: i64 = guests::table
            .filter(guests::family_name.eq("Ouyang"))
            .select(guests::id)
            .order(guests::id)
            .first(conn)?;
        let now = clock::now();
        let id: i64 = diesel::insert_into(greetings::table)
            .values((
                greetings::public_id.eq(public_id),
                greetings::guest_id.eq(guest),
                greetings::property_id.eq(house),
                greetings::occasion.eq("birthday"),
                greetings::due_on.eq(today()),
                greetings::address.eq("nana.ouyang@example.com"),
                greetings::mailbox.eq("nana.ouyang@example.com"),
                greetings::language.eq("zh-CN"),
                greetings::facts.eq(r#"{"name":"欧阳娜娜女士","house":"Riverside"}"#),
                greetings::state.eq("uncertain"),
                greetings::next_try_at.eq(now),
                greetings::expires_at.eq(now),
                greetings::planned_at.eq(now),
                greetings::tries.eq(1),
            ))
            .returning(greetings::id)
            .get_result(conn)?;
        diesel::insert_into(greeting_attempts::table)
            .values((
                greeting_attempts::greeting_id.eq(id),
                greeting_attempts::at.eq(now),
                greeting_attempts::node.eq("1-test"),
                greeting_attempts::outcome.eq("uncertain"),
                greeting_attempts::conversation.eq("> DATA\n< 354 go on\n< no answer in time\n"),
            ))
            .execute(conn)
            .map(drop)
    });
    public_id.into()
}

/// An event that waits for its reservation.
fn hold(app: &TestApp) {
    let house = app.property_id("RIV");
    app.sql(|conn| {
        if held_events::table.count().get_result::<i64>(conn)? > 0 {
            return Ok(0);
        }
        let token = Token::issue(conn, "sitemap", Role::Pms, &Houses::All)?;
        let bearer = Bearer::by_token(conn, &token)?;
        diesel::insert_into(held_events::table)
            .values((
                held_events::token_id.eq(bearer.map_or(0, |bearer| bearer.token_id)),
                held_events::property_id.eq(house),
                held_events::confirmation_number.eq("HELD-1"),
                held_events::event.eq(r#"{"event":"cancel"}"#),
                held_events::reason.eq(Reason::UnknownReservation),
                held_events::received_at.eq(clock::now()),
            ))
            .execute(conn)
    });
}
