//! Is the guest found who was meant? And how soon? Over HTTP, while one clerk types, on a database of real size.
//!
//! ```text
//! innkeeper generate --guests 1000000 --stays 5000000 --database-url sqlite:///tmp/big.db
//! SEARCH_DATABASE_URL=sqlite:///tmp/big.db cargo bench --bench searching
//! ```
//!
//! The queries are made from the database itself, `SEARCH_QUERIES` (300) of each kind, for three sorts of guests: at the
//! desk (in the house or arriving today), recent (left this house in the last four weeks), and anybody at random. Of
//! many people with one name a search can't know which stranger is meant; the last sort shows that limit.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::time::{Duration, Instant};

use actix_web::web::Data;
use diesel::prelude::*;
use innkeeper::config;
use innkeeper::db::schema::{guest_contacts, guests, stays};
use innkeeper::db::{Database, DatabaseUrl};
use innkeeper::guests::Guest;
use innkeeper::properties::Property;
use innkeeper::secret::Keys;
use innkeeper::stays::Status;
use innkeeper::web::{App, server};
use support::{Client, Failure, serve, sign_in};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let Ok(url) = std::env::var("SEARCH_DATABASE_URL") else {
        println!("SEARCH_DATABASE_URL is not set; see the head of benches/searching.rs");
        return;
    };
    let count = std::env::var("SEARCH_QUERIES").map_or(300, |count| count.parse().unwrap());
    let url: DatabaseUrl = url.parse().unwrap();
    let db = Database::open(&url).unwrap();
    let cookie = sign_in(&db);
    let app = App::new(
        db.clone(),
        Keys::from_hex(&"0".repeat(64)).unwrap(),
        "http://127.0.0.1",
        config::index_directory(&url).unwrap(),
    )
    .unwrap();
    let finder = app.finder.clone();
    let desk = serve(move |listener| server::start(Data::new(app), listener).unwrap());
    let mut client = Client::new(desk, &cookie);
    let started = Instant::now();
    let first = Duration::from_secs_f64(time(&mut client, "/search?fragment=1&q=wang") / 1e3);
    while !finder.is_ready() {
        std::thread::sleep(Duration::from_millis(20));
    }
    println!(
        "the first search took {:.0} ms; the index was there after {:.1} s",
        first.as_secs_f64() * 1e3,
        started.elapsed().as_secs_f64()
    );
    while !finder.knows_presences() {
        std::thread::sleep(Duration::from_millis(100));
    }
    println!(
        "who was here when: after {:.1} s",
        started.elapsed().as_secs_f64()
    );
    let sample = db.read(|conn| Sample::take(conn, count)).unwrap();
    for path in sample
        .desk
        .iter()
        .take(100)
        .map(|meant| meant.path(&meant.whole))
    {
        client.get(&path);
    }
    println!(
        "{:<34} {:>7} {:>10} {:>9} {:>9}",
        "", "queries", "first ten", "p50 ms", "p99 ms"
    );
    let mut all = Vec::new();
    for (sort, people) in [
        ("at the desk", &sample.desk),
        ("recent", &sample.recent),
        ("anybody", &sample.anybody),
    ] {
        let (mut found, mut asked) = (0, 0);
        for kind in KINDS {
            let row = measure(&mut client, people, kind);
            println!("{:<34} {}", format!("{sort}: {}", kind.0), row.say());
            if kind.1 {
                (found, asked) = (found + row.found, asked + row.times.len());
            }
            all.extend(row.times);
        }
        println!(
            "{:<34} {asked:>7} {:>9.1}%",
            format!("{sort}: all but the bare surname"),
            100.0 * found as f64 / asked.max(1) as f64
        );
    }
    all.sort_by(f64::total_cmp);
    let at = |share: usize| all[(all.len() - 1) * share / 1000];
    println!(
        "all {} searches: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms; memory {} MB",
        all.len(),
        at(500),
        at(990),
        at(1000),
        memory()
    );
}

