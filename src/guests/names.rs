//! Names of the world as search words: any script folds to lower-case ASCII, a Chinese name to its pinyin.
//!
//! Nothing here decides whether two people are the same; it only makes spellings comparable.

use any_ascii::any_ascii;

use super::han;

/// A name as a profile or a booking holds it.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "the fields of the guests file")]
pub struct Name<'a> {
    pub given: Option<&'a str>,
    pub family: Option<&'a str>,
    pub native: Option<&'a str>,
}

/// One way of writing a name: its folded words, given name first.
pub type Spelling = Vec<String>;

const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mstr", "mister", "dr", "prof", "herr", "frau", "mme", "mlle",
    "monsieur", "madame", "signor", "signora", "senor", "senora", "sra", "srta", "sir",
];
const TITLES_HAN: &[&str] = &["先生", "女士", "小姐", "太太", "様", "さん"];
/// Titles that reservation systems glue to a given name in capitals: `HA-EUNMS`.
const GLUED: &[&str] = &["MRS", "MISS", "MSTR", "MR", "MS"];

/// Where in a name a piece stands; Chinese surnames have readings of their own.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Given,
    Family,
    Whole,
}

/// The search words of any text: a query, a name typed into one box.
///
/// `Hans-Peter O’Connor` → `hans peter oconnor`; `欧阳娜娜` → `ouyang nana`. Titles are dropped where anything else is left.
pub fn words(text: &str) -> Vec<String> {
    without_titles(folded(text, Part::Whole, false))
}

impl<'a> Name<'a> {
    /// Whether nothing of it is known.
    pub fn is_empty(&self) -> bool {
        self.given.is_none() && self.family.is_none() && self.native.is_none()
    }

    /// Every spelling worth comparing and keeping, the name as written first.
    ///
    /// Beside it: each part in one word (`Min-jun` → `minjun`), umlauts written out (`Müller` → `mueller`),
    /// a glued title taken off, the native name, and its syllables apart.
    pub fn spellings(&self) -> Vec<Spelling> {
        let (given, family) = self.parts();
        let mut spellings = Vec::new();
        for written_out in [false, true] {
            let given = without_titles(folded(given, Part::Given, written_out));
            let family = without_titles(folded(family, Part::Family, written_out));
            let joined: Spelling = [given.concat(), family.concat()].into();
            add(&mut spellings, [given, family].concat());
            add(
                &mut spellings,
                joined.into_iter().filter(|w| !w.is_empty()).collect(),
            );
        }
        if let Some(unglued) = unglued(given) {
            let given = folded(unglued, Part::Given, false);
            let family = without_titles(folded(family, Part::Family, false));
            add(&mut spellings, [given.concat(), family.concat()].into());
        }
        if let Some(native) = self.native {
            add(&mut spellings, words(native));
        }
        if let Some(native) = self.in_han() {
            let (surname, given) = han::split(&native);
            let syllables = han::surname_syllables(surname)
                .into_iter()
                .chain(han::syllables(given));
            add(
                &mut spellings,
                syllables.map(|s| any_ascii(s).to_lowercase()).collect(),
            );
        }
        spellings
    }

    /// The name in its own characters without spaces, where it is not written in Latin letters.
    pub fn native_form(&self) -> Option<String> {
        let own = |text: &&str| text.chars().any(|c| c.is_alphabetic() && !is_latin(c));
        let native = match self.native.filter(own) {
            Some(native) => native.to_owned(),
            None => {
                let (given, family) = self.parts();
                let text = format!("{family}{given}");
                own(&text.as_str()).then_some(text)?
            }
        };
        let kept: String = native
            .chars()
            .filter(|c| c.is_alphabetic())
            .flat_map(char::to_lowercase)
            .collect();
        (!kept.is_empty()).then_some(kept)
    }

    /// The name for a reader, in the order its script is read: `Nana Ouyang`, `欧阳娜娜`.
    pub fn display(&self) -> String {
        let (given, family) = self.parts();
        let (given, family) = (spoken(given), spoken(family));
        let own_order = |text: &str| text.chars().any(is_east_asian);
        let name = if given.is_empty() && family.is_empty() {
            self.native.unwrap_or_default().trim().to_owned()
        } else if own_order(&family) && own_order(&given) {
            format!("{family}{given}")
        } else {
            format!("{given} {family}").trim().to_owned()
        };
        if name.is_empty() { "?".into() } else { name }
    }

