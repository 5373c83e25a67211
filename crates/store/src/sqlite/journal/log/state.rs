//! What the log holds in memory, behind one lock: where it is written, what is pending and where records end.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use codementor_core::id::SessionId;
use codementor_core::ports::{StoreError, StoreResult};

use super::frame::{Change, Frame};
use super::pending::Pending;
use super::segment::Segment;
use crate::sqlite::lane;

/// The most memory that may be pending before whoever adds waits for it to become less, in bytes.
pub(super) const MAX_PENDING: usize = 32 * 1024 * 1024;

/// When so much is pending it is brought into the tables without waiting for more, in bytes.
const MUCH_PENDING: usize = 4 * 1024 * 1024;

/// How many records' ends are kept in mind.
const MAX_ENDS: usize = 64 * 1024;

/// A buffer that became larger is given back, in bytes.
const BUFFER: usize = 256 * 1024;

/// Who may still write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    /// Nobody; what is pending is brought into the tables.
    Shut,
}

/// Where a record ends.
#[derive(Debug, Clone, Copy)]
struct End {
    /// The place of its last entry; 0 when there is none.
    last: i64,
    /// The last frame about it.
    frame: u64,
}

/// A segment that is not written to any more, all of it on the disk.
#[derive(Debug)]
pub(super) struct Old {
    pub(super) path: PathBuf,
    /// The last frame that may be in it.
    pub(super) last: u64,
}

/// What became of an attempt to add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlite::journal) enum Attempt {
    /// It is in the log.
    Added,
    /// The record ends elsewhere, at this place.
    Ends(i64),
    /// Where the record ends is not known here: ask the tables and try again with [`Known`] of this.
    Unknown(u64),
    /// Too much is pending.
    Full,
}

/// What the tables say of a record that nothing is pending of.
#[derive(Debug, Clone, Copy)]
pub(in crate::sqlite::journal) struct Known {
    /// What [`Attempt::Unknown`] said before they were asked.
    pub(in crate::sqlite::journal) at: u64,
    /// Where the record ends.
    pub(in crate::sqlite::journal) end: i64,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) segment: Segment,
    /// Oldest first.
    pub(super) old: Vec<Old>,
    /// The number of the last frame.
    pub(super) written: u64,
    /// The last frame that is on the disk for certain.
    pub(super) synced: u64,
    /// The last frame that is in the tables.
    pub(super) folded: u64,
    pub(super) pending: Pending,
    pub(super) gate: Gate,
    /// A frame could not be written.
    pub(super) failed_to_write: bool,
    ends: HashMap<SessionId, End>,
    /// How often ends were forgotten. As long as that does not change, nobody added to a record whose end is not known.
    forgotten: u64,
    buffer: Vec<u8>,
}

impl State {
    /// Nothing but what is in the tables.
    pub(super) fn new(segment: Segment, folded: u64) -> Self {
        Self {
            segment,
            old: Vec::new(),
            written: folded,
            synced: folded,
            folded,
            pending: Pending::default(),
            gate: Gate::Open,
            failed_to_write: false,
            ends: HashMap::new(),
            forgotten: 0,
            buffer: Vec::new(),
        }
    }

    /// Adds entries when the record ends right before them.
    pub(super) fn add(
        &mut self,
        session: SessionId,
        after: i64,
        change: Change,
        known: Option<Known>,
    ) -> StoreResult<Attempt> {
        if self.gate != Gate::Open {
            return Err(lane::closed());
        }
        let end = match (self.ends.get(&session), known) {
            (Some(end), _) => end.last,
            (None, Some(known)) if known.at == self.forgotten => known.end,
            (None, _) => return Ok(Attempt::Unknown(self.forgotten)),
        };
        if end != after {
            self.remember(session, end, 0);
            return Ok(Attempt::Ends(end));
        }
        if self.pending.bytes() > MAX_PENDING {
            return Ok(Attempt::Full);
        }
        self.write(session, change).map(|()| Attempt::Added)
    }

    /// Writes a frame. When that fails nothing has changed.
    pub(super) fn write(&mut self, session: SessionId, change: Change) -> StoreResult<()> {
        if self.gate != Gate::Open {
            return Err(lane::closed());
        }
        let frame = Frame { number: self.written + 1, synced: self.synced, session, change };
        frame.encode(self.segment.salt, &mut self.buffer);
        let written = self.segment.append(&self.buffer);
        self.buffer.clear();
        self.buffer.shrink_to(BUFFER);
        if let Err(error) = written {
            self.failed_to_write = true;
            return Err(unavailable(&error));
        }
        self.written = frame.number;
        match frame.change {
            Change::Added { last, .. } => self.remember(session, last, frame.number),
            Change::Removed => self.remember(session, 0, frame.number),
            Change::Beat => {}
        }
        self.pending.push(frame);
        Ok(())
    }

    /// Whether something of a session is not in the tables yet.
    pub(super) fn is_pending(&self, session: SessionId) -> bool {
        self.ends.get(&session).is_some_and(|end| end.frame > self.folded)
    }

    /// Whether there is anything to do for the keeper.
    pub(super) fn has_work(&self) -> bool {
        !self.pending.is_empty() || self.is_urgent()
    }

    /// Whether it should not wait for more to do.
    pub(super) fn is_urgent(&self) -> bool {
        self.pending.bytes() > MUCH_PENDING || self.failed_to_write
    }

    /// Whether the keeper is to be told now: it is not told of every frame.
    pub(super) fn is_due(&self) -> bool {
        self.pending.is_one() || self.is_urgent()
    }

    fn remember(&mut self, session: SessionId, last: i64, frame: u64) {
        if self.ends.len() >= MAX_ENDS && !self.ends.contains_key(&session) {
            let folded = self.folded;
            self.ends.retain(|_, end| end.frame > folded);
            self.forgotten += 1;
        }
        let end = self.ends.entry(session).or_insert(End { last, frame });
        *end = End { last, frame: frame.max(end.frame) };
    }
}

fn unavailable(error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("the journal's log cannot be written: {error}"))
}
