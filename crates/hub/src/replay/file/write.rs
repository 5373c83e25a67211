//! Writing a session's file, entry by entry, within the bounds of who reads it.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use codementor_core::Timestamp;
use codementor_core::journal::{Entry, Kind, MAX_ENTRY_BYTES};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{FORMAT, FileError, Line, MAX_HEADER, MAX_PACKED, MAX_UNPACKED, VERSION, is_json, trailer};
use crate::replay::builder::{MAX_ENTRIES, Unfit};

/// Writes a whole session, whose entries begin with seq 1.
///
/// # Errors
/// See [`FileError`].
pub fn write<W: Write>(to: W, session: &Value, entries: &[Entry]) -> Result<W, FileError> {
    let mut writer = Writer::new(to, session, entries.len() as u64)?;
    entries.iter().try_for_each(|entry| writer.push(entry))?;
    writer.finish()
}

/// A file in the making. Without [`Self::finish`] it is none.
pub struct Writer<W: Write> {
    packer: GzEncoder<Summed<W>>,
    expected: u64,
    /// The last entry.
    seq: u64,
    at: Timestamp,
    unpacked: u64,
}

impl<W: Write> Writer<W> {
    /// Begins one of a session about which `session` tells, and which has `entries` entries.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn new(to: W, session: &Value, entries: u64) -> Result<Self, FileError> {
        // In this order, so that whoever looks at the file's beginning sees what it is.
        let (format, version) = (json!(FORMAT), json!(VERSION));
        let header = format!(
            "{{\"format\":{format},\"version\":{version},\"session\":{session},\"entries\":{entries}}}\n"
        );
        if entries > MAX_ENTRIES || header.len() > MAX_HEADER {
            return Err(FileError::TooLarge);
        }
        let mut to = Summed { to, sum: Sha256::new(), bytes: 0 };
        to.write_all(header.as_bytes())?;
        let packer = GzEncoder::new(to, Compression::default());
        Ok(Self { packer, expected: entries, seq: 0, at: Timestamp::from_ms(0), unpacked: 0 })
    }

    /// Goes on with the next entry.
    ///
    /// # Errors
    /// See [`FileError`]; the file is spoilt then.
    pub fn push(&mut self, entry: &Entry) -> Result<(), FileError> {
        let (seq, expected) = (entry.seq, self.seq + 1);
        if seq != expected {
            return Err(Unfit::Order { seq, expected }.into());
        }
        if entry.at < self.at {
            return Err(Unfit::Backwards { seq }.into());
        }
        if entry.data.len() > MAX_ENTRY_BYTES {
            return Err(Unfit::TooLarge { seq }.into());
        }
        if seq > self.expected {
            return Err(FileError::Count { expected: self.expected });
        }
        let line = line(entry)?;
        self.unpacked += line.len() as u64;
        if self.unpacked > MAX_UNPACKED {
            return Err(FileError::TooLarge);
        }
        self.packer.write_all(&line)?;
        (self.seq, self.at) = (seq, entry.at);
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn finish(self) -> Result<W, FileError> {
        if self.seq != self.expected {
            return Err(FileError::Count { expected: self.expected });
        }
        let Summed { mut to, sum, bytes } = self.packer.finish()?;
        let end = trailer(sum);
        if bytes + end.len() as u64 > MAX_PACKED {
            return Err(FileError::TooLarge);
        }
        to.write_all(end.as_bytes())?;
        to.flush()?;
        Ok(to)
    }
}

fn line(entry: &Entry) -> Result<Vec<u8>, FileError> {
    let seq = entry.seq;
    let (edit, event) = match entry.kind {
        Kind::Edit => (Some(STANDARD.encode(&entry.data)), None),
        Kind::Event => {
            let text = std::str::from_utf8(&entry.data).ok().filter(|text| is_json(text));
            let text = text.ok_or(FileError::Line { seq, why: "its event is no JSON" })?;
            (None, Some(text.to_owned()))
        }
    };
    let line = Line { seq, at: entry.at.as_ms(), author: entry.author, edit, event };
    let mut line = serde_json::to_vec(&line).map_err(io::Error::from)?;
    line.push(b'\n');
    Ok(line)
}

/// Passes on what is written, with its sum.
struct Summed<W> {
    to: W,
    sum: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
