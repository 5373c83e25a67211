//! What is in the log and not yet in the tables, in memory.

use std::sync::Arc;

use super::frame::Frame;

/// Frames in order that are brought into the tables together.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) frames: Vec<Frame>,
    /// The memory they take.
    bytes: usize,
}

impl Chunk {
    /// The number of its last frame.
    fn last(&self) -> u64 {
        self.frames.last().map_or(0, |frame| frame.number)
    }
}

/// Frames that wait to be brought into the tables, oldest first.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Those that somebody brings, or tried to.
    taken: Vec<Arc<Chunk>>,
    /// The others.
    rest: Vec<Frame>,
    bytes: usize,
}

impl Pending {
    /// The memory all of it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_empty() && self.rest.is_empty()
    }

    /// Whether one frame waits, or one since the others were taken.
    pub(super) fn is_one(&self) -> bool {
        self.rest.len() == 1
    }

    /// Adds the newest.
    pub(super) fn push(&mut self, frame: Frame) {
        self.bytes += frame.cost();
        self.rest.push(frame);
    }

    /// All of it, which stays pending. Copies no frame.
    pub(super) fn all(&mut self) -> Vec<Arc<Chunk>> {
        if !self.rest.is_empty() {
            let taken: usize = self.taken.iter().map(|chunk| chunk.bytes).sum();
            let frames = std::mem::take(&mut self.rest);
            self.taken.push(Arc::new(Chunk { frames, bytes: self.bytes - taken }));
        }
        self.taken.clone()
    }

    /// Forgets these, which are in the tables, and returns the number of the last. Doing so again changes nothing.
    pub(super) fn settle(&mut self, done: &[Arc<Chunk>]) -> u64 {
        let last = done.last().map_or(0, |chunk| chunk.last());
        let settled = self.taken.partition_point(|chunk| chunk.last() <= last);
        self.bytes -= self.taken.drain(..settled).map(|chunk| chunk.bytes).sum::<usize>();
        last
    }
}
