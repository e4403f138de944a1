//! Several nodes over one PostgreSQL, each a real process.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use innkeeper::db::schema::{features, jobs, room_nights, stays};
use innkeeper::db::{Conn, Database};
use innkeeper::demo::PASSWORD;
use innkeeper::error::Fault;
use innkeeper::outbox::{self, Event, Kind};
use innkeeper::staff::Houses;
use innkeeper::stays::Status;
use innkeeper::vocabulary;
use innkeeper::webhooks::NewWebhook;

use crate::support::binary::Served;
use crate::support::client::Client;
use crate::support::receiver::{Answer, Receiver};
use crate::support::world::{HEX_KEY, On, World, keys, today};

/// Longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn node(world: &World) -> Served {
    Served::start(&world.url_text(), &[("INNKEEPER_SECRET_KEY", HEX_KEY)])
}

/// A test over a demo hotel and two nodes.
fn on_two(test: impl AsyncFnOnce(&World, Served, Served)) {
    let world = World::demo(On::Postgresql);
    let (a, b) = (node(&world), node(&world));
    actix_web::rt::System::new().block_on(test(&world, a, b));
}

/// Reads or changes the database behind the nodes' backs.
fn sql<T>(world: &World, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> T {
    let db = Database::open(&world.url).unwrap();
    db.write(|conn| Ok::<_, Fault>(f(conn)?)).unwrap()
}

/// A browser that shows the cookies of another to another node.
async fn session(address: SocketAddr, cookie: &str) -> reqwest::Response {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
        .get(format!("http://{address}/arrivals"))
        .header("cookie", cookie)
        .send()
        .await
        .unwrap()
}

/// Signs a clerk in, and returns the session's cookie.
async fn sign_in(client: &Client) -> String {
    let answer = client.log_in("lin", PASSWORD).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn a_session_made_on_one_node_holds_and_ends_on_the_other() {
    on_two(async |_, a, b| {
        let clerk = Client::new(a.address);
        let cookie = sign_in(&clerk).await;
        assert_eq!(session(b.address, &cookie).await.status(), 200);
        assert_eq!(clerk.post("/logout", &[]).await.status, 303);
        let after = session(b.address, &cookie).await;
        assert_eq!(after.status(), 303);
        assert!(
            after.headers()["location"]
                .to_str()
                .unwrap()
                .starts_with("/login")
        );
    });
}

#[test]
fn failed_sign_ins_are_counted_over_all_nodes() {
    on_two(async |_, a, b| {
        let (one, other) = (Client::new(a.address), Client::new(b.address));
        for client in [&one, &other, &one, &other, &one] {
            assert_eq!(client.log_in("lin", "wrong wrong wrong").await.status, 422);
        }
        assert_eq!(one.log_in("lin", PASSWORD).await.status, 429);
        assert_eq!(other.log_in("lin", PASSWORD).await.status, 429);
    });
}

/// A board that is open on a node: waits for the first news after what `f` does.
async fn hears(address: SocketAddr, cookie: &str, f: impl AsyncFnOnce()) {
    let mut stream = reqwest::Client::new()
        .get(format!("http://{address}/live"))
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(stream.status(), 200);
    f().await;
    let news = async {
        loop {
            let chunk = stream.chunk().await.unwrap().expect("the stream ended");
            if String::from_utf8_lossy(&chunk).contains("data:") {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, news)
        .await
        .expect("no news came");
}

/// Arrivals of today that can be checked in, in a house where every room is free and clean.
fn arrivals(world: &World) -> Vec<i64> {
    sql(world, |conn| {
        diesel::delete(room_nights::table).execute(conn)?;
        stays::table
            .filter(stays::property_id.eq(1))
            .filter(stays::arrival.eq(today()))
            .filter(stays::status.eq(Status::Reserved))
            .select(stays::id)
            .load(conn)
    })
}

#[test]
fn a_check_in_on_one_node_is_seen_by_a_board_on_the_other() {
    on_two(async |world, a, b| {
        let clerk = Client::new(a.address);
        let cookie = sign_in(&clerk).await;
        let stays = arrivals(world);
        let check_in = async |stay: i64, room: &str| {
            let answer = clerk
                .post(&format!("/stays/{stay}/check-in"), &[("room", room)])
                .await;
            assert_eq!(answer.status, 303);
            let flash = answer.flash().unwrap();
            assert!(flash.ok, "{}", flash.text);
        };
        hears(b.address, &cookie, async || {
            check_in(stays[0], "1205").await
        })
        .await;
        // The listeners' connections die, as when the database restarts.
        sql(world, |conn| {
            conn.batch_execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND query LIKE '%pg_notify%' AND pid <> pg_backend_pid()",
            )
        });
        hears(b.address, &cookie, async || {
            check_in(stays[1], "1206").await
        })
        .await;
    });
}

#[test]
fn who_dies_at_a_job_is_followed_by_the_other_node() {
    on_two(async |world, a, b| {
        let receiver = Receiver::start();
        receiver.always(Some(Answer::Hang));
        let url = receiver.url();
        sql(world, |conn| {
            let new = NewWebhook {
                url: &url,
                kinds: &[],
                houses: &Houses::All,
                allows_private: true,
                by: 1,
            };
            new.insert(conn, &keys())
                .map_err(|_| diesel::result::Error::NotFound)?;
            outbox::tell(conn, [Event::new(Kind::GuestsMerged).with("name", "one")])
        });
        let holder = || -> Option<String> {
            sql(world, |conn| {
                jobs::table
                    .find("webhooks")
                    .select(jobs::holder)
                    .first::<Option<String>>(conn)
                    .optional()
                    .map(Option::flatten)
            })
        };
        let is_of = |holder: &str, node: &Served| holder.starts_with(&format!("{}-", node.pid()));
        let first = until(|| holder().filter(|_| !receiver.calls().is_empty()));
        let (dies, lives) = if is_of(&first, &a) { (a, b) } else { (b, a) };
        assert!(is_of(&first, &dies));
        dies.kill();
        receiver.always(None);
        // The event is sent again by the other, once the lease has run out.
        until(|| (receiver.calls().len() >= 2).then_some(()));
        let calls = receiver.calls();
        assert_eq!(calls[0].json()["id"], calls[1].json()["id"]);
        let healthy = reqwest::get(format!("http://{}/readyz", lives.address)).await;
        assert_eq!(healthy.unwrap().status(), 200);
        until(|| holder().is_none().then_some(()));
    });
}

/// Waits for something that another process does.
fn until<T>(f: impl Fn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = f() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "it did not happen");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn nodes_that_start_at_once_migrate_once() {
    let world = World::bare(On::Postgresql);
    let nodes: Vec<Served> = thread::scope(|scope| {
        let started: Vec<_> = (0..3).map(|_| scope.spawn(|| node(&world))).collect();
        started
            .into_iter()
            .map(|node| node.join().unwrap())
            .collect()
    });
    assert_eq!(nodes.len(), 3);
    let (known, twice) = sql(&world, |conn| {
        let known: i64 = features::table.count().get_result(conn)?;
        let migrations =
            "SELECT count(*) - count(DISTINCT version) AS n FROM __diesel_schema_migrations";
        let twice: Count = diesel::sql_query(migrations).get_result(conn)?;
        Ok((known, twice.n))
    });
    assert_eq!(known, vocabulary::all().len() as i64);
    assert_eq!(twice, 0);
    // The first administrator is made on any of them.
    let paths: Vec<String> = nodes.into_iter().map(Served::setup).collect();
    assert!(paths.windows(2).all(|two| two[0] == two[1]));
    assert!(paths[0].starts_with("/setup/"));
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}
