//! What a group of houses decided for itself, by name: each decision is one JSON value.

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::Conn;
use crate::db::schema::settings;
use crate::on_either;

/// A decision, or what holds where nobody has decided.
pub fn get<T: DeserializeOwned + Default>(conn: &mut Conn, name: &str) -> QueryResult<T> {
    let value: Option<String> = settings::table
        .find(name)
        .select(settings::value)
        .first(conn)
        .optional()?;
    let Some(value) = value else {
        return Ok(T::default());
    };
    read(&value)
}

/// Reads a decision as it is stored.
pub fn read<T: DeserializeOwned>(value: &str) -> QueryResult<T> {
    serde_json::from_str(value)
        .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
}

/// Decides.
pub fn set<T: Serialize>(conn: &mut Conn, name: &str, value: &T) -> QueryResult<()> {
    let value = serde_json::to_string(value)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
    on_either!(conn, |c| diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(&value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(&value))
        .execute(c))?;
    Ok(())
}
