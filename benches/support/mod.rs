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

#[allow(dead_code, reason = "not every benchmark is a clerk's")]
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
    header: String,
}

#[allow(dead_code, reason = "not every benchmark is a clerk and a program")]
impl Client {
    /// A clerk's browser.
    pub fn new(address: SocketAddr, cookie: &str) -> Self {
        Self::with(address, format!("cookie: innkeeper={cookie}"))
    }

    /// A program with a token.
    pub fn program(address: SocketAddr, token: &str) -> Self {
        Self::with(address, format!("authorization: Bearer {token}"))
    }

    fn with(address: SocketAddr, header: String) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::new(stream),
            header,
        }
    }

    pub fn get(&mut self, path: &str) -> String {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: desk\r\n{}\r\n\r\n",
            self.header
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let answer = self.answer();
        assert!(answer.line.contains(" 200 "), "{path}: {}", answer.line);
        answer.body
    }

    /// A write under a key.
    pub fn write(&mut self, method: &str, path: &str, key: &str, body: &str) -> Answer {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: desk\r\n{}\r\nidempotency-key: {key}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.header,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let answer = self.answer();
        let done = answer.line.contains(" 200 ") || answer.line.contains(" 201 ");
        assert!(done, "{path}: {} {}", answer.line, answer.body);
        answer
    }

    fn answer(&mut self) -> Answer {
        let mut first = String::new();
        self.stream.read_line(&mut first).unwrap();
        let (mut length, mut queries) = (0, 0);
        let mut line = String::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            if line == "\r\n" {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            } else if let Some(value) = lower.strip_prefix("x-queries: ") {
                queries = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        Answer {
            line: first,
            queries,
            body: String::from_utf8(body).unwrap(),
        }
    }
}

/// What was answered.
#[allow(dead_code, reason = "not every benchmark looks at all of it")]
pub struct Answer {
    pub line: String,
    /// Where the server counts them.
    pub queries: u32,
    pub body: String,
}
