//! Identifiers as types of their own, so that one kind can never be passed for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not a well-formed identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct InvalidId {
    /// What the text should have been.
    pub kind: &'static str,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $make:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh identifier.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default id that differs each time would surprise")]
            pub fn new() -> Self {
                Self($make)
            }

            /// The identifier in 16 bytes, for where its 36 characters are too many.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// The identifier whose [`Self::to_bytes`] these are.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                // Only the canonical 36-character form: one object has one spelling of its id.
                let id = Uuid::try_parse(text).map_err(|_| InvalidId { kind: $kind })?;
                if text.len() == 36 { Ok(Self(id)) } else { Err(InvalidId { kind: $kind }) }
            }
        }
    };
}

uuid_id!(
    /// A person: a guest or somebody signed in with GitHub.
    UserId,
    "user id",
    Uuid::now_v7()
);
uuid_id!(
    /// One solution handed in for judging. Ordered by time of creation, which lists rely on.
    SubmissionId,
    "submission id",
    Uuid::now_v7()
);
uuid_id!(
    /// One signed-in device. Random throughout: it is also the `sid` claim of tokens.
    AuthSessionId,
    "session id",
    Uuid::new_v4()
);

uuid_id!(
    /// A program handed in over the Judge0 API. Random throughout, as there.
    Judge0Token,
    "token",
    Uuid::new_v4()
);
uuid_id!(
    /// A way into a live session. Ordered by time of creation; the secret of its link is another one.
    InvitationId,
    "invitation id",
    Uuid::now_v7()
);
uuid_id!(
    /// A live session. Random throughout: who knows it was told.
    SessionId,
    "session id",
    Uuid::new_v4()
);

/// The largest length of a slug, in bytes.
pub const MAX_SLUG_LEN: usize = 64;

fn is_slug(text: &str) -> bool {
    (2..=MAX_SLUG_LEN).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

/// A challenge's slug: `a-z`, `0-9` and single inner hyphens, 2 to 64 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChallengeId(String);

impl ChallengeId {
    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChallengeId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if is_slug(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId { kind: "challenge id" }) }
    }
}

impl TryFrom<String> for ChallengeId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ChallengeId> for String {
    fn from(id: ChallengeId) -> Self {
        id.0
    }
}

impl fmt::Display for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A programming language by its lower-case name, such as `python`. Well-formed does not mean installed: ask the judge.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// Python 3.
    #[must_use]
    pub fn python() -> Self {
        Self("python".to_owned())
    }

    /// JavaScript, run by Node.js.
    #[must_use]
    pub fn javascript() -> Self {
        Self("javascript".to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Language {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let well_formed = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'+' || b == b'#');
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidId { kind: "language" }) }
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_refuse_paths_and_odd_spellings() {
        for good in ["ab", "two-sum", "exercism-python-leap", "a1"] {
            assert!(good.parse::<ChallengeId>().is_ok(), "{good}");
        }
        for bad in ["", "a", "../x", "a--b", "-a", "a-", "A-b", "a b", "a/b", "a\0b", &"a".repeat(65)] {
            assert!(bad.parse::<ChallengeId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn uuids_have_one_spelling() {
        let id = UserId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(UserId::from_bytes(id.to_bytes()), id);
        assert!(id.to_string().replace('-', "").parse::<UserId>().is_err());
        assert!(format!("{{{id}}}").parse::<UserId>().is_err());
    }
}