/// What was asked of one kind of guests in one way.
struct Row {
    found: usize,
    times: Vec<f64>,
}

impl Row {
    fn say(&self) -> String {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        if times.is_empty() {
            return "      0".into();
        }
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        let share = 100.0 * self.found as f64 / times.len() as f64;
        format!(
            "{:>7} {share:>9.1}% {:>9.2} {:>9.2}",
            times.len(),
            at(50),
            at(99)
        )
    }
}

fn measure(client: &mut Client, people: &[Meant], kind: &Kind) -> Row {
    let mut row = Row {
        found: 0,
        times: Vec::new(),
    };
    for (index, meant) in people.iter().enumerate() {
        let Some(typed) = (kind.2)(meant, index) else {
            continue;
        };
        let path = meant.path(&typed);
        let started = Instant::now();
        let answer = client.get(&path);
        row.times.push(started.elapsed().as_secs_f64() * 1e3);
        if meant.links.iter().any(|link| answer.contains(link)) {
            row.found += 1;
        } else if std::env::var("SEARCH_MISSES").is_ok() {
            println!("  not found: {typed} for {}", meant.whole);
        }
    }
    row
}

fn time(client: &mut Client, path: &str) -> f64 {
    let started = Instant::now();
    client.get(path);
    started.elapsed().as_secs_f64() * 1e3
}

