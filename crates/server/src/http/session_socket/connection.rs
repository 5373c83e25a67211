//! One open socket of a session.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use codementor_auth::Identity;
use codementor_hub::outbox::{Frame, Next, Outbox, Resumed};
use codementor_hub::rate::{Bucket, Rate};
use codementor_hub::room::{Hears, Member, Unavailable};
use codementor_hub::wire::Message;
use codementor_hub::wire::read::Malformed;
use codementor_protocol::problem::close;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Interval;
use tokio_tungstenite::tungstenite::{Error, Message as Said};

use super::super::socket::{Ending, PING, SIGNED_OUT, SILENCE, refusal};
use super::socket::{Happened, Socket};
use crate::app::SharedApp;
use crate::live::Place;
use crate::sockets::SignedOut;

/// The longest that a client may take none of what waits for it. Looked at with every ping.
const STUCK_LIMIT: Duration = Duration::from_secs(15);
/// How often a person's session is looked up. That it was ended is heard at once; this finds that its time is over.
const CHECK: Duration = Duration::from_secs(60);
/// A message that says nothing: awareness of nobody. The common provider gives up a connection after 30 seconds without a message; who
/// hears messages only is sent one with every ping, unless there was another since the last.
const NOTHING: [u8; 3] = [1, 1, 0];

/// Awareness messages, of whomever. The common provider passes on what it hears of everybody else, so there are many in a large room; the
/// room knows which are a client's own and bounds those. What is more than this is not looked at.
const AWARENESS: Rate = Rate { burst: 4_000.0, per_second: 2_000.0 };
/// Questions for what a client lacks, each of which may be answered with the whole document.
const QUESTIONS: Rate = Rate { burst: 30.0, per_second: 2.0 };
/// JSON events. Twice the messages that a person may write at once: who talks too fast is refused with a word and stays connected.
const EVENTS: Rate = Rate { burst: 240.0, per_second: 40.0 };
/// Pings and pongs.
const CONTROL: Rate = Rate { burst: 60.0, per_second: 10.0 };

/// What hardly ever happens to a connection.
enum Rare {
    /// There is something that the room could not do itself.
    Next(Next),
    SignedOut(Result<SignedOut, RecvError>),
    Ping,
}

/// Waits for what hardly ever happens.
struct Waiting {
    outbox: Arc<Outbox>,
    signed_out: broadcast::Receiver<SignedOut>,
    ping: Interval,
}

impl Waiting {
    async fn wait(mut self) -> (Rare, Self) {
        let happened = tokio::select! {
            biased;
            next = self.outbox.next() => Rare::Next(next),
            ended = self.signed_out.recv() => Rare::SignedOut(ended),
            _ = self.ping.tick() => Rare::Ping,
        };
        (happened, self)
    }
}

const RATE_LIMITED: (u16, &str) = (close::RATE_LIMIT, "rate_limit");

fn within(is_within: bool) -> Result<(), Ending> {
    if is_within { Ok(()) } else { Err(Some(RATE_LIMITED)) }
}

