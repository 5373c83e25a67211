//! Entries in a row. A row begins with
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the version, [`VERSION`] |
//! | number | how many entries follow, at least 1; the last one's place is the row's key, which gives the others theirs |
//!
//! and each entry is
//!
//! | bytes | what |
//! |---|---|
//! | 1 | flags: [`EVENT`], [`AUTHOR`], [`SAME_AUTHOR`]; no others |
//! | 16 | the author, with `AUTHOR` only |
//! | number | milliseconds since the entry before it (the first: since the epoch), doubled; negative ones as `-2n - 1` |
//! | number | the length of the data |
//! | length | the data |
//!
//! A number is in LEB128: seven bits a byte, the lowest first, the top bit set on all but the last byte. Nothing follows the
//! last entry. Rows that snapshots take in are compressed, see [`super::packed`]. Beside the row stands [`sum`], of what is stored.
//! Whatever differs from this is an error, never a guess.

use bytes::{Buf, Bytes};
use codementor_core::id::{SessionId, UserId};
use codementor_core::journal::{Entry, Kind, MAX_ENTRY_BYTES};
use codementor_core::time::Timestamp;

use super::packed;
use crate::sqlite::fault::{DbResult, Fault};

/// Of a row that is not compressed.
pub(super) const VERSION: u8 = 1;

/// The entry is an event; otherwise an edit.
const EVENT: u8 = 1;
/// An author is named.
const AUTHOR: u8 = 2;
/// The author is the entry's before.
const SAME_AUTHOR: u8 = 4;

/// CRC-32 of the session's 16 bytes, the key in 8 (little-endian) and the data: what was changed, or stands in another's
/// place, is found out.
pub(super) fn sum(session: SessionId, key: i64, data: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&session.to_bytes());
    sum.update(&key.to_le_bytes());
    sum.update(data);
    sum.finalize()
}

/// Entries as a row's data.
pub(super) fn encode(entries: &[Entry]) -> Vec<u8> {
    let size: usize = entries.iter().map(|entry| entry.data.len() + 32).sum();
    let mut row = Vec::with_capacity(size + 8);
    row.push(VERSION);
    put_number(&mut row, entries.len() as u64);
    let mut before: Option<&Entry> = None;
    for entry in entries {
        put_entry(&mut row, entry, before);
        before = Some(entry);
    }
    row
}

/// A row that grows entry by entry.
#[derive(Default)]
pub(super) struct Growing {
    entries: Vec<u8>,
    count: u64,
    last: Option<Entry>,
}

impl Growing {
    /// Adds the entry that follows.
    pub(super) fn push(&mut self, entry: Entry) {
        put_entry(&mut self.entries, &entry, self.last.as_ref());
        self.count += 1;
        self.last = Some(entry);
    }

    /// The length of its entries so far.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The row's key and data, as of [`encode`]; `None` without an entry.
    pub(super) fn finish(self) -> Option<(u64, Vec<u8>)> {
        let last = self.last?.seq;
        let mut row = Vec::with_capacity(self.entries.len() + 11);
        row.push(VERSION);
        put_number(&mut row, self.count);
        row.extend_from_slice(&self.entries);
        Some((last, row))
    }
}

fn put_entry(row: &mut Vec<u8>, entry: &Entry, before: Option<&Entry>) {
    let known = before.and_then(|before| before.author);
    let author = match entry.author {
        Some(author) if known == Some(author) => SAME_AUTHOR,
        Some(_) => AUTHOR,
        None => 0,
    };
    let kind = match entry.kind {
        Kind::Edit => 0,
        Kind::Event => EVENT,
    };
    row.push(kind | author);
    if author == AUTHOR {
        row.extend(entry.author.into_iter().flat_map(UserId::to_bytes));
    }
    // Both lie between the years 1970 and 9999, so the difference fits.
    put_number(row, zigzag(entry.at.as_ms() - before.map_or(0, |before| before.at.as_ms())));
    put_number(row, entry.data.len() as u64);
    row.extend_from_slice(&entry.data);
}

pub(super) fn put_number(row: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        row.push(number as u8 | 0x80);
        number >>= 7;
    }
    row.push(number as u8);
}

/// Small numbers of either sign as small ones without.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Reads a row's entries one by one; after an error there are no more.
#[derive(Debug)]
pub(in crate::sqlite) struct Entries {
    rest: Bytes,
    /// How many are still to come.
    left: u64,
    /// The place of the next.
    seq: u64,
    at: i64,
    author: Option<UserId>,
}

impl Entries {
    /// Reads what [`encode`] made, also when it was compressed, in the row with the key `last`. Entries share the row's memory.
    pub(in crate::sqlite) fn of(last: i64, mut row: Bytes) -> DbResult<Self> {
        match row.try_get_u8() {
            Ok(VERSION) => {}
            Ok(packed::VERSION) => row = packed::inflate(row)?,
            _ => return Err(Fault::Malformed("batch's version")),
        }
        let left = number(&mut row)?;
        let last = u64::try_from(last).map_err(|_| Fault::Malformed("batch's place"))?;
        match left {
            1.. if left <= last => Ok(Self { rest: row, left, seq: last - left + 1, at: 0, author: None }),
            _ => Err(Fault::Malformed("batch's count")),
        }
    }

    /// The same when every fault, also one of the row, is to be among the entries.
    pub(super) fn all(last: i64, row: Bytes) -> impl Iterator<Item = DbResult<Entry>> {
        let (entries, fault) = match Self::of(last, row) {
            Ok(entries) => (Some(entries), None),
            Err(fault) => (None, Some(Err(fault))),
        };
        entries.into_iter().flatten().chain(fault)
    }

