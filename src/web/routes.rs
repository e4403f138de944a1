//! The table of contents: every address, and who may call it. Whatever is not here does not exist.

use actix_web::web;

use super::{
    account, assets, assign, at_table, backup, boards, call, card, case_gifts, case_list,
    case_open, case_report, case_settings, cases, check_out, duplicates, greetings, guests, health,
    held, house_settings, imports, letter_preview, letter_settings, live, login, loyalty, me,
    merging, metrics, offers, points, preferences, programme, recognition, registration, related,
    restaurant, review, room, rooms, search, settings, stays, stops, tasks, unsubscribe, webhooks,
};
use super::{contradictions, kept, promises, readings, wishes};
use crate::staff::Role;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever reaches the server.
    Anyone,
    /// Whoever is signed in.
    Staff,
    /// Who looks up guests: all but nobody may search, each sees what the role needs.
    Finders,
    /// Who opens profiles.
    Profiles,
    /// Who works in the restaurants, and the desk that helps them.
    Tables,
    /// Who decides about letters to guests.
    Letters,
    /// Who works at the desk.
    Desk,
    /// Who reads what offering and recognition earn.
    Figures,
    /// Managers and administrators.
    Managers,
    /// Administrators.
    Admin,
}

impl Who {
    /// Whether a role is among them.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Anyone | Self::Staff => true,
            Self::Finders => role != Role::Pms,
            Self::Profiles => matches!(
                role,
                Role::FrontDesk | Role::Marketing | Role::Manager | Role::Admin
            ),
            Self::Tables => matches!(
                role,
                Role::Host | Role::FrontDesk | Role::Manager | Role::Admin
            ),
            Self::Letters => matches!(role, Role::Marketing | Role::Manager | Role::Admin),
            Self::Desk => matches!(role, Role::FrontDesk | Role::Manager | Role::Admin),
            Self::Figures => matches!(role, Role::Marketing | Role::Manager | Role::Admin),
            Self::Managers => matches!(role, Role::Manager | Role::Admin),
            Self::Admin => role == Role::Admin,
        }
    }
}

/// One address.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `get` or `post`.
    pub method: &'static str,
    /// The address, with its parts in braces.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
}

/// Writes the table once, for the server and for the check of rights.
macro_rules! routes {
    ($($who:ident { $($method:ident $path:literal => $handler:path;)+ })+) => {
        /// Every route with who may call it.
        pub const TABLE: &[Route] = &[$($(Route { method: stringify!($method), path: $path, who: Who::$who },)+)+];

        /// Puts every route into the server.
        pub fn mount(config: &mut web::ServiceConfig) {
            $($(config.route($path, web::$method().to($handler));)+)+
        }
    };
}

