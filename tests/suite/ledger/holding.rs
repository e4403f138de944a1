//! What the database itself holds, whoever writes; and that `innkeeper check` sees what it could not hold.

use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use innkeeper::db::Conn;

use super::{day, members, stayed};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::world::On;

on_both!(
    what_the_ledger_can_not_hold_is_refused,
    a_check_names_what_is_broken,
    a_ledger_without_lots_is_given_them,
);

/// Runs a statement that must not be taken.
fn is_refused(app: &TestApp, statement: &str) {
    assert!(app.try_sql(statement).is_err(), "taken: {statement}");
}

async fn what_the_ledger_can_not_hold_is_refused(app: TestApp) {
    let (guest, account) = app.sql(|conn| members(conn, 1))[0];
    let (stay, earned) = stayed(&app, guest, 100_000, day(0));
    assert_eq!(earned, 1_000);
    let zhou = app.user_id("zhou");
    let entry = |rest: &str| {
        format!(
            "INSERT INTO loyalty_entries (account_id, reason, posted_on, posted_at, kind, points, posted_by, stay_id, reverses_id, expires_on) \
             VALUES ({account}, 'test', '2026-02-01', '2026-02-01 10:00:00', {rest})"
        )
    };
    // More than there is.
    is_refused(
        &app,
        &entry(&format!("'redeem', -1001, {zhou}, NULL, NULL, NULL")),
    );
    // Without a cause.
    for rest in [
        "'redeem', -10, NULL, NULL, NULL, NULL",
        "'adjust', 10, NULL, NULL, NULL, NULL",
        "'earn', 10, NULL, NULL, NULL, NULL",
        "'reverse', -10, 1, NULL, NULL, NULL",
        "'expire', -10, NULL, NULL, NULL, NULL",
    ] {
        is_refused(&app, &entry(rest));
    }
    // Of a stay that has earned; of another account's earning.
    is_refused(
        &app,
        &entry(&format!("'earn', 10, {zhou}, {stay}, NULL, NULL")),
    );
    let others = "(SELECT min(id) FROM loyalty_entries)";
    is_refused(
        &app,
        &entry(&format!("'reverse', -10, {zhou}, NULL, {others}, NULL")),
    );
    // By the back door.
    for statement in [
        "UPDATE loyalty_lots SET remaining = remaining - 1 WHERE remaining > 1",
        "UPDATE loyalty_lots SET points = points + 1, remaining = remaining + 1",
        "UPDATE loyalty_lots SET expires_on = '2099-01-01'",
        "DELETE FROM loyalty_lots",
        "DELETE FROM loyalty_earnings",
        "UPDATE loyalty_rules SET rules = '{}'",
    ] {
        is_refused(&app, statement);
    }
    let lot = format!("(SELECT entry_id FROM loyalty_lots WHERE account_id = {account})");
    is_refused(
        &app,
        &format!("INSERT INTO loyalty_takes (entry_id, lot_id, points) VALUES ({lot}, {lot}, 5)"),
    );
    is_refused(
        &app,
        &format!(
            "INSERT INTO loyalty_lots (entry_id, account_id, points, remaining) SELECT max(id) + 1, {account}, 5, 5 FROM loyalty_entries"
        ),
    );
    is_refused(
        &app,
        &format!(
            "INSERT INTO loyalty_debts (account_id, stay_id, points, posted_on, posted_at) VALUES ({account}, {stay}, -5, '2026-02-01', '2026-02-01 10:00:00')"
        ),
    );
    // What it can hold, it takes: and the lots follow.
    assert_eq!(
        app.try_sql(&entry(&format!("'redeem', -400, {zhou}, NULL, NULL, NULL"))),
        Ok(1)
    );
    is_refused(&app, "UPDATE loyalty_takes SET points = points + 1");
    is_refused(&app, "DELETE FROM loyalty_takes");
    is_refused(
        &app,
        &entry(&format!("'redeem', -601, {zhou}, NULL, NULL, NULL")),
    );
    assert_eq!(app.broken(), []);
}

