//! Segments: the files of the log, in a folder beside the journal's file. Only the last is written to. The ones before it were
//! brought to the disk whole before the last one got its first frame.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::frame;

/// The folder of a journal's log, by whatever way the journal's path leads to its file, which must be there.
pub(in crate::sqlite::journal) fn folder_of(journal: &Path) -> io::Result<PathBuf> {
    let mut name = OsString::from(journal.canonicalize()?);
    name.push("-log");
    Ok(name.into())
}

/// The segments in a folder, oldest first. None when there is no folder.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut segments = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "seg")
            && let Some(number) = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok())
        {
            segments.push((number, path));
        }
    }
    segments.sort_unstable();
    Ok(segments)
}

/// The segment that is written to.
#[derive(Debug)]
pub(super) struct Segment {
    /// Shared with whoever brings it to the disk meanwhile.
    pub(super) file: Arc<File>,
    pub(super) path: PathBuf,
    number: u64,
    pub(super) salt: u64,
    /// Where the next frame goes.
    position: u64,
    begun: Instant,
    /// Something may stand behind `position` that was never acknowledged.
    torn: bool,
}

impl Segment {
    /// Makes an empty one, and the folder when there is none. Both are on the disk then.
    pub(super) fn create(folder: &Path, number: u64) -> io::Result<Self> {
        if !folder.exists() {
            DirBuilder::new().mode(0o700).create(folder)?;
            sync(folder.parent().unwrap_or(Path::new("/")))?;
        }
        let path = folder.join(format!("{number:08}.seg"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let salt = RandomState::new().build_hasher().finish();
        let segment = Self {
            file: Arc::new(file),
            path,
            number,
            salt,
            position: frame::HEADER as u64,
            begun: Instant::now(),
            torn: false,
        };
        match segment.begin(folder) {
            Ok(()) => Ok(segment),
            Err(error) => {
                // Without a whole header it would count as empty, too.
                let _ = fs::remove_file(&segment.path);
                Err(error)
            }
        }
    }

    fn begin(&self, folder: &Path) -> io::Result<()> {
        self.file.write_all_at(&frame::header(self.number, self.salt), 0)?;
        self.file.sync_all()?;
        sync(folder)
    }

    /// The number of the one after it.
    pub(super) fn next_number(&self) -> u64 {
        self.number + 1
    }

    /// What is left of `age` since it was begun. `None`: there is no frame in it, and it may become older.
    pub(super) fn rest_of(&self, age: Duration) -> Option<Duration> {
        (!self.is_empty()).then(|| age.saturating_sub(self.begun.elapsed()))
    }

    /// Its length in bytes.
    pub(super) fn len(&self) -> u64 {
        self.position
    }

    /// Whether there is no frame in it.
    pub(super) fn is_empty(&self) -> bool {
        self.position == frame::HEADER as u64
    }

    /// Writes a frame behind the last one. When that fails it is as if it was never tried, or will be before the next.
    pub(super) fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        self.mend()?;
        let written = self.file.write_all_at(frame, self.position);
        match written {
            Ok(()) => self.position += frame.len() as u64,
            Err(_) => {
                self.torn = true;
                let _ = self.mend();
            }
        }
        written
    }

    /// Cuts off what was written in part.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.position)?;
            self.torn = false;
        }
        Ok(())
    }

    /// Brings all of it to the disk, for good: nothing may be appended any more.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.mend()?;
        self.file.sync_all()
    }
}

/// Deletes the log, oldest segment first.
pub(super) fn delete_all(folder: &Path) -> io::Result<()> {
    for (_, path) in list(folder)? {
        fs::remove_file(path)?;
    }
    match fs::remove_dir(folder) {
        // Somebody keeps something else in it.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => removed,
    }
}

/// Brings the names in a folder to the disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device that is always full, and cannot be cut.
    #[test]
    fn a_segment_that_cannot_be_mended_takes_nothing_more() {
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut segment = Segment {
            file: Arc::new(file),
            path: PathBuf::from("/dev/full"),
            number: 1,
            salt: 0,
            position: 28,
            begun: Instant::now(),
            torn: false,
        };
        for _ in 0..3 {
            assert!(segment.append(b"frame").is_err());
            assert_eq!((segment.len(), segment.torn), (28, true));
        }
        assert!(segment.finish().is_err());
    }

    #[test]
    fn a_half_written_frame_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let mut segment = Segment::create(&folder.path().join("log"), 1).unwrap();
        segment.append(b"first").unwrap();
        segment.file.write_all_at(b"half", segment.position).unwrap();
        segment.torn = true;
        segment.append(b"x").unwrap();
        assert!(fs::read(&segment.path).unwrap().ends_with(b"firstx"));
        assert_eq!(list(&folder.path().join("log")).unwrap(), [(1, segment.path.clone())]);
        assert!(Segment::create(&folder.path().join("log"), 1).is_err());
    }
}
