//! WebSocket frames (RFC 6455, section 5) as relay and clients read and write them: whole messages only, straight out of and into
//! a buffer. It never allocates for a frame that is read; what it does not know (extensions, fragments) is an error.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyhow::{Result, bail, ensure};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;

/// A frame of data.
pub const BINARY: u8 = 2;
/// The last frame.
pub const CLOSE: u8 = 8;
/// A question whether the other is there.
pub const PING: u8 = 9;
/// The answer.
pub const PONG: u8 = 10;

/// Bytes that one read may bring.
const SCRATCH: usize = 64 * 1024;
/// What an idle connection may keep of the memory that a large message needed.
const KEEP: usize = 4 * 1024;

thread_local! {
    /// One read buffer for all connections of the thread: nothing is read into it that is not used up before the next read.
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH]);
}

/// A message as it lies in the read buffer.
#[derive(Debug)]
pub struct Frame<'a> {
    /// What kind.
    pub opcode: u8,
    /// The payload, unmasked.
    pub payload: &'a mut [u8],
}

/// Reads frames and keeps only what the last read left unfinished.
#[derive(Debug)]
pub struct Frames {
    rest: Vec<u8>,
    max: usize,
    masked: bool,
}

impl Frames {
    /// Frames of at most `max` bytes. Clients mask theirs, servers do not; the other way is refused.
    #[must_use]
    pub fn new(max: usize, masked: bool) -> Self {
        Self { rest: Vec::new(), max, masked }
    }

    /// Bytes that were read together with something else before.
    pub fn push(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
    }

    /// Handles what [`Self::push`] brought.
    ///
    /// # Errors
    /// When it is no WebSocket, and what `handle` returns.
    pub fn drain(&mut self, handle: impl FnMut(Frame<'_>) -> Result<()>) -> Result<()> {
        let used = each(&mut self.rest, self.max, self.masked, handle)?;
        self.rest.drain(..used);
        if self.rest.is_empty() && self.rest.capacity() > KEEP {
            self.rest = Vec::new();
        }
        Ok(())
    }

    /// Waits for bytes and hands over every whole message in them. `false` is the end of the stream.
    ///
    /// # Errors
    /// When reading fails or the bytes are no WebSocket, and what `handle` returns.
    pub fn poll(
        &mut self,
        cx: &mut Context<'_>,
        half: &mut OwnedReadHalf,
        handle: impl FnMut(Frame<'_>) -> Result<()>,
    ) -> Poll<Result<bool>> {
        READ.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            match Pin::new(half).poll_read(cx, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Ready(Ok(())) => {}
            }
            let read = buffer.filled_mut();
            if read.is_empty() {
                return Poll::Ready(Ok(false));
            }
            Poll::Ready(self.take(read, handle).map(|()| true))
        })
    }

