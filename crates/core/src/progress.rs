//! Levels and streaks, computed from the ledger and never stored.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// The XP at which a level begins: `50 · n · (n − 1)`, so level 1 at 0, 2 at 100, 3 at 300, 4 at 600.
/// Each level takes 100 XP more than the one before.
#[must_use]
pub fn level_start(level: u32) -> u64 {
    let n = u64::from(level.max(1));
    50 * n * (n - 1)
}

/// The level somebody with this much XP has, from 1.
#[must_use]
pub fn level(total_xp: u64) -> u32 {
    // Inverse of level_start: n = (1 + √(1 + 4·xp/50)) / 2 in whole numbers.
    let n = (1 + 4 * (total_xp / 50)).isqrt().div_ceil(2);
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A run of active days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streak {
    /// Days in a row up to today, or up to yesterday while today is still open.
    pub current: u32,
    /// The longest run ever.
    pub longest: u32,
    /// Whether today counts already.
    pub active_today: bool,
}

/// The streak of somebody with these active moments, in their own time zone.
#[must_use]
pub fn streak(active: &[Timestamp], now: Timestamp, zone: &TimeZone) -> Streak {
    let days: BTreeSet<Date> = active.iter().map(|at| at.day_in(zone)).collect();
    let today = now.day_in(zone);
    let mut longest = 0;
    let mut run = 0;
    let mut previous: Option<Date> = None;
    let mut current = 0;
    for &day in &days {
        run = if previous.and_then(|p| p.tomorrow().ok()) == Some(day) { run + 1 } else { 1 };
        longest = longest.max(run);
        if day == today || day.tomorrow().ok() == Some(today) {
            current = run;
        }
        previous = Some(day);
    }
    Streak { current, longest, active_today: days.contains(&today) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::zone;

    const DAY: i64 = 86_400_000;
    const NOON: i64 = 1_700_049_600_000; // 2023-11-15 12:00 UTC

    fn at(days: i64) -> Timestamp {
        Timestamp::from_ms(NOON + days * DAY)
    }

    #[test]
    fn levels_begin_where_the_formula_says() {
        for n in 1..2_000 {
            assert_eq!(level(level_start(n)), n);
            assert_eq!(level(level_start(n + 1) - 1), n);
        }
        assert_eq!(level(u64::MAX), level(u64::MAX - 1));
    }

    #[test]
    fn a_streak_stays_open_until_the_day_is_over() {
        let active = [at(0), at(-1), at(-2), at(-5)];
        assert_eq!(
            streak(&active, at(0), &TimeZone::UTC),
            Streak { current: 3, longest: 3, active_today: true }
        );
        assert_eq!(
            streak(&active, at(1), &TimeZone::UTC),
            Streak { current: 3, longest: 3, active_today: false }
        );
        assert_eq!(
            streak(&active, at(2), &TimeZone::UTC),
            Streak { current: 0, longest: 3, active_today: false }
        );
        assert_eq!(
            streak(&[], at(0), &TimeZone::UTC),
            Streak { current: 0, longest: 0, active_today: false }
        );
    }

    #[test]
    fn days_are_those_of_the_learner() {
        // 23:00 and 13:00 the day after in UTC; in Tokyo both fall on the later day.
        let late = Timestamp::from_ms(NOON + 11 * 3_600_000);
        let later = Timestamp::from_ms(NOON + 25 * 3_600_000);
        assert_eq!(streak(&[late, later], later, &TimeZone::UTC).current, 2);
        let tokyo = zone("Asia/Tokyo").unwrap();
        assert_eq!(streak(&[late, later], later, &tokyo).current, 1);
    }

    #[test]
    fn a_changed_clock_in_the_zone_breaks_no_streak() {
        let zone = zone("Europe/Berlin").unwrap();
        // 2023-10-29 has 25 hours there.
        let before = Timestamp::from_ms(1_698_530_400_000); // 2023-10-29 00:00 Berlin
        let after = before.plus_ms(24 * 3_600_000 + 1_800_000); // still 23:30 the same day
        assert_eq!(streak(&[before, after], after, &zone).current, 1);
    }
}
