//! How fast one batch follows another, over all rooms: whether it is worth waiting a moment for more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Where a batch follows the one before within this time there is much to do.
const BUSY: Duration = Duration::from_micros(500);

/// When the last batch began, anywhere.
#[derive(Debug)]
pub(crate) struct Pulse {
    origin: Instant,
    /// In microseconds since `origin`.
    last: AtomicU64,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self { origin: Instant::now(), last: AtomicU64::new(0) }
    }

    /// Notes that a batch begins; tells whether rooms are busy.
    pub(super) fn beat(&self) -> bool {
        // Half a million years are not passed.
        let now = self.origin.elapsed().as_micros() as u64;
        let last = self.last.swap(now, Ordering::Relaxed);
        u128::from(now.saturating_sub(last)) < BUSY.as_micros()
    }
}
