//! What a sentence of a guest's asks for, as codes of the vocabulary. The sentence itself is always kept beside them.
//!
//! An allergy too many costs a question at the desk, one too few an ambulance: where a sentence speaks of an allergy,
//! everything in it that one can be allergic to counts, unless the sentence denies it.

use crate::vocabulary::{self, Feature};

/// What makes a sentence one about an allergy.
const ALLERGIC: [&str; 9] = [
    "allerg",
    "intoleran",
    "coeliac",
    "celiac",
    "anaphyla",
    "hay fever",
    "过敏",
    "不耐",
    "忌口",
];
/// What makes it one that denies allergies.
const DENIED: [&str; 9] = [
    "no allerg",
    "no known allerg",
    "no food allerg",
    "not allergic",
    "without allerg",
    "没有过敏",
    "无过敏",
    "不过敏",
    "无食物过敏",
];
/// What one is allergic to: words in English stand alone, Chinese ones anywhere.
const ALLERGENS: &[(&str, &[&str])] = &[
    (
        "peanut_allergy",
        &["peanut", "peanuts", "nut", "nuts", "花生"],
    ),
    (
        "tree_nut_allergy",
        &[
            "nut",
            "nuts",
            "almond",
            "almonds",
            "walnut",
            "walnuts",
            "cashew",
            "cashews",
            "hazelnut",
            "hazelnuts",
            "pistachio",
            "pistachios",
            "坚果",
            "核桃",
            "杏仁",
            "腰果",
        ],
    ),
    (
        "shellfish_allergy",
        &[
            "shellfish",
            "shrimp",
            "shrimps",
            "prawn",
            "prawns",
            "crab",
            "crabs",
            "lobster",
            "crustaceans",
            "seafood",
            "甲壳",
            "虾",
            "蟹",
            "海鲜",
        ],
    ),
    ("fish_allergy", &["fish", "seafood", "鱼", "海鲜"]),
    ("egg_allergy", &["egg", "eggs", "鸡蛋", "蛋类"]),
    ("milk_allergy", &["milk", "dairy", "牛奶", "乳制品"]),
    ("lactose_free", &["lactose", "乳糖"]),
    ("soy_allergy", &["soy", "soya", "soybeans", "大豆", "黄豆"]),
    ("sesame_allergy", &["sesame", "芝麻"]),
    (
        "gluten_free",
        &["gluten", "wheat", "coeliac", "celiac", "麸质", "小麦"],
    ),
    (
        "pollen_allergy",
        &["pollen", "flower", "flowers", "hay fever", "花粉", "鲜花"],
    ),
    ("latex_allergy", &["latex", "乳胶"]),
    (
        "scent_free",
        &[
            "perfume",
            "perfumes",
            "scent",
            "scents",
            "fragrance",
            "fragrances",
            "香水",
            "香氛",
            "香味",
        ],
    ),
    (
        "feather_free_pillow",
        &["feather", "feathers", "down", "羽毛", "羽绒"],
    ),
];
/// What asks for something in so many words.
const PHRASES: &[(&str, &[&str])] = &[
    (
        "pollen_allergy",
        &["no flowers", "不放花", "不要鲜花", "不要放花"],
    ),
    ("gluten_free", &["gluten free", "no gluten", "无麸质"]),
    ("lactose_free", &["lactose free", "no lactose", "无乳糖"]),
    (
        "scent_free",
        &[
            "scent free",
            "fragrance free",
            "no perfume",
            "no fragrance",
            "无香",
        ],
    ),
    (
        "feather_free_pillow",
        &[
            "feather free",
            "no feather",
            "no feathers",
            "无羽毛",
            "不要羽毛",
            "不要羽绒",
        ],
    ),
    ("vegetarian", &["vegetarian", "素食", "吃素"]),
    ("vegan", &["vegan", "纯素", "全素"]),
    ("halal", &["halal", "清真"]),
    ("kosher", &["kosher", "犹太洁食"]),
    ("no_pork", &["no pork", "不吃猪肉"]),
    ("no_beef", &["no beef", "不吃牛肉"]),
    (
        "no_coriander",
        &["no coriander", "no cilantro", "不要香菜", "不吃香菜"],
    ),
    (
        "non_smoking",
        &["non smoking", "no smoking", "smoke free", "无烟", "禁烟"],
    ),
    (
        "high_floor",
        &[
            "high floor",
            "higher floor",
            "upper floor",
            "高楼层",
            "高层",
        ],
    ),
    ("low_floor", &["low floor", "lower floor", "低楼层", "低层"]),
    ("quiet_room", &["quiet room", "quiet", "安静"]),
    (
        "away_from_elevator",
        &[
            "away from elevator",
            "away from the elevator",
            "away from the lift",
            "远离电梯",
        ],
    ),
    (
        "near_elevator",
        &[
            "near elevator",
            "near the elevator",
            "close to the elevator",
            "near the lift",
            "靠近电梯",
        ],
    ),
    ("king_bed", &["king bed", "king size", "特大床"]),
    ("twin_beds", &["twin beds", "two beds", "双床", "两张床"]),
    ("extra_bed", &["extra bed", "rollaway", "加床"]),
    ("crib", &["crib", "baby cot", "cot", "婴儿床"]),
    (
        "accessible_room",
        &["accessible room", "wheelchair", "无障碍", "轮椅"],
    ),
    (
        "late_arrival",
        &["late arrival", "arriving late", "late check in", "晚到"],
    ),
    ("early_check_in", &["early check in", "提前入住"]),
    (
        "late_check_out",
        &["late check out", "late checkout", "延迟退房"],
    ),
    (
        "airport_transfer",
        &[
            "airport transfer",
            "airport pickup",
            "airport pick up",
            "接机",
            "机场接送",
        ],
    ),
];
/// Before a wish, it turns the wish round.
const NOT: [&str; 10] = [
    "no",
    "not",
    "without",
    "avoid",
    "don't",
    "不要",
    "不需",
    "不用",
    "无需",
    "不喜欢",
];

