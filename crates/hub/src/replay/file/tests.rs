//! Files that come back as they went, and files that somebody bent.

use std::io::{Read, Write};

use base64::Engine;
use bytes::Bytes;
use codementor_core::journal::{Entry, Kind};
use codementor_core::{Timestamp, UserId};
use flate2::Compression;
use flate2::write::GzEncoder;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::document::Document;

/// A small session of two, with events.
fn entries() -> Vec<Entry> {
    let (ada, ben) = (UserId::new(), UserId::new());
    let mut document = Document::new();
    let mut entries = Vec::new();
    let edits = [
        (None, 1, (0, 0), "fn main() {}\n"),
        (Some(ada), 2, (11, 11), "\n    // 😀\n"),
        (Some(ben), 3, (0, 2), "pub fn"),
        (Some(ada), 2, (4, 9), ""),
    ];
    for (n, (author, client, place, text)) in edits.into_iter().enumerate() {
        let writer = author.unwrap_or(UserId::from_bytes([0; 16]));
        let data = document.splice(writer, client, place, text).unwrap().unwrap();
        let at = |ms| Timestamp::from_ms(1_700_000_000_000 + 1_000 * n as i64 + ms);
        let seq = 2 * n as u64 + 1;
        entries.push(Entry { seq, at: at(0), author, kind: Kind::Edit, data });
        let data = Bytes::from_static(b"{ \"type\": \"chat\", \"data\": \"\\u00e9 \\\"\xf0\x9f\xa6\x80\" }");
        entries.push(Entry { seq: seq + 1, at: at(7), author, kind: Kind::Event, data });
    }
    entries
}

fn about() -> Value {
    json!({ "title": "Two sum\nagain", "people": [1, 2], "nested": { "a": null } })
}

/// A file of any lines, with a sum that is right.
fn forged(header: &str, lines: &[u8], behind: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(format!("{header}\n").into_bytes(), Compression::fast());
    packer.write_all(lines).unwrap();
    let mut file = packer.finish().unwrap();
    file.extend_from_slice(behind);
    let end = trailer(Sha256::new_with_prefix(&file));
    file.extend_from_slice(end.as_bytes());
    file
}

fn header(entries: u64) -> String {
    format!("{{\"format\":\"codementor-session\",\"version\":1,\"session\":null,\"entries\":{entries}}}")
}

fn refused(file: &[u8]) -> String {
    read(file).expect_err("the file should have been refused").to_string()
}

#[test]
fn a_session_comes_back_as_it_went() {
    let entries = entries();
    let file = write(Vec::new(), &about(), &entries).unwrap();
    assert!(file.starts_with(b"{\"format\":\"codementor-session\",\"version\":1,\"session\":{"));
    let imported = read(&file[..]).unwrap();
    assert_eq!((imported.session, &imported.entries), (about(), &entries));
    let text = imported.recording.text_at(u64::MAX);
    assert_eq!(text, "pub in() {\n    // 😀\n}\n");
    assert_eq!(imported.recording.authors_at(1)[0].author, None);
    // Written again, it is the same.
    assert_eq!(write(Vec::new(), &about(), &imported.entries).unwrap(), file);
    let empty = write(Vec::new(), &Value::Null, &[]).unwrap();
    assert_eq!(read(&empty[..]).unwrap().entries, []);
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let file = write(Vec::new(), &about(), &entries()).unwrap();
    for end in 0..file.len() {
        assert!(matches!(read(&file[..end]), Err(FileError::Foreign | FileError::Damaged)), "cut at {end}");
    }
    assert!(matches!(read(&[&file[..], b"\n"].concat()[..]), Err(FileError::Damaged)));
}

