//! A fresh database for each test: SQLite, and PostgreSQL on the server that `INNKEEPER_TEST_POSTGRES` names.

use std::env;

use diesel::connection::SimpleConnection;
use innkeeper::db::{Database, DatabaseUrl, migrate};
use uuid::Uuid;

/// Runs a test on each database, each time on an empty one.
pub fn for_both(test: impl Fn(&Database)) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("test.db");
    test(&prepared(&DatabaseUrl::Sqlite(path)));
    let scratch = Scratch::new();
    test(&prepared(&scratch.url()));
}

fn prepared(url: &DatabaseUrl) -> Database {
    migrate::run(&mut url.connect().unwrap()).unwrap();
    Database::open(url).unwrap()
}

/// The PostgreSQL server for tests, as the URL of a database on it.
pub fn server() -> String {
    env::var("INNKEEPER_TEST_POSTGRES")
        .expect("INNKEEPER_TEST_POSTGRES names no server; ./test starts one")
}

/// A PostgreSQL database that is dropped with its test.
pub struct Scratch {
    pub name: String,
}

impl Scratch {
    pub fn new() -> Self {
        Self::create("")
    }

    pub fn of_template(template: &str) -> Self {
        Self::create(&format!(" TEMPLATE {template}"))
    }

    fn create(how: &str) -> Self {
        let name = format!("innkeeper_{}", Uuid::now_v7().simple());
        on_server(&format!("CREATE DATABASE {name}{how}"));
        Self { name }
    }

    pub fn url(&self) -> DatabaseUrl {
        let server = server();
        let (server, _) = server.rsplit_once('/').unwrap();
        DatabaseUrl::Postgresql(format!("{server}/{}", self.name))
    }

    /// Keeps the database, under another name.
    pub fn rename(mut self, name: &str) {
        on_server(&format!("ALTER DATABASE {} RENAME TO {name}", self.name));
        self.name.clear();
    }
}

/// Runs SQL beside the databases of the tests.
pub fn on_server(sql: &str) {
    DatabaseUrl::Postgresql(server())
        .connect()
        .unwrap()
        .batch_execute(sql)
        .unwrap();
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.name.is_empty() {
            on_server(&format!(
                "DROP DATABASE IF EXISTS {} WITH (FORCE)",
                self.name
            ));
        }
    }
}
