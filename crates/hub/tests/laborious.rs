//! Frames that are sound and make much work: what is one block is joined before the library sees it, and the rest is bounded. Honest
//! work of the same size passes.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod frames;
mod seeds;

use bytes::Bytes;
use codementor_core::UserId;
use codementor_hub::document::{Document, MAX_RUNS, Refusal};
use codementor_hub::outline::Fit;
use codementor_hub::wire::read::{Malformed, write_bytes, write_number};
use codementor_hub::wire::state_vector::StateVector;
use codementor_hub::wire::update::MAX_BLOCKS;
use codementor_hub::wire::{Clock, Update};
use codementor_protocol::session_event::TextRoom;
use frames::{Each, block, deletions, letters, letters_from, ranges};
use rand::RngExt;
use seeds::seeded;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, Text, Transact};

const LONGEST: Clock = 1 << 20;

fn eve() -> UserId {
    UserId::from_bytes([1; 16])
}

/// A text of one run, written by client 5.
fn pasted(length: Clock) -> Document {
    let mut document = guarded();
    let _ = document.splice(eve(), 5, (0, 0), &"x".repeat(length as usize)).unwrap();
    document
}

fn guarded() -> Document {
    let mut document = Document::new();
    document.guard();
    document
}

/// Does as a room does with what a client tells.
fn tell(document: &mut Document, frame: Bytes) -> Result<Fit, Refusal> {
    let update = Update::read_told(frame).unwrap();
    document.take_traced(eve(), &update).map(|(fit, _)| fit)
}

fn plain() -> Doc {
    Doc::with_options(Options { offset_kind: OffsetKind::Utf16, ..Options::default() })
}

fn text_of(doc: &Doc) -> String {
    doc.get_or_insert_text("code").get_string(&doc.transact())
}

#[test]
fn what_somebody_wrote_on_is_one_block() {
    let count = 100_000;
    let frame = letters(5, count, Each::Behind);
    let mut document = guarded();
    assert_eq!(tell(&mut document, frame), Ok(Fit::New));
    assert_eq!(document.length(), count);
    assert!(document.text().starts_with("abcdefghijklmnopqrstuvwxyzab"));
    assert!(document.diff(&StateVector::default()).len() < count as usize + 32);
}

#[test]
fn what_is_joined_says_the_same() {
    let mut rng = seeded();
    let mut joined = 0;
    for _ in 0..200 {
        // Two who write at once and hear of each other now and then.
        let mut people = [(3, Document::new()), (9, Document::new())];
        let mut told: Vec<Bytes> = Vec::new();
        let mut heard = [0, 0];
        let mut carets = [0, 0];
        for _ in 0..rng.random_range(1..60) {
            let who = usize::from(rng.random_bool(0.5));
            let (client, document) = &mut people[who];
            if rng.random_bool(0.1) {
                for update in &told[heard[who]..] {
                    document.take(eve(), &Update::read(update.clone()).unwrap()).unwrap();
                }
                heard[who] = told.len();
            }
            if rng.random_bool(0.2) {
                carets[who] = rng.random_range(0..=document.length());
            }
            let from = carets[who].min(document.length());
            let to = if rng.random_bool(0.1) { from + 2 } else { from };
            let insert = ["a", "é", "bc", "日", "x"][rng.random_range(0..5)];
            if let Some(update) = document.splice(eve(), *client, (from, to), insert).unwrap() {
                carets[who] = from + Clock::try_from(insert.encode_utf16().count()).unwrap();
                told.push(update);
            }
        }
        let apart: Bytes = yrs::merge_updates_v1(&told).unwrap().into();
        let read = Update::read(apart.clone()).unwrap();
        joined += usize::from(read.bytes.len() < apart.len());
        assert_eq!(Update::read(read.bytes.clone()), Ok(read.clone()), "joining again changes nothing");
        let (one, other) = (plain(), plain());
        for (doc, bytes) in [(&one, &apart), (&other, &read.bytes)] {
            doc.transact_mut().apply_update(yrs::Update::decode_v1(bytes).unwrap()).unwrap();
        }
        let mut ours = Document::new();
        ours.take(eve(), &read).unwrap();
        assert_eq!((text_of(&one), text_of(&one)), (text_of(&other), ours.text()));
        // What comes later finds its place in both.
        let end = one.get_or_insert_text("code").len(&one.transact());
        let at = rng.random_range(0..=end);
        let later = ours.splice(eve(), 77, (at, at + 1), "!").unwrap().unwrap();
        for doc in [&one, &other] {
            doc.transact_mut().apply_update(yrs::Update::decode_v1(&later).unwrap()).unwrap();
        }
        assert_eq!((text_of(&one), text_of(&other)), (ours.text(), ours.text()));
    }
    assert!(joined > 100, "{joined} of 200 had anything to be joined");
}

