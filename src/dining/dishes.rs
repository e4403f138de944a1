//! What is served, what was ordered, and what that shows: favourites as evidence, and dishes that are wrong for somebody.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::host::Acting;
use super::visit::{Status, Visit};
use crate::db::Conn;
use crate::db::schema::{dining_orders, dish_opinions, dish_unfit, dishes, guests};
use crate::error::Fault;
use crate::staff::audit::Line;
use crate::words::{Language, Message};
use crate::{on_either, text_enum};

/// Favourites on a card.
const FAVOURITES: usize = 4;

text_enum! {
    /// Where in a meal a dish belongs.
    #[allow(missing_docs, reason = "the words of a menu")]
    pub enum Course {
        Starter = "starter",
        Main = "main",
        Side = "side",
        Dessert = "dessert",
        Drink = "drink",
    }
}

/// A dish or drink.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = dishes)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Dish {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub native_name: Option<String>,
    pub course: Course,
}

impl Dish {
    /// Its name for a reader.
    pub fn label(&self, language: Language) -> &str {
        match (language, &self.native_name) {
            (Language::ZhCn, Some(native)) => native,
            _ => &self.name,
        }
    }
}

/// A menu: dishes with the needs each is wrong for.
#[derive(Clone, Debug, Default)]
pub struct Menu(pub Vec<(Dish, Vec<String>)>);

impl Menu {
    /// What an outlet serves, by course: two queries.
    pub fn load(conn: &mut Conn, outlet_id: i64) -> QueryResult<Self> {
        let mut served: Vec<Dish> = dishes::table
            .filter(dishes::outlet_id.eq(outlet_id))
            .filter(dishes::retired_at.is_null())
            .order((dishes::place, dishes::id))
            .select(Dish::as_select())
            .load(conn)?;
        served.sort_by_key(|dish| dish.course);
        let rows: Vec<(i64, String)> = dish_unfit::table
            .inner_join(dishes::table)
            .filter(dishes::outlet_id.eq(outlet_id))
            .select((dish_unfit::dish_id, dish_unfit::feature))
            .load(conn)?;
        let mut unfit: HashMap<i64, Vec<String>> = HashMap::new();
        for (dish_id, feature) in rows {
            unfit.entry(dish_id).or_default().push(feature);
        }
        let menu = served
            .into_iter()
            .map(|dish| (unfit.remove(&dish.id).unwrap_or_default(), dish));
        Ok(Self(menu.map(|(unfit, dish)| (dish, unfit)).collect()))
    }

    /// The needs of a party that a dish is wrong for.
    pub fn clashes(&self, dish_id: i64, needs: &[String]) -> Vec<String> {
        let found = self.0.iter().find(|(dish, _)| dish.id == dish_id);
        found.map_or_else(Vec::new, |(_, unfit)| clash(unfit, needs))
    }
}

/// What of a dish somebody at the table must not get. Pure.
pub fn clash(unfit: &[String], needs: &[String]) -> Vec<String> {
    let both = unfit.iter().filter(|code| needs.contains(code));
    both.cloned().collect()
}

/// Something that was ordered.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Order {
    pub id: i64,
    pub visit_id: i64,
    pub dish: Dish,
    pub person_id: Option<i64>,
    pub quantity: i64,
}

/// What these parties ordered and kept, in order.
pub fn orders(conn: &mut Conn, visits: &[i64]) -> QueryResult<Vec<Order>> {
    if visits.is_empty() {
        return Ok(Vec::new());
    }
    crate::with_ids!(
        dining_orders::table
            .inner_join(dishes::table)
            .left_join(guests::table)
            .filter(dining_orders::voided_at.is_null())
            .order(dining_orders::id)
            .select((
                dining_orders::id,
                dining_orders::visit_id,
                Dish::as_select(),
                guests::person_id.nullable(),
                dining_orders::quantity,
            )),
        dining_orders::visit_id,
        visits
    )
    .load(conn)
}

/// A dish or drink that somebody orders again and again, or says they like.
#[derive(Clone, Debug, PartialEq)]
pub struct Favourite {
    /// The dish.
    pub dish: Dish,
    /// At how many visits it was ordered.
    pub times: i64,
    /// Of how many at which it is known what was ordered.
    pub of: i64,
    /// They said so.
    pub is_told: bool,
}

/// What somebody said of dishes, by the dish's id: whether they like it.
pub type Opinions = HashMap<i64, bool>;

/// What somebody said, with the dishes it was said of.
pub type Said = (Opinions, Vec<Dish>);

