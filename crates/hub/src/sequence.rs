//! The order of everything ever written in a shared text, deleted or not, without the text.
//!
//! It places runs as Yjs does (YATA: <https://doi.org/10.1145/2957276.2957310>, with Yjs's rule for conflicts, `Item.integrate`), and
//! tells what Yjs does not: whether a writer's claim about neighbours can be true. Neighbours that stand the other way round, or with
//! something between them that the writer knew, make documents differ by the order in which they hear of it.

mod order;

use std::collections::BTreeMap;
use std::ops::Range as Span;

use order::{Order, Place, Run};

use crate::wire::update::{Id, Range};
use crate::wire::{ClientId, Clock};

/// The order of all runs.
#[derive(Debug, Clone, Default)]
pub struct Sequence {
    order: Order,
    /// Each client's runs: their first clocks, ascending.
    by_client: BTreeMap<ClientId, Vec<(Clock, Place)>>,
    /// How far each client has certainly heard each other one: up to what it named as a neighbour.
    heard: BTreeMap<ClientId, BTreeMap<ClientId, Clock>>,
    /// What placing has cost so far, in [`Sequence::effort`]'s unit.
    effort: u64,
    /// What was done since it was last kept or taken back.
    done: Vec<Done>,
}

/// Steps that it takes the CRDT library to take a block up.
const STEPS_A_BLOCK: u64 = 8;
/// Steps that it takes to look at a run in a conflict: the library notes each in a set.
const STEPS_A_RUN: u64 = 8;
/// Steps that it takes to join two runs.
const STEPS_A_JOIN: u64 = 12;
/// UTF-16 units of a run that the library counts in a step.
const COUNTED_A_STEP: u64 = 100;
/// Units that it copies in a step.
const COPIED_A_STEP: u64 = 4096;
/// Runs of a client that it moves in a step, to make room for one or to close a gap.
const MOVED_A_STEP: u64 = 224;

#[derive(Debug, Clone, Copy)]
enum Done {
    /// A run was placed.
    Placed(Place),
    /// This was cut from the run before it.
    Cut(Place),
}

/// A claim about neighbours that cannot be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was written cannot have had the neighbours that it names")]
pub struct Lie;

/// What is to be done where a range is deleted that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deleting {
    /// How many runs become two.
    pub cuts: usize,
    /// How many runs are joined with the one before.
    pub joins: usize,
    /// What it costs, in [`Sequence::effort`]'s unit.
    pub effort: u64,
}

impl Sequence {
    /// How many runs there are.
    pub fn run_count(&self) -> usize {
        self.order.count()
    }

    /// What placing has cost since it was made: an estimate of what the CRDT library does for it, in steps of a tenth of a microsecond.
    pub fn effort(&self) -> u64 {
        self.effort
    }

    /// Places `length` units from `id` on, whose neighbours are there, where Yjs would. [`Self::keep`] or [`Self::undo`] follows.
    ///
    /// # Errors
    /// When the left neighbour does not stand before the right one, or something between them was known to the writer.
    pub fn place(&mut self, id: Id, length: Clock, left: Option<Id>, right: Option<Id>) -> Result<(), Lie> {
        if let (Some(left), Some(right)) = (left, right)
            && self.position(left) >= self.position(right)
        {
            return Err(Lie);
        }
        if self.knows_nearer(left, right) {
            return Err(Lie);
        }
        let mut after = left.and_then(|left| self.ending_with(left));
        let before = right.and_then(|right| self.beginning_with(right));
        let (knew, steps) = self.knows_between(id, (left, right), (after, before));
        self.effort += STEPS_A_BLOCK + STEPS_A_RUN * steps;
        if knew {
            return Err(Lie);
        }
        let begin = self.order.label(after);
        let mut other = self.order.following(after);
        while let Some(place) = other.filter(|_| other != before) {
            let run = &self.order[place];
            if run.left == left {
                if run.id.client < id.client {
                    after = Some(place);
                } else if run.right == right {
                    break;
                }
            } else {
                // What stands to its left is one of those passed, or stands before them all.
                let origin = self.order.label(run.left.and_then(|id| self.find(id)));
                if origin <= begin {
                    break;
                }
                // No conflict with what is passed for good is one with it.
                if origin <= self.order.label(after) {
                    after = Some(place);
                }
            }
            other = self.order.following(other);
        }
        let placed = self.insert(Run { id, length, left, right, is_deleted: false }, after);
        self.done.push(Done::Placed(placed));
        Ok(())
    }

