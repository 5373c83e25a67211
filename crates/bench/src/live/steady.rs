//! `pair` and `class`: so many documents, so many clients, everybody types at a steady rate.

use std::rc::Rc;

use anyhow::Result;
use serde_json::{Value, json};

use super::options::Plan;
use super::stats::{Figures, round};
use super::target::Target;
use super::world::{Settled, World};

/// Runs it once.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn run(plan: &Plan, target: Rc<Target>, server: Option<u32>) -> Result<Value> {
    let world = World::new(target, plan.seed, plan.grace)?;
    let (mut figures, unsent, settled) = phases(plan, &world, server).await?;
    // What was late has arrived meanwhile and counts.
    figures.latency = world.stats.latency();
    let report = merge(figures.json(), merge(json!({ "unsent": unsent }), world.json(&settled)));
    let offered =
        f64::from(plan.documents) * f64::from(plan.writers) * f64::from(plan.clients - 1) * plan.rate;
    world.leave().await;
    Ok(merge(report, json!({ "offered_per_second": round(offered) })))
}

/// Connects, warms up, measures, stops, waits and looks.
pub(super) async fn phases(
    plan: &Plan,
    world: &World,
    server: Option<u32>,
) -> Result<(Figures, u64, Settled)> {
    world.add(plan.documents, plan.clients).await?;
    world.write(plan.writers, plan.rate);
    tokio::time::sleep(std::time::Duration::from_secs_f64(plan.warmup)).await;
    let figures = world.measure(plan.seconds, server).await?;
    let unsent = world.hush();
    let settled = world.settle().await?;
    Ok((figures, unsent, settled))
}

/// One report of two.
pub(super) fn merge(mut one: Value, other: Value) -> Value {
    if let (Value::Object(one), Value::Object(other)) = (&mut one, other) {
        one.extend(other);
    }
    one
}
