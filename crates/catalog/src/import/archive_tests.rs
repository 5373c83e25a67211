//! Archives that people send, and archives that they must not.

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn files(files: &[(&str, &str)]) -> FileSet {
    let mut set = FileSet::default();
    for (path, text) in files {
        set.insert(path, (*text).to_owned()).unwrap();
    }
    set
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive.start_file(*path, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tarred(add: impl FnOnce(&mut tar::Builder<GzEncoder<Vec<u8>>>)) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    add(&mut archive);
    archive.into_inner().unwrap().finish().unwrap()
}

fn put(archive: &mut tar::Builder<GzEncoder<Vec<u8>>>, path: &str, bytes: &[u8], kind: tar::EntryType) {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    // The library refuses to write what must be refused when read.
    let name = &mut header.as_old_mut().name;
    name[..path.len()].copy_from_slice(path.as_bytes());
    if kind.is_symlink() {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    archive.append(&header, bytes).unwrap();
}

fn code(archive: &[u8]) -> &'static str {
    unpack(archive).unwrap_err().code()
}

#[test]
fn what_was_packed_comes_back() {
    let set =
        files(&[("challenge.toml", "x"), ("python/wrong/ü.py", "y\n"), ("data/big", &"z".repeat(100_000))]);
    let packed = pack("pair-sum", &set).unwrap();
    assert_eq!(unpack(&packed).unwrap(), (Some("pair-sum".to_owned()), set));
}

#[test]
fn both_kinds_and_both_layouts_are_read() {
    let zip =
        zipped(&[("challenge.toml", b"x"), ("__MACOSX/._challenge.toml", &[0xff]), (".DS_Store", &[0xff])]);
    assert_eq!(unpack(&zip).unwrap(), (None, files(&[("challenge.toml", "x")])));
    let tar = tarred(|archive| {
        put(archive, "it/", b"", tar::EntryType::Directory);
        put(archive, "./it/challenge.toml", b"x", tar::EntryType::Regular);
        put(archive, "it/python/starter.py", b"y", tar::EntryType::Regular);
    });
    let inner = files(&[("challenge.toml", "x"), ("python/starter.py", "y")]);
    assert_eq!(unpack(&tar).unwrap(), (Some("it".to_owned()), inner));
}

#[test]
fn paths_that_lead_out_are_refused() {
    for path in ["../challenge.toml", "/challenge.toml", "a/../../x", "a\\b", "c:/x"] {
        assert_eq!(code(&zipped(&[("challenge.toml", b"x"), (path, b"x")])), "archive_path", "{path}");
        let tar = tarred(|archive| put(archive, path, b"x", tar::EntryType::Regular));
        assert_eq!(code(&tar), "archive_path", "{path}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Char, tar::EntryType::Fifo] {
        assert_eq!(code(&tarred(|archive| put(archive, "x", b"", kind))), "archive_link", "{kind:?}");
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.add_symlink("x", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    assert_eq!(code(&archive.finish().unwrap().into_inner()), "archive_link");
}

#[test]
fn bombs_are_refused_before_they_unpack() {
    let zeros = vec![b' '; MAX_FILE_BYTES];
    let many: Vec<String> = (0..20).map(|number| format!("f{number}")).collect();
    let zip = zipped(&many.iter().map(|path| (path.as_str(), &zeros[..])).collect::<Vec<_>>());
    assert_eq!(code(&zip), "archive_ratio");
    let tar =
        tarred(|archive| many.iter().for_each(|path| put(archive, path, &zeros, tar::EntryType::Regular)));
    assert_eq!(code(&tar), "archive_ratio");
    assert_eq!(code(&zipped(&[("f", &[b' '; MAX_FILE_BYTES + 1])])), "archive_ratio");
    let names: Vec<String> = (0..=MAX_ENTRIES).map(|number| format!("f{number}")).collect();
    let zip = zipped(&names.iter().map(|path| (path.as_str(), &b"x"[..])).collect::<Vec<_>>());
    assert_eq!(code(&zip), "archive_too_many_files");
    assert_eq!(code(&vec![b'x'; MAX_ARCHIVE_BYTES + 1]), "archive_too_large");
}

#[test]
fn what_is_no_archive_or_no_text_is_named() {
    assert_eq!(code(b""), "archive_unreadable");
    assert_eq!(code(&[0x1f, 0x8b, 8, 0]), "archive_unreadable");
    assert_eq!(code(&zipped(&[("challenge.toml", &[0xff])])), "archive_not_text");
    // An archive within is not opened: it is no text.
    assert_eq!(code(&zipped(&[("inner.zip", &zipped(&[("x", &[0xff])]))])), "archive_not_text");
    assert_eq!(code(&zipped(&[("a/x", b"x"), ("b/x", b"x")])), "archive_no_challenge");
    assert_eq!(code(&zipped(&[("x", b"x")])), "archive_no_challenge");
    let whole = zipped(&[("challenge.toml", b"x"), ("b", b"yyyyyyyyyyyy")]);
    for cut in 0..whole.len() {
        assert!(unpack(&whole[..cut]).is_err(), "{cut}");
    }
}
