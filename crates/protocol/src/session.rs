//! Live sessions: REST bodies, and the JSON events of `GET /ws/sessions/{id}`.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `POST /api/sessions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CreateSession {
    /// At most 80 characters; without one it is called after its challenge or maker.
    pub title: Option<String>,
    /// The slug of the challenge to work on.
    pub challenge_id: Option<String>,
    /// The language; `python` without one.
    pub language: Option<String>,
    /// What the text begins with; without it the challenge's starter code.
    pub code: Option<String>,
    /// Who may write; `free` without one.
    pub policy: Option<Policy>,
}

/// Who may write in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Everybody but viewers.
    Free,
    /// The driver.
    Driver,
}

/// What a person is in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionRole {
    /// Has the keyboard.
    Driver,
    /// Thinks along, and types where everybody may.
    Navigator,
    /// Helps, and may take and hand over the keyboard.
    Mentor,
    /// Watches.
    Viewer,
}

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Its id, which is also the way in: whoever knows it may join.
    pub id: String,
    /// Where others join in the browser.
    pub join_url: String,
    /// What it is called.
    pub title: String,
    /// Who made it.
    pub creator: String,
    /// What is worked on.
    #[schema(required)]
    pub challenge_id: Option<String>,
    /// In which language.
    pub language: String,
    /// Who may write.
    pub policy: Policy,
    /// What the asking person is in it.
    pub role: SessionRole,
    /// Those who took part, in the order in which they came.
    pub participants: Vec<SessionParticipant>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339, once ended.
    #[schema(required)]
    pub ended_at: Option<String>,
}

/// Somebody in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionParticipant {
    /// Their id, as in `role-change`.
    pub user_id: String,
    /// Their name.
    pub username: String,
    /// What they are.
    pub role: SessionRole,
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionSummary {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What is worked on.
    #[schema(required)]
    pub challenge_id: Option<String>,
    /// In which language.
    pub language: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339, once ended.
    #[schema(required)]
    pub ended_at: Option<String>,
}

/// The query of `GET /api/sessions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    /// 1 to 100, default 20.
    pub limit: Option<u32>,
    /// From `next_cursor`.
    pub cursor: Option<String>,
}

/// `session-state`: what one finds on coming in. Sent after `join-session`, and again after a reconnect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionState {
    /// The session.
    pub session: Session,
    /// The text now.
    pub code: String,
    /// Whether the asking person may write now.
    pub may_write: bool,
}

/// `role-changed`: parts have changed, with effect at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoleChanged {
    /// Everybody whose part changed.
    pub changed: Vec<SessionParticipant>,
    /// Who may write now, by id.
    pub policy: Policy,
}

/// `user-joined` and `user-left`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Presence {
    /// Who.
    pub user: SessionParticipant,
}

/// `new-message`: a chat message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewMessage {
    /// Who wrote it.
    pub user: SessionParticipant,
    /// Markdown; shown as text or rendered without HTML.
    pub message: String,
    /// RFC 3339.
    pub at: String,
}
