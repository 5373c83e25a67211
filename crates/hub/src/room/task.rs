//! The task of a room: what comes in, one batch after the other.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use bytes::Bytes;
use codementor_core::journal::{Journal, Kind};
use codementor_core::live::Recording;
use codementor_core::ports::Clock;
use codementor_core::{SessionId, Timestamp, UserId};
use codementor_protocol::session_event::TextRoom;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::answers::Answers;
use super::batch::{Batch, Deed, MAX_COMMANDS, Members};
use super::event::ack;
use super::people::Known;
use super::pulse::Pulse;
use super::record::{Loaded, Memory, OpenError, load};
use super::shifts::Shifts;
use super::snapshots::Snapshots;
use super::{Announcement, Colors, Command, Keep, MemberId, Settings, Shared};
use crate::document::Document;
use crate::hub::Observer;
use crate::outbox::Frame;
use crate::presence::{Outcome, Presence};
use crate::rate::Rate;
use crate::wire::Message;
use crate::wire::state_vector::StateVector;

/// How long an empty room stays open.
const IDLE: Duration = Duration::from_secs(30);
/// When edits of a batch have been so much work (in the steps of `Sequence::effort`: 50 ms) the rest comes later, and the room rests as long
/// as it worked: other rooms need the processor as well.
const MUCH_EFFORT: u64 = 1 << 19;
/// About how long a step takes.
const A_STEP: Duration = Duration::from_nanos(100);
/// Close codes of the contract.
const NORMAL: u16 = 1000;
const RESTART: u16 = 1012;
const STATE_TOO_BIG: u16 = 4413;
const RATE_LIMIT: u16 = 4429;
/// How fast a member may show something new of itself: dragging a selection sends 60 a second.
pub(super) const SHOWS: Rate = Rate { burst: 180.0, per_second: 60.0 };

/// What a room needs of the world.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) pulse: Arc<Pulse>,
}

/// The state of a room.
pub(crate) struct Task {
    pub(super) session: SessionId,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Arc<dyn Observer>,
    inbox: mpsc::Receiver<Command>,
    pub(super) document: Document,
    /// The last entry of the record.
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    pub(super) snapshots: Snapshots,
    /// Grows with each update.
    pub(super) version: u64,
    /// What newcomers get, and of which version it is.
    pub(super) whole: Option<(u64, Frame)>,
    pub(super) marks: VecDeque<(u64, StateVector)>,
    /// What the newest updates did to the text, while somebody without a CRDT is here.
    pub(super) shifts: Shifts,
    pub(super) members: Members,
    pub(super) presence: Presence,
    /// What people are, as long as the room is open.
    pub(super) parts: HashMap<UserId, Known>,
    pub(super) colors: Colors,
    pub(super) settings: Settings,
    pub(super) memory: Memory,
    /// What was done lately.
    pub(super) answers: Answers,
    /// How many people are here, for the room's handles.
    pub(super) present: Arc<AtomicU32>,
    /// What members know of how much more the text can hold.
    pub(super) text_limit: TextRoom,
    pulse: Arc<Pulse>,
    /// When the last batch was.
    told_at: Instant,
}

/// Why a room ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nobody was there for a while, or it was told to.
    Wanted,
    /// Its journal has gone on without it, or cannot be read.
    Lost,
}

/// How a command leaves the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    GoOn,
    /// The document broke over it.
    Broken,
    /// The room ends.
    End,
}

impl Task {
    /// Opens a session's document from its record.
    pub(crate) async fn open(
        session: SessionId,
        settings: Settings,
        surroundings: Surroundings,
        inbox: mpsc::Receiver<Command>,
        shared: Shared,
    ) -> Result<Self, OpenError> {
        let Surroundings { journal, clock, observer, pulse } = surroundings;
        let Loaded { document, mut memory, seq, kept, at } = load(&*journal, session).await?;
        if settings.recording == Recording::Off {
            // Left from when it was recorded, by a crash before it was forgotten.
            memory = Memory::default();
        }
        Ok(Self {
            session,
            journal,
            clock,
            observer,
            inbox,
            text_limit: document.room(),
            document,
            seq,
            at,
            snapshots: Snapshots::new(kept),
            version: seq,
            whole: None,
            marks: VecDeque::new(),
            shifts: Shifts::new(seq),
            members: Members::new(),
            presence: Presence::default(),
            parts: HashMap::new(),
            colors: shared.colors,
            settings,
            memory,
            answers: Answers::default(),
            present: shared.present,
            pulse,
            told_at: Instant::now(),
        })
    }

