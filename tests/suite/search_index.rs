//! The search index: slips and fragments are forgiven, whoever was just written is found, whatever happens to the index.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{guest_contacts, guest_keys, guest_likeness, guests};
use innkeeper::db::{Conn, Database};
use innkeeper::error::Fault;
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::guests::search::{self, Asking, Finder, changes};
use innkeeper::recognition::merging::{self, Pair, Source};

use crate::support::app::{self, TestApp};
use crate::support::on_both;
use crate::support::world::{On, keys, today};

on_both!(
    a_guest_is_found_through_slips_fragments_order_and_script,
    one_character_is_enough,
    a_guest_just_written_is_found_at_once,
    another_node_finds_them_too,
    a_transaction_that_ends_late_is_not_missed,
    a_new_name_takes_the_place_of_the_old_and_who_is_gone_is_not_found,
    two_profiles_of_one_person_are_one_line,
    an_index_that_is_lost_or_broken_is_built_anew,
    an_index_of_another_database_is_built_anew,
    two_servers_do_not_share_a_directory,
);

/// A server's means of searching, apart from that of the app.
struct Node {
    db: Database,
    finder: Finder,
    house: i64,
}

impl Node {
    fn start(app: &TestApp, directory: &Path) -> Self {
        let db = Database::open(&app.world.url).unwrap();
        Self {
            finder: Finder::start(db.clone(), directory.to_owned()).unwrap(),
            db,
            house: app.property_id("RIV"),
        }
        .ready()
    }

    fn of(app: &TestApp) -> Self {
        Self {
            db: app.app.db.clone(),
            finder: app.app.finder.clone(),
            house: app.property_id("RIV"),
        }
        .ready()
    }

    fn ready(self) -> Self {
        app::until_ready(&self.finder);
        self
    }

    /// Who is found, and why.
    fn found(&self, typed: &str) -> Vec<String> {
        let houses = [self.house];
        let asking = Asking {
            houses: &houses,
            property_id: self.house,
            today: today(),
        };
        let found = self
            .db
            .read(|conn| Ok::<_, Fault>(search::find(conn, &self.finder, typed, &asking, 10)?))
            .unwrap();
        found
            .iter()
            .map(|found| format!("{}: {}", found.guest.name(), found.why.as_str()))
            .collect()
    }

    fn finds(&self, typed: &str, name: &str) {
        let found = self.found(typed);
        assert!(
            found.iter().any(|line| line.starts_with(name)),
            "{typed} does not find {name}: {found:?}"
        );
    }

    fn finds_not(&self, typed: &str, name: &str) {
        let found = self.found(typed);
        assert!(
            !found.iter().any(|line| line.starts_with(name)),
            "{typed} finds {name}: {found:?}"
        );
    }

    /// Ends the thread that keeps the index.
    fn stop(self) {
        drop(self);
        thread::sleep(Duration::from_millis(600));
    }
}

fn person(given: &str, family: &str, native: Option<&str>) -> NewProfile {
    NewProfile {
        source: "test".into(),
        given_name: Some(given.into()),
        family_name: Some(family.into()),
        native_name: native.map(str::to_owned),
        ..NewProfile::default()
    }
}

fn write(db: &Database, people: &[NewProfile]) -> Vec<i64> {
    db.write(|conn| Ok::<_, Fault>(profile::create(conn, &keys(), people, clock::now())?))
        .unwrap()
}

/// What the index has still to read is nothing.
fn wait_for_the_index() {
    thread::sleep(Duration::from_millis(1_500));
}

async fn a_guest_is_found_through_slips_fragments_order_and_script(app: TestApp) {
    let people = [
        person("Xiaoming", "Wang", Some("王小明")),
        person("Min-jun", "Kim", Some("김민준")),
        person("Владимир", "Соколов", None),
        person("María José", "García López", None),
        person("Seán", "O’Brien", None),
    ];
    let node = Node::of(&app);
    write(&node.db, &people);
    let check = || {
        for (typed, name) in [
            ("wagn xiaoming", "王小明"),
            ("xiaoming wan", "王小明"),
            ("wangxiaoming", "王小明"),
            ("xia wan", "王小明"),
            ("王小名", "王小明"),
            ("小明", "王小明"),
            ("kim min jun", "김민준"),
            ("minjun", "김민준"),
            ("김민", "김민준"),
            ("vladmir", "Владимир Соколов"),
            ("sokolov vl", "Владимир Соколов"),
            ("Соколов", "Владимир Соколов"),
            ("gar jos", "María José García López"),
            ("gracia lopez", "María José García López"),
            ("lopez maria", "María José García López"),
            ("obrein", "Seán O’Brien"),
            ("o'bri", "Seán O’Brien"),
            ("mulelr", "Hans-Peter Müller"),
            ("lefevr", "François Lefèvre"),
        ] {
            node.finds(typed, name);
        }
    };
    // First by the log, then by the index.
    check();
    wait_for_the_index();
    check();
    assert_eq!(node.found("lefevre francosi"), ["François Lefèvre: alike"]);
}

