//! Judge workers as processes of their own: all is judged, and whatever becomes of them, every submission ends once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::{Duration, Instant};

use codementor_protocol::common::Verdict;
use codementor_protocol::event::CounterexampleUpdate;
use codementor_protocol::sandbox::ExecuteResult;
use codementor_protocol::submission::SubmissionStatus;
use codementor_tests::challenges::{LANGUAGES, challenge, reference, solutions};
use codementor_tests::live::metric;
use codementor_tests::socket::{Handshake, Socket};
use codementor_tests::worker::until_connected;
use codementor_tests::{Learner, Live, Server, Setup, WorkerProcess, eventually, judge_works, program};
use futures_util::future::join_all;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

/// A server that judges nothing itself.
fn web() -> Setup {
    Setup::default().arg("--roles", "web")
}

/// A server that judges nothing itself, with a worker; `None` where nothing can be judged.
async fn web_with_worker() -> Option<(Server, WorkerProcess)> {
    let server = web().start().await;
    let worker = WorkerProcess::beside(&server).await;
    judge_works(&server).await.then_some((server, worker))
}

/// The reference with a pause before it, so that a test of it takes that long and little of the processor.
fn slow(seconds: f64) -> String {
    format!("import time\ntime.sleep({seconds})\n{}", reference("pair-sum", "python"))
}

async fn judge_row(server: &Server) -> Value {
    let ready = server.client().get("/readyz").await.value();
    let rows = ready["dependencies"].as_array().unwrap().clone();
    rows.into_iter().find(|row| row["name"] == "judge").unwrap()
}

async fn is_running(learner: &Learner, id: &str) {
    eventually("it runs", async || {
        (learner.submission(id).await.status == SubmissionStatus::Running).then_some(())
    })
    .await;
}

/// The submission ends as accepted, and was paid once.
async fn ends_once(server: &Server, learner: &Learner, id: &str) {
    let finished = learner.finished(id).await;
    assert_eq!(finished.verdict, Some(Verdict::Accepted), "{finished:#?}");
    let xp = challenge("pair-sum").xp();
    assert_eq!(finished.xp_awarded, xp);
    assert_eq!(learner.progress().await.total_xp, u64::from(xp));
    assert_eq!(metric(server, "codementor_judged_total", "kind=\"submission\"").await, 1.0);
}

#[tokio::test]
async fn without_a_worker_nothing_is_judged_and_with_one_all_is() {
    let server = web().start().await;
    let ada = server.guest("Ada").await;
    let code = reference("pair-sum", "python");
    assert_eq!(server.client().get("/readyz").await.status, 503);
    let row = judge_row(&server).await;
    assert!(row["ok"] == false && row["detail"].as_str().unwrap().contains("codementor worker"), "{row}");
    let languages = server.client().get("/api/sandbox/languages").await.expect(200).value();
    assert_eq!(languages["items"], json!([]));
    let refused = ada.try_submit("pair-sum", "python", code).await.unwrap_err();
    let _ = refused.problem(503, "judge_unavailable");
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    let data = server.data().display().to_string();
    let doctor =
        async || program::run(server.folder(), &["doctor", "--roles", "web", "--data", &data], &[]).await;
    let without = doctor().await;
    assert!(
        !without.status.success() && without.stdout.contains("FAULT  judge workers"),
        "{}",
        without.text()
    );

    let worker = WorkerProcess::beside(&server).await;
    if !judge_works(&server).await {
        return;
    }
    assert_eq!(judge_row(&server).await["detail"], "worker processes");
    let with = doctor().await;
    assert!(with.status.success() && with.stdout.contains("1 connected"), "{}", with.text());
    for language in LANGUAGES {
        let learner = server.guest(&format!("Learner {language}")).await;
        let right = learner.submit("pair-sum", language, reference("pair-sum", language)).await;
        assert_eq!((right.verdict, right.score), (Some(Verdict::Accepted), Some(100)), "{right:#?}");
        let run = learner.run("sum-the-lines", language, reference("sum-the-lines", language)).await;
        assert_eq!(run.verdict, Verdict::Accepted, "{run:#?}");
    }
    for (body, verdict) in [
        ("return [0, 0]", Verdict::WrongAnswer),
        ("while True: pass", Verdict::TimeLimitExceeded),
        ("raise ValueError('boom')", Verdict::RuntimeError),
        ("return (", Verdict::CompileError),
    ] {
        let code = format!("def pair_sum(numbers, target):\n    {body}\n");
        assert_eq!(ada.submit("pair-sum", "python", &code).await.verdict, Some(verdict), "{body}");
    }
    let body = json!({ "language": "python", "code": "print(input() * 2)", "stdin": "é\n" });
    let result: ExecuteResult = ada.post("/api/sandbox/execute", &body).await.expect(200).json();
    assert_eq!((result.success, result.output.as_str()), (true, "éé\n"), "{result:?}");
    drop(worker);
    until_connected(&server, 0).await;
    let refused = ada.post("/api/sandbox/execute", &body).await;
    let _ = refused.problem(503, "judge_unavailable");
}