    /// Given and family name, with `SMITH/JOHN MR` taken apart.
    fn parts(&self) -> (&'a str, &'a str) {
        let given = self.given.unwrap_or_default().trim();
        let family = self.family.unwrap_or_default().trim();
        match (given, family.split_once('/'), given.split_once('/')) {
            ("", Some((family, given)), _) => (given, family),
            (_, _, Some((family_too, given))) if family.is_empty() => (given, family_too),
            _ => (given, family),
        }
    }

    /// The whole name, where it is in Chinese characters alone.
    fn in_han(&self) -> Option<String> {
        self.native_form()
            .filter(|name| name.chars().all(han::is_han) && name.chars().count() > 1)
    }
}

/// How a Chinese name is said, in pinyin with tones: `欧阳娜娜` → `Ōuyáng Nànà`.
///
/// None for a name that is not Chinese by its surname, such as 北島浩之: pinyin would mislead.
pub fn pronunciation(native: &str) -> Option<String> {
    let name: String = native.chars().filter(|c| !c.is_whitespace()).collect();
    if !han::is_chinese(&name) {
        return None;
    }
    let (surname, given) = han::split(&name);
    Some(format!(
        "{} {}",
        capitalised(&han::surname_syllables(surname).concat()),
        capitalised(&han::syllables(given).concat())
    ))
}

/// The folded given and family name as written, without a glued title, and in its own characters.
pub fn written(name: &Name<'_>) -> Vec<(Vec<String>, Vec<String>)> {
    let (given, family) = name.parts();
    let family = without_titles(folded(family, Part::Family, false));
    let mut written = vec![(
        without_titles(folded(given, Part::Given, false)),
        family.clone(),
    )];
    if let Some(given) = unglued(given) {
        written.push((folded(given, Part::Given, false), family));
    }
    for native in [name.in_han(), name.native.map(str::to_owned)] {
        let words = words(native.as_deref().unwrap_or_default());
        if let [family, given] = words.as_slice() {
            written.push((vec![given.clone()], vec![family.clone()]));
        }
    }
    written
}

/// Whether a text is in Chinese characters alone.
pub fn is_han(text: &str) -> bool {
    !text.is_empty() && text.chars().all(han::is_han)
}

/// Whether two names can be the same name: one spelling of each has the same words, in any order.
pub fn agree(a: &[Spelling], b: &[Spelling]) -> bool {
    let sorted = |spelling: &Spelling| {
        let mut words = spelling.clone();
        words.sort_unstable();
        words
    };
    let b: Vec<Spelling> = b.iter().map(sorted).collect();
    a.iter().map(sorted).any(|spelling| b.contains(&spelling))
}

fn add(spellings: &mut Vec<Spelling>, spelling: Spelling) {
    if !spelling.is_empty() && !spellings.contains(&spelling) {
        spellings.push(spelling);
    }
}

