//! What the restaurant by the river serves, and what its regulars have eaten there.

use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{dining_orders, dish_unfit, dishes};
use crate::dining::dishes::Course;

/// Code, name, its own name, course, and the needs it is wrong for.
type Served = (
    &'static str,
    &'static str,
    &'static str,
    Course,
    &'static [&'static str],
);

const MENU: [Served; 16] = [
    (
        "KPC",
        "Kung pao chicken",
        "宫保鸡丁",
        Course::Main,
        &["peanut_allergy", "vegetarian", "vegan", "no_spicy"],
    ),
    (
        "BAS",
        "Steamed sea bass",
        "清蒸鲈鱼",
        Course::Main,
        &["fish_allergy", "vegetarian", "vegan"],
    ),
    (
        "PRK",
        "Braised pork belly",
        "红烧肉",
        Course::Main,
        &[
            "halal",
            "kosher",
            "no_pork",
            "vegetarian",
            "vegan",
            "soy_allergy",
        ],
    ),
    (
        "BEF",
        "Beef noodles",
        "牛肉面",
        Course::Main,
        &["gluten_free", "no_beef", "vegetarian", "vegan"],
    ),
    (
        "TOF",
        "Mapo tofu",
        "麻婆豆腐",
        Course::Main,
        &["soy_allergy", "vegetarian", "vegan"],
    ),
    (
        "PRW",
        "Drunken prawns",
        "醉虾",
        Course::Starter,
        &[
            "shellfish_allergy",
            "halal",
            "kosher",
            "vegetarian",
            "vegan",
        ],
    ),
    (
        "CUC",
        "Smashed cucumber",
        "拍黄瓜",
        Course::Starter,
        &["sesame_allergy"],
    ),
    (
        "DUM",
        "Vegetable dumplings",
        "素饺",
        Course::Starter,
        &["gluten_free", "soy_allergy"],
    ),
    (
        "SAT",
        "Satay skewers",
        "沙爹串",
        Course::Starter,
        &["peanut_allergy", "vegetarian", "vegan"],
    ),
    ("RIC", "Steamed rice", "米饭", Course::Side, &[]),
    (
        "PAK",
        "Pak choi with garlic",
        "蒜蓉小白菜",
        Course::Side,
        &[],
    ),
    (
        "MAN",
        "Mango pudding",
        "芒果布丁",
        Course::Dessert,
        &["milk_allergy", "lactose_free", "vegan"],
    ),
    (
        "SES",
        "Sesame balls",
        "麻球",
        Course::Dessert,
        &["sesame_allergy"],
    ),
    ("JAS", "Jasmine tea", "茉莉花茶", Course::Drink, &[]),
    ("RIE", "Riesling", "雷司令", Course::Drink, &["halal"]),
    ("WAT", "Sparkling water", "气泡水", Course::Drink, &[]),
];

pub(super) fn build(conn: &mut Conn, outlet_id: i64) -> QueryResult<()> {
    for (code, name, native_name, course, unfit) in MENU {
        let id: i64 = diesel::insert_into(dishes::table)
            .values((
                dishes::outlet_id.eq(outlet_id),
                dishes::code.eq(code),
                dishes::name.eq(name),
                dishes::native_name.eq(native_name),
                dishes::course.eq(course),
            ))
            .returning(dishes::id)
            .get_result(conn)?;
        for feature in unfit {
            diesel::insert_into(dish_unfit::table)
                .values((dish_unfit::dish_id.eq(id), dish_unfit::feature.eq(feature)))
                .execute(conn)?;
        }
    }
    Ok(())
}

/// What a regular ordered at the visit with that number, counted back from the last.
pub(super) fn ate(
    conn: &mut Conn,
    outlet_id: i64,
    visit_id: i64,
    family_name: &str,
    index: i64,
) -> QueryResult<()> {
    let ordered: &[&str] = match (family_name, index) {
        ("Ouyang", 0 | 3 | 5 | 7) => &["BAS", "JAS", "PAK"],
        ("Ouyang", 1 | 4) => &["TOF", "JAS"],
        ("Ouyang", _) => &["DUM", "RIC"],
        ("Müller", _) => &["BEF", "RIE"],
        ("Tanaka", 0 | 2) => &["BAS", "JAS"],
        ("Wang", _) => &["PRK", "RIC", "JAS"],
        _ => &["WAT"],
    };
    for code in ordered {
        let dish_id: i64 = dishes::table
            .filter(dishes::outlet_id.eq(outlet_id).and(dishes::code.eq(code)))
            .select(dishes::id)
            .first(conn)?;
        diesel::insert_into(dining_orders::table)
            .values((
                dining_orders::visit_id.eq(visit_id),
                dining_orders::dish_id.eq(dish_id),
                dining_orders::ordered_at.eq(clock::now()),
            ))
            .execute(conn)?;
    }
    Ok(())
}
