//! `GET /ws`: one socket a signed-in user, JSON events only.
//!
//! Events come from the bus and are numbered; after a reconnect `resume` brings what was missed. A client that does not read, does not
//! answer pings, or sends more than it may is closed with a code that says so.

mod feed;

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use codementor_auth::Identity;
use codementor_bus::{RateLimiter, RateRule};
use codementor_core::events::{EventId, UserEvent};
use codementor_protocol::event::{Envelope, Hello, Resume, Resumed, SUBPROTOCOL};
use codementor_protocol::problem::close;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use self::feed::{Feed, Missed, Next};
use super::extract::{MaybeSigned, Query};
use super::problem::{ApiError, ApiResult};
use crate::app::SharedApp;
use crate::sockets::{Full, SignedOut};

/// The largest message from a client, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;
/// The library's buffers a connection; its defaults are 128 KiB and unlimited.
const READ_BUFFER: usize = 4 * 1024;
const MAX_WRITE_BUFFER: usize = 1024 * 1024;
/// How often a ping is sent.
pub(super) const PING: Duration = Duration::from_secs(8);
/// A peer that was silent for this long when the next ping is due is gone: it left one ping or two unanswered. So it lives at most three
/// pings' time, and the longest write begun just before that keeps it under 30 seconds.
pub(super) const SILENCE: Duration = Duration::from_secs(19);
/// The longest one message may take to be taken.
const SEND_LIMIT: Duration = Duration::from_secs(5);
/// Messages from one client.
const RATE: RateRule = RateRule { burst: 60, per_second: 20.0 };

/// The query of a socket's request.
#[derive(Debug, Default, Deserialize)]
pub struct SocketQuery {
    /// A token, for clients that cannot set headers.
    token: Option<String>,
}

/// Opens the socket.
///
/// # Errors
/// 401 when not signed in, 403 when a cookie comes without an origin, 400, 405 or 426 when the request is no handshake, 429 when the
/// person has too many sockets, 503 when everybody together has.
pub async fn connect(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    Query(query): Query<SocketQuery>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let identity = who(&app, identity, query, &headers).await?;
    let upgrade = bounded(upgrade, MAX_MESSAGE)?;
    let slot = app.socket_slots.take(identity.user.id)?;
    let tracked = app.sockets.token();
    Ok(upgrade.on_upgrade(async move |socket| {
        let _held = (slot, tracked);
        app.metrics.sockets.inc();
        let code = Session::new(&app, identity, socket).await.run().await;
        app.metrics.sockets.dec();
        // A restart and the end of a session are no fault of the client's.
        if let Some((code, reason)) = code
            && !matches!(code, close::RESTART | close::UNAUTHENTICATED)
        {
            app.metrics.reject("websocket", reason);
        }
    }))
}

/// Who opens a socket: by a token in the query, by a header, or by a cookie that comes with an origin.
///
/// # Errors
/// 401 when nobody is signed in, 403 when a cookie comes without an origin.
pub(super) async fn who(
    app: &SharedApp,
    identity: Option<Identity>,
    query: SocketQuery,
    headers: &HeaderMap,
) -> ApiResult<Identity> {
    check_origin_named(query.token.is_some(), headers)?;
    match query.token {
        Some(token) => Ok(app.auth.authenticate_bearer(&token).await?),
        None => identity.ok_or_else(ApiError::unauthenticated),
    }
}

/// A handshake whose socket takes messages of at most `max_message` bytes.
///
/// # Errors
/// 400, 405 or 426 when it is none.
pub(super) fn bounded(
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    max_message: usize,
) -> ApiResult<WebSocketUpgrade> {
    let upgrade = upgrade.map_err(|rejection| {
        ApiError::new(StatusCode::BAD_REQUEST, "not_a_websocket", rejection.body_text())
    })?;
    Ok(upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(max_message)
        .max_frame_size(max_message)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(READ_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER))
}

/// Browsers name the origin of a socket. One that is opened by a cookie must: only a browser has one by itself.
///
/// # Errors
/// 403 when it does not.
pub(super) fn check_origin_named(has_secret: bool, headers: &HeaderMap) -> ApiResult<()> {
    if has_secret || headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    Err(ApiError::forbidden("missing_origin", "A socket opened by cookie must name its origin."))
}

