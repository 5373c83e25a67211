//! Who is asking: guest and GitHub sign-in, the session cookie, access tokens.
//!
//! - A **session** is one signed-in device. It lives in the store and is found by the [`SessionSecret`] in the browser's cookie.
//! - An **access token** is a JWT of 15 minutes for that session. It is worthless once the session is revoked.
//! - A **flow** is one way to GitHub and back, bound to one browser and used once.
//!
//! This crate knows no HTTP server: it takes texts and answers with values. Secrets appear in no log, error or `Debug`. A database
//! failure is [`AuthError::Store`], never "not signed in".

mod cache;
mod error;
pub mod github;
mod key;
mod secret;
mod service;
mod token;

pub use error::{AuthError, Reason};
pub use key::{KeyError, MAX_KEY_BYTES, MIN_KEY_BYTES, SigningKey, hmac_sha256};
pub use secrecy::{ExposeSecret, SecretString};
pub use secret::{InvalidSecret, SessionSecret};
pub use service::{AuthService, Identity, LogoutScope, Renewed, SignedIn, lasting_session};
pub use token::{Claims, MAX_TOKEN_BYTES, TOKEN_SECONDS, TokenError, Tokens};
