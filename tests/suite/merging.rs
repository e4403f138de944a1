//! Merging and undoing move pointers alone: every fact stays on the profile it came with, and comes back to its person.

use std::collections::BTreeMap;

use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{
    cases, guest_contacts, guest_documents, guest_keys, guests, loyalty_accounts, loyalty_entries,
    merges, notes, preferences, stays,
};
use innkeeper::error::Fault;
use innkeeper::guests::notes::{NewNote, Team};
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::recognition::merging::{self, Pair, Source};
use innkeeper::welcome::memory;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::world::keys;

on_both!(
    merging_and_undoing_in_random_order_leaves_every_fact_where_it_was,
    the_older_person_stands_on_and_the_record_says_what_moved,
    undoing_an_early_merge_leaves_the_later_ones_standing,
    what_is_not_the_same_is_never_merged,
    facts_written_while_merged_stay_on_their_profile,
    two_accounts_of_one_person_both_stand_and_are_read_as_one,
    many_merges_at_once_leave_one_person,
    two_profiles_are_compared_joined_and_parted_from_their_page,
    undoing_a_reviews_merge_on_the_profile_asks_again,
);

fn merge(app: &TestApp, guest_id: i64, other_id: i64) -> Result<i64, Fault> {
    let pair = Pair { guest_id, other_id };
    app.app
        .db
        .write(|conn| merging::merge(conn, pair, Source::Desk, None, None))
}

fn undo(app: &TestApp, merge_id: i64) -> Result<Pair, Fault> {
    app.app.db.write(|conn| merging::undo(conn, merge_id, None))
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Fault>) -> &'static str {
    match result {
        Err(Fault::Refused(message)) => message.key(),
        other => panic!("not refused: {other:?}"),
    }
}

/// Where each profile points.
fn pointers(app: &TestApp) -> BTreeMap<i64, i64> {
    let all: Vec<(i64, i64)> = app.sql(|conn| {
        guests::table
            .select((guests::id, guests::person_id))
            .load(conn)
    });
    all.into_iter().collect()
}

/// Every fact with the profile it is on.
fn facts(app: &TestApp) -> Vec<Vec<(i64, i64)>> {
    macro_rules! of {
        ($($table:ident),+) => {
            vec![$(app.sql(|conn| $table::table.order($table::id).select(($table::id, $table::guest_id)).load(conn))),+]
        };
    }
    let mut facts = of!(
        stays,
        preferences,
        notes,
        cases,
        guest_contacts,
        guest_documents,
        loyalty_accounts
    );
    facts.push(app.sql(|conn| {
        loyalty_entries::table
            .order(loyalty_entries::id)
            .select((loyalty_entries::account_id, loyalty_entries::points))
            .load(conn)
    }));
    facts.push(vec![(
        0,
        app.sql(|conn| guest_keys::table.count().get_result(conn)),
    )]);
    facts
}

fn strangers(app: &TestApp, count: usize) -> Vec<i64> {
    let profiles: Vec<NewProfile> = (0..count)
        .map(|index| NewProfile {
            source: "test".into(),
            given_name: Some(format!("Stranger{index}")),
            ..NewProfile::default()
        })
        .collect();
    app.sql(|conn| profile::create(conn, &keys(), &profiles, clock::now()))
}

