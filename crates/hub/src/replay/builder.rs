//! Building a recording from a session's record, entry by entry, within bounds.

use codementor_core::journal::{Entry, Kind, MAX_ENTRY_BYTES};
use codementor_core::{Timestamp, UserId};

use super::chunks::Chunks;
use super::recording::{Keyframe, Recording, Step, StepKind, runs, write};
use super::weave::Weave;
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

/// A recording in the making: what was pushed, and the text to which it leads.
#[derive(Default)]
pub struct Builder {
    /// Entries, and for edits what they say when they said something new.
    entries: Vec<(Entry, Option<Update>)>,
    document: Document,
    bytes: u64,
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
    /// What was pushed leads to one text as a document and to another one as changes. Nothing known does so.
    #[error("the entries do not lead to the text that they should")]
    Diverged,
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
        let update = if entry.kind == Kind::Edit { self.edit(&entry)? } else { None };
        self.bytes += entry.data.len() as u64;
        self.entries.push((entry, update));
        Ok(())
    }

    /// The recording of all that was pushed.
    ///
    /// # Errors
    /// When the text changed in more than [`MAX_CHANGES`] places, or the changes do not lead to the document's text.
    pub fn finish(self) -> Result<Recording, Unfit> {
        let mut weave = Weave::before(&self.document);
        let mut player = Player::default();
        for (entry, update) in self.entries {
            player.push(entry, update.as_ref(), &mut weave)?;
        }
        if !player.text.iter().eq(self.document.text().encode_utf16()) {
            return Err(Unfit::Diverged);
        }
        Ok(player.recording)
    }

    fn check(&self, entry: &Entry) -> Result<(), Unfit> {
        let (seq, expected) = (entry.seq, self.entries.len() as u64 + 1);
        let before = self.entries.last().map_or(Timestamp::from_ms(0), |(entry, _)| entry.at);
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

    /// What an edit says, when it is something new.
    fn edit(&mut self, entry: &Entry) -> Result<Option<Update>, Unfit> {
        let seq = entry.seq;
        let update = Update::read(entry.data.clone()).map_err(|why| Unfit::Malformed { seq, why })?;
        // The session writes as nobody.
        let author = entry.author.unwrap_or(UserId::from_bytes([0; 16]));
        match self.document.take(author, &update) {
            Ok(Fit::New) => Ok(Some(update)),
            Ok(Fit::Known) => Ok(None),
            Ok(Fit::Gap) => Err(Unfit::Gap { seq }),
            Err(why) => Err(Unfit::Refused { seq, why }),
        }
    }
}

/// Plays a record that is known to be sound, and keeps what it sees.
#[derive(Default)]
struct Player {
    recording: Recording,
    text: Chunks<u16>,
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

impl Player {
    fn push(&mut self, entry: Entry, update: Option<&Update>, weave: &mut Weave) -> Result<(), Unfit> {
        let seq = entry.seq;
        self.bytes += (entry.data.len() + size_of::<Entry>()) as u64;
        let kind = match entry.kind {
            Kind::Event => StepKind::Event(entry.data),
            Kind::Edit => {
                let trace = update.map(|update| weave.take(update)).transpose();
                let trace = trace.map_err(|why| Unfit::Malformed { seq, why })?.unwrap_or_default();
                // Fewer than an update has bytes.
                StepKind::Edit { splices: trace.splices.into(), cuts: trace.cuts as u32 }
            }
        };
        let step = Step { seq, at: entry.at, author: entry.author, kind };
        let author = self.place(entry.author);
        write(&mut self.units, &step, author);
        for splice in step.splices() {
            self.text.splice(splice.at as usize, splice.delete as usize, splice.insert.encode_utf16());
            self.bytes_since += splice.insert.len() as u64;
        }
        self.changes += step.splices().len() as u64;
        self.changes_since += step.splices().len() as u64;
        self.recording.steps.push(step);
        self.keep();
        if self.changes > MAX_CHANGES { Err(Unfit::TooLarge { seq }) } else { Ok(()) }
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
        let authors = runs(&self.units).into();
        let units: Vec<u16> = self.text.iter().collect();
        // No step leaves half a character.
        let text = String::from_utf16_lossy(&units);
        let keyframe = Keyframe { seq: self.recording.last_seq(), text, authors };
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