async fn a_check_names_what_is_broken(app: TestApp) {
    let (guest, account) = app.sql(|conn| members(conn, 1))[0];
    let (stay, _) = stayed(&app, guest, 100_000, day(0));
    assert_eq!(app.broken(), []);
    let off = match app.on {
        On::Sqlite => "DROP TRIGGER loyalty_lots_kept",
        On::Postgresql => "ALTER TABLE loyalty_lots DISABLE TRIGGER loyalty_lots_kept",
    };
    let batch = |sql: String| app.sql(|conn| conn.batch_execute(&sql));
    batch(off.into());
    batch(format!(
        "UPDATE loyalty_lots SET remaining = remaining - 1 WHERE account_id = {account}"
    ));
    let found = app.broken();
    let told: Vec<&str> = found.iter().map(|finding| finding.invariant).collect();
    assert_eq!(
        told,
        [
            "a balance is the sum of its lots",
            "what remains of a lot is what was not taken"
        ]
    );
    assert_eq!(found[0].first, [format!("account {account}")]);
    batch(format!(
        "UPDATE loyalty_lots SET remaining = remaining + 1 WHERE account_id = {account}"
    ));
    // A folio changed behind the ledger's back, a room night of nobody's, a person who is not one.
    batch(format!(
        "UPDATE folio_charges SET amount_minor = 90000 WHERE stay_id = {stay}"
    ));
    batch("UPDATE room_nights SET night = '2001-01-01' WHERE night = (SELECT max(night) FROM room_nights) AND room_id = (SELECT max(room_id) FROM room_nights AS other WHERE other.night = (SELECT max(night) FROM room_nights))".into());
    batch(format!(
        "UPDATE guests SET person_id = {guest} WHERE id = (SELECT min(id) FROM guests); UPDATE guests SET person_id = (SELECT min(id) FROM guests) WHERE id = {guest}"
    ));
    let told: Vec<&str> = app
        .broken()
        .iter()
        .map(|finding| finding.invariant)
        .collect();
    for expected in [
        "a person is a profile that stands for itself",
        "a room's nights lie within the stay they are let to",
        "a stay holds all nights ahead in its room, and no other room's",
        "what stays earned is what their folios earn by the rules of their time",
    ] {
        assert!(told.contains(&expected), "{expected}: {told:?}");
    }
    let earnings = app.broken().pop().unwrap();
    assert_eq!(
        (earnings.count, earnings.first),
        (
            1,
            vec![format!("stay {stay}: 1000 in the ledger, 900 by the rules")]
        )
    );
}

async fn a_ledger_without_lots_is_given_them(app: TestApp) {
    let (_, account) = app.sql(|conn| members(conn, 1))[0];
    let backend = match app.on {
        On::Sqlite => "sqlite",
        On::Postgresql => "postgresql",
    };
    let run = |conn: &mut Conn, name: &str, way: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let path = path.join(backend).join(name).join(way);
        conn.batch_execute(&fs::read_to_string(path).unwrap())
    };
    let zhou = app.user_id("zhou");
    app.sql(|conn| {
        run(conn, "2026-11-22-000012_programme", "down.sql")?;
        run(conn, "2026-11-22-000011_ledger", "down.sql")?;
        let past = [500, -200, 300, -450, 1000].map(|points| {
            let kind = if points > 0 { "adjust" } else { "redeem" };
            format!("({account}, '{kind}', {points}, 'of old', '2025-01-01', '2025-01-01 10:00:00', {zhou})")
        });
        conn.batch_execute(&format!(
            "INSERT INTO loyalty_entries (account_id, kind, points, reason, posted_on, posted_at, posted_by) VALUES {}",
            past.join(", ")
        ))?;
        run(conn, "2026-11-22-000011_ledger", "up.sql")?;
        run(conn, "2026-11-22-000012_programme", "up.sql")
    });
    assert_eq!(app.broken(), []);
    let lots: Vec<(i64, i64)> = app.sql(|conn| {
        use innkeeper::db::schema::loyalty_lots;
        loyalty_lots::table
            .filter(loyalty_lots::account_id.eq(account))
            .order(loyalty_lots::entry_id)
            .select((loyalty_lots::points, loyalty_lots::remaining))
            .load(conn)
    });
    assert_eq!(lots, [(500, 0), (300, 150), (1000, 1000)]);
}
