//! A session as the journal keeps it between entries: the text with its history, whose each client is, and what
//! else a room remembers.

use bytes::Bytes;
use codementor_core::UserId;

use crate::document::Document;
use crate::wire::read::{Malformed, Reader, write_bytes, write_number};
use crate::wire::state_vector::StateVector;
use crate::wire::{ClientId, Update};

/// The first number of a snapshot.
const VERSION: u64 = 2;

/// What a snapshot holds.
pub struct State {
    /// The text.
    pub document: Document,
    /// What else a room remembers, for the room alone to read.
    pub memory: Bytes,
}

/// Why a snapshot is none.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Its bytes make no sense.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The document does not take it.
    #[error(transparent)]
    Refused(#[from] crate::document::Refusal),
}

/// The bytes of a document and of what else is remembered.
#[must_use]
pub fn encode(document: &Document, memory: &[u8]) -> Bytes {
    let update = document.diff(&StateVector::default());
    let mut bytes = Vec::with_capacity(update.len() + memory.len() + 64);
    write_number(&mut bytes, VERSION);
    write_bytes(&mut bytes, &update);
    let owners: Vec<(ClientId, UserId)> = document.owners().collect();
    write_number(&mut bytes, owners.len() as u64);
    for (client, owner) in owners {
        write_number(&mut bytes, client);
        write_bytes(&mut bytes, owner.to_string().as_bytes());
    }
    write_bytes(&mut bytes, memory);
    bytes.into()
}

/// What some bytes hold.
///
/// # Errors
/// When they are none that [`encode`] wrote.
pub fn decode(bytes: &Bytes) -> Result<State, Unreadable> {
    let mut reader = Reader::new(bytes);
    if reader.number(u64::MAX)? != VERSION {
        return Err(Malformed::Unknown.into());
    }
    let update = Update::read(bytes.slice_ref(reader.bytes()?))?;
    let mut owners = Vec::new();
    for _ in 0..reader.count(38)? {
        let client = reader.client()?;
        owners.push((client, reader.text()?.parse().map_err(|_| Malformed::Text)?));
    }
    let memory = bytes.slice_ref(reader.bytes()?);
    reader.end()?;
    Ok(State { document: Document::restore(&update, owners)?, memory })
}
