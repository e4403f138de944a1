//! The two databases have one shape, which forbids what must not be stored.

use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use innkeeper::db::{Conn, migrate, schema};

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::world::{On, World};

on_both!(
    every_table_is_as_the_code_says,
    the_ledger_the_record_and_consents_are_only_appended_to,
    a_room_is_not_let_twice_for_a_night,
    points_of_a_stay_are_earned_once,
    what_can_not_be_is_not_stored,
    migrations_go_down_and_up_again,
    migrating_twice_changes_nothing,
);

async fn every_table_is_as_the_code_says(app: TestApp) {
    macro_rules! load {
        ($($table:ident),+ $(,)?) => {
            vec![$((
                stringify!($table),
                app.sql(|conn| schema::$table::table.select(schema::$table::all_columns).limit(1).execute(conn).map(drop)),
            ).0),+]
        };
    }
    let read = load!(
        features,
        properties,
        room_types,
        rooms,
        room_features,
        users,
        user_properties,
        user_outlets,
        sessions,
        login_failures,
        api_tokens,
        api_token_properties,
        guests,
        guest_contacts,
        guest_documents,
        guest_keys,
        guest_likeness,
        consents,
        stays,
        stay_bookings,
        stay_candidates,
        room_nights,
        room_locks,
        assignments,
        assignment_moves,
        room_connections,
        room_moves,
        folio_charges,
        preferences,
        stay_readings,
        promises,
        notes,
        cases,
        case_events,
        case_gestures,
        case_compensations,
        tasks,
        offer_rules,
        offers,
        loyalty_tiers,
        earn_rules,
        loyalty_accounts,
        loyalty_entries,
        loyalty_lots,
        loyalty_takes,
        loyalty_debts,
        loyalty_rules,
        loyalty_earnings,
        loyalty_rewards,
        loyalty_requests,
        merges,
        merge_moves,
        reviews,
        not_same,
        duplicate_pairs,
        duplicate_runs,
        duplicate_answers,
        audit_log,
        settings,
        greetings,
        greeting_attempts,
        suppressions,
        greeting_runs,
        search_changes,
        idempotency_keys,
        held_events,
        backup_runs,
        events,
        webhooks,
        webhook_properties,
        webhook_deliveries,
        jobs,
        outlets,
        dining_tables,
        dining_table_features,
        dining_marks,
        dining_combinations,
        dining_combination_tables,
        dining_services,
        dining_closures,
        dining_visits,
        dining_party,
        dining_visit_tables,
        dining_slots,
        dishes,
        dish_unfit,
        dining_orders,
        dish_opinions,
    );
    // None is left out: neither of schema.rs, nor of the database.
    let source =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema.rs")).unwrap();
    assert_eq!(source.matches("diesel::table!").count(), read.len());
    let there = match app.on {
        On::Sqlite => {
            "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        On::Postgresql => {
            "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    let count: Count = app.sql(|conn| diesel::sql_query(there).get_result(conn));
    assert_eq!(count.n, read.len() as i64);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[test]
fn each_migration_has_its_twin() {
    let names = |backend: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(backend);
        let mut names: Vec<String> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap())
            .inspect(|entry| {
                for file in ["up.sql", "down.sql"] {
                    assert!(
                        entry.path().join(file).exists(),
                        "{:?} has no {file}",
                        entry.path()
                    );
                }
            })
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgresql"));
    assert!(!names("sqlite").is_empty());
}

async fn the_ledger_the_record_and_consents_are_only_appended_to(app: TestApp) {
    app.sign_in("lin").await.see("/search?q=wang").await;
    for (table, change) in [
        ("loyalty_entries", "points = points + 1"),
        ("audit_log", "action = 'nothing'"),
        ("consents", "granted = granted"),
        ("case_events", "body = 'nothing'"),
    ] {
        let count = |app: &TestApp| -> i64 {
            let count: Count = app.sql(|conn| {
                diesel::sql_query(format!("SELECT count(*) AS n FROM {table}")).get_result(conn)
            });
            count.n
        };
        let before = count(&app);
        assert!(before > 0, "{table} is empty: nothing is tested");
        for statement in [
            format!("UPDATE {table} SET {change}"),
            format!("DELETE FROM {table}"),
        ] {
            let refused = app.try_sql(&statement).expect_err(&statement).to_string();
            assert!(refused.contains("append-only"), "{statement}: {refused}");
        }
        assert_eq!(count(&app), before);
    }
}

fn is_refused(app: &TestApp, statement: &str) {
    let refused = app.try_sql(statement).expect_err(statement);
    assert!(
        matches!(refused, diesel::result::Error::DatabaseError(..)),
        "{statement}: {refused}"
    );
}

async fn a_room_is_not_let_twice_for_a_night(app: TestApp) {
    is_refused(
        &app,
        "INSERT INTO room_nights (room_id, night, stay_id) SELECT room_id, night, (SELECT min(id) FROM stays) FROM room_nights",
    );
}

async fn points_of_a_stay_are_earned_once(app: TestApp) {
    let stay = app.stay_in("1207");
    let entry = format!(
        "INSERT INTO loyalty_entries (account_id, kind, points, stay_id, reason, posted_on, posted_at) \
         SELECT min(id), 'earn', 10, {stay}, 'test', '2026-01-01', '2026-01-01 10:00:00' FROM loyalty_accounts"
    );
    assert_eq!(app.try_sql(&entry).unwrap(), 1);
    is_refused(&app, &entry);
}

async fn what_can_not_be_is_not_stored(app: TestApp) {
    let stay = app.stay_in("1207");
    for statement in [
        format!("UPDATE stays SET departure = '2001-01-01' WHERE id = {stay}"),
        format!("UPDATE stays SET status = 'asleep' WHERE id = {stay}"),
        format!("UPDATE stays SET currency = 'money' WHERE id = {stay}"),
        format!("UPDATE stays SET arrival = '2026-02-30' WHERE id = {stay}"),
        format!("UPDATE stays SET guest_id = 999999 WHERE id = {stay}"),
        // A room of the other house.
        format!(
            "UPDATE stays SET room_id = (SELECT id FROM rooms WHERE number = 'L11') WHERE id = {stay}"
        ),
        format!("UPDATE stays SET adults = -1 WHERE id = {stay}"),
        "UPDATE guests SET given_name = NULL, family_name = NULL, native_name = NULL".into(),
        "UPDATE guests SET vip_level = 0".into(),
        "UPDATE rooms SET number = '1207' WHERE number = '1208'".into(),
        "UPDATE users SET role = 'owner'".into(),
        "UPDATE preferences SET code = 'no_such_word'".into(),
        "UPDATE preferences SET times = 2, chances = 1".into(),
        "UPDATE cases SET closed_at = '2026-01-01 10:00:00'".into(),
        "DELETE FROM properties".into(),
        "DELETE FROM guests".into(),
    ] {
        is_refused(&app, &statement);
    }
}

fn run_down(conn: &mut Conn, backend: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(backend);
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    for migration in names.iter().rev() {
        let sql = fs::read_to_string(migration.join("down.sql")).unwrap();
        conn.batch_execute(&sql)
            .unwrap_or_else(|error| panic!("{migration:?}: {error}"));
    }
    conn.batch_execute("DELETE FROM __diesel_schema_migrations")
        .unwrap();
}

async fn migrations_go_down_and_up_again(app: TestApp) {
    let world = World::empty(app.on);
    let mut conn = world.url.connect().unwrap();
    let backend = match app.on {
        On::Sqlite => "sqlite",
        On::Postgresql => "postgresql",
    };
    run_down(&mut conn, backend);
    assert!(!migrate::is_current(&mut conn).unwrap());
    assert!(migrate::run(&mut conn).unwrap() > 0);
    assert!(migrate::is_current(&mut conn).unwrap());
}

async fn migrating_twice_changes_nothing(app: TestApp) {
    let applied = app.app.db.read(|conn| {
        migrate::run(conn).map_err(|error| innkeeper::db::Unavailable(error.to_string()))
    });
    assert_eq!(applied.unwrap(), 0);
}
