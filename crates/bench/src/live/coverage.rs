//! Which units of one writer somebody has, exactly: holes count, whatever comes after them.

use std::ops::Range;

/// Units by clock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All below are there, but for the holes.
    next: u32,
    holes: Vec<Range<u32>>,
}

impl Coverage {
    /// Adds units and tells `new` of every range that was not there before. Returns how many were.
    pub fn add(&mut self, units: Range<u32>, mut new: impl FnMut(Range<u32>)) -> u32 {
        let mut repeats = units.end.saturating_sub(units.start);
        if !self.holes.is_empty() {
            let mut left = Vec::new();
            for hole in self.holes.drain(..) {
                let filled = units.start.max(hole.start)..units.end.min(hole.end);
                if filled.is_empty() {
                    left.push(hole);
                    continue;
                }
                left.extend(
                    [hole.start..filled.start, filled.end..hole.end].into_iter().filter(|r| !r.is_empty()),
                );
                repeats -= filled.end - filled.start;
                new(filled);
            }
            self.holes = left;
        }
        if units.end > self.next && !units.is_empty() {
            if units.start > self.next {
                self.holes.push(self.next..units.start);
            }
            let ahead = units.start.max(self.next)..units.end;
            self.next = ahead.end;
            repeats -= ahead.end - ahead.start;
            new(ahead);
        }
        repeats
    }

    /// How many of the units below `end` are missing.
    #[must_use]
    pub fn missing(&self, end: u32) -> u32 {
        let holes: u32 = self.holes.iter().map(|hole| hole.end.min(end).saturating_sub(hole.start)).sum();
        holes + end.saturating_sub(self.next)
    }

    /// How many units are there.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.next - self.missing(self.next)
    }

    /// Whether a unit is there.
    #[must_use]
    pub fn contains(&self, clock: u32) -> bool {
        clock < self.next && !self.holes.iter().any(|hole| hole.contains(&clock))
    }

    /// The units that are there.
    pub fn units(&self) -> impl Iterator<Item = u32> {
        (0..self.next).filter(|clock| self.contains(*clock))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn is_what_a_set_of_units_is() {
        let mut random = rand::rngs::StdRng::seed_from_u64(7);
        for _ in 0..300 {
            let (mut coverage, mut set) = (Coverage::default(), BTreeSet::new());
            for _ in 0..random.random_range(1..20) {
                let start = random.random_range(0..50);
                let units = start..start + random.random_range(0..10);
                let mut new = Vec::new();
                let repeats = coverage.add(units.clone(), |range| new.extend(range));
                let expected: Vec<u32> = units.clone().filter(|clock| !set.contains(clock)).collect();
                assert_eq!(repeats as usize, units.len() - expected.len());
                new.sort_unstable();
                assert_eq!(new, expected);
                set.extend(units);
                assert!(coverage.units().eq(set.iter().copied()));
                assert_eq!(coverage.len() as usize, set.len());
                for end in 0..70 {
                    assert_eq!(coverage.missing(end) as usize, end as usize - set.range(..end).count());
                }
            }
        }
    }
}
