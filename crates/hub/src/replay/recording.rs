//! A session's record as it can be watched: its steps, and the text and its authors as of any of them.

use std::collections::HashMap;

use bytes::Bytes;
use codementor_core::{Timestamp, UserId};

use super::builder::Builder;
use super::chunks::Chunks;
use super::splice::Splice;
use crate::wire::Clock;

/// About how much a page of steps holds, in bytes: 4 MiB.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// A whole session.
#[derive(Debug, Default)]
pub struct Recording {
    /// The step of seq n is at n − 1.
    pub(super) steps: Vec<Step>,
    /// In order; the first is after some step, not before all.
    pub(super) keyframes: Vec<Keyframe>,
    /// Everybody who made a step, in the order in which they first did.
    pub(super) authors: Vec<Option<UserId>>,
    /// Each one's place there.
    pub(super) places: HashMap<Option<UserId>, u32>,
}

/// Something that happened in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its place in the record: 1, 2, 3 and so on.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who did it. `None` for the session itself.
    pub author: Option<UserId>,
    /// What.
    pub kind: StepKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// The text changed.
    Edit {
        /// How: to be done in order, each in the coordinates that the one before left. None cuts a character. May be empty, when what was
        /// deleted had gone already.
        splices: Box<[Splice]>,
        /// How many of the first splices show the halves of a cut character as U+FFFD each; those units stay their author's.
        cuts: u32,
    },
    /// Anything else, as JSON.
    Event(Bytes),
}

/// Units side by side that one person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Who. `None` for the session itself.
    pub author: Option<UserId>,
    /// How many UTF-16 units; at least one.
    pub length: Clock,
}

/// The text after a step.
#[derive(Debug)]
pub(super) struct Keyframe {
    pub(super) seq: u64,
    pub(super) text: String,
    /// Places in [`Recording::authors`] and UTF-16 units.
    pub(super) authors: Box<[(u32, Clock)]>,
}

impl Keyframe {
    /// Its size in bytes.
    pub(super) fn weight(&self) -> u64 {
        (size_of::<Self>() + self.text.len() + size_of_val(&*self.authors)) as u64
    }
}

