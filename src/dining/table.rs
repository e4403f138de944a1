//! Tables on the floor plan, what is drawn beside them, and which can be put together.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{
    dining_combination_tables, dining_combinations, dining_marks, dining_table_features,
    dining_tables,
};
use crate::text_enum;

text_enum! {
    /// How a table is drawn.
    pub enum Shape {
        /// A circle, or an ellipse.
        Round = "round",
        /// A rectangle.
        Square = "square",
    }
}

text_enum! {
    /// What else stands on a plan.
    #[allow(missing_docs, reason = "named after what they are")]
    pub enum MarkKind {
        Window = "window",
        Door = "door",
        Kitchen = "kitchen",
        Bar = "bar",
        Buffet = "buffet",
        Wall = "wall",
    }
}

/// A table with what it offers.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the columns of the tables")]
pub struct Table {
    pub id: i64,
    pub name: String,
    pub shape: Shape,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    pub rotation: i64,
    pub seats: i64,
    /// Codes of the vocabulary.
    pub features: Vec<String>,
}

impl Table {
    /// Whether the table has a feature.
    pub fn has(&self, code: &str) -> bool {
        self.features.iter().any(|feature| feature == code)
    }
}

/// Something drawn on the plan that is no table.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = dining_marks)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Mark {
    pub id: i64,
    pub kind: MarkKind,
    pub label: Option<String>,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
}

/// Tables that can be put together, and how many then sit there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns of the tables")]
pub struct Combination {
    pub id: i64,
    pub seats: i64,
    pub tables: Vec<i64>,
}

/// The floor plan of an outlet.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The tables, in the order of their names.
    pub tables: Vec<Table>,
    /// What else is drawn.
    pub marks: Vec<Mark>,
    /// What can be put together.
    pub combinations: Vec<Combination>,
}

type Row = (
    i64,
    String,
    Shape,
    i64,
    i64,
    i64,
    i64,
    i64,
    i64,
    Option<String>,
);

impl Plan {
    /// The plan of an outlet as it is now: three queries.
    pub fn load(conn: &mut Conn, outlet_id: i64) -> QueryResult<Self> {
        let rows: Vec<Row> = dining_tables::table
            .left_join(
                dining_table_features::table
                    .on(dining_table_features::table_id.eq(dining_tables::id)),
            )
            .filter(dining_tables::outlet_id.eq(outlet_id))
            .filter(dining_tables::retired_at.is_null())
            .order((dining_tables::id, dining_table_features::feature))
            .select((
                dining_tables::id,
                dining_tables::name,
                dining_tables::shape,
                dining_tables::x,
                dining_tables::y,
                dining_tables::width,
                dining_tables::height,
                dining_tables::rotation,
                dining_tables::seats,
                dining_table_features::feature.nullable(),
            ))
            .load(conn)?;
        let mut tables = collect(rows);
        tables.sort_by_cached_key(|table| (table.name.len(), table.name.clone()));
        let marks = dining_marks::table
            .filter(dining_marks::outlet_id.eq(outlet_id))
            .order(dining_marks::id)
            .select(Mark::as_select())
            .load(conn)?;
        let pairs: Vec<(i64, i64, i64)> = dining_combination_tables::table
            .inner_join(dining_combinations::table)
            .filter(dining_combinations::outlet_id.eq(outlet_id))
            .order((dining_combinations::id, dining_combination_tables::table_id))
            .select((
                dining_combinations::id,
                dining_combinations::seats,
                dining_combination_tables::table_id,
            ))
            .load(conn)?;
        let mut combinations: Vec<Combination> = Vec::new();
        for (id, seats, table_id) in pairs {
            match combinations.last_mut().filter(|last| last.id == id) {
                Some(last) => last.tables.push(table_id),
                None => combinations.push(Combination {
                    id,
                    seats,
                    tables: vec![table_id],
                }),
            }
        }
        Ok(Self {
            tables,
            marks,
            combinations,
        })
    }

    /// A table by id.
    pub fn table(&self, id: i64) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// A table by the name people call it, whatever the case.
    pub fn named(&self, name: &str) -> Option<&Table> {
        let name = name.trim();
        self.tables
            .iter()
            .find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// "T4", or "T11+T12" for tables put together.
    pub fn name_of(&self, ids: &[i64]) -> String {
        let names = self.tables.iter().filter(|table| ids.contains(&table.id));
        names
            .map(|table| table.name.as_str())
            .collect::<Vec<_>>()
            .join("+")
    }
}

/// One table for each run of rows that differ only in the feature.
fn collect(rows: Vec<Row>) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for (id, name, shape, x, y, width, height, rotation, seats, feature) in rows {
        if tables.last().is_none_or(|table| table.id != id) {
            tables.push(Table {
                id,
                name,
                shape,
                x,
                y,
                width,
                height,
                rotation,
                seats,
                features: Vec::new(),
            });
        }
        if let (Some(table), Some(feature)) = (tables.last_mut(), feature) {
            table.features.push(feature);
        }
    }
    tables
}