fn folded(text: &str, part: Part, written_out: bool) -> Vec<String> {
    let is_apostrophe = |c: char| matches!(c, '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '`' | '´');
    let text: String = text.chars().filter(|c| !is_apostrophe(*c)).collect();
    text.split(|c: char| !c.is_alphanumeric() && !is_mark(c))
        .filter(|token| !token.is_empty())
        .flat_map(|token| fold_token(token, part, written_out))
        .filter(|word| !word.is_empty())
        .collect()
}

fn fold_token(token: &str, part: Part, written_out: bool) -> Vec<String> {
    let token = TITLES_HAN.iter().fold(token, |token, title| {
        token
            .strip_suffix(title)
            .filter(|rest| !rest.is_empty())
            .unwrap_or(token)
    });
    if token.chars().all(han::is_han) {
        return han_words(token, part);
    }
    if token.chars().all(is_hangul) {
        return hangul_words(token, part);
    }
    let text = if written_out {
        umlauts_written_out(token)
    } else {
        token.to_owned()
    };
    vec![ascii(&text)]
}

fn han_words(token: &str, part: Part) -> Vec<String> {
    let joined = |syllables: Vec<&str>| ascii(&syllables.concat());
    match part {
        Part::Family => vec![joined(han::surname_syllables(token))],
        Part::Given => vec![joined(han::syllables(token))],
        Part::Whole => {
            let (surname, given) = han::split(token);
            vec![
                joined(han::surname_syllables(surname)),
                joined(han::syllables(given)),
            ]
        }
    }
}

/// Korean surnames as Koreans write them, which no rule of transliteration gives.
const KOREAN: &[(char, &str)] = &[
    ('김', "kim"),
    ('이', "lee"),
    ('박', "park"),
    ('최', "choi"),
    ('정', "jung"),
    ('조', "cho"),
    ('윤', "yoon"),
    ('임', "lim"),
    ('오', "oh"),
    ('신', "shin"),
    ('권', "kwon"),
    ('안', "ahn"),
    ('유', "yoo"),
    ('전', "jeon"),
    ('고', "ko"),
    ('문', "moon"),
];

fn hangul_words(token: &str, part: Part) -> Vec<String> {
    let mut rest = token.chars();
    let surname = rest.next().map(|first| {
        KOREAN
            .iter()
            .find(|(syllable, _)| *syllable == first)
            .map_or_else(|| ascii(&first.to_string()), |(_, name)| (*name).into())
    });
    match (part, surname) {
        (Part::Whole, Some(surname)) if (2..=4).contains(&token.chars().count()) => {
            vec![surname, ascii(rest.as_str())]
        }
        (Part::Family, Some(surname)) if rest.as_str().is_empty() => vec![surname],
        _ => vec![ascii(token)],
    }
}

fn ascii(text: &str) -> String {
    any_ascii(text)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn umlauts_written_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        match c {
            'ä' | 'Ä' | 'æ' | 'Æ' => out.push_str("ae"),
            'ö' | 'Ö' | 'ø' | 'Ø' => out.push_str("oe"),
            'ü' | 'Ü' => out.push_str("ue"),
            'å' | 'Å' => out.push_str("aa"),
            _ => out.push(c),
        }
    }
    out
}

fn without_titles(words: Vec<String>) -> Vec<String> {
    let is_title = |word: &String| TITLES.contains(&word.as_str());
    if words.iter().all(is_title) {
        return Vec::new();
    }
    words.into_iter().filter(|word| !is_title(word)).collect()
}

/// A given name in capitals without the title glued to it. `AMR` is a name, so three letters must remain.
fn unglued(given: &str) -> Option<&str> {
    if given.chars().any(char::is_lowercase) {
        return None;
    }
    GLUED
        .iter()
        .find_map(|title| given.strip_suffix(title))
        .filter(|rest| rest.chars().count() >= 3 && rest.ends_with(char::is_alphabetic))
}

/// Without titles, for a reader.
fn spoken(text: &str) -> String {
    let is_title =
        |word: &str| TITLES.contains(&word.trim_end_matches('.').to_ascii_lowercase().as_str());
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !is_title(word))
        .collect();
    words.join(" ")
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn is_latin(c: char) -> bool {
    c.is_ascii()
        || matches!(c, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' | '\u{0300}'..='\u{036F}' | 'ʼ' | 'ʻ')
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0900}'..='\u{0DFF}' | '\u{0E30}'..='\u{0E4E}' | '\u{3099}' | '\u{309A}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// Whether a character belongs to a script of East Asia, where each says much.
pub fn is_east_asian(c: char) -> bool {
    han::is_han(c) || is_hangul(c) || matches!(c, '\u{3040}'..='\u{30FF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name<'a>(given: &'a str, family: &'a str, native: &'a str) -> Name<'a> {
        let some = |text: &'a str| (!text.is_empty()).then_some(text);
        Name {
            given: some(given),
            family: some(family),
            native: some(native),
        }
    }

    fn same(a: Name, b: Name) -> bool {
        agree(&a.spellings(), &b.spellings())
    }

    #[test]
    fn words_of_any_script_fold_to_ascii() {
        assert_eq!(words("欧阳娜娜"), ["ouyang", "nana"]);
        assert_eq!(words("曾小贤"), ["zeng", "xiaoxian"]);
        assert_eq!(words("单雄信"), ["shan", "xiongxin"]);
        assert_eq!(words("吕布"), ["lu", "bu"]);
        assert_eq!(words("Владимир"), ["vladimir"]);
        assert_eq!(words("O’Connor"), ["oconnor"]);
        assert_eq!(words("Hans-Peter Müller"), ["hans", "peter", "muller"]);
        assert_eq!(words("Mr. Gerold Rösendl"), ["gerold", "rosendl"]);
        assert_eq!(words("김민준"), ["kim", "minjun"]);
        assert_eq!(words("王先生"), ["wang"]);
        assert_eq!(words("mr"), Vec::<String>::new());
    }

    #[test]
    fn spellings_of_one_name_agree() {
        let ouyang = name("娜娜", "欧阳", "");
        assert!(same(ouyang, name("NANA", "OUYANG", "")));
        assert!(same(ouyang, name("Ou Yang", "Nana", "")));
        assert!(same(ouyang, name("", "欧阳娜娜", "")));
        assert!(same(
            name("Nana", "Ouyang", "欧阳娜娜"),
            name("Na Na", "Ou Yang", "")
        ));
        assert!(same(
            name("", "HAHN/JOERG MR", ""),
            name("Jörg", "Hahn", "")
        ));
        assert!(same(
            name("Thomas", "Müller", ""),
            name("Thomas", "Mueller", "")
        ));
        assert!(same(
            name("Thomas", "Müller", ""),
            name("MULLER", "THOMAS MR", "")
        ));
        assert!(same(name("HA-EUNMS", "KIM", ""), name("Ha-eun", "Kim", "")));
        assert!(same(
            name("Min-jun", "Kim", ""),
            name("Minjun", "KIM", "김민준")
        ));
        assert!(same(
            name("Sean", "O'Connor", ""),
            name("SEAN", "OCONNOR", "")
        ));
        assert!(!same(name("Sean", "Connor", ""), name("Sam", "Connor", "")));
        assert!(!same(name("Mr", "Wiley", ""), name("Edwin", "Wiley", "")));
    }

    #[test]
    fn names_are_shown_in_the_order_of_their_script() {
        assert_eq!(name("Nana", "Ouyang", "欧阳娜娜").display(), "Nana Ouyang");
        assert_eq!(name("娜娜", "欧阳", "").display(), "欧阳娜娜");
        assert_eq!(name("", "", "欧阳娜娜").display(), "欧阳娜娜");
        assert_eq!(name("", "HAHN/JOERG MR", "").display(), "JOERG HAHN");
        assert_eq!(name("Mr", "Wiley", "").display(), "Wiley");
    }

    #[test]
    fn chinese_names_are_read_with_tones_and_japanese_ones_are_not() {
        assert_eq!(pronunciation("欧阳娜娜").as_deref(), Some("Ōuyáng Nànà"));
        assert_eq!(pronunciation("曾小贤").as_deref(), Some("Zēng Xiǎoxián"));
        assert_eq!(pronunciation("王 芳").as_deref(), Some("Wáng Fāng"));
        assert_eq!(pronunciation("北島浩之"), None);
        assert_eq!(pronunciation("김민준"), None);
        assert_eq!(pronunciation("Anna"), None);
    }

    proptest! {
        #[test]
        fn any_text_folds_to_lower_case_ascii_words_that_fold_to_themselves(text in "\\PC{0,40}") {
            for word in words(&text) {
                prop_assert!(!word.is_empty());
                prop_assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{word}");
            }
        }

        #[test]
        fn the_order_of_given_and_family_name_does_not_matter(a in "[a-zäöüé' -]{0,12}", b in "[a-zÀ-ž -]{0,12}") {
            let (there, back) = (name(&a, &b, ""), name(&b, &a, ""));
            prop_assert!(there.spellings().is_empty() || agree(&there.spellings(), &back.spellings()));
        }
    }
}
