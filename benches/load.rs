//! Pages over HTTP on a database of real size.
//!
//! ```text
//! innkeeper generate --guests 1000000 --stays 5000000 --database-url sqlite:///tmp/big.db
//! LOAD_DATABASE_URL=sqlite:///tmp/big.db cargo bench --bench load
//! ```
//!
//! One clerk: the 50th and 99th percentile of card, board and search. Then eight connections: the card's
//! requests a second beside those of a bare handler with three queries and a template, in the same run.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::web::{self, Data};
use actix_web::{App as Web, HttpResponse, HttpServer};
use askama::Template;
use diesel::prelude::*;
use innkeeper::config;
use innkeeper::db::among::among;
use innkeeper::db::schema::{guests, rooms, stays};
use innkeeper::db::{Database, DatabaseUrl};
use innkeeper::guests::Guest;
use innkeeper::properties::Property;
use innkeeper::secret::Keys;
use innkeeper::stays::Stay;
use innkeeper::web::{App, server};
use support::{Client, Failure, serve, sign_in};

/// As in the binary; for both.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests of one clerk for a percentile.
const CLERK: usize = 3_000;
/// How long the many connections run.
const MANY: Duration = Duration::from_secs(8);
const CONNECTIONS: usize = 8;

fn main() {
    let Ok(url) = std::env::var("LOAD_DATABASE_URL") else {
        println!("LOAD_DATABASE_URL is not set; see the head of benches/load.rs");
        return;
    };
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
    let desk = serve(move |listener| server::start(Data::new(app), listener).unwrap());
    let bare_db = db.clone();
    let bare = serve(move |listener| {
        HttpServer::new(move || {
            Web::new()
                .app_data(Data::new(bare_db.clone()))
                .route("/bare/{id}", web::get().to(bare_card))
        })
        .workers(std::thread::available_parallelism().map_or(2, usize::from))
        .listen(listener)
        .unwrap()
        .run()
    });
    let sample = Sample::take(&db);
    println!(
        "{} stays, {} boards, {} searches sampled",
        sample.stays.len(),
        sample.boards.len(),
        sample.searches.len()
    );
    println!("one clerk        p50        p99        max");
    one_clerk(
        "card",
        desk,
        &cookie,
        &sample
            .stays
            .iter()
            .map(|id| format!("/stays/{id}"))
            .collect::<Vec<_>>(),
    );
    one_clerk("board", desk, &cookie, &sample.boards);
    one_clerk("search", desk, &cookie, &sample.searches);
    println!("{CONNECTIONS} connections   requests/s");
    let cards: Arc<Vec<String>> = Arc::new(
        sample
            .stays
            .iter()
            .map(|id| format!("/stays/{id}"))
            .collect(),
    );
    let bares: Arc<Vec<String>> = Arc::new(
        sample
            .stays
            .iter()
            .map(|id| format!("/bare/{id}"))
            .collect(),
    );
    let mut rates = [0.0_f64; 2];
    // Twice in turn, so that neither has the warmer cache.
    for _ in 0..2 {
        rates[0] = rates[0].max(many(bare, &cookie, &bares));
        rates[1] = rates[1].max(many(desk, &cookie, &cards));
    }
    println!(
        "bare handler   {:8.0}\ncard page      {:8.0}   {:.2} of the bare handler",
        rates[0],
        rates[1],
        rates[1] / rates[0]
    );
}

/// What the clerk asks for.
struct Sample {
    stays: Vec<i64>,
    boards: Vec<String>,
    searches: Vec<String>,
}

