//! A worker process beside a server, or before there is one. Dropping it kills it.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;

use crate::live::metric;
use crate::server::{Log, Server};
use crate::{eventually, program};

/// The longest a stop may take: what is promised, and a little for a busy machine.
const STOP: Duration = Duration::from_secs(12);

/// A running `codementor worker`.
#[derive(Debug)]
pub struct WorkerProcess {
    child: Child,
    log: Log,
}

impl WorkerProcess {
    /// Starts one for whoever serves from a data folder.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(folder: &Path, data: &Path) -> Self {
        let mut command = program::command(folder);
        command.args(["worker", "--data"]).arg(data).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let log = Log::default();
        drop(log.keep(child.stderr.take().expect("standard error is piped")));
        Self { child, log }
    }

    /// Starts one beside a server and waits until it is connected.
    ///
    /// # Panics
    /// When it does not get there.
    pub async fn beside(server: &Server) -> Self {
        let before = connected(server).await;
        let worker = Self::start(server.folder(), &server.data());
        until_connected(server, before + 1).await;
        worker
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or(0)
    }

    /// Kills it as a power cut would.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn kill9(&mut self) {
        self.child.kill().await.expect("an own child can be killed");
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).expect("process ids are small"));
        assert!(pid.as_raw() > 0, "the worker is gone");
        kill(pid, signal).expect("an own child can be signalled");
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it does not end in the time it promises.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(STOP, self.child.wait()).await;
        ended.expect("the worker ends in time").expect("an own child can be waited for")
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        if std::thread::panicking() {
            let log = self.log.text();
            eprintln!("--- the end of a worker's log ---");
            log.lines().rev().take(20).collect::<Vec<_>>().iter().rev().for_each(|line| eprintln!("{line}"));
        }
    }
}

/// How many workers a server has.
///
/// # Panics
/// When the server does not tell.
pub async fn connected(server: &Server) -> usize {
    metric(server, "codementor_judge_workers", "").await as usize
}

/// Waits until a server has so many workers.
///
/// # Panics
/// When it does not get them.
pub async fn until_connected(server: &Server, count: usize) {
    eventually(&format!("{count} workers are connected"), async || {
        (connected(server).await == count).then_some(())
    })
    .await;
}
