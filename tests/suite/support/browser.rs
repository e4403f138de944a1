//! A real browser, Debian's chromium, driven as a person would: by keys and by what is on the screen.

use std::fs;
use std::future::Future;
use std::io::{BufRead, BufReader};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, Key};

use super::app::TestApp;

/// How long a page may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Less than this no finger hits for sure, in pixels of the page.
const FINGER: u32 = 44;

/// The development tools for pages.
pub fn modules() -> &'static Path {
    let modules = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules"));
    assert!(
        modules.exists(),
        "node_modules is missing; ./test installs it"
    );
    modules
}

/// A browser with a profile of its own.
pub struct Browser {
    // Dropped first: after a failed test nobody is left to wait for.
    _processes: Processes,
    /// Never dropped: its drop waits two minutes for a browser that is gone.
    pub driver: ManuallyDrop<WebDriver>,
}

/// The driver and the browser it started; both end with the test.
struct Processes {
    driver: Child,
    profile: TempDir,
}

impl Drop for Processes {
    fn drop(&mut self) {
        drop(self.driver.kill());
        drop(self.driver.wait());
        // What chromium left running is known by the profile it was given.
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            if name.parse::<u32>().is_ok() && String::from_utf8_lossy(&line).contains(&profile) {
                drop(Command::new("kill").args(["-9", &name]).status());
            }
        }
    }
}

