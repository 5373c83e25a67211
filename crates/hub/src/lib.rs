//! Live rooms: shared documents that several people edit at once.
//!
//! Bytes of clients never reach the CRDT library unread: [`wire`] admits only what an honest editor of one text sends.

pub mod document;
pub mod outline;
pub mod sequence;
pub mod wire;
