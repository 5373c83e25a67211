//! The hub: which rooms are open, each once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use codementor_core::journal::{AppendError, Journal};
use codementor_core::ports::{Clock, StoreError};
use codementor_core::{SessionId, Timestamp};
use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;

use crate::document::Refusal;
use crate::room::{Colors, OpenError, Pulse, Room, Settings, Surroundings, Task, first_entry};

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
        let surroundings = Surroundings { journal, clock, observer, pulse: Arc::new(Pulse::new()) };
        Self { surroundings, rooms: Arc::default(), tasks: TaskTracker::new() }
    }

    /// The same, but its rooms let edits gather for so long.
    #[cfg(test)]
    pub(crate) fn with_pause(mut self, pause: std::time::Duration) -> Self {
        self.surroundings.pulse = Arc::new(Pulse::with_pause(pause));
        self
    }

    /// The room of a session, opened from its record unless it is open: then the settings are those it has. Those who ask at once get the
    /// same room.
    ///
    /// # Errors
    /// When the record cannot be read (asking again may help) or is damaged, too many rooms are open, or the hub stops.
    pub async fn room(&self, session: SessionId, settings: Settings) -> Result<Room, OpenError> {
        let asking = Asking::new(self, session)?;
        let slot = &asking.slot;
        let room = slot.get_or_try_init(|| self.open(session, settings, slot)).await?.clone();
        // Who was opened while the others were told to stop is told now.
        if lock(&self.rooms).is_stopping {
            room.stop().await;
        }
        Ok(room)
    }

    async fn open(&self, session: SessionId, settings: Settings, slot: &Slot) -> Result<Room, OpenError> {
        let (room, inbox) = Room::new();
        let task = Task::open(session, settings, self.surroundings.clone(), inbox, room.shared()).await?;
        let place = Place { rooms: self.rooms.clone(), session, slot: Arc::downgrade(slot) };
        self.tasks.spawn(task.run(move || drop(place)));
        Ok(room)
    }

    /// The room of a session, when it is open.
    #[must_use]
    pub fn open_room(&self, session: SessionId) -> Option<Room> {
        lock(&self.rooms).open.get(&session)?.get().cloned()
    }

    /// Everybody's colour in a session, as it is in its room when that is open.
    #[must_use]
    pub fn colors(&self, session: SessionId) -> Colors {
        self.open_room(session).map(|room| room.colors().clone()).unwrap_or_default()
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
        // All at once: one that has more to do than its inbox holds keeps no other waiting.
        for room in rooms {
            self.tasks.spawn(async move { room.stop().await });
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Somebody asks for a room. The place in the map stays while anybody does or the room is open, also when the first one gives up or
/// fails: those who wait try next, and whoever comes meanwhile must find the same place.
struct Asking<'a> {
    rooms: &'a Mutex<Rooms>,
    session: SessionId,
    slot: Slot,
}

impl<'a> Asking<'a> {
    fn new(hub: &'a Hub, session: SessionId) -> Result<Self, OpenError> {
        let mut rooms = lock(&hub.rooms);
        let is_full = rooms.open.len() >= MAX_ROOMS && !rooms.open.contains_key(&session);
        if rooms.is_stopping || is_full {
            return Err(OpenError::Busy);
        }
        let slot = rooms.open.entry(session).or_default().clone();
        Ok(Self { rooms: &hub.rooms, session, slot })
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut rooms = lock(self.rooms);
        // Given back under the lock, under which alone it is handed out: the map's is the last one when nobody else asks.
        let slot = std::mem::take(&mut self.slot);
        let is_known = rooms.open.get(&self.session).is_some_and(|known| Arc::ptr_eq(known, &slot));
        if is_known && !slot.initialized() && Arc::strong_count(&slot) == 2 {
            rooms.open.remove(&self.session);
        }
        drop(slot);
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

/// An open room's place in the map. Given up when it is dropped, also by a panic: else nobody could open the session again.
struct Place {
    rooms: Arc<Mutex<Rooms>>,
    session: SessionId,
    slot: Weak<OnceCell<Room>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut rooms = lock(&self.rooms);
        let is_this = |known: &Slot| std::ptr::eq(Arc::as_ptr(known), self.slot.as_ptr());
        if rooms.open.get(&self.session).is_some_and(is_this) {
            rooms.open.remove(&self.session);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is one step, so a poisoned map is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