#[tokio::test]
async fn progress_and_counterexamples_come_from_a_worker_and_terminals_do_not() {
    let Some((server, _worker)) = web_with_worker().await else { return };
    let ada = server.guest("Ada").await;
    let mut socket = Socket::of(&server, &ada).await;
    let wrong = solutions("second-largest", "python").wrong.values().next().unwrap();
    let submission = ada.submit("second-largest", "python", wrong).await;
    let told = loop {
        let update = socket.event_of("submission-update").await.data;
        if !update["test"].is_null() {
            break update;
        }
    };
    assert_eq!((&told["submission_id"], &told["tests_done"]), (&json!(submission.id), &json!(1)), "{told}");
    let found = tokio::time::timeout(Duration::from_secs(120), socket.event_of("counterexample-update"));
    let found: CounterexampleUpdate = serde_json::from_value(found.await.unwrap().data).unwrap();
    assert!(found.counterexample.is_some(), "{found:?}");

    let mut terminal = Handshake::to_terminal().bearer(&ada.token).open(&server).await.unwrap();
    let data = json!({ "language": "python", "code": "print(1)", "columns": 80, "rows": 24 });
    terminal.send(&json!({ "type": "start", "data": data, "id": "s" })).await;
    assert_eq!(terminal.event_of("error").await.data["code"], "terminals_unsupported");
}

#[tokio::test]
async fn a_worker_waits_for_its_server_and_stays_when_that_starts_again() {
    // A path that is too long for the address of a socket.
    let folder = tempfile::Builder::new().prefix(&"x".repeat(120)).tempdir().unwrap();
    let worker = WorkerProcess::start(folder.path(), &folder.path().join("data"));
    eventually("it waits", async || worker.log().contains("waiting for the server").then_some(())).await;
    let mut server = web().start_in(folder).await;
    until_connected(&server, 1).await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let id = ada.try_submit("pair-sum", "python", &slow(0.3)).await.unwrap();
    is_running(&ada, &id).await;
    server.kill9().await;
    server.restart().await;
    let ada = ada.at(server.url());
    ends_once(&server, &ada, &id).await;
    assert!(server.terminate().await.success());
    let left: Vec<_> =
        std::fs::read_dir(server.data()).unwrap().flatten().map(|file| file.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".sock")), "{left:?}");
    server.restart().await;
    until_connected(&server, 1).await;
    let run = ada.at(server.url()).run("pair-sum", "python", reference("pair-sum", "python")).await;
    assert_eq!(run.verdict, Verdict::Accepted);
    assert_eq!(worker.log().matches("connected to the server").count(), 3, "{}", worker.log());
}

#[tokio::test]
async fn what_a_killed_worker_judged_is_judged_by_another_or_the_next() {
    let Some((server, mut first)) = web_with_worker().await else { return };
    let ada = server.guest("Ada").await;
    let id = ada.try_submit("pair-sum", "python", &slow(0.3)).await.unwrap();
    is_running(&ada, &id).await;
    first.kill9().await;
    until_connected(&server, 0).await;
    assert_ne!(ada.submission(&id).await.status, SubmissionStatus::Finished);
    let second = WorkerProcess::beside(&server).await;
    ends_once(&server, &ada, &id).await;

    // And with another one there, at once.
    let _third = WorkerProcess::beside(&server).await;
    let submitting = join_all(["Ben", "Cleo", "Dan", "Eve"].map(async |name| {
        let learner = server.guest(name).await;
        let id = learner.try_submit("pair-sum", "python", &slow(0.3)).await.unwrap();
        (learner, id)
    }));
    let submitted = submitting.await;
    for (learner, id) in &submitted {
        is_running(learner, id).await;
    }
    drop(second);
    for (learner, id) in &submitted {
        let finished = learner.finished(id).await;
        assert_eq!(finished.verdict, Some(Verdict::Accepted), "{finished:#?}");
        assert_eq!(learner.progress().await.total_xp, u64::from(challenge("pair-sum").xp()));
    }
    assert_eq!(metric(&server, "codementor_judged_total", "kind=\"submission\"").await, 5.0);
}

#[tokio::test]
async fn a_worker_that_is_stopped_in_the_middle_is_lost_and_may_come_back() {
    let Some((server, first)) = web_with_worker().await else { return };
    let ada = server.guest("Ada").await;
    let id = ada.try_submit("pair-sum", "python", &slow(0.3)).await.unwrap();
    is_running(&ada, &id).await;
    let since = Instant::now();
    first.signal(Signal::SIGSTOP);
    until_connected(&server, 0).await;
    assert!(since.elapsed() < Duration::from_secs(15), "{:?}", since.elapsed());
    let _second = WorkerProcess::beside(&server).await;
    ends_once(&server, &ada, &id).await;
    first.signal(Signal::SIGCONT);
    until_connected(&server, 2).await;
    assert_eq!(metric(&server, "codementor_judged_total", "kind=\"submission\"").await, 1.0);
}

