//! The real server in this process, over a database of the test's own.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web::Data;
use chrono::TimeDelta;
use diesel::prelude::*;
use innkeeper::checking::{self, Finding};
use innkeeper::clock;
use innkeeper::db::schema::{cases, guests, properties, rooms, stays, tasks, users};
use innkeeper::db::{Conn, Database};
use innkeeper::demo;
use innkeeper::error::Fault;
use innkeeper::guests::profile::{self, NewProfile};
use innkeeper::guests::search::Finder;
use innkeeper::stays::{Decision, Status};
use innkeeper::web::{App, server};

use super::client::Client;
use super::world::{On, World, keys, today};

/// A running hotel.
pub struct TestApp {
    pub on: On,
    pub address: SocketAddr,
    pub app: Data<App>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    // Dropped last: the server must be gone before its database.
    pub world: World,
}

/// Runs a test in a demo hotel of its own.
pub fn run(on: On, test: impl AsyncFnOnce(TestApp)) {
    System::new().block_on(async { test(TestApp::start(on)).await });
}

/// Runs a test in a hotel on its first day.
pub fn run_empty(on: On, test: impl AsyncFnOnce(TestApp)) {
    System::new().block_on(async { test(TestApp::empty(on)).await });
}

/// Waits until the search has its index: before, it asks the database more.
pub fn until_ready(finder: &Finder) {
    let started = Instant::now();
    while !finder.is_ready() {
        assert!(started.elapsed() < Duration::from_secs(60), "no index");
        thread::sleep(Duration::from_millis(5));
    }
}

impl TestApp {
    /// The demo hotel, served.
    pub fn start(on: On) -> Self {
        Self::over(on, World::demo(on))
    }

    /// A hotel on its first day: migrated, and nothing in it.
    pub fn empty(on: On) -> Self {
        Self::over(on, World::empty(on))
    }

