//! Many hosts at once: no table is promised twice.

use std::rc::Rc;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{dining_slots, dining_visit_tables, dining_visits};
use innkeeper::dining::host::{self, Acting, Becomes, NewParty};
use innkeeper::dining::{Meal, Outlet, Status, slots};
use innkeeper::error::Fault;
use innkeeper::staff::audit::Actor;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tokio::task::{JoinSet, LocalSet};

use super::{STAND, all_is_well, status, table, tables_of};
use crate::support::app::TestApp;
use crate::support::client::Page;
use crate::support::on_both;

on_both!(
    of_many_hosts_one_seats_at_a_table,
    whatever_many_hosts_do_at_once_no_table_is_promised_twice,
);

const HOSTS: usize = 32;

async fn of_many_hosts_one_seats_at_a_table(app: TestApp) {
    let client = Rc::new(app.sign_in("marco").await);
    let token = client.token().await;
    let t8 = table(&app, "T8");
    let answers: Vec<Page> = LocalSet::new()
        .run_until(async {
            let mut all = JoinSet::new();
            for index in 0..HOSTS {
                let client = Rc::clone(&client);
                let (token, t8) = (token.clone(), t8.clone());
                all.spawn_local(async move {
                    let name = format!("Party {index}");
                    let form = [
                        ("csrf", token.as_str()),
                        ("name", &name),
                        ("covers", "2"),
                        ("tables", &t8),
                    ];
                    let request = client.http.post(client.url(&format!("{STAND}/seat")));
                    Page::of(request.form(&form).send().await.unwrap()).await
                });
            }
            all.join_all().await
        })
        .await;
    let flashes: Vec<_> = answers.iter().map(|page| page.flash().unwrap()).collect();
    assert_eq!(flashes.iter().filter(|flash| flash.ok).count(), 1);
    for refused in flashes.iter().filter(|flash| !flash.ok) {
        assert!(
            refused.text.starts_with("At T8 sits Party ")
                || refused.text.starts_with("T8 is promised to Party "),
            "{}",
            refused.text
        );
    }
    all_is_well(&app);
}

/// What one host does: to which tables, from which quarter on for how many, and whether they sit, book or hold.
#[derive(Clone, Debug)]
struct Deed {
    tables: Vec<usize>,
    from: i64,
    quarters: i64,
    becomes: u8,
    then: u8,
}

fn deed() -> impl Strategy<Value = Deed> {
    let tables = prop::collection::vec(0..6_usize, 1..3);
    (tables, 0_i64..24, 1_i64..9, 0..3_u8, 0..4_u8).prop_map(
        |(tables, from, quarters, becomes, then)| Deed {
            tables,
            from,
            quarters,
            becomes,
            then,
        },
    )
}

/// Thirty-two hosts, each with deeds of their own, all on the same few tables; some of what they did is moved, ended or
/// taken back. Afterwards the parties of each table follow each other.
async fn whatever_many_hosts_do_at_once_no_table_is_promised_twice(app: TestApp) {
    let mut runner = TestRunner::default();
    let deeds = prop::collection::vec(deed(), 6);
    let tables: Vec<i64> = ["T3", "T4", "T8", "T16", "T1", "T5"]
        .iter()
        .map(|name| table(&app, name).parse().unwrap())
        .collect();
    let outlet = app.sql(|conn| Outlet::by_code(conn, "riverside")).unwrap();
    let by = Actor::User(app.user_id("marco"));
    let now = clock::now();
    std::thread::scope(|scope| {
        for _ in 0..HOSTS {
            let deeds = deeds.new_tree(&mut runner).unwrap().current();
            let (db, outlet, tables) = (app.app.db.clone(), &outlet, &tables);
            scope.spawn(move || {
                for deed in deeds {
                    let acting = Acting { by, outlet, now };
                    let outcome = db.write(|conn| {
                        let ids: Vec<i64> = deed.tables.iter().map(|&at| tables[at]).collect();
                        let from = now + TimeDelta::minutes(15 * deed.from);
                        let to = from + TimeDelta::minutes(15 * deed.quarters);
                        let (becomes, time) = match deed.becomes {
                            0 => (Becomes::Seated(ids.clone()), (now, to)),
                            1 => (Becomes::Booked(ids.clone()), (from, to)),
                            _ => (Becomes::Held(ids.clone()), (from, to)),
                        };
                        let party = NewParty {
                            on_date: now.date(),
                            meal: Meal::Dinner,
                            guest_id: None,
                            stay_id: None,
                            called: Some("Race".into()),
                            covers: 2,
                            requests: None,
                            time,
                            once: None,
                        };
                        host::welcome(conn, &party, &becomes, acting)
                    });
                    let id = match outcome {
                        Ok(id) => id,
                        Err(Fault::Refused(_)) => continue,
                        Err(other) => panic!("{other:?}"),
                    };
                    let then = db.write(|conn| match deed.then {
                        0 if deed.becomes == 0 => host::leave(conn, id, acting).map(drop),
                        0 => host::end(conn, id, Status::Cancelled, acting).map(drop),
                        1 => host::move_to(conn, id, &[tables[deed.quarters as usize % 6]], acting)
                            .map(drop),
                        2 if deed.becomes == 0 => host::undo(conn, id, acting).map(drop),
                        _ => Ok(()),
                    });
                    assert!(
                        matches!(then, Ok(()) | Err(Fault::Refused(_))),
                        "{deed:?}: {then:?}"
                    );
                }
            });
        }
    });
    type Held = (i64, i64, Status, NaiveDateTime, NaiveDateTime);
    let mut held: Vec<Held> = app.sql(|conn| {
        dining_visit_tables::table
            .inner_join(dining_visits::table)
            .filter(dining_visits::status.eq_any([Status::Seated, Status::Booked, Status::Held]))
            .filter(dining_visit_tables::table_id.eq_any(&tables))
            .select((
                dining_visit_tables::table_id,
                dining_visits::id,
                dining_visits::status,
                dining_visits::starts_at,
                dining_visits::ends_at,
            ))
            .load(conn)
    });
    held.sort_by_key(|(table, _, _, from, _)| (*table, *from));
    assert!(held.len() > 10, "only {} parties have a table", held.len());
    for pair in held.windows(2) {
        let ((table, one, _, from, to), (other_table, other, _, begins, ends)) =
            (&pair[0], &pair[1]);
        if table == other_table {
            let (first, second) = (slots::of(*from, *to), slots::of(*begins, *ends));
            assert!(
                first.end <= second.start,
                "table {table}: parties {one} and {other}"
            );
        }
    }
    for (table_id, visit, _, from, to) in held {
        let theirs: i64 = app.sql(|conn| {
            dining_slots::table
                .filter(dining_slots::visit_id.eq(visit))
                .filter(dining_slots::table_id.eq(table_id))
                .count()
                .get_result(conn)
        });
        assert_eq!(theirs, slots::of(from, to).count() as i64, "party {visit}");
        assert!(!tables_of(&app, visit).is_empty() && status(&app, visit) != Status::Left);
    }
    all_is_well(&app);
}
