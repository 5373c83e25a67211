//! Recordings of live sessions: to be watched, judged, restored, kept and brought back.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::session::{Session, SessionParticipant};

/// The query of `GET /api/sessions/{id}/replay`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReplayQuery {
    /// Entries at once, 1 to 5,000, default 1,000.
    pub limit: Option<u32>,
    /// From `next_cursor`.
    pub cursor: Option<String>,
    /// Begins at this moment instead, in milliseconds since the beginning.
    pub at_ms: Option<u64>,
}

/// A part of a recording: what is needed to show it from `keyframe` on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Replay {
    /// The recording as a whole.
    pub header: ReplayHeader,
    /// The text before the first of `items`.
    pub keyframe: Keyframe,
    /// What happened next, in order.
    pub items: Vec<ReplayEntry>,
    /// Pass it as `cursor` for what comes after; `null` at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A recording as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplayHeader {
    /// The session.
    pub session: Session,
    /// Those who did something in it. An imported recording has the names that its file says.
    pub people: Vec<SessionParticipant>,
    /// Whether it was brought in as a file: nobody here has seen it happen.
    pub imported: bool,
    /// When the first entry was made, RFC 3339.
    pub started_at: String,
    /// From the first to the last entry, in milliseconds.
    pub duration_ms: u64,
    /// The number of the last entry; the first is 1.
    pub last_seq: u64,
    /// In which language the text was from when on, in order; the first from the beginning.
    pub languages: Vec<LanguageFrom>,
}

/// A language, until the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LanguageFrom {
    /// The entry by which it came to be; 0 for the first one.
    pub seq: u64,
    /// The language.
    pub language: String,
}

/// The text as of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Keyframe {
    /// The entry; 0 before the first.
    pub seq: u64,
    /// The text after it.
    pub code: String,
}

/// Something that happened: an edit with `splices`, or an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplayEntry {
    /// Its number.
    pub seq: u64,
    /// When, in milliseconds since the beginning.
    pub at_ms: u64,
    /// Who; `null` for the session itself.
    #[schema(required)]
    pub user_id: Option<String>,
    /// Of an edit: what became of the text, in order, each in the coordinates that the one before left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub splices: Option<Vec<ReplaySplice>>,
    /// Else: the event as it was sent then, `{"type","data"}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Value>,
}

/// A change of the text, in UTF-16 code units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplaySplice {
    /// Where.
    pub at: u32,
    /// How many units go.
    pub delete: u32,
    /// What comes in their place.
    pub insert: String,
}

/// The query of `GET /api/sessions/{id}/replay/moment`: one of both; the end without.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MomentQuery {
    /// After this entry.
    pub seq: Option<u64>,
    /// At this moment, in milliseconds since the beginning.
    pub at_ms: Option<u64>,
}

/// The text at a moment, and who wrote what of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Moment {
    /// After this entry.
    pub seq: u64,
    /// The text.
    pub code: String,
    /// Who wrote the first units, the next and so on; together as long as the text.
    pub authors: Vec<AuthoredRun>,
}

/// Neighbouring units that one person wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuthoredRun {
    /// Who; `null` for the session itself.
    #[schema(required)]
    pub user_id: Option<String>,
    /// How many UTF-16 code units.
    pub length: u32,
}

/// `GET /api/sessions/{id}/replay/statistics`: who did how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplayStatistics {
    /// One row a person, in the order in which they began.
    pub authors: Vec<AuthorStatistics>,
    /// Who was the driver, in the order in which they first were. Of an imported recording the first one is not always known.
    pub drivers: Vec<DriverStatistics>,
    /// How many edits look pasted: 80 units or three line breaks at once.
    pub paste_count: u64,
    /// The first thousand of them.
    pub pastes: Vec<PasteBurst>,
    /// The longest time in which nothing happened.
    #[schema(required)]
    pub longest_idle: Option<IdleSpan>,
}

/// What one person did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthorStatistics {
    /// Who; `null` for the session itself.
    #[schema(required)]
    pub user_id: Option<String>,
    /// Edits.
    pub edits: u64,
    /// Units written.
    pub inserted: u64,
    /// Units deleted.
    pub deleted: u64,
    /// Units they wrote that stand in the last text.
    pub surviving: u64,
    /// Time in which they wrote: gaps of less than 30 s between their own edits added up, in milliseconds.
    pub active_ms: u64,
    /// Their part of all written units, 0 to 1.
    pub inserted_share: f64,
    /// Their part of all active time, 0 to 1.
    pub active_share: f64,
}

/// Somebody's time at the keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DriverStatistics {
    /// Who.
    pub user_id: String,
    /// How long they were the driver, in milliseconds. Pauses of everybody of 30 s and more are nobody's.
    pub driven_ms: u64,
    /// How often they took the keyboard over; whoever began has one for that.
    pub turns: u64,
}

/// Much text at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasteBurst {
    /// The entry.
    pub seq: u64,
    /// When, in milliseconds since the beginning.
    pub at_ms: u64,
    /// Who.
    pub user_id: String,
    /// How many units.
    pub length: u64,
}

/// A time in which nothing happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdleSpan {
    /// The entry before it.
    pub seq: u64,
    /// When it began, in milliseconds since the beginning.
    pub from_ms: u64,
    /// How long it was, in milliseconds.
    pub length_ms: u64,
}

/// `POST /api/sessions/{id}/replay/run`: judges the text as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplayRun {
    /// After this entry.
    pub seq: u64,
    /// Standard input, where the session has no challenge.
    #[serde(default)]
    pub stdin: Option<String>,
}

/// `POST /api/sessions/{id}/restore`: makes the text what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Restore {
    /// After this entry.
    pub seq: u64,
}

/// `session-restored`, in the record and to everybody: the text is again what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Restored {
    /// After this entry.
    pub seq: u64,
    /// Who restored it.
    pub user_id: String,
}
