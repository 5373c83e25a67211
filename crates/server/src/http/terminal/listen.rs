//! What somebody at a terminal says.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::extract::ws::{Message, WebSocket};
use codementor_auth::Identity;
use codementor_bus::{RateLimiter, RateRule};
use codementor_core::terminal::{TerminalCommand, TerminalRequest, TerminalSize};
use codementor_protocol::event::Envelope;
use codementor_protocol::problem::close;
use codementor_protocol::terminal as wire;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::mpsc;

use super::super::problem::{ApiError, ApiResult};
use super::super::sandbox::LIMITS;
use super::super::socket::{Ending, SILENCE, refusal};
use super::super::submissions::{check_program, check_rate};
use super::{Counted, Running, Saying, error_event, event};
use crate::app::SharedApp;
use crate::sockets::Full;

/// The most that may be typed with one message, in bytes: more than a program is kept waiting input of would be lost.
const MAX_INPUT: usize = 64 * 1024;
/// Messages from one client: as fast as somebody types, holds a key down or moves a window's edge.
const RATE: RateRule = RateRule { burst: 240, per_second: 120.0 };

/// One who is heard.
struct Listener<'a> {
    app: &'a SharedApp,
    identity: &'a Identity,
    replies: mpsc::Sender<Saying>,
    /// Whether there is a program whose end has not been told yet.
    is_running: &'a AtomicBool,
    /// What the last program is told.
    commands: Option<mpsc::Sender<TerminalCommand>>,
}

/// Hears somebody until they leave or break the rules.
pub(super) async fn listen(
    app: &SharedApp,
    identity: &Identity,
    stream: &mut SplitStream<WebSocket>,
    replies: mpsc::Sender<Saying>,
    is_running: &AtomicBool,
) -> Ending {
    let rate = RateLimiter::new(RATE);
    let mut listener = Listener { app, identity, replies, is_running, commands: None };
    loop {
        // Who is there answers pings.
        let message = match tokio::time::timeout(SILENCE, stream.next()).await {
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(error))) => return refusal(&error),
            Ok(None) | Err(_) => return None,
        };
        if rate.check((), Instant::now()).is_err() {
            return Some((close::RATE_LIMIT, "rate_limit"));
        }
        let heard = match message {
            Message::Text(text) => listener.event(text.as_str()).await,
            Message::Binary(bytes) if bytes.len() > MAX_INPUT => Err(Some((close::TOO_BIG, "too_big"))),
            Message::Binary(bytes) => {
                listener.command(TerminalCommand::Input(bytes.into())).await;
                Ok(())
            }
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(None),
        };
        if let Err(ending) = heard {
            return ending;
        }
    }
}

impl Listener<'_> {
    async fn event(&mut self, text: &str) -> Result<(), Ending> {
        let Envelope { kind, data, id } = read(text)?;
        if id.as_ref().is_some_and(|id| id.len() > 64) {
            return Err(MALFORMED);
        }
        let mut started = None;
        let done = match kind.as_str() {
            "start" => self.start(read_data(data)?).await.map(|running| started = Some(running)),
            "resize" => {
                self.command(TerminalCommand::Resize(size(read_data(data)?))).await;
                Ok(())
            }
            "stop" => {
                self.command(TerminalCommand::Stop).await;
                Ok(())
            }
            "ping" => Ok(()),
            _ => Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "unknown_type",
                "This server knows no such event.",
            )),
        };
        let answer = match (&done, &id) {
            (Ok(()), None) => None,
            (Ok(()), Some(id)) => Some(event("ack", &Value::Null, Some(id))),
            (Err(error), id) => Some(error_event(error, id.as_deref())),
        };
        // The answer comes before the program says anything.
        for saying in answer.map(Saying::Event).into_iter().chain(started.map(Saying::Program)) {
            // Who talks is gone only when the socket is.
            let _ = self.replies.send(saying).await;
        }
        Ok(())
    }

    /// Starts a program, with the same checks as any program outside challenges.
    async fn start(&mut self, start: wire::TerminalStart) -> ApiResult<Running> {
        if self.is_running.load(Ordering::Acquire) {
            let detail = "A program runs on this terminal already. Stop it first.";
            return Err(ApiError::new(StatusCode::CONFLICT, "already_running", detail));
        }
        let user = self.identity.user.id;
        let language = check_program(self.app, &start.language, &start.code)?;
        check_rate(self.app, user)?;
        let slot = self.app.terminal_slots.take(user).map_err(|full| {
            self.app.metrics.reject("terminal", "full");
            no_place(full)
        })?;
        let request = TerminalRequest {
            language: language.clone(),
            source: start.code,
            size: size(start.size),
            limits: LIMITS,
        };
        let terminal = self.app.judge.terminal(request).await?;
        self.commands = Some(terminal.commands);
        self.is_running.store(true, Ordering::Release);
        let counted = Counted::new(&self.app.metrics.terminals);
        Ok(Running { language, events: terminal.events, _slot: slot, _counted: counted })
    }

    /// Tells the program, if there is one. What is said to one that has just ended is lost.
    async fn command(&self, command: TerminalCommand) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command).await;
        }
    }
}

const MALFORMED: Ending = Some((close::MALFORMED, "malformed"));

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Ending> {
    serde_json::from_str(text).map_err(|_| MALFORMED)
}

fn read_data<T: DeserializeOwned>(data: Value) -> Result<T, Ending> {
    serde_json::from_value(data).map_err(|_| MALFORMED)
}

fn size(size: wire::TerminalSize) -> TerminalSize {
    TerminalSize { columns: size.columns, rows: size.rows }
}

fn no_place(full: Full) -> ApiError {
    match full {
        Full::User => {
            let detail = "Two of your programs run on terminals already. Stop one of them first.";
            ApiError::too_many(detail, 1).with_code("too_many_terminals").counted()
        }
        Full::Server => codementor_core::terminal::TerminalRefusal::Full.into(),
    }
}
