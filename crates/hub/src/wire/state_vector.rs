//! State vectors: how much of each client somebody has.

use std::collections::BTreeMap;

use super::read::{Malformed, Reader, write_number};
use super::{ClientId, Clock};

/// The most clients a state vector may name: several times as many as a room has.
pub const MAX_CLIENTS: usize = 16 * 1024;

/// Clocks by client; who is not named has clock 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateVector(pub BTreeMap<ClientId, Clock>);

impl StateVector {
    /// Reads all of `bytes`.
    ///
    /// # Errors
    /// When they are anything else than a state vector.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut clocks = BTreeMap::new();
        let count = reader.count(2)?;
        if count > MAX_CLIENTS {
            return Err(Malformed::TooMuch);
        }
        for _ in 0..count {
            let (client, clock) = (reader.client()?, reader.clock()?);
            if clocks.insert(client, clock).is_some() {
                return Err(Malformed::Contradiction);
            }
        }
        reader.end()?;
        Ok(Self(clocks))
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 + self.0.len() * 8);
        write_number(&mut bytes, self.0.len() as u64);
        for (client, clock) in &self.0 {
            write_number(&mut bytes, *client);
            write_number(&mut bytes, u64::from(*clock));
        }
        bytes
    }
}
