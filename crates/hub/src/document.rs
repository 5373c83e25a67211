//! One shared text: the CRDT behind its whitelist, with what each person may write.
//!
//! Nothing here waits or talks to anybody; the room decides when. After [`Refusal::Broken`] the document must be made anew from what was
//! kept of it.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use codementor_core::UserId;
use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, Text, TextRef, Transact};

use crate::outline::{Fit, Outline};
use crate::sequence::Lie;
use crate::wire::state_vector::StateVector;
use crate::wire::update::{Id, MAX_CLIENTS, ROOT, encode_edit};
use crate::wire::{ClientId, Clock, Update};

/// The longest text, in UTF-16 units: 1 Mi, far beyond what a judge takes.
pub const MAX_TEXT: u64 = 1 << 20;
/// The most that may ever be written in one document, deleted or not, in UTF-16 units: 16 Mi.
pub const MAX_WRITTEN: u64 = 1 << 24;

/// A shared text.
pub struct Document {
    doc: Doc,
    text: TextRef,
    outline: Outline,
    /// Whose each client is: who first wrote as it. Nobody else writes as it afterwards.
    owners: HashMap<ClientId, UserId>,
    written: u64,
}

/// Why an update is not taken. Nothing has changed, but for [`Self::Broken`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It says what cannot be true.
    #[error(transparent)]
    Lie(#[from] Lie),
    /// It writes as a client that is somebody else's.
    #[error("it writes as somebody else's client {0}")]
    Foreign(ClientId),
    /// The document has as many clients as it may have.
    #[error("the document has too many clients")]
    TooManyClients,
    /// The text would be too long.
    #[error("the text would be too long")]
    TooLarge,
    /// The CRDT library could not take what looked sound. The document must be made anew.
    #[error("the document broke: {0}")]
    Broken(String),
}

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

impl Document {
    /// An empty text.
    #[must_use]
    pub fn new() -> Self {
        let options = Options { offset_kind: OffsetKind::Utf16, ..Options::default() };
        let doc = Doc::with_options(options);
        let text = doc.get_or_insert_text(ROOT);
        Self { doc, text, outline: Outline::default(), owners: HashMap::new(), written: 0 }
    }

    /// A text as it was, with whose each client is.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn restore(
        update: &Update,
        owners: impl IntoIterator<Item = (ClientId, UserId)>,
    ) -> Result<Self, Refusal> {
        let mut document = Self::new();
        let written = update.sections.iter().map(|section| u64::from(section.end())).sum();
        match document.outline.take(update)? {
            Fit::New => document.apply(&update.bytes)?,
            Fit::Known => {}
            Fit::Gap => return Err(Refusal::Broken("a part of it is missing".to_owned())),
        }
        document.written = written;
        document.owners.extend(owners);
        Ok(document)
    }

    /// Takes an update of `author` when it fits and is new; else tells how it does not fit.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn take(&mut self, author: UserId, update: &Update) -> Result<Fit, Refusal> {
        self.check_clients(author, update)?;
        let written = self.check_size(update)?;
        let fit = self.outline.take(update)?;
        if fit == Fit::New {
            self.apply(&update.bytes)?;
            for section in &update.sections {
                self.owners.entry(section.client).or_insert(author);
            }
            self.written += written;
        }
        Ok(fit)
    }

    /// Replaces the units from `from` up to `to` by a text, as `client` of `author`, for who has no CRDT. Places behind the end count as
    /// the end, and one within a character beyond the basic plane as before it. Answers the update to pass on, unless nothing changes.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn splice(
        &mut self,
        author: UserId,
        client: ClientId,
        (from, to): (Clock, Clock),
        insert: &str,
    ) -> Result<Option<Bytes>, Refusal> {
        let text = self.text();
        let from = boundary(&text, from);
        let deleted = self.outline.visible(from, boundary(&text, to).max(from));
        let bytes = Bytes::from(encode_edit(
            Id { client, clock: self.outline.clock(client) },
            self.outline.neighbours(from),
            insert,
            &deleted,
        ));
        let update = Update::read(bytes.clone()).map_err(|error| Refusal::Broken(error.to_string()))?;
        if update.is_empty() {
            return Ok(None);
        }
        self.take(author, &update)?;
        Ok(Some(bytes))
    }

    /// What somebody lacks who has `known`, as an update.
    #[must_use]
    pub fn diff(&self, known: &StateVector) -> Vec<u8> {
        let known = known.0.iter().map(|(client, clock)| (ClientID::new(*client), *clock)).collect();
        self.doc.transact().encode_diff_v1(&known)
    }

    /// How far each client has written.
    #[must_use]
    pub fn state_vector(&self) -> StateVector {
        self.outline.state_vector()
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.text.get_string(&self.doc.transact())
    }

    /// Whose a client is, once it has written.
    #[must_use]
    pub fn owner(&self, client: ClientId) -> Option<UserId> {
        self.owners.get(&client).copied()
    }

    /// Whose each client is.
    pub fn owners(&self) -> impl Iterator<Item = (ClientId, UserId)> {
        self.owners.iter().map(|(client, owner)| (*client, *owner))
    }

    /// Everything ever written, in order.
    pub fn runs(&self) -> impl Iterator<Item = (Id, Clock)> {
        self.outline.runs()
    }

    fn check_clients(&self, author: UserId, update: &Update) -> Result<(), Refusal> {
        let mut fresh = 0;
        for section in &update.sections {
            let known = self.outline.clock(section.client);
            fresh += usize::from(known == 0);
            let is_foreign = self.owner(section.client).is_some_and(|owner| owner != author);
            if section.end() > known && is_foreign {
                return Err(Refusal::Foreign(section.client));
            }
        }
        if fresh > 0 && self.outline.client_count() + fresh > MAX_CLIENTS {
            return Err(Refusal::TooManyClients);
        }
        Ok(())
    }

    /// How much it writes, when there is room for it.
    fn check_size(&self, update: &Update) -> Result<u64, Refusal> {
        let fresh = |section: &crate::wire::update::Section| {
            section.end().saturating_sub(self.outline.clock(section.client).max(section.start()))
        };
        let written: u64 = update.sections.iter().map(|section| u64::from(fresh(section))).sum();
        let length = u64::from(self.text.len(&self.doc.transact()));
        if written > 0 && (length + written > MAX_TEXT || self.written + written > MAX_WRITTEN) {
            return Err(Refusal::TooLarge);
        }
        Ok(written)
    }

    fn apply(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let apply = || -> Result<(), String> {
            let update = yrs::Update::decode_v1(bytes).map_err(|error| error.to_string())?;
            let mut transaction = self.doc.transact_mut();
            transaction.apply_update(update).map_err(|error| error.to_string())?;
            if transaction.has_missing_updates() {
                Err("parts of it wait for others".to_owned())
            } else {
                Ok(())
            }
        };
        match catch_unwind(AssertUnwindSafe(apply)) {
            Ok(result) => result.map_err(Refusal::Broken),
            Err(_) => Err(Refusal::Broken("the library panicked".to_owned())),
        }
    }
}

/// The place `at`, or the one before when it is within a character. In UTF-16 units.
fn boundary(text: &str, at: Clock) -> Clock {
    let mut reached = 0;
    for c in text.chars() {
        let next = reached + c.len_utf16() as Clock;
        if next > at {
            return reached;
        }
        reached = next;
    }
    reached
}
