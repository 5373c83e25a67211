//! Errors over HTTP (RFC 9457) and the codes with which a socket closes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An error, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`; `code` tells kinds apart.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable, for programs, such as `username_taken`.
    pub code: String,
    /// For people: what happened and what to do.
    pub detail: String,
    /// The request's id, as in the header `x-request-id` and the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The faults of single fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// WebSocket close codes.
pub mod close {
    /// Normal end.
    pub const NORMAL: u16 = 1000;
    /// The message is too big.
    pub const TOO_BIG: u16 = 1009;
    /// The server restarts; come back.
    pub const RESTART: u16 = 1012;
    /// Malformed message.
    pub const MALFORMED: u16 = 4400;
    /// Not signed in.
    pub const UNAUTHENTICATED: u16 = 4401;
    /// Not allowed.
    pub const FORBIDDEN: u16 = 4403;
    /// No such session.
    pub const NOT_FOUND: u16 = 4404;
    /// Too slow and could not be resynced.
    pub const TOO_SLOW: u16 = 4408;
    /// The state that the client shows of itself is too large.
    pub const STATE_TOO_BIG: u16 = 4413;
    /// Rate limit.
    pub const RATE_LIMIT: u16 = 4429;
}