impl From<Full> for ApiError {
    fn from(full: Full) -> Self {
        match full {
            Full::User => Self::too_many("You have too many pages open here. Please close some.", 5)
                .with_code("too_many_sockets"),
            Full::Server => {
                let detail =
                    "More pages are open than this server can keep up to date. Please try again shortly.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "sockets_full", detail).retry_after(10)
            }
        }
    }
}

/// Why a socket is closed: a code and a word for it. `None` when the peer is gone already.
pub(super) type Ending = Option<(u16, &'static str)>;

pub(super) const SIGNED_OUT: Ending = Some((close::UNAUTHENTICATED, "signed_out"));

struct Session<'a> {
    app: &'a SharedApp,
    identity: Identity,
    socket: WebSocket,
    feed: Feed,
    rate: RateLimiter<()>,
    heard: Instant,
}

impl<'a> Session<'a> {
    async fn new(app: &'a SharedApp, identity: Identity, socket: WebSocket) -> Self {
        let feed = Feed::open(app.events.clone(), identity.user.id).await;
        Self { app, identity, socket, feed, rate: RateLimiter::new(RATE), heard: Instant::now() }
    }

    async fn run(mut self) -> Ending {
        let ending = match self.serve().await {
            Ok(never) => match never {},
            Err(ending) => ending,
        };
        close(&mut self.socket, ending).await;
        ending
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, Ending> {
        let mut signed_out = self.app.signed_out.subscribe();
        // Who signed out between the handshake and the line above was not heard.
        check_session(self.app, &self.identity).await?;
        let hello = Hello { username: self.identity.user.name.to_string() };
        self.send("hello", &hello, None).await?;
        let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
        let stopping = self.app.stopping.clone();
        loop {
            tokio::select! {
                () = stopping.cancelled() => return Err(Some((close::RESTART, "restart"))),
                message = self.socket.recv() => self.receive(message).await?,
                next = self.feed.next() => self.forward(next).await?,
                ended = signed_out.recv() => hear_of(self.app, &self.identity, ended).await?,
                _ = ping.tick() => self.keep_alive().await?,
            }
        }
    }

    async fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), Ending> {
        let Some(message) = message else { return Err(None) };
        let message = message.map_err(|error| refusal(&error))?;
        self.heard = Instant::now();
        if self.rate.check((), self.heard).is_err() {
            return Err(Some((close::RATE_LIMIT, "rate_limit")));
        }
        match message {
            Message::Text(text) => self.event(text.as_str()).await,
            Message::Binary(_) => Err(Some((close::MALFORMED, "binary"))),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(None),
        }
    }

    async fn event(&mut self, text: &str) -> Result<(), Ending> {
        let malformed = || Some((close::MALFORMED, "malformed"));
        let envelope: Envelope = serde_json::from_str(text).map_err(|_| malformed())?;
        if envelope.id.as_ref().is_some_and(|id| id.len() > 64) {
            return Err(malformed());
        }
        match envelope.kind.as_str() {
            "resume" => {
                let resume: Resume = serde_json::from_value(envelope.data).map_err(|_| malformed())?;
                let after: EventId = resume.last_event_id.parse().map_err(|_| malformed())?;
                self.resume(after).await?;
                self.acknowledge(envelope.id).await
            }
            "ping" => self.acknowledge(envelope.id).await,
            _ => {
                let data = json!({ "code": "unknown_type", "message": "This server knows no such event." });
                self.send("error", &data, envelope.id).await
            }
        }
    }

    async fn acknowledge(&mut self, id: Option<String>) -> Result<(), Ending> {
        match id {
            Some(id) => self.send("ack", &Value::Null, Some(id)).await,
            None => Ok(()),
        }
    }

    async fn resume(&mut self, after: EventId) -> Result<(), Ending> {
        let missed = self.feed.resume(after).await;
        self.send_missed(&missed).await?;
        self.send("resumed", &Resumed { gap: missed.gap }, None).await
    }

