//! Random secrets that live in cookies. Only their SHA-256 is ever stored.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use codementor_core::ports::SecretHash;
use secrecy::zeroize::{Zeroize, ZeroizeOnDrop};
use sha2::{Digest as _, Sha256};

/// Length of a secret as text: 32 bytes in base64url without padding.
const TEXT_LEN: usize = 43;

/// 256 random bits in a cookie. `Debug` hides them; there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret([u8; 32]);

/// A text that is no secret of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed secret")]
pub struct InvalidSecret;

impl SessionSecret {
    /// A fresh secret from the process's cryptographic generator.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// Reads the text of a cookie: exactly 43 characters of base64url, in the one spelling that [`Self::expose`] gives.
    ///
    /// # Errors
    /// [`InvalidSecret`], which says nothing about the text.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        if text.len() != TEXT_LEN {
            return Err(InvalidSecret);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidSecret)?;
        bytes.try_into().map(Self).map_err(|_| InvalidSecret)
    }

    /// The text for the cookie.
    #[must_use]
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the store keeps. One SHA-256 over 32 bytes: the same work for every secret. A slow hash would add nothing, as nobody can
    /// guess 256 random bits.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        sha256(&self.0)
    }
}

/// SHA-256 of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> SecretHash {
    Sha256::digest(bytes).into()
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret([redacted])")
    }
}

impl Drop for SessionSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SessionSecret {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let secret = SessionSecret::generate();
        let again = SessionSecret::parse(&secret.expose()).unwrap();
        assert_eq!(again, secret);
        assert_eq!(again.hash(), secret.hash());
        assert_ne!(SessionSecret::generate().hash(), secret.hash());
    }

    #[test]
    fn only_the_one_spelling_is_read() {
        let text = SessionSecret([0xff; 32]).expose();
        assert_eq!(text, format!("{}8", "_".repeat(42)));
        for bad in [
            "",
            "x",
            &text[..42],
            &format!("{text}="),
            &format!(" {}", &text[..42]),
            &format!("{}9", &text[..42]), // the same bytes with other unused bits
            &text.replace('_', "/"),
            &"é".repeat(21),
            &"a".repeat(100_000),
        ] {
            assert_eq!(SessionSecret::parse(bad), Err(InvalidSecret));
        }
    }

    #[test]
    fn debug_hides_it() {
        let secret = SessionSecret::generate();
        let shown = format!("{secret:?} {:#?}", Some(&secret));
        assert!(!shown.contains(&secret.expose()));
        assert!(shown.contains("redacted"));
    }
}
