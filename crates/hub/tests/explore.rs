//! Exploration: which lies about neighbours make documents diverge.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use codementor_hub::outline::{Fit, Outline};
use codementor_hub::wire::Update;
use codementor_hub::wire::update::Id;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, Transact};

fn doc(client: u64) -> Doc {
    Doc::with_options(Options { client_id: yrs::block::ClientID::new(client), offset_kind: OffsetKind::Utf16, ..Options::default() })
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

#[derive(Clone, Debug)]
struct Unit { id: Id, left: Option<Id>, right: Option<Id> }

#[derive(Default, Clone)]
struct Shadow { units: Vec<Unit> }

impl Shadow {
    fn pos(&self, id: Id) -> Option<usize> { self.units.iter().position(|u| u.id == id) }
    /// false: a lie.
    fn insert(&mut self, id: Id, left: Option<Id>, right: Option<Id>, strict: u8, seen: &std::collections::HashMap<u64, std::collections::HashMap<u64,u32>>) -> bool {
        let mut l = left.map(|x| self.pos(x).unwrap());
        let r = right.map(|x| self.pos(x).unwrap());
        if let (Some(l), Some(r)) = (l, r) && l >= r { return false; }
        if strict >= 1 {
            // Nothing that the writer knows may stand between.
            let from = l.map_or(0, |l| l + 1);
            let to = r.unwrap_or(self.units.len());
            let known = seen.get(&id.client);
            for u in &self.units[from..to] {
                let knows = u.id.client == id.client || known.is_some_and(|k| k.get(&u.id.client).is_some_and(|c| u.id.clock < *c));
                if knows { return false; }
            }
        }
        let mut o = l.map_or(0, |l| l + 1);
        let mut before = Vec::new(); let mut conflicting = Vec::new();
        while o < self.units.len() && Some(o) != r {
            let u = &self.units[o];
            before.push(u.id); conflicting.push(u.id);
            if u.left == left {
                if u.id.client < id.client { l = Some(o); conflicting.clear(); }
                else if u.right == right { break; }
            } else if u.left.is_some_and(|x| before.contains(&x)) {
                if !u.left.is_some_and(|x| conflicting.contains(&x)) { l = Some(o); conflicting.clear(); }
            } else { break; }
            o += 1;
        }
        self.units.insert(l.map_or(0, |l| l + 1), Unit { id, left, right });
        true
    }
}

struct Room { doc: Doc, outline: Outline, shadow: Shadow, seen: std::collections::HashMap<u64, std::collections::HashMap<u64,u32>>, strict: u8 }

impl Room {
    fn offer(&mut self, bytes: &[u8]) -> Option<Fit> {
        let update = Update::read(bytes).ok()?;
        let fit = self.outline.fit(&update);
        if fit != Fit::New { return Some(fit); }
        // order
        let mut shadow = self.shadow.clone();
        let mut seen = self.seen.clone();
        let mut next: Vec<usize> = vec![0; update.sections.len()];
        loop {
            let mut moved = false;
            for (n, section) in update.sections.iter().enumerate() {
                while let Some(block) = section.blocks.get(next[n]) {
                    let there = |id: &Id| shadow.pos(*id).is_some();
                    if !block.left.iter().chain(&block.right).all(there) { break; }
                    for k in 0..block.length {
                        let id = Id { client: section.client, clock: block.clock + k };
                        if id.clock < self.outline.clock(id.client) { continue; }
                        let left = if k == 0 { block.left } else { Some(Id { client: id.client, clock: id.clock - 1 }) };
                        {
                            let add: Vec<(u64,u32)> = left.iter().chain(&block.right).flat_map(|x| {
                                let mut v = vec![(x.client, x.clock + 1)];
                                // one who saw a unit saw what its writer had seen
                                if let Some(s) = seen.get(&x.client) { if self.strict >= 2 { v.extend(s.iter().map(|(a,b)| (*a,*b))); } }
                                v
                            }).collect();
                            let mine = seen.entry(id.client).or_default();
                            for (c, k) in add { let e = mine.entry(c).or_default(); *e = (*e).max(k); }
                        }
                        if !shadow.insert(id, left, block.right, self.strict, &seen) { return None; }
                    }
                    next[n] += 1; moved = true;
                }
            }
            if !moved { break; }
        }
        self.shadow = shadow; self.seen = seen;
        apply(&self.doc, bytes);
        self.outline.take(&update);
        Some(fit)
    }
}

fn session(rng: &mut StdRng) -> Vec<Vec<u8>> {
    let docs: Vec<Doc> = (0..3).map(|n| doc(1_000 + n * 77)).collect();
    let mut updates: Vec<Vec<u8>> = Vec::new();
    let mut seen = [0; 3];
    for _ in 0..rng.random_range(2..14) {
        let who = rng.random_range(0..docs.len());
        if rng.random_bool(0.5) {
            for update in &updates[seen[who]..] { apply(&docs[who], update); }
            seen[who] = updates.len();
        }
        let shared = docs[who].get_or_insert_text("code");
        let length = shared.len(&docs[who].transact());
        let mut edit = docs[who].transact_mut();
        if length > 2 && rng.random_bool(0.3) {
            let at = rng.random_range(0..length - 1);
            shared.remove_range(&mut edit, at, rng.random_range(1..=(length - at).min(3)));
        } else {
            let piece = ["a", "let", "e", "ni", "xy", "}\n"][rng.random_range(0..6)];
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
fn explore() {
    for strict in 0..3 {
        let mut rng = StdRng::seed_from_u64(5);
        let (mut rooms, mut diverged, mut taken, mut refused_honest, mut shadow_wrong) = (0, 0, 0, 0, 0);
        for _ in 0..4000 {
            let updates = session(&mut rng);
            let mut room = Room { doc: doc(1), outline: Outline::default(), shadow: Shadow::default(), seen: Default::default(), strict };
            for update in &updates {
                for _ in 0..4 { let bent = bend(&mut rng, update); taken += u32::from(room.offer(&bent) == Some(Fit::New)); }
                room.offer(update);
            }
            rooms += 1;
            let late = doc(3); apply(&late, &whole(&room.doc));
            if text(&late) != text(&room.doc) { diverged += 1; }
            // honest only
            let mut honest = Room { doc: doc(1), outline: Outline::default(), shadow: Shadow::default(), seen: Default::default(), strict };
            for update in &updates { if honest.offer(update).is_none() { refused_honest += 1; } }
            let order: Vec<Id> = honest.shadow.units.iter().map(|u| u.id).collect();
            let late = doc(3); apply(&late, &whole(&honest.doc));
            if text(&late) != text(&honest.doc) { shadow_wrong += 1; }
            let _ = order;
        }
        println!("strict {strict}: {rooms} rooms, {diverged} diverged, {taken} bent taken, {refused_honest} honest refused, {shadow_wrong} honest diverged");
    }
}
