//! Opening: look first without touching, refuse what is not ours to change, then make, migrate and start the threads.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use super::fault::{Fault, describe};
use super::migrate::{self, Found, MIGRATIONS, Migrated, NotMigrated};
use super::owner;
use super::readers::Readers;
use super::writer::Writer;
use super::{Options, SqliteStore, connection};

/// Only the owner may read the database: it holds hashes of secrets and everybody's code.
const FILE_MODE: u32 = 0o600;

/// The largest file that can be a database whose making was interrupted: SQLite's first page.
const FIRST_PAGE: u64 = 4096;

/// Why a database cannot be used. Whatever the reason, nothing in it was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another kind of file, or another program's database.
    #[error(
        "{} is not a CodeMentor database ({detail}). It was left untouched; name another file with --database",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it looks like instead.
        detail: String,
    },
    /// Our database, damaged.
    #[error("the database {} is damaged ({detail}). It was left untouched; restore a backup", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The first damage found.
        detail: String,
    },
    /// Written by a newer program.
    #[error(
        "the database {} has schema version {found}, and this program knows versions up to {known}. It was left untouched; \
         use the newer program",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// The file cannot be made, read or written.
    #[error("the database {} cannot be opened or created: {detail}", path.display())]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// What the system says.
        detail: String,
    },
    /// Another process kept its lock for longer than the busy timeout.
    #[error("the database {} is locked by another process", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// Another process owns it.
    #[error(
        "the database {} is in use by another codementor process; stop it first, or name another file with --database",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A step to a newer schema failed; the old schema is still in place.
    #[error("the database {} could not be brought to the newest schema: {detail}", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// What failed.
        detail: String,
    },
}

/// What lies at a database's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Nothing; opening makes it.
    Absent,
    /// A file without a schema yet; opening makes one.
    Empty,
    /// A database of this version, perhaps an older one; never a newer.
    Version(u32),
}

/// See [`SqliteStore::look`].
pub(super) fn look(path: &Path, options: &Options) -> Result<Schema, OpenError> {
    match fs::exists(path) {
        Ok(true) => inspect(path, options),
        Ok(false) => Ok(Schema::Absent),
        Err(error) => Err(inaccessible(path, &error)),
    }
}

/// Takes the database for this process.
fn take(path: &Path, options: &Options) -> Result<owner::Held, OpenError> {
    let held = owner::take(path, options.owner).map_err(|error| inaccessible(path, &error))?;
    held.ok_or_else(|| OpenError::InUse { path: path.to_owned() })
}

