//! A served hotel and a clerk who keeps a connection open; for the benchmarks over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use diesel::prelude::*;
use innkeeper::db::Database;
use innkeeper::db::schema::users;
use innkeeper::staff::user::NewUser;
use innkeeper::staff::{Clerk, Houses, Role};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

pub fn serve(
    start: impl FnOnce(TcpListener) -> actix_web::dev::Server + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move { start(listener).await })
    });
    address
}

pub fn sign_in(db: &Database) -> String {
    db.write(|conn| {
        let known: Option<i64> = users::table
            .filter(users::name.eq("load"))
            .select(users::id)
            .first(conn)
            .optional()?;
        let new = NewUser {
            name: "load",
            display_name: "Load",
            role: Role::FrontDesk,
            password_hash: "-",
            houses: &Houses::All,
        };
        let id = known.map_or_else(|| new.insert(conn), Ok)?;
        Ok::<_, Failure>(Clerk::sign_in(conn, id)?)
    })
    .unwrap()
}

/// A connection that is kept open.
pub struct Client {
    stream: BufReader<TcpStream>,
    cookie: String,
}

impl Client {
    pub fn new(address: SocketAddr, cookie: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::new(stream),
            cookie: cookie.into(),
        }
    }

    pub fn get(&mut self, path: &str) -> String {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: desk\r\ncookie: innkeeper={}\r\n\r\n",
            self.cookie
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(line.contains(" 200 "), "{path}: {line}");
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }
}
