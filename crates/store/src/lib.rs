//! Durable truth: the core's store ports over SQLite.
//!
//! A value is acknowledged only after it is on disk. "There is none" and "could not read" are different answers, always. XP
//! is the sum of the ledger; leaderboards are set from it in the same transaction, never counted up.

mod sqlite;

#[cfg(test)]
mod contract;

pub use sqlite::{Migrated, OpenError, Options, Owner, Schema, SqliteStore};
