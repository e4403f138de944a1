//! A copy of everything while clerks work, and the way back.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use innkeeper::backup::{self, Report, restore, schedule};
use innkeeper::db::schema::{audit_log, backup_runs, guests, stays, users};
use innkeeper::db::{Conn, Database, DatabaseUrl};
use innkeeper::error::Fault;
use innkeeper::settings;

use crate::api::{Program, booking};
use crate::support::app::TestApp;
use crate::support::binary::{finish, innkeeper};
use crate::support::on_both;
use crate::support::world::{HEX_KEY, On, World};

on_both!(
    what_was_acknowledged_before_a_backup_is_in_it_whatever_is_written_meanwhile,
    an_administrator_decides_where_backups_go,
    one_node_takes_the_day_and_a_failure_is_told,
);

const PASSPHRASE: &str = "a passphrase of the test";

/// Runs a command on a world's database.
fn command(world: &World, arguments: &[&str], passphrase: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let url = world.url_text();
    let arguments = [&["--database-url", url.as_str()], arguments].concat();
    let mut command = innkeeper(directory.path(), &arguments);
    command.env("INNKEEPER_SECRET_KEY", HEX_KEY);
    finish(command, passphrase)
}

fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn count(url: &DatabaseUrl) -> (i64, i64) {
    let mut conn = url.connect().unwrap();
    let guests = guests::table.count().get_result(&mut conn).unwrap();
    (guests, stays::table.count().get_result(&mut conn).unwrap())
}

async fn what_was_acknowledged_before_a_backup_is_in_it_whatever_is_written_meanwhile(
    app: TestApp,
) {
    let pms = Arc::new(Program::pms(&app));
    let acknowledged: Arc<Mutex<HashSet<String>>> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (pms, acknowledged, stop) = (
                Arc::clone(&pms),
                Arc::clone(&acknowledged),
                Arc::clone(&stop),
            );
            actix_web::rt::spawn(async move {
                let mut made = 0;
                while !stop.load(Ordering::Relaxed) {
                    let number = format!("LOAD-{writer}-{made}");
                    let path = format!("/reservations/RIV/{number}");
                    let guest = booking(&format!("Load{writer}x{made}"));
                    pms.put(&path, &guest).await.is(201);
                    acknowledged.lock().unwrap().insert(number);
                    made += 1;
                }
            })
        })
        .collect();
    while acknowledged.lock().unwrap().len() < 20 {
        actix_web::rt::task::yield_now().await;
    }
    // A look that may still wait beside the database belongs to the record.
    pms.get("/reservations/RIV/LOAD-0-0").await.is(200);
    let before = acknowledged.lock().unwrap().clone();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("hotel.backup");
    let (url, to) = (app.world.url.clone(), file.clone());
    let written =
        actix_web::web::block(move || backup::write(&url, &to, Some(PASSPHRASE), &|_| ()));
    let report = written.await.unwrap().unwrap();
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(
        acknowledged.lock().unwrap().len() > before.len(),
        "nobody wrote meanwhile"
    );

    let elsewhere = World::bare(app.on);
    let said = done(&command(&elsewhere, &["restore", text(&file)], PASSPHRASE));
    assert!(
        said.contains("restored") && !said.contains("WARNING"),
        "{said}"
    );
    let mut conn = elsewhere.url.connect().unwrap();
    let there: Vec<String> = stays::table
        .filter(stays::confirmation_number.like("LOAD-%"))
        .select(stays::confirmation_number)
        .load(&mut conn)
        .unwrap();
    let there: HashSet<String> = there.into_iter().collect();
    let lost: Vec<&String> = before.difference(&there).collect();
    assert!(
        lost.is_empty(),
        "{lost:?} was acknowledged and is not there"
    );
    // Each reservation with its line on record, and none without the other.
    let lines: i64 = audit_log::table
        .inner_join(stays::table.on(stays::id.nullable().eq(audit_log::stay_id)))
        .filter(audit_log::action.eq("put_reservation"))
        .filter(stays::confirmation_number.like("LOAD-%"))
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(lines as usize, there.len());
    let looks: i64 = audit_log::table
        .filter(audit_log::action.eq("view_stay"))
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(looks, 1);
    assert_eq!(report.facts.rows["stays"], count(&elsewhere.url).1);
    let stored: Report =
        serde_json::from_str(&fs::read_to_string(Report::path_of(&file)).unwrap()).unwrap();
    assert_eq!((stored.facts, stored.sealed), (report.facts, true));
}

/// A demo hotel and a backup of it.
struct Kept {
    world: World,
    directory: tempfile::TempDir,
    file: std::path::PathBuf,
}

