//! Tracks made by hand, and the real ones where `CODEMENTOR_CORPUS` says that they are.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn track(practice: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "config.json",
        &format!(r#"{{"slug":"python","exercises":{{"practice":[{practice}]}}}}"#),
    );
    write(dir.path(), "LICENSE", "MIT License");
    let leap = "exercises/practice/leap";
    write(dir.path(), &format!("{leap}/leap.py"), "def leap_year(year):\n    pass\n");
    write(dir.path(), &format!("{leap}/leap_test.py"), "import unittest\n");
    write(dir.path(), &format!("{leap}/.meta/example.py"), "def leap_year(year):\n    return True\n");
    write(dir.path(), &format!("{leap}/.docs/instructions.md"), "# Instructions\n\nIs it one?");
    write(
        dir.path(),
        &format!("{leap}/.meta/config.json"),
        r#"{"authors":["ada"],"contributors":["grace","ada"],"files":{"solution":["leap.py"],"test":["leap_test.py"],"example":[".meta/example.py"]}}"#,
    );
    dir
}

const LEAP: &str = r#"{"slug":"leap","name":"Leap","uuid":"x","practices":["bools"],"difficulty":4}"#;

fn entries(dir: &tempfile::TempDir) -> Vec<Entry> {
    exercism(&Folder::open(dir.path()).unwrap()).unwrap()
}

fn why(entry: &Entry) -> &str {
    &entry.exercise.as_ref().unwrap_err().0
}

#[test]
fn an_exercise_is_read_whole() {
    let dir = track(LEAP);
    let entries = entries(&dir);
    let leap = entries[0].exercise.as_ref().unwrap();
    assert_eq!((leap.id.as_str(), leap.difficulty), ("exercism-python-leap", Difficulty::Medium));
    assert_eq!((leap.statement.as_str(), leap.license.as_str()), ("Is it one?", "MIT"));
    assert_eq!(leap.authors, ["ada", "grace"]);
    assert_eq!((leap.starter.name.as_str(), leap.tests.name.as_str()), ("leap.py", "leap_test.py"));
    assert!(leap.source.ends_with("/python/tree/main/exercises/practice/leap"));
    assert_eq!((leap.hints.len(), leap.topics.as_slice()), (3, &["math".to_owned()][..]));
}

#[test]
fn what_is_left_out_says_why() {
    let practice = [
        r#"{"slug":"old","name":"Old","difficulty":1,"status":"deprecated"}"#,
        r#"{"slug":"gone","name":"Gone","difficulty":1}"#,
        r#"{"slug":"../leap","name":"Out","difficulty":1}"#,
        LEAP,
    ];
    let dir = track(&practice.join(","));
    let leap = dir.path().join("exercises/practice/leap");
    fs::remove_file(leap.join("leap_test.py")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", leap.join("leap_test.py")).unwrap();
    let entries = entries(&dir);
    assert!(why(&entries[0]).contains("deprecated"));
    assert!(why(&entries[1]).contains("not in this checkout"));
    assert!(why(&entries[2]).contains("slug"));
    assert!(why(&entries[3]).contains("links"), "{}", why(&entries[3]));
}

#[test]
fn only_tracks_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let open = || exercism(&Folder::open(dir.path()).unwrap());
    assert!(matches!(open(), Err(TrackError::Folder(_))));
    write(dir.path(), "config.json", "{}");
    assert!(matches!(open(), Err(TrackError::Config(_))));
    write(dir.path(), "config.json", r#"{"slug":"cobol","exercises":{"practice":[]}}"#);
    assert!(matches!(open(), Err(TrackError::Track(_))));
}

#[test]
fn the_real_tracks_are_read() {
    let Some(corpus) = std::env::var_os("CODEMENTOR_CORPUS") else { return };
    for track in ["python", "javascript"] {
        let folder = Folder::open(&PathBuf::from(&corpus).join("exercism").join(track)).unwrap();
        let entries = exercism(&folder).unwrap();
        let there = entries.iter().filter(|entry| entry.exercise.is_ok()).count();
        let missing = |entry: &&Entry| entry.exercise.as_ref().is_err_and(|skip| skip.0.contains("checkout"));
        let deprecated =
            |entry: &&Entry| entry.exercise.as_ref().is_err_and(|skip| skip.0.contains("deprecated"));
        let left_out = entries.iter().filter(missing).count() + entries.iter().filter(deprecated).count();
        assert_eq!(there + left_out, entries.len(), "{track}");
        assert!(there >= 10, "{there} of {track}");
    }
}