#[test]
fn a_file_with_other_bytes_is_refused() {
    let file = write(Vec::new(), &about(), &entries()).unwrap();
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut bent = file.clone();
            bent[at] ^= 1 << bit;
            assert!(read(&bent[..]).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn bent_lines_with_a_right_sum_do_no_harm() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let entries = entries();
    let mut lines = Vec::new();
    let file = write(Vec::new(), &Value::Null, &entries).unwrap();
    let packed = &file[header(entries.len() as u64).len() + 1..];
    flate2::bufread::GzDecoder::new(packed).read_to_end(&mut lines).unwrap();
    assert_eq!(read(&forged(&header(entries.len() as u64), &lines, b"")[..]).unwrap().entries, entries);
    let mut taken = 0;
    for _ in 0..1_000 {
        let mut bent = lines.clone();
        let at = rng.random_range(0..bent.len());
        match rng.random_range(0..3) {
            0 => bent[at] = rng.random(),
            1 => bent[at] = b"0123456789ABab\"{}\n"[rng.random_range(0..18)],
            _ => drop(bent.remove(at)),
        }
        if let Ok(imported) = read(&forged(&header(entries.len() as u64), &bent, b"")[..]) {
            taken += 1;
            std::hint::black_box(imported.recording.authors_at(imported.recording.last_seq()));
            write(Vec::new(), &Value::Null, &imported.entries).expect("what is read can be written");
        }
    }
    println!("{taken} of 1000 were taken");
}

#[test]
fn what_is_wrong_is_told() {
    let line = |rest: &str| format!("{{\"seq\":1,\"at\":5,\"author\":null,{rest}}}\n");
    let event = line("\"event\":\"{}\"");
    let is_refused = |entries, lines: &str, why: &str| {
        assert_eq!(refused(&forged(&header(entries), lines.as_bytes(), b"")), why, "{lines}");
    };
    is_refused(1, &line("\"event\":\"{\""), "entry 1: its event is no JSON");
    is_refused(1, &line("\"edit\":\"AAA\""), "entry 1: its edit is no base64");
    is_refused(1, &line("\"edit\":\"AAAA\""), "entry 1 is no edit: something follows the message");
    is_refused(1, &line("\"edit\":\"AAA=\",\"event\":\"1\""), "entry 1: it is neither an edit nor an event");
    is_refused(1, &line("\"more\":1"), "entry 1: its line makes no sense");
    is_refused(1, &event.replace("5", "-5"), "entry 1: its time is out of range");
    is_refused(1, &event.replace("1", "3"), "entry 3 comes where 1 should");
    let older = event.replace('1', "2").replace('5', "4");
    is_refused(2, &format!("{event}{older}"), "entry 2 is older than the one before it");
    is_refused(2, &event, "the file should have 2 entries, and has not");
    is_refused(1, &format!("{event}{event}"), "the file should have 1 entries, and has not");
    is_refused(1, event.trim_end(), "the file is packed in a way that is not known here");
    let second = base64(&entries()[2]);
    is_refused(1, &line(&format!("\"edit\":\"{second}\"")), "entry 1 builds on an edit that is missing");
    is_refused(2_000_001, &event, "the session is larger than a file may be");
    for (bent, why) in [
        (header(1).replace("codementor", "other"), "this is no file of a session"),
        (
            header(1).replace("\"version\":1", "\"version\":2"),
            "the file has the version 2, which is not known here",
        ),
        (header(1).replace("\"entries\":1", "\"entries\":-1"), "this is no file of a session"),
        ("{".repeat(10_000), "this is no file of a session"),
        (" ".repeat(MAX_HEADER) + &header(1), "this is no file of a session"),
    ] {
        assert_eq!(refused(&forged(&bent, event.as_bytes(), b"")), why);
    }
    let followed = forged(&header(1), event.as_bytes(), b"more");
    assert_eq!(refused(&followed), "the file is packed in a way that is not known here");
    let two = forged(
        &header(1),
        event.as_bytes(),
        &GzEncoder::new(Vec::new(), Compression::fast()).finish().unwrap(),
    );
    assert_eq!(refused(&two), "the file is packed in a way that is not known here");
    let file = forged(&header(1), event.as_bytes(), b"");
    assert!(matches!(read_while(&file[..], |seq| seq > 1), Err(FileError::Stopped)));
}

fn base64(entry: &Entry) -> String {
    base64::engine::general_purpose::STANDARD.encode(&entry.data)
}

#[test]
fn a_bomb_is_not_unpacked() {
    let pack = |bytes: &[u8]| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let long = vec![b' '; MAX_LINE as usize + 1];
    let file = forged(&header(1), &long, b"");
    assert!(file.len() < 100_000 && matches!(read(&file[..]), Err(FileError::TooLarge)), "one endless line");
    // Many lines: no more than a bound is unpacked, which is a smaller one here.
    let packed = pack(&b"{}\n".repeat(1 << 18));
    for (most, fits) in [(3 << 18, true), ((3 << 18) - 1, false), (1_000, false)] {
        let mut lines = read::Lines::new(&packed, most);
        let mut count = 0;
        let end = loop {
            match lines.next() {
                Ok(Some(line)) => assert_eq!(line, b"{}"),
                Ok(None) => break true,
                Err(error) => {
                    assert!(matches!(error, FileError::TooLarge));
                    break false;
                }
            }
            count += 1;
        };
        assert_eq!((end, count * 3 <= most + 1), (fits, true));
    }
    assert!(matches!(read(io::repeat(b'{')), Err(FileError::TooLarge)));
}

#[test]
fn what_nobody_could_read_is_not_written() {
    let entries = entries();
    let second = &entries[1..2];
    assert!(matches!(write(Vec::new(), &Value::Null, second), Err(FileError::Unfit(Unfit::Order { .. }))));
    let mut broken = entries[1].clone();
    (broken.seq, broken.data) = (1, Bytes::from_static(b"\xff"));
    assert!(matches!(write(Vec::new(), &Value::Null, &[broken]), Err(FileError::Line { seq: 1, .. })));
    assert!(matches!(
        write(Vec::new(), &Value::String("x".repeat(MAX_HEADER)), &[]),
        Err(FileError::TooLarge)
    ));
    let mut writer = Writer::new(Vec::new(), &Value::Null, 2).unwrap();
    writer.push(&entries[0]).unwrap();
    assert!(matches!(writer.finish(), Err(FileError::Count { expected: 2 })));
}
