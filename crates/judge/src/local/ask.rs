//! Programs that decide whether an answer is right. They are a teacher's, and run in a box all the same.
//!
//! The convention is that of output validators in the problem package format:
//! <https://icpc.io/problem-package-format/spec/2025-09.html#output-validator>.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::{AsFd, OwnedFd};

use codementor_core::Verdict;
use codementor_core::judging::{Checker, CheckerProgram, Entry, Expected, Limits, TestOutcome};
use codementor_core::ports::JudgeError;
use codementor_core::submission::cut;

use super::start::{Prepared, Startable};
use super::{Shared, failed, told};
use crate::grade::{Asked, Graded, grade, signal_name};
use crate::run::{self, Ran};
use crate::wire::{Collect, End, Given, Run};

/// What a checker may use for one answer.
const LIMITS: Limits = Limits { time_ms: 10_000, memory_kb: 256 * 1024 };
/// What it ends with when the answer is right.
const RIGHT: i32 = 42;
/// What it ends with when the answer is wrong.
const WRONG: i32 = 43;
/// How it is called: the test's input, the expected answer, and a folder for what it has to say.
const ARGUMENTS: [&str; 3] = ["judge.in", "judge.ans", "feedback/"];
/// What it has to say to the learner.
const MESSAGE: &str = "feedback/teammessage.txt";
/// The longest message, in bytes. A longer one is none.
const MESSAGE_LIMIT: u64 = 64 * 1024;

/// A checker that can be started.
pub(super) struct Expert<'a> {
    started: Startable<'a>,
    arguments: Vec<String>,
}

/// What a checker says of an answer.
pub(super) struct Opinion {
    pub(super) is_right: bool,
    /// For the learner.
    pub(super) message: Option<String>,
}

impl Shared {
    /// The program of a checker, where it is one.
    pub(super) async fn expert<'a>(&'a self, checker: &'a Checker) -> Result<Option<Expert<'a>>, JudgeError> {
        let (Checker::Program(program) | Checker::Interactive(program)) = checker else { return Ok(None) };
        let CheckerProgram { language, source, files, arguments } = program.as_ref();
        let installed = self.installed(language).await?;
        match self.prepare(installed, &Entry::Program, source, files).await? {
            Prepared::Ready(started) => {
                let arguments = ARGUMENTS.map(str::to_owned).into_iter().chain(arguments.iter().cloned());
                Ok(Some(Expert { started, arguments: arguments.collect() }))
            }
            Prepared::NotCompiled(said) => {
                Err(JudgeError::Failed(format!("the checker does not compile: {said}")))
            }
        }
    }

    /// Grades a run, and asks the checker when nothing else is wrong with it.
    pub(super) async fn ask_expert(
        &self,
        expert: &Expert<'_>,
        asked: Asked<'_>,
        ran: Ran,
        input: &[u8],
    ) -> Result<Graded, JudgeError> {
        let written = matches!(asked.entry, Entry::Program).then(|| ran.stdout.clone());
        let mut outcome = match grade(asked, ran) {
            Graded::Ran(outcome) if outcome.verdict == Verdict::Accepted => outcome,
            other => return Ok(other),
        };
        let answer = written.or_else(|| outcome.actual.clone().map(String::into_bytes)).unwrap_or_default();
        let visit = Visit::new(expert, asked, input)?;
        let ran = {
            let _permit = self.permits(1).await?;
            let ran = run::run(&self.client, &visit.run, visit.given, Some(visit.collected), &answer).await;
            ran.map_err(told)?
        };
        opinion(&ran, visit.message)?.apply(&mut outcome);
        Ok(Graded::Ran(outcome))
    }
}

/// A run of a checker on one answer.
pub(super) struct Visit {
    pub(super) run: Run,
    pub(super) given: Vec<OwnedFd>,
    pub(super) collected: OwnedFd,
    /// What is collected, from our side.
    pub(super) message: File,
}

impl Visit {
    pub(super) fn new(expert: &Expert<'_>, asked: Asked<'_>, input: &[u8]) -> Result<Self, JudgeError> {
        let answer = match asked.expected {
            Some(Expected::Stdout(text)) => text.clone().into_bytes(),
            Some(Expected::Value(value)) => value.to_string().into_bytes(),
            Some(Expected::Pass) | None => Vec::new(),
        };
        let mut run = expert.started.request(expert.started.limits(LIMITS), &expert.arguments);
        run.collect = Some(Collect { name: MESSAGE.to_owned(), limit: MESSAGE_LIMIT });
        let mut given = expert.started.given()?;
        for (name, bytes) in [(ARGUMENTS[0], input), (ARGUMENTS[1], &answer)] {
            run.given.push(Given::File(name.to_owned()));
            given.push(run::sealed(bytes).map_err(failed)?);
        }
        let open = || -> io::Result<_> {
            let collected = run::memory("feedback")?;
            let message = File::from(collected.as_fd().try_clone_to_owned()?);
            Ok((collected, message))
        };
        let (collected, message) = open().map_err(failed)?;
        Ok(Self { run, given, collected, message })
    }
}

/// What a checker said by how it ended. One that did not keep to the convention has a fault, and nothing is said of the answer.
pub(super) fn opinion(ran: &Ran, mut message: File) -> Result<Opinion, JudgeError> {
    let is_right = match ran.reply.end {
        End::Exited(RIGHT) => true,
        End::Exited(WRONG) => false,
        ref end => {
            let how = match end {
                End::Exited(code) => format!("ended with exit code {code} instead of {RIGHT} or {WRONG}"),
                End::Signalled(signal) => format!("was killed by {}", signal_name(*signal)),
                End::Killed(_) => "used more time, memory or output than it may".to_owned(),
                End::Failed(reason) => reason.clone(),
            };
            let said = String::from_utf8_lossy(&ran.stderr);
            return Err(JudgeError::Failed(format!("the checker {how}\n{}", cut(&said))));
        }
    };
    let mut bytes = Vec::new();
    message.rewind().and_then(|()| message.read_to_end(&mut bytes)).map_err(failed)?;
    let text = String::from_utf8_lossy(&bytes);
    let message = Some(cut(text.trim())).filter(|text| !text.is_empty());
    Ok(Opinion { is_right, message })
}

impl Opinion {
    pub(super) fn apply(self, outcome: &mut TestOutcome) {
        if !self.is_right {
            outcome.verdict = Verdict::WrongAnswer;
        }
        outcome.message = self.message;
    }
}
