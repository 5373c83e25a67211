//! `GET /ws`: one socket a signed-in user, JSON events only.
//!
//! Events come from the bus and are numbered; after a reconnect `resume` brings what was missed. A client that does not read, does not
//! answer pings, or sends more than it may is closed with a code that says so.

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
use codementor_core::ports::Subscription;
use codementor_protocol::event::{Envelope, Hello, Resume, Resumed, SUBPROTOCOL};
use codementor_protocol::problem::close;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::extract::{MaybeSigned, Query};
use super::problem::{ApiError, ApiResult};
use crate::app::SharedApp;

/// The largest message from a client, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;
/// The library's buffers a connection; its defaults are 128 KiB and unlimited.
const READ_BUFFER: usize = 4 * 1024;
const MAX_WRITE_BUFFER: usize = 1024 * 1024;
/// How often a ping is sent.
const PING: Duration = Duration::from_secs(10);
/// A peer that was silent for this long is gone.
const SILENCE: Duration = Duration::from_secs(25);
/// The longest one message may take to be taken.
const SEND_LIMIT: Duration = Duration::from_secs(10);
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
/// 401 when not signed in, 403 when a cookie comes without an origin, 400, 405 or 426 when the request is no handshake.
pub async fn connect(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    Query(query): Query<SocketQuery>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let explicit = query.token.is_some() || headers.contains_key(header::AUTHORIZATION);
    if !explicit && !headers.contains_key(header::ORIGIN) {
        return Err(ApiError::forbidden("missing_origin", "A socket opened by cookie must name its origin."));
    }
    let identity = match query.token {
        Some(token) => app.auth.authenticate_bearer(&token).await?,
        None => identity.ok_or_else(ApiError::unauthenticated)?,
    };
    let upgrade = upgrade.map_err(|rejection| {
        ApiError::new(StatusCode::BAD_REQUEST, "not_a_websocket", rejection.body_text())
    })?;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(READ_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER);
    let tracked = app.sockets.token();
    Ok(upgrade.on_upgrade(async move |socket| {
        let _tracked = tracked;
        app.metrics.sockets.inc();
        let code = Session::new(&app, identity, socket).await.run().await;
        app.metrics.sockets.dec();
        if let Some((code, reason)) = code
            && code >= close::MALFORMED
        {
            app.metrics.reject("websocket", reason);
        }
    }))
}

/// Why a socket is closed: a code and a word for it. `None` when the peer is gone already.
type Ending = Option<(u16, &'static str)>;

struct Session<'a> {
    app: &'a SharedApp,
    identity: Identity,
    socket: WebSocket,
    events: Subscription,
    /// The events sent over this socket as they happened, first and last.
    live: Option<(EventId, EventId)>,
    rate: RateLimiter<()>,
    heard: Instant,
}

impl<'a> Session<'a> {
    async fn new(app: &'a SharedApp, identity: Identity, socket: WebSocket) -> Self {
        let events = app.events.subscribe(identity.user.id, None).await;
        Self {
            app,
            identity,
            socket,
            events,
            live: None,
            rate: RateLimiter::new(RATE),
            heard: Instant::now(),
        }
    }

    async fn run(mut self) -> Ending {
        let ending = match self.serve().await {
            Ok(never) => match never {},
            Err(ending) => ending,
        };
        if let Some((code, reason)) = ending {
            let frame = CloseFrame { code, reason: reason.into() };
            let goodbye = async {
                // A connection closed over unread bytes is reset, and the peer would lose the code: read on until it closes too.
                if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                    while let Some(Ok(_)) = self.socket.recv().await {}
                }
            };
            // The peer may be gone, or not reading; either way it is over.
            let _ = tokio::time::timeout(Duration::from_secs(1), goodbye).await;
        }
        ending
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, Ending> {
        let hello = Hello { username: self.identity.user.name.to_string() };
        self.send("hello", &hello, None).await?;
        let mut ping = tokio::time::interval(PING);
        ping.tick().await;
        let mut signed_out = self.app.signed_out.subscribe();
        let stopping = self.app.stopping.clone();
        loop {
            tokio::select! {
                () = stopping.cancelled() => return Err(Some((close::RESTART, "restart"))),
                message = self.socket.recv() => self.receive(message).await?,
                event = self.events.live.recv() => self.forward(event).await?,
                _ = signed_out.changed() => self.check_session().await?,
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
        self.events = self.app.events.subscribe(self.identity.user.id, Some(after)).await;
        let missed = std::mem::take(&mut self.events.missed);
        let live = self.live;
        // What this socket has sent already since it opened is not sent again.
        let sent = |id: EventId| live.is_some_and(|(first, last)| first <= id && id <= last);
        for event in missed.iter().filter(|event| !sent(event.id)) {
            self.send_event(event).await?;
        }
        let gap = self.events.gap;
        self.send("resumed", &Resumed { gap }, None).await
    }

    async fn forward(&mut self, event: Result<UserEvent, RecvError>) -> Result<(), Ending> {
        match event {
            Ok(event) => {
                self.send_event(&event).await?;
                let first = self.live.map_or(event.id, |(first, _)| first);
                self.live = Some((first, event.id));
                Ok(())
            }
            // Too slow for the bus: it must fetch anew what it missed.
            Err(RecvError::Lagged(_)) => self.send("resumed", &Resumed { gap: true }, None).await,
            Err(RecvError::Closed) => Err(Some((close::RESTART, "restart"))),
        }
    }

    async fn keep_alive(&mut self) -> Result<(), Ending> {
        if self.heard.elapsed() > SILENCE {
            return Err(None);
        }
        self.check_session().await?;
        self.write(Message::Ping(bytes::Bytes::new())).await
    }

    /// A revoked session's socket is closed. When the database does not answer, nobody is thrown out for it.
    async fn check_session(&mut self) -> Result<(), Ending> {
        match self.app.store.session(self.identity.session_id, self.app.clock.now()).await {
            Ok(None) => Err(Some((close::UNAUTHENTICATED, "signed_out"))),
            Ok(Some(_)) | Err(_) => Ok(()),
        }
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

/// The code for what the library or the connection refused. The library has answered protocol errors itself where the protocol lets it.
fn refusal(error: &axum::Error) -> Ending {
    if is_timeout(error) {
        return Some((close::TOO_SLOW, "slow_message"));
    }
    let text = error.to_string();
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

/// Whether the connection gave up a message that did not end.
fn is_timeout(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        cause = error.source();
    }
    false
}
