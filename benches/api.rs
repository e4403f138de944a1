//! How fast reservations come in by API, on a database of real size, beside what its disk can do at all.
//!
//! ```text
//! innkeeper generate --guests 1000000 --stays 5000000 --database-url sqlite:///tmp/big.db
//! API_DATABASE_URL=sqlite:///tmp/big.db cargo bench --bench api
//! ```
//!
//! It writes: give it a copy. In turn, so that what disturbs one disturbs all: commits of a single row, each
//! alone and through the queue in which writers share commits, `PUT /reservations`, `POST /reservations:batch`; each by eight at once. Of ten reservations six are of known
//! guests by name and e-mail, one by name, birth date and telephone, two of people nobody knows, and one changes a
//! reservation put before. Then the welcome card by API beside a bare handler with the same queries.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::web::{self, Data};
use actix_web::{App as Web, HttpRequest, HttpResponse, HttpServer};
use chrono::{NaiveDate, TimeDelta};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use innkeeper::api::Limits;
use innkeeper::config;
use innkeeper::db::schema::{guest_contacts, guests, properties, stays};
use innkeeper::db::{Conn, Database, DatabaseUrl, write_tx};
use innkeeper::guests::Guest;
use innkeeper::properties::Property;
use innkeeper::secret::{Keys, random};
use innkeeper::staff::token::{Bearer, Token};
use innkeeper::staff::{Houses, Role};
use innkeeper::stays::{board, reservation::shown};
use innkeeper::web::{App, server};
use innkeeper::{clock, offers, promises};
use serde_json::{Value, json};
use support::{Client, Failure, serve};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Writers and readers at once.
const CONNECTIONS: usize = 8;
/// How often each has its turn, and for how long.
const TURNS: usize = 4;
const TURN: Duration = Duration::from_secs(4);
/// How many reservations ago one was put that is changed.
const BEFORE: usize = 10_005;
/// Reservations in one call of the bulk form.
const BATCH: usize = 1_000;

fn main() {
    // What the server answers 500 for stands in its log.
    env_logger::init();
    let Ok(url) = std::env::var("API_DATABASE_URL") else {
        println!("API_DATABASE_URL is not set; see the head of benches/api.rs");
        return;
    };
    let url: DatabaseUrl = url.parse().unwrap();
    let mut app = App::new(
        Database::open(&url).unwrap(),
        Keys::from_hex(&"0".repeat(64)).unwrap(),
        "http://127.0.0.1",
        config::index_directory(&url).unwrap(),
    )
    .unwrap();
    app.api_limits = Limits::new(1e9, 1e9);
    app.count_queries = true;
    let db = app.db.clone();
    let desk = serve(move |listener| server::start(Data::new(app), listener).unwrap());
    let run = Run {
        token: program(&db),
        books: Arc::new(db.read(Books::open).unwrap()),
        db,
        desk,
    };
    writes(&run);
    reads(&run);
}

struct Run {
    db: Database,
    desk: SocketAddr,
    token: String,
    books: Arc<Books>,
}

fn program(db: &Database) -> String {
    let name = format!("bench {}", stamp());
    let issue = |conn: &mut Conn| Token::issue(conn, &name, Role::Pms, &Houses::All);
    db.write(|conn| Ok::<_, Failure>(issue(conn)?)).unwrap()
}

/// Tells this run from any other.
fn stamp() -> String {
    innkeeper::secret::hex(&random::<4>())
}

/// Whom the reservations are of.
struct Books {
    house: Property,
    people: Vec<Person>,
    stamp: String,
    next: AtomicUsize,
}

struct Person {
    given: String,
    family: String,
    email: Option<String>,
    phone: Option<String>,
    birth_date: Option<NaiveDate>,
    country: Option<String>,
}

