//! Why signing in or asking "who is this" did not work.

use codementor_core::name::InvalidName;
use codementor_core::ports::StoreError;

use crate::token::TokenError;

/// What went wrong. `Display` is fit for people; the reasons inside are for logs and counters only.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Nobody we know, or not any more. One answer for all reasons.
    #[error("please sign in")]
    Unauthenticated(Reason),
    /// The wanted name breaks a rule.
    #[error("{0}")]
    InvalidName(#[from] InvalidName),
    /// Somebody has the wanted name.
    #[error("this name is taken; please choose another")]
    NameTaken,
    /// No such time zone.
    #[error("unknown time zone; use an IANA name such as Europe/Berlin")]
    InvalidTimeZone,
    /// The database did not answer: nobody knows whether this person is signed in.
    #[error("this cannot be checked at the moment; please try again shortly")]
    Store(#[from] StoreError),
    /// A token could not be made.
    #[error("something went wrong on our side")]
    Internal(TokenError),
}

/// Why somebody counts as not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The token itself is refused.
    Token(TokenError),
    /// The cookie is not of our form.
    Cookie,
    /// No such session: never was, revoked or expired.
    NoSession,
}

impl Reason {
    /// A stable label for the counter of rejections.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token(TokenError::TooLong) => "token_too_long",
            Self::Token(TokenError::Malformed | TokenError::Signing) => "token_malformed",
            Self::Token(TokenError::Algorithm) => "token_algorithm",
            Self::Token(TokenError::Signature) => "token_signature",
            Self::Token(TokenError::Audience) => "token_audience",
            Self::Token(TokenError::Expired) => "token_expired",
            Self::Cookie => "cookie_malformed",
            Self::NoSession => "no_session",
        }
    }
}
