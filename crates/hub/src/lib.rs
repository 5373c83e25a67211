//! Live rooms: shared documents that several people edit at once.
//!
//! Bytes of clients never reach the CRDT library unread: [`wire`] admits only what an honest editor of one text sends.

mod deletions;
pub mod document;
pub mod hub;
pub mod outbox;
pub mod outline;
pub mod presence;
pub mod rate;
pub mod replay;
pub mod room;
pub mod sequence;
pub mod snapshot;
pub mod wire;
