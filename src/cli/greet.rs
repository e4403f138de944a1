//! `innkeeper greet`.

use std::sync::atomic::AtomicBool;

use chrono::NaiveDate;

use super::progress::Shown;
use super::user::Failure;
use crate::clock;
use crate::db::Database;
use crate::error::Fault;
use crate::greetings::deliver::{self, Post, Totals};
use crate::greetings::plan::WhyNot;
use crate::greetings::planning::{Line, Plan, When};
use crate::greetings::runs::{self, Planned};
use crate::greetings::settings::Settings;
use crate::jobs::Work;
use crate::properties::Property;
use crate::secret::Keys;

/// Plan the letters of a day, and send what is due.
///
/// Safe to run twice, on two nodes at once, and while others work; broken off, it goes on where it stood. Letters go out at
/// a decent hour where the guest lives, so run it every hour; with a date, that day's letters go out now.
#[derive(clap::Args, Debug)]
pub struct Greet {
    /// The day to write for, instead of each house's own today; its letters go out at once.
    #[arg(long)]
    date: Option<NaiveDate>,
    /// Print who gets what, and who does not and why; store and send nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Greet {
    /// Plans and sends.
    pub fn run(&self, db: &Database, keys: &Keys) -> Result<u8, String> {
        let (houses, settings) = db
            .read(|conn| Ok::<_, Failure>((Property::all(conn)?, Settings::load(conn)?)))
            .map_err(|failure| failure.0)?;
        if houses.is_empty() {
            println!("There is no house yet; import properties first.");
            return Ok(0);
        }
        if self.dry_run {
            return self.rehearse(db, &houses, &settings);
        }
        // Known before anything is planned: a wrong address of the server is not found out at night.
        let post = Post::configured()?;
        let planned = if settings.paused {
            println!("All letters are paused; nothing is planned or sent.");
            Planned::default()
        } else {
            self.plan(db, &houses, &settings)?
        };
        println!("{}", told(&planned));
        let Some(post) = post else {
            println!("SMTP_URL is not set: what is due is planned, and nothing is sent.");
            return Ok(0);
        };
        let totals = send(db, keys, &post)?;
        println!(
            "{} sent, {} put off, {} refused, {} uncertain",
            totals.sent, totals.deferred, totals.bounced, totals.uncertain
        );
        Ok(0)
    }

    /// What there is to plan: a day with its houses.
    fn days(
        &self,
        db: &Database,
        houses: &[Property],
    ) -> Result<Vec<(NaiveDate, Vec<Property>)>, String> {
        if let Some(date) = self.date {
            return Ok(vec![(date, houses.to_vec())]);
        }
        let pending = db.read(|conn| Ok::<_, Failure>(runs::pending(conn, houses, clock::now())?));
        pending.map_err(|failure| failure.0)
    }

    fn plan_of(
        &self,
        day: NaiveDate,
        own: Vec<Property>,
        all: &[Property],
        settings: &Settings,
    ) -> Plan {
        Plan {
            day,
            houses: own,
            first_house: all.first().map_or(0, |house| house.id),
            settings: settings.clone(),
            when: if self.date.is_some() {
                When::AtOnce
            } else {
                When::DecentHour
            },
            now: clock::now(),
        }
    }

    fn plan(
        &self,
        db: &Database,
        houses: &[Property],
        settings: &Settings,
    ) -> Result<Planned, String> {
        let mut all = Planned::default();
        for (day, own) in self.days(db, houses)? {
            let plan = self.plan_of(day, own, houses, settings);
            let mut shown = Shown::new(None, "letters planned");
            let planned = runs::run(
                db,
                &plan,
                || true,
                |planned, after| shown.at(after.unsigned_abs(), planned.letters as u64),
            );
            shown.done();
            let planned = planned.map_err(explained)?;
            all.letters += planned.letters;
            for (why, count) in planned.refused {
                *all.refused.entry(why).or_default() += count;
            }
        }
        Ok(all)
    }

