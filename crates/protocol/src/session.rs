//! Live sessions over REST: making, finding, joining and inviting. Their socket's events are in [`crate::session_event`].

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `POST /api/sessions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CreateSession {
    /// At most 80 characters; without one it is called after its challenge or maker.
    #[serde(default)]
    pub title: Option<String>,
    /// The slug of the challenge to work on.
    #[serde(default)]
    pub challenge_id: Option<String>,
    /// The language; without one the challenge's first or `python`.
    #[serde(default)]
    pub language: Option<String>,
    /// What the text begins with, at most 64 KiB; without it the challenge's starter code.
    #[serde(default)]
    pub code: Option<String>,
    /// Who may write; `free` without one.
    #[serde(default)]
    pub policy: Option<Policy>,
    /// Whether it is recorded; `true` without it.
    #[serde(default)]
    pub recording: Option<bool>,
}

/// `PATCH /api/sessions/{id}`: what is left out stays. For whoever made the session and for mentors in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChangeSession {
    /// At most 80 characters.
    #[serde(default)]
    pub title: Option<String>,
    /// The language.
    #[serde(default)]
    pub language: Option<String>,
    /// Who may write.
    #[serde(default)]
    pub policy: Option<Policy>,
    /// `false`: no longer recorded, and what was recorded is forgotten. It cannot be turned on again.
    #[serde(default)]
    pub recording: Option<bool>,
    /// Sets the timer to ring in so many seconds, 1 to 86,400; 0 stops it.
    #[serde(default)]
    pub timer_seconds: Option<u32>,
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
    /// Its id.
    pub id: String,
    /// Where others join in the browser, while the plain link is open.
    pub join_url: String,
    /// What it is called.
    pub title: String,
    /// Who made it: its id as in `participants`.
    pub creator_id: String,
    /// What is worked on.
    #[schema(required)]
    pub challenge_id: Option<String>,
    /// In which language.
    pub language: String,
    /// Who may write.
    pub policy: Policy,
    /// Whether it is recorded.
    pub recording: bool,
    /// When the timer rings or rang, RFC 3339.
    #[schema(required)]
    pub timer_ends_at: Option<String>,
    /// What the asking person is in it.
    pub role: SessionRole,
    /// Those who take part, in the order in which they came.
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
    /// The colour of their caret, as CSS `#rrggbb`: the same for everybody.
    pub color: String,
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionSummary {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Who made it.
    pub creator_id: String,
    /// What is worked on.
    #[schema(required)]
    pub challenge_id: Option<String>,
    /// In which language.
    pub language: String,
    /// Whether there is, or will be, something to replay.
    pub recording: bool,
    /// How many people are in it now.
    pub present: u32,
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

/// `POST /api/sessions/{id}/join`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JoinSession {
    /// The secret of an invitation; without it the plain link.
    #[serde(default)]
    pub invite: Option<String>,
}

/// The answer to `POST /api/sessions/{id}/ticket`: opens the session's socket once, as `?ticket=`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// A secret.
    pub ticket: String,
    /// RFC 3339; it lasts half a minute.
    pub expires_at: String,
}

/// `POST /api/sessions/{id}/invitations`. For whoever made the session and for mentors in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CreateInvitation {
    /// What those who come by it are: `navigator` (without one), `viewer` or `mentor`.
    #[serde(default)]
    pub role: Option<SessionRole>,
    /// How long it lets people in, 1 to 31,536,000 seconds; without it as long as the session lasts.
    #[serde(default)]
    pub expires_in_seconds: Option<u32>,
    /// `true`: opens the plain link again after it was revoked, instead of making one with a secret.
    #[serde(default)]
    pub plain: Option<bool>,
}

/// A way into a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id, to revoke it.
    pub id: String,
    /// The link. Of an invitation with a secret it is shown once, when it is made.
    #[schema(required)]
    pub url: Option<String>,
    /// Whether it is the plain link, which needs no secret.
    pub plain: bool,
    /// What those who come by it are.
    pub role: SessionRole,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    #[schema(required)]
    pub expires_at: Option<String>,
}

/// Open invitations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitations {
    /// Oldest first, at most 20.
    pub items: Vec<Invitation>,
}

/// `PATCH /api/sessions/{id}/participants/{user_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeParticipant {
    /// What they become.
    pub role: SessionRole,
}
