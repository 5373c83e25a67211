//! Follows the frames of a WebSocket (RFC 6455, section 5.2) as far as needed to know whether a message is under way.
//!
//! It judges nothing: what breaks the protocol is the WebSocket library's to refuse.

/// The longest head of a frame: two bytes, eight of length, four of mask.
const MAX_HEAD: usize = 14;

/// Whether a data message came to its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// At least one.
    Some,
    /// None.
    None,
}

/// Where in the sequence of messages a socket is.
#[derive(Debug, Default)]
pub struct Frames {
    head: [u8; MAX_HEAD],
    /// How much of `head` is here.
    known: usize,
    /// What is left of the payload under way, in bytes.
    payload: u64,
    /// Fragments of a message came, its last did not.
    fragmented: bool,
}

impl Frames {
    /// Takes the next bytes of a client; tells whether a data message ended with them.
    pub fn take(&mut self, mut bytes: &[u8]) -> Ended {
        let mut ended = Ended::None;
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let counted = bytes.len().min(usize::try_from(self.payload).unwrap_or(usize::MAX));
                self.payload -= counted as u64;
                bytes = bytes.get(counted..).unwrap_or_default();
            } else {
                if let Some(place) = self.head.get_mut(self.known) {
                    *place = *first;
                }
                self.known += 1;
                bytes = rest;
                if self.known < self.head_length() {
                    continue;
                }
                self.payload = self.payload_length();
            }
            if self.payload == 0 && self.end_frame() {
                ended = Ended::Some;
            }
        }
        ended
    }

    /// Whether no message has begun that is not whole.
    pub fn is_between_messages(&self) -> bool {
        !self.fragmented && self.known == 0
    }

    /// Whether the frame that is now whole was a data message's last.
    fn end_frame(&mut self) -> bool {
        let (is_final, opcode) = (self.head[0] & 0x80 != 0, self.head[0] & 0x0f);
        self.known = 0;
        if opcode >= 8 {
            return false;
        }
        self.fragmented = !is_final;
        is_final
    }

    /// The length of the head under way, as far as its known bytes tell, in bytes.
    fn head_length(&self) -> usize {
        if self.known < 2 {
            return 2;
        }
        let mask = if self.head[1] & 0x80 == 0 { 0 } else { 4 };
        let extended = match self.head[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        2 + extended + mask
    }

    fn payload_length(&self) -> u64 {
        let big_endian = |bytes: &[u8]| bytes.iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        match self.head[1] & 0x7f {
            126 => big_endian(&self.head[2..4]),
            127 => big_endian(&self.head[2..10]),
            small => u64::from(small),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut bytes = match length {
            0..126 => vec![first, 0x80 | length as u8],
            126..65_536 => [&[first, 0x80 | 126][..], &(length as u16).to_be_bytes()].concat(),
            _ => [&[first, 0x80 | 127][..], &(length as u64).to_be_bytes()].concat(),
        };
        bytes.extend([7; 4]);
        bytes.extend(vec![0xff; length]);
        bytes
    }

    /// How many data messages end, and whether the socket is between two, whichever way the bytes are cut.
    fn follow(bytes: &[u8]) -> (usize, bool) {
        let mut single = Frames::default();
        let ended = bytes.iter().filter(|byte| single.take(&[**byte]) == Ended::Some).count();
        for size in [2, 5, 64, bytes.len().max(1)] {
            let mut frames = Frames::default();
            let any = bytes.chunks(size).fold(false, |any, piece| any | (frames.take(piece) == Ended::Some));
            assert_eq!(any, ended > 0);
            assert_eq!(frames.is_between_messages(), single.is_between_messages());
        }
        (ended, single.is_between_messages())
    }

    #[test]
    fn messages_of_any_length_end() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            let message = frame(0x81, length);
            assert_eq!(follow(&message), (1, true), "{length}");
            assert_eq!(follow(&message[..message.len() - 1]), (0, false), "{length}");
            assert_eq!(follow(&[message.clone(), message].concat()), (2, true), "{length}");
        }
        assert_eq!(follow(&[]), (0, true));
    }

    #[test]
    fn fragments_end_with_the_last_and_pings_between_change_nothing() {
        let (first, middle, last, ping) = (frame(0x01, 3), frame(0x00, 0), frame(0x80, 2), frame(0x89, 4));
        assert_eq!(follow(&[&first[..], &middle, &ping, &middle].concat()), (0, false));
        assert_eq!(follow(&[&first[..], &middle, &ping, &middle, &last].concat()), (1, true));
        assert_eq!(follow(&[&ping[..], &ping].concat()), (0, true));
        assert_eq!(follow(&ping[..3]), (0, false));
    }
}
