//! What waits to be sent to one member, bounded in bytes.
//!
//! The room writes to the member's line itself; only what the line does not take waits here, for the connection's task. A member who does
//! not read is fed nothing more: what waits is dropped, and when they read again the room sends one difference instead.

mod frame;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

pub use frame::{Frame, What};

use self::state::{State, Told};
use crate::room::Hears;

/// The most that waits for one member, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Frames of the WebSocket itself that wait for one member; more are not sent.
const MAX_CONTROLS: usize = 64;
/// What RFC 6455 calls an end without a goodbye. It is never sent.
const GONE: u16 = 1006;

/// Where a member's bytes go. Writing never waits.
pub trait Line: Send + Sync {
    /// Writes the beginning of what these hold together; tells how many bytes.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when it takes nothing now; anything else is its end.
    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Has the processor fetch what [`Line::write`] reads.
    fn touch(&self) {}
}

/// What the member's connection does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Send this. Only where there is no line.
    Frame(Frame),
    /// The line takes no more: call [`Outbox::resume`] when it does again.
    Stuck,
    /// Ask the room for what was dropped: everything after this version of the text.
    Behind(u64),
    /// Close with this code.
    Close(u16),
}

/// What [`Outbox::resume`] brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// Everything is written, or there is nothing to be written to.
    All,
    /// The line took some of it.
    Some,
    /// It took nothing.
    None,
}

/// The way from a room to one member. The room pushes, flushes and never waits; the connection does what is left over.
pub struct Outbox {
    hears: Hears,
    /// Shared by the room's task and the connection's; held for a few instructions or one write, never across an await.
    state: Mutex<State>,
    /// The line of `state`, or what was it, which may be touched at any time.
    touched: OnceLock<Arc<dyn Line>>,
    /// The connection has something to do.
    news: Notify,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("hears", &self.hears)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new(Hears::Events)
    }
}

impl Outbox {
    /// An empty one, for somebody who hears this. Events for those who do not hear them are dropped.
    #[must_use]
    pub fn new(hears: Hears) -> Self {
        Self { hears, state: Mutex::default(), touched: OnceLock::new(), news: Notify::new() }
    }

    /// From here on frames go there.
    pub fn connect(&self, line: Arc<dyn Line>) {
        let _ = self.touched.set(line.clone());
        self.lock().line = Some(line);
        self.flush();
    }

    /// The line is gone, and nothing is sent any more.
    pub fn disconnect(&self) {
        let mut state = self.lock();
        state.line = None;
        state.close.get_or_insert(GONE);
        state.clear();
    }

    /// Adds a frame, to be sent with the next flush. When there is no room for it, everything that waits is dropped but for answers, and
    /// the connection is told that it is behind.
    pub fn push(&self, frame: Frame) {
        if self.hears == Hears::Messages && frame.is_event() {
            return;
        }
        let mut state = self.lock();
        if state.close.is_some() || state.last.is_some() {
            return;
        }
        match frame.what() {
            What::Answer => state.add_answer(frame),
            _ if state.behind.is_some() => {}
            What::State => {
                state.drop_state();
                state.add(frame);
            }
            _ if state.bytes + frame.weight() > MAX_BYTES => state.fall_behind(),
            _ => state.add(frame),
        }
    }

    /// Has the processor fetch what [`Outbox::send`] reads. Of many members it does that at once, when they are touched one after the other.
    pub fn touch(&self) {
        std::hint::black_box(self.state.is_poisoned());
        if let Some(line) = self.touched.get() {
            line.touch();
        }
    }

    /// As [`Outbox::push`] and [`Outbox::flush`], but where nothing waits nothing is queued.
    pub fn send(&self, frame: &Frame) {
        let mut state = self.lock();
        let is_heard = self.hears == Hears::Events || !frame.is_event();
        if is_heard
            && state.is_free()
            && let Some(line) = &state.line
            && let Ok(written) = line.write(&[IoSlice::new(frame.bytes())])
        {
            if written == frame.bytes().len() {
                return state.note(frame.what());
            }
            state.add(frame.clone());
            state.advance(written);
        } else {
            drop(state);
            self.push(frame.clone());
            return self.flush();
        }
        drop(state);
        self.flush();
    }

    /// Adds a frame of the WebSocket itself, also after the end; sends it when it can be sent now.
    pub fn push_control(&self, frame: Frame) {
        let mut state = self.lock();
        let waiting = state.frames.iter().filter(|frame| frame.what() == What::Control);
        if waiting.count() < MAX_CONTROLS {
            state.add(frame);
        }
        drop(state);
        self.flush();
    }

    /// Puts the member up to date: these frames stand for all that was dropped. They may be larger than the bound, as the connection
    /// waits for them.
    pub fn catch_up(&self, frames: impl IntoIterator<Item = Frame>) {
        let mut state = self.lock();
        state.behind = None;
        frames.into_iter().for_each(|frame| state.add(frame));
    }

    /// Sends what waits, as far as the line takes it, and tells the connection what is left to do.
    pub fn flush(&self) {
        let mut state = self.lock();
        if state.stuck.is_none() {
            state.write();
        }
        let is_news = state.is_news();
        drop(state);
        if is_news {
            self.news.notify_one();
        }
    }

    /// The line takes more again: goes on.
    pub fn resume(&self) -> Resumed {
        let mut state = self.lock();
        state.stuck = None;
        let any = state.write();
        match (&mut state.stuck, any) {
            (None, _) => Resumed::All,
            (Some(told), any) => {
                *told = Told::Yes;
                if any { Resumed::Some } else { Resumed::None }
            }
        }
    }

    /// Ends it. What waits is not sent any more.
    pub fn close(&self, code: u16) {
        let mut state = self.lock();
        state.close.get_or_insert(code);
        state.clear();
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
        self.flush();
    }

    /// What to do next, waiting for something. For the connection's task; dropping the future loses nothing.
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
        if let Some(told) = &mut state.stuck {
            return (std::mem::replace(told, Told::Yes) == Told::No).then_some(Next::Stuck);
        }
        if state.behind == Some(Told::No) {
            state.behind = Some(Told::Yes);
            return Some(Next::Behind(state.version));
        }
        if state.line.is_none()
            && let Some(frame) = state.pop()
        {
            return Some(Next::Frame(frame));
        }
        state.last.filter(|_| state.frames.is_empty()).map(Next::Close)
    }

    /// Whether anything was sent that the client's own code sees, since this was last asked.
    pub fn was_busy(&self) -> bool {
        std::mem::take(&mut self.lock().is_busy)
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
