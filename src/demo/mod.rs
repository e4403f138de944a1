//! The demo hotel group: a named cast around today, in two houses and several scripts. The tests use it too.

mod cast;
mod dining_room;
mod doubles;
mod houses;
mod letters;
mod menu;
mod offers;
mod people;
mod programme;
mod promises;
mod restaurant;
mod service;
mod supporting;

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use crate::cases::{Severity, history};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{
    case_events, cases, folio_charges, guests, loyalty_accounts, rooms, stay_candidates, stays,
    users,
};
use crate::guests::notes::Team;
use crate::guests::preferences::{NewPreference, Source, Strength};
use crate::guests::profile;
use crate::loyalty::ledger::{Kind, NewEntry};
use crate::on_either;
use crate::properties::Property;
use crate::secret::Keys;
use crate::staff::audit::Actor;
use crate::staff::user::NewUser;
use crate::staff::{Houses, Role, password};
use crate::stays::folio::Department;
use crate::stays::nights;
use crate::stays::{Channel, Decision, Status};

/// What everybody in the demo signs in with.
pub const PASSWORD: &str = "window seat please";

/// The demo's users: name, display name, role, and the house they are limited to.
pub const USERS: [(&str, &str, Role, Option<&str>); 6] = [
    ("lin", "Lin Yue", Role::FrontDesk, Some("RIV")),
    ("sun", "Sun Hao", Role::FrontDesk, Some("LAK")),
    ("marco", "Marco Bellini", Role::Host, Some("RIV")),
    ("chen", "Chen Jing", Role::Marketing, None),
    ("zhou", "Zhou Min", Role::Manager, None),
    ("admin", "Admin", Role::Admin, None),
];

/// Which house of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum House {
    Riverside,
    Lakeside,
}

/// Fills an empty, migrated database. Call it inside a write transaction.
pub fn fill(conn: &mut Conn, keys: &Keys) -> QueryResult<()> {
    let [riverside, lakeside] = houses::build(conn)?;
    let today = riverside.business_date(clock::now());
    staff(conn, &[&riverside, &lakeside])?;
    let mut world = World {
        conn,
        keys,
        riverside,
        lakeside,
        today,
    };
    cast::play(&mut world)?;
    people::play(&mut world)?;
    doubles::play(&mut world)?;
    programme::play(&mut world)?;
    promises::play(&mut world)?;
    service::play(&mut world)?;
    offers::play(&mut world)?;
    restaurant::play(&mut world)?;
    letters::play(&mut world)
}

/// The hash of the demo's password is made once a process: argon2 is slow on purpose, and tests build many demos.
fn password_hash() -> &'static str {
    static HASH: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| password::hash(PASSWORD).unwrap_or_default());
    &HASH
}

fn staff(conn: &mut Conn, houses: &[&Property]) -> QueryResult<()> {
    for (name, display_name, role, house) in USERS {
        let houses = house.map_or(Houses::All, |code| {
            Houses::Only(
                houses
                    .iter()
                    .filter(|house| house.code == code)
                    .map(|house| house.id)
                    .collect(),
            )
        });
        NewUser {
            name,
            display_name,
            role,
            password_hash: password_hash(),
            houses: &houses,
        }
        .insert(conn)?;
    }
    Ok(())
}

/// The houses being filled.
struct World<'a> {
    conn: &'a mut Conn,
    keys: &'a Keys,
    riverside: Property,
    lakeside: Property,
    today: NaiveDate,
}

/// A stay to be told of. Days count from today.
#[derive(Clone)]
struct Told {
    house: House,
    arrives: i64,
    nights: i64,
    room: Option<&'static str>,
    status: Status,
    at: Option<i64>,
    channel: Channel,
    agency: Option<&'static str>,
    party: (i64, i64),
    requests: Option<&'static str>,
    decision: Decision,
    reasons: Option<&'static str>,
    room_type: Option<&'static str>,
}

/// A reservation for tonight in the first house, of one adult who booked directly; change what differs.
const ARRIVING: Told = Told {
    house: House::Riverside,
    arrives: 0,
    nights: 2,
    room: None,
    status: Status::Reserved,
    at: None,
    channel: Channel::Direct,
    agency: None,
    party: (1, 0),
    requests: None,
    decision: Decision::Linked,
    reasons: None,
    room_type: None,
};

