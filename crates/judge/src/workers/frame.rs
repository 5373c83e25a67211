//! One message: four bytes of length, the most significant first, and so many bytes of JSON.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use super::SILENCE;

/// Room for a message before any of it has come.
const ROOM: usize = 64 * 1024;

/// Why there is no next message. Nothing more can be read then.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("the connection has ended")]
    Gone,
    #[error("nothing was said for too long")]
    Silent,
    #[error("a message did not come to its end")]
    Slow,
    #[error("a message of {0} bytes is too long")]
    TooLong(usize),
    #[error("a message makes no sense: {0}")]
    Garbage(String),
}

impl Broken {
    /// Its name among the metrics, when it is a fault of the other side's.
    pub(super) fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Gone => None,
            Self::Silent => Some("silent"),
            Self::Slow => Some("slow"),
            Self::TooLong(_) => Some("too_long"),
            Self::Garbage(_) => Some("garbage"),
        }
    }
}

/// Reads a message of at most `limit` bytes. It must begin within `patience`, if there is any, and then come to its end. What was said to
/// come takes no room before it comes.
pub(super) async fn read<T: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
    limit: usize,
    patience: Option<Duration>,
) -> Result<T, Broken> {
    let mut head = [0; 4];
    let begun = stream.read(&mut head);
    let begun = match patience {
        Some(patience) => timeout(patience, begun).await.map_err(|_| Broken::Silent)?,
        None => begun.await,
    };
    let begun = begun.ok().filter(|begun| *begun > 0).ok_or(Broken::Gone)?;
    let rest = async {
        stream.read_exact(&mut head[begun..]).await.map_err(|_| Broken::Gone)?;
        let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
        if length > limit {
            return Err(Broken::TooLong(length));
        }
        let mut body = Vec::with_capacity(length.min(ROOM));
        let read = stream.take(length as u64).read_to_end(&mut body).await;
        if read.ok() == Some(length) { Ok(body) } else { Err(Broken::Gone) }
    };
    let body = timeout(SILENCE, rest).await.map_err(|_| Broken::Slow)??;
    serde_json::from_slice(&body).map_err(|error| Broken::Garbage(error.to_string()))
}

/// A message with its length before it.
///
/// # Errors
/// When it is longer than `limit` bytes, in words.
pub(super) fn encode(message: &impl Serialize, limit: usize) -> Result<Vec<u8>, String> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message).map_err(|error| error.to_string())?;
    let length = bytes.len() - 4;
    let head = u32::try_from(length).ok().filter(|_| length <= limit);
    let head = head.ok_or_else(|| format!("{length} bytes are more than fit into a message"))?;
    bytes[..4].copy_from_slice(&head.to_be_bytes());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn heard(bytes: &[u8]) -> Result<Value, Broken> {
        read(&mut &*bytes, 100, Some(SILENCE)).await
    }

    #[tokio::test]
    async fn what_is_said_is_heard_and_what_is_not_whole_is_not() {
        let said = encode(&json!({ "a": 1 }), 100).unwrap();
        assert_eq!(heard(&said).await, Ok(json!({ "a": 1 })));
        for end in 0..said.len() {
            assert_eq!(heard(&said[..end]).await, Err(Broken::Gone), "{end}");
        }
        assert!(matches!(heard(b"\0\0\0\x02{]").await, Err(Broken::Garbage(_))));
        assert!(matches!(heard(b"\0\0\0\0").await, Err(Broken::Garbage(_))));
        assert_eq!(heard(b"\0\0\0\x65").await, Err(Broken::TooLong(101)));
        assert_eq!(heard(b"\xff\xff\xff\xff").await, Err(Broken::TooLong(u32::MAX as usize)));
        assert!(encode(&"x".repeat(99), 100).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_waited_for_without_end() {
        let (mut near, mut far) = tokio::io::duplex(64);
        let silent: Result<Value, _> = read(&mut near, 100, Some(SILENCE)).await;
        assert_eq!(silent, Err(Broken::Silent));
        far.write_all(b"\0").await.unwrap();
        let slow: Result<Value, _> = read(&mut near, 100, None).await;
        assert_eq!(slow, Err(Broken::Slow));
    }
}
