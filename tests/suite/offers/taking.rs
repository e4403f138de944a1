//! What a taken offer changes, and how it is put back.

use diesel::prelude::*;
use innkeeper::db::schema::{loyalty_accounts, loyalty_entries, loyalty_lots, rooms, stays};
use innkeeper::offers::rule::Terms;
use innkeeper::offers::{Kind, Pricing};

use super::desk::{suite, suites};
use super::{nights_of, press, room_of, rules, terms};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    a_guest_in_the_house_moves_up_and_back,
    points_come_through_the_ledger_and_go_back,
    an_upgrade_is_no_lodging_at_check_out,
    a_late_check_out_is_a_promise,
);

async fn a_guest_in_the_house_moves_up_and_back(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0];
    let stay = app.stay_in("0610");
    let nights = nights_of(&app, stay);
    let taken = press(&lin, stay, rule, "accept").await;
    assert!(taken.flash().unwrap().ok, "{:?}", taken.flash());
    assert_eq!(room_of(&app, stay).1, "RS");
    let undone = lin.post(&taken.flash().unwrap().undo.unwrap(), &[]).await;
    assert!(undone.flash().unwrap().ok, "{:?}", undone.flash());
    assert_eq!(nights_of(&app, stay), nights);
    let all = suites(&app);
    let dirty: i64 = app.sql(|conn| {
        rooms::table
            .filter(rooms::id.eq_any(&all))
            .filter(rooms::housekeeping.eq("dirty"))
            .count()
            .get_result(conn)
    });
    assert_eq!(dirty, 0, "nobody slept there");
}

async fn points_come_through_the_ledger_and_go_back(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let house = app.property_id("RIV");
    let gift = Terms {
        value: Some(700),
        ..terms(house, "Points", Kind::Points)
    };
    let rule = rules(&app, &[gift])[0];
    let (member, stranger) = (app.stay_in("1501"), app.stay_in("0605"));
    assert!(
        press(&lin, stranger, rule, "accept")
            .await
            .refusal()
            .contains("no longer")
    );
    let balance = || -> i64 {
        app.sql(|conn| {
            loyalty_lots::table
                .inner_join(
                    loyalty_accounts::table.on(loyalty_accounts::id.eq(loyalty_lots::account_id)),
                )
                .inner_join(stays::table.on(stays::guest_id.eq(loyalty_accounts::guest_id)))
                .filter(stays::id.eq(member))
                .select(loyalty_lots::remaining)
                .load::<i64>(conn)
                .map(|lots| lots.iter().sum())
        })
    };
    let before = balance();
    let given = press(&lin, member, rule, "accept").await;
    assert!(given.flash().unwrap().ok, "{:?}", given.flash());
    assert_eq!(balance(), before + 700);
    lin.post(&given.flash().unwrap().undo.unwrap(), &[]).await;
    assert_eq!(balance(), before);
    let reason: String = app.sql(|conn| {
        loyalty_entries::table
            .order(loyalty_entries::id.desc())
            .select(loyalty_entries::reason)
            .first(conn)
    });
    assert!(reason.contains("RIV"), "the booking is named: {reason}");
}

async fn an_upgrade_is_no_lodging_at_check_out(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let rule = rules(&app, &[suite(&app, Pricing::Fixed)])[0];
    let stay = app.stay_in("0610");
    let path = format!("/stays/{stay}/check-out");
    let before = lin.see(&path).await.attr("input[name=room]", "value");
    let taken = press(&lin, stay, rule, "accept").await;
    assert!(taken.flash().unwrap().ok, "{:?}", taken.flash());
    let after = lin.see(&path).await.attr("input[name=room]", "value");
    assert_eq!(before, after);
    assert!(!after.is_empty());
}

async fn a_late_check_out_is_a_promise(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let house = app.property_id("RIV");
    let rule = rules(&app, &[terms(house, "Late", Kind::LateCheckOut)])[0];
    let stay = app.stay_in("0303");
    let path = format!("/stays/{stay}/promises");
    let promise = "#promise-late_check_out";
    assert!(!lin.see(&path).await.has(promise));
    let taken = press(&lin, stay, rule, "accept").await;
    let page = lin.see(&path).await;
    let chosen = format!("{promise} option[selected]");
    assert_eq!(
        page.attr(&chosen, "value"),
        "late_check_out:unknown",
        "somebody has to see to it"
    );
    lin.post(&taken.flash().unwrap().undo.unwrap(), &[]).await;
    assert!(!lin.see(&path).await.has(promise), "taken back");
    press(&lin, stay, rule, "accept").await;
    let kept = [("promise", "late_check_out:kept")];
    assert_eq!(lin.post(&path, &kept).await.status, 303);
    let page = lin.see(&path).await;
    assert_eq!(page.attr(&chosen, "value"), "late_check_out:kept");
}
