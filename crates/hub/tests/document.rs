//! Who may write what in a shared text, and that clients without a CRDT see one truth with those that have one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use bytes::Bytes;
use codementor_core::UserId;
use codementor_hub::document::{Document, MAX_TEXT, Refusal};
use codementor_hub::outline::Fit;
use codementor_hub::sequence::Lie;
use codementor_hub::wire::Update;
use codementor_hub::wire::state_vector::StateVector;
use codementor_hub::wire::update::{Id, Range, encode_edit};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, Text, Transact};

fn client(id: u64) -> Doc {
    let client_id = ClientID::new(id);
    Doc::with_options(Options { client_id, offset_kind: OffsetKind::Utf16, ..Options::default() })
}

fn insert(doc: &Doc, at: u32, text: &str) -> Vec<u8> {
    let shared = doc.get_or_insert_text("code");
    let mut edit = doc.transact_mut();
    shared.insert(&mut edit, at, text);
    edit.encode_update_v1()
}

fn hear(doc: &Doc, bytes: &[u8]) {
    doc.transact_mut().apply_update(yrs::Update::decode_v1(bytes).unwrap()).unwrap();
}

fn text(doc: &Doc) -> String {
    let shared = doc.get_or_insert_text("code");
    shared.get_string(&doc.transact())
}

fn take(document: &mut Document, author: UserId, bytes: &[u8]) -> Result<Fit, Refusal> {
    document.take(author, &Update::read(Bytes::copy_from_slice(bytes)).expect("an honest update"))
}

#[test]
fn a_client_belongs_to_who_first_wrote_as_it() {
    let (ada, ben) = (UserId::new(), UserId::new());
    let mut document = Document::new();
    let tab = client(7);
    assert_eq!(take(&mut document, ada, &insert(&tab, 0, "let")), Ok(Fit::New));
    let next = insert(&tab, 3, " x");
    assert_eq!(take(&mut document, ben, &next), Err(Refusal::Foreign(7)));
    assert_eq!(document.text(), "let");
    assert_eq!(take(&mut document, ada, &next), Ok(Fit::New));
    // Whoever passes on what is known already does no harm.
    assert_eq!(take(&mut document, ben, &next), Ok(Fit::Known));
    let all = tab.transact().encode_state_as_update_v1(&yrs::StateVector::default());
    assert_eq!(take(&mut document, ben, &all), Ok(Fit::Known));
    assert_eq!((document.owner(7), document.owner(8)), (Some(ada), None));
    // Deleting is everybody's right.
    let other = client(8);
    hear(&other, &all);
    let shared = other.get_or_insert_text("code");
    let mut edit = other.transact_mut();
    shared.remove_range(&mut edit, 0, 4);
    let deletion = edit.encode_update_v1();
    drop(edit);
    assert_eq!(take(&mut document, ben, &deletion), Ok(Fit::New));
    assert_eq!(document.text(), "x");
}

#[test]
fn what_has_a_gap_is_not_taken_until_it_is_filled() {
    let ada = UserId::new();
    let mut document = Document::new();
    let tab = client(7);
    let updates: Vec<Vec<u8>> = (0..4).map(|n| insert(&tab, n, "a")).collect();
    assert_eq!(take(&mut document, ada, &updates[2]), Ok(Fit::Gap));
    assert_eq!(take(&mut document, ada, &updates[0]), Ok(Fit::New));
    assert_eq!(take(&mut document, ada, &updates[2]), Ok(Fit::Gap));
    assert_eq!(document.text(), "a");
    let known = document.state_vector().0.into_iter().map(|(c, n)| (ClientID::new(c), n)).collect();
    let rest = tab.transact().encode_diff_v1(&known);
    assert_eq!(take(&mut document, ada, &rest), Ok(Fit::New));
    assert_eq!(document.text(), "aaaa");
    assert_eq!(take(&mut document, ada, &updates[2]), Ok(Fit::Known));
}

#[test]
fn what_is_told_again_is_told_with_the_neighbours_that_it_had() {
    let ada = UserId::new();
    let mut document = Document::new();
    let at = |clock| Id { client: 7, clock };
    let edit = |clock, left: Option<u32>, right: Option<u32>, insert: &str| {
        encode_edit(at(clock), (left.map(at), right.map(at)), insert, &[])
    };
    assert_eq!(take(&mut document, ada, &edit(0, None, None, "🦀")), Ok(Fit::New));
    assert_eq!(take(&mut document, ada, &edit(2, Some(1), None, "b")), Ok(Fit::New));
    // A part of these is known. Yjs would part the crab for them, and this library would not.
    for (left, right) in [(Some(0), None), (Some(0), Some(1)), (Some(1), Some(0)), (None, None)] {
        let lie = take(&mut document, ada, &edit(2, left, right, "bc"));
        assert_eq!(lie, Err(Refusal::Lie(Lie)), "{left:?} {right:?}");
    }
    assert_eq!(document.text(), "🦀b");
    assert_eq!(take(&mut document, ada, &edit(2, Some(1), None, "bc")), Ok(Fit::New));
    assert_eq!(take(&mut document, ada, &edit(3, Some(2), None, "cd")), Ok(Fit::New));
    assert_eq!(take(&mut document, ada, &edit(0, None, None, "🦀bcde")), Ok(Fit::New));
    assert_eq!(document.text(), "🦀bcde");
}

