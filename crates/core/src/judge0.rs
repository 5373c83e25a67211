//! Programs handed in over the Judge0 API: kept for a while, seen by their owner only, each finished once.
//!
//! What was asked and what came out are texts to the store: their form is the business of whoever serves that API.

use async_trait::async_trait;

use crate::id::{Judge0Token, UserId};
use crate::ports::StoreResult;
use crate::time::Timestamp;

/// Unfinished submissions one person may have.
pub const MAX_UNFINISHED: u32 = 100;
/// What the unfinished submissions of one person may hold together, in bytes.
pub const MAX_UNFINISHED_BYTES: u64 = 32 << 20;
/// Unfinished submissions of everybody.
pub const MAX_UNFINISHED_IN_ALL: u32 = 1_000;
/// Finished submissions kept of one person; the oldest go first.
pub const MAX_KEPT: u32 = 500;
/// What the finished submissions of one person may hold together, in bytes; the oldest go first.
pub const MAX_KEPT_BYTES: u64 = 32 << 20;
/// How long a finished submission is kept, in milliseconds: a day.
pub const KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// A submission about to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJudge0 {
    /// Its token.
    pub token: Judge0Token,
    /// Whose it is.
    pub user_id: UserId,
    /// What is asked.
    pub request: String,
    /// When.
    pub created_at: Timestamp,
}

/// A submission as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judge0Submission {
    /// Its token.
    pub token: Judge0Token,
    /// Whose it is.
    pub user_id: UserId,
    /// What was asked.
    pub request: String,
    /// What came out, once finished.
    pub result: Option<String>,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
}

/// What became of new submissions: all of them are stored or none is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge0Taken {
    /// They are stored as unfinished.
    All,
    /// The person would have more unfinished ones than allowed.
    TooMany,
    /// Everybody together would.
    Full,
}

/// Submissions over the Judge0 API, within the bounds of this module.
#[async_trait]
pub trait Judge0Submissions: Send + Sync {
    /// Stores submissions of one person as unfinished, all or none.
    async fn create_judge0(&self, new: &[NewJudge0]) -> StoreResult<Judge0Taken>;
    /// Finds a submission, whoever asks: the caller must look whose it is.
    async fn judge0(&self, token: Judge0Token) -> StoreResult<Option<Judge0Submission>>;
    /// A page of a person's submissions, newest first: `limit` (1 to 100) after the first `offset`; and how many there are.
    async fn judge0_of(
        &self,
        user: UserId,
        offset: u64,
        limit: u32,
    ) -> StoreResult<(Vec<Judge0Submission>, u64)>;
    /// Unfinished submissions and whose they are, oldest first.
    async fn unfinished_judge0(&self, limit: u32) -> StoreResult<Vec<(Judge0Token, UserId)>>;
    /// Finishes a submission and forgets the person's oldest ones beyond the bounds. `false`: there is none, or it was finished before,
    /// and nothing changed.
    async fn finish_judge0(&self, token: Judge0Token, result: &str, now: Timestamp) -> StoreResult<bool>;
    /// Removes a finished submission. `false`: there is none, or it is not finished.
    async fn remove_judge0(&self, token: Judge0Token) -> StoreResult<bool>;
    /// Forgets submissions that were finished before a moment, a bounded number each time; returns how many.
    async fn forget_judge0(&self, finished_before: Timestamp) -> StoreResult<u32>;
}
