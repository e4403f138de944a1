//! `/greetings/settings` and the preview: what the house decides about its letters.

use innkeeper::greetings::Occasion;
use innkeeper::greetings::festivals::Festival;
use innkeeper::greetings::settings::{Look, Settings};
use innkeeper::words::Language;

use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(
    the_voice_and_the_numbers_are_changed_and_hold,
    letters_are_looked_at_before_anything_is_kept,
    what_can_not_be_is_said_beside_its_field,
    an_announced_date_is_set_and_taken_back,
    a_letter_is_shown_under_a_policy_of_its_own,
    whoever_decides_about_no_letters_stays_outside,
);

const DECIDED: [(&str, &str); 19] = [
    ("sender", "Riverside, by the water"),
    ("reply_to", "desk@riverside.example"),
    ("look", "plum"),
    ("en_closing", "The kettle is on."),
    ("en_signature", "Anna & the team"),
    ("zh_closing", "茶已备好。"),
    ("zh_signature", "安娜与全体同仁"),
    ("hour", "9:30"),
    ("days_before", "5"),
    ("days_after", "2"),
    ("expiry_days", "45"),
    ("least_points", "500"),
    ("miss_percent", "200"),
    ("a_month", "2"),
    ("held_back_percent", "10"),
    ("window_days", "60"),
    ("per_minute", "120"),
    ("connections", "4"),
    ("festival", "qixi"),
];

async fn the_voice_and_the_numbers_are_changed_and_hold(app: TestApp) {
    let chen = app.sign_in("chen").await;
    let page = chen.see("/greetings/settings").await;
    assert_eq!(page.attr("#hour", "value"), "10:00");
    let page = chen.submit("/greetings/settings", &DECIDED).await;
    assert_eq!(page.attr("#hour", "value"), "09:30");
    assert_eq!(page.attr("#en_signature", "value"), "Anna & the team");
    let now = app.sql(Settings::load);
    assert_eq!((now.hour, now.expiry_days, now.look), (570, 45, Look::Plum));
    assert_eq!(now.chinese.closing, "茶已备好。");
    assert_eq!(now.festivals_off.len(), Festival::ALL.len() - 1);
    let preview = chen.see("/greetings/preview/birthday/zh-CN").await;
    let text = preview.text("#text");
    assert!(
        text.contains("茶已备好。") && text.contains("安娜与全体同仁"),
        "{text}"
    );
}

async fn letters_are_looked_at_before_anything_is_kept(app: TestApp) {
    let chen = app.sign_in("chen").await;
    let mut typed = DECIDED.to_vec();
    typed.push(("look_first", "yes"));
    let page = chen.post("/greetings/settings", &typed).await;
    assert_eq!(page.status, 200);
    for words in ["The kettle is on.", "茶已备好。", "Anna &#38; the team"] {
        assert!(page.body.contains(words), "no {words}");
    }
    assert_eq!(
        page.attr("#hour", "value"),
        "9:30",
        "still there to be kept"
    );
    assert_eq!(app.sql(Settings::load), Settings::default());
}

async fn what_can_not_be_is_said_beside_its_field(app: TestApp) {
    let chen = app.sign_in("chen").await;
    let long = "x".repeat(301);
    let wrong = [
        (
            "hour",
            "3:00",
            "Hour: “3:00” is not a decent hour; write a time from 07:00 to 21:00, as 10:00.",
        ),
        (
            "days_before",
            "soon",
            "Days before arrival: “soon” is not a whole number from 1 to 60.",
        ),
        (
            "held_back_percent",
            "80",
            "Held back for comparison, percent: “80” is not a whole number from 0 to 50.",
        ),
        (
            "per_minute",
            "0",
            "Letters a minute to one mail domain: “0” is not a whole number from 1 to 1,000,000.",
        ),
        (
            "reply_to",
            "nobody",
            "Address that answers go to: “nobody” is not an e-mail address; write it as desk@hotel.example, or leave it empty.",
        ),
        (
            "en_closing",
            long.as_str(),
            "Closing sentence, English: 301 characters are too many; 300 fit.",
        ),
    ];
    for (field, value, said) in wrong {
        let typed: Vec<(&str, &str)> = DECIDED
            .iter()
            .map(|(name, decided)| (*name, if *name == field { value } else { *decided }))
            .collect();
        let page = chen.post("/greetings/settings", &typed).await;
        assert_eq!(page.status, 422);
        assert_eq!(page.text(&format!("#{field}-d")), said);
        assert_eq!(
            page.attr(&format!("#{field}"), "value"),
            value,
            "it is kept"
        );
        assert_eq!(page.attr("[data-errors] a", "href"), format!("#{field}"));
    }
    assert_eq!(app.sql(Settings::load), Settings::default());
}

