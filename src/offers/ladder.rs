//! The room types of a house, from the lowest rung to the highest.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::room_types;

/// A rung.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = room_types)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct RoomType {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub rank: i64,
    /// List price of a night.
    pub rate_minor: i64,
}

/// The rungs in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder(Vec<RoomType>);

impl Ladder {
    /// A ladder of these types, in any order.
    pub fn new(mut types: Vec<RoomType>) -> Self {
        types.sort_by_key(|kind| (kind.rank, kind.id));
        Self(types)
    }

    /// The ladder of a house.
    pub fn load(conn: &mut Conn, property_id: i64) -> QueryResult<Self> {
        let types = room_types::table
            .filter(room_types::property_id.eq(property_id))
            .select(RoomType::as_select())
            .load(conn)?;
        Ok(Self::new(types))
    }

    /// All rungs, the lowest first.
    pub fn types(&self) -> &[RoomType] {
        &self.0
    }

    /// A type of the house.
    pub fn get(&self, id: i64) -> Option<&RoomType> {
        self.0.iter().find(|kind| kind.id == id)
    }

    /// The types so many rungs above one; types of one rank share a rung.
    pub fn above(&self, base: &RoomType, steps: i64) -> impl Iterator<Item = &RoomType> {
        let mut ranks: Vec<i64> = self.0.iter().map(|kind| kind.rank).collect();
        ranks.dedup();
        let steps = usize::try_from(steps).unwrap_or(0);
        let target = ranks
            .iter()
            .filter(|rank| **rank > base.rank)
            .nth(steps.wrapping_sub(1))
            .copied();
        self.0.iter().filter(move |kind| Some(kind.rank) == target)
    }

    /// How many rungs there are.
    pub fn rungs(&self) -> usize {
        let mut ranks: Vec<i64> = self.0.iter().map(|kind| kind.rank).collect();
        ranks.dedup();
        ranks.len()
    }
}
