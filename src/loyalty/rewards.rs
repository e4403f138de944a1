//! The catalogue: what points buy, and where.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::loyalty_rewards;
use crate::words::Language;

/// Something points buy.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = loyalty_rewards)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Reward {
    pub id: i64,
    pub code: String,
    pub name_en: String,
    pub name_zh: Option<String>,
    pub points: i64,
    /// Where; none is everywhere.
    pub property_id: Option<i64>,
    pub is_active: bool,
}

impl Reward {
    /// Its name in the reader's language.
    pub fn name(&self, language: Language) -> &str {
        match (language, &self.name_zh) {
            (Language::ZhCn, Some(name)) => name,
            _ => &self.name_en,
        }
    }

    /// Whether a house gives it.
    pub fn is_given(&self, property_id: i64) -> bool {
        self.is_active && self.property_id.is_none_or(|at| at == property_id)
    }
}

/// The whole catalogue, the least points first.
pub fn all(conn: &mut Conn) -> QueryResult<Vec<Reward>> {
    loyalty_rewards::table
        .order((loyalty_rewards::points, loyalty_rewards::id))
        .select(Reward::as_select())
        .load(conn)
}

/// A reward to be put into the catalogue.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = loyalty_rewards, treat_none_as_null = true)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct NewReward {
    pub code: String,
    pub name_en: String,
    pub name_zh: Option<String>,
    pub points: i64,
    pub property_id: Option<i64>,
    pub is_active: bool,
}

impl NewReward {
    /// Puts it into the catalogue, or in the place of what goes by its code.
    pub fn store(&self, conn: &mut Conn) -> QueryResult<()> {
        let known = loyalty_rewards::table.filter(loyalty_rewards::code.eq(&self.code));
        if diesel::update(known).set(self).execute(conn)? == 0 {
            diesel::insert_into(loyalty_rewards::table)
                .values(self)
                .execute(conn)?;
        }
        Ok(())
    }
}
