//! One open socket of a session.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message as Frame, Utf8Bytes, WebSocket};
use bytes::Bytes;
use codementor_auth::Identity;
use codementor_hub::outbox::{self, Next};
use codementor_hub::room::{Hears, Member, Unavailable};
use codementor_hub::wire::Message;
use codementor_hub::wire::read::Malformed;
use codementor_protocol::problem::close;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Interval;

use super::super::socket::{Ending, PING, SIGNED_OUT, SILENCE, refusal};
use crate::app::SharedApp;
use crate::live::Place;
use crate::sockets::SignedOut;

/// The longest one write may take. A client that reads nothing for so long has left pings unanswered as well.
const SEND_LIMIT: Duration = Duration::from_secs(20);
/// Frames that are written together.
const MAX_TOGETHER: usize = 256;
/// How often a busy outbox is served before anybody else is asked.
const MAX_IN_A_ROW: u32 = 8;
/// How long a client that hears messages only may go without one: the common provider gives up a connection after 30 seconds without.
const QUIET: Duration = Duration::from_secs(12);
/// A message that says nothing: awareness of nobody.
const NOTHING: [u8; 3] = [1, 1, 0];

/// How fast a client may send what it shows of itself: dragging a selection sends 60 a second.
const AWARENESS: Rate = Rate { burst: 180.0, per_second: 60.0 };
/// JSON events.
const EVENTS: Rate = Rate { burst: 120.0, per_second: 40.0 };
/// Pings and pongs.
const CONTROL: Rate = Rate { burst: 60.0, per_second: 10.0 };

/// What hardly ever happens to a connection.
enum Rare {
    SignedOut(Result<SignedOut, RecvError>),
    Ping,
}

type SignedOuts = broadcast::Receiver<SignedOut>;

impl Rare {
    async fn wait(mut signed_out: SignedOuts, mut ping: Interval) -> (Self, SignedOuts, Interval) {
        let happened = tokio::select! {
            ended = signed_out.recv() => Self::SignedOut(ended),
            _ = ping.tick() => Self::Ping,
        };
        (happened, signed_out, ping)
    }
}

struct Rate {
    burst: f32,
    per_second: f32,
}

/// A token bucket of one connection.
struct Bucket {
    tokens: f32,
    filled: Instant,
}

impl Bucket {
    fn new(rate: &Rate, now: Instant) -> Self {
        Self { tokens: rate.burst, filled: now }
    }

