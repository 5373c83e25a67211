//! What the black-box tests are made of: the real binary, clients that speak to it, and stand-ins of outside services, real servers
//! on loopback as strict as the real ones, that can be told to misbehave.
//!
//! Nothing here is a mock of our own code. Nothing here sleeps: every wait is for a condition, and bounded.

// The harness of tests: where it cannot go on, the test must stop and say where.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

pub mod challenges;
pub mod client;
pub mod frames;
pub mod github;
pub mod github_flow;
pub mod host;
pub mod import;
pub mod judge0;
pub mod live;
pub mod peer;
pub mod program;
pub mod raw;
pub mod server;
pub mod socket;

pub use client::{Answer, Client, Learner};
pub use live::Live;
pub use peer::Peer;
pub use server::{Server, Setup};

/// The longest a condition may take to come true, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until there is an answer.
///
/// # Panics
/// When there is none within a minute.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        // The one place that waits by the clock: between two looks at a condition.
        let mut ticks = tokio::time::interval(Duration::from_millis(25));
        loop {
            ticks.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer.unwrap_or_else(|_| panic!("waited for a minute, in vain: {what}"))
}

/// Whether the judge can work here. Where it cannot, judging tests pass without having judged, but never on CI.
///
/// # Panics
/// On CI, where a language or the sandbox must not be missing.
pub async fn judge_works(server: &Server) -> bool {
    let ready = server.client().get("/readyz").await.value();
    let judge = ready["dependencies"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["name"] == "judge").cloned());
    let languages = server.client().get("/api/sandbox/languages").await.value();
    let both = challenges::LANGUAGES.iter().all(|id| {
        languages["items"].as_array().is_some_and(|items| items.iter().any(|language| language["id"] == *id))
    });
    let works = both && judge.as_ref().is_some_and(|judge| judge["ok"] == true);
    assert!(works || std::env::var("CI").as_deref() != Ok("true"), "no judge on CI: {judge:?} {languages}");
    if !works {
        eprintln!("NOT TESTED: no judge here: {judge:?} {languages}");
    }
    works
}
