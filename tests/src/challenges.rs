//! The built-in challenges as their authors know them, so that tests can hand in right and wrong solutions and look for leaks.

use std::sync::LazyLock;

use codementor_core::challenge::{Challenge, Solutions};

/// Both languages.
pub const LANGUAGES: [&str; 2] = ["python", "javascript"];

static ALL: LazyLock<Vec<Challenge>> =
    LazyLock::new(|| codementor_catalog::builtin().expect("the built-in challenges are whole"));

/// All built-in challenges.
#[must_use]
pub fn all() -> &'static [Challenge] {
    &ALL
}

/// A built-in challenge.
///
/// # Panics
/// When there is none of that id.
#[must_use]
pub fn challenge(id: &str) -> &'static Challenge {
    all().iter().find(|challenge| challenge.id.as_str() == id).unwrap_or_else(|| panic!("no challenge {id}"))
}

/// The files of a challenge in a language.
///
/// # Panics
/// When it is not offered in it.
#[must_use]
pub fn solutions(id: &str, language: &str) -> &'static Solutions {
    let found = challenge(id).solutions.iter().find(|(known, _)| known.as_str() == language);
    found.unwrap_or_else(|| panic!("{id} is not offered in {language}")).1
}

/// A right solution.
#[must_use]
pub fn reference(id: &str, language: &str) -> &'static str {
    &solutions(id, language).reference
}

/// What the editor begins with, which is not accepted.
#[must_use]
pub fn starter(id: &str, language: &str) -> &'static str {
    &solutions(id, language).starter
}
