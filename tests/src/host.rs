//! The machine beside a server, as programs that attack it must leave it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use codementor_protocol::sandbox::ExecuteResult;
use serde_json::json;

use crate::{Learner, Server, Setup, eventually, judge_works};

/// What only the host has. Programs find it in halves, so that a source which is shown does not count as found.
pub const SECRET: &str = "host-secret-5f1d";

/// What must be the same before and after: mounts, shared memory, System V IPC, the machine's name, the secret, the data folder's files.
#[derive(Debug, PartialEq, Eq)]
pub struct Host {
    mounts: String,
    name: String,
    ipc: Vec<String>,
    /// Files of the data folder, but the database, and their sizes.
    pub files: BTreeMap<PathBuf, u64>,
    secret: String,
}

impl Host {
    /// Looks at it.
    ///
    /// # Panics
    /// When the secret is gone.
    #[must_use]
    pub fn look(server: &Server, secret: &Path) -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let mut files = BTreeMap::new();
        list(&server.data(), &mut files);
        // The database grows by what is asked of the server itself.
        files.retain(|path, _| !path.to_string_lossy().contains(".db"));
        Self {
            mounts: read("/proc/self/mountinfo"),
            name: read("/proc/sys/kernel/hostname"),
            ipc: ["shm", "msg", "sem"].map(|kind| read(&format!("/proc/sysvipc/{kind}"))).to_vec(),
            files,
            secret: fs::read_to_string(secret).unwrap(),
        }
    }
}

fn list(folder: &Path, files: &mut BTreeMap<PathBuf, u64>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.metadata() else { continue };
        if kind.is_dir() {
            list(&entry.path(), files);
        } else {
            files.insert(entry.path(), kind.len());
        }
    }
}

/// Processes below one, and what each was started as.
fn below(process: u32) -> BTreeSet<(u32, String)> {
    let mut parents: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
        if let Some(parent) = parent {
            parents.entry(parent).or_default().push(pid);
        }
    }
    let mut found = BTreeSet::new();
    let mut open = vec![process];
    while let Some(next) = open.pop() {
        for child in parents.get(&next).into_iter().flatten() {
            let line = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
            found.insert((*child, String::from_utf8_lossy(&line).replace('\0', " ")));
            open.push(*child);
        }
    }
    found
}

/// Waits until below the server there are its launcher and boxes that wait, and nothing else.
///
/// # Panics
/// When a program is left after a minute.
pub async fn nothing_is_left(server: &Server) {
    eventually("no program is left", async || {
        let strangers: Vec<_> = below(server.pid())
            .into_iter()
            .filter(|(_, line)| !line.is_empty() && !line.contains("sandbox-launcher"))
            .collect();
        strangers.is_empty().then_some(())
    })
    .await;
}

/// A server with a secret in a file beside its data, in its environment and in its settings; and somebody who attacks it.
///
/// # Panics
/// When it does not come up.
pub async fn attacked() -> Option<(Server, Learner, PathBuf)> {
    let server = Setup::default().env("CODEMENTOR_TEST_SECRET", SECRET).start().await;
    if !judge_works(&server).await {
        return None;
    }
    let secret = server.folder().join("secret");
    fs::write(&secret, SECRET).unwrap();
    let eve = server.guest("Eve").await;
    Some((server, eve, secret))
}

/// Every attack in a language that is there. On CI all are.
///
/// # Panics
/// On CI, where a language is missing.
pub async fn installed<'a, T>(server: &Server, all: &'a [(&'a str, T)]) -> Vec<&'a (&'a str, T)> {
    let languages = server.client().get("/api/sandbox/languages").await.value();
    let known: Vec<&str> =
        languages["items"].as_array().unwrap().iter().filter_map(|item| item["id"].as_str()).collect();
    let (here, missing): (Vec<_>, Vec<_>) = all.iter().partition(|(id, _)| known.contains(id));
    assert!(
        missing.is_empty() || std::env::var("CI").as_deref() != Ok("true"),
        "a language is not installed"
    );
    here
}

/// Runs a program.
///
/// # Panics
/// When the server refuses it.
pub async fn execute(learner: &Learner, language: &str, code: &str) -> ExecuteResult {
    let body = json!({ "language": language, "code": code });
    learner.post("/api/sandbox/execute", &body).await.expect(200).json()
}
