//! `innkeeper serve`.

use std::net::TcpListener;

use actix_web::web::Data;

use crate::api::Limits;
use crate::db::{DatabaseUrl, Unavailable};
use crate::jobs::Running;
use crate::staff::user::User;
use crate::web::origin::Proxies;
use crate::web::{App, server};

/// Apply migrations and serve.
#[derive(clap::Args, Debug)]
pub struct Serve {
    /// Where to listen.
    #[arg(long, env = "INNKEEPER_BIND", default_value = "127.0.0.1:8080")]
    bind: String,
    /// The address browsers use; https here marks cookies secure.
    #[arg(long, env = "INNKEEPER_BASE_URL")]
    base_url: Option<String>,
    /// Calls a second that each API token may make in the long run; four times as many at once.
    #[arg(long, env = "INNKEEPER_API_RATE", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    api_rate: u32,
    /// Addresses and networks of proxies that are believed when they say who called them (X-Forwarded-For).
    #[arg(long, env = "INNKEEPER_TRUSTED_PROXIES", value_name = "LIST", default_value = "", hide_default_value = true, value_parser = Proxies::parse)]
    trusted_proxies: Proxies,
    /// Do no background jobs in this process: webhooks, retries, what is due by the clock.
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
        let mut app = App::open(url, &base_url)?;
        app.proxies = self.trusted_proxies.clone();
        let rate = f64::from(self.api_rate);
        app.api_limits = Limits::new(rate, rate * 4.0);
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
        run(app, listener, !self.no_jobs)?;
        Ok(0)
    }
}

/// Serves on a bound socket until it is told to stop.
pub(super) fn run(app: App, listener: TcpListener, does_jobs: bool) -> Result<(), String> {
    let app = Data::new(app);
    let boards = app.clone();
    let jobs = does_jobs
        .then(|| Running::start(&app.db, &app.keys, move |house| boards.live.changed(house)))
        .transpose()
        .map_err(|error| format!("the jobs could not be started: {error}"))?;
    let journal = app.journal.clone();
    let served = actix_web::rt::System::new()
        .block_on(async { server::start(app, listener)?.await })
        .map_err(|error| format!("the server stopped: {error}"));
    journal.carry();
    if let Some(jobs) = jobs {
        jobs.stop();
    }
    served
}
