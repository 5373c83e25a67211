//! Challenges that did not come with the program: imported, or written by mentors. The store keeps their files; what they mean is
//! the catalogue's business.
//!
//! Editing and offering are apart: a published challenge is offered with the content that was verified, whatever its working copy
//! has become since.

mod files;

use std::str::FromStr;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::{ChallengeId, InvalidId, UserId};
use crate::ports::StoreResult;
use crate::time::Timestamp;

pub use files::{
    ContentHash, FileSet, FileSetError, MAX_CONTENT_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_PATH_BYTES,
};

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

/// Whether an id means something else where challenges are asked for, so that no challenge may have it.
#[must_use]
pub fn is_reserved(id: &ChallengeId) -> bool {
    matches!(id.as_str(), "next" | "generate" | "import")
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
    Done(Box<StoredChallenge>),
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
