//! Clients that hold a Yjs document, as a browser does.

use std::sync::Arc;

use bytes::Bytes;
use codementor_core::live::Part;
use codementor_core::{SessionId, UserId};
use codementor_hub::outbox::{Next, Outbox};
use codementor_hub::room::{Hears, Member, Newcomer, Room};
use codementor_hub::wire::state_vector::StateVector;
use codementor_hub::wire::{Message, message};
use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, ReadTxn, Text, Transact};

use crate::school::School;

/// Somebody with a document.
pub struct Client {
    pub user: UserId,
    pub name: String,
    pub part: Part,
    pub hears: Hears,
    doc: Doc,
    pub member: Option<Member>,
    last: Vec<u8>,
    /// Updates heard, difference answers not counted.
    pub updates: usize,
    pub catch_ups: usize,
    pub events: Vec<String>,
    /// Why something was not taken, where it hears no events.
    pub denied: Vec<String>,
}

impl Client {
    pub fn offline(id: u64) -> Self {
        let options = yrs::Options {
            client_id: ClientID::new(id),
            offset_kind: OffsetKind::Utf16,
            ..yrs::Options::default()
        };
        Self {
            user: UserId::new(),
            name: String::new(),
            part: Part::Navigator,
            hears: Hears::Events,
            doc: Doc::with_options(options),
            member: None,
            last: vec![0, 0],
            updates: 0,
            catch_ups: 0,
            events: Vec::new(),
            denied: Vec::new(),
        }
    }

    /// Comes in, anew when it was there, and brings everything it has.
    pub async fn reconnect(&mut self, school: &School, session: SessionId) {
        self.rejoin(&school.room(session).await).await;
    }

    pub async fn rejoin(&mut self, room: &Room) {
        self.member = None;
        self.join(room).await;
    }

    /// Comes in and brings everything it has.
    pub async fn join(&mut self, room: &Room) {
        let newcomer =
            Newcomer { user: self.user, name: self.name.clone(), part: self.part, hears: self.hears };
        // Who meets a room that closes just then stays out.
        self.member = room.join(newcomer).await.ok();
        self.sync().await;
    }

    pub fn member(&self) -> &Member {
        self.member.as_ref().unwrap()
    }

    pub fn room(&self) -> &Room {
        self.member().room()
    }

    pub fn outbox(&self) -> &Arc<Outbox> {
        self.member().outbox()
    }

    pub fn text(&self) -> String {
        let shared = self.doc.get_or_insert_text("code");
        shared.get_string(&self.doc.transact())
    }

    /// Everything it has, as an update.
    pub fn whole(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&yrs::StateVector::default())
    }

    pub fn hear(&mut self, update: &[u8]) {
        self.doc.transact_mut().apply_update(yrs::Update::decode_v1(update).unwrap()).unwrap();
    }

    /// Writes without telling anybody.
    pub fn insert_unsent(&mut self, at: u32, text: &str) -> Vec<u8> {
        let shared = self.doc.get_or_insert_text("code");
        let mut edit = self.doc.transact_mut();
        shared.insert(&mut edit, at, text);
        edit.encode_update_v1()
    }

    pub async fn insert(&mut self, at: u32, text: &str) {
        let update = self.insert_unsent(at, text);
        self.tell(update).await;
    }

    pub async fn remove(&mut self, at: u32, length: u32) {
        let update = {
            let shared = self.doc.get_or_insert_text("code");
            let mut edit = self.doc.transact_mut();
            shared.remove_range(&mut edit, at, length);
            edit.encode_update_v1()
        };
        self.tell(update).await;
    }

    /// Takes out `times` units, each `apart` from the next one, in one update.
    pub async fn remove_each(&mut self, at: u32, apart: u32, times: u32) {
        let update = {
            let shared = self.doc.get_or_insert_text("code");
            let mut edit = self.doc.transact_mut();
            for n in 0..times {
                shared.remove_range(&mut edit, at + n * (apart - 1), 1);
            }
            edit.encode_update_v1()
        };
        self.tell(update).await;
    }

    async fn tell(&mut self, update: Vec<u8>) {
        self.say(message::update(&update)).await;
        self.last = update;
    }

    pub async fn repeat_last(&mut self) {
        self.say(message::update(&self.last)).await;
    }

    pub async fn say(&self, frame: Vec<u8>) {
        let message = Message::read(&frame.into()).expect("an honest message");
        // Who is offline, or in a room that is gone, loses what is said.
        let Some(member) = &self.member else { return };
        let _ = member.say(message).await;
    }

    /// The text's length in UTF-16 units.
    pub fn length(&self) -> u32 {
        self.doc.get_or_insert_text("code").len(&self.doc.transact())
    }

    pub fn known(&self) -> StateVector {
        let transaction = self.doc.transact();
        StateVector(transaction.state_vector().iter().map(|(client, clock)| (client.get(), *clock)).collect())
    }

    /// Asks for what it lacks and hears everything there is.
    pub async fn sync(&mut self) {
        self.say(message::step_1(&self.known())).await;
        self.settle().await;
    }

    /// Does all that waits, and what comes of it, until nothing is left.
    pub async fn settle(&mut self) {
        while self.member.is_some() {
            // The room has done all that was said before when it answers.
            let _ = self.room().text().await;
            let mut moved = false;
            while let Some(next) = self.outbox().try_next() {
                moved = true;
                if matches!(next, Next::Close(_)) {
                    return;
                }
                self.act(next).await;
            }
            if !moved {
                return;
            }
        }
    }

    /// Waits for the next update.
    pub async fn hear_update(&mut self) {
        let before = self.updates;
        while self.updates == before {
            let next = self.outbox().next().await;
            self.act(next).await;
        }
    }

    /// Waits for the end.
    pub async fn closed(&self) -> u16 {
        loop {
            if let Next::Close(code) = self.outbox().next().await {
                return code;
            }
        }
    }

    async fn act(&mut self, next: Next) {
        match next {
            Next::Frame(frame) if frame.is_event() => {
                self.events.push(String::from_utf8(frame.payload().to_vec()).unwrap())
            }
            Next::Frame(frame) => self.read(&frame.payload()).await,
            Next::Stuck => panic!("there is no line"),
            Next::Behind(version) => {
                self.catch_ups += 1;
                let _ = self.member().catch_up(version).await;
            }
            Next::Close(code) => panic!("closed with {code}"),
        }
    }

    async fn read(&mut self, frame: &Bytes) {
        match Message::read(frame).expect("the server speaks its own language") {
            Message::Step1(known) => {
                let known = known.0.iter().map(|(client, clock)| (ClientID::new(*client), *clock)).collect();
                let rest = self.doc.transact().encode_diff_v1(&known);
                self.say(message::step_2(&rest)).await;
            }
            Message::Step2(update) => self.hear(&update.bytes),
            Message::Update(update) => {
                self.updates += 1;
                self.hear(&update.bytes);
            }
            // Type, kind, a length of one byte.
            Message::Auth => {
                assert_eq!((frame[..2].to_vec(), usize::from(frame[2])), (vec![2, 0], frame.len() - 3));
                self.denied.push(String::from_utf8(frame[3..].to_vec()).unwrap());
            }
            Message::Awareness(_) | Message::QueryAwareness | Message::Empty => {}
        }
    }
}
