//! The files of one challenge, read whole and bounded, wherever they come from.

use std::collections::BTreeMap;

use codementor_core::catalogue::FileSet;

/// The largest file of a challenge, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// The most files of a challenge.
pub const MAX_FILES: usize = 200;

/// Relative paths with `/`, and their text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

/// Why a challenge's files cannot be taken. Each names the path.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// Larger than 1 MiB.
    #[error("{0}: larger than 1 MiB")]
    Large(String),
    /// More than 200 files.
    #[error("{0}: too many files")]
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

    /// Takes a file out.
    pub fn take(&mut self, path: &str) -> Option<String> {
        self.0.remove(path)
    }

    /// The files that are left.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl From<FileSet> for Files {
    /// A set's bounds are at least as narrow.
    fn from(files: FileSet) -> Self {
        Self(files.iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_binary_files_are_refused() {
        let mut files = Files::default();
        assert!(files.insert("x", vec![0xff]).is_err());
        assert!(files.insert("x", vec![b'a'; 1024 * 1024 + 1]).is_err());
        assert!(files.insert("x", vec![b'a'; 1024 * 1024]).is_ok());
    }
}
