//! Whether what is stored can be: every invariant as one question to the database, asked of one moment.
//!
//! Most of these the database holds itself; they are asked again all the same, for a file that was damaged or edited
//! by hand. What only a computation can tell, such as the points of a stay, is asked of the code that posts them.

mod invariants;

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::{self, Conn};
use crate::loyalty::earning;
use crate::properties::Property;

/// Offenders that are named.
const NAMED: usize = 5;
/// Stays worked out anew together.
const CHUNK: i64 = 5_000;

/// What one question found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What must hold.
    pub invariant: &'static str,
    /// How often it does not.
    pub count: i64,
    /// The first of those, by name.
    pub first: Vec<String>,
}

impl Finding {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.count == 0
    }
}

#[derive(QueryableByName)]
struct Offender {
    #[diesel(sql_type = Text)]
    offender: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Asks everything of one moment; `told` hears each answer as it comes.
pub fn run(
    conn: &mut Conn,
    now: NaiveDateTime,
    mut told: impl FnMut(&Finding),
) -> QueryResult<Vec<Finding>> {
    db::read_tx(conn, |conn| {
        let houses = Property::all(conn)?;
        let dates = houses.iter().map(|house| house.business_date(now));
        let today = dates.max().unwrap_or_else(|| now.date());
        let mut findings = Vec::new();
        for (invariant, query) in invariants::all(matches!(conn, Conn::Sqlite(_)), today) {
            let finding = ask(conn, invariant, &query)?;
            told(&finding);
            findings.push(finding);
        }
        let finding = earnings(conn)?;
        told(&finding);
        findings.push(finding);
        Ok(findings)
    })
}

fn ask(conn: &mut Conn, invariant: &'static str, query: &str) -> QueryResult<Finding> {
    let first: Vec<Offender> = diesel::sql_query(format!(
        "WITH found AS ({query}) SELECT CAST(offender AS TEXT) AS offender, count(*) OVER () AS count FROM found LIMIT {NAMED}"
    ))
    .load(conn)?;
    Ok(Finding {
        invariant,
        count: first.first().map_or(0, |offender| offender.count),
        first: first.into_iter().map(|one| one.offender).collect(),
    })
}

/// Works out anew what every stay should have earned.
fn earnings(conn: &mut Conn) -> QueryResult<Finding> {
    let mut finding = Finding {
        invariant: "what stays earned is what their folios earn by the rules of their time",
        count: 0,
        first: Vec::new(),
    };
    let (mut after, mut known) = (0, HashMap::new());
    loop {
        let terms = earning::terms_after(conn, after, CHUNK)?;
        let Some(last) = terms.last() else {
            return Ok(finding);
        };
        after = last.stay_id;
        let ids: Vec<i64> = terms.iter().map(|terms| terms.stay_id).collect();
        let due = earning::due(conn, &terms, &mut known)?;
        let posted = earning::posted(conn, &ids)?;
        for stay_id in ids {
            let due = due.get(&stay_id).copied().unwrap_or_default();
            let posted = posted.get(&stay_id).copied().unwrap_or_default();
            let stands = posted.points - posted.owed;
            if due == stands {
                continue;
            }
            finding.count += 1;
            if finding.first.len() < NAMED {
                let told = format!("stay {stay_id}: {stands} in the ledger, {due} by the rules");
                finding.first.push(told);
            }
        }
    }
}

/// A day as both databases read it.
fn quoted(day: NaiveDate) -> String {
    format!("'{day}'")
}
