//! Live sessions: several people in one text. Who may write is decided here and enforced by the server for every message.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::{ChallengeId, Language, SessionId, UserId};
use crate::name::UserName;
use crate::ports::StoreResult;
use crate::time::Timestamp;

/// The longest title of a session, in characters.
pub const MAX_TITLE_CHARS: usize = 80;

/// Who may write in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Everybody but viewers.
    Free,
    /// The driver.
    Driver,
}

/// What a person is in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Has the keyboard.
    Driver,
    /// Thinks along, and types where everybody may.
    Navigator,
    /// Helps, and may take and hand over the keyboard.
    Mentor,
    /// Watches.
    Viewer,
}

impl Part {
    /// Whether this part may write under a policy.
    #[must_use]
    pub fn may_write(self, policy: Policy) -> bool {
        match policy {
            Policy::Free => self != Self::Viewer,
            Policy::Driver => self == Self::Driver,
        }
    }
}

/// A word that names no policy or part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown; use one of {0}")]
pub struct UnknownWord(&'static str);

macro_rules! words {
    ($name:ident, $known:literal, $($variant:ident = $word:literal),+) => {
        impl $name {
            /// The name on the wire and in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord($known)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(Policy, "free, driver", Free = "free", Driver = "driver");
words!(
    Part,
    "driver, navigator, mentor, viewer",
    Driver = "driver",
    Navigator = "navigator",
    Mentor = "mentor",
    Viewer = "viewer"
);

/// A session. Its text and all that happened are in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Its id. Whoever knows it may come in while the session lasts.
    pub id: SessionId,
    /// What it is called; at most [`MAX_TITLE_CHARS`].
    pub title: String,
    /// Who made it; only they end it.
    pub creator: UserId,
    /// What is worked on.
    pub challenge_id: Option<ChallengeId>,
    /// In which language.
    pub language: Language,
    /// Who may write.
    pub policy: Policy,
    /// Since when.
    pub created_at: Timestamp,
    /// Ended: it can be looked at and not entered.
    pub ended_at: Option<Timestamp>,
}

/// Somebody who was in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub name: UserName,
    /// What they are in it.
    pub part: Part,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Sessions and who takes part.
#[async_trait]
pub trait LiveSessions: Send + Sync {
    /// Adds a session, with its creator as participant of the given part, in one transaction.
    async fn create_live(&self, session: &LiveSession, creators_part: Part) -> StoreResult<()>;
    /// Finds a session.
    async fn live(&self, id: SessionId) -> StoreResult<Option<LiveSession>>;
    /// A person's part in a session; `None` when they never came in.
    async fn part(&self, id: SessionId, user: UserId) -> StoreResult<Option<Part>>;
    /// Adds a participant, unless they are one: the part they have then stays and is answered. `None` when there is no such session,
    /// it has ended, or it has `max` participants already.
    async fn take_part(
        &self,
        id: SessionId,
        user: UserId,
        part: Part,
        max: u32,
        now: Timestamp,
    ) -> StoreResult<Option<Part>>;
    /// Changes a participant's part. When somebody becomes driver, the present driver becomes navigator in the same transaction.
    /// Answers everybody whose part changed; nobody when the person is no participant.
    async fn set_part(&self, id: SessionId, user: UserId, part: Part) -> StoreResult<Vec<(UserId, Part)>>;
    /// Those who took part, in the order in which they came, at most 1,000.
    async fn participants(&self, id: SessionId) -> StoreResult<Vec<Participant>>;
    /// The sessions a person took part in, newest first by id of creation time, only those made before `before`, at most `limit` (1 to 101).
    async fn lives_of(
        &self,
        user: UserId,
        before: Option<(Timestamp, SessionId)>,
        limit: u32,
    ) -> StoreResult<Vec<LiveSession>>;
    /// Ends a session. `false` when it was ended before or is not there.
    async fn end_live(&self, id: SessionId, now: Timestamp) -> StoreResult<bool>;
}
