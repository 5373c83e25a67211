//! A connection whose first request's head must arrive in time; else it is answered 408 and closed.
//!
//! The HTTP library closes slow connections without a word. This stands before it and gives the word.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

const ANSWER: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\ncontent-length: 129\r\n\
connection: close\r\n\r\n\
{\"type\":\"about:blank\",\"title\":\"Request Timeout\",\"status\":408,\"code\":\"head_timeout\",\"detail\":\"The request's head came too slowly\"}";

/// A stream with a time limit up to the first request.
pub struct SlowHead {
    stream: TcpStream,
    /// Set by the service when a request's head is whole.
    begun: Arc<AtomicBool>,
    /// Dropped once a request has begun, so that idle connections carry no timer.
    limit: Option<Pin<Box<Sleep>>>,
    heard: bool,
}

impl SlowHead {
    /// Limits the time to the first head, which `begun` tells.
    #[must_use]
    pub fn new(stream: TcpStream, limit: Duration, begun: Arc<AtomicBool>) -> Self {
        Self { stream, begun, limit: Some(Box::pin(tokio::time::sleep(limit))), heard: false }
    }

    /// Whether the time is up before a head was whole.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        if self.begun.load(Ordering::Acquire) {
            self.limit = None;
        }
        self.limit.as_mut().is_some_and(|limit| limit.as_mut().poll(context).is_ready())
    }
}

impl AsyncRead for SlowHead {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_late(context) {
            if self.heard {
                // The answer is short: it fits the kernel's buffer or the peer is not reading at all.
                let _ = ready!(Pin::new(&mut self.stream).poll_write(context, ANSWER));
            }
            self.limit = None;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.heard |= buffer.filled().len() > before;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for SlowHead {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
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
