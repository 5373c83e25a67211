//! Load on a live server: clients true to the protocol, in scenarios, each beside a bare relay where that is asked for.
//!
//! Everything runs on one thread, so that one core is enough for the load and times need no synchronised clocks.

mod client;
mod coverage;
mod crash;
mod history;
mod idle;
mod join;
pub mod options;
mod probe;
mod process;
mod ramp;
mod schedule;
mod stats;
mod steady;
mod target;
mod world;
mod yjs;

use std::rc::Rc;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use options::{Plan, Scenario};
use process::{Recipe, Server};
use stats::round;
use target::{Kind, Target};

/// Figures that are compared with the floor's: name, and where it stands in a report.
const COMPARED: [(&str, &str); 4] = [
    ("deliveries_per_second", "/deliveries_per_second"),
    ("p99", "/latency_us/p99"),
    ("server_cpu_per_delivery", "/server_cpu_seconds_per_million_deliveries"),
    ("memory_per_connection", "/memory_bytes_per_connection"),
];

/// Runs a plan and reports.
///
/// # Errors
/// When a server cannot be started or refuses, and when the plan cannot be run.
pub async fn measure(plan: &Plan) -> Result<Value> {
    process::raise_open_files();
    let port = match &plan.url {
        Some(url) => url::Url::parse(url)?.port_or_known_default().context("no port")?,
        None => process::free_port()?,
    };
    let recipe =
        plan.start.as_ref().map(|command| Recipe { command: command.clone(), core: plan.server_core, port });
    let report = if plan.scenario == Scenario::Crash {
        crash::run(plan, &recipe.context("crash starts the server itself: --start")?).await?
    } else {
        let before = floor(plan).await?;
        let report = on_server(plan, recipe.as_ref()).await?;
        let after = floor(plan).await?;
        json!({ "server": report, "floor_before": before, "floor_after": after, "ratios": ratios(&report, &before, &after) })
    };
    Ok(
        json!({ "scenario": plan.name, "target": format!("{:?}", plan.kind), "plan": described(plan), "report": report }),
    )
}

fn described(plan: &Plan) -> Value {
    json!({
        "documents": plan.documents, "clients": plan.clients, "writers": plan.writers, "rate": plan.rate,
        "seconds": plan.seconds, "warmup": plan.warmup, "seed": plan.seed, "server_core": plan.server_core,
    })
}

async fn on_server(plan: &Plan, recipe: Option<&Recipe>) -> Result<Value> {
    let Some(recipe) = recipe else {
        return run(plan, plan.kind, plan.url.as_deref().unwrap_or_default(), plan.server_pid).await;
    };
    let server = Server::start(recipe).await?;
    let report = run(plan, plan.kind, &server.origin, Some(plan.server_pid.unwrap_or(server.pid))).await;
    server.kill().await?;
    report
}

/// The same on the bare relay of this program, in a process of its own.
async fn floor(plan: &Plan) -> Result<Value> {
    if !plan.floor {
        return Ok(Value::Null);
    }
    let me = std::env::current_exe()?;
    let me = me
        .to_str()
        .filter(|path| !path.contains(char::is_whitespace))
        .context("this program's path has a space")?;
    let recipe =
        Recipe { command: format!("{me} relay --listen 127.0.0.1:0"), core: plan.server_core, port: 0 };
    let server = Server::start(&recipe).await?;
    let report = run(plan, Kind::Relay, &server.origin, Some(server.pid)).await;
    server.kill().await?;
    report
}

async fn run(plan: &Plan, kind: Kind, origin: &str, server: Option<u32>) -> Result<Value> {
    let target = Rc::new(Target::find(kind, origin).await?);
    match plan.scenario {
        Scenario::Steady => steady::run(plan, target, server).await,
        Scenario::Saturate => ramp::saturate(plan, target, server).await,
        Scenario::Capacity => ramp::capacity(plan, target, server).await,
        Scenario::Idle => idle::run(plan, target, server).await,
        Scenario::Join => join::run(plan, &target, server).await,
        Scenario::Crash => anyhow::bail!("crash starts its servers itself"),
    }
}

/// The server's figures by the mean of the floor's before and after.
fn ratios(server: &Value, before: &Value, after: &Value) -> Value {
    let ratio = |place: &str| {
        let [server, before, after] = [server, before, after].map(|report| report.pointer(place)?.as_f64());
        let floor = f64::midpoint(before?, after?);
        Some(round(server? / floor)).filter(|_| floor > 0.0)
    };
    COMPARED
        .iter()
        .map(|(name, place)| ((*name).to_owned(), json!(ratio(place))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests;
