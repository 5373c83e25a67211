//! Challenges in a folder on the disk, as their authors keep them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use codementor_core::Challenge;

use crate::files::Files;
use crate::format::{FormatError, parse};

/// Folders within each other in a challenge: `python/wrong` is two.
const MAX_DEPTH: usize = 4;

/// Why a folder gives no challenge.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// What cannot be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is something in it that is neither a file nor a folder, or it is nested too deeply.
    #[error("{}: neither a file nor a folder of a challenge", .0.display())]
    Odd(PathBuf),
    /// There is no `challenge.toml` in it, nor in a folder of it.
    #[error("{}: no challenge.toml here, nor in a folder of it", .0.display())]
    Empty(PathBuf),
    /// A file of it is at fault.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// The challenge in a folder, or those in its folders. Links are not followed.
///
/// # Errors
/// Says which path is at fault.
pub fn folder(path: &Path) -> Result<Vec<Challenge>, FolderError> {
    let path = path.canonicalize().map_err(|source| FolderError::Read { path: path.to_owned(), source })?;
    let is_challenge = |path: &Path| path.join("challenge.toml").is_file();
    let folders = if is_challenge(&path) {
        vec![path]
    } else {
        let found: Vec<PathBuf> = entries(&path)?.into_iter().filter(|path| is_challenge(path)).collect();
        if found.is_empty() {
            return Err(FolderError::Empty(path));
        }
        found
    };
    folders.iter().map(|folder| one(folder)).collect()
}

fn one(folder: &Path) -> Result<Challenge, FolderError> {
    let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = Files::default();
    gather(folder, "", 0, &mut |name, bytes| {
        files.insert(name, bytes).map_err(|error| FormatError::new(&id, &error.to_string()).into())
    })?;
    Ok(parse(&id, files)?)
}

/// Takes in a file by its name within the challenge.
type Take<'a> = dyn FnMut(&str, Vec<u8>) -> Result<(), FolderError> + 'a;

fn gather(folder: &Path, prefix: &str, depth: usize, take: &mut Take<'_>) -> Result<(), FolderError> {
    for path in entries(folder)? {
        let fault = |source| FolderError::Read { path: path.clone(), source };
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        let kind = fs::symlink_metadata(&path).map_err(fault)?.file_type();
        if kind.is_file() {
            take(&name, fs::read(&path).map_err(fault)?)?;
        } else if kind.is_dir() && depth < MAX_DEPTH {
            gather(&path, &format!("{name}/"), depth + 1, take)?;
        } else {
            return Err(FolderError::Odd(path));
        }
    }
    Ok(())
}

/// What a folder holds, by name; hidden files are nobody's challenge.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let fault = |source| FolderError::Read { path: folder.to_owned(), source };
    let found = fs::read_dir(folder).map_err(fault)?;
    let mut paths =
        found.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(fault)?;
    paths.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenges() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("challenges")
    }

    #[test]
    fn a_folder_gives_what_is_built_in() {
        assert_eq!(folder(&challenges()).unwrap(), crate::builtin().unwrap());
        let one = folder(&challenges().join("pair-sum")).unwrap();
        assert_eq!(one.iter().map(|challenge| challenge.id.as_str()).collect::<Vec<_>>(), ["pair-sum"]);
    }

    #[test]
    fn what_is_no_challenge_is_named() {
        let text = folder(&challenges().join("pair-sum/python")).unwrap_err().to_string();
        assert!(text.contains("no challenge.toml"), "{text}");
        assert!(matches!(folder(Path::new("/no/such/folder")), Err(FolderError::Read { .. })));
    }
}
