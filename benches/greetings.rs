//! How long the night takes: the plan for everybody, and the letters a second beside what lettre alone does.
//!
//! ```text
//! innkeeper generate --guests 1000000 --stays 5000000 --database-url sqlite:///tmp/big.db
//! GREETINGS_DATABASE_URL=sqlite:///tmp/big.db cargo bench --bench greetings
//! ```
//!
//! It writes: give it a copy. First the plan of an ordinary day and of Christmas, with the memory the process holds at each
//! quarter of the guests. Then, in turn, so that what disturbs one disturbs both: the same ten thousand letters over eight
//! lines to one server, by lettre alone and by Innkeeper with all it writes down before and after.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chrono::NaiveDate;
use diesel::prelude::*;
use innkeeper::clock;
use innkeeper::db::schema::{greeting_attempts, greeting_runs, greetings, guests};
use innkeeper::db::{Conn, Database, DatabaseUrl};
use innkeeper::greetings::State;
use innkeeper::greetings::deliver::{self, Post};
use innkeeper::greetings::links::House;
use innkeeper::greetings::planning::{Plan, When};
use innkeeper::greetings::runs;
use innkeeper::greetings::settings::Settings;
use innkeeper::greetings::smtp::Server;
use innkeeper::jobs::Work;
use innkeeper::properties::Property;
use innkeeper::secret::Keys;
use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LETTERS: usize = 10_000;
const LINES: usize = 8;
const TURNS: usize = 4;

fn main() {
    let Ok(url) = std::env::var("GREETINGS_DATABASE_URL") else {
        println!("GREETINGS_DATABASE_URL is not set; see the head of benches/greetings.rs");
        return;
    };
    let url: DatabaseUrl = url.parse().unwrap();
    let db = Database::open(&url).unwrap();
    let settings = write(&db, |conn| {
        // Nothing of an earlier run counts against this one.
        diesel::delete(greeting_attempts::table).execute(conn)?;
        diesel::delete(greetings::table).execute(conn)?;
        diesel::delete(greeting_runs::table).execute(conn)?;
        let settings = Settings {
            per_minute: 1_000_000,
            connections: LINES as i64,
            ..Settings::default()
        };
        settings.save(conn)?;
        Ok(settings)
    });
    for day in ["2026-12-01", "2026-12-25"] {
        plan(&db, day.parse().unwrap(), &settings);
    }
    keep_some(&db);
    for pipelines in [false, true] {
        deliver(&db, pipelines);
    }
}

fn write<T>(db: &Database, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> T {
    db.write(|conn| Ok::<_, Failure>(f(conn)?)).unwrap()
}

/// What the process holds of its own, in megabytes, without the file that SQLite maps; and all it held at most.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
        kilobytes
            .and_then(|text| text.parse().ok())
            .unwrap_or(0_u64)
            / 1024
    };
    (of("RssAnon:"), of("VmHWM:"))
}

fn plan(db: &Database, day: NaiveDate, settings: &Settings) {
    let (houses, guests, last): (Vec<Property>, i64, Option<i64>) = write(db, |conn| {
        let most = diesel::dsl::max(guests::person_id);
        Ok((
            Property::all(conn)?,
            guests::table.count().get_result(conn)?,
            guests::table.select(most).first(conn)?,
        ))
    });
    let last = last.unwrap_or_default();
    let plan = Plan {
        day,
        first_house: houses.first().map_or(0, |house| house.id),
        houses,
        settings: settings.clone(),
        when: When::AtOnce,
        now: clock::now(),
    };
    let begun = Instant::now();
    let mut quarters = Vec::new();
    let planned = runs::run(
        db,
        &plan,
        || true,
        |_, after| {
            if after * 4 >= last * (quarters.len() as i64 + 1) && quarters.len() < 4 {
                quarters.push(format!("{} MB", memory().0));
            }
        },
    );
    let took = begun.elapsed().as_secs_f64();
    let planned = planned.unwrap();
    let refused: i64 = planned.refused.values().sum();
    println!(
        "plan of {day}: {guests} profiles in {took:.1} s; {} letters, {refused} not; memory by quarter {}, at most {} MB",
        planned.letters,
        quarters.join(", "),
        memory().1
    );
}

/// Leaves as many letters as are to be sent.
fn keep_some(db: &Database) {
    write(db, |conn| {
        let ids: Vec<i64> = greetings::table
            .filter(greetings::state.eq(State::Queued))
            .order(greetings::id.desc())
            .limit(LETTERS as i64)
            .select(greetings::id)
            .load(conn)?;
        diesel::delete(greetings::table.filter(greetings::id.lt(*ids.last().unwrap())))
            .execute(conn)
    });
}

