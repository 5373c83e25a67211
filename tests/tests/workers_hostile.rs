//! Who comes to the workers' socket and is no worker of this program: put out, counted, and nobody else notices.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use codementor_protocol::common::Verdict;
use codementor_protocol::submission::SubmissionStatus;
use codementor_tests::challenges::reference;
use codementor_tests::live::{memory_kb, metric};
use codementor_tests::worker::{connected, until_connected};
use codementor_tests::{Server, Setup, WorkerProcess, eventually, judge_works};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

const PATIENCE: Duration = Duration::from_secs(20);

struct Stranger(UnixStream);

impl Stranger {
    async fn at(server: &Server) -> Self {
        Self(UnixStream::connect(server.data().join("workers.sock")).await.unwrap())
    }

    async fn sends(&mut self, bytes: &[u8]) {
        // It may be put out meanwhile.
        let _ = self.0.write_all(bytes).await;
    }

    async fn says(&mut self, message: &Value) {
        self.sends(&frame(message.to_string().as_bytes())).await;
    }

    /// Reads one message; `None` at the end of the connection.
    async fn hears(&mut self) -> Option<Value> {
        let read = async {
            let length = self.0.read_u32().await.ok()?;
            let mut body = vec![0; length as usize];
            self.0.read_exact(&mut body).await.ok()?;
            serde_json::from_slice(&body).ok()
        };
        tokio::time::timeout(PATIENCE, read).await.expect("an answer or an end")
    }

