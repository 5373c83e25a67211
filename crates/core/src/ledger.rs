//! The ledger: the one place XP comes from. Totals, levels, streaks and leaderboards are sums over it.
//!
//! An entry is unique by user, challenge and reason. Writing it twice changes nothing, whatever is retried or raced.

use std::fmt;
use std::str::FromStr;

use jiff::civil::ISOWeekDate;
use jiff::tz::TimeZone;

use crate::id::{ChallengeId, Language, SubmissionId, UserId};
use crate::time::Timestamp;

/// Why an entry was written. With user and challenge it makes the entry unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The first accepted solution of a challenge.
    Solved,
    /// A further accepted solution on a day (`2026-11-21`) of the learner's zone. It gives no XP but keeps a streak alive, so its days
    /// must be those that streaks are counted in.
    Practice(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Solved => f.write_str("solved"),
            Self::Practice(day) => write!(f, "practice:{day}"),
        }
    }
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who earned it.
    pub user_id: UserId,
    /// On which challenge.
    pub challenge_id: ChallengeId,
    /// Why.
    pub reason: Reason,
    /// In which language.
    pub language: Language,
    /// How much, possibly 0.
    pub xp: u32,
    /// By which submission.
    pub submission_id: SubmissionId,
    /// When.
    pub at: Timestamp,
}

/// The practice reason for a moment in the learner's zone.
#[must_use]
pub fn practice_on(at: Timestamp, zone: &TimeZone) -> Reason {
    Reason::Practice(at.day_in(zone).to_string())
}

/// The span of a leaderboard. Months and weeks are those of UTC, so that everybody competes over the same span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// Since the beginning.
    All,
    /// The calendar month.
    Month,
    /// The ISO 8601 week, from Monday.
    Week,
}

/// A word that is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown period; use all, month or week")]
pub struct UnknownPeriod;

impl FromStr for Period {
    type Err = UnknownPeriod;

    fn from_str(text: &str) -> Result<Self, UnknownPeriod> {
        match text {
            "all" => Ok(Self::All),
            "month" => Ok(Self::Month),
            "week" => Ok(Self::Week),
            _ => Err(UnknownPeriod),
        }
    }
}

impl Period {
    /// The key of this period at a moment: `all`, `2026-11` or `2026-W47`.
    #[must_use]
    pub fn key(self, at: Timestamp) -> String {
        let day = at.day_in(&TimeZone::UTC);
        match self {
            Self::All => "all".to_owned(),
            Self::Month => format!("{:04}-{:02}", day.year(), day.month()),
            Self::Week => {
                let week = ISOWeekDate::from(day);
                format!("{:04}-W{:02}", week.year(), week.week())
            }
        }
    }
}

/// The name of one leaderboard: a period's key, and a language or none for all: `2026-11/python`, `all/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    /// The leaderboard of a period (at a moment) and a language.
    #[must_use]
    pub fn new(period: Period, at: Timestamp, language: Option<&Language>) -> Self {
        Self(format!("{}/{}", period.key(at), language.map_or("", Language::as_str)))
    }

    /// Every leaderboard an entry counts in.
    #[must_use]
    pub fn of_entry(at: Timestamp, language: &Language) -> Vec<Self> {
        let mut scopes = Vec::with_capacity(6);
        for period in [Period::All, Period::Month, Period::Week] {
            scopes.push(Self::new(period, at, None));
            scopes.push(Self::new(period, at, Some(language)));
        }
        scopes
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_follow_utc_and_iso_weeks() {
        let new_year = Timestamp::from_ms(1_798_761_600_000); // 2027-01-01, a Friday
        assert_eq!(Scope::new(Period::Month, new_year, None).as_str(), "2027-01/");
        assert_eq!(Scope::new(Period::Week, new_year, Some(&Language::python())).as_str(), "2026-W53/python");
        assert_eq!(Scope::of_entry(new_year, &Language::python()).len(), 6);
    }

    #[test]
    fn practice_counts_once_a_day() {
        let at = Timestamp::from_ms(1_798_761_600_000);
        let day = |ms| practice_on(at.plus_ms(ms), &TimeZone::UTC);
        assert_eq!(day(0), day(86_399_999));
        assert_ne!(day(0), day(86_400_000));
    }

    #[test]
    fn a_day_of_practice_is_the_learners() {
        let new_york = crate::time::zone("America/New_York").unwrap();
        let monday_evening = Timestamp::from_ms(1_795_483_800_000); // 2026-11-23 20:30 in New York, the 24th in UTC
        let tuesday_morning = Timestamp::from_ms(1_795_532_400_000); // 2026-11-24 10:00 there
        let reason = |at| practice_on(at, &new_york);
        assert_eq!(reason(monday_evening), Reason::Practice("2026-11-23".to_owned()));
        assert_eq!(reason(tuesday_morning), Reason::Practice("2026-11-24".to_owned()));
    }
}
