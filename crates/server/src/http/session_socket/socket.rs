//! An open WebSocket. The library reads; everything that goes out, also what the library answers, passes the outbox, and there is one
//! queue and one order.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use codementor_hub::outbox::{Frame, Outbox, Resumed};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::super::socket::Ending;
use super::handshake::Opened;
use crate::intake::{Messages, Tcp};

/// The largest message, in bytes: more than a whole text of a million units needs.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// What the library reads at once, in bytes, and keeps for each connection. Larger messages get what they need.
const READ_BUFFER: usize = 1024;
/// How long the peer has to hear the goodbye and to end as well.
const GOODBYE: Duration = Duration::from_secs(1);

/// An open WebSocket.
pub(super) struct Socket {
    stream: WebSocketStream<Duplex>,
    outbox: Arc<Outbox>,
    tcp: Arc<Tcp>,
}

/// What happens to a socket.
pub(super) enum Happened {
    /// It said something, or has ended.
    Said(Option<Result<Message, Error>>),
    /// It took some of what waits, perhaps.
    Resumed(Resumed),
}

/// What the library takes for the stream.
struct Duplex {
    messages: Messages,
    outbox: Arc<Outbox>,
}

impl Socket {
    /// What goes out passes `outbox` from here on.
    pub(super) async fn new(opened: Opened, outbox: Arc<Outbox>) -> Self {
        let duplex = Duplex { messages: opened.messages, outbox: outbox.clone() };
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE))
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0);
        let early = opened.early.to_vec();
        let stream = WebSocketStream::from_partially_read(duplex, early, Role::Server, Some(config)).await;
        outbox.connect(opened.tcp.clone());
        Self { stream, outbox, tcp: opened.tcp }
    }

    /// Sends what the library has to say by itself.
    pub(super) async fn flush(&mut self) {
        // A peer that is gone is seen when reading.
        let _ = self.stream.flush().await;
    }

    /// What happens next. When the way out was `stuck`, goes on with what waits once it takes more. Dropping the future loses nothing.
    pub(super) async fn next(&mut self, is_stuck: bool) -> Happened {
        tokio::select! {
            biased;
            said = self.stream.next() => Happened::Said(said),
            writable = self.tcp.writable(), if is_stuck => match writable {
                Ok(()) => Happened::Resumed(self.outbox.resume()),
                Err(_) => Happened::Said(None),
            },
        }
    }

    /// Sends a ping.
    pub(super) fn ping(&self) {
        self.outbox.push_control(Frame::control(Bytes::from_static(&[0x89, 0])));
    }

    /// Says goodbye and ends.
    pub(super) async fn close(mut self, ending: Ending) {
        if let Some((code, reason)) = ending {
            self.outbox.close(code);
            // The peer may be gone, or not reading; either way it is over.
            let _ = tokio::time::timeout(GOODBYE, self.say_goodbye(code, reason)).await;
        }
        self.outbox.disconnect();
    }

    async fn say_goodbye(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: Utf8Bytes::from_static(reason) };
        if self.stream.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        while self.outbox.resume() != Resumed::All {
            if self.tcp.writable().await.is_err() {
                return;
            }
        }
        // A connection closed over unread bytes is reset, and the peer would lose the code: read on until it closes too.
        while let Some(Ok(_)) = self.stream.next().await {}
    }
}

impl AsyncRead for Duplex {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.messages).poll_read(context, buffer)
    }
}

/// The library writes answers to pings and closes, whole frames each time.
impl AsyncWrite for Duplex {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.outbox.push_control(Frame::control(Bytes::copy_from_slice(data)));
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
