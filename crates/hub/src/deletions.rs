//! Which units of a document are deleted.

use std::collections::BTreeMap;

use crate::wire::update::Range;
use crate::wire::{ClientId, Clock};

/// Deleted units by client: starts and ends, in order, apart from each other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deletions(BTreeMap<ClientId, BTreeMap<Clock, Clock>>);

impl Deletions {
    /// Whether all of a range is deleted.
    pub(crate) fn covers(&self, range: &Range) -> bool {
        let ranges = self.0.get(&range.client);
        let before = ranges.and_then(|ranges| ranges.range(..=range.start).next_back());
        before.is_some_and(|(_, until)| *until >= range.end)
    }

    /// The parts of a range that are not deleted.
    pub(crate) fn standing(&self, range: Range) -> impl Iterator<Item = Range> {
        let Range { client, start, end } = range;
        let ranges = self.0.get(&client);
        let before = ranges.and_then(|ranges| ranges.range(..=start).next_back());
        let from = before.map_or(start, |(from, _)| *from);
        let mut deleted = ranges.into_iter().flat_map(move |ranges| ranges.range(from..end));
        let mut at = start;
        std::iter::from_fn(move || {
            while at < end {
                let (from, until) = deleted.next().map_or((end, end), |(from, until)| (*from, *until));
                let part = Range { client, start: at, end: from };
                at = at.max(until);
                if part.start < part.end {
                    return Some(part);
                }
            }
            None
        })
    }

    /// Adds a range.
    pub(crate) fn add(&mut self, range: &Range) {
        let Range { client, mut start, mut end } = *range;
        let ranges = self.0.entry(client).or_default();
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

#[cfg(test)]
mod tests {
    use super::*;

    const fn range(start: Clock, end: Clock) -> Range {
        Range { client: 7, start, end }
    }

    #[test]
    fn ranges_are_joined_and_what_is_between_them_stands() {
        let mut deletions = Deletions::default();
        for part in [range(2, 4), range(8, 10), range(10, 11), range(5, 6)] {
            deletions.add(&part);
        }
        let standing = |start, end| deletions.standing(range(start, end)).collect::<Vec<_>>();
        assert_eq!(standing(0, 12), [range(0, 2), range(4, 5), range(6, 8), range(11, 12)]);
        assert_eq!(standing(3, 9), [range(4, 5), range(6, 8)]);
        assert_eq!(standing(8, 11), []);
        assert_eq!(standing(11, 13), [range(11, 13)]);
        assert!(deletions.covers(&range(8, 11)) && !deletions.covers(&range(7, 9)));
        assert_eq!(deletions.standing(Range { client: 8, ..range(0, 1) }).count(), 1);
        deletions.add(&range(0, 20));
        assert_eq!(deletions.standing(range(0, 21)).collect::<Vec<_>>(), [range(20, 21)]);
    }
}
