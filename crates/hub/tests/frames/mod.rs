//! Updates that are sound and that no editor makes.

#![allow(dead_code, reason = "each test program uses some of it")]

use bytes::Bytes;
use codementor_hub::wire::read::{write_bytes, write_number};
use codementor_hub::wire::{ClientId, Clock};

/// Where the blocks of a frame stand.
#[derive(Clone, Copy)]
pub enum Each {
    /// Behind the one before, as somebody types.
    Behind,
    /// Before the one before: no two of them are one block.
    Before,
}

/// `count` blocks of a letter each.
pub fn letters(client: ClientId, count: Clock, each: Each) -> Bytes {
    letters_from(client, 0, count, each)
}

/// More of them.
pub fn letters_from(client: ClientId, start: Clock, count: Clock, each: Each) -> Bytes {
    let mut bytes = Vec::new();
    for number in [1, count.into(), client, start.into()] {
        write_number(&mut bytes, number);
    }
    for clock in start..start + count {
        let before = clock.checked_sub(1).map(|before| (client, before));
        let text = [b'a' + (clock % 26) as u8];
        match each {
            Each::Behind => block(&mut bytes, (before, None), &text),
            Each::Before => block(&mut bytes, (None, before), &text),
        }
    }
    write_number(&mut bytes, 0);
    bytes.into()
}

/// The unit that a client wrote at a clock.
type Unit = (ClientId, Clock);

/// Writes a block of text with its neighbours.
pub fn block(bytes: &mut Vec<u8>, (left, right): (Option<Unit>, Option<Unit>), text: &[u8]) {
    bytes.push(4 | u8::from(left.is_some()) << 7 | u8::from(right.is_some()) << 6);
    for (client, clock) in left.into_iter().chain(right) {
        write_number(bytes, client);
        write_number(bytes, clock.into());
    }
    if left.is_none() && right.is_none() {
        write_number(bytes, 1);
        write_bytes(bytes, b"code");
    }
    write_bytes(bytes, text);
}

/// Deletes every `step`th unit of a client.
pub fn deletions(client: ClientId, count: Clock, step: Clock) -> Bytes {
    ranges(client, (0..count).map(|n| (n * step, 1)))
}

/// Deletes units of a client: starts and lengths.
pub fn ranges(client: ClientId, ranges: impl IntoIterator<Item = (Clock, Clock)>) -> Bytes {
    let ranges: Vec<_> = ranges.into_iter().collect();
    let mut bytes = Vec::new();
    for number in [0, 1, client, ranges.len() as u64] {
        write_number(&mut bytes, number);
    }
    for (start, length) in ranges {
        write_number(&mut bytes, start.into());
        write_number(&mut bytes, length.into());
    }
    bytes.into()
}
