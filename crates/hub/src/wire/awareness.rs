//! Awareness: what each open document shows of itself (cursor, name), last writer wins by clock.

use std::collections::BTreeSet;

use super::read::{Malformed, Reader, write_bytes, write_number};
use super::{ClientId, Clock};

/// The most clients one message may speak of. A client speaks of itself, but the common provider also passes on what it heard.
pub const MAX_ENTRIES: usize = 2_000;
/// The largest state of one client, in bytes. What a client shows of itself may be much less; but the common provider passes on what it
/// heard, and writes it larger than it was: 1e20 becomes 100000000000000000000.
pub const MAX_STATE: usize = 32 * 1024;

/// One client's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Whose.
    pub client: ClientId,
    /// Which version of it.
    pub clock: Clock,
    /// JSON; `null` when the client is gone.
    pub state: &'a str,
}

/// Reads all of `bytes`. The states are not parsed.
///
/// # Errors
/// When they are anything else than awareness, or too much of it.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry<'_>>, Malformed> {
    let mut reader = Reader::new(bytes);
    let count = reader.count(3)?;
    if count > MAX_ENTRIES {
        return Err(Malformed::TooMuch);
    }
    let mut entries = Vec::with_capacity(count);
    let mut clients = BTreeSet::new();
    for _ in 0..count {
        let entry = Entry { client: reader.client()?, clock: reader.clock()?, state: reader.text()? };
        if entry.state.len() > MAX_STATE {
            return Err(Malformed::TooMuch);
        }
        if !clients.insert(entry.client) {
            return Err(Malformed::Contradiction);
        }
        entries.push(entry);
    }
    reader.end()?;
    Ok(entries)
}

/// Writes entries as [`read`] reads them.
#[must_use]
pub fn encode<'a>(entries: impl ExactSizeIterator<Item = Entry<'a>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_number(&mut bytes, entries.len() as u64);
    for entry in entries {
        write_number(&mut bytes, entry.client);
        write_number(&mut bytes, u64::from(entry.clock));
        write_bytes(&mut bytes, entry.state.as_bytes());
    }
    bytes
}