#[test]
fn what_is_known_is_left_out_of_what_is_passed_on() {
    let ada = UserId::new();
    let mut document = Document::new();
    let edit = |clock, left, insert: &str| {
        let left = if clock == 0 { None } else { Some(Id { client: 7, clock: left }) };
        encode_edit(Id { client: 7, clock }, (left, None), insert, &[])
    };
    assert_eq!(take(&mut document, ada, &edit(0, 0, "🦀🦀co")), Ok(Fit::New));
    let read = |bytes: Vec<u8>| Update::read_told(bytes.into()).unwrap();
    let news = |document: &Document, bytes| document.news(&read(bytes)).map(|news| news.into_owned());
    // A part of it, from within a character on, and one unit more.
    assert_eq!(news(&document, edit(3, 2, "xcod")), Ok(read(edit(6, 5, "d"))));
    assert_eq!(news(&document, edit(0, 0, "🦀🦀code")), Ok(read(edit(6, 5, "de"))));
    // As deleted.
    let deleted = |clock, left, length| Bytes::from(vec![1, 1, 7, clock, 0x81, 7, left, length, 0]);
    let told = Update::read_told(deleted(3, 2, 4)).unwrap();
    let news_of_it = document.news(&told).unwrap();
    assert_eq!(news_of_it.bytes, deleted(6, 5, 1));
    // All of it, beside what is deleted.
    let ranges = [Range { client: 7, start: 4, end: 5 }];
    let told = encode_edit(Id { client: 7, clock: 0 }, (None, None), "🦀🦀co", &ranges);
    let only = encode_edit(Id { client: 7, clock: 0 }, (None, None), "", &ranges);
    assert_eq!(news(&document, told), Ok(read(only)));
    // Nobody wrote half a character.
    assert_eq!(news(&document, edit(5, 4, "🦀")), Err(Refusal::Lie(Lie)));
    // What is new is as it was.
    let new = read(edit(6, 5, "de"));
    assert!(matches!(document.news(&new), Ok(std::borrow::Cow::Borrowed(_))));
    assert_eq!(document.take(ada, &news_of_it), Ok(Fit::New));
    assert_eq!(document.text(), "🦀🦀co");
}

#[test]
fn a_text_has_a_bound_and_can_shrink_below_it() {
    let ada = UserId::new();
    let mut document = Document::new();
    let tab = client(7);
    let half = "x".repeat(usize::try_from(MAX_TEXT).unwrap() / 2);
    assert_eq!(take(&mut document, ada, &insert(&tab, 0, &half)), Ok(Fit::New));
    assert_eq!(take(&mut document, ada, &insert(&tab, 0, &half)), Ok(Fit::New));
    assert_eq!(take(&mut document, ada, &insert(&client(8), 0, "y")), Err(Refusal::TooLarge));
    assert_eq!(u64::try_from(document.text().len()).unwrap(), MAX_TEXT);
    assert!(document.splice(ada, 9, (0, 10), "").unwrap().is_some());
    assert_eq!(take(&mut document, ada, &insert(&client(8), 0, "y")), Ok(Fit::New));
}

/// What the edit means, on a plain string of UTF-16 units.
fn splice(units: &mut Vec<u16>, from: u32, to: u32, insert: &str) {
    let units_of = |at: u32| usize::try_from(at).unwrap().min(units.len());
    let inside = |at: usize, units: &[u16]| {
        at > 0
            && at < units.len()
            && (0xdc00..0xe000).contains(&units[at])
            && (0xd800..0xdc00).contains(&units[at - 1])
    };
    let (mut from, mut to) = (units_of(from), units_of(to));
    from -= usize::from(inside(from, units));
    to -= usize::from(inside(to, units));
    units.splice(from..to.max(from), insert.encode_utf16());
}

#[test]
fn edits_by_place_mean_what_they_say_and_reach_everybody() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    for _ in 0..60 {
        let (ada, ben) = (UserId::new(), UserId::new());
        let mut document = Document::new();
        let tab = client(7);
        let mut expected: Vec<u16> = Vec::new();
        for _ in 0..40 {
            let length = u32::try_from(expected.len()).unwrap();
            if rng.random_bool(0.6) {
                let (from, to) = (rng.random_range(0..=length + 2), rng.random_range(0..=length + 2));
                let piece = ["", "a", "b\n", "é", "😀", "日本"][rng.random_range(0..6)];
                splice(&mut expected, from, to, piece);
                if let Some(update) = document.splice(ben, 1_000_000, (from, to), piece).unwrap() {
                    hear(&tab, &update);
                }
            } else {
                let at = rng.random_range(0..=length);
                let piece = ["x", "yz", "\n"][rng.random_range(0..3)];
                let cut = at > 0 && (0xd800..0xdc00).contains(&expected[at as usize - 1]);
                if !cut {
                    expected.splice(at as usize..at as usize, piece.encode_utf16());
                    assert_eq!(take(&mut document, ada, &insert(&tab, at, piece)), Ok(Fit::New));
                }
            }
            assert_eq!(document.text(), String::from_utf16(&expected).unwrap());
            assert_eq!(text(&tab), document.text());
        }
        let late = client(9);
        hear(&late, &document.diff(&StateVector::default()));
        assert_eq!(text(&late), document.text());
    }
}
