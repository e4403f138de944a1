//! A browser without a screen: cookies, forms with their token, and pages read as HTML.

use std::cell::RefCell;
use std::net::SocketAddr;

use innkeeper::web::flash::{self, Flash};
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use scraper::{ElementRef, Html, Selector};

/// A browser.
pub struct Client {
    address: SocketAddr,
    pub http: reqwest::Client,
    token: RefCell<Option<String>>,
}

/// What was answered.
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            address,
            http,
            token: RefCell::new(None),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> Page {
        Page::of(self.http.get(self.url(path)).send().await.unwrap()).await
    }

    /// A page that must be there.
    pub async fn see(&self, path: &str) -> Page {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        page
    }

    /// Sends a form as a page of ours does, with the session's token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token().await;
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        self.post_bare(path, &fields).await
    }

    /// Sends a form with nothing added.
    pub async fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.http.post(self.url(path)).form(fields);
        Page::of(request.send().await.unwrap()).await
    }

    /// Sends a form, which must be taken, and reads the page it leads to.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
        self.see(answer.location()).await
    }

    /// The token that this session's forms carry.
    pub async fn token(&self) -> String {
        if self.token.borrow().is_none() {
            let token = self.get("/account").await.attr("input[name=csrf]", "value");
            *self.token.borrow_mut() = Some(token);
        }
        self.token.borrow().clone().unwrap()
    }

    /// Sends the sign-in form.
    pub async fn log_in(&self, name: &str, password: &str) -> Page {
        self.token.replace(None);
        self.post_bare("/login", &[("name", name), ("password", password)])
            .await
    }
}

impl Page {
    pub async fn of(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    pub fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.headers[LOCATION].to_str().unwrap()
    }

    /// Queries it took.
    pub fn queries(&self) -> u32 {
        self.header("x-queries").parse().unwrap()
    }

    /// The sentence that the answer hands to the next page.
    pub fn flash(&self) -> Option<Flash> {
        let prefix = format!("{}=", flash::COOKIE);
        let cookies = self.headers.get_all(SET_COOKIE);
        cookies.iter().find_map(|cookie| {
            let value = cookie.to_str().unwrap().strip_prefix(&prefix)?;
            Flash::read(value.split(';').next()?)
        })
    }

    /// What was refused, in words.
    pub fn refusal(&self) -> String {
        let flash = self.flash().expect("nothing was said");
        assert!(!flash.ok, "not refused: {}", flash.text);
        flash.text
    }

    /// Texts of the elements, in order.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let html = self.html();
        html.select(&css(selector)).map(text).collect()
    }

    /// The text of the only element.
    pub fn text(&self, selector: &str) -> String {
        let mut all = self.all(selector);
        assert_eq!(all.len(), 1, "{selector} in {}", self.body);
        all.remove(0)
    }

    pub fn count(&self, selector: &str) -> usize {
        self.html().select(&css(selector)).count()
    }

    pub fn has(&self, selector: &str) -> bool {
        self.count(selector) > 0
    }

    /// An attribute of the first element.
    pub fn attr(&self, selector: &str, name: &str) -> String {
        let html = self.html();
        let found = html.select(&css(selector)).next();
        let found = found.unwrap_or_else(|| panic!("no {selector} in {}", self.body));
        found.attr(name).unwrap_or_default().to_owned()
    }

    /// An attribute of all elements that have it.
    pub fn attrs(&self, selector: &str, name: &str) -> Vec<String> {
        let html = self.html();
        html.select(&css(selector))
            .filter_map(|element| element.attr(name).map(Into::into))
            .collect()
    }
}

pub fn css(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

/// The words in an element, with white space as a reader sees it.
pub fn text(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
