//! Updates that were bent: whatever the reader admits, the CRDT library takes without harm, and a late joiner sees the same.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

mod seeds;

use bytes::Bytes;
use codementor_hub::outline::{Fit, Outline};
use codementor_hub::wire::{Message, Update};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use seeds::{cases, seeded};
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, Transact};

fn doc(client: u64) -> Doc {
    let options = Options {
        client_id: yrs::block::ClientID::new(client),
        offset_kind: OffsetKind::Utf16,
        ..Options::default()
    };
    Doc::with_options(options)
}

fn text(doc: &Doc) -> String {
    let text = doc.get_or_insert_text("code");
    text.get_string(&doc.transact())
}

fn whole(doc: &Doc) -> Vec<u8> {
    doc.transact().encode_state_as_update_v1(&StateVector::default())
}

fn apply(doc: &Doc, bytes: &[u8]) {
    doc.transact_mut().apply_update(yrs::Update::decode_v1(bytes).unwrap()).unwrap();
}

/// A document as a room holds it, with its outline.
struct Room {
    doc: Doc,
    outline: Outline,
}

impl Room {
    fn new() -> Self {
        Self { doc: doc(1), outline: Outline::default() }
    }

    /// Offers an update; tells whether it was taken. Checks all that a room promises.
    fn offer(&mut self, bytes: &[u8]) -> Option<Fit> {
        let update = Update::read(Bytes::copy_from_slice(bytes)).ok()?;
        let before = whole(&self.doc);
        let fit = self.outline.take(&update).ok()?;
        match fit {
            Fit::New => apply(&self.doc, bytes),
            Fit::Known => {
                apply(&self.doc, bytes);
                assert_eq!(whole(&self.doc), before, "what was known changed something: {update:?}");
            }
            Fit::Gap => {}
        }
        Some(fit)
    }

    fn check(&self) {
        assert!(!self.doc.transact().has_missing_updates(), "something waits in the document");
        let known: std::collections::BTreeMap<u64, u32> =
            self.doc.transact().state_vector().iter().map(|(client, clock)| (client.get(), *clock)).collect();
        assert_eq!(self.outline.state_vector().0, known);
        let late = doc(3);
        apply(&late, &whole(&self.doc));
        assert_eq!(text(&late), text(&self.doc), "a late joiner sees something else");
    }
}

/// Updates of three people who type at once, in an order in which a room may get them.
fn session(rng: &mut StdRng) -> Vec<Vec<u8>> {
    let docs: Vec<Doc> = (0..3).map(|n| doc(1_000 + n * 77)).collect();
    let mut updates: Vec<Vec<u8>> = Vec::new();
    let mut seen = [0; 3];
    for _ in 0..rng.random_range(2..14) {
        let who = rng.random_range(0..docs.len());
        if rng.random_bool(0.5) {
            for update in &updates[seen[who]..] {
                apply(&docs[who], update);
            }
            seen[who] = updates.len();
        }
        let shared = docs[who].get_or_insert_text("code");
        let length = shared.len(&docs[who].transact());
        let mut edit = docs[who].transact_mut();
        if length > 2 && rng.random_bool(0.3) {
            let at = rng.random_range(0..length - 1);
            shared.remove_range(&mut edit, at, rng.random_range(1..=(length - at).min(3)));
        } else {
            let piece = ["a", "let x = 1;\n", "é", "日本", "😀", "}\n"][rng.random_range(0..6)];
            shared.insert(&mut edit, rng.random_range(0..=length), piece);
        }
        updates.push(edit.encode_update_v1());
    }
    updates
}

fn bend(rng: &mut StdRng, bytes: &[u8]) -> Vec<u8> {
    let mut bent = bytes.to_vec();
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..bent.len().max(1));
        match rng.random_range(0..5) {
            0 if at < bent.len() => bent[at] ^= 1 << rng.random_range(0..8),
            1 if at < bent.len() => bent[at] = rng.random(),
            2 if at < bent.len() => drop(bent.remove(at)),
            3 => bent.insert(at.min(bent.len()), rng.random()),
            _ => bent.truncate(at),
        }
    }
    bent
}

