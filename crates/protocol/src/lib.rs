//! What travels between CodeMentor and its clients: REST bodies, socket events, error codes and close codes.
//!
//! Plain data with its description; no behaviour. Field names and codes are promises to clients: add, never rename. Times are RFC 3339
//! in UTC, memory is in KiB, durations in milliseconds, text positions in UTF-16 code units.

pub mod auth;
pub mod authoring;
pub mod challenge;
pub mod common;
pub mod event;
pub mod judge0;
pub mod problem;
pub mod progress;
pub mod replay;
pub mod sandbox;
pub mod session;
pub mod session_event;
mod strict;
pub mod submission;
pub mod terminal;
