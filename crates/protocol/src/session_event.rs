//! JSON events on `GET /ws/sessions/{id}`, beside the binary y-protocols messages. Only for clients that asked for
//! [`crate::event::SUBPROTOCOL`]. Unknown fields are ignored; positions in the text count UTF-16 code units.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::common::Verdict;
use crate::session::{Policy, Session, SessionParticipant, SessionRole};
use crate::submission::TestReport;

/// The most characters of a chat message.
pub const MAX_MESSAGE_CHARS: usize = 4_000;

/// `join-session`, from the client: it is there, and wants `session-state`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Join {
    /// Whether it wants every edit as `code-update` too; clients with a CRDT say `false`. `true` without it.
    #[serde(default)]
    pub code_updates: Option<bool>,
}

/// `session-state`: what one finds on coming in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionState {
    /// The session.
    pub session: Session,
    /// The asking person's id.
    pub user_id: String,
    /// Whether the asking person may write now.
    pub may_write: bool,
    /// The text now.
    pub code: String,
    /// How much more it can hold.
    pub text_limit: TextRoom,
    /// The version of the text, for `code-change`.
    pub version: u64,
    /// Who is there now.
    pub present: Vec<SessionParticipant>,
    /// The newest messages, oldest first, at most 100.
    pub messages: Vec<NewMessage>,
    /// How the last run or submission ended, when there was one since the room was opened or its record was last summed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<SessionRunResult>,
}

/// `user-joined` and `user-left`: the first connection of a person came, or the last one went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Presence {
    /// Who.
    #[serde(flatten)]
    pub user: SessionParticipant,
}

/// `code-change`, from the client: an edit of a client without a CRDT. Answered by `ack` once it is kept, with
/// `{"from","to","version"}` as data: where the edit came to stand and the version it led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CodeChange {
    /// The first unit to replace.
    pub from: u32,
    /// The unit behind the last to replace.
    pub to: u32,
    /// What stands there instead.
    pub insert: String,
    /// The version that the places are meant for; they are moved along with what happened since. Without it: the newest.
    #[serde(default)]
    pub version: Option<u64>,
}

/// `code-update`: the text was edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CodeUpdate {
    /// Who did it; `null` for the session itself.
    #[schema(required)]
    pub user_id: Option<String>,
    /// The first unit that was replaced.
    pub from: u32,
    /// The unit behind the last that was replaced.
    pub to: u32,
    /// What stands there instead.
    pub insert: String,
    /// The version it leads to. Edits that belong together share one.
    pub version: u64,
}

/// `cursor-change`, from the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CursorChange {
    /// From 0 or 1, as the clients agree.
    pub line: u32,
    /// In UTF-16 units.
    pub column: u32,
    /// Any JSON up to 1 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<serde_json::Value>,
}

/// `cursor-update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CursorUpdate {
    /// Whose.
    pub user_id: String,
    /// Their name.
    pub username: String,
    /// As they said.
    #[serde(flatten)]
    pub cursor: CursorChange,
}

/// `session-message`, from the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionMessage {
    /// Markdown, at most 4,000 characters.
    pub message: String,
}

/// `new-message`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewMessage {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub user_id: String,
    /// Their name.
    pub username: String,
    /// Markdown; never to be shown as HTML of its own.
    pub message: String,
    /// RFC 3339.
    pub at: String,
}

/// `role-change`, from the client. For whoever made the session and for mentors in it; a driver may hand over the keyboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoleChange {
    /// Who.
    pub user_id: String,
    /// What they become.
    pub role: SessionRole,
}

/// `role-changed`: with effect at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoleChanged {
    /// Who; of a swap the new driver.
    pub user_id: String,
    /// Their name.
    pub username: String,
    /// What they are now.
    pub role: SessionRole,
    /// Everybody whose role changed.
    pub changed: Vec<SessionParticipant>,
    /// Who may write.
    pub policy: Policy,
}

/// `session-updated`: title, language, policy, recording or timer changed. `role` in it means nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionUpdated {
    /// The session as it is now.
    pub session: Session,
    /// The language that it had, when that is another one now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_language: Option<String>,
}

/// `run-code`, from the client: runs the text as it is, with the challenge's examples, or without a challenge with this input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunCode {
    /// Standard input, at most 64 KiB.
    #[serde(default)]
    pub stdin: Option<String>,
}

/// Whether a program was only run or handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunKind {
    /// Run.
    Run,
    /// Handed in.
    Submit,
}

/// `run-started`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunStarted {
    /// Its id.
    pub run_id: String,
    /// Run or handed in.
    pub kind: RunKind,
    /// Who asked for it.
    pub user_id: String,
    /// Their name.
    pub username: String,
    /// RFC 3339.
    pub at: String,
}

