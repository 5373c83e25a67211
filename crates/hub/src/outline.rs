//! What a room's document holds, without its text: how far each client has written, in which order it stands, what is deleted.
//!
//! An update passes it before it reaches the document. What builds on something that is not there, says nothing new, or cannot be true
//! is known then, so that the document never holds parts that wait for others and is the same for everybody.

use std::collections::BTreeMap;

use crate::sequence::{Lie, Placed, Sequence, parting};
use crate::wire::state_vector::StateVector;
use crate::wire::update::{Block, Id, Range, Section, place_of};
use crate::wire::{ClientId, Clock, Update};

/// Clocks, order and deletions of a document.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// The first clock that each client has not written.
    clocks: BTreeMap<ClientId, Clock>,
    /// Deleted units by client: starts and ends, in order, apart from each other.
    deleted: BTreeMap<ClientId, BTreeMap<Clock, Clock>>,
    sequence: Sequence,
    /// How many units are written and not deleted.
    standing: Clock,
    /// The most work that an update may make, in [`Sequence::effort`]'s unit.
    most_effort: Option<u64>,
}

/// How an update fits to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It brings something new, and all that it builds on is there.
    New,
    /// The document has all of it.
    Known,
    /// It builds on something that is not there.
    Gap,
}

impl Outline {
    /// How far each client has written.
    #[must_use]
    pub fn state_vector(&self) -> StateVector {
        StateVector(self.clocks.clone())
    }

    /// From now on no update may make more work than so much, in the steps of [`Sequence::effort`].
    pub fn limit_effort(&mut self, most: u64) {
        self.most_effort = Some(most);
    }

    /// How many runs there are.
    #[must_use]
    pub fn run_count(&self) -> usize {
        self.sequence.run_count()
    }

    /// How many clients have written.
    #[must_use]
    pub fn client_count(&self) -> usize {
        self.clocks.len()
    }

    /// The first clock that a client has not written.
    #[must_use]
    pub fn clock(&self, client: ClientId) -> Clock {
        self.clocks.get(&client).copied().unwrap_or(0)
    }

    /// The text's length, in UTF-16 units.
    #[must_use]
    pub fn length(&self) -> Clock {
        self.standing
    }

    /// Everything ever written, in order: who wrote how much, and whether it still stands.
    pub fn runs(&self) -> impl Iterator<Item = (Id, Clock)> {
        self.sequence.iter()
    }

    /// What stands to the left and to the right of a place in the text, deleted units included. `index` is at most the text's length.
    #[must_use]
    pub fn neighbours(&self, index: Clock) -> (Option<Id>, Option<Id>) {
        let mut runs = self.sequence.iter().peekable();
        if index == 0 {
            return (None, runs.peek().map(|(id, _)| *id));
        }
        let mut before = 0;
        while let Some((id, length)) = runs.next() {
            for (start, end) in self.standing(id, length) {
                if index <= before + (end - start) {
                    let left = Id { clock: start + (index - before) - 1, ..id };
                    let within = left.clock + 1 < id.clock + length;
                    let right = Id { clock: left.clock + 1, ..id };
                    return (Some(left), if within { Some(right) } else { runs.peek().map(|(id, _)| *id) });
                }
                before += end - start;
            }
        }
        (None, None)
    }

    /// The units that make up the text from `from` up to `to`.
    #[must_use]
    pub fn visible(&self, from: Clock, to: Clock) -> Vec<Range> {
        let mut found: Vec<Range> = Vec::new();
        let mut before = 0;
        for (id, length) in self.sequence.iter().take_while(|_| from < to) {
            for (start, end) in self.standing(id, length) {
                let first = start + from.saturating_sub(before).min(end - start);
                let behind = start + to.saturating_sub(before).min(end - start);
                if first < behind {
                    found.push(Range { client: id.client, start: first, end: behind });
                }
                before += end - start;
            }
            if before >= to {
                break;
            }
        }
        found
    }

