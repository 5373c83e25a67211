//! The catalogue of challenges: the native format, the built-in challenges, finding and choosing one.
//!
//! What is in here is text and rules. It never runs code: [`verify()`] asks the judge that it is given.

mod builtin;
mod catalog;
mod checkers;
mod choose;
pub mod counterexample;
mod files;
mod folder;
mod format;
mod groups;
pub mod import;
pub mod inspect;
pub mod mutants;
mod quality;
mod random;
mod relation;
pub mod score;
mod signature;
mod starters;
mod suites;
mod template;
mod values;
mod verify;

pub use builtin::builtin;
pub use catalog::{Catalog, Query};
pub use choose::{Choice, choose};
pub use files::{Files, FilesError};
pub use folder::{FolderError, folder};
pub use format::{FormatError, parse};
pub use template::{Template, template};
pub use verify::{Fault, verify};
