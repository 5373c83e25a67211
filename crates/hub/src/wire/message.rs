//! Whole messages: one a frame.

use bytes::Bytes;

use super::awareness;
use super::read::{Malformed, Reader, write_bytes, write_number};
use super::state_vector::StateVector;
use super::update::Update;

const SYNC: u64 = 0;
const AWARENESS: u64 = 1;
const AUTH: u64 = 2;
const QUERY_AWARENESS: u64 = 3;
const DENIED: u64 = 0;
const STEP_1: u64 = 0;
const STEP_2: u64 = 1;
const UPDATE: u64 = 2;

/// What a client says.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// An empty frame: nothing.
    Empty,
    /// What it has; it wants the rest.
    Step1(StateVector),
    /// What we lack, as an answer to our first step.
    Step2(Update),
    /// What was just written.
    Update(Update),
    /// What it shows of itself, and passes on of others: entries for [`awareness::read`], which it has passed.
    Awareness(Bytes),
    /// It wants everybody's awareness.
    QueryAwareness,
    /// Servers say this; from a client it means nothing.
    Auth,
}

impl Message {
    /// Reads a frame.
    ///
    /// # Errors
    /// When it is anything else than one message of an honest client.
    pub fn read(frame: &Bytes) -> Result<Self, Malformed> {
        if frame.is_empty() {
            return Ok(Self::Empty);
        }
        let mut reader = Reader::new(frame);
        match reader.number(u64::MAX)? {
            SYNC => Self::read_sync(&mut reader, frame),
            AWARENESS => {
                let bytes = reader.bytes()?;
                reader.end()?;
                awareness::read(bytes)?;
                Ok(Self::Awareness(frame.slice_ref(bytes)))
            }
            AUTH => Ok(Self::Auth),
            QUERY_AWARENESS => {
                reader.end()?;
                Ok(Self::QueryAwareness)
            }
            _ => Err(Malformed::Unknown),
        }
    }

    fn read_sync(reader: &mut Reader<'_>, frame: &Bytes) -> Result<Self, Malformed> {
        let step = reader.number(u64::MAX)?;
        let bytes = reader.bytes()?;
        reader.end()?;
        match step {
            STEP_1 => Ok(Self::Step1(StateVector::read(bytes)?)),
            STEP_2 => Ok(Self::Step2(Update::read_told(frame.slice_ref(bytes))?)),
            UPDATE => Ok(Self::Update(Update::read_told(frame.slice_ref(bytes))?)),
            _ => Err(Malformed::Unknown),
        }
    }
}

fn sync(step: u64, bytes: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(bytes.len() + 8);
    write_number(&mut frame, SYNC);
    write_number(&mut frame, step);
    write_bytes(&mut frame, bytes);
    frame
}

/// A frame that tells what the server has.
#[must_use]
pub fn step_1(state_vector: &StateVector) -> Vec<u8> {
    sync(STEP_1, &state_vector.encode())
}

/// A frame with what the client lacks.
#[must_use]
pub fn step_2(update: &[u8]) -> Vec<u8> {
    sync(STEP_2, update)
}

/// A frame with what was just written.
#[must_use]
pub fn update(update: &[u8]) -> Vec<u8> {
    sync(UPDATE, update)
}

/// A frame by which a client without events hears that it may not do what it did: the permission message of y-protocols (auth.js).
#[must_use]
pub fn denied(reason: &str) -> Vec<u8> {
    let mut frame = Vec::with_capacity(reason.len() + 8);
    write_number(&mut frame, AUTH);
    write_number(&mut frame, DENIED);
    write_bytes(&mut frame, reason.as_bytes());
    frame
}

/// A frame with what clients show of themselves.
#[must_use]
pub fn awareness(entries: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(entries.len() + 8);
    write_number(&mut frame, AWARENESS);
    write_bytes(&mut frame, entries);
    frame
}
