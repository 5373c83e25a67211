//! One accepted solution of one challenge gives its XP once, whatever is retried or raced; progress, leaderboard and events say so.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::common::Verdict;
use codementor_protocol::event::{LeaderboardUpdate, ProgressUpdate, RunUpdate, SubmissionUpdate};
use codementor_protocol::progress::{Leaderboard, Profile};
use codementor_protocol::submission::{Submission, SubmissionAccepted, SubmissionStatus};
use codementor_tests::challenges::{LANGUAGES, challenge, reference, starter};
use codementor_tests::socket::Socket;
use codementor_tests::{Server, judge_works};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_socket_tells_test_by_test_in_order_and_the_end_last() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let mut other = Socket::of(&server, &server.guest("Ben").await).await;
    for (language, xp) in LANGUAGES.into_iter().zip([10, 0]) {
        let mut socket = Socket::of(&server, &ada).await;
        let id = ada.try_submit("pair-sum", language, reference("pair-sum", language)).await.unwrap();
        let total = u32::try_from(challenge("pair-sum").tests.len()).unwrap();
        let mut done = 0;
        loop {
            let event = socket.event_of("submission-update").await;
            assert!(event.id.is_some());
            let update: SubmissionUpdate = serde_json::from_value(event.data).unwrap();
            assert_eq!(
                (update.submission_id.as_str(), update.challenge_id.as_str(), update.total_tests),
                (id.as_str(), "pair-sum", total)
            );
            if update.status == SubmissionStatus::Finished {
                assert_eq!(
                    (update.verdict, update.xp_awarded, update.tests_done),
                    (Some(Verdict::Accepted), xp, total)
                );
                break;
            }
            assert_eq!((update.status, update.verdict), (SubmissionStatus::Running, None));
            let Some(test) = update.test else {
                assert_eq!((update.tests_done, done), (0, 0));
                continue;
            };
            done += 1;
            assert_eq!(update.tests_done, done, "in order, none left out");
            let example = challenge("pair-sum").tests[done as usize - 1].example;
            assert_eq!((test.verdict, test.hidden), (Verdict::Accepted, !example));
        }
        assert_eq!(done, total);
        // The event came after the truth.
        assert_eq!(ada.submission(&id).await.status, SubmissionStatus::Finished);
        let progress: ProgressUpdate =
            serde_json::from_value(socket.event_of("progress-update").await.data).unwrap();
        assert_eq!((progress.total_xp, progress.xp_awarded, progress.streak_days), (10, xp, 1));
        if xp > 0 {
            let place: LeaderboardUpdate =
                serde_json::from_value(socket.event_of("leaderboard-update").await.data).unwrap();
            assert_eq!((place.rank, place.xp), (1, 10));
        }
    }
    // A run with an id is told as well.
    let mut socket = Socket::of(&server, &ada).await;
    let body = json!({ "language": "python", "code": starter("pair-sum", "python"), "run_id": "run 1" });
    let _ = ada.post("/api/challenges/pair-sum/run", &body).await.expect(200);
    for n in 1..=3 {
        let update: RunUpdate = serde_json::from_value(socket.event().await.data).unwrap();
        assert_eq!((update.run_id.as_str(), update.tests_done, update.total_tests), ("run 1", n, 3));
        assert_eq!(update.test.verdict, Verdict::WrongAnswer);
    }
    // Nobody else heard anything of it.
    other.send(&json!({ "type": "ping", "id": "p" })).await;
    assert_eq!(other.event().await.kind, "ack");
}

#[tokio::test]
async fn the_same_request_again_is_the_same_submission() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let request = |who: &codementor_tests::Learner, key: &str| {
        let body = json!({ "language": "python", "code": reference("pair-sum", "python") });
        who.client
            .request(Method::POST, "/api/challenges/pair-sum/submit")
            .header("idempotency-key", key)
            .json(&body)
    };
    let answers = join_all((0..5).map(|_| ada.client.send(request(&ada, "key-1")))).await;
    let ids: Vec<String> = answers
        .into_iter()
        .map(|answer| answer.expect(202).json::<SubmissionAccepted>().submission_id)
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let finished = ada.finished(&ids[0]).await;
    assert_eq!((finished.verdict, finished.xp_awarded), (Some(Verdict::Accepted), 10));
    let again: SubmissionAccepted = ada.client.send(request(&ada, "key-1")).await.expect(202).json();
    assert_eq!(again.submission_id, ids[0]);
    assert_eq!(ada.submission(&ids[0]).await, finished);
    let listed = ada.get("/api/submissions").await.value();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    // Another key and another person are other requests.
    let other: SubmissionAccepted = ada.client.send(request(&ada, "key-2")).await.expect(202).json();
    let bens: SubmissionAccepted = ben.client.send(request(&ben, "key-1")).await.expect(202).json();
    assert!(other.submission_id != ids[0] && bens.submission_id != ids[0]);
    assert_eq!(ada.finished(&other.submission_id).await.xp_awarded, 0);
    assert_eq!(ben.finished(&bens.submission_id).await.xp_awarded, 10);
    // The key names one request: under it nothing else is handed in, and nothing else answered.
    let pair_sum = "/api/challenges/pair-sum/submit";
    let (code, javascript) = (reference("pair-sum", "python"), reference("pair-sum", "javascript"));
    for (path, language, code) in [
        (pair_sum, "python", starter("pair-sum", "python")),
        (pair_sum, "javascript", javascript),
        ("/api/challenges/group-anagrams/submit", "python", code),
    ] {
        let body = json!({ "language": language, "code": code });
        let request = ada.client.request(Method::POST, path).header("idempotency-key", "key-1").json(&body);
        ada.client.send(request).await.problem(422, "idempotency_key_reused");
    }
    let listed = ada.get("/api/submissions").await.value();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    for key in ["", " ", "a b", &"x".repeat(65)] {
        ada.client.send(request(&ada, key)).await.problem(422, "invalid_request");
    }
}

