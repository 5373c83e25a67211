//! Access tokens: JWT, HS256 and nothing else.
//!
//! A token names a session; whether that session is still alive is the service's question, not the token's.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use codementor_core::time::Clock;
use codementor_core::{AuthSessionId, UserId};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::key::SigningKey;

/// How long a token is good for, in seconds.
pub const TOKEN_SECONDS: u64 = 15 * 60;

/// The longest token looked at, in bytes. Ours have about 400.
pub const MAX_TOKEN_BYTES: usize = 4096;

/// How far two nodes' clocks may differ, in seconds.
const LEEWAY_SECONDS: u64 = 5;

const ISSUER: &str = "codementor";
const AUDIENCE: &str = "codementor-api";

/// What a token says (RFC 7519). All fields are required, of exactly these types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Always `codementor`.
    pub iss: String,
    /// Always `codementor-api`.
    pub aud: String,
    /// Who is signed in.
    pub sub: UserId,
    /// On which device.
    pub sid: AuthSessionId,
    /// Given out at, in seconds since the epoch.
    pub iat: u64,
    /// Lapses at, in seconds since the epoch.
    pub exp: u64,
    /// 128 random bits: no two tokens are equal.
    pub jti: String,
}

/// Why a token is refused. For logs and counters; the outside learns only "not signed in".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Over [`MAX_TOKEN_BYTES`]; not looked at.
    #[error("the token is too long")]
    TooLong,
    /// No JWT, or claims are missing or of another type.
    #[error("the token is malformed")]
    Malformed,
    /// Any algorithm but HS256.
    #[error("the token's algorithm is not HS256")]
    Algorithm,
    /// Not signed with our key, or changed.
    #[error("the token's signature is wrong")]
    Signature,
    /// Made by or for somebody else.
    #[error("the token has another issuer or audience")]
    Audience,
    /// Past its time.
    #[error("the token has expired")]
    Expired,
    /// The token could not be made. Never the bearer's fault.
    #[error("the token could not be signed")]
    Signing,
}

/// Gives out and checks access tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    clock: Arc<dyn Clock>,
}

impl Tokens {
    /// With the key of this installation.
    #[must_use]
    pub fn new(key: &SigningKey, clock: Arc<dyn Clock>) -> Self {
        Self {
            encoding: EncodingKey::from_secret(key.bytes()),
            decoding: DecodingKey::from_secret(key.bytes()),
            validation: validation(),
            clock,
        }
    }

    /// A token for a session, good for [`TOKEN_SECONDS`].
    ///
    /// # Errors
    /// [`TokenError::Signing`] only.
    pub fn issue(&self, user: UserId, session: AuthSessionId) -> Result<SecretString, TokenError> {
        let now = self.now_seconds();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            iat: now,
            exp: now + TOKEN_SECONDS,
            jti: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map(SecretString::from)
            .map_err(|_| TokenError::Signing)
    }

    /// Checks a token and returns what it says.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|error| refusal(error.kind()))?
            .claims;
        if claims.exp.saturating_add(LEEWAY_SECONDS) <= self.now_seconds() {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    fn now_seconds(&self) -> u64 {
        u64::try_from(self.clock.now().as_ms() / 1000).unwrap_or(0)
    }
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The library can only ask the system's clock; `verify` compares `exp` with ours.
    validation.validate_exp = false;
    validation
}

fn refusal(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::MissingAlgorithm => TokenError::Algorithm,
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenError::Audience,
        _ => TokenError::Malformed,
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens([redacted])")
    }
}

#[cfg(test)]
mod tests;
