//! When something around the server breaks, people are told so, and nothing of the inside.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;

use codementor_tests::{Answer, Server, eventually, judge_works};
use serde_json::json;

/// Writes rubbish over a file, keeping its length.
fn ruin(path: &Path) {
    let Ok(file) = OpenOptions::new().write(true).open(path) else { return };
    let length = usize::try_from(file.metadata().unwrap().len()).unwrap();
    file.write_all_at(&vec![0xa5; length], 0).unwrap();
}

fn says_nothing_of_the_inside(server: &Server, answer: &Answer) {
    let data = server.data().display().to_string();
    let text = format!("{} {:?}", answer.body, answer.headers).to_lowercase();
    for inside in [
        &data,
        "sqlite",
        "select ",
        "insert ",
        "malformed",
        "disk image",
        "panicked",
        ".rs",
        "crates/",
        "backtrace",
        "codementor.db",
    ] {
        assert!(!text.contains(&inside.to_lowercase()), "{inside} stands in {text}");
    }
}

#[tokio::test]
async fn a_ruined_database_is_a_clean_error_and_stays_one() {
    let server = Server::start().await;
    let mut learners = Vec::new();
    for n in 0..20 {
        learners.push(server.guest(&format!("Learner {n}")).await);
    }
    for name in ["codementor.db", "codementor.db-wal", "codementor.db-shm"] {
        ruin(&server.data().join(name));
    }
    let mut failed = 0;
    for learner in &learners {
        let answers = [
            learner.get("/api/users/me/progress").await,
            learner.get("/api/leaderboard").await,
            learner.get("/api/submissions").await,
            learner.get("/api/users/Learner%205").await,
            server.client().post("/api/auth/guest", &json!({ "username": "Newcomer" })).await,
            learner.get("/api/auth/me").await,
        ];
        for answer in answers.iter().filter(|answer| answer.status.is_server_error()) {
            failed += 1;
            let problem = answer.any_problem();
            assert!(["internal", "database_unavailable"].contains(&problem.code.as_str()), "{}", answer.body);
            if problem.status == 503 {
                assert!(!answer.header("retry-after").is_empty());
            }
            says_nothing_of_the_inside(&server, answer);
        }
        answers.iter().filter(|answer| !answer.status.is_success()).for_each(|answer| {
            let _ = answer.any_problem();
        });
    }
    assert!(failed > 0, "nothing was ruined");
    // What needs no database goes on, and nobody was thrown out for it.
    let _ = server.client().get("/livez").await.expect(200);
    let _ = server.client().get("/api/challenges").await.expect(200);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// The processes that a process has started, from `/proc`.
fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task");
    let tasks = std::fs::read_dir(path).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>())
        .collect()
}

#[tokio::test]
async fn a_launcher_killed_in_the_middle_ends_no_submission_wrongly() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let code = format!(
        "import time\ntime.sleep(0.3)\n{}",
        codementor_tests::challenges::reference("pair-sum", "python")
    );
    let id = ada.try_submit("pair-sum", "python", &code).await.unwrap();
    eventually("the submission runs", async || {
        let running =
            ada.submission(&id).await.status == codementor_protocol::submission::SubmissionStatus::Running;
        running.then_some(())
    })
    .await;
    let launchers = children(server.pid());
    assert!(!launchers.is_empty(), "the judge works in a process of its own");
    for pid in launchers {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    }
    let finished = ada.finished(&id).await;
    assert_eq!(finished.verdict, Some(codementor_protocol::common::Verdict::Accepted), "{finished:#?}");
    assert_eq!((finished.xp_awarded, ada.progress().await.total_xp), (10, 10));
    let again =
        ada.submit("pair-sum", "python", codementor_tests::challenges::reference("pair-sum", "python")).await;
    assert_eq!(again.score, Some(100));
}

#[tokio::test]
async fn nothing_is_left_of_a_killed_server() {
    let mut server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let _ = ada.try_submit("pair-sum", "python", "while True: pass").await.unwrap();
    let mut family = children(server.pid());
    let mut place = 0;
    while place < family.len() {
        let grandchildren = children(family[place]);
        family.extend(grandchildren);
        place += 1;
    }
    assert!(!family.is_empty());
    server.kill9().await;
    eventually("every process of the server is gone", async || {
        let alive = |pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit(')')
                .next()
                .is_some_and(|rest| !rest.trim_start().starts_with('Z') && !rest.trim().is_empty())
        };
        (!family.iter().any(alive)).then_some(())
    })
    .await;
}