/// What these persons said of dishes.
pub fn opinions(conn: &mut Conn, persons: &[i64]) -> QueryResult<HashMap<i64, Said>> {
    let rows: Vec<(i64, Dish, bool)> = crate::with_ids!(
        dish_opinions::table
            .inner_join(dishes::table)
            .inner_join(guests::table)
            .select((guests::person_id, Dish::as_select(), dish_opinions::likes)),
        guests::person_id,
        persons
    )
    .load(conn)?;
    let mut said: HashMap<i64, Said> = HashMap::new();
    for (person_id, dish, likes) in rows {
        let (opinions, dishes) = said.entry(person_id).or_default();
        opinions.insert(dish.id, likes);
        dishes.push(dish);
    }
    Ok(said)
}

/// The favourites that orders show: ordered at more than one visit, or liked by their own word; what they said they do not
/// like is none, however often it was ordered. Pure.
pub fn favourites(orders: &[Order], person_id: i64, (opinions, told): &Said) -> Vec<Favourite> {
    let theirs = orders
        .iter()
        .filter(|order| order.person_id.is_none_or(|id| id == person_id));
    let mut visits: HashSet<i64> = HashSet::new();
    let mut counts: BTreeMap<i64, (&Dish, HashSet<i64>)> = BTreeMap::new();
    for order in theirs {
        visits.insert(order.visit_id);
        let (_, at) = counts
            .entry(order.dish.id)
            .or_insert_with(|| (&order.dish, HashSet::new()));
        at.insert(order.visit_id);
    }
    for dish in told {
        counts
            .entry(dish.id)
            .or_insert_with(|| (dish, HashSet::new()));
    }
    let of = visits.len() as i64;
    let mut favourites: Vec<Favourite> = counts
        .into_values()
        .map(|(dish, at)| Favourite {
            is_told: opinions.get(&dish.id) == Some(&true),
            dish: dish.clone(),
            times: at.len() as i64,
            of,
        })
        .filter(|favourite| match opinions.get(&favourite.dish.id) {
            Some(likes) => *likes,
            None => favourite.times > 1 && favourite.times * 3 >= of,
        })
        .collect();
    favourites.sort_by_key(|favourite| {
        (
            std::cmp::Reverse(favourite.times),
            favourite.dish.course,
            favourite.dish.id,
        )
    });
    favourites.truncate(FAVOURITES);
    favourites
}

/// A dish to be noted.
#[derive(Clone, Copy, Debug)]
pub struct NewOrder<'a> {
    /// Which.
    pub dish_id: i64,
    /// How many.
    pub quantity: i64,
    /// For whom; none is the whole table.
    pub guest_id: Option<i64>,
    /// It is made without what is wrong for somebody at the table.
    pub despite: bool,
    /// The form's own key.
    pub once: Option<&'a str>,
}

