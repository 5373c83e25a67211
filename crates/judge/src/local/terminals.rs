//! Programs on terminals: compiled like any other, run beside those that are judged. They wait for people, so they have places and
//! boxes of their own and take none of the judge's permits but while they compile.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use codementor_core::judging::Entry;
use codementor_core::ports::JudgeError;
use codementor_core::terminal::{Terminal, TerminalEnd, TerminalEvent, TerminalRefusal, TerminalRequest};
use tokio::sync::Semaphore;

use super::start::{Prepared, Startable};
use super::{Shared, told, too_long};
use crate::job::SOURCE_LIMIT;
use crate::terminal::{self, Bounds, Heard, Line};
use crate::wire::{Run, Standard};

/// Programs on terminals at once: they wait for people most of the time.
const MOST_TERMINALS: usize = 16;
/// How long nothing may be typed and nothing written on a terminal.
const IDLE: Duration = Duration::from_secs(120);
/// How long a program on a terminal may run at all.
const TERMINAL_TIME: Duration = Duration::from_secs(600);
/// What programs are told of the terminal they run on.
const KIND: &str = "TERM=xterm-256color";

/// What bounds programs on terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalBounds {
    /// How many there may be at once, up to 16.
    pub most: usize,
    /// How long nothing may be typed and nothing written.
    pub idle: Duration,
    /// How long one may run at all.
    pub wall: Duration,
}

impl Default for TerminalBounds {
    fn default() -> Self {
        Self { most: MOST_TERMINALS, idle: IDLE, wall: TERMINAL_TIME }
    }
}

impl TerminalBounds {
    /// As many as the launcher has boxes for.
    pub(super) fn within_bounds(self) -> Self {
        Self { most: self.most.min(MOST_TERMINALS), ..self }
    }
}

/// What terminals share.
pub(super) struct Terminals {
    bounds: TerminalBounds,
    places: Arc<Semaphore>,
    /// For the one that compiles.
    building: Semaphore,
}

impl Terminals {
    pub(super) fn new(bounds: TerminalBounds) -> Self {
        Self { bounds, places: Arc::new(Semaphore::new(bounds.most)), building: Semaphore::new(1) }
    }
}

/// What becomes of a file before it runs.
enum Made<'a> {
    Ready(Startable<'a>),
    NotCompiled(String),
    Stopped,
}

impl Shared {
    /// Starts a program on a terminal, in a task of its own.
    pub(super) fn start_terminal(
        self: &Arc<Self>,
        request: TerminalRequest,
    ) -> Result<Terminal, TerminalRefusal> {
        self.available()?;
        if !self.working().any(|(id, _)| *id == request.language) {
            return Err(JudgeError::Language(request.language).into());
        }
        let place = Arc::clone(&self.terminals.places).try_acquire_owned();
        let place = place.map_err(|_| TerminalRefusal::Full)?;
        let (mut line, terminal) = Line::new(request.size);
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let last = match shared.run_terminal(request, &mut line).await {
                Ok(end) => TerminalEvent::Ended(end),
                Err(error) => TerminalEvent::Failed(error),
            };
            // Whoever hears of the end may start the next.
            drop(place);
            line.end(last).await;
        });
        Ok(terminal)
    }

    async fn run_terminal(
        &self,
        request: TerminalRequest,
        line: &mut Line,
    ) -> Result<TerminalEnd, JudgeError> {
        if request.source.len() > SOURCE_LIMIT {
            return Ok(terminal::not_compiled(&too_long()));
        }
        let started = match self.made(&request, line).await? {
            Made::Stopped => return Ok(terminal::stopped()),
            Made::NotCompiled(said) => return Ok(terminal::not_compiled(&said)),
            Made::Ready(started) => started,
        };
        let limits = started.limits(request.limits);
        let TerminalBounds { idle, wall, .. } = self.terminals.bounds;
        let wall_ms = u32::try_from(wall.as_millis()).unwrap_or(u32::MAX);
        let mut run = started.request(limits, &[]);
        run = Run { standard: Standard::Terminal, wall_ms, ..run };
        run.env.push(KIND.to_owned());
        terminal::run(&self.client, &run, started.given()?, Bounds { limits, idle, wall }, line)
            .await
            .map_err(told)
    }

    /// Finds the language and compiles what has to be, listening meanwhile.
    async fn made<'a>(
        &'a self,
        request: &'a TerminalRequest,
        line: &mut Line,
    ) -> Result<Made<'a>, JudgeError> {
        let mut making = pin!(async {
            let installed = self.installed(&request.language).await?;
            // One at a time, so that those who judge wait for no more than one.
            let _turn = match installed.toolchain.build() {
                Some(_) => self.terminals.building.acquire().await.ok(),
                None => None,
            };
            Ok(match self.prepare(installed, &Entry::Program, &request.source, &[]).await? {
                Prepared::Ready(started) => Made::Ready(started),
                Prepared::NotCompiled(said) => Made::NotCompiled(said),
            })
        });
        let is_compiled =
            self.toolchains.get(&request.language).is_some_and(|one| one.toolchain.build().is_some());
        if is_compiled {
            line.tell(TerminalEvent::Building).await;
        }
        loop {
            tokio::select! {
                made = &mut making => return made,
                heard = line.hear() => if heard == Heard::Stop {
                    return Ok(Made::Stopped);
                },
            }
        }
    }
}
