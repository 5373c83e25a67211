//! The judge's end of the launcher: starts it, starts it again when it has died, and sends it runs.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::sys;
use crate::wire::{self, Run, RunReply, Setup, SetupReply, Wait};

/// How long a launcher may take to get ready.
const START_TIME: Duration = Duration::from_secs(20);
/// How often a launcher is started for one run before the run fails.
const STARTS: u32 = 4;
/// The pause before the second start; it doubles.
const PAUSE: Duration = Duration::from_millis(50);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// The launcher says that this machine allows no boxes.
    #[error("{0}")]
    Refused(String),
    /// The launcher cannot be started or has died.
    #[error("{0}")]
    Broken(String),
}

/// The launcher, alive or to be started. When this is dropped the launcher sees the hang-up, removes its boxes and ends.
pub(crate) struct Client {
    command: Vec<OsString>,
    setup: Setup,
    /// Shared by all runs: one of them starts the launcher while the others wait for it.
    live: Mutex<Option<Live>>,
}

struct Live {
    socket: Arc<AsyncFd<OwnedFd>>,
    child: Child,
    layers: Vec<(String, bool, String)>,
}

impl Client {
    /// Starts the launcher and waits until it is ready.
    pub(crate) async fn start(command: Vec<OsString>, setup: Setup) -> Result<Self, ClientError> {
        let client = Self { command, setup, live: Mutex::new(None) };
        let live = client.launch().await?;
        *client.live.lock().await = Some(live);
        Ok(client)
    }

    /// The sandbox's layers, as the present launcher found them.
    pub(crate) async fn layers(&self) -> Vec<(String, bool, String)> {
        self.live.lock().await.as_ref().map(|live| live.layers.clone()).unwrap_or_default()
    }

    /// Process id of the present launcher.
    pub(crate) async fn pid(&self) -> Option<u32> {
        self.live.lock().await.as_ref().and_then(|live| live.child.id())
    }

    /// Hands a run to the launcher. Descriptors as [`Run`] says, without the run's own socket, which is returned.
    pub(crate) async fn begin(&self, run: &Run, descriptors: &[OwnedFd]) -> Result<RunHandle, ClientError> {
        let broken = |error: io::Error| ClientError::Broken(error.to_string());
        let (ours, theirs) = wire::pair().map_err(broken)?;
        let mut all = vec![theirs.as_fd()];
        all.extend(descriptors.iter().map(AsFd::as_fd));
        let mut last = String::new();
        for _ in 0..STARTS {
            let socket = self.socket().await?;
            let sent =
                socket.async_io(Interest::WRITABLE, |fd| wire::send(fd.as_fd(), run, &all, Wait::No)).await;
            match sent {
                Ok(()) => return Ok(RunHandle { socket: sys::watch(ours).map_err(broken)? }),
                Err(error) => {
                    last = error.to_string();
                    self.bury(&socket).await;
                }
            }
        }
        Err(ClientError::Broken(format!("the launcher does not stay alive: {last}")))
    }

    async fn socket(&self) -> Result<Arc<AsyncFd<OwnedFd>>, ClientError> {
        let mut live = self.live.lock().await;
        if let Some(live) = live.as_mut()
            && matches!(live.child.try_wait(), Ok(None))
        {
            return Ok(Arc::clone(&live.socket));
        }
        *live = None;
        let started = live.insert(self.relaunch().await?);
        Ok(Arc::clone(&started.socket))
    }

    async fn bury(&self, socket: &Arc<AsyncFd<OwnedFd>>) {
        let mut live = self.live.lock().await;
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(&live.socket, socket)) {
            *live = None;
        }
    }

    async fn relaunch(&self) -> Result<Live, ClientError> {
        let mut pause = PAUSE;
        let mut last = ClientError::Broken("never started".to_owned());
        for _ in 0..STARTS {
            tracing::warn!("the sandbox launcher has died; starting it again");
            match self.launch().await {
                Ok(live) => return Ok(live),
                Err(error) => last = error,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(last)
    }

    async fn launch(&self) -> Result<Live, ClientError> {
        let broken =
            |error: io::Error| ClientError::Broken(format!("the launcher cannot be started: {error}"));
        let [program, arguments @ ..] = self.command.as_slice() else {
            return Err(ClientError::Broken("no launcher is configured".to_owned()));
        };
        let (ours, theirs) = wire::pair().map_err(broken)?;
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(broken)?;
        wire::send(ours.as_fd(), &self.setup, &[], Wait::No).map_err(broken)?;
        let socket = sys::watch(ours).map_err(broken)?;
        let ready = timeout(START_TIME, receive::<SetupReply>(&socket)).await;
        match ready.map_err(|_| ClientError::Broken("the launcher does not get ready".to_owned()))? {
            Ok(Some(SetupReply::Ready(layers))) => Ok(Live { socket: Arc::new(socket), child, layers }),
            Ok(Some(SetupReply::Refused(reason))) => Err(ClientError::Refused(reason)),
            Ok(None) => Err(ClientError::Broken("the launcher ended at once".to_owned())),
            Err(error) => Err(broken(error)),
        }
    }
}

async fn receive<T: serde::de::DeserializeOwned>(socket: &AsyncFd<OwnedFd>) -> io::Result<Option<T>> {
    let received = socket.async_io(Interest::READABLE, |fd| wire::receive::<T>(fd, Wait::No)).await?;
    Ok(received.map(|(message, _)| message))
}

/// A run that has begun. Dropping it kills the box.
pub(crate) struct RunHandle {
    socket: AsyncFd<OwnedFd>,
}

impl RunHandle {
    /// Has the box killed; the answer then says so.
    pub(crate) fn kill(&self) {
        wire::ask_to_kill(self.socket.get_ref().as_fd());
    }

    /// Waits for the end. The launcher answers in any case; if it does not, it has died.
    pub(crate) async fn ended(&self) -> Result<RunReply, ClientError> {
        match receive(&self.socket).await {
            Ok(Some(reply)) => Ok(reply),
            Ok(None) => Err(ClientError::Broken("the launcher died during the run".to_owned())),
            Err(error) => Err(ClientError::Broken(format!("the launcher cannot be heard: {error}"))),
        }
    }
}
