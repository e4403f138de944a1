//! How letters read.

use innkeeper::greetings::letter::{self, Links, Rendered};
use innkeeper::greetings::settings::Settings;
use innkeeper::greetings::{Occasion, sample};
use innkeeper::words::Language;

fn written(occasion: Occasion, language: Language) -> Rendered {
    let house = match language {
        Language::En => "Riverside",
        Language::ZhCn => "江畔酒店",
    };
    let facts = sample::facts(language, house, super::the_day());
    let links = Links {
        unsubscribe: "https://hotel.example/unsubscribe/0190.ab".into(),
        me: "https://hotel.example/me/0190~65.cd".into(),
    };
    letter::render(occasion, language, &facts, &Settings::default(), &links).unwrap()
}

/// Every word of every letter, so that whoever changes one sees it.
#[test]
fn letters_read_as_they_were_approved() {
    for occasion in Occasion::ALL {
        for language in Language::ALL {
            let letter = written(*occasion, *language);
            let whole = format!("{}\n\n{}\n{}", letter.subject, letter.text, letter.html);
            insta::assert_snapshot!(format!("{occasion}-{language}"), whole);
        }
    }
}

#[test]
fn letters_hold_nothing_from_elsewhere_and_say_how_to_stop_them() {
    for occasion in Occasion::ALL {
        for language in Language::ALL {
            let letter = written(*occasion, *language);
            assert!(!letter.subject.is_empty() && !letter.subject.contains('\n'));
            assert_eq!(
                letter.html.matches("href=").count(),
                2,
                "only the guest's own links"
            );
            for foreign in ["<img", "<script", "url(", "@import", "<link", "src="] {
                assert!(!letter.html.contains(foreign), "{occasion}: {foreign}");
            }
            for part in [&letter.html, &letter.text] {
                assert!(part.contains("https://hotel.example/unsubscribe/0190.ab"));
                assert!(!part.contains("mail-"), "{occasion}: a word is missing");
            }
            assert!(
                !letter.text.contains("\n\n\n"),
                "{occasion}:\n{}",
                letter.text
            );
        }
    }
}

/// Mail programs want their styles beside the words; all else is as in every page.
#[test]
fn letters_are_valid_html() {
    let folder = tempfile::tempdir().unwrap();
    for occasion in Occasion::ALL {
        for language in Language::ALL {
            let path = folder.path().join(format!("{occasion}-{language}.html"));
            std::fs::write(path, written(*occasion, *language).html).unwrap();
        }
    }
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let output = std::process::Command::new(format!("{root}node_modules/.bin/html-validate"))
        .args(["--formatter", "text", "--config"])
        .arg(format!("{root}tests/fixtures/letters.htmlvalidate.json"))
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