    fn take(&mut self, read: &mut [u8], handle: impl FnMut(Frame<'_>) -> Result<()>) -> Result<()> {
        if self.rest.is_empty() {
            let used = each(read, self.max, self.masked, handle)?;
            self.rest.extend_from_slice(&read[used..]);
            return Ok(());
        }
        self.rest.extend_from_slice(read);
        self.drain(handle)
    }
}

/// Hands over every whole message at the front; returns how many bytes they took.
fn each(
    bytes: &mut [u8],
    max: usize,
    masked: bool,
    mut handle: impl FnMut(Frame<'_>) -> Result<()>,
) -> Result<usize> {
    let mut at = 0;
    while let Some(head) = head(&bytes[at..], masked)? {
        ensure!(head.payload <= max, "a message of {} bytes", head.payload);
        let start = at + head.length;
        let end = start + head.payload;
        let Some(payload) = bytes.get_mut(start..end) else { break };
        if let Some(key) = head.key {
            mask(payload, key);
        }
        handle(Frame { opcode: head.opcode, payload })?;
        at = end;
    }
    Ok(at)
}

struct Head {
    opcode: u8,
    key: Option<[u8; 4]>,
    length: usize,
    payload: usize,
}

fn head(bytes: &[u8], masked: bool) -> Result<Option<Head>> {
    let &[first, second, ..] = bytes else { return Ok(None) };
    ensure!(first & 0x70 == 0, "an extension nobody asked for");
    let opcode = first & 0x0f;
    if first & 0x80 == 0 || opcode == 0 {
        bail!("a fragment");
    }
    ensure!((second & 0x80 != 0) == masked, "masked by the wrong side");
    let short = usize::from(second & 0x7f);
    let extra = [0, 2, 8][usize::from(short >= 126) + usize::from(short == 127)];
    let length = 2 + extra + if masked { 4 } else { 0 };
    if bytes.len() < length {
        return Ok(None);
    }
    let long = bytes[2..2 + extra].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let payload = if extra == 0 { short } else { usize::try_from(long)? };
    let key = masked.then(|| [bytes[length - 4], bytes[length - 3], bytes[length - 2], bytes[length - 1]]);
    Ok(Some(Head { opcode, key, length, payload }))
}

fn mask(payload: &mut [u8], key: [u8; 4]) {
    let wide = u64::from(u32::from_ne_bytes(key)) * 0x1_0000_0001;
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(word) ^ wide).to_ne_bytes());
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(key.into_iter().cycle()) {
        *byte ^= key;
    }
}

/// Writes one message; clients give the key that masks it.
pub fn write(out: &mut Vec<u8>, opcode: u8, payload: &[u8], key: Option<[u8; 4]>) {
    let masked = if key.is_some() { 0x80 } else { 0 };
    out.push(0x80 | opcode);
    // The lengths fit: they were compared.
    match payload.len() {
        length if length < 126 => out.push(masked | length as u8),
        length if length <= usize::from(u16::MAX) => {
            out.push(masked | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    if let Some(key) = key {
        out.extend_from_slice(&key);
    }
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = key {
        mask(&mut out[start..], key);
    }
}

/// The code that a close frame names; 1005 where it names none.
#[must_use]
pub fn close_code(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every length's spelling, read back in one piece and byte by byte.
    #[test]
    fn what_is_written_is_read() {
        for masked in [false, true] {
            let key = masked.then_some([1, 2, 3, 250]);
            for length in [0, 1, 7, 8, 125, 126, 127, 65_535, 65_536, 70_001] {
                let payload: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
                let mut bytes = Vec::new();
                write(&mut bytes, BINARY, &payload, key);
                write(&mut bytes, PING, b"x", key);
                let step = if length > 1000 { 4001 } else { 1 };
                for step in [step, bytes.len()] {
                    let mut frames = Frames::new(1 << 20, masked);
                    let mut read = Vec::new();
                    for part in bytes.chunks(step) {
                        let mut part = part.to_vec();
                        let keep = |frame: Frame<'_>| {
                            read.push((frame.opcode, frame.payload.to_vec()));
                            Ok(())
                        };
                        frames.take(&mut part, keep).unwrap();
                    }
                    assert_eq!(read, [(BINARY, payload.clone()), (PING, b"x".to_vec())]);
                }
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let read = |bytes: &[u8], masked| each(&mut bytes.to_vec(), 10, masked, |_| Ok(()));
        assert!(read(&[0x82, 0x00], true).is_err(), "not masked");
        assert!(read(&[0x82, 0x80, 0, 0, 0, 0], false).is_err(), "masked");
        assert!(read(&[0x02, 0x00], false).is_err(), "a fragment");
        assert!(read(&[0xc2, 0x00], false).is_err(), "an extension");
        assert!(read(&[0x82, 11], false).is_err(), "too long");
        assert!(read(&[0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255], false).is_err(), "too long");
        assert_eq!(read(&[0x82, 1], false).unwrap(), 0);
    }
}