#[test]
fn more_blocks_than_anybody_writes_are_not_even_read() {
    let most = Clock::try_from(MAX_BLOCKS).unwrap();
    assert!(Update::read_told(letters(5, most, Each::Before)).is_ok());
    assert_eq!(Update::read_told(letters(5, most + 1, Each::Before)), Err(Malformed::TooManyEdits));
    assert!(Update::read_told(letters(5, most + 1, Each::Behind)).is_ok(), "they are one");
    assert_eq!(Update::read_told(deletions(5, 300_000, 2)), Err(Malformed::TooManyEdits));
    // What is kept already was bounded when it came.
    assert!(Update::read(letters(5, most + 1, Each::Before)).is_ok());
}

#[test]
fn who_makes_everybody_search_is_refused_and_nothing_has_changed() {
    let mut document = guarded();
    assert_eq!(tell(&mut document, letters(5, 60_000, Each::Before)), Ok(Fit::New));
    let before = document.text();
    // Each of these stands in conflict with all of those.
    let laborious = Err(Refusal::TooLaborious);
    assert_eq!(tell(&mut document, letters(6, 1_000, Each::Before)), laborious);
    assert_eq!(document.text(), before);
    assert_eq!(document.state_vector().0.get(&6), None);
    assert_eq!(tell(&mut document, letters(6, 3, Each::Before)), Ok(Fit::New));
    let end = document.length();
    let honest = document.splice_traced(eve(), 7, (0, end), "all new").unwrap();
    assert!(honest.is_some());
    assert_eq!(document.text(), "all new");
}

#[test]
fn pieces_that_deletions_leave_are_searched_too() {
    let mut document = pasted(64 * 1024);
    assert_eq!(document.runs().count(), 1);
    assert_eq!(tell(&mut document, deletions(5, 32 * 1024, 2)), Ok(Fit::New));
    assert_eq!(document.runs().count(), 64 * 1024, "each letter stands for itself");
    assert_eq!(tell(&mut document, letters(6, 200, Each::Before)), Err(Refusal::TooLaborious));
    assert_eq!(tell(&mut document, letters(6, 3, Each::Before)), Ok(Fit::New));
    // What is deleted as a whole is one piece again.
    assert_eq!(tell(&mut document, ranges(5, [(0, 64 * 1024)])), Ok(Fit::New));
    assert_eq!(document.runs().count(), 4);
    assert_eq!(document.text(), "cba");
}

#[test]
fn who_cuts_a_long_text_everywhere_is_refused_and_who_replaces_a_word_is_not() {
    let mut document = pasted(LONGEST);
    assert_eq!(tell(&mut document, deletions(5, 50_000, 20)), Err(Refusal::TooLaborious));
    assert_eq!((document.length(), document.runs().count()), (LONGEST, 1));
    // In the longest text, every hundredth of all words is another one.
    assert_eq!(tell(&mut document, deletions(5, LONGEST / 500, 500)), Ok(Fit::New));
    // In one as long as a judge takes, every second letter.
    let mut document = pasted(64 * 1024);
    assert_eq!(tell(&mut document, deletions(5, 32 * 1024, 2)), Ok(Fit::New));
    assert_eq!(document.length(), 32 * 1024);
    // All of that is deleted at once.
    let all = document.splice_traced(eve(), 9, (0, 32 * 1024), "").unwrap().unwrap().0;
    assert!(Update::read_told(all).is_ok());
    assert_eq!(document.text(), "");
}

#[test]
fn what_the_library_counts_from_the_front_is_paid_for() {
    // The same edits, from the first to the last place and the other way round.
    let frame = |is_back: bool| {
        let count = 30_000;
        let mut bytes = Vec::new();
        for number in [1, count.into(), 7, 0] {
            write_number(&mut bytes, number);
        }
        for n in 0..count {
            let at = 2 * if is_back { count - 1 - n } else { n };
            block(&mut bytes, (Some((5, at)), Some((5, at + 1))), b"z");
        }
        write_number(&mut bytes, 0);
        Bytes::from(bytes)
    };
    let mut document = pasted(64 * 1024);
    assert_eq!(tell(&mut document, frame(true)), Err(Refusal::TooLaborious));
    assert_eq!((document.length(), document.runs().count()), (64 * 1024, 1));
    assert_eq!(tell(&mut document, frame(false)), Ok(Fit::New));
    assert_eq!((document.length(), document.runs().count()), (94 * 1024 - 720, 60_001));
}

#[test]
fn what_an_editor_changes_everywhere_is_taken() {
    // Windows line ends become others in 256 Ki, as one edit.
    let line = "let x = 1; // thirty letters..\r\n";
    let mut document = guarded();
    let _ = document.splice(eve(), 5, (0, 0), &line.repeat(8 * 1024)).unwrap();
    let length = Clock::try_from(line.len()).unwrap();
    let ends = (0..8 * 1024).map(|n| (n * length + length - 2, 1));
    assert_eq!(tell(&mut document, ranges(5, ends)), Ok(Fit::New));
    assert_eq!(document.text(), line.replace('\r', "").repeat(8 * 1024));
}

