//! What a client sends once it speaks WebSocket, watched for messages that never end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Sleep;

use super::frames::{Ended, Frames};
use super::tcp::Tcp;
use crate::listen::Open;

/// The longest one message may take to be whole.
const LIMIT: Duration = Duration::from_secs(10);

/// Follows the messages of a client; idle ones carry no timer.
#[derive(Debug, Default)]
pub(super) struct Watch {
    frames: Frames,
    limit: Option<Pin<Box<Sleep>>>,
}

impl Watch {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        // A message that ended takes its limit along; the next has its own.
        if self.frames.take(bytes) == Ended::Some || self.frames.is_between_messages() {
            self.limit = None;
        }
        if !self.frames.is_between_messages() && self.limit.is_none() {
            self.limit = Some(Box::pin(tokio::time::sleep(LIMIT)));
        }
    }

    /// Whether the time is up before a message was whole.
    pub(super) fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        self.limit.as_mut().is_some_and(|limit| limit.as_mut().poll(context).is_ready())
    }
}

/// The end of a client whose message took too long: it is `TimedOut`, which nothing else is.
pub(super) fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "a message took too long")
}

/// The bytes of a client that speaks WebSocket.
pub struct Messages {
    tcp: Arc<Tcp>,
    watch: Watch,
    /// Held for the count of open connections.
    _open: Open,
}

impl Messages {
    pub(super) fn new(tcp: Arc<Tcp>, watch: Watch, open: Open) -> Self {
        Self { tcp, watch, _open: open }
    }
}

impl AsyncRead for Messages {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.watch.is_late(context) {
            return Poll::Ready(Err(too_long()));
        }
        let before = buffer.filled().len();
        ready!(self.tcp.poll_read(context, buffer))?;
        self.watch.take(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}
