//! How much may come in a time: token buckets.

use std::time::Instant;

/// So much at once, and so much a second.
#[derive(Debug)]
pub struct Rate {
    /// At once.
    pub burst: f32,
    /// A second.
    pub per_second: f32,
}

/// What is left of a [`Rate`].
#[derive(Debug)]
pub struct Bucket {
    tokens: f32,
    filled: Instant,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn new(rate: &Rate, now: Instant) -> Self {
        Self { tokens: rate.burst, filled: now }
    }

    /// Takes one; `false` when none is left.
    #[must_use]
    pub fn take(&mut self, rate: &Rate, now: Instant) -> bool {
        let since = now.duration_since(self.filled).as_secs_f32();
        self.tokens = (self.tokens + since * rate.per_second).min(rate.burst);
        self.filled = now;
        let any = self.tokens >= 1.0;
        if any {
            self.tokens -= 1.0;
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again_up_to_its_bound() {
        let rate = Rate { burst: 3.0, per_second: 2.0 };
        let now = Instant::now();
        let mut bucket = Bucket::new(&rate, now);
        let mut taken =
            |after| (0..10).filter(|_| bucket.take(&rate, now + Duration::from_secs(after))).count();
        assert_eq!([taken(0), taken(0), taken(1), taken(100)], [3, 0, 2, 3]);
    }
}
