//! Who did how much in a session. Counted from its steps; nothing is estimated.

use codementor_core::{Timestamp, UserId};

use super::recording::{Recording, Step, StepKind};
use super::splice::units;

/// Pauses between a person's edits that are shorter than this belong to their active time, in milliseconds: 30 s.
pub const ACTIVE_GAP_MS: i64 = 30_000;
/// An edit that writes this many UTF-16 units at once is a paste, or
pub const PASTE_UNITS: u64 = 80;
/// one that writes this many line breaks. Editors write two for somebody who opens a block.
pub const PASTE_LINE_BREAKS: u64 = 3;
/// The most pastes that are listed; all are counted.
pub const MAX_PASTES: usize = 1_000;

/// What can be counted of a session.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    /// Everybody who edited, in the order in which they first did.
    pub authors: Vec<Author>,
    /// How many edits were pastes.
    pub paste_count: u64,
    /// The first of them, in order: at most [`MAX_PASTES`].
    pub pastes: Vec<Paste>,
    /// The longest time in which nothing was recorded; the first one of several. `None` with fewer than two steps.
    pub longest_idle: Option<Idle>,
}

/// What one person did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Author {
    /// Who. `None` for the session itself.
    pub author: Option<UserId>,
    /// How many edits.
    pub edits: u64,
    /// How many UTF-16 units they wrote.
    pub inserted: u64,
    /// How many units they deleted, whoever wrote them.
    pub deleted: u64,
    /// How many of the units that they wrote stand in the last text.
    pub surviving: u64,
    /// The sum of the pauses between neighbouring edits of theirs that are shorter than [`ACTIVE_GAP_MS`], in milliseconds.
    pub active_ms: i64,
    /// Their first edit. `None` never comes of [`Recording::statistics`].
    pub first: Option<Timestamp>,
    /// Their last edit.
    pub last: Option<Timestamp>,
    /// Their share of all units that people wrote, 0 to 1; 0 for the session itself.
    pub inserted_share: f64,
    /// Their share of the sum of all people's active times, 0 to 1; 0 for the session itself.
    pub active_share: f64,
}

/// Much text at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paste {
    /// The step.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who. The session itself is never said to paste.
    pub author: UserId,
    /// How many UTF-16 units.
    pub length: u64,
}

/// A time in which nothing was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// The step after which it began.
    pub seq: u64,
    /// When it began.
    pub from: Timestamp,
    /// How long, in milliseconds.
    pub ms: i64,
}

impl Recording {
    /// Counts what can be counted. It takes about as long as reading all steps once.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let mut authors: Vec<Author> =
            self.authors.iter().map(|author| Author { author: *author, ..Author::default() }).collect();
        let mut statistics = Statistics { longest_idle: longest_idle(&self.steps), ..Statistics::default() };
        for step in &self.steps {
            if !matches!(step.kind, StepKind::Edit { .. }) {
                continue;
            }
            authors[self.place(step.author) as usize].count(step);
            if let Some(paste) = paste(step) {
                statistics.paste_count += 1;
                if statistics.pastes.len() < MAX_PASTES {
                    statistics.pastes.push(paste);
                }
            }
        }
        for run in self.authors_at(self.last_seq()) {
            authors[self.place(run.author) as usize].surviving += u64::from(run.length);
        }
        authors.retain(|author| author.edits > 0);
        authors.sort_by_key(|author| author.first);
        share(&mut authors);
        statistics.authors = authors;
        statistics
    }
}

impl Author {
    fn count(&mut self, step: &Step) {
        self.edits += 1;
        self.inserted += inserted(step);
        self.deleted += step.written().iter().map(|splice| u64::from(splice.delete)).sum::<u64>();
        if let Some(last) = self.last {
            let gap = step.at.as_ms() - last.as_ms();
            self.active_ms += if gap < ACTIVE_GAP_MS { gap } else { 0 };
        }
        self.first = self.first.or(Some(step.at));
        self.last = Some(step.at);
    }
}

fn inserted(step: &Step) -> u64 {
    step.written().iter().map(|splice| u64::from(units(&splice.insert))).sum()
}

fn paste(step: &Step) -> Option<Paste> {
    let breaks = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count() as u64;
    let length = inserted(step);
    let lines: u64 = step.written().iter().map(|splice| breaks(&splice.insert)).sum();
    let author = step.author.filter(|_| length >= PASTE_UNITS || lines >= PASTE_LINE_BREAKS)?;
    Some(Paste { seq: step.seq, at: step.at, author, length })
}

fn longest_idle(steps: &[Step]) -> Option<Idle> {
    let idle = |pair: &[Step]| Idle {
        seq: pair[0].seq,
        from: pair[0].at,
        ms: pair[1].at.as_ms() - pair[0].at.as_ms(),
    };
    steps.windows(2).map(idle).reduce(|longest, idle| if idle.ms > longest.ms { idle } else { longest })
}

/// Each person's part of what all of them did.
fn share(authors: &mut [Author]) {
    let people = || authors.iter().filter(|author| author.author.is_some());
    let inserted: u64 = people().map(|author| author.inserted).sum();
    let active: i64 = people().map(|author| author.active_ms).sum();
    for author in authors.iter_mut().filter(|author| author.author.is_some()) {
        // Counts are far below 2⁵³, where every whole number is a float.
        author.inserted_share = author.inserted as f64 / inserted.max(1) as f64;
        author.active_share = author.active_ms as f64 / active.max(1) as f64;
    }
}
