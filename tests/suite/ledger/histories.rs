//! Random histories of stays, corrections, spending, lapsing, merging and undoing, against a model of the ledger.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use innkeeper::error::Fault;
use innkeeper::loyalty::ledger::{Kind, Lot, Spending};
use innkeeper::loyalty::requests::{Adjusted, Answer};
use innkeeper::loyalty::{account, earning, expiry, ledger, requests};
use innkeeper::properties::Reference;
use innkeeper::recognition::merging::{self, Pair, Source};
use innkeeper::staff::audit::Actor;
use innkeeper::stays::depart;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{acting, day, members, room, stayed};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(random_histories_end_as_a_model_of_the_ledger_says);

/// Guests of a history.
const GUESTS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Stay {
        guest: usize,
        amount: i64,
    },
    Correct {
        stay: prop::sample::Index,
        amount: i64,
    },
    Redeem {
        guest: usize,
        points: i64,
    },
    Adjust {
        guest: usize,
        points: i64,
    },
    Lapse {
        days: i64,
    },
    Merge {
        one: usize,
        other: usize,
    },
    Undo {
        merge: prop::sample::Index,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let guest = 0..GUESTS;
    let amount = -20_000_i64..400_000;
    prop_oneof![
        4 => (guest.clone(), amount).prop_map(|(guest, amount)| Step::Stay { guest, amount }),
        3 => (any::<prop::sample::Index>(), -500_000_i64..300_000).prop_map(|(stay, amount)| Step::Correct { stay, amount }),
        3 => (guest.clone(), 1_i64..4_000).prop_map(|(guest, points)| Step::Redeem { guest, points }),
        2 => (guest.clone(), prop_oneof![-3_000_i64..-1, 1_i64..9_000]).prop_map(|(guest, points)| Step::Adjust { guest, points }),
        2 => (0_i64..700).prop_map(|days| Step::Lapse { days }),
        1 => (guest.clone(), guest).prop_map(|(one, other)| Step::Merge { one, other }),
        1 => any::<prop::sample::Index>().prop_map(|merge| Step::Undo { merge }),
    ]
}

/// An account as it should be.
#[derive(Default)]
struct Purse {
    /// Last day and points left, in the order they came.
    lots: Vec<(NaiveDate, i64)>,
    /// Points owed, by stay.
    owed: BTreeMap<i64, i64>,
}

impl Purse {
    fn balance(&self) -> i64 {
        self.lots.iter().map(|(_, left)| left).sum()
    }

    fn gain(&mut self, points: i64, on: NaiveDate) {
        self.lots.push((on + Months::new(36), points));
        // Stable: of two that lapse together the older goes first.
        self.lots.sort_by_key(|(last, _)| *last);
    }

    fn spend(&mut self, mut points: i64) {
        for (_, left) in &mut self.lots {
            let part = points.min(*left);
            *left -= part;
            points -= part;
        }
        assert_eq!(points, 0);
        self.lots.retain(|(_, left)| *left > 0);
    }

    /// A stay has earned so many points more, or fewer.
    fn settle(&mut self, stay: i64, difference: i64, on: NaiveDate) {
        if difference < 0 {
            let taken = self.balance().min(-difference);
            self.spend(taken);
            *self.owed.entry(stay).or_default() += -difference - taken;
            return;
        }
        let owed = self.owed.entry(stay).or_default();
        let forgiven = difference.min(*owed);
        *owed -= forgiven;
        let mut left = difference - forgiven;
        if left > 0 {
            self.gain(left, on);
        }
        let debts: Vec<i64> = self.owed.keys().copied().collect();
        for stay in debts {
            let paid = left.min(self.owed[&stay]);
            left -= paid;
            self.spend(paid);
            *self.owed.get_mut(&stay).unwrap() -= paid;
        }
    }
}

/// The points of a folio.
fn points(total: i64) -> i64 {
    total.max(0) / 100
}

fn persons(merges: &[(i64, usize, usize)]) -> Vec<usize> {
    let mut lead: Vec<usize> = (0..GUESTS).collect();
    for _ in 0..GUESTS {
        for (_, one, other) in merges {
            let low = lead[*one].min(lead[*other]);
            (lead[*one], lead[*other]) = (low, low);
        }
    }
    lead
}

async fn random_histories_end_as_a_model_of_the_ledger_says(app: TestApp) {
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    });
    runner
        .run(&prop::collection::vec(step(), 1..24), |steps| {
            play(&app, &steps)
        })
        .unwrap();
    assert_eq!(app.broken(), []);
}

