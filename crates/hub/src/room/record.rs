//! Reading a session's record: the newest snapshot, and every edit after it.

use codementor_core::journal::{Journal, Kept, Kind};
use codementor_core::ports::StoreError;
use codementor_core::{SessionId, Timestamp};

use crate::document::Document;
use crate::outline::Fit;
use crate::snapshot;
use crate::wire::Update;

/// Why a session cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it keeps makes no document.
    #[error("the record of the session is damaged: {0}")]
    Damaged(String),
}

/// What a record gave.
pub(super) struct Loaded {
    pub(super) document: Document,
    /// The last entry.
    pub(super) seq: u64,
    /// The last entry that the snapshot takes in.
    pub(super) kept: u64,
    /// When the last entry was made.
    pub(super) at: Timestamp,
}

/// Reads a session's record.
pub(super) async fn load(journal: &dyn Journal, session: SessionId) -> Result<Loaded, OpenError> {
    let damaged = |why: &dyn std::fmt::Display| OpenError::Damaged(why.to_string());
    let Kept { snapshot, tail } = journal.load(session).await?;
    let kept = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
    let mut document = match &snapshot {
        Some(snapshot) => snapshot::decode(&snapshot.data).map_err(|error| damaged(&error))?,
        None => Document::new(),
    };
    let mut at = Timestamp::from_ms(0);
    for entry in &tail {
        at = at.max(entry.at);
        if let (Kind::Edit, Some(author)) = (entry.kind, entry.author) {
            let update = Update::read(entry.data.clone()).map_err(|error| damaged(&error))?;
            match document.take(author, &update) {
                Ok(Fit::New | Fit::Known) => {}
                Ok(Fit::Gap) => return Err(damaged(&"an edit builds on a missing one")),
                Err(refusal) => return Err(damaged(&refusal)),
            }
        }
    }
    let seq = tail.last().map_or(kept, |last| last.seq);
    Ok(Loaded { document, seq, kept, at })
}
