//! Accessibility and validity: axe finds nothing on any page, and every page is valid HTML.

use std::fs;
use std::process::Command;

use diesel::prelude::*;
use innkeeper::db::schema::users;
use serde_json::json;

use crate::support::app::{self, TestApp};
use crate::support::browser::{Browser, modules};
use crate::support::sitemap::{self, REGULAR};
use crate::support::world::On;

fn speak(app: &TestApp, language: &str) {
    app.sql(|conn| {
        diesel::update(users::table)
            .set(users::language.eq(language))
            .execute(conn)
    });
}

#[test]
fn axe_finds_nothing_at_the_desk_in_english() {
    app::run(On::Sqlite, async |app| inspect(app, "en", 1366, 768).await);
}

#[test]
fn axe_finds_nothing_at_the_desk_in_chinese() {
    app::run(On::Sqlite, async |app| {
        inspect(app, "zh-CN", 1366, 768).await
    });
}

#[test]
fn axe_finds_nothing_on_a_tablet_in_english() {
    app::run(On::Sqlite, async |app| inspect(app, "en", 820, 1180).await);
}

#[test]
fn axe_finds_nothing_on_a_tablet_in_chinese() {
    app::run(On::Sqlite, async |app| {
        inspect(app, "zh-CN", 820, 1180).await
    });
}

/// Every page in light and dark, in one language and size.
async fn inspect(app: TestApp, language: &str, width: u32, height: u32) {
    speak(&app, language);
    let browser = Browser::open(true).await;
    browser
        .driver
        .set_window_rect(0, 0, width, height)
        .await
        .unwrap();
    let tools = browser.driver.cdp();
    let mut paths = vec![format!("/login?lang={language}")];
    paths.extend(sitemap::pages(&app).into_iter().map(|(_, path, _)| path));
    paths.retain(|path| !path.contains("fragment=1"));
    let mut found = Vec::new();
    for path in paths {
        if path == "/account" {
            browser.sign_in(&app, "admin").await;
        }
        browser.goto(&app, &path).await;
        browser.find("main").await;
        for scheme in ["light", "dark"] {
            let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]});
            tools
                .send_raw("Emulation.setEmulatedMedia", media)
                .await
                .unwrap();
            let violations = browser.violations().await;
            found.extend(
                violations
                    .iter()
                    .map(|violation| format!("{path} ({scheme}): {violation}")),
            );
        }
    }
    browser.close().await;
    assert!(
        found.is_empty(),
        "{} findings:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn every_page_is_valid_html() {
    app::run(On::Sqlite, async |app| {
        let folder = tempfile::tempdir().unwrap();
        let keep = |name: String, body: &str| fs::write(folder.path().join(name), body).unwrap();
        for language in ["en", "zh-CN"] {
            speak(&app, language);
            let client = app.sign_in("admin").await;
            for (index, (template, path, _)) in sitemap::pages(&app).into_iter().enumerate() {
                if !path.contains("fragment=1") {
                    let page = client.get(&path).await;
                    keep(format!("{language}-{index}-{template}"), &page.body);
                }
            }
            // Forms that came back with something to mend.
            let in_house = app.stay_in("1207");
            let guest = app.guest_of(app.stay_in(REGULAR));
            for (index, (path, fields)) in [
                (format!("/stays/{in_house}/check-out"), [("spa", "much")]),
                (format!("/stays/{in_house}/room"), [("room", "9999")]),
                ("/stays".into(), [("nights", "0")]),
                (
                    format!("/guests/{guest}/preferences"),
                    [("what", "quiet rum")],
                ),
                (format!("/guests/{guest}/notes"), [("body", "")]),
                ("/account/password".into(), [("current", "no")]),
                ("/settings/users".into(), [("name", "")]),
            ]
            .into_iter()
            .enumerate()
            {
                let page = client.post(&path, &fields).await;
                assert!(
                    page.status == 422 || page.status == 409,
                    "{path}: {}",
                    page.status
                );
                keep(format!("{language}-wrong-{index}.html"), &page.body);
            }
            let login = app.visitor().see(&format!("/login?lang={language}")).await;
            keep(format!("{language}-login.html"), &login.body);
        }
        let setup = TestApp::empty(On::Sqlite);
        let page = setup
            .visitor()
            .see(&format!("/setup/{}", setup.app.setup_token))
            .await;
        keep("setup.html".into(), &page.body);
        let output = Command::new(modules().join(".bin/html-validate"))
            .args([
                "--config",
                concat!(env!("CARGO_MANIFEST_DIR"), "/.htmlvalidate.json"),
                "--formatter",
                "text",
            ])
            .arg(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    });
}
