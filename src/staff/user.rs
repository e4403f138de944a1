//! Staff accounts.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Role;
use super::role::Houses;
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{properties, sessions, user_properties, users};
use crate::words::Language;

crate::text_enum! {
    /// Which palette somebody works in.
    pub enum Theme {
        /// As the device says.
        Auto = "auto",
        /// Paper.
        Light = "light",
        /// Night desk.
        Dark = "dark",
    }
}

/// A staff account.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct User {
    pub id: i64,
    pub name: String,
    pub display_name: String,
    pub role: Role,
    pub password_hash: String,
    pub all_properties: bool,
    pub language: Option<Language>,
    pub theme: Theme,
    pub shortcuts: bool,
    pub disabled_at: Option<NaiveDateTime>,
}

/// An account to be made.
pub struct NewUser<'a> {
    /// What they sign in with.
    pub name: &'a str,
    /// What colleagues read.
    pub display_name: &'a str,
    /// What they do.
    pub role: Role,
    /// From [`super::password::hash`].
    pub password_hash: &'a str,
    /// Where.
    pub houses: &'a Houses,
}

/// What people sign in with is the same in any case.
pub fn fold_name(name: &str) -> String {
    name.trim().to_lowercase()
}

impl User {
    /// The account of that name, also if disabled.
    pub fn by_name(conn: &mut Conn, name: &str) -> QueryResult<Option<Self>> {
        users::table
            .filter(users::name.eq(fold_name(name)))
            .select(Self::as_select())
            .first(conn)
            .optional()
    }

    /// All accounts by name.
    pub fn all(conn: &mut Conn) -> QueryResult<Vec<Self>> {
        users::table
            .order(users::name)
            .select(Self::as_select())
            .load(conn)
    }

    /// Whether anybody can sign in yet.
    pub fn any(conn: &mut Conn) -> QueryResult<bool> {
        diesel::select(diesel::dsl::exists(users::table.select(users::id))).get_result(conn)
    }

    /// Codes of the houses an account is limited to; empty where it is not.
    pub fn property_codes(&self, conn: &mut Conn) -> QueryResult<Vec<String>> {
        user_properties::table
            .inner_join(properties::table)
            .filter(user_properties::user_id.eq(self.id))
            .order(properties::code)
            .select(properties::code)
            .load(conn)
    }
}

impl NewUser<'_> {
    /// Stores the account and its houses; returns its id. Call it inside a write transaction.
    pub fn insert(&self, conn: &mut Conn) -> QueryResult<i64> {
        let id: i64 = diesel::insert_into(users::table)
            .values((
                users::name.eq(fold_name(self.name)),
                users::display_name.eq(self.display_name.trim()),
                users::role.eq(self.role),
                users::password_hash.eq(self.password_hash),
                users::all_properties.eq(*self.houses == Houses::All),
                users::created_at.eq(clock::now()),
            ))
            .returning(users::id)
            .get_result(conn)?;
        if let Houses::Only(houses) = self.houses {
            for property_id in houses {
                diesel::insert_into(user_properties::table)
                    .values((
                        user_properties::user_id.eq(id),
                        user_properties::property_id.eq(property_id),
                    ))
                    .execute(conn)?;
            }
        }
        Ok(id)
    }
}

/// A colleague, as work is handed to one.
#[derive(Clone, Debug, Queryable)]
pub struct Colleague {
    /// The account.
    pub id: i64,
    /// What colleagues read.
    pub display_name: String,
}

/// Who may open profiles and works in a house, by name: those to whom work on a guest can be handed.
pub fn colleagues(conn: &mut Conn, property_id: i64) -> QueryResult<Vec<Colleague>> {
    let here = user_properties::table
        .filter(user_properties::property_id.eq(property_id))
        .select(user_properties::user_id);
    let roles = [Role::FrontDesk, Role::Marketing, Role::Manager, Role::Admin];
    users::table
        .filter(users::disabled_at.is_null())
        .filter(users::role.eq_any(roles))
        .filter(users::all_properties.or(users::id.eq_any(here)))
        .order((users::display_name, users::id))
        .select((users::id, users::display_name))
        .load(conn)
}

/// Sets a password and ends every session of the account.
pub fn set_password(conn: &mut Conn, user_id: i64, password_hash: &str) -> QueryResult<()> {
    diesel::update(users::table.find(user_id))
        .set(users::password_hash.eq(password_hash))
        .execute(conn)?;
    end_sessions(conn, user_id)
}

/// Disables an account and ends its sessions.
pub fn disable(conn: &mut Conn, user_id: i64) -> QueryResult<()> {
    diesel::update(users::table.find(user_id))
        .set(users::disabled_at.eq(clock::now()))
        .execute(conn)?;
    end_sessions(conn, user_id)
}

/// Remembers how somebody likes to work.
pub fn set_manner(
    conn: &mut Conn,
    user_id: i64,
    language: Option<Language>,
    theme: Option<Theme>,
    shortcuts: Option<bool>,
) -> QueryResult<()> {
    let row = users::table.find(user_id);
    if let Some(language) = language {
        diesel::update(row)
            .set(users::language.eq(language))
            .execute(conn)?;
    }
    if let Some(theme) = theme {
        diesel::update(row)
            .set(users::theme.eq(theme))
            .execute(conn)?;
    }
    if let Some(shortcuts) = shortcuts {
        diesel::update(row)
            .set(users::shortcuts.eq(shortcuts))
            .execute(conn)?;
    }
    Ok(())
}

fn end_sessions(conn: &mut Conn, user_id: i64) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user_id))).execute(conn)?;
    Ok(())
}
