//! `idle`: sockets on which nothing happens, and what one of them costs the server's process in memory.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::options::Plan;
use super::process;
use super::stats::round;
use super::steady::merge;
use super::target::Target;
use super::world::{Settled, World};

/// Opens them, waits, looks.
///
/// # Errors
/// When the server refuses, or its process is not known.
pub async fn run(plan: &Plan, target: Rc<Target>, server: Option<u32>) -> Result<Value> {
    let server = server.context("memory is the server's: --server-pid or --start")?;
    // One document before, so that what is made once is not counted.
    let first = World::new(Rc::clone(&target), plan.seed ^ 1, plan.grace)?;
    first.add(1, plan.clients).await?;
    let before = process::resident_bytes(server)?;
    let world = World::new(target, plan.seed, plan.grace)?;
    let started = std::time::Instant::now();
    let documents = plan.connections / plan.clients;
    world.add(documents, plan.clients).await?;
    if !plan.connections.is_multiple_of(plan.clients) {
        world.add(1, plan.connections % plan.clients).await?;
    }
    let opened = started.elapsed();
    tokio::time::sleep(Duration::from_secs_f64(plan.warmup)).await;
    let after = process::resident_bytes(server)?;
    let cpu = process::cpu_seconds(server)?;
    tokio::time::sleep(Duration::from_secs_f64(plan.seconds)).await;
    let quiet = process::cpu_seconds(server)? - cpu;
    let settled = Settled { closed: world.stats.closed.borrow().clone(), ..Settled::default() };
    let each = after.saturating_sub(before) / u64::from(plan.connections);
    let report = json!({
        "memory_bytes_per_connection": each, "resident_bytes": { "before": before, "after": after },
        "documents": world.rooms.borrow().len(), "seconds_to_open": round(opened.as_secs_f64()),
        "server_cpu_share_when_quiet": round(quiet / plan.seconds.max(0.001)),
    });
    let report = merge(report, world.json(&settled));
    world.leave().await;
    first.leave().await;
    Ok(report)
}