    /// Whether one neighbour was written beside something that stands nearer to the other: who knew the one knew that, too.
    fn knows_nearer(&self, left: Option<Id>, right: Option<Id>) -> bool {
        let known_left = right.and_then(|right| self.neighbours(right)).and_then(|(left, _)| left);
        let known_right = left.and_then(|left| self.neighbours(left)).and_then(|(_, right)| right);
        let is_before = |one, next| self.position(one) < self.position(next);
        known_left != left && known_left.is_some_and(|known| left.is_none_or(|left| is_before(left, known)))
            || known_right != right
                && known_right.is_some_and(|known| right.is_none_or(|right| is_before(known, right)))
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
        let mut other = self.order.following(after);
        while let Some(place) = other.filter(|_| other != before) {
            steps += 1;
            let run = &self.order[place];
            let before_then = heard.and_then(|heard| heard.get(&run.id.client)).copied().unwrap_or(0);
            if run.id.client == id.client || run.id.clock < before_then.max(named(run.id.client)) {
                return (true, steps);
            }
            other = self.order.following(other);
        }
        (false, steps)
    }

    /// Takes back what was placed and cut since the last [`Self::keep`].
    pub fn undo(&mut self) {
        while let Some(done) = self.done.pop() {
            let (Done::Placed(place) | Done::Cut(place)) = done;
            if let (Done::Cut(_), Some(head)) = (done, self.order.preceding(place)) {
                self.order[head].length += self.order[place].length;
            }
            self.remove(place);
        }
    }

    /// Keeps what was placed; joins it with the run before it where the client went on writing there.
    pub fn keep(&mut self) {
        for at in 0..self.done.len() {
            let Done::Placed(place) = self.done[at] else { continue };
            let Run { id, left, right, .. } = self.order[place];
            for name in left.iter().chain(&right).filter(|name| name.client != id.client) {
                let heard = self.heard.entry(id.client).or_default().entry(name.client).or_default();
                *heard = (*heard).max(name.clock + 1);
            }
            if let Some(head) = self.order.preceding(place).filter(|head| self.order.are_one(*head, place)) {
                self.order[head].length += self.order[place].length;
                self.remove(place);
            }
        }
        self.done.clear();
    }

    /// What it will take to [`Self::delete`] ranges that stand, each client's together and ascending.
    pub fn deleting(&self, ranges: &[Range]) -> Deleting {
        let mut sum = Deleting::default();
        for ranges in ranges.chunk_by(|one, next| one.client == next.client) {
            let Some(own) = self.by_client.get(&ranges[0].client) else { continue };
            // The library cuts from the first to the last and joins from the last to the first.
            let (mut cuts, mut joined) = (0, 0);
            for (n, range) in ranges.iter().enumerate().rev() {
                let within = runs_in(own, range);
                let run = |at: usize| &self.order[own[at].1];
                let (first, last) = (run(within.start), run(within.end - 1));
                let cut_before = n.checked_sub(1).map_or(0, |n| ranges[n].end);
                let from = first.id.clock.max(cut_before);
                let (cuts_first, cuts_last) = (from < range.start, range.end < last.end());
                if cuts_first {
                    sum.effort += cutting(range.start - from, first.end() - range.start);
                    sum.effort += moving(own.len() - within.start);
                }
                if cuts_last {
                    sum.effort += cutting(range.end - range.start.max(last.id.clock), last.end() - range.end);
                    sum.effort += moving(own.len() - within.end);
                }
                let will_be_one = |at: &usize| {
                    let (head, next) = (own[at - 1].1, own[*at].1);
                    self.order.goes_on(head, next)
                        && (*at > within.start || self.order[head].is_deleted)
                        && (*at < within.end || self.order[next].is_deleted)
                };
                let joins = (within.start.max(1)..own.len().min(within.end + 1)).filter(will_be_one).count();
                sum.effort += within.len() as u64;
                let behind = (own.len() - within.end + cuts).saturating_sub(joined);
                sum.effort += joins as u64 * (STEPS_A_JOIN + moving(behind));
                joined += joins;
                cuts += usize::from(cuts_first) + usize::from(cuts_last);
            }
            sum.cuts += cuts;
            sum.joins += joined;
        }
        sum
    }

    /// Notes that ranges are deleted that stood, each client's together and ascending. They are cut from what stands, and runs that are one
    /// then are joined.
    pub fn delete(&mut self, ranges: &[Range], deleting: Deleting) {
        let effort = self.effort + deleting.effort;
        for ranges in ranges.chunk_by(|one, next| one.client == next.client) {
            self.delete_of_one(ranges);
        }
        self.done.clear();
        self.effort = effort;
    }

