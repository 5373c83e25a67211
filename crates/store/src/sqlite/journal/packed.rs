//! Compressed rows. One begins with
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the version, [`VERSION`] |
//! | number | the length of what is compressed, at most [`MAX_LENGTH`]; in LEB128, see [`super::encoding`] |
//! | rest | what is compressed: a row without its version byte, as one raw DEFLATE stream (RFC 1951) |
//!
//! Whatever differs from this is an error. Nothing is made that is longer than the length says, nor than may be.

use std::io::{self, Write};

use bytes::Bytes;
use codementor_core::journal::MAX_ENTRY_BYTES;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

use super::append::ROW_BYTES;
use super::encoding::{self, number, put_number};
use crate::sqlite::fault::{DbResult, Fault};

/// Of a compressed row.
pub(super) const VERSION: u8 = 2;

/// The longest row that is compressed: one that was not full before its last entry, which is as large as any. Around the data of
/// an entry stand at most 28 bytes, and the count takes at most 4.
pub(super) const MAX_LENGTH: usize = ROW_BYTES + MAX_ENTRY_BYTES + 32;

/// The fastest: edits of many people at once become a quarter of their size. Level 6 takes six times as long for a twentieth more.
const LEVEL: u32 = 1;

/// Whether a row is compressed.
pub(super) fn is_packed(row: &[u8]) -> bool {
    row.first() == Some(&VERSION)
}

/// How long a row is when it is not compressed, as it says itself.
pub(in crate::sqlite) fn length(row: &Bytes) -> DbResult<usize> {
    if is_packed(row) { said_length(&mut row.slice(1..)) } else { Ok(row.len()) }
}

/// Compresses a row of [`encoding::encode`], unless that makes it no smaller.
pub(super) fn pack(row: Vec<u8>) -> Vec<u8> {
    match row.split_first() {
        Some((&encoding::VERSION, content)) if content.len() <= MAX_LENGTH => {
            deflate(content).ok().filter(|packed| packed.len() < row.len()).unwrap_or(row)
        }
        _ => row,
    }
}

fn deflate(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::with_capacity(content.len() / 2);
    packed.push(VERSION);
    put_number(&mut packed, content.len() as u64);
    let mut stream = DeflateEncoder::new(packed, Compression::new(LEVEL));
    stream.write_all(content)?;
    stream.finish()
}

/// Reads what stands behind the version of a compressed row.
pub(super) fn inflate(mut rest: Bytes) -> DbResult<Bytes> {
    let length = said_length(&mut rest)?;
    let mut content = vec![0; length];
    let mut stream = Decompress::new(false);
    let ended = stream.decompress(&rest, &mut content, FlushDecompress::Finish);
    let is_whole = matches!(ended, Ok(Status::StreamEnd))
        && stream.total_in() == rest.len() as u64
        && stream.total_out() == length as u64;
    if is_whole { Ok(content.into()) } else { Err(Fault::Malformed("compressed batch")) }
}