    fn take(&mut self, rate: &Rate, now: Instant) -> Result<(), Ending> {
        let since = now.duration_since(self.filled).as_secs_f32();
        self.tokens = (self.tokens + since * rate.per_second).min(rate.burst);
        self.filled = now;
        if self.tokens < 1.0 {
            return Err(Some((close::RATE_LIMIT, "rate_limit")));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

pub(super) struct Connection<'a> {
    pub(super) app: &'a SharedApp,
    pub(super) identity: Identity,
    pub(super) place: Place,
    pub(super) member: Member,
    /// How it joined, once it did: whether it wants every edit as an event.
    pub(super) code_updates: Option<bool>,
    hears: Hears,
    socket: &'a mut WebSocket,
    heard: Instant,
    /// When a message was last sent that the client's own code sees.
    sent: Instant,
    awareness: Bucket,
    events: Bucket,
    control: Bucket,
}

impl<'a> Connection<'a> {
    pub(super) fn new(
        app: &'a SharedApp,
        identity: Identity,
        place: Place,
        hears: Hears,
        member: Member,
        socket: &'a mut WebSocket,
    ) -> Self {
        let now = Instant::now();
        Self {
            app,
            identity,
            place,
            member,
            code_updates: None,
            hears,
            socket,
            heard: now,
            sent: now,
            awareness: Bucket::new(&AWARENESS, now),
            events: Bucket::new(&EVENTS, now),
            control: Bucket::new(&CONTROL, now),
        }
    }

    pub(super) async fn run(mut self, signed_out: broadcast::Receiver<SignedOut>) -> Ending {
        match self.serve(signed_out).await {
            Ok(never) => match never {},
            Err(ending) => ending,
        }
    }

    async fn serve(&mut self, signed_out: broadcast::Receiver<SignedOut>) -> Result<Infallible, Ending> {
        self.check_session().await?;
        let outbox = self.member.outbox().clone();
        let mut ping = tokio::time::interval(PING);
        ping.tick().await;
        // Polled only when it has something itself, not each time an edit comes by.
        let mut rare = FuturesUnordered::new();
        rare.push(Rare::wait(signed_out, ping));
        let mut sent = 0;
        loop {
            tokio::select! {
                biased;
                next = outbox.next(), if sent < MAX_IN_A_ROW => {
                    sent += 1;
                    self.send(next).await?;
                }
                frame = self.socket.recv() => {
                    sent = 0;
                    self.receive(frame).await?;
                }
                Some((happened, signed_out, ping)) = rare.next() => {
                    rare.push(Rare::wait(signed_out, ping));
                    sent = 0;
                    match happened {
                        Rare::SignedOut(ended) => self.hear_of(ended).await?,
                        Rare::Ping => self.keep_alive().await?,
                    }
                }
                // Nobody else had anything, so the outbox may go on.
                () = std::future::ready(()), if sent >= MAX_IN_A_ROW => sent = 0,
            }
        }
    }

    /// Sends this and all that waits behind it with as few writes as can be.
    async fn send(&mut self, first: Next) -> Result<(), Ending> {
        let mut next = Some(first);
        let mut left = MAX_TOGETHER;
        while let Some(now) = next {
            match now {
                Next::Frame(frame) => self.feed(frame).await?,
                Next::Behind(version) => self.catch_up(version).await?,
                Next::Close(code) => {
                    self.flush().await?;
                    return Err(Some((code, reason(code))));
                }
            }
            left -= 1;
            next = if left > 0 { self.member.outbox().try_next() } else { None };
        }
        self.flush().await
    }

    async fn feed(&mut self, frame: outbox::Frame) -> Result<(), Ending> {
        let frame = match frame {
            outbox::Frame::Text(bytes, _) | outbox::Frame::Binary(bytes) => Frame::Binary(bytes),
            outbox::Frame::Event(bytes) => match Utf8Bytes::try_from(bytes) {
                Ok(text) => Frame::Text(text),
                // The room writes JSON, which is text.
                Err(_) => return Ok(()),
            },
        };
        in_time(self.socket.feed(frame)).await
    }

    async fn flush(&mut self) -> Result<(), Ending> {
        in_time(self.socket.flush()).await?;
        self.sent = Instant::now();
        Ok(())
    }

    /// What was dropped for a client that did not read comes as one difference; who hears events is told the state anew.
    async fn catch_up(&mut self, version: u64) -> Result<(), Ending> {
        self.flush().await?;
        self.member.catch_up(version).await.map_err(gone)?;
        if let Some(code_updates) = self.code_updates {
            self.greet(code_updates, None).await?;
        }
        Ok(())
    }

    /// Sends an event that is this client's alone.
    pub(super) async fn tell(&mut self, event: &serde_json::Value) -> Result<(), Ending> {
        in_time(self.socket.send(Frame::Text(event.to_string().into()))).await?;
        self.sent = Instant::now();
        Ok(())
    }

    async fn receive(&mut self, frame: Option<Result<Frame, axum::Error>>) -> Result<(), Ending> {
        let Some(frame) = frame else { return Err(None) };
        let frame = frame.map_err(|error| refusal(&error))?;
        let now = Instant::now();
        self.heard = now;
        match frame {
            Frame::Binary(bytes) => self.message(&bytes, now).await,
            Frame::Text(text) if self.hears == Hears::Events => {
                self.events.take(&EVENTS, now)?;
                self.event(text.as_str()).await
            }
            Frame::Text(_) => Err(Some((close::MALFORMED, "text"))),
            Frame::Ping(_) | Frame::Pong(_) => self.control.take(&CONTROL, now),
            Frame::Close(_) => Err(None),
        }
    }

    async fn message(&mut self, bytes: &Bytes, now: Instant) -> Result<(), Ending> {
        let is_awareness = bytes.first() == Some(&1);
        if is_awareness {
            self.awareness.take(&AWARENESS, now)?;
        }
        match Message::read(bytes) {
            Ok(Message::Empty) => {
                self.app.metrics.reject("session_socket", "empty");
                self.control.take(&CONTROL, now)
            }
            Ok(message) => self.member.say(message).await.map_err(gone),
            Err(Malformed::TooMuch) if is_awareness => Err(Some((close::STATE_TOO_BIG, "state_too_big"))),
            Err(_) => Err(Some((close::MALFORMED, "malformed"))),
        }
    }

    async fn keep_alive(&mut self) -> Result<(), Ending> {
        if self.heard.elapsed() > SILENCE {
            return Err(None);
        }
        self.check_session().await?;
        if self.hears == Hears::Messages && self.sent.elapsed() > QUIET {
            in_time(self.socket.feed(Frame::Binary(Bytes::from_static(&NOTHING)))).await?;
            self.sent = Instant::now();
        }
        in_time(self.socket.send(Frame::Ping(Bytes::new()))).await
    }

    /// Somebody signed out. Almost always somebody else, so the database is not asked.
    async fn hear_of(&mut self, ended: Result<SignedOut, RecvError>) -> Result<(), Ending> {
        match ended {
            Ok(SignedOut::Session(id)) if id == self.identity.session_id => Err(SIGNED_OUT),
            Ok(SignedOut::User(id)) if id == self.identity.user.id => self.check_session().await,
            Ok(_) | Err(RecvError::Closed) => Ok(()),
            Err(RecvError::Lagged(_)) => self.check_session().await,
        }
    }

    /// A revoked session's socket is closed. When the database does not answer, nobody is thrown out for it.
    async fn check_session(&mut self) -> Result<(), Ending> {
        match self.app.auth.is_signed_in(&self.identity).await {
            Ok(false) => Err(SIGNED_OUT),
            Ok(true) | Err(_) => Ok(()),
        }
    }
}

/// The room closed over it; the client comes back and finds it open again.
pub(super) fn gone(_: Unavailable) -> Ending {
    Some((close::RESTART, "restart"))
}

async fn in_time<E>(write: impl Future<Output = Result<(), E>>) -> Result<(), Ending> {
    match tokio::time::timeout(SEND_LIMIT, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(None),
        Err(_) => Err(Some((close::TOO_SLOW, "too_slow"))),
    }
}

/// The word for a code that the room closes with.
fn reason(code: u16) -> &'static str {
    match code {
        close::NORMAL => "ended",
        close::RESTART => "restart",
        close::FORBIDDEN => "sent_out",
        close::MALFORMED => "refused",
        _ => "closed",
    }
}