routes! {
    Anyone {
        get "/healthz" => health::live;
        get "/readyz" => health::ready;
        get "/metrics" => metrics::page;
        get "/static/{name:.*}" => assets::serve;
        get "/login" => login::form;
        post "/login" => login::sign_in;
        get "/setup/{token}" => login::setup_form;
        post "/setup/{token}" => login::setup;
        get "/me/{token}" => me::page;
        post "/me/{token}" => me::change;
        get "/unsubscribe/{token}" => unsubscribe::page;
        post "/unsubscribe/{token}" => unsubscribe::decide;
    }
    Staff {
        get "/" => login::home;
        post "/logout" => login::sign_out;
        get "/account" => account::form;
        post "/account/password" => account::password;
        post "/account/manner" => account::manner;
    }
    Finders {
        get "/search" => search::page;
    }
    Profiles {
        get "/guests/{id}" => guests::page;
        get "/guests/{id}/points" => points::page;
        get "/guests/{id}/points.csv" => points::file;
        post "/guests/{id}/preferences" => preferences::add;
        post "/guests/{id}/preferences/{preference}/confirm" => preferences::confirm;
        post "/guests/{id}/preferences/{preference}/retire" => preferences::retire;
        post "/guests/{id}/preferences/{preference}/restore" => preferences::restore;
        post "/guests/{id}/preferences/{preference}/settle" => contradictions::settle;
        post "/guests/{id}/notes" => guests::add_note;
        post "/guests/{id}/letters/stop" => stops::stop;
        post "/guests/{id}/letters/stops/{stop}/lift" => stops::lift;
        post "/guests/{id}/cases" => case_open::open;
        get "/cases" => case_list::page;
        get "/cases/{id}" => cases::page;
        post "/cases/{id}/note" => cases::note;
        post "/cases/{id}/owner" => cases::hand_over;
        post "/cases/{id}/severity" => cases::weigh;
        post "/cases/{id}/close" => cases::close;
        post "/cases/{id}/reopen" => cases::reopen;
        post "/cases/{id}/mistake" => cases::mistake;
        post "/cases/{id}/compensate" => case_gifts::compensate;
        get "/tasks" => tasks::page;
        post "/tasks" => tasks::add;
        post "/tasks/{id}/done" => tasks::finish;
        post "/tasks/{id}/reopen" => tasks::reopen;
        post "/tasks/{id}/snooze" => tasks::put_off;
        post "/tasks/{id}/owner" => tasks::hand_over;
        post "/guests/{id}/documents/{document}/reveal" => guests::reveal_document;
    }
    Figures {
        get "/offers" => offers::report::page;
        get "/offers.csv" => offers::report::file;
    }
    Letters {
        get "/greetings" => greetings::page;
        get "/greetings/settings" => letter_settings::page;
        post "/greetings/settings" => letter_settings::save;
        post "/greetings/settings/dates" => letter_settings::announce;
        post "/greetings/settings/dates/remove" => letter_settings::withdraw;
        get "/greetings/preview/{occasion}/{language}" => letter_preview::page;
        get "/greetings/preview/{occasion}/{language}/{width}" => letter_preview::letter;
        post "/greetings/pause" => greetings::pause;
        post "/greetings/doubtful" => greetings::decide_all;
        get "/greetings/letters/{id}" => greetings::letter;
        post "/greetings/letters/{id}" => greetings::decide;
    }
    Managers {
        post "/restaurant" => restaurant::outlets::add;
        get "/restaurant/{outlet}/plan" => restaurant::plan::page;
        post "/restaurant/{outlet}/plan/tables" => restaurant::plan::add_table;
        post "/restaurant/{outlet}/plan/tables/{table}" => restaurant::plan::change_table;
        post "/restaurant/{outlet}/plan/tables/{table}/retire" => restaurant::plan::retire_table;
        post "/restaurant/{outlet}/plan/parts" => restaurant::plan_parts::add;
        post "/restaurant/{outlet}/plan/remove" => restaurant::plan_parts::remove;
        get "/restaurant/{outlet}/menu" => restaurant::menu::page;
        post "/restaurant/{outlet}/menu" => restaurant::menu::add;
        post "/restaurant/{outlet}/menu/{dish}" => restaurant::menu::change;
        post "/restaurant/{outlet}/menu/{dish}/move" => restaurant::menu::step;
        post "/restaurant/{outlet}/menu/{dish}/retire" => restaurant::menu::retire;
        post "/restaurant/{outlet}/menu/{dish}/serve" => restaurant::menu::serve;
        get "/settings/offers" => offers::rules::page;
        post "/settings/offers" => offers::rules::save;
        post "/settings/offers/decisions" => offers::rules::decide;
        post "/settings/offers/{rule}/retire" => offers::rules::retire;
        post "/duplicates/search" => duplicates::search;
        get "/reports/cases" => case_report::page;
        get "/reports/cases.csv" => case_report::file;
        post "/cases/{id}/compensations/{compensation}" => case_gifts::answer;
        get "/held" => held::page;
        post "/held/{id}/retry" => held::retry;
        post "/held/{id}/drop" => held::drop;
        get "/promises" => kept::page;
        get "/promises.csv" => kept::file;
        get "/loyalty/requests" => loyalty::page;
        post "/loyalty/requests/{id}" => loyalty::answer;
    }
    Tables {
        get "/restaurant" => restaurant::outlets::page;
        get "/restaurant/{outlet}" => restaurant::stand::page;
        get "/restaurant/{outlet}/find" => restaurant::stand::find;
        get "/restaurant/{outlet}/live" => restaurant::live;
        post "/restaurant/{outlet}/seat" => restaurant::seat::seat;
        post "/restaurant/{outlet}/hold" => restaurant::seat::hold;
        post "/restaurant/{outlet}/wait" => restaurant::seat::wait;
        post "/restaurant/{outlet}/taste" => restaurant::orders::taste;
        get "/restaurant/{outlet}/brief" => restaurant::brief::page;
        get "/restaurant/{outlet}/bookings" => restaurant::day::page;
        get "/restaurant/{outlet}/bookings/new" => restaurant::bookings::form;
        post "/restaurant/{outlet}/bookings" => restaurant::bookings::create;
        get "/restaurant/{outlet}/visits/{visit}" => restaurant::bookings::edit;
        post "/restaurant/{outlet}/visits/{visit}" => restaurant::bookings::change;
        get "/restaurant/{outlet}/visits/{visit}/orders" => restaurant::orders::page;
        post "/restaurant/{outlet}/visits/{visit}/orders" => restaurant::orders::order;
        post "/restaurant/{outlet}/visits/{visit}/orders/{order}/void" => restaurant::orders::void;
        post "/restaurant/{outlet}/visits/{visit}/party" => restaurant::orders::join;
        post "/restaurant/{outlet}/visits/{visit}/move" => restaurant::seat::move_to;
        post "/restaurant/{outlet}/visits/{visit}/split" => restaurant::seat::split;
        post "/restaurant/{outlet}/visits/{visit}/leave" => restaurant::seat::leave;
        post "/restaurant/{outlet}/visits/{visit}/cancel" => restaurant::seat::cancel;
        post "/restaurant/{outlet}/visits/{visit}/no-show" => restaurant::seat::no_show;
        post "/restaurant/{outlet}/visits/{visit}/undo" => restaurant::seat::undo;
    }
    Desk {
        get "/live" => live::stream;
        get "/arrivals" => boards::arrivals;
        get "/in-house" => boards::in_house;
        get "/departures" => boards::departures;
        get "/arrivals/brief" => boards::brief;
        get "/review" => review::next;
        get "/review/{id}" => review::page;
        post "/review/{id}" => review::answer;
        post "/review/{id}/undo/{review}" => review::undo;
        get "/call" => call::page;
        post "/guests" => call::create;
        post "/guests/{id}/enrol" => points::enrol;
        post "/guests/{id}/points/redeem" => points::redeem;
        post "/guests/{id}/points/adjust" => points::adjust;
        post "/guests/{id}/points/claim" => points::claim;
        get "/guests/{id}/merge" => merging::page;
        post "/guests/{id}/merge" => merging::merge;
        post "/guests/{id}/merges/{merge}/undo" => merging::undo;
        post "/guests/{id}/not-same" => related::tell_apart;
        post "/guests/{id}/not-same/{statement}/withdraw" => related::withdraw;
        get "/duplicates" => duplicates::list;
        get "/duplicates/{id}" => duplicates::page;
        post "/duplicates/{id}" => duplicates::answer;
        post "/duplicates/{id}/undo/{answer}" => duplicates::undo;
        get "/offers/queue" => offers::queue::page;
        post "/offers/queue" => offers::queue::give;
        get "/rooms" => rooms::page;
        get "/rooms/assign" => assign::page;
        post "/rooms/assign" => assign::apply;
        post "/rooms/assign/{id}/undo" => assign::undo;
        post "/rooms/{id}/housekeeping" => rooms::housekeeping;
        get "/stays/new" => stays::walk_in_form;
        post "/stays" => stays::walk_in;
        get "/stays/{id}" => card::page;
        get "/stays/{id}/registration" => registration::page;
        get "/stays/{id}/room" => room::page;
        post "/stays/{id}/room" => room::change;
        post "/stays/{id}/room/{room}/undo/{before}" => room::undo;
        post "/stays/{id}/room/lock" => room::lock;
        post "/stays/{id}/room/unlock" => room::unlock;
        post "/stays/{id}/table" => at_table::hold;
        post "/stays/{id}/check-in" => stays::check_in;
        post "/stays/{id}/gesture" => case_gifts::gesture;
        post "/stays/{id}/undo-check-in" => stays::undo_check_in;
        get "/stays/{id}/check-out" => check_out::page;
        post "/stays/{id}/check-out" => check_out::post;
        post "/stays/{id}/readings/{code}/confirm" => readings::confirm;
        post "/stays/{id}/readings/{code}/dismiss" => readings::dismiss;
        post "/stays/{id}/readings/{code}/reopen" => readings::reopen;
        get "/stays/{id}/promises" => promises::page;
        post "/stays/{id}/promises" => promises::save;
        post "/stays/{id}/cancel" => stays::cancel;
        post "/stays/{id}/no-show" => stays::no_show;
        post "/stays/{id}/reinstate" => stays::reinstate;
        post "/stays/{id}/offers" => offers::make;
        post "/stays/{id}/offers/{offer}/accept" => offers::accept;
        post "/stays/{id}/offers/{offer}/decline" => offers::decline;
        post "/stays/{id}/offers/{offer}/undo" => offers::undo;
    }
    Admin {
        get "/imports" => imports::form;
        post "/imports" => imports::upload;
        get "/imports/{id}" => imports::page;
        post "/imports/{id}" => imports::begin;
        get "/imports/{id}/errors.csv" => imports::errors;
        get "/settings" => settings::page;
        get "/settings/house" => house_settings::page;
        post "/settings/house" => house_settings::save;
        get "/settings/recognition" => recognition::page;
        post "/settings/recognition" => recognition::take_care;
        get "/settings/loyalty" => programme::page;
        post "/settings/loyalty" => programme::save;
        post "/settings/loyalty/rewards" => programme::reward;
        get "/settings/cases" => case_settings::page;
        post "/settings/cases" => case_settings::save;
        post "/settings/cases/gestures" => case_settings::gesture;
        get "/settings/wishes" => wishes::page;
        post "/settings/wishes" => wishes::save;
        get "/settings/backup" => backup::page;
        post "/settings/backup" => backup::decide;
        post "/settings/relays" => recognition::add_relay;
        post "/settings/relays/remove" => recognition::remove_relay;
        post "/settings/users" => settings::add_user;
        post "/settings/users/{id}/disable" => settings::disable_user;
        post "/settings/users/{id}/password" => settings::set_password;
        post "/settings/users/{id}/outlets" => settings::set_outlets;
        post "/settings/tokens" => settings::add_token;
        post "/settings/tokens/revoke" => settings::revoke_token;
        get "/settings/webhooks" => webhooks::page;
        post "/settings/webhooks" => webhooks::add;
        post "/settings/webhooks/{id}/test" => webhooks::test;
        post "/settings/webhooks/{id}/pause" => webhooks::pause;
        post "/settings/webhooks/{id}/resume" => webhooks::resume;
        post "/settings/webhooks/{id}/remove" => webhooks::remove;
        post "/settings/webhooks/{id}/deliveries/{delivery}" => webhooks::send_again;
    }
}

/// Who may call the route of a pattern.
pub fn who(is_get: bool, pattern: &str) -> Option<Who> {
    let method = if is_get { "get" } else { "post" };
    TABLE
        .iter()
        .find(|route| route.path == pattern && route.method == method)
        .map(|route| route.who)
}
