//! What a person has reached, from the ledger.

use codementor_catalog::Catalog;
use codementor_core::ports::{LedgerSummary, Store, StoreResult};
use codementor_core::progress::{level, level_start, streak};
use codementor_core::{Difficulty, Timestamp, User, time};
use codementor_protocol::progress::{Counts, Progress, RecentSolve};
use jiff::tz::TimeZone;

use crate::wire;

/// Days shown on the calendar: 53 weeks.
const CALENDAR_DAYS: i64 = 53 * 7;
const DAY_MS: i64 = 24 * 3600 * 1000;
const RECENT: usize = 10;

/// Reads and sums up a person's ledger.
///
/// # Errors
/// When the store does not answer.
pub async fn of_user(
    store: &dyn Store,
    catalog: &Catalog,
    user: &User,
    now: Timestamp,
) -> StoreResult<Progress> {
    let ledger = store.ledger_summary(user.id).await?;
    Ok(sum_up(&ledger, catalog, user, now))
}

fn sum_up(ledger: &LedgerSummary, catalog: &Catalog, user: &User, now: Timestamp) -> Progress {
    let zone = time::zone(&user.time_zone).unwrap_or(TimeZone::UTC);
    let days = streak(&ledger.active, now, &zone);
    let current_level = level(ledger.total_xp);
    let find = |id| catalog.get(id);
    Progress {
        total_xp: ledger.total_xp,
        current_level,
        level_start_xp: level_start(current_level),
        next_level_xp: level_start(current_level.saturating_add(1)),
        streak_days: days.current,
        longest_streak_days: days.longest,
        active_today: days.active_today,
        solved: count(
            ledger.solved.iter().filter_map(|solved| find(&solved.challenge_id)).map(|c| c.difficulty),
        ),
        available: count(catalog.iter().map(|challenge| challenge.difficulty)),
        active_days: active_days(&ledger.active, now, &zone),
        recent: ledger
            .solved
            .iter()
            .take(RECENT)
            .filter_map(|solved| {
                let challenge = find(&solved.challenge_id)?;
                Some(RecentSolve {
                    challenge_id: solved.challenge_id.to_string(),
                    title: challenge.title.clone(),
                    difficulty: wire::difficulty(challenge.difficulty),
                    language: solved.language.to_string(),
                    xp: solved.xp,
                    at: solved.at.to_rfc3339(),
                })
            })
            .collect(),
    }
}

fn count(difficulties: impl Iterator<Item = Difficulty>) -> Counts {
    let mut counts = Counts::default();
    for difficulty in difficulties {
        counts.total += 1;
        match difficulty {
            Difficulty::Easy => counts.easy += 1,
            Difficulty::Medium => counts.medium += 1,
            Difficulty::Hard => counts.hard += 1,
        }
    }
    counts
}

fn active_days(active: &[Timestamp], now: Timestamp, zone: &TimeZone) -> Vec<String> {
    let oldest = now.plus_ms(-CALENDAR_DAYS * DAY_MS);
    let mut days: Vec<String> =
        active.iter().filter(|at| **at >= oldest).map(|at| at.day_in(zone).to_string()).collect();
    days.sort_unstable();
    days.dedup();
    days
}