/// Sends them to a server that takes several commands at once, or one after the other; lettre always says one.
fn deliver(db: &Database, pipelines: bool) {
    let keys = Keys::from_hex(&"0".repeat(64)).unwrap();
    let sink = Sink::start(pipelines);
    let post = Post {
        server: Server::parse(&format!("smtp://{}", sink.address)).unwrap(),
        house: House {
            base_url: "https://hotel.example".into(),
            from: "hello@hotel.example".into(),
        },
    };
    let ours = || {
        write(db, again);
        let over = AtomicBool::new(false);
        let work = Work::new(db, &keys, &|_| (), &over);
        let begun = Instant::now();
        let totals = deliver::run(&work, &post, &mut |_| ()).unwrap();
        totals.sent as f64 / begun.elapsed().as_secs_f64()
    };
    // Once to warm up, and for lettre to have the very same letters.
    sink.keep.store(true, Ordering::Relaxed);
    ours();
    sink.keep.store(false, Ordering::Relaxed);
    let letters = Arc::new(std::mem::take(&mut *sink.kept.lock().unwrap()));
    println!(
        "{} letters over {LINES} lines to a server {} PIPELINING",
        letters.len(),
        if pipelines { "with" } else { "without" }
    );
    let mut best = (0.0_f64, 0.0_f64);
    for turn in 1..=TURNS {
        let (alone, ours) = (alone(&sink, &letters), ours());
        println!(
            "turn {turn}: lettre alone {alone:.0} letters a second, Innkeeper {ours:.0}: {:.2}",
            ours / alone
        );
        best = (best.0.max(alone), best.1.max(ours));
    }
    println!(
        "best of each: {:.0} and {:.0}: {:.2}",
        best.0,
        best.1,
        best.1 / best.0
    );
}

/// All letters are to be sent once more.
fn again(conn: &mut Conn) -> QueryResult<()> {
    diesel::delete(greeting_attempts::table).execute(conn)?;
    diesel::update(greetings::table)
        .set((
            greetings::state.eq(State::Queued),
            greetings::sent_at.eq(None::<chrono::NaiveDateTime>),
            greetings::reason.eq(None::<String>),
            greetings::tries.eq(0),
            greetings::next_try_at.eq(clock::now()),
        ))
        .execute(conn)
        .map(drop)
}

type Letter = (Envelope, Vec<u8>);

/// lettre's own connections, over streams that wait for nothing, as ours.
fn alone(sink: &Sink, letters: &Arc<Vec<Letter>>) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let begun = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let mut lines = tokio::task::JoinSet::new();
        for _ in 0..LINES {
            let (letters, next, address) = (Arc::clone(letters), Arc::clone(&next), sink.address);
            lines.spawn(async move {
                let stream = tokio::net::TcpStream::connect(address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let hello = ClientId::default();
                let line = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
                let mut line = line.await.unwrap();
                while let Some((envelope, text)) = letters.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    line.send(envelope, text).await.unwrap();
                }
                line.abort().await;
            });
        }
        while let Some(line) = lines.join_next().await {
            line.unwrap();
        }
    });
    letters.len() as f64 / begun.elapsed().as_secs_f64()
}

/// A mail server that takes everything.
struct Sink {
    address: std::net::SocketAddr,
    keep: Arc<AtomicBool>,
    kept: Arc<Mutex<Vec<Letter>>>,
}

impl Sink {
    fn start(pipelines: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            address: listener.local_addr().unwrap(),
            keep: Arc::default(),
            kept: Arc::default(),
        };
        let (keep, kept) = (Arc::clone(&sink.keep), Arc::clone(&sink.kept));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (keep, kept) = (Arc::clone(&keep), Arc::clone(&kept));
                std::thread::spawn(move || drop(serve(&stream.unwrap(), pipelines, &keep, &kept)));
            }
        });
        sink
    }
}

fn serve(
    stream: &TcpStream,
    pipelines: bool,
    keep: &AtomicBool,
    kept: &Mutex<Vec<Letter>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let (mut from, mut to, mut line) = (String::new(), String::new(), String::new());
    writer.write_all(b"220 sink ESMTP\r\n")?;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let inside = || {
            let address = line.split(['<', '>']).nth(1);
            address.unwrap_or_default().to_owned()
        };
        let answer: &[u8] = match line.get(..4).unwrap_or_default() {
            "EHLO" if pipelines => {
                b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
            }
            "EHLO" => b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "MAIL" => {
                from = inside();
                b"250 ok\r\n"
            }
            "RCPT" => {
                to = inside();
                b"250 ok\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n")?;
                let mut text = Vec::new();
                while !text.ends_with(b"\r\n.\r\n") {
                    if reader.read_until(b'\n', &mut text)? == 0 {
                        return Ok(());
                    }
                }
                if keep.load(Ordering::Relaxed) {
                    text.truncate(text.len() - 3);
                    let envelope = Envelope::new(from.parse().ok(), vec![to.parse().unwrap()]);
                    kept.lock().unwrap().push((envelope.unwrap(), text));
                }
                b"250 taken\r\n"
            }
            "QUIT" => return writer.write_all(b"221 bye\r\n"),
            _ => b"250 ok\r\n",
        };
        writer.write_all(answer)?;
    }
}
