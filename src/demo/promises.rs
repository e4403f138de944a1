//! What became of the wishes of past stays, as far as the rooms tell: what the next card and the managers' page show.

use diesel::prelude::*;

use super::World;
use crate::clock;
use crate::db::schema::{guests, preferences, promises, room_features, stays};
use crate::guests::preferences::Strength;
use crate::stays::Status;
use crate::vocabulary;

/// What is known now has been known all along: in the demo every wish was a promise of every stay.
pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    type Wished = (i64, Option<i64>, String, Strength);
    let wished: Vec<Wished> = stays::table
        .inner_join(guests::table.inner_join(preferences::table))
        .filter(stays::status.eq(Status::Departed))
        .filter(preferences::retired_at.is_null())
        .select((
            stays::id,
            stays::room_id,
            preferences::code,
            preferences::strength,
        ))
        .load(world.conn)?;
    let features: Vec<(i64, String)> = room_features::table
        .select((room_features::room_id, room_features::feature))
        .load(world.conn)?;
    let mut done: Vec<(i64, String)> = Vec::new();
    for (stay_id, room_id, code, strength) in wished {
        let is_of_a_room = vocabulary::get(&code).is_some_and(vocabulary::Feature::is_of_a_room);
        let (Some(room_id), true, false) = (room_id, is_of_a_room, code == "same_room") else {
            continue;
        };
        if done.contains(&(stay_id, code.clone())) {
            continue;
        }
        let has = features.contains(&(room_id, code.clone()));
        let is_wanted = matches!(strength, Strength::Must | Strength::Prefer);
        diesel::insert_into(promises::table)
            .values((
                promises::stay_id.eq(stay_id),
                promises::code.eq(&code),
                promises::strength.eq(strength),
                promises::outcome.eq(if has == is_wanted { "kept" } else { "missed" }),
                promises::marked_at.eq(clock::now()),
            ))
            .execute(world.conn)?;
        done.push((stay_id, code));
    }
    Ok(())
}
