//! WebSocket frames made by hand (RFC 6455, section 5.2), for those that no client library sends.

use crate::raw::Raw;
use crate::server::Server;

/// The bit of a first byte that ends a message.
pub const FIN: u8 = 0x80;
/// The opcode of a further fragment.
pub const CONTINUATION: u8 = 0x0;
/// The opcode of a text.
pub const TEXT: u8 = 0x1;
/// The opcode of a close.
pub const CLOSE: u8 = 0x8;
/// The opcode of a ping.
pub const PING: u8 = 0x9;

/// A masked frame. The mask is zero, so the payload stays readable.
#[must_use]
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(first, payload.len() as u64);
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// The head of a masked frame up to its mask, with any stated length.
#[must_use]
pub fn head(first: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(small @ 0..126), _) => bytes.push(0x80 | small),
        (_, Ok(middle)) => {
            bytes.push(0x80 | 126);
            bytes.extend(middle.to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes
}

/// An open socket of a person by hand: the handshake is done, the `hello` is read.
///
/// # Panics
/// When the server does not upgrade.
pub async fn open(server: &Server, token: &str) -> Raw {
    let mut raw = open_at(server, &format!("/ws?token={token}")).await;
    let (opcode, hello) = next(&mut raw).await.expect("a hello");
    assert!(opcode == TEXT && String::from_utf8_lossy(&hello).contains("hello"));
    raw
}

/// An open socket at any path by hand: the handshake is done, nothing is read.
///
/// # Panics
/// When the server does not upgrade.
pub async fn open_at(server: &Server, path: &str) -> Raw {
    let mut raw = Raw::connect(server).await;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        server.authority()
    );
    assert!(raw.send(request.as_bytes()).await);
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let byte = raw.exactly(1).await;
        assert!(!byte.is_empty(), "{}", String::from_utf8_lossy(&answer));
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
    raw
}

/// The opcode and payload of the next frame from the server; `None` at the end.
pub async fn next(raw: &mut Raw) -> Option<(u8, Vec<u8>)> {
    let head = raw.exactly(2).await;
    let [first, second] = head.as_slice() else { return None };
    let length = match second & 0x7f {
        126 => raw.exactly(2).await.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
        127 => raw.exactly(8).await.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
        small => usize::from(small),
    };
    Some((first & 0x0f, raw.exactly(length).await))
}

/// Reads until the close and tells its code. 1006 when the connection ends without one, 1005 when it has none.
pub async fn closed(raw: &mut Raw) -> u16 {
    while let Some((opcode, payload)) = next(raw).await {
        if opcode == CLOSE {
            return payload.get(..2).map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]));
        }
    }
    1006
}
