//! The servers that can be measured: where their documents are and what they want from those who come. Never leaves this machine.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use url::Url;

/// Sockets that one person may have open.
const SOCKETS_A_PERSON: u32 = 20;
/// How often one request is repeated because there were too many.
const RETRIES: u32 = 600;

/// What stands for a document's name in a URL, as a URL's parser writes it.
const DOCUMENT: &str = "%7Bdocument%7D";

/// The path of a document's socket: where it does not say where the name stands, the name is its end.
fn template(path: &str) -> String {
    // In a query they stay as they are.
    let path = &path.replace("{document}", DOCUMENT);
    if path.contains(DOCUMENT) {
        return path.clone();
    }
    let (path, query) = path
        .split_once('?')
        .map_or((path.as_str(), String::new()), |(path, query)| (path, format!("?{query}")));
    format!("{}/{DOCUMENT}{query}", path.trim_end_matches('/'))
}

/// What speaks there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// This house's server: guests, sessions, tokens.
    CodeMentor,
    /// Any y-websocket server: the document's name is part of the path.
    YWebsocket,
    /// The same without a server that knows the document: nothing answers.
    Relay,
}

impl Kind {
    /// As `--target` names it.
    ///
    /// # Errors
    /// When there is no such kind.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "codementor" => Ok(Self::CodeMentor),
            "y-websocket" => Ok(Self::YWebsocket),
            "relay" => Ok(Self::Relay),
            _ => bail!("{name}: no kind of server"),
        }
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Target {
    /// What it speaks.
    pub kind: Kind,
    /// Where its sockets are.
    pub address: SocketAddr,
    origin: String,
    /// The path of a document's socket, with [`DOCUMENT`] for its name.
    template: String,
    client: reqwest::Client,
    /// A token and how many sockets were opened with it.
    guest: RefCell<Option<(String, u32)>>,
    named: Cell<u64>,
}

impl Target {
    /// Finds the server at a place that [`crate::loopback_place`] passes.
    ///
    /// # Errors
    /// When nothing listens there.
    pub async fn find(kind: Kind, place: &str) -> Result<Self> {
        let (origin, path) = crate::loopback_place(place)?;
        let url = Url::parse(&origin)?;
        let host = url.host_str().context("no host")?.trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().context("no port")?;
        let mut found = None;
        for address in tokio::net::lookup_host((host.as_str(), port)).await? {
            if address.ip().is_loopback() && tokio::net::TcpStream::connect(address).await.is_ok() {
                found = Some(address);
                break;
            }
        }
        let address = found.with_context(|| format!("nothing listens at {origin}"))?;
        let client = crate::client().timeout(Duration::from_secs(30)).build()?;
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        // Names do not meet those of an earlier run within a year.
        let named = Cell::new(u64::try_from(since_epoch.as_micros() % 31_536_000_000_000)? * 1_000);
        Ok(Self {
            kind,
            address,
            origin,
            template: template(&path),
            client,
            guest: RefCell::default(),
            named,
        })
    }

    /// Makes a document and returns its name.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn document(&self) -> Result<String> {
        if self.kind != Kind::CodeMentor {
            return Ok(self.name());
        }
        let token = self.token(0).await?;
        let answer = self.post("/api/sessions", Some(&token), &json!({ "title": self.name() })).await?;
        Ok(answer["id"].as_str().context("a session without id")?.to_owned())
    }

    /// The path of one more socket of a document, with what lets it in.
    ///
    /// # Errors
    /// When the server lets nobody in.
    pub async fn path(&self, document: &str) -> Result<String> {
        if self.kind != Kind::CodeMentor {
            return Ok(self.template.replace(DOCUMENT, document));
        }
        Ok(format!("/ws/sessions/{document}?token={}", self.token(1).await?))
    }

    /// The token of a guest who may open so many more sockets.
    async fn token(&self, sockets: u32) -> Result<String> {
        if let Some((token, used)) = &mut *self.guest.borrow_mut()
            && *used + sockets <= SOCKETS_A_PERSON
        {
            *used += sockets;
            return Ok(token.clone());
        }
        let answer = self.post("/api/auth/guest", None, &json!({ "username": self.name() })).await?;
        let token = answer["token"].as_str().context("a guest without token")?.to_owned();
        self.guest.replace(Some((token.clone(), sockets)));
        Ok(token)
    }

    /// Posts until it is not too much.
    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Value> {
        for _ in 0..RETRIES {
            let mut request = self.client.post(format!("{}{path}", self.origin)).json(body);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let answer = request.send().await?;
            if answer.status() == reqwest::StatusCode::TOO_MANY_REQUESTS {
                let after = answer.headers().get(reqwest::header::RETRY_AFTER);
                let seconds = after.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(1);
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                continue;
            }
            ensure!(answer.status() == reqwest::StatusCode::CREATED, "{path}: {}", answer.status());
            return Ok(answer.json().await?);
        }
        bail!("{path}: too many requests, again and again")
    }

    /// A name nobody has: letters and digits, at most 20.
    fn name(&self) -> String {
        let mut number = self.named.get();
        self.named.set(number + 1);
        let mut name = "bench".to_owned();
        while number > 0 {
            name.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]));
            number /= 36;
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_documents_name_stands_where_the_url_says_or_at_its_end() {
        for (url, path) in [
            ("http://127.0.0.1:1", "/name"),
            ("ws://127.0.0.1:1/", "/name"),
            ("ws://127.0.0.1:1/live/", "/live/name"),
            ("ws://127.0.0.1:1/live?token=x", "/live/name?token=x"),
            ("ws://127.0.0.1:1/d/{document}/ws/{document}?token=x", "/d/name/ws/name?token=x"),
            ("ws://127.0.0.1:1/?doc={document}", "/?doc=name"),
        ] {
            let (_, place) = crate::loopback_place(url).unwrap();
            assert_eq!(template(&place).replace(DOCUMENT, "name"), path, "{url}");
        }
    }

    #[tokio::test]
    async fn names_are_valid_and_differ() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let target = Target::find(Kind::YWebsocket, &origin).await.unwrap();
        let names: std::collections::BTreeSet<String> = (0..1000).map(|_| target.name()).collect();
        assert_eq!(names.len(), 1000);
        for name in names {
            assert!(
                (3..=20).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric()),
                "{name}"
            );
        }
        assert!(Target::find(Kind::Relay, "http://example.org").await.is_err());
    }

    /// A stand-in that lets one in two requests through: guests who open twenty sockets each, and waiting when it is too much.
    #[tokio::test]
    async fn guests_are_as_many_as_sockets_need() {
        use axum::http::{HeaderMap, StatusCode};
        use axum::response::IntoResponse;
        use axum::routing::post;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let asked = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let guest = move || {
            let number = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let is_busy = number.is_multiple_of(2);
            async move {
                if is_busy {
                    return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")]).into_response();
                }
                (StatusCode::CREATED, axum::Json(json!({ "token": format!("t{}", number / 2) })))
                    .into_response()
            }
        };
        let session = |headers: HeaderMap| async move {
            assert_eq!(headers["authorization"], "Bearer t0");
            (StatusCode::CREATED, axum::Json(json!({ "id": "s" })))
        };
        let router =
            axum::Router::new().route("/api/auth/guest", post(guest)).route("/api/sessions", post(session));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let target = Target::find(Kind::CodeMentor, &origin).await.unwrap();
        let document = target.document().await.unwrap();
        for socket in 0..45 {
            assert_eq!(
                target.path(&document).await.unwrap(),
                format!("/ws/sessions/s?token=t{}", socket / 20)
            );
        }
    }
}
