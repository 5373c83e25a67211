//! The two cookies: the session's, and the one that binds a GitHub sign-in to the browser that began it.
//!
//! Over HTTPS their names begin with `__Host-` (RFC 6265bis, section 4.1.3.2): browsers take such a cookie only from this very host, so
//! a neighbour under the same domain cannot plant one. Browsers refuse the prefix over plain HTTP, where the names do without.

use http::{HeaderMap, HeaderValue, header};

/// The session's cookie. Its value is a secret of which the server keeps only the hash.
const SESSION: &str = "codementor_session";
/// The cookie of a GitHub sign-in under way.
const OAUTH: &str = "codementor_oauth";

/// How long the browser keeps the session's cookie; the server decides earlier.
const SESSION_SECONDS: u64 = 180 * 24 * 3600;

/// Whether cookies may travel over plain HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// HTTPS only.
    Secure,
    /// Also HTTP, as on a laptop.
    Plain,
}

/// The session's secret, when the request carries one.
pub fn session(headers: &HeaderMap, transport: Transport) -> Option<&str> {
    find(headers, SESSION, transport)
}

/// The secret of a GitHub sign-in under way.
pub fn oauth(headers: &HeaderMap, transport: Transport) -> Option<&str> {
    find(headers, OAUTH, transport)
}

fn find<'a>(headers: &'a HeaderMap, name: &str, transport: Transport) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| key.strip_prefix(prefix(transport)) == Some(name))
        .map(|(_, value)| value)
}

/// Sets the session's cookie.
pub fn set_session(secret: &str, transport: Transport) -> HeaderValue {
    set(SESSION, secret, SESSION_SECONDS, transport)
}

/// Removes the session's cookie.
pub fn clear_session(transport: Transport) -> HeaderValue {
    set(SESSION, "", 0, transport)
}

/// Sets the cookie of a GitHub sign-in, which may take so many seconds.
pub fn set_oauth(secret: &str, seconds: u64, transport: Transport) -> HeaderValue {
    set(OAUTH, secret, seconds, transport)
}

/// Removes the cookie of a GitHub sign-in.
pub fn clear_oauth(transport: Transport) -> HeaderValue {
    set(OAUTH, "", 0, transport)
}

fn prefix(transport: Transport) -> &'static str {
    match transport {
        Transport::Secure => "__Host-",
        Transport::Plain => "",
    }
}

/// `SameSite=Lax`: GitHub's way back is a top-level navigation, which must bring the cookies along.
fn set(name: &str, value: &str, seconds: u64, transport: Transport) -> HeaderValue {
    let secure = if transport == Transport::Secure { "; Secure" } else { "" };
    let prefix = prefix(transport);
    let cookie = format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    // Secrets are base64url, so this is always a valid header.
    HeaderValue::try_from(cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; codementor_session=xyz;b=2"));
        headers.append(header::COOKIE, HeaderValue::from_static("codementor_oauth=o"));
        assert_eq!(session(&headers, Transport::Plain), Some("xyz"));
        assert_eq!(oauth(&headers, Transport::Plain), Some("o"));
        assert_eq!(session(&HeaderMap::new(), Transport::Plain), None);
    }

    #[test]
    fn over_https_only_this_hosts_own_cookies_count() {
        let set = set_session("s", Transport::Secure);
        let text = set.to_str().unwrap();
        // What the prefix asks of a cookie.
        assert!(text.starts_with("__Host-codementor_session=s; Path=/; "), "{text}");
        assert!(text.contains("; Secure") && !text.contains("Domain"), "{text}");
        for clear in [clear_session(Transport::Secure), clear_oauth(Transport::Secure)] {
            assert!(clear.to_str().unwrap().starts_with("__Host-"), "{clear:?}");
        }
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("codementor_session=planted"));
        assert_eq!(session(&headers, Transport::Secure), None);
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-codementor_session=own"));
        assert_eq!(session(&headers, Transport::Secure), Some("own"));
        assert_eq!(session(&headers, Transport::Plain), Some("planted"));
    }

    #[test]
    fn cookies_are_kept_from_scripts_and_foreign_sites() {
        let value = set_session("s", Transport::Secure);
        let text = value.to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!set_session("s", Transport::Plain).to_str().unwrap().contains("Secure"));
    }
}
