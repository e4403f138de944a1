//! The model a hotel recognises with: the one fitted on its own decisions, where there is one, else the shipped one.
//!
//! It is in the database, so that all nodes agree at once.

use std::sync::{Arc, PoisonError, RwLock};

use diesel::prelude::*;

use super::model::Model;
use super::settings::Settings;
use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::settings;

/// Where it is among the settings.
const NAME: &str = "recognition_model";

/// The text read last, and what it says: it is long, and hardly ever another.
static LAST: RwLock<Option<(String, Arc<Model>)>> = RwLock::new(None);

/// The model as it stands, with the thresholds that were chosen.
pub fn current(conn: &mut Conn) -> QueryResult<Model> {
    Ok(decided(conn)?.1)
}

/// What was decided about recognition, and the model with the thresholds that were chosen: one query.
pub fn decided(conn: &mut Conn) -> QueryResult<(Settings, Model)> {
    let stored: Vec<(String, String)> = settings::table
        .filter(among(settings::name, [NAME, Settings::NAME]))
        .select((settings::name, settings::value))
        .load(conn)?;
    let (mut decided, mut model) = (Settings::default(), None);
    for (name, json) in stored {
        if name == NAME {
            model = Some(read(json));
        } else {
            decided = crate::settings::read(&json)?;
        }
    }
    let model = model.map_or_else(|| Model::shipped().clone(), |model| model.as_ref().clone());
    let model = model.at(decided.wrong, decided.asked);
    Ok((decided, model))
}

fn read(json: String) -> Arc<Model> {
    if let Some((text, model)) = &*LAST.read().unwrap_or_else(PoisonError::into_inner)
        && *text == json
    {
        return Arc::clone(model);
    }
    let model = Arc::new(Model::read(&json).unwrap_or_else(|error| {
        log::warn!("the hotel's own model can't be read, the shipped one serves: {error}");
        Model::shipped().clone()
    }));
    *LAST.write().unwrap_or_else(PoisonError::into_inner) = Some((json, Arc::clone(&model)));
    model
}

/// Recognises with this model from now on; with the shipped one where there is none. Call it inside a write transaction.
pub fn set(conn: &mut Conn, model: Option<&Model>) -> QueryResult<()> {
    diesel::delete(settings::table.find(NAME)).execute(conn)?;
    if let Some(model) = model {
        diesel::insert_into(settings::table)
            .values((settings::name.eq(NAME), settings::value.eq(model.write())))
            .execute(conn)?;
    }
    Ok(())
}
