//! The JSON API, as a program calls it.

mod batch;
mod conforming;
mod described;
mod documented;
mod events;
mod fuzzed;
mod guests;
mod once;
mod points;
mod profiles;
mod reservations;
mod rights;

use innkeeper::staff::token::Token;
use innkeeper::staff::{Houses, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Page;

/// A program with a token.
pub struct Program {
    address: String,
    http: reqwest::Client,
    pub token: String,
}

impl Program {
    /// One that may do what a role may, in these houses; none is every house.
    pub fn of(app: &TestApp, name: &str, role: Role, houses: &[&str]) -> Self {
        let ids: Vec<i64> = houses.iter().map(|code| app.property_id(code)).collect();
        let houses = if ids.is_empty() {
            Houses::All
        } else {
            Houses::Only(ids)
        };
        let token = app.sql(|conn| Token::issue(conn, name, role, &houses));
        Self {
            address: app.url("/api/v1"),
            http: reqwest::Client::new(),
            token,
        }
    }

    /// The property-management system of all houses.
    pub fn pms(app: &TestApp) -> Self {
        Self::of(app, "pms", Role::Pms, &[])
    }

    /// A request with its token.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method: Method = method.to_uppercase().parse().unwrap();
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        self.http
            .request(method, format!("{}{path}", self.address))
            .bearer_auth(&self.token)
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        Answer::to(with(self.request(method, path), body)).await
    }

    /// A write under a key.
    pub async fn send_once(&self, method: &str, path: &str, body: &Value, key: &str) -> Answer {
        let request = self.request(method, path).header("idempotency-key", key);
        Answer::to(with(request, body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("put", path, body).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("post", path, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request("get", path)).await
    }
}

/// A request with a JSON body.
pub fn with(request: reqwest::RequestBuilder, body: &Value) -> reqwest::RequestBuilder {
    request
        .header("content-type", "application/json")
        .body(body.to_string())
}

/// What a program was answered.
pub struct Answer {
    pub page: Page,
    pub json: Value,
}

impl Answer {
    /// The answer to a request; it is what the API's description says of it.
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        let (http, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let page = Page::of(http.execute(request).await.unwrap()).await;
        conforming::check(method.as_str(), &path, &page);
        let json = serde_json::from_str(&page.body).unwrap_or(Value::Null);
        Self { page, json }
    }

    pub fn status(&self) -> u16 {
        self.page.status
    }

    /// The body of an answer with this status.
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.page.status, status, "{}", self.page.body);
        self.json
    }

    /// The details of a problem, which must be one in every respect.
    pub fn problem(&self, status: u16) -> &Value {
        assert_eq!(self.page.status, status, "{}", self.page.body);
        assert_eq!(self.page.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], status);
        for field in ["type", "title", "detail", "instance"] {
            assert!(self.json[field].is_string(), "{field} in {}", self.json);
        }
        assert!(!self.page.header("x-request-id").is_empty());
        &self.json
    }
}

/// A day from today on.
pub fn day(ahead: i64) -> String {
    let day = crate::support::world::today() + chrono::TimeDelta::days(ahead);
    day.to_string()
}

/// A booking of somebody nobody knows.
pub fn booking(family_name: &str) -> Value {
    json!({
        "arrival": day(3),
        "departure": day(5),
        "given_name": "Ingrid",
        "family_name": family_name,
        "email": format!("ingrid.{}@example.com", family_name.to_lowercase()),
        "birth_date": "1984-05-17",
        "country": "NO",
        "rate": {"amount": "880.00", "currency": "CNY"},
        "channel": "ota",
        "adults": 2,
        "requests": ["high_floor", "a view of the harbour"],
    })
}
