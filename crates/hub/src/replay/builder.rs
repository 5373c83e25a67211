//! Building a recording from a session's record, entry by entry, within bounds.

use codementor_core::journal::{Entry, Kind, MAX_ENTRY_BYTES};
use codementor_core::{Timestamp, UserId};

use super::chunks::Chunks;
use super::recording::{Keyframe, Recording, Step, StepKind, runs, write};
use crate::document::{Document, Refusal};
use crate::outline::Fit;
use crate::wire::{Malformed, Update};

/// The most entries of a recording: two million.
pub const MAX_ENTRIES: u64 = 2_000_000;
/// The most that the entries of a recording hold together, in bytes: 256 MiB.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// The most changes of the text: 4 Mi. One edit may be many.
pub const MAX_CHANGES: u64 = 4 * 1024 * 1024;

/// A text is kept after this many changes since the last one that was, or
const KEYFRAME_CHANGES: u64 = 512;
/// after this many bytes were written since then, when it can be afforded.
const KEYFRAME_BYTES: u64 = 64 * 1024;
/// All texts that are kept may be this many times as large as the record.
const KEYFRAME_SHARE: u64 = 4;

/// A recording in the making.
#[derive(Default)]
pub struct Builder {
    recording: Recording,
    document: Document,
    /// Who wrote each unit of the text: a place in the recording's authors.
    units: Chunks<u32>,
    /// What the record holds so far, and what is kept of texts, in bytes.
    bytes: u64,
    kept: u64,
    /// Changes of the text so far.
    changes: u64,
    /// What came since a text was kept.
    changes_since: u64,
    bytes_since: u64,
}

/// Why an entry does not go on with a recording. What was pushed before stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Another entry should have come.
    #[error("entry {seq} comes where {expected} should")]
    Order {
        /// What came.
        seq: u64,
        /// What should have.
        expected: u64,
    },
    /// It was made before the one before it.
    #[error("entry {seq} is older than the one before it")]
    Backwards {
        /// The entry.
        seq: u64,
    },
    /// The recording is full: [`MAX_ENTRIES`], [`MAX_BYTES`], [`MAX_CHANGES`] or [`MAX_ENTRY_BYTES`].
    #[error("entry {seq} is more than a recording may hold")]
    TooLarge {
        /// The entry.
        seq: u64,
    },
    /// It is no update of a text.
    #[error("entry {seq} is no edit: {why}")]
    Malformed {
        /// The entry.
        seq: u64,
        /// What is wrong.
        why: Malformed,
    },
    /// It builds on something that is not there.
    #[error("entry {seq} builds on an edit that is missing")]
    Gap {
        /// The entry.
        seq: u64,
    },
    /// The text does not take it.
    #[error("entry {seq} does not fit: {why}")]
    Refused {
        /// The entry.
        seq: u64,
        /// Why not.
        why: Refusal,
    },
}

impl Builder {
    /// Goes on with the next entry of the record.
    ///
    /// # Errors
    /// See [`Unfit`]; nothing more should be pushed then, and [`Self::finish`] gives what came before.
    pub fn push(&mut self, entry: Entry) -> Result<(), Unfit> {
        self.check(&entry)?;
        let bytes = entry.data.len() as u64;
        let kind = match entry.kind {
            Kind::Edit => self.edit(&entry)?,
            Kind::Event => StepKind::Event(entry.data),
        };
        let step = Step { seq: entry.seq, at: entry.at, author: entry.author, kind };
        let author = self.place(entry.author);
        write(&mut self.units, &step, author);
        self.bytes += bytes + size_of::<Entry>() as u64;
        self.changes_since += step.splices().len() as u64;
        self.bytes_since += step.splices().iter().map(|splice| splice.insert.len() as u64).sum::<u64>();
        self.recording.steps.push(step);
        self.keep();
        Ok(())
    }

    /// The recording of all that was pushed.
    #[must_use]
    pub fn finish(mut self) -> Recording {
        self.recording.steps.shrink_to_fit();
        self.recording
    }

    fn check(&self, entry: &Entry) -> Result<(), Unfit> {
        let (seq, expected) = (entry.seq, self.recording.last_seq() + 1);
        let before = self.recording.ended_at().unwrap_or(Timestamp::from_ms(0));
        let bytes = self.bytes + entry.data.len() as u64;
        if seq != expected {
            Err(Unfit::Order { seq, expected })
        } else if entry.at < before {
            Err(Unfit::Backwards { seq })
        } else if seq > MAX_ENTRIES || bytes > MAX_BYTES || entry.data.len() > MAX_ENTRY_BYTES {
            Err(Unfit::TooLarge { seq })
        } else {
            Ok(())
        }
    }

    fn edit(&mut self, entry: &Entry) -> Result<StepKind, Unfit> {
        let seq = entry.seq;
        let update = Update::read(entry.data.clone()).map_err(|why| Unfit::Malformed { seq, why })?;
        // The session writes as nobody.
        let author = entry.author.unwrap_or(UserId::from_bytes([0; 16]));
        let (fit, trace) = self.document.trace(author, &update).map_err(|why| Unfit::Refused { seq, why })?;
        if fit == Fit::Gap {
            return Err(Unfit::Gap { seq });
        }
        self.changes += trace.splices.len() as u64;
        if self.changes > MAX_CHANGES {
            return Err(Unfit::TooLarge { seq });
        }
        // Fewer than an update has bytes.
        Ok(StepKind::Edit { splices: trace.splices.into(), cuts: trace.cuts as u32 })
    }

    /// The author's place in the recording's authors: there are no more than entries.
    fn place(&mut self, author: Option<UserId>) -> u32 {
        let Recording { authors, places, .. } = &mut self.recording;
        *places.entry(author).or_insert_with(|| {
            authors.push(author);
            (authors.len() - 1) as u32
        })
    }

    /// Keeps the text when it is time to, and it can be afforded.
    fn keep(&mut self) {
        if self.changes_since < KEYFRAME_CHANGES && self.bytes_since < KEYFRAME_BYTES {
            return;
        }
        let afforded = (KEYFRAME_SHARE * self.bytes).saturating_sub(self.kept);
        // Seen before anything is copied.
        if u64::from(self.document.length()) > afforded {
            return;
        }
        let authors = runs(&self.units).into();
        let keyframe = Keyframe { seq: self.recording.last_seq(), text: self.document.text(), authors };
        self.bytes_since = 0;
        if keyframe.weight() <= afforded {
            self.kept += keyframe.weight();
            self.recording.keyframes.push(keyframe);
            self.changes_since = 0;
        } else {
            // Trying costs something, too.
            self.changes_since = KEYFRAME_CHANGES / 2;
        }
    }
}