impl Sample {
    fn take(db: &Database) -> Self {
        db.read(|conn| {
            let (least, most): (Option<i64>, Option<i64>) = stays::table
                .select((diesel::dsl::min(stays::id), diesel::dsl::max(stays::id)))
                .first(conn)?;
            let (least, most) = (least.unwrap(), most.unwrap());
            let some = |count: i64| {
                (0..count)
                    .map(move |index| least + (most - least) * index / count)
                    .collect::<Vec<i64>>()
            };
            let houses = Property::all(conn)?;
            let now = chrono::Utc::now().naive_utc();
            let boards = houses
                .iter()
                .flat_map(|house| {
                    let today = house.business_date(now);
                    [0, 1, -1, -200].map(|days| {
                        let date = today + chrono::TimeDelta::days(days);
                        format!("/arrivals?property={}&date={date}", house.code)
                    })
                })
                .collect();
            let mut searches = Vec::new();
            for (index, id) in some(600).into_iter().enumerate() {
                let Some(stay) = Stay::by_id(conn, id)? else {
                    continue;
                };
                let guest = Guest::by_ids(conn, &[stay.guest_id])?.remove(0);
                let (given, family) = (
                    guest.given_name.unwrap_or_default(),
                    guest.family_name.unwrap_or_default(),
                );
                searches.push(match index % 6 {
                    0 => format!("{given} {family}"),
                    1 => format!("{family} {given}"),
                    2 => family.chars().take(3).collect(),
                    3 => stay.confirmation_number,
                    4 => format!("{:06}", (index * 7919) % 1_000_000),
                    _ => guest.native_name.unwrap_or(family),
                });
            }
            let room: Option<String> = rooms::table.select(rooms::number).first(conn).optional()?;
            searches.extend(room);
            let searches = searches
                .into_iter()
                .filter(|text| !text.trim().is_empty())
                .map(|text| {
                    format!(
                        "/search?fragment=1&{}",
                        serde_html_form::to_string([("q", text)]).unwrap()
                    )
                })
                .collect();
            // Not every number was given to a stay.
            let cards = among(stays::id, some(20_000));
            Ok::<_, Failure>(Self {
                stays: stays::table.filter(cards).select(stays::id).load(conn)?,
                boards,
                searches,
            })
        })
        .unwrap()
    }
}

#[derive(Template)]
#[template(
    source = "<h1>{{ name }}</h1><ul>{% for stay in stays %}<li>{{ stay.arrival }} {{ stay.status }}</li>{% endfor %}</ul>",
    ext = "html"
)]
struct Bare {
    name: String,
    stays: Vec<Stay>,
}

/// Three queries and a template.
async fn bare_card(db: Data<Database>, id: web::Path<i64>) -> HttpResponse {
    let html = web::block(move || {
        db.read(|conn| {
            let stay: Stay = stays::table
                .find(*id)
                .select(Stay::as_select())
                .first(conn)?;
            let guest: Guest = guests::table
                .find(stay.guest_id)
                .select(Guest::as_select())
                .first(conn)?;
            let of_guest = stays::table
                .filter(stays::guest_id.eq(guest.id))
                .order(stays::arrival.desc());
            let stays: Vec<Stay> = of_guest.select(Stay::as_select()).load(conn)?;
            Ok::<_, Failure>(
                Bare {
                    name: guest.name(),
                    stays,
                }
                .render()?,
            )
        })
        .map_err(|error| error.to_string())
    });
    HttpResponse::Ok()
        .content_type("text/html")
        .body(html.await.unwrap().unwrap())
}

fn one_clerk(name: &str, address: SocketAddr, cookie: &str, paths: &[String]) {
    let mut client = Client::new(address, cookie);
    for path in paths.iter().take(200) {
        client.get(path);
    }
    let mut times: Vec<Duration> = (0..CLERK)
        .map(|index| {
            let path = &paths[index * 7 % paths.len()];
            let started = Instant::now();
            client.get(path);
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1000].as_secs_f64() * 1e3;
    println!(
        "{name:<10} {:7.2} ms {:7.2} ms {:7.2} ms",
        at(500),
        at(990),
        at(1000)
    );
}

fn many(address: SocketAddr, cookie: &str, paths: &Arc<Vec<String>>) -> f64 {
    let done = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let (done, paths, mut client) = (
                Arc::clone(&done),
                Arc::clone(paths),
                Client::new(address, cookie),
            );
            std::thread::spawn(move || {
                let mut index = number * 997;
                while started.elapsed() < MANY {
                    client.get(&paths[index % paths.len()]);
                    index += 1;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}