    /// Runs until the room has been empty for a while, is told to end, or its journal is lost; then keeps a snapshot. `forget` takes the
    /// room out of the hub before it closes for good.
    pub(crate) async fn run(mut self, forget: impl FnOnce()) {
        let end = loop {
            if let ControlFlow::Break(end) = self.turn().await {
                break end;
            }
        };
        // What a room holds that lost its journal is not the truth, and must not be kept as if it were.
        if end == End::Wanted {
            self.keep_snapshot().await;
        }
        forget();
        self.inbox.close();
        // Whoever still asks hears that the room is closing, by their answers being dropped. That lasts until the last member has
        // gone, and nobody needs to wait for it: the room's state is safe.
        let mut inbox = std::mem::replace(&mut self.inbox, mpsc::channel(1).1);
        tokio::spawn(async move { while inbox.recv().await.is_some() {} });
    }

    async fn turn(&mut self) -> ControlFlow<End> {
        let first = tokio::select! {
            biased;
            ended = self.snapshots.ended() => {
                self.end_snapshot(ended);
                self.see_to_snapshots().await;
                return ControlFlow::Continue(());
            }
            first = next(&mut self.inbox, self.members.is_empty()) => first,
        };
        let Some(first) = first else { return ControlFlow::Break(End::Wanted) };
        // Where there is much to do, whoever else has something to say just now says it first, and all of it is one batch.
        let beat = self.pulse.beat();
        if beat.is_busy {
            tokio::task::yield_now().await;
        }
        let tells_at = self.told_at + beat.pause;
        let mut waits_until = (tells_at > Instant::now() && first.can_wait()).then_some(tells_at);
        let mut batch = Batch::default();
        let effort = self.document.effort();
        let mut after = self.obey(first, &mut batch);
        for _ in 1..MAX_COMMANDS {
            if after != After::GoOn || self.document.effort() - effort > MUCH_EFFORT {
                break;
            }
            let Some(next) = self.more(waits_until).await else { break };
            waits_until = waits_until.filter(|_| next.can_wait());
            after = self.obey(next, &mut batch);
        }
        self.finish(batch).await?;
        self.told_at = Instant::now();
        let effort = self.document.effort() - effort;
        match after {
            After::GoOn => {}
            After::Broken => self.make_anew().await?,
            After::End => return ControlFlow::Break(End::Wanted),
        }
        self.see_to_snapshots().await;
        if effort > MUCH_EFFORT {
            tokio::time::sleep(A_STEP * u32::try_from(effort).unwrap_or(u32::MAX)).await;
        }
        ControlFlow::Continue(())
    }

    /// The next command of a batch: one that is there, or one that comes until then.
    async fn more(&mut self, waits_until: Option<Instant>) -> Option<Command> {
        match (self.inbox.try_recv(), waits_until) {
            (Ok(next), _) => Some(next),
            (Err(_), Some(until)) => timeout_at(until, self.inbox.recv()).await.ok().flatten(),
            (Err(_), None) => None,
        }
    }

    /// Does what a command asks.
    fn obey(&mut self, command: Command, batch: &mut Batch) -> After {
        let is_broken = match command {
            Command::Message(member, message) => self.hear(member, message, batch),
            Command::Edit(member, change, id) => self.edit(member, change, id, batch),
            Command::Replace(author, text, done) => self.replace(author, &text, done, batch),
            Command::End(announcement) => {
                self.announce(announcement, None, batch);
                batch.deeds.push(Deed::CloseAll(NORMAL));
                return After::End;
            }
            Command::Stop => return After::End,
            Command::Confirm(command, reply) => {
                let after = self.obey(*command, batch);
                // Who no longer waits loses nothing.
                let _ = reply.send(());
                return after;
            }
            other => {
                self.arrange(other, batch);
                false
            }
        };
        if is_broken { After::Broken } else { After::GoOn }
    }

