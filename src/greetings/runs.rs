//! One pass over all persons for the houses that live the same day; broken off, it goes on where it stood.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::plan::WhyNot;
use super::planning::{self, Line, Plan};
use crate::clock;
use crate::db::schema::greeting_runs;
use crate::db::{Conn, Database};
use crate::error::Fault;
use crate::insert_missing;
use crate::properties::Property;

/// What a pass came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Letters that were stored.
    pub letters: usize,
    /// Who gets none, by reason.
    pub refused: BTreeMap<WhyNot, i64>,
}

/// A house's day, as it was planned.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Run {
    pub property_id: i64,
    pub day: NaiveDate,
    pub after_person: i64,
    pub planned: i64,
    refused: String,
    pub started_at: NaiveDateTime,
    pub finished_at: Option<NaiveDateTime>,
}

impl Run {
    /// Who got no letter, by reason.
    pub fn refused(&self) -> BTreeMap<WhyNot, i64> {
        // A reason that a newer node knows is counted there.
        serde_json::from_str(&self.refused).unwrap_or_default()
    }

    /// The days of these houses that were planned, or are being planned.
    pub fn of_day(conn: &mut Conn, houses: &[i64], day: NaiveDate) -> QueryResult<Vec<Self>> {
        greeting_runs::table
            .filter(greeting_runs::property_id.eq_any(houses))
            .filter(greeting_runs::day.eq(day))
            .order(greeting_runs::property_id)
            .load(conn)
    }
}

/// Houses whose day has no finished plan yet, by day.
pub fn pending(
    conn: &mut Conn,
    houses: &[Property],
    now: NaiveDateTime,
) -> QueryResult<Vec<(NaiveDate, Vec<Property>)>> {
    let mut by_day: BTreeMap<NaiveDate, Vec<Property>> = BTreeMap::new();
    for house in houses {
        by_day
            .entry(house.business_date(now))
            .or_default()
            .push(house.clone());
    }
    for (day, houses) in &mut by_day {
        let ids: Vec<i64> = houses.iter().map(|house| house.id).collect();
        let done = Run::of_day(conn, &ids, *day)?;
        houses.retain(|house| {
            !done
                .iter()
                .any(|run| run.property_id == house.id && run.finished_at.is_some())
        });
    }
    Ok(by_day
        .into_iter()
        .filter(|(_, houses)| !houses.is_empty())
        .collect())
}

/// Looks at every person without writing anything; `tell` gets each line.
pub fn rehearse(db: &Database, plan: &Plan, mut tell: impl FnMut(&Line)) -> Result<Planned, Fault> {
    let stays = db.read(|conn| Ok::<_, Fault>(plan.stays(conn)?))?;
    let mut all = Planned::default();
    let mut after = 0;
    loop {
        let (lines, last) = db.read(|conn| Ok::<_, Fault>(plan.window(conn, &stays, after)?))?;
        let Some(last) = last else {
            return Ok(all);
        };
        for line in &lines {
            count(&mut all, line);
            tell(line);
        }
        after = last;
    }
}

fn count(planned: &mut Planned, line: &Line) {
    match &line.outcome {
        Ok(_) => planned.letters += 1,
        Err(why) => *planned.refused.entry(*why).or_default() += 1,
    }
}

/// Plans the day of these houses, window by window, until it is done or `goes_on` says no. `tell` gets what was stored so
/// far and the last person looked at.
///
/// Done twice, or on two nodes at once, nobody is planned twice.
pub fn run(
    db: &Database,
    plan: &Plan,
    mut goes_on: impl FnMut() -> bool,
    mut tell: impl FnMut(&Planned, i64),
) -> Result<Planned, Fault> {
    let houses: Vec<i64> = plan.houses.iter().map(|house| house.id).collect();
    let mut after = db.write(|conn| Ok::<_, Fault>(begin(conn, &houses, plan.day)?))?;
    let stays = db.read(|conn| Ok::<_, Fault>(plan.stays(conn)?))?;
    let mut all = Planned::default();
    while let Some(from) = after.filter(|_| goes_on()) {
        // Read beside the writers; what changes meanwhile is asked again when the letter is taken.
        let (lines, last) = db.read(|conn| Ok::<_, Fault>(plan.window(conn, &stays, from)?))?;
        let stored =
            db.write(|conn| Ok::<_, Fault>(step(conn, plan, &houses, from, last, &lines)?))?;
        if let Some(letters) = stored {
            all.letters += letters;
            for line in lines.iter().filter(|line| line.outcome.is_err()) {
                count(&mut all, line);
            }
            after = last;
        } else {
            // Another node was quicker: on from where it is.
            after = db.read(|conn| Ok::<_, Fault>(position(conn, &houses, plan.day)?))?;
        }
        tell(&all, after.unwrap_or(from));
    }
    Ok(all)
}

/// Opens the runs of a day; where they stand, or none where all is done.
fn begin(conn: &mut Conn, houses: &[i64], day: NaiveDate) -> QueryResult<Option<i64>> {
    let rows: Vec<_> = houses
        .iter()
        .map(|house| {
            (
                greeting_runs::property_id.eq(*house),
                greeting_runs::day.eq(day),
                greeting_runs::started_at.eq(clock::now()),
            )
        })
        .collect();
    insert_missing!(conn, greeting_runs::table, rows);
    position(conn, houses, day)
}

fn position(conn: &mut Conn, houses: &[i64], day: NaiveDate) -> QueryResult<Option<i64>> {
    let runs = Run::of_day(conn, houses, day)?;
    let open = runs.iter().filter(|run| run.finished_at.is_none());
    Ok(open.map(|run| run.after_person).min())
}

/// Stores a window, unless another node did meanwhile.
fn step(
    conn: &mut Conn,
    plan: &Plan,
    houses: &[i64],
    from: i64,
    last: Option<i64>,
    lines: &[Line],
) -> QueryResult<Option<usize>> {
    let here = greeting_runs::table
        .filter(greeting_runs::property_id.eq_any(houses))
        .filter(greeting_runs::day.eq(plan.day))
        .filter(greeting_runs::after_person.eq(from))
        .filter(greeting_runs::finished_at.is_null());
    // Houses may stand at different persons, where one of them joined the day later.
    let moved: Vec<i64> = diesel::update(here)
        .set((
            greeting_runs::after_person.eq(last.unwrap_or(from)),
            last.is_none()
                .then(|| greeting_runs::finished_at.eq(clock::now())),
        ))
        .returning(greeting_runs::property_id)
        .load(conn)?;
    if moved.is_empty() {
        return Ok(None);
    }
    let stored = planning::store(conn, plan, lines)?;
    for run in Run::of_day(conn, &moved, plan.day)? {
        let own = lines
            .iter()
            .filter(|line| line.property_id == run.property_id);
        let mut refused = run.refused();
        let mut planned = run.planned;
        for line in own {
            match line.outcome {
                Ok(_) => planned += 1,
                Err(why) => *refused.entry(why).or_default() += 1,
            }
        }
        diesel::update(greeting_runs::table.find((run.property_id, plan.day)))
            .set((
                greeting_runs::planned.eq(planned),
                greeting_runs::refused.eq(serde_json::to_string(&refused).unwrap_or_default()),
            ))
            .execute(conn)?;
    }
    Ok(Some(stored))
}
