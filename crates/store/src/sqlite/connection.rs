//! How connections are opened and set up, for each use.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::Options;
use super::format::Durability;

/// More statements than this crate has.
const STATEMENTS: usize = 128;

/// Pages in the write-ahead log before the writer folds them into the file: 32 MiB. Folding costs further fsyncs, and a page that
/// changed many times in between is folded once.
const CHECKPOINT_PAGES: i64 = 8 * 1024;

/// A write-ahead log that grew over this under load is cut back afterwards, in bytes.
const WAL_LIMIT: i64 = 64 * 1024 * 1024;

/// Page cache of the writer, in KiB. Nobody else changes the file, so its pages stay valid and are worth keeping.
const WRITER_CACHE: i64 = 64 * 1024;

/// Page cache of each reader, in KiB. It is emptied by every commit, so it only serves one query at a time.
const READER_CACHE: i64 = 8 * 1024;

/// A connection that changes nothing at all, for looking at a file that may not be ours.
pub(super) fn inspector(path: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(options.busy_timeout)?;
    // Closing must not fold a left-over write-ahead log into the file.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(conn)
}

/// The writer's connection, before migrations: without foreign keys, as changing tables needs.
pub(super) fn writer(path: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    set_up(&conn, options, WRITER_CACHE)?;
    conn.pragma_update(None, "foreign_keys", false)?;
    Ok(conn)
}

/// Makes a connection of [`writer`] durable and strict, after migrations.
pub(super) fn ready_to_write(conn: &Connection, durability: Durability) -> rusqlite::Result<()> {
    let synchronous = match durability {
        // Each commit is on disk before it is acknowledged.
        Durability::Machine => "FULL",
        // Each commit is with the kernel; only folding the log into the file waits for the disk.
        Durability::Process => "NORMAL",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "journal_size_limit", WAL_LIMIT)?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    conn.pragma_update(None, "foreign_keys", true)
}

/// A reader's connection.
pub(super) fn reader(path: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    set_up(&conn, options, READER_CACHE)?;
    Ok(conn)
}

fn set_up(conn: &Connection, options: &Options, cache: i64) -> rusqlite::Result<()> {
    // A negative size is one in KiB.
    conn.pragma_update(None, "cache_size", -cache)?;
    conn.busy_timeout(options.busy_timeout)?;
    // What a statement that may be undone notes meanwhile is small.
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    Ok(())
}
