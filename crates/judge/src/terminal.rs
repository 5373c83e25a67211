//! One run on a terminal: bytes both ways while it lasts, each way bounded.
//!
//! The judge holds the terminal's near end, the box the far one. Nothing is read from it before there is room to pass it on, so a
//! program whose output nobody takes waits in its `write`, as on a real line.

mod end;
mod line;
mod pty;

use std::io;
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::time::Duration;

use codementor_core::judging::{Checker, Entry, Limits};
use codementor_core::terminal::{TerminalCause, TerminalCommand, TerminalEnd, TerminalEvent};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::mpsc::{OwnedPermit, Sender};
use tokio::time::{Instant, sleep_until};

use self::end::{cause_of, forced};
pub(crate) use self::end::{not_compiled, stopped};
pub(crate) use self::line::{Heard, Line};
use self::pty::Near;
use crate::client::{Client, ClientError, RunHandle};
use crate::grade::{Asked, Graded, grade};
use crate::run::Ran;
use crate::wire::{End, Kill, Run, RunReply};

/// All that a program may write, in bytes.
pub const TERMINAL_OUTPUT_LIMIT: usize = 4 << 20;
/// What is kept of the last output, to tell why the program ended, in bytes.
const TAIL: usize = 4 << 10;
/// What is kept of what the harness says, in bytes.
const RESULT_LIMIT: u64 = 64 << 10;

/// What bounds a run on a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// CPU time and memory.
    pub limits: Limits,
    /// How long nothing may be typed and nothing written.
    pub idle: Duration,
    /// How long it may run at all.
    pub wall: Duration,
}

/// A program on its terminal.
struct Session<'a> {
    near: Near,
    handle: RunHandle,
    line: &'a mut Line,
    bounds: Bounds,
    /// Bytes written so far.
    written: usize,
    /// The last of them.
    tail: Vec<u8>,
    /// Whether no process has the far end any more.
    hung_up: bool,
    /// Why it was killed from here.
    cause: Option<TerminalCause>,
    /// When something was typed or written last.
    last_sign: Instant,
}

/// What may come next.
enum Next {
    Ended(Result<RunReply, ClientError>),
    /// The launcher is later than it may be.
    Late,
    /// All that the harness says.
    Result(Vec<u8>),
    Read(Read),
    /// There is room to tell of lost input.
    Room(OwnedPermit<TerminalEvent>),
    Typed(io::Result<usize>),
    Told(Option<TerminalCommand>),
    Idle,
}

/// What came from the terminal, and the room it takes up.
enum Read {
    Bytes(Vec<u8>, OwnedPermit<TerminalEvent>),
    HungUp,
    NobodyListens,
}

/// Runs what is `given` on a terminal of its own until it ends, is stopped, or nobody is at the other end of the line.
pub(crate) async fn run(
    client: &Client,
    request: &Run,
    given: Vec<OwnedFd>,
    bounds: Bounds,
    line: &mut Line,
) -> Result<TerminalEnd, ClientError> {
    let broken = |error: io::Error| ClientError::Broken(error.to_string());
    let (near, far) = pty::pair(line.size).map_err(broken)?;
    let (result, result_end) = io::pipe().map_err(broken)?;
    let copy = || far.try_clone().map_err(broken);
    let mut descriptors = vec![copy()?, copy()?, copy()?, result_end.into()];
    descriptors.extend(given);
    let handle = client.begin(request, &descriptors).await?;
    // The box must hold the only far ends, so that reading ends with it.
    drop((descriptors, far));
    line.tell(TerminalEvent::Started).await;
    let mut session = Session {
        near,
        handle,
        line,
        bounds,
        written: 0,
        tail: Vec::new(),
        hung_up: false,
        cause: None,
        last_sign: Instant::now(),
    };
    let (reply, result) = session.serve(result.into()).await?;
    session.drain().await;
    session.end(reply, result)
}

