//! The API's table of contents: every call, and whose tokens may make it. Whatever is not here does not exist.

use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse, web};

use super::call::{Call, REQUEST_ID};
use super::problem::Problem;
use super::{
    adapters, arrivals, batch, bounces, events, feed, guests, held, lookup, merges, openapi,
    points, preferences, profiles, recognize, reservations, welcome,
};
use crate::staff::Role;

/// Whose tokens may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever reaches the server: what the API is, is no secret.
    Anyone,
    /// Who books and moves guests: systems that run the house, its desk, its managers.
    House,
    /// Who opens profiles.
    Profiles,
    /// Everybody who looks up guests.
    Finders,
    /// Who hears of letters that came back: programs, and who decides about letters.
    Letters,
}

impl Who {
    /// Whether a role is among them.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::House => matches!(
                role,
                Role::Pms | Role::FrontDesk | Role::Manager | Role::Admin
            ),
            Self::Profiles => role != Role::Host,
            Self::Letters => matches!(
                role,
                Role::Pms | Role::Marketing | Role::Manager | Role::Admin
            ),
            Self::Anyone | Self::Finders => true,
        }
    }
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `get`, `put`, `post`, `patch` or `delete`.
    pub method: &'static str,
    /// The address, with its parts in braces.
    pub path: &'static str,
    /// Whose tokens may make it.
    pub who: Who,
}

/// Writes the table once, for the server, for the check of rights and for the description.
macro_rules! routes {
    ($($who:ident { $($method:ident $path:literal => $handler:path;)+ })+) => {
        /// Every call with whose tokens may make it.
        pub const TABLE: &[Route] = &[$($(Route { method: stringify!($method), path: $path, who: Who::$who },)+)+];

        /// Puts every call into the server; what is under `/api/v1` and not in the table is answered by a problem.
        pub fn mount(config: &mut web::ServiceConfig) {
            $($(config.route($path, web::$method().to($handler));)+)+
            config.service(web::scope("/api/v1").default_service(web::to(nothing_there)));
        }
    };
}

routes! {
    Anyone {
        get "/api/v1/openapi.json" => openapi::serve;
        get "/api/docs" => openapi::read::page;
    }
    House {
        get "/api/v1/reservations" => reservations::list;
        get "/api/v1/reservations/{property}/{confirmation}" => reservations::show;
        put "/api/v1/reservations/{property}/{confirmation}" => reservations::put;
        post "/api/v1/reservations:batch" => batch::post;
        post "/api/v1/reservations/{property}/{confirmation}/check-in" => events::check_in;
        post "/api/v1/reservations/{property}/{confirmation}/check-out" => events::check_out;
        post "/api/v1/reservations/{property}/{confirmation}/cancel" => events::cancel;
        post "/api/v1/reservations/{property}/{confirmation}/no-show" => events::no_show;
        post "/api/v1/reservations/{property}/{confirmation}/charges" => events::correct;
        get "/api/v1/events" => feed::list;
        post "/api/v1/adapters/ohip/{property}/reservations" => adapters::ohip_reservations;
        post "/api/v1/adapters/ohip/profiles" => adapters::ohip_profiles;
        post "/api/v1/adapters/mews/{property}/reservations" => adapters::mews_reservations;
        post "/api/v1/adapters/mews/customers" => adapters::mews_customers;
        post "/api/v1/adapters/ota/{property}" => adapters::ota;
        get "/api/v1/held" => held::list;
        post "/api/v1/held/{held}/retry" => held::retry;
        delete "/api/v1/held/{held}" => held::drop;
        post "/api/v1/recognize" => recognize::ask;
        get "/api/v1/arrivals" => arrivals::list;
        get "/api/v1/guests/{id}/welcome" => welcome::card;
        post "/api/v1/guests/{id}/points" => points::post;
        post "/api/v1/guests" => profiles::create;
        post "/api/v1/guests/{id}/merge" => merges::merge;
        post "/api/v1/merges/{merge}/undo" => merges::undo;
    }
    Profiles {
        get "/api/v1/guests/{id}" => guests::show;
        get "/api/v1/guests/{id}/points" => points::show;
        patch "/api/v1/guests/{id}" => profiles::change;
        post "/api/v1/guests/{id}/preferences" => preferences::add;
        delete "/api/v1/guests/{id}/preferences/{preference}" => preferences::retire;
    }
    Letters {
        post "/api/v1/bounces" => bounces::post;
    }
    Finders {
        get "/api/v1/lookup" => lookup::find;
    }
}

/// Bytes of a body that are read; a batch is longer.
pub fn most_bytes(path: &str) -> usize {
    if path.ends_with(":batch") || path.starts_with("/api/v1/adapters/") {
        4 * 1024 * 1024
    } else {
        64 * 1024
    }
}

/// Whether a body is XML, and not JSON.
pub fn is_xml(path: &str) -> bool {
    path.starts_with("/api/v1/adapters/ota/")
}

/// Whose tokens may make the call of a pattern.
pub fn who(method: &str, pattern: &str) -> Option<Who> {
    TABLE
        .iter()
        .find(|route| route.path == pattern && route.method.eq_ignore_ascii_case(method))
        .map(|route| route.who)
}

async fn nothing_there(request: HttpRequest) -> HttpResponse {
    let call = Call::of(&request);
    let path = request.path();
    let shown: String = path.chars().take(200).collect();
    let allowed: Vec<String> = TABLE
        .iter()
        .filter(|route| is_like(route.path, path))
        .map(|route| route.method.to_uppercase())
        .collect();
    let problem = if allowed.is_empty() {
        Problem::NotFound(format!("'{shown}' is no call; see /api/v1/openapi.json"))
    } else {
        let detail = format!("'{shown}' takes {}", allowed.join(", "));
        Problem::Method(detail)
    };
    let mut response = problem.respond(&call.id);
    let headers = response.headers_mut();
    if let Ok(value) = allowed.join(", ").parse()
        && !allowed.is_empty()
    {
        headers.insert(ALLOW, value);
    }
    if let (Ok(name), Ok(id)) = (REQUEST_ID.parse(), call.id.parse()) {
        let name: actix_web::http::header::HeaderName = name;
        headers.insert(name, id);
    }
    response
}

/// Whether an address is one of a pattern.
fn is_like(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    pattern.clone().count() == path.clone().count()
        && pattern
            .zip(path)
            .all(|(part, given)| part.starts_with('{') && !given.is_empty() || part == given)
}
