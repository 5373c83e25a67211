//! Writing updates: of one edit, and of what was read, with less or joined.

use super::read::{Malformed, Reader, write_bytes, write_number};
use super::update::{Block, DELETED, HAS_LEFT, HAS_RIGHT, Id, NAMED, ROOT, Range, STRING, read_block};
use super::{ClientId, Clock};

/// Writes the update of one edit: a text from `at` on between its neighbours, and units that are deleted.
#[must_use]
pub fn encode_edit(
    at: Id,
    (left, right): (Option<Id>, Option<Id>),
    insert: &str,
    deleted: &[Range],
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(insert.len() + 48);
    write_number(&mut bytes, u64::from(!insert.is_empty()));
    if !insert.is_empty() {
        write_number(&mut bytes, 1);
        write_id(&mut bytes, at);
        write_block(&mut bytes, STRING, (left, right));
        write_bytes(&mut bytes, insert.as_bytes());
    }
    let mut deleted = deleted.to_vec();
    deleted.sort_unstable_by_key(|range| (range.client, range.start));
    write_deleted(&mut bytes, &deleted);
    bytes
}

/// Writes deleted ranges, each client's together.
pub(super) fn write_deleted(bytes: &mut Vec<u8>, ranges: &[Range]) {
    let clients = || ranges.chunk_by(|one, next| one.client == next.client);
    write_number(bytes, clients().count() as u64);
    for own in clients() {
        write_number(bytes, own[0].client);
        write_number(bytes, own.len() as u64);
        for range in own {
            write_number(bytes, u64::from(range.start));
            write_number(bytes, u64::from(range.end - range.start));
        }
    }
}

/// Writes a block up to its content.
fn write_block(bytes: &mut Vec<u8>, kind: u8, (left, right): (Option<Id>, Option<Id>)) {
    let flag = |id: Option<Id>, flag| if id.is_some() { flag } else { 0 };
    bytes.push(kind | flag(left, HAS_LEFT) | flag(right, HAS_RIGHT));
    left.iter().chain(&right).for_each(|id| write_id(bytes, *id));
    if left.is_none() && right.is_none() {
        write_number(bytes, NAMED);
        write_bytes(bytes, ROOT.as_bytes());
    }
}

fn write_id(bytes: &mut Vec<u8>, id: Id) {
    write_number(bytes, id.client);
    write_number(bytes, u64::from(id.clock));
}

/// The sections without what was written before each client's `known` clock, and with blocks that are one joined, as Yjs writes them. The
/// CRDT library would join them one by one, each time with a copy of all that it has: a frame of 700 KB took 7 GiB.
pub(super) fn rewrite(bytes: &[u8], known: impl Fn(ClientId) -> Clock) -> Result<Vec<u8>, Malformed> {
    let mut reader = Reader::new(bytes);
    let (mut written, mut count) = (Vec::with_capacity(bytes.len()), 0);
    for _ in 0..reader.count(5)? {
        let length = reader.count(2)?;
        let mut at = Id { client: reader.client()?, clock: reader.clock()? };
        let known = known(at.client);
        let mut blocks: Vec<(Block, String)> = Vec::new();
        for _ in 0..length {
            let (next, text) = read_block(&mut reader, at)?;
            at.clock += next.length;
            let Some((next, text)) = beyond(known, at.client, next, text)? else { continue };
            match blocks.last_mut() {
                Some((block, before)) if block.goes_on(at.client, &next) => {
                    block.length += next.length;
                    before.push_str(text);
                }
                _ => blocks.push((next, text.to_owned())),
            }
        }
        let Some((first, _)) = blocks.first() else { continue };
        count += 1;
        write_number(&mut written, blocks.len() as u64);
        write_id(&mut written, Id { clock: first.clock, ..at });
        for (block, text) in blocks {
            let neighbours = (block.left, block.right);
            if block.is_deleted {
                write_block(&mut written, DELETED, neighbours);
                write_number(&mut written, u64::from(block.length));
            } else {
                write_block(&mut written, STRING, neighbours);
                write_bytes(&mut written, text.as_bytes());
            }
        }
    }
    let mut whole = Vec::with_capacity(written.len() + 4);
    write_number(&mut whole, count);
    whole.append(&mut written);
    Ok(whole)
}

/// What of a block was not written before a clock.
fn beyond(
    known: Clock,
    client: ClientId,
    block: Block,
    text: &str,
) -> Result<Option<(Block, &str)>, Malformed> {
    let end = block.clock + block.length;
    if block.clock >= known {
        return Ok(Some((block, text)));
    }
    if end <= known {
        return Ok(None);
    }
    let text = if block.is_deleted { text } else { from_unit(text, known - block.clock)? };
    let left = Some(Id { client, clock: known - 1 });
    Ok(Some((Block { clock: known, length: end - known, left, ..block }, text)))
}

/// A text from a UTF-16 unit on, at which a character begins.
fn from_unit(text: &str, unit: Clock) -> Result<&str, Malformed> {
    let mut before = 0;
    let begins = |(at, c): (usize, char)| {
        let is_it = before == unit;
        before += c.len_utf16() as Clock;
        is_it.then_some(at)
    };
    let at = text.char_indices().find_map(begins);
    at.and_then(|at| text.get(at..)).ok_or(Malformed::Text)
}
