//! The files of one challenge, read whole and bounded, wherever they come from.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// The largest file of a challenge, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// The most files of a challenge.
pub const MAX_FILES: usize = 200;

/// Relative paths with `/`, and their text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

/// Why a challenge's files cannot be read. Each names the path.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The file system says no.
    #[error("{path}: {error}")]
    Io {
        /// Which file or folder.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// A link, a device or another thing that is neither file nor folder.
    #[error("{0}: only ordinary files and folders are allowed here, no links")]
    Odd(String),
    /// Larger than 1 MiB.
    #[error("{0}: larger than 1 MiB")]
    Large(String),
    /// More than 200 files, or folders in folders in folders.
    #[error("{0}: too many files or too deep a folder")]
    Many(String),
    /// Not UTF-8.
    #[error("{0}: not UTF-8 text")]
    Text(String),
}

impl Files {
    /// Adds a file.
    ///
    /// # Errors
    /// When it is too large, not UTF-8, or one too many.
    pub fn insert(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(FilesError::Large(path.to_owned()));
        }
        if self.0.len() >= MAX_FILES {
            return Err(FilesError::Many(path.to_owned()));
        }
        let text = String::from_utf8(bytes).map_err(|_| FilesError::Text(path.to_owned()))?;
        self.0.insert(path.to_owned(), text);
        Ok(())
    }

    /// Reads a challenge's folder. Links are refused, not followed.
    ///
    /// # Errors
    /// Names the path that cannot be taken.
    pub fn read(folder: &Path) -> Result<Self, FilesError> {
        let mut files = Self::default();
        files.read_into(folder, "", 0)?;
        Ok(files)
    }

    fn read_into(&mut self, folder: &Path, prefix: &str, depth: u32) -> Result<(), FilesError> {
        if depth > 3 {
            return Err(FilesError::Many(prefix.to_owned()));
        }
        let io_error = |path: &str, error| FilesError::Io { path: path.to_owned(), error };
        for entry in fs::read_dir(folder).map_err(|error| io_error(&folder.display().to_string(), error))? {
            let entry = entry.map_err(|error| io_error(prefix, error))?;
            let name = entry.file_name().into_string().map_err(|_| FilesError::Text(prefix.to_owned()))?;
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            // Does not follow links.
            let kind = entry.file_type().map_err(|error| io_error(&path, error))?;
            if kind.is_dir() {
                self.read_into(&entry.path(), &path, depth + 1)?;
            } else if kind.is_file() {
                let size = entry.metadata().map_err(|error| io_error(&path, error))?.len();
                if size > MAX_FILE_BYTES {
                    return Err(FilesError::Large(path));
                }
                let bytes = fs::read(entry.path()).map_err(|error| io_error(&path, error))?;
                self.insert(&path, bytes)?;
            } else {
                return Err(FilesError::Odd(path));
            }
        }
        Ok(())
    }

    /// Takes a file out.
    pub fn take(&mut self, path: &str) -> Option<String> {
        self.0.remove(path)
    }

    /// The files that are left.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_refused_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.md"), "text").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/b.md"), "more").unwrap();
        let files = Files::read(folder.path()).unwrap();
        assert_eq!(files.paths().collect::<Vec<_>>(), ["a.md", "sub/b.md"]);
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("c.md")).unwrap();
        assert!(matches!(Files::read(folder.path()), Err(FilesError::Odd(path)) if path == "c.md"));
    }

    #[test]
    fn large_and_binary_files_are_refused() {
        let mut files = Files::default();
        assert!(files.insert("x", vec![0xff]).is_err());
        assert!(files.insert("x", vec![b'a'; 1024 * 1024 + 1]).is_err());
        assert!(files.insert("x", vec![b'a'; 1024 * 1024]).is_ok());
    }
}