impl Kept {
    fn of(on: On, sealed: bool) -> Self {
        let world = World::demo(on);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("hotel.backup");
        let mut arguments = vec!["backup", text(&file)];
        arguments.extend(sealed.then_some("--encrypt"));
        done(&command(&world, &arguments, PASSPHRASE));
        Self {
            world,
            directory,
            file,
        }
    }
}

fn for_each(test: impl Fn(On)) {
    test(On::Sqlite);
    test(On::Postgresql);
}

#[test]
fn a_backup_overwrites_nothing_and_leaves_nothing_half_done() {
    for_each(|on| {
        let kept = Kept::of(on, false);
        let said = refused(&command(&kept.world, &["backup", text(&kept.file)], ""));
        assert!(said.contains("is there already"), "{said}");
        let nowhere = kept.directory.path().join("none/hotel.backup");
        refused(&command(&kept.world, &["backup", text(&nowhere)], ""));
        let mut names: Vec<_> = fs::read_dir(kept.directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["hotel.backup", "hotel.backup.report.json"]);
    });
}

#[test]
fn a_database_is_replaced_only_when_told_and_kept_aside() {
    for_each(|on| {
        let kept = Kept::of(on, false);
        let before = count(&kept.world.url);
        let mut conn = kept.world.url.connect().unwrap();
        diesel::update(users::table)
            .set(users::display_name.eq("Later"))
            .execute(&mut conn)
            .unwrap();
        drop(conn);
        let said = refused(&command(&kept.world, &["restore", text(&kept.file)], ""));
        assert!(said.contains("--replace"), "{said}");
        let replace = ["restore", text(&kept.file), "--replace"];
        let said = done(&command(&kept.world, &replace, ""));
        let aside = said
            .split("is now ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        assert_eq!(count(&kept.world.url), before);
        let later = |conn: &mut Conn| -> i64 {
            let later = users::table.filter(users::display_name.eq("Later"));
            later.count().get_result(conn).unwrap()
        };
        let mut conn = kept.world.url.connect().unwrap();
        assert_eq!(later(&mut conn), 0);
        let mut old = match on {
            On::Sqlite => DatabaseUrl::Sqlite(aside.into()).connect().unwrap(),
            On::Postgresql => {
                let schema = aside.strip_prefix("schema ").unwrap();
                conn.batch_execute(&format!("SET search_path = {schema}"))
                    .unwrap();
                conn
            }
        };
        assert!(later(&mut old) > 0);
    });
}

#[test]
fn a_file_that_is_not_whole_or_not_ours_changes_nothing() {
    for_each(|on| {
        let kept = Kept::of(on, true);
        let before = count(&kept.world.url);
        let whole = fs::read(&kept.file).unwrap();
        let broken = kept.directory.path().join("broken");
        let complain = |file: &Path, passphrase: &str| {
            let arguments = ["restore", text(file), "--replace"];
            let said = refused(&command(&kept.world, &arguments, passphrase));
            assert_eq!(count(&kept.world.url), before, "{said}");
            said
        };
        let said = complain(&kept.file, "another passphrase");
        assert!(said.contains("passphrase is another"), "{said}");
        for cut in [3, 40, whole.len() / 2, whole.len() - 1] {
            fs::write(&broken, &whole[..cut]).unwrap();
            complain(&broken, PASSPHRASE);
        }
        let plain = Kept::of(on, false);
        let whole = fs::read(&plain.file).unwrap();
        for cut in [30, whole.len() / 2, whole.len() - 4096] {
            fs::write(&broken, &whole[..cut]).unwrap();
            complain(&broken, "");
        }
        fs::write(&broken, "guest_id,given_name\n1,Ada\n").unwrap();
        let said = complain(&broken, "");
        assert!(said.contains("is not a backup"), "{said}");
    });
}

#[test]
fn a_backup_of_a_newer_innkeeper_is_refused() {
    for_each(|on| {
        let world = World::demo(on);
        let mut conn = world.url.connect().unwrap();
        conn.batch_execute(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')",
        )
        .unwrap();
        drop(conn);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("newer");
        backup::write(&world.url, &file, None, &|_| ()).unwrap();
        let elsewhere = World::bare(on);
        let said = refused(&command(&elsewhere, &["restore", text(&file)], ""));
        assert!(
            said.contains("newer Innkeeper") && said.contains("20991231000001"),
            "{said}"
        );
        let restored = restore::restore(&elsewhere.url, &file, None, false, &|_| ());
        assert!(restored.is_err());
    });
}

#[test]
fn a_database_that_is_served_is_not_replaced() {
    let kept = Kept::of(On::Sqlite, false);
    let _serving = kept.world.url.claim().unwrap();
    let replace = ["restore", text(&kept.file), "--replace"];
    let said = refused(&command(&kept.world, &replace, ""));
    assert!(said.contains("served by another process"), "{said}");
}

#[test]
fn a_sealed_backup_brings_the_key_beside_the_database_and_a_plain_one_does_not() {
    for (sealed, brings) in [(true, true), (false, false)] {
        let world = World::demo(On::Sqlite);
        let DatabaseUrl::Sqlite(path) = &world.url else {
            unreachable!()
        };
        fs::write(format!("{}.key", path.display()), HEX_KEY).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("hotel.backup");
        let passphrase = sealed.then_some(PASSPHRASE);
        let report = backup::write(&world.url, &file, passphrase, &|_| ()).unwrap();
        assert_eq!(report.secret_key, brings);
        let has_key = fs::read(&file).unwrap();
        assert!(!has_key.windows(64).any(|part| part == HEX_KEY.as_bytes()));
        let elsewhere = World::bare(On::Sqlite);
        let restored = restore::restore(&elsewhere.url, &file, passphrase, false, &|_| ()).unwrap();
        let DatabaseUrl::Sqlite(path) = &elsewhere.url else {
            unreachable!()
        };
        let key = fs::read_to_string(format!("{}.key", path.display()));
        assert_eq!(key.is_ok_and(|key| key.trim() == HEX_KEY), brings);
        assert_eq!(
            restored.warnings.is_empty(),
            brings,
            "{:?}",
            restored.warnings
        );
        let restored = fs::read(path).unwrap();
        assert!(!restored.windows(64).any(|part| part == HEX_KEY.as_bytes()));
    }
}

async fn an_administrator_decides_where_backups_go(app: TestApp) {
    let boss = app.sign_in("admin").await;
    let directory = tempfile::tempdir().unwrap();
    let there = text(directory.path());
    let path = "/settings/backup";
    let fields = |directory, hour| {
        [
            ("directory", directory),
            ("hour", hour),
            ("daily", "7"),
            ("weekly", "4"),
            ("monthly", "12"),
        ]
    };
    let answer = boss.post(path, &fields("backups", "25")).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.count(".field.wrong"), 2);
    let mut sealed = fields(there, "0").to_vec();
    sealed.push(("sealed", "yes"));
    let answer = boss.post(path, &sealed).await;
    assert!(
        answer.body.contains("INNKEEPER_BACKUP_PASSPHRASE"),
        "{}",
        answer.body
    );
    let answer = boss.post(path, &fields(there, "0")).await;
    assert!(answer.flash().unwrap().ok);
    assert_eq!(boss.see(path).await.attr("#directory", "value"), there);
    let lines: i64 = app.sql(|conn| {
        audit_log::table
            .filter(audit_log::action.eq("set_backup"))
            .count()
            .get_result(conn)
    });
    assert_eq!(lines, 1);
    let db = app.app.db.clone();
    let made = actix_web::web::block(move || schedule::scheduled(&db))
        .await
        .unwrap();
    let file = made.unwrap().unwrap().file;
    assert!(file.starts_with(directory.path()) && file.exists());
    let page = boss.see(path).await;
    assert!(
        page.text("tbody").contains(text(&file)),
        "{}",
        page.text("tbody")
    );
    let again = schedule::scheduled(&app.app.db).unwrap();
    assert!(again.is_none(), "a day has one backup");
}