impl Browser {
    pub async fn open(javascript: bool) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new("chromedriver")
            .args(["--port=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(driver.stdout.take().unwrap());
        let mut port = None;
        for line in said.lines().map_while(Result::ok) {
            let digits = line
                .strip_suffix('.')
                .and_then(|line| line.rsplit("on port ").next());
            port = digits.and_then(|digits| digits.parse::<u16>().ok());
            if port.is_some() {
                break;
            }
        }
        let port = port.expect("chromedriver did not start");
        let processes = Processes { driver, profile };
        let mut caps = DesiredCapabilities::chrome();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=en",
            "--window-size=1366,768",
            &format!("--user-data-dir={}", processes.profile.path().display()),
        ] {
            caps.add_arg(argument).unwrap();
        }
        if !javascript {
            let off = json!({"profile.managed_default_content_settings.javascript": 2});
            caps.add_experimental_option("prefs", off).unwrap();
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), caps)
            .await
            .unwrap();
        Self {
            _processes: processes,
            driver: ManuallyDrop::new(driver),
        }
    }

    pub async fn goto(&self, app: &TestApp, path: &str) {
        self.driver.goto(app.url(path)).await.unwrap();
    }

    /// Signs in as a person does: name, Tab, password, Enter.
    pub async fn sign_in(&self, app: &TestApp, name: &str) {
        self.goto(app, "/login").await;
        self.find("input[name=name]")
            .await
            .send_keys(name)
            .await
            .unwrap();
        let password = self.find("input[name=password]").await;
        password.send_keys(innkeeper::demo::PASSWORD).await.unwrap();
        password.send_keys(Key::Enter + "").await.unwrap();
        self.find("nav.rail").await;
    }

    /// The element, as soon as it is there.
    pub async fn find(&self, selector: &str) -> WebElement {
        until(selector, async || {
            self.driver.find(By::Css(selector)).await.ok()
        })
        .await
    }

    /// The element's words, as soon as they contain these.
    pub async fn says(&self, selector: &str, words: &str) -> String {
        let began = Instant::now();
        loop {
            let found = self.driver.find(By::Css(selector)).await;
            if let Ok(element) = found
                && let Ok(text) = element.text().await
                && text.contains(words)
            {
                return text;
            }
            if began.elapsed() > PATIENCE {
                let url = self.driver.current_url().await.unwrap();
                let main = self.find("main").await.text().await.unwrap();
                panic!("{selector} does not say {words} at {url}: {main}");
            }
            actix_web::rt::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits for the address to begin with a path.
    pub async fn is_at(&self, path: &str) {
        until(path, async || {
            let url = self.driver.current_url().await.ok()?;
            let here = url.path().starts_with(path);
            let ready = self.driver.find(By::Css("main")).await.is_ok();
            (here && ready).then_some(())
        })
        .await;
    }

    /// Types where the focus is, once the page and its scripts are there.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        until("the page to load", async || {
            let state = "return document.readyState";
            let state = self.driver.execute(state, Vec::new()).await.ok()?;
            (state.json() == "complete").then_some(())
        })
        .await;
        // Not an action chain: its key acted once more on the page that the first had led to.
        let focused = self.driver.active_element().await.unwrap();
        focused.send_keys(keys).await.unwrap();
    }

    pub async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.unwrap();
    }

    /// From now on it is a tablet: of this size, and touched with fingers.
    pub async fn become_tablet(&self, width: u32, height: u32) {
        let tools = self.driver.cdp();
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": true});
        let touch = json!({"enabled": true, "maxTouchPoints": 5});
        for (command, how) in [
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setTouchEmulationEnabled", touch),
        ] {
            tools.send_raw(command, how).await.unwrap();
        }
    }

    /// The network is gone, or back, once the page has come whole.
    pub async fn cut_off(&self, gone: bool) {
        self.answers("return document.readyState === 'complete'")
            .await;
        let tools = self.driver.cdp();
        let how = json!({"offline": gone, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        for (command, how) in [
            ("Network.enable", json!({})),
            ("Network.emulateNetworkConditions", how),
        ] {
            tools.send_raw(command, how).await.unwrap();
        }
        // The page hears of it a moment later, and moves when it says so.
        self.answers(&format!("return navigator.onLine !== {gone}"))
            .await;
    }

    /// Waits until the page answers a question with yes.
    async fn answers(&self, question: &str) {
        until(question, async || {
            let answer = self.driver.execute(question, Vec::new()).await.ok()?;
            answer.convert::<bool>().ok()?.then_some(())
        })
        .await;
    }

    /// Taps the middle of an element, as soon as nothing covers it.
    pub async fn tap(&self, selector: &str) {
        let middle = "const found = document.querySelector(arguments[0]);\
            if (!found || document.readyState !== 'complete') return null;\
            found.scrollIntoView({ block: 'center', behavior: 'instant' });\
            const box = found.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;\
            const top = document.elementFromPoint(x, y);\
            return top && found.contains(top) ? [x, y] : null";
        let (x, y) = until(selector, async || {
            let found = self.driver.execute(middle, vec![json!(selector)]).await;
            found.ok()?.convert::<Option<(f64, f64)>>().ok()?
        })
        .await;
        let tools = self.driver.cdp();
        for (phase, points) in [
            ("touchStart", json!([{"x": x, "y": y}])),
            ("touchEnd", json!([])),
        ] {
            let touch = json!({"type": phase, "touchPoints": points});
            tools
                .send_raw("Input.dispatchTouchEvent", touch)
                .await
                .unwrap();
        }
    }

    /// What is to be touched on this page and is too small for a finger.
    pub async fn small_targets(&self) -> Vec<String> {
        let small = "return [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button]')]\
            .filter(e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest('.vh,.skip'))\
            .map(e => [e, (e.matches('[type=checkbox],[type=radio]') && e.closest('label') || e).getBoundingClientRect()])\
            .filter(([, box]) => Math.round(box.width) < arguments[0] || Math.round(box.height) < arguments[0])\
            .map(([e, box]) => `${Math.round(box.width)}×${Math.round(box.height)} ${e.outerHTML.slice(0, 140)}`)";
        let found = self.driver.execute(small, vec![json!(FINGER)]).await;
        found.unwrap().convert().unwrap()
    }

    /// What axe finds wrong with this page.
    pub async fn violations(&self) -> Vec<Value> {
        let axe = fs::read_to_string(modules().join("axe-core/axe.min.js")).unwrap();
        let run = "const done = arguments[0]; axe.run(document, { resultTypes: ['violations'] }).then(r => done(\
            r.violations.map(v => v.id + ': ' + v.help + ' ← ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.any.map(a => a.message).join()).join(' | '))))";
        self.driver.execute(&axe, Vec::new()).await.unwrap();
        let found = self.driver.execute_async(run, Vec::new()).await;
        found.unwrap().convert().unwrap()
    }

    pub async fn close(self) {
        WebDriver::clone(&self.driver).quit().await.unwrap();
    }
}

/// Asks again and again until there is an answer, for as long as patience lasts.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
    }
}