    async fn forward(&mut self, next: Next) -> Result<(), Ending> {
        match next {
            Next::Event(event) => self.send_event(&event).await,
            Next::Lagged => {
                let missed = self.feed.catch_up().await;
                self.send_missed(&missed).await?;
                match missed.gap {
                    true => self.send("resumed", &Resumed { gap: true }, None).await,
                    false => Ok(()),
                }
            }
            Next::Closed => Err(Some((close::RESTART, "restart"))),
        }
    }

    async fn send_missed(&mut self, missed: &Missed) -> Result<(), Ending> {
        for event in &missed.events {
            self.send_event(event).await?;
        }
        Ok(())
    }

    async fn keep_alive(&mut self) -> Result<(), Ending> {
        if self.heard.elapsed() > SILENCE {
            return Err(None);
        }
        check_session(self.app, &self.identity).await?;
        self.write(Message::Ping(bytes::Bytes::new())).await
    }

    async fn send_event(&mut self, event: &UserEvent) -> Result<(), Ending> {
        self.send(&event.kind, &*event.data, Some(event.id.to_string())).await
    }

    async fn send(&mut self, kind: &str, data: &impl Serialize, id: Option<String>) -> Result<(), Ending> {
        #[derive(Serialize)]
        struct Out<'a, T: Serialize> {
            #[serde(rename = "type")]
            kind: &'a str,
            data: &'a T,
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<String>,
        }
        match serde_json::to_string(&Out { kind, data, id }) {
            Ok(text) => self.write(Message::Text(text.into())).await,
            Err(error) => {
                tracing::error!(%error, kind, "an event could not be written");
                Ok(())
            }
        }
    }

    async fn write(&mut self, message: Message) -> Result<(), Ending> {
        match tokio::time::timeout(SEND_LIMIT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some((close::TOO_SLOW, "too_slow"))),
        }
    }
}

/// Somebody signed out. Almost always somebody else, so the database is not asked.
pub(super) async fn hear_of(
    app: &SharedApp,
    identity: &Identity,
    ended: Result<SignedOut, RecvError>,
) -> Result<(), Ending> {
    match ended {
        Ok(SignedOut::Session(id)) if id == identity.session_id => Err(SIGNED_OUT),
        Ok(SignedOut::User(id)) if id == identity.user.id => check_session(app, identity).await,
        Ok(_) | Err(RecvError::Closed) => Ok(()),
        Err(RecvError::Lagged(_)) => check_session(app, identity).await,
    }
}

/// A revoked session's socket is closed. When the database does not answer, nobody is thrown out for it.
pub(super) async fn check_session(app: &SharedApp, identity: &Identity) -> Result<(), Ending> {
    match app.auth.is_signed_in(identity).await {
        Ok(false) => Err(SIGNED_OUT),
        Ok(true) | Err(_) => Ok(()),
    }
}

/// Says goodbye.
pub(super) async fn close(socket: &mut WebSocket, ending: Ending) {
    let Some((code, reason)) = ending else { return };
    let frame = CloseFrame { code, reason: reason.into() };
    let goodbye = async {
        // A connection closed over unread bytes is reset, and the peer would lose the code: read on until it closes too.
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // The peer may be gone, or not reading; either way it is over.
    let _ = tokio::time::timeout(Duration::from_secs(1), goodbye).await;
}

/// The code for what the library or the connection refused. The library has answered protocol errors itself where the protocol lets it.
pub(super) fn refusal(error: &(dyn Error + 'static)) -> Ending {
    if let Some(kind) = io_error(error) {
        // The connection gave up a message that did not end; or the peer is gone.
        return (kind == io::ErrorKind::TimedOut).then_some((close::TOO_SLOW, "slow_message"));
    }
    let text = error.to_string();
    if text.contains("without closing handshake") {
        return None;
    }
    // "Control frame too big": no message is, whatever its size.
    if text.contains("ontrol frame") {
        return Some((1002, "protocol"));
    }
    if text.contains("too long") || text.contains("too big") {
        return Some((close::TOO_BIG, "too_big"));
    }
    if text.contains("UTF-8") || text.contains("utf-8") {
        return Some((1007, "utf8"));
    }
    Some((1002, "protocol"))
}

/// The kind of an error of the connection itself.
fn io_error(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        cause = error.source();
    }
    None
}
