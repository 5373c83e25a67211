//! Keeps a launcher alive: starts it, starts it again when it has died or must die, and says at any time what has become of it.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncReadExt, Interest};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::sys;
use crate::wire::{self, Layer, Setup, SetupReply, Wait};

/// How long a launcher may take to get ready.
pub(crate) const START_TIME: Duration = Duration::from_secs(20);
/// How long a killed launcher may take to be gone, and its last words to be read.
const DEATH_TIME: Duration = Duration::from_secs(2);
/// The pause before another start; it doubles, up to the longest one.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A launcher that has lived so long ends a row of failures.
const STEADY: Duration = Duration::from_secs(10);
/// So many early deaths in a row mean that it does not stay alive.
const EARLY_DEATHS: u32 = 4;
/// What is kept of a launcher's standard error, in bytes: its end.
const LAST_WORDS: usize = 1024;

/// A launcher that is ready for runs.
pub(crate) struct Live {
    /// Takes runs.
    pub socket: AsyncFd<OwnedFd>,
    /// Its process.
    pub pid: Option<u32>,
    /// Tells the keeper to kill it.
    condemned: Notify,
}

impl Live {
    /// Has it killed, and everything it runs with it, and another one started.
    pub(crate) fn condemn(&self) {
        self.condemned.notify_one();
    }
}

/// What is known of the launcher. With neither a live one nor a fault one is being started.
#[derive(Clone, Default)]
pub(crate) struct Status {
    /// The present one.
    pub live: Option<Arc<Live>>,
    /// Why there is none: the last start failed. There will be another.
    pub fault: Option<String>,
    /// The layers of the present one, or of the last.
    pub layers: Vec<Layer>,
}

/// Who keeps it. The one owner of the process.
pub(crate) struct Keeper {
    /// Program and arguments.
    pub command: Vec<OsString>,
    /// Its first message.
    pub setup: Setup,
    /// Where it is told.
    pub status: watch::Sender<Status>,
}

/// A process that has said that it is ready.
struct Launched {
    live: Arc<Live>,
    layers: Vec<Layer>,
    child: Child,
    words: JoinHandle<String>,
}

impl Keeper {
    /// Keeps a launcher until it is dropped; the launcher then sees the hang-up, removes its boxes and ends.
    pub(crate) async fn keep(self) {
        let mut pause = PAUSE;
        let mut early_deaths = 0;
        loop {
            match self.launch().await {
                Ok(launched) => {
                    let since = Instant::now();
                    self.attend(launched).await;
                    if since.elapsed() >= STEADY {
                        (pause, early_deaths) = (PAUSE, 0);
                    }
                    early_deaths += 1;
                    if early_deaths >= EARLY_DEATHS {
                        self.tell_fault("the sandbox launcher does not stay alive".to_owned());
                    }
                }
                Err(reason) => {
                    tracing::warn!(%reason, "the sandbox launcher could not be started");
                    self.tell_fault(reason);
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn tell_fault(&self, reason: String) {
        self.status.send_modify(|status| status.fault = Some(reason));
    }

    /// Sees a launcher through to its end.
    async fn attend(&self, launched: Launched) {
        let Launched { live, layers, mut child, words } = launched;
        self.status.send_replace(Status { live: Some(Arc::clone(&live)), fault: None, layers });
        tokio::select! {
            _ = child.wait() => {}
            () = live.condemned.notified() => {
                tracing::warn!("the sandbox launcher is killed: it does not answer, or has hung up");
                end(&mut child).await;
            }
        }
        self.status.send_modify(|status| status.live = None);
        let said = heard(words).await;
        tracing::warn!(?said, "the sandbox launcher has died; starting it again");
    }

    async fn launch(&self) -> Result<Launched, String> {
        let folder = &self.setup.work_dir;
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("the folder {} cannot be made: {error}", folder.display()))?;
        let (program, arguments) = self.command.split_first().ok_or("no launcher is configured")?;
        let broken = |error: io::Error| format!("the launcher cannot be started: {error}");
        let (ours, theirs) = wire::pair().map_err(broken)?;
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(broken)?;
        let words = tokio::spawn(last_words(child.stderr.take()));
        match self.greet(ours).await {
            Ok((socket, layers)) => {
                let live = Arc::new(Live { socket, pid: child.id(), condemned: Notify::new() });
                Ok(Launched { live, layers, child, words })
            }
            Err(reason) => {
                end(&mut child).await;
                let said = heard(words).await;
                Err(if said.is_empty() { reason } else { format!("{reason}: {said}") })
            }
        }
    }

    async fn greet(&self, ours: OwnedFd) -> Result<(AsyncFd<OwnedFd>, Vec<Layer>), String> {
        let broken = |error: io::Error| format!("the launcher cannot be started: {error}");
        wire::send(ours.as_fd(), &self.setup, &[], Wait::No).map_err(broken)?;
        let socket = sys::watch(ours).map_err(broken)?;
        match timeout(START_TIME, receive(&socket)).await {
            Err(_) => Err("the launcher does not get ready".to_owned()),
            Ok(Ok(Some(SetupReply::Ready(layers)))) => Ok((socket, layers)),
            Ok(Ok(Some(SetupReply::Refused(reason)))) => Err(reason),
            Ok(Ok(None)) => Err("the launcher ended at once".to_owned()),
            Ok(Err(error)) => Err(broken(error)),
        }
    }
}

/// Kills it, even where it is stopped.
async fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.start_kill();
    let _ = timeout(DEATH_TIME, child.wait()).await;
}

async fn heard(words: JoinHandle<String>) -> String {
    timeout(DEATH_TIME, words).await.ok().and_then(Result::ok).unwrap_or_default()
}

/// Reads to the end and keeps the last line that is not empty.
async fn last_words(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut pipe) = pipe else { return String::new() };
    let (mut kept, mut part) = (Vec::new(), [0; LAST_WORDS]);
    while let Ok(length @ 1..) = pipe.read(&mut part).await {
        kept.extend_from_slice(&part[..length]);
        kept.drain(..kept.len().saturating_sub(LAST_WORDS));
    }
    let text = String::from_utf8_lossy(&kept);
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

/// Waits for one message without descriptors.
pub(crate) async fn receive<T: DeserializeOwned>(socket: &AsyncFd<OwnedFd>) -> io::Result<Option<T>> {
    let received = socket.async_io(Interest::READABLE, |fd| wire::receive::<T>(fd, Wait::No)).await?;
    Ok(received.map(|(message, _)| message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_a_flood_of_words_the_last_line_is_kept() {
        let flood = format!("{}\nlast line\n \n", "x".repeat(100_000));
        assert_eq!(last_words(Some(flood.as_bytes())).await, "last line");
        assert_eq!(last_words(Some(&b""[..])).await, "");
        assert_eq!(last_words(Some(&[b'y'; 5000][..])).await.len(), LAST_WORDS);
    }
}