impl Session<'_> {
    /// Passes bytes on until the run has ended.
    async fn serve(&mut self, result: OwnedFd) -> Result<(RunReply, Vec<u8>), ClientError> {
        let mut result = pin!(all_of(result));
        let mut late = pin!(tokio::time::sleep(self.handle.limit()));
        let mut said = None;
        loop {
            let idle_at = self.last_sign + self.bounds.idle;
            let is_left_alone = self.cause.is_none();
            let line = &mut *self.line;
            let next = tokio::select! {
                reply = self.handle.ended() => Next::Ended(reply),
                () = &mut late => Next::Late,
                bytes = &mut result, if said.is_none() => Next::Result(bytes),
                read = read(&self.near, &line.events), if !self.hung_up => Next::Read(read),
                Ok(room) = line.events.clone().reserve_owned(), if line.lost => Next::Room(room),
                typed = self.near.write(&line.pending), if !line.pending.is_empty() => Next::Typed(typed),
                command = line.commands.recv(), if is_left_alone => Next::Told(command),
                () = sleep_until(idle_at), if is_left_alone => Next::Idle,
            };
            match next {
                Next::Ended(reply) => {
                    let reply = reply?;
                    // Nobody is left who could write there.
                    let said = match said {
                        Some(said) => said,
                        None => result.await,
                    };
                    return Ok((reply, said));
                }
                Next::Late => return Err(self.handle.give_up()),
                Next::Result(bytes) => said = Some(bytes),
                next => self.follow(next),
            }
        }
    }

    fn follow(&mut self, next: Next) {
        match next {
            Next::Read(Read::Bytes(bytes, room)) => {
                self.last_sign = Instant::now();
                self.pass_on(bytes, room);
            }
            Next::Read(Read::HungUp) => self.hung_up = true,
            Next::Read(Read::NobodyListens) => {
                self.hung_up = true;
                self.kill(TerminalCause::Stopped);
            }
            Next::Room(room) => {
                self.line.lost = false;
                room.send(TerminalEvent::InputLost);
            }
            Next::Typed(Ok(count)) => drop(self.line.pending.drain(..count)),
            // Nobody reads there any more.
            Next::Typed(Err(_)) => self.line.pending.clear(),
            Next::Told(command) => match self.line.take(command) {
                Heard::Typed => self.last_sign = Instant::now(),
                // It fails when nobody is there to see it.
                Heard::Resized => drop(self.near.resize(self.line.size)),
                Heard::Stop => self.kill(TerminalCause::Stopped),
            },
            Next::Idle => self.kill(TerminalCause::Idle),
            // Dealt with where they are waited for.
            Next::Ended(_) | Next::Late | Next::Result(_) => {}
        }
    }

    fn kill(&mut self, cause: TerminalCause) {
        self.cause.get_or_insert(cause);
        self.handle.kill();
    }

    /// Passes bytes on, no more than may be written; the last that may end the program.
    fn pass_on(&mut self, mut bytes: Vec<u8>, room: OwnedPermit<TerminalEvent>) {
        bytes.truncate(TERMINAL_OUTPUT_LIMIT - self.written);
        self.written += bytes.len();
        self.tail.extend_from_slice(&bytes);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        room.send(TerminalEvent::Output(bytes));
        if self.written == TERMINAL_OUTPUT_LIMIT {
            self.hung_up = true;
            self.kill(TerminalCause::Output);
        }
    }

    /// Passes on what the program had written when it ended.
    async fn drain(&mut self) {
        while !self.hung_up {
            match read(&self.near, &self.line.events).await {
                Read::Bytes(bytes, room) => self.pass_on(bytes, room),
                Read::HungUp | Read::NobodyListens => return,
            }
        }
    }

    fn end(self, reply: RunReply, result: Vec<u8>) -> Result<TerminalEnd, ClientError> {
        let by_us = self
            .cause
            .filter(|&cause| reply.end == End::Killed(Kill::Asked) || cause == TerminalCause::Output);
        let cause = by_us.or((reply.end == End::Killed(Kill::Wall)).then_some(TerminalCause::Wall));
        if let Some(cause) = cause {
            return Ok(forced(cause, self.bounds, &reply));
        }
        let exit_code = match reply.end {
            End::Exited(code) => Some(code),
            _ => None,
        };
        let asked = Asked {
            index: 0,
            entry: &Entry::Program,
            expected: None,
            checker: &Checker::Exact,
            limits: self.bounds.limits,
        };
        let ran = Ran { reply, stdout: Vec::new(), stderr: self.tail, result, overflow: false };
        match grade(asked, ran) {
            Graded::Ran(outcome) => Ok(TerminalEnd {
                cause: cause_of(outcome.verdict),
                verdict: outcome.verdict,
                exit_code,
                message: outcome.message,
                compile_output: None,
                time_ms: outcome.time_ms,
                memory_kb: outcome.memory_kb,
            }),
            Graded::NotCompiled(said) => Ok(not_compiled(&said)),
            Graded::Broken(reason) => Err(ClientError::Broken(reason)),
        }
    }
}

/// Waits for room, then for bytes. Dropping the future loses nothing.
async fn read(near: &Near, events: &Sender<TerminalEvent>) -> Read {
    let Ok(room) = events.clone().reserve_owned().await else { return Read::NobodyListens };
    match near.read().await {
        Some(bytes) => Read::Bytes(bytes, room),
        None => Read::HungUp,
    }
}

/// Reads a pipe to its end or the limit; whoever writes more writes to nobody.
async fn all_of(pipe: OwnedFd) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(pipe) = Receiver::from_owned_fd(pipe) {
        // What was read until an error is what there is.
        let _ = pipe.take(RESULT_LIMIT).read_to_end(&mut bytes).await;
    }
    bytes
}
