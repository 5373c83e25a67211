//! A stop is seen before it is felt: readiness turns first, everybody gets an answer, and what was taken in is judged later.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::common::Verdict;
use codementor_protocol::submission::SubmissionStatus;
use codementor_tests::challenges::reference;
use codementor_tests::client::Learner;
use codementor_tests::raw::Raw;
use codementor_tests::{Server, eventually, judge_works};
use serde_json::json;

/// Hands in programs that keep the judge busy for seconds, and waits until one runs.
async fn keep_busy(server: &Server) -> Vec<(Learner, String)> {
    let code = format!("import time\ntime.sleep(0.4)\n{}", reference("pair-sum", "python"));
    let mut busy = Vec::new();
    for n in 0..4 {
        let learner = server.guest(&format!("Busy {n}")).await;
        let id = learner.try_submit("pair-sum", "python", &code).await.unwrap();
        busy.push((learner, id));
    }
    let (learner, id) = &busy[0];
    eventually("the first runs", async || {
        (learner.submission(id).await.status == SubmissionStatus::Running).then_some(())
    })
    .await;
    busy
}

#[tokio::test]
async fn readiness_turns_and_new_work_is_refused_in_words_before_the_server_is_gone() {
    let mut server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let busy = keep_busy(&server).await;
    server.signal_stop();
    let unready = eventually("readiness turns false", async || {
        let client = server.client();
        // A connection that is kept from an earlier request may end just as it is used again: ask on a new one.
        let ready = client.try_send(client.request(reqwest::Method::GET, "/readyz")).await.ok()?;
        (ready.status == 503).then_some(ready)
    })
    .await;
    let ready = unready.value();
    let dependencies = ready["dependencies"].as_array().unwrap();
    assert!(dependencies.iter().any(|one| one["name"] == "server" && one["ok"] == false), "{ready}");
    let refused = server.client().post("/api/auth/guest", &json!({ "username": "Late" })).await;
    refused.problem(503, "stopping");
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    let _ = server.client().get("/livez").await.expect(200);
    assert!(server.ended().await.success());

    server.restart().await;
    for (learner, id) in &busy {
        let finished = learner.at(server.url()).finished(id).await;
        assert_eq!(finished.verdict, Some(Verdict::Accepted), "{finished:#?}");
    }
}

#[tokio::test]
async fn runs_that_wait_for_the_judge_are_answered_at_a_stop() {
    let mut server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let busy = keep_busy(&server).await;
    let asking = busy.iter().map(async |(learner, _)| {
        let body = json!({ "language": "python", "code": reference("pair-sum", "python") });
        learner.post("/api/challenges/pair-sum/run", &body).await
    });
    let stopping = async {
        eventually("a run waits", async || {
            let metrics = server.client().get("/metrics").await.body;
            let waiting =
                metrics.lines().find_map(|line| line.strip_prefix("codementor_judge_queue_length "));
            waiting.unwrap().parse::<u32>().is_ok_and(|waiting| waiting >= 4).then_some(())
        })
        .await;
        server.signal_stop();
    };
    let (answers, ()) = tokio::join!(futures_util::future::join_all(asking), stopping);
    let mut stopped = 0;
    for answer in answers {
        if answer.status == 503 {
            let _ = answer.problem(503, "stopping");
            stopped += 1;
        } else {
            let _ = answer.expect(200);
        }
    }
    assert!(stopped > 0, "no run was waiting");
    assert!(server.ended().await.success());
}

#[tokio::test]
async fn a_submission_is_judged_though_its_client_hung_up() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let mut learners = Vec::new();
    for n in 0..24 {
        learners.push(server.guest(&format!("Gone {n}")).await);
    }
    let body = json!({ "language": "python", "code": reference("pair-sum", "python") }).to_string();
    for learner in &learners {
        let request = format!(
            "POST /api/challenges/pair-sum/submit HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            server.authority(),
            learner.token,
            body.len()
        );
        let mut raw = Raw::connect(&server).await;
        assert!(raw.send(request.as_bytes()).await);
    }
    for learner in &learners {
        eventually("what is stored is finished", async || {
            let listed = learner.get("/api/submissions").await.value();
            let items = listed["items"].as_array().unwrap();
            items.iter().all(|one| one["status"] == "finished").then_some(())
        })
        .await;
    }
}