impl Books {
    fn open(conn: &mut Conn) -> Result<Self, Failure> {
        type Row = (
            i64,
            Option<String>,
            Option<String>,
            Option<NaiveDate>,
            Option<String>,
        );
        let most: Option<i64> = guests::table
            .select(diesel::dsl::max(guests::id))
            .first(conn)?;
        let most = most.unwrap();
        let mut people = Vec::new();
        // Neighbours in short runs from everywhere: what is cached is not always the same.
        for run in 0..400 {
            let from = most * (run * 7 % 400) / 400;
            let rows: Vec<Row> = guests::table
                .filter(guests::id.ge(from))
                .order(guests::id)
                .limit(100)
                .select((
                    guests::id,
                    guests::given_name,
                    guests::family_name,
                    guests::birth_date,
                    guests::country,
                ))
                .load(conn)?;
            let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
            let contacts: Vec<(i64, String, String)> = guest_contacts::table
                .filter(guest_contacts::guest_id.eq_any(&ids))
                .select((
                    guest_contacts::guest_id,
                    guest_contacts::kind,
                    guest_contacts::value,
                ))
                .load(conn)?;
            for (id, given, family, birth_date, country) in rows {
                let contact = |kind: &str| {
                    let mut all = contacts.iter();
                    all.find(|(of, k, _)| *of == id && k == kind)
                        .map(|(.., value)| value.clone())
                };
                let (Some(given), Some(family)) = (given, family) else {
                    continue;
                };
                people.push(Person {
                    email: contact("email"),
                    phone: contact("phone"),
                    given,
                    family,
                    birth_date,
                    country,
                });
            }
        }
        Ok(Self {
            house: Property::all(conn)?.remove(0),
            people,
            stamp: stamp(),
            next: AtomicUsize::new(0),
        })
    }

    /// The next reservation: its number and what it says.
    fn next(&self) -> (String, Value) {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        // A stride that visits all before it comes back.
        let person = &self.people[count * 7_919 % self.people.len()];
        let arrival = chrono::Utc::now().date_naive() + TimeDelta::days(2 + (count % 300) as i64);
        let mut body = json!({
            "arrival": arrival,
            "departure": arrival + TimeDelta::days(1 + (count % 4) as i64),
            "given_name": person.given,
            "family_name": person.family,
            "country": person.country,
            "channel": "ota",
            "agency": "Fernreisen",
            "adults": 2,
            "requests": ["high_floor"],
            "rate": {"amount": "180.00", "currency": self.house.currency},
        });
        match count % 10 {
            0..=5 => body["email"] = json!(person.email),
            6 => {
                body["phone"] = json!(person.phone);
                body["birth_date"] = json!(person.birth_date);
            }
            7 | 8 => {
                let name = format!("{}{}", person.family, self.letters(count));
                body["email"] = json!(format!("{count}.{}@example.net", self.stamp));
                body["family_name"] = name.into();
            }
            // Of a reservation put before: another departure, and the e-mail left out.
            _ if count > BEFORE => return (format!("B{}-{}", self.stamp, count - BEFORE), body),
            _ => body["email"] = json!(person.email),
        }
        (format!("B{}-{count}", self.stamp), body)
    }

    /// A name nobody has.
    fn letters(&self, count: usize) -> String {
        let digits = format!("{count}{}", self.stamp).into_bytes();
        let letter = |digit: u8| char::from(b'a' + digit % 26);
        digits.into_iter().map(letter).collect()
    }
}

/// What was done in some time.
#[derive(Default)]
struct Tally {
    done: usize,
    took: Duration,
}

impl Tally {
    fn rate(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }

    /// Lets `workers` work for a turn; each time one returns how much it has done.
    fn turn<W: FnMut() -> usize + Send>(&mut self, workers: Vec<W>) {
        let started = Instant::now();
        let done = std::thread::scope(|scope| {
            let workers: Vec<_> = workers
                .into_iter()
                .map(|mut work| {
                    scope.spawn(move || {
                        let mut done = 0;
                        while started.elapsed() < TURN {
                            done += work();
                        }
                        done
                    })
                })
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap())
                .sum::<usize>()
        });
        self.done += done;
        self.took += started.elapsed();
    }
}

