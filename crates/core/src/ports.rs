//! The ports: what the rules need from the world. Each is small; an implementation lives in a crate of rank 1.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};

use crate::audience::Unfinished;
use crate::catalogue::Challenges;
use crate::events::{EventId, UserEvent};
use crate::id::{AuthSessionId, ChallengeId, Language, SubmissionId, UserId};
use crate::judge0::Judge0Submissions;
use crate::judging::{Job, Judgement, LanguageInfo, Protection, TestOutcome};
use crate::ledger::Scope;
use crate::live::{LiveParts, LiveSessions};
use crate::name::UserName;
use crate::role::Role;
use crate::submission::{Counterexample, Report, Submission};
use crate::terminal::{Terminal, TerminalRefusal, TerminalRequest};
use crate::time::Timestamp;
use crate::user::{GithubIdentity, User};

pub use crate::time::Clock;

/// Why the store did not answer. "There is no such thing" is never one of these: that is `None`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is locked, full or closing. Trying again later may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// What was read makes no sense, or a statement failed that must not. Trying again will not help.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// A store's answer.
pub type StoreResult<T> = Result<T, StoreError>;

/// Whether a name was free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created<T> {
    /// It was, and is taken now.
    New(T),
    /// Somebody has it.
    Taken,
}

/// What signing in with GitHub did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubSignIn {
    /// Who is signed in now.
    pub user: User,
    /// The guest whose work moved to `user` and who no longer exists, when that happened.
    pub merged_guest: Option<UserId>,
}

/// People.
#[async_trait]
pub trait Users: Send + Sync {
    /// Adds a person, unless the name's key is taken.
    async fn create_user(&self, user: &User) -> StoreResult<Created<()>>;
    /// Finds a person by id.
    async fn user(&self, id: UserId) -> StoreResult<Option<User>>;
    /// Finds a person by name, by [`UserName::key`].
    async fn user_by_name(&self, name: &UserName) -> StoreResult<Option<User>>;
    /// Changes a role. `None` when there is no such person.
    async fn set_role(&self, id: UserId, role: Role) -> StoreResult<Option<User>>;
    /// Changes the time zone. `None` when there is no such person.
    async fn set_time_zone(&self, id: UserId, time_zone: &str) -> StoreResult<Option<User>>;
    /// Finds or makes the person behind a GitHub account, in one transaction.
    ///
    /// - Unknown account, with a guest: the guest becomes that person, same id, same name and work.
    /// - Unknown account, no guest: a new person, named after the login (with `-2`, `-3`… appended when that is taken).
    /// - Known account, with a guest: the guest's submissions and ledger move to the person (an entry that both have stays once,
    ///   the person's own), the guest's sessions are revoked, and the guest is gone. So do the live sessions the guest made and the
    ///   guest's places in live sessions. A place that both have stays once, the person's own; when the guest is its driver and
    ///   both take part, the person becomes it. So a person who was sent out stays so, unless the guest made that session: who made
    ///   one takes part in it, and then has the guest's place.
    ///
    /// A `guest` that is no guest (any more) is ignored.
    async fn sign_in_github(
        &self,
        identity: &GithubIdentity,
        guest: Option<UserId>,
        time_zone: &str,
        now: Timestamp,
    ) -> StoreResult<GithubSignIn>;
}

/// SHA-256 of a secret; the secret itself is never stored.
pub type SecretHash = [u8; 32];

/// One signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthSession {
    /// Its id, the `sid` claim of tokens.
    pub id: AuthSessionId,
    /// Who is signed in.
    pub user_id: UserId,
    /// Hash of the cookie's secret.
    pub secret_hash: SecretHash,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when, unless renewed.
    pub expires_at: Timestamp,
}

