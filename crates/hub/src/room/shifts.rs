//! Edits that were meant for an older version of the text: their places move along with what happened since.

use std::collections::VecDeque;

use codementor_protocol::session_event::CodeChange;

use crate::document::Splice;
use crate::replay::splice::units;

/// How many changes of the text are remembered.
const MAX_SHIFTS: usize = 1_000;

/// What the newest updates did to the text, while somebody without a CRDT is here.
pub(super) struct Shifts {
    /// In order.
    newest: VecDeque<Shift>,
    /// The version since which they are all there.
    since: u64,
}

impl Shifts {
    /// None, as of a version.
    pub(super) fn new(version: u64) -> Self {
        Self { newest: VecDeque::new(), since: version }
    }

    /// Remembers a change that led to a version.
    pub(super) fn push(&mut self, version: u64, splice: &Splice) {
        self.newest.push_back(Shift::new(version, splice));
        if self.newest.len() > MAX_SHIFTS
            && let Some(oldest) = self.newest.pop_front()
        {
            self.since = oldest.version;
        }
    }

    /// Where an edit goes now that the text is at version `now`. `None` when that is not known any more.
    pub(super) fn place(&self, change: &CodeChange, now: u64) -> Option<(u32, u32)> {
        let (from, to) = (change.from.min(change.to), change.to.max(change.from));
        let Some(version) = change.version.filter(|version| *version < now) else {
            return Some((from, to));
        };
        if version < self.since {
            return None;
        }
        let since = self.newest.iter().filter(|shift| shift.version > version);
        let (from, to) = since.fold((from, to), |(from, to), shift| {
            // What others wrote at either end is not replaced.
            (shift.moved(from, Side::Behind), shift.moved(to, Side::Before))
        });
        Some((from, to.max(from)))
    }
}

/// How a change of the text moves places behind it. Without what was written: a thousand changes may be megabytes.
#[derive(Debug, Clone, Copy)]
struct Shift {
    version: u64,
    at: u32,
    delete: u32,
    /// In UTF-16 units, like everything here.
    inserted: u32,
}

/// On which side of what is inserted at a place the place itself ends up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
}

impl Shift {
    fn new(version: u64, splice: &Splice) -> Self {
        Self { version, at: splice.at, delete: splice.delete, inserted: units(&splice.insert) }
    }

    fn moved(&self, place: u32, side: Side) -> u32 {
        let inserted = self.inserted;
        if place < self.at || (place == self.at && side == Side::Before) {
            place
        } else if place >= self.at + self.delete {
            (place - self.delete).saturating_add(inserted)
        } else {
            match side {
                Side::Before => self.at,
                Side::Behind => self.at + inserted,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_move_along_with_what_others_wrote() {
        let splice = Splice { at: 5, delete: 2, insert: "x😀".to_owned() };
        let moved = |place, side| Shift::new(1, &splice).moved(place, side);
        assert_eq!((moved(4, Side::Before), moved(4, Side::Behind)), (4, 4));
        assert_eq!((moved(5, Side::Before), moved(5, Side::Behind)), (5, 8));
        assert_eq!((moved(6, Side::Before), moved(6, Side::Behind)), (5, 8));
        assert_eq!((moved(7, Side::Before), moved(7, Side::Behind)), (8, 8));
        assert_eq!(moved(u32::MAX, Side::Behind), u32::MAX, "nobody's place is too far behind");
    }
}
