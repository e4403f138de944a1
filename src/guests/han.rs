//! How Chinese names are read: surnames of two characters, and surnames read otherwise than the word.

use pinyin::ToPinyin;

/// Surnames of two characters, in both ways of writing.
const COMPOUND: &str = "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 东方 東方 独孤 獨孤 南宫 南宮 夏侯 皇甫 尉迟 尉遲 \
    长孙 長孫 慕容 令狐 宇文 端木 公孙 公孫 轩辕 軒轅 百里 呼延 东郭 東郭 西门 西門 太史 申屠 公羊 澹台 澹臺 \
    赫连 赫連 万俟 萬俟 闻人 聞人 钟离 鍾離 淳于 单于 單于 濮阳 濮陽 公冶 太叔 仲孙 仲孫 鲜于 鮮于 闾丘 拓跋 \
    第五 段干 范姜 张简 張簡";

/// Surnames whose reading as a name is not the common reading of the character.
const READINGS: &[(&str, &[&str])] = &[
    ("曾", &["zēng"]),
    ("单", &["shàn"]),
    ("單", &["shàn"]),
    ("解", &["xiè"]),
    ("仇", &["qiú"]),
    ("区", &["ōu"]),
    ("區", &["ōu"]),
    ("朴", &["piáo"]),
    ("查", &["zhā"]),
    ("盖", &["gě"]),
    ("蓋", &["gě"]),
    ("翟", &["zhái"]),
    ("任", &["rén"]),
    ("华", &["huà"]),
    ("華", &["huà"]),
    ("宁", &["nìng"]),
    ("缪", &["miào"]),
    ("繆", &["miào"]),
    ("乐", &["yuè"]),
    ("樂", &["yuè"]),
    ("冼", &["xiǎn"]),
    ("洗", &["xiǎn"]),
    ("燕", &["yān"]),
    ("葛", &["gě"]),
    ("么", &["yāo"]),
    ("黑", &["hè"]),
    ("隗", &["wěi"]),
    ("员", &["yùn"]),
    ("員", &["yùn"]),
    ("召", &["shào"]),
    ("句", &["gōu"]),
    ("秘", &["bì"]),
    ("逄", &["páng"]),
    ("应", &["yīng"]),
    ("於", &["yū"]),
    ("冯", &["féng"]),
    ("馮", &["féng"]),
    ("贾", &["jiǎ"]),
    ("賈", &["jiǎ"]),
    ("柏", &["bǎi"]),
    ("哈", &["hǎ"]),
    ("车", &["chē"]),
    ("車", &["chē"]),
    ("沈", &["shěn"]),
    ("尉迟", &["yù", "chí"]),
    ("尉遲", &["yù", "chí"]),
    ("长孙", &["zhǎng", "sūn"]),
    ("長孫", &["zhǎng", "sūn"]),
    ("万俟", &["mò", "qí"]),
    ("萬俟", &["mò", "qí"]),
    ("单于", &["chán", "yú"]),
    ("單于", &["chán", "yú"]),
    ("澹台", &["tán", "tái"]),
    ("澹臺", &["tán", "tái"]),
    ("令狐", &["líng", "hú"]),
    ("鲜于", &["xiān", "yú"]),
    ("鮮于", &["xiān", "yú"]),
];

/// The common surnames, to tell a Chinese name from a Japanese one written with the same characters.
const SURNAMES: &str = "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾\
    肖萧蕭田董袁潘于於蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范金石廖贾賈夏韦韋付傅方白邹鄒孟熊\
    秦邱江尹薛闫閆段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯常温溫康施文牛樊葛邢安齐齊易乔喬\
    伍庞龐颜顏倪庄莊聂聶章鲁魯岳翟殷詹申欧歐耿关關焦俞左柳甘祝包宁宁尚符舒阮纪紀梅童凌毕畢单單季裴霍涂成苗谷盛曲翁\
    冉骆駱蓝藍路游靳辛管柴蒙鲍鮑华華喻祁房蒲滕屈饶饒解牟艾尤时時阳陽阎閻穆应農农司古吉卓车車简簡连連项項麦麥褚娄婁\
    窦竇戚岑党宫宮景费費卜冷晏席卫衛柏宗桂全佟应應臧闵閔苟邬鄔边邊卞姬师師和仇栾欒隋商刁沙荣榮巫寇桑郎甄丛叢仲虞\
    敖巩鞏明佘池查麻苑迟遲邝鄺封官谈談匡鞠惠荆荊乐樂冀郁胥南班储儲原栗燕楚鄢劳勞谌諶奚皮蔺藺楼樓盘盤冼";

pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// The surname and the rest of a name written in Chinese characters without a space.
pub(super) fn split(name: &str) -> (&str, &str) {
    let ends: Vec<usize> = name
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .collect();
    let compound = match ends.as_slice() {
        [_, two, _, ..] => name
            .split_at_checked(*two)
            .filter(|(surname, _)| is_compound(surname)),
        _ => None,
    };
    // Four characters without a surname of two are Japanese as a rule: 今島 和輝.
    let halves = match ends.as_slice() {
        [_, two, _, _] if !starts_with_surname(name) => name.split_at_checked(*two),
        [one, ..] => name.split_at_checked(*one),
        [] => None,
    };
    compound.or(halves).unwrap_or((name, ""))
}

/// Whether this is a Chinese name by its surname, rather than a Japanese one.
pub(super) fn is_chinese(name: &str) -> bool {
    let (surname, given) = split(name);
    (1..=2).contains(&given.chars().count())
        && name.chars().all(is_han)
        && (is_compound(surname) || (surname.chars().count() == 1 && starts_with_surname(surname)))
}

fn is_compound(surname: &str) -> bool {
    COMPOUND
        .split_whitespace()
        .any(|compound| compound == surname)
}

fn starts_with_surname(name: &str) -> bool {
    name.chars().next().is_some_and(|c| SURNAMES.contains(c))
}

/// The syllables of a surname, with tones.
pub(super) fn surname_syllables(surname: &str) -> Vec<&'static str> {
    READINGS
        .iter()
        .find(|(written, _)| *written == surname)
        .map_or_else(|| syllables(surname), |(_, reading)| reading.to_vec())
}

/// The syllables of any other text, with tones; characters without a reading are left out.
pub(super) fn syllables(text: &str) -> Vec<&'static str> {
    text.to_pinyin().flatten().map(|p| p.with_tone()).collect()
}
