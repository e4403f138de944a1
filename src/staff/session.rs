//! Sessions: a random cookie, of which the database keeps a hash.
//!
//! One query answers who is calling, whether the session still holds, and for which houses.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::outlets::{self, Outlets};
use super::role::{Houses, Right, Role};
use super::user::Theme;
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{self, sessions, user_outlets, user_properties, users};
use crate::secret;
use crate::words::Language;

/// A session not used for this long is over.
const IDLE: TimeDelta = TimeDelta::hours(2);
/// A session is over after this long, whatever happens: a working day and some.
const LIFETIME: TimeDelta = TimeDelta::hours(14);
/// How often at most a session in use is written.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// Who is calling: a signed-in member of staff.
#[derive(Clone, Debug)]
pub struct Clerk {
    /// The account.
    pub user_id: i64,
    /// What colleagues read.
    pub display_name: String,
    /// What they do.
    pub role: Role,
    /// Where.
    pub houses: Houses,
    /// In which restaurants.
    pub outlets: Outlets,
    /// The language they chose, if they did.
    pub language: Option<Language>,
    /// The palette they chose.
    pub theme: Theme,
    /// Whether single keys are shortcuts.
    pub shortcuts: bool,
    /// The house they are looking at.
    pub property_id: Option<i64>,
    /// The date they are looking at; none is today.
    pub board_date: Option<NaiveDate>,
    /// Identifies the session; the cookie can't be told from it.
    pub session: Vec<u8>,
}

#[derive(Queryable)]
struct Row {
    user_id: i64,
    display_name: String,
    role: Role,
    all_properties: bool,
    language: Option<Language>,
    theme: Theme,
    shortcuts: bool,
    property_id: Option<i64>,
    board_date: Option<NaiveDate>,
    seen_at: NaiveDateTime,
    allowed_property: Option<i64>,
    tied: Option<(i64, i64)>,
}

impl Clerk {
    /// Whether the clerk's role has a right.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// Begins a session and returns the cookie's value.
    pub fn sign_in(conn: &mut Conn, user_id: i64) -> QueryResult<String> {
        let cookie = secret::token();
        let now = clock::now();
        diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(conn)?;
        diesel::insert_into(sessions::table)
            .values((
                sessions::key_hash.eq(secret::token_hash(&cookie)),
                sessions::user_id.eq(user_id),
                sessions::created_at.eq(now),
                sessions::seen_at.eq(now),
                sessions::expires_at.eq(now + LIFETIME),
            ))
            .execute(conn)?;
        Ok(cookie)
    }

    /// Who holds this cookie, if its session still stands.
    pub fn by_cookie(conn: &mut Conn, cookie: &str) -> QueryResult<Option<Self>> {
        let (now, key) = (clock::now(), secret::token_hash(cookie));
        let rows: Vec<Row> = sessions::table
            .inner_join(users::table)
            .left_join(user_properties::table.on(user_properties::user_id.eq(users::id)))
            .left_join(
                user_outlets::table
                    .inner_join(schema::outlets::table)
                    .on(user_outlets::user_id.eq(users::id)),
            )
            .filter(sessions::key_hash.eq(&key))
            .filter(sessions::expires_at.gt(now))
            .filter(sessions::seen_at.gt(now - IDLE))
            .filter(users::disabled_at.is_null())
            .select((
                users::id,
                users::display_name,
                users::role,
                users::all_properties,
                users::language,
                users::theme,
                users::shortcuts,
                sessions::property_id,
                sessions::board_date,
                sessions::seen_at,
                user_properties::property_id.nullable(),
                (schema::outlets::id, schema::outlets::property_id).nullable(),
            ))
            .load(conn)?;
        let allowed = rows.iter().filter_map(|row| row.allowed_property).collect();
        // Each house stands once for each restaurant.
        let mut tied: Vec<(i64, i64)> = rows.iter().filter_map(|row| row.tied).collect();
        tied.sort_unstable();
        tied.dedup();
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        if now - row.seen_at > TOUCH {
            diesel::update(sessions::table.find(&key))
                .set(sessions::seen_at.eq(now))
                .execute(conn)?;
        }
        let houses = if row.all_properties {
            Houses::All
        } else {
            Houses::Only(allowed)
        };
        let (houses, outlets) = outlets::within(houses, &tied);
        Ok(Some(Self {
            user_id: row.user_id,
            display_name: row.display_name,
            role: row.role,
            houses,
            outlets,
            language: row.language,
            theme: row.theme,
            shortcuts: row.shortcuts,
            property_id: row.property_id,
            board_date: row.board_date,
            session: key,
        }))
    }

    /// Remembers which house and date the clerk is looking at.
    pub fn look_at(
        &self,
        conn: &mut Conn,
        property_id: Option<i64>,
        board_date: Option<NaiveDate>,
    ) -> QueryResult<()> {
        diesel::update(sessions::table.find(&self.session))
            .set((
                sessions::property_id.eq(property_id),
                sessions::board_date.eq(board_date),
            ))
            .execute(conn)?;
        Ok(())
    }

    /// Ends the session: a copy of the cookie is worth nothing from now on.
    pub fn sign_out(&self, conn: &mut Conn) -> QueryResult<()> {
        diesel::delete(sessions::table.find(&self.session)).execute(conn)?;
        Ok(())
    }
}
