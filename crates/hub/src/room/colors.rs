//! Which colour everybody has in a room: another one for each who is here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codementor_core::UserId;
use codementor_core::live::{color_of, free_color};

/// Everybody's colour as long as the room is open. Cheap to clone; the clones share it.
#[derive(Debug, Clone, Default)]
pub struct Colors {
    /// Written by the room's task, read by whoever shows its people; held for a few instructions.
    known: Arc<Mutex<HashMap<UserId, &'static str>>>,
}

impl Colors {
    /// Somebody's colour, as CSS `#rrggbb`.
    #[must_use]
    pub fn of(&self, user: UserId) -> &'static str {
        self.lock().get(&user).copied().unwrap_or_else(|| color_of(user))
    }

    /// Gives somebody who comes a colour: the one they had, unless somebody who is here has it now.
    pub(super) fn give(&self, user: UserId, is_taken: impl Fn(&str) -> bool) -> &'static str {
        let mut known = self.lock();
        let color = match known.get(&user) {
            Some(color) if !is_taken(color) => *color,
            _ => free_color(user, is_taken),
        };
        known.insert(user, color);
        color
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, &'static str>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
