//! What somebody at a terminal is told: at once, but no more often than a screen can show it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use codementor_core::Language;
use codementor_core::ports::JudgeError;
use codementor_core::terminal::{TerminalCause, TerminalEnd, TerminalEvent};
use codementor_protocol::problem::close;
use codementor_protocol::terminal as wire_terminal;
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use super::super::problem::ApiError;
use super::super::socket::{Ending, PING};
use super::{Running, Saying, error_event, event};
use crate::app::SharedApp;
use crate::wire;

/// Output comes no more often than this.
const BEAT: Duration = Duration::from_millis(16);
/// Nor in larger pieces, in bytes, by more than the terminal gives at once.
const BATCH: usize = 32 * 1024;
/// The longest one message may take to be taken. The program waits meanwhile.
const SEND_LIMIT: Duration = Duration::from_secs(20);

/// One who talks.
struct Talker<'a> {
    app: &'a SharedApp,
    sink: &'a mut SplitSink<WebSocket, Message>,
    /// Set by who starts a program; taken back when its end is told.
    is_running: &'a AtomicBool,
    program: Option<Running>,
    /// When output was sent last.
    sent: Instant,
}

/// Tells somebody everything until they take no more.
pub(super) async fn talk(
    app: &SharedApp,
    sink: &mut SplitSink<WebSocket, Message>,
    mut to_say: mpsc::Receiver<Saying>,
    is_running: &AtomicBool,
) -> Ending {
    let mut talker = Talker { app, sink, is_running, program: None, sent: Instant::now() - BEAT };
    let mut ping = tokio::time::interval(PING);
    loop {
        let said = tokio::select! {
            Some(saying) = to_say.recv() => match saying {
                Saying::Event(text) => talker.send(Message::Text(text.into())).await,
                Saying::Program(running) => {
                    talker.program = Some(running);
                    Ok(())
                }
            },
            happened = next(&mut talker.program) => talker.follow(happened).await,
            _ = ping.tick() => talker.send(Message::Ping(bytes::Bytes::new())).await,
        };
        if let Err(ending) = said {
            return ending;
        }
    }
}

/// The next of a program's events; waits for ever where there is none.
async fn next(program: &mut Option<Running>) -> Option<TerminalEvent> {
    match program {
        Some(running) => running.events.recv().await,
        None => std::future::pending().await,
    }
}

impl Talker<'_> {
    async fn follow(&mut self, happened: Option<TerminalEvent>) -> Result<(), Ending> {
        let mut happened = happened;
        if let Some(TerminalEvent::Output(bytes)) = happened {
            let (bytes, following) = self.gather(bytes).await;
            self.send(Message::Binary(bytes.into())).await?;
            self.sent = Instant::now();
            let Some(following) = following else { return Ok(()) };
            happened = Some(following);
        }
        let text = match happened {
            Some(TerminalEvent::Building) => event("building", &Value::Null, None),
            Some(TerminalEvent::Started) => event("started", &Value::Null, None),
            Some(TerminalEvent::InputLost) => event("input-lost", &Value::Null, None),
            Some(TerminalEvent::Ended(end)) => {
                self.let_go(end.verdict.as_str());
                event("ended", &serde_json::to_value(on_wire(end)).unwrap_or_default(), None)
            }
            Some(TerminalEvent::Failed(error)) => {
                self.let_go("internal_error");
                error_event(&ApiError::from(error), None)
            }
            // All of it was gathered.
            Some(TerminalEvent::Output(_)) => return Ok(()),
            None => {
                self.let_go("internal_error");
                let silent = JudgeError::Failed("a program on a terminal has no end".to_owned());
                error_event(&ApiError::from(silent), None)
            }
        };
        self.send(Message::Text(text.into())).await
    }

    /// Collects what follows until it is time to send, and an event that ends it.
    async fn gather(&mut self, mut bytes: Vec<u8>) -> (Vec<u8>, Option<TerminalEvent>) {
        let due = self.sent + BEAT;
        while bytes.len() < BATCH {
            match timeout_at(due, next(&mut self.program)).await {
                Ok(Some(TerminalEvent::Output(more))) => bytes.extend_from_slice(&more),
                Ok(Some(other)) => return (bytes, Some(other)),
                Ok(None) | Err(_) => break,
            }
        }
        (bytes, None)
    }

    /// The program has ended: another can start as soon as the person knows.
    fn let_go(&mut self, verdict: &str) {
        if let Some(Running { language, .. }) = self.program.take() {
            let labels = ["terminal", Language::as_str(&language), verdict];
            self.app.metrics.judged.with_label_values(&labels).inc();
        }
        self.is_running.store(false, Ordering::Release);
    }

    async fn send(&mut self, message: Message) -> Result<(), Ending> {
        match timeout(SEND_LIMIT, self.sink.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some((close::TOO_SLOW, "too_slow"))),
        }
    }
}

fn on_wire(end: TerminalEnd) -> wire_terminal::TerminalEnded {
    use wire_terminal::TerminalCause as Wire;
    wire_terminal::TerminalEnded {
        cause: match end.cause {
            TerminalCause::NotCompiled => Wire::NotCompiled,
            TerminalCause::Exited => Wire::Exited,
            TerminalCause::Stopped => Wire::Stopped,
            TerminalCause::Idle => Wire::Idle,
            TerminalCause::Wall => Wire::WallLimit,
            TerminalCause::Cpu => Wire::CpuLimit,
            TerminalCause::Memory => Wire::MemoryLimit,
            TerminalCause::Output => Wire::OutputLimit,
        },
        verdict: wire::verdict(end.verdict),
        exit_code: end.exit_code,
        message: end.message,
        compile_output: end.compile_output,
        time_ms: end.time_ms,
        memory_kb: end.memory_kb,
    }
}
