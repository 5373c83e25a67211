//! Opening: look first without touching, refuse what is not ours to change, then make, migrate and start the threads.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use super::database::Database;
use super::fault::{Fault, describe};
use super::format::Format;
use super::migrate::{self, Found, Migrated, NotMigrated};
use super::owner;
use super::readers::Readers;
use super::sync::Flush;
use super::writer::Writer;
use super::{Options, connection};

/// Only the owner may read the database: it holds hashes of secrets, or everybody's code.
const FILE_MODE: u32 = 0o600;

/// The largest file that can be a database whose making was interrupted: SQLite's first page.
const FIRST_PAGE: u64 = 4096;

/// Why a database cannot be used. Whatever the reason, nothing in it was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another kind of file, or another program's database.
    #[error(
        "{} is not a CodeMentor {kind} ({detail}). It was left untouched; {advice}",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it should be.
        kind: &'static str,
        /// What to do instead.
        advice: &'static str,
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
        "the database {} is in use by another codementor process; stop it first, or {advice}",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
        /// What to do instead.
        advice: &'static str,
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

/// How closely a database is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Its header and its schema, and all of it when it is not larger than its kind's bound.
    Opening,
    /// All of it.
    Whole,
}

/// See [`super::SqliteStore::look`].
pub(super) fn look(
    path: &Path,
    options: &Options,
    format: Format,
    depth: Depth,
) -> Result<Schema, OpenError> {
    match fs::exists(path) {
        Ok(true) => inspect(path, options, format, depth),
        Ok(false) => Ok(Schema::Absent),
        Err(error) => Err(inaccessible(path, &error)),
    }
}

/// Takes the database for this process.
fn take(path: &Path, options: &Options, format: Format) -> Result<owner::Held, OpenError> {
    let held = owner::take(path, options.owner).map_err(|error| inaccessible(path, &error))?;
    held.ok_or_else(|| OpenError::InUse { path: path.to_owned(), advice: format.advice })
}

/// See [`super::SqliteStore::open`].
pub(super) fn open(path: &Path, options: &Options, format: Format) -> Result<Database, OpenError> {
    open_after(path, options, format, |_| Ok(())).map(|(database, ())| database)
}

