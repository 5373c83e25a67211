//! A real server: the built binary on a free port of loopback, with a data folder of its own.
//!
//! Dropping it kills it. When the test is panicking, the end of the server's log is printed first.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr};
use tokio::task::JoinHandle;

use crate::client::{Client, Learner};
use crate::program;

/// The longest a start may take, on a machine that builds at the same time.
const START: Duration = Duration::from_secs(60);
/// The longest a stop may take: what the server promises, and a little for a busy machine.
const STOP: Duration = Duration::from_secs(12);
/// The most of a log that is kept, in bytes: its end.
const LOG_BOUND: usize = 32 * 1024 * 1024;

/// What a server is started with.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    args: Vec<String>,
    env: Vec<(String, String)>,
    disk: Option<u64>,
}

impl Setup {
    /// Adds a flag and its value.
    #[must_use]
    pub fn arg(mut self, flag: &str, value: &str) -> Self {
        self.args.extend([flag.to_owned(), value.to_owned()]);
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives its data a disk of its own of so many bytes. It is empty at every start.
    #[must_use]
    pub fn disk(mut self, bytes: u64) -> Self {
        self.disk = Some(bytes);
        self
    }

    /// Starts it on a fresh data folder.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn start(self) -> Server {
        let folder = TempDir::new().expect("a folder for temporary files");
        self.start_in(folder).await
    }

    /// Starts it with `data` within `folder` as its data folder.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn start_in(self, folder: TempDir) -> Server {
        let log = Log::default();
        let process = Process::start(&self, folder.path(), &log).await;
        let client = Client::new(&process.url);
        Server { setup: self, folder, process, log, client }
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    folder: TempDir,
    process: Process,
    log: Log,
    /// Made once: reading the machine's certificates takes a while.
    client: Client,
}

impl Server {
    /// Starts one with no settings but its folder.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn start() -> Self {
        Setup::default().start().await
    }

    /// Its address, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.process.url
    }

    /// Host and port, such as `127.0.0.1:40123`.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.url().trim_start_matches("http://")
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        data_in(self.folder.path())
    }

    /// The folder it runs in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.child.id().unwrap_or(0)
    }

    /// Somebody who is not signed in.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.at(self.url())
    }

    /// A new guest.
    ///
    /// # Panics
    /// When the name is not free.
    pub async fn guest(&self, name: &str) -> Learner {
        self.client().guest(name).await
    }

    /// What it has logged so far, over all its starts.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Kills it as a power cut would.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn kill9(&mut self) {
        self.process.child.kill().await.expect("an own child can be killed");
        self.process.logged().await;
    }

    /// Sends SIGTERM.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn signal_stop(&self) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).expect("process ids are small"));
        assert!(pid.as_raw() > 0, "the server is gone");
        kill(pid, Signal::SIGTERM).expect("an own child can be told to stop");
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it does not end in the time it promises.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(STOP, self.process.child.wait()).await;
        let status = ended.expect("the server ends in time").expect("an own child can be waited for");
        self.process.logged().await;
        status
    }

    /// Stops it as an operator does: SIGTERM, then its exit status.
    ///
    /// # Panics
    /// When it does not end in the time it promises.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.signal_stop();
        self.ended().await
    }

    /// Starts it again on the same data, on another port. A running process is killed first.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn restart(&mut self) {
        let _ = self.process.child.kill().await;
        self.process.logged().await;
        self.process = Process::start(&self.setup, self.folder.path(), &self.log).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.child.start_kill();
        if std::thread::panicking() {
            let log = self.log.text();
            let tail = log.lines().rev().take(40).collect::<Vec<_>>();
            eprintln!("--- the end of the server's log ---");
            tail.iter().rev().for_each(|line| eprintln!("{line}"));
        }
    }
}

fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// One run of the binary.
#[derive(Debug)]
struct Process {
    child: Child,
    url: String,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    async fn start(setup: &Setup, folder: &Path, log: &Log) -> Self {
        let mut command = match setup.disk {
            Some(bytes) => program::command_on_disk(folder, &data_in(folder), bytes),
            None => program::command(folder),
        };
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data_in(folder)).args(&setup.args);
        command.envs(setup.env.iter().map(|(name, value)| (name, value)));
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let stderr = child.stderr.take().expect("standard error is piped");
        let stdout = child.stdout.take().expect("standard output is piped");
        let reader = Some(log.keep(stderr));
        let url = tokio::time::timeout(START, address(stdout)).await.ok().flatten();
        let url = url.unwrap_or_else(|| panic!("the server did not come up:\n{}", log.text()));
        Self { child, url, reader }
    }

    /// Waits until all that was logged is kept. A launcher that outlives the server for a moment holds the pipe open.
    async fn logged(&mut self) {
        if let Some(reader) = self.reader.take() {
            let _ = tokio::time::timeout(Duration::from_secs(5), reader).await;
        }
    }
}

/// The address in the first line, which must be the only one.
async fn address(stdout: impl AsyncRead + Unpin + Send + 'static) -> Option<String> {
    let mut lines = BufReader::new(stdout).lines();
    let line = lines.next_line().await.ok()??;
    let url =
        line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?} is not the promised line"));
    tokio::spawn(async move {
        let more = lines.next_line().await.ok().flatten();
        assert_eq!(more, None, "standard output has one line");
    });
    Some(url.to_owned())
}

/// The end of what was logged. Shared with the task that reads the pipe; locked for a moment only.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<VecDeque<u8>>>);

impl Log {
    pub(crate) fn keep(&self, mut stderr: ChildStderr) -> JoinHandle<()> {
        let log = self.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
                let mut kept = log.0.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&buffer[..read]);
                let over = kept.len().saturating_sub(LOG_BOUND);
                kept.drain(..over);
            }
        })
    }

    pub(crate) fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept.iter().copied().collect::<Vec<_>>()).into_owned()
    }
}
