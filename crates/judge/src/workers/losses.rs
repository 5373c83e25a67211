//! Programs whose workers were lost, so that one that kills them, if there can be any, does not kill all of them for ever.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use codementor_core::judging::Job;
use sha2::{Digest, Sha256};

/// So many workers may be lost with one program.
pub const MOST_LOSSES: usize = 3;
/// Losses that lie so far apart have nothing to do with each other, nor with the program.
const APART: Duration = Duration::from_secs(600);
/// Programs that are remembered; the one that was lost first is forgotten first.
const REMEMBERED: usize = 256;

/// What is remembered, by the program's hash.
#[derive(Debug, Default)]
pub(super) struct Losses(HashMap<[u8; 32], Lost>);

/// The workers lost with one program, by their connections, and when the last was.
#[derive(Debug)]
struct Lost {
    workers: BTreeSet<u64>,
    last: Instant,
}

impl Losses {
    /// Whether no program is remembered any more, so that none needs to be looked up.
    pub(super) fn is_empty(&mut self, now: Instant) -> bool {
        self.0.retain(|_, lost| now.duration_since(lost.last) < APART);
        self.0.is_empty()
    }

    /// How many workers were lately lost with it.
    pub(super) fn of(&self, key: &[u8; 32], now: Instant) -> usize {
        let lost = self.0.get(key).filter(|lost| now.duration_since(lost.last) < APART);
        lost.map_or(0, |lost| lost.workers.len())
    }

    /// Notes a worker; one that was lost with the same program twice over is one. Tells how many there are.
    pub(super) fn note(&mut self, key: [u8; 32], worker: u64, now: Instant) -> usize {
        self.0.retain(|_, lost| now.duration_since(lost.last) < APART);
        if self.0.len() >= REMEMBERED
            && !self.0.contains_key(&key)
            && let Some(first) = self.0.iter().min_by_key(|(_, lost)| lost.last).map(|(key, _)| *key)
        {
            self.0.remove(&first);
        }
        let lost = self.0.entry(key).or_insert(Lost { workers: BTreeSet::new(), last: now });
        lost.last = now;
        if lost.workers.len() < MOST_LOSSES {
            lost.workers.insert(worker);
        }
        lost.workers.len()
    }

    /// It has been judged all the same.
    pub(super) fn forget(&mut self, key: &[u8; 32]) {
        self.0.remove(key);
    }
}

/// What names a program with all that it is judged by.
pub(super) fn key_of(job: &Job) -> [u8; 32] {
    // Writing to memory cannot fail; if it did, such programs would share one memory.
    Sha256::digest(serde_json::to_vec(job).unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted_bounded_and_forgotten() {
        let (mut losses, now) = (Losses::default(), Instant::now());
        let key =
            |number: usize| std::array::from_fn(|at| number.to_le_bytes().get(at).copied().unwrap_or(0));
        assert_eq!((losses.note(key(0), 1, now), losses.note(key(0), 2, now)), (1, 2));
        assert_eq!(losses.note(key(0), 2, now), 2, "two jobs of one worker");
        assert_eq!((losses.of(&key(0), now), losses.of(&key(0), now + APART)), (2, 0));
        assert_eq!(losses.note(key(0), 3, now + APART), 1, "that was long ago");
        for number in 1..2 * REMEMBERED {
            losses.note(key(number), 1, now + APART + Duration::from_millis(number as u64));
        }
        assert_eq!(losses.0.len(), REMEMBERED);
        assert_eq!(losses.of(&key(0), now + APART), 0, "the oldest went");
        assert!(!losses.is_empty(now + APART) && losses.is_empty(now + 3 * APART));
        losses.note(key(2 * REMEMBERED - 1), 1, now + APART);
        losses.forget(&key(2 * REMEMBERED - 1));
        assert_eq!(losses.of(&key(2 * REMEMBERED - 1), now + APART), 0);
    }
}