/// The same after `first` was done with the writer's connection.
pub(super) fn open_after<T>(
    path: &Path,
    options: &Options,
    format: Format,
    first: impl FnOnce(&mut Connection) -> Result<T, OpenError>,
) -> Result<(Database, T), OpenError> {
    let Prepared { mut writer, held, .. } = prepare(path, options, format)?;
    let done = first(&mut writer)?;
    let readers = (0..options.readers.max(1))
        .map(|_| connection::reader(path, options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| told(path, format, &error))?;
    let start = move || -> io::Result<Database> {
        Ok(Database {
            writer: Writer::start(writer, options)?,
            readers: Readers::start(readers, options)?,
            _held: held,
        })
    };
    let database = start().map_err(|error| inaccessible(path, &error))?;
    Ok((database, done))
}

/// Brings the write-ahead log of an open database to the disk, when commits do not wait for that.
pub(super) fn flush(path: &Path) -> io::Result<Flush> {
    // SQLite follows links to the file too and keeps the log beside it, the same one as long as a connection is open. It never
    // locks the log, so closing this handle gives up no lock.
    let mut name = OsString::from(path.canonicalize()?);
    name.push("-wal");
    let log = File::open(&name)?;
    sync_folder(Path::new(&name))?;
    Ok(Box::new(move || log.sync_data()))
}

/// See [`super::SqliteStore::migrate`].
pub(super) fn migrate(path: &Path, options: &Options, format: Format) -> Result<Migrated, OpenError> {
    prepare(path, options, format).map(|prepared| prepared.migrated)
}

/// A connection to a sound database with the newest schema.
struct Prepared {
    writer: Connection,
    migrated: Migrated,
    held: owner::Held,
}

fn prepare(path: &Path, options: &Options, format: Format) -> Result<Prepared, OpenError> {
    // Before anything is made, also the lock's file: what is not ours stays as it was.
    let before = look(path, options, format, Depth::Opening)?;
    let held = take(path, options, format)?;
    let made = create(path).map_err(|error| inaccessible(path, &error))?;
    if before == Schema::Absent && !made {
        // Somebody else was faster.
        inspect(path, options, format, Depth::Opening)?;
    }
    restrict(path).map_err(|error| inaccessible(path, &error))?;
    let told = |error| told(path, format, &error);
    let mut conn = connection::writer(path, options).map_err(told)?;
    // Before the schema is made: whatever interrupts us then, the file is whole without any recovery.
    write_ahead(path, format, &conn)?;
    let migrated = migrate::migrate(&mut conn, format).map_err(|error| not_migrated(path, format, error))?;
    connection::ready_to_write(&conn, format.durability).map_err(told)?;
    Ok(Prepared { writer: conn, migrated, held })
}

/// Makes an empty file unless there is one. `true` when it did.
fn create(path: &Path) -> io::Result<bool> {
    let made = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path);
    match made {
        Ok(_) => {
            sync_folder(path)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a file's name in its folder last.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Looks at a file without changing it and refuses what is not a sound database of a known version.
fn inspect(path: &Path, options: &Options, format: Format, depth: Depth) -> Result<Schema, OpenError> {
    let size = fs::metadata(path).map_err(|error| inaccessible(path, &error))?.len();
    match size {
        0 => return Ok(Schema::Empty),
        // SQLite takes a file of one byte for an empty one and would write over it.
        1 => return Err(no_database(path, format)),
        _ => {}
    }
    let read = || -> rusqlite::Result<(Found, String)> {
        let conn = connection::inspector(path, options)?;
        let found = migrate::found(&conn, format)?;
        let check = match found {
            Found::Known(_) if depth == Depth::Whole || size <= format.checked_whole => {
                conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?
            }
            _ => "ok".to_owned(),
        };
        Ok((found, check))
    };
    match read() {
        // A database whose making was interrupted is recovered by whoever writes next. There is nothing in it yet.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) && size <= FIRST_PAGE => {
            Ok(Schema::Empty)
        }
        Err(error) => Err(told(path, format, &error)),
        Ok((_, check)) if check != "ok" => Err(OpenError::Corrupt { path: path.to_owned(), detail: check }),
        Ok((Found::Empty, _)) => Ok(Schema::Empty),
        Ok((Found::Known(version), _)) => Ok(Schema::Version(version)),
        Ok((found, _)) => Err(refused(path, format, found)),
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

fn write_ahead(path: &Path, format: Format, conn: &Connection) -> Result<(), OpenError> {
    let mode: String = conn
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(|error| told(path, format, &error))?;
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

fn not_migrated(path: &Path, format: Format, error: NotMigrated) -> OpenError {
    match error {
        NotMigrated::Refused(found) => refused(path, format, found),
        NotMigrated::Failed(Fault::Sqlite(error)) if is_state(&error) => told(path, format, &error),
        NotMigrated::Failed(Fault::Sqlite(error)) => {
            OpenError::Migration { path: path.to_owned(), detail: describe(&error) }
        }
        NotMigrated::Failed(fault) => {
            OpenError::Migration { path: path.to_owned(), detail: format!("{fault:?}") }
        }
    }
}

fn refused(path: &Path, format: Format, found: Found) -> OpenError {
    match found {
        Found::Newer(found) => OpenError::Newer { path: path.to_owned(), found, known: format.newest() },
        Found::Other(name) => foreign(path, format, format!("it is CodeMentor's {name}")),
        _ => foreign(path, format, "it is another program's database".to_owned()),
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

pub(super) fn told(path: &Path, format: Format, error: &rusqlite::Error) -> OpenError {
    let detail = describe(error);
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => no_database(path, format),
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { path: path.to_owned(), detail },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            OpenError::Locked { path: path.to_owned() }
        }
        _ => OpenError::Inaccessible { path: path.to_owned(), detail },
    }
}

fn no_database(path: &Path, format: Format) -> OpenError {
    foreign(path, format, "it is no SQLite database, or its header is damaged".to_owned())
}

fn foreign(path: &Path, format: Format, detail: String) -> OpenError {
    OpenError::Foreign { path: path.to_owned(), kind: format.name, advice: format.advice, detail }
}

pub(super) fn inaccessible(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Inaccessible { path: path.to_owned(), detail: error.to_string() }
}
