//! Runs in their order, as a list that tells at once which of two stands first.

use std::ops::{Index, IndexMut};

use crate::wire::Clock;
use crate::wire::update::Id;

/// A place in the list, for as long as the run is in it.
pub(super) type Place = u32;

/// Units that one client wrote one after another, that still stand side by side and are all deleted or all not.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) id: Id,
    pub(super) length: Clock,
    pub(super) left: Option<Id>,
    pub(super) right: Option<Id>,
    pub(super) is_deleted: bool,
}

impl Run {
    pub(super) fn end(&self) -> Clock {
        self.id.clock + self.length
    }

    pub(super) fn last(&self) -> Id {
        Id { clock: self.end() - 1, ..self.id }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    run: Run,
    previous: Option<Place>,
    next: Option<Place>,
    /// Grows along the list.
    label: u64,
}

/// All runs in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    entries: Vec<Entry>,
    /// Places of runs that were taken out.
    free: Vec<Place>,
    first: Option<Place>,
}

impl Order {
    /// How many runs there are.
    pub(super) fn count(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Where a place stands among the others; `None` is the beginning.
    pub(super) fn label(&self, place: Option<Place>) -> Option<u64> {
        place.map(|place| self.entry(place).label)
    }

    /// What follows a place; `None` is the beginning.
    pub(super) fn following(&self, after: Option<Place>) -> Option<Place> {
        after.map_or(self.first, |after| self.entry(after).next)
    }

    /// What a place follows.
    pub(super) fn preceding(&self, place: Place) -> Option<Place> {
        self.entry(place).previous
    }

    /// Whether a run and `next` are one: to Yjs, too (`Item.mergeWith`).
    pub(super) fn are_one(&self, run: Place, next: Place) -> bool {
        self.goes_on(run, next) && self[run].is_deleted == self[next].is_deleted
    }

    /// Whether `next` follows a run and was written on from there.
    pub(super) fn goes_on(&self, run: Place, next: Place) -> bool {
        let (one, after) = (&self[run], &self[next]);
        self.following(Some(run)) == Some(next)
            && one.id.client == after.id.client
            && one.end() == after.id.clock
            && after.left == Some(one.last())
            && after.right == one.right
    }

    /// Puts a run behind a place; `None` is the beginning.
    pub(super) fn insert(&mut self, run: Run, after: Option<Place>) -> Place {
        let next = self.following(after);
        let label = self.label_between(after, next);
        let entry = Entry { run, previous: after, next, label };
        let place = match self.free.pop() {
            Some(place) => {
                *self.entry_mut(place) = entry;
                place
            }
            None => {
                self.entries.push(entry);
                // A document's clocks end long before its runs are that many.
                (self.entries.len() - 1) as Place
            }
        };
        self.link(after, Some(place));
        self.link(Some(place), next);
        place
    }

    /// Takes a run out.
    pub(super) fn remove(&mut self, place: Place) {
        let Entry { previous, next, .. } = *self.entry(place);
        self.link(previous, next);
        self.free.push(place);
    }

    fn link(&mut self, one: Option<Place>, next: Option<Place>) {
        match one {
            Some(one) => self.entry_mut(one).next = next,
            None => self.first = next,
        }
        if let Some(next) = next {
            self.entry_mut(next).previous = one;
        }
    }

    fn entry(&self, place: Place) -> &Entry {
        &self.entries[place as usize]
    }

    fn entry_mut(&mut self, place: Place) -> &mut Entry {
        &mut self.entries[place as usize]
    }

    fn label_between(&mut self, before: Option<Place>, after: Option<Place>) -> u64 {
        for _ in 0..2 {
            let low = self.label(before).unwrap_or(0);
            let high = self.label(after).unwrap_or(u64::MAX);
            if high - low > 1 {
                return low + (high - low) / 2;
            }
            if let Some(place) = before.or(after) {
                self.relabel_around(place);
            }
        }
        // After relabelling there is room: a document has far fewer runs than labels.
        self.label(before).unwrap_or(0)
    }

    /// Spreads the labels evenly in the smallest neighbourhood that is sparse enough, so that a run costs but the logarithm of all runs
    /// in the mean, wherever it is placed (Bender et al., Two Simplified Algorithms for Maintaining Order in a List, 2002).
    fn relabel_around(&mut self, place: Place) {
        let label = self.entry(place).label;
        let (mut first, mut last, mut count) = (place, place, 1_u64);
        // How many runs a neighbourhood may have: a share that falls as it grows.
        let mut most = 1.0;
        for bits in 1..=63 {
            most *= 1.5;
            let size = 1_u64 << bits;
            let low = label & !(size - 1);
            let high = low + (size - 1);
            while let Some(previous) = self.entry(first).previous
                && self.entry(previous).label >= low
            {
                (first, count) = (previous, count + 1);
            }
            while let Some(next) = self.entry(last).next
                && self.entry(next).label <= high
            {
                (last, count) = (next, count + 1);
            }
            let step = size / (count + 1);
            #[expect(clippy::cast_precision_loss, reason = "there are far fewer runs than 2^52")]
            // Behind the last label of all there is one less.
            let is_sparse = count as f64 <= most && step > 2;
            if is_sparse {
                let mut label = low;
                let mut at = Some(first);
                for _ in 0..count {
                    let Some(place) = at else { return };
                    label += step;
                    let entry = self.entry_mut(place);
                    entry.label = label;
                    at = entry.next;
                }
                return;
            }
        }
    }
}

impl Index<Place> for Order {
    type Output = Run;

    fn index(&self, place: Place) -> &Run {
        &self.entry(place).run
    }
}

impl IndexMut<Place> for Order {
    fn index_mut(&mut self, place: Place) -> &mut Run {
        &mut self.entry_mut(place).run
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn labels_stay_in_order_wherever_runs_are_placed() {
        for (seed, share) in [0.0, 0.5, 1.0].into_iter().enumerate() {
            let mut rng = StdRng::seed_from_u64(seed as u64);
            let (mut list, mut expected) = (Order::default(), Vec::new());
            for client in 0..2_000 {
                let often = (expected.len() as f64 * share) as usize;
                let at = if rng.random_bool(0.9) { often } else { rng.random_range(0..=expected.len()) };
                let after = at.checked_sub(1).map(|before| expected[before]);
                let id = Id { client, clock: 0 };
                let run = Run { id, length: 1, left: None, right: None, is_deleted: false };
                expected.insert(at, list.insert(run, after));
                let labels: Vec<_> = expected.iter().map(|place| list.label(Some(*place))).collect();
                assert!(labels.is_sorted_by(|one, next| one < next), "{share}, run {client}: {labels:?}");
            }
        }
    }
}
