//! The files of a challenge that the store keeps, bounded, and what tells one content from another.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::InvalidId;

/// The most files of a challenge.
pub const MAX_FILES: usize = 200;
/// The largest file of a challenge, in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;
/// The most bytes of a challenge's files together.
pub const MAX_CONTENT_BYTES: usize = 8 * 1024 * 1024;
/// The longest path of a file, in bytes.
pub const MAX_PATH_BYTES: usize = 160;

/// The files of a challenge: relative paths with `/`, and their text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSet(BTreeMap<String, String>);

/// Why a file cannot be one of a challenge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileSetError {
    /// Not relative, with `.`, `..`, an empty part, a backslash or a control character, or too long.
    #[error("{0:?} is no path of a challenge's file")]
    Path(String),
    /// One path is another's folder.
    #[error("{0}: is both a file and a folder")]
    Folder(String),
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("{0}: larger than 1 MiB")]
    Large(String),
    /// More than [`MAX_FILES`].
    #[error("{0}: more than 200 files")]
    Many(String),
    /// More than [`MAX_CONTENT_BYTES`] together.
    #[error("{0}: the files are larger than 8 MiB together")]
    Whole(String),
    /// Not UTF-8, or with a NUL.
    #[error("{0}: not UTF-8 text")]
    Text(String),
}

impl FileSet {
    /// Adds a file, or puts it in place of another.
    ///
    /// # Errors
    /// When the path is none or a bound is reached. Nothing has changed then.
    pub fn insert(&mut self, path: &str, text: String) -> Result<(), FileSetError> {
        check_path(path)?;
        if text.len() > MAX_FILE_BYTES {
            return Err(FileSetError::Large(path.to_owned()));
        }
        if text.contains('\0') {
            return Err(FileSetError::Text(path.to_owned()));
        }
        let old = self.0.get(path).map(String::len);
        if old.is_none() && self.0.len() >= MAX_FILES {
            return Err(FileSetError::Many(path.to_owned()));
        }
        if self.bytes() - old.unwrap_or(0) + text.len() > MAX_CONTENT_BYTES {
            return Err(FileSetError::Whole(path.to_owned()));
        }
        if self.is_folder(path) || parents(path).any(|folder| self.0.contains_key(folder)) {
            return Err(FileSetError::Folder(path.to_owned()));
        }
        self.0.insert(path.to_owned(), text);
        Ok(())
    }

    /// Adds a file from its bytes.
    ///
    /// # Errors
    /// As [`Self::insert`], and when they are no text.
    pub fn insert_bytes(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), FileSetError> {
        check_path(path)?;
        let text = String::from_utf8(bytes).map_err(|_| FileSetError::Text(path.to_owned()))?;
        self.insert(path, text)
    }

    /// A file's text.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) -> Option<String> {
        self.0.remove(path)
    }

    /// Every file, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes of all texts together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.values().map(String::len).sum()
    }

    /// What tells this content from any other.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        let mut hash = Sha256::new();
        for part in self.0.iter().flat_map(|(path, text)| [path, text]) {
            // With its length, so that no two contents read the same.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        ContentHash(hash.finalize().into())
    }

    fn is_folder(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        self.0.range(inside.clone()..).next().is_some_and(|(known, _)| known.starts_with(&inside))
    }
}

fn check_path(path: &str) -> Result<(), FileSetError> {
    let part_fits = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && !part.contains(|c: char| c.is_control() || c == '\\' || c == ':')
    };
    if (1..=MAX_PATH_BYTES).contains(&path.len()) && path.split('/').all(part_fits) {
        return Ok(());
    }
    // Told to people: not longer than it need be.
    Err(FileSetError::Path(path.chars().take(MAX_PATH_BYTES).collect()))
}

fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// SHA-256 over all files of a challenge, with their paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash as it is kept.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash whose [`Self::as_bytes`] these are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ContentHash {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { kind: "content hash" };
        let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 64 || !text.bytes().all(lower) {
            return Err(invalid());
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| invalid())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
