//! Clients without a CRDT: they hear JSON events, and keep the text by what these say.

use std::sync::Arc;

use codementor_core::live::Part;
use codementor_core::{SessionId, UserId};
use codementor_hub::outbox::{Next, Outbox};
use codementor_hub::room::{Greeting, Hears, Member, Newcomer, Room};
use codementor_protocol::session::{Policy, Session, SessionRole};
use codementor_protocol::session_event::{CodeChange, CodeUpdate, SessionState};
use serde_json::Value;

use crate::school::School;

/// Somebody who hears events.
pub struct Listener {
    pub user: UserId,
    pub part: Part,
    pub member: Option<Member>,
    /// The text in UTF-16 units, without an edit that is not acknowledged yet.
    units: Vec<u16>,
    pub version: u64,
    asked: u32,
    /// The edit that waits for its `ack`.
    pub waiting: Option<(String, CodeChange)>,
    /// The last that was refused.
    refused: Option<(String, CodeChange)>,
    /// All that was heard, but for edits.
    pub events: Vec<Value>,
    pub closed: Option<u16>,
}

impl Listener {
    pub fn offline(part: Part) -> Self {
        Self {
            user: UserId::new(),
            part,
            member: None,
            units: Vec::new(),
            version: 0,
            asked: 0,
            waiting: None,
            refused: None,
            events: Vec::new(),
            closed: None,
        }
    }

    /// Comes in and hears the state.
    pub async fn of(school: &School, session: SessionId) -> Self {
        let mut listener = Self::offline(Part::Navigator);
        listener.reconnect(school, session).await;
        listener
    }

    /// Comes in anew, and asks again for what it knows no answer to.
    pub async fn reconnect(&mut self, school: &School, session: SessionId) {
        self.rejoin(&school.room(session).await).await;
    }

    pub async fn rejoin(&mut self, room: &Room) {
        self.member = None;
        self.join(room).await;
        self.ask_again().await;
        self.settle().await;
    }

    /// Comes in without hearing yet.
    pub async fn join(&mut self, room: &Room) {
        let name = "Listener".to_owned();
        let newcomer = Newcomer { user: self.user, name, part: self.part, hears: Hears::Events };
        self.closed = None;
        // Who meets a room that closes just then stays out.
        self.member = room.join(newcomer).await.ok();
        self.greet().await;
    }

    async fn greet(&self) {
        let greeting = Greeting { session: session(), code_updates: true, id: None };
        // A room that is gone is seen by what comes of it.
        let Some(member) = &self.member else { return };
        let _ = member.greet(greeting).await;
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
        String::from_utf16(&self.units).expect("no half characters")
    }

    pub fn length(&self) -> u32 {
        u32::try_from(self.units.len()).unwrap()
    }

    /// Replaces a part of the text as it is known here, unless the edit before is not answered yet.
    pub async fn edit(&mut self, from: u32, to: u32, insert: &str) {
        if self.waiting.is_none() {
            self.asked += 1;
            let change = CodeChange { from, to, insert: insert.to_owned(), version: Some(self.version) };
            self.waiting = Some((self.asked.to_string(), change));
            self.ask_again().await;
        }
    }

    /// Sends the edit that waits for its answer once more.
    pub async fn ask_again(&self) {
        if let Some((id, change)) = self.waiting.clone() {
            let Some(member) = &self.member else { return };
            let _ = member.edit(change, Some(id)).await;
        }
    }

    /// The events of a type.
    pub fn heard(&self, kind: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["type"] == kind).collect()
    }

    /// The types of all events but edits, in order.
    pub fn kinds(&self) -> Vec<&str> {
        self.events.iter().filter_map(|event| event["type"].as_str()).collect()
    }

    /// Hears all that there is, until nothing is left or the connection ends.
    pub async fn settle(&mut self) {
        while self.member.is_some() && self.closed.is_none() {
            let _ = self.room().text().await;
            let mut moved = false;
            while let Some(next) = self.outbox().try_next() {
                moved = true;
                self.act(next).await;
                if self.closed.is_some() {
                    return;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Waits for one event that is no edit.
    pub async fn next_event(&mut self) -> Value {
        let before = self.events.len();
        while self.events.len() == before {
            let next = self.outbox().next().await;
            self.act(next).await;
            assert_eq!(self.closed, None);
        }
        self.events[before].clone()
    }

    /// Waits for the end, hearing what comes before.
    pub async fn wait_for_end(&mut self) -> u16 {
        loop {
            let next = self.outbox().next().await;
            self.act(next).await;
            if let Some(code) = self.closed {
                return code;
            }
        }
    }

    async fn act(&mut self, next: Next) {
        match next {
            Next::Frame(frame) if frame.is_event() => {
                self.hear(serde_json::from_slice(&frame.payload()).unwrap())
            }
            Next::Frame(_) => {}
            Next::Stuck => panic!("there is no line"),
            Next::Behind(version) => {
                let _ = self.member().catch_up(version).await;
                self.greet().await;
            }
            Next::Close(code) => self.closed = Some(code),
        }
    }

    fn hear(&mut self, event: Value) {
        match event["type"].as_str().unwrap() {
            "code-update" => {
                let update: CodeUpdate = serde_json::from_value(event["data"].clone()).unwrap();
                assert!(update.version >= self.version, "versions never run backwards");
                self.change(update.from, update.to, &update.insert, update.version);
                return;
            }
            "session-state" => {
                let state: SessionState = serde_json::from_value(event["data"].clone()).unwrap();
                self.units = state.code.encode_utf16().collect();
                self.version = state.version;
            }
            "ack" => self.acknowledged(&event),
            "error" => {
                if let Some(refused) = self.waiting.take_if(|(id, _)| event["id"] == id.as_str()) {
                    self.refused = Some(refused);
                }
            }
            _ => {}
        }
        self.events.push(event);
    }

    fn acknowledged(&mut self, event: &Value) {
        let is_it = |asked: &mut (String, CodeChange)| event["id"] == asked.0.as_str();
        // What was asked twice may be refused at first and done then.
        let done = self.waiting.take_if(is_it).or_else(|| self.refused.take_if(is_it));
        let Some((_, change)) = done else { return };
        let number = |name: &str| event["data"][name].as_u64().unwrap();
        let (from, to) = (number("from").try_into().unwrap(), number("to").try_into().unwrap());
        // The answer to an edit from before the state was told is in that state.
        if number("version") > self.version {
            self.change(from, to, &change.insert, number("version"));
        }
    }

    fn change(&mut self, from: u32, to: u32, insert: &str, version: u64) {
        self.units.splice(from as usize..to as usize, insert.encode_utf16());
        self.version = version;
    }
}

/// A session as the server shows it.
pub fn session() -> Session {
    Session {
        id: "session".to_owned(),
        join_url: String::new(),
        title: "Together".to_owned(),
        creator_id: String::new(),
        challenge_id: None,
        language: "python".to_owned(),
        policy: Policy::Free,
        recording: true,
        timer_ends_at: None,
        role: SessionRole::Navigator,
        participants: Vec::new(),
        created_at: String::new(),
        ended_at: None,
    }
}
