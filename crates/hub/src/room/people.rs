//! Who is in the room: coming, going, and what each may do.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use codementor_core::UserId;
use codementor_core::live::{Part, Recording};
use codementor_protocol::session_event::{Presence, SessionState};

use super::batch::{Batch, Deed};
use super::event::{ack, event, participant};
use super::task::{SHOWS, Task};
use super::{Announcement, Greeting, Hears, MAX_MEMBERS, MemberId, Newcomer, Person, Settings, Unavailable};
use crate::outbox::{Frame, Outbox};
use crate::presence::{Identity, Showing};
use crate::rate::Bucket;
use crate::wire::message;

/// Close code of the contract: not allowed.
const FORBIDDEN: u16 = 4403;

/// A member, as the room knows them.
pub(crate) struct Joined {
    pub(super) user: UserId,
    pub(super) identity: Identity,
    pub(super) hears: Hears,
    pub(super) outbox: Arc<Outbox>,
    /// Whether every edit is told as an event, too.
    pub(super) code_updates: bool,
    /// Whether it holds a document.
    pub(super) is_synced: bool,
    /// What is left of [`SHOWS`].
    pub(super) shows: Bucket,
    /// Clients that wrote first by this connection.
    pub(super) new_clients: usize,
    /// Whether the others were told of them: at once, or of those who hear events when they have joined.
    is_here: bool,
}

impl Joined {
    pub(super) fn showing(&self, member: MemberId) -> Showing<'_> {
        Showing { member, user: self.user, identity: &self.identity }
    }
}

/// Somebody's part, and how the room knows it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known {
    /// The room was told.
    Said(Part),
    /// They came with it.
    Brought(Part),
}

impl Task {
    pub(super) fn join(
        &mut self,
        id: MemberId,
        newcomer: Newcomer,
        outbox: Arc<Outbox>,
        batch: &mut Batch,
    ) -> Result<(), Unavailable> {
        if self.members.len() >= MAX_MEMBERS {
            return Err(Unavailable::Full);
        }
        let Newcomer { user, name, part, hears } = newcomer;
        // What was said of their part since they were let in is newer. What they came with an earlier time is older, unless they are
        // still here: perhaps they were sent out and let in anew, or this connection was slow.
        let is_here = self.members.values().any(|member| member.user == user);
        match self.parts.get(&user) {
            Some(Known::Said(_)) => {}
            Some(Known::Brought(_)) if is_here => {}
            Some(Known::Brought(_)) | None => drop(self.parts.insert(user, Known::Brought(part))),
        }
        // What they wrote while they were away.
        let ask = Frame::binary(&message::step_1(&self.document.state_vector()));
        batch.answer(&outbox, ask);
        if let Some(all) = self.presence.all() {
            batch.answer(&outbox, Frame::binary(&all));
        }
        let identity = Identity { id: user.to_string(), name, color: self.take_color(user).to_owned() };
        let joined = Joined {
            user,
            identity,
            hears,
            outbox,
            code_updates: false,
            is_synced: false,
            shows: Bucket::new(&SHOWS, Instant::now()),
            new_clients: 0,
            is_here: false,
        };
        self.members.insert(id, joined);
        batch.deeds.push(Deed::Admit(id));
        if hears == Hears::Messages {
            self.arrive(id, batch);
        }
        Ok(())
    }

    /// Tells the others of a member, unless another connection of the same person is here.
    fn arrive(&mut self, id: MemberId, batch: &mut Batch) {
        let Some(member) = self.members.get_mut(&id) else { return };
        if member.is_here {
            return;
        }
        member.is_here = true;
        let (user, name) = (member.user, member.identity.name.clone());
        if self.connections(user) == 1 {
            self.tell_presence("user-joined", user, &name, Some(id), batch);
        }
        self.count_people();
    }

    pub(super) fn leave(&mut self, id: MemberId, batch: &mut Batch) {
        let Some(member) = self.members.remove(&id) else { return };
        if let Some(frame) = self.presence.leave(id) {
            batch.deeds.push(Deed::Tell(Frame::binary(&frame), None));
        }
        if member.is_here && self.connections(member.user) == 0 {
            self.tell_presence("user-left", member.user, &member.identity.name, None, batch);
        }
        self.count_people();
    }