fn said_length(rest: &mut Bytes) -> DbResult<usize> {
    let length = usize::try_from(number(rest)?).unwrap_or(usize::MAX);
    if length > MAX_LENGTH { Err(Fault::Malformed("batch's length")) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use codementor_core::id::UserId;
    use codementor_core::journal::{Entry, Kind};
    use codementor_core::time::Timestamp;

    use super::encoding::{Entries, encode};
    use super::*;

    const MS: i64 = 1_700_000_000_000;

    fn entry(seq: u64, kind: Kind, data: Vec<u8>) -> Entry {
        let author = Some(UserId::from_bytes([0xaa; 16]));
        Entry { seq, at: Timestamp::from_ms(MS), author, kind, data: data.into() }
    }

    fn decode(last: i64, row: &[u8]) -> DbResult<Vec<Entry>> {
        Entries::of(last, Bytes::copy_from_slice(row))?.collect()
    }

    fn compressible(last: u64) -> Vec<Entry> {
        (1..=last).map(|seq| entry(seq, Kind::Edit, vec![seq as u8; 9])).collect()
    }

    /// A row of this version whatever is in it and whatever it says of its length.
    fn row(length: usize, stream: &[u8]) -> Vec<u8> {
        let mut row = vec![VERSION];
        put_number(&mut row, length as u64);
        row.extend_from_slice(stream);
        row
    }

    fn stream(content: &[u8]) -> Vec<u8> {
        let mut stream = DeflateEncoder::new(Vec::new(), Compression::best());
        stream.write_all(content).unwrap();
        stream.finish().unwrap()
    }

    /// Files written by today's program are read by tomorrow's. Another implementation of DEFLATE made these bytes.
    #[test]
    fn the_bytes_are_as_documented() {
        let row = [
            2, 31, 0x63, 0x62, 0x5a, 0x85, 0x06, 0x1a, 0x16, 0xac, 0xfe, 0xf7, 0x33, 0x89, 0x39, 0x3f, 0x2f,
            0x95, 0x95, 0x81, 0x01, 0x00,
        ];
        let expected = [entry(8, Kind::Edit, b"one".to_vec()), entry(9, Kind::Event, Vec::new())];
        assert_eq!(decode(9, &row).unwrap(), expected);
        assert_eq!(length(&Bytes::copy_from_slice(&row)).unwrap(), 31);
        assert_eq!((row[0], usize::from(row[1])), (VERSION, encode(&expected).len() - 1));
    }

    #[test]
    fn rows_of_any_length_are_read_as_they_were_packed() {
        for last in (1..300).chain([5_000]) {
            let entries = compressible(last);
            let packed = pack(encode(&entries));
            assert!(is_packed(&packed), "{last}");
            assert_eq!(decode(last.cast_signed(), &packed).unwrap(), entries);
        }
    }

    #[test]
    fn the_largest_row_is_packed_and_a_larger_one_stays() {
        // Its count, its flags, its author, its time and its length.
        let around = 1 + 1 + 16 + 6 + 4;
        for (size, fits) in [(MAX_LENGTH - around, true), (MAX_LENGTH - around + 1, false)] {
            let large = encode(&[entry(1, Kind::Edit, vec![7; size])]);
            assert_eq!(is_packed(&pack(large)), fits, "{size}");
        }
        let mut entries = compressible(1);
        entries[0].data = vec![1; ROW_BYTES - 40].into();
        entries.push(entry(2, Kind::Edit, vec![2; MAX_ENTRY_BYTES]));
        let packed = pack(encode(&entries));
        assert!(is_packed(&packed) && packed.len() < 100_000);
        assert_eq!(decode(2, &packed).unwrap(), entries);
    }

    #[test]
    fn what_does_not_become_smaller_stays() {
        let mut number = 1_u64;
        let noise = std::iter::repeat_with(|| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (number >> 56) as u8
        });
        let row = encode(&[entry(1, Kind::Edit, noise.take(10_000).collect())]);
        assert_eq!(pack(row.clone()), row);
        // Nothing is compressed twice.
        let packed = pack(encode(&compressible(50)));
        assert_eq!(pack(packed.clone()), packed);
    }

    #[test]
    fn a_row_cut_anywhere_or_longer_is_an_error() {
        let packed = pack(encode(&compressible(40)));
        for end in 0..packed.len() {
            assert!(decode(40, &packed[..end]).is_err(), "{end}");
        }
        for more in [&[0][..], &[0xff], &packed, &[0; 100]] {
            assert!(decode(40, &[&packed[..], more].concat()).is_err());
        }
    }

    #[test]
    fn a_length_that_lies_is_an_error() {
        let content = &encode(&compressible(40))[1..];
        let packed = stream(content);
        assert_eq!(decode(40, &row(content.len(), &packed)).unwrap(), compressible(40));
        let right = content.len();
        for said in [0, 1, right - 1, right + 1, 2 * right, MAX_LENGTH, MAX_LENGTH + 1, usize::MAX] {
            assert!(decode(40, &row(said, &packed)).is_err(), "{said}");
        }
    }

    /// What would become 100 MB becomes no more than it may.
    #[test]
    fn a_bomb_is_an_error() {
        let bomb = stream(&vec![0; 100_000_000]);
        assert!(bomb.len() < 200_000);
        for said in [1, MAX_LENGTH, 100_000_000] {
            assert!(decode(1, &row(said, &bomb)).is_err(), "{said}");
        }
        assert!(length(&row(100_000_000, &bomb).into()).is_err());
    }

    #[test]
    fn what_this_program_does_not_write_is_an_error() {
        let plain = encode(&compressible(4));
        for content in [&[][..], &[0], &plain, &pack(plain.clone())] {
            assert!(decode(4, &row(content.len(), &stream(content))).is_err(), "{content:?}");
        }
        // A stream with zlib's header.
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&plain[1..]).unwrap();
        assert!(decode(4, &row(plain.len() - 1, &zlib.finish().unwrap())).is_err());
    }

    #[test]
    fn whatever_the_bytes_nothing_panics_and_nothing_large_is_made() {
        let packed = pack(encode(&compressible(12)));
        for place in 0..packed.len() {
            for byte in 0..=255 {
                let mut packed = packed.clone();
                packed[place] = byte;
                if let Ok(entries) = decode(12, &packed) {
                    assert!(entries.len() <= 12);
                }
            }
        }
    }
}
