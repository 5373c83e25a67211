//! The order of everything ever written in a shared text, deleted or not, without the text.
//!
//! It places runs as Yjs does (YATA: <https://doi.org/10.1145/2957276.2957310>, with Yjs's rule for conflicts, `Item.integrate`), and
//! tells what Yjs does not: whether a writer's claim about neighbours can be true. Neighbours that stand the other way round, or with
//! something between them that the writer knew, make documents differ by the order in which they hear of it.

use std::collections::{BTreeMap, HashMap};

use crate::wire::update::Id;
use crate::wire::{ClientId, Clock};

/// A place in [`Sequence::runs`].
type Place = u32;

/// The order of all runs.
#[derive(Debug, Clone, Default)]
pub struct Sequence {
    runs: Vec<Run>,
    /// Places of runs that were taken back.
    free: Vec<Place>,
    first: Option<Place>,
    /// Each client's runs by their first clock.
    by_client: HashMap<ClientId, BTreeMap<Clock, Place>>,
    /// How far each client has certainly heard each other one: up to what it named as a neighbour.
    heard: HashMap<ClientId, HashMap<ClientId, Clock>>,
    /// What placing has cost so far, in [`Sequence::effort`]'s unit.
    effort: u64,
}

/// Units that the CRDT library copies in a step, a tenth of a microsecond.
const UNITS_A_STEP: Clock = 4096;
/// Steps that it takes to look at a run.
const STEPS_A_RUN: u64 = 8;

/// Units that one client wrote one after another and that still stand side by side.
#[derive(Debug, Clone)]
struct Run {
    id: Id,
    length: Clock,
    left: Option<Id>,
    right: Option<Id>,
    previous: Option<Place>,
    next: Option<Place>,
    /// Grows along the sequence.
    label: u64,
}

impl Run {
    fn end(&self) -> Clock {
        self.id.clock + self.length
    }

    fn last(&self) -> Id {
        Id { clock: self.end() - 1, ..self.id }
    }
}

/// A claim that cannot be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// They stand the other way round, or something between them was known to the writer.
    #[error("what was written cannot have had the neighbours that it names")]
    Neighbours,
    /// It could be true, and nobody honest makes so much work at once.
    #[error("it takes more work than an update may")]
    TooLaborious,
}

/// A run that was placed, and can be taken back or kept.
#[derive(Debug)]
pub struct Placed(Place);

/// What it costs to part so many units, in steps.
pub fn parting(length: Clock) -> u64 {
    1 + u64::from(length / UNITS_A_STEP)
}

impl Sequence {
    /// How many runs there are.
    pub fn run_count(&self) -> usize {
        self.runs.len() - self.free.len()
    }

    /// What placing has cost since it was made, in steps: for each run that was looked at, and the parting of runs. The CRDT library does
    /// the same, and takes longer for it.
    pub fn effort(&self) -> u64 {
        self.effort
    }

    /// Places `length` units from `id` on, whose neighbours are there, where Yjs would.
    ///
    /// # Errors
    /// When the left neighbour does not stand before the right one, or something between them was known to the writer. Nothing has
    /// changed then.
    pub fn place(
        &mut self,
        id: Id,
        length: Clock,
        left: Option<Id>,
        right: Option<Id>,
    ) -> Result<Placed, Lie> {
        if let (Some(left), Some(right)) = (left, right)
            && self.position(left) >= self.position(right)
        {
            return Err(Lie::Neighbours);
        }
        let mut after = left.and_then(|left| self.ending_with(left));
        let before = right.and_then(|right| self.beginning_with(right));
        let (knew, steps) = self.knows_between(id, (left, right), (after, before));
        self.effort += STEPS_A_RUN * steps;
        if knew {
            return Err(Lie::Neighbours);
        }
        let begin = self.label(after);
        let mut other = self.following(after);
        while let Some(place) = other.filter(|_| other != before) {
            let run = &self.runs[place as usize];
            if run.left == left {
                if run.id.client < id.client {
                    after = Some(place);
                } else if run.right == right {
                    break;
                }
            } else {
                // What stands to its left is one of those passed, or stands before them all.
                let origin = self.label(run.left.and_then(|id| self.find(id)));
                if origin <= begin {
                    break;
                }
                // No conflict with what is passed for good is one with it.
                if origin <= self.label(after) {
                    after = Some(place);
                }
            }
            other = run.next;
        }
        Ok(Placed(self.insert(Run { id, length, left, right, previous: None, next: None, label: 0 }, after)))
    }

