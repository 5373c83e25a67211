//! A checker that speaks with the learner's program while both run, each in its own box. What they say goes through the judge, so that
//! it can be shown and no box holds the other's end.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::OwnedFd;
use std::sync::{Mutex, OnceLock, PoisonError};

use codementor_core::ports::JudgeError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::sync::Notify;

use super::ask::{Expert, Visit, opinion};
use super::start::Startable;
use super::{Shared, failed, told};
use crate::client::RunHandle;
use crate::grade::{Asked, Graded, grade, wall_ms};
use crate::run::{self, Kept};
use crate::wire::End;

/// What is kept of a conversation, in bytes.
const TRANSCRIPT_LIMIT: usize = 64 * 1024;
/// Who says more than this to the other is killed, in bytes.
const TALK_LIMIT: u64 = 16 << 20;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    Program,
    Checker,
}

/// What is said between the two.
#[derive(Default)]
struct Talk {
    /// Both write into it, each for an instruction.
    transcript: Mutex<Transcript>,
    /// The checker has decided against the program, which need not go on.
    over: Notify,
}

#[derive(Default)]
struct Transcript {
    text: Vec<u8>,
    last: Option<Voice>,
    is_within_line: bool,
}

impl Shared {
    /// Runs both and grades the program.
    pub(super) async fn converse(
        &self,
        started: &Startable<'_>,
        expert: &Expert<'_>,
        asked: Asked<'_>,
        input: &[u8],
    ) -> Result<Graded, JudgeError> {
        let _permits = self.permits(2).await?;
        let Visit { mut run, given, collected, message } = Visit::new(expert, asked, input)?;
        // It waits for the program, and may need its own time after that.
        run.wall_ms = run.wall_ms.saturating_add(wall_ms(asked.limits));
        let (program_says, program_out) = io::pipe().map_err(failed)?;
        let (checker_says, checker_out) = io::pipe().map_err(failed)?;
        let (checker_in, to_checker) = io::pipe().map_err(failed)?;
        let (program_in, to_program) = io::pipe().map_err(failed)?;
        let ends = (checker_in.into(), checker_out.into());
        let checker = run::begin(&self.client, &run, ends, given, Some(collected)).await.map_err(told)?;
        let (run, ends) = (started.request(asked.limits, &[]), (program_in.into(), program_out.into()));
        let program = run::begin(&self.client, &run, ends, started.given()?, None).await.map_err(told)?;

        let (talk, first) = (Talk::default(), OnceLock::new());
        let (talk, first) = (&talk, &first);
        let (mut to_checker, mut to_program) = (sender(to_checker)?, sender(to_program)?);
        let program = async {
            let relay = async |handle: &RunHandle| {
                talk.relay(Voice::Program, program_says, &mut to_checker, handle).await
            };
            let ran = program.finish(relay).await;
            // Only now the checker hears the end: what it says before is its own decision.
            let _ = first.set(Voice::Program);
            drop(to_checker);
            ran
        };
        let checker = async {
            let relay = async |handle: &RunHandle| {
                talk.relay(Voice::Checker, checker_says, &mut to_program, handle).await
            };
            let ran = checker.finish(relay).await;
            let _ = first.set(Voice::Checker);
            drop(to_program);
            let said = ran.map_err(told).and_then(|ran| opinion(&ran, message));
            if said.as_ref().is_ok_and(|said| !said.is_right) {
                talk.over.notify_one();
            }
            said
        };
        let (program, said) = tokio::join!(program, checker);
        let mut program = program.map_err(told)?;
        program.stdout = talk.taken();
        if first.get() == Some(&Voice::Checker) && said.as_ref().is_ok_and(|said| !said.is_right) {
            // However the program ended then, that was not the reason.
            program.reply.end = End::Exited(0);
        }
        match grade(asked, program) {
            Graded::Ran(mut outcome) if outcome.verdict == codementor_core::Verdict::Accepted => {
                said?.apply(&mut outcome);
                Ok(Graded::Ran(outcome))
            }
            // A checker that has lost its program may end in any way.
            other => Ok(other),
        }
    }
}

fn sender(pipe: PipeWriter) -> Result<Sender, JudgeError> {
    Sender::from_owned_fd(OwnedFd::from(pipe)).map_err(failed)
}

impl Talk {
    /// Hands on what one says until it has nothing more to say, also when the other no longer listens.
    async fn relay(
        &self,
        voice: Voice,
        from: PipeReader,
        to: &mut Sender,
        handle: &RunHandle,
    ) -> io::Result<Kept> {
        let mut from = Receiver::from_owned_fd(OwnedFd::from(from))?;
        let (mut part, mut said, mut is_heard) = (vec![0; 16 * 1024], 0_u64, true);
        let mut kept = Kept::default();
        loop {
            let length = tokio::select! {
                read = from.read(&mut part) => read?,
                () = self.over.notified(), if voice == Voice::Program => {
                    handle.kill();
                    continue;
                }
            };
            if length == 0 {
                return Ok(kept);
            }
            said += length as u64;
            if said > TALK_LIMIT {
                kept.overflow = true;
                handle.kill();
                return Ok(kept);
            }
            self.transcript.lock().unwrap_or_else(PoisonError::into_inner).add(voice, &part[..length]);
            is_heard = is_heard && to.write_all(&part[..length]).await.is_ok();
        }
    }

    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut self.transcript.lock().unwrap_or_else(PoisonError::into_inner).text)
    }
}

impl Transcript {
    /// Each line begins with who says it: `>` the program, `<` the checker.
    fn add(&mut self, voice: Voice, said: &[u8]) {
        for line in said.split_inclusive(|&byte| byte == b'\n') {
            if self.text.len() + line.len() > TRANSCRIPT_LIMIT {
                return;
            }
            if self.is_within_line && self.last != Some(voice) {
                self.text.push(b'\n');
                self.is_within_line = false;
            }
            if !self.is_within_line {
                self.text.extend(if voice == Voice::Program { b"> " } else { b"< " });
            }
            self.text.extend_from_slice(line);
            self.is_within_line = !line.ends_with(b"\n");
            self.last = Some(voice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_tells_who_says_what_and_has_a_bound() {
        let mut transcript = Transcript::default();
        transcript.add(Voice::Checker, b"10\n");
        transcript.add(Voice::Program, b"5\nwh");
        transcript.add(Voice::Program, b"at\n6");
        transcript.add(Voice::Checker, b"lower\n");
        assert_eq!(String::from_utf8_lossy(&transcript.text), "< 10\n> 5\n> what\n> 6\n< lower\n");
        for _ in 0..100_000 {
            transcript.add(Voice::Program, b"and so on\n");
        }
        assert!(transcript.text.len() <= TRANSCRIPT_LIMIT + 8);
    }
}