fn play(app: &TestApp, steps: &[Step]) -> Result<(), TestCaseError> {
    let who = app.sql(|conn| members(conn, GUESTS));
    let mut purses: Vec<Purse> = (0..GUESTS).map(|_| Purse::default()).collect();
    // Guest, total of the folio.
    let mut stays: BTreeMap<i64, (usize, i64)> = BTreeMap::new();
    let mut merges: Vec<(i64, usize, usize)> = Vec::new();
    let mut now = day(0);
    let zhou = Actor::User(app.user_id("zhou"));
    let admin = app.user_id("admin");
    for step in steps {
        match step.clone() {
            Step::Stay { guest, amount } => {
                let (stay, earned) = stayed(app, who[guest].0, amount, now);
                prop_assert_eq!(earned, points(amount));
                stays.insert(stay, (guest, amount));
                purses[guest].settle(stay, earned, now);
            }
            Step::Correct { stay, amount } => {
                let Some(stay) = stays.keys().nth(stay.index(stays.len().max(1))).copied() else {
                    continue;
                };
                let (guest, total) = stays[&stay];
                let acting = acting(app, now);
                let change = app
                    .app
                    .db
                    .write(|conn| depart::correct(conn, stay, &[room(amount, now)], acting));
                let difference = points(total + amount) - points(total);
                prop_assert_eq!(change.unwrap(), difference);
                stays.insert(stay, (guest, total + amount));
                purses[guest].settle(stay, difference, now);
            }
            Step::Redeem { guest, points } => {
                let lead = persons(&merges);
                let together: Vec<usize> = (0..GUESTS)
                    .filter(|one| lead[*one] == lead[guest])
                    .collect();
                let done = app.app.db.write(|conn| {
                    let person = who[lead[guest]].0;
                    let accounts = account::of_persons(conn, &[person])?;
                    let accounts: Vec<i64> = accounts.iter().map(|account| account.id).collect();
                    let spending = Spending {
                        points,
                        reason: "a night",
                        reward_id: None,
                    };
                    ledger::redeem(conn, &accounts, spending, now, zhou)
                });
                let held: i64 = together.iter().map(|one| purses[*one].balance()).sum();
                prop_assert_eq!(done.is_ok(), held >= points);
                if done.is_ok() {
                    let mut left = points;
                    for one in together {
                        let part = purses[one].balance().min(left);
                        purses[one].spend(part);
                        left -= part;
                    }
                }
            }
            Step::Adjust { guest, points } => {
                let done = app.app.db.write(|conn| {
                    let account = who[guest].1;
                    let adjusted = requests::adjust(
                        conn,
                        account,
                        Kind::Adjust,
                        points,
                        "to please",
                        now,
                        zhou,
                    )?;
                    if let Adjusted::Waits(id) = adjusted {
                        let tiers = Reference::load(conn)?.tiers;
                        requests::answer(conn, id, Answer::Approved, &tiers, now, admin)?;
                    }
                    Ok::<_, Fault>(())
                });
                prop_assert_eq!(done.is_ok(), purses[guest].balance() + points >= 0);
                if done.is_ok() && points > 0 {
                    purses[guest].gain(points, now);
                } else if done.is_ok() {
                    purses[guest].spend(-points);
                }
            }
            Step::Lapse { days } => {
                now += chrono::TimeDelta::days(days);
                expiry::run(&app.app.db, now).unwrap();
                for purse in &mut purses {
                    purse.lots.retain(|(last, _)| *last >= now);
                }
            }
            Step::Merge { one, other } => {
                let (guest_id, other_id) = (who[one].0, who[other].0);
                let pair = Pair { guest_id, other_id };
                let merged = app
                    .app
                    .db
                    .write(|conn| merging::merge(conn, pair, Source::Desk, None, None));
                let lead = persons(&merges);
                prop_assert_eq!(merged.is_ok(), lead[one] != lead[other]);
                if let Ok(id) = merged {
                    merges.push((id, one, other));
                }
            }
            Step::Undo { merge } => {
                if merges.is_empty() {
                    continue;
                }
                let (id, ..) = merges.remove(merge.index(merges.len()));
                app.app
                    .db
                    .write(|conn| merging::undo(conn, id, None))
                    .unwrap();
            }
        }
        for ((_, account), purse) in who.iter().zip(&purses) {
            let lots: Vec<Lot> = app.sql(|conn| ledger::lots(conn, &[*account]));
            let lots: Vec<(NaiveDate, i64)> = lots
                .iter()
                .map(|lot| (lot.expires_on.unwrap(), lot.remaining))
                .collect();
            prop_assert_eq!(&lots, &purse.lots, "after {:?}", step);
            let owed = app.sql(|conn| earning::owed(conn, &[*account]));
            prop_assert_eq!(owed, purse.owed.values().sum::<i64>());
            prop_assert_eq!(
                app.sql(|conn| ledger::balance(conn, *account)),
                purse.balance()
            );
        }
    }
    Ok(())
}
