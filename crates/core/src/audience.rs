//! For whom a program is judged, which decides how soon.

use crate::id::{SubmissionId, UserId};
use crate::ports::NewSubmission;

/// Who waits for a program's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The people of a live session, together.
    Session,
    /// One person.
    Person,
}

/// How the request keys of live sessions begin. No client's key does: those have no blanks.
pub const SESSION_KEY: &str = "session ";

impl NewSubmission {
    /// Who waits for its verdict; the store knows it for as long as it knows the request key.
    #[must_use]
    pub fn audience(&self) -> Audience {
        match &self.request_key {
            Some(key) if key.starts_with(SESSION_KEY) => Audience::Session,
            _ => Audience::Person,
        }
    }
}

/// A submission that is not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// Which.
    pub id: SubmissionId,
    /// Whose it is.
    pub user_id: UserId,
    /// Who waits for it.
    pub audience: Audience,
}
