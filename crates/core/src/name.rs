//! What people may call themselves, and when two names are the same.

use std::fmt;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The most characters a name may have.
pub const MAX_NAME_CHARS: usize = 32;

/// The most combining marks in a row, not counting the subjoined letters of Tibetan.
const MAX_MARKS: usize = 2;

/// The most combining marks in a row of any kind: the tallest stacks of real words.
const MAX_STACK: usize = 4;

/// Words that stand where a name stands in the API's addresses, as keys.
const RESERVED: [&str; 2] = ["me", "analytics"];

/// A checked display name: 1 to 32 characters, letters, digits, single inner spaces and `_ - . '`, NFC.
///
/// Control, bidirectional, zero-width and other invisible characters are refused, and so are towers of combining marks, so a name
/// shows all of itself and nothing outside its line. Letters of different scripts that look alike (Latin `a`, Cyrillic `а`) are
/// different letters here: two names may still look the same.
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
    /// Too many combining marks in a row.
    #[error("a name has at most {MAX_MARKS} accents on a letter")]
    Marks,
    /// A word that the addresses of the API need.
    #[error("this word cannot be a name; please choose another")]
    Reserved,
}

impl UserName {
    /// Checks and normalises a name.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let name = Self::kept(text)?;
        if name.0.chars().any(is_invisible) {
            return Err(InvalidName::Character);
        }
        check_marks(&name.0)?;
        if RESERVED.contains(&name.key().as_str()) {
            return Err(InvalidName::Reserved);
        }
        Ok(name)
    }

    /// A name from the store. The rules above may have grown since it was taken; it stays its owner's.
    ///
    /// # Errors
    /// When it never was a name.
    pub fn kept(text: &str) -> Result<Self, InvalidName> {
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

/// Whether a character shows nothing by itself: joiners, fillers, variation selectors.
fn is_invisible(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

fn check_marks(name: &str) -> Result<(), InvalidName> {
    let (mut marks, mut stack) = (0, 0);
    for c in name.chars() {
        (marks, stack) = match c {
            '\u{f90}'..='\u{fbc}' => (marks, stack + 1),
            _ if is_combining(c) => (marks + 1, stack + 1),
            _ => (0, 0),
        };
        if marks > MAX_MARKS || stack > MAX_STACK {
            return Err(InvalidName::Marks);
        }
    }
    Ok(())
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
    fn invisible_characters_are_refused() {
        for invisible in [
            '\u{ad}',
            '\u{34f}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180f}',
            '\u{200d}',
            '\u{2060}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{ffa0}',
            '\u{1d173}',
            '\u{e0061}',
            '\u{e0100}',
        ] {
            for name in [format!("{invisible}"), format!("a{invisible}b"), format!("ada{invisible}")] {
                assert_eq!(UserName::new(&name), Err(InvalidName::Character), "{name:?}");
            }
        }
    }

    #[test]
    fn accents_do_not_pile_up() {
        for name in ["ที่รัก", "Nguyễn", "སྒྲོལ་མ".trim_end_matches("་མ"), "x\u{301}\u{323}", "שָׁלוֹם"]
        {
            assert!(UserName::new(name).is_ok(), "{name}");
        }
        for mark in ["\u{301}", "\u{489}", "\u{e34}", "\u{f90}", "\u{20dd}"] {
            for count in [5, 20] {
                let name = format!("x{}", mark.repeat(count));
                assert_eq!(UserName::new(&name), Err(InvalidName::Marks), "{name:?}");
            }
        }
        assert_eq!(UserName::new("x\u{301}\u{323}\u{302}"), Err(InvalidName::Marks));
    }

    #[test]
    fn words_of_the_addresses_are_nobodys_name() {
        for name in ["me", "Me", "ＭＥ", " me ", "analytics", "Analytics"] {
            assert_eq!(UserName::new(name), Err(InvalidName::Reserved), "{name}");
        }
        assert!(UserName::new("mel").is_ok());
    }

    #[test]
    fn a_name_taken_under_older_rules_stays() {
        for name in ["me", "a\u{3164}b", "x\u{301}\u{323}\u{302}"] {
            assert!(UserName::kept(name).is_ok(), "{name:?}");
        }
        for never in ["", "a\u{202e}b", "<b>"] {
            assert!(UserName::kept(never).is_err(), "{never:?}");
        }
    }

    #[test]
    fn spellings_of_one_name_share_a_key() {
        let key = |text| UserName::new(text).unwrap().key();
        assert_eq!(key("Ada"), key("ＡＤＡ"));
        assert_eq!(key("e\u{301}"), key("é"));
        assert_ne!(key("ada"), key("adam"));
    }
}
