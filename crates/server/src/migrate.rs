//! `codementor migrate`: brings the configured database and its journal to the newest schema.

use std::process::ExitCode;

use codementor_store::{Options, SqliteJournal, SqliteStore};

use crate::config::Given;
use crate::parts;

/// Migrates and says from where to where.
#[must_use]
pub fn main(given: &Given) -> ExitCode {
    let run = || -> anyhow::Result<()> {
        let config = parts::settings(given)?;
        let _lock = parts::lock_data(&config.data)?;
        let migrated = SqliteStore::migrate(&config.database, &Options::default())?;
        println!("{}: schema {} (was {})", config.database.display(), migrated.to, migrated.from);
        let journal = parts::journal_path(&config);
        let migrated = SqliteJournal::migrate(&journal, &Options::default())?;
        println!("{}: schema {} (was {})", journal.display(), migrated.to, migrated.from);
        Ok(())
    };
    crate::report(run())
}
