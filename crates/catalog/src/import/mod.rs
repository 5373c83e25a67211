//! Challenges from elsewhere, as files of the native format: one parser and one verifier see everything.
//!
//! What is read here is a stranger's: every file is opened beneath the folder that was named, no link is followed, and all is bounded.

pub mod archive;
pub mod exercism;
mod folder;
mod head;
mod kattis;
mod native;

use codementor_core::catalogue::FileSet;
use codementor_core::{ChallengeId, Language, Verdict};

pub use folder::{Entry, Folder, FolderError, Kind};
pub use kattis::kattis;
pub use native::native;

/// One challenge of an import.
#[derive(Debug)]
pub struct Found {
    /// Its slug, or what is named like one where it is none.
    pub name: String,
    /// Its files, or why it is left out.
    pub files: Result<(ChallengeId, FileSet), Skip>,
    /// What it says of programs beyond its files.
    pub promises: Vec<Promise>,
    /// What is otherwise here than it was there.
    pub notes: Vec<String>,
}

/// A program, and what must become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Where it lies.
    pub file: String,
    /// Its language.
    pub language: Language,
    /// What is in it.
    pub source: String,
    /// Every test must get one of these.
    pub permitted: Vec<Verdict>,
    /// At least one test must get one of these.
    pub required: Vec<Verdict>,
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
