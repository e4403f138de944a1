//! The server is killed again and again while programs write: what was answered is there once, and so is what is tried again.
//!
//! Each client writes stories of its own stays, one step after the other, each step under its own key. A step that was
//! not answered is sent again, as it was, to the server that comes next. In the end every story must have happened exactly
//! once. `INNKEEPER_CRASH_SEED` repeats a run as far as the clock allows.

use std::cell::{Cell, RefCell};
use std::env;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use diesel::prelude::*;
use innkeeper::db::schema::{
    audit_log, folio_charges, guests, held_events, idempotency_keys, preferences, properties,
    room_nights, rooms, stays,
};
use innkeeper::db::{Conn, write_tx};
use innkeeper::staff::token::Token;
use innkeeper::staff::{Houses, Role};
use innkeeper::stays::Status;
use serde_json::{Value, json};
use tokio::task::{JoinSet, LocalSet};
use uuid::Uuid;

use crate::api::day;
use crate::support::binary::{self, Served, innkeeper as command};
use crate::support::world::{HEX_KEY, On, World};

const KILLS: usize = 50;
const CLIENTS: usize = 6;
/// Answers that a server lives to give, at most.
const MOST_ANSWERS: u64 = 24;
const PATIENCE: Duration = Duration::from_secs(120);
const ENVIRONMENT: [(&str, &str); 1] = [("INNKEEPER_SECRET_KEY", HEX_KEY)];

#[test]
fn what_was_answered_is_there_once_whatever_dies_sqlite() {
    crash(On::Sqlite);
}

#[test]
fn what_was_answered_is_there_once_whatever_dies_postgresql() {
    crash(On::Postgresql);
}

/// Numbers that look random and are the same for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// How a story ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Stays,
    Cancelled,
    Leaves,
}

/// A stay that a client tells of, step by step.
struct Story {
    number: String,
    name: String,
    ending: Ending,
    room: Option<String>,
}

