//! `GET /ws/terminal`: programs with somebody at the keyboard, one after the other over one socket.
//!
//! Binary frames are bytes, text frames are events. What is heard and what is said go side by side, so that a stop is heard while the
//! person's connection takes nothing. The program runs as long as somebody is there: whatever ends the socket ends it.

mod listen;
mod talk;

use std::sync::atomic::AtomicBool;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use codementor_auth::Identity;
use codementor_core::Language;
use codementor_core::terminal::{TerminalEvent, TerminalRefusal};
use codementor_protocol::problem::close;
use futures_util::StreamExt;
use http::{HeaderMap, StatusCode};
use prometheus::IntGauge;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use self::listen::listen;
use self::talk::talk;
use super::extract::{MaybeSigned, Query};
use super::problem::{ApiError, ApiResult};
use super::socket::{self, Ending, PING, SocketQuery, bounded, check_session, hear_of, who};
use crate::app::SharedApp;
use crate::sockets::Slot;

/// The largest message from a client, in bytes: a file of 64 KiB in JSON, unless most of it has to be escaped.
const MAX_MESSAGE: usize = 256 * 1024;
/// Answers that wait to be sent.
const REPLIES: usize = 16;

/// What one half of a socket has the other half say.
enum Saying {
    /// An event.
    Event(String),
    /// What a program says, from now on.
    Program(Running),
}

/// A program of this socket. Its place is free again when this is dropped.
struct Running {
    language: Language,
    events: mpsc::Receiver<TerminalEvent>,
    _slot: Slot,
    _counted: Counted,
}

/// One more, as long as it is there.
struct Counted(IntGauge);

impl Counted {
    fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
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
        let _held = (slot, tracked, Counted::new(&app.metrics.sockets));
        let (sink, stream) = socket.split();
        let (replies, to_say) = mpsc::channel(REPLIES);
        let is_running = AtomicBool::new(false);
        let (mut sink, mut stream) = (sink, stream);
        let ending = tokio::select! {
            ending = outside(&app, &identity) => ending,
            ending = listen(&app, &identity, &mut stream, replies, &is_running) => ending,
            ending = talk(&app, &mut sink, to_say, &is_running) => ending,
        };
        // A restart and the end of a session are no fault of the client's.
        if let Some((code, reason)) = ending
            && !matches!(code, close::RESTART | close::UNAUTHENTICATED)
        {
            app.metrics.reject("terminal", reason);
        }
        if let Ok(mut socket) = sink.reunite(stream) {
            socket::close(&mut socket, ending).await;
        }
    }))
}

/// Waits for what ends a socket from outside: the server stops, or the person has signed out.
async fn outside(app: &SharedApp, identity: &Identity) -> Ending {
    let mut signed_out = app.signed_out.subscribe();
    // At once, too: who signed out between the handshake and the line above was not heard.
    let mut check = tokio::time::interval(PING);
    loop {
        let still_there = tokio::select! {
            () = app.stopping.cancelled() => Err(Some((close::RESTART, "restart"))),
            ended = signed_out.recv() => hear_of(app, identity, ended).await,
            _ = check.tick() => check_session(app, identity).await,
        };
        if let Err(ending) = still_there {
            return ending;
        }
    }
}

/// The text of an event.
fn event(kind: &str, data: &Value, id: Option<&str>) -> String {
    match id {
        Some(id) => json!({ "type": kind, "data": data, "id": id }),
        None => json!({ "type": kind, "data": data }),
    }
    .to_string()
}

/// The text of an event that says what went wrong.
fn error_event(error: &ApiError, id: Option<&str>) -> String {
    event("error", &json!({ "code": error.code(), "message": error.detail() }), id)
}

impl From<TerminalRefusal> for ApiError {
    fn from(refusal: TerminalRefusal) -> Self {
        match refusal {
            TerminalRefusal::Unsupported => {
                let detail = "The judge of this server runs no programs with somebody at the keyboard.";
                Self::new(StatusCode::NOT_IMPLEMENTED, "terminals_unsupported", detail)
            }
            TerminalRefusal::Full => {
                let detail =
                    "More programs run on terminals than this server has room for. Please try again shortly.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "terminals_full", detail).retry_after(10)
            }
            TerminalRefusal::Judge(error) => error.into(),
        }
    }
}
