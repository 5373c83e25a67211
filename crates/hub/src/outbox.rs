//! What waits to be sent to one member, bounded in bytes.
//!
//! A member who does not read is fed nothing more: what waits is dropped, and when they read again the room sends one difference instead.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::room::Hears;

/// The most that waits for one member, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Something to send, shared by all whom it is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A y-protocols message about the text, and the room's version it leads to.
    Text(Bytes, u64),
    /// Any other y-protocols message.
    Binary(Bytes),
    /// A JSON event.
    Event(Bytes),
}

impl Frame {
    /// Its size in bytes.
    pub(crate) fn len(&self) -> usize {
        let (Self::Text(bytes, _) | Self::Binary(bytes) | Self::Event(bytes)) = self;
        bytes.len()
    }
}

/// What the member's connection does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Send this.
    Frame(Frame),
    /// Ask the room for what was dropped: everything after this version of the text.
    Behind(u64),
    /// Close with this code.
    Close(u16),
}

/// The way from a room to one member. The room pushes and never waits; the connection takes.
#[derive(Debug)]
pub struct Outbox {
    hears: Hears,
    /// Shared by the room's task and the connection's; held for a few instructions, never across an await.
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// The version of the text that was handed to the connection last.
    version: u64,
    /// Frames were dropped, and the connection knows or does not know yet.
    behind: Option<Told>,
    close: Option<u16>,
    /// To be closed once what waits is sent.
    last: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    No,
    Yes,
}

impl Default for Outbox {
    fn default() -> Self {
        let state =
            State { frames: VecDeque::new(), bytes: 0, version: 0, behind: None, close: None, last: None };
        Self { hears: Hears::Events, state: Mutex::new(state), news: Notify::new() }
    }
}

impl Outbox {
    /// An empty one, for somebody who hears this. Events for those who do not hear them are dropped.
    #[must_use]
    pub fn new(hears: Hears) -> Self {
        Self { hears, ..Self::default() }
    }

    /// Adds a frame. When there is no room for it, everything that waits is dropped and the connection is told that it is behind.
    pub fn push(&self, frame: Frame) {
        if self.hears == Hears::Messages && matches!(frame, Frame::Event(_)) {
            return;
        }
        let mut state = self.lock();
        if state.close.is_some() || state.last.is_some() || state.behind.is_some() {
            return;
        }
        if state.bytes + frame.len() > MAX_BYTES {
            state.frames = VecDeque::new();
            state.bytes = 0;
            state.behind = Some(Told::No);
        } else {
            state.bytes += frame.len();
            state.frames.push_back(frame);
        }
        drop(state);
        self.news.notify_one();
    }

    /// Puts the member up to date: these frames stand for all that was dropped. They may be larger than the bound, as the connection
    /// waits for them.
    pub fn catch_up(&self, frames: impl IntoIterator<Item = Frame>) {
        let mut state = self.lock();
        state.behind = None;
        for frame in frames {
            state.bytes += frame.len();
            state.frames.push_back(frame);
        }
        drop(state);
        self.news.notify_one();
    }

    /// Ends it. What waits is not sent any more.
    pub fn close(&self, code: u16) {
        let mut state = self.lock();
        state.close.get_or_insert(code);
        state.frames = VecDeque::new();
        state.bytes = 0;
        drop(state);
        self.news.notify_one();
    }

    /// Ends it after what waits. Who is behind is not brought up to date any more.
    pub fn finish(&self, code: u16) {
        let mut state = self.lock();
        if state.behind.is_some() || state.frames.is_empty() {
            state.close.get_or_insert(code);
        }
        state.last.get_or_insert(code);
        drop(state);
        self.news.notify_one();
    }

    /// What to do next, waiting for something. For the one task that sends; dropping the future loses nothing.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.news.notified().await;
        }
    }

    /// What to do next, when there is something.
    pub fn try_next(&self) -> Option<Next> {
        let mut state = self.lock();
        if let Some(code) = state.close {
            return Some(Next::Close(code));
        }
        if state.behind == Some(Told::No) {
            state.behind = Some(Told::Yes);
            return Some(Next::Behind(state.version));
        }
        let Some(frame) = state.frames.pop_front() else { return state.last.map(Next::Close) };
        state.bytes -= frame.len();
        if let Frame::Text(_, version) = &frame {
            state.version = *version;
        }
        Some(Next::Frame(frame))
    }

    /// How much waits, in bytes.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way, so a poisoned state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(size: usize, version: u64) -> Frame {
        Frame::Text(Bytes::from(vec![0; size]), version)
    }

    #[tokio::test]
    async fn frames_come_in_order_and_closing_comes_first() {
        let outbox = Outbox::default();
        outbox.push(text(1, 1));
        outbox.push(Frame::Event(Bytes::from_static(b"{}")));
        assert_eq!(outbox.next().await, Next::Frame(text(1, 1)));
        assert_eq!(outbox.waiting(), 2);
        outbox.close(1000);
        outbox.close(4400);
        outbox.push(text(1, 2));
        assert_eq!(outbox.next().await, Next::Close(1000));
        assert_eq!(outbox.waiting(), 0);
    }

    #[tokio::test]
    async fn an_end_may_wait_for_what_was_said_before() {
        let outbox = Outbox::default();
        outbox.push(text(1, 1));
        outbox.finish(1000);
        outbox.push(text(1, 2));
        assert_eq!(outbox.next().await, Next::Frame(text(1, 1)));
        assert_eq!(outbox.next().await, Next::Close(1000));
        let plain = Outbox::new(Hears::Messages);
        plain.push(Frame::Event(Bytes::from_static(b"{}")));
        assert_eq!(plain.try_next(), None, "events are not for everybody");
        plain.finish(1012);
        assert_eq!(plain.next().await, Next::Close(1012));
    }

    #[tokio::test]
    async fn who_does_not_read_holds_no_more_than_the_bound_and_gets_one_difference() {
        let outbox = Outbox::default();
        outbox.push(text(10, 7));
        assert!(matches!(outbox.next().await, Next::Frame(_)));
        for version in 8..1_000 {
            outbox.push(text(10_000, version));
            assert!(outbox.waiting() <= MAX_BYTES);
        }
        assert_eq!(outbox.waiting(), 0);
        assert_eq!(outbox.next().await, Next::Behind(7));
        assert_eq!(outbox.try_next(), None, "told once");
        outbox.push(text(1, 1_000));
        assert_eq!(outbox.try_next(), None, "what comes meanwhile is in the difference");
        outbox.catch_up([text(MAX_BYTES + 1, 1_000)]);
        assert_eq!(outbox.next().await, Next::Frame(text(MAX_BYTES + 1, 1_000)));
        outbox.push(text(1, 1_001));
        assert_eq!(outbox.next().await, Next::Frame(text(1, 1_001)));
    }
}
