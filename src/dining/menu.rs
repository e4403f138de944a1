//! The menu, as a manager edits it: dishes and drinks, what they are wrong for, and their order. Every change is on record.

use diesel::prelude::*;

use super::dishes::{Course, Dish};
use super::editing::once;
use super::host::Acting;
use crate::db::Conn;
use crate::db::schema::{dish_unfit, dishes};
use crate::error::Fault;
use crate::insert_rows;
use crate::staff::audit::Line;
use crate::vocabulary::{self, Feature, Kind};
use crate::words::Message;

/// Allergies that no dish gives.
const NOT_EATEN: [&str; 3] = ["pollen_allergy", "latex_allergy", "scent_free"];

/// A dish as it is written on the menu.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = dishes, treat_none_as_null = true)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Served {
    pub code: String,
    pub name: String,
    pub native_name: Option<String>,
    pub course: Course,
}

/// What a dish can be wrong for: allergies by what is eaten, and diets that are kept.
pub fn concerns() -> impl Iterator<Item = &'static Feature> {
    vocabulary::all()
        .iter()
        .filter(|feature| match feature.kind {
            Kind::Allergy => !NOT_EATEN.contains(&feature.code),
            Kind::Diet => feature.need,
            _ => false,
        })
}

/// Puts a dish on the menu, last in its course; returns its id.
pub fn add(
    conn: &mut Conn,
    served: &Served,
    unfit: &[String],
    acting: Acting<'_>,
) -> Result<i64, Fault> {
    let last: Option<i64> = dishes::table
        .filter(dishes::outlet_id.eq(acting.outlet.id))
        .select(diesel::dsl::max(dishes::place))
        .first(conn)?;
    let added = conn.transaction(|conn| {
        diesel::insert_into(dishes::table)
            .values((
                dishes::outlet_id.eq(acting.outlet.id),
                dishes::code.eq(&served.code),
                dishes::name.eq(&served.name),
                dishes::native_name.eq(&served.native_name),
                dishes::course.eq(served.course),
                dishes::place.eq(last.unwrap_or_default() + 1),
            ))
            .returning(dishes::id)
            .get_result(conn)
    });
    let id = once(added, "code", || known_code(served))?;
    set_unfit(conn, id, unfit)?;
    record(conn, format!("dish {} added", served.code), acting)?;
    Ok(id)
}

/// Changes a dish that is served.
pub fn change(
    conn: &mut Conn,
    id: i64,
    served: &Served,
    unfit: &[String],
    acting: Acting<'_>,
) -> Result<(), Fault> {
    let theirs = dishes::table
        .filter(dishes::id.eq(id))
        .filter(dishes::outlet_id.eq(acting.outlet.id))
        .filter(dishes::retired_at.is_null());
    let changed = conn.transaction(|conn| diesel::update(theirs).set(served).execute(conn));
    if once(changed, "code", || known_code(served))? == 0 {
        return Err(Fault::NotFound);
    }
    set_unfit(conn, id, unfit)?;
    record(conn, format!("dish {} changed", served.code), acting)
}

fn known_code(served: &Served) -> Message {
    Message::new("error-dish-known").text("text", &served.code)
}

/// Writes what a dish is wrong for; what is no concern of the editor's stays as it was.
fn set_unfit(conn: &mut Conn, id: i64, unfit: &[String]) -> QueryResult<()> {
    let codes: Vec<&str> = concerns().map(|feature| feature.code).collect();
    diesel::delete(
        dish_unfit::table
            .filter(dish_unfit::dish_id.eq(id))
            .filter(dish_unfit::feature.eq_any(&codes)),
    )
    .execute(conn)?;
    let mut chosen: Vec<&str> = unfit
        .iter()
        .map(String::as_str)
        .filter(|code| codes.contains(code))
        .collect();
    chosen.sort_unstable();
    chosen.dedup();
    let rows: Vec<_> = chosen
        .into_iter()
        .map(|code| (dish_unfit::dish_id.eq(id), dish_unfit::feature.eq(code)))
        .collect();
    insert_rows!(conn, dish_unfit::table, rows);
    Ok(())
}

/// Takes a dish off the menu, or brings it back; what was eaten stays known.
pub fn serve(conn: &mut Conn, id: i64, is_served: bool, acting: Acting<'_>) -> Result<(), Fault> {
    let theirs = dishes::table
        .filter(dishes::id.eq(id))
        .filter(dishes::outlet_id.eq(acting.outlet.id));
    let retired_at = (!is_served).then_some(acting.now);
    let changed = diesel::update(theirs)
        .set(dishes::retired_at.eq(retired_at))
        .execute(conn)?;
    if changed == 0 {
        return Err(Fault::NotFound);
    }
    let what = if is_served { "served again" } else { "retired" };
    record(conn, format!("dish {id} {what}"), acting)
}

/// Moves a dish one place up or down in its course; at the end it stays.
pub fn step(conn: &mut Conn, id: i64, up: bool, acting: Acting<'_>) -> Result<(), Fault> {
    let served = dishes::table
        .filter(dishes::outlet_id.eq(acting.outlet.id))
        .filter(dishes::retired_at.is_null());
    let course: Course = served
        .filter(dishes::id.eq(id))
        .select(dishes::course)
        .first(conn)
        .optional()?
        .ok_or(Fault::NotFound)?;
    let mut ids: Vec<i64> = served
        .filter(dishes::course.eq(course))
        .order((dishes::place, dishes::id))
        .select(dishes::id)
        .load(conn)?;
    move_by_one(&mut ids, id, up);
    for (place, id) in (1_i64..).zip(ids) {
        diesel::update(dishes::table.find(id))
            .set(dishes::place.eq(place))
            .execute(conn)?;
    }
    record(conn, format!("dish {id} moved"), acting)
}

fn move_by_one(ids: &mut [i64], id: i64, up: bool) {
    let Some(at) = ids.iter().position(|other| *other == id) else {
        return;
    };
    let to = if up { at.checked_sub(1) } else { Some(at + 1) };
    if let Some(to) = to.filter(|to| *to < ids.len()) {
        ids.swap(at, to);
    }
}

/// What is no longer served, by name.
pub fn retired(conn: &mut Conn, outlet_id: i64) -> QueryResult<Vec<Dish>> {
    dishes::table
        .filter(dishes::outlet_id.eq(outlet_id))
        .filter(dishes::retired_at.is_not_null())
        .order((dishes::name, dishes::id))
        .select(Dish::as_select())
        .load(conn)
}

fn record(conn: &mut Conn, what: String, acting: Acting<'_>) -> Result<(), Fault> {
    let detail = format!("{}: {what}", acting.outlet.code);
    Ok(Line::new(acting.by, "edit_menu")
        .detail(detail)
        .insert(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dish_moves_by_one_and_stays_at_the_ends() {
        let moved = |id, up| {
            let mut ids = [1, 2, 3];
            move_by_one(&mut ids, id, up);
            ids
        };
        assert_eq!(moved(2, true), [2, 1, 3]);
        assert_eq!(moved(2, false), [1, 3, 2]);
        assert_eq!(moved(1, true), [1, 2, 3]);
        assert_eq!(moved(3, false), [1, 2, 3]);
        assert_eq!(moved(9, false), [1, 2, 3]);
    }

    #[test]
    fn a_dish_is_wrong_for_what_is_eaten() {
        let codes: Vec<&str> = concerns().map(|feature| feature.code).collect();
        assert!(codes.contains(&"peanut_allergy") && codes.contains(&"halal"));
        assert!(!codes.contains(&"pollen_allergy") && !codes.contains(&"low_salt"));
    }
}
