//! `join`: a document with a long history, and how long it takes from a late joiner's first word until all of it is here.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::history::{self, History};
use super::options::Plan;
use super::probe::{self, Probe};
use super::process;
use super::stats::round;
use super::target::Target;

/// How long the server may take until it has taken in the whole history, or told it.
const PATIENCE: Duration = Duration::from_secs(120);
/// Bytes that are sent at a time.
const PART: usize = 64 * 1024;

/// Fills a document and joins it again and again.
///
/// # Errors
/// When the server refuses or never tells the whole document.
pub async fn run(plan: &Plan, target: &Rc<Target>, server: Option<u32>) -> Result<Value> {
    let edits = match &plan.trace {
        Some(path) => history::recorded(path)?,
        None => history::generated(plan.edits, plan.seed),
    };
    let document = target.document().await?;
    let path = target.path(&document).await?;
    let mut writer = Probe::open(target, &path).await?;
    tokio::time::timeout(PATIENCE, writer.listen(|_| true)).await.context("no answer")??;
    let started = Instant::now();
    let (mut history, mut bytes) = (History::new(plan.seed % (1 << 31) + 1), Vec::new());
    for edit in &edits {
        history.write(edit, &mut bytes);
        if bytes.len() > PART {
            writer.send(&bytes).await?;
            bytes.clear();
        }
    }
    writer.send(&bytes).await?;
    let expected = BTreeMap::from([(history.client, history.units())]);
    let known = probe::until_known(target, &document, &expected, PATIENCE).await?;
    anyhow::ensure!(probe::covers(&known, &expected), "the server does not know what was written");
    let filled = started.elapsed();
    let mut micros = Histogram::<u64>::new(3)?;
    let mut told = 0;
    let cpu = server.map(process::cpu_seconds).transpose()?;
    for _ in 0..plan.joins {
        let path = target.path(&document).await?;
        let started = Instant::now();
        let mut joiner = Probe::open(target, &path).await?;
        let whole = joiner.listen(|known| probe::covers(known, &expected));
        tokio::time::timeout(PATIENCE, whole).await.context("a late joiner waits for ever")??;
        micros.record(u64::try_from(joiner.told_at().duration_since(started).as_micros())?)?;
        told = joiner.bytes();
    }
    let cpu = match (server, cpu) {
        (Some(pid), Some(before)) => Some(process::cpu_seconds(pid)? - before),
        _ => None,
    };
    let at = |quantile| micros.value_at_quantile(quantile);
    Ok(json!({
        "edits": edits.len(), "units": history.units(), "seconds_to_fill": round(filled.as_secs_f64()), "joins": plan.joins,
        "answer_bytes": told, "server_cpu_ms_per_join": cpu.map(|cpu| round(cpu * 1000.0 / f64::from(plan.joins))),
        "latency_us": { "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "p99.9": at(0.999), "max": micros.max() },
    }))
}