async fn merging_and_undoing_in_random_order_leaves_every_fact_where_it_was(app: TestApp) {
    let (before, facts_before) = (pointers(&app), facts(&app));
    let ids: Vec<i64> = before.keys().copied().take(14).collect();
    let steps = prop::collection::vec(
        (
            any::<bool>(),
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
        ),
        1..14,
    );
    let endings = prop::collection::vec(any::<prop::sample::Index>(), 14);
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&(steps, endings), |(steps, endings)| {
            // What a person is, told independently: the profiles that standing pairs reach.
            let mut standing: Vec<(i64, i64, i64)> = Vec::new();
            let check = |standing: &[(i64, i64, i64)]| {
                let mut expected = before.clone();
                loop {
                    let mut changed = false;
                    for &(_, a, b) in standing {
                        let low = expected[&a].min(expected[&b]);
                        for high in [expected[&a], expected[&b]] {
                            for person in
                                expected.values_mut().filter(|p| **p == high && high != low)
                            {
                                (*person, changed) = (low, true);
                            }
                        }
                    }
                    if !changed {
                        break;
                    }
                }
                prop_assert_eq!(pointers(&app), expected);
                Ok(())
            };
            for (is_merge, one, other) in steps {
                if is_merge || standing.is_empty() {
                    let (a, b) = (*one.get(&ids), *other.get(&ids));
                    if let Ok(id) = merge(&app, a, b) {
                        standing.push((id, a, b));
                    }
                } else {
                    let (id, ..) = standing.remove(one.index(standing.len()));
                    undo(&app, id).unwrap();
                }
                check(&standing)?;
            }
            for ending in endings {
                if !standing.is_empty() {
                    let (id, ..) = standing.remove(ending.index(standing.len()));
                    undo(&app, id).unwrap();
                    check(&standing)?;
                }
            }
            prop_assert_eq!(pointers(&app), before.clone());
            prop_assert_eq!(facts(&app), facts_before.clone());
            Ok(())
        })
        .unwrap();
}

async fn the_older_person_stands_on_and_the_record_says_what_moved(app: TestApp) {
    let ids = strangers(&app, 3);
    merge(&app, ids[2], ids[1]).unwrap();
    let id = merge(&app, ids[2], ids[0]).unwrap();
    let now = pointers(&app);
    assert!(ids.iter().all(|guest| now[guest] == ids[0]));
    let (person, absorbed): (i64, i64) = app.sql(|conn| {
        merges::table
            .find(id)
            .select((merges::person_id, merges::absorbed_id))
            .first(conn)
    });
    assert_eq!((person, absorbed), (ids[0], ids[1]));
    assert_eq!(refusal(merge(&app, ids[0], ids[1])), "refused-one-already");
    undo(&app, id).unwrap();
    assert_eq!(refusal(undo(&app, id)), "refused-merge-undone");
}

async fn undoing_an_early_merge_leaves_the_later_ones_standing(app: TestApp) {
    let ids = strangers(&app, 3);
    let first = merge(&app, ids[0], ids[1]).unwrap();
    let second = merge(&app, ids[1], ids[2]).unwrap();
    undo(&app, first).unwrap();
    let now = pointers(&app);
    assert_eq!(
        [now[&ids[0]], now[&ids[1]], now[&ids[2]]],
        [ids[0], ids[1], ids[1]]
    );
    undo(&app, second).unwrap();
    let now = pointers(&app);
    assert!(ids.iter().all(|guest| now[guest] == *guest));
}

async fn what_is_not_the_same_is_never_merged(app: TestApp) {
    let ids = strangers(&app, 4);
    let pair = Pair {
        guest_id: ids[2],
        other_id: ids[0],
    };
    let apart = |pair| {
        app.app
            .db
            .write(|conn| merging::tell_apart(conn, pair, None, None))
    };
    apart(pair).unwrap();
    apart(pair).unwrap();
    assert_eq!(refusal(merge(&app, ids[0], ids[2])), "refused-not-same");
    // Nor through others: the statement is about persons.
    merge(&app, ids[0], ids[1]).unwrap();
    merge(&app, ids[2], ids[3]).unwrap();
    assert_eq!(refusal(merge(&app, ids[1], ids[3])), "refused-not-same");
    let never = app
        .app
        .db
        .read(|conn| merging::never(conn, ids[1]).map_err(Fault::from))
        .unwrap();
    assert_eq!(never.into_iter().collect::<Vec<_>>(), [ids[2]]);
    let pair = Pair {
        guest_id: ids[0],
        other_id: ids[1],
    };
    assert_eq!(refusal(apart(pair)), "refused-are-one");
}

