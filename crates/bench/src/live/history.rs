//! The history of a document: edits at places in a text, recorded or made up, as the updates of one Yjs client.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use codementor_hub::wire::message;
use codementor_hub::wire::update::{self, Id, Range};
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::frame;

/// The longest run of visible units that is moved at an insertion.
const CHUNK: usize = 2048;
const NOTHING: u32 = u32::MAX;

/// An edit of a plain text, in UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Where.
    pub at: usize,
    /// How many units go away there.
    pub deleted: usize,
    /// What comes.
    pub inserted: String,
}

/// An editing trace (<https://github.com/josephg/editing-traces>): `{"txns": [{"patches": [[at, deleted, "inserted"]]}]}`.
///
/// # Errors
/// When the file is none.
pub fn recorded(path: &Path) -> Result<Vec<Edit>> {
    let bytes = if path.extension().is_some_and(|ending| ending == "gz") {
        let output = Command::new("gzip").arg("-dc").arg(path).output().context("gzip")?;
        ensure!(output.status.success(), "gzip: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    } else {
        std::fs::read(path)?
    };
    let trace: Value = serde_json::from_slice(&bytes)?;
    let mut edits = Vec::new();
    let start = trace["startContent"].as_str().filter(|start| !start.is_empty());
    edits.extend(start.map(|start| Edit { at: 0, deleted: 0, inserted: start.to_owned() }));
    for transaction in trace["txns"].as_array().context("no txns")? {
        for patch in transaction["patches"].as_array().context("no patches")? {
            let (at, deleted) =
                (patch[0].as_u64().context("no place")?, patch[1].as_u64().context("no length")?);
            let inserted = patch[2].as_str().context("no text")?.to_owned();
            // In the traces places count code points.
            ensure!(inserted.is_ascii(), "only traces of ASCII are read");
            edits.push(Edit { at: usize::try_from(at)?, deleted: usize::try_from(deleted)?, inserted });
        }
    }
    Ok(edits)
}

/// Somebody types, now and then elsewhere, and takes some of it back.
#[must_use]
pub fn generated(count: u32, seed: u64) -> Vec<Edit> {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    let (mut length, mut at) = (0_usize, 0_usize);
    let mut edits = Vec::with_capacity(count as usize);
    for _ in 0..count {
        if random.random_ratio(1, 40) {
            at = random.random_range(0..=length);
        }
        if at > 0 && random.random_ratio(1, 5) {
            at -= 1;
            length -= 1;
            edits.push(Edit { at, deleted: 1, inserted: String::new() });
        } else {
            let letter = char::from(random.random_range(b'a'..=b'z'));
            edits.push(Edit { at, deleted: 0, inserted: letter.to_string() });
            at += 1;
            length += 1;
        }
    }
    edits
}

/// A document that one client writes alone: what stands where, deleted units included.
#[derive(Debug)]
pub struct History {
    /// The client.
    pub client: u64,
    /// The unit behind each unit, deleted ones included.
    next: Vec<u32>,
    first: u32,
    /// The visible units in order, in pieces.
    visible: Vec<Vec<u32>>,
}

impl History {
    /// An empty document.
    #[must_use]
    pub fn new(client: u64) -> Self {
        Self { client, next: Vec::new(), first: NOTHING, visible: vec![Vec::new()] }
    }

    /// How many units were ever written.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.next.len() as u32
    }

    /// Makes an edit and writes the frames that tell it: the deletion and the insertion in one update.
    pub fn write(&mut self, edit: &Edit, out: &mut Vec<u8>) {
        let deleted = self.delete(edit.at, edit.deleted);
        let clock = self.units();
        let left = edit.at.checked_sub(1).and_then(|before| self.unit(before));
        let right = match left {
            Some(left) => self.next[left as usize],
            None => self.first,
        };
        // Only ASCII: a byte is a unit.
        self.insert(edit.at, left, edit.inserted.len() as u32);
        let id = |clock| Id { client: self.client, clock };
        let neighbours = (left.map(id), Some(right).filter(|right| *right != NOTHING).map(id));
        let update = update::encode_edit(id(clock), neighbours, &edit.inserted, &deleted);
        frame::write(out, frame::BINARY, &message::update(&update), Some([9, 8, 7, 6]));
    }

    fn delete(&mut self, at: usize, count: usize) -> Vec<Range> {
        let mut deleted: Vec<Range> = Vec::new();
        for _ in 0..count {
            let Some((chunk, place)) = self.find(at) else { break };
            let start = self.visible[chunk].remove(place);
            if self.visible[chunk].is_empty() && self.visible.len() > 1 {
                self.visible.remove(chunk);
            }
            match deleted.last_mut() {
                Some(last) if last.end == start => last.end += 1,
                _ => deleted.push(Range { client: self.client, start, end: start + 1 }),
            }
        }
        deleted
    }

    fn insert(&mut self, at: usize, left: Option<u32>, count: u32) {
        if count == 0 {
            return;
        }
        let (first, last) = (self.units(), self.units() + count - 1);
        let right = match left {
            Some(left) => std::mem::replace(&mut self.next[left as usize], first),
            None => std::mem::replace(&mut self.first, first),
        };
        self.next.extend(first + 1..=last);
        self.next.push(right);
        let (chunk, place) = match at.checked_sub(1).and_then(|before| self.find(before)) {
            Some((chunk, place)) => (chunk, place + 1),
            None => (0, 0),
        };
        let units = &mut self.visible[chunk];
        units.splice(place..place, first..=last);
        if units.len() > CHUNK {
            let half = units.split_off(units.len() / 2);
            self.visible.insert(chunk + 1, half);
        }
    }

    fn unit(&self, at: usize) -> Option<u32> {
        self.find(at).map(|(chunk, place)| self.visible[chunk][place])
    }

    fn find(&self, mut at: usize) -> Option<(usize, usize)> {
        for (chunk, units) in self.visible.iter().enumerate() {
            if at < units.len() {
                return Some((chunk, at));
            }
            at -= units.len();
        }
        None
    }
}

#[cfg(test)]
mod tests;
