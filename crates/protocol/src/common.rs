//! Words that several bodies share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// School-wide role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Solves challenges.
    Learner,
    /// Also sees learners' submissions.
    Mentor,
    /// Also runs the school.
    Admin,
}

/// How hard a challenge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Difficulty {
    /// 10 XP.
    Easy,
    /// 25 XP.
    Medium,
    /// 50 XP.
    Hard,
}

/// How a test or a submission ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Right.
    Accepted,
    /// Ran to its end and was wrong.
    WrongAnswer,
    /// Took too long.
    TimeLimitExceeded,
    /// Used too much memory.
    MemoryLimitExceeded,
    /// Wrote too much.
    OutputLimitExceeded,
    /// Ended by an exception, a signal or a non-zero exit code.
    RuntimeError,
    /// Did not compile or parse.
    CompileError,
    /// The judge failed, not the program.
    InternalError,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Pass it as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}