#[test]
fn ranges_that_overlap_are_told_as_one() {
    let mut document = pasted(5_000);
    let often = ranges(5, (0..200_000).map(|n| (1 + n % 3, 4_000)));
    let update = Update::read_told(often.clone()).unwrap();
    assert_eq!(update.bytes, ranges(5, [(1, 4_002)]));
    assert_eq!(tell(&mut document, often), Ok(Fit::New));
    assert_eq!((document.length(), document.runs().count()), (998, 3));

    let mut rng = seeded();
    for _ in 0..500 {
        let mut ours = pasted(60);
        let theirs = plain();
        let whole = ours.diff(&StateVector::default());
        theirs.transact_mut().apply_update(yrs::Update::decode_v1(&whole).unwrap()).unwrap();
        for _ in 0..rng.random_range(1..5) {
            let some = (0..rng.random_range(1..8)).map(|_| {
                let start = rng.random_range(0..60);
                (start, rng.random_range(1..=60 - start))
            });
            let frame = ranges(5, some.collect::<Vec<_>>());
            theirs.transact_mut().apply_update(yrs::Update::decode_v1(&frame).unwrap()).unwrap();
            assert_ne!(tell(&mut ours, frame).unwrap(), Fit::Gap);
        }
        assert_eq!(ours.text(), text_of(&theirs));
        assert_eq!(ours.length() as usize, ours.text().len());
    }
}

#[test]
fn what_is_not_taken_leaves_nothing() {
    let mut document = pasted(60_000);
    // Cuts the text a thousand times, and then two wait for each other.
    let mut bytes = Vec::new();
    for number in [3, 1_000, 7, 0] {
        write_number(&mut bytes, number);
    }
    for at in 0..1_000 {
        block(&mut bytes, (Some((5, at)), Some((5, at + 1))), b"z");
    }
    for (own, other) in [(8, 9), (9, 8)] {
        for number in [1, own, 0] {
            write_number(&mut bytes, number);
        }
        block(&mut bytes, (Some((other, 0)), None), b"z");
    }
    write_number(&mut bytes, 0);
    assert_eq!(tell(&mut document, bytes.into()), Ok(Fit::Gap));
    assert_eq!(document.runs().count(), 1);
    assert_eq!(document.splice(eve(), 7, (1, 1), "x").map(|update| update.is_some()), Ok(true));
    assert_eq!(document.runs().count(), 3);
}

#[test]
fn a_text_that_is_told_again_as_deleted_stands() {
    let mut document = pasted(3);
    let mut bytes = Vec::new();
    for number in [1, 1, 5, 0] {
        write_number(&mut bytes, number);
    }
    bytes.push(1);
    write_number(&mut bytes, 1);
    write_bytes(&mut bytes, b"code");
    write_number(&mut bytes, 3);
    write_number(&mut bytes, 0);
    // Yjs does not look at what it knows.
    assert_eq!(tell(&mut document, bytes.into()), Ok(Fit::Known));
    assert_eq!((document.length(), document.text().len()), (3, 3));
}

#[test]
fn deletions_part_a_text_into_so_many_runs() {
    let mut document = pasted(LONGEST);
    let mut refused = 0;
    // From the front, so that none is too laborious.
    for part in 0..128 {
        let from = part * (LONGEST / 128);
        let every = (0..LONGEST / 256).map(|n| (from + 2 * n, 1));
        match tell(&mut document, ranges(5, every)) {
            Ok(fit) => assert_eq!(fit, Fit::New),
            Err(refusal) => {
                assert_eq!(refusal, Refusal::TooLarge);
                refused += 1;
            }
        }
    }
    let runs = document.runs().count();
    assert!((2 * MAX_RUNS - 8192..=2 * MAX_RUNS).contains(&runs) && refused > 90, "{runs}, {refused}");
    assert_eq!(document.room(), TextRoom::Spent);
    assert_eq!(tell(&mut document, ranges(5, [(0, LONGEST)])), Ok(Fit::New));
    assert_eq!((document.length(), document.runs().count()), (0, 1));
    assert_eq!(document.room(), TextRoom::Free);
}

#[test]
fn a_document_of_very_many_runs_takes_deletions_only() {
    let mut document = guarded();
    let mut most = Clock::try_from(MAX_BLOCKS).unwrap();
    let mut clock = 0;
    // As much as fits, in ever smaller parts.
    while most > 0 {
        match tell(&mut document, letters_from(5, clock, most, Each::Before)) {
            Ok(_) => clock += most,
            Err(refusal) => {
                assert_eq!(refusal, Refusal::TooLarge);
                most /= 2;
            }
        }
    }
    let runs = document.runs().count();
    assert!((MAX_RUNS - 8..=MAX_RUNS).contains(&runs), "{runs}");
    assert_eq!(document.room(), TextRoom::Spent);
    assert_eq!(document.splice(eve(), 7, (0, 0), "x"), Err(Refusal::TooLarge));
    assert_eq!(document.splice(eve(), 7, (0, 10), "").map(|update| update.is_some()), Ok(true));
    // It can be opened again.
    let whole = Update::read(document.diff(&StateVector::default()).into()).unwrap();
    assert_eq!(Document::restore(&whole, []).unwrap().text(), document.text());
}
