//! Errors inside this crate, and what a caller is told of them. Never anything a user wrote: messages name tables and columns.

use codementor_core::ports::StoreError;
use rusqlite::ErrorCode;

/// Why work on a connection failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite said no.
    Sqlite(rusqlite::Error),
    /// A stored value of this column is not what this program writes there.
    Malformed(&'static str),
    /// What was asked for must not be; the words say why.
    Refused(&'static str),
    /// What was written earlier could not be brought to the disk.
    Unsynced,
    /// The work panicked, which a test should have found.
    Panicked,
}

/// The result of work on a connection.
pub(super) type DbResult<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sqlite(error) if may_pass(&error) => Self::Unavailable(describe(&error)),
            Fault::Sqlite(error) => Self::Failed(describe(&error)),
            Fault::Malformed(column) => Self::Failed(format!("a stored {column} cannot be read")),
            Fault::Refused(why) => Self::Failed(why.to_owned()),
            Fault::Unsynced => {
                Self::Unavailable("the disk failed; nothing is written until a restart".to_owned())
            }
            Fault::Panicked => Self::Failed("the work on the database panicked".to_owned()),
        }
    }
}

/// Whether an error comes from the state of the machine rather than from the statement.
fn may_pass(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
        )
    )
}

/// The error in words. SQLite's own messages name tables and columns but no values; of other errors only the kind is told.
pub(super) fn describe(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, Some(message)) => {
            format!("{message} (SQLite code {})", code.extended_code)
        }
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        rusqlite::Error::InvalidColumnType(_, column, kind) => {
            format!("column {column} holds a value of type {kind}")
        }
        rusqlite::Error::IntegralValueOutOfRange(column, _) => {
            format!("column {column} holds a number out of range")
        }
        rusqlite::Error::QueryReturnedNoRows => "a row is missing".to_owned(),
        _ => "a statement could not be run".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: i32) -> StoreError {
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        Fault::from(error).into()
    }

    #[test]
    fn what_may_pass_is_unavailable() {
        use rusqlite::ffi;
        for code in
            [ffi::SQLITE_BUSY, ffi::SQLITE_LOCKED, ffi::SQLITE_FULL, ffi::SQLITE_IOERR, ffi::SQLITE_CANTOPEN]
        {
            assert!(matches!(told(code), StoreError::Unavailable(_)), "{code}");
        }
        for code in [ffi::SQLITE_CONSTRAINT, ffi::SQLITE_CORRUPT, ffi::SQLITE_ERROR, ffi::SQLITE_NOTADB] {
            assert!(matches!(told(code), StoreError::Failed(_)), "{code}");
        }
    }
}