/// A stay that is over.
const PAST: Told = Told {
    status: Status::Departed,
    ..ARRIVING
};

impl World<'_> {
    fn house(&self, house: House) -> &Property {
        match house {
            House::Riverside => &self.riverside,
            House::Lakeside => &self.lakeside,
        }
    }

    fn day(&self, offset: i64) -> NaiveDate {
        self.today + TimeDelta::days(offset)
    }

    fn guest(&mut self, profile: profile::NewProfile) -> QueryResult<i64> {
        let ids = profile::create(self.conn, self.keys, &[profile], clock::now())?;
        ids.into_iter()
            .next()
            .ok_or(diesel::result::Error::NotFound)
    }

    /// Puts a stay into the book; a room that is not over yet is taken for its nights.
    fn stay(&mut self, guest_id: i64, told: &Told) -> QueryResult<i64> {
        let house = self.house(told.house).clone();
        let (arrival, departure) = (self.day(told.arrives), self.day(told.arrives + told.nights));
        let room: Option<(i64, i64)> = match told.room {
            None => None,
            Some(number) => rooms::table
                .filter(
                    rooms::property_id
                        .eq(house.id)
                        .and(rooms::number.eq(number)),
                )
                .select((rooms::id, rooms::room_type_id))
                .first(self.conn)
                .optional()?,
        };
        let booked_type = match told.room_type {
            Some(code) => houses::room_type(self.conn, house.id, code)?,
            None => room.map(|(_, room_type)| room_type),
        };
        let here = matches!(told.status, Status::InHouse | Status::Departed);
        let count: i64 = stays::table.count().get_result(self.conn)?;
        let id: i64 = diesel::insert_into(stays::table)
            .values((
                (
                    stays::property_id.eq(house.id),
                    stays::confirmation_number.eq(format!("{}{}", house.code, 44_100 + count)),
                    stays::guest_id.eq(guest_id),
                    stays::status.eq(told.status),
                    stays::arrival.eq(arrival),
                    stays::departure.eq(departure),
                    stays::booked_on.eq(arrival - TimeDelta::days(12)),
                    stays::arrival_time.eq(told.at),
                    stays::room_type_id.eq(booked_type),
                    stays::room_id.eq(room.map(|(id, _)| id)),
                    stays::rate_minor.eq(88_000_i64),
                ),
                stays::currency.eq(&house.currency),
                stays::channel.eq(told.channel),
                stays::agency.eq(told.agency),
                stays::adults.eq(told.party.0),
                stays::children.eq(told.party.1),
                stays::requests.eq(told.requests),
                stays::decision.eq(told.decision),
                stays::reasons.eq(told.reasons),
                stays::checked_in_at.eq(here.then(clock::now)),
                stays::created_at.eq(clock::now()),
                stays::updated_at.eq(clock::now()),
            ))
            .returning(stays::id)
            .get_result(self.conn)?;
        if let (Some((room_id, _)), Status::Reserved | Status::InHouse) = (room, told.status) {
            let from = arrival.max(self.today);
            // A cast that lets a room twice is a mistake of the cast.
            if nights::take(self.conn, id, room_id, from, departure)?.is_err() {
                return Err(diesel::result::Error::RollbackTransaction);
            }
        }
        if told.status == Status::Departed {
            self.charge(id, &house, departure, told.nights)?;
        }
        Ok(id)
    }

    fn charge(
        &mut self,
        stay_id: i64,
        house: &Property,
        on: NaiveDate,
        nights: i64,
    ) -> QueryResult<()> {
        let line = |department: Department, amount: i64| {
            (
                folio_charges::stay_id.eq(stay_id),
                folio_charges::department.eq(department),
                folio_charges::amount_minor.eq(amount),
                folio_charges::currency.eq(house.currency.clone()),
                folio_charges::posted_on.eq(on),
                folio_charges::reference.eq(format!("demo:{department}")),
                folio_charges::created_at.eq(clock::now()),
            )
        };
        let lines = vec![
            line(Department::Room, 88_000 * nights),
            line(Department::Food, 21_000 * nights),
        ];
        on_either!(self.conn, |c| diesel::insert_into(folio_charges::table)
            .values(&lines)
            .execute(c))?;
        Ok(())
    }

    /// A wish, known since so many days.
    fn wish(
        &mut self,
        guest_id: i64,
        code: &'static str,
        strength: Strength,
        source: Source,
        days: i64,
        seen: (i64, i64),
    ) -> QueryResult<()> {
        NewPreference {
            guest_id,
            code,
            strength,
            source,
            property_id: None,
            noted_at: Some(self.riverside.id),
            stay_id: None,
            noted_on: self.day(-days),
            noted_by: None,
            note: None,
            seen,
        }
        .note(self.conn)
        .map(drop)
    }

    fn told_us(&mut self, guest_id: i64, codes: &[&'static str], days: i64) -> QueryResult<()> {
        for code in codes {
            let need = crate::vocabulary::get(code).is_some_and(|feature| feature.need);
            let strength = if need {
                Strength::Must
            } else {
                Strength::Prefer
            };
            self.wish(guest_id, code, strength, Source::Stated, days, (1, 1))?;
        }
        Ok(())
    }

    /// Points already in the ledger, and the tier they came with.
    fn member(&mut self, guest_id: i64, number: &str, tier: &str, points: i64) -> QueryResult<()> {
        let enrolled_on = self.day(-900);
        let id: i64 = diesel::insert_into(loyalty_accounts::table)
            .values((
                loyalty_accounts::guest_id.eq(guest_id),
                loyalty_accounts::number.eq(number),
                loyalty_accounts::tier.eq(tier),
                loyalty_accounts::enrolled_on.eq(enrolled_on),
            ))
            .returning(loyalty_accounts::id)
            .get_result(self.conn)?;
        profile::rekey(self.conn, guest_id)?;
        if points > 0 {
            let manager = users::table
                .filter(users::name.eq("zhou"))
                .select(users::id)
                .first(self.conn)?;
            let by = Some(Actor::User(manager));
            let on = self.day(-40);
            NewEntry::new(id, Kind::Adjust, points, "Balance brought forward", on, by)
                .post(self.conn)?;
        }
        Ok(())
    }

    fn case(
        &mut self,
        guest_id: i64,
        stay_id: i64,
        room: &str,
        summary: &str,
        days: i64,
    ) -> QueryResult<()> {
        let room_id = crate::rooms::id_by_number(self.conn, self.riverside.id, room)?;
        let opened_at = clock::now() - TimeDelta::days(days);
        let id: i64 = diesel::insert_into(cases::table)
            .values((
                cases::guest_id.eq(guest_id),
                cases::stay_id.eq(stay_id),
                cases::property_id.eq(self.riverside.id),
                cases::room_id.eq(room_id),
                cases::department.eq(Team::FrontDesk),
                cases::severity.eq(2_i16),
                cases::summary.eq(summary),
                cases::opened_at.eq(opened_at),
                cases::due_at.eq(opened_at + TimeDelta::hours(4)),
            ))
            .returning(cases::id)
            .get_result(self.conn)?;
        diesel::insert_into(case_events::table)
            .values((
                case_events::case_id.eq(id),
                case_events::kind.eq(history::Kind::Opened),
                case_events::at.eq(opened_at),
                case_events::body.eq(summary),
                case_events::code.eq(Severity::Serious),
                case_events::team.eq(Team::FrontDesk),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn candidate(&mut self, stay_id: i64, guest_id: i64, reasons: &str) -> QueryResult<()> {
        diesel::insert_into(stay_candidates::table)
            .values((
                stay_candidates::stay_id.eq(stay_id),
                stay_candidates::guest_id.eq(guest_id),
                stay_candidates::reasons.eq(reasons),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Two profiles of one person: the second is linked to the first.
    fn link(&mut self, guest_id: i64, to: i64) -> QueryResult<()> {
        diesel::update(guests::table.find(guest_id))
            .set(guests::person_id.eq(to))
            .execute(self.conn)?;
        Ok(())
    }
}