    fn delete_of_one(&mut self, ranges: &[Range]) {
        for Range { client, start, end } in ranges.iter().copied() {
            self.beginning_with(Id { client, clock: start });
            self.ending_with(Id { client, clock: end - 1 });
        }
        let Some(own) = self.by_client.get_mut(&ranges[0].client) else { return };
        let within: Vec<_> = ranges.iter().map(|range| runs_in(own, range)).collect();
        for (_, place) in within.iter().flat_map(|within| &own[within.clone()]) {
            self.order[*place].is_deleted = true;
        }
        // The library joins what it deletes with what is beside it, and nothing else.
        let (first, last) = (within[0].start.saturating_sub(1), within[within.len() - 1].end);
        let mut is_new = within[0].start == first;
        let (mut kept, mut passed, end) = (first, 0, own.len().min(last + 1));
        for at in first + 1..end {
            passed += usize::from(within.get(passed).is_some_and(|within| within.end <= at));
            let next_is_new = within.get(passed).is_some_and(|within| within.start <= at);
            let (head, next) = (own[kept].1, own[at].1);
            if (is_new || next_is_new) && self.order.are_one(head, next) {
                self.order[head].length += self.order[next].length;
                self.order.remove(next);
            } else {
                kept += 1;
                own[kept] = own[at];
            }
            is_new = next_is_new;
        }
        own.drain(kept + 1..end);
    }

    /// All runs in order: the first unit of each, and how many there are.
    pub fn iter(&self) -> impl Iterator<Item = (Id, Clock)> {
        let mut at = self.order.following(None);
        std::iter::from_fn(move || {
            let run = &self.order[at?];
            at = self.order.following(at);
            Some((run.id, run.length))
        })
    }

    /// The left and the right neighbour with which a unit was written.
    pub fn neighbours(&self, id: Id) -> Option<(Option<Id>, Option<Id>)> {
        let run = &self.order[self.find(id)?];
        let left = if id == run.id { run.left } else { Some(Id { clock: id.clock - 1, ..id }) };
        Some((left, run.right))
    }

    /// Comparable along the sequence.
    fn position(&self, id: Id) -> Option<(u64, Clock)> {
        let place = self.find(id)?;
        Some((self.order.label(Some(place))?, id.clock - self.order[place].id.clock))
    }

    fn find(&self, id: Id) -> Option<Place> {
        let own = self.by_client.get(&id.client)?;
        let (_, place) = own[own.partition_point(|(clock, _)| *clock <= id.clock).checked_sub(1)?];
        Some(place).filter(|place| id.clock < self.order[*place].end())
    }

    /// The run that ends with `id`, cut there if need be.
    fn ending_with(&mut self, id: Id) -> Option<Place> {
        let place = self.find(id)?;
        if self.order[place].last() != id {
            self.cut(place, id.clock + 1);
        }
        Some(place)
    }

    /// The run that begins with `id`, cut there if need be.
    fn beginning_with(&mut self, id: Id) -> Option<Place> {
        let place = self.find(id)?;
        if self.order[place].id == id { Some(place) } else { Some(self.cut(place, id.clock)) }
    }

    /// Cuts a run before the unit at `clock`; answers the second part.
    fn cut(&mut self, place: Place, clock: Clock) -> Place {
        let run = &mut self.order[place];
        let tail = Run {
            id: Id { clock, ..run.id },
            length: run.end() - clock,
            left: Some(Id { clock: clock - 1, ..run.id }),
            right: run.right,
            is_deleted: run.is_deleted,
        };
        run.length = clock - run.id.clock;
        self.effort += cutting(run.length, tail.length);
        let tail = self.insert(tail, Some(place));
        self.done.push(Done::Cut(tail));
        tail
    }

    fn insert(&mut self, run: Run, after: Option<Place>) -> Place {
        let id = run.id;
        let place = self.order.insert(run, after);
        let own = self.by_client.entry(id.client).or_default();
        let at = own.partition_point(|(clock, _)| *clock < id.clock);
        self.effort += moving(own.len() - at);
        own.insert(at, (id.clock, place));
        place
    }

    fn remove(&mut self, place: Place) {
        let id = self.order[place].id;
        if let Some(own) = self.by_client.get_mut(&id.client) {
            if let Ok(at) = own.binary_search_by_key(&id.clock, |(clock, _)| *clock) {
                own.remove(at);
            }
            if own.is_empty() {
                self.by_client.remove(&id.client);
            }
        }
        self.order.remove(place);
    }
}

/// What it costs to cut a run into two of these lengths: the first is counted, the second copied.
fn cutting(first: Clock, second: Clock) -> u64 {
    1 + u64::from(first) / COUNTED_A_STEP + u64::from(second) / COPIED_A_STEP
}

/// What it costs to make room before so many runs of a client, or to close a gap.
fn moving(runs: usize) -> u64 {
    runs as u64 / MOVED_A_STEP
}

/// Which of a client's runs have a part in a range.
fn runs_in(own: &[(Clock, Place)], range: &Range) -> Span<usize> {
    let behind = own.partition_point(|(clock, _)| *clock <= range.start);
    behind.saturating_sub(1)..own.partition_point(|(clock, _)| *clock < range.end)
}
