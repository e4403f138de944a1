//! How a folded name sounds, coarsely, over the romanisations of the world; and what people are called.
//!
//! Soundex and its heirs are made for English. This one keeps what survives between languages and clerks: the
//! consonants by the place they are spoken at, and whether the name begins with a vowel. `wong`, `wang` and `vang` are one
//! sound; so are `yaqoub` and `yacub`, `gim` and `kim`, `schmidt` and `shmit`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Spellings of one sound, the longest first; to what [`sound`] reads letter by letter.
const TOGETHER: &[(&str, &str)] = &[
    ("shch", "s"),
    ("tsch", "C"),
    ("sch", "s"),
    ("tch", "C"),
    ("ght", "t"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "t"),
    ("bh", "b"),
    ("kh", "h"),
    ("gh", "g"),
    ("sh", "s"),
    ("zh", "C"),
    ("ch", "C"),
    ("dj", "C"),
    ("dz", "s"),
    ("hs", "s"),
    ("ts", "s"),
    ("tz", "s"),
    ("cz", "C"),
    ("ck", "k"),
    ("qu", "k"),
    ("ks", "s"),
    ("ng", "n"),
    ("wh", "w"),
    ("wu", "u"),
    ("woo", "u"),
    ("yi", "i"),
];

/// The sound of a folded word: one letter for each consonant, `a` before them where it begins with a vowel.
pub fn sound(word: &str) -> String {
    let mut out = String::new();
    let mut rest = word;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (read, taken) = TOGETHER
            .iter()
            // Most letters begin none of them: one byte tells.
            .filter(|(together, _)| together.as_bytes().first() == rest.as_bytes().first())
            .find(|(together, _)| rest.starts_with(together))
            .map_or((first, first.len_utf8()), |(together, read)| {
                (read.chars().next().unwrap_or(first), together.len())
            });
        let next = rest.get(taken..).unwrap_or_default();
        let class = class(read, before, next.chars().next());
        let is_vowel = class == ' ';
        if is_vowel && out.is_empty() {
            out.push('a');
        } else if !is_vowel && !out.ends_with(class) {
            out.push(class);
        }
        before = if is_vowel { 'a' } else { class };
        rest = next;
    }
    out
}

/// The class of a letter between its neighbours; a space for a vowel.
fn class(letter: char, before: char, next: Option<char>) -> char {
    let vowel_next = next.is_some_and(|c| "aeiouy".contains(c));
    match letter {
        'p' | 'b' => 'p',
        'f' | 'v' | 'w' => 'f',
        't' | 'd' => 't',
        // Pinyin: Qiu is Chiu.
        'q' if next == Some('i') => 'c',
        'k' | 'g' | 'q' => 'k',
        'C' => 'c',
        'c' if matches!(next, Some('e' | 'i' | 'y')) => 's',
        'c' => 'k',
        's' | 'z' | 'x' => 's',
        'l' => 'l',
        'r' => 'r',
        'm' => 'm',
        'n' => 'n',
        // Between vowels or at the end it is the vowel i: Marija, Nikolaj.
        'j' if before == 'a' || !vowel_next => ' ',
        'j' => 'c',
        // Heard only where it begins a syllable, and not by everybody.
        'h' if before == ' ' && vowel_next => 'h',
        '0'..='9' => letter,
        _ => ' ',
    }
}

/// A letter that a scanner read as a digit, put back.
pub fn unscanned(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'l',
            '3' => 'e',
            '5' => 's',
            '8' => 'b',
            c => c,
        })
        .collect()
}

static FAMILIES: LazyLock<HashMap<&'static str, Vec<u16>>> = LazyLock::new(|| {
    let mut families: HashMap<&str, Vec<u16>> = HashMap::new();
    let lines = include_str!("nicknames.txt").lines();
    for (number, line) in (0..).zip(lines.filter(|line| !line.starts_with('#'))) {
        for name in line.split_whitespace() {
            families.entry(name).or_default().push(number);
        }
    }
    families
});

/// The families of given names a folded name belongs to, by number.
pub fn families(given: &str) -> &'static [u16] {
    FAMILIES.get(given).map_or(&[], Vec::as_slice)
}

