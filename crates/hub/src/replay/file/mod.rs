//! A session as one file, for somebody to keep, to send and to bring back.
//!
//! ```text
//! {"format":"codementor-session","version":1,"session":…,"entries":2}
//! gzip (RFC 1952, one member) of as many lines as there are entries:
//!     {"seq":1,"at":1700000000000,"author":"…the id…","edit":"…an update in Yjs's format v1, in base64…"}
//!     {"seq":2,"at":1700000000250,"author":null,"event":"…JSON as a text…"}
//!
//! {"sha256":"…of all bytes before this and the empty line, in hexadecimal…"}
//! ```
//!
//! Times are in milliseconds since the Unix epoch, UTC. An author of `null` is the session itself. What `session` holds is its writer's
//! business. What comes from outside is believed only after it went through the same gates as what clients send.

mod read;
#[cfg(test)]
mod tests;
mod write;

use std::io;

use codementor_core::UserId;
use codementor_core::journal::MAX_ENTRY_BYTES;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use read::{Imported, read, read_while};
pub use write::{Writer, write};

use super::builder::Unfit;

/// The largest file, in bytes: 64 MiB.
pub const MAX_PACKED: u64 = 64 * 1024 * 1024;
/// The most that all lines of entries hold together, in bytes: 256 MiB.
pub const MAX_UNPACKED: u64 = 256 * 1024 * 1024;
/// The largest first line, in bytes: 64 KiB.
pub const MAX_HEADER: usize = 64 * 1024;

/// The largest line of an entry: JSON as a text may be twice as long.
const MAX_LINE: u64 = 2 * MAX_ENTRY_BYTES as u64 + 4096;
const FORMAT: &str = "codementor-session";
const VERSION: u64 = 1;

/// Why a file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// What it is written to, or read from, failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// More than a file may hold: see [`MAX_PACKED`], [`MAX_UNPACKED`] and [`MAX_HEADER`].
    #[error("the session is larger than a file may be")]
    TooLarge,
    /// Its first line is not that of a session.
    #[error("this is no file of a session")]
    Foreign,
    /// It was written by a newer version.
    #[error("the file has the version {0}, which is not known here")]
    Version(u64),
    /// It is not as it was written.
    #[error("the file is damaged or cut off")]
    Damaged,
    /// Its packed part cannot be unpacked, or something follows it.
    #[error("the file is packed in a way that is not known here")]
    Packing,
    /// It has other entries than its first line says.
    #[error("the file should have {expected} entries, and has not")]
    Count {
        /// How many it says.
        expected: u64,
    },
    /// Whoever reads it wants no more.
    #[error("reading the file was stopped")]
    Stopped,
    /// An entry's line is none.
    #[error("entry {seq}: {why}")]
    Line {
        /// The entry.
        seq: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An entry does not go on with those before it.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

/// An entry as its line tells it: with an edit or an event, and never both.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    seq: u64,
    at: i64,
    author: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
}

/// The end of a file: always equally long.
fn trailer(sum: Sha256) -> String {
    let hex: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\n{{\"sha256\":\"{hex}\"}}\n")
}

/// Whether a text is JSON, by its form.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
