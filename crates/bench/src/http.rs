//! Requests a second of one route, beside a bare axum route that answers the same bytes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::routing::get;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// The measured route.
const PATH: &str = "/api/challenges/pair-sum";

/// Measures server and floor in turn, three times, and reports the median of each.
pub async fn measure(url: &str, connections: u32, seconds: u32) -> Result<Value> {
    let target = format!("{url}{PATH}");
    let body = crate::client().build()?.get(&target).send().await?.error_for_status()?.bytes().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let floor = format!("http://{}/", listener.local_addr()?);
    let answer = body.clone();
    let bare = Router::new().route(
        "/",
        get(move || {
            let answer = answer.clone();
            async move { ([("content-type", "application/json")], answer) }
        }),
    );
    // The floor is this same program; what it costs is in both figures' client side anyway.
    tokio::spawn(async move { axum::serve(listener, bare).await });
    let mut ours = Vec::new();
    let mut floors = Vec::new();
    for _ in 0..3 {
        ours.push(load(&target, connections, seconds).await?);
        floors.push(load(&floor, connections, seconds).await?);
    }
    let (ours, floor) = (median(ours)?, median(floors)?);
    Ok(json!({
        "route": PATH, "answer_bytes": body.len(), "connections": connections, "seconds_each": seconds,
        "server": ours.to_json(), "bare_axum": floor.to_json(),
        "ratio_requests_per_second": ours.rate / floor.rate,
    }))
}

struct Phase {
    rate: f64,
    micros: Histogram<u64>,
}

impl Phase {
    fn to_json(&self) -> Value {
        let at = |quantile| self.micros.value_at_quantile(quantile);
        json!({ "requests_per_second": self.rate.round(), "p50_us": at(0.5), "p99_us": at(0.99), "p999_us": at(0.999) })
    }
}

fn median(mut phases: Vec<Phase>) -> Result<Phase> {
    phases.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    let middle = phases.len() / 2;
    phases.into_iter().nth(middle).context("no phase")
}

/// A closed loop: each connection asks again as soon as it is answered.
async fn load(url: &str, connections: u32, seconds: u32) -> Result<Phase> {
    let end = Instant::now() + Duration::from_secs(u64::from(seconds));
    let started = Instant::now();
    let tasks: Vec<_> = (0..connections).map(|_| tokio::spawn(connection(url.to_owned(), end))).collect();
    let mut micros = Histogram::new(3)?;
    for task in tasks {
        micros.add(task.await??)?;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
    let rate = micros.len() as f64 / started.elapsed().as_secs_f64();
    Ok(Phase { rate, micros })
}

async fn connection(url: String, end: Instant) -> Result<Histogram<u64>> {
    let client = crate::client().pool_max_idle_per_host(1).build()?;
    let mut micros = Histogram::new(3)?;
    while Instant::now() < end {
        let sent = Instant::now();
        let response = client.get(&url).send().await?;
        ensure!(response.status().is_success(), "{}", response.status());
        response.bytes().await?;
        micros.record(u64::try_from(sent.elapsed().as_micros())?)?;
    }
    Ok(micros)
}
