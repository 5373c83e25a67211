//! One process owns a database: a lock on a file beside it, held as long as the store lives.
//!
//! The database itself is not locked this way: SQLite gives up its own locks when any handle of the process on that file is closed.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Who else may have the database open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// No other process that would own it: a server keeps in memory what another would change under it.
    Sole,
    /// Anybody: for a command that changes a little beside a running server.
    Beside,
}

/// Ownership; given up when dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub(super) struct Held {
    _file: Option<File>,
}

/// Takes the database. `None` when another process has it.
pub(super) fn take(path: &Path, owner: Owner) -> io::Result<Option<Held>> {
    if owner == Owner::Beside {
        return Ok(Some(Held { _file: None }));
    }
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(lock_path(path)?)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Held { _file: Some(file) })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// One lock for one database, by whatever way its path leads there.
fn lock_path(path: &Path) -> io::Result<PathBuf> {
    let path = match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            folder.unwrap_or(Path::new(".")).canonicalize()?.join(path.file_name().unwrap_or_default())
        }
        found => found?,
    };
    let mut name = OsString::from(path);
    name.push(".lock");
    Ok(name.into())
}
