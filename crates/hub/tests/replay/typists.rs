//! People who type at once, each with a Yjs document as a browser has one.

use bytes::Bytes;
use codementor_core::UserId;
use codementor_hub::wire::Update;
use rand::RngExt;
use rand::rngs::StdRng;
use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, OffsetKind, Options, Text, Transact};

/// Somebody who types, with what of the others' they have not heard yet.
pub struct Typist {
    pub user: UserId,
    pub doc: Doc,
    heard: usize,
}

impl Typist {
    pub fn new(id: u64) -> Self {
        let client_id = ClientID::new(id);
        let options = Options { client_id, offset_kind: OffsetKind::Utf16, ..Options::default() };
        Self { user: UserId::new(), doc: Doc::with_options(options), heard: 0 }
    }

    pub fn hear(&mut self, updates: &[(UserId, Vec<u8>)]) {
        for (_, update) in &updates[self.heard..] {
            self.doc.transact_mut().apply_update(yrs::Update::decode_v1(update).unwrap()).unwrap();
        }
        self.heard = updates.len();
    }

    /// Types or deletes somewhere, also in the middle of characters.
    pub fn act(&mut self, rng: &mut StdRng) -> Vec<u8> {
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
pub fn session(rng: &mut StdRng, people: u64, edits: usize) -> Vec<(UserId, Vec<u8>)> {
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

pub fn read(bytes: &[u8]) -> Update {
    Update::read(Bytes::copy_from_slice(bytes)).expect("an honest update")
}
