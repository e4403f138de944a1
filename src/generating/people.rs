//! Invented people of many cultures. None of them exists.

use std::sync::LazyLock;

use chrono::{Duration, NaiveDate};

use super::dice::Dice;
use crate::guests::contacts::{Email, Phone};
use crate::guests::names;
use crate::guests::profile::NewProfile;

/// `country|language|cities|given names|family names`, a culture a line; `_` stands for a space in a name.
const FILE: &str = include_str!("names.txt");

struct Culture {
    country: &'static str,
    language: &'static str,
    cities: Vec<&'static str>,
    given: Vec<&'static str>,
    family: Vec<&'static str>,
}

static CULTURES: LazyLock<Vec<Culture>> = LazyLock::new(|| {
    FILE.lines()
        .filter_map(|line| {
            let mut parts = line.split('|');
            Some(Culture {
                country: parts.next()?,
                language: parts.next()?,
                cities: parts.next()?.split(';').collect(),
                given: parts.next()?.split(' ').collect(),
                family: parts.next()?.split(' ').collect(),
            })
        })
        .collect()
});

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛";
const COMPOUND: [&str; 4] = ["欧阳", "司马", "上官", "诸葛"];
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华飞玉萍红娥玲鹏辉建国文斌博宇浩然子轩梓涵欣怡诗雨佳琪思远志成海燕晓雪春梅冬青松柏林峰云龙凤婷婉清雅琴书画俊凯悦嘉宁安康乐天瑞祥";
const CITIES_CN: [&str; 12] = [
    "上海", "北京", "广州", "深圳", "杭州", "成都", "南京", "武汉", "西安", "重庆", "苏州", "厦门",
];
const MAILBOXES: [&str; 8] = [
    "gmail.com",
    "outlook.com",
    "icloud.com",
    "yahoo.com",
    "hotmail.com",
    "qq.com",
    "163.com",
    "gmx.net",
];

/// One invented person; `number` keeps their contacts apart from everybody else's.
pub(super) fn person(dice: &mut Dice, number: usize, today: NaiveDate) -> NewProfile {
    let mut person = if dice.chance(22) {
        chinese(dice)
    } else {
        western(dice)
    };
    person.source = "generated".into();
    person.external_id = Some(format!("G{number:07}"));
    add_contacts(&mut person, dice, number);
    if dice.chance(60) {
        person.birth_date = Some(today - Duration::days(dice.between(18 * 365, 85 * 365)));
    }
    if dice.chance(45) {
        person.postal_code = Some(dice.between(10_000, 99_999).to_string());
    }
    if dice.chance(8) {
        person.document_number = Some(format!("X{:09}", number * 7 + 13));
    }
    if dice.chance(15) {
        person.loyalty_number = Some(format!("H{number:08}"));
    }
    if dice.chance(1) {
        person.vip_level = Some(dice.between(1, 3));
    }
    if dice.chance(2) {
        person.note = Some("Prefers to be greeted by name.".into());
    }
    if dice.chance(25) {
        person.email_consent = Some(dice.chance(70));
    }
    person
}

fn western(dice: &mut Dice) -> NewProfile {
    let Some(culture) = dice.pick_often_first(&CULTURES) else {
        return NewProfile::default();
    };
    let one = |dice: &mut Dice, of: &[&str]| {
        dice.pick_often_first(of)
            .map(|name| name.replace('_', " "))
            .unwrap_or_default()
    };
    let mut given = one(dice, &culture.given);
    if dice.chance(40) && culture.country != "KR" && culture.country != "JP" {
        let second = one(dice, &culture.given);
        given = format!("{given} {second}");
    }
    let mut family = one(dice, &culture.family);
    let has_two = matches!(culture.country, "ES" | "PT") && dice.chance(80);
    if has_two || dice.chance(15) {
        let second = one(dice, &culture.family);
        let between = if has_two { ' ' } else { '-' };
        family = format!("{family}{between}{second}");
    }
    NewProfile {
        given_name: Some(given),
        family_name: Some(family),
        country: Some(culture.country.into()),
        city: dice.pick(&culture.cities).map(|city| (*city).to_owned()),
        language: Some(culture.language.into()),
        ..NewProfile::default()
    }
}

fn chinese(dice: &mut Dice) -> NewProfile {
    let surnames: Vec<char> = SURNAMES.chars().collect();
    let characters: Vec<char> = GIVEN.chars().collect();
    let surname = if dice.chance(2) {
        dice.pick(&COMPOUND).map(|name| (*name).to_owned())
    } else {
        dice.pick_often_first(&surnames).map(char::to_string)
    };
    let length = if dice.chance(80) { 2 } else { 1 };
    let given: String = (0..length).filter_map(|_| dice.pick(&characters)).collect();
    let native = format!("{}{given}", surname.unwrap_or_default());
    let romanised = names::words(&native);
    let word = |at: usize| romanised.get(at).map(|word| capitalised(word));
    NewProfile {
        given_name: word(1),
        family_name: word(0),
        native_name: Some(native),
        country: Some("CN".into()),
        city: dice.pick(&CITIES_CN).map(|city| (*city).to_owned()),
        language: Some("zh-CN".into()),
        ..NewProfile::default()
    }
}

fn add_contacts(person: &mut NewProfile, dice: &mut Dice, number: usize) {
    let local = names::words(person.family_name.as_deref().unwrap_or("guest")).concat();
    let roll = dice.below(100);
    let address = match roll {
        0..60 => dice
            .pick(&MAILBOXES)
            .map(|domain| format!("{local}.{number}@{domain}")),
        60..75 => Some(format!("{local}.{number}@guest.booking.com")),
        _ => None,
    };
    person.email = address.and_then(|address| Email::parse(&address).ok());
    if dice.chance(70) {
        person.phone = Phone::parse(&phone(person.country.as_deref(), number), None).ok();
    }
}

/// A number of the country's shape, one for each person.
fn phone(country: Option<&str>, number: usize) -> String {
    let tail = (number * 7_919 + 1_234_567) % 10_000_000;
    let head = number / 10_000_000;
    match country {
        Some("CN") => format!("+86 13{head}8 {tail:07}"),
        Some("GB") => format!("+44 7{head}52 {:06}", tail % 1_000_000),
        Some("DE") => format!("+49 17{head}1 {tail:07}"),
        Some("PT") => format!("+351 91{tail:07}"),
        Some("FR") => format!("+33 6 1{tail:07}"),
        Some("ES") => format!("+34 65{tail:07}"),
        Some("IT") => format!("+39 333 {tail:07}"),
        Some("JP") => format!("+81 90 1{tail:07}"),
        Some("KR") => format!("+82 10 2{tail:07}"),
        Some("IN") => format!("+91 987 {tail:07}"),
        _ => format!("+1 212 {tail:07}"),
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