async fn one_character_is_enough(app: TestApp) {
    let node = Node::of(&app);
    write(
        &node.db,
        &[person("Hana", "O", None), person("Sam", "Ip", None)],
    );
    node.finds("ip", "Sam Ip");
    let found = node.found("o");
    assert!(found.len() > 1, "{found:?}");
    node.finds("o", "Hana O");
    node.finds("欧", "欧阳娜娜");
    wait_for_the_index();
    node.finds("o", "Hana O");
}

async fn a_guest_just_written_is_found_at_once(app: TestApp) {
    let node = Node::of(&app);
    for number in 0..20 {
        let (given, family) = (format!("Quirin{number}"), format!("Zwetschke{number}"));
        write(&node.db, &[person(&given, &family, None)]);
        node.finds(&format!("zwetschke{number} quirin{number}"), &given);
    }
    // A thousand at once, as an import writes them; the first is found as the last.
    let crowd: Vec<NewProfile> = (0..1_000)
        .map(|number| person(&format!("Ottokar{number}"), "Vielzuviele", None))
        .collect();
    write(&node.db, &crowd);
    node.finds("ottokar0 vielz", "Ottokar0 Vielzuviele");
    node.finds("vielzuviele ottokar999", "Ottokar999 Vielzuviele");
    wait_for_the_index();
    node.finds("ottokar500 vielz", "Ottokar500 Vielzuviele");
}

async fn another_node_finds_them_too(app: TestApp) {
    let directory = tempfile::tempdir().unwrap();
    let (here, there) = (Node::of(&app), Node::start(&app, directory.path()));
    write(&here.db, &[person("Quirin", "Zwetschke", None)]);
    there.finds("zwetshcke", "Quirin Zwetschke");
    here.finds("quirin zwe", "Quirin Zwetschke");
    wait_for_the_index();
    there.finds("zwetshcke", "Quirin Zwetschke");
    there.stop();
}

async fn a_transaction_that_ends_late_is_not_missed(app: TestApp) {
    // SQLite has one writer: there a transaction that began earlier has ended earlier.
    if app.on == On::Sqlite {
        return;
    }
    let node = Node::of(&app);
    let mut late = app.world.url.connect().unwrap();
    late.batch_execute("BEGIN").unwrap();
    let people = [person("Quirin", "Zwetschke", None)];
    profile::create(&mut late, &keys(), &people, clock::now()).unwrap();
    write(&node.db, &[person("Ottokar", "Fruehauf", None)]);
    wait_for_the_index();
    node.finds("ottokar fru", "Ottokar Fruehauf");
    node.finds_not("zwetschke", "Quirin Zwetschke");
    late.batch_execute("COMMIT").unwrap();
    node.finds("zwetschke", "Quirin Zwetschke");
    wait_for_the_index();
    node.finds("zwetshcke", "Quirin Zwetschke");
    node.finds("ottokra fruehauf", "Ottokar Fruehauf");
}

fn rename(conn: &mut Conn, id: i64, family: &str) -> QueryResult<()> {
    diesel::update(guests::table.find(id))
        .set(guests::family_name.eq(family))
        .execute(conn)?;
    profile::rekey(conn, id)
}

fn erase(conn: &mut Conn, id: i64) -> QueryResult<()> {
    diesel::delete(guest_keys::table.filter(guest_keys::guest_id.eq(id))).execute(conn)?;
    diesel::delete(guest_likeness::table.filter(guest_likeness::guest_id.eq(id))).execute(conn)?;
    diesel::delete(guest_contacts::table.filter(guest_contacts::guest_id.eq(id))).execute(conn)?;
    diesel::delete(guests::table.find(id)).execute(conn)?;
    changes::note(conn, [id])
}

