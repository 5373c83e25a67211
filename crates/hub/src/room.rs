//! A room: the one task that owns a session's document. Everything that happens to it passes here, in order.
//!
//! What happens is taken in batches: all that waits, up to a bound. A batch is written to the journal in one go, and only then does
//! anybody hear of it, so nobody ever has what a crash could take back.

mod batch;
mod record;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use codementor_core::UserId;
use tokio::sync::{mpsc, oneshot};

pub use record::OpenError;
pub(crate) use task::Task;

use crate::outbox::Outbox;
use crate::presence::Identity;
use crate::wire::{Clock, Message};

/// The most members of a room.
pub const MAX_MEMBERS: usize = 300;
/// Commands that wait for a room. Each member's leaving has a place of its own beside them.
const INBOX: usize = 256;

/// One connection in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub(crate) u64);

/// What a member may do to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read and write.
    Write,
    /// Read.
    Read,
}

/// Who wants to come in.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The person.
    pub user: UserId,
    /// What others see of them.
    pub identity: Identity,
    /// What they may do.
    pub access: Access,
}

/// Why nothing comes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The room is closing or has closed; asking the hub again opens it anew.
    #[error("the room is closing")]
    Closing,
    /// It has as many members as it may have.
    #[error("the room is full")]
    Full,
}

/// What a room is asked to do.
pub(crate) enum Command {
    Join(MemberId, Newcomer, Arc<Outbox>, oneshot::Sender<Result<(), Unavailable>>),
    Leave(MemberId),
    Message(MemberId, Message),
    CatchUp(MemberId, u64),
    Splice(UserId, (Clock, Clock), String),
    SetAccess(UserId, Access),
    Text(oneshot::Sender<String>),
}

/// A room, from outside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Room {
    inbox: mpsc::Sender<Command>,
    /// The number of the next member. Shared by all who hold the room.
    next_member: Arc<AtomicU64>,
}

impl Room {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (inbox, commands) = mpsc::channel(INBOX + MAX_MEMBERS);
        (Self { inbox, next_member: Arc::default() }, commands)
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
        let outbox = Arc::new(Outbox::default());
        // Made first: who gives up waiting leaves as well.
        let member = Member { room: self.clone(), id, outbox: outbox.clone(), leave: Some(leave) };
        let (reply, answer) = oneshot::channel();
        self.send(Command::Join(id, newcomer, outbox, reply)).await?;
        answer.await.map_err(closing)??;
        Ok(member)
    }

    /// Replaces a part of the text, for a client without a CRDT. Everybody hears of it, that client's own connections too.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn splice(
        &self,
        user: UserId,
        place: (Clock, Clock),
        insert: String,
    ) -> Result<(), Unavailable> {
        self.send(Command::Splice(user, place, insert)).await
    }

    /// Changes what a person may do, with effect from the next message on.
    ///
    /// # Errors
    /// When the room is closing.
    pub async fn set_access(&self, user: UserId, access: Access) -> Result<(), Unavailable> {
        self.send(Command::SetAccess(user, access)).await
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

/// A JSON event of the room itself.
pub(crate) fn event(kind: &str, data: &serde_json::Value) -> Bytes {
    serde_json::json!({ "type": kind, "data": data }).to_string().into()
}
