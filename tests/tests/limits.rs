//! Who asks for too much is told when to come again, and nobody else waits for it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_tests::challenges::reference;
use codementor_tests::{Server, judge_works};
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test]
async fn fifty_submissions_in_a_second_are_three_at_a_time_and_hold_up_nobody() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (flooder, other) = (server.guest("Flooder").await, server.guest("Other").await);
    let sleepy = "import time\ntime.sleep(4)\ndef pair_sum(a, b): return []\n";
    let answers = join_all((0..50).map(|_| flooder.try_submit("pair-sum", "python", sleepy))).await;
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!((1..=6).contains(&taken), "{taken} were taken");
    let mut codes = std::collections::BTreeSet::new();
    for answer in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!(answer.status, 429);
        codes.insert(answer.any_problem().code);
        assert!(
            answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)),
            "{:?}",
            answer.headers
        );
    }
    assert!(codes.contains("too_many_running"), "{codes:?}");
    assert!(
        codes.iter().all(|code| ["rate_limited", "too_many_running"].contains(&code.as_str())),
        "{codes:?}"
    );
    let listed = flooder.get("/api/submissions?limit=100").await.value();
    let unfinished =
        listed["items"].as_array().unwrap().iter().filter(|one| one["status"] != "finished").count();
    assert!(unfinished <= 3, "{unfinished} unfinished");
    let submission = other.submit("pair-sum", "python", reference("pair-sum", "python")).await;
    assert_eq!(submission.score, Some(100));
    let metrics = server.client().get("/metrics").await.body;
    assert!(metrics.contains("codementor_rejected_total{kind=\"judge\""), "turned away and not counted");
}

#[tokio::test]
async fn guests_from_one_address_are_slowed_down() {
    let server = Server::start().await;
    let client = server.client();
    let client = &client;
    for round in 0..40 {
        let answers = join_all((0..50).map(|n| async move {
            client.post("/api/auth/guest", &json!({ "username": format!("g{round}x{n}") })).await
        }))
        .await;
        if let Some(refused) = answers.iter().find(|answer| answer.status != 201) {
            refused.problem(429, "rate_limited");
            assert!(!refused.header("retry-after").is_empty());
            let _ = client.get("/api/challenges").await.expect(200);
            return;
        }
    }
    panic!("2000 guests at once");
}
