//! A room: the one task that owns a session's document. Everything that happens to it passes here, in order.
//!
//! What happens is taken in batches: all that waits, up to a bound. A batch is written to the journal in one go, and only then does
//! anybody hear of it, so nobody ever has what a crash could take back.

mod answers;
mod batch;
mod colors;
mod command;
mod edits;
mod event;
mod keeping;
mod people;
mod pulse;
mod record;
mod shifts;
mod snapshots;
mod task;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use codementor_core::UserId;
use codementor_core::live::{Part, Policy, Recording};
use codementor_protocol::session_event::CodeChange;
use tokio::sync::{mpsc, oneshot};

pub use colors::Colors;
pub(crate) use command::Command;
pub use command::{Announcement, Greeting, Hears, Keep, Newcomer, Person, Settings, Unavailable};
pub use event::{participant, role};
pub(crate) use pulse::Pulse;
pub use record::OpenError;
pub(crate) use record::first_entry;
pub(crate) use task::{Surroundings, Task};

use crate::outbox::Outbox;
use crate::wire::Message;

/// The most members of a room.
pub const MAX_MEMBERS: usize = 300;
/// Commands that wait for a room. Each member's leaving has a place of its own beside them.
const INBOX: usize = 256;

/// One connection in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub(crate) u64);

/// A room, from outside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Room {
    inbox: mpsc::Sender<Command>,
    /// The number of the next member. Shared by all who hold the room.
    next_member: Arc<AtomicU64>,
    shared: Shared,
}

/// What the room's task tells of itself at any time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    /// How many people are there.
    present: Arc<AtomicU32>,
    colors: Colors,
}

impl Room {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (inbox, commands) = mpsc::channel(INBOX + MAX_MEMBERS);
        (Self { inbox, next_member: Arc::default(), shared: Shared::default() }, commands)
    }

    /// Comes in.
    ///
    /// # Errors
    /// When the room is closing or full.
    pub async fn join(&self, newcomer: Newcomer) -> Result<Member, Unavailable> {
        let closing = |_| Unavailable::Closing;
        // Held for the leaving, which must not find the inbox full.
        let leave = self.inbox.clone().reserve_owned().await.map_err(|_| Unavailable::Closing)?;
        let id = MemberId(self.next_member.fetch_add(1, Ordering::Relaxed));
        let outbox = Arc::new(Outbox::new(newcomer.hears));
        // Made first: who gives up waiting leaves as well.
        let member = Member { room: self.clone(), id, outbox: outbox.clone(), leave: Some(leave) };
        let (reply, answer) = oneshot::channel();
        self.send(Command::Join(id, newcomer, outbox, reply)).await?;
        answer.await.map_err(closing)??;
        Ok(member)
    }

    /// Tells everybody in the room of something.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn announce(&self, announcement: Announcement) -> Result<(), Unavailable> {
        self.confirm(Command::Announce(announcement)).await
    }

    /// Changes what people are, with effect from the next message on, and tells everybody.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn set_parts(
        &self,
        parts: Vec<(UserId, Part)>,
        announcement: Announcement,
    ) -> Result<(), Unavailable> {
        self.confirm(Command::SetParts(parts, announcement)).await
    }

    /// Changes who may write and whether it is recorded, and tells everybody.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn set(&self, settings: Settings, announcement: Announcement) -> Result<(), Unavailable> {
        self.confirm(Command::Set(settings, announcement)).await
    }

    /// Ends the connections of people who were sent out.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn send_out(&self, users: Vec<UserId>) -> Result<(), Unavailable> {
        self.confirm(Command::SendOut(users)).await
    }

    /// Tells everybody that the session has ended, and ends all connections.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn end(&self, announcement: Announcement) -> Result<(), Unavailable> {
        self.confirm(Command::End(announcement)).await
    }

    /// Makes the text another one, as an edit of `author` that touches no more than what differs. Answered once it is kept; `false` when
    /// it was refused, as it would be too long.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn replace(&self, author: UserId, text: String) -> Result<bool, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Replace(author, text, reply)).await?;
        answer.await.map_err(|_| Unavailable::Closing)
    }

    /// The text, as everybody has heard of it.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn text(&self) -> Result<String, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Text(reply)).await?;
        answer.await.map_err(|_| Unavailable::Closing)
    }

    /// Who is there now: people, not connections.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn people(&self) -> Result<Vec<Person>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::People(reply)).await?;
        answer.await.map_err(|_| Unavailable::Closing)
    }

    /// How many people are there, about now.
    #[must_use]
    pub fn present(&self) -> u32 {
        self.shared.present.load(Ordering::Relaxed)
    }

    /// Everybody's colour.
    #[must_use]
    pub fn colors(&self) -> &Colors {
        &self.shared.colors
    }

    pub(crate) fn shared(&self) -> Shared {
        self.shared.clone()
    }

    /// Closes the room for a restart, after all that was said before.
    pub(crate) async fn stop(&self) {
        // A room that has closed needs no telling.
        let _ = self.send(Command::Stop).await;
    }

    /// Has a command done by this room, and not lost by one that closes just now.
    async fn confirm(&self, command: Command) -> Result<(), Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Confirm(Box::new(command), reply)).await?;
        answer.await.map_err(|_| Unavailable::Closing)
    }

    async fn send(&self, command: Command) -> Result<(), Unavailable> {
        self.inbox.send(command).await.map_err(|_| Unavailable::Closing)
    }
}

/// One's place in a room. Dropping it leaves.
#[derive(Debug)]
pub struct Member {
    room: Room,
    id: MemberId,
    outbox: Arc<Outbox>,
    leave: Option<mpsc::OwnedPermit<Command>>,
}

impl Member {
    /// Where the room puts what this member is to be sent.
    #[must_use]
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Passes on what the member said. Waits while the room has much to do, so that a fast writer is slowed down and not dropped.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn say(&self, message: Message) -> Result<(), Unavailable> {
        self.room.send(Command::Message(self.id, message)).await
    }

    /// Is there, and wants to be told the state of the session.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn greet(&self, greeting: Greeting) -> Result<(), Unavailable> {
        self.room.send(Command::Greet(self.id, Box::new(greeting))).await
    }

    /// Edits without a CRDT. Everybody else hears of it; `id` is acknowledged once it is kept.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn edit(&self, change: CodeChange, id: Option<String>) -> Result<(), Unavailable> {
        self.room.send(Command::Edit(self.id, change, id)).await
    }

    /// Tells the others something; `id` is acknowledged once that is done.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn tell(&self, announcement: Announcement, id: Option<String>) -> Result<(), Unavailable> {
        self.room.send(Command::Tell(self.id, announcement, id)).await
    }

    /// Asks for everything after a version, after [`crate::outbox::Next::Behind`].
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn catch_up(&self, version: u64) -> Result<(), Unavailable> {
        self.room.send(Command::CatchUp(self.id, version)).await
    }

    /// The room.
    #[must_use]
    pub fn room(&self) -> &Room {
        &self.room
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(leave) = self.leave.take() {
            leave.send(Command::Leave(self.id));
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { policy: Policy::Free, recording: Recording::On }
    }
}