#[test]
fn honest_updates_are_taken_and_bent_ones_do_no_harm() {
    let mut rng = seeded();
    let (mut tried, mut taken) = (0, 0);
    while tried < cases(20_000) {
        let updates = session(&mut rng);
        let mut room = Room::new();
        for update in &updates {
            for _ in 0..4 {
                tried += 1;
                let bent = bend(&mut rng, update);
                taken += u32::from(room.offer(&bent) == Some(Fit::New));
            }
            // It may clash with what a bent one claimed.
            let _ = room.offer(update);
        }
        room.check();
    }
    println!("{taken} of {tried} bent updates were taken");
    assert!(taken > 0, "nothing that was bent came through, so nothing was tried");
}

#[test]
fn honest_sessions_fit_in_order_and_repeat_to_nothing() {
    let mut rng = StdRng::seed_from_u64(7);
    for _ in 0..200 {
        let updates = session(&mut rng);
        let mut room = Room::new();
        for update in &updates {
            // Two may delete the same.
            assert!(matches!(room.offer(update), Some(Fit::New | Fit::Known)), "{update:?}");
        }
        for update in &updates {
            assert_eq!(room.offer(update), Some(Fit::Known));
        }
        room.check();
        // All at once, as a late joiner's answer brings it.
        let mut other = Room::new();
        assert_eq!(other.offer(&whole(&room.doc)), Some(Fit::New));
        assert_eq!(text(&other.doc), text(&room.doc));
        assert_eq!(units(&other.outline), units(&room.outline));
    }
}

#[test]
fn known_attacks_are_refused() {
    let attacks: &[(&str, &str)] = &[
        ("poison of every later encoding", "010105 04a8012d017dc4030104010203"),
        ("panic on applying", "010101b1c4b1bc2f00b11600"),
        ("allocation of 512 MiB", "ffffff7f"),
        ("a forged block that collects garbage", "0101010000 0a00"),
        ("a skip", "010101000a0500"),
        ("a client twice", "0201010004010463 6f64650161 010100 00050 0"),
        ("another root", "01010100040105 6f74686572 0161 00"),
        ("a sub-document", "0101010009010463 6f6465 0161 00"),
        ("an embed", "0101010005010463 6f6465 027b7d 00"),
        ("a clock of 2^32 - 1", "010101ffffffff0f 04010463 6f6465 0161 00"),
        ("a deletion of 2^32 - 1", "0001010100ffffffff0f"),
    ];
    for (what, hex) in attacks {
        let hex: String = hex.chars().filter(|c| !c.is_whitespace()).collect();
        let bytes: Bytes =
            (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect();
        assert!(Update::read(bytes.clone()).is_err(), "{what}");
        let frame = codementor_hub::wire::message::update(&bytes);
        assert!(Message::read(&frame.into()).is_err(), "{what}");
    }
}

#[test]
fn every_message_cut_anywhere_is_refused() {
    let mut rng = StdRng::seed_from_u64(11);
    for update in session(&mut rng) {
        for frame in
            [codementor_hub::wire::message::update(&update), codementor_hub::wire::message::step_2(&update)]
        {
            let frame = Bytes::from(frame);
            assert!(Message::read(&frame).is_ok());
            for end in 1..frame.len() {
                assert!(Message::read(&frame.slice(..end)).is_err(), "cut at {end}");
            }
            assert!(Message::read(&[&frame[..], &[0]].concat().into()).is_err(), "garbage behind it");
        }
    }
}

/// The order unit by unit, however it is cut into runs.
fn units(outline: &Outline) -> Vec<(u64, u32)> {
    outline.runs().flat_map(|(id, length)| (0..length).map(move |n| (id.client, id.clock + n))).collect()
}
