//! How often a program may call: a bucket for each token, on each node.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Calls a second, in the long run. A property-management system that catches up after a night stays below it.
const PER_SECOND: f64 = 500.0;
/// Calls at once.
const BURST: f64 = 2_000.0;

/// Buckets kept before those that are full again are forgotten.
const MOST: usize = 10_000;

/// The buckets, by token or by who calls.
pub struct Limits {
    per_second: f64,
    burst: f64,
    buckets: Mutex<HashMap<i64, Bucket>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(PER_SECOND, BURST)
    }
}

impl Limits {
    /// So many calls a second in the long run, and so many at once.
    pub fn new(per_second: f64, burst: f64) -> Self {
        Self {
            per_second,
            burst,
            buckets: Mutex::default(),
        }
    }

    /// Counts a call; the seconds to wait where it is one too many.
    pub fn take(&self, token_id: i64, now: Instant) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            // A full bucket forgets nothing.
            let rest = self.burst / self.per_second;
            buckets
                .retain(|_, bucket| now.saturating_duration_since(bucket.at).as_secs_f64() < rest);
        }
        let bucket = buckets.entry(token_id).or_insert(Bucket {
            left: self.burst,
            at: now,
        });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + passed * self.per_second).min(self.burst);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err((((1.0 - bucket.left) / self.per_second).ceil() as u64).max(1));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_token_waits_and_another_does_not() {
        let (limits, start) = (Limits::new(0.5, 2.0), Instant::now());
        assert_eq!(limits.take(1, start), Ok(()));
        assert_eq!(limits.take(1, start), Ok(()));
        assert_eq!(limits.take(1, start), Err(2));
        assert_eq!(limits.take(2, start), Ok(()));
        assert_eq!(limits.take(1, start + Duration::from_secs(2)), Ok(()));
        assert_eq!(limits.take(1, start + Duration::from_secs(3)), Err(1));
    }
}