/// Whether one can be what the bearer of the other is called.
pub fn same_family(a: &str, b: &str) -> bool {
    families(a)
        .iter()
        .any(|family| families(b).contains(family))
}

/// Chinese surnames by their pinyin, with what they are in Cantonese, Hokkien, Taiwan and abroad.
const SURNAMES: &str = "chen chan tan chin ting/huang wong ng oei hwang/li lee lei/zhang cheung chang teo chong/wang wong ong/\
    lin lam lim ling/wu ng goh woo/liu lau low liew/cai choi tsai chua choy/zheng cheng tay chang/liang leung neo leong/\
    luo lo law low/he ho hoh/guo kwok kuo quek koh/ye yip yeh yap/xie tse hsieh chia/xu hui hsu koh tsui/zhou chow chou chew chau/\
    zhu chu choo gee/hu woo wu foo oh/gao ko kao koh/yang yeung yeo young/zhao chiu chao teo/feng fung pang/deng tang teng/\
    zeng tsang tseng chan/pan poon phua/zhong chung cheong/lu lo loh luk/jiang kong chiang keung/fang fong png/yu yue yee/\
    su so soh/ding ting/shen sum sim shum/peng pang phang/dong tung/cheng ching/wei ngai/fan fann/jin kam king/sun suen/\
    xiao siu hsiao siew/tang tong/han hon/cao cho tsao/ma mah/yuan yuen/qiu yau chiu khoo/qin chun/hou hau/bai pak pai/mo mok/\
    lai loi/ruan yuen/gu ku koo/xue sit hsueh/du to tu/dai tai/xia ha hsia/tian tin tien/ou au/mei mui/tao to/kong hung/\
    kim gim ghim/lee yi i rhee li/park bak pak bark/choi choe/jung jeong chung cheong/jo cho joe/yoon yun youn/lim im rim/\
    oh o/shin sin/kwon gweon kwun/ahn an/yoo yu ryu you/jeon jun chun/ko go koh/moon mun/hwang whang/song soong/noh no roh/\
    seo suh so/bae pae/nam nahm/sim shim/heo hur huh/woo u wu/koo gu ku goo/min mihn/ryu yoo ryoo/\
    nguyen nguyan/tran chan/le li/pham fam/hoang huynh huang/vo vu/ngo ng";

static SURNAME_GROUPS: LazyLock<HashMap<&'static str, Vec<u16>>> = LazyLock::new(|| {
    let mut groups: HashMap<&str, Vec<u16>> = HashMap::new();
    for (number, group) in (0..).zip(SURNAMES.split('/')) {
        for name in group.split_whitespace() {
            groups.entry(name).or_default().push(number);
        }
    }
    groups
});

/// The East Asian surnames a folded word can be a romanisation of, by number.
pub fn surnames(word: &str) -> &'static [u16] {
    SURNAME_GROUPS.get(word).map_or(&[], Vec::as_slice)
}

/// Whether two folded surnames can be one East Asian surname, written by two customs.
pub fn same_surname(a: &str, b: &str) -> bool {
    surnames(a).iter().any(|group| surnames(b).contains(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn romanisations_of_one_name_sound_the_same() {
        for (a, b) in [
            ("wong", "wang"),
            ("yaqoub", "yacub"),
            ("gim", "kim"),
            ("schmidt", "shmit"),
            ("markowa", "markova"),
            ("marija", "mariya"),
            ("dmitriy", "dmitrii"),
            ("husain", "hussein"),
            ("philipp", "filip"),
            ("yuuichi", "yuichi"),
            ("jieun", "chieun"),
            ("belyakova", "beliakova"),
            ("matthias", "matias"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
        assert_ne!(sound("anna"), sound("maria"));
        assert_ne!(sound("thomas"), sound("peter"));
    }

    #[test]
    fn people_are_known_by_what_they_are_called() {
        assert!(same_family("bob", "robert"));
        assert!(same_family("zhenya", "evgeniy"));
        assert!(!same_family("bob", "thomas"));
        assert!(same_surname("chan", "chen"));
        assert!(same_surname("yi", "lee"));
        assert!(!same_surname("kim", "park"));
    }
}