/// The codes that a text asks for, each once, in the order of the vocabulary's tables.
pub fn codes(text: &str) -> Vec<&'static Feature> {
    let mut found: Vec<&'static str> = Vec::new();
    for sentence in text.split(['.', ';', '\n', '。', '；', '!', '！']) {
        let folded = Sentence::of(sentence);
        if folded.speaks_of(&ALLERGIC) && !folded.speaks_of(&DENIED) {
            let named = ALLERGENS.iter().filter(|(_, words)| folded.names(words));
            found.extend(named.map(|(code, _)| *code));
        }
        let asked = PHRASES.iter().filter(|(_, phrases)| folded.asks(phrases));
        found.extend(asked.map(|(code, _)| *code));
    }
    // A preference as another system lists it is often a word of the vocabulary itself.
    found.extend(vocabulary::find(text).map(|feature| feature.code));
    let mut once = Vec::new();
    for feature in found.into_iter().filter_map(vocabulary::get) {
        if !once
            .iter()
            .any(|known: &&Feature| known.code == feature.code)
        {
            once.push(feature);
        }
    }
    once
}

/// A sentence in small letters, its words between single spaces; Chinese is found anywhere in it.
struct Sentence {
    spaced: String,
    whole: String,
}

impl Sentence {
    fn of(text: &str) -> Self {
        let whole = text.to_lowercase().replace('’', "'");
        let words: Vec<&str> = whole
            .split(|c: char| !(c.is_alphanumeric() || c == '\''))
            .filter(|word| !word.is_empty())
            .collect();
        Self {
            spaced: format!(" {} ", words.join(" ")),
            whole,
        }
    }

    fn speaks_of(&self, parts: &[&str]) -> bool {
        parts
            .iter()
            .any(|part| self.whole.contains(part) || part.is_ascii() && self.spaced.contains(part))
    }

    fn names(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.place(word).is_some())
    }

    fn place(&self, word: &str) -> Option<usize> {
        if word.is_ascii() {
            return self.spaced.find(&format!(" {word} "));
        }
        self.whole.find(word)
    }

    /// Whether one of the phrases stands here, and nothing right before it turns it round.
    fn asks(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| {
            let text = if phrase.is_ascii() {
                &self.spaced
            } else {
                &self.whole
            };
            let before = self.place(phrase).and_then(|at| text.get(..at));
            before.is_some_and(|before| !is_turned_round(before))
        })
    }
}

fn is_turned_round(before: &str) -> bool {
    let last: Vec<&str> = before.split_whitespace().rev().take(2).collect();
    NOT.iter().any(|not| {
        if not.is_ascii() {
            last.contains(not)
        } else {
            before.trim_end().ends_with(not)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        codes(text).iter().map(|feature| feature.code).collect()
    }

    #[test]
    fn an_allergy_in_words_is_an_allergy() {
        assert_eq!(found("No flowers - pollen allergy"), ["pollen_allergy"]);
        assert_eq!(found("花粉过敏，不放花"), ["pollen_allergy"]);
        assert_eq!(
            found("Allergic to shrimp, eggs and sesame."),
            ["shellfish_allergy", "egg_allergy", "sesame_allergy"]
        );
        assert_eq!(
            found("对花生和虾过敏"),
            ["peanut_allergy", "shellfish_allergy"]
        );
        assert_eq!(
            found("Severe nut allergy!"),
            ["peanut_allergy", "tree_nut_allergy"]
        );
        assert_eq!(found("coeliac"), ["gluten_free"]);
        assert_eq!(found("乳糖不耐"), ["lactose_free"]);
        assert_eq!(found("Feather allergy"), ["feather_free_pillow"]);
    }

    #[test]
    fn who_denies_an_allergy_has_none_and_who_likes_fish_is_not_allergic() {
        for text in [
            "No known allergies",
            "Not allergic to nuts",
            "对鸡蛋不过敏",
            "没有过敏",
            "We love fish and prawns",
            "Celebrating with flowers",
            "",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        let mixed = "No known allergies. Guest of the wife is allergic to latex";
        assert_eq!(found(mixed), ["latex_allergy"]);
    }

    #[test]
    fn wishes_in_words_are_wishes_unless_turned_round() {
        assert_eq!(
            found("Please a HIGH FLOOR, quiet room; late check-out"),
            ["high_floor", "quiet_room", "late_check_out"]
        );
        assert_eq!(
            found("安静的高楼层，无烟"),
            ["non_smoking", "high_floor", "quiet_room"]
        );
        assert_eq!(found("no high floor"), [""; 0]);
        assert_eq!(found("不要高楼层"), [""; 0]);
        assert_eq!(found("Bathtub"), ["bathtub"]);
    }
}