/// A name, whether it counts in the sum, and what is typed.
type Kind = (&'static str, bool, fn(&Meant, usize) -> Option<String>);

const KINDS: &[Kind] = &[
    ("whole name", true, |meant, _| Some(meant.whole.clone())),
    ("swapped", true, |meant, _| {
        Some(format!("{} {}", meant.family, meant.given))
    }),
    ("one typing error", true, |meant, index| {
        let slipped = slip(&meant.family, index)?;
        Some(if index % 2 == 0 {
            format!("{} {slipped}", meant.given)
        } else {
            format!("{} {}", slip(&meant.given, index)?, meant.family)
        })
    }),
    ("three letters of two names", true, |meant, _| {
        Some(format!(
            "{} {}",
            head(&meant.given, 3),
            head(&meant.family, 3)
        ))
    }),
    ("two beginnings", true, |meant, index| {
        let (given, family) = (2 + index % 3, 2 + index / 3 % 3);
        Some(format!(
            "{} {}",
            head(&meant.family, family),
            head(&meant.given, given)
        ))
    }),
    ("own script", true, |meant, _| meant.native.clone()),
    ("phone, last six digits", true, |meant, _| {
        let phone = meant.phone.as_ref()?;
        phone.get(phone.len().checked_sub(6)?..).map(str::to_owned)
    }),
    ("e-mail", true, |meant, _| meant.email.clone()),
    ("surname with a typing error", false, |meant, index| {
        slip(&meant.family, index)
    }),
    ("surname", false, |meant, _| Some(meant.family.clone())),
    ("one letter or character", false, |meant, _| {
        let native = meant.native.as_ref().unwrap_or(&meant.family);
        native.chars().next().map(String::from)
    }),
];

fn head(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect()
}

/// One slip of the hand: a letter exchanged with its neighbour, left out, doubled, or another.
fn slip(name: &str, index: usize) -> Option<String> {
    let mut letters: Vec<char> = name.to_lowercase().chars().collect();
    if letters.len() < 2 {
        return None;
    }
    let at = index * 7 % letters.len();
    match index % 4 {
        0 => {
            let at = at.min(letters.len() - 2);
            if letters[at] == letters[at + 1] {
                letters[at] = 'x';
            }
            letters.swap(at, at + 1);
        }
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => letters[at] = if letters[at] == 'e' { 'r' } else { 'e' },
    }
    let slipped: String = letters.into_iter().collect();
    (slipped != name.to_lowercase()).then_some(slipped)
}

/// A guest who is meant.
struct Meant {
    property: String,
    whole: String,
    given: String,
    family: String,
    native: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    /// Where a line of them leads.
    links: Vec<String>,
}

impl Meant {
    fn path(&self, typed: &str) -> String {
        let fields = [("property", self.property.as_str()), ("q", typed)];
        format!(
            "/search?fragment=1&{}",
            serde_html_form::to_string(fields).unwrap()
        )
    }
}

struct Sample {
    desk: Vec<Meant>,
    recent: Vec<Meant>,
    anybody: Vec<Meant>,
}

impl Sample {
    fn take(conn: &mut innkeeper::db::Conn, count: usize) -> Result<Self, Failure> {
        // The largest house: the one whose desk is most crowded.
        let mut houses = Property::all(conn)?;
        let mut crowds = Vec::new();
        for house in &houses {
            let there = stays::table
                .filter(stays::property_id.eq(house.id))
                .filter(stays::status.eq(Status::InHouse));
            crowds.push(there.count().get_result::<i64>(conn)?);
        }
        let largest = crowds
            .iter()
            .enumerate()
            .max_by_key(|(_, crowd)| **crowd)
            .unwrap()
            .0;
        let house = houses.swap_remove(largest);
        let today = house.business_date(chrono::Utc::now().naive_utc());
        let of_house = || stays::table.filter(stays::property_id.eq(house.id));
        let mut desk: Vec<i64> = of_house()
            .filter(stays::status.eq(Status::InHouse))
            .select(stays::guest_id)
            .load(conn)?;
        desk.extend(
            of_house()
                .filter(stays::arrival.eq(today))
                .filter(stays::status.eq(Status::Reserved))
                .select(stays::guest_id)
                .load::<i64>(conn)?,
        );
        let recent: Vec<i64> = of_house()
            .filter(stays::departure.lt(today))
            .filter(stays::departure.gt(today - chrono::TimeDelta::days(28)))
            .filter(stays::status.eq(Status::Departed))
            .select(stays::guest_id)
            .load(conn)?;
        let last: Option<i64> = guests::table
            .select(diesel::dsl::max(guests::id))
            .first(conn)?;
        let last = last.unwrap();
        let anybody: Vec<i64> = (1..=count as i64).map(|at| 1 + at * 7_919 % last).collect();
        println!("{}: {} at the desk", house.code, desk.len());
        Ok(Self {
            desk: meant(conn, &house, &some(&desk, count))?,
            recent: meant(conn, &house, &some(&recent, count))?,
            anybody: meant(conn, &house, &anybody)?,
        })
    }
}

fn some(ids: &[i64], count: usize) -> Vec<i64> {
    let step = ids.len().div_ceil(count).max(1);
    ids.iter().copied().step_by(step).collect()
}

fn meant(
    conn: &mut innkeeper::db::Conn,
    house: &Property,
    ids: &[i64],
) -> Result<Vec<Meant>, Failure> {
    let mut all = Vec::new();
    for guest in Guest::by_ids(conn, ids)? {
        let contacts: Vec<(String, String)> = guest_contacts::table
            .filter(guest_contacts::guest_id.eq(guest.id))
            .select((guest_contacts::kind, guest_contacts::folded))
            .load(conn)?;
        let contact = |kind: &str| {
            contacts
                .iter()
                .find(|(k, _)| k == kind)
                .map(|(_, value)| value.clone())
        };
        let stays: Vec<i64> = stays::table
            .filter(stays::guest_id.eq(guest.id))
            .select(stays::id)
            .load(conn)?;
        let mut links = vec![format!("/guests/{}\"", guest.public_id)];
        links.extend(stays.iter().map(|id| format!("/stays/{id}\"")));
        let (given, family) = (
            guest.given_name.clone().unwrap_or_default(),
            guest.family_name.clone().unwrap_or_default(),
        );
        all.push(Meant {
            property: house.code.clone(),
            whole: format!("{given} {family}"),
            given,
            family,
            native: guest.native_name.clone(),
            phone: contact("phone"),
            email: contact("email"),
            links,
        });
    }
    Ok(all)
}

/// Of this process, in megabytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