/// `run-progress`: a test of a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunProgress {
    /// Which run.
    pub run_id: String,
    /// The test.
    pub test: TestReport,
    /// How many tests have ended.
    pub tests_done: u32,
    /// How many there are.
    pub total_tests: u32,
}

/// `run-result`: how a run ended, for everybody in the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionRunResult {
    /// Its id.
    pub run_id: String,
    /// Run or handed in.
    pub kind: RunKind,
    /// Who asked for it.
    pub user_id: String,
    /// Their name.
    pub username: String,
    /// Whether the verdict is `accepted`.
    pub success: bool,
    /// The first verdict that is not accepted, else accepted.
    pub verdict: Verdict,
    /// Passed tests in percent; `null` where nothing was expected.
    #[schema(required)]
    pub score: Option<u8>,
    /// One row a test. Empty without a challenge.
    pub tests: Vec<TestReport>,
    /// What it wrote to standard output, without a challenge.
    pub output: String,
    /// What went wrong: standard error, the compiler's words, or why it was not judged. Empty when nothing did.
    pub error: String,
    /// CPU time of the slowest test in milliseconds.
    pub time_ms: u32,
    /// Peak memory in KiB.
    pub memory_kb: u32,
    /// What it brought, for everybody to whom it counts: always whoever handed it in; under the policy `driver` the driver and the
    /// navigators who are there too; under `free` those drivers and navigators who are there and have written in the text. Mentors
    /// and viewers earn nothing by what others hand in. At most 33 people; each earns a challenge's XP once.
    pub xp: Vec<Earned>,
    /// RFC 3339.
    pub at: String,
}

/// XP of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Earned {
    /// Who.
    pub user_id: String,
    /// Their name.
    pub username: String,
    /// How much; 0 when they had solved it before.
    pub xp_awarded: u32,
}

/// `session-ended`: the socket closes with 1000 next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionEnded {
    /// Who ended it.
    pub user_id: String,
}

/// `storage`: whether edits can be kept just now. While they cannot, nobody hears of new ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Storage {
    /// `unavailable` or `ok`.
    pub state: String,
}

/// How much more a session's text can hold: it may be 1 Mi UTF-16 units long, and 16 Mi may ever be written in it, what was deleted
/// included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TextRoom {
    /// Enough.
    #[default]
    Free,
    /// Less than 1,024 units, until something is deleted.
    Full,
    /// Less than 1,024 units, for ever.
    Spent,
}

/// `text-limit`: what the text can hold is another now. What does not fit is refused with `too_large`, and the text stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TextLimit {
    /// How much more the text can hold.
    pub state: TextRoom,
}

/// `ai-tutor-message`, from the client: a question to the tutor, which everybody in the session sees with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TutorMessage {
    /// At most 4,000 characters.
    pub message: String,
}

/// `ai-tutor-delta`: a piece of an answer that is being written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TutorDelta {
    /// Of which question.
    pub message_id: String,
    /// The conversation: one a session.
    pub conversation_id: String,
    /// The next piece.
    pub delta: String,
}

/// `ai-tutor-response`: the whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TutorResponse {
    /// Of which question.
    pub message_id: String,
    /// Who asked.
    pub user_id: String,
    /// Their name.
    pub username: String,
    /// What they asked.
    pub question: String,
    /// The answer, as Markdown.
    pub message: String,
    /// What one may do next.
    pub suggestions: Vec<String>,
    /// What one may read; slugs of challenges or addresses on this server.
    pub resources: Vec<String>,
    /// How sure the tutor is that this helps, 0 to 1.
    pub confidence: f64,
    /// How much the answer gives away: 0 nothing, 3 a plan.
    pub hint_level: u32,
    /// Where it comes from.
    pub source: TutorSource,
    /// The conversation: one a session.
    pub conversation_id: String,
    /// RFC 3339.
    pub at: String,
}

/// As whom the tutor speaks among messages: no id of a person.
pub const TUTOR: &str = "tutor";

impl TutorResponse {
    /// Question and answer as messages, for who comes later.
    #[must_use]
    pub fn into_messages(self) -> [NewMessage; 2] {
        let question = NewMessage {
            id: format!("{}-question", self.message_id),
            user_id: self.user_id,
            username: self.username,
            message: self.question,
            at: self.at.clone(),
        };
        let answer = NewMessage {
            id: self.message_id,
            user_id: TUTOR.to_owned(),
            username: match self.source {
                TutorSource::Offline => "Tutor (offline)".to_owned(),
                TutorSource::Model | TutorSource::Cache => "Tutor".to_owned(),
            },
            message: self.message,
            at: self.at,
        };
        [question, answer]
    }
}

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TutorSource {
    /// A model wrote it.
    Model,
    /// A model wrote it before, to the same question.
    Cache,
    /// The tutor that needs no model: the challenge's own hints and what a verdict means.
    Offline,
}
