//! Reading the log's files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use codementor_core::id::SessionId;
use rusqlite::{Connection, TransactionBehavior};

use super::fold;
use super::frame::{self, Frame};
use super::segment;
use crate::sqlite::fault::{DbResult, Fault};

/// The largest segment that is read into memory, in bytes; more than what may be pending and an append besides.
const MAX_SEGMENT: u64 = 256 * 1024 * 1024;

/// How much of the log is brought into the tables at once, in bytes.
const PORTION: usize = 4 * 1024 * 1024;

/// How often the log of a running server is read again when its files changed meanwhile.
const ATTEMPTS: u32 = 5;

/// Why the log cannot be read.
#[derive(Debug)]
pub(in crate::sqlite::journal) enum Unreadable {
    /// The system says no.
    Io(PathBuf, io::Error),
    /// It is not what was written.
    Damaged(String),
    /// What is in it cannot be brought into the tables.
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Unreadable {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// Reads the log in order. Only the end of the newest frames may be missing: what the machine's end kept from the disk.
struct Scan<F> {
    take: F,
    /// The number the next frame has. The first may have an older one, too.
    next: u64,
    is_first: bool,
    /// Where it ends. Nothing may follow.
    torn: Option<PathBuf>,
}

impl<F: FnMut(Frame) -> Result<(), Unreadable>> Scan<F> {
    fn run(folder: &Path, folded: u64, take: F) -> Result<(), Unreadable> {
        let mut scan = Self { take, next: folded.saturating_add(1), is_first: true, torn: None };
        let segments = segment::list(folder).map_err(|error| Unreadable::Io(folder.to_owned(), error))?;
        for (number, path) in segments {
            let bytes = read(&path)?;
            scan.segment(number, &path, &bytes)?;
        }
        Ok(())
    }

    fn segment(&mut self, number: u64, path: &Path, bytes: &Bytes) -> Result<(), Unreadable> {
        if bytes.len() < frame::HEADER || bytes.iter().all(|byte| *byte == 0) {
            // Its making was interrupted.
            return Ok(());
        }
        let Some(salt) = frame::salt(number, bytes) else {
            return Err(damaged(path, "its header is not what was written"));
        };
        let mut rest = bytes.slice(frame::HEADER..);
        while let Some((frame, length)) = Frame::decode(salt, &rest) {
            if let Some(torn) = &self.torn {
                return Err(damaged(torn, "it ends in its middle, and the log goes on"));
            }
            self.follows(path, &frame)?;
            (self.take)(frame)?;
            rest = rest.slice(length..);
        }
        if self.was_whole(salt, &rest) {
            return Err(damaged(path, "a frame in it is not what was written"));
        }
        // Zeros are where frames were to come.
        if rest.iter().any(|byte| *byte != 0) {
            self.torn = Some(path.to_owned());
        }
        Ok(())
    }

    fn follows(&mut self, path: &Path, frame: &Frame) -> Result<(), Unreadable> {
        let is_next = frame.number == self.next || (self.is_first && frame.number < self.next);
        if !is_next || frame.number >= i64::MAX.cast_unsigned() {
            let (found, next) = (frame.number, self.next);
            return Err(damaged(path, &format!("frame {found} stands where {next} should")));
        }
        self.next = frame.number + 1;
        self.is_first = false;
        Ok(())
    }

    /// Whether what cannot be read here was on the disk once: a later frame says that it, or one behind it, was.
    fn was_whole(&self, salt: u64, rest: &Bytes) -> bool {
        let mut missing = self.next;
        (1..rest.len()).any(|place| {
            let number = rest.get(place + 8..place + 16).and_then(|bytes| bytes.try_into().ok());
            // Few places need a closer look.
            let is_likely = number.map(u64::from_le_bytes).is_some_and(|number| match self.is_first {
                true => number < 1 << 48,
                false => number > self.next && number - self.next < 1 << 32,
            });
            let frame = if is_likely { Frame::decode(salt, &rest.slice(place..)) } else { None };
            frame.is_some_and(|(frame, _)| {
                missing = missing.min(frame.number);
                frame.synced >= missing
            })
        })
    }
}

fn read(path: &Path) -> Result<Bytes, Unreadable> {
    let read = || {
        if fs::metadata(path)?.len() > MAX_SEGMENT {
            return Ok(None);
        }
        fs::read(path).map(Some)
    };
    match read() {
        Ok(Some(bytes)) => Ok(bytes.into()),
        Ok(None) => Err(damaged(path, "it is larger than any segment")),
        // What is in it came into the tables a moment ago.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Bytes::new()),
        Err(error) => Err(Unreadable::Io(path.to_owned(), error)),
    }
}

fn damaged(path: &Path, what: &str) -> Unreadable {
    Unreadable::Damaged(format!("{} of its log: {what}", path.file_name().unwrap_or_default().display()))
}

/// Brings all that the log has into the tables, in one transaction and by portions. Returns how many frames came.
pub(in crate::sqlite::journal) fn recover(conn: &mut Connection, folder: &Path) -> Result<u64, Unreadable> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let begin = fold::folded(&transaction)?;
    let mut portion: Vec<Frame> = Vec::new();
    let mut bytes = 0;
    Scan::run(folder, begin, |frame| {
        if frame.number > begin {
            bytes += frame.cost();
            portion.push(frame);
        }
        if bytes > PORTION {
            fold::fold(&transaction, &portion)?;
            portion.clear();
            bytes = 0;
        }
        Ok(())
    })?;
    fold::fold(&transaction, &portion)?;
    let end = fold::folded(&transaction)?;
    transaction.commit()?;
    Ok(end - begin)
}

/// Reads all of the log and changes nothing. Its server may be running.
pub(in crate::sqlite::journal) fn check(folder: &Path) -> Result<(), Unreadable> {
    beside(|| Scan::run(folder, u64::MAX, |_| Ok(())))
}

/// What the log has of a session. Its server may be running: what it brings into the tables and deletes meanwhile is not among it,
/// so the tables are read afterwards.
pub(in crate::sqlite::journal) fn of_session(folder: &Path, session: SessionId) -> DbResult<Vec<Frame>> {
    let gather = || {
        let mut frames = Vec::new();
        Scan::run(folder, u64::MAX, |frame| {
            if frame.session == session {
                frames.push(frame);
            }
            Ok(())
        })?;
        Ok(frames)
    };
    beside(gather).map_err(|error| {
        tracing::error!(?error, "the journal's log cannot be read");
        match error {
            Unreadable::Fault(fault) => fault,
            Unreadable::Io(..) | Unreadable::Damaged(_) => Fault::Malformed("log"),
        }
    })
}

/// Reads again when files changed between one and the next.
fn beside<T>(mut read: impl FnMut() -> Result<T, Unreadable>) -> Result<T, Unreadable> {
    let mut outcome = read();
    for _ in 1..ATTEMPTS {
        if !matches!(outcome, Err(Unreadable::Damaged(_))) {
            break;
        }
        outcome = read();
    }
    outcome
}
