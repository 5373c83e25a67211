//! Recordings of sessions, built from the journal and kept for a while: whoever watches one asks for many parts of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use codementor_core::SessionId;
use codementor_core::journal::{Entry, Journal};
use codementor_core::ports::StoreError;
use codementor_hub::replay::{Recording, Unfit};
use tokio::sync::Semaphore;

/// Recordings that are kept at once.
const MAX_KEPT: usize = 8;
/// The most entries of all that are kept together, unless it is one alone.
const MAX_STEPS: usize = 1_000_000;
/// How old a recording of a session may be that still goes on.
const FRESH: Duration = Duration::from_secs(2);
/// Recordings that are built at once: each takes a core while it is.
const MAX_BUILDING: usize = 1;
/// Entries that are read at once.
const PAGE: u32 = 5_000;

/// Why there is no recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Nothing was recorded, or it was forgotten.
    #[error("there is no recording of this session")]
    None,
    /// The journal does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it keeps cannot be watched.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The process is ending.
    #[error("the server stops")]
    Stopping,
}

struct Known {
    session: SessionId,
    recording: Arc<Recording>,
    built: Instant,
}

/// The recordings that were watched last.
pub struct Recordings {
    journal: Arc<dyn Journal>,
    /// The newest first. Held for a few instructions.
    known: Mutex<VecDeque<Known>>,
    building: Semaphore,
}

impl Recordings {
    /// None yet.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>) -> Self {
        Self { journal, known: Mutex::default(), building: Semaphore::new(MAX_BUILDING) }
    }

    /// A session's recording, up to the last entry that is kept; of one that still goes on it may be two seconds old.
    ///
    /// # Errors
    /// See [`RecordingError`].
    pub async fn get(&self, session: SessionId) -> Result<Arc<Recording>, RecordingError> {
        if let Some(known) = self.find(session).await? {
            return Ok(known);
        }
        let _turn = self.building.acquire().await.map_err(|_| RecordingError::Stopping)?;
        // Whoever waited for their turn may find it built.
        if let Some(known) = self.find(session).await? {
            return Ok(known);
        }
        let entries = self.entries(session).await?;
        if entries.first().is_none_or(|first| first.seq != 1) {
            return Err(RecordingError::None);
        }
        let built = tokio::task::spawn_blocking(move || {
            let mut builder = Recording::builder();
            entries.into_iter().try_for_each(|entry| builder.push(entry))?;
            builder.finish()
        });
        let recording = Arc::new(built.await.map_err(|_| RecordingError::Stopping)??);
        self.keep(session, recording.clone());
        Ok(recording)
    }

    /// The whole record of a session.
    ///
    /// # Errors
    /// When the journal does not answer.
    pub async fn entries(&self, session: SessionId) -> Result<Vec<Entry>, RecordingError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |last| last.seq);
            let page = self.journal.read(session, after, PAGE).await?;
            if page.is_empty() {
                return Ok(entries);
            }
            entries.extend(page);
            if entries.len() as u64 > codementor_hub::replay::builder::MAX_ENTRIES {
                return Err(Unfit::TooLarge { seq: after }.into());
            }
        }
    }

    /// Something happened that whoever asks next must find in it.
    pub fn forget(&self, session: SessionId) {
        self.lock().retain(|known| known.session != session);
    }

    async fn find(&self, session: SessionId) -> Result<Option<Arc<Recording>>, RecordingError> {
        let known = {
            let known = self.lock();
            let found = known.iter().find(|known| known.session == session);
            found.map(|known| (known.recording.clone(), known.built))
        };
        let Some((recording, built)) = known else { return Ok(None) };
        if built.elapsed() < FRESH {
            return Ok(Some(recording));
        }
        let more = self.journal.read(session, recording.last_seq(), 1).await?;
        // What was recorded may have been forgotten since.
        let first = self.journal.read(session, 0, 1).await?;
        let is_whole = first.first().is_some_and(|first| first.seq == 1);
        Ok((more.is_empty() && is_whole).then_some(recording))
    }

    fn keep(&self, session: SessionId, recording: Arc<Recording>) {
        let mut known = self.lock();
        known.retain(|known| known.session != session);
        known.push_front(Known { session, recording, built: Instant::now() });
        known.truncate(MAX_KEPT);
        let steps = |known: &VecDeque<Known>| -> usize {
            known.iter().map(|known| known.recording.all_steps().len()).sum()
        };
        while known.len() > 1 && steps(&known) > MAX_STEPS {
            known.pop_back();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
