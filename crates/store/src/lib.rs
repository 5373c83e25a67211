//! Durable truth: the core's store ports and its journal over SQLite.
//!
//! A value of the store is acknowledged only after it is on disk, an entry of the journal when the end of the process cannot harm
//! it any more. "There is none" and "could not read" are different answers, always. XP is the sum of the ledger; leaderboards are
//! set from it in the same transaction, never counted up.

mod sqlite;

#[cfg(test)]
mod contract;

pub use sqlite::{Migrated, OpenError, Options, Owner, Schema, SqliteJournal, SqliteStore};