/// Signed-in devices. Expired and revoked ones are never returned.
#[async_trait]
pub trait AuthSessions: Send + Sync {
    /// Adds a session. Also removes expired ones, a bounded number each time.
    async fn create_session(&self, session: &AuthSession) -> StoreResult<()>;
    /// Finds the live session of a cookie's secret and its user.
    async fn session_by_secret(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> StoreResult<Option<(AuthSession, User)>>;
    /// Finds a live session by id and its user.
    async fn session(&self, id: AuthSessionId, now: Timestamp) -> StoreResult<Option<(AuthSession, User)>>;
    /// Prolongs a live session; never shortens it.
    async fn extend_session(&self, id: AuthSessionId, expires_at: Timestamp) -> StoreResult<()>;
    /// Revokes one session at once.
    async fn revoke_session(&self, id: AuthSessionId) -> StoreResult<()>;
    /// Revokes all sessions of a user at once and returns their ids.
    async fn revoke_sessions_of(&self, user: UserId) -> StoreResult<Vec<AuthSessionId>>;
}

/// A sign-in on its way to GitHub and back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthFlow {
    /// Hash of the `state` parameter.
    pub state_hash: SecretHash,
    /// Hash of the cookie that binds the flow to one browser.
    pub browser_hash: SecretHash,
    /// PKCE verifier, sent with the code.
    pub pkce_verifier: String,
    /// Path on this site to go to afterwards.
    pub next: String,
    /// The guest who began it.
    pub guest: Option<UserId>,
    /// The browser's time zone.
    pub time_zone: Option<String>,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// Sign-ins under way. At most 10,000; the oldest go first.
#[async_trait]
pub trait OauthFlows: Send + Sync {
    /// Remembers a flow.
    async fn put_flow(&self, flow: &OauthFlow) -> StoreResult<()>;
    /// Takes a flow out, so that it is used once. `None` when unknown, used or expired.
    async fn take_flow(&self, state_hash: &SecretHash, now: Timestamp) -> StoreResult<Option<OauthFlow>>;
}

/// A submission about to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubmission {
    /// Its id.
    pub id: SubmissionId,
    /// Whose it is.
    pub user_id: UserId,
    /// For which challenge.
    pub challenge_id: ChallengeId,
    /// In which language.
    pub language: Language,
    /// The learner's file.
    pub code: String,
    /// The client's `Idempotency-Key`; the same key of the same user means the same submission.
    pub request_key: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What became of a new submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Queued {
    /// It is stored as queued.
    New(Submission),
    /// The request was made before; this is that submission.
    Repeated(Submission),
    /// The user has as many unfinished submissions as allowed; nothing was stored.
    TooMany,
}

/// What finishing gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The submission as it stands now.
    pub submission: Submission,
    /// Whether this call finished it. `false`: it was finished before and nothing changed.
    pub first: bool,
}

/// Where a learner stands with a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeStatus {
    /// Handed in, not accepted yet.
    Attempted,
    /// Accepted at least once.
    Solved,
}

/// Which submissions a list shows, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionFilter {
    /// Whose.
    pub user_id: UserId,
    /// For one challenge only.
    pub challenge_id: Option<ChallengeId>,
    /// Only those older than this one.
    pub before: Option<SubmissionId>,
    /// How many at most, 1 to 101: one more than the largest page tells whether there is a next.
    pub limit: u32,
}

/// Submissions and what they earn.
#[async_trait]
pub trait Submissions: Send + Sync {
    /// Stores a submission as queued, unless the user has `max_unfinished` unfinished ones or made the request before.
    async fn create_submission(&self, new: &NewSubmission, max_unfinished: u32) -> StoreResult<Queued>;
    /// Finds a submission.
    async fn submission(&self, id: SubmissionId) -> StoreResult<Option<Submission>>;
    /// Lists submissions, newest first.
    async fn submissions(&self, filter: &SubmissionFilter) -> StoreResult<Vec<Submission>>;
    /// Notes that a worker has begun. A finished submission stays finished.
    async fn mark_running(&self, id: SubmissionId) -> StoreResult<()>;
    /// In one transaction: finishes the submission and, when it is accepted, writes the ledger: `solved` with `xp` the first time, else a
    /// practice entry of that day in the person's zone without XP. Finishing twice changes nothing. `None` when there is no such submission.
    async fn finish_submission(
        &self,
        id: SubmissionId,
        report: &Report,
        xp: u32,
        now: Timestamp,
    ) -> StoreResult<Option<Finished>>;
    /// Keeps what was found of a judged submission. `true` when it is kept: there is such a submission, it is finished and has none yet.
    async fn keep_counterexample(&self, id: SubmissionId, found: &Counterexample) -> StoreResult<bool>;
    /// The unfinished submissions of everybody, oldest first, at most `limit`: what a restarted server takes up again.
    async fn unfinished(&self, limit: u32) -> StoreResult<Vec<Unfinished>>;
    /// Where a user stands with each challenge they tried.
    async fn challenge_statuses(&self, user: UserId) -> StoreResult<Vec<(ChallengeId, ChallengeStatus)>>;
}

