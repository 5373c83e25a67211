//! Events on `GET /ws`, the user's socket. Each is `{"type","data","id"}`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::common::Verdict;
use crate::submission::{Counterexample, SubmissionStatus, TestReport};

/// The subprotocol of sockets that speak JSON events.
pub const SUBPROTOCOL: &str = "codementor.v1";

/// Any event, in either direction. From the server, `id` numbers the event for `resume`; from the client, it asks for an `ack`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Envelope {
    /// Its type, such as `submission-update`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its content. No key may stand twice in an object.
    #[serde(default, deserialize_with = "crate::strict::value")]
    pub data: Value,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// `hello`, the first event after connecting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hello {
    /// Who is signed in.
    pub username: String,
}

/// `resume`, from the client after a reconnect. Answered by what was missed, then `resumed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Resume {
    /// The `id` of the last event that arrived.
    pub last_event_id: String,
}

/// `resumed`: all that is still remembered was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Resumed {
    /// Whether something was forgotten: fetch the state anew.
    pub gap: bool,
}

/// `submission-update`: a submission moved on. The last one of a submission has `status` `finished`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionUpdate {
    /// Which.
    pub submission_id: String,
    /// For which challenge.
    pub challenge_id: String,
    /// Where it stands.
    pub status: SubmissionStatus,
    /// The test that just ended.
    #[schema(required)]
    pub test: Option<TestReport>,
    /// How many tests have ended.
    pub tests_done: u32,
    /// How many there are.
    pub total_tests: u32,
    /// The result, once finished.
    #[schema(required)]
    pub verdict: Option<Verdict>,
    /// XP it brought, once finished.
    pub xp_awarded: u32,
}

/// `counterexample-update`: the search that follows a failed submission has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CounterexampleUpdate {
    /// Which submission.
    pub submission_id: String,
    /// For which challenge.
    pub challenge_id: String,
    /// A small input on which it differs from the reference, and what came of it; `null` when none was found.
    #[schema(required)]
    pub counterexample: Option<Counterexample>,
}

/// `run-update`: a test of a run with a `run_id` ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunUpdate {
    /// As given in the request.
    pub run_id: String,
    /// The test.
    pub test: TestReport,
    /// How many tests have ended.
    pub tests_done: u32,
    /// How many there are.
    pub total_tests: u32,
}

/// `progress-update`: XP, level or streak changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgressUpdate {
    /// Sum of all XP.
    pub total_xp: u64,
    /// The level.
    pub current_level: u32,
    /// The streak in days.
    pub streak_days: u32,
    /// What was just earned.
    pub xp_awarded: u32,
    /// Whether the level rose.
    pub level_up: bool,
}

/// `leaderboard-update`: the person's own place of all time changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeaderboardUpdate {
    /// From 1.
    pub rank: u64,
    /// XP of all time.
    pub xp: u64,
}