    async fn is_put_out(&mut self) {
        while self.hears().await.is_some() {}
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
}

fn hello(protocol: u64, places: u64) -> Value {
    let languages = json!([{ "id": "python", "name": "Python", "version": "3" }]);
    let state = json!({ "fault": null, "languages": languages, "protections": [] });
    json!({ "Hello": { "protocol": protocol, "pid": 1, "places": places, "state": state } })
}

async fn refused(server: &Server, reason: &str) -> f64 {
    metric(server, "codementor_rejected_total", &format!("kind=\"worker\",reason=\"{reason}\"")).await
}

async fn counts(server: &Server, reason: &str, at_least: f64) {
    eventually(&format!("{reason} is counted"), async || {
        (refused(server, reason).await >= at_least).then_some(())
    })
    .await;
}

#[tokio::test]
async fn strangers_are_put_out_and_a_worker_beside_them_goes_on() {
    let server = Setup::default().arg("--roles", "web").start().await;
    let _worker = WorkerProcess::beside(&server).await;
    let before = memory_kb(&server);

    for (protocol, places, reason) in [
        (0, 1, "version"),
        (u64::from(u32::MAX), 1, "version"),
        (1, 0, "garbage"),
        (1, 1_000_000_000, "garbage"),
    ] {
        let mut stranger = Stranger::at(&server).await;
        stranger.says(&hello(protocol, places)).await;
        let said = stranger.hears().await.unwrap();
        assert!(said["Refused"].as_str().is_some_and(|why| !why.is_empty()), "{said}");
        assert_eq!(stranger.hears().await, None);
        counts(&server, reason, 1.0).await;
    }
    // Lengths that nobody waits for: not one byte of it is needed to say no.
    for length in [64 * 1024 + 1, 32 << 20, u32::MAX] {
        let mut stranger = Stranger::at(&server).await;
        stranger.sends(&length.to_be_bytes()).await;
        stranger.is_put_out().await;
    }
    counts(&server, "too_long", 3.0).await;
    let garbage = refused(&server, "garbage").await;
    let deep = "[".repeat(60_000);
    for body in ["", "{]", "null", "\"Beat\"", "\"Leaving\"", "{\"Hello\":{}}", "\u{0}", &deep] {
        let mut stranger = Stranger::at(&server).await;
        stranger.sends(&frame(body.as_bytes())).await;
        stranger.is_put_out().await;
    }
    counts(&server, "garbage", garbage + 8.0).await;
    // As a worker, with messages longer than any answer.
    let mut stranger = Stranger::at(&server).await;
    stranger.says(&hello(1, 1)).await;
    assert_eq!(stranger.hears().await, Some(json!("Welcome")));
    stranger.sends(&(32_u32 << 20).wrapping_add(1).to_be_bytes()).await;
    stranger.is_put_out().await;
    counts(&server, "too_long", 4.0).await;
    until_connected(&server, 1).await;
    assert!(memory_kb(&server) - before < 8 * 1024, "{} KiB more", memory_kb(&server) - before);
    if judge_works(&server).await {
        let run = server.guest("Ada").await.run("pair-sum", "python", reference("pair-sum", "python")).await;
        assert_eq!(run.verdict, Verdict::Accepted);
    }
}

#[tokio::test]
async fn the_silent_and_the_slow_are_not_waited_for_and_a_crowd_finds_an_end() {
    let server = Setup::default().arg("--roles", "web").start().await;
    let mut silent = Stranger::at(&server).await;
    let mut slow = Stranger::at(&server).await;
    slow.sends(&[0, 0]).await;
    let mut half = Stranger::at(&server).await;
    half.sends(&frame(&[b' '; 1_000])[..500]).await;
    // Greets, and is never heard again.
    let mut mute = Stranger::at(&server).await;
    mute.says(&hello(1, 4)).await;
    assert_eq!(mute.hears().await, Some(json!("Welcome")));
    until_connected(&server, 1).await;
    tokio::join!(silent.is_put_out(), slow.is_put_out(), half.is_put_out(), mute.is_put_out());
    counts(&server, "silent", 2.0).await;
    counts(&server, "slow", 2.0).await;
    until_connected(&server, 0).await;

    let mut crowd = Vec::new();
    for _ in 0..100 {
        let mut stranger = Stranger::at(&server).await;
        stranger.says(&hello(1, 100)).await;
        crowd.push(stranger);
    }
    counts(&server, "full", 60.0).await;
    assert!(connected(&server).await <= 32);
    drop(crowd);
    until_connected(&server, 0).await;
    let _worker = WorkerProcess::beside(&server).await;
}

#[tokio::test]
async fn a_program_that_costs_three_workers_ends_as_the_judges_failure_and_only_once() {
    let server = Setup::default().arg("--roles", "web").start().await;
    let ada = server.guest("Ada").await;
    let mut id = String::new();
    for lost in 0..3 {
        let mut worker = Stranger::at(&server).await;
        worker.says(&hello(1, 1)).await;
        assert_eq!(worker.hears().await, Some(json!("Welcome")));
        if lost == 0 {
            id = ada.try_submit("pair-sum", "python", "poison").await.unwrap();
        }
        let given = worker.hears().await.unwrap();
        assert_eq!(given["Job"]["job"]["source"], "poison", "{given}");
        assert_ne!(ada.submission(&id).await.status, SubmissionStatus::Finished);
    }
    let finished = ada.finished(&id).await;
    assert_eq!((finished.verdict, finished.xp_awarded), (Some(Verdict::InternalError), 0), "{finished:#?}");
    assert_eq!(metric(&server, "codementor_judged_total", "kind=\"submission\"").await, 1.0);
    // Others are judged as ever.
    let _worker = WorkerProcess::beside(&server).await;
    if judge_works(&server).await {
        let right = ada.submit("pair-sum", "python", reference("pair-sum", "python")).await;
        assert_eq!(right.verdict, Some(Verdict::Accepted));
    }
}

#[tokio::test]
async fn a_process_of_another_user_is_turned_away() {
    if !nix::unistd::Uid::effective().is_root() {
        eprintln!("NOT TESTED: only root can become another user");
        return;
    }
    let server = Server::start().await;
    // As open as an operator could leave them.
    let open = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    open(server.folder(), 0o755);
    open(&server.data(), 0o755);
    let socket = server.data().join("workers.sock");
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    open(&socket, 0o666);
    let ask = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\nprint('end', s.recv(1))";
    let mut other = tokio::process::Command::new("setpriv");
    other.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--", "python3", "-c", ask]).arg(&socket);
    // Not one that lies in the home folder of whoever runs the tests.
    let said = other.env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir("/").output().await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(out.starts_with("end b''") || err.contains("ConnectionReset"), "{out}{err}");
    counts(&server, "foreign_user", 1.0).await;
    assert_eq!(connected(&server).await, 0);
}