async fn an_announced_date_is_set_and_taken_back(app: TestApp) {
    let chen = app.sign_in("chen").await;
    let eid = |date| [("moved", "eid_al_fitr"), ("date", date), ("house", "RIV")];
    let path = "/greetings/settings/dates";
    let page = chen.submit(path, &eid("2027-03-11")).await;
    assert!(
        page.text(".flash p")
            .contains("Eid al-Fitr is greeted on 11 Mar 2027"),
        "{}",
        page.text(".flash p")
    );
    let announced = app.sql(Settings::load).announced;
    assert_eq!(announced.len(), 1);
    assert_eq!(announced[0].property_id, Some(app.property_id("RIV")));
    chen.submit(path, &eid("2027-03-10")).await;
    assert_eq!(app.sql(Settings::load).announced.len(), 1, "in its place");
    for (date, said) in [
        ("2027-06-01", "is too far from it to be the same festival"),
        ("2077-06-01", "is too far away"),
        ("tomorrow", "is not a date"),
    ] {
        let page = chen.post(path, &eid(date)).await;
        assert_eq!(page.status, 422);
        assert!(
            page.text("#date-d").contains(said),
            "{}",
            page.text("#date-d")
        );
    }
    chen.submit(&format!("{path}/remove"), &eid("2027-03-10"))
        .await;
    assert!(app.sql(Settings::load).announced.is_empty());
    assert_eq!(
        chen.post(&format!("{path}/remove"), &eid("2027-03-10"))
            .await
            .status,
        404
    );
}

async fn a_letter_is_shown_under_a_policy_of_its_own(app: TestApp) {
    let chen = app.sign_in("chen").await;
    for occasion in Occasion::ALL {
        for language in Language::ALL {
            let path = format!("/greetings/preview/{occasion}/{language}");
            let page = chen.see(&path).await;
            assert!(!page.text("#text").is_empty());
            assert!(
                page.header("content-security-policy")
                    .contains("style-src 'self'")
            );
            for width in [360, 700] {
                let letter = chen.see(&format!("{path}/{width}")).await;
                let policy = letter.header("content-security-policy");
                assert!(
                    policy.contains("default-src 'none'") && policy.contains("sandbox"),
                    "{policy}"
                );
                assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
                assert_eq!(letter.header("x-frame-options"), "SAMEORIGIN");
                assert!(
                    !policy.contains("script-src") && policy.matches("'self'").count() == 1,
                    "{policy}"
                );
                assert!(
                    letter.body.contains(&format!("max-width:{width}px")),
                    "{path}"
                );
            }
        }
    }
    for path in ["birthday/en/361", "monday/en", "birthday/de"] {
        let path = format!("/greetings/preview/{path}");
        assert_eq!(chen.get(&path).await.status, 404, "{path}");
    }
}

async fn whoever_decides_about_no_letters_stays_outside(app: TestApp) {
    let lin = app.sign_in("lin").await;
    for path in ["/greetings/settings", "/greetings/preview/birthday/en"] {
        assert_eq!(lin.get(path).await.status, 403);
    }
    assert_eq!(lin.post("/greetings/settings", &DECIDED).await.status, 403);
}
