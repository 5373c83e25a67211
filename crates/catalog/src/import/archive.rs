//! One challenge as an archive, `.zip` or `.tar.gz`: what a person uploads, and what they take away.
//!
//! What is uploaded is a stranger's: nothing of it touches the disk, links and devices are refused, an archive within is just a file
//! that is no text, and how much is unpacked is bounded before it is.

use std::io::{self, Cursor, Read, Write};

use codementor_core::catalogue::{FileSet, FileSetError, MAX_CONTENT_BYTES, MAX_FILE_BYTES, MAX_FILES};
use flate2::read::GzDecoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The largest archive that is read, in bytes.
pub const MAX_ARCHIVE_BYTES: usize = 8 * 1024 * 1024;
/// The most entries: files and as many folders.
const MAX_ENTRIES: usize = 2 * MAX_FILES;
/// How many times its size an archive may unpack to, beyond [`FREE_BYTES`].
const MAX_RATIO: usize = 100;
const FREE_BYTES: usize = 256 * 1024;

/// Why an archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Neither of the two kinds, or damaged.
    #[error("this is no .zip or .tar.gz, or it is damaged")]
    Unreadable,
    /// More entries than a challenge may have.
    #[error("more than {MAX_ENTRIES} entries")]
    Many,
    /// It unpacks to more than a challenge may have.
    #[error("it unpacks to more than 8 MiB")]
    Large,
    /// It unpacks to more than a hundred times its size.
    #[error("it unpacks to more than {MAX_RATIO} times its size")]
    Ratio,
    /// A link, device or pipe.
    #[error("{0}: links and devices are refused")]
    Link(String),
    /// Nothing in it is a challenge.
    #[error("there is no challenge.toml at its top or in its only folder")]
    NoChallenge,
    /// A file that no challenge may have.
    #[error(transparent)]
    File(#[from] FileSetError),
}

impl ArchiveError {
    /// Stable, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "archive_unreadable",
            Self::Many | Self::File(FileSetError::Many(_)) => "archive_too_many_files",
            Self::Large | Self::File(FileSetError::Large(_) | FileSetError::Whole(_)) => "archive_too_large",
            Self::Ratio => "archive_ratio",
            Self::Link(_) => "archive_link",
            Self::NoChallenge => "archive_no_challenge",
            Self::File(FileSetError::Text(_)) => "archive_not_text",
            Self::File(FileSetError::Path(_) | FileSetError::Folder(_)) => "archive_path",
        }
    }
}

/// A challenge's files, and the name of the folder that they lay in, when they lay in one.
pub type Unpacked = (Option<String>, FileSet);

/// Reads an archive whole. Takes up to about a second: not for a thread of the async runtime.
///
/// # Errors
/// When it is refused.
pub fn unpack(archive: &[u8]) -> Result<Unpacked, ArchiveError> {
    if archive.len() > MAX_ARCHIVE_BYTES {
        return Err(ArchiveError::Large);
    }
    let mut taken = Taken { files: FileSet::default(), unpacked: 0, entries: 0, archive: archive.len() };
    if archive.starts_with(&[0x1f, 0x8b]) {
        tar(archive, &mut taken)?;
    } else {
        zip(archive, &mut taken)?;
    }
    top(taken.files)
}

/// Packs a challenge's files into a `.zip`, within a folder of that name.
///
/// # Errors
/// When the library fails, which it does not for files of a set.
pub fn pack(folder: &str, files: &FileSet) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (path, text) in files.iter() {
        archive.start_file(format!("{folder}/{path}"), options).map_err(io::Error::other)?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish().map_err(io::Error::other)?.into_inner())
}

/// What was read so far.
struct Taken {
    files: FileSet,
    unpacked: usize,
    entries: usize,
    archive: usize,
}

