//! Reading lib0's encoding (<https://github.com/dmonad/lib0>): unsigned numbers of seven bits a byte, and lengths before contents.

use super::{ClientId, Clock, MAX_CLIENT_ID, MAX_CLOCK};

/// Why bytes are no message of an honest client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// They end before the message does.
    #[error("the message is cut off")]
    CutOff,
    /// The message ends before they do.
    #[error("something follows the message")]
    Trailing,
    /// A number is too large, or written longer than it needs to be.
    #[error("a number is out of range")]
    Number,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Text,
    /// A kind of message or of content that this server does not know.
    #[error("an unknown kind")]
    Unknown,
    /// A known kind that has no place in a shared text.
    #[error("content that is no plain text")]
    Content,
    /// Parts that contradict each other, such as one client named twice.
    #[error("parts that contradict each other")]
    Contradiction,
    /// More than a message may hold.
    #[error("too much of something")]
    TooMuch,
    /// More blocks or deleted ranges than an update may have, each of them sound.
    #[error("too many edits at once")]
    TooManyEdits,
}

/// Bytes that are read from the front.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes remain.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// One byte.
    ///
    /// # Errors
    /// At the end.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed::CutOff)?;
        self.rest = rest;
        Ok(*first)
    }

    /// A number up to `most`. Each number has one spelling: the shortest.
    ///
    /// # Errors
    /// When it is cut off, larger, or spelt longer.
    pub fn number(&mut self, most: u64) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let is_shortest = byte > 0 || shift == 0;
                return if is_shortest && number <= most { Ok(number) } else { Err(Malformed::Number) };
            }
        }
        Err(Malformed::Number)
    }

    /// A client's id.
    ///
    /// # Errors
    /// As [`Self::number`].
    pub fn client(&mut self) -> Result<ClientId, Malformed> {
        self.number(MAX_CLIENT_ID)
    }

    /// A clock, or a length on it.
    ///
    /// # Errors
    /// As [`Self::number`].
    pub fn clock(&mut self) -> Result<Clock, Malformed> {
        // The bound fits.
        self.number(u64::from(MAX_CLOCK)).map(|clock| clock as Clock)
    }

    /// A count of parts of which each takes at least `smallest` bytes: no more than the remaining bytes can hold.
    ///
    /// # Errors
    /// When they cannot, and as [`Self::number`].
    pub fn count(&mut self, smallest: usize) -> Result<usize, Malformed> {
        let count = self.number(u64::from(u32::MAX))? as usize;
        if count > self.rest.len() / smallest { Err(Malformed::CutOff) } else { Ok(count) }
    }

    /// Bytes behind their length.
    ///
    /// # Errors
    /// When they are cut off.
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.count(1)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed::CutOff)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A text behind its length in bytes.
    ///
    /// # Errors
    /// When it is cut off or not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed::Text)
    }

    /// The end.
    ///
    /// # Errors
    /// When something follows.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed::Trailing) }
    }
}

/// Writes a number as [`Reader::number`] reads it.
pub fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes bytes behind their length.
pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), MAX_CLIENT_ID] {
            let mut bytes = Vec::new();
            write_number(&mut bytes, number);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.number(u64::MAX), Ok(number));
            assert_eq!(reader.end(), Ok(()));
            assert_eq!(Reader::new(&bytes[..bytes.len() - 1]).number(u64::MAX), Err(Malformed::CutOff));
            if let Some(most) = number.checked_sub(1) {
                assert_eq!(Reader::new(&bytes).number(most), Err(Malformed::Number));
            }
        }
        for long in [&[0x80, 0x00][..], &[0xff, 0x80, 0x00], &[0xff; 12]] {
            assert_eq!(Reader::new(long).number(u64::MAX), Err(Malformed::Number));
        }
    }

    #[test]
    fn counts_cannot_promise_more_than_there_is() {
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0x7f]).count(3), Err(Malformed::CutOff));
        assert_eq!(Reader::new(&[2, 0, 0, 0, 0, 0, 0]).count(3), Ok(2));
        assert_eq!(Reader::new(&[2, 0, 0, 0, 0, 0]).count(3), Err(Malformed::CutOff));
        assert_eq!(Reader::new(&[3, b'a', b'b']).text(), Err(Malformed::CutOff));
        assert_eq!(Reader::new(&[1, 0xff]).text(), Err(Malformed::Text));
    }
}
