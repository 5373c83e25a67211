//! What a room is asked to do, and what it needs to know for it.

use std::sync::Arc;

use bytes::Bytes;
use codementor_core::UserId;
use codementor_core::live::{Part, Policy, Recording};
use codementor_protocol::session::Session;
use codementor_protocol::session_event::CodeChange;
use serde::Serialize;
use tokio::sync::oneshot;

use super::MemberId;
use crate::outbox::Outbox;
use crate::wire::Message;

/// What holds for everybody in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Who may write.
    pub policy: Policy,
    /// Whether what happens is kept for replay.
    pub recording: Recording,
}

/// What a connection is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hears {
    /// Only y-protocols messages.
    #[default]
    Messages,
    /// JSON events too.
    Events,
}

/// Who wants to come in.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// What they are.
    pub part: Part,
    /// What this connection is told.
    pub hears: Hears,
}

/// What a member who joins is told, but for what only the room knows.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// The session.
    pub session: Session,
    /// Whether they want every edit as an event, too.
    pub code_updates: bool,
    /// To be acknowledged.
    pub id: Option<String>,
}

/// Whether something belongs to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It is kept, and told only then.
    Record,
    /// It is told and forgotten.
    Forget,
}

/// An event for those who hear events.
#[derive(Debug, Clone)]
pub struct Announcement {
    pub(super) author: Option<UserId>,
    pub(super) kind: &'static str,
    pub(super) event: Bytes,
    pub(super) keep: Keep,
}

impl Announcement {
    /// An event of the given type.
    #[must_use]
    pub fn new(author: Option<UserId>, kind: &'static str, data: &impl Serialize, keep: Keep) -> Self {
        Self { author, kind, event: super::event::event(kind, data), keep }
    }
}

/// Somebody who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// What they are.
    pub part: Part,
    /// Whether they ever wrote in the text.
    pub has_written: bool,
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
    Greet(MemberId, Box<Greeting>),
    Edit(MemberId, CodeChange, Option<String>),
    Tell(MemberId, Announcement, Option<String>),
    Announce(Announcement),
    SetParts(Vec<(UserId, Part)>, Announcement),
    Set(Settings, Announcement),
    SendOut(Vec<UserId>),
    End(Announcement),
    Replace(UserId, String, oneshot::Sender<bool>),
    Text(oneshot::Sender<String>),
    People(oneshot::Sender<Vec<Person>>),
    /// Another command, and word that the room has come to it.
    Confirm(Box<Command>, oneshot::Sender<()>),
    Stop,
}

impl Command {
    /// Whether it is one of the many that come as people type: where there is much to do, more of them may gather before a room tells any.
    pub(super) fn can_wait(&self) -> bool {
        match self {
            Self::Message(_, Message::Step2(_) | Message::Update(_) | Message::Awareness(_))
            | Self::Edit(..)
            | Self::Tell(..) => true,
            // Somebody waits for the answer, or others depend on it.
            _ => false,
        }
    }
}
