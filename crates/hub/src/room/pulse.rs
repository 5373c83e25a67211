//! How much all rooms together have to do: whether it is worth waiting a moment for more.
//!
//! What a room tells its members costs a call of the system for each of them, however much is told. Where the runtime hardly rests, rooms
//! therefore let edits gather, the longer the less it rests: everything comes somewhat later then, and much more of it can come. As long as
//! there is time nothing waits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, TryLockError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

/// Where a batch follows the one before within this time there is much to do.
const BUSY: Duration = Duration::from_micros(500);
/// How often the runtime is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Over about how long a time the share of work is taken.
const SMOOTH: Duration = Duration::from_millis(80);
/// The share of work from which on rooms let edits gather.
const HARD: f64 = 0.9;
/// How long edits gather in a room where the runtime never rests.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// When the last batch began, anywhere, and how busy the runtime is.
#[derive(Debug)]
pub(crate) struct Pulse {
    origin: Instant,
    /// In microseconds since `origin`.
    last: AtomicU64,
    /// Held by whoever looks at the runtime; nobody waits for it.
    load: Mutex<Load>,
    /// In microseconds.
    pause: AtomicU64,
}

/// What a room does about a command that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beat {
    /// Other rooms have something to do as well just now.
    pub(super) is_busy: bool,
    /// How long after the last words to its members a room tells them more.
    pub(super) pause: Duration,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
            last: AtomicU64::new(0),
            load: Mutex::new(Load::default()),
            pause: AtomicU64::new(0),
        }
    }

    /// Notes that a batch begins.
    pub(super) fn beat(&self) -> Beat {
        let now = self.origin.elapsed();
        // Half a million years are not passed.
        let micros = now.as_micros() as u64;
        let last = self.last.swap(micros, Ordering::Relaxed);
        self.look(now);
        Beat {
            is_busy: u128::from(micros.saturating_sub(last)) < BUSY.as_micros(),
            pause: Duration::from_micros(self.pause.load(Ordering::Relaxed)),
        }
    }

    fn look(&self, now: Duration) {
        let mut load = match self.load.try_lock() {
            Ok(load) => load,
            // Somebody looks already.
            Err(TryLockError::WouldBlock) => return,
            Err(TryLockError::Poisoned(load)) => load.into_inner(),
        };
        if now.saturating_sub(load.at) < LOOK_EVERY {
            return;
        }
        let runtime = Handle::current().metrics();
        let threads = 0..runtime.num_workers();
        let worked: Duration = threads.clone().map(|one| runtime.worker_total_busy_duration(one)).sum();
        load.note(now, worked, threads.len());
        self.pause.store(load.pause().as_micros() as u64, Ordering::Relaxed);
    }
}

/// How much the runtime works.
#[derive(Debug, Default)]
struct Load {
    /// When it was looked at last.
    at: Duration,
    /// How long its threads together had worked by then.
    worked: Duration,
    /// The share of the time in which they lately did. A little over one, now and then: a thread says what it has done some time after.
    share: f64,
}

impl Load {
    fn note(&mut self, at: Duration, worked: Duration, threads: usize) {
        let passed = at.saturating_sub(self.at).as_secs_f64();
        let worked_since = worked.saturating_sub(self.worked).as_secs_f64();
        if passed > 0.0 && threads > 0 {
            let share = worked_since / (passed * threads as f64);
            self.share += (share - self.share) * passed / (passed + SMOOTH.as_secs_f64());
        }
        (self.at, self.worked) = (at, worked);
    }

    fn pause(&self) -> Duration {
        LONGEST_PAUSE.mul_f64(((self.share - HARD) / (1.0 - HARD)).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
impl Pulse {
    /// One by which rooms let edits gather for so long.
    pub(crate) fn with_pause(pause: Duration) -> Self {
        // Nobody looks any more.
        let load = Mutex::new(Load { at: Duration::MAX, ..Load::default() });
        Self { load, pause: AtomicU64::new(pause.as_micros() as u64), ..Self::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(20);

    /// The pauses while a runtime of so many threads works this share of the time.
    fn pauses(load: &mut Load, share: f64, threads: u32, steps: u32) -> Vec<Duration> {
        let step = |_| {
            load.note(load.at + STEP, load.worked + STEP.mul_f64(share) * threads, threads as usize);
            load.pause()
        };
        (0..steps).map(step).collect()
    }

    #[test]
    fn nothing_waits_while_there_is_time() {
        let mut load = Load::default();
        for share in [0.0, 0.5, 0.89] {
            assert!(pauses(&mut load, share, 4, 100).iter().all(Duration::is_zero));
        }
    }

    #[test]
    fn the_less_it_rests_the_longer_edits_gather() {
        let last = |share| *pauses(&mut Load::default(), share, 2, 100).last().unwrap();
        assert!(last(0.93) > Duration::from_millis(10));
        assert!(last(0.93) < last(0.97));
        assert!(last(0.97) < LONGEST_PAUSE);
        assert_eq!(last(1.2), LONGEST_PAUSE);
    }

    #[test]
    fn one_busy_thread_of_many_is_not_much() {
        let mut load = Load::default();
        assert!(pauses(&mut load, 1.0 / 4.0, 4, 100).iter().all(Duration::is_zero));
    }

    #[test]
    fn after_a_rest_nothing_waits() {
        let mut load = Load::default();
        assert_eq!(pauses(&mut load, 1.1, 1, 100).last(), Some(&LONGEST_PAUSE));
        // Nobody looked for a while in which nothing was done.
        load.note(load.at + Duration::from_secs(1), load.worked, 1);
        assert_eq!(load.pause(), Duration::ZERO);
    }
}
