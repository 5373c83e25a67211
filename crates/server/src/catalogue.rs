//! The challenges on offer while the server runs: those that came with the program, and the published ones of the store.
//!
//! One task owns what is known of the store; everybody else takes the present catalogue and keeps it for as long as a request lasts.
//! A challenge that came with the program cannot be replaced by a stored one.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use codementor_catalog::{Catalog, inspect};
use codementor_core::catalogue::{ContentHash, Offers};
use codementor_core::ports::{Store, StoreError, StoreResult};
use codementor_core::{Challenge, ChallengeId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How often the store is asked whether another process has changed what is offered.
const EVERY: Duration = Duration::from_secs(2);
/// Requests that wait for a look at once; more wait for a place.
const ASKING: usize = 64;
/// The most bytes of files whose challenges are held in memory; what is beyond is not offered.
const MAX_LOADED_BYTES: usize = 512 * 1024 * 1024;

/// The catalogue as it is now.
pub struct LiveCatalog {
    /// Replaced whole by the keeper's task; read for an instruction.
    current: Arc<RwLock<Arc<Catalog>>>,
    asks: mpsc::Sender<oneshot::Sender<()>>,
    stopping: CancellationToken,
}

impl LiveCatalog {
    /// Reads what is offered and keeps looking.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn start(store: Arc<dyn Store>, builtin: Vec<Challenge>) -> StoreResult<Arc<Self>> {
        let builtin = builtin.into_iter().map(Arc::new).collect();
        let mut keeper = Keeper { store, builtin, revision: None, loaded: BTreeMap::new() };
        let first = keeper.look().await?.unwrap_or_default();
        let (asks, asked) = mpsc::channel(ASKING);
        let live = Self {
            current: Arc::new(RwLock::new(Arc::new(first))),
            asks,
            stopping: CancellationToken::new(),
        };
        tokio::spawn(keeper.run(live.current.clone(), asked, live.stopping.clone()));
        Ok(Arc::new(live))
    }

    /// What is offered now. Take it once a request, so that one answer does not mix two.
    #[must_use]
    pub fn now(&self) -> Arc<Catalog> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Finds a challenge that is offered now.
    #[must_use]
    pub fn get(&self, id: &ChallengeId) -> Option<Arc<Challenge>> {
        self.now().get(id).cloned()
    }

    /// Returns when all that the store offers at this moment is offered here, or the server stops. A store that does not answer is
    /// asked again by itself.
    pub async fn refresh(&self) {
        let (sender, seen) = oneshot::channel();
        if self.asks.send(sender).await.is_ok() {
            // Closed: the server stops.
            let _ = seen.await;
        }
    }

    /// Looks no more, so that the store may close.
    pub fn stop(&self) {
        self.stopping.cancel();
    }
}

/// What is known of the store.
struct Keeper {
    store: Arc<dyn Store>,
    builtin: Vec<Arc<Challenge>>,
    revision: Option<u64>,
    loaded: BTreeMap<ChallengeId, Loaded>,
}

/// A stored challenge in memory.
#[derive(Clone)]
struct Loaded {
    content: ContentHash,
    challenge: Arc<Challenge>,
    bytes: usize,
}

impl Keeper {
    async fn run(
        mut self,
        current: Arc<RwLock<Arc<Catalog>>>,
        mut asked: mpsc::Receiver<oneshot::Sender<()>>,
        stopping: CancellationToken,
    ) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let mut waiting = Vec::new();
            tokio::select! {
                () = stopping.cancelled() => return,
                sender = asked.recv() => match sender {
                    Some(sender) => waiting.push(sender),
                    None => return,
                },
                _ = ticks.tick() => {}
            }
            while let Ok(sender) = asked.try_recv() {
                waiting.push(sender);
            }
            match self.look().await {
                Ok(Some(catalog)) => {
                    *current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalog);
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "the store's challenges could not be read; trying again")
                }
            }
            // Whoever no longer waits is no fault.
            for sender in waiting {
                let _ = sender.send(());
            }
        }
    }

    /// The catalogue, when it is another than the last one.
    async fn look(&mut self) -> StoreResult<Option<Catalog>> {
        let Some(offers) = self.store.offers(self.revision).await? else { return Ok(None) };
        let loaded = self.load(&offers).await?;
        self.revision = Some(offers.revision);
        self.loaded = loaded;
        // The built-in ones last: of two with one id the later wins.
        let stored = self.loaded.values().map(|loaded| loaded.challenge.clone());
        let all: Vec<_> = stored.chain(self.builtin.iter().cloned()).collect();
        Ok(tokio::task::spawn_blocking(move || Catalog::new(all)).await.ok())
    }

    async fn load(&self, offers: &Offers) -> StoreResult<BTreeMap<ChallengeId, Loaded>> {
        let mut loaded = BTreeMap::new();
        let mut bytes = 0;
        for (id, content) in &offers.items {
            let known = self.loaded.get(id).filter(|known| known.content == *content).cloned();
            let found = match known {
                Some(known) => Some(known),
                None => self.read(id, content).await?,
            };
            let Some(found) = found else { continue };
            bytes += found.bytes;
            if bytes > MAX_LOADED_BYTES {
                tracing::error!(challenge = %id, "there are more challenges than fit into memory; this one is not offered");
                bytes -= found.bytes;
                continue;
            }
            loaded.insert(id.clone(), found);
        }
        Ok(loaded)
    }

    /// Reads one; `None` when it cannot be offered, which the log tells.
    async fn read(&self, id: &ChallengeId, content: &ContentHash) -> StoreResult<Option<Loaded>> {
        if self.builtin.iter().any(|builtin| builtin.id == *id) {
            tracing::warn!(challenge = %id, "a stored challenge has the id of one that came with the program, and is not offered");
            return Ok(None);
        }
        // Gone: it was published anew or withdrawn this moment, which the next look finds.
        let files = match self.store.challenge_files(content).await {
            Ok(Some(files)) => files,
            Ok(None) => return Ok(None),
            // One damaged row must not take the others off the list.
            Err(StoreError::Failed(why)) => {
                tracing::error!(%why, challenge = %id, "a published challenge cannot be read, and is not offered");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let (name, bytes) = (id.clone(), files.bytes());
        let parsed = tokio::task::spawn_blocking(move || inspect::read(&name, &files)).await;
        match parsed {
            Ok(Ok(challenge)) => {
                Ok(Some(Loaded { content: *content, challenge: Arc::new(challenge), bytes }))
            }
            Ok(Err(fault)) => {
                tracing::error!(challenge = %id, file = fault.file, fault = fault.message, "a published challenge cannot be read by this program, and is not offered");
                Ok(None)
            }
            Err(error) => {
                tracing::error!(%error, challenge = %id, "a published challenge could not be read");
                Ok(None)
            }
        }
    }
}