fn writes(run: &Run) {
    let [mut bare, mut shared, mut put, mut bulk] = [(); 4].map(|()| Tally::default());
    let (queries, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let table = "CREATE TABLE bench_commits (id BIGINT PRIMARY KEY, word TEXT)";
    let statement = |sql: &str| {
        let mut conn = run.db.url().connect().unwrap();
        conn.batch_execute(sql).unwrap();
    };
    // A run that was killed left its own.
    statement("DROP TABLE IF EXISTS bench_commits");
    statement(table);
    let (keys, ids) = (AtomicUsize::new(0), AtomicUsize::new(1));
    let (keys, ids, queries, most) = (&keys, &ids, &queries, &most);
    let key = move || format!("key-{}", keys.fetch_add(1, Ordering::Relaxed));
    for _ in 0..TURNS {
        // SQLite has one writer: connections that wait for each other are slower than one with a queue before it.
        let alone = Mutex::new(run.db.url().connect().unwrap());
        let bare_commit = |_| {
            let mut own = match run.db.url() {
                DatabaseUrl::Sqlite(_) => None,
                DatabaseUrl::Postgresql(_) => Some(run.db.url().connect().unwrap()),
            };
            let alone = &alone;
            move || match &mut own {
                Some(conn) => commit_one(|f| write_tx(conn, f), ids),
                None => commit_one(|f| write_tx(&mut alone.lock().unwrap(), f), ids),
            }
        };
        bare.turn((0..CONNECTIONS).map(bare_commit).collect());
        let shared_commit = |_| || commit_one(|f| run.db.write(f), ids);
        shared.turn((0..CONNECTIONS).map(shared_commit).collect());
        let putting = |_| {
            let mut client = Client::program(run.desk, &run.token);
            move || {
                let (number, body) = run.books.next();
                let path = format!("/api/v1/reservations/{}/{number}", run.books.house.code);
                let answer = client.write("PUT", &path, &key(), &body.to_string());
                let asked = answer.queries as usize;
                queries.fetch_add(asked, Ordering::Relaxed);
                most.fetch_max(asked, Ordering::Relaxed);
                1
            }
        };
        put.turn((0..CONNECTIONS).map(putting).collect());
        let sending = |_| {
            let mut client = Client::program(run.desk, &run.token);
            move || {
                let items = std::iter::repeat_with(|| run.books.next()).take(BATCH);
                let items: Vec<Value> = items.map(|one| item(&run.books, one)).collect();
                let body = json!({ "items": items }).to_string();
                let answer = client.write("POST", "/api/v1/reservations:batch", &key(), &body);
                assert!(answer.body.contains("\"refused\":0"), "{}", answer.body);
                BATCH
            }
        };
        bulk.turn((0..CONNECTIONS).map(sending).collect());
    }
    statement("DROP TABLE bench_commits");
    println!("{CONNECTIONS} writers        a second   of bare");
    let told = |name: &str, tally: &Tally| {
        println!(
            "{name:<16} {:8.0}  {:8.2}",
            tally.rate(),
            tally.rate() / bare.rate()
        );
    };
    told("bare commit", &bare);
    told("by the queue", &shared);
    told("PUT", &put);
    told("batch of 1000", &bulk);
    println!(
        "queries of a PUT: {:.1}, {} at most",
        queries.load(Ordering::Relaxed) as f64 / put.done as f64,
        most.load(Ordering::Relaxed)
    );
}

/// A reservation as an item of a batch.
fn item(books: &Books, (number, mut body): (String, Value)) -> Value {
    body["property"] = books.house.code.as_str().into();
    body["confirmation_number"] = number.into();
    body
}

/// The least that is durable: one row in one transaction.
fn commit_one(write: impl FnOnce(Insert) -> Result<usize, Failure>, ids: &AtomicUsize) -> usize {
    let id = ids.fetch_add(1, Ordering::Relaxed) as i64;
    write(Box::new(move |conn| {
        let insert = diesel::sql_query(match conn {
            Conn::Sqlite(_) => "INSERT INTO bench_commits VALUES (?, 'x')",
            Conn::Postgresql(_) => "INSERT INTO bench_commits VALUES ($1, 'x')",
        });
        let insert = insert.bind::<diesel::sql_types::BigInt, _>(id);
        Ok(insert.execute(conn)?)
    }))
    .unwrap()
}

type Insert = Box<dyn FnOnce(&mut Conn) -> Result<usize, Failure>>;

fn reads(run: &Run) {
    let (db, token) = (run.db.clone(), run.token.clone());
    let bare = serve(move |listener| {
        HttpServer::new(move || {
            Web::new()
                .app_data(Data::new((db.clone(), token.clone())))
                .route(
                    "/bare/{code}/{house}/{number}/{id}",
                    web::get().to(bare_card),
                )
        })
        .workers(std::thread::available_parallelism().map_or(2, usize::from))
        .listen(listener)
        .unwrap()
        .run()
    });
    let sample = run.db.read(sample_stays).unwrap();
    let [mut by_api, mut barely] = [(); 2].map(|()| Tally::default());
    let asked = AtomicUsize::new(0);
    let (asked, sample) = (&asked, &sample);
    for _ in 0..TURNS {
        let reading = |address: SocketAddr, path: fn(&Visited) -> String| {
            let mut client = Client::program(address, &run.token);
            move || {
                let next = asked.fetch_add(1, Ordering::Relaxed);
                client.get(&path(&sample[next * 7_919 % sample.len()]));
                1
            }
        };
        let path =
            |(code, house, number, id): &Visited| format!("/bare/{code}/{house}/{number}/{id}");
        barely.turn((0..CONNECTIONS).map(|_| reading(bare, path)).collect());
        let path = |(code, _, number, id): &Visited| {
            format!("/api/v1/guests/{id}/welcome?property={code}&confirmation={number}")
        };
        by_api.turn((0..CONNECTIONS).map(|_| reading(run.desk, path)).collect());
    }
    println!("{CONNECTIONS} readers        a second   of bare");
    println!("bare handler     {:8.0}      1.00", barely.rate());
    println!(
        "welcome card     {:8.0}  {:8.2}",
        by_api.rate(),
        by_api.rate() / barely.rate()
    );
}

/// House by code and id, number and guest of a stay.
type Visited = (String, i64, String, String);

fn sample_stays(conn: &mut Conn) -> Result<Vec<Visited>, Failure> {
    let most: Option<i64> = stays::table
        .select(diesel::dsl::max(stays::id))
        .first(conn)?;
    let ids: Vec<i64> = (1..=20_000)
        .map(|part| most.unwrap() * part / 20_000)
        .collect();
    let mut sample = Vec::new();
    for ids in ids.chunks(1_000) {
        let found = stays::table
            .inner_join(guests::table)
            .inner_join(properties::table)
            .filter(stays::id.eq_any(ids))
            .select((
                properties::code,
                properties::id,
                stays::confirmation_number,
                guests::public_id,
            ));
        sample.extend(found.load::<Visited>(conn)?);
    }
    Ok(sample)
}

/// The queries of the card, and nothing made of them.
async fn bare_card(
    state: Data<(Database, String)>,
    place: web::Path<Visited>,
    request: HttpRequest,
) -> HttpResponse {
    let sent = request.headers().contains_key("authorization");
    let rows = web::block(move || {
        let (db, token) = &**state;
        let (_, house, number, id) = &*place;
        db.read(|conn| {
            let bearer = Bearer::by_token(conn, token)?.filter(|_| sent).unwrap();
            let guest = Guest::by_public_id(conn, id)?.unwrap();
            let found = shown::by_number(conn, *house, number)?.unwrap();
            let of = Guest::by_ids(conn, &[found.stay.guest_id])?;
            let row = board::row(conn, found.stay.id)?.unwrap();
            if row.is_open() {
                let now = clock::now();
                let persons = [row.guest.person_id];
                offers::past::of_persons(conn, &persons, now.date(), now)?;
            }
            promises::of_last(conn, &row)?;
            let said = json!({"by": bearer.name, "guest": guest.public_id, "of": of[0].public_id,
                "status": row.stay.status, "stays": row.memory.stays.len()});
            Ok::<_, Failure>(said.to_string())
        })
        .map_err(|error| error.to_string())
    });
    HttpResponse::Ok().body(rows.await.unwrap().unwrap())
}
