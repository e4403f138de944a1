//! `innkeeper assign`.

use std::time::Instant;

use chrono::NaiveDate;

use super::known;
use super::user::Failure;
use crate::clock;
use crate::db::Database;
use crate::properties::{Property, Reference};
use crate::rooms::assign::Day;
use crate::rooms::assign::baseline::Measure;
use crate::rooms::standing::Moment;
use crate::stays::{assigning, replay};

/// Compare the best rooms for a day's arrivals with the first free ones and with those given; changes nothing.
///
/// For a day to come, with the rooms given so far; a day gone by is played again as it stood on its morning: who came,
/// who was in the house already, and what was known of them by then. A wish counts where a room can keep it.
#[derive(clap::Args, Debug)]
pub struct Assign {
    /// The house, by its code
    #[arg(long, value_name = "CODE")]
    property: String,
    /// The day of arrival, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    date: NaiveDate,
}

/// A way to give out rooms, with what it does.
type Way = (&'static str, Measure);

impl Assign {
    /// Works it out and prints a table.
    pub fn run(&self, db: &Database) -> Result<u8, String> {
        let answer = db.read(|conn| {
            let reference = Reference::load(conn)?;
            let Some(house) = reference.by_code(&self.property).cloned() else {
                return Err(Failure(format!(
                    "--property {}: no such property; there are {}",
                    self.property,
                    known(&reference.properties)
                )));
            };
            let moment = Moment::of(&house, clock::now());
            let ways = if self.date < moment.today {
                let replay = replay::load(conn, &house, &reference, self.date)?;
                again(&replay)
            } else {
                let loaded = assigning::load(conn, &house, &reference, self.date, moment)?;
                ahead(&loaded.day)
            };
            Ok((house, ways))
        });
        let (house, ways) = answer.map_err(|failure| failure.0)?;
        print(&house, self.date, &ways);
        Ok(0)
    }
}

/// A day gone by.
fn again(replay: &replay::Replay) -> Vec<Way> {
    let day = &replay.day;
    let in_class = replay.in_the_class_given();
    vec![
        ("first free room", day.measure(&day.first_free())),
        ("as it was", day.measure(&replay.given)),
        ("assigned", day.measure(&assigned(day))),
        (
            "assigned, class as it was",
            day.measure(&assigned(&in_class)),
        ),
    ]
}

/// Today, or a day to come.
fn ahead(day: &Day) -> Vec<Way> {
    let arrivals = day.arrivals.iter();
    let now: Vec<Option<usize>> = arrivals.map(|arrival| day.current(arrival)).collect();
    vec![
        ("first free room", day.measure(&day.first_free())),
        ("as it is now", day.measure(&now)),
        ("assigned", day.measure(&assigned(day))),
    ]
}

fn assigned(day: &Day) -> Vec<Option<usize>> {
    let started = Instant::now();
    let plan = day.plan();
    log::info!(
        "{} arrivals, {} rooms: {:?}",
        day.arrivals.len(),
        day.rooms.len(),
        started.elapsed()
    );
    plan.places.iter().map(|place| place.room()).collect()
}

fn print(house: &Property, date: NaiveDate, ways: &[Way]) {
    let arrivals = ways.first().map_or(0, |(_, measure)| measure.arrivals);
    println!("{}, {date}: {arrivals} arrivals", house.name);
    println!(
        "{:<26} {:>12} {:>5} {:>10} {:>6} {:>6} {:>12} {:>8}",
        "", "wishes kept", "%", "all kept", "above", "below", "need broken", "no room"
    );
    for (name, measure) in ways {
        println!(
            "{name:<26} {:>12} {:>5.0} {:>10} {:>6} {:>6} {:>12} {:>8}",
            format!("{}/{}", measure.kept, measure.of),
            measure.percent(),
            measure.perfect,
            measure.higher,
            measure.lower,
            measure.broken,
            measure.without
        );
    }
}
