//! A folder whose files are a stranger's: nothing outside it is ever opened, and no link is followed.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::Mode;

/// The most entries of one folder that are looked at.
const MAX_ENTRIES: usize = 5_000;

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    root: OwnedFd,
    shown: PathBuf,
}

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What something in a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A link, device, socket or pipe: never opened.
    Other,
}

/// Why something in a folder was not read. Names it.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system said no.
    #[error("{path}: {source}")]
    Io {
        /// What was asked for.
        path: String,
        /// What it said.
        source: io::Error,
    },
    /// A link, or a path through one, or out of the folder.
    #[error("{0}: links are not followed")]
    Link(String),
    /// Neither a file nor a folder.
    #[error("{0}: is no file")]
    NoFile(String),
    /// Larger than the bound asked for.
    #[error("{0}: larger than {1} bytes")]
    Large(String, usize),
    /// More entries than are looked at.
    #[error("{0}: more than {MAX_ENTRIES} entries")]
    Many(String),
    /// A name that is no UTF-8.
    #[error("{0}: holds a name that is not UTF-8")]
    Name(String),
}

impl FolderError {
    fn of(path: &str, errno: Errno) -> Self {
        match errno {
            Errno::ELOOP | Errno::EXDEV => Self::Link(path.to_owned()),
            errno => Self::Io { path: path.to_owned(), source: errno.into() },
        }
    }

    /// Whether there simply is no such thing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl Folder {
    /// Opens a folder that a person named; that name may be a link.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let shown = path.display().to_string();
        let opened =
            nix::fcntl::open(path, OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty());
        let root = opened.map_err(|errno| FolderError::Io { path: shown, source: errno.into() })?;
        Ok(Self { root, shown: path.to_owned() })
    }

    /// The folder's own name, when it has one.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let whole = self.shown.canonicalize().ok()?;
        Some(whole.file_name()?.to_str()?.to_owned())
    }

    /// A folder within; `""` is this one.
    ///
    /// # Errors
    /// When there is none, or a link leads to it.
    pub fn folder(&self, path: &str) -> Result<Self, FolderError> {
        let root = self.open_beneath(path, OFlag::O_DIRECTORY)?;
        Ok(Self { root, shown: self.shown.join(path) })
    }

    /// What is in a folder within, by name; `""` is this one.
    ///
    /// # Errors
    /// When there is no such folder, or it holds too much.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>, FolderError> {
        let opened = self.open_beneath(path, OFlag::O_DIRECTORY)?;
        let mut dir = Dir::from_fd(opened).map_err(|errno| FolderError::of(path, errno))?;
        let mut entries = Vec::new();
        for entry in dir.iter() {
            let entry = entry.map_err(|errno| FolderError::of(path, errno))?;
            let Ok(name) = entry.file_name().to_str() else { return Err(FolderError::Name(path.to_owned())) };
            if matches!(name, "." | "..") {
                continue;
            }
            if entries.len() >= MAX_ENTRIES {
                return Err(FolderError::Many(path.to_owned()));
            }
            let kind = match entry.file_type() {
                Some(nix::dir::Type::Directory) => Kind::Folder,
                Some(nix::dir::Type::File) => Kind::File,
                Some(_) => Kind::Other,
                None => self.kind(&join(path, name))?,
            };
            entries.push(Entry { name: name.to_owned(), kind });
        }
        entries.sort();
        Ok(entries)
    }

    /// A file's bytes, at most `max` of them.
    ///
    /// # Errors
    /// When there is no such file, a link leads to it, or it is larger.
    pub fn read(&self, path: &str, max: usize) -> Result<Vec<u8>, FolderError> {
        let failed = |source| FolderError::Io { path: path.to_owned(), source };
        // Opening a pipe that nobody writes to would wait.
        let file = File::from(self.open_beneath(path, OFlag::O_NONBLOCK)?);
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(FolderError::NoFile(path.to_owned()));
        }
        let mut bytes = Vec::new();
        file.take(max as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > max {
            return Err(FolderError::Large(path.to_owned(), max));
        }
        Ok(bytes)
    }

    /// A file's bytes, or nothing when there is none.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_if_there(&self, path: &str, max: usize) -> Result<Option<Vec<u8>>, FolderError> {
        match self.read(path, max) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// For file systems that do not tell it with the name.
    fn kind(&self, path: &str) -> Result<Kind, FolderError> {
        let opened = match self.open_beneath(path, OFlag::O_PATH) {
            Err(FolderError::Link(_)) => return Ok(Kind::Other),
            opened => File::from(opened?),
        };
        let found = opened.metadata().map_err(|source| FolderError::Io { path: path.to_owned(), source })?;
        Ok(match (found.is_dir(), found.is_file()) {
            (true, _) => Kind::Folder,
            (_, true) => Kind::File,
            _ => Kind::Other,
        })
    }

    fn open_beneath(&self, path: &str, flags: OFlag) -> Result<OwnedFd, FolderError> {
        let how = OpenHow::new()
            .flags(OFlag::O_RDONLY | OFlag::O_CLOEXEC | flags)
            .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS);
        let inner = if path.is_empty() { "." } else { path };
        openat2(self.root.as_fd(), inner, how).map_err(|errno| FolderError::of(path, errno))
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn folder() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        std::fs::create_dir_all(inner.join("sub")).unwrap();
        std::fs::write(dir.path().join("secret"), "secret").unwrap();
        std::fs::write(inner.join("file"), "text").unwrap();
        symlink("../secret", inner.join("out")).unwrap();
        symlink("file", inner.join("alias")).unwrap();
        symlink("/etc", inner.join("etc")).unwrap();
        nix::unistd::mkfifo(&inner.join("pipe"), Mode::S_IRUSR).unwrap();
        let opened = Folder::open(&inner).unwrap();
        (dir, opened)
    }

    #[test]
    fn only_what_lies_within_is_read() {
        let (_keep, folder) = folder();
        assert_eq!(folder.read("file", 4).unwrap(), b"text");
        assert!(matches!(folder.read("file", 3), Err(FolderError::Large(..))));
        for link in ["out", "alias", "../secret", "sub/../../secret", "etc/hostname", "/etc/hostname"] {
            assert!(matches!(folder.read(link, 100), Err(FolderError::Link(_))), "{link}");
        }
        for none in ["pipe", "sub"] {
            assert!(matches!(folder.read(none, 100), Err(FolderError::NoFile(_))), "{none}");
        }
        assert_eq!(folder.read_if_there("nothing", 1).unwrap(), None);
        assert!(matches!(folder.folder("etc"), Err(FolderError::Link(_))));
        assert!(folder.folder("sub").is_ok());
    }

    #[test]
    fn a_list_says_what_each_is() {
        let (_keep, folder) = folder();
        let listed = folder.list("").unwrap();
        let kind = |name: &str| listed.iter().find(|entry| entry.name == name).map(|entry| entry.kind);
        assert_eq!(
            (kind("file"), kind("sub"), kind("out")),
            (Some(Kind::File), Some(Kind::Folder), Some(Kind::Other))
        );
        assert_eq!((kind("pipe"), listed.len()), (Some(Kind::Other), 6));
        assert_eq!(folder.name().as_deref(), Some("inner"));
    }
}
