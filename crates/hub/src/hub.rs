//! The hub: which rooms are open, each once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codementor_core::SessionId;
use codementor_core::journal::Journal;
use codementor_core::ports::{Clock, StoreError};
use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;

use crate::room::{OpenError, Room, Task};

/// The most rooms open at once.
pub const MAX_ROOMS: usize = 20_000;

/// A room that is open, or being opened by whoever came first.
type Slot = Arc<OnceCell<Room>>;

/// The open rooms.
pub struct Hub {
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    /// Shared with the rooms, each of which takes itself out. Held for a few instructions, never across an await.
    rooms: Arc<Mutex<HashMap<SessionId, Slot>>>,
    tasks: TaskTracker,
}

impl Hub {
    /// A hub without rooms.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>) -> Self {
        Self { journal, clock, rooms: Arc::default(), tasks: TaskTracker::new() }
    }

    /// The room of a session, opened from its record unless it is open. Those who ask at once get the same room.
    ///
    /// # Errors
    /// When the record cannot be read (asking again may help) or is damaged, or too many rooms are open.
    pub async fn room(&self, session: SessionId) -> Result<Room, OpenError> {
        let slot = {
            let mut rooms = lock(&self.rooms);
            if rooms.len() >= MAX_ROOMS && !rooms.contains_key(&session) {
                let why = "too many sessions are open".to_owned();
                return Err(StoreError::Unavailable(why).into());
            }
            rooms.entry(session).or_default().clone()
        };
        let opened = slot.get_or_try_init(|| self.open(session, &slot)).await.cloned();
        if opened.is_err() {
            forget(&self.rooms, session, &slot);
        }
        opened
    }

    async fn open(&self, session: SessionId, slot: &Slot) -> Result<Room, OpenError> {
        let (room, inbox) = Room::new();
        let task = Task::open(session, self.journal.clone(), self.clock.clone(), inbox).await?;
        let (rooms, slot) = (self.rooms.clone(), Arc::downgrade(slot));
        self.tasks.spawn(task.run(move || {
            if let Some(slot) = slot.upgrade() {
                forget(&rooms, session, &slot);
            }
        }));
        Ok(room)
    }

    /// How many rooms are open.
    #[must_use]
    pub fn open_rooms(&self) -> usize {
        lock(&self.rooms).len()
    }
}

/// Takes a room out, unless another has come in its place.
fn forget(rooms: &Mutex<HashMap<SessionId, Slot>>, session: SessionId, slot: &Slot) {
    let mut rooms = lock(rooms);
    if rooms.get(&session).is_some_and(|known| Arc::ptr_eq(known, slot)) {
        rooms.remove(&session);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is one step, so a poisoned map is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