async fn one_node_takes_the_day_and_a_failure_is_told(app: TestApp) {
    let decided = schedule::Schedule {
        directory: "/nowhere/at/all".into(),
        hour: 0,
        ..schedule::Schedule::default()
    };
    app.sql(|conn| settings::set(conn, "backup", &decided));
    let nodes: Vec<Database> = (0..4)
        .map(|_| Database::open(&app.world.url).unwrap())
        .collect();
    let tried: Vec<_> = std::thread::scope(|scope| {
        let nodes: Vec<_> = nodes
            .iter()
            .map(|db| scope.spawn(|| schedule::scheduled(db)))
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    let failed = tried.iter().filter(|tried| tried.is_err()).count();
    assert_eq!(failed, 1, "{tried:?}");
    let boss = app.sign_in("admin").await;
    let page = boss.see("/settings/backup").await;
    assert!(page.text("[role=alert]").contains("/nowhere/at/all"));
    // Not at once, but before the day is over.
    assert!(schedule::scheduled(&app.app.db).unwrap().is_none());
    let earlier = innkeeper::clock::now() - chrono::TimeDelta::hours(2);
    let passed = app.app.db.write(|conn| {
        let run = diesel::update(backup_runs::table);
        run.set(backup_runs::finished_at.eq(earlier))
            .execute(conn)?;
        Ok::<_, Fault>(())
    });
    passed.unwrap();
    assert!(schedule::scheduled(&app.app.db).is_err());
}