    /// Whether the writer of `id` knew something that stands between the neighbours: it would have named that instead. And how many runs
    /// were looked at.
    fn knows_between(
        &self,
        id: Id,
        (left, right): (Option<Id>, Option<Id>),
        (after, before): (Option<Place>, Option<Place>),
    ) -> (bool, u64) {
        let heard = self.heard.get(&id.client);
        let named = |client| {
            let names = left.iter().chain(&right).filter(move |name| name.client == client);
            names.map(|name| name.clock + 1).max().unwrap_or(0)
        };
        let mut steps = 0;
        let mut other = self.following(after);
        while let Some(place) = other.filter(|_| other != before) {
            steps += 1;
            let run = &self.runs[place as usize];
            let before_then = heard.and_then(|heard| heard.get(&run.id.client)).copied().unwrap_or(0);
            if run.id.client == id.client || run.id.clock < before_then.max(named(run.id.client)) {
                return (true, steps);
            }
            other = run.next;
        }
        (false, steps)
    }

    /// Takes back what was placed last.
    pub fn undo(&mut self, placed: &Placed) {
        let Run { id, previous, next, .. } = self.runs[placed.0 as usize];
        match previous {
            Some(previous) => self.runs[previous as usize].next = next,
            None => self.first = next,
        }
        if let Some(next) = next {
            self.runs[next as usize].previous = previous;
        }
        if let Some(own) = self.by_client.get_mut(&id.client) {
            own.remove(&id.clock);
        }
        self.free.push(placed.0);
    }

    /// Keeps what was placed; joins it with the run before it when the client went on writing there.
    pub fn keep(&mut self, placed: &Placed) {
        let Run { id, left, right, .. } = self.runs[placed.0 as usize];
        for name in left.iter().chain(&right).filter(|name| name.client != id.client) {
            let heard = self.heard.entry(id.client).or_default().entry(name.client).or_default();
            *heard = (*heard).max(name.clock + 1);
        }
        let Run { id, length, left, right, previous: Some(previous), next, .. } =
            self.runs[placed.0 as usize]
        else {
            return;
        };
        let before = &mut self.runs[previous as usize];
        let goes_on = before.id.client == id.client
            && before.end() == id.clock
            && left == Some(before.last())
            && before.right == right;
        if goes_on {
            before.length += length;
            before.next = next;
            if let Some(next) = next {
                self.runs[next as usize].previous = Some(previous);
            }
            if let Some(own) = self.by_client.get_mut(&id.client) {
                own.remove(&id.clock);
            }
            self.free.push(placed.0);
        }
    }

    /// All runs in order: the first unit of each, and how many there are.
    pub fn iter(&self) -> impl Iterator<Item = (Id, Clock)> {
        let mut at = self.first;
        std::iter::from_fn(move || {
            let run = &self.runs[at? as usize];
            at = run.next;
            Some((run.id, run.length))
        })
    }

    /// The left and the right neighbour with which a unit was written.
    pub fn neighbours(&self, id: Id) -> Option<(Option<Id>, Option<Id>)> {
        let run = &self.runs[self.find(id)? as usize];
        let left = if id == run.id { run.left } else { Some(Id { clock: id.clock - 1, ..id }) };
        Some((left, run.right))
    }

    /// From which clock to which one the run goes that a unit is in.
    pub fn run_of(&self, id: Id) -> Option<(Clock, Clock)> {
        let run = &self.runs[self.find(id)? as usize];
        Some((run.id.clock, run.end()))
    }

    /// Comparable along the sequence.
    fn position(&self, id: Id) -> Option<(u64, Clock)> {
        let run = &self.runs[self.find(id)? as usize];
        Some((run.label, id.clock - run.id.clock))
    }

    fn find(&self, id: Id) -> Option<Place> {
        let (_, place) = self.by_client.get(&id.client)?.range(..=id.clock).next_back()?;
        Some(*place).filter(|place| id.clock < self.runs[*place as usize].end())
    }

    /// Where a place stands among the others; `None` is the beginning.
    fn label(&self, place: Option<Place>) -> Option<u64> {
        place.map(|place| self.runs[place as usize].label)
    }

