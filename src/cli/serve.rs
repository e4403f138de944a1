//! `innkeeper serve`.

use std::net::TcpListener;

use actix_web::web::Data;

use crate::db::{DatabaseUrl, Unavailable};
use crate::staff::user::User;
use crate::web::{App, jobs, server};

/// Apply migrations and serve.
#[derive(clap::Args, Debug)]
pub struct Serve {
    /// Where to listen.
    #[arg(long, env = "INNKEEPER_BIND", default_value = "127.0.0.1:8080")]
    bind: String,
    /// The address browsers use; https here marks cookies secure.
    #[arg(long, env = "INNKEEPER_BASE_URL")]
    base_url: Option<String>,
    /// Do not run the nightly jobs in this process.
    #[arg(long)]
    no_jobs: bool,
}

impl Serve {
    /// Serves until it is told to stop.
    pub fn run(&self, url: &DatabaseUrl) -> Result<u8, String> {
        let (listener, address) = server::bind(&self.bind)?;
        let base_url = self
            .base_url
            .clone()
            .unwrap_or_else(|| format!("http://{address}"));
        let _claim = url.claim()?;
        let app = App::open(url, &base_url)?;
        let anybody = app
            .db
            .read(|conn| User::any(conn).map_err(|error| Unavailable(error.to_string())));
        println!("Innkeeper serves {base_url}");
        if !anybody.map_err(|error| error.to_string())? {
            println!(
                "Nobody can sign in yet. Make the first administrator at {base_url}/setup/{}",
                app.setup_token
            );
        }
        let app = Data::new(app);
        if !self.no_jobs {
            jobs::start(&app);
        }
        run(app, listener)?;
        Ok(0)
    }
}

/// Serves on a bound socket until it is told to stop.
pub(super) fn run(app: Data<App>, listener: TcpListener) -> Result<(), String> {
    let journal = app.journal.clone();
    let served = actix_web::rt::System::new()
        .block_on(async { server::start(app, listener)?.await })
        .map_err(|error| format!("the server stopped: {error}"));
    journal.carry();
    served
}
