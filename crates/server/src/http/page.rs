//! The embedded page: files precompressed at build time, and one document for every view.

use std::collections::BTreeMap;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::problem::ApiError;
use crate::app::SharedApp;

#[derive(RustEmbed)]
#[folder = "../../web/build/"]
#[allow_missing = true]
struct Files;

/// What stands in the document where each answer's nonce goes.
const NONCE_MARK: &str = "__CSP_NONCE__";
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The page, ready to be served.
pub struct Page {
    files: BTreeMap<String, Asset>,
    /// The document, `None` when the program was built without the page.
    document: Option<Document>,
}

struct Asset {
    kind: &'static str,
    etag: HeaderValue,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

struct Document {
    html: String,
    /// Hashes of the inline scripts that the build made, as policy sources.
    script_hashes: String,
}

impl Page {
    /// Reads the embedded files.
    #[must_use]
    pub fn load() -> Self {
        let read = |path: &str| Files::get(path).map(|file| Bytes::from(file.data.into_owned()));
        let mut files = BTreeMap::new();
        for path in Files::iter().filter(|path| !path.ends_with(".gz") && !path.ends_with(".br")) {
            let Some(plain) = read(&path) else { continue };
            let digest = STANDARD.encode(&Sha256::digest(&plain)[..12]);
            let etag = HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(REVALIDATE);
            let asset = Asset {
                kind: content_type(&path),
                etag,
                plain,
                gzip: read(&format!("{path}.gz")),
                brotli: read(&format!("{path}.br")),
            };
            files.insert(path.into_owned(), asset);
        }
        let document = files.remove("index.html").and_then(|asset| Document::new(&asset.plain));
        Self { files, document }
    }

    /// Whether the program carries the page.
    #[must_use]
    pub fn is_built(&self) -> bool {
        self.document.is_some()
    }
}

impl Document {
    fn new(bytes: &[u8]) -> Option<Self> {
        let html = std::str::from_utf8(bytes).ok()?.to_owned();
        let script_hashes = inline_scripts(&html)
            .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
            .collect();
        Some(Self { html, script_hashes })
    }

    fn policy(&self, nonce: &str) -> String {
        format!(
            "default-src 'none'; script-src 'self'{}; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            self.script_hashes
        )
    }
}

/// The texts of scripts without a `src`.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|part| {
        let (attributes, rest) = part.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(text)
    })
}

/// Answers what no other route does: a file of the page, the document for views, 404 for the rest.
pub async fn serve(State(app): State<SharedApp>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let reserved = ["api", "judge0", "ws"]
        .iter()
        .any(|api| path.strip_prefix(api).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if reserved || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::not_found().into_response();
    }
    if let Some(asset) = app.page.files.get(path) {
        return file(path, asset, request.headers());
    }
    let looks_like_file =
        path.rsplit('/').next().is_some_and(|name| name.contains('.')) && !path.starts_with("users/");
    if looks_like_file {
        return ApiError::not_found().into_response();
    }
    match &app.page.document {
        Some(document) => view(document),
        None => {
            let detail = "This program was built without its page. `cargo xtask run` builds both.";
            ApiError::new(StatusCode::NOT_FOUND, "no_page", detail).into_response()
        }
    }
}

fn view(document: &Document) -> Response {
    let nonce = STANDARD.encode(rand::random::<[u8; 18]>());
    let html = document.html.replace(NONCE_MARK, &nonce);
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::try_from(document.policy(&nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn file(path: &str, asset: &Asset, request: &HeaderMap) -> Response {
    let accepts = |coding: &str| accepts_coding(request, coding);
    let (body, coding) = match (&asset.brotli, &asset.gzip) {
        (Some(brotli), _) if accepts("br") => (brotli, Some("br")),
        (_, Some(gzip)) if accepts("gzip") => (gzip, Some("gzip")),
        _ => (&asset.plain, None),
    };
    let unchanged = request.get(header::IF_NONE_MATCH) == Some(&asset.etag);
    let status = if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let body = if unchanged { Bytes::new() } else { body.clone() };
    let caching = if path.starts_with("_app/immutable/") { IMMUTABLE } else { REVALIDATE };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let plain: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::CACHE_CONTROL, caching),
        (header::ETAG, asset.etag.clone()),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    headers.extend(plain);
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

fn accepts_coding(headers: &HeaderMap, coding: &str) -> bool {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|part| {
        let mut part = part.trim().split(';');
        part.next().is_some_and(|name| name.trim().eq_ignore_ascii_case(coding))
            && !part.any(|parameter| parameter.trim() == "q=0")
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_hashed_and_others_not() {
        let html =
            "<script src=\"/a.js\"></script><script>\n go() </script><script type=\"module\">x</script>";
        assert_eq!(inline_scripts(html).collect::<Vec<_>>(), ["\n go() ", "x"]);
        let document = Document::new(html.as_bytes()).unwrap();
        assert_eq!(document.policy("n").matches("'sha256-").count(), 2);
        assert!(!document.policy("n").contains("unsafe"));
    }

    #[test]
    fn codings_are_taken_at_their_word() {
        let headers =
            |text| HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))]);
        assert!(accepts_coding(&headers("gzip, deflate, br"), "br"));
        assert!(accepts_coding(&headers("GZIP;q=0.5"), "gzip"));
        assert!(!accepts_coding(&headers("br;q=0, gzip"), "br"));
        assert!(!accepts_coding(&HeaderMap::new(), "gzip"));
    }
}