    /// Does what a command asks that leaves the text alone.
    fn arrange(&mut self, command: Command, batch: &mut Batch) {
        match command {
            Command::Join(id, newcomer, outbox, reply) => {
                let joined = self.join(id, newcomer, outbox, batch);
                then(batch, move || reply.send(joined).is_ok());
            }
            Command::Leave(member) => self.leave(member, batch),
            Command::CatchUp(member, version) => self.catch_up(member, version, batch),
            Command::Greet(member, greeting) => self.greet(member, *greeting, batch),
            Command::Tell(member, announcement, id) => self.tell(member, announcement, id, batch),
            Command::Announce(announcement) => self.announce(announcement, None, batch),
            Command::SetParts(parts, announcement) => self.set_parts(parts, announcement, batch),
            Command::Set(settings, announcement) => self.set(settings, announcement, batch),
            Command::SendOut(users) => self.send_out(&users, batch),
            Command::Text(reply) => {
                let text = self.document.text();
                then(batch, move || reply.send(text).is_ok());
            }
            Command::People(reply) => {
                let people = self.people().into_iter().map(|(user, _)| self.person(user)).collect();
                then(batch, move || reply.send(people).is_ok());
            }
            Command::Message(..)
            | Command::Edit(..)
            | Command::Replace(..)
            | Command::End(_)
            | Command::Confirm(..)
            | Command::Stop => {}
        }
    }

    fn hear(&mut self, id: MemberId, message: Message, batch: &mut Batch) -> bool {
        let Some(member) = self.members.get_mut(&id) else { return false };
        let outbox = &member.outbox;
        match message {
            Message::Empty | Message::Auth => {}
            Message::Step1(known) => {
                member.is_synced = true;
                let outbox = outbox.clone();
                let frame = self.lacking(&known);
                batch.answer(&outbox, frame);
            }
            Message::QueryAwareness => {
                if let Some(all) = self.presence.all() {
                    batch.answer(outbox, Frame::binary(&all));
                }
            }
            Message::Awareness(entries) => {
                let (outbox, by) = (outbox.clone(), member.showing(id));
                let is_theirs = |client| self.document.owner(client).is_none_or(|owner| owner == by.user);
                match self.presence.take(by, &entries, is_theirs) {
                    Outcome::Hearsay => {}
                    Outcome::News(_) if !member.shows.take(&SHOWS, Instant::now().into_std()) => {
                        batch.deeds.push(Deed::Close(outbox, RATE_LIMIT));
                    }
                    Outcome::News(frame) => {
                        batch.deeds.push(Deed::Tell(Frame::binary(&frame), Some(id)));
                    }
                    Outcome::TooBig => batch.deeds.push(Deed::Close(outbox, STATE_TOO_BIG)),
                }
            }
            Message::Step2(update) | Message::Update(update) => {
                return !update.is_empty() && self.hear_update(id, &update, batch);
            }
        }
        false
    }

    /// A member tells the others something.
    fn tell(&mut self, id: MemberId, announcement: Announcement, asked: Option<String>, batch: &mut Batch) {
        let Some(member) = self.members.get(&id) else { return };
        let (user, outbox) = (member.user, member.outbox.clone());
        if let Some(answer) = self.answers.find(user, asked.as_deref()) {
            return batch.answer(&outbox, Frame::answer(&answer));
        }
        self.announce(announcement, Some(id), batch);
        if let Some(asked) = asked {
            let answer = ack(&asked);
            self.answers.remember(user, &asked, answer.clone());
            batch.answer(&outbox, Frame::answer(&answer));
        }
    }

    /// Everybody but one hears of something.
    pub(super) fn announce(
        &mut self,
        announcement: Announcement,
        except: Option<MemberId>,
        batch: &mut Batch,
    ) {
        let Announcement { author, kind, event, keep } = announcement;
        #[cfg(test)]
        assert_ne!(kind, "panic", "on command");
        if matches!(kind, "new-message" | "ai-tutor-response" | "run-result") {
            self.memory.note(&event);
        }
        if keep == Keep::Record {
            self.record_event(author, event.clone(), batch);
        }
        batch.tell_event(&event, except);
    }

    /// Adds an event to the record of a session that is recorded.
    pub(super) fn record_event(&mut self, author: Option<UserId>, event: Bytes, batch: &mut Batch) {
        if self.settings.recording == Recording::On {
            self.record(author, Kind::Event, event, batch);
        }
    }
}

/// The next command; nothing when none will come, or nobody has been here for a while.
async fn next(inbox: &mut mpsc::Receiver<Command>, is_empty: bool) -> Option<Command> {
    if is_empty { tokio::time::timeout(IDLE, inbox.recv()).await.ok().flatten() } else { inbox.recv().await }
}

/// However a room ends, nobody waits for it in vain.
impl Drop for Task {
    fn drop(&mut self) {
        self.members.values().for_each(|member| member.outbox.finish(RESTART));
    }
}

/// Something that waits until the batch is kept. Whoever no longer waits for an answer loses nothing by it.
fn then(batch: &mut Batch, act: impl FnOnce() -> bool + Send + 'static) {
    batch.deeds.push(Deed::Then(Box::new(move || {
        act();
    })));
}
