//! Reading a session's record: the newest snapshot, and every entry after it.

use std::collections::VecDeque;

use bytes::Bytes;
use codementor_core::journal::{Entry, Journal, Kept, Kind};
use codementor_core::ports::StoreError;
use codementor_core::{SessionId, Timestamp, UserId};
use codementor_protocol::session_event::{NewMessage, SessionRunResult, TutorResponse};
use serde::Deserialize;

use super::edits::client_of;
use crate::document::{Document, Refusal};
use crate::outline::Fit;
use crate::snapshot::{self, State};
use crate::wire::Update;

/// Messages that are remembered for who comes in.
pub(super) const MAX_MESSAGES: usize = 100;

/// Why a session cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it keeps makes no document.
    #[error("the record of the session is damaged: {0}")]
    Damaged(String),
    /// Too many sessions are open, or the server stops.
    #[error("no session can be opened just now")]
    Busy,
}

/// What a record gave.
pub(super) struct Loaded {
    pub(super) document: Document,
    pub(super) memory: Memory,
    /// The last entry.
    pub(super) seq: u64,
    /// The last entry that the snapshot takes in.
    pub(super) kept: u64,
    /// When the last entry was made.
    pub(super) at: Timestamp,
}

/// As whom the session itself writes: the text it begins with.
#[must_use]
pub(crate) fn nobody() -> UserId {
    UserId::from_bytes([0; 16])
}

/// The entry with which a record begins when its text does not begin empty.
pub(crate) fn first_entry(text: &str, at: Timestamp) -> Result<Option<Entry>, Refusal> {
    let update = Document::new().splice(nobody(), client_of(nobody()), (0, 0), text)?;
    Ok(update.map(|data| Entry { seq: 1, at, author: None, kind: Kind::Edit, data }))
}

/// Reads a session's record.
pub(super) async fn load(journal: &dyn Journal, session: SessionId) -> Result<Loaded, OpenError> {
    let damaged = |why: &dyn std::fmt::Display| OpenError::Damaged(why.to_string());
    let Kept { snapshot, tail } = journal.load(session).await?;
    let kept = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
    let State { mut document, messages } = match &snapshot {
        Some(snapshot) => snapshot::decode(&snapshot.data).map_err(|error| damaged(&error))?,
        None => State { document: Document::new(), messages: Bytes::new() },
    };
    // Messages of a snapshot that cannot be read are no reason to keep people from their text.
    let mut memory =
        Memory { messages: serde_json::from_slice(&messages).unwrap_or_default(), last_run: None };
    let mut at = Timestamp::from_ms(0);
    for entry in &tail {
        at = at.max(entry.at);
        match entry.kind {
            Kind::Edit => {
                let update = Update::read(entry.data.clone()).map_err(|error| damaged(&error))?;
                match document.take(entry.author.unwrap_or_else(nobody), &update) {
                    Ok(Fit::New | Fit::Known) => {}
                    Ok(Fit::Gap) => return Err(damaged(&"an edit builds on a missing one")),
                    Err(refusal) => return Err(damaged(&refusal)),
                }
            }
            Kind::Event => memory.note(&entry.data),
        }
    }
    let seq = tail.last().map_or(kept, |last| last.seq);
    if tail.is_empty() && seq > 0 {
        // Nothing to read when it was trimmed: then no entry is there to be older than the next.
        let last = journal.read(session, seq - 1, 1).await?;
        at = last.first().map_or(at, |last| last.at);
    }
    Ok(Loaded { document, memory, seq, kept, at })
}

/// What a room remembers of what happened, for those who come later.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The newest messages, questions to the tutor and its answers.
    pub(super) messages: VecDeque<NewMessage>,
    /// How the last run ended.
    pub(super) last_run: Option<SessionRunResult>,
}

impl Memory {
    /// Remembers an event when it is one to be remembered.
    pub(super) fn note(&mut self, event: &[u8]) {
        #[derive(Deserialize)]
        struct Event {
            #[serde(rename = "type")]
            kind: String,
            data: serde_json::Value,
        }
        let Ok(event) = serde_json::from_slice::<Event>(event) else { return };
        match event.kind.as_str() {
            "new-message" => self.messages.extend(serde_json::from_value::<NewMessage>(event.data)),
            "ai-tutor-response" => {
                let asked = serde_json::from_value::<TutorResponse>(event.data);
                self.messages.extend(asked.into_iter().flat_map(TutorResponse::into_messages));
            }
            "run-result" => self.last_run = serde_json::from_value(event.data).ok(),
            _ => {}
        }
        let surplus = self.messages.len().saturating_sub(MAX_MESSAGES);
        self.messages.drain(..surplus);
    }
}
