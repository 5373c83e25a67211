//! What people may call themselves, and when two names are the same.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The most characters a name may have.
pub const MAX_NAME_CHARS: usize = 32;

/// A checked display name: 1 to 32 characters, letters, digits, single inner spaces and `_ - . '`, NFC.
/// Control, bidirectional and zero-width characters are refused, so a name cannot disguise itself or its neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing is left after trimming.
    #[error("a name needs at least one character")]
    Empty,
    /// More than [`MAX_NAME_CHARS`].
    #[error("a name has at most {MAX_NAME_CHARS} characters")]
    TooLong,
    /// A character outside the allowed set.
    #[error("a name may have letters, digits, single spaces and _ - . '")]
    Character,
}

impl UserName {
    /// Checks and normalises a name.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        // Bounded before normalising: NFC can grow a text, and nobody needs more.
        if text.len() > MAX_NAME_CHARS * 8 {
            return Err(InvalidName::TooLong);
        }
        let name: String = text.trim_matches(' ').nfc().collect();
        if name.is_empty() {
            return Err(InvalidName::Empty);
        }
        if name.chars().count() > MAX_NAME_CHARS {
            return Err(InvalidName::TooLong);
        }
        let known =
            |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '\'') || is_combining(c);
        let starts_well = name.chars().next().is_some_and(char::is_alphanumeric);
        if !starts_well || !name.chars().all(known) || name.contains("  ") {
            return Err(InvalidName::Character);
        }
        Ok(Self(name))
    }

    /// The name as shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two names are compared: NFKC, lower case. `Ada`, `ada` and `ＡＤＡ` are one name.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.nfkc().collect::<String>().to_lowercase()
    }
}

fn is_combining(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

impl TryFrom<String> for UserName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::new(&text)
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for name in ["ada", "Grace Hopper", "Łukasz", "李小龙", "o'neil", "user_1", "J.R.", "a-b", "नमस्ते"]
        {
            assert!(UserName::new(name).is_ok(), "{name}");
        }
        assert_eq!(UserName::new("  ada ").unwrap().as_str(), "ada");
    }

    #[test]
    fn disguises_are_refused() {
        for name in [
            "",
            "   ",
            "a\0b",
            "a\u{202e}b",
            "a\u{200b}b",
            "\u{feff}ada",
            "a\nb",
            "<b>",
            "a/b",
            "..",
            "a  b",
            "-a",
            "a\u{2066}b",
            "{\"$gt\":\"\"}",
            "\u{301}a",
            &"x".repeat(33),
            &"é".repeat(300),
        ] {
            assert!(UserName::new(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn look_alikes_share_a_key() {
        let key = |text| UserName::new(text).unwrap().key();
        assert_eq!(key("Ada"), key("ＡＤＡ"));
        assert_eq!(key("e\u{301}"), key("é"));
        assert_ne!(key("ada"), key("adam"));
    }
}
