//! A schema's versions. A migration, once released, is never edited: a change is a new file.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::{DbResult, Fault};
use super::format::{Format, Migration};

/// What bringing a schema up to date did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The version found; 0 for a new database.
    pub from: u32,
    /// The version now.
    pub to: u32,
}

/// What the header and the schema say of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing in it yet.
    Empty,
    /// Ours, at a version this program knows.
    Known(u32),
    /// Ours, written by a newer program.
    Newer(u32),
    /// Ours, of another kind; what people call it.
    Other(&'static str),
    /// Another program's.
    Foreign,
}

/// Looks at a database without changing it.
pub(super) fn found(conn: &Connection, format: Format) -> rusqlite::Result<Found> {
    let application: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let objects: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let version = u32::try_from(version);
    if (application, version, objects) == (0, Ok(0), 0) {
        return Ok(Found::Empty);
    }
    Ok(match (Format::of(application), version) {
        (Some(other), _) if other.application_id != format.application_id => Found::Other(other.name),
        (Some(_), Ok(version)) if version > format.newest() => Found::Newer(version),
        (Some(_), Ok(version)) => Found::Known(version),
        _ => Found::Foreign,
    })
}

/// Why a schema was not brought up to date. Nothing has changed then.
#[derive(Debug)]
pub(super) enum NotMigrated {
    /// It is not ours, or newer; somebody changed the file since it was looked at.
    Refused(Found),
    /// A statement failed.
    Failed(Fault),
}

impl<E: Into<Fault>> From<E> for NotMigrated {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Runs the missing steps in one transaction that shuts other writers out, so two processes cannot both run them.
pub(super) fn migrate(conn: &mut Connection, format: Format) -> Result<Migrated, NotMigrated> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let to = format.newest();
    let from = match found(&transaction, format)? {
        Found::Empty => 0,
        Found::Known(version) => version,
        refused => return Err(NotMigrated::Refused(refused)),
    };
    if from < to {
        apply(&transaction, from, format.migrations)?;
        transaction.pragma_update(None, "application_id", format.application_id)?;
        transaction.pragma_update(None, "user_version", to)?;
        transaction.commit()?;
        tracing::info!(from, to, kind = format.name, "database schema brought up to date");
    }
    Ok(Migrated { from, to })
}

fn apply(conn: &Connection, from: u32, migrations: &[Migration]) -> DbResult<()> {
    let done = usize::try_from(from).unwrap_or(usize::MAX);
    for migration in migrations.iter().skip(done) {
        tracing::debug!(file = migration.file, "migrating");
        conn.execute_batch(migration.sql)?;
    }
    let dangling = conn.prepare("PRAGMA foreign_key_check")?.exists([])?;
    if dangling {
        return Err(Fault::Malformed("reference between tables"));
    }
    Ok(())
}
