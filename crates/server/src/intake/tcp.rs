//! A TCP connection that one task reads while others write to it.
//!
//! Its socket stands in one place in memory, one step from whoever holds it: a room that tells something to all its members visits
//! each of their sockets.

use std::io::{self, ErrorKind, IoSlice, Read};
use std::os::fd::AsRawFd;
use std::task::{Context, Poll, ready};

use codementor_hub::outbox::Line;
use socket2::SockRef;
use tokio::io::{Interest, ReadBuf};
use tokio::net::TcpStream;

/// A connection.
pub struct Tcp(TcpStream);

impl Tcp {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self(stream)
    }

    pub(super) fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.poll_read_ready(context))?;
            let space = buffer.initialize_unfilled();
            let mut count = 0;
            let read = self.0.try_io(Interest::READABLE, || {
                count = (&*SockRef::from(&self.0)).read(space)?;
                // Less than there was space for: nothing more is there, and the runtime need not ask before it hears of more.
                if 0 < count && count < space.len() { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
            });
            match read {
                Err(error) if count == 0 && error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if count == 0 && error.kind() == ErrorKind::Interrupted => {}
                Err(error) if count == 0 => return Poll::Ready(Err(error)),
                _ => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    /// Waits until it takes more.
    ///
    /// # Errors
    /// When the runtime ends.
    pub async fn writable(&self) -> io::Result<()> {
        self.0.writable().await
    }
}

impl Line for Tcp {
    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let socket = SockRef::from(&self.0);
        let written = match parts {
            [only] => socket.send(only),
            parts => socket.send_vectored(parts),
        };
        match (written, parts) {
            // Asked by way of the runtime, which then knows and tells when it takes more.
            (Err(error), [first, ..]) if error.kind() == ErrorKind::WouldBlock => self.0.try_write(first),
            (written, _) => written,
        }
    }

    fn touch(&self) {
        std::hint::black_box(self.0.as_raw_fd());
    }
}
