//! What a room's document holds, without its text: how far each client has written and what is deleted.
//!
//! It tells before an update reaches the document whether all that it builds on is there, so that the document never holds parts that
//! wait for others.

use std::collections::{BTreeMap, HashMap};

use crate::wire::state_vector::StateVector;
use crate::wire::update::{Block, Id, Section};
use crate::wire::{ClientId, Clock, Update};

/// Clocks and deletions of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The first clock that each client has not written.
    clocks: BTreeMap<ClientId, Clock>,
    /// Deleted units by client: starts and ends, in order, apart from each other.
    deleted: BTreeMap<ClientId, BTreeMap<Clock, Clock>>,
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

    /// The clients that have written.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> {
        self.clocks.keys().copied()
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

    /// How `update` fits.
    #[must_use]
    pub fn fit(&self, update: &Update<'_>) -> Fit {
        let follows = update.sections.iter().all(|section| section.start() <= self.clock(section.client));
        if !follows || !self.can_be_placed(&update.sections) {
            return Fit::Gap;
        }
        let ends: HashMap<ClientId, Clock> =
            update.sections.iter().map(|section| (section.client, section.end())).collect();
        let end = |client| ends.get(&client).copied().unwrap_or(0).max(self.clock(client));
        if update.deleted.iter().any(|range| range.end > end(range.client)) {
            return Fit::Gap;
        }
        let writes = update.sections.iter().any(|section| section.end() > self.clock(section.client));
        let deletes =
            update.deleted.iter().any(|range| !self.is_deleted(range.client, range.start, range.end));
        // A block may come as deleted that stands here.
        let blocks = update
            .sections
            .iter()
            .flat_map(|section| section.blocks.iter().map(move |b| (section.client, b)));
        let covers = blocks
            .filter(|(_, block)| block.is_deleted)
            .any(|(client, block)| !self.is_deleted(client, block.clock, block.clock + block.length));
        if writes || deletes || covers { Fit::New } else { Fit::Known }
    }

    /// Whether every block's neighbours are there before it, in some order of the blocks.
    fn can_be_placed(&self, sections: &[Section]) -> bool {
        let mut placed: HashMap<ClientId, Clock> =
            sections.iter().map(|section| (section.client, section.start())).collect();
        let mut next = vec![0; sections.len()];
        loop {
            let mut moved = false;
            for (section, next) in sections.iter().zip(&mut next) {
                while let Some(block) =
                    section.blocks.get(*next).filter(|block| self.has_neighbours(block, &placed))
                {
                    placed.insert(section.client, block.clock + block.length);
                    *next += 1;
                    moved = true;
                }
            }
            if sections.iter().zip(&next).all(|(section, next)| *next == section.blocks.len()) {
                return true;
            }
            if !moved {
                return false;
            }
        }
    }

    fn has_neighbours(&self, block: &Block, placed: &HashMap<ClientId, Clock>) -> bool {
        let is_there = |id: &Id| {
            id.clock < self.clock(id.client) || placed.get(&id.client).is_some_and(|clock| id.clock < *clock)
        };
        block.left.iter().chain(&block.right).all(is_there)
    }

    fn is_deleted(&self, client: ClientId, start: Clock, end: Clock) -> bool {
        let ranges = self.deleted.get(&client);
        let before = ranges.and_then(|ranges| ranges.range(..=start).next_back());
        before.is_some_and(|(_, until)| *until >= end)
    }

    /// Takes up an update that fits.
    pub fn take(&mut self, update: &Update<'_>) {
        for section in &update.sections {
            let clock = self.clocks.entry(section.client).or_default();
            *clock = section.end().max(*clock);
            for block in section.blocks.iter().filter(|block| block.is_deleted) {
                self.delete(section.client, block.clock, block.clock + block.length);
            }
        }
        for range in &update.deleted {
            self.delete(range.client, range.start, range.end);
        }
    }

    fn delete(&mut self, client: ClientId, mut start: Clock, mut end: Clock) {
        let ranges = self.deleted.entry(client).or_default();
        // Joined with all that touch it.
        while let Some((from, until)) = ranges
            .range(..=end)
            .next_back()
            .map(|(from, until)| (*from, *until))
            .filter(|(_, until)| *until >= start)
        {
            ranges.remove(&from);
            start = start.min(from);
            end = end.max(until);
        }
        ranges.insert(start, end);
    }
}
