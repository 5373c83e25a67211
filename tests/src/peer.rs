//! A participant of a live session: a socket, a document of its own as an editor has one, and what was heard. It speaks y-protocols
//! by the hub's own reading and writing of them. Every wait is bounded.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use codementor_core::UserId;
use codementor_hub::document::Document;
use codementor_hub::outline::Fit;
use codementor_hub::wire::{ClientId, Message as Said, Update, awareness, message};
use codementor_protocol::event::Envelope;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::Message;

use crate::socket::Socket;

/// The longest anything may take, on a busy machine.
const LIMIT: Duration = Duration::from_secs(45);

/// Somebody in a session.
pub struct Peer {
    socket: Socket,
    /// Its document.
    pub doc: Document,
    /// As which client it writes.
    pub client: ClientId,
    /// What each client shows of itself.
    pub states: BTreeMap<ClientId, Value>,
    /// Sync messages that were taken so far: differences and updates.
    pub heard: usize,
    /// How often it was told that it may not write (y-protocols' permission message).
    pub denied: usize,
    events: VecDeque<Envelope>,
    clock: u32,
    is_synced: bool,
    closed: Option<u16>,
}

impl Peer {
    /// On an open socket, with an empty document.
    #[must_use]
    pub fn new(socket: Socket) -> Self {
        Self {
            socket,
            doc: Document::new(),
            client: u64::from(rand::random::<u32>()),
            states: BTreeMap::new(),
            heard: 0,
            denied: 0,
            events: VecDeque::new(),
            clock: 0,
            is_synced: false,
            closed: None,
        }
    }

    /// The same person with the same document on another socket, as after a lost connection; up to date.
    ///
    /// # Panics
    /// When it is closed instead.
    pub async fn reconnected(self, socket: Socket) -> Self {
        let mut peer = Self { doc: self.doc, client: self.client, ..Self::new(socket) };
        peer.sync().await;
        peer
    }

    /// Asks for what it lacks and waits for it.
    ///
    /// # Panics
    /// When the socket is closed instead.
    pub async fn sync(&mut self) {
        let ask = message::step_1(&self.doc.state_vector());
        self.is_synced = false;
        self.send_bytes(ask).await;
        while !self.is_synced {
            self.step().await;
            assert_eq!(self.closed, None, "closed instead of synced");
        }
    }

    /// Waits until all that was sent before was taken: the server answers in order.
    ///
    /// # Panics
    /// When the socket is closed instead.
    pub async fn settled(&mut self) {
        self.sync().await;
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.doc.text()
    }

    /// The update of an edit of its own document, which it has then.
    ///
    /// # Panics
    /// When the edit cannot be made.
    pub fn edit(&mut self, from: u32, to: u32, insert: &str) -> Option<Bytes> {
        self.doc.splice(someone(), self.client, (from, to), insert).expect("an edit that can be made")
    }

    /// Edits its document and tells the server.
    ///
    /// # Panics
    /// When the edit cannot be made.
    pub async fn write(&mut self, from: u32, to: u32, insert: &str) {
        assert!(self.try_write(from, to, insert).await, "the socket takes a message");
    }

    /// Edits its document and tells the server. `false`: the socket is closed, and nobody was told.
    ///
    /// # Panics
    /// When the edit cannot be made.
    pub async fn try_write(&mut self, from: u32, to: u32, insert: &str) -> bool {
        match self.edit(from, to, insert) {
            Some(update) => self.try_send(message::update(&update)).await.is_ok(),
            None => true,
        }
    }

    /// Sends the next state of itself.
    pub async fn show(&mut self, state: &Value) {
        self.clock += 1;
        self.show_as(self.client, self.clock, &state.to_string()).await;
    }

    /// Sends any state of any client.
    pub async fn show_as(&mut self, client: ClientId, clock: u32, state: &str) {
        let entries = awareness::encode([awareness::Entry { client, clock, state }].into_iter());
        self.send_bytes(message::awareness(&entries)).await;
    }

