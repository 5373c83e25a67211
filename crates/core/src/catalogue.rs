//! Challenges that did not come with the program: imported, or written by mentors. The store keeps their files; what they mean is
//! the catalogue's business.
//!
//! Editing and offering are apart: a published challenge is offered with the content that was verified, whatever its working copy
//! has become since.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{ChallengeId, InvalidId, UserId};
use crate::ports::StoreResult;
use crate::time::Timestamp;

/// The most files of a challenge.
pub const MAX_FILES: usize = 200;
/// The largest file of a challenge, in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;
/// The most bytes of a challenge's files together.
pub const MAX_CONTENT_BYTES: usize = 8 * 1024 * 1024;
/// The longest path of a file, in bytes.
pub const MAX_PATH_BYTES: usize = 160;
/// The most challenges a store keeps.
pub const MAX_STORED: u32 = 5_000;
/// The most challenges of one author.
pub const MAX_OF_AUTHOR: u32 = 200;
/// The most bytes all contents may take in the store, packed.
pub const MAX_STORE_BYTES: u64 = 1024 * 1024 * 1024;
/// The most faults a verification keeps.
pub const MAX_FAULTS: usize = 50;
/// The longest words of a fault, in bytes.
pub const MAX_FAULT_BYTES: usize = 1_000;

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

/// Where a challenge came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A mentor or admin wrote it here, or uploaded it.
    Authored(UserId),
    /// `codementor import` brought it.
    Imported {
        /// `native`, `exercism` or `kattis`.
        format: String,
    },
}

/// Whether learners see a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It never was offered.
    Draft,
    /// It is offered.
    Published,
    /// It was offered once. Its id stays taken: submissions and the ledger name it.
    Withdrawn,
}

impl Stage {
    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl FromStr for Stage {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "draft" => Ok(Self::Draft),
            "published" => Ok(Self::Published),
            "withdrawn" => Ok(Self::Withdrawn),
            _ => Err(InvalidId { kind: "stage" }),
        }
    }
}

/// What verifying one content found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Of which content.
    pub content: ContentHash,
    /// When.
    pub at: Timestamp,
    /// The languages of the judge and their versions.
    pub judge: Vec<String>,
    /// What is wrong, at most [`MAX_FAULTS`]; none: it keeps its word.
    pub faults: Vec<ContentFault>,
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.faults.is_empty()
    }
}

/// One thing that is wrong with a content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentFault {
    /// The file in which to mend it.
    pub file: String,
    /// What is wrong, at most [`MAX_FAULT_BYTES`].
    pub message: String,
}

/// A challenge as the store keeps it, without its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChallenge {
    /// Its slug.
    pub id: ChallengeId,
    /// Its title, as its file had it when it was saved; else its slug.
    pub title: String,
    /// Where it came from.
    pub origin: Origin,
    /// Whether learners see it.
    pub stage: Stage,
    /// The working copy.
    pub content: ContentHash,
    /// What learners see, while it is published.
    pub offered: Option<ContentHash>,
    /// The last verification, perhaps of an older content.
    pub verification: Option<Verification>,
    /// Grows with each change of the working copy, from 1.
    pub revision: u64,
    /// When it was first saved.
    pub created_at: Timestamp,
    /// When its working copy last changed.
    pub changed_at: Timestamp,
    /// Who changed it; `None`: an import.
    pub changed_by: Option<UserId>,
}

impl StoredChallenge {
    /// Whether the working copy, as it is, may be offered.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.verification.as_ref().is_some_and(|found| found.content == self.content && found.passed())
    }

    /// Who wrote it, when somebody here did.
    #[must_use]
    pub fn author(&self) -> Option<UserId> {
        match self.origin {
            Origin::Authored(author) => Some(author),
            Origin::Imported { .. } => None,
        }
    }
}

/// A new content of a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// Of which.
    pub id: ChallengeId,
    /// The revision it was made from; 0: there is no such challenge yet.
    pub revision: u64,
    /// See [`StoredChallenge::title`]; at most 200 characters are kept.
    pub title: String,
    /// The files.
    pub files: FileSet,
    /// Where a new one comes from; of a known one it stays.
    pub origin: Origin,
    /// Who saves it.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// What saving did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is kept.
    Done(StoredChallenge),
    /// It was saved by somebody else since that revision, or the id is taken. This is what there is; nothing was kept.
    Conflict(StoredChallenge),
    /// There is none of that id (any more).
    Missing,
    /// There are [`MAX_STORED`] or [`MAX_OF_AUTHOR`] challenges, or [`MAX_STORE_BYTES`] are used.
    Full,
}

/// What publishing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// It is offered.
    Done(StoredChallenge),
    /// The working copy is another than the one that was to be published, or that one has not passed verification.
    Unverified,
    /// There is none of that id.
    Missing,
}

/// What removing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Done,
    /// It changed since that revision, or was published once: then it can only be withdrawn.
    Conflict,
    /// There was none of that id.
    Missing,
}

/// Which stored challenges a list shows, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Only what this person wrote, and what is or was offered.
    pub seen_by: Option<UserId>,
    /// Only those after this one.
    pub after: Option<ChallengeId>,
    /// How many at most, 1 to 101.
    pub limit: u32,
}

/// All that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    /// Grows with each change of what is offered.
    pub revision: u64,
    /// The challenges with their content.
    pub items: Vec<(ChallengeId, ContentHash)>,
}

/// Challenges that did not come with the program.
#[async_trait]
pub trait Challenges: Send + Sync {
    /// Keeps a new challenge or a new content of one.
    async fn save_challenge(&self, save: &Save) -> StoreResult<Saved>;
    /// Finds one.
    async fn stored_challenge(&self, id: &ChallengeId) -> StoreResult<Option<StoredChallenge>>;
    /// Lists them.
    async fn stored_challenges(&self, listing: &Listing) -> StoreResult<Vec<StoredChallenge>>;
    /// The files of a content. `None` when nobody needs it any more.
    async fn challenge_files(&self, content: &ContentHash) -> StoreResult<Option<FileSet>>;
    /// Notes a verification, unless the working copy has changed since. Tells whether it did.
    async fn note_verification(&self, id: &ChallengeId, found: &Verification) -> StoreResult<bool>;
    /// Offers a content from now on: the working copy as it is, when that has passed verification.
    async fn publish_challenge(&self, id: &ChallengeId, content: &ContentHash) -> StoreResult<Published>;
    /// Offers it no more. `None` when there is none of that id; one that is not published stays as it is.
    async fn withdraw_challenge(&self, id: &ChallengeId) -> StoreResult<Option<StoredChallenge>>;
    /// Removes one that was never published.
    async fn remove_challenge(&self, id: &ChallengeId, revision: u64) -> StoreResult<Removed>;
    /// All that is offered, unless that is the revision known already.
    async fn offers(&self, known: Option<u64>) -> StoreResult<Option<Offers>>;
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