async fn facts_written_while_merged_stay_on_their_profile(app: TestApp) {
    let (regular, stranger) = (app.stay_in("1208"), strangers(&app, 1)[0]);
    let guest: i64 = app.sql(|conn| {
        stays::table
            .find(regular)
            .select(stays::guest_id)
            .first(conn)
    });
    let before = app.sql(|conn| memory::of_person(conn, guest)).stays.len();
    let id = merge(&app, guest, stranger).unwrap();
    let lin = app.user_id("lin");
    let note = app.sql(|conn| {
        NewNote {
            guest_id: stranger,
            stay_id: None,
            property_id: None,
            team: Team::FrontDesk,
            body: "Written while they were one.",
            author_id: lin,
            replaces_id: None,
        }
        .write(conn)
    });
    let person = pointers(&app)[&stranger];
    let of = |person: i64| -> Vec<i64> {
        let notes = app.sql(|conn| innkeeper::guests::notes::of_person(conn, person, false));
        notes.iter().map(|note| note.id).collect()
    };
    assert!(of(person).contains(&note) && of(person).len() > 1);
    undo(&app, id).unwrap();
    assert_eq!(of(stranger), [note]);
    assert!(!of(guest).contains(&note));
    assert_eq!(
        app.sql(|conn| memory::of_person(conn, guest)).stays.len(),
        before
    );
}

async fn two_accounts_of_one_person_both_stand_and_are_read_as_one(app: TestApp) {
    let accounts: Vec<(i64, i64, String)> = app.sql(|conn| {
        loyalty_accounts::table
            .filter(loyalty_accounts::tier.eq_any(["member", "gold"]))
            .order(loyalty_accounts::tier.desc())
            .select((
                loyalty_accounts::id,
                loyalty_accounts::guest_id,
                loyalty_accounts::tier,
            ))
            .load(conn)
    });
    let member = accounts.iter().find(|(.., tier)| tier == "member").unwrap();
    let gold = accounts.iter().find(|(.., tier)| tier == "gold").unwrap();
    let of = |guest: i64| {
        let person = pointers(&app)[&guest];
        app.sql(|conn| memory::of_person(conn, person))
    };
    let points = (of(member.1).points(), of(gold.1).points());
    let id = merge(&app, member.1, gold.1).unwrap();
    let one = of(member.1);
    assert_eq!(one.account.as_ref().unwrap().tier, "gold");
    assert_eq!(one.accounts().count(), 2);
    assert_eq!(one.points(), points.0 + points.1);
    // Each profile's stays go on earning where they did.
    assert_eq!(one.account_of(member.1).unwrap().id, member.0);
    assert_eq!(one.account_of(gold.1).unwrap().id, gold.0);
    undo(&app, id).unwrap();
    assert_eq!((of(member.1).points(), of(gold.1).points()), points);
}