    fn entry(&mut self) -> DbResult<Entry> {
        let flags = self.rest.try_get_u8().map_err(|_| Fault::Malformed("entry"))?;
        self.author = self.author_of(flags & !EVENT)?;
        let at = self.at.checked_add(unzigzag(number(&mut self.rest)?));
        self.at = at.filter(|at| Timestamp::from_ms(*at).as_ms() == *at).ok_or(Fault::Malformed("time"))?;
        let length = usize::try_from(number(&mut self.rest)?).unwrap_or(usize::MAX);
        if length > self.rest.len().min(MAX_ENTRY_BYTES) {
            return Err(Fault::Malformed("entry's length"));
        }
        let entry = Entry {
            seq: self.seq,
            at: Timestamp::from_ms(self.at),
            author: self.author,
            kind: if flags & EVENT == 0 { Kind::Edit } else { Kind::Event },
            data: self.rest.split_to(length),
        };
        self.seq += 1;
        self.left -= 1;
        if self.left == 0 && !self.rest.is_empty() {
            return Err(Fault::Malformed("batch's end"));
        }
        Ok(entry)
    }

    fn author_of(&mut self, flags: u8) -> DbResult<Option<UserId>> {
        match flags {
            0 => Ok(None),
            SAME_AUTHOR if self.author.is_some() => Ok(self.author),
            AUTHOR => {
                let mut id = [0; 16];
                self.rest.try_copy_to_slice(&mut id).map_err(|_| Fault::Malformed("author"))?;
                Ok(Some(UserId::from_bytes(id)))
            }
            _ => Err(Fault::Malformed("entry's flags")),
        }
    }
}

impl Iterator for Entries {
    type Item = DbResult<Entry>;

    fn next(&mut self) -> Option<DbResult<Entry>> {
        if self.left == 0 {
            return None;
        }
        let entry = self.entry();
        if entry.is_err() {
            self.left = 0;
        }
        Some(entry)
    }
}

pub(super) fn number(rest: &mut Bytes) -> DbResult<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = rest.try_get_u8().map_err(|_| Fault::Malformed("number"))?;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            break;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Fault::Malformed("number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64, at: i64, author: Option<UserId>, kind: Kind, data: &[u8]) -> Entry {
        Entry { seq, at: Timestamp::from_ms(at), author, kind, data: Bytes::copy_from_slice(data) }
    }

    fn decode(last: i64, row: &[u8]) -> DbResult<Vec<Entry>> {
        Entries::of(last, Bytes::copy_from_slice(row))?.collect()
    }

    fn mixed() -> Vec<Entry> {
        let (ada, grace) = (UserId::from_bytes([0xaa; 16]), UserId::from_bytes([0xbb; 16]));
        vec![
            entry(8, 1_700_000_000_000, Some(ada), Kind::Edit, b"one"),
            entry(9, 1_700_000_000_000, Some(ada), Kind::Event, b""),
            entry(10, 1_700_000_000_900, Some(grace), Kind::Edit, &[0xff; 300]),
            entry(11, 0, None, Kind::Event, b"x"),
            entry(12, i64::MAX, Some(grace), Kind::Edit, b"y"),
        ]
    }

    #[test]
    fn rows_are_read_as_they_were_written() {
        assert_eq!(decode(12, &encode(&mixed())).unwrap(), mixed());
    }

    /// Files written by today's program are read by tomorrow's.
    #[test]
    fn the_bytes_are_as_documented() {
        let row = encode(&mixed()[..2]);
        let mut expected = vec![VERSION, 2, AUTHOR];
        expected.extend([0xaa; 16]);
        expected.extend([0x80, 0xa0, 0xab, 0xfe, 0xf9, 0x62, 3]);
        expected.extend(b"one");
        expected.extend([EVENT | SAME_AUTHOR, 0, 0]);
        assert_eq!(row, expected);
        assert_eq!(sum(SessionId::from_bytes([0xcc; 16]), 9, &row), 0xe422_0109);
    }

    #[test]
    fn a_row_cut_anywhere_or_longer_is_an_error() {
        let row = encode(&mixed());
        for end in 0..row.len() {
            assert!(decode(12, &row[..end]).is_err(), "{end}");
        }
        assert!(decode(12, &[&row[..], &[0]].concat()).is_err());
    }

    #[test]
    fn whatever_the_bytes_nothing_panics_and_nothing_large_is_made() {
        let row = encode(&mixed());
        for place in 0..row.len() {
            for byte in 0..=255 {
                let mut row = row.clone();
                row[place] = byte;
                if let Ok(entries) = decode(12, &row) {
                    assert!(entries.len() <= 12);
                }
            }
        }
    }

    #[test]
    fn what_this_program_does_not_write_is_an_error() {
        let numbers: [&[u8]; 3] =
            [&[0xff; 10], &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2], &[]];
        for bytes in numbers {
            assert!(number(&mut Bytes::from_static(bytes)).is_err());
        }
        for row in [
            &[2, 1, 0, 0, 0][..],
            &[VERSION, 0],
            &[VERSION, 13],
            &[VERSION, 1, SAME_AUTHOR, 0, 0],
            &[VERSION, 1, 8, 0, 0],
            &[VERSION, 1, AUTHOR | SAME_AUTHOR, 0, 0],
            // A time before the epoch.
            &[VERSION, 1, 0, 1, 0],
        ] {
            assert!(decode(12, row).is_err(), "{row:?}");
        }
        assert_eq!(decode(12, &[VERSION, 1, 0, 0, 0]).unwrap().len(), 1);
    }
}
