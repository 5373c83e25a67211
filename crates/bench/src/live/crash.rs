//! `crash`: the server is killed while everybody types, and started again. An update that another client had received must still be
//! there: what the server tells, it has kept.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::client::Room;
use super::coverage::Coverage;
use super::options::Plan;
use super::probe::{self, Known};
use super::process::{Recipe, Server};
use super::target::Target;
use super::world::World;

/// How long everything that a dead server leaves behind may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a fresh client waits for what it should be told.
const GRACE: Duration = Duration::from_secs(5);

/// Kills it so many times, each time with new documents.
///
/// # Errors
/// When the server cannot be started, again, or refuses.
pub async fn run(plan: &Plan, recipe: &Recipe) -> Result<Value> {
    let mut server = Server::start(recipe).await?;
    let mut rounds = Vec::new();
    let (mut missing, mut heard) = (0, 0);
    for round in 0..plan.rounds {
        let target = Rc::new(Target::find(plan.kind, &server.origin).await?);
        let world = World::new(target, plan.seed + u64::from(round), plan.grace)?;
        world.add(plan.documents, plan.clients).await?;
        world.write(plan.writers, plan.rate);
        tokio::time::sleep(Duration::from_secs_f64(plan.seconds)).await;
        server.kill().await?;
        let killed = Instant::now();
        let everybody = u64::from(plan.documents) * u64::from(plan.clients);
        ensure!(
            world.stats.until(PATIENCE, || world.stats.ended() >= everybody).await,
            "sockets outlive the server"
        );
        world.hush();
        server = Server::start(recipe).await?;
        let outcome = check(plan, &world, &server.origin).await?;
        missing += outcome.missing;
        heard += outcome.heard;
        rounds.push(json!({
            "sent": world.stats.sent.get(), "heard_by_others": outcome.heard, "missing_though_heard": outcome.missing,
            "kept_though_unheard": outcome.more, "seconds_until_checked": super::round(killed.elapsed().as_secs_f64()),
        }));
        world.leave().await;
    }
    server.kill().await?;
    ensure!(heard > 0, "nobody heard anything: nothing was tested");
    Ok(
        json!({ "heard_by_others": heard, "missing_though_heard": missing, "kept": missing == 0, "rounds": rounds }),
    )
}

#[derive(Debug, Default)]
struct Outcome {
    heard: u64,
    missing: u64,
    more: u64,
}

/// Asks for all documents at once.
async fn check(plan: &Plan, world: &World, origin: &str) -> Result<Outcome> {
    let target = Rc::new(Target::find(plan.kind, origin).await?);
    let rooms: Vec<Rc<Room>> = world.rooms.borrow().clone();
    let mut checks = JoinSet::new();
    for room in rooms {
        let target = Rc::clone(&target);
        checks.spawn_local(async move {
            let heard = heard(&room);
            let end = |units: &Coverage| units.units().last().map_or(0, |last| last + 1);
            let expected = heard.iter().map(|(id, units)| (*id, end(units))).collect();
            let known = probe::until_known(&target, &room.document, &expected, GRACE).await?;
            let (all, missing) = compare(&heard, &known);
            let kept: u64 = known.values().map(|known| u64::from(known.len())).sum();
            anyhow::Ok(Outcome { heard: all, missing, more: kept.saturating_sub(all - missing) })
        });
    }
    let mut sum = Outcome::default();
    while let Some(outcome) = checks.join_next().await {
        let outcome = outcome??;
        sum.heard += outcome.heard;
        sum.missing += outcome.missing;
        sum.more += outcome.more;
    }
    Ok(sum)
}

/// What any other member has of each.
fn heard(room: &Room) -> Known {
    let members = room.members.borrow();
    let mut heard: Known = BTreeMap::new();
    for listener in members.iter() {
        for (units, writer) in listener.heard.borrow().iter().zip(members.iter()) {
            let all = heard.entry(writer.id).or_default();
            for clock in units.units() {
                all.add(clock..clock + 1, |_| ());
            }
        }
    }
    heard
}

/// How many units were heard, and how many of them are not known.
fn compare(heard: &Known, known: &Known) -> (u64, u64) {
    let nothing = Coverage::default();
    let mut counts = (0, 0);
    for (writer, units) in heard {
        let known = known.get(writer).unwrap_or(&nothing);
        for clock in units.units() {
            counts.0 += 1;
            counts.1 += u64::from(!known.contains(clock));
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_and_is_not_known_is_missing() {
        let of = |units: &[u32]| {
            let mut coverage = Coverage::default();
            for clock in units {
                coverage.add(*clock..clock + 1, |_| ());
            }
            coverage
        };
        let heard = Known::from([(1, of(&[0, 1, 2, 3])), (2, of(&[0, 1, 2])), (3, of(&[]))]);
        assert_eq!(compare(&heard, &heard), (7, 0));
        assert_eq!(compare(&heard, &Known::from([(1, of(&[0, 1, 2])), (2, of(&[0, 2, 3]))])), (7, 2));
        assert_eq!(compare(&heard, &Known::new()), (7, 7));
    }
}