    /// Sends a binary message.
    ///
    /// # Panics
    /// When the socket is closed.
    pub async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.try_send(bytes).await.expect("the socket takes a message");
    }

    /// Sends a binary message.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn try_send(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.socket.send_raw(Message::binary(bytes)).await
    }

    /// Sends any message.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn send_raw(&mut self, message: Message) -> Result<(), Error> {
        self.socket.send_raw(message).await
    }

    /// Sends a JSON event.
    ///
    /// # Panics
    /// When the socket is closed.
    pub async fn send_event(&mut self, kind: &str, data: &Value, id: Option<&str>) {
        let mut event = json!({ "type": kind, "data": data });
        if let Some(id) = id {
            event["id"] = id.into();
        }
        self.socket.send(&event).await;
    }

    /// Sends a JSON event and waits for its answer, `ack` or `error`.
    ///
    /// # Panics
    /// When the socket is closed.
    pub async fn ask(&mut self, kind: &str, data: &Value, id: &str) -> Envelope {
        self.send_event(kind, data, Some(id)).await;
        self.answer(id).await
    }

    /// Sends a JSON event, which must be acknowledged. Answers the data of the `ack`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn done(&mut self, kind: &str, data: &Value, id: &str) -> Value {
        let answer = self.ask(kind, data, id).await;
        assert_eq!(answer.kind, "ack", "{kind} {data}: {answer:?}");
        answer.data
    }

    /// Sends a JSON event, which must be refused. Answers the code.
    ///
    /// # Panics
    /// When it is acknowledged.
    pub async fn refused(&mut self, kind: &str, data: &Value, id: &str) -> String {
        let answer = self.ask(kind, data, id).await;
        assert_eq!(answer.kind, "error", "{kind} {data}: {answer:?}");
        assert!(answer.data["message"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
        answer.data["code"].as_str().expect("a code").to_owned()
    }

    /// The answer to an event.
    ///
    /// # Panics
    /// When the socket is closed instead.
    pub async fn answer(&mut self, id: &str) -> Envelope {
        self.event_where(id, |event| event.id.as_deref() == Some(id)).await
    }

    /// Waits for the `ack` of an event. `false`: the socket is closed instead.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn is_answered(&mut self, id: &str) -> bool {
        loop {
            if let Some(at) = self.events.iter().position(|event| event.id.as_deref() == Some(id)) {
                let answer = self.events.remove(at).expect("it was just found");
                assert_eq!(answer.kind, "ack", "{answer:?}");
                return true;
            }
            if self.is_closed() {
                return false;
            }
            self.step().await;
        }
    }

    /// The next event of a type. Others stay, to be asked for.
    ///
    /// # Panics
    /// When the socket is closed instead.
    pub async fn event_of(&mut self, kind: &str) -> Envelope {
        self.event_where(kind, |event| event.kind == kind).await
    }

    async fn event_where(&mut self, what: &str, is: impl Fn(&Envelope) -> bool) -> Envelope {
        let patience = Patience::new();
        loop {
            patience.check(what, || format!("unasked: {:?}", self.events));
            if let Some(at) = self.events.iter().position(&is) {
                return self.events.remove(at).expect("it was just found");
            }
            assert_eq!(self.closed, None, "closed instead of {what}; unasked: {:?}", self.events);
            self.step().await;
        }
    }

    /// The types of events that were heard and not asked for.
    #[must_use]
    pub fn unasked(&self) -> Vec<String> {
        self.events.iter().map(|event| event.kind.clone()).collect()
    }

    /// Listens until something is so.
    ///
    /// # Panics
    /// When the socket is closed before.
    pub async fn until(&mut self, what: &str, is: impl Fn(&Self) -> bool) {
        let patience = Patience::new();
        while !is(self) {
            assert_eq!(self.closed, None, "closed instead of: {what:.200}; the text is {:.200}", self.text());
            patience
                .check(what, || format!("the text is {:.200}; unasked: {:?}", self.text(), self.unasked()));
            self.step().await;
        }
    }

    /// Listens until the text is this one.
    ///
    /// # Panics
    /// When the socket is closed before.
    pub async fn until_text(&mut self, text: &str) {
        self.until(text, |peer| peer.text() == text).await;
    }

    /// Listens until the text is equal to somebody else's.
    ///
    /// # Panics
    /// When the socket is closed before.
    pub async fn until_equal(&mut self, other: &Self) {
        let text = other.text();
        self.until_text(&text).await;
    }

    /// Listens until the close, and tells its code. 1006 when the connection ends without one.
    ///
    /// # Panics
    /// When it stays open.
    pub async fn closed(&mut self) -> u16 {
        let patience = Patience::new();
        loop {
            patience.check("a close", || format!("unasked: {:?}", self.events));
            if let Some(code) = self.closed {
                return code;
            }
            self.step().await;
        }
    }

    /// Whether the close was heard.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// Takes what has arrived already.
    ///
    /// # Panics
    /// When it is nonsense.
    pub async fn drain(&mut self) {
        let mut idle = 0;
        while self.closed.is_none() && idle < 2 {
            tokio::select! {
                biased;
                () = self.step() => idle = 0,
                () = tokio::task::yield_now() => idle += 1,
            }
        }
    }

    /// Takes the next message.
    ///
    /// # Panics
    /// When nothing comes in time.
    pub async fn step(&mut self) {
        match self.socket.message().await {
            Some(Ok(Message::Binary(bytes))) => self.hear(&bytes).await,
            Some(Ok(Message::Text(text))) => {
                let event = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                self.events.push_back(event);
            }
            Some(Ok(Message::Close(frame))) => {
                self.closed = Some(frame.map_or(1005, |frame| frame.code.into()));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => self.closed = Some(1006),
        }
    }

    async fn hear(&mut self, bytes: &Bytes) {
        let said = Said::read(bytes).unwrap_or_else(|error| {
            panic!("the server says what it would refuse: {error}: {:02x?}", &bytes[..bytes.len().min(64)])
        });
        match said {
            Said::Step1(known) => {
                let answer = message::step_2(&self.doc.diff(&known));
                // The connection may end in between.
                let _ = self.try_send(answer).await;
            }
            Said::Step2(update) => {
                self.is_synced = true;
                self.take(&update);
            }
            Said::Update(update) => self.take(&update),
            Said::Awareness(entries) => {
                for entry in awareness::read(&entries).expect("awareness") {
                    let state: Value = serde_json::from_str(entry.state).expect("a state is JSON");
                    self.states.insert(entry.client, state);
                }
                self.states.retain(|_, state| !state.is_null());
            }
            Said::Auth => self.denied += 1,
            other => panic!("a server does not say {other:?}"),
        }
    }

    fn take(&mut self, update: &Update) {
        self.heard += 1;
        let fit = self.doc.take(someone(), update).expect("the server tells no nonsense");
        // What is told before the first difference is in that difference.
        assert!(fit != Fit::Gap || !self.is_synced, "the server tells everything in order");
    }
}

/// Pings come for ever: a wait for something else has an end of its own.
struct Patience(Instant);

impl Patience {
    fn new() -> Self {
        Self(Instant::now())
    }

    #[track_caller]
    fn check(&self, what: &str, found: impl FnOnce() -> String) {
        assert!(self.0.elapsed() < LIMIT, "waited in vain: {what:.200}; {}", found());
    }
}

/// To a client it is all the same who wrote what.
fn someone() -> UserId {
    UserId::from_bytes([0; 16])
}