    fn over(on: On, world: World) -> Self {
        let db = Database::open(&world.url).unwrap();
        let mut app = App::new(db, keys(), "http://127.0.0.1", world.index()).unwrap();
        app.count_queries = true;
        let app = Data::new(app);
        let (listener, address) = server::bind("127.0.0.1:0").unwrap();
        let (sender, receiver) = mpsc::channel();
        let served = app.clone();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let server = server::start(served, listener).unwrap();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            on,
            address,
            app,
            handle: receiver.recv().unwrap(),
            thread: Some(thread),
            world,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A browser in which nobody is signed in.
    pub fn visitor(&self) -> Client {
        Client::new(self.address)
    }

    /// A browser in which one of the demo's users is signed in.
    pub async fn sign_in(&self, name: &str) -> Client {
        let client = self.visitor();
        let answer = client.log_in(name, demo::PASSWORD).await;
        assert_eq!(answer.status, 303, "{name} can't sign in: {}", answer.body);
        client
    }

    /// Reads or changes the database behind the server's back.
    pub fn sql<T>(&self, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> T {
        // What the journal holds beside the database belongs to what is on record.
        self.app.journal.carry();
        self.app.db.write(|conn| Ok::<_, Fault>(f(conn)?)).unwrap()
    }

    /// What is stored and can't be, as `innkeeper check` finds it.
    pub fn broken(&self) -> Vec<Finding> {
        let found = self
            .app
            .db
            .read(|conn| Ok::<_, Fault>(checking::run(conn, clock::now(), |_| ())?))
            .unwrap();
        found
            .into_iter()
            .filter(|finding| !finding.holds())
            .collect()
    }

    /// Runs a statement, which may be refused.
    pub fn try_sql(&self, sql: &str) -> QueryResult<usize> {
        let mut refused = Ok(0);
        let outcome = self.app.db.write(|conn| {
            refused = diesel::sql_query(sql).execute(conn);
            refused.is_ok().then_some(()).ok_or(Fault::NotFound)
        });
        assert_eq!(outcome.is_ok(), refused.is_ok());
        refused
    }

    /// The stay that has a room reserved or is in it.
    pub fn stay_in(&self, room: &str) -> i64 {
        self.sql(|conn| {
            stays::table
                .inner_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
                .filter(rooms::number.eq(room))
                .filter(stays::status.eq_any([Status::Reserved, Status::InHouse]))
                .select(stays::id)
                .first(conn)
        })
    }

    /// The oldest case of the guest who has a room.
    pub fn case_of(&self, room: &str) -> i64 {
        let stay = self.stay_in(room);
        self.sql(|conn| {
            let guest: i64 = stays::table
                .find(stay)
                .inner_join(guests::table)
                .select(guests::person_id)
                .first(conn)?;
            cases::table
                .inner_join(guests::table)
                .filter(guests::person_id.eq(guest))
                .order(cases::id)
                .select(cases::id)
                .first(conn)
        })
    }

    /// The oldest task.
    pub fn task(&self) -> i64 {
        self.sql(|conn| tasks::table.order(tasks::id).select(tasks::id).first(conn))
    }

    /// Today's reservation of a guest, by family name.
    pub fn arriving(&self, family_name: &str) -> i64 {
        self.sql(|conn| {
            stays::table
                .inner_join(guests::table)
                .filter(guests::family_name.eq(family_name))
                .filter(stays::arrival.eq(today()))
                .filter(stays::status.eq(Status::Reserved))
                .select(stays::id)
                .first(conn)
        })
    }

    /// The opaque id of the guest of a stay.
    pub fn guest_of(&self, stay_id: i64) -> String {
        self.sql(|conn| {
            stays::table
                .inner_join(guests::table)
                .filter(stays::id.eq(stay_id))
                .select(guests::public_id)
                .first(conn)
        })
    }

    /// The opaque id of the oldest profile with a family name.
    pub fn known_as(&self, family_name: &str) -> String {
        self.sql(|conn| {
            guests::table
                .filter(guests::family_name.eq(family_name))
                .order(guests::id)
                .select(guests::public_id)
                .first(conn)
        })
    }

    /// Books so many more arrivals of today into the first house, each of a new guest, without a room.
    pub fn book(&self, count: usize) -> Vec<i64> {
        let house = self.property_id("RIV");
        self.sql(|conn| {
            let profiles: Vec<NewProfile> = (0..count)
                .map(|index| NewProfile {
                    source: "test".into(),
                    given_name: Some(format!("Extra{index}")),
                    family_name: Some("Guest".into()),
                    ..NewProfile::default()
                })
                .collect();
            let guests = profile::create(conn, &keys(), &profiles, clock::now())?;
            let book = |(index, guest_id): (usize, i64)| {
                diesel::insert_into(stays::table)
                    .values((
                        stays::property_id.eq(house),
                        stays::confirmation_number.eq(format!("TEST{index}")),
                        stays::guest_id.eq(guest_id),
                        stays::status.eq(Status::Reserved),
                        stays::arrival.eq(today()),
                        stays::departure.eq(today() + TimeDelta::days(2)),
                        stays::rate_minor.eq(80_000_i64),
                        stays::currency.eq("CNY"),
                        stays::decision.eq(Decision::New),
                        stays::created_at.eq(clock::now()),
                        stays::updated_at.eq(clock::now()),
                    ))
                    .returning(stays::id)
                    .get_result(conn)
            };
            guests.into_iter().enumerate().map(book).collect()
        })
    }

    /// Books an arrival of today for a guest into the first house; a number of one's own tells bookings apart.
    pub fn book_for(&self, guest_id: i64, number: i64) -> i64 {
        let house = self.property_id("RIV");
        self.sql(|conn| {
            diesel::insert_into(stays::table)
                .values((
                    stays::property_id.eq(house),
                    stays::confirmation_number.eq(format!("FOR{number}")),
                    stays::guest_id.eq(guest_id),
                    stays::status.eq(Status::Reserved),
                    stays::arrival.eq(today()),
                    stays::departure.eq(today() + TimeDelta::days(2)),
                    stays::rate_minor.eq(80_000_i64),
                    stays::currency.eq("CNY"),
                    stays::decision.eq(Decision::New),
                    stays::created_at.eq(clock::now()),
                    stays::updated_at.eq(clock::now()),
                ))
                .returning(stays::id)
                .get_result(conn)
        })
    }

    pub fn status_of(&self, stay_id: i64) -> Status {
        self.sql(|conn| stays::table.find(stay_id).select(stays::status).first(conn))
    }

    pub fn user_id(&self, name: &str) -> i64 {
        self.sql(|conn| {
            users::table
                .filter(users::name.eq(name))
                .select(users::id)
                .first(conn)
        })
    }

    pub fn property_id(&self, code: &str) -> i64 {
        self.sql(|conn| {
            properties::table
                .filter(properties::code.eq(code))
                .select(properties::id)
                .first(conn)
        })
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            // A server that panicked has failed its test already.
            drop(thread.join());
        }
    }
}