    /// The parts of a run that are not deleted.
    fn standing(&self, id: Id, length: Clock) -> Vec<(Clock, Clock)> {
        let (mut at, end) = (id.clock, id.clock + length);
        let mut parts = Vec::new();
        let deleted = self.deleted.get(&id.client);
        let from = deleted.and_then(|ranges| ranges.range(..=at).next_back()).map_or(at, |(start, _)| *start);
        for (start, until) in deleted.into_iter().flat_map(|ranges| ranges.range(from..end)) {
            if *start > at {
                parts.push((at, *start));
            }
            at = at.max(*until);
        }
        if at < end {
            parts.push((at, end));
        }
        parts
    }

    /// Takes an update up when it fits and is new; else nothing changes.
    ///
    /// # Errors
    /// When it says something that cannot be true.
    pub fn take(&mut self, update: &Update) -> Result<Fit, Lie> {
        if self.leaves_gap(update) {
            return Ok(Fit::Gap);
        }
        if self.knows(update) {
            return Ok(Fit::Known);
        }
        let most = self.most_effort.unwrap_or(u64::MAX);
        let deleting = self.deleting(&update.deleted);
        if deleting > most {
            return Err(Lie::TooLaborious);
        }
        if !self.place(&update.sections, most - deleting)? {
            return Ok(Fit::Gap);
        }
        for section in &update.sections {
            let clock = self.clocks.entry(section.client).or_default();
            self.standing += section.end().saturating_sub(*clock);
            *clock = section.end().max(*clock);
            for block in section.blocks.iter().filter(|block| block.is_deleted) {
                self.delete(section.client, block.clock, block.clock + block.length);
            }
        }
        for range in &update.deleted {
            self.delete(range.client, range.start, range.end);
        }
        Ok(Fit::New)
    }

    /// Whether a client's earlier units are missing, or something is deleted that is not there.
    fn leaves_gap(&self, update: &Update) -> bool {
        let end = |client| {
            let written = update.section(client).map_or(0, Section::end);
            written.max(self.clock(client))
        };
        update.sections.iter().any(|section| section.start() > self.clock(section.client))
            || update.deleted.iter().any(|range| range.end > end(range.client))
    }

    /// Whether all of an update is here.
    #[must_use]
    pub fn knows(&self, update: &Update) -> bool {
        // A block may come as deleted that still stands here.
        let stands = |section: &Section| {
            let deleted = section.blocks.iter().filter(|block| block.is_deleted);
            deleted.into_iter().any(|b| !self.is_deleted(section.client, b.clock, b.clock + b.length))
        };
        update.sections.iter().all(|section| section.end() <= self.clock(section.client) && !stands(section))
            && update.deleted.iter().all(|range| self.is_deleted(range.client, range.start, range.end))
    }

    /// What it costs to delete what still stands of some ranges: a step each, and the parting of what is cut by their ends.
    fn deleting(&self, ranges: &[Range]) -> u64 {
        let cost = |range: &Range| {
            let deleted = self.deleted.get(&range.client);
            let before = deleted.and_then(|deleted| deleted.range(..=range.start).next_back());
            let from = before.map_or(0, |(_, until)| *until);
            let after = deleted.and_then(|deleted| deleted.range(range.start..).next());
            let to = after.map_or(Clock::MAX, |(start, _)| *start);
            if from >= range.end {
                return 0;
            }
            // What is cut stands between what is deleted already, within one run.
            let run = self.sequence.run_of(Id { client: range.client, clock: range.start });
            run.map_or(1, |(start, end)| {
                let (start, end) = (start.max(from), end.min(to));
                let cuts = u64::from(range.start > start) + u64::from(range.end < end);
                1 + cuts * parting(end.saturating_sub(start))
            })
        };
        ranges.iter().map(cost).sum()
    }