/// Somebody orders: a dish for one of the party, or for the table. What is wrong for somebody at the table is refused
/// unless it is said to be made without. The same form sent twice is noted once.
pub fn order(
    conn: &mut Conn,
    visit: &Visit,
    new: &NewOrder<'_>,
    needs: &[String],
    acting: Acting<'_>,
) -> Result<Vec<String>, Fault> {
    let NewOrder {
        dish_id, quantity, ..
    } = *new;
    if visit.outlet_id != acting.outlet.id {
        return Err(Fault::NotFound);
    }
    if !matches!(visit.status, Status::Seated | Status::Left) {
        return Err(Message::new("refused-order-seated").into());
    }
    if !(1..=99).contains(&quantity) {
        return Err(Message::new("refused-quantity").into());
    }
    let menu = Menu::load(conn, acting.outlet.id)?;
    if !menu.0.iter().any(|(dish, _)| dish.id == dish_id) {
        return Err(Message::new("refused-no-dish").into());
    }
    let clashes = menu.clashes(dish_id, needs);
    if !clashes.is_empty() && !new.despite {
        return Err(Message::new("refused-clash")
            .features("needs", clashes)
            .into());
    }
    let noted = on_either!(conn, |c| diesel::insert_into(dining_orders::table)
        .values((
            dining_orders::visit_id.eq(visit.id),
            dining_orders::dish_id.eq(dish_id),
            dining_orders::guest_id.eq(new.guest_id),
            dining_orders::quantity.eq(quantity),
            dining_orders::ordered_at.eq(acting.now),
            dining_orders::ordered_by.eq(acting.by.user_id()),
            dining_orders::once.eq(new.once),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if noted == 0 {
        return same_order(conn, visit, new).map(|()| clashes);
    }
    let mut line = Line::new(acting.by, "order_dish").detail(format!(
        "{} party {} dish {dish_id}{}",
        acting.outlet.code,
        visit.id,
        if clashes.is_empty() {
            ""
        } else {
            ", made without"
        }
    ));
    if let Some(guest_id) = new.guest_id.or(visit.guest_id) {
        line = line.guest(guest_id);
    }
    line.insert(conn)?;
    Ok(clashes)
}

/// Whether what was noted under a form's key is what is sent under it again.
fn same_order(conn: &mut Conn, visit: &Visit, new: &NewOrder<'_>) -> Result<(), Fault> {
    let known: Option<(i64, i64)> = dining_orders::table
        .filter(dining_orders::once.eq(new.once))
        .select((dining_orders::visit_id, dining_orders::dish_id))
        .first(conn)
        .optional()?;
    if known == Some((visit.id, new.dish_id)) {
        Ok(())
    } else {
        Err(Message::new("refused-order-other").into())
    }
}

/// Takes an order of a party back.
pub fn void(
    conn: &mut Conn,
    visit_id: i64,
    order_id: i64,
    now: NaiveDateTime,
) -> Result<(), Fault> {
    let changed = diesel::update(
        dining_orders::table.filter(
            dining_orders::id
                .eq(order_id)
                .and(dining_orders::visit_id.eq(visit_id))
                .and(dining_orders::voided_at.is_null()),
        ),
    )
    .set(dining_orders::voided_at.eq(now))
    .execute(conn)?;
    if changed == 0 {
        return Err(Message::new("refused-order-gone").into());
    }
    Ok(())
}

/// Notes what a guest said of a dish.
pub fn say(
    conn: &mut Conn,
    guest_id: i64,
    dish_id: i64,
    likes: bool,
    by: Option<i64>,
    on: NaiveDate,
) -> QueryResult<()> {
    let row = (
        dish_opinions::guest_id.eq(guest_id),
        dish_opinions::dish_id.eq(dish_id),
        dish_opinions::likes.eq(likes),
        dish_opinions::noted_on.eq(on),
        dish_opinions::noted_by.eq(by),
    );
    on_either!(conn, |c| diesel::insert_into(dish_opinions::table)
        .values(row)
        .on_conflict((dish_opinions::guest_id, dish_opinions::dish_id))
        .do_update()
        .set((
            dish_opinions::likes.eq(likes),
            dish_opinions::noted_on.eq(on),
            dish_opinions::noted_by.eq(by),
        ))
        .execute(c))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dish(id: i64, name: &str, course: Course) -> Dish {
        Dish {
            id,
            code: name.into(),
            name: name.into(),
            native_name: None,
            course,
        }
    }

    #[test]
    fn favourites_are_what_was_ordered_again_and_again_and_words_outweigh_counts() {
        let bass = dish(1, "Sea bass", Course::Main);
        let tea = dish(2, "Jasmine tea", Course::Drink);
        let once = dish(3, "Beef noodles", Course::Main);
        let order = |visit_id, dish: &Dish, person_id| Order {
            id: 0,
            visit_id,
            dish: dish.clone(),
            person_id,
            quantity: 1,
        };
        let orders = [
            order(1, &bass, None),
            order(1, &tea, Some(7)),
            order(1, &once, Some(8)),
            order(2, &bass, Some(7)),
            order(2, &bass, Some(7)),
            order(3, &tea, Some(7)),
            order(3, &once, Some(7)),
            order(4, &tea, None),
        ];
        let found = |opinions: Opinions, told: Vec<Dish>| {
            favourites(&orders, 7, &(opinions, told))
                .iter()
                .map(|f| (f.dish.id, f.times, f.of))
                .collect::<Vec<_>>()
        };
        // Twice at one visit is one visit; another guest's dish is not theirs.
        assert_eq!(found(Opinions::new(), Vec::new()), [(2, 3, 4), (1, 2, 4)]);
        let no_tea = Opinions::from([(2, false), (3, true)]);
        assert_eq!(
            found(no_tea, vec![tea.clone(), once.clone()]),
            [(1, 2, 4), (3, 1, 4)]
        );
    }

    #[test]
    fn a_dish_clashes_with_the_needs_it_is_wrong_for() {
        let codes = |codes: &[&str]| {
            codes
                .iter()
                .map(|&code| code.to_owned())
                .collect::<Vec<_>>()
        };
        let unfit = codes(&["peanut_allergy", "vegan"]);
        assert_eq!(
            clash(&unfit, &codes(&["peanut_allergy", "halal"])),
            ["peanut_allergy"]
        );
        assert!(clash(&unfit, &codes(&["fish_allergy"])).is_empty());
    }
}