#[tokio::test]
async fn twenty_submissions_at_once_in_both_languages_give_the_xp_once() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let mut accepted = Vec::new();
    let mut left: Vec<usize> = (0..20).collect();
    while !left.is_empty() {
        let tries = join_all(left.iter().map(async |n| {
            let language = LANGUAGES[n % 2];
            (*n, ada.try_submit("pair-sum", language, reference("pair-sum", language)).await)
        }))
        .await;
        let mut taken = 0;
        for (n, result) in tries {
            match result {
                Ok(id) => {
                    taken += 1;
                    accepted.push(id);
                    left.retain(|waiting| *waiting != n);
                }
                Err(answer) => {
                    let code = answer.any_problem().code;
                    assert!(
                        answer.status == 429 && ["too_many_running", "rate_limited"].contains(&code.as_str()),
                        "{}",
                        answer.body
                    );
                    assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
                }
            }
        }
        assert!(taken <= 20);
        if let Some(last) = accepted.last() {
            let _ = ada.finished(last).await;
        }
    }
    let mut xp = Vec::new();
    for id in &accepted {
        let submission: Submission = ada.finished(id).await;
        assert_eq!(submission.verdict, Some(Verdict::Accepted));
        xp.push(submission.xp_awarded);
    }
    assert_eq!((xp.len(), xp.iter().sum::<u32>(), xp.iter().filter(|xp| **xp > 0).count()), (20, 10, 1));
    let progress = ada.progress().await;
    assert_eq!((progress.total_xp, progress.solved.total, progress.recent.len()), (10, 1, 1));
    assert_eq!(ada.leaderboard().await.items[0].xp, 10);
}

#[tokio::test]
async fn progress_and_leaderboards_are_sums_of_what_was_solved() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (ada, ben, eve) = (server.guest("Ada").await, server.guest("Ben").await, server.guest("Eve").await);
    let before = ada.progress().await;
    assert_eq!(
        (before.total_xp, before.current_level, before.streak_days, before.active_today),
        (0, 1, 0, false)
    );
    assert!(before.available.total >= 24);
    for (who, id, language) in [
        (&ada, "pair-sum", "python"),
        (&ada, "edit-distance", "javascript"),
        (&ben, "pair-sum", "javascript"),
        (&ben, "group-anagrams", "javascript"),
    ] {
        let submission = who.submit(id, language, reference(id, language)).await;
        assert_eq!(submission.verdict, Some(Verdict::Accepted), "{id} {submission:?}");
        assert_eq!(submission.xp_awarded, challenge(id).xp());
    }
    let _ = eve.submit("pair-sum", "python", starter("pair-sum", "python")).await;

    let progress = ada.progress().await;
    assert_eq!((progress.total_xp, progress.streak_days, progress.longest_streak_days), (60, 1, 1));
    assert!(progress.active_today && progress.active_days.len() == 1);
    assert_eq!(
        (progress.solved.easy, progress.solved.medium, progress.solved.hard, progress.solved.total),
        (1, 0, 1, 2)
    );
    assert!(progress.level_start_xp <= 60 && 60 < progress.next_level_xp && progress.current_level >= 1);
    let recent: Vec<_> = progress
        .recent
        .iter()
        .map(|one| (one.challenge_id.as_str(), one.language.as_str(), one.xp))
        .collect();
    assert_eq!(recent, [("edit-distance", "javascript", 50), ("pair-sum", "python", 10)]);

    let board = async |query: &str| -> (Vec<(u64, String, u64)>, Leaderboard) {
        let board: Leaderboard = ada.get(&format!("/api/leaderboard?{query}")).await.expect(200).json();
        (board.items.iter().map(|entry| (entry.rank, entry.user.username.clone(), entry.xp)).collect(), board)
    };
    let row = |rank: u64, name: &str, xp: u64| (rank, name.to_owned(), xp);
    for period in ["", "period=all", "period=month", "period=week"] {
        let (rows, whole) = board(period).await;
        assert_eq!(rows, [row(1, "Ada", 60), row(2, "Ben", 35)], "{period}");
        assert_eq!((whole.total, whole.me.map(|me| (me.rank, me.xp))), (2, Some((1, 60))));
    }
    assert_eq!(board("language=javascript").await.0, [row(1, "Ada", 50), row(2, "Ben", 35)]);
    let (rows, python) = board("language=python").await;
    assert_eq!((rows, python.total), (vec![row(1, "Ada", 10)], 1));
    let (first, page) = board("limit=1").await;
    let (second, last) = board(&format!("limit=1&cursor={}", page.next_cursor.unwrap())).await;
    assert_eq!((first.len(), second, last.next_cursor), (1, vec![row(2, "Ben", 35)], None));
    let eves: Leaderboard = eve.leaderboard().await;
    assert!(eves.me.is_none());
    let anybodys: Leaderboard = server.client().get("/api/leaderboard").await.expect(200).json();
    assert!(anybodys.me.is_none());
    for bad in ["period=year", "limit=0", "limit=101", "cursor=x", "language=../x"] {
        ada.get(&format!("/api/leaderboard?{bad}")).await.problem(422, "invalid_request");
    }
    let profile: Profile = server.client().get("/api/users/ada").await.expect(200).json();
    assert_eq!((profile.username.as_str(), profile.rank, &profile.progress), ("Ada", Some(1), &progress));
    let eves: Profile = server.client().get("/api/users/Eve").await.expect(200).json();
    assert_eq!((eves.rank, eves.progress.total_xp), (None, 0));
    server.client().get("/api/users/nobody").await.problem(404, "not_found");
}
