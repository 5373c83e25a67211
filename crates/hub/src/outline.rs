//! What a room's document holds, without its text: how far each client has written, in which order it stands, what is deleted.
//!
//! An update passes it before it reaches the document. What builds on something that is not there, says nothing new, or cannot be true
//! is known then, so that the document never holds parts that wait for others and is the same for everybody.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::deletions::Deletions;
use crate::sequence::{Deleting, Lie, Sequence};
use crate::wire::state_vector::StateVector;
use crate::wire::update::{Block, Id, Range, Section, join_ranges, place_of};
use crate::wire::{ClientId, Clock, Update};

/// Clocks, order and deletions of a document.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// The first clock that each client has not written.
    clocks: BTreeMap<ClientId, Clock>,
    deleted: Deletions,
    sequence: Sequence,
    /// How many units are written and not deleted.
    standing: Clock,
    bounds: Bounds,
}

/// What an update may do.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most work, in [`Sequence::effort`]'s unit.
    pub effort: u64,
    /// The most runs that there may be afterwards, when something is written and they become more.
    pub runs: usize,
    /// The most runs that there may be afterwards, when something is only deleted and they become more.
    pub runs_deleting: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { effort: u64::MAX, runs: usize::MAX, runs_deleting: usize::MAX }
    }
}

