//! Token buckets by key, in this process.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How much of something is allowed.
#[derive(Debug, Clone, Copy)]
pub struct RateRule {
    /// How many at once, after a rest.
    pub burst: u32,
    /// How many a second in the long run, above 0.
    pub per_second: f64,
}

/// The answer to somebody over the limit: when the next one is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// From now, at least a millisecond.
    pub after: Duration,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

/// A token bucket for each key. At most 50,000 keys; full buckets are dropped first, and when all are in use a new key is refused.
pub struct RateLimiter<K> {
    rule: RateRule,
    /// Shared by all requests; held for a few instructions, never across an await.
    buckets: Mutex<HashMap<K, Bucket>>,
}

const MAX_KEYS: usize = 50_000;

impl<K: Eq + Hash> RateLimiter<K> {
    /// A limiter with one rule for every key.
    #[must_use]
    pub fn new(rule: RateRule) -> Self {
        Self { rule, buckets: Mutex::default() }
    }

    /// Takes one token of `key` at `now`.
    ///
    /// # Errors
    /// Says when to come again; nothing was taken.
    pub fn check(&self, key: K, now: Instant) -> Result<(), Retry> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_KEYS && !buckets.contains_key(&key) {
            let rule = self.rule;
            buckets.retain(|_, bucket| bucket.level(rule, now) < f64::from(rule.burst));
            if buckets.len() >= MAX_KEYS {
                return Err(Retry { after: Duration::from_secs(1) });
            }
        }
        let full = f64::from(self.rule.burst);
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: full, filled: now });
        bucket.tokens = bucket.level(self.rule, now);
        bucket.filled = now;
        if bucket.tokens < 1.0 {
            let seconds = (1.0 - bucket.tokens) / self.rule.per_second;
            return Err(Retry { after: Duration::from_secs_f64(seconds).max(Duration::from_millis(1)) });
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

impl Bucket {
    fn level(&self, rule: RateRule, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(self.filled).as_secs_f64();
        (self.tokens + seconds * rule.per_second).min(f64::from(rule.burst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_steady_rate() {
        let limiter = RateLimiter::new(RateRule { burst: 3, per_second: 2.0 });
        let start = Instant::now();
        for _ in 0..3 {
            assert!(limiter.check("a", start).is_ok());
        }
        let Err(retry) = limiter.check("a", start) else { panic!("over the limit") };
        assert_eq!(retry.after, Duration::from_millis(500));
        assert!(limiter.check("b", start).is_ok(), "keys do not share");
        assert!(limiter.check("a", start + retry.after).is_ok());
        assert!(limiter.check("a", start + retry.after).is_err());
    }

    #[test]
    fn a_long_rest_fills_no_more_than_the_burst() {
        let limiter = RateLimiter::new(RateRule { burst: 2, per_second: 100.0 });
        let later = Instant::now() + Duration::from_secs(3600);
        assert!(limiter.check(1, Instant::now()).is_ok());
        assert!(limiter.check(1, later).is_ok());
        assert!(limiter.check(1, later).is_ok());
        assert!(limiter.check(1, later).is_err());
    }

    #[test]
    fn keys_are_bounded() {
        let limiter = RateLimiter::new(RateRule { burst: 1, per_second: 0.001 });
        let now = Instant::now();
        for key in 0..MAX_KEYS {
            assert!(limiter.check(key, now).is_ok());
        }
        assert!(limiter.check(usize::MAX, now).is_err());
        assert!(limiter.check(usize::MAX, now + Duration::from_secs(2000)).is_ok());
    }
}
