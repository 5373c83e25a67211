//! A full disk under live sessions: nothing is told that is not kept, people are told why, and it heals without a restart.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use codementor_tests::{Live, Server, Setup, eventually};
use serde_json::json;

/// The server's disk, in bytes.
const DISK: u64 = 24 * 1024 * 1024;

/// A file that fills the disk, as the server's own mounts show it.
fn filler(server: &Server) -> PathBuf {
    let data = server.data();
    PathBuf::from(format!("/proc/{}/root", server.pid())).join(data.strip_prefix("/").unwrap()).join("filler")
}

fn fill(server: &Server) {
    let mut file = OpenOptions::new().create(true).append(true).open(filler(server)).unwrap();
    for size in [64 * 1024, 4 * 1024, 1] {
        while file.write_all(&vec![7; size]).is_ok() {}
    }
}

async fn is_ready(server: &Server, name: &str) -> bool {
    let ready = server.client().get("/readyz").await.value();
    let all = ready["dependencies"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).expect("named")["ok"] == true
}

/// Whether a process may have a disk of its own here. Where it may not, the test passes without having tested, but never on CI.
async fn may_mount() -> bool {
    let may = tokio::process::Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /tmp"])
        .status()
        .await
        .is_ok_and(|status| status.success());
    assert!(may || std::env::var("CI").as_deref() != Ok("true"), "no mounts on CI");
    if !may {
        eprintln!("NOT TESTED: no mounts here");
    }
    may
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_told_and_it_heals_without_a_restart() {
    if !may_mount().await {
        return;
    }
    let server = Setup::default().disk(DISK).start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::of(&ada).await;
    let mut writer = live.editor(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    b.sync().await;
    writer.write(0, 0, "before ").await;
    b.until_text("before ").await;
    assert!(is_ready(&server, "journal").await && is_ready(&server, "database").await);
    fill(&server);
    // What the journal's file still has room for may pass.
    let paste = "x".repeat(16 * 1024);
    for _ in 0..100 {
        writer.write(0, 16 * 1024, &paste).await;
    }
    assert_eq!(b.event_of("storage").await.data["state"], "unavailable");
    let told = b.text();
    b.send_event("code-change", &json!({ "from": 0, "to": 0, "insert": "refused" }), Some("later")).await;
    eventually("the journal is known to be full", async || {
        (!is_ready(&server, "journal").await).then_some(())
    })
    .await;
    assert!(codementor_tests::live::metric(&server, "codementor_dependency_up", "journal").await < 0.5);
    b.drain().await;
    assert_eq!(b.text(), told, "something was told that could not be kept");
    assert!(!b.unasked().contains(&"ack".to_owned()), "{:?}", b.unasked());
    assert!(b.text().len() < writer.text().len());
    let _ = server.client().get("/livez").await.expect(200);
    std::fs::remove_file(filler(&server)).unwrap();
    assert_eq!(b.event_of("storage").await.data["state"], "ok");
    assert_eq!(b.answer("later").await.kind, "ack");
    writer.until("the other's edit came", |writer| writer.text().contains("refused")).await;
    assert_eq!(live.editor(&server, &ada).await.text(), writer.text());
    eventually("the journal is well", async || is_ready(&server, "journal").await.then_some(())).await;
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn a_stop_on_a_full_disk_ends_in_time() {
    if !may_mount().await {
        return;
    }
    let mut server = Setup::default().disk(DISK).start().await;
    let ada = server.guest("Ada").await;
    let live = Live::of(&ada).await;
    let mut writer = live.editor(&server, &ada).await;
    let (mut reader, _) = live.member(&server, &ada).await;
    fill(&server);
    for _ in 0..100 {
        writer.write(0, 16 * 1024, &"x".repeat(16 * 1024)).await;
    }
    assert_eq!(reader.event_of("storage").await.data["state"], "unavailable");
    let began = std::time::Instant::now();
    let status = server.terminate().await;
    assert!(status.success(), "{status:?}");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
}
