//! The hub: which rooms are open, each once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codementor_core::journal::{AppendError, Journal};
use codementor_core::ports::{Clock, StoreError};
use codementor_core::{SessionId, Timestamp};
use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;

use crate::document::Refusal;
use crate::room::{OpenError, Room, Settings, Surroundings, Task, first_entry};

/// The most rooms open at once.
pub const MAX_ROOMS: usize = 20_000;

/// Hears what is worth counting.
pub trait Observer: Send + Sync {
    /// So many edits were told, to so many members added up.
    fn told(&self, edits: u64, deliveries: u64);
    /// Something of a client was refused, for this reason.
    fn refused(&self, reason: &'static str);
}

/// Counts nothing.
#[derive(Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn told(&self, _: u64, _: u64) {}
    fn refused(&self, _: &'static str) {}
}

/// A room that is open, or being opened by whoever came first.
type Slot = Arc<OnceCell<Room>>;

/// The open rooms.
pub struct Hub {
    surroundings: Surroundings,
    /// Shared with the rooms, each of which takes itself out. Held for a few instructions, never across an await.
    rooms: Arc<Mutex<Rooms>>,
    tasks: TaskTracker,
}

#[derive(Default)]
struct Rooms {
    open: HashMap<SessionId, Slot>,
    is_stopping: bool,
}

impl Hub {
    /// A hub without rooms.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, observer: Arc<dyn Observer>) -> Self {
        let surroundings = Surroundings { journal, clock, observer };
        Self { surroundings, rooms: Arc::default(), tasks: TaskTracker::new() }
    }

    /// The room of a session, opened from its record unless it is open: then the settings are those it has. Those who ask at once get the
    /// same room.
    ///
    /// # Errors
    /// When the record cannot be read (asking again may help) or is damaged, too many rooms are open, or the hub stops.
    pub async fn room(&self, session: SessionId, settings: Settings) -> Result<Room, OpenError> {
        let slot = {
            let mut rooms = lock(&self.rooms);
            let is_full = rooms.open.len() >= MAX_ROOMS && !rooms.open.contains_key(&session);
            if rooms.is_stopping || is_full {
                return Err(OpenError::Busy);
            }
            rooms.open.entry(session).or_default().clone()
        };
        let opened = slot.get_or_try_init(|| self.open(session, settings, &slot)).await.cloned();
        match &opened {
            Err(_) => forget(&self.rooms, session, &slot),
            // Who was opened while the others were told to stop is told now.
            Ok(room) if lock(&self.rooms).is_stopping => room.stop().await,
            Ok(_) => {}
        }
        opened
    }

    async fn open(&self, session: SessionId, settings: Settings, slot: &Slot) -> Result<Room, OpenError> {
        let (room, inbox) = Room::new();
        let task = Task::open(session, settings, self.surroundings.clone(), inbox, room.presence()).await?;
        let (rooms, slot) = (self.rooms.clone(), Arc::downgrade(slot));
        self.tasks.spawn(task.run(move || {
            if let Some(slot) = slot.upgrade() {
                forget(&rooms, session, &slot);
            }
        }));
        Ok(room)
    }

    /// The room of a session, when it is open.
    #[must_use]
    pub fn open_room(&self, session: SessionId) -> Option<Room> {
        lock(&self.rooms).open.get(&session)?.get().cloned()
    }

    /// Begins the record of a new session with a text.
    ///
    /// # Errors
    /// When the text is too long, or the journal does not answer.
    pub async fn begin(&self, session: SessionId, text: &str, at: Timestamp) -> Result<(), BeginError> {
        match first_entry(text, at)? {
            Some(entry) => Ok(self.surroundings.journal.append(session, vec![entry]).await?),
            None => Ok(()),
        }
    }

    /// How many rooms are open.
    #[must_use]
    pub fn open_rooms(&self) -> usize {
        lock(&self.rooms).open.len()
    }

    /// Opens no room any more, closes those that are open after all that was said in them (1012), and waits until their state is safe.
    pub async fn stop(&self) {
        let rooms: Vec<Room> = {
            let mut rooms = lock(&self.rooms);
            rooms.is_stopping = true;
            rooms.open.values().filter_map(|slot| slot.get().cloned()).collect()
        };
        for room in rooms {
            room.stop().await;
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Why a record cannot be begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The text is too long.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The journal does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The session is not new.
    #[error("the session has a record already")]
    Begun,
}

impl From<AppendError> for BeginError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict { .. } => Self::Begun,
            AppendError::Store(error) => Self::Store(error),
        }
    }
}

/// Takes a room out, unless another has come in its place.
fn forget(rooms: &Mutex<Rooms>, session: SessionId, slot: &Slot) {
    let mut rooms = lock(rooms);
    if rooms.open.get(&session).is_some_and(|known| Arc::ptr_eq(known, slot)) {
        rooms.open.remove(&session);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is one step, so a poisoned map is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