pub(super) struct Connection<'a> {
    pub(super) app: &'a SharedApp,
    pub(super) identity: Identity,
    pub(super) place: Place,
    pub(super) member: Member,
    /// How it joined, once it did: whether it wants every edit as an event.
    pub(super) code_updates: Option<bool>,
    hears: Hears,
    socket: Socket,
    heard: Instant,
    /// When the person was last known to be signed in.
    checked: Instant,
    /// Since when the client takes nothing of what waits.
    stuck: Option<Instant>,
    awareness: Bucket,
    questions: Bucket,
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
        socket: Socket,
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
            checked: now,
            stuck: None,
            awareness: Bucket::new(&AWARENESS, now),
            questions: Bucket::new(&QUESTIONS, now),
            events: Bucket::new(&EVENTS, now),
            control: Bucket::new(&CONTROL, now),
        }
    }

    /// Sees it through. Leaves the room, and the socket with the reason to close it.
    pub(super) async fn run(mut self, signed_out: broadcast::Receiver<SignedOut>) -> (Socket, Ending) {
        match self.serve(signed_out).await {
            Ok(never) => match never {},
            Err(ending) => (self.socket, ending),
        }
    }

    async fn serve(&mut self, signed_out: broadcast::Receiver<SignedOut>) -> Result<Infallible, Ending> {
        self.check_session().await?;
        // Not at once: even a tick that is due waits for the timer's next millisecond.
        let ping = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
        // Polled only when it has something itself, not each time an edit comes by.
        let mut rare = FuturesUnordered::new();
        rare.push(Waiting { outbox: self.member.outbox().clone(), signed_out, ping }.wait());
        loop {
            tokio::select! {
                biased;
                Some((happened, waiting)) = rare.next() => {
                    rare.push(waiting.wait());
                    match happened {
                        Rare::Next(next) => self.follow(next).await?,
                        Rare::SignedOut(ended) => self.hear_of(ended).await?,
                        Rare::Ping => self.keep_alive().await?,
                    }
                }
                happened = self.socket.next(self.stuck.is_some()) => match happened {
                    Happened::Said(said) => self.receive(said).await?,
                    Happened::Resumed(Resumed::All) => self.stuck = None,
                    Happened::Resumed(Resumed::Some) => self.stuck = Some(Instant::now()),
                    Happened::Resumed(Resumed::None) => {}
                },
            }
        }
    }

    /// Does what the room could not do itself.
    async fn follow(&mut self, next: Next) -> Result<(), Ending> {
        match next {
            // There is a line, so the outbox writes them itself.
            Next::Frame(_) => Ok(()),
            Next::Stuck => {
                self.stuck = Some(Instant::now());
                Ok(())
            }
            Next::Behind(version) => self.catch_up(version).await,
            Next::Close(code) => Err(Some((code, reason(code)))),
        }
    }

    /// What was dropped for a client that did not read comes as one difference; who hears events is told the state anew.
    async fn catch_up(&mut self, version: u64) -> Result<(), Ending> {
        self.member.catch_up(version).await.map_err(gone)?;
        if let Some(code_updates) = self.code_updates {
            self.greet(code_updates, None).await?;
        }
        Ok(())
    }

    /// Sends an event that is this client's alone.
    pub(super) fn tell(&self, event: &serde_json::Value) {
        self.member.outbox().send(&Frame::answer(event.to_string().as_bytes()));
    }

    async fn receive(&mut self, said: Option<Result<Said, Error>>) -> Result<(), Ending> {
        let Some(said) = said else { return Err(None) };
        let said = said.map_err(|error| refusal(&error))?;
        let now = Instant::now();
        self.heard = now;
        match said {
            Said::Binary(bytes) => self.message(&bytes, now).await,
            Said::Text(text) if self.hears == Hears::Events => {
                within(self.events.take(&EVENTS, now))?;
                self.event(text.as_str()).await
            }
            Said::Text(_) => Err(Some((close::MALFORMED, "text"))),
            Said::Ping(_) => {
                within(self.control.take(&CONTROL, now))?;
                self.socket.flush().await;
                Ok(())
            }
            Said::Pong(_) | Said::Frame(_) => within(self.control.take(&CONTROL, now)),
            Said::Close(_) => {
                self.socket.flush().await;
                Err(None)
            }
        }
    }

    async fn message(&mut self, bytes: &Bytes, now: Instant) -> Result<(), Ending> {
        let is_awareness = bytes.first() == Some(&1);
        if is_awareness && !self.awareness.take(&AWARENESS, now) {
            self.app.metrics.reject("session_socket", "awareness");
            return Ok(());
        }
        match Message::read(bytes) {
            Ok(Message::Empty) => {
                self.app.metrics.reject("session_socket", "empty");
                within(self.control.take(&CONTROL, now))
            }
            Ok(Message::Step1(_) | Message::QueryAwareness) if !self.questions.take(&QUESTIONS, now) => {
                Err(Some(RATE_LIMITED))
            }
            Ok(message) => self.member.say(message).await.map_err(gone),
            Err(Malformed::TooMuch) if is_awareness => Err(Some((close::STATE_TOO_BIG, "state_too_big"))),
            // A page hands out what was written then, instead of saying it again.
            Err(Malformed::TooManyEdits) => Err(Some((close::TOO_BIG, "too_big"))),
            Err(_) => Err(Some((close::MALFORMED, "malformed"))),
        }
    }

    async fn keep_alive(&mut self) -> Result<(), Ending> {
        let is_silent = self.heard.elapsed() > SILENCE;
        if self.stuck.is_some_and(|since| is_silent || since.elapsed() > STUCK_LIMIT) {
            return Err(Some((close::TOO_SLOW, "too_slow")));
        }
        if is_silent {
            return Err(None);
        }
        if self.checked.elapsed() > CHECK {
            self.check_session().await?;
        }
        let outbox = self.member.outbox();
        if self.hears == Hears::Messages && !outbox.was_busy() {
            outbox.send(&Frame::binary(&NOTHING));
        }
        // Who was heard just now is there.
        if self.heard.elapsed() >= PING {
            self.socket.ping();
        }
        Ok(())
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
        self.checked = Instant::now();
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

/// The word for a code that the room closes with.
fn reason(code: u16) -> &'static str {
    match code {
        close::NORMAL => "ended",
        close::RESTART => "restart",
        close::FORBIDDEN => "sent_out",
        close::MALFORMED => "refused",
        close::STATE_TOO_BIG => "state_too_big",
        close::RATE_LIMIT => "rate_limit",
        _ => "closed",
    }
}
