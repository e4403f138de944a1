//! Style sheet, scripts and icons, out of the binary; their address carries their hash, so browsers keep them for good.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "static"]
struct Files;

struct Asset {
    content: web::Bytes,
    mime: String,
    version: String,
    /// With its version.
    address: String,
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let read = |path: &str| {
        Files::get(path)
            .map(|file| file.data.into_owned())
            .unwrap_or_default()
    };
    let mut assets: HashMap<String, Asset> = Files::iter()
        .filter(|path| !path.starts_with("css/"))
        .filter_map(|path| {
            let file = Files::get(&path)?;
            let asset = Asset::of(&path, file.data.into_owned(), file.metadata.mimetype());
            Some((path.into_owned(), asset))
        })
        .collect();
    // One style sheet, in the order that the cascade wants.
    let order = String::from_utf8_lossy(&read("css/ORDER")).into_owned();
    let sheet: Vec<u8> = order
        .lines()
        .flat_map(|name| read(&format!("css/{}", name.trim())))
        .collect();
    let sheet = Asset::of("app.css", sheet, "text/css; charset=utf-8");
    assets.insert("app.css".into(), sheet);
    assets
});

impl Asset {
    fn of(name: &str, content: Vec<u8>, mime: &str) -> Self {
        let version = crate::secret::hex(Sha256::digest(&content).split_at(6).0);
        Self {
            address: format!("/static/{name}?v={version}"),
            content: content.into(),
            mime: mime.into(),
            version,
        }
    }
}

/// The address of a file, with its version; empty where there is no such file.
pub fn address(name: &str) -> &'static str {
    ASSETS.get(name).map_or("", |asset| &asset.address)
}

/// `GET /static/{name}`: kept for good under its version's address; otherwise asked for again each time.
pub async fn serve(name: web::Path<String>, query: web::Query<Version>) -> HttpResponse {
    let Some(asset) = ASSETS.get(name.as_str()) else {
        return HttpResponse::NotFound().finish();
    };
    let kept = query.v.as_deref() == Some(asset.version.as_str());
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.mime.as_str()))
        .insert_header((
            CACHE_CONTROL,
            if kept {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
        ))
        .body(asset.content.clone())
}

/// The version an address asks for.
#[derive(serde::Deserialize)]
pub struct Version {
    v: Option<String>,
}
