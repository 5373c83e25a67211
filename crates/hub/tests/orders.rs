//! Whatever edits are taken, and whichever of them are lies that nobody can see: everybody ends with the same text, in whatever order they
//! hear of them, and so does the document that is made from it.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod seeds;

use bytes::Bytes;
use codementor_core::UserId;
use codementor_hub::document::{Document, Refusal};
use codementor_hub::outline::Fit;
use codementor_hub::sequence::Lie;
use codementor_hub::wire::read::Reader;
use codementor_hub::wire::state_vector::StateVector;
use codementor_hub::wire::update::{Id, Range, encode_edit};
use codementor_hub::wire::{ClientId, Clock, Update};
use rand::RngExt;
use rand::rngs::StdRng;
use seeds::{cases, seeded};
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, Transact};

/// A text, and what its writer says stood on both sides.
type Edit = (Id, Option<Id>, Option<Id>, &'static str);

fn id(client: ClientId, clock: Clock) -> Option<Id> {
    Some(Id { client, clock })
}

fn bytes((at, left, right, text): Edit) -> Bytes {
    encode_edit(at, (left, right), text, &[]).into()
}

fn take(document: &mut Document, edit: Edit) -> Result<Fit, Refusal> {
    document.take(UserId::from_bytes([1; 16]), &Update::read_told(bytes(edit)).unwrap())
}

fn restored(document: &Document) -> Document {
    let whole = Update::read(document.diff(&StateVector::default()).into()).unwrap();
    Document::restore(&whole, []).unwrap()
}

/// In an order in which each comes after what it builds on.
fn shuffled(rng: &mut StdRng, edits: &[Edit]) -> Vec<Edit> {
    let (mut left, mut order): (Vec<Edit>, Vec<Edit>) = (edits.to_vec(), Vec::new());
    while !left.is_empty() {
        let edit = left[rng.random_range(0..left.len())];
        let own = edit.0.clock.checked_sub(1).map(|clock| Id { clock, ..edit.0 });
        let is_there = |id: &Id| {
            order.iter().any(|(at, .., text)| {
                at.client == id.client && (at.clock..at.clock + text.len() as Clock).contains(&id.clock)
            })
        };
        if own.iter().chain(&edit.1).chain(&edit.2).all(is_there) {
            left.retain(|other| *other != edit);
            order.push(edit);
        }
    }
    order
}

fn read_by_the_library(edits: &[Edit]) -> String {
    let doc = Doc::with_options(Options { offset_kind: OffsetKind::Utf16, ..Options::default() });
    for edit in edits {
        doc.transact_mut().apply_update(yrs::Update::decode_v1(&bytes(*edit)).unwrap()).unwrap();
    }
    doc.get_or_insert_text("code").get_string(&doc.transact())
}

#[test]
fn whatever_is_taken_is_the_same_in_every_order() {
    let mut rng = seeded();
    let mut lies = 0;
    for _ in 0..cases(3_000) {
        let mut document = Document::new();
        document.guard();
        let clients: Vec<ClientId> = (0..5).map(|_| rng.random_range(1..100)).collect();
        let (mut edits, mut written): (Vec<Edit>, Vec<Id>) = (Vec::new(), Vec::new());
        while edits.len() < 7 {
            let client = clients[rng.random_range(0..clients.len())];
            let at = Id { client, clock: document.state_vector().0.get(&client).copied().unwrap_or(0) };
            let mut any = || {
                let one = rng.random_range(0..=written.len());
                written.get(one).copied()
            };
            let (left, right) = (any(), any());
            let text = ["a", "bc", "def"][rng.random_range(0..3)];
            let edit = (at, left, right, text);
            match take(&mut document, edit) {
                Ok(fit) => {
                    assert_eq!(fit, Fit::New);
                    edits.push(edit);
                    written.extend((0..text.len() as Clock).map(|n| Id { clock: at.clock + n, ..at }));
                }
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::Lie(Lie));
                    lies += 1;
                }
            }
        }
        let text = document.text();
        let mut again = restored(&document);
        assert_eq!(again.text(), text, "{edits:?}");
        let first = |document: &mut Document| {
            document.splice(UserId::from_bytes([2; 16]), 999, (1, 3), "").unwrap();
            document.text()
        };
        assert_eq!(first(&mut again), format!("{}{}", &text[..1], &text[3..]), "{edits:?}");
        for _ in 0..3 {
            let order = shuffled(&mut rng, &edits);
            assert_eq!(read_by_the_library(&order), text, "{edits:?} as {order:?}");
            let mut other = Document::new();
            order.iter().for_each(|edit| assert_eq!(take(&mut other, *edit), Ok(Fit::New), "{order:?}"));
            assert_eq!(other.text(), text);
        }
    }
    assert!(lies > 0);
}