async fn a_new_name_takes_the_place_of_the_old_and_who_is_gone_is_not_found(app: TestApp) {
    let node = Node::of(&app);
    let people = [
        person("Quirin", "Zwetschke", None),
        person("Ottokar", "Zwetschke", None),
    ];
    let ids = write(&node.db, &people);
    wait_for_the_index();
    app.sql(|conn| rename(conn, ids[0], "Apfelbaum"));
    app.sql(|conn| erase(conn, ids[1]));
    for _ in 0..2 {
        node.finds("apfelbuam", "Quirin Apfelbaum");
        assert_eq!(node.found("zwetschke"), Vec::<String>::new());
        wait_for_the_index();
    }
}

async fn two_profiles_of_one_person_are_one_line(app: TestApp) {
    let node = Node::of(&app);
    let people = [
        person("Quirin", "Zwetschke", None),
        person("Q", "Zwetschke", None),
        person("Quirin", "Apfelbaum", None),
    ];
    let ids = write(&node.db, &people);
    assert_eq!(node.found("zwetschke").len(), 2);
    app.app
        .db
        .write(|conn| {
            for other_id in &ids[1..] {
                let pair = Pair {
                    guest_id: ids[0],
                    other_id: *other_id,
                };
                merging::merge(conn, pair, Source::Desk, None, None)?;
            }
            Ok::<_, Fault>(())
        })
        .unwrap();
    for _ in 0..2 {
        assert_eq!(node.found("zwetschke").len(), 1);
        assert_eq!(node.found("quirin").len(), 1);
        wait_for_the_index();
    }
}

/// All files of the index of names in a directory.
fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(directory.join("names")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

async fn an_index_that_is_lost_or_broken_is_built_anew(app: TestApp) {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("search");
    Node::start(&app, &place).stop();
    type Harm = fn(&Path);
    let harms: [Harm; 5] = [
        |place| fs::remove_dir_all(place).unwrap(),
        |place| {
            for file in files(place) {
                fs::write(file, b"nothing of the kind").unwrap();
            }
        },
        |place| {
            for file in files(place)
                .iter()
                .filter(|file| !file.ends_with("meta.json"))
            {
                let mut bytes = fs::read(file).unwrap();
                bytes.iter_mut().step_by(7).for_each(|byte| *byte ^= 0x55);
                fs::write(file, bytes).unwrap();
            }
        },
        |place| {
            let meta = place.join("names/meta.json");
            let text = fs::read_to_string(&meta).unwrap();
            let older = text.replace("version\\\":1", "version\\\":0");
            assert_ne!(text, older);
            fs::write(meta, older).unwrap();
        },
        |place| {
            for file in files(place)
                .iter()
                .filter(|file| !file.ends_with("meta.json"))
            {
                fs::remove_file(file).unwrap();
            }
        },
    ];
    for (number, harm) in harms.iter().enumerate() {
        harm(&place);
        let node = Node::start(&app, &place);
        node.finds("lefevre farncois", "François Lefèvre");
        let given = format!("Quirin{number}");
        write(&node.db, &[person(&given, "Zwetschke", None)]);
        node.finds(&format!("zwetschke quirin{number}"), &given);
        node.stop();
    }
}

async fn an_index_of_another_database_is_built_anew(app: TestApp) {
    let directory = tempfile::tempdir().unwrap();
    let node = Node::start(&app, directory.path());
    let ids = write(&node.db, &[person("Quirin", "Zwetschke", None)]);
    wait_for_the_index();
    node.finds("zwetschke", "Quirin");
    node.stop();
    // The database is put back to an older copy, and others were written since.
    app.sql(|conn| {
        erase(conn, ids[0])?;
        diesel::sql_query("DELETE FROM search_changes WHERE id > 2").execute(conn)
    });
    let node = Node::start(&app, directory.path());
    node.finds_not("zwetschke", "Quirin");
    node.finds("lefevre farncois", "François Lefèvre");
    node.stop();
}

async fn two_servers_do_not_share_a_directory(app: TestApp) {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("search");
    let (one, other) = (Node::start(&app, &place), Node::start(&app, &place));
    write(&one.db, &[person("Quirin", "Zwetschke", None)]);
    wait_for_the_index();
    one.finds("zwetshcke", "Quirin");
    other.finds("zwetshcke", "Quirin");
    assert!(directory.path().join("search-2").exists());
    one.stop();
    other.stop();
}
