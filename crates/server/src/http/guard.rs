//! Turns away requests that come from the wrong place: foreign hosts (DNS rebinding), foreign origins (CSRF), packed bodies.

use std::net::IpAddr;

use axum::extract::Request;
use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use super::problem::{ApiError, ApiResult};
use crate::app::App;
use crate::intake::Place;

/// Checks a request's head.
///
/// # Errors
/// 400 for two statements of the body's length or without a single host, 421 for a foreign host, 403 for a foreign origin, 415 for a compressed body.
pub fn check(app: &App, request: &Request) -> ApiResult<()> {
    if request.extensions().get::<Place>() == Some(&Place::Ambiguous) {
        let detail = "The request states the length of its body twice.";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "ambiguous_length", detail));
    }
    let host = authority(request)?;
    if !is_own_host(app.public_url(), host) {
        let detail = "This server does not answer to that host name. The operator sets it by `public_url`.";
        return Err(ApiError::new(StatusCode::MISDIRECTED_REQUEST, "foreign_host", detail));
    }
    let headers = request.headers();
    let is_socket = headers.get(header::UPGRADE).is_some();
    if is_socket || changes_something(request.method()) {
        check_origin(app.public_url(), host, headers)?;
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        let detail = "Compressed request bodies are not taken.";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "compressed_body", detail));
    }
    Ok(())
}

fn authority(request: &Request) -> ApiResult<&str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    let host = first.and_then(|host| host.to_str().ok()).filter(|_| second.is_none());
    host.ok_or_else(|| ApiError::new(StatusCode::BAD_REQUEST, "host", "Exactly one host must be named."))
}

/// The name of an authority without its port; the brackets of IPv6 stay away. Empty when the rest is no port.
fn host_name(authority: &str) -> &str {
    let (name, rest) = match authority.strip_prefix('[') {
        Some(inner) => inner.split_once(']').unwrap_or_default(),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    if rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port) { name } else { "" }
}

/// A rebinding attack needs a name of its own, so addresses and `localhost` are safe, and the public name is wanted.
fn is_own_host(public: Option<&Url>, authority: &str) -> bool {
    let name = host_name(authority);
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok()
        || public
            .and_then(Url::host_str)
            .is_some_and(|own| own.trim_matches(['[', ']']).eq_ignore_ascii_case(name))
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Browsers say where a request comes from; other clients say nothing and carry no ambient cookie.
fn check_origin(public: Option<&Url>, host: &str, headers: &HeaderMap) -> ApiResult<()> {
    let foreign =
        || ApiError::forbidden("foreign_origin", "This request comes from another site and is refused.");
    let mut origins = headers.get_all(header::ORIGIN).iter();
    if let Some(origin) = origins.next() {
        let origin = origin.to_str().ok().filter(|_| origins.next().is_none()).ok_or_else(foreign)?;
        return if is_own_origin(public, host, origin) { Ok(()) } else { Err(foreign()) };
    }
    match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(foreign()),
    }
}

/// Whether an `Origin` is this site: the public address, or exactly the authority the request was sent to.
#[must_use]
pub fn is_own_origin(public: Option<&Url>, host: &str, origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    if !matches!(scheme, "http" | "https") {
        return false;
    }
    let is_public = public.is_some_and(|url| url.origin().ascii_serialization().eq_ignore_ascii_case(origin));
    is_public || authority.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_hosts() {
        let public = Url::parse("https://code.example.org").unwrap();
        for host in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:1",
            "[::1]:80",
            "10.0.0.7",
            "Code.Example.org",
            "code.example.org:443",
        ] {
            assert!(is_own_host(Some(&public), host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:80",
            "code.example.org.evil",
            "",
            ":80",
            "127.0.0.1.nip.io",
            "localhost:80@evil.example",
            "[::1].evil.example",
            "::1",
            "[::1",
        ] {
            assert!(!is_own_host(Some(&public), host), "{host}");
        }
    }

    #[test]
    fn only_own_origins() {
        let public = Url::parse("https://code.example.org").unwrap();
        let own = |host, origin| is_own_origin(Some(&public), host, origin);
        assert!(own("127.0.0.1:8080", "http://127.0.0.1:8080"));
        assert!(own("10.0.0.1", "https://code.example.org"));
        for origin in [
            "null",
            "",
            "http://127.0.0.1:80801",
            "http://127.0.0.1:8080.evil.example",
            "http://127.0.0.1",
            "https://code.example.org.evil",
            "https://code.example.org:444",
            "file://127.0.0.1:8080",
            "http://evil",
        ] {
            assert!(!own("127.0.0.1:8080", origin), "{origin}");
        }
    }
}
