//! Live sessions: several people in one text. Who may write is decided here and enforced by the server for every message.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::{ChallengeId, InvitationId, Language, SessionId, UserId};
use crate::name::UserName;
use crate::ports::{SecretHash, StoreResult};
use crate::time::Timestamp;

/// The longest title of a session, in characters.
pub const MAX_TITLE_CHARS: usize = 80;
/// The most people who take part in one session at the same time. Who was sent out does not count.
pub const MAX_PARTICIPANTS: u32 = 300;
/// The most invitations of one session that are open at once.
pub const MAX_INVITATIONS: u32 = 20;

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

/// Colours of carets: told apart on a light and on a dark background, also by most who see colours otherwise.
const COLORS: [&str; 12] = [
    "#2563eb", "#d97706", "#059669", "#db2777", "#7c3aed", "#0891b2", "#dc2626", "#65a30d", "#c026d3",
    "#0d9488", "#ea580c", "#4f46e5",
];

/// A person's colour when nobody else is there, as CSS `#rrggbb`.
#[must_use]
pub fn color_of(user: UserId) -> &'static str {
    free_color(user, |_| false)
}

/// A person's colour among others, as CSS `#rrggbb`: their own, or the next that is not taken. Who comes after twelve others shares one.
#[must_use]
pub fn free_color(user: UserId, is_taken: impl Fn(&str) -> bool) -> &'static str {
    let sum = user
        .to_bytes()
        .iter()
        .fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let own = sum % COLORS.len();
    let (after, before) = (&COLORS[own..], &COLORS[..own]);
    after.iter().chain(before).copied().find(|color| !is_taken(color)).unwrap_or(COLORS[own])
}

/// Whether what happens is kept for replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recording {
    /// Everything is kept.
    On,
    /// Only what is needed to bring the text back after a crash is kept, and no longer than that.
    Off,
}

/// A word that names no policy, part or state of recording.
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

words!(Recording, "on, off", On = "on", Off = "off");
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
    /// Its id.
    pub id: SessionId,
    /// What it is called; at most [`MAX_TITLE_CHARS`].
    pub title: String,
    /// Who made it; only they end it. They always take part: nobody can send them out.
    pub creator: UserId,
    /// What is worked on.
    pub challenge_id: Option<ChallengeId>,
    /// In which language.
    pub language: Language,
    /// Who may write.
    pub policy: Policy,
    /// Whether it is recorded.
    pub recording: Recording,
    /// When the session's timer rings, while one runs or has rung.
    pub timer_ends_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
    /// Ended: it can be looked at and not entered.
    pub ended_at: Option<Timestamp>,
}

/// What of a session changes; `None` leaves it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LiveChange {
    /// Another title.
    pub title: Option<String>,
    /// Another language.
    pub language: Option<Language>,
    /// Another policy.
    pub policy: Option<Policy>,
    /// Another state of recording.
    pub recording: Option<Recording>,
    /// Another timer: `Some(None)` stops it.
    pub timer_ends_at: Option<Option<Timestamp>>,
}

/// Somebody who takes part in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub name: UserName,
    /// What they are in it.
    pub part: Part,
    /// When they came in for the first time.
    pub joined_at: Timestamp,
}

/// A way into a session: a link that lasts until it lapses or is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Into which session.
    pub session_id: SessionId,
    /// Hash of the secret in the link. `None`: the session's id is enough. Several invitations may have the same.
    pub secret_hash: Option<SecretHash>,
    /// What those who come by it are.
    pub part: Part,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when; `None`: as long as the session lasts. It then lets nobody in any more; who came by it stays.
    pub expires_at: Option<Timestamp>,
}

/// Somebody at a session's door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    /// Who.
    pub user_id: UserId,
    /// Hash of the secret in their link, when there is one.
    pub secret_hash: Option<SecretHash>,
    /// What they become instead of what the invitation says, such as mentor of a school who mentors here, too. Who comes by an
    /// invitation for viewers is a viewer all the same.
    pub part: Option<Part>,
    /// Now.
    pub at: Timestamp,
}

/// What becomes of a knock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// They take part.
    In {
        /// What they are.
        part: Part,
        /// Whether this knock let them in: they come for the first time, or come back after they were sent out. `false`: they
        /// took part already.
        is_new: bool,
    },
    /// For them there is no such session: there is none, it has ended, nobody invited them, or they were sent out.
    Missing,
    /// They would be let in, but [`MAX_PARTICIPANTS`] take part.
    Full,
}

