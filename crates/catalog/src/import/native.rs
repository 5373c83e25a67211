//! Challenges in the native format: a folder of one, or a folder of such folders.

use codementor_core::ChallengeId;
use codementor_core::catalogue::{FileSet, MAX_FILE_BYTES, MAX_STORED};

use super::folder::{Folder, FolderError, Kind};
use super::{Found, Skip};

/// Folders within each other.
const MAX_DEPTH: usize = 6;

/// Reads the challenge that a folder is, or those that are in it, by name.
///
/// # Errors
/// When the folder cannot be read, or is none of challenges.
pub fn native(folder: &Folder) -> Result<Vec<Found>, FolderError> {
    let entries = folder.list("")?;
    if entries.iter().any(|entry| entry.name == "challenge.toml") {
        let name = folder.name().unwrap_or_default();
        return Ok(vec![found(name, folder)]);
    }
    let folders =
        entries.into_iter().filter(|entry| entry.kind != Kind::File && !entry.name.starts_with('.'));
    let mut all = Vec::new();
    for entry in folders.take(MAX_STORED as usize) {
        all.push(match folder.folder(&entry.name) {
            Ok(inner) => found(entry.name, &inner),
            Err(error) => Found {
                name: entry.name,
                files: Err(Skip::because(error)),
                promises: Vec::new(),
                notes: Vec::new(),
            },
        });
    }
    Ok(all)
}

fn found(name: String, folder: &Folder) -> Found {
    let files = id(&name).and_then(|id| Ok((id, files(folder)?)));
    Found { name, files, promises: Vec::new(), notes: Vec::new() }
}

fn id(name: &str) -> Result<ChallengeId, Skip> {
    name.parse().map_err(|_| {
        Skip::because("the folder's name is no slug (a-z, 0-9 and single hyphens, 2 to 64 characters)")
    })
}

/// Every file of a folder, however deep.
fn files(folder: &Folder) -> Result<FileSet, Skip> {
    let mut files = FileSet::default();
    add(folder, "", 0, &mut files)?;
    if files.get("challenge.toml").is_none() {
        return Err(Skip::because("there is no challenge.toml in it"));
    }
    Ok(files)
}

fn add(folder: &Folder, path: &str, depth: usize, files: &mut FileSet) -> Result<(), Skip> {
    if depth > MAX_DEPTH {
        return Err(Skip::because(format!("{path}: more than {MAX_DEPTH} folders within each other")));
    }
    for entry in folder.list(path).map_err(Skip::because)? {
        let inner = if path.is_empty() { entry.name } else { format!("{path}/{}", entry.name) };
        match entry.kind {
            Kind::Folder => add(folder, &inner, depth + 1, files)?,
            Kind::File => {
                let bytes = folder.read(&inner, MAX_FILE_BYTES).map_err(Skip::because)?;
                files.insert_bytes(&inner, bytes).map_err(Skip::because)?;
            }
            Kind::Other => return Err(Skip::because(format!("{inner}: links and devices are not read"))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn one_challenge_or_many() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["pair-sum", "Not_a_slug", "empty"] {
            write(dir.path(), &format!("{name}/tests.toml"), "x");
        }
        write(dir.path(), "pair-sum/challenge.toml", "x");
        write(dir.path(), "pair-sum/python/wrong/a b.py", "y");
        write(dir.path(), "README.md", "not a challenge");
        std::os::unix::fs::symlink("pair-sum", dir.path().join("link")).unwrap();
        let many = native(&Folder::open(dir.path()).unwrap()).unwrap();
        let told: Vec<_> = many.iter().map(|found| (found.name.as_str(), found.files.is_ok())).collect();
        assert_eq!(told, [("Not_a_slug", false), ("empty", false), ("link", false), ("pair-sum", true)]);
        let one = native(&Folder::open(&dir.path().join("pair-sum")).unwrap()).unwrap();
        let (id, files) = one[0].files.as_ref().unwrap();
        assert_eq!((id.as_str(), files.len(), files.get("python/wrong/a b.py")), ("pair-sum", 3, Some("y")));
    }

    #[test]
    fn links_within_a_challenge_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "it/challenge.toml", "x");
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("it/statement.md")).unwrap();
        let found = native(&Folder::open(dir.path()).unwrap()).unwrap();
        let why = found[0].files.as_ref().unwrap_err();
        assert!(why.0.contains("statement.md"), "{why}");
    }
}