impl Recording {
    /// Begins one, from the record's first entry on.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// When the first step was made. `None` when there is none.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.steps.first().map(|step| step.at)
    }

    /// When the last step was made. `None` when there is none.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.steps.last().map(|step| step.at)
    }

    /// The last step's seq; 0 when there is none.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.steps.len() as u64
    }

    /// The last step that was made at `time` or before; 0 when there is none.
    #[must_use]
    pub fn seq_at(&self, time: Timestamp) -> u64 {
        self.steps.partition_point(|step| step.at <= time) as u64
    }

    /// All steps in order.
    #[must_use]
    pub fn all_steps(&self) -> &[Step] {
        &self.steps
    }

    /// The steps after the step `after` (0: from the beginning): at most `limit`, and about 4 MiB, but at least one when there is any and
    /// `limit` allows.
    #[must_use]
    pub fn steps(&self, after: u64, limit: usize) -> &[Step] {
        let rest = self.steps.get(self.clamp(after)..).unwrap_or_default();
        let mut bytes = 0;
        let fits = |step: &&Step| {
            let is_room_left = bytes < PAGE_BYTES;
            bytes += step.weight();
            is_room_left
        };
        &rest[..rest.iter().take(limit).take_while(fits).count()]
    }

    /// The text after the step `seq`: empty for 0, the last one for any seq beyond the end.
    #[must_use]
    pub fn text_at(&self, seq: u64) -> String {
        let (keyframe, steps) = self.path(seq);
        let Some(text) = self.play(keyframe, steps) else {
            return keyframe.map(|keyframe| keyframe.text.clone()).unwrap_or_default();
        };
        let units: Vec<u16> = text.iter().collect();
        // No step leaves half a character.
        String::from_utf16_lossy(&units)
    }

    /// Who wrote what stands in the text after the step `seq`, from its first unit to its last. Neighbours have different authors.
    #[must_use]
    pub fn authors_at(&self, seq: u64) -> Vec<Run> {
        let (keyframe, steps) = self.path(seq);
        let known = keyframe.map(|keyframe| &*keyframe.authors).unwrap_or_default();
        let mut authors: Chunks<u32> = known
            .iter()
            .flat_map(|(author, length)| std::iter::repeat_n(*author, *length as usize))
            .collect();
        for step in steps {
            write(&mut authors, step, self.place(step.author));
        }
        let runs = runs(&authors).into_iter();
        runs.map(|(author, length)| Run { author: self.authors[author as usize], length }).collect()
    }

    /// The newest text that is kept as of `seq` or before, and the step after which it stood. From there the steps lead on.
    #[must_use]
    pub fn keyframe(&self, seq: u64) -> (u64, &str) {
        self.path(seq).0.map_or((0, ""), |keyframe| (keyframe.seq, &keyframe.text))
    }

    /// How many texts are kept.
    #[must_use]
    pub fn keyframe_count(&self) -> usize {
        self.keyframes.len()
    }

    /// How much the texts take that are kept, with their authors, in bytes.
    #[must_use]
    pub fn keyframe_bytes(&self) -> u64 {
        self.keyframes.iter().map(Keyframe::weight).sum()
    }

    /// A step's author's place.
    pub(super) fn place(&self, author: Option<UserId>) -> u32 {
        // Each is there.
        self.places.get(&author).copied().unwrap_or_default()
    }

    fn clamp(&self, seq: u64) -> usize {
        usize::try_from(seq).unwrap_or(usize::MAX).min(self.steps.len())
    }

    /// The last keyframe up to `seq`, and the steps from there on.
    fn path(&self, seq: u64) -> (Option<&Keyframe>, &[Step]) {
        let until = self.clamp(seq);
        let count = self.keyframes.partition_point(|keyframe| keyframe.seq <= until as u64);
        let keyframe = self.keyframes[..count].last();
        let from = keyframe.map_or(0, |keyframe| self.clamp(keyframe.seq));
        (keyframe, &self.steps[from..until])
    }

    /// The text's units after some steps. `None` when they change nothing.
    fn play(&self, keyframe: Option<&Keyframe>, steps: &[Step]) -> Option<Chunks<u16>> {
        let mut splices = steps.iter().flat_map(Step::splices).peekable();
        splices.peek()?;
        let text = keyframe.map(|keyframe| keyframe.text.as_str()).unwrap_or_default();
        let mut units: Chunks<u16> = text.encode_utf16().collect();
        for splice in splices {
            units.splice(splice.at as usize, splice.delete as usize, splice.insert.encode_utf16());
        }
        Some(units)
    }
}

impl Step {
    /// What became of the text; nothing for an event.
    #[must_use]
    pub fn splices(&self) -> &[Splice] {
        match &self.kind {
            StepKind::Edit { splices, .. } => splices,
            StepKind::Event(_) => &[],
        }
    }

    /// What was written or deleted on purpose: without what only shows cut characters.
    #[must_use]
    pub fn written(&self) -> &[Splice] {
        match &self.kind {
            StepKind::Edit { splices, cuts } => splices.get(*cuts as usize..).unwrap_or_default(),
            StepKind::Event(_) => &[],
        }
    }

    /// About its size, in bytes.
    fn weight(&self) -> usize {
        let content = match &self.kind {
            StepKind::Edit { splices, .. } => {
                splices.iter().map(|splice| size_of::<Splice>() + splice.insert.len()).sum()
            }
            StepKind::Event(json) => json.len(),
        };
        size_of::<Self>() + content
    }
}

/// Does to the authors what a step of `author` does to the text.
pub(super) fn write(authors: &mut Chunks<u32>, step: &Step, author: u32) {
    for splice in step.written() {
        let length = super::splice::units(&splice.insert) as usize;
        authors.splice(splice.at as usize, splice.delete as usize, std::iter::repeat_n(author, length));
    }
}

/// How many units of each author stand side by side.
pub(super) fn runs(authors: &Chunks<u32>) -> Vec<(u32, Clock)> {
    let mut runs: Vec<(u32, Clock)> = Vec::new();
    for author in authors.iter() {
        match runs.last_mut() {
            Some((last, length)) if *last == author => *length += 1,
            _ => runs.push((author, 1)),
        }
    }
    runs
}
