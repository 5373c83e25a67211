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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use codementor_core::journal::{Entry, Kind};

    use super::*;
    use crate::document::Document;

    #[test]
    fn what_two_people_did_is_counted() {
        let (ada, ben, nobody) = (UserId::new(), UserId::new(), UserId::from_bytes([0; 16]));
        let paste = "x".repeat(80);
        let edits = [
            (0, None, (0, 0), "seed"),
            (1_000, Some(ada), (4, 4), "abc"),
            (11_000, Some(ada), (0, 2), "😀"),
            (41_000, Some(ada), (0, 0), "\n\n\n"),
            (42_000, Some(ben), (0, 3), ""),
            (71_999, Some(ben), (0, 0), &paste),
            (72_000, Some(ben), (0, 0), "\n\n"),
        ];
        let mut document = Document::new();
        let mut builder = Recording::builder();
        for (n, (at, author, place, text)) in edits.into_iter().enumerate() {
            let (writer, client) = (author.unwrap_or(nobody), if author == Some(ada) { 1 } else { 2 });
            let client = if author.is_none() { 3 } else { client };
            let data = document.splice(writer, client, place, text).unwrap().unwrap();
            let entry = |seq, kind, data| Entry { seq, at: Timestamp::from_ms(at), author, kind, data };
            builder.push(entry(2 * n as u64 + 1, Kind::Edit, data)).unwrap();
            builder.push(entry(2 * n as u64 + 2, Kind::Event, Bytes::from_static(b"{}"))).unwrap();
        }
        let statistics = builder.finish().unwrap().statistics();
        let all: Vec<_> = statistics.authors.iter().map(|author| author.author).collect();
        assert_eq!(all, [None, Some(ada), Some(ben)]);
        let numbers = |n: usize| {
            let author = &statistics.authors[n];
            let Author { edits, inserted, deleted, surviving, active_ms, .. } = *author;
            (edits, inserted, deleted, surviving, active_ms)
        };
        assert_eq!(numbers(0), (1, 4, 0, 2, 0));
        assert_eq!(numbers(1), (3, 8, 2, 5, 10_000));
        assert_eq!(numbers(2), (3, 82, 3, 82, 30_000));
        let shares = |n: usize| (statistics.authors[n].inserted_share, statistics.authors[n].active_share);
        assert_eq!(shares(0), (0.0, 0.0));
        assert_eq!(shares(1), (8.0 / 90.0, 0.25));
        assert_eq!(shares(2), (82.0 / 90.0, 0.75));
        let pastes: Vec<_> =
            statistics.pastes.iter().map(|paste| (paste.seq, paste.author, paste.length)).collect();
        assert_eq!((pastes, statistics.paste_count), (vec![(7, ada, 3), (11, ben, 80)], 2));
        let idle = Idle { seq: 6, from: Timestamp::from_ms(11_000), ms: 30_000 };
        assert_eq!(statistics.longest_idle, Some(idle));
        assert_eq!(Recording::default().statistics(), Statistics::default());
    }
}
