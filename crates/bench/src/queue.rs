//! What the queue gives to whom: one person's wait alone and beside another who floods it, and submissions a second of many people.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use codementor_core::Language;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::submit::{CHALLENGE, millis, quantiles, sign_in};

/// How many submissions of one person the server takes at a time.
const AT_ONCE: usize = 3;
/// Between two submissions of the person whose wait is measured: below the rate limit of one person.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest pause that a refusal may ask for here.
const MAX_PAUSE: Duration = Duration::from_secs(2);

/// Measures `seconds` of each: alone, beside a flood, `people` at once.
pub async fn measure(url: &str, people: u32, seconds: u32) -> Result<Value> {
    let challenges = codementor_catalog::builtin()?;
    let challenge = challenges.iter().find(|c| c.id.as_str() == CHALLENGE).context("no such challenge")?;
    let source = challenge.solutions.get(&Language::python()).context("not in Python")?.reference.clone();
    let (client, time) = (crate::client().build()?, Duration::from_secs(seconds.into()));
    let person = async |client: &reqwest::Client| -> Result<Arc<Person>> {
        let token = sign_in(client, url).await?;
        let path = format!("{url}/api/challenges/{CHALLENGE}/submit?wait=true");
        Ok(Arc::new(Person { client: client.clone(), path, token, source: source.clone() }))
    };
    let ann = person(&client).await?;
    let mut alone = ann.one_by_one(time).await?;
    let flooder = person(&client).await?;
    let (mut flood, flooded) = flooder.flood(AT_ONCE);
    let mut beside = ann.one_by_one(time).await?;
    flood.shutdown().await;
    let many = Arc::new(AtomicU64::new(0));
    let mut crowd = JoinSet::new();
    for _ in 0..people {
        let (person, many) = (person(&client).await?, many.clone());
        crowd.spawn(async move { person.again_and_again(&many).await });
    }
    let (before, started) = (many.load(Ordering::Relaxed), Instant::now());
    tokio::time::sleep(time).await;
    let done = many.load(Ordering::Relaxed) - before;
    let rate = done as f64 / started.elapsed().as_secs_f64();
    crowd.shutdown().await;
    let ((p50, p95), (flooded_p50, flooded_p95)) = (quantiles(&mut alone), quantiles(&mut beside));
    Ok(json!({
        "challenge": CHALLENGE, "language": "python", "tests": challenge.tests.len(), "seconds_each": seconds,
        "alone_ms": { "p50": millis(p50), "p95": millis(p95), "submissions": alone.len() },
        "beside_a_flood_ms": { "p50": millis(flooded_p50), "p95": millis(flooded_p95), "submissions": beside.len() },
        "ratio_p50": flooded_p50.as_secs_f64() / p50.as_secs_f64(),
        "flooder_submissions": flooded.load(Ordering::Relaxed),
        "people": people, "submissions_per_second": (rate * 10.0).round() / 10.0,
        "tests_per_second": (rate * challenge.tests.len() as f64).round(),
    }))
}

/// Somebody who hands the reference in.
struct Person {
    client: reqwest::Client,
    path: String,
    token: String,
    source: String,
}

impl Person {
    /// How long it took; nothing when the server asked for patience, which was had.
    async fn submit(&self) -> Result<Option<Duration>> {
        let started = Instant::now();
        let body = json!({ "language": "python", "code": self.source });
        let answer = self.client.post(&self.path).bearer_auth(&self.token).json(&body).send().await?;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            let after =
                answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            tokio::time::sleep(Duration::from_secs(after.unwrap_or(1)).min(MAX_PAUSE)).await;
            return Ok(None);
        }
        let answer: Value = answer.error_for_status()?.json().await?;
        ensure!(answer["verdict"] == "accepted", "the reference got {}", answer["verdict"]);
        Ok(Some(started.elapsed()))
    }

    async fn one_by_one(&self, time: Duration) -> Result<Vec<Duration>> {
        let (started, mut waits) = (Instant::now(), Vec::new());
        while started.elapsed() < time || waits.is_empty() {
            waits.extend(self.submit().await?);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(waits)
    }

    async fn again_and_again(&self, done: &AtomicU64) {
        while let Ok(taken) = self.submit().await {
            done.fetch_add(u64::from(taken.is_some()), Ordering::Relaxed);
        }
    }

    /// As many at once as the server takes, until the set is shut down.
    fn flood(self: &Arc<Self>, at_once: usize) -> (JoinSet<()>, Arc<AtomicU64>) {
        let (mut tasks, done) = (JoinSet::new(), Arc::new(AtomicU64::new(0)));
        for _ in 0..at_once {
            let (person, done) = (self.clone(), done.clone());
            tasks.spawn(async move { person.again_and_again(&done).await });
        }
        (tasks, done)
    }
}