impl Taken {
    fn entry(&mut self) -> Result<(), ArchiveError> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES { Err(ArchiveError::Many) } else { Ok(()) }
    }

    fn file(&mut self, path: &str, from: &mut dyn Read) -> Result<(), ArchiveError> {
        if is_litter(path) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        let read = from.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|_| ArchiveError::Unreadable)?;
        self.unpacked += bytes.len();
        if self.unpacked > FREE_BYTES + MAX_RATIO * self.archive {
            return Err(ArchiveError::Ratio);
        }
        if self.files.get(path).is_some() {
            return Err(ArchiveError::Unreadable);
        }
        Ok(self.files.insert_bytes(path, bytes)?)
    }
}

/// What desktops leave in archives.
fn is_litter(path: &str) -> bool {
    path.starts_with("__MACOSX/") || path.ends_with("/.DS_Store") || path == ".DS_Store"
}

fn zip(archive: &[u8], taken: &mut Taken) -> Result<(), ArchiveError> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(|_| ArchiveError::Unreadable)?;
    for index in 0..archive.len() {
        taken.entry()?;
        let mut entry = archive.by_index(index).map_err(|_| ArchiveError::Unreadable)?;
        // As it stands there, not as the library would mend it: a path that leads out is refused.
        let path = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let kind = entry.unix_mode().unwrap_or(0) & 0o170_000;
        if entry.is_symlink() || !matches!(kind, 0 | 0o040_000 | 0o100_000) {
            return Err(ArchiveError::Link(path.chars().take(200).collect()));
        }
        if !entry.is_dir() {
            taken.file(&path, &mut entry)?;
        }
    }
    Ok(())
}

fn tar(archive: &[u8], taken: &mut Taken) -> Result<(), ArchiveError> {
    // Heads and padding are at most two blocks an entry; extended heads are files to the library, so their bytes count here.
    let most = (MAX_CONTENT_BYTES + MAX_ENTRIES * 4 * 512).min(FREE_BYTES + MAX_RATIO * archive.len());
    let mut unpacked = Bounded { from: GzDecoder::new(archive), left: most, is_over: false };
    let result = tar_entries(&mut unpacked, taken);
    match result {
        Err(ArchiveError::Unreadable) if unpacked.is_over && most < MAX_CONTENT_BYTES => {
            Err(ArchiveError::Ratio)
        }
        Err(ArchiveError::Unreadable) if unpacked.is_over => Err(ArchiveError::Large),
        result => result,
    }
}

fn tar_entries(from: &mut dyn Read, taken: &mut Taken) -> Result<(), ArchiveError> {
    let mut archive = tar::Archive::new(from);
    for entry in archive.entries().map_err(|_| ArchiveError::Unreadable)? {
        taken.entry()?;
        let mut entry = entry.map_err(|_| ArchiveError::Unreadable)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
        match entry.header().entry_type() {
            tar::EntryType::Regular | tar::EntryType::Continuous => taken.file(&path, &mut entry)?,
            tar::EntryType::Directory | tar::EntryType::XGlobalHeader => {}
            _ => return Err(ArchiveError::Link(path.chars().take(200).collect())),
        }
    }
    Ok(())
}

/// Ends with an error when there is more than may be.
struct Bounded<R> {
    from: R,
    left: usize,
    is_over: bool,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        match self.left.checked_sub(read) {
            Some(left) => self.left = left,
            None => {
                self.is_over = true;
                return Err(io::Error::other("too much"));
            }
        }
        Ok(read)
    }
}

/// The challenge at the top, or in the only folder that is there.
fn top(files: FileSet) -> Result<Unpacked, ArchiveError> {
    if files.get("challenge.toml").is_some() {
        return Ok((None, files));
    }
    let folder =
        files.iter().next().and_then(|(path, _)| path.split_once('/')).map(|(folder, _)| folder.to_owned());
    let Some(folder) = folder else { return Err(ArchiveError::NoChallenge) };
    let mut inner = FileSet::default();
    for (path, text) in files.iter() {
        let Some(path) = path.strip_prefix(&folder).and_then(|path| path.strip_prefix('/')) else {
            return Err(ArchiveError::NoChallenge);
        };
        inner.insert(path, text.to_owned())?;
    }
    if inner.get("challenge.toml").is_none() {
        return Err(ArchiveError::NoChallenge);
    }
    Ok((Some(folder), inner))
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