    /// A colour for somebody who comes.
    fn take_color(&self, user: UserId) -> &'static str {
        let others = || self.members.values().filter(|member| member.user != user);
        self.colors.give(user, |color| others().any(|member| member.identity.color == color))
    }

    fn tell_presence(
        &mut self,
        kind: &'static str,
        user: UserId,
        name: &str,
        except: Option<MemberId>,
        batch: &mut Batch,
    ) {
        let presence = Presence { user: participant(user, name, self.part(user), self.colors.of(user)) };
        let told = event(kind, &presence);
        self.record_event(Some(user), told.clone(), batch);
        batch.tell_event(&told, except);
    }

    /// How many connections of a person the others know of.
    fn connections(&self, user: UserId) -> usize {
        self.members.values().filter(|member| member.is_here && member.user == user).count()
    }

    /// Who is here, each once, in the order in which they came.
    pub(super) fn people(&self) -> Vec<(UserId, &str)> {
        let mut seen = BTreeSet::new();
        let here = self.members.values().filter(|member| member.is_here);
        here.filter(|member| seen.insert(member.user))
            .map(|member| (member.user, member.identity.name.as_str()))
            .collect()
    }

    pub(super) fn person(&self, user: UserId) -> Person {
        let has_written = self.document.owners().any(|(_, owner)| owner == user);
        Person { user, part: self.part(user), has_written }
    }

    fn count_people(&self) {
        let count = u32::try_from(self.people().len()).unwrap_or(u32::MAX);
        self.present.store(count, Ordering::Relaxed);
    }

    /// What a person is. Somebody without a part is not let in; if they were, they would watch.
    pub(super) fn part(&self, user: UserId) -> Part {
        match self.parts.get(&user) {
            Some(Known::Said(part) | Known::Brought(part)) => *part,
            None => Part::Viewer,
        }
    }

    pub(super) fn may_write(&self, user: UserId) -> bool {
        self.part(user).may_write(self.settings.policy)
    }

    pub(super) fn greet(&mut self, id: MemberId, greeting: Greeting, batch: &mut Batch) {
        let Some(member) = self.members.get_mut(&id) else { return };
        member.code_updates = greeting.code_updates;
        let (user, outbox) = (member.user, member.outbox.clone());
        self.arrive(id, batch);
        let state = SessionState {
            session: greeting.session,
            user_id: user.to_string(),
            may_write: self.may_write(user),
            code: self.document.text(),
            text_limit: self.text_limit,
            version: self.version,
            present: self
                .people()
                .into_iter()
                .map(|(user, name)| participant(user, name, self.part(user), self.colors.of(user)))
                .collect(),
            messages: self.memory.messages.iter().cloned().collect(),
            last_run: self.memory.last_run.clone(),
        };
        batch.answer(&outbox, Frame::state(&event("session-state", &state)));
        if let Some(id) = greeting.id {
            batch.answer(&outbox, Frame::answer(&ack(&id)));
        }
    }

    pub(super) fn set_parts(
        &mut self,
        parts: Vec<(UserId, Part)>,
        announcement: Announcement,
        batch: &mut Batch,
    ) {
        let writers = self.writers();
        self.parts.extend(parts.into_iter().map(|(user, part)| (user, Known::Said(part))));
        self.ask_new_writers(&writers, batch);
        self.announce(announcement, None, batch);
    }

    pub(super) fn set(&mut self, settings: Settings, announcement: Announcement, batch: &mut Batch) {
        let writers = self.writers();
        if settings.recording == Recording::Off && self.settings.recording == Recording::On {
            // What is recorded so far is forgotten with the next snapshot, which is due now.
            self.snapshots.hurry();
        }
        self.settings = settings;
        self.ask_new_writers(&writers, batch);
        self.announce(announcement, None, batch);
    }

    fn writers(&self) -> BTreeSet<MemberId> {
        let may_write = self.members.iter().filter(|(_, member)| self.may_write(member.user));
        may_write.map(|(id, _)| *id).collect()
    }

    /// What people wrote while they might not is still theirs to give.
    fn ask_new_writers(&self, before: &BTreeSet<MemberId>, batch: &mut Batch) {
        let ask = Frame::binary(&message::step_1(&self.document.state_vector()));
        for id in self.writers().difference(before) {
            if let Some(member) = self.members.get(id) {
                batch.answer(&member.outbox, ask.clone());
            }
        }
    }

    pub(super) fn send_out(&mut self, users: &[UserId], batch: &mut Batch) {
        let concerned = self.members.iter().filter(|(_, member)| users.contains(&member.user));
        let concerned: Vec<_> = concerned.map(|(id, member)| (*id, member.outbox.clone())).collect();
        for (id, outbox) in concerned {
            batch.deeds.push(Deed::Close(outbox, FORBIDDEN));
            // What they said and was not heard yet is not heard any more.
            self.leave(id, batch);
        }
        for user in users {
            self.parts.remove(user);
        }
    }
}
