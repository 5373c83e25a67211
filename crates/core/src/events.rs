//! Events for one user's sockets, numbered so that a reconnecting page gets what it missed.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

use crate::id::InvalidId;

/// The number of an event: an epoch and a sequence number within it.
///
/// A bus that lost its memory, of everybody or of one user, starts a new epoch, so an old number is recognised as such and no number
/// is given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId {
    /// Which life of the user's channel.
    pub epoch: u64,
    /// From 1 in each epoch.
    pub sequence: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.epoch, self.sequence)
    }
}

impl FromStr for EventId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId { kind: "event id" };
        let (epoch, sequence) = text.split_once('-').ok_or_else(|| invalid.clone())?;
        let epoch = u64::from_str_radix(epoch, 16).map_err(|_| invalid.clone())?;
        Ok(Self { epoch, sequence: sequence.parse().map_err(|_| invalid)? })
    }
}

/// Something that happened to a user.
#[derive(Debug, Clone, PartialEq)]
pub struct UserEvent {
    /// Its number.
    pub id: EventId,
    /// Its type, such as `submission-update`.
    pub kind: Arc<str>,
    /// Its content.
    pub data: Arc<Value>,
}
