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

/// What is written ahead of the frames, at once.
static ZEROS: [u8; 256 * 1024] = [0; 256 * 1024];

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
    /// How far zeros were written for frames to come. A file that does not grow is brought to the disk without its system's own journal.
    prepared: u64,
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
            prepared: frame::HEADER as u64,
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
        let end = self.position + frame.len() as u64;
        self.prepare(end);
        let written = self.file.write_all_at(frame, self.position);
        match written {
            Ok(()) => self.position = end,
            Err(_) => {
                self.torn = true;
                let _ = self.mend();
            }
        }
        written
    }

    /// Writes zeros where a frame that ends at `end`, and those after it, will stand.
    fn prepare(&mut self, end: u64) {
        if end <= self.prepared {
            return;
        }
        if self.file.write_all_at(&ZEROS, self.prepared).is_ok() {
            self.prepared = end.max(self.prepared + ZEROS.len() as u64);
        } else {
            // The frame may still find room, and so may others.
            let _ = self.file.set_len(self.position);
            self.prepared = end;
        }
    }

    /// Cuts off what was written in part.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn {
            self.cut()?;
            self.torn = false;
        }
        Ok(())
    }

    /// Cuts off all behind the last frame.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.position)?;
        self.prepared = self.position;
        Ok(())
    }

    /// Brings all of it to the disk, for good: nothing may be appended any more.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.cut()?;
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
            prepared: 28,
            begun: Instant::now(),
            torn: false,
        };
        for _ in 0..3 {
            assert!(segment.append(b"frame").is_err());
            assert_eq!((segment.len(), segment.torn), (28, true));
        }
        assert!(segment.finish().is_err());
    }

    /// What is written ahead makes no room for itself: what was there for frames stays for frames.
    #[test]
    fn frames_overwrite_what_was_written_ahead_and_the_end_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let mut segment = Segment::create(folder.path(), 1).unwrap();
        let frame = vec![7; 100 * 1024];
        let mut lengths = Vec::new();
        for _ in 0..6 {
            segment.append(&frame).unwrap();
            lengths.push(fs::metadata(&segment.path).unwrap().len());
        }
        lengths.dedup();
        let ahead = ZEROS.len() as u64;
        assert_eq!(lengths, [1, 2, 3].map(|times| frame::HEADER as u64 + times * ahead));
        segment.append(&vec![7; 2 * ZEROS.len()]).unwrap();
        segment.finish().unwrap();
        let written = fs::read(&segment.path).unwrap();
        assert_eq!(written.len() as u64, segment.len());
        assert!(written[frame::HEADER..].iter().all(|byte| *byte == 7));
    }

    #[test]
    fn a_half_written_frame_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let mut segment = Segment::create(&folder.path().join("log"), 1).unwrap();
        segment.append(b"first").unwrap();
        segment.file.write_all_at(b"half", segment.position).unwrap();
        segment.torn = true;
        segment.append(b"x").unwrap();
        segment.finish().unwrap();
        assert!(fs::read(&segment.path).unwrap().ends_with(b"firstx"));
        assert_eq!(list(&folder.path().join("log")).unwrap(), [(1, segment.path.clone())]);
        assert!(Segment::create(&folder.path().join("log"), 1).is_err());
    }
}
