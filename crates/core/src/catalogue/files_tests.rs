//! Paths, bounds and hashes of files.

use super::*;

fn set(files: &[(&str, &str)]) -> FileSet {
    let mut set = FileSet::default();
    for (path, text) in files {
        set.insert(path, (*text).to_owned()).unwrap();
    }
    set
}

#[test]
fn paths_stay_inside() {
    let mut files = FileSet::default();
    for bad in ["", "/x", "x/", "a//b", "..", "a/../b", "./a", "a\\b", "c:x", "a\nb", "a\0", &"x".repeat(161)]
    {
        let told = files.insert(bad, String::new());
        assert!(matches!(told, Err(FileSetError::Path(_))), "{bad:?}");
    }
    for good in ["challenge.toml", "python/wrong/too slow.py", "data/ü.txt", "..x", ".hidden"] {
        files.insert(good, String::new()).unwrap();
    }
    assert_eq!(files.len(), 5);
}

#[test]
fn no_file_is_another_ones_folder() {
    let mut files = set(&[("a/b", "x"), ("c", "x")]);
    for path in ["a", "c/d", "c/d/e"] {
        assert_eq!(files.insert(path, String::new()), Err(FileSetError::Folder(path.to_owned())));
    }
    files.insert("a/b", "y".to_owned()).unwrap();
    files.insert("a-b", "y".to_owned()).unwrap();
    assert_eq!(files.get("a/b"), Some("y"));
}

#[test]
fn bounds_hold_and_leave_what_was() {
    let mut files = FileSet::default();
    let large = "x".repeat(MAX_FILE_BYTES);
    assert!(matches!(files.insert("x", format!("{large}x")), Err(FileSetError::Large(_))));
    assert!(matches!(files.insert_bytes("x", vec![0xff]), Err(FileSetError::Text(_))));
    assert!(matches!(files.insert_bytes("x", vec![0]), Err(FileSetError::Text(_))));
    for number in 0..8 {
        files.insert(&format!("f{number}"), large.clone()).unwrap();
    }
    assert!(matches!(files.insert("one-more", "x".to_owned()), Err(FileSetError::Whole(_))));
    // In place of another of its size there is room.
    files.insert("f0", large).unwrap();
    assert_eq!((files.len(), files.bytes()), (8, MAX_CONTENT_BYTES));
    let mut many = FileSet::default();
    for number in 0..MAX_FILES {
        many.insert(&format!("f{number}"), String::new()).unwrap();
    }
    assert!(matches!(many.insert("g", String::new()), Err(FileSetError::Many(_))));
    many.insert("f0", "x".to_owned()).unwrap();
}

#[test]
fn a_hash_tells_contents_apart() {
    let hash = set(&[("a", "bc"), ("d", "")]).hash();
    assert_eq!(hash, set(&[("d", ""), ("a", "bc")]).hash());
    for other in [set(&[("a", "b"), ("cd", "")]), set(&[("a", "bc")]), set(&[("ab", "c"), ("d", "")])] {
        assert_ne!(hash, other.hash());
    }
    assert_eq!(hash.to_string().parse(), Ok(hash));
    for bad in ["", "xy", &hash.to_string().to_uppercase(), &hash.to_string()[..63], &"é".repeat(32)] {
        assert!(bad.parse::<ContentHash>().is_err(), "{bad}");
    }
}
