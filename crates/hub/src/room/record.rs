//! Reading a session's record: the newest snapshot, and every entry after it.

use std::collections::VecDeque;

use bytes::Bytes;
use codementor_core::journal::{Entry, Journal, Kept, Kind};
use codementor_core::ports::StoreError;
use codementor_core::{SessionId, Timestamp, UserId};
use codementor_protocol::session_event::{NewMessage, SessionRunResult, TutorResponse};
use serde::{Deserialize, Serialize};

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
    let kept = journal.load(session).await?;
    let has_tail = !kept.tail.is_empty();
    // A long record takes a while, and others wait for this thread.
    let read = tokio::task::spawn_blocking(move || read(&kept)).await;
    let mut loaded = read.map_err(|error| OpenError::Damaged(error.to_string()))??;
    if !has_tail && loaded.seq > 0 {
        // Nothing to read when it was trimmed: then no entry is there to be older than the next.
        let last = journal.read(session, loaded.seq - 1, 1).await?;
        loaded.at = last.first().map_or(loaded.at, |last| last.at);
    }
    Ok(loaded)
}

fn read(Kept { snapshot, tail }: &Kept) -> Result<Loaded, OpenError> {
    let damaged = |why: &dyn std::fmt::Display| OpenError::Damaged(why.to_string());
    let kept = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
    let State { mut document, memory } = match snapshot {
        Some(snapshot) => snapshot::decode(&snapshot.data).map_err(|error| damaged(&error))?,
        None => State { document: Document::new(), memory: Bytes::new() },
    };
    let mut memory = Memory::read(&memory);
    let mut at = Timestamp::from_ms(0);
    for entry in tail {
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
    document.guard();
    let seq = tail.last().map_or(kept, |last| last.seq);
    Ok(Loaded { document, memory, seq, kept, at })
}

/// What a room remembers of what happened, for those who come later.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// The newest messages, questions to the tutor and its answers.
    pub(super) messages: VecDeque<NewMessage>,
    /// How the last run ended.
    pub(super) last_run: Option<SessionRunResult>,
}

impl Memory {
    /// A snapshot's; empty when it cannot be read, which is no reason to keep people from their text.
    fn read(bytes: &[u8]) -> Self {
        let older = |_| serde_json::from_slice(bytes).map(|messages| Self { messages, last_run: None });
        serde_json::from_slice(bytes).or_else(older).unwrap_or_default()
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_is_read_again_also_as_older_snapshots_have_it() {
        let message = serde_json::json!({
            "id": "1", "user_id": UserId::from_bytes([1; 16]), "username": "Ada",
            "message": "hello", "at": "2026-11-22T10:00:00.000Z",
        });
        let event = serde_json::json!({ "type": "new-message", "data": message });
        let mut memory = Memory::default();
        memory.note(event.to_string().as_bytes());
        assert_eq!(memory.messages.len(), 1, "{message}");
        let whole = serde_json::to_vec(&memory).unwrap();
        let older = serde_json::to_vec(&memory.messages).unwrap();
        for bytes in [whole, older] {
            assert_eq!(Memory::read(&bytes).messages, memory.messages);
        }
        for bytes in [&b""[..], b"[]", b"{", b"[1]", b"{}"] {
            assert_eq!(Memory::read(bytes).messages.len(), 0);
        }
    }
}
