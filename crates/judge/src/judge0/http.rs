//! One bounded HTTP client: no redirects, an end to every wait and to every answer, the token in its header and nowhere else.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, sleep};

const CONNECT: Duration = Duration::from_secs(5);
/// The longest a request may take: longer than our own server waits for an end.
const REQUEST: Duration = Duration::from_secs(40);
/// How often a server that does not answer is asked.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// What is read of an answer that is an error, in bytes.
const SMALL: usize = 64 * 1024;
/// What is told of such an answer, in characters.
const SHOWN: usize = 200;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It cannot be reached, fails, or talks nonsense.
    Down(String),
    /// It has too much to do.
    Busy(String, Option<Duration>),
    /// It does not take our token.
    Refused(String),
    /// It does not take what was asked.
    Said(StatusCode, String),
}

pub(super) struct Http {
    client: reqwest::Client,
    base: Url,
}

impl Http {
    pub(super) fn new(base: &Url, token: Option<&SecretString>) -> Result<Self, String> {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(token.expose_secret().trim())
                .map_err(|_| "the token of the Judge0 server has characters that no header can have")?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static("x-auth-token"), value);
        }
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("codementor/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { client, base: base.clone() })
    }

    fn request(&self, method: Method, path: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.query_pairs_mut().clear().extend_pairs(query);
        self.client.request(method, url)
    }

    /// Asks once.
    pub(super) async fn get_once<T: DeserializeOwned>(
        &self,
        path: &[&str],
        limit: usize,
    ) -> Result<T, Fault> {
        ask(self.request(Method::GET, path, &[]), limit).await
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        limit: usize,
        until: Instant,
    ) -> Result<T, Fault> {
        patiently(until, limit, || self.request(Method::GET, path, query)).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        body: &Value,
        limit: usize,
        until: Instant,
    ) -> Result<T, Fault> {
        patiently(until, limit, || self.request(Method::POST, path, query).json(body)).await
    }

    /// Asks once and does not care for the answer.
    pub(super) async fn delete(&self, path: &[&str]) {
        let _ = self.request(Method::DELETE, path, &[]).send().await;
    }
}

/// Asks again: a few times who does not answer, until the time is up who is busy.
async fn patiently<T: DeserializeOwned>(
    until: Instant,
    limit: usize,
    request: impl Fn() -> RequestBuilder,
) -> Result<T, Fault> {
    let (mut pause, mut failed) = (PAUSE, 0);
    loop {
        let fault = match ask(request(), limit).await {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        let wait = match &fault {
            Fault::Down(_) if failed + 1 < ATTEMPTS => {
                failed += 1;
                pause
            }
            Fault::Busy(_, after) => after.unwrap_or(pause).clamp(PAUSE, MAX_PAUSE),
            _ => return Err(fault),
        };
        if Instant::now() + wait > until {
            return Err(fault);
        }
        sleep(wait).await;
        pause = (pause * 2).min(MAX_PAUSE);
    }
}

async fn ask<T: DeserializeOwned>(request: RequestBuilder, limit: usize) -> Result<T, Fault> {
    let response = request.send().await.map_err(|error| down(&error))?;
    let status = response.status();
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let is_good = status.is_success();
    let body = read(response, if is_good { limit } else { SMALL }).await?;
    if is_good {
        return serde_json::from_slice(&body)
            .map_err(|error| Fault::Down(format!("it talks nonsense: {error}")));
    }
    let said: String = String::from_utf8_lossy(&body).chars().take(SHOWN).collect();
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Fault::Refused(format!("it does not take our token ({status}); set CODEMENTOR_JUDGE_TOKEN"))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Fault::Busy(format!("{status} {said}"), after.map(Duration::from_secs))
        }
        _ if status.is_client_error() => Fault::Said(status, said),
        _ => Fault::Down(format!("it answers {status}")),
    })
}

/// Reads no more than `limit` bytes.
async fn read(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| down(&error))? {
        if body.len() + part.len() > limit {
            return Err(Fault::Down(format!("its answer is longer than {limit} bytes")));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// The innermost reason says what happened.
fn down(error: &reqwest::Error) -> Fault {
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    Fault::Down(if error.is_timeout() { "it does not answer in time".to_owned() } else { reason.to_string() })
}
