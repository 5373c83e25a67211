//! What is sent to a member: a WebSocket frame, written once and shared by all whom it is sent to.

use bytes::Bytes;

/// What a waiting frame takes besides its bytes.
pub(super) const OVERHEAD: usize = 48;

/// The first byte of a frame (RFC 6455, section 5.2): the last of its message, and the kind of data.
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    what: What,
    bytes: Bytes,
}

/// What a frame is to the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A y-protocols message about the text, and the room's version it leads to.
    Text(u64),
    /// Any other y-protocols message.
    Binary,
    /// A JSON event.
    Event,
    /// The JSON answer to a request. It is not dropped with the rest.
    Answer,
    /// All there is to know, as a JSON event, for who asked for it. It may be larger than the bound, and a newer one takes its place.
    State,
    /// A frame of the WebSocket itself.
    Control,
}

impl Frame {
    /// A y-protocols message about the text, and the room's version it leads to.
    #[must_use]
    pub fn text(message: &[u8], version: u64) -> Self {
        Self { what: What::Text(version), bytes: whole(BINARY, message) }
    }

    /// Any other y-protocols message.
    #[must_use]
    pub fn binary(message: &[u8]) -> Self {
        Self { what: What::Binary, bytes: whole(BINARY, message) }
    }

    /// A JSON event.
    #[must_use]
    pub fn event(json: &[u8]) -> Self {
        Self { what: What::Event, bytes: whole(TEXT, json) }
    }

    /// The JSON answer to a request.
    #[must_use]
    pub fn answer(json: &[u8]) -> Self {
        Self { what: What::Answer, bytes: whole(TEXT, json) }
    }

    /// All there is to know, as a JSON event.
    #[must_use]
    pub fn state(json: &[u8]) -> Self {
        Self { what: What::State, bytes: whole(TEXT, json) }
    }

    /// A frame of the WebSocket itself, head and all.
    #[must_use]
    pub fn control(bytes: Bytes) -> Self {
        Self { what: What::Control, bytes }
    }

    /// What it is.
    #[must_use]
    pub fn what(&self) -> What {
        self.what
    }

    /// What it says, without the frame's head.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        let head = match self.bytes.get(1) {
            Some(126) => 4,
            Some(127) => 10,
            _ => 2,
        };
        self.bytes.slice(head.min(self.bytes.len())..)
    }

    /// All of it, as it is written.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it is for those who hear events only.
    #[must_use]
    pub fn is_event(&self) -> bool {
        matches!(self.what, What::Event | What::Answer | What::State)
    }

    /// What it counts for while it waits: a state is bounded by being one.
    pub(super) fn weight(&self) -> usize {
        if self.what == What::State { 0 } else { self.bytes.len() + OVERHEAD }
    }
}

/// A message as one frame, not masked, as servers send it.
fn whole(first: u8, payload: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(payload.len() + 10);
    frame.push(first);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..126), _) => frame.push(length),
        (_, Ok(length)) => {
            frame.push(126);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_as_long_as_the_length_needs() {
        for (length, head) in [
            (0, vec![TEXT, 0]),
            (125, vec![TEXT, 125]),
            (126, vec![TEXT, 126, 0, 126]),
            (65_535, vec![TEXT, 126, 0xff, 0xff]),
            (65_536, vec![TEXT, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let payload = vec![b'x'; length];
            let frame = Frame::event(&payload);
            assert_eq!(frame.bytes(), [head, payload.clone()].concat(), "{length}");
            assert_eq!(frame.payload(), payload);
        }
        assert_eq!(Frame::binary(b"x").bytes(), [BINARY, 1, b'x']);
    }
}
