//! Challenges from elsewhere, as files of the native format: one parser and one verifier see everything.
//!
//! What is read here is a stranger's: every file is opened beneath the folder that was named, no link is followed, and all is bounded.

pub mod archive;
pub mod exercism;
mod folder;
mod native;

use codementor_core::ChallengeId;
use codementor_core::catalogue::FileSet;

pub use folder::{Entry, Folder, FolderError, Kind};
pub use native::native;

/// One challenge of an import.
#[derive(Debug)]
pub struct Found {
    /// Its slug, or what is named like one where it is none.
    pub name: String,
    /// Its files, or why it is left out.
    pub files: Result<(ChallengeId, FileSet), Skip>,
}

/// Why one challenge of an import is left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Skip(pub String);

impl Skip {
    pub(crate) fn because(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}
