//! Frames: what the log is made of. A segment begins with a header of [`HEADER`] bytes,
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`], whose last byte is the version |
//! | 8 | the segment's number |
//! | 8 | the salt: random, so that nothing that a client wrote is ever taken for a frame |
//! | 4 | CRC-32 of all before it |
//!
//! and frames follow, each of which is one append:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | the length of what follows the sum |
//! | 4 | CRC-32 of the salt, the length and what follows |
//! | 8 | the frame's number, one more than the frame's before it |
//! | 8 | the last frame that was known to be on the disk when this one was written |
//! | 16 | the session |
//! | 1 | what it is: [`ADDED`], [`REMOVED`], [`BEAT`] |
//! | 8 | with `ADDED` only: the place of the last entry |
//! | rest | with `ADDED` only: the entries, as in a row, see [`super::super::encoding`] |
//!
//! Numbers are little-endian. Zeros are no frame; behind the last one they hold the room of those to come.

use bytes::{Buf, Bytes};
use codementor_core::id::SessionId;
use codementor_core::journal::MAX_BATCH_BYTES;

const MAGIC: [u8; 8] = *b"CoMjLog\x01";
/// The length of a segment's header.
pub(super) const HEADER: usize = 28;
/// What stands before a frame's body.
const LEAD: usize = 8;
/// A body without entries.
const SMALLEST: usize = 33;
/// More than the largest batch takes: besides their data entries have some 40 bytes each.
const LARGEST: usize = MAX_BATCH_BYTES + 64 * 1024;

const ADDED: u8 = 1;
const REMOVED: u8 = 2;
const BEAT: u8 = 3;

/// Something that was done to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sqlite::journal) enum Change {
    /// Entries were added, of which this is the last.
    Added {
        /// Its place.
        last: i64,
        /// All of them as in a row.
        data: Bytes,
    },
    /// The record was removed.
    Removed,
    /// Nothing; somebody asked whether writing works.
    Beat,
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sqlite::journal) struct Frame {
    pub(in crate::sqlite::journal) number: u64,
    /// The last frame that was known to be on the disk.
    pub(super) synced: u64,
    pub(in crate::sqlite::journal) session: SessionId,
    pub(in crate::sqlite::journal) change: Change,
}

impl Frame {
    /// The memory it takes.
    pub(super) fn cost(&self) -> usize {
        let data = match &self.change {
            Change::Added { data, .. } => data.len(),
            Change::Removed | Change::Beat => 0,
        };
        size_of::<Self>() + data
    }

    /// Writes the frame over what `to` holds.
    pub(super) fn encode(&self, salt: u64, to: &mut Vec<u8>) {
        to.clear();
        to.extend([0; LEAD]);
        to.extend(self.number.to_le_bytes());
        to.extend(self.synced.to_le_bytes());
        to.extend(self.session.to_bytes());
        match &self.change {
            Change::Added { last, data } => {
                to.push(ADDED);
                to.extend(last.to_le_bytes());
                to.extend_from_slice(data);
            }
            Change::Removed => to.push(REMOVED),
            Change::Beat => to.push(BEAT),
        }
        // No batch comes near 4 GiB.
        let length = (to.len() - LEAD) as u32;
        to[..4].copy_from_slice(&length.to_le_bytes());
        let sum = sum(salt, length, &to[LEAD..]);
        to[4..LEAD].copy_from_slice(&sum.to_le_bytes());
    }

    /// The frame at the beginning of `bytes` and its length; `None` when there is none. It shares their memory.
    pub(super) fn decode(salt: u64, bytes: &Bytes) -> Option<(Self, usize)> {
        let mut rest = bytes.clone();
        let (length, expected) = (rest.try_get_u32_le().ok()?, rest.try_get_u32_le().ok()?);
        let size = usize::try_from(length).ok().filter(|size| (SMALLEST..=LARGEST).contains(size))?;
        if rest.len() < size {
            return None;
        }
        rest.truncate(size);
        if sum(salt, length, &rest) != expected {
            return None;
        }
        let (number, synced) = (rest.get_u64_le(), rest.get_u64_le());
        let mut id = [0; 16];
        rest.copy_to_slice(&mut id);
        let change = match rest.get_u8() {
            ADDED => Change::Added { last: rest.try_get_i64_le().ok()?, data: rest },
            REMOVED if rest.is_empty() => Change::Removed,
            BEAT if rest.is_empty() => Change::Beat,
            _ => return None,
        };
        Some((Self { number, synced, session: SessionId::from_bytes(id), change }, LEAD + size))
    }
}

fn sum(salt: u64, length: u32, body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&salt.to_le_bytes());
    sum.update(&length.to_le_bytes());
    sum.update(body);
    sum.finalize()
}

/// A segment's header.
pub(super) fn header(number: u64, salt: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&MAGIC);
    header[8..16].copy_from_slice(&number.to_le_bytes());
    header[16..24].copy_from_slice(&salt.to_le_bytes());
    let sum = crc32fast::hash(&header[..24]);
    header[24..].copy_from_slice(&sum.to_le_bytes());
    header
}

/// The salt of a segment with this number; `None` when this is not its header.
pub(super) fn salt(number: u64, mut bytes: &[u8]) -> Option<u64> {
    let found = bytes.get(..HEADER)?;
    bytes.advance(16);
    let salt = bytes.get_u64_le();
    (found == header(number, salt)).then_some(salt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> Vec<Frame> {
        let session = SessionId::from_bytes([0xcc; 16]);
        let added = Change::Added { last: 9, data: Bytes::from_static(b"rows") };
        (7..)
            .zip([added, Change::Removed, Change::Beat])
            .map(|(number, change)| Frame { number, synced: 3, session, change })
            .collect()
    }

    fn encoded(frame: &Frame, salt: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame.encode(salt, &mut bytes);
        bytes
    }

    #[test]
    fn frames_are_read_as_they_were_written() {
        for frame in frames() {
            let mut bytes = encoded(&frame, 77);
            let length = bytes.len();
            bytes.extend([1, 2, 3]);
            assert_eq!(Frame::decode(77, &bytes.clone().into()), Some((frame.clone(), length)));
            assert_eq!(Frame::decode(78, &bytes.into()), None, "another segment's");
        }
    }

    /// Logs written by today's program are read by tomorrow's.
    #[test]
    fn the_bytes_are_as_documented() {
        let mut expected =
            vec![45, 0, 0, 0, 0x42, 0xf5, 0x71, 0x9d, 7, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0];
        expected.extend([0xcc; 16]);
        expected.extend([ADDED, 9, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend(b"rows");
        assert_eq!(encoded(&frames()[0], 77), expected);
        assert_eq!(&header(2, 5)[..9], b"CoMjLog\x01\x02");
        assert_eq!(salt(2, &header(2, 5)), Some(5));
        assert_eq!(salt(3, &header(2, 5)), None);
    }

    #[test]
    fn what_was_cut_or_changed_anywhere_is_no_frame() {
        for frame in frames() {
            let whole = encoded(&frame, 1);
            for place in 0..whole.len() {
                assert_eq!(Frame::decode(1, &Bytes::copy_from_slice(&whole[..place])), None);
                for bit in 0..8 {
                    let mut bent = whole.clone();
                    bent[place] ^= 1 << bit;
                    assert_eq!(Frame::decode(1, &bent.into()), None, "{place}");
                }
            }
        }
        assert_eq!(Frame::decode(0, &vec![0; 4096].into()), None);
    }
}
