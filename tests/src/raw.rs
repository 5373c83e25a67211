//! Bytes over TCP, for what no honest client sends. Every wait is bounded.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::Server;

/// Longer than the server's own limit on a request's head.
const LIMIT: Duration = Duration::from_secs(30);
/// The most of an answer that is read, in bytes.
const MOST: usize = 1024 * 1024;

/// A connection.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
}

/// An answer as it came.
#[derive(Debug)]
pub struct RawAnswer {
    /// The status; 0 when there was none.
    pub status: u16,
    /// Everything.
    pub text: String,
}

impl RawAnswer {
    fn new(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let status =
            text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
        Self { status: status.unwrap_or(0), text }
    }
}

impl Raw {
    /// Connects.
    ///
    /// # Panics
    /// When the server does not listen.
    pub async fn connect(server: &Server) -> Self {
        Self { stream: TcpStream::connect(server.authority()).await.expect("the server listens") }
    }

    /// Sends bytes. `false` when the other side does not take them any more.
    ///
    /// # Panics
    /// When they are neither taken nor refused in time.
    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = tokio::time::timeout(LIMIT, self.stream.write_all(bytes)).await;
        sent.expect("bytes are taken or refused in time").is_ok()
    }

    /// Some bytes; none at the end.
    ///
    /// # Panics
    /// When nothing comes in time.
    pub async fn some(&mut self) -> Vec<u8> {
        let mut buffer = vec![0; 16 * 1024];
        let read = tokio::time::timeout(LIMIT, self.stream.read(&mut buffer)).await;
        let read = read.expect("something comes in time").unwrap_or(0);
        buffer.truncate(read);
        buffer
    }

    /// All that comes until the end of the connection.
    ///
    /// # Panics
    /// When nothing comes in time, or too much.
    pub async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        loop {
            let some = self.some().await;
            if some.is_empty() {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
            bytes.extend(some);
            assert!(bytes.len() < MOST, "the answers have an end");
        }
    }

    /// Exactly `n` bytes, or fewer when the connection ends before.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn exactly(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = vec![0; n];
        let read = tokio::time::timeout(LIMIT, self.stream.read_exact(&mut bytes)).await;
        let whole = read.expect("something comes in time").is_ok();
        if whole { bytes } else { Vec::new() }
    }

    /// Reads until the end of the answer: the end of the connection, or the length that its head states.
    ///
    /// # Panics
    /// When it does not end in time.
    pub async fn answer(&mut self) -> RawAnswer {
        let mut bytes = Vec::new();
        while bytes.len() < MOST && !is_whole(&bytes) {
            let some = self.some().await;
            if some.is_empty() {
                break;
            }
            bytes.extend(some);
        }
        RawAnswer::new(&bytes)
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let stated = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    stated.is_some_and(|stated: usize| bytes.len() >= head.len() + 4 + stated)
}

/// Sends one request as it is and reads the answer.
///
/// # Panics
/// When no answer ends in time.
pub async fn ask(server: &Server, request: &[u8]) -> RawAnswer {
    let mut raw = Raw::connect(server).await;
    raw.send(request).await;
    raw.answer().await
}