/// A write: method, address below the house, body, and what it must be answered.
type Step = (&'static str, String, Value, u16);

impl Story {
    /// Without a room that is made up, nobody checks in.
    fn new(client: usize, index: usize, dice: &mut Dice, free: &mut Vec<String>) -> Self {
        let ending = match dice.below(4) {
            0 => Ending::Stays,
            1 => Ending::Cancelled,
            _ if free.is_empty() => Ending::Cancelled,
            _ => Ending::Leaves,
        };
        Self {
            number: format!("CR-{client}-{index}"),
            // Letters alone, and unlike each other: nobody is to be recognised.
            name: letters(client * 100_000 + index),
            room: free.pop_if(|_| ending == Ending::Leaves),
            ending,
        }
    }

    fn steps(&self) -> Vec<Step> {
        let place = &self.number;
        let mut booked = json!({
            "arrival": day(0),
            "departure": day(2),
            "given_name": self.name,
            "family_name": format!("Ov{}", self.name),
            "email": format!("{}@example.com", self.name),
            "requests": ["high_floor"],
            "adults": 1,
        });
        let mut steps = vec![("put", place.clone(), booked.clone(), 201)];
        booked["adults"] = 2.into();
        steps.push(("put", place.clone(), booked, 200));
        match self.ending {
            Ending::Stays => {}
            Ending::Cancelled => steps.push(("post", format!("{place}/cancel"), json!({}), 200)),
            Ending::Leaves => {
                let here = json!({"room": self.room});
                let charges = json!({"charges": [{"department": "room", "amount": {"amount": "77.00", "currency": "CNY"}}]});
                steps.push(("post", format!("{place}/check-in"), here, 200));
                steps.push(("post", format!("{place}/check-out"), charges, 200));
            }
        }
        steps
    }
}

fn letters(mut number: usize) -> String {
    let mut name = String::from("Q");
    // Spread, so that neighbours are not one slip apart.
    number = number.wrapping_mul(2_654_435_761) % 4_294_967_296;
    for _ in 0..9 {
        name.push(char::from(b'a' + (number % 26) as u8));
        number = number / 26 + number % 7 * 1_000_003;
    }
    name
}

/// What the clients share.
struct Shared {
    token: String,
    /// Where the server is; nowhere between two lives.
    address: RefCell<Option<String>>,
    /// All rooms the clients let; every so many-th is a client's own.
    rooms: Vec<String>,
    /// Rooms made up, by client, and the one in use.
    free: RefCell<Vec<Vec<String>>>,
    promised: RefCell<Vec<Option<String>>>,
    is_over: Cell<bool>,
    answered: Cell<usize>,
    repeated: Cell<usize>,
}

/// Sends a step until it is answered.
async fn send(http: &reqwest::Client, shared: &Shared, step: &Step, key: &str) {
    let (method, place, body, status) = step;
    let started = Instant::now();
    loop {
        assert!(
            started.elapsed() < PATIENCE,
            "{method} {place} is not answered"
        );
        let Some(address) = shared.address.borrow().clone() else {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        };
        let request = http
            .request(
                method.to_uppercase().parse().unwrap(),
                format!("{address}/api/v1/reservations/RIV/{place}"),
            )
            .bearer_auth(&shared.token)
            .header("idempotency-key", key)
            .header("content-type", "application/json")
            .body(body.to_string());
        let Ok(response) = request.send().await else {
            continue;
        };
        let answered = response.status().as_u16();
        let is_replay = response.headers().contains_key("idempotency-replayed");
        // An answer that breaks off is none.
        let Ok(text) = response.text().await else {
            continue;
        };
        if matches!(answered, 429 | 503) {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        assert_eq!(answered, *status, "{method} {place}: {text}");
        shared.answered.set(shared.answered.get() + 1);
        shared
            .repeated
            .set(shared.repeated.get() + usize::from(is_replay));
        return;
    }
}

/// Tells stories until it is over, the last one to its end.
async fn tell(shared: Rc<Shared>, client: usize, mut dice: Dice) -> Vec<Story> {
    let http = reqwest::Client::new();
    let mut told = Vec::new();
    while !shared.is_over.get() {
        let story = {
            let free = &mut shared.free.borrow_mut()[client];
            Story::new(client, told.len(), &mut dice, free)
        };
        shared.promised.borrow_mut()[client].clone_from(&story.room);
        for (at, step) in story.steps().iter().enumerate() {
            let key = format!("{}-{at}", story.number);
            send(&http, &shared, step, &key).await;
        }
        told.push(story);
    }
    told
}

/// Kills servers at random moments, some before they say a word; the last one lives.
async fn kill_all(world: Rc<World>, shared: Rc<Shared>, mut dice: Dice) -> Served {
    let directory = tempfile::tempdir().unwrap();
    let (url, place) = (world.url_text(), directory.path());
    for _ in 0..KILLS {
        if dice.below(8) == 0 {
            let mut child = binary::spawn(place, &url, &ENVIRONMENT);
            tokio::time::sleep(Duration::from_millis(dice.below(80))).await;
            child.kill().unwrap();
            child.wait().unwrap();
            continue;
        }
        let served = Served::start_in(place, &url, &ENVIRONMENT);
        shared.is_at(Some(&served));
        // A life lasts some answers, not some time: how busy the machine is does not matter.
        let enough = shared.answered.get() + dice.below(MOST_ANSWERS) as usize;
        let alive = Instant::now();
        while shared.answered.get() < enough {
            assert!(alive.elapsed() < PATIENCE, "nobody is answered");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_micros(dice.below(20_000))).await;
        served.kill();
        shared.is_at(None);
        make_up(&world, &shared);
    }
    let served = Served::start(&url, &ENVIRONMENT);
    shared.is_at(Some(&served));
    shared.is_over.set(true);
    served
}

impl Shared {
    fn is_at(&self, served: Option<&Served>) {
        let address = served.map(|served| format!("http://{}", served.address));
        self.address.replace(address);
    }
}

/// While nobody serves, rooms are made up that nobody is in.
fn make_up(world: &World, shared: &Shared) {
    let free: Vec<String> = at(world, |conn| {
        let is_taken = room_nights::table.select(room_nights::room_id);
        let (ids, free): (Vec<i64>, Vec<String>) = rooms::table
            .filter(rooms::property_id.eq(house(conn)?))
            .filter(rooms::id.ne_all(is_taken))
            .filter(rooms::number.eq_any(&shared.rooms))
            .select((rooms::id, rooms::number))
            .load::<(i64, String)>(conn)?
            .into_iter()
            .unzip();
        diesel::update(rooms::table.filter(rooms::id.eq_any(ids)))
            .set(rooms::housekeeping.eq("clean"))
            .execute(conn)?;
        Ok(free)
    });
    let promised = shared.promised.borrow();
    for (client, pool) in shared.free.borrow_mut().iter_mut().enumerate() {
        let own = shared.rooms.iter().skip(client).step_by(CLIENTS);
        let is_free =
            |room: &&String| free.contains(room) && promised[client].as_ref() != Some(*room);
        *pool = own.filter(is_free).cloned().collect();
    }
}

fn house(conn: &mut Conn) -> QueryResult<i64> {
    properties::table
        .filter(properties::code.eq("RIV"))
        .select(properties::id)
        .first(conn)
}

/// Reads or changes the database behind the server's back.
fn at<T>(world: &World, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> T {
    write_tx(&mut world.url.connect().unwrap(), f).unwrap()
}

fn crash(on: On) {
    let seed = env::var("INNKEEPER_CRASH_SEED").ok();
    let seed: u64 = seed.map_or_else(
        || Uuid::now_v7().as_u64_pair().1,
        |text| text.parse().unwrap(),
    );
    println!("INNKEEPER_CRASH_SEED={seed}");
    let world = Rc::new(World::demo(on));
    let houses = Houses::All;
    let token = at(&world, |conn| Token::issue(conn, "pms", Role::Pms, &houses));
    let rooms: Vec<String> = at(&world, |conn| {
        let taken = room_nights::table.select(room_nights::room_id);
        rooms::table
            .filter(
                rooms::property_id
                    .eq(house(conn)?)
                    .and(rooms::id.ne_all(taken)),
            )
            .filter(rooms::housekeeping.eq("clean"))
            .order(rooms::id)
            .select(rooms::number)
            .load(conn)
    });
    assert!(rooms.len() >= CLIENTS);
    let shared = Rc::new(Shared {
        token,
        rooms,
        address: RefCell::default(),
        free: RefCell::new(vec![Vec::new(); CLIENTS]),
        promised: RefCell::new(vec![None; CLIENTS]),
        is_over: Cell::default(),
        answered: Cell::default(),
        repeated: Cell::default(),
    });
    make_up(&world, &shared);
    let started = Instant::now();
    let told: Vec<Vec<Story>> = System::new().block_on(LocalSet::new().run_until(async {
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let dice = Dice(seed.wrapping_mul(client as u64 + 3) | 1);
            clients.spawn_local(tell(Rc::clone(&shared), client, dice));
        }
        let dice = Dice(seed | 1);
        let killer = kill_all(Rc::clone(&world), Rc::clone(&shared), dice);
        let served = tokio::task::spawn_local(killer).await.unwrap();
        let told = clients.join_all().await;
        served.kill();
        told
    }));
    let told: Vec<Story> = told.into_iter().flatten().collect();
    println!(
        "{KILLS} kills in {:?}: {} writes of {} stays answered, {} of them done before and told again",
        started.elapsed(),
        shared.answered.get(),
        told.len(),
        shared.repeated.get(),
    );
    assert!(told.len() > KILLS, "the clients hardly wrote");
    each_happened_once(&world, &told);
    nothing_else_happened(&world, &told);
    let checked = command(
        tempfile::tempdir().unwrap().path(),
        &["--database-url", &world.url_text(), "check"],
    )
    .envs(ENVIRONMENT)
    .output()
    .unwrap();
    // Until the command is there, it is wrong usage.
    let said = String::from_utf8_lossy(&checked.stderr);
    if !said.contains("unrecognized subcommand") {
        assert!(checked.status.success(), "{said}");
    }
}

fn each_happened_once(world: &World, told: &[Story]) {
    let mut conn = world.url.connect().unwrap();
    for story in told {
        let (ids, statuses): (Vec<i64>, Vec<(Status, i64)>) = stays::table
            .filter(stays::confirmation_number.eq(&story.number))
            .select((stays::id, (stays::status, stays::adults)))
            .load::<(i64, (Status, i64))>(&mut conn)
            .unwrap()
            .into_iter()
            .unzip();
        let status = match story.ending {
            Ending::Stays => Status::Reserved,
            Ending::Cancelled => Status::Cancelled,
            Ending::Leaves => Status::Departed,
        };
        let what = &story.number;
        assert_eq!(statuses, [(status, 2)], "{what}");
        let people: Vec<i64> = guests::table
            .filter(guests::given_name.eq(&story.name))
            .select(guests::id)
            .load(&mut conn)
            .unwrap();
        assert_eq!(people.len(), 1, "{what} {}", story.name);
        let wishes: Vec<i64> = preferences::table
            .filter(preferences::guest_id.eq(people[0]))
            .filter(preferences::code.eq("high_floor"))
            .select(preferences::times)
            .load(&mut conn)
            .unwrap();
        assert_eq!(wishes, [1], "{what}");
        let charges: Vec<i64> = folio_charges::table
            .filter(folio_charges::stay_id.eq(ids[0]))
            .select(folio_charges::amount_minor)
            .load(&mut conn)
            .unwrap();
        let mut actions: Vec<String> = audit_log::table
            .filter(audit_log::stay_id.eq(ids[0]))
            .select(audit_log::action)
            .load(&mut conn)
            .unwrap();
        actions.sort_unstable();
        let (lines, expected): (&[i64], &[&str]) = match story.ending {
            Ending::Stays => (&[], &["put_reservation", "put_reservation"]),
            Ending::Cancelled => (&[], &["cancelled", "put_reservation", "put_reservation"]),
            Ending::Leaves => (
                &[7_700],
                &[
                    "check_in",
                    "check_out",
                    "put_reservation",
                    "put_reservation",
                ],
            ),
        };
        assert_eq!(charges, lines, "{what}");
        assert_eq!(actions, expected, "{what}");
    }
}

/// What the database holds beside the stories is what it held before.
fn nothing_else_happened(world: &World, told: &[Story]) {
    let mut conn = world.url.connect().unwrap();
    let written: i64 = stays::table
        .filter(stays::confirmation_number.like("CR-%"))
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(written, told.len() as i64);
    let people: i64 = guests::table
        .filter(guests::source.eq("pms"))
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(people, told.len() as i64);
    let keys: i64 = idempotency_keys::table
        .count()
        .get_result(&mut conn)
        .unwrap();
    let steps: usize = told.iter().map(|story| story.steps().len()).sum();
    assert_eq!(keys, steps as i64);
    let unanswered: i64 = idempotency_keys::table
        .filter(idempotency_keys::status.is_null())
        .count()
        .get_result(&mut conn)
        .unwrap();
    let held: i64 = held_events::table.count().get_result(&mut conn).unwrap();
    let nights: i64 = room_nights::table
        .inner_join(stays::table)
        .filter(stays::confirmation_number.like("CR-%"))
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!((unanswered, held, nights), (0, 0, 0));
}
