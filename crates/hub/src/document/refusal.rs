//! Why a document does not take an update.

use crate::outline::Refused;
use crate::sequence::Lie;
use crate::wire::ClientId;

/// Why an update is not taken. Nothing has changed, but for [`Self::Broken`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It says what cannot be true.
    #[error(transparent)]
    Lie(Lie),
    /// It writes as a client that is somebody else's.
    #[error("it writes as somebody else's client {0}")]
    Foreign(ClientId),
    /// The document has as many clients as it may have.
    #[error("the document has too many clients")]
    TooManyClients,
    /// The text would be too long.
    #[error("the text would be too long")]
    TooLarge,
    /// It could be true, and changes more at once than an update may.
    #[error("it changes too much at once")]
    TooLaborious,
    /// The CRDT library could not take what looked sound. The document must be made anew.
    #[error("the document broke: {0}")]
    Broken(String),
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Lie(lie) => Self::Lie(lie),
            Refused::TooLaborious => Self::TooLaborious,
            Refused::TooManyRuns => Self::TooLarge,
        }
    }
}
