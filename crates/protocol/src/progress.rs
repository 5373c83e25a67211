//! XP, levels, streaks, leaderboards, profiles.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::common::{Difficulty, Role};

/// What a person has reached. All of it follows from the XP ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Sum of all XP.
    pub total_xp: u64,
    /// From 1.
    pub current_level: u32,
    /// XP at which this level began.
    pub level_start_xp: u64,
    /// XP at which the next level begins.
    pub next_level_xp: u64,
    /// Days in a row with an accepted solution, in the person's own time zone.
    pub streak_days: u32,
    /// The longest streak ever.
    pub longest_streak_days: u32,
    /// Whether today counts already.
    pub active_today: bool,
    /// Solved challenges.
    pub solved: Counts,
    /// Challenges on offer.
    pub available: Counts,
    /// The days with an accepted solution in the last 53 weeks, `YYYY-MM-DD` in the person's time zone, oldest first.
    pub active_days: Vec<String>,
    /// The newest solved challenges, at most 10.
    pub recent: Vec<RecentSolve>,
}

/// Challenges by difficulty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Easy ones.
    pub easy: u32,
    /// Medium ones.
    pub medium: u32,
    /// Hard ones.
    pub hard: u32,
    /// All.
    pub total: u32,
}

/// A challenge solved lately.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecentSolve {
    /// Which.
    pub challenge_id: String,
    /// Its title.
    pub title: String,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// In which language.
    pub language: String,
    /// What it gave.
    pub xp: u32,
    /// When.
    pub at: String,
}

/// `GET /api/users/{name}`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Profile {
    /// Unique name.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// When they first came.
    pub joined_at: String,
    /// What they have reached.
    pub progress: Progress,
    /// Their place on the leaderboard of all time; `null` without XP.
    #[schema(required)]
    pub rank: Option<u64>,
}

/// Query of `GET /api/leaderboard`
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LeaderboardQuery {
    /// `all` (default), `month` or `week`, both of UTC.
    pub period: Option<String>,
    /// Only XP earned in this language.
    pub language: Option<String>,
    /// Page size, 1 to 100, default 20.
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of a leaderboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Leaderboard {
    /// The places.
    pub items: Vec<LeaderboardEntry>,
    /// The asking person's place; `null` without XP or when not signed in.
    #[schema(required)]
    pub me: Option<OwnPlace>,
    /// How many people are on it.
    pub total: u64,
    /// Pass it as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// One place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeaderboardEntry {
    /// From 1; equal XP is ordered by who reached it first.
    pub rank: u64,
    /// Who.
    pub user: LeaderboardUser,
    /// XP in the period and language.
    pub xp: u64,
}

/// Somebody on a leaderboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeaderboardUser {
    /// Stable id.
    pub id: String,
    /// Unique name.
    pub username: String,
}

/// The asking person's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnPlace {
    /// From 1.
    pub rank: u64,
    /// XP in the period and language.
    pub xp: u64,
}
