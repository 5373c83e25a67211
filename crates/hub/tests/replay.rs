//! What updates do to a text, told as changes; recordings of whole sessions against plain models of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use bytes::Bytes;
use codementor_core::UserId;
use codementor_hub::document::{Document, Splice};
use codementor_hub::outline::Fit;
use codementor_hub::wire::Update;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, OffsetKind, Options, ReadTxn, Text, Transact};

fn seeded() -> StdRng {
    let seed = std::env::var("CODEMENTOR_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(rand::random);
    println!("CODEMENTOR_TEST_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// Somebody who types, with what of the others' they have not heard yet.
struct Typist {
    user: UserId,
    doc: Doc,
    heard: usize,
}

impl Typist {
    fn new(id: u64) -> Self {
        let client_id = ClientID::new(id);
        let options = Options { client_id, offset_kind: OffsetKind::Utf16, ..Options::default() };
        Self { user: UserId::new(), doc: Doc::with_options(options), heard: 0 }
    }

    fn hear(&mut self, updates: &[(UserId, Vec<u8>)]) {
        for (_, update) in &updates[self.heard..] {
            self.doc.transact_mut().apply_update(yrs::Update::decode_v1(update).unwrap()).unwrap();
        }
        self.heard = updates.len();
    }

    /// Types or deletes somewhere, also in the middle of characters.
    fn act(&mut self, rng: &mut StdRng) -> Vec<u8> {
        let shared = self.doc.get_or_insert_text("code");
        let mut edit = self.doc.transact_mut();
        for _ in 0..rng.random_range(1..3) {
            let length = shared.len(&edit);
            if length > 2 && rng.random_bool(0.35) {
                let at = rng.random_range(0..length - 1);
                shared.remove_range(&mut edit, at, rng.random_range(1..=(length - at).min(5)));
            } else {
                let piece = ["a", "let x = 1;\n", "é", "日本", "😀", "🦀🦀b", "}\n"][rng.random_range(0..7)];
                shared.insert(&mut edit, rng.random_range(0..=length), piece);
            }
        }
        edit.encode_update_v1()
    }
}

/// Updates of some people who type at once, in an order in which a room may get them.
fn session(rng: &mut StdRng, people: u64, edits: usize) -> Vec<(UserId, Vec<u8>)> {
    let mut typists: Vec<Typist> = (0..people).map(|n| Typist::new(1_000 + n * 77)).collect();
    let mut updates = Vec::new();
    for _ in 0..edits {
        let who = rng.random_range(0..typists.len());
        if rng.random_bool(0.5) {
            typists[who].hear(&updates);
        }
        updates.push((typists[who].user, typists[who].act(rng)));
    }
    updates
}

fn read(bytes: &[u8]) -> Update {
    Update::read(Bytes::copy_from_slice(bytes)).expect("an honest update")
}

/// Does a change on plain units, as an editor without a CRDT would; the text is always a text in between.
fn change(units: &mut Vec<u16>, splice: &Splice) {
    let from = splice.at as usize;
    units.splice(from..from + splice.delete as usize, splice.insert.encode_utf16());
    assert!(String::from_utf16(units).is_ok(), "{splice:?} leaves half a character");
}

#[test]
fn the_changes_that_are_told_lead_to_the_same_text() {
    let mut rng = seeded();
    let (mut cut, mut edits) = (0, 0);
    for _ in 0..400 {
        let updates = session(&mut rng, 3, 30);
        let mut document = Document::new();
        let mut expected: Vec<u16> = Vec::new();
        for (author, update) in &updates {
            // Who looks away for a while misses nothing afterwards.
            if rng.random_bool(0.1) {
                document.take(*author, &read(update)).unwrap();
                expected = document.text().encode_utf16().collect();
                continue;
            }
            let (fit, splices) = document.take_traced(*author, &read(update)).unwrap();
            assert!(fit == Fit::New || splices.is_empty());
            splices.iter().for_each(|splice| change(&mut expected, splice));
            assert_eq!(String::from_utf16(&expected).unwrap(), document.text(), "{splices:?}");
            assert_eq!(document.take_traced(*author, &read(update)), Ok((Fit::Known, Vec::new())));
            edits += 1;
            cut += splices.iter().filter(|splice| splice.insert == "\u{fffd}\u{fffd}").count();
        }
    }
    println!("{edits} updates, {cut} characters cut");
    assert!(cut > 100, "hardly any character was cut, so it was not tried");
}

#[test]
fn a_whole_document_and_edits_by_place_are_told_as_well() {
    let mut rng = seeded();
    for _ in 0..100 {
        let updates = session(&mut rng, 3, 20);
        let mut typist = Typist::new(5);
        typist.hear(&updates);
        let whole = typist.doc.transact().encode_state_as_update_v1(&yrs::StateVector::default());
        let mut document = Document::new();
        // The first ones came one by one.
        for (_, update) in &updates[..rng.random_range(0..10)] {
            document.take(typist.user, &read(update)).unwrap();
        }
        let mut expected: Vec<u16> = document.text().encode_utf16().collect();
        let (_, splices) = document.take_traced(typist.user, &read(&whole)).unwrap();
        splices.iter().for_each(|splice| change(&mut expected, splice));
        assert_eq!(String::from_utf16(&expected).unwrap(), document.text());
        for _ in 0..20 {
            let length = expected.len() as u32;
            let place = (rng.random_range(0..=length + 2), rng.random_range(0..=length + 2));
            let piece = ["", "a", "😀", "b\n"][rng.random_range(0..4)];
            if let Some((_, splices)) = document
                .splice_traced(UserId::new(), rng.random_range(1 << 32..1 << 40), place, piece)
                .unwrap()
            {
                splices.iter().for_each(|splice| change(&mut expected, splice));
            }
            assert_eq!(String::from_utf16(&expected).unwrap(), document.text());
        }
    }
}
