//! Tells the ends of submissions to addresses that people name: signed, once each if it can be, and only to hosts that the operator
//! allows. This server must never be the one that asks another of its own network for somebody: addresses of this machine and of private networks are
//! refused unless they are allowed as addresses; a name is resolved once, and the connection goes to what was checked.

mod hosts;

use std::sync::Arc;
use std::time::Duration;

use codementor_auth::hmac_sha256;
use codementor_core::UserId;
use codementor_core::judge0::Judge0Submission;
use codementor_protocol::judge0::CallbackSecret;
use http::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

pub use self::hosts::{Hosts, parse_host};
use crate::http::judge0::view::{Base64, callback_body};
use crate::metrics::Metrics;

/// The header that has the signature.
pub const SIGNATURE: &str = "x-codementor-signature";
/// Ends that wait to be told. More are not told.
const WAITING: usize = 256;
/// Ends that are told at once.
const AT_ONCE: usize = 4;
/// How often an address that does not answer well is asked.
const ATTEMPTS: u32 = 3;
/// The longest one telling may take.
const LIMIT: Duration = Duration::from_secs(5);
/// The first pause before telling again; it doubles.
const PAUSE: Duration = Duration::from_secs(1);

/// The operator's side of callbacks.
pub struct Callbacks {
    hosts: Hosts,
    key: [u8; 32],
    waiting: mpsc::Sender<Telling>,
    metrics: Arc<Metrics>,
    /// The task that tells; dropping the set ends it.
    _tellers: JoinSet<()>,
}

/// An end to be told.
struct Telling {
    url: Url,
    body: Vec<u8>,
    signature: String,
}

impl Callbacks {
    /// Starts to tell. `key` is what people's secrets are made of.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn start(hosts: Hosts, key: [u8; 32], metrics: Arc<Metrics>) -> Result<Self, reqwest::Error> {
        let (waiting, tellings) = mpsc::channel(WAITING);
        let mut tellers = JoinSet::new();
        if hosts.is_none() {
            return Ok(Self { hosts, key, waiting, metrics, _tellers: tellers });
        }
        let client = reqwest::Client::builder()
            .user_agent(concat!("codementor/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // A proxy would resolve names by itself.
            .no_proxy()
            .timeout(LIMIT)
            .dns_resolver(hosts.clone())
            .pool_max_idle_per_host(0)
            .build()?;
        tellers.spawn(tell_all(client, tellings, Arc::clone(&metrics)));
        Ok(Self { hosts, key, waiting, metrics, _tellers: tellers })
    }

    /// Whether there is a host that callbacks may go to.
    #[must_use]
    pub fn are_allowed(&self) -> bool {
        !self.hosts.is_none()
    }

    /// Reads an address that somebody named.
    ///
    /// # Errors
    /// Why nothing is told there, in words.
    pub fn check(&self, url: &str) -> Result<Url, String> {
        self.hosts.check(url)
    }

    /// What callbacks to a person are signed with.
    #[must_use]
    pub fn secret(&self, user: UserId) -> CallbackSecret {
        let secret = hex(hmac_sha256(&self.key, user.to_string().as_bytes()));
        CallbackSecret { secret, header: SIGNATURE.to_owned() }
    }

    /// Has an end told as soon as it can be.
    pub fn tell(&self, url: &str, submission: &Judge0Submission) {
        // What is allowed may have changed since it was handed in.
        let Ok(url) = self.check(url) else { return self.metrics.reject("callback", "not_allowed") };
        let body = callback_body(submission, Base64::Yes);
        let secret = self.secret(submission.user_id).secret;
        let signature = format!("sha256={}", hex(hmac_sha256(secret.as_bytes(), &body)));
        if self.waiting.try_send(Telling { url, body, signature }).is_err() {
            tracing::warn!(submission = %submission.token, "too many callbacks wait; this one is not made");
            self.metrics.reject("callback", "full");
        }
    }
}

async fn tell_all(client: reqwest::Client, mut tellings: mpsc::Receiver<Telling>, metrics: Arc<Metrics>) {
    let mut under_way = JoinSet::new();
    while let Some(telling) = tellings.recv().await {
        while under_way.try_join_next().is_some() {}
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        let (client, metrics) = (client.clone(), Arc::clone(&metrics));
        under_way.spawn(async move {
            if let Err(why) = tell(&client, &telling).await {
                tracing::warn!(host = telling.url.host_str(), %why, "a callback was not taken");
                metrics.reject("callback", "failed");
            }
        });
    }
}

async fn tell(client: &reqwest::Client, telling: &Telling) -> Result<(), String> {
    let (mut pause, mut attempt) = (PAUSE, 1);
    loop {
        let request = client
            .put(telling.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(SIGNATURE, &telling.signature)
            .body(telling.body.clone());
        // What is answered is not read.
        let why = match request.send().await {
            Ok(response) if response.status().is_success() => return Ok(()),
            Ok(response) => format!("it answers {}", response.status()),
            Err(error) if error.is_timeout() => "it does not answer in time".to_owned(),
            Err(_) => "it cannot be reached".to_owned(),
        };
        if attempt == ATTEMPTS {
            return Err(why);
        }
        attempt += 1;
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}

fn hex(bytes: [u8; 32]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
