//! A late joiner: asks the server for a whole document and notes what it is told.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::client::MAX_MESSAGE;
use super::coverage::Coverage;
use super::target::Target;
use super::yjs::{self, Heard};
use crate::frame::{self, Frames};
use crate::handshake;

/// Units by client, as the server tells them.
pub type Known = BTreeMap<u64, Coverage>;

/// A late joiner at work.
pub struct Probe {
    read: OwnedReadHalf,
    write: OwnedWriteHalf,
    frames: Frames,
    told: Told,
}

/// What a late joiner was told so far.
struct Told {
    known: Known,
    /// Answers to its question.
    answers: u32,
    /// Bytes of all answers and updates.
    bytes: usize,
    /// When the last of them was here whole. Reading it is not the server's time.
    at: Instant,
}

impl Probe {
    /// Opens a socket at a path of [`Target::path`] and asks.
    ///
    /// # Errors
    /// When it is not let in.
    pub async fn open(target: &Target, path: &str) -> Result<Self> {
        let upgraded = handshake::connect(target.address, path).await?;
        let (read, mut write) = upgraded.stream.into_split();
        let mut frames = Frames::new(MAX_MESSAGE, false);
        frames.push(&upgraded.rest);
        let mut question = Vec::new();
        frame::write(&mut question, frame::BINARY, &yjs::question(), Some([1, 2, 3, 4]));
        write.write_all(&question).await?;
        let told = Told { known: Known::new(), answers: 0, bytes: 0, at: Instant::now() };
        let mut probe = Self { read, write, frames, told };
        // What came with the handshake.
        let Self { frames, told, .. } = &mut probe;
        frames.drain(|frame| told.hear(&frame))?;
        Ok(probe)
    }

    /// Bytes of all answers and updates so far.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.told.bytes
    }

    /// When the last of them was here whole.
    #[must_use]
    pub fn told_at(&self) -> Instant {
        self.told.at
    }

    /// Listens until it has the answer and `enough` of it.
    ///
    /// # Errors
    /// When the server ends the connection or says what cannot be read.
    pub async fn listen(&mut self, enough: impl Fn(&Known) -> bool) -> Result<()> {
        let Self { frames, told, read, .. } = self;
        while told.answers == 0 || !enough(&told.known) {
            let more = poll_fn(|cx| frames.poll(cx, read, |frame| told.hear(&frame))).await?;
            ensure!(more, "the server left a late joiner");
        }
        Ok(())
    }

    /// Sends frames that are ready, one after another.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send(&mut self, frames: &[u8]) -> Result<()> {
        Ok(self.write.write_all(frames).await?)
    }
}

impl Told {
    fn hear(&mut self, frame: &frame::Frame<'_>) -> Result<()> {
        if frame.opcode == frame::BINARY {
            let at = Instant::now();
            let heard = yjs::read(frame.payload, |client, units| {
                self.known.entry(client).or_default().add(units, |_| ());
            });
            let heard = heard.context("the server's answer")?;
            if matches!(heard, Heard::Answer | Heard::Update) {
                self.bytes += frame.payload.len();
                self.at = at;
            }
            self.answers += u32::from(heard == Heard::Answer);
        }
        Ok(())
    }
}

/// Whether all units of all clients are known.
#[must_use]
pub fn covers(known: &Known, expected: &BTreeMap<u64, u32>) -> bool {
    expected
        .iter()
        .all(|(id, sent)| *sent == 0 || known.get(id).is_some_and(|known| known.missing(*sent) == 0))
}

/// What a fresh client of a document is told, when it waits for all of `expected`, but no longer than `patience`.
///
/// # Errors
/// When the server does not let it in, does not answer at all or says what cannot be read.
pub async fn until_known(
    target: &Target,
    document: &str,
    expected: &BTreeMap<u64, u32>,
    patience: Duration,
) -> Result<Known> {
    let path = target.path(document).await?;
    let mut probe = Probe::open(target, &path).await?;
    tokio::time::timeout(patience * 4, probe.listen(|_| true))
        .await
        .context("no answer for a late joiner")??;
    // What it is not told within the time, it is not told.
    let _ = tokio::time::timeout(patience, probe.listen(|known| covers(known, expected))).await;
    Ok(probe.told.known)
}