async fn many_merges_at_once_leave_one_person(app: TestApp) {
    let ids = strangers(&app, 12);
    let made: Vec<bool> = std::thread::scope(|scope| {
        // Every neighbour with the next, and each pair from both sides.
        let pairs = ids
            .windows(2)
            .flat_map(|pair| [(pair[0], pair[1]), (pair[1], pair[0])]);
        let all: Vec<_> = pairs
            .map(|(a, b)| {
                scope.spawn({
                    let app = &app.app;
                    move || {
                        let pair = Pair {
                            guest_id: a,
                            other_id: b,
                        };
                        app.db
                            .write(|conn| merging::merge(conn, pair, Source::Duplicate, None, None))
                            .is_ok()
                    }
                })
            })
            .collect();
        all.into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(made.iter().filter(|made| **made).count(), ids.len() - 1);
    let now = pointers(&app);
    assert!(ids.iter().all(|guest| now[guest] == ids[0]), "{now:?}");
}

/// The opaque id of a profile.
fn public_id(app: &TestApp, id: i64) -> String {
    app.sql(|conn| guests::table.find(id).select(guests::public_id).first(conn))
}

async fn two_profiles_are_compared_joined_and_parted_from_their_page(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let guest = app.guest_of(app.stay_in("1208"));
    let stranger = public_id(&app, strangers(&app, 1)[0]);
    let path = format!("/guests/{guest}");
    let before = lin.see(&path).await;
    let link = before.attr("#profiles a[data-key=m]", "href");
    assert!(lin.see(&link).await.has("#with"));
    let found = lin.see(&format!("{link}?with=stranger0")).await;
    assert_eq!(
        found.attrs(".linked a", "href"),
        [format!("{link}?with={stranger}")]
    );
    // The address of a page will do as well.
    let pasted = format!("{link}?with=http%3A%2F%2Fhotel%2Fguests%2F{stranger}");
    let preview = lin.see(&pasted).await;
    let name = preview.all(".versus tbody tr").remove(0);
    assert!(
        name.contains("differs") && name.contains("Stranger0"),
        "{name}"
    );
    // Two profiles carry her name, one his: hers stands.
    assert!(preview.all("td.wins").remove(0).contains("Nana"), "{name}");
    let joined = lin
        .post(&format!("{path}/merge"), &[("other", &stranger)])
        .await;
    let undo = joined.flash().unwrap().undo.unwrap();
    for id in [&guest, &stranger] {
        let page = lin.see(&format!("/guests/{id}")).await;
        assert_eq!(page.count("#profiles .linked li"), 3, "{id}");
        assert!(page.text("h1").contains("欧阳娜娜"), "{}", page.text("h1"));
        assert!(
            page.text("#profiles .merge")
                .contains("joined by hand · Lin Yue")
        );
    }
    let again = lin
        .post(&format!("{path}/merge"), &[("other", &stranger)])
        .await;
    assert!(again.refusal().contains("already"));
    // Only from a page of the person it made.
    let elsewhere = undo.replace(&guest, &app.guest_of(app.stay_in("1501")));
    assert_eq!(lin.post(&elsewhere, &[]).await.status, 404);
    let chen = app.sign_in("chen").await;
    assert_eq!(chen.post(&undo, &[]).await.status, 403);
    assert!(!chen.see(&path).await.has("#profiles form"));
    let parted = lin.submit(&undo, &[]).await;
    assert_eq!(parted.all("#profiles li"), before.all("#profiles li"));
    assert!(!parted.has("#profiles .merge"));
    assert!(lin.post(&undo, &[]).await.refusal().contains("quicker"));
    // Who did what is on the record of both.
    let lines = app.sql(|conn| {
        let about = innkeeper::db::schema::audit_log::table;
        about
            .filter(innkeeper::db::schema::audit_log::action.eq_any(["merge", "undo_merge"]))
            .count()
            .get_result::<i64>(conn)
    });
    assert_eq!(lines, 4);
}

async fn undoing_a_reviews_merge_on_the_profile_asks_again(app: TestApp) {
    let lin = app.sign_in("lin").await;
    let stay = app.arriving("Zhang");
    let review = format!("/review/{stay}");
    let chosen = lin.see(&review).await.attr("input[name=guest]", "value");
    lin.post(&review, &[("answer", "same"), ("guest", &chosen)])
        .await;
    let page = lin.see(&format!("/guests/{chosen}")).await;
    assert!(page.text("#profiles .merge").contains("joined in review"));
    assert!(
        page.text("#profiles .merge")
            .contains("same name and same country")
    );
    let undo = page.attr("#profiles form", "action");
    lin.submit(&undo, &[]).await;
    assert!(lin.see(&review).await.has("form.review"));
    // Ruled out for good: the page of the two says so, and offers nothing.
    lin.post(&review, &[("answer", "other"), ("guest", &chosen)])
        .await;
    let booked = app.guest_of(stay);
    let preview = lin
        .see(&format!("/guests/{booked}/merge?with={chosen}"))
        .await;
    assert!(preview.has(".band.attend") && !preview.has(".primaryform"));
    let refused = lin
        .post(&format!("/guests/{booked}/merge"), &[("other", &chosen)])
        .await;
    assert!(
        refused.refusal().contains("two persons"),
        "{}",
        refused.refusal()
    );
}