/// Sessions and who takes part in them.
#[async_trait]
pub trait LiveSessions: Send + Sync {
    /// Adds a session with its creator as participant of the given part and its first invitation, in one transaction. An id that is
    /// taken, an unknown creator or a link into another session is [`crate::ports::StoreError::Failed`], and nothing is added.
    async fn create_live(
        &self,
        session: &LiveSession,
        creators_part: Part,
        link: &Invitation,
    ) -> StoreResult<()>;
    /// Finds a session.
    async fn live(&self, id: SessionId) -> StoreResult<Option<LiveSession>>;
    /// Changes a session that has not ended, and answers it as it is now. `None` when there is no such session or it has ended.
    async fn change_live(&self, id: SessionId, change: &LiveChange) -> StoreResult<Option<LiveSession>>;
    /// Ends a session. `false` when it was ended before or is not there.
    async fn end_live(&self, id: SessionId, now: Timestamp) -> StoreResult<bool>;
    /// The sessions a person takes part in, ended or not, newest first (by time, then by id, both downwards), only those behind
    /// `before` in that order, at most `limit` (1 to 101).
    async fn lives_of(
        &self,
        user: UserId,
        before: Option<(Timestamp, SessionId)>,
        limit: u32,
    ) -> StoreResult<Vec<LiveSession>>;
}

/// Who takes part in sessions, and how they came in.
#[async_trait]
pub trait LiveParts: Send + Sync {
    /// A person's part in a session, ended or not; `None` when they do not take part.
    async fn part(&self, id: SessionId, user: UserId) -> StoreResult<Option<Part>>;
    /// Lets somebody into a session that has not ended, in one transaction: participants as what they are, others by an invitation that
    /// is open at that time and has the knock's secret hash; the newest such one when there are several. Who was sent out only comes
    /// in again by an invitation made after that moment, and gets their part anew. Who would come in as driver while somebody has
    /// the keyboard becomes navigator.
    async fn enter(&self, id: SessionId, knock: &Knock) -> StoreResult<Entrance>;
    /// Changes a participant's part. When somebody becomes driver, the present driver becomes navigator in the same transaction, so
    /// there is never more than one. Answers everybody whose part changed, that person first; nobody when the person does not take
    /// part or has that part already.
    async fn set_part(&self, id: SessionId, user: UserId, part: Part) -> StoreResult<Vec<(UserId, Part)>>;
    /// Sends a participant out, also of a session that has ended. Their place stays in [`LiveParts::everybody`]. `false` when they do
    /// not take part, or made the session.
    async fn send_out(&self, id: SessionId, user: UserId, now: Timestamp) -> StoreResult<bool>;
    /// Those who take part, in the order in which they came. Who was sent out and came back has their old place.
    async fn participants(&self, id: SessionId) -> StoreResult<Vec<Participant>>;
    /// Those who take part or were sent out (with the part they had), in the order in which they came: the people of the record.
    async fn everybody(&self, id: SessionId) -> StoreResult<Vec<Participant>>;
    /// Adds an invitation, unless there is no such session, it has ended, or it has [`MAX_INVITATIONS`] that, at the time the new one is
    /// made, neither lapsed nor were revoked. Tells whether it was added.
    async fn invite(&self, invitation: &Invitation) -> StoreResult<bool>;
    /// A session's invitations that neither lapsed nor were revoked, oldest first. None when it has ended.
    async fn invitations(&self, id: SessionId, now: Timestamp) -> StoreResult<Vec<Invitation>>;
    /// Revokes an invitation and sends out all who came in by it and take part, but never who made the session, in one transaction;
    /// answers these in no particular order. It may have lapsed, and the session may have ended. `None` when there is no such
    /// invitation into that session, or it was revoked before.
    async fn revoke_invitation(
        &self,
        id: SessionId,
        invitation: InvitationId,
        now: Timestamp,
    ) -> StoreResult<Option<Vec<UserId>>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_twelve_have_colours_of_their_own() {
        let mut taken: Vec<&str> = Vec::new();
        for n in 0..COLORS.len() {
            let user = UserId::from_bytes([n as u8; 16]);
            let color = free_color(user, |color| taken.contains(&color));
            assert!(!taken.contains(&color), "{n}");
            taken.push(color);
        }
        let late = UserId::from_bytes([99; 16]);
        assert_eq!(free_color(late, |color| taken.contains(&color)), color_of(late));
    }
}
