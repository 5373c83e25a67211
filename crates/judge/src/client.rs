//! The judge's end of the launcher: hands it runs and hears how they ended.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::keeper::{Keeper, Live, START_TIME, Status, receive};
use crate::sys;
use crate::wire::{self, Layer, Run, RunReply, Setup, Wait};

/// To how many launchers one run is offered before it fails.
const OFFERS: u32 = 4;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// There is no launcher, and the last one could not be started: this machine may allow no boxes.
    #[error("{0}")]
    Down(String),
    /// This run failed. Another try may do better.
    #[error("{0}")]
    Broken(String),
}

/// The launcher, whichever it is at the moment. When this is dropped the launcher ends.
pub(crate) struct Client {
    status: watch::Receiver<Status>,
    patience: Duration,
    /// The task of the keeper; dropping the set ends it.
    _keeper: JoinSet<()>,
}

impl Client {
    /// Starts a launcher and waits for it to be ready or to fail. Whichever it is, the keeper goes on trying.
    ///
    /// `patience` is how long the launcher may take for what it does itself, beside the time a run may take.
    pub(crate) async fn start(command: Vec<OsString>, setup: Setup, patience: Duration) -> Self {
        let (sender, mut status) = watch::channel(Status::default());
        let mut keeper = JoinSet::new();
        keeper.spawn(Keeper { command, setup, status: sender }.keep());
        // The sender cannot be gone before the keeper is.
        let _ = status.wait_for(|status| status.live.is_some() || status.fault.is_some()).await;
        Self { status, patience, _keeper: keeper }
    }

    /// The sandbox's layers, as the present launcher found them, or the last one.
    pub(crate) fn layers(&self) -> Vec<Layer> {
        self.status.borrow().layers.clone()
    }

    /// Why no run can begin, when none can.
    pub(crate) fn fault(&self) -> Option<String> {
        self.status.borrow().fault.clone()
    }

    /// Tells when a launcher has come or gone.
    pub(crate) fn news(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Process id of the present launcher.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.status.borrow().live.as_ref()?.pid
    }

    /// Hands a run to the launcher. Descriptors as [`Run`] says, without the run's own socket, which is returned.
    pub(crate) async fn begin(&self, run: &Run, descriptors: &[OwnedFd]) -> Result<RunHandle, ClientError> {
        let broken = |error: io::Error| ClientError::Broken(error.to_string());
        let (ours, theirs) = wire::pair().map_err(broken)?;
        let mut all = vec![theirs.as_fd()];
        all.extend(descriptors.iter().map(AsFd::as_fd));
        let mut dead = None;
        for _ in 0..OFFERS {
            let live = self.live(dead.as_ref()).await?;
            let sending =
                live.socket.async_io(Interest::WRITABLE, |fd| wire::send(fd.as_fd(), run, &all, Wait::No));
            match timeout(self.patience, sending).await {
                Ok(Ok(())) => {
                    let socket = sys::watch(ours).map_err(broken)?;
                    let limit = Duration::from_millis(run.wall_ms.into()) + self.patience;
                    return Ok(RunHandle { socket, live, limit });
                }
                Ok(Err(error)) if has_hung_up(&error) => {
                    live.condemn();
                    dead = Some(live);
                }
                // A fault of this message or this moment; the launcher's other runs go on.
                Ok(Err(error)) => return Err(broken(error)),
                Err(_) => {
                    live.condemn();
                    return Err(ClientError::Broken("the launcher takes no runs".to_owned()));
                }
            }
        }
        Err(ClientError::Broken("the launcher does not stay alive".to_owned()))
    }

    /// A launcher that is not `dead`, waiting for one that is being started.
    async fn live(&self, dead: Option<&Arc<Live>>) -> Result<Arc<Live>, ClientError> {
        let is_other = |live: &Arc<Live>| dead.is_none_or(|dead| !Arc::ptr_eq(live, dead));
        let mut status = self.status.clone();
        let known =
            status.wait_for(|status| status.fault.is_some() || status.live.as_ref().is_some_and(is_other));
        let gone = || ClientError::Broken("no launcher gets ready".to_owned());
        let known = timeout(START_TIME, known).await.map_err(|_| gone())?.map_err(|_| gone())?.clone();
        match (known.live, known.fault) {
            (Some(live), _) => Ok(live),
            (None, fault) => Err(ClientError::Down(fault.unwrap_or_default())),
        }
    }
}

/// Whether the other side of a socket is gone for good.
fn has_hung_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, NotConnected};
    matches!(error.kind(), BrokenPipe | ConnectionReset | NotConnected)
}

/// A run that has begun. Dropping it kills the box.
pub(crate) struct RunHandle {
    socket: AsyncFd<OwnedFd>,
    live: Arc<Live>,
    limit: Duration,
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

    /// Waits for `work`, but not longer than the run may take: a launcher that is late by then is stuck, and with it every run.
    pub(crate) async fn within_limit<T>(&self, work: impl Future<Output = T>) -> Result<T, ClientError> {
        timeout(self.limit, work).await.map_err(|_| self.give_up())
    }

    /// The longest that a run may take, with all that the launcher does for it.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Has a launcher replaced that does not answer.
    pub(crate) fn give_up(&self) -> ClientError {
        self.live.condemn();
        ClientError::Broken("the launcher does not answer".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hang_up_is_the_end_of_a_launcher() {
        for errno in [libc::EPIPE, libc::ECONNRESET, libc::ENOTCONN] {
            assert!(has_hung_up(&io::Error::from_raw_os_error(errno)));
        }
        for errno in [libc::EMSGSIZE, libc::ETOOMANYREFS, libc::ENOBUFS, libc::ENOMEM, libc::EMFILE] {
            assert!(!has_hung_up(&io::Error::from_raw_os_error(errno)));
        }
        assert!(!has_hung_up(&io::Error::other("message too long")));
    }
}