    /// Places what is new of the sections, each block after its neighbours. `false` when some never appear; nothing is placed then.
    fn place(&mut self, sections: &[Section], most: u64) -> Result<bool, Lie> {
        let mut placed = Vec::new();
        let most = self.sequence.effort().saturating_add(most);
        let whole = self.place_all(sections, most, &mut placed);
        match whole {
            Ok(true) => placed.iter().for_each(|run| self.sequence.keep(run)),
            Ok(false) | Err(_) => placed.iter().rev().for_each(|run| self.sequence.undo(run)),
        }
        whole
    }

    fn place_all(&mut self, sections: &[Section], most: u64, placed: &mut Vec<Placed>) -> Result<bool, Lie> {
        // Of each section: up to where it is placed, and its next block.
        let mut reached: Vec<_> = sections.iter().map(|section| (self.clock(section.client), 0)).collect();
        loop {
            let mut moved = false;
            for (at, section) in sections.iter().enumerate() {
                let (mut end, mut next) = reached[at];
                while let Some(block) = section.blocks.get(next) {
                    reached[at] = (end, next);
                    if !self.is_ready(block, sections, &reached) {
                        break;
                    }
                    let known = self.clock(section.client);
                    if block.clock < known {
                        self.check_known(section.client, block)?;
                    }
                    if let Some((id, length, left)) = unknown_part(section.client, block, known) {
                        placed.push(self.sequence.place(id, length, left, block.right)?);
                        if self.sequence.effort() > most {
                            return Err(Lie::TooLaborious);
                        }
                        end = id.clock + length;
                    }
                    next += 1;
                    moved = true;
                }
                reached[at] = (end, next);
            }
            if sections.iter().zip(&reached).all(|(section, (_, next))| *next == section.blocks.len()) {
                return Ok(true);
            }
            if !moved {
                return Ok(false);
            }
        }
    }

    /// What is told again must have the neighbours that it was told with: some libraries look at them again, and cut a character that
    /// they part, and some do not.
    fn check_known(&self, client: ClientId, block: &Block) -> Result<(), Lie> {
        let told = self.sequence.neighbours(Id { client, clock: block.clock });
        if told == Some((block.left, block.right)) { Ok(()) } else { Err(Lie::Neighbours) }
    }

    fn is_ready(&self, block: &Block, sections: &[Section], reached: &[(Clock, usize)]) -> bool {
        let is_there = |id: &Id| {
            let section = place_of(sections, id.client);
            id.clock < section.map_or_else(|| self.clock(id.client), |section| reached[section].0)
        };
        block.left.iter().chain(&block.right).all(is_there)
    }

    fn is_deleted(&self, client: ClientId, start: Clock, end: Clock) -> bool {
        let ranges = self.deleted.get(&client);
        let before = ranges.and_then(|ranges| ranges.range(..=start).next_back());
        before.is_some_and(|(_, until)| *until >= end)
    }

    fn delete(&mut self, client: ClientId, mut start: Clock, mut end: Clock) {
        let ranges = self.deleted.entry(client).or_default();
        let mut fresh = end - start;
        // Joined with all that touch it.
        while let Some((from, until)) = ranges
            .range(..=end)
            .next_back()
            .map(|(from, until)| (*from, *until))
            .filter(|(_, until)| *until >= start)
        {
            ranges.remove(&from);
            fresh -= until.min(end).saturating_sub(from.max(start));
            start = start.min(from);
            end = end.max(until);
        }
        ranges.insert(start, end);
        self.standing -= fresh;
    }
}

/// What of a block is behind the client's `known` clock: its first unit, its length, what stands to its left.
fn unknown_part(client: ClientId, block: &Block, known: Clock) -> Option<(Id, Clock, Option<Id>)> {
    let end = block.clock + block.length;
    if end <= known {
        None
    } else if block.clock >= known {
        Some((Id { client, clock: block.clock }, block.length, block.left))
    } else {
        Some((Id { client, clock: known }, end - known, Some(Id { client, clock: known - 1 })))
    }
}