/// What the ledger says of one person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerSummary {
    /// The sum of XP.
    pub total_xp: u64,
    /// Moments of the entries, newest first, at most 5,000: days active follow from them.
    pub active: Vec<Timestamp>,
    /// Solved challenges with language, XP and time, newest first, at most 5,000.
    pub solved: Vec<Solved>,
}

/// One solved challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved {
    /// Which.
    pub challenge_id: ChallengeId,
    /// In which language first.
    pub language: Language,
    /// What it gave.
    pub xp: u32,
    /// When.
    pub at: Timestamp,
}

/// A place on a leaderboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// From 1. Equal XP is ordered by who reached it first, then by id, so ranks are unique.
    pub rank: u64,
    /// Who.
    pub user: User,
    /// XP in the leaderboard's scope, above 0.
    pub xp: u64,
}

/// One page of a leaderboard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standings {
    /// The places from `offset` on.
    pub items: Vec<Standing>,
    /// The asking person's rank and XP, when they are on it.
    pub me: Option<(u64, u64)>,
    /// How many people are on it.
    pub total: u64,
}

/// What follows from the ledger.
#[async_trait]
pub trait Progress: Send + Sync {
    /// The ledger of one person.
    async fn ledger_summary(&self, user: UserId) -> StoreResult<LedgerSummary>;
    /// A page of a leaderboard: `limit` places (1 to 100) after the first `offset`.
    async fn standings(
        &self,
        scope: &Scope,
        me: Option<UserId>,
        offset: u64,
        limit: u32,
    ) -> StoreResult<Standings>;
}

/// Durable truth.
#[async_trait]
pub trait Store:
    Users
    + AuthSessions
    + OauthFlows
    + Submissions
    + Progress
    + LiveSessions
    + LiveParts
    + Challenges
    + Judge0Submissions
{
    /// Whether a read and a write would succeed now.
    async fn ping(&self) -> StoreResult<()>;
    /// Waits for writes under way and closes. Later calls answer [`StoreError::Unavailable`].
    async fn close(&self);
}

/// Why the judge gave no verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum JudgeError {
    /// Programs cannot be run safely here, so they are not run.
    #[error("judging is not available: {0}")]
    Unavailable(String),
    /// The language is not installed here.
    #[error("the language {0} is not installed on this judge")]
    Language(Language),
    /// The judge itself failed. Trying again may help.
    #[error("the judge failed: {0}")]
    Failed(String),
}

/// Runs untrusted programs. Dropping the future of [`Judge::judge`] kills what runs.
#[async_trait]
pub trait Judge: Send + Sync {
    /// Judges a job. Each finished run is also offered to `progress` as it ends; a full or closed channel loses it silently, the
    /// judgement has all of them.
    async fn judge(
        &self,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError>;
    /// The languages found at start.
    fn languages(&self) -> Vec<LanguageInfo>;
    /// Whether functions can be called in one of them. Of an old compiler not every judge knows how.
    fn calls_functions(&self, _language: &Language) -> bool {
        true
    }
    /// The layers of the sandbox on this machine.
    fn protections(&self) -> Vec<Protection>;
    /// Whether programs can be run safely, found by running one.
    ///
    /// # Errors
    /// [`JudgeError::Unavailable`] with the reason and the remedy.
    fn available(&self) -> Result<(), JudgeError>;
    /// Starts a program on a terminal. Not every judge can.
    async fn terminal(&self, _request: TerminalRequest) -> Result<Terminal, TerminalRefusal> {
        Err(TerminalRefusal::Unsupported)
    }
}

/// What a subscriber to a user's events gets.
#[derive(Debug)]
pub struct Subscription {
    /// Events after the asked one that are still remembered, oldest first.
    pub missed: Vec<UserEvent>,
    /// Whether events after the asked one are forgotten: the page must fetch its state anew.
    pub gap: bool,
    /// The number of the newest event so far; `live` begins after it. Its sequence is 0 when there was none.
    pub last: EventId,
    /// Events from now on. A receiver that lags is told so and must subscribe again, after the last event it got.
    pub live: broadcast::Receiver<UserEvent>,
}

/// Events to users' sockets, with a bounded memory.
#[async_trait]
pub trait UserEvents: Send + Sync {
    /// Numbers, remembers and sends an event. A user's memory holds the newest 256 events for about 10 minutes, and less of them
    /// when they are large.
    async fn publish(&self, user: UserId, kind: &str, data: serde_json::Value) -> EventId;
    /// Subscribes, after the event `after` when a page reconnects.
    async fn subscribe(&self, user: UserId, after: Option<EventId>) -> Subscription;
}
