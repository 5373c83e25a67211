//! What waits in an outbox, and how far it is written.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::Arc;

use super::{Frame, GONE, Line, What};

/// Answers that wait for one member. Whoever asks more without reading is too slow.
pub(super) const MAX_ANSWERS: usize = 1_024;
/// Frames that one call writes.
const SLICES: usize = 64;
/// Close code of the contract: too slow.
pub(super) const TOO_SLOW: u16 = 4408;

#[derive(Default)]
pub(super) struct State {
    pub(super) line: Option<Arc<dyn Line>>,
    pub(super) frames: VecDeque<Frame>,
    pub(super) bytes: usize,
    /// How much of the first frame is written.
    pub(super) written: usize,
    /// The line took no more, and the connection knows or does not know yet.
    pub(super) stuck: Option<Told>,
    /// The version of the text that was sent last.
    pub(super) version: u64,
    /// Frames were dropped, and the connection knows or does not know yet.
    pub(super) behind: Option<Told>,
    pub(super) close: Option<u16>,
    /// To be closed once what waits is sent.
    pub(super) last: Option<u16>,
    /// Something was sent that the client's own code sees.
    pub(super) is_busy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    No,
    Yes,
}

impl State {
    pub(super) fn add(&mut self, frame: Frame) {
        self.bytes += frame.weight();
        self.frames.push_back(frame);
    }

    pub(super) fn add_answer(&mut self, frame: Frame) {
        self.add(frame);
        let answers = self.frames.iter().filter(|frame| frame.what() == What::Answer);
        if self.frames.len() > MAX_ANSWERS && answers.count() > MAX_ANSWERS {
            self.clear();
            self.close = Some(TOO_SLOW);
        }
    }

    /// Drops a state that waits, and the events after it: they tell what happened since, and a newer state tells that too.
    pub(super) fn drop_state(&mut self) {
        let begun = usize::from(self.written > 0);
        let waiting = self.frames.iter().skip(begun).position(|frame| frame.what() == What::State);
        if let Some(first) = waiting {
            let mut place = 0;
            self.frames.retain(|frame| {
                place += 1;
                place <= begun + first || !matches!(frame.what(), What::State | What::Event)
            });
            self.bytes = self.frames.iter().map(Frame::weight).sum();
        }
    }

    pub(super) fn fall_behind(&mut self) {
        self.drop_frames(|frame| frame.what() == What::Answer);
        self.frames.shrink_to_fit();
        self.behind = Some(Told::No);
    }

    pub(super) fn clear(&mut self) {
        self.drop_frames(|_| false);
        self.frames.shrink_to_fit();
    }

    /// Drops all but some, and but the first when it is half written: the peer could not read what comes after half a frame.
    pub(super) fn drop_frames(&mut self, stays: impl Fn(&Frame) -> bool) {
        let mut is_begun = self.written > 0;
        self.frames.retain(|frame| std::mem::take(&mut is_begun) || stays(frame));
        self.bytes = self.frames.iter().map(Frame::weight).sum();
    }

    /// Takes the first frame out, which is sent.
    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.weight();
        self.note(frame.what());
        Some(frame)
    }

    /// Notes what was sent.
    pub(super) fn note(&mut self, what: What) {
        self.is_busy |= what != What::Control;
        if let What::Text(version) = what {
            self.version = version;
        }
    }

    /// Whether a frame may go at once.
    pub(super) fn is_free(&self) -> bool {
        self.frames.is_empty()
            && self.stuck.is_none()
            && self.behind.is_none()
            && self.close.is_none()
            && self.last.is_none()
    }

    /// Writes what waits, as far as the line takes it; tells whether it took anything.
    pub(super) fn write(&mut self) -> bool {
        let Some(line) = self.line.clone() else { return false };
        let mut any = false;
        while !self.frames.is_empty() {
            match self.write_once(&*line) {
                Ok(count) => {
                    any = true;
                    self.advance(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.stuck = Some(Told::No);
                    break;
                }
                Err(_) => {
                    self.line = None;
                    self.close.get_or_insert(GONE);
                    self.written = 0;
                    self.clear();
                }
            }
        }
        any
    }

    pub(super) fn write_once(&self, line: &dyn Line) -> io::Result<usize> {
        if let (Some(only), 1) = (self.frames.front(), self.frames.len()) {
            return line.write(&[IoSlice::new(only.bytes().get(self.written..).unwrap_or_default())]);
        }
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut skip = self.written;
        let mut count = 0;
        for (slice, frame) in slices.iter_mut().zip(&self.frames) {
            *slice = IoSlice::new(frame.bytes().get(skip..).unwrap_or_default());
            skip = 0;
            count += 1;
        }
        line.write(&slices[..count])
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.written += bytes;
        while let Some(first) = self.frames.front().map(|frame| frame.bytes().len())
            && first <= self.written
        {
            self.written -= first;
            self.pop();
        }
    }

    /// Whether [`Outbox::try_next`] has something new to say.
    pub(super) fn is_news(&self) -> bool {
        self.close.is_some()
            || self.stuck == Some(Told::No)
            || (self.stuck.is_none() && self.behind == Some(Told::No))
            || (self.line.is_none() && !self.frames.is_empty())
            || (self.last.is_some() && self.frames.is_empty())
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("frames", &self.frames.len()).finish_non_exhaustive()
    }
}