#[test]
fn what_a_neighbour_was_written_beside_was_known_too() {
    let at = |client, clock| Id { client, clock };
    let mut document = Document::new();
    for edit in [
        (at(51, 0), None, None, "fc"),
        (at(53, 0), id(51, 0), id(51, 1), "ag"),
        (at(10, 0), id(51, 0), id(51, 1), "tg"),
    ] {
        assert_eq!(take(&mut document, edit), Ok(Fit::New));
    }
    // Who knew 10:0 knew what it was written behind.
    assert_eq!(take(&mut document, (at(82, 0), None, id(10, 0), "k")), Err(Refusal::Lie(Lie)));
    // And who knew 53:1, what it was written before.
    assert_eq!(take(&mut document, (at(82, 0), id(53, 1), None, "k")), Err(Refusal::Lie(Lie)));
    assert_eq!(take(&mut document, (at(82, 0), id(51, 0), id(10, 0), "k")), Ok(Fit::New));
    assert_eq!(restored(&document).text(), document.text());
}

#[test]
fn what_was_taken_can_be_restored() {
    let at = |client, clock| Id { client, clock };
    let mut document = Document::new();
    let edits = [
        (at(10, 0), None, None, "ab"),
        (at(53, 0), id(10, 1), None, "cd"),
        (at(81, 0), id(10, 0), None, "ef"),
        // The lie.
        (at(72, 0), None, id(53, 0), "gh"),
        (at(53, 2), id(53, 1), id(81, 0), "i"),
    ];
    let taken = edits.map(|edit| take(&mut document, edit).is_ok());
    assert_eq!(taken[..4], [true, true, true, false]);
    assert_eq!(restored(&document).text(), document.text());
}

/// The blocks in which the library holds what a client wrote: whose, from which clock, how long.
fn blocks(document: &Document) -> Vec<(ClientId, Clock, Clock)> {
    let bytes = document.diff(&StateVector::default());
    let mut reader = Reader::new(&bytes);
    let mut blocks = Vec::new();
    for _ in 0..reader.count(5).unwrap() {
        let count = reader.count(2).unwrap();
        let (client, mut clock) = (reader.client().unwrap(), reader.clock().unwrap());
        for _ in 0..count {
            let info = reader.byte().unwrap();
            for _ in 0..(info >> 7) + (info >> 6 & 1) {
                reader.client().unwrap();
                reader.clock().unwrap();
            }
            if info >> 6 == 0 {
                reader.number(1).unwrap();
                reader.text().unwrap();
            }
            let is_text = info & 0x1f == 4;
            let length =
                if is_text { reader.text().unwrap().len() as Clock } else { reader.clock().unwrap() };
            blocks.push((client, clock, length));
            clock += length;
        }
    }
    blocks
}

#[test]
fn runs_are_no_longer_than_the_blocks_that_the_library_has() {
    let mut rng = seeded();
    let (mut same, mut all) = (0, 0);
    for _ in 0..cases(300) {
        let mut document = Document::new();
        let mut written: Vec<Id> = Vec::new();
        for _ in 0..40 {
            let any = |rng: &mut StdRng| written.get(rng.random_range(0..=written.len())).copied();
            let update = if rng.random_bool(0.6) {
                let client = rng.random_range(1..4);
                let clock = document.state_vector().0.get(&client).copied().unwrap_or(0);
                let (left, right) = (any(&mut rng), any(&mut rng));
                bytes((
                    Id { client, clock },
                    left,
                    right,
                    ["a", "bc", "def", "ghijkl"][rng.random_range(0..4)],
                ))
            } else {
                let some = (0..rng.random_range(1..4)).filter_map(|_| any(&mut rng));
                let mut ranges: Vec<_> = some.map(|at| (at.client, at.clock, at.clock + 1)).collect();
                ranges.sort_unstable();
                ranges.dedup();
                let ranges: Vec<_> =
                    ranges.into_iter().map(|(client, start, end)| Range { client, start, end }).collect();
                encode_edit(Id { client: 1, clock: 0 }, (None, None), "", &ranges).into()
            };
            let update = Update::read_told(update).unwrap();
            if document.take(UserId::from_bytes([1; 16]), &update) != Ok(Fit::New) {
                continue;
            }
            for section in &update.sections {
                let clocks = section.start()..section.end();
                written.extend(clocks.map(|clock| Id { client: section.client, clock }));
            }
            let blocks = blocks(&document);
            for (id, length) in document.runs() {
                let is_within = |(client, start, long): &(ClientId, Clock, Clock)| {
                    *client == id.client && *start <= id.clock && id.clock + length <= start + long
                };
                assert!(blocks.iter().any(is_within), "{id:?} {length}: {blocks:?}");
            }
            same += usize::from(document.runs().count() == blocks.len());
            all += 1;
        }
    }
    assert!(same * 100 > all * 98, "{same} of {all}: what the library joins again is rare");
}