/// Why an update is not taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It says what cannot be true.
    #[error(transparent)]
    Lie(#[from] Lie),
    /// It makes more work than an update may.
    #[error("it makes more work than an update may")]
    TooLaborious,
    /// The document would consist of too many runs.
    #[error("the text would consist of too many pieces")]
    TooManyRuns,
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

    /// From now on no update may do more than so much.
    pub fn limit(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// How many more runs there may be for something to be written.
    #[must_use]
    pub fn runs_left(&self) -> usize {
        self.bounds.runs.saturating_sub(self.sequence.run_count())
    }

    /// What it cost to take up all that was taken up, in [`Sequence::effort`]'s unit.
    #[must_use]
    pub fn effort(&self) -> u64 {
        self.sequence.effort()
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
    fn standing(&self, id: Id, length: Clock) -> impl Iterator<Item = (Clock, Clock)> {
        let run = Range { client: id.client, start: id.clock, end: id.clock + length };
        self.deleted.standing(run).map(|part| (part.start, part.end))
    }

    /// Takes an update up when it fits and is new; else nothing changes.
    ///
    /// # Errors
    /// When it says something that cannot be true, or does more than it may.
    pub fn take(&mut self, update: &Update) -> Result<Fit, Refused> {
        if self.leaves_gap(update) {
            return Ok(Fit::Gap);
        }
        if self.knows(update) {
            return Ok(Fit::Known);
        }
        let (deleted, deleting) = match self.place(update) {
            Ok(Some(whole)) => whole,
            Ok(None) => {
                self.sequence.undo();
                return Ok(Fit::Gap);
            }
            Err(refused) => {
                self.sequence.undo();
                return Err(refused);
            }
        };
        self.sequence.keep();
        for section in &update.sections {
            let known = self.clock(section.client);
            self.standing += section.end().saturating_sub(known);
            self.clocks.insert(section.client, section.end().max(known));
        }
        self.standing -= deleted.iter().map(|range| range.end - range.start).sum::<Clock>();
        self.sequence.delete(&deleted, deleting);
        deleted.iter().chain(&update.deleted).for_each(|range| self.deleted.add(range));
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
        update.sections.iter().all(|section| section.end() <= self.clock(section.client))
            && update.deleted.iter().all(|range| self.deleted.covers(range))
    }

    /// Places what is new, and tells what is to be deleted then. `None` when something builds on what never appears. What was placed is to
    /// be kept or taken back.
    fn place(&mut self, update: &Update) -> Result<Option<(Vec<Range>, Deleting)>, Refused> {
        let before = self.sequence.run_count();
        let most = self.sequence.effort().saturating_add(self.bounds.effort);
        if !self.place_all(&update.sections, most)? {
            return Ok(None);
        }
        let deleted = self.newly_deleted(update);
        let deleting = self.sequence.deleting(&deleted);
        let is_written = update.sections.iter().any(|section| section.end() > self.clock(section.client));
        let most_runs = if is_written { self.bounds.runs } else { self.bounds.runs_deleting };
        let runs = self.sequence.run_count() + deleting.cuts - deleting.joins;
        if self.sequence.effort() + deleting.effort > most {
            Err(Refused::TooLaborious)
        } else if runs > most_runs && runs > before {
            Err(Refused::TooManyRuns)
        } else {
            Ok(Some((deleted, deleting)))
        }
    }

    /// What stands, or is new, and is deleted by an update: each client's ranges together, ascending, apart from each other.
    fn newly_deleted(&self, update: &Update) -> Vec<Range> {
        let mut deleted = Vec::new();
        for section in &update.sections {
            // What is told again is not looked at, by Yjs neither: it is deleted when it is in a deleted range, too.
            let (client, known) = (section.client, self.clock(section.client));
            let blocks = section.blocks.iter().filter(|block| block.is_deleted);
            let ranges = blocks.map(|b| Range { client, start: b.clock.max(known), end: b.clock + b.length });
            deleted.extend(ranges.filter(|range| range.start < range.end));
        }
        deleted.extend(update.deleted.iter().flat_map(|range| self.deleted.standing(*range)));
        join_ranges(&mut deleted);
        deleted
    }

    /// Places what is new of the sections, each block after its neighbours.
    fn place_all(&mut self, sections: &[Section], most: u64) -> Result<bool, Refused> {
        // Of each section: up to where it is placed, its next block, and who waits for it to be placed up to which clock.
        let mut reached: Vec<_> = sections.iter().map(|section| (self.clock(section.client), 0)).collect();
        let mut waiting = Vec::new();
        let (mut ready, mut others, mut whole) = (Vec::new(), 0..sections.len(), 0);
        while let Some(at) = ready.pop().or_else(|| others.next()) {
            let section = &sections[at];
            let known = self.clock(section.client);
            let (mut end, mut next) = reached[at];
            while let Some(block) = section.blocks.get(next) {
                reached[at].0 = end;
                match self.missing(block, sections, &reached) {
                    None => {}
                    Some((_, None)) => return Ok(false),
                    Some((clock, Some(other))) => {
                        waiting.resize_with(sections.len(), BinaryHeap::new);
                        waiting[other].push(Reverse((clock, at)));
                        break;
                    }
                }
                if block.clock < known {
                    self.check_known(section.client, block)?;
                }
                if let Some((id, length, left)) = unknown_part(section.client, block, known) {
                    self.sequence.place(id, length, left, block.right)?;
                    if self.sequence.effort() > most {
                        return Err(Refused::TooLaborious);
                    }
                    end = id.clock + length;
                }
                next += 1;
            }
            reached[at] = (end, next);
            whole += usize::from(next == section.blocks.len());
            if let Some(waiting) = waiting.get_mut(at) {
                while waiting.peek().is_some_and(|Reverse((clock, _))| *clock < end) {
                    ready.extend(waiting.pop().map(|Reverse((_, other))| other));
                }
            }
        }
        Ok(whole == sections.len())
    }

    /// What is told again must have the neighbours that it was told with: some libraries look at them again, and cut a character that
    /// they part, and some do not.
    fn check_known(&self, client: ClientId, block: &Block) -> Result<(), Lie> {
        let told = self.sequence.neighbours(Id { client, clock: block.clock });
        if told == Some((block.left, block.right)) { Ok(()) } else { Err(Lie) }
    }

    /// The first neighbour of a block that is not placed yet: its clock, and the section that it is in.
    fn missing(
        &self,
        block: &Block,
        sections: &[Section],
        reached: &[(Clock, usize)],
    ) -> Option<(Clock, Option<usize>)> {
        let missing = |id: &Id| {
            let section = place_of(sections, id.client);
            let placed = section.map_or_else(|| self.clock(id.client), |section| reached[section].0);
            (id.clock >= placed).then_some((id.clock, section))
        };
        block.left.iter().chain(&block.right).find_map(missing)
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