/// Hands in, and waits until the first test has been told: the program is with a worker.
async fn is_judged(server: &Server, learner: &Learner, code: &str) -> String {
    let mut socket = Socket::of(server, learner).await;
    let id = learner.try_submit("pair-sum", "python", code).await.unwrap();
    while socket.event_of("submission-update").await.data["test"].is_null() {}
    id
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_ends_what_runs_and_hands_back_what_runs_too_long() {
    let Some((server, mut worker)) = web_with_worker().await else { return };
    let ada = server.guest("Ada").await;
    let id = is_judged(&server, &ada, &slow(0.3)).await;
    worker.signal(Signal::SIGTERM);
    until_connected(&server, 0).await;
    let body = json!({ "language": "python", "code": "print(1)" });
    let _ = ada.post("/api/sandbox/execute", &body).await.problem(503, "judge_unavailable");
    assert!(worker.ended().await.success(), "{}", worker.log());
    ends_once(&server, &ada, &id).await;

    // On a machine with few processors its tests take longer than a worker that stops waits.
    let mut worker = WorkerProcess::beside(&server).await;
    let ben = server.guest("Ben").await;
    let id = is_judged(&server, &ben, &slow(2.5)).await;
    worker.signal(Signal::SIGTERM);
    assert!(worker.ended().await.success(), "{}", worker.log());
    let _next = WorkerProcess::beside(&server).await;
    let finished = ben.finished(&id).await;
    assert_eq!(finished.verdict, Some(Verdict::Accepted), "{finished:#?}");
    assert_eq!(ben.progress().await.total_xp, u64::from(challenge("pair-sum").xp()));
}

#[tokio::test]
async fn workers_add_to_what_the_server_judges_itself() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let places = async || metric(&server, "codementor_judge_places", "").await as usize;
    let own = places().await;
    let first = WorkerProcess::beside(&server).await;
    let _second = WorkerProcess::beside(&server).await;
    assert_eq!(places().await, 3 * own);
    assert_eq!(judge_row(&server).await["detail"], "local sandbox and worker processes");
    // As many as there are places run side by side: nobody's program waits in the queue.
    let mut people = Vec::new();
    for n in 0..3 * own {
        people.push(server.guest(&format!("Person {n}")).await);
    }
    let body = json!({ "language": "python", "code": "import time\ntime.sleep(3)\nprint('done')" });
    let asking = join_all(people.iter().map(async |person| {
        let result: ExecuteResult = person.post("/api/sandbox/execute", &body).await.expect(200).json();
        assert_eq!(result.output, "done\n");
    }));
    let watching = async {
        eventually("all run at once", async || {
            let running = metric(&server, "codementor_http_requests_in_flight", "").await as usize;
            let waiting = metric(&server, "codementor_judge_queue_length", "").await;
            (running > 3 * own && waiting == 0.0).then_some(())
        })
        .await;
        // What the lost one had is run by the others.
        drop(first);
    };
    let (_, ()) = tokio::join!(asking, watching);
    until_connected(&server, 1).await;
    assert_eq!(places().await, 2 * own);
}

#[tokio::test]
async fn a_live_session_goes_before_single_people() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let places = metric(&server, "codementor_judge_places", "").await as usize;
    let ada = server.guest("Ada").await;
    let live = Live::with(&ada, &json!({ "language": "python", "code": "print(1)" })).await;
    let (mut member, _) = live.member(&server, &ada).await;
    let mut people = Vec::new();
    for n in 0..places + 6 {
        people.push(server.guest(&format!("Person {n}")).await);
    }
    let done = std::cell::Cell::new(0);
    let asking = join_all(people.iter().map(async |person| {
        let body = json!({ "language": "python", "code": "import time\ntime.sleep(1.5)" });
        let _ = person.post("/api/sandbox/execute", &body).await.expect(200);
        done.set(done.get() + 1);
    }));
    let session = async {
        eventually("six people wait", async || {
            (metric(&server, "codementor_judge_queue_length", "").await == 6.0).then_some(())
        })
        .await;
        let _ = member.done("run-code", &json!({}), "r").await;
        let result = member.event_of("run-result").await.data;
        assert_eq!(result["output"], "1\n", "{result}");
        // Only those who ran before it have ended.
        assert!(done.get() <= places, "{} of {} were before it", done.get(), people.len());
    };
    let (_, ()) = tokio::join!(asking, session);
}
