//! A client's bytes on their way to the HTTP library, watched for what that library does not tell or bound:
//! a first head that comes too slowly, a head that states its body's length twice, a WebSocket message that never ends,
//! an answer that is not read.
//!
//! It changes no byte; it only ends what takes too long.

mod frames;
mod heads;
mod messages;
mod tcp;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use heads::{Heads, Last};
pub use messages::Messages;
use messages::Watch;
pub use tcp::Tcp;

use crate::listen::Open;

/// The longest a peer may take none of what it is sent.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

const ANSWER: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\ncontent-length: 129\r\n\
connection: close\r\n\r\n\
{\"type\":\"about:blank\",\"title\":\"Request Timeout\",\"status\":408,\"code\":\"head_timeout\",\"detail\":\"The request's head came too slowly\"}";

/// What a connection's stream and its service tell each other. Requests are counted from 1.
#[derive(Debug)]
pub struct Shared {
    /// Set by the service: the requests whose heads were whole. The first lifts the stream's limit.
    begun: AtomicU64,
    /// Set by the stream: the request after which it follows none, so that the service lets no other come.
    last: AtomicU64,
    /// Set by the stream: the last request states its body's length twice.
    ambiguous: AtomicBool,
}

impl Default for Shared {
    fn default() -> Self {
        Self { begun: AtomicU64::new(0), last: AtomicU64::new(u64::MAX), ambiguous: AtomicBool::new(false) }
    }
}

/// What a connection's stream knows of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Others may follow.
    Amid,
    /// The connection must end with its answer.
    Last,
    /// It is chunked and stated a length as well, which the HTTP library has dropped: an attempt at smuggling (RFC 9112, section 6.3).
    Ambiguous,
}

impl Shared {
    /// Says that the next request's head is whole; tells its place.
    pub fn begin(&self) -> Place {
        let request = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        if request < self.last.load(Ordering::Acquire) {
            Place::Amid
        } else if self.ambiguous.load(Ordering::Acquire) {
            Place::Ambiguous
        } else {
            Place::Last
        }
    }

    /// Whether any request's head was whole yet.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire) > 0
    }

    fn end_with(&self, last: u64) {
        self.last.store(last, Ordering::Release);
    }
}

/// What the client's next bytes are.
enum Phase {
    Requests(Heads),
    Messages(Watch),
    /// Not watched: the connection ends with the answer under way.
    Rest,
}

/// A stream that is watched.
pub struct Intake {
    stream: TcpStream,
    shared: Arc<Shared>,
    phase: Phase,
    /// For the first head.
    limit: Option<Pin<Box<Sleep>>>,
    /// Runs while the peer takes nothing.
    write_limit: Option<Pin<Box<Sleep>>>,
    heard: bool,
    /// Held for the count of open connections.
    open: Open,
}

impl Intake {
    /// Limits the time to the first head, which the service tells over `shared`.
    #[must_use]
    pub fn new(stream: TcpStream, head_limit: Duration, shared: Arc<Shared>, open: Open) -> Self {
        let limit = Some(Box::pin(tokio::time::sleep(head_limit)));
        Self {
            stream,
            shared,
            phase: Phase::Requests(Heads::default()),
            limit,
            write_limit: None,
            heard: false,
            open,
        }
    }

    /// What is left once the client speaks WebSocket: its messages, still watched, and the way back to it. Nothing before.
    #[must_use]
    pub fn split(self) -> Option<(Messages, Arc<Tcp>)> {
        let Phase::Messages(watch) = self.phase else { return None };
        let tcp = Arc::new(Tcp::new(self.stream));
        Some((Messages::new(tcp.clone(), watch, self.open), tcp))
    }

    /// Whether the time is up before a head was whole.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        if let Phase::Messages(watch) = &mut self.phase {
            return watch.is_late(context);
        }
        if self.shared.has_begun() {
            self.limit = None;
        }
        self.limit.as_mut().is_some_and(|limit| limit.as_mut().poll(context).is_ready())
    }

    /// The end of what came too slowly: an answer for a head, an error for a message, nothing for silence.
    fn end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.phase, Phase::Messages(_)) {
            self.phase = Phase::Rest;
            return Poll::Ready(Err(messages::too_long()));
        }
        if self.heard {
            // The answer is short: it fits the kernel's buffer or the peer is not reading at all.
            let _ = ready!(Pin::new(&mut self.stream).poll_write(context, ANSWER));
        }
        self.limit = None;
        Poll::Ready(Ok(()))
    }

    /// Passes on how a write went, or that the peer has taken nothing for too long.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.write_limit = None;
            return written;
        }
        let limit = self.write_limit.get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_LIMIT)));
        ready!(limit.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not read")))
    }

    fn watch(&mut self, bytes: &[u8]) {
        match &mut self.phase {
            Phase::Requests(heads) => match heads.take(bytes) {
                None => {}
                Some(Last::Upgrade { rest }) => {
                    self.shared.end_with(heads.followed());
                    self.limit = None;
                    self.phase = Phase::Messages(Watch::default());
                    self.watch(bytes.get(rest..).unwrap_or_default());
                }
                Some(last) => {
                    self.shared.ambiguous.store(last == Last::Ambiguous, Ordering::Release);
                    self.shared.end_with(heads.followed() + 1);
                    self.phase = Phase::Rest;
                }
            },
            Phase::Messages(watch) => watch.take(bytes),
            Phase::Rest => {}
        }
    }
}

impl AsyncRead for Intake {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_late(context) {
            return self.end(context);
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let fresh = buffer.filled().get(before..).unwrap_or_default();
        self.heard |= !fresh.is_empty();
        self.watch(fresh);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Intake {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, data);
        self.written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_answer_has_the_length_it_states() {
        let text = std::str::from_utf8(super::ANSWER).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }
}