    fn following(&self, after: Option<Place>) -> Option<Place> {
        after.map_or(self.first, |after| self.runs[after as usize].next)
    }

    /// The run that ends with `id`, cut there if need be.
    fn ending_with(&mut self, id: Id) -> Option<Place> {
        let place = self.find(id)?;
        if self.runs[place as usize].last() != id {
            self.split(place, id.clock + 1);
        }
        Some(place)
    }

    /// The run that begins with `id`, cut there if need be.
    fn beginning_with(&mut self, id: Id) -> Option<Place> {
        let place = self.find(id)?;
        if self.runs[place as usize].id == id { Some(place) } else { Some(self.split(place, id.clock)) }
    }

    /// Cuts a run before the unit at `clock`; answers the second part.
    fn split(&mut self, place: Place, clock: Clock) -> Place {
        let run = &mut self.runs[place as usize];
        self.effort += parting(run.length);
        let tail = Run {
            id: Id { clock, ..run.id },
            length: run.end() - clock,
            left: Some(Id { clock: clock - 1, ..run.id }),
            right: run.right,
            previous: None,
            next: None,
            label: 0,
        };
        run.length = clock - run.id.clock;
        self.insert(tail, Some(place))
    }

    fn insert(&mut self, mut run: Run, after: Option<Place>) -> Place {
        let next = self.following(after);
        run.previous = after;
        run.next = next;
        run.label = self.label_between(after, next);
        let id = run.id;
        let place = match self.free.pop() {
            Some(place) => {
                self.runs[place as usize] = run;
                place
            }
            None => {
                self.runs.push(run);
                // A document's clocks end long before its runs are that many.
                (self.runs.len() - 1) as Place
            }
        };
        match after {
            Some(after) => self.runs[after as usize].next = Some(place),
            None => self.first = Some(place),
        }
        if let Some(next) = next {
            self.runs[next as usize].previous = Some(place);
        }
        self.by_client.entry(id.client).or_default().insert(id.clock, place);
        place
    }

    fn label_between(&mut self, before: Option<Place>, after: Option<Place>) -> u64 {
        for _ in 0..2 {
            let low = before.map_or(0, |place| self.runs[place as usize].label);
            let high = after.map_or(u64::MAX, |place| self.runs[place as usize].label);
            if high - low > 1 {
                return low + (high - low) / 2;
            }
            if let Some(place) = before.or(after) {
                self.relabel_around(place);
            }
        }
        // After relabelling there is room: a document has far fewer runs than labels.
        before.map_or(0, |place| self.runs[place as usize].label)
    }

    /// Spreads the labels evenly in the smallest neighbourhood that is sparse enough, so that a run costs but the logarithm of all runs
    /// in the mean, wherever it is placed (Bender et al., Two Simplified Algorithms for Maintaining Order in a List, 2002).
    fn relabel_around(&mut self, place: Place) {
        let label = self.runs[place as usize].label;
        let (mut first, mut last, mut count) = (place, place, 1_u64);
        // How many runs a neighbourhood may have: a share that falls as it grows.
        let mut most = 1.0;
        for bits in 1..=63 {
            most *= 1.5;
            let size = 1_u64 << bits;
            let low = label & !(size - 1);
            let high = low + (size - 1);
            while let Some(previous) = self.runs[first as usize].previous
                && self.runs[previous as usize].label >= low
            {
                (first, count) = (previous, count + 1);
            }
            while let Some(next) = self.runs[last as usize].next
                && self.runs[next as usize].label <= high
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
                    let run = &mut self.runs[place as usize];
                    run.label = label;
                    at = run.next;
                }
                return;
            }
        }
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
            let (mut sequence, mut order) = (Sequence::default(), Vec::new());
            for client in 0..2_000 {
                let often = (order.len() as f64 * share) as usize;
                let at = if rng.random_bool(0.9) { often } else { rng.random_range(0..=order.len()) };
                let after = at.checked_sub(1).map(|before| order[before]);
                let (id, unset) = (Id { client, clock: 0 }, None);
                let run =
                    Run { id, length: 1, left: None, right: None, previous: unset, next: unset, label: 0 };
                order.insert(at, sequence.insert(run, after));
                let labels: Vec<_> = order.iter().map(|place| sequence.label(Some(*place))).collect();
                assert!(labels.is_sorted_by(|one, next| one < next), "{share}, run {client}: {labels:?}");
            }
        }
    }
}
