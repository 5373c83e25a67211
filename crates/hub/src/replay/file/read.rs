//! Reading a session's file, which anybody may have written.

use std::io::{BufRead, BufReader, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use codementor_core::Timestamp;
use codementor_core::journal::{Entry, Kind};
use flate2::bufread::GzDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    FORMAT, FileError, Line, MAX_HEADER, MAX_LINE, MAX_PACKED, MAX_UNPACKED, VERSION, is_json, trailer,
};
use crate::replay::builder::MAX_ENTRIES;
use crate::replay::recording::Recording;

/// What a file holds.
#[derive(Debug)]
pub struct Imported {
    /// What its writer told about the session. Nobody has checked it.
    pub session: Value,
    /// All entries, from seq 1 on, as they may go into a journal.
    pub entries: Vec<Entry>,
    /// The same, to be watched.
    pub recording: Recording,
}

/// Reads a whole file, as [`read_while`] does, however long it takes.
///
/// # Errors
/// See [`FileError`].
pub fn read(from: impl Read) -> Result<Imported, FileError> {
    read_while(from, |_| true)
}

/// Reads a whole file, for as long as `goes_on` says so before each entry, whose seq it is given: a file that was made to be slow is
/// refused by whoever has no time. Each edit has passed all that a client's edit passes, and each event is JSON by its form; whether the
/// authors are who they are said to be, nobody can tell.
///
/// # Errors
/// See [`FileError`].
pub fn read_while(from: impl Read, mut goes_on: impl FnMut(u64) -> bool) -> Result<Imported, FileError> {
    let mut file = Vec::new();
    from.take(MAX_PACKED + 1).read_to_end(&mut file)?;
    if file.len() as u64 > MAX_PACKED {
        return Err(FileError::TooLarge);
    }
    let header = first_line(&file).ok_or(FileError::Foreign)?;
    let (session, expected) = read_header(header)?;
    let (content, end) = split_end(&file).ok_or(FileError::Damaged)?;
    let packed = content.get(header.len() + 1..).ok_or(FileError::Damaged)?;
    if trailer(Sha256::new_with_prefix(content)).as_bytes() != end {
        return Err(FileError::Damaged);
    }
    let mut lines = Lines::new(packed, MAX_UNPACKED);
    let mut builder = Recording::builder();
    let mut entries = Vec::new();
    for seq in 1..=expected {
        if !goes_on(seq) {
            return Err(FileError::Stopped);
        }
        let entry = read_line(lines.next()?.ok_or(FileError::Count { expected })?, seq)?;
        builder.push(entry.clone())?;
        entries.push(entry);
    }
    if lines.next()?.is_some() {
        return Err(FileError::Count { expected });
    }
    lines.end()?;
    Ok(Imported { session, entries, recording: builder.finish()? })
}

/// The first line without its end.
fn first_line(file: &[u8]) -> Option<&[u8]> {
    let end = file.iter().take(MAX_HEADER).position(|byte| *byte == b'\n')?;
    Some(&file[..end])
}

/// The file without its end.
fn split_end(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = trailer(Sha256::new()).len();
    file.len().checked_sub(length).map(|at| file.split_at(at))
}

/// What it tells about the session, and how many entries it promises.
fn read_header(line: &[u8]) -> Result<(Value, u64), FileError> {
    let mut header: Value = serde_json::from_slice(line).map_err(|_| FileError::Foreign)?;
    if header["format"] != FORMAT {
        return Err(FileError::Foreign);
    }
    match header["version"].as_u64() {
        Some(VERSION) => {}
        Some(version) => return Err(FileError::Version(version)),
        None => return Err(FileError::Foreign),
    }
    let entries = header["entries"].as_u64().ok_or(FileError::Foreign)?;
    if entries > MAX_ENTRIES {
        return Err(FileError::TooLarge);
    }
    Ok((header["session"].take(), entries))
}

fn read_line(line: &[u8], seq: u64) -> Result<Entry, FileError> {
    let fault = |why| FileError::Line { seq, why };
    let line: Line = serde_json::from_slice(line).map_err(|_| fault("its line makes no sense"))?;
    let at = Timestamp::from_ms(line.at);
    if at.as_ms() != line.at {
        return Err(fault("its time is out of range"));
    }
    let (kind, data) = match (line.edit, line.event) {
        (Some(edit), None) => {
            (Kind::Edit, STANDARD.decode(edit).map_err(|_| fault("its edit is no base64"))?)
        }
        (None, Some(event)) if is_json(&event) => (Kind::Event, event.into_bytes()),
        (None, Some(_)) => return Err(fault("its event is no JSON")),
        _ => return Err(fault("it is neither an edit nor an event")),
    };
    Ok(Entry { seq: line.seq, at, author: line.author, kind, data: Bytes::from(data) })
}

/// The lines of the packed part, of which no more is unpacked than a file may hold.
pub(super) struct Lines<'a> {
    unpacked: BufReader<std::io::Take<GzDecoder<&'a [u8]>>>,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// Unpacks `most` bytes at most.
    pub(super) fn new(packed: &'a [u8], most: u64) -> Self {
        // One more than there may be, so that the bound is seen to be passed.
        let unpacked = BufReader::new(GzDecoder::new(packed).take(most + 1));
        Self { unpacked, line: Vec::new() }
    }

    /// The next line without its end. `None` when there is none.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, FileError> {
        self.line.clear();
        let mut bounded = (&mut self.unpacked).take(MAX_LINE);
        bounded.read_until(b'\n', &mut self.line).map_err(|_| FileError::Packing)?;
        let is_too_large = self.line.len() as u64 == MAX_LINE || self.unpacked.get_ref().limit() == 0;
        match self.line.pop() {
            None if is_too_large => Err(FileError::TooLarge),
            None => Ok(None),
            Some(b'\n') => Ok(Some(&self.line)),
            Some(_) if is_too_large => Err(FileError::TooLarge),
            Some(_) => Err(FileError::Packing),
        }
    }

    /// Whether nothing follows the packed part.
    fn end(self) -> Result<(), FileError> {
        let rest = self.unpacked.into_inner().into_inner().into_inner();
        if rest.is_empty() { Ok(()) } else { Err(FileError::Packing) }
    }
}
