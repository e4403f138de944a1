//! A fresh database for each test: SQLite always, PostgreSQL where `INNKEEPER_TEST_POSTGRES` names a server.

use std::env;

use diesel::connection::SimpleConnection;
use innkeeper::db::{Database, DatabaseUrl, migrate};
use uuid::Uuid;

/// Runs a test on each database there is, each time on an empty one.
pub fn for_both(test: impl Fn(&Database)) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("test.db");
    test(&prepared(&DatabaseUrl::Sqlite(path)));
    if let Ok(server) = env::var("INNKEEPER_TEST_POSTGRES") {
        let scratch = Scratch::new(server);
        test(&prepared(&scratch.url()));
    }
}

fn prepared(url: &DatabaseUrl) -> Database {
    migrate::run(&mut url.connect().unwrap()).unwrap();
    Database::open(url).unwrap()
}

/// A PostgreSQL database that is dropped with its test.
struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    fn new(server: String) -> Self {
        let scratch = Self {
            server,
            name: format!("innkeeper_{}", Uuid::now_v7().simple()),
        };
        scratch.on_server(&format!("CREATE DATABASE {}", scratch.name));
        scratch
    }

    fn url(&self) -> DatabaseUrl {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        DatabaseUrl::Postgresql(format!("{server}/{}", self.name))
    }

    fn on_server(&self, sql: &str) {
        DatabaseUrl::Postgresql(self.server.clone())
            .connect()
            .unwrap()
            .batch_execute(sql)
            .unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.on_server(&format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            self.name
        ));
    }
}
