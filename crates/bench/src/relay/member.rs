//! One member's way out: a bounded queue of shared frames, written with as few calls as possible.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice};
use std::rc::Rc;

use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;

/// Bytes that may wait for one member.
pub const MAX_WAITING: usize = 1024 * 1024;
/// Frames that one call writes.
const SLICES: usize = 64;

/// Somebody in a room.
pub struct Member {
    /// Told when the connection is over, whoever found out.
    pub closed: Notify,
    write: OwnedWriteHalf,
    waiting: RefCell<Waiting>,
    state: Cell<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing waits.
    Idle,
    /// The flusher will come by.
    Listed,
    /// A task waits until the socket takes more.
    Blocked,
    Closed,
}

#[derive(Default)]
struct Waiting {
    frames: VecDeque<Rc<[u8]>>,
    /// Of all frames, also of what is written of the first.
    bytes: usize,
    /// How much of the first frame is written.
    written: usize,
}

impl Member {
    pub fn new(write: OwnedWriteHalf) -> Self {
        Self { closed: Notify::new(), write, waiting: RefCell::default(), state: Cell::new(State::Idle) }
    }

    /// Forgets what waits and ends the connection.
    pub fn close(&self) {
        self.state.set(State::Closed);
        self.waiting.take();
        self.closed.notify_waiters();
    }

    /// Writes what waits, as far as the socket takes it.
    pub fn flush(self: &Rc<Self>) {
        if self.state.get() == State::Closed {
            return;
        }
        match self.write_waiting() {
            Ok(()) => self.state.set(State::Idle),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.state.set(State::Blocked);
                let member = Rc::clone(self);
                tokio::task::spawn_local(async move { member.unblock().await });
            }
            Err(_) => self.close(),
        }
    }

    async fn unblock(&self) {
        let closed = self.closed.notified();
        tokio::pin!(closed);
        while self.state.get() == State::Blocked {
            let writable = tokio::select! {
                () = &mut closed => return,
                writable = self.write.writable() => writable,
            };
            if writable.is_err() {
                return self.close();
            }
            match self.write_waiting() {
                Ok(()) => {
                    return if self.state.get() == State::Blocked {
                        self.state.set(State::Idle)
                    };
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return self.close(),
            }
        }
    }

    fn write_waiting(&self) -> std::io::Result<()> {
        let mut waiting = self.waiting.borrow_mut();
        while let Some(first) = waiting.frames.front() {
            let written = if waiting.frames.len() == 1 {
                self.write.try_write(&first[waiting.written..])?
            } else {
                let mut slices = [IoSlice::new(&[]); SLICES];
                let mut skip = waiting.written;
                let mut count = 0;
                for (slice, frame) in slices.iter_mut().zip(&waiting.frames) {
                    *slice = IoSlice::new(&frame[skip..]);
                    skip = 0;
                    count += 1;
                }
                self.write.try_write_vectored(&slices[..count])?
            };
            waiting.advance(written);
        }
        Ok(())
    }
}

impl Waiting {
    fn advance(&mut self, bytes: usize) {
        self.written += bytes;
        while let Some(length) = self.frames.front().map(|frame| frame.len()) {
            if self.written < length {
                return;
            }
            self.written -= length;
            self.bytes -= length;
            self.frames.pop_front();
        }
    }
}

/// Comes by every member that something waits for, once all connections that had something to read were read.
#[derive(Default)]
pub struct Flusher {
    listed: RefCell<Vec<Rc<Member>>>,
    wake: Notify,
}

impl Flusher {
    /// Queues a frame. Where there is no room for it the member is closed.
    pub fn push(&self, member: &Rc<Member>, frame: &Rc<[u8]>) {
        let state = member.state.get();
        if state == State::Closed {
            return;
        }
        let mut waiting = member.waiting.borrow_mut();
        if waiting.bytes + frame.len() > MAX_WAITING {
            drop(waiting);
            return member.close();
        }
        waiting.bytes += frame.len();
        waiting.frames.push_back(Rc::clone(frame));
        drop(waiting);
        if state == State::Idle {
            member.state.set(State::Listed);
            let mut listed = self.listed.borrow_mut();
            listed.push(Rc::clone(member));
            if listed.len() == 1 {
                self.wake.notify_one();
            }
        }
    }

    /// Comes by, for ever.
    pub async fn run(&self) {
        let mut listed = Vec::new();
        loop {
            self.wake.notified().await;
            std::mem::swap(&mut listed, &mut *self.listed.borrow_mut());
            for member in listed.drain(..) {
                member.flush();
            }
        }
    }
}
