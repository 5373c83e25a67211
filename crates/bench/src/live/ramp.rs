//! `saturate` and `capacity`: more and more, until the server does not follow. What is told is the last step at which it did.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::options::Plan;
use super::stats::{Figures, round};
use super::steady::merge;
use super::target::Target;
use super::world::World;

/// The share of offered deliveries that still counts as following.
const FOLLOWS: f64 = 0.95;
/// How late, in microseconds, the 99th percentile of `saturate` may be: what comes later was not followed, only caught up with.
const FOLLOWS_WITHIN: u64 = 1_000_000;
/// Windows that a step may take to be followed: a hiccup may have been a neighbour's.
const TRIES: u32 = 3;
/// More steps than any machine needs.
const STEPS: usize = 200;

/// The same documents, faster at every step.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn saturate(plan: &Plan, target: Rc<Target>, server: Option<u32>) -> Result<Value> {
    let mut ramp = Ramp::new(plan, target, server, FOLLOWS_WITHIN)?;
    ramp.world.add(plan.documents, plan.clients).await?;
    let mut rate = plan.rate;
    while ramp.step(plan.documents, rate).await? {
        rate *= plan.growth;
    }
    ramp.report().await
}

/// The same rate, more documents at every step.
///
/// # Errors
/// As [`saturate`].
pub async fn capacity(plan: &Plan, target: Rc<Target>, server: Option<u32>) -> Result<Value> {
    let mut ramp = Ramp::new(plan, target, server, plan.limit_ms * 1000)?;
    let mut documents = 0;
    loop {
        ramp.world.add(plan.documents, plan.clients).await?;
        documents += plan.documents;
        if !ramp.step(documents, plan.rate).await? {
            return ramp.report().await;
        }
    }
}

struct Ramp<'a> {
    plan: &'a Plan,
    world: World,
    server: Option<u32>,
    steps: Vec<Value>,
    /// The longest 99th percentile that counts as following, in microseconds.
    limit: u64,
    /// The last step at which the server followed, or the very first.
    told: Option<(Figures, Value)>,
}

impl<'a> Ramp<'a> {
    fn new(plan: &'a Plan, target: Rc<Target>, server: Option<u32>, limit: u64) -> Result<Self> {
        Ok(Self {
            plan,
            world: World::new(target, plan.seed, plan.grace)?,
            server,
            steps: Vec::new(),
            limit,
            told: None,
        })
    }

    /// Tells whether the server followed, in one of its tries.
    async fn step(&mut self, documents: u32, rate: f64) -> Result<bool> {
        self.world.write(self.plan.writers, rate);
        for _ in 0..TRIES {
            tokio::time::sleep(Duration::from_secs_f64(self.plan.warmup)).await;
            if self.window(documents, rate).await? {
                return Ok(self.steps.len() < STEPS);
            }
        }
        Ok(false)
    }

    async fn window(&mut self, documents: u32, rate: f64) -> Result<bool> {
        let plan = self.plan;
        let figures = self.world.measure(plan.seconds, self.server).await?;
        let offered = f64::from(documents) * f64::from(plan.writers) * f64::from(plan.clients - 1) * rate;
        let p99 = figures.latency(0.99);
        let is_whole = self.world.stats.ended() == 0;
        let follows = is_whole && figures.rate() >= FOLLOWS * offered && p99 <= self.limit;
        let step = json!({
            "documents": documents, "rate": round(rate), "offered_per_second": round(offered),
            "deliveries_per_second": figures.rate().round(), "p99_us": p99, "follows": follows,
            "generator_cpu_share": round(figures.own_cpu / figures.seconds),
            "share_without_a_core": figures.waited.map(|waited| round(waited / figures.seconds)),
        });
        self.steps.push(step.clone());
        if follows || self.told.is_none() {
            self.told = Some((figures, step));
        }
        Ok(follows)
    }

    async fn report(self) -> Result<Value> {
        self.world.hush();
        let settled = self.world.settle().await?;
        let after = self.world.json(&settled);
        let most =
            self.steps.iter().filter_map(|step| step["deliveries_per_second"].as_f64()).fold(0.0, f64::max);
        self.world.leave().await;
        let (figures, step) = self.told.context("no step")?;
        let more = json!({ "last_good_step": step, "followed": step["follows"], "most_deliveries_per_second": most, "steps": self.steps });
        Ok(merge(figures.json(), merge(after, more)))
    }
}