    fn rehearse(
        &self,
        db: &Database,
        houses: &[Property],
        settings: &Settings,
    ) -> Result<u8, String> {
        let now = clock::now();
        let days: Vec<(NaiveDate, Vec<Property>)> = match self.date {
            Some(date) => vec![(date, houses.to_vec())],
            None => by_day(houses, now),
        };
        for (day, own) in days {
            let plan = self.plan_of(day, own, houses, settings);
            let rehearsed =
                runs::rehearse(db, &plan, |line| print(line, day)).map_err(explained)?;
            println!("{day}: {}", told(&rehearsed));
        }
        Ok(0)
    }
}

fn by_day(houses: &[Property], now: chrono::NaiveDateTime) -> Vec<(NaiveDate, Vec<Property>)> {
    let mut days: Vec<(NaiveDate, Vec<Property>)> = Vec::new();
    for house in houses {
        let day = house.business_date(now);
        match days.iter_mut().find(|(found, _)| *found == day) {
            Some((_, own)) => own.push(house.clone()),
            None => days.push((day, vec![house.clone()])),
        }
    }
    days
}

fn print(line: &Line, day: NaiveDate) {
    let Line {
        guest,
        name,
        occasion,
        ..
    } = line;
    match &line.outcome {
        Ok(letter) => println!(
            "{day}  {guest}  {name}  {occasion}  {} to {} in {} from {}Z",
            letter.state,
            letter.mailbox.given,
            letter.language,
            letter.due_at.format("%Y-%m-%dT%H:%M")
        ),
        Err(why) => println!("{day}  {guest}  {name}  {occasion}  not: {}", reason(*why)),
    }
}

/// Why not, in words.
fn reason(why: WhyNot) -> &'static str {
    match why {
        WhyNot::Deceased => "has died",
        WhyNot::Erased => "asked to be forgotten",
        WhyNot::NoAddress => "no address is known",
        WhyNot::RelayAddress => "the only address is an agency's relay",
        WhyNot::Bounced => "letters to the address came back",
        WhyNot::Complained => "a letter was called spam",
        WhyNot::Unsubscribed => "unsubscribed",
        WhyNot::SaidNo => "said no",
        WhyNot::Staff => "the staff stopped the letters",
        WhyNot::NoConsent => "nobody asked for consent",
        WhyNot::OpenCase => "a complaint is open",
        WhyNot::StayingNow => "is in the house",
        WhyNot::Paused => "the occasion is paused",
        WhyNot::Stronger => "a stronger occasion falls on the same day",
        WhyNot::AlreadyToday => "a letter is planned for that day already",
        WhyNot::Enough => "had enough letters these thirty days",
        WhyNot::AddressChanged => "the address is not theirs any more",
        WhyNot::StayChanged => "the stay has changed",
        WhyNot::MembershipChanged => "the points or the tier have changed",
        WhyNot::TooLate => "its time is over",
    }
}

fn told(planned: &Planned) -> String {
    let refused: i64 = planned.refused.values().sum();
    let reasons: Vec<String> = planned
        .refused
        .iter()
        .map(|(why, count)| format!("{count} {}", reason(*why)))
        .collect();
    let reasons = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join(", "))
    };
    format!(
        "{} letters planned, {refused} not{reasons}",
        planned.letters
    )
}

fn send(db: &Database, keys: &Keys, post: &Post) -> Result<Totals, String> {
    let over = AtomicBool::new(false);
    let work = Work::new(db, keys, &|_| (), &over);
    let mut shown = Shown::new(None, "letters tried");
    let totals = deliver::run(&work, post, &mut |totals| {
        shown.at(totals.tried(), totals.tried())
    });
    shown.done();
    totals
}

fn explained(fault: Fault) -> String {
    match fault {
        Fault::Database(error) => error.to_string(),
        Fault::Unavailable(error) => error.to_string(),
        Fault::Refused(_) | Fault::Invalid(_) | Fault::NotFound => {
            "the database changed underneath".into()
        }
    }
}
