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

/// What a waiting frame takes besides its bytes.
const OVERHEAD: usize = 48;
/// Answers that wait for one member. Whoever asks more without reading is too slow.
const MAX_ANSWERS: usize = 1_024;
/// Close code of the contract: too slow.
const TOO_SLOW: u16 = 4408;

/// Something to send, shared by all whom it is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A y-protocols message about the text, and the room's version it leads to.
    Text(Bytes, u64),
    /// Any other y-protocols message.
    Binary(Bytes),
    /// A JSON event.
    Event(Bytes),
    /// The JSON answer to a request. It is not dropped with the rest.
    Answer(Bytes),
    /// All there is to know, as a JSON event, for who asked for it. It may be larger than the bound, and a newer one takes its place.
    State(Bytes),
}

impl Frame {
    /// Its size in bytes.
    pub(crate) fn len(&self) -> usize {
        let (Self::Text(bytes, _)
        | Self::Binary(bytes)
        | Self::Event(bytes)
        | Self::Answer(bytes)
        | Self::State(bytes)) = self;
        bytes.len()
    }

    fn is_event(&self) -> bool {
        matches!(self, Self::Event(_) | Self::Answer(_) | Self::State(_))
    }

    /// What it counts for while it waits: a state is bounded by being one.
    fn weight(&self) -> usize {
        if let Self::State(_) = self { 0 } else { self.len() + OVERHEAD }
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

    /// Adds a frame. When there is no room for it, everything that waits is dropped but for answers, and the connection is told that it is
    /// behind.
    pub fn push(&self, frame: Frame) {
        if self.hears == Hears::Messages && frame.is_event() {
            return;
        }
        let mut state = self.lock();
        if state.close.is_some() || state.last.is_some() {
            return;
        }
        match frame {
            Frame::Answer(_) => state.add_answer(frame),
            _ if state.behind.is_some() => return,
            Frame::State(_) => {
                state.frames.retain(|waiting| !matches!(waiting, Frame::State(_)));
                state.add(frame);
            }
            _ if state.bytes + frame.weight() > MAX_BYTES => state.fall_behind(),
            _ => state.add(frame),
        }
        drop(state);
        self.news.notify_one();
    }

    /// Puts the member up to date: these frames stand for all that was dropped. They may be larger than the bound, as the connection
    /// waits for them.
    pub fn catch_up(&self, frames: impl IntoIterator<Item = Frame>) {
        let mut state = self.lock();
        state.behind = None;
        frames.into_iter().for_each(|frame| state.add(frame));
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
        state.bytes -= frame.weight();
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

impl State {
    fn add(&mut self, frame: Frame) {
        self.bytes += frame.weight();
        self.frames.push_back(frame);
    }

    fn add_answer(&mut self, frame: Frame) {
        self.add(frame);
        let answers = self.frames.iter().filter(|frame| matches!(frame, Frame::Answer(_)));
        if self.frames.len() > MAX_ANSWERS && answers.count() > MAX_ANSWERS {
            self.frames = VecDeque::new();
            self.bytes = 0;
            self.close = Some(TOO_SLOW);
        }
    }

    fn fall_behind(&mut self) {
        self.frames.retain(|frame| matches!(frame, Frame::Answer(_)));
        self.frames.shrink_to_fit();
        self.bytes = self.frames.iter().map(Frame::weight).sum();
        self.behind = Some(Told::No);
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
        assert_eq!(outbox.waiting(), 2 + OVERHEAD);
        outbox.close(1000);
        outbox.close(4400);
        outbox.push(text(1, 2));
        assert_eq!(outbox.next().await, Next::Close(1000));
        assert_eq!(outbox.waiting(), 0);
    }

    #[tokio::test]
    async fn answers_stay_and_a_state_may_be_large() {
        let outbox = Outbox::default();
        let answer = |n: usize| Frame::Answer(Bytes::from(n.to_string()));
        outbox.push(text(MAX_BYTES / 2, 1));
        outbox.push(answer(1));
        outbox.push(text(MAX_BYTES, 2));
        outbox.push(answer(2));
        assert_eq!(outbox.next().await, Next::Behind(0));
        assert_eq!(outbox.next().await, Next::Frame(answer(1)));
        assert_eq!(outbox.next().await, Next::Frame(answer(2)));
        outbox.catch_up([text(1, 2)]);
        let state = |size: usize| Frame::State(Bytes::from(vec![b' '; size]));
        outbox.push(state(1));
        outbox.push(state(2 * MAX_BYTES));
        outbox.push(text(1, 3));
        assert_eq!(outbox.next().await, Next::Frame(text(1, 2)));
        assert_eq!(outbox.next().await, Next::Frame(state(2 * MAX_BYTES)));
        assert_eq!(outbox.next().await, Next::Frame(text(1, 3)));
        for n in 0..=MAX_ANSWERS {
            outbox.push(answer(n));
        }
        assert_eq!(outbox.next().await, Next::Close(TOO_SLOW));
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
