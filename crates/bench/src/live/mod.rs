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
        let (recipe, _folder) = recipe.context("crash starts the server itself: --start")?.in_folder()?;
        crash::run(plan, &recipe).await?
    } else {
        in_turn(plan, recipe.as_ref()).await?
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

/// Floor, server, floor, server and so on, and the floor again: what else the machine does meets both.
async fn in_turn(plan: &Plan, recipe: Option<&Recipe>) -> Result<Value> {
    let first = floor(plan).await?;
    let (mut before, mut rounds) = (first.clone(), Vec::new());
    for _ in 0..plan.rounds {
        let server = on_server(plan, recipe).await?;
        let after = floor(plan).await?;
        let ratios = ratios(&server, &before, &after);
        rounds.push(json!({ "server": server, "floor_after": after, "ratios": ratios }));
        before = after;
    }
    let ratios = medians(&rounds);
    Ok(json!({ "floor_before": first, "rounds": rounds, "ratios": ratios }))
}

async fn on_server(plan: &Plan, recipe: Option<&Recipe>) -> Result<Value> {
    let Some(recipe) = recipe else {
        return run(plan, plan.kind, plan.url.as_deref().unwrap_or_default(), plan.server_pid).await;
    };
    let (recipe, _folder) = recipe.in_folder()?;
    let server = Server::start(&recipe).await?;
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

/// The median of each ratio over all rounds.
fn medians(rounds: &[Value]) -> Value {
    let median = |name: &str| {
        let mut all: Vec<f64> = rounds.iter().filter_map(|round| round["ratios"][name].as_f64()).collect();
        all.sort_by(f64::total_cmp);
        let middle = all.len() / 2;
        Some(round(f64::midpoint(*all.get((all.len().checked_sub(1)?) / 2)?, *all.get(middle)?)))
    };
    COMPARED
        .iter()
        .map(|(name, _)| ((*name).to_owned(), json!(median(name))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests;