/// See [`SqliteStore::open`].
pub(super) fn open(path: &Path, options: &Options) -> Result<SqliteStore, OpenError> {
    let Prepared { writer, held, .. } = prepare(path, options)?;
    let readers = (0..options.readers.max(1))
        .map(|_| connection::reader(path, options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| told(path, &error))?;
    let start = move || -> io::Result<SqliteStore> {
        Ok(SqliteStore {
            writer: Writer::start(writer, options)?,
            readers: Readers::start(readers, options)?,
            _held: held,
        })
    };
    start().map_err(|error| inaccessible(path, &error))
}

/// See [`SqliteStore::migrate`].
pub(super) fn migrate(path: &Path, options: &Options) -> Result<Migrated, OpenError> {
    prepare(path, options).map(|prepared| prepared.migrated)
}

/// A connection to a sound database with the newest schema.
struct Prepared {
    writer: Connection,
    migrated: Migrated,
    held: owner::Held,
}

fn prepare(path: &Path, options: &Options) -> Result<Prepared, OpenError> {
    // Before anything is made, also the lock's file: what is not ours stays as it was.
    let before = look(path, options)?;
    let held = take(path, options)?;
    let made = create(path).map_err(|error| inaccessible(path, &error))?;
    if before == Schema::Absent && !made {
        // Somebody else was faster.
        inspect(path, options)?;
    }
    restrict(path).map_err(|error| inaccessible(path, &error))?;
    let mut conn = connection::writer(path, options).map_err(|error| told(path, &error))?;
    // Before the schema is made: whatever interrupts us then, the file is whole without any recovery.
    write_ahead(path, &conn)?;
    let migrated = migrate::migrate(&mut conn, MIGRATIONS).map_err(|error| not_migrated(path, error))?;
    connection::ready_to_write(&conn).map_err(|error| told(path, &error))?;
    Ok(Prepared { writer: conn, migrated, held })
}

/// Makes an empty file unless there is one. `true` when it did.
fn create(path: &Path) -> io::Result<bool> {
    let made = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path);
    match made {
        Ok(_) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Looks at a file without changing it and refuses what is not a sound database of a known version.
fn inspect(path: &Path, options: &Options) -> Result<Schema, OpenError> {
    let size = fs::metadata(path).map_err(|error| inaccessible(path, &error))?.len();
    match size {
        0 => return Ok(Schema::Empty),
        // SQLite takes a file of one byte for an empty one and would write over it.
        1 => return Err(no_database(path)),
        _ => {}
    }
    let read = || -> rusqlite::Result<(Found, String)> {
        let conn = connection::inspector(path, options)?;
        let found = migrate::found(&conn, migrate::newest())?;
        let check = match found {
            Found::Known(_) => conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?,
            _ => "ok".to_owned(),
        };
        Ok((found, check))
    };
    match read() {
        // A database whose making was interrupted is recovered by whoever writes next. There is nothing in it yet.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) && size <= FIRST_PAGE => {
            Ok(Schema::Empty)
        }
        Err(error) => Err(told(path, &error)),
        Ok((_, check)) if check != "ok" => Err(OpenError::Corrupt { path: path.to_owned(), detail: check }),
        Ok((Found::Empty, _)) => Ok(Schema::Empty),
        Ok((Found::Known(version), _)) => Ok(Schema::Version(version)),
        Ok((found, _)) => Err(refused(path, found)),
    }
}

/// Takes the file away from other users, also one that was copied here with wider permissions.
fn restrict(path: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(FILE_MODE);
        fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

fn write_ahead(path: &Path, conn: &Connection) -> Result<(), OpenError> {
    let mode: String = conn
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(|error| told(path, &error))?;
    if mode == "wal" {
        return Ok(());
    }
    Err(OpenError::Inaccessible {
        path: path.to_owned(),
        detail:
            "this file system cannot share memory between processes, which a database with many readers needs"
                .to_owned(),
    })
}

fn not_migrated(path: &Path, error: NotMigrated) -> OpenError {
    match error {
        NotMigrated::Refused(found) => refused(path, found),
        NotMigrated::Failed(Fault::Sqlite(error)) if is_state(&error) => told(path, &error),
        NotMigrated::Failed(Fault::Sqlite(error)) => {
            OpenError::Migration { path: path.to_owned(), detail: describe(&error) }
        }
        NotMigrated::Failed(fault) => {
            OpenError::Migration { path: path.to_owned(), detail: format!("{fault:?}") }
        }
    }
}

fn refused(path: &Path, found: Found) -> OpenError {
    let path = path.to_owned();
    match found {
        Found::Newer(found) => OpenError::Newer { path, found, known: migrate::newest() },
        _ => OpenError::Foreign { path, detail: "it is another program's database".to_owned() },
    }
}

/// Whether an error is about the file rather than about a statement.
fn is_state(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::NotADatabase
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
        )
    )
}

fn told(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    let detail = describe(error);
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => no_database(&path),
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { path, detail },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked { path },
        _ => OpenError::Inaccessible { path, detail },
    }
}

fn no_database(path: &Path) -> OpenError {
    OpenError::Foreign {
        path: path.to_owned(),
        detail: "it is no SQLite database, or its header is damaged".to_owned(),
    }
}

fn inaccessible(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Inaccessible { path: path.to_owned(), detail: error.to_string() }
}
